"""`observe`, the job of one day, and what asks for it every morning.

With LYTTEPOST_SHARDS above 1 a day begins with the watch list, goes on with a run for
each shard of the accounts, under whatever launcher is configured, and ends with
`observe`, which crawls what is not sharded and builds all that follows.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import (
    UnresolvedAssetJobDefinition,
)

from orchestration.defs.partitions import (
    DAY_DIMENSION,
    SHARD_DIMENSION,
    shard_key,
    sharded_sources,
    shards_now,
)
from orchestration.defs.patience import unforeseen

JOB = "observe"
WATCH_JOB = "watch"
SHARDS_JOB = "crawl_shards"
# The day that a run of the watch list begins.
_BEGINS_TAG = "lyttepost/begins"
_MORNING, _ZONE = "0 5 * * *", "Europe/Oslo"
_ENDED = frozenset(
    (
        dg.DagsterRunStatus.SUCCESS,
        dg.DagsterRunStatus.FAILURE,
        dg.DagsterRunStatus.CANCELED,
    )
)


@dg.definitions
def defs() -> dg.Definitions:
    """The job and its schedule; in shards the jobs before it, and their sensor."""
    crawled = dg.AssetSelection.assets(*(["raw", name] for name in sharded_sources()))
    everything = dg.AssetSelection.all() - dg.AssetSelection.groups("rights")
    observe = dg.define_asset_job(
        JOB,
        selection=everything - crawled if sharded_sources() else everything,
        executor_def=dg.in_process_executor,
        op_retry_policy=unforeseen(),
        description=(
            "One day from visits to the CRM outbox. Steps are short, so they run in "
            "one process: the multiprocess executor imports everything anew per step."
        ),
    )
    if sharded_sources():
        return _in_shards(observe, crawled)

    @dg.schedule(
        job=observe,
        cron_schedule=_MORNING,
        execution_timezone=_ZONE,
        description="Every morning: visit today. A crawl never visits yesterday.",
    )
    def every_morning() -> dg.RunRequest:
        today = datetime.now(UTC).date().isoformat()
        return dg.RunRequest(run_key=today, partition_key=today)

    return dg.Definitions(jobs=[observe], schedules=[every_morning])


def _in_shards(
    observe: UnresolvedAssetJobDefinition, crawled: dg.AssetSelection
) -> dg.Definitions:
    watch = dg.define_asset_job(
        WATCH_JOB,
        selection=dg.AssetSelection.groups("accounts"),
        executor_def=dg.in_process_executor,
        description="The watch list, before it is divided into shards.",
    )
    crawl_shards = dg.define_asset_job(
        SHARDS_JOB,
        selection=crawled,
        executor_def=dg.in_process_executor,
        description=(
            "One shard of the accounts on one day, of every source that asks the "
            "accounts' own hosts, one after the other: a host is asked by one run."
        ),
    )

    @dg.schedule(
        job=watch,
        cron_schedule=_MORNING,
        execution_timezone=_ZONE,
        description="Every morning: the watch list; `day_in_shards` does the rest.",
    )
    def every_morning() -> dg.RunRequest:
        today = datetime.now(UTC).date().isoformat()
        return dg.RunRequest(run_key=today, tags={_BEGINS_TAG: today})

    @dg.sensor(
        jobs=[crawl_shards, observe],
        minimum_interval_seconds=60,
        description=(
            "After the watch list of today a run for every shard, and `observe` when "
            "all of them have ended. A day without a shard that failed waits for it "
            "until midnight, UTC; from then on it goes on without."
        ),
    )
    def day_in_shards(
        context: dg.SensorEvaluationContext,
    ) -> Iterator[dg.RunRequest | dg.SkipReason]:
        yield from next_runs(context.instance, datetime.now(UTC).date())

    return dg.Definitions(
        jobs=[watch, crawl_shards, observe],
        schedules=[every_morning],
        sensors=[day_in_shards],
    )


def next_runs(
    instance: dg.DagsterInstance, day: date
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """The runs that a day in shards needs next; asking again asks for nothing twice."""
    begun = instance.get_runs(
        dg.RunsFilter(
            job_name=WATCH_JOB,
            tags={_BEGINS_TAG: day.isoformat()},
            statuses=[dg.DagsterRunStatus.SUCCESS],
        )
    )
    if not begun:
        yield dg.SkipReason(f"the watch list of {day} has not been read yet")
        return
    runs = instance.get_runs(
        dg.RunsFilter(
            job_name=SHARDS_JOB,
            tags={f"dagster/partition/{DAY_DIMENSION}": day.isoformat()},
        )
    )
    newest: dict[str, dg.DagsterRun] = {}
    for run in runs:  # the newest first
        newest.setdefault(run.tags[f"dagster/partition/{SHARD_DIMENSION}"], run)
    shards = shards_now()
    for shard in shards:
        if shard.name not in newest:
            key = shard_key(day, shard)
            yield dg.RunRequest(
                run_key=str(key), partition_key=key, job_name=SHARDS_JOB
            )
    ended = {name for name, run in newest.items() if run.status in _ENDED}
    if all(shard.name in ended for shard in shards):
        yield dg.RunRequest(
            run_key=day.isoformat(), partition_key=day.isoformat(), job_name=JOB
        )
