"""The report of a replayed practice market: reads tables, visits and truth, words it.

Rules of what counts belong in compare.py. Signal types without a truth here are only
counted.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import polars as pl

from orchestration.market_report.compare import (
    Found,
    Happened,
    Score,
    Spell,
    appearances,
    departures,
    score,
)
from orchestration.market_report.entities import Showing, Shown, compare
from orchestration.market_report.sightings import (
    accounts_by_number,
    answered,
    shown,
    sightings,
    visits_of,
)

GOALS = {
    "precision": 0.97,
    "recall": 0.95,
    "inside": 0.95,
    "false_departures_per_1000_entity_years": 5.0,
    "false_claim_share": 0.12,
}
_GOOD = ("ok", "not_modified")
_BLANK = timedelta(days=10)
_LISTED = 10
"""Differences of a kind that the page lists; the JSON has them all."""
_WHAT = {
    "functional_leader_appointed": "appointed",
    "functional_leader_departed": "departed",
    "functional_leader_replaced": "appointed",
    "relocation": "address",
    "auditor_change": "REVI",
    "board_change": "LEDE",
    "activity_code_change": "naeringskode1",
    "name_or_brand_change": "navn",
    "tender_open": "competition",
    "tender_cancelled": "cancelled",
    "contract_awarded": "award",
    "market_dialogue": "market_dialogue",
    "tender_planning": "planning",
    "public_grant_awarded": "grant",
    "capital_raised": "capital",
    "theme_job_opened": "theme_job",
}
"""The true event behind a claim of each type that has one."""
NOTICE_TYPES = {
    "PRE_ANNOUNCEMENT": "planning",
    "ADVISORY_NOTICE": "market_dialogue",
    "ANNOUNCEMENT_OF_COMPETITION": "competition",
    "ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT": "award",
    "CANCELLED_OR_MISSING_CONCLUSION_OF_CONTRACT": "cancelled",
}
"""What a notice of the truth is called in what is published."""

Rows = list[dict[str, Any]]


def report(home: Path, truth: Path) -> dict[str, Any]:
    """All figures of a home folder that a practice market was replayed into."""
    tables = {
        file.stem: pl.read_parquet(file)
        for file in (home / "published" / "current").glob("*.parquet")
    }
    told = {
        file.stem: [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        for file in truth.glob("*.jsonl")
    }
    visits = visits_of(home)
    pages = visits.filter(pl.col("source") == "company_pages")
    days = sorted(set(visits["day"]))
    last = days[-1]
    things = list(shown(told["shown"]))
    asked = answered(visits, [one.thing for one in things])
    read = sightings(home, visits, accounts_by_number(told["companies"]))
    sources = compare(things, read, asked, days)
    good = _good_visits(pages, told["sites"], "leadership")
    spells = _people(told["people"], last)
    spellings = _spellings(told["people"])
    people, n_false = _people_scores(spells, good, tables["people_history"], spellings)
    years = _entity_years(tables["people_history"], last)
    good_days = _good_days(things, asked, days)
    jobs = _job_scores(told, good_days, tables["job_ad_history"], last)
    scores = [*people, *jobs]
    claims = _claims(tables["signals"], told, last)
    n_false_claims = sum(row["false"] for row in claims if row["has_truth"])
    n_claims = sum(row["claims"] for row in claims if row["has_truth"])
    account_years = len(told["companies"]) * ((last - days[0]).days + 1) / 365.25
    return {
        "companies": len(told["companies"]),
        "first_day": days[0].isoformat(),
        "last_day": last.isoformat(),
        "goals": GOALS,
        "events": [_figures(one) for one in scores],
        "false_departures_per_1000_entity_years": 1000 * n_false / years,
        "false_claim_share": n_false_claims / n_claims if n_claims else None,
        "claims": [
            {**row, "per_account_year": row["claims"] / account_years} for row in claims
        ],
        "sources": [{**asdict(one), "is_as_true": one.is_as_true} for one in sources],
        "coverage": _coverage(tables["coverage"]),
    }


def markdown(figures: dict[str, Any]) -> str:
    """The report as a page for people."""
    lines = [
        f"# Practice market: {figures['companies']} companies, "
        f"{figures['first_day']} to {figures['last_day']}",
        "",
        "| event | true | visible | recovered | published | precision | recall | "
        "true day inside |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in figures["events"]:
        cells = [one[k] for k in ("kind", "true", "visible", "recovered", "published")]
        cells += [_goal(one[k], GOALS[k]) for k in ("precision", "recall", "inside")]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    lines += ["", "| figure | value | goal, at most |", "|---|---|---|"]
    for name in ("false_departures_per_1000_entity_years", "false_claim_share"):
        value = figures[name]
        shown = "nothing to count" if value is None else f"{value:.3f}"
        missed = value is not None and value > GOALS[name]
        shown += " MISSED" if missed else ""
        lines.append(f"| {name.replace('_', ' ')} | {shown} | {GOALS[name]} |")
    lines += ["", "| signal type | claims | false | per account and year |"]
    lines.append("|---|---|---|---|")
    for row in figures["claims"]:
        false = row["false"] if row["has_truth"] else "not compared with the truth"
        lines.append(
            f"| {row['signal_type']} | {row['claims']} | {false} | "
            f"{row['per_account_year']:.2f} |"
        )
    lines += _of_sources(figures["sources"])
    lines += ["", "| source | state | accounts |", "|---|---|---|"]
    for row in figures["coverage"]:
        lines.append(f"| {row['source']} | {row['state']} | {row['accounts']} |")
    return "\n".join(lines) + "\n"


def _of_sources(rows: Sequence[dict[str, Any]]) -> list[str]:
    """What each source showed and what was read of it, and the first differences."""
    lines = [
        "",
        "| source | kind | true | visible | found | missed | invented | wrong |",
    ]
    lines.append("|---|---|---|---|---|---|---|---|")
    differences = []
    for row in rows:
        cells = [row[k] for k in ("source", "kind", "true", "visible", "found")]
        for what in ("missed", "invented", "wrong"):
            cells.append(len(row[what]))
            differences += [
                f"- {row['source']}, {what}: {one}" for one in row[what][:_LISTED]
            ]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return [*lines, *([""] if differences else []), *differences]


def _goal(value: float | None, goal: float) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" + (" MISSED" if value < goal else "")


def _figures(one: Score) -> dict[str, Any]:
    return {
        **asdict(one),
        "precision": one.precision,
        "recall": one.recall,
        "inside": one.inside_share,
        "n_inside": one.inside,
    }


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _good_visits(pages: pl.DataFrame, sites: Rows, scope: str) -> dict[str, list[date]]:
    """Days on which a list was answered while the site was up and showed its lists."""
    asked = pages.filter(
        (pl.col("scope") == scope) & pl.col("outcome").is_in(list(_GOOD))
    )
    of: dict[str, set[date]] = {}
    for account, at in asked.select("account_id", "fetched_at").iter_rows():
        of.setdefault(account, set()).add(at.date())
    found = {}
    for site in sites:
        if site["is_list_scripted"] and scope == "leadership":
            continue
        blank = [start for text in site["redesigned_on"] if (start := _day(text))]
        down = {_day(text) for text in site["down_on"]}
        found[site["account_id"]] = sorted(
            day
            for day in of.get(site["account_id"], ())
            if day not in down
            and not any(start <= day < start + _BLANK for start in blank)
        )
    return found


def _people(rows: Rows, last: date) -> list[Spell]:
    """One spell a stay on the page: a new title of the same person is no new one."""
    spells: dict[tuple[str, str], Spell] = {}
    for row in rows:
        at = _day(row["at"])
        if row["event"] == "renamed" or (at is not None and at > last):
            continue
        key = (row["account_id"], row["person"])
        name = row["name"].lower()
        known = spells.get(key, Spell(row["account_id"], name, None, None))
        is_start = row["event"] == "appointed"
        start = at if is_start else known.start
        end = known.end if is_start else at
        spells[key] = Spell(known.account_id, known.key, start, end)
    return list(spells.values())


def _spellings(rows: Rows) -> dict[tuple[str, str], str]:
    """A person's first name by account and later spelling: one person, one key."""
    return {
        (row["account_id"], row["variant"].lower()): row["name"].lower()
        for row in rows
        if row.get("variant")
    }


def _found(
    table: pl.DataFrame,
    key: str,
    lo: str,
    hi: str,
    spellings: Mapping[tuple[str, str], str] = MappingProxyType({}),
) -> list[Found]:
    kept = table.filter(
        pl.col(lo).is_not_null() & pl.col(hi).is_not_null() & pl.col(key).is_not_null()
    )
    return [
        Found(
            account,
            spellings.get((account, name.lower()), name.lower()),
            low.date(),
            high.date(),
        )
        for account, name, low, high in kept.select(
            "account_id", key, lo, hi
        ).iter_rows()
    ]


def _people_scores(
    spells: list[Spell],
    good: dict[str, list[date]],
    table: pl.DataFrame,
    spellings: Mapping[tuple[str, str], str],
) -> tuple[list[Score], int]:
    came = score(
        "person appointed",
        appearances(spells, good, sightings=2, baseline=2),
        _found(table, "name", "appeared_lo", "appeared_hi", spellings),
    )
    went = score(
        "person departed",
        departures(spells, good, 3, 7, sightings=2),
        _found(table, "name", "gone_lo", "gone_hi", spellings),
    )
    return [came, went], went.published - went.right


def _entity_years(table: pl.DataFrame, last: date) -> float:
    end = datetime.combine(last, datetime.max.time())
    seconds = table.select(
        (pl.col("gone_lo").fill_null(end) - pl.col("appeared_hi"))
        .dt.total_seconds()
        .sum()
    ).item()
    return max(float(seconds) / 86400 / 365.25, 1e-9)


class _JobDays(NamedTuple):
    """Where a job is shown, and the days on which a good answer shows that place."""

    start: date | None
    end: date | None
    asked: list[date]
    seen: list[date]


def _good_days(
    things: Sequence[Shown],
    asked: Mapping[Showing, Sequence[date]],
    days: Sequence[date],
) -> dict[str, list[_JobDays]]:
    """By job: its boards and its careers page, not the public feed."""
    found: dict[str, list[_JobDays]] = {}
    for one in things:
        if one.job is None or one.thing.source == "nav_jobs":
            continue
        good = list(asked.get(Showing(*one.thing[:3]), days))
        seen = [day for day in good if one.holds(day) and day not in one.hidden_on]
        found.setdefault(one.job, []).append(_JobDays(one.start, one.end, good, seen))
    return found


def _job_scores(
    told: dict[str, Rows],
    days_of: dict[str, list[_JobDays]],
    table: pl.DataFrame,
    last: date,
) -> list[Score]:
    """Jobs of careers pages and boards, each once wherever it stands.

    An opening could be seen where a good answer had not shown it and a later one did;
    an end where every place that had shown it was seen without it twice, three days
    apart.
    """
    is_elsewhere = pl.col("sources").list.eval(pl.element() != "nav_jobs").list.any()
    listed = table.filter(is_elsewhere)
    came, went = [], []
    for job in told["jobs"]:
        places = days_of.get(job["key"], [])
        start, end = _day(job["opened"]), _day(job["closed"])
        if not places or (start is not None and start > last):
            continue
        who, title = job["account_id"], job["title"].lower()
        seen = [place for place in places if place.seen]
        if start is not None:
            is_visible = any(min(p.asked) < start for p in seen) and not any(
                p.seen[0] <= min(p.asked) for p in seen
            )
            came.append(Happened(who, title, start, is_visible))
        if end is not None and end <= last:
            is_proved = bool(seen) and all(_is_proved(p) for p in seen)
            went.append(Happened(who, title, end, is_proved))
    return [
        score("job opened", came, _found(listed, "title", "opened_lo", "opened_hi")),
        score("job closed", went, _found(listed, "title", "closed_lo", "closed_hi")),
    ]


def _is_proved(place: _JobDays) -> bool:
    if place.end is None:
        return False
    after = sorted(day for day in place.asked if day >= place.end)
    return len(after) >= 2 and after[-1] - after[0] >= timedelta(days=3)


def _claims(
    signals: pl.DataFrame, told: dict[str, Rows], last: date
) -> list[dict[str, Any]]:
    """Claims that stand, by type, and how many have no true event behind them."""
    happened: dict[str, list[Happened]] = {}
    for row in told["people"]:
        if row["event"] != "renamed" and (at := _day(row["at"])) and at <= last:
            one = Happened(row["account_id"], row["name"].lower(), at, True)
            happened.setdefault(row["event"], []).append(one)
    for row in told["filings"]:
        # A change shows in the register from the day it was filed.
        if (at := _day(row["filed"])) and at <= last:
            one = Happened(row["account_id"], "", at, True)
            what = "LEDE" if row["what"] == "VARA" else row["what"]
            happened.setdefault(what, []).append(one)
    for kind, one in _other_events(told, last):
        happened.setdefault(kind, []).append(one)
    stands = signals.filter(
        pl.col("superseded_at").is_null()
        & pl.col("status").is_in(["confirmed", "expired"])
    )
    shocked, redesigned = _shocked(told), _redesigned(told)
    spellings = _spellings(told["people"])
    found = []
    for (kind,), rows in sorted(stands.group_by("signal_type")):
        what = _WHAT.get(str(kind))
        false = 0
        if what is not None:
            is_person = what in ("appointed", "departed")
            claims = [
                Found(
                    row["account_id"],
                    _person(row, spellings) if is_person else "",
                    (row["effective_lo"] or row["effective_hi"]).date(),
                    row["effective_hi"].date(),
                )
                for row in rows.iter_rows(named=True)
            ]
            made = score(str(kind), happened.get(what, []), claims)
            false = made.published - made.right
        found.append(
            {
                "signal_type": kind,
                "claims": rows.height,
                "has_truth": what is not None,
                "false": false,
                "during_sector_shock": _during(rows, shocked),
                "during_redesign": _during(rows, redesigned),
            }
        )
    return found


def _person(row: Mapping[str, Any], spellings: Mapping[tuple[str, str], str]) -> str:
    name = (row["person_name"] or "").lower()
    return spellings.get((row["account_id"], name), name)


def _other_events(told: dict[str, Rows], last: date) -> Iterator[tuple[str, Happened]]:
    """Notices, grants, capital and jobs about the theme: what and when."""

    def one(row: dict[str, Any], at: str | None) -> Happened:
        # What has no day was there before the market opened.
        return Happened(row["account_id"], "", _day(at) or date.min, True)

    for row in told["notices"]:
        if row["role"] == "buyer" and row["at"] <= last.isoformat():
            yield NOTICE_TYPES[row["type"]], one(row, row["at"])
    for row in told["grants"]:
        yield "grant", one(row, row["at"])
    for row in told["announcements"]:
        if row["words"] == "Kapitalforhøyelse":
            yield "capital", one(row, row["at"])
    for row in told["jobs"]:
        if row["is_theme"]:
            yield "theme_job", one(row, row["opened"])


def _shocked(told: dict[str, Rows]) -> dict[str, list[tuple[date, date]]]:
    of_sector: dict[str, list[tuple[date, date]]] = {}
    for row in told["shocks"]:
        span = (date.fromisoformat(row["from"]), date.fromisoformat(row["to"]))
        of_sector.setdefault(row["sector"], []).append(span)
    return {
        row["account_id"]: of_sector.get(row["sector"], []) for row in told["companies"]
    }


def _redesigned(told: dict[str, Rows]) -> dict[str, list[tuple[date, date]]]:
    return {
        row["account_id"]: [
            (start, start + _BLANK)
            for text in row["redesigned_on"]
            if (start := _day(text))
        ]
        for row in told["sites"]
    }


def _during(rows: pl.DataFrame, spans: dict[str, list[tuple[date, date]]]) -> int:
    return sum(
        any(first <= at.date() <= end for first, end in spans.get(account, []))
        for account, at in rows.select("account_id", "effective_pt").iter_rows()
        if at is not None
    )


def _coverage(coverage: pl.DataFrame) -> Sequence[dict[str, Any]]:
    now = coverage.filter(pl.col("as_of") == pl.col("as_of").max())
    return (
        now.group_by("source", "state")
        .agg(pl.len().alias("accounts"))
        .sort("source", "state")
        .to_dicts()
    )
