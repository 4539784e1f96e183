"""What is looked at between runs: stale data, failed runs, a new accounts file.

`freshness` asks the files and not the runs, for a source that nobody asked fails no
run; it tells a person once a day. `failed_run` tells of a run that failed at once.
`accounts_file` begins a run when the landed accounts file has changed.
"""

import hashlib
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from orchestration import settings
from orchestration.accounts.landed import to_ask_anew
from orchestration.accounts.watch_list import AccountsRefused
from orchestration.alerts import NotSent, due, send
from orchestration.defs.partitions import asking, sharded_sources
from orchestration.defs.runs import HomeBusy, alone_in, end_killed_runs, end_lost_runs
from orchestration.doctor import Finding
from orchestration.progress import announce
from scrapers.source import source_names


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
    # It fetches nothing, and tells nobody who was not named for it.
    default_status=dg.DefaultSensorStatus.RUNNING,
    description=(
        "Every half hour, outside of runs: stale sources, broken parsers, a full disk "
        "and whatever else `lyttepost doctor` calls a fault, by webhook and e-mail. "
        "Runs whose command was killed are ended; those whose process is gone, by a "
        "reboot as well, are ended and begun again."
    ),
)
def freshness(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Tell a person, once a day for the same findings."""
    with suppress(HomeBusy), alone_in(settings.home(), with_store=False):
        n_gone = end_killed_runs(context.instance)
        if n_gone:
            announce(f"freshness: {n_gone} runs of killed commands are ended")
    n_lost = end_lost_runs(context.instance)
    if n_lost:
        announce(f"freshness: {n_lost} runs whose process is gone begin again")
    said, cursor = look(context.cursor)
    context.update_cursor(cursor)
    announce(f"freshness: {said}")
    return dg.SkipReason(said)


def failure(job: str, step: str | None, error: str) -> Finding:
    """A failed run in one sentence: the first line of its error, no trace."""
    lines = error.strip().splitlines()
    where = f" in {step}" if step else ""
    why = lines[0] if lines else "no reason was given"
    return Finding(f"run of {job}", f"failed{where}: {why}", is_fault=True)


@dg.run_failure_sensor(
    name="failed_run",
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="A run that failed is told of at once, by webhook and e-mail.",
)
def failed_run(context: dg.RunFailureSensorContext) -> dg.SkipReason:
    """Tell a person of one failed run."""
    events = context.get_step_failure_events()
    step = events[0].step_key if events else None
    data = events[0].step_failure_data if events else None
    error = data.error.message if data and data.error else context.failure_event.message
    finding = failure(context.dagster_run.job_name, step, error or "")
    try:
        said = send([finding], settings.home(), settings.alert_settings()).sentence()
    except NotSent as error_of_sending:
        # Said in the log of the sensor; the run itself stays failed for all to see.
        said = f"{error_of_sending}; {finding.subject} {finding.sentence}"
    announce(f"failed_run: {said}")
    return dg.SkipReason(said)


def accounts_digest(home: Path) -> str | None:
    """Digest of the landed accounts file and those beside it; None without one."""
    folder = home / "landing" / "_accounts"
    if not (folder / "accounts.csv").exists():
        return None
    said = hashlib.sha256()
    for name in ("accounts.csv", "places.csv", "opt_out.csv"):
        file = folder / name
        said.update(f"{name}\0{file.exists()}\0".encode())
        if file.exists():
            said.update(file.read_bytes())
    return said.hexdigest()


def _crawled() -> tuple[str, ...]:
    """Sources that `observe` crawls; shards are crawled by runs of their own."""
    return tuple(sorted(set(source_names()) - set(sharded_sources())))


def _to_ask(home: Path) -> tuple[str, ...]:
    try:
        return to_ask_anew(home)
    except AccountsRefused as error:
        # The run says so too, as the failure of its first step.
        announce(f"accounts_file: {error}")
        return ()


@dg.sensor(
    name="accounts_file",
    minimum_interval_seconds=300,
    job_name="observe",
    description=(
        "A changed accounts, places or opt-out file begins a run for today: who is new "
        "or has moved is visited although the day has landed, who has opted out "
        "leaves. The first look only remembers."
    ),
)
def accounts_file(
    context: dg.SensorEvaluationContext,
) -> dg.SensorResult | dg.SkipReason:
    """Ask for one run of today for each change of the file."""
    digest = accounts_digest(settings.home())
    if digest is None:
        return dg.SkipReason("no accounts file has landed in the home folder yet")
    if context.cursor in (None, digest):
        context.update_cursor(digest)
        return dg.SkipReason("the accounts file is as it was")
    today = datetime.now(UTC).date().isoformat()
    return dg.SensorResult(
        run_requests=[
            dg.RunRequest(
                run_key=f"{today} accounts {digest[:12]}",
                partition_key=today,
                run_config=asking(_to_ask(settings.home()), _crawled()),
            )
        ],
        cursor=digest,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The sensors of this module."""
    return dg.Definitions(sensors=[freshness, failed_run, accounts_file])
