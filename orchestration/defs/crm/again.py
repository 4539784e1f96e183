"""`send_again`: what a destination did not take is tried again by the hour.

Only destinations whose next try is left to a later run have such records: the webhook.
What a try is, and how often, is theirs to say.
"""

from datetime import UTC, datetime

import dagster as dg

from orchestration import settings
from orchestration.crm.state import waiting

JOB = "send_again"


@dg.definitions
def defs() -> dg.Definitions:
    """The job and its schedule."""
    keys = {name: dg.AssetKey(["crm", name]) for name in settings.crm_destinations()}
    send_again = dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.assets(*keys.values()),
        executor_def=dg.in_process_executor,
        description="Sends what waits for another try, and nothing else of the day.",
    )

    @dg.schedule(
        job=send_again,
        cron_schedule="30 * * * *",
        execution_timezone="Europe/Oslo",
        description="Every hour: records that a destination did not take, when due.",
    )
    def every_hour() -> dg.RunRequest | dg.SkipReason:
        now = datetime.now(UTC)
        due = [
            key
            for name, key in keys.items()
            if waiting(settings.home() / "crm" / name, now)
        ]
        if not due:
            return dg.SkipReason("nothing waits for another try")
        return dg.RunRequest(asset_selection=due)

    return dg.Definitions(jobs=[send_again], schedules=[every_hour])
