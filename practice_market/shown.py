"""What every source shows of every company, and from when until when.

One row for each thing that a perfect reader of a source would note: a job ad of a
board, a notice, a role in a register. A row holds from its first day until the day
before its end; on the days in ``hidden_on`` the source shows the list and leaves the
thing out. Failures of a whole answer are not told here: a reader sees those.
"""

from collections.abc import Iterator
from typing import Any

from practice_market import annual_accounts, hostility, press_places
from practice_market.board_places import boards_of
from practice_market.boards import ad_id
from practice_market.companies_house import CompaniesHouse, company_number
from practice_market.company import has_watched_sister
from practice_market.notices import COMPETITION, DIALOGUE, Notice
from practice_market.ocds_notices import PREFIX, ocds_place_rows
from practice_market.site import JOBS_A_PAGE, Site
from practice_market.story import ALWAYS, Filing, Story
from practice_market.sub_units import sub_units
from practice_market.ted_notices import DELAY
from practice_market.world import World

Row = dict[str, Any]

_NOTICE_TYPES = {
    "PRE_ANNOUNCEMENT": "planning",
    "ADVISORY_NOTICE": "market_dialogue",
    "ANNOUNCEMENT_OF_COMPETITION": "competition",
    "ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT": "award",
    "CANCELLED_OR_MISSING_CONCLUSION_OF_CONTRACT": "cancelled",
}
_SERVERS = {
    b"Apache": "Apache HTTP Server",
    b"nginx": "nginx",
    b"Microsoft-IIS/10.0": "Microsoft IIS",
    b"cloudflare": "Cloudflare",
}
_MARKS = {
    "WordPress": "WordPress",
    "Drupal": "Drupal",
    "Umbraco": "Umbraco",
    "gtm.js": "Google Tag Manager",
    "hs-scripts": "HubSpot",
    "hotjar": "Hotjar",
    "cookiebot": "Cookiebot",
    "siteimprove": "Siteimprove",
    "zdassets": "Zendesk",
}
_GB_NAMED = {"navn": "name", "address": "business_address"}


def shown(world: World, story: Story) -> Iterator[Row]:
    """All that the sources show of a company, and of its sister if that is watched."""
    for source in (
        _board_ads,
        _feed_ads,
        _site_ads,
        _leaders,
        _menu,
        _technologies,
        _notices,
        _press,
        _registry_values,
        _registry_roles,
        _sub_units,
        _announcements,
        _accounts,
        _grants,
        _british,
    ):
        for row in source(world, story):
            yield {
                "account_id": story.company.account_id,
                "hidden_on": [],
                "fields": {},
                **row,
            }


def _date(world: World, day: int | None) -> str | None:
    if day is None or day <= ALWAYS:
        return None
    return world.market.date_of(day).isoformat()


def _span(world: World, first: int, end: int | None = None) -> Row:
    return {"from": _date(world, first), "to": _date(world, end)}


def _is_ever_shown(world: World, first: int, end: int | None) -> bool:
    return first < world.market.days and (end is None or end > max(first, 0))


# Jobs


def _city(story: Story) -> str:
    return story.company.city.split()[0].capitalize()


def _board_ads(world: World, story: Story) -> Iterator[Row]:
    for board in boards_of(world.market, story.company):
        for job in story.jobs:
            if not job.on_site or not _is_ever_shown(world, job.opened, job.closed):
                continue
            yield {
                "source": board.source,
                "kind": "job_ads",
                "key": ad_id(board, job),
                **_span(world, job.opened, job.closed),
                "fields": {
                    "title": job.title,
                    "place": _city(story),
                    "posted_on": _date(world, job.opened),
                },
                "job": job.key,
            }


def _feed_ads(world: World, story: Story) -> Iterator[Row]:
    for name, ad in world.job_feed.ads_of(story):
        if not _is_ever_shown(world, ad.opened, ad.closed) or ad.job is None:
            continue
        yield {
            "source": "nav_jobs",
            "kind": "job_ads",
            "key": name,
            **_span(world, ad.opened, ad.closed),
            "fields": {"title": ad.title, "employer_org_number": ad.employer_number},
            "job": ad.job.key,
        }


def _site_ads(world: World, story: Story) -> Iterator[Row]:
    """Ads of the careers page; those of one title are one to a reader of the page."""
    site = world.sites[story.company.index]
    hidden = _hidden_jobs(world, site)
    for job in story.jobs:
        if not job.on_site or not _is_ever_shown(world, job.opened, job.closed):
            continue
        yield {
            "source": "company_pages",
            "kind": "job_ads",
            "key": job.title.lower(),
            **_span(world, job.opened, job.closed),
            "hidden_on": sorted(hidden.get(job.key, ())),
            "fields": {"place": _city(story)},
            "job": job.key,
        }


def _hidden_jobs(world: World, site: Site) -> dict[str, list[str]]:
    """Days on which the careers page leaves an open job out."""
    found: dict[str, list[str]] = {}
    for day in range(world.market.days):
        when = world.market.date_of(day).isoformat()
        jobs, path = site.open_jobs(day), site.paths(day)["careers"]
        for first in range(0, len(jobs), JOBS_A_PAGE):
            keys = [job.key for job in jobs[first : first + JOBS_A_PAGE]]
            number = 1 + first // JOBS_A_PAGE
            target = f"{path}?{site.style.page_parameter}={number}"
            part = hostility.shown_part(
                world.market,
                site.one.index,
                target if first else path,
                day,
                keys,
            )
            gone = keys if site.odd.is_blank(day) else set(keys) - set(part)
            for key in gone:
                found.setdefault(key, []).append(when)
    return found


# The site


def _leaders(world: World, story: Story) -> Iterator[Row]:
    """People of the leadership page under each name it gives them."""
    site = world.sites[story.company.index]
    if site.odd.is_list_scripted or site.odd.is_section_denied:
        return
    hidden = _hidden_people(world, site)
    for post in story.posts:
        renamed = post.person.renamed_on
        spells = [(post.start, post.end)]
        if renamed is not None and post.holds(renamed):
            spells = [(post.start, renamed), (renamed, post.end)]
        for first, end in spells:
            if _is_ever_shown(world, first, end):
                yield {
                    "source": "company_pages",
                    "kind": "people",
                    "key": post.person.name(first),
                    **_span(world, first, end),
                    "hidden_on": sorted(hidden.get(post.person.key, ())),
                    "fields": {"title": post.title},
                }


def _hidden_people(world: World, site: Site) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for day in range(world.market.days):
        when = world.market.date_of(day).isoformat()
        keys = [post.person.key for post in site.team(day)]
        path = site.paths(day)["leadership"]
        part = hostility.shown_part(world.market, site.one.index, path, day, keys)
        gone = set(keys) if site.odd.is_blank(day) else set(keys) - set(part)
        for key in gone:
            found.setdefault(key, []).append(when)
    return found


def _designs(world: World, site: Site) -> Iterator[tuple[int, int, int | None]]:
    """Number, first day and end of each design."""
    starts = [ALWAYS, *site.odd.redesigned_on]
    for number, first in enumerate(starts):
        yield number, first, starts[number + 1] if number + 1 < len(starts) else None


def _menu(world: World, story: Story) -> Iterator[Row]:
    site = world.sites[story.company.index]
    for _, first, end in _designs(world, site):
        for target, label in site.menu(max(first, 0)):
            yield {
                "source": "company_pages",
                "kind": "menu",
                "key": target,
                **_span(world, first, end),
                "fields": {"label": label},
            }


def _technologies(world: World, story: Story) -> Iterator[Row]:
    """What the home page's markup and headers show to be in use."""
    site = world.sites[story.company.index]
    for number, first, end in _designs(world, site):
        head, server = site.built_with[number]
        found = {name for mark, name in _MARKS.items() if mark in head}
        for name in sorted(found | {_SERVERS[server]}):
            yield {
                "source": "company_pages",
                "kind": "technologies",
                "key": name,
                **_span(world, first, end),
            }


# Procurement


def _notices(world: World, story: Story) -> Iterator[Row]:
    number = story.company.org_number
    has_publisher = any(
        row["account_id"] == story.company.account_id
        for row in ocds_place_rows(world.market)
    )
    on_ted = {notice.key: (ted, day) for ted, day, notice in world.ted.published}
    for notice in world.notices.notices:
        for role, party in (("buyer", notice.buyer), ("winner", notice.winner)):
            if party is None or party.digits != number:
                continue
            told = [("doffin_notices", notice.id, notice.day)]
            if notice.key in on_ted:
                told.append(("ted_notices", *on_ted[notice.key]))
            if has_publisher and role == "buyer":
                release = f"{PREFIX}-{notice.procedure}-{notice.key}"
                told.append(("ocds_notices", release, notice.day))
            for source, key, day in told:
                yield {
                    "source": source,
                    "kind": "notices",
                    "key": f"{key} {role}",
                    **_span(world, day),
                    "fields": _notice_fields(world, notice, source),
                }


def _notice_fields(world: World, notice: Notice, source: str) -> Row:
    delay = DELAY if source == "ted_notices" else 0
    deadline = notice.deadline if notice.type == COMPETITION else None
    # OCDS has no word for a dialogue with the market.
    is_plan = source == "ocds_notices" and notice.type == DIALOGUE
    return {
        "notice_type": "planning" if is_plan else _NOTICE_TYPES[notice.type],
        "title": notice.heading,
        "cpv": notice.cpv,
        "procedure_id": notice.procedure,
        "published_on": _date(world, notice.day + delay),
        "deadline_on": deadline.isoformat() if deadline else None,
        "value": notice.value,
        "is_correction": bool(notice.corrects),
    }


# Press


def _press(world: World, story: Story) -> Iterator[Row]:
    place = press_places.place_of(story.company)
    if place is None:
        return
    for row in world.press.spells(story.company.index):
        yield {
            "source": place[0],
            "kind": "announcements",
            "key": row["key"],
            **_span(world, row["first"], row["end"]),
            "fields": {"title": row["title"], "published_at": row["published_at"]},
        }


# The Norwegian registers


def _filed(story: Story, what: str) -> list[Filing]:
    return [filing for filing in story.filings if filing.what == what]


def _values(
    world: World, before: str, filings: list[Filing]
) -> Iterator[tuple[str, Row]]:
    """Each value of a field with when it shows; filings are in order."""
    ordered = sorted(filings, key=lambda filing: filing.filed)
    value, first = before, ALWAYS
    for filing in ordered:
        if filing.filed > first and _is_ever_shown(world, first, filing.filed):
            yield value, _span(world, first, filing.filed)
        value, first = _held(filing), filing.filed
    if _is_ever_shown(world, first, None):
        yield value, _span(world, first)


def _held(filing: Filing) -> str:
    if filing.person is not None:
        return f"{filing.person.first} {filing.person.last}"
    return filing.value


def _registry_values(world: World, story: Story) -> Iterator[Row]:
    one = story.company
    first = world.registry.entity(story, ALWAYS)
    place = f"{one.postal_code} {one.city}"
    for what, field, before in (
        ("navn", "name", first["navn"]),
        ("address", "business_address", first["forretningsadresse"]["adresse"][0]),
        ("naeringskode1", "industry_code", first["naeringskode1"]["kode"]),
    ):
        for value, span in _values(world, before, _filed(story, what)):
            told = value.partition("|")[0] if what == "naeringskode1" else value
            told = f"{told}, {place}" if what == "address" else told
            yield {
                "source": "brreg_registry",
                "kind": "registry_values",
                "key": f"{field}={told}",
                **span,
            }
    employees = one.employees if one.employees >= 5 else None
    yield {
        "source": "brreg_registry",
        "kind": "registry_entities",
        "key": one.org_number,
        **_span(world, ALWAYS),
        "fields": {
            "legal_form": first["organisasjonsform"]["kode"],
            "employees": employees,
            "homepage": f"www.{one.domain}",
            "municipality": one.municipality,
            "share_capital": first["kapital"]["belop"],
        },
    }


def _registry_roles(world: World, story: Story) -> Iterator[Row]:
    leader = world.registry.first_leader(story)
    before = {
        role: f"{person.first} {person.last}"
        for role, person in story.first_holders.items()
    }
    before["REVI"] = story.company.auditor
    if leader is not None:
        before["DAGL"] = f"{leader.first} {leader.last}"
    for role, name in before.items():
        for value, span in _values(world, name, _filed(story, role)):
            yield {
                "source": "brreg_registry",
                "kind": "registry_roles",
                "key": f"{role[:4]} {value}",
                **span,
            }


def _sub_units(world: World, story: Story) -> Iterator[Row]:
    for unit in sub_units(world.market, story.company):
        if unit.opened >= world.market.days:
            continue
        yield {
            "source": "brreg_registry",
            "kind": "sub_units",
            "key": unit.number,
            **_span(world, unit.opened, unit.closed or unit.removed),
            # A closed unit is still told of, a removed one must not be.
            "stays": unit.removed is None,
            "purged_on": _date(world, unit.removed),
            "fields": {"parent_org_number": story.company.org_number},
        }


def _announcements(world: World, story: Story) -> Iterator[Row]:
    for kid, told in world.announcements.of(story.company.org_number):
        if told.day >= world.market.days:
            continue
        at = world.market.date_of(told.day).isoformat()
        common = {
            "source": "brreg_announcements",
            "kind": "announcements",
            **_span(world, told.day),
        }
        fields: Row = {"title": told.words, "published_at": f"{at}T00:00:00"}
        if told.amount is not None:
            fields["amount"] = float(told.amount)
        yield {**common, "key": f"{kid} subject", "fields": fields}
        if told.partner is not None:
            partner = told.partner.company.account_id
            yield {**common, "key": f"{kid} counterparty", "account_id": partner}


def _accounts(world: World, story: Story) -> Iterator[Row]:
    one, market = story.company, world.market
    if annual_accounts.plan(market, one) != "store":
        return
    last = annual_accounts.latest_year(one, market.last_date)
    for year in range(annual_accounts.latest_year(one, market.start), last + 1):
        told = annual_accounts.accounts(one, year)
        sums = told["resultatregnskapResultat"]
        until = annual_accounts.published_on(one, year + 1)
        yield {
            "source": "brreg_accounts",
            "kind": "annual_accounts",
            "key": str(year),
            "from": annual_accounts.published_on(one, year).isoformat(),
            "to": until.isoformat(),
            "fields": {
                "revenue": float(
                    sums["driftsresultat"]["driftsinntekter"]["sumDriftsinntekter"]
                ),
                "operating_result": float(sums["driftsresultat"]["driftsresultat"]),
                "result": float(sums["aarsresultat"]),
                "total_assets": float(told["eiendeler"]["sumEiendeler"]),
            },
        }


def _grants(world: World, story: Story) -> Iterator[Row]:
    for grant in world.public_money.grants:
        if grant.company.index == story.company.index:
            at = world.market.date_of(grant.day).isoformat()
            yield {
                "source": "public_money_lists",
                "kind": "announcements",
                "key": f"{grant.list_name} {at} {grant.amount:.2f}",
                **_span(world, grant.day),
                "fields": {"programme": grant.programme},
            }


# Companies House


def _british(world: World, story: Story) -> Iterator[Row]:
    """The sister: its names and addresses, officers and filings."""
    if not has_watched_sister(world.market, story.company):
        return
    house: CompaniesHouse = world.companies_house
    common = {
        "source": "companies_house_registry",
        "account_id": f"{story.company.account_id}-GB",
    }
    number = company_number(story)
    days = sorted({f.filed for f in story.filings if f.filed < world.market.days})
    spans = [ALWAYS, *(day for day in days if day > 0)]
    seen: dict[tuple[str, str], tuple[int, int | None, Row]] = {}
    for position, first in enumerate(spans):
        end = spans[position + 1] if position + 1 < len(spans) else None
        at = max(first, 0)
        told: list[tuple[str, str, Row]] = []
        company = house.company(story, at)
        address = company["registered_office_address"]
        told += [
            ("registry_values", f"name={company['company_name']}", {}),
            ("registry_values", f"street={address['address_line_1']}", {}),
        ]
        for officer in house.officers(story, at):
            last, _, given = officer["name"].partition(", ")
            resigned = officer.get("resigned_on")
            key = f"{given} {last} {officer['appointed_on']} {resigned or ''}".strip()
            told.append(("registry_roles", key, {}))
        told += [
            (
                "announcements",
                filing["transaction_id"],
                {"source_type": filing["type"], "effective_on": filing["action_date"]},
            )
            for filing in house.filings(story, at)
        ]
        for kind, key, fields in told:
            since = seen[kind, key][0] if (kind, key) in seen else first
            seen[kind, key] = since, end, fields
    for (kind, key), (first, end, fields) in seen.items():
        yield {**common, "kind": kind, "key": key, **_span(world, first, end)} | {
            "fields": fields
        }
    yield {
        **common,
        "kind": "registry_entities",
        "key": number,
        **_span(world, ALWAYS),
        "fields": {"legal_form": "ltd", "founded_on": "2001-04-01"},
    }
