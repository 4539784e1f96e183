"""Days: which of them a run works on, in which shards, and for which accounts.

Days are the one partitioning. With LYTTEPOST_SHARDS above 1 the crawl of sources that
ask the accounts' own hosts has a second dimension, `shard`.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import dagster as dg

from orchestration import settings
from scrapers.shards import Shard, every_shard, is_sharded, shard_named
from scrapers.source import SourceSpec, load_source, source_names

# Early enough for recorded webs and for sources that serve history. The offset lets
# today be a partition: a crawl visits today, never yesterday.
DAYS = dg.DailyPartitionsDefinition(start_date="2015-01-01", end_offset=1)
# The days of a run from the command line, which need not follow one another. Dagster
# stores an event for each asset and day of a range: at 26 visits in 182 days that was
# more than the half of a replay's time.
DAYS_TAG = "lyttepost/days"


DAY_DIMENSION, SHARD_DIMENSION = "day", "shard"


def shards_now() -> tuple[Shard, ...]:
    """The shards of this installation; none when a crawl is in one piece."""
    of = settings.crawl_shards()
    return every_shard(of) if of > 1 else ()


def crawl_partitions(spec: SourceSpec) -> dg.PartitionsDefinition:
    """What the crawl of a source is partitioned by: days, or days and shards."""
    shards = shards_now()
    if not shards or not is_sharded(spec):
        return DAYS
    names = dg.StaticPartitionsDefinition([shard.name for shard in shards])
    return dg.MultiPartitionsDefinition({DAY_DIMENSION: DAYS, SHARD_DIMENSION: names})


def sharded_sources() -> tuple[str, ...]:
    """Sources that are crawled in shards; none when no source is."""
    if not shards_now():
        return ()
    return tuple(name for name in source_names() if is_sharded(load_source(name)))


def shard_key(day: date, shard: Shard) -> dg.MultiPartitionKey:
    """The partition of a shard of a day."""
    return dg.MultiPartitionKey(
        {DAY_DIMENSION: day.isoformat(), SHARD_DIMENSION: shard.name}
    )


def shards_of_run(partition_keys: Sequence[str]) -> list[Shard | None]:
    """The shards a run of a crawl works on; None alone when it is in one piece."""
    names = {key.partition("|")[2] for key in partition_keys}
    return [shard_named(name) if name else None for name in sorted(names)]


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
    # A partition of a shard is called `2026-11-28|02of08`.
    return sorted({date.fromisoformat(key.partition("|")[0]) for key in keys})


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
    context: dg.AssetExecutionContext,
    key: Sequence[str],
    days: Sequence[date],
    shard: Shard | None = None,
) -> None:
    """Say of the days of a run that are not its partition that they were done too."""
    held = set(context.partition_keys)
    for day in days:
        done = shard_key(day, shard) if shard else day.isoformat()
        if done not in held:
            context.log_event(
                dg.AssetMaterialization(asset_key=dg.AssetKey(key), partition=done)
            )
