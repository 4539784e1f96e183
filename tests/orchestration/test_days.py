"""Which days a run visits, and which it refuses."""

from datetime import date, timedelta

import pytest

from orchestration.crawl import PastDay, refuse_past_days
from orchestration.defs.partitions import days_of, tag_of

TODAY = date(2026, 3, 10)


def test_a_past_day_is_refused_with_what_to_do_instead():
    with pytest.raises(PastDay, match="cannot visit the past") as refusal:
        refuse_past_days("company_pages", [date(2026, 3, 9)], TODAY, False, False)
    assert "2026-03-09" in str(refusal.value)
    assert "replay" in str(refusal.value)


@pytest.mark.parametrize(
    ("day", "serves_history", "is_replay"),
    [
        (TODAY, False, False),
        (TODAY - timedelta(days=400), True, False),
        (TODAY - timedelta(days=400), False, True),
        (TODAY + timedelta(days=400), False, True),
    ],
)
def test_days_that_can_be_visited_are_not_refused(day, serves_history, is_replay):
    refuse_past_days("x", [day], TODAY, serves_history, is_replay)


def test_a_day_to_come_is_refused():
    with pytest.raises(PastDay, match="has not come"):
        refuse_past_days("x", [TODAY + timedelta(days=1)], TODAY, True, False)


def test_a_run_works_on_the_days_of_its_tag_and_is_the_last_of_them():
    days = [date(2025, 1, 20), date(2025, 1, 6), date(2025, 1, 13), date(2025, 1, 6)]
    tags = tag_of(days)
    assert tags["dagster/partition"] == "2025-01-20"
    assert [d.day for d in days_of(tags, ["2025-01-20"])] == [6, 13, 20]


def test_a_backfill_works_on_the_days_of_its_partitions():
    assert len(days_of({}, ["2025-01-01", "2025-01-02"])) == 2
