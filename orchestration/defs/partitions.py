"""Days: the one partitioning, and which of them a run visits."""

from collections.abc import Sequence
from datetime import date

import dagster as dg

from orchestration.settings import Replay

# Early enough for recorded webs and for sources that serve history. The offset lets
# today be a partition: a crawl visits today, never yesterday.
DAYS = dg.DailyPartitionsDefinition(start_date="2015-01-01", end_offset=1)


def days_to_visit(partition_keys: Sequence[str], replay: Replay | None) -> list[date]:
    """The days of a run that are visited: all, or every n-th day of a replay."""
    days = sorted(date.fromisoformat(key) for key in partition_keys)
    if replay is None:
        return days
    first = date.fromisoformat(replay.first_day)
    last = date.fromisoformat(replay.last_day)
    return [
        d
        for d in days
        if first <= d <= last and (d - first).days % replay.every_days == 0
    ]
