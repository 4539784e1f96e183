"""Two lists edited in bulk, as an organisation published them, when they are there.

Seventy people came in one edit and seventy left in another: the list changed, twice,
and nobody's appointment or departure is told. The history of people keeps its rows.
"""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.warehouse.conftest import NO_UNIT_TESTS
from tests.warehouse.home_of_rows import ROOT, Home, dbt_build, end_of, table

ROSTERS = ROOT / "../shared/data/eval/rosters/dev"

pytestmark = pytest.mark.skipif(
    not ROSTERS.exists(), reason="the recorded rosters are not here"
)


def _rows(name: str) -> list[dict]:
    lines = (ROSTERS / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_two_bulk_edits_are_two_signals_about_the_list(tmp_path: Path) -> None:
    steps = sorted(_rows("input.jsonl"), key=lambda row: row["before_date"])
    expected = _rows("expected.jsonl")
    states = [(steps[0]["before_date"], steps[0]["before"])]
    states += [(step["after_date"], step["after"]) for step in steps]
    home, day = Home(), date(2014, 9, 22)
    home.account("recorded")
    while day <= date(2015, 4, 20):
        shown = [people for since, people in states if since <= day.isoformat()][-1]
        listed = sorted((p["name"], p["title"] or None) for p in shown)
        home.people("recorded", end_of(day), listed)
        day += timedelta(days=7)
    folder = home.write(tmp_path)
    dbt_build(folder, "--select", "+signals", "+people_history", *NO_UNIT_TESTS)
    told = table(folder, "signals")["signal_type"].sort().to_list()
    assert told == ["scope_collapse", "scope_expansion"]
    history = table(folder, "people_history")
    came = history.filter(~history["is_left_censored"]).height
    assert came == sum(len(row["joined"]) for row in expected)
    left = history["gone_hi"].count()
    assert left == sum(len(row["left"]) for row in expected)
