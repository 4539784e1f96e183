"""Which days a run visits, and which it refuses."""

from datetime import date, timedelta

import pytest

from orchestration.crawl import PastDay, refuse_past_days
from orchestration.defs.partitions import days_to_visit
from orchestration.settings import Replay

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


def test_a_replay_visits_every_nth_day_from_its_first():
    keys = [f"2025-01-{d:02d}" for d in range(1, 31)]
    replay = Replay("http://127.0.0.1:1", "2025-01-06", "2025-01-27", 7)
    assert [d.day for d in days_to_visit(keys, replay)] == [6, 13, 20, 27]


def test_without_a_replay_every_partition_is_a_day_to_visit():
    assert len(days_to_visit(["2025-01-01", "2025-01-02"], None)) == 2
