"""The report of a replayed practice market: reads tables, visits and truth, words it.

Rules of what counts belong in compare.py. Signal types without a truth here are only
counted.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from orchestration.market_report.compare import (
    Found,
    Happened,
    Score,
    Spell,
    appearances,
    departures,
    joined,
    score,
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
_WHAT = {
    "functional_leader_appointed": "appointed",
    "functional_leader_departed": "departed",
    "functional_leader_replaced": "appointed",
    "relocation": "address",
    "auditor_change": "REVI",
    "board_change": "LEDE",
    "activity_code_change": "naeringskode1",
    "name_or_brand_change": "navn",
}
"""The true event behind a claim of each type that has one."""

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
    pages = pl.read_parquet(
        home / "landing" / "company_pages" / "day=*" / "visits.parquet",
        columns=["account_id", "scope", "fetched_at", "outcome"],
    )
    days = sorted(set(pages["fetched_at"].dt.date()))
    last = days[-1]
    good = _good_visits(pages, told["sites"], "leadership")
    spells = _people(told["people"], last)
    people, n_false = _people_scores(spells, good, tables["people_history"])
    years = _entity_years(tables["people_history"], last)
    scores = [*people, *_job_scores(told["jobs"], pages, told["sites"], tables, last)]
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
        "entities": _entities(tables, told, last),
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
    lines += ["", "| source | true | missing | invented |", "|---|---|---|---|"]
    for row in figures["entities"]:
        cells = [row[k] for k in ("source", "true", "missing", "invented")]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    lines += ["", "| source | state | accounts |", "|---|---|---|"]
    for row in figures["coverage"]:
        lines.append(f"| {row['source']} | {row['state']} | {row['accounts']} |")
    return "\n".join(lines) + "\n"


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


def _found(table: pl.DataFrame, key: str, lo: str, hi: str) -> list[Found]:
    kept = table.filter(
        pl.col(lo).is_not_null() & pl.col(hi).is_not_null() & pl.col(key).is_not_null()
    )
    return [
        Found(account, name.lower(), low.date(), high.date())
        for account, name, low, high in kept.select(
            "account_id", key, lo, hi
        ).iter_rows()
    ]


def _people_scores(
    spells: list[Spell], good: dict[str, list[date]], table: pl.DataFrame
) -> tuple[list[Score], int]:
    came = score(
        "person appointed",
        appearances(spells, good, 2),
        _found(table, "name", "appeared_lo", "appeared_hi"),
    )
    went = score(
        "person departed",
        departures(spells, good, 3, 7, sightings=2),
        _found(table, "name", "gone_lo", "gone_hi"),
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


def _job_scores(
    jobs: Rows,
    pages: pl.DataFrame,
    sites: Rows,
    tables: dict[str, pl.DataFrame],
    last: date,
) -> list[Score]:
    """Ads of the careers pages; an ad of the feed alone has other visits."""
    good = _good_visits(pages, sites, "careers")
    listed = tables["job_ad_history"].filter(
        pl.col("sources").list.contains("company_pages")
    )
    spells = []
    for job in jobs:
        start, end = _day(job["opened"]), _day(job["closed"])
        if not job["on_site"] or (start is not None and start > last):
            continue
        kept = end if end is not None and end <= last else None
        spells.append(Spell(job["account_id"], job["title"].lower(), start, kept))
    as_read = joined(spells)
    return [
        score(
            "job opened (own page)",
            appearances(as_read, good, 1),
            _found(listed, "title", "opened_lo", "opened_hi"),
        ),
        score(
            "job closed (own page)",
            departures(as_read, good, 2, 3),
            _found(listed, "title", "closed_lo", "closed_hi"),
        ),
    ]


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
    stands = signals.filter(
        pl.col("superseded_at").is_null()
        & pl.col("status").is_in(["confirmed", "expired"])
    )
    shocked, redesigned = _shocked(told), _redesigned(told)
    found = []
    for (kind,), rows in sorted(stands.group_by("signal_type")):
        what = _WHAT.get(str(kind))
        false = 0
        if what is not None:
            is_person = what in ("appointed", "departed")
            claims = [
                Found(
                    row["account_id"],
                    (row["person_name"] or "").lower() if is_person else "",
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


def _entities(
    tables: dict[str, pl.DataFrame], told: dict[str, Rows], last: date
) -> list[dict[str, Any]]:
    """Things of each source that the market shows, missing and invented."""
    announced = tables["announcement_history"]
    until = last.isoformat()
    listed = [row for row in told["announcements"] if row["at"] <= until]
    feeds = ("press_feeds", "ntb_releases")
    pairs: dict[str, tuple[set[Any], set[Any]]] = {
        "brreg_announcements": (
            {(row["account_id"], row["id"]) for row in listed},
            _pairs(announced, "brreg_announcements", "announcement_id"),
        ),
        "brreg_accounts": (
            {
                (row["account_id"], str(row["year"]))
                for row in told["accounts"]
                if row["plan"] == "store" and row["published"] <= until
            },
            {
                (account, str(at)[:4])
                for account, at in tables["annual_accounts_history"]
                .select("account_id", "period_from")
                .iter_rows()
            },
        ),
        "public_money_lists": (
            {
                (row["account_id"], round(float(row["amount"])))
                for row in told["grants"]
                if row["at"] <= until and row["amount"] is not None
            },
            {
                (account, round(amount))
                for account, amount in announced.filter(
                    (pl.col("source") == "public_money_lists")
                    & pl.col("amount").is_not_null()
                )
                .select("account_id", "amount")
                .iter_rows()
            },
        ),
    }
    # Truth holds what the last day still shows, so only what is missing is told.
    for source in feeds:
        shown = {
            (row["account_id"], row["title"])
            for row in told["press"]
            if row["source"] == source
            and row["published_at"]
            and row["published_at"][:10] <= until
        }
        pairs[source] = (shown, shown & _pairs(announced, source, "title"))
    return [
        {
            "source": source,
            "true": len(true),
            "missing": len(true - found),
            "invented": "not told" if source in feeds else len(found - true),
        }
        for source, (true, found) in pairs.items()
    ]


def _pairs(table: pl.DataFrame, source: str, key: str) -> set[Any]:
    return set(
        table.filter(pl.col("source") == source).select("account_id", key).iter_rows()
    )


def _coverage(coverage: pl.DataFrame) -> Sequence[dict[str, Any]]:
    now = coverage.filter(pl.col("as_of") == pl.col("as_of").max())
    return (
        now.group_by("source", "state")
        .agg(pl.len().alias("accounts"))
        .sort("source", "state")
        .to_dicts()
    )
