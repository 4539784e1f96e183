"""What was read of every source is what the made-up market showed there.

Imported by test_chain.py: a file is one process, and one demo serves them all.
"""

from collections import defaultdict
from datetime import date
from functools import cache

import polars as pl

from orchestration.market_report.entities import compare
from orchestration.market_report.sightings import (
    accounts_by_number,
    answered,
    shown,
    sightings,
    visits_of,
)
from practice_market import truth
from practice_market.company import Market
from practice_market.world import World
from scrapers.source import source_names
from tests.end_to_end.conftest import COMPANIES, WEEKS, published

MARKET = Market(companies=COMPANIES, every_source=True)


@cache
def world():
    """The market of the demo."""
    return World(MARKET)


def test_what_every_source_showed_was_read_and_nothing_else(observed):
    home = observed[0]
    visits = visits_of(home)
    days = sorted(set(visits["day"]))
    assert len(days) == WEEKS
    things = list(shown(truth.rows(world(), "shown")))
    asked = answered(visits, [one.thing for one in things])
    numbers = accounts_by_number(truth.rows(world(), "companies"))
    found = compare(things, sightings(home, visits, numbers), asked, days)
    differences = [
        f"{one.source} {one.kind}, {what}: {difference}"
        for one in found
        for what in ("missed", "invented", "wrong")
        for difference in getattr(one, what)
    ]
    assert not differences, "\n".join(differences)
    # Every source is held against something that it showed.
    assert {one.source for one in found if one.visible} == set(source_names())
    # Most of what there was could be seen: failures alone explain nothing.
    assert sum(one.visible for one in found) > 0.9 * sum(one.true for one in found)


def test_no_copy_is_kept_of_a_unit_that_was_removed(observed):
    removed = {
        row["unit_number"]
        for row in truth.rows(world(), "sub_units")
        if row["removed"] and row["removed"] <= _last_day()
    }
    kept = pl.read_parquet(
        observed[0] / "observed" / "registry_entities" / "source=*" / "*.parquet"
    )
    assert removed
    assert not removed & set(kept["org_number"])


def test_one_job_is_one_on_all_its_boards(observed):
    """Where a title is sought once at a time, its ads are one published row."""
    spells = defaultdict(list)
    for job in truth.rows(world(), "jobs"):
        if job["on_site"]:
            end = job["closed"] or "9999"
            spells[job["account_id"], job["title"]].append((job["opened"], end))
    table = published(observed[0])["job_ad_history"].filter(
        pl.col("title").is_not_null() & pl.col("opened_lo").is_not_null()
    )
    rows = defaultdict(list)
    for row in table.iter_rows(named=True):
        rows[row["account_id"], row["title"]].append(row)
    n_sources = []
    for key, days in spells.items():
        begun = [d for d in days if d[0] and d[1] > MARKET.start.isoformat()]
        if len(begun) != 1 or not (MARKET.start.isoformat() < begun[0][0]):
            continue
        if begun[0][0] > _last_day():
            continue
        told = [r for r in rows[key] if r["sources"] != ["nav_jobs"]]
        assert len(told) <= 1, f"{key} {begun} is {len(told)} jobs"
        n_sources += [row["n_sources"] for row in told]
    assert len(n_sources) > 10
    assert max(n_sources) >= 3


def _last_day() -> str:
    last: date = MARKET.date_of(7 * (WEEKS - 1))
    return last.isoformat()
