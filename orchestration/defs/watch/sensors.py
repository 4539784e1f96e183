"""`freshness`: looks over the home folder between runs and tells a person once a day.

A source that nobody asked fails no run; so this asks the files and not the runs.
"""

from datetime import UTC, datetime

import dagster as dg

from orchestration import settings
from orchestration.alerts import NotSent, due, send
from orchestration.progress import announce


def look(home_cursor: str | None) -> tuple[str, str]:
    """One look: what is said, and the cursor that keeps it from being said again."""
    now = datetime.now(UTC)
    home = settings.home()
    findings = due(home, now.date())
    told = "; ".join(sorted(f"{f.subject}: {f.sentence}" for f in findings))
    cursor = f"{now.date()} {told}"
    if not findings:
        return "nothing is stale and nothing is wrong", cursor
    if cursor == home_cursor:
        return "told already today", cursor
    try:
        return send(findings, home, settings.alert_settings()).sentence(), cursor
    except NotSent as error:
        # Said in the log of the sensor, and tried again at the next look.
        return f"{error}; {told}", home_cursor or ""


@dg.sensor(
    name="freshness",
    minimum_interval_seconds=1800,
    job_name="observe",
    description=(
        "Every half hour, outside of runs: stale sources, broken parsers, a full disk "
        "and whatever else `lyttepost doctor` calls a fault, by webhook and e-mail."
    ),
)
def freshness(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Tell a person, once a day for the same findings."""
    said, cursor = look(context.cursor)
    context.update_cursor(cursor)
    announce(f"freshness: {said}")
    return dg.SkipReason(said)
