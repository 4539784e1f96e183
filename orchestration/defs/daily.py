"""`observe`, the job of one day, and the schedule that asks for it every morning."""

from datetime import UTC, datetime

import dagster as dg

from orchestration.defs.patience import unforeseen

JOB = "observe"


@dg.definitions
def defs() -> dg.Definitions:
    """The job and its schedule."""
    observe = dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all() - dg.AssetSelection.groups("rights"),
        executor_def=dg.in_process_executor,
        op_retry_policy=unforeseen(),
        description=(
            "One day from visits to the CRM outbox. Steps are short, so they run in "
            "one process: the multiprocess executor imports everything anew per step."
        ),
    )

    @dg.schedule(
        job=observe,
        cron_schedule="0 5 * * *",
        execution_timezone="Europe/Oslo",
        description="Every morning: visit today. A crawl never visits yesterday.",
    )
    def every_morning() -> dg.RunRequest:
        today = datetime.now(UTC).date().isoformat()
        return dg.RunRequest(run_key=today, partition_key=today)

    return dg.Definitions(jobs=[observe], schedules=[every_morning])
