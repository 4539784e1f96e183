"""Days: the one partitioning, which of them a run works on, and for which accounts."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import dagster as dg

# Early enough for recorded webs and for sources that serve history. The offset lets
# today be a partition: a crawl visits today, never yesterday.
DAYS = dg.DailyPartitionsDefinition(start_date="2015-01-01", end_offset=1)
# The days of a run from the command line, which need not follow one another. Dagster
# stores an event for each asset and day of a range: at 26 visits in 182 days that was
# more than the half of a replay's time.
DAYS_TAG = "lyttepost/days"


def tag_of(days: Sequence[date]) -> dict[str, str]:
    """The tags of a run over some days: the last is its partition."""
    return {
        "dagster/partition": max(days).isoformat(),
        DAYS_TAG: ",".join(day.isoformat() for day in sorted(set(days))),
    }


def days_of(tags: Mapping[str, str], partition_keys: Sequence[str]) -> list[date]:
    """The days of a run, earliest first: those of its tag, else its partitions."""
    told = tags.get(DAYS_TAG)
    keys = told.split(",") if told else partition_keys
    return sorted(date.fromisoformat(key) for key in keys)


def asking(
    accounts: Sequence[str], sources: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Run configuration that asks some accounts only; empty for all of them.

    Args:
        accounts: ids of accounts.
        sources: the sources of the run.
    """
    if not accounts:
        return {}
    asked = {"config": {"accounts": list(accounts)}}
    return {"ops": {f"raw__{name}": asked for name in sources}} if sources else {}


def log_other_days(
    context: dg.AssetExecutionContext, key: Sequence[str], days: Sequence[date]
) -> None:
    """Say of the days of a run that are not its partition that they were done too."""
    held = set(context.partition_keys)
    for day in days:
        if day.isoformat() not in held:
            context.log_event(
                dg.AssetMaterialization(
                    asset_key=dg.AssetKey(key), partition=day.isoformat()
                )
            )
