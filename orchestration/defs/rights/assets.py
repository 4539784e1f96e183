"""`retention`: takes out what has been kept for too long; a job of its own, weekly."""

from datetime import UTC, datetime

import dagster as dg

from orchestration import settings
from orchestration.defs.pools import WAREHOUSE
from orchestration.defs.runs import HomeBusy, alone_in
from orchestration.progress import announce
from orchestration.rights import outside
from orchestration.rights.retention import purge

JOB = "keep_within_retention"
_AT_WORK = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]


@dg.asset(
    group_name="rights",
    pool=WAREHOUSE,
    kinds={"python", "parquet"},
    description=(
        "Takes out what has been kept for longer than its source or contract allows, "
        "counted from when it was last seen, with a report of rows in `retention/`."
    ),
)
def retention(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """Purge as of today, when nobody else is at work in the home folder."""
    home = settings.home()
    others = [
        run.run_id
        for run in context.instance.get_runs(dg.RunsFilter(statuses=_AT_WORK))
        if run.run_id != context.run.run_id
    ]
    if others:
        # A crawl holds another pool than this one, and its files are taken out here.
        raise dg.RetryRequested(max_retries=72, seconds_to_wait=300)
    try:
        with alone_in(home):
            purged = purge(home, datetime.now(UTC).date())
            left = outside.reach_backups(home, announce)
    except HomeBusy as busy:
        raise dg.RetryRequested(max_retries=72, seconds_to_wait=300) from busy
    announce(f"retention: {purged.n_rows} rows were kept for too long and are gone")
    rows = "\n".join(
        f"| {table} | {source} | {n} |"
        for (table, source), n in sorted(purged.rows.items())
    )
    return dg.MaterializeResult(
        metadata={
            "rows": purged.n_rows,
            "backups_not_reached": len(left),
            "archive_files": purged.n_files,
            "by_table": dg.MetadataValue.md(
                f"| table | source | rows |\n|---|---|---|\n{rows}"
            ),
        }
    )


RETENTION = dg.define_asset_job(
    JOB,
    selection=[retention],
    executor_def=dg.in_process_executor,
    description="Once a week: nothing is kept for longer than was said.",
)
# Before the run of 05:00, which builds the tables again.
EVERY_SUNDAY = dg.ScheduleDefinition(
    name="every_sunday",
    job=RETENTION,
    cron_schedule="0 3 * * 0",
    execution_timezone="Europe/Oslo",
)


@dg.definitions
def defs() -> dg.Definitions:
    """The weekly purge: its asset, its job and its schedule."""
    return dg.Definitions(
        assets=[retention], jobs=[RETENTION], schedules=[EVERY_SUNDAY]
    )
