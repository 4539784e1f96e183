"""What is really so in the market, for tests and evaluation; never for a crawler."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from practice_market import annual_accounts
from practice_market.company import HISTORY_DAYS
from practice_market.press_places import place_of
from practice_market.shown import shown
from practice_market.story import ALWAYS, STATES, Story
from practice_market.sub_units import sub_units
from practice_market.world import World

FILES = (
    "companies",
    "people",
    "jobs",
    "causes",
    "states",
    "labels",
    "filings",
    "announcements",
    "accounts",
    "sub_units",
    "press",
    "grants",
    "nuisances",
    "notices",
    "sites",
    "shocks",
    "shown",
)


def rows(world: World, name: str) -> Iterator[dict[str, Any]]:
    """The rows of one truth file, by company and time.

    Raises:
        KeyError: there is no truth file of that name.
    """
    if name not in FILES:
        raise KeyError(name)
    if name == "shocks":
        yield from world.shocks()
        return
    for story in world.stories:
        one = story.company
        for row in globals()[f"_{name}"](world, story):
            yield {"account_id": one.account_id, **row}


def jsonl(world: World, name: str) -> bytes:
    """One truth file."""
    lines = [json.dumps(row, ensure_ascii=False) for row in rows(world, name)]
    return "".join(line + "\n" for line in lines).encode()


def write(world: World, folder: Path) -> list[Path]:
    """Write every truth file into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name in FILES:
        path = folder / f"{name}.jsonl"
        path.write_bytes(jsonl(world, name))
        paths.append(path)
    return paths


def _on(world: World, day: int | None) -> str | None:
    if day is None or day <= ALWAYS or day >= world.market.days:
        return None
    return world.market.date_of(day).isoformat()


def _shown(world: World, story: Story) -> Iterator[dict[str, Any]]:
    """What each source shows of the company, from when until when."""
    yield from shown(world, story)


def _companies(world: World, story: Story) -> Iterator[dict[str, Any]]:
    one = story.company
    yield {
        "name": one.name,
        "org_number": one.org_number,
        "unit_number": one.unit_number,
        "domain": one.domain,
        "language": one.language,
        "sector": one.sector,
        "size": round(one.size, 6),
        "activity": round(one.activity, 6),
    }


def _people(world: World, story: Story) -> Iterator[dict[str, Any]]:
    """Appointments and departures as the leadership page shows them."""
    events = []
    for post in story.posts:
        fixed = {
            "person": post.person.key,
            "name": f"{post.person.first} {post.person.last}",
            "title": post.title,
            "function": post.function,
            "is_leader": post.section == 0,
        }
        if post.start > ALWAYS and post.start < world.market.days:
            events.append((post.start, "appointed", fixed))
        if post.end is not None and post.end < world.market.days:
            events.append((post.end, "departed", fixed))
        renamed = post.person.renamed_on
        if renamed is not None and post.holds(renamed) and renamed < world.market.days:
            events.append(
                (renamed, "renamed", {**fixed, "variant": post.person.variant})
            )
    events.sort(key=lambda event: (event[0], event[2]["person"], event[1]))
    for day, event, fixed in events:
        yield {"at": _on(world, day), "event": event, **fixed}


def _jobs(world: World, story: Story) -> Iterator[dict[str, Any]]:
    for job in sorted(story.jobs, key=lambda job: (job.opened, job.key)):
        if job.opened >= world.market.days:
            continue
        yield {
            "key": job.key,
            "opened": _on(world, job.opened),
            "closed": _on(world, job.closed),
            "title": job.title,
            "function": job.function,
            "is_theme": job.is_theme,
            "on_site": job.on_site,
            "on_feed": job.on_feed,
        }


def _causes(world: World, story: Story) -> Iterator[dict[str, Any]]:
    for cause in story.causes:
        yield {
            "at": _on(world, cause.day),
            "kind": cause.kind,
            "is_true": cause.is_true,
            "is_visible": cause.is_visible,
        }


def _states(world: World, story: Story) -> Iterator[dict[str, Any]]:
    previous = None
    for position, state in enumerate(story.states):
        if state != previous:
            day = position - HISTORY_DAYS
            yield {"at": _on(world, day), "state": STATES[state]}
        previous = state


def _labels(world: World, story: Story) -> Iterator[dict[str, Any]]:
    """Tenders; first means none of the account's in the 365 days before."""
    last = None
    for tender in story.tenders:
        is_first = last is None or tender.published - last > 365
        last = tender.published
        yield {
            "at": _on(world, tender.published),
            "kind": "tender",
            "cpv": tender.cpv,
            "is_first": is_first,
            "decided": _on(world, tender.decided),
            "is_cancelled": tender.is_cancelled,
        }


def _filings(world: World, story: Story) -> Iterator[dict[str, Any]]:
    for filing in story.filings:
        if filing.filed < world.market.days:
            yield {
                "at": _on(world, filing.day),
                "filed": _on(world, filing.filed),
                "what": filing.what,
                "value": (
                    f"{filing.person.first} {filing.person.last}"
                    if filing.person
                    else filing.value
                ),
            }


def _announcements(world: World, story: Story) -> Iterator[dict[str, Any]]:
    for kid, told in world.announcements.of(story.company.org_number):
        if told.day < world.market.days:
            partner = told.partner
            yield {
                "at": world.market.date_of(told.day).isoformat(),
                "id": kid,
                "words": told.words,
                "amount": told.amount,
                "partner": partner.company.org_number if partner else None,
            }


def _accounts(world: World, story: Story) -> Iterator[dict[str, Any]]:
    """The years that show on some day of the market."""
    one, market = story.company, world.market
    plan = annual_accounts.plan(market, one)
    first = annual_accounts.latest_year(one, market.start)
    for year in range(first, annual_accounts.latest_year(one, market.last_date) + 1):
        sums = annual_accounts.accounts(one, year)["resultatregnskapResultat"]
        yield {
            "year": year,
            "published": annual_accounts.published_on(one, year).isoformat(),
            "plan": plan,
            "result": sums["aarsresultat"],
        }


def _sub_units(world: World, story: Story) -> Iterator[dict[str, Any]]:
    for unit in sub_units(world.market, story.company):
        yield {
            "unit_number": unit.number,
            "opened": _on(world, unit.opened),
            "closed": _on(world, unit.closed),
            "removed": _on(world, unit.removed),
        }


def _press(world: World, story: Story) -> Iterator[dict[str, Any]]:
    """What the company's feed, press room or exchange list shows on the last day."""
    found = place_of(story.company)
    for row in world.press.told(story.company.index, world.market.days - 1):
        yield {**row, "source": found[0] if found else None}


def _grants(world: World, story: Story) -> Iterator[dict[str, Any]]:
    """Awards of public money, also those from before the start."""
    for grant in world.public_money.grants:
        if grant.company.index == story.company.index:
            yield {
                "at": world.market.date_of(grant.day).isoformat(),
                "list": grant.list_name,
                "programme": grant.programme,
                "amount": grant.amount,
                "role": grant.role,
            }


def _nuisances(world: World, story: Story) -> Iterator[dict[str, Any]]:
    for day, kind in story.nuisances:
        if day < world.market.days:
            yield {"at": _on(world, day), "kind": kind}


def _sites(world: World, story: Story) -> Iterator[dict[str, Any]]:
    odd = world.sites[story.company.index].odd
    board = world.sites[story.company.index].board
    yield {
        "board_source": board.source if board else None,
        "board_address": board.address if board else None,
        "is_ab_tested": odd.is_ab_tested,
        "is_latin1": odd.is_latin1,
        "is_list_scripted": odd.is_list_scripted,
        "is_section_denied": odd.is_section_denied,
        "is_stamped": odd.is_stamped,
        "redesigned_on": [_on(world, day) for day in odd.redesigned_on],
        "down_on": world.days_down(story.company.index),
    }


def _notices(world: World, story: Story) -> Iterator[dict[str, Any]]:
    """Notices with the account as buyer or winner, also those from before the start."""
    on_ted = {notice.key for _, _, notice in world.ted.published}
    for notice in world.notices.notices:
        for role, party in (("buyer", notice.buyer), ("winner", notice.winner)):
            if party is not None and story.company.org_number == party.digits:
                yield {
                    "at": world.market.date_of(notice.day).isoformat(),
                    "type": notice.type,
                    "role": role,
                    "procedure": notice.procedure,
                    "is_correction": bool(notice.corrects),
                    "on_ted": notice.key in on_ted,
                }
