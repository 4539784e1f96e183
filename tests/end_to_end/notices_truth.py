"""What was observed of procurement is what happened in the made-up market.

Imported by test_chain.py: a file is one process, and one demo serves them all.
"""

from datetime import timedelta

import polars as pl

from practice_market import truth
from practice_market.company import Market
from practice_market.ocds_notices import ocds_place_rows
from practice_market.ted_notices import DELAY
from practice_market.world import World
from tests.end_to_end.conftest import COMPANIES, WEEKS, published

TYPES = {
    "PRE_ANNOUNCEMENT": "planning",
    "ADVISORY_NOTICE": "market_dialogue",
    "ANNOUNCEMENT_OF_COMPETITION": "competition",
    "ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT": "award",
    "CANCELLED_OR_MISSING_CONCLUSION_OF_CONTRACT": "cancelled",
}
PUBLISHERS = {"doffin_notices", "ted_notices", "ocds_notices"}
KEY = ["account_id", "procedure_id", "notice_type", "role", "is_correction"]


def test_every_notice_is_told_once_with_all_its_publishers(observed):
    world = World(Market(companies=COMPANIES, every_source=True))
    publish = {row["account_id"] for row in ocds_place_rows(world.market)}
    last = world.market.date_of(7 * (WEEKS - 1))
    on_ted_by = (last - timedelta(days=DELAY)).isoformat()
    wanted = [
        {
            "account_id": row["account_id"],
            "procedure_id": row["procedure"],
            "notice_type": TYPES[row["type"]],
            "role": row["role"],
            "is_correction": row["is_correction"],
            "n_sources": 1
            + (row["on_ted"] and row["at"] <= on_ted_by)
            + (row["role"] == "buyer" and row["account_id"] in publish),
        }
        for row in truth.rows(world, "notices")
        if row["at"] <= last.isoformat()
    ]
    found = published(observed[0])["notice_history"]
    told = found.select(*KEY, pl.col("sources").list.len().alias("n_sources"))
    assert told.height > 10
    assert set(found["sources"].explode()) == PUBLISHERS
    assert sorted(told.rows()) == sorted(tuple(row.values()) for row in wanted)


def test_an_award_or_a_cancellation_closes_the_procedure(observed):
    found = published(observed[0])["notice_history"].filter(pl.col("role") == "buyer")
    ends = found.filter(pl.col("notice_type").is_in(["award", "cancelled"]))
    assert ends.height > 0
    states = dict(ends.select("procedure_id", "notice_type").rows())
    of_procedure = {"award": "awarded", "cancelled": "cancelled"}
    for row in found.iter_rows(named=True):
        if row["procedure_id"] in states:
            end = of_procedure[states[row["procedure_id"]]]
            assert row["procedure_state"] == end
            assert row["procedure_closed_at"] is not None
