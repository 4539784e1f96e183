"""Run the graph from the command line: the same job `make dev` shows, in process.

Turns a range of days into a run and a failed run into one sentence per cause. Dagster
takes seconds to import, so it is imported inside the functions.
"""

import fcntl
import logging
import os
import time
import warnings
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration import settings
from orchestration.home_version import claim
from scrapers import store
from scrapers.landing import refuse_damaged_visits

if TYPE_CHECKING:
    import dagster as dg


# Marks runs of a command, which end with its process.
COMMAND_TAG = "lyttepost/command"
_MOST_RETRIES = "dagster/max_retries"
_GOING_ON = ("NOT_STARTED", "STARTING", "STARTED", "CANCELING")
# Of runs that the scheduler or the web server began; those have a process of their own.
_BEGUN = ("STARTING", "STARTED", "CANCELING")
_TO_START_S = 600.0
_PROC = Path("/proc")


class HomeBusy(RuntimeError):
    """Another command works in this home folder."""


@dataclass(frozen=True)
class StepTime:
    """How long one step of a run took."""

    step: str
    seconds: float


@dataclass(frozen=True)
class RunReport:
    """What came of a run, and of those before it that it needed.

    ``broken_sources`` are those whose crawl failed, when nothing else did.
    """

    is_success: bool
    run_id: str
    failures: tuple[str, ...]
    warnings: tuple[str, ...]
    steps: tuple[StepTime, ...]
    broken_sources: tuple[str, ...] = ()

    def after(self, before: Sequence[StepTime]) -> "RunReport":
        """The same with the steps of runs before it; a crawl in shards is one step."""
        seconds: dict[str, float] = defaultdict(float)
        for step in (*before, *self.steps):
            seconds[step.step] += step.seconds
        return replace(self, steps=tuple(StepTime(*item) for item in seconds.items()))


@contextmanager
def alone_in(home: Path, *, with_store: bool = True) -> Iterator[None]:
    """Hold the home folder for this process; the lock dies with it.

    What is new in the store is brought first, and what is new here goes there last.

    Args:
        home: the home folder.
        with_store: leave out for what reads and writes nothing that is kept there.

    Raises:
        HomeBusy: when another process holds it.
        HomeRefused: when a newer Lyttepost has written it.
        StoreFailed: the store cannot be reached, or disagrees with the home.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise HomeBusy(
                f"{home}: another lyttepost command is working here; wait for it, or "
                "use another --home"
            ) from error
        claim(home)
        if with_store:
            store.pull(home)
        yield
        if with_store:
            store.push(home)


def materialise(
    home: Path,
    days: Sequence[date],
    skip_sources: Sequence[str] = (),
    skip_landing: bool = False,
    only_accounts: Sequence[str] = (),
    only_after_models: bool = False,
) -> RunReport:
    """Run the job `observe` over some days, in this process.

    Args:
        home: the home folder.
        days: the days to work on; the last is the partition of the run.
        skip_sources: sources that are left out of the run.
        skip_landing: leave out every crawl and build from what is landed.
        only_accounts: ids of accounts that alone are visited; all when left out.
        only_after_models: score and publish what stands in the warehouse; nothing
            before it is made, no model is built and nothing is sent.

    Raises:
        FileDamaged: the visits of a landed day are not whole; nothing is begun.
    """
    settings.use_home(home)
    refuse_damaged_visits(home)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import dagster as dg

        from orchestration.crawl import LONGEST
        from orchestration.definitions import JOB, build_defs
        from orchestration.defs.daily import SHARDS_JOB, WATCH_JOB
        from orchestration.defs.landing.assets import begin_shard
        from orchestration.defs.partitions import (
            asking,
            shard_key,
            sharded_sources,
            shards_now,
            tag_of,
        )

        logging.getLogger("dagster").setLevel(logging.CRITICAL)
        definitions = build_defs()
        skipped = {("raw", s) for s in skip_sources}
        skipped |= {("parsed", s) for s in skip_sources}
        keys = [
            key
            for key in definitions.resolve_asset_graph().materializable_asset_keys
            if tuple(key.path) not in skipped
            and key.path[0] != "retention"
            and not (skip_landing and key.path[0] == "raw")
        ]
        if only_after_models:
            after = after_models()
            keys = [key for key in keys if "/".join(key.path) in after]
        in_shards = set(sharded_sources())
        sharded = [k for k in keys if k.path[0] == "raw" and k.path[1] in in_shards]
        keys = [key for key in keys if key not in sharded]
        # The events are kept in the instance; the terminal gets progress.
        quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}

        def run(job: str, selected: Sequence[dg.AssetKey], **more: str) -> RunReport:
            sources = [key.path[1] for key in selected if key.path[0] == "raw"]
            result = definitions.resolve_job_def(job).execute_in_process(
                instance=instance,
                asset_selection=list(selected),
                run_config={**quiet, **asking(only_accounts, sources)},
                # Whoever gave the command gives it again, and not the scheduler.
                tags={
                    **tag_of(days),
                    **more,
                    COMMAND_TAG: "yes",
                    _MOST_RETRIES: "0",
                },
                raise_on_error=False,
            )
            return _report(result)

        with dg.DagsterInstance.get() as instance:
            end_killed_runs(instance)
            shards = shards_now() if sharded else ()
            steps: list[StepTime] = []
            if shards:
                is_listed = run(WATCH_JOB, _watch_list(definitions))
                if not is_listed.is_success:
                    return is_listed
                steps += is_listed.steps
            has_longest = any(key.path[1] == LONGEST for key in sharded)
            # A run brings to the store what it finds in the home, whoever is crawling.
            is_alone = only_accounts or store.is_kept()
            ahead = shards if has_longest and not is_alone else ()
            cores = os.cpu_count() or 1
            for number, shard in enumerate(shards):
                # One crawl keeps one core busy: the next shards go on beside it.
                first = number + cores - 1 if number else 0
                for near in ahead[first : number + cores]:
                    begin_shard(home, LONGEST, days, near)
                partition = str(shard_key(max(days), shard))
                report = run(SHARDS_JOB, sharded, **{"dagster/partition": partition})
                if not report.is_success:
                    return report.after(steps)
                steps += report.steps
            return run(JOB, keys).after(steps)


def _watch_list(definitions: "dg.Definitions") -> list["dg.AssetKey"]:
    graph = definitions.resolve_asset_graph()
    keys = graph.materializable_asset_keys
    return [key for key in keys if graph.get(key).group_name == "accounts"]


def after_models() -> frozenset[str]:
    """The assets that Python makes of models, up to what is published; none is sent."""
    from orchestration.defs.crm.assets import CONTRACTED as FOR_CRM
    from orchestration.defs.scores.assets import CONTRACTED as SCORES

    return frozenset({"score_model", *SCORES, *FOR_CRM, "bi/published"})


def end_killed_runs(instance: "dg.DagsterInstance") -> int:
    """Report runs as failed whose command is gone; for who holds the home folder.

    A command that was killed leaves its run as if it were going on, and what needs a
    pool of it would wait for ever.

    Returns:
        How many there were.
    """
    import dagster as dg

    gone = instance.get_runs(
        dg.RunsFilter(
            statuses=[dg.DagsterRunStatus(name) for name in _GOING_ON],
            tags={COMMAND_TAG: "yes"},
        )
    )
    for run in gone:
        instance.report_run_failed(run, "The command of this run was killed.")
    return len(gone)


def end_lost_runs(instance: "dg.DagsterInstance") -> int:
    """Report runs as failed whose process is gone, so that they are begun again.

    A machine that was switched off, or a killed process, leaves a run as if it were
    going on, and what needs a pool of it would wait for ever. Only for who shares the
    processes of the scheduler: a sensor.

    Returns:
        How many there were.
    """
    import dagster as dg

    records = instance.get_run_records(
        dg.RunsFilter(statuses=[dg.DagsterRunStatus(name) for name in _BEGUN])
    )
    gone = [
        record.dagster_run
        for record in records
        if COMMAND_TAG not in record.dagster_run.tags and _is_lost(instance, record)
    ]
    for run in gone:
        instance.report_run_failed(run, "The process of this run is gone.")
    return len(gone)


def _is_lost(instance: "dg.DagsterInstance", record: "dg.RunRecord") -> bool:
    """True when the newest process that a run told of is not there any more."""
    import dagster as dg

    events = instance.all_logs(
        record.dagster_run.run_id, of_type=dg.DagsterEventType.ENGINE_EVENT
    )
    told = [
        (event.timestamp, int(str(entry.value)))
        for event in events
        for name, entry in event.get_dagster_event().engine_event_data.metadata.items()
        if name == "pid"
    ]
    if not told:
        waited_s = time.time() - record.create_timestamp.timestamp()
        return waited_s > _TO_START_S and record.start_time is None
    said_at, process = max(told)
    started_at = _started_at(process)
    # Whoever began after the run told of it is somebody else of the same number.
    return started_at is None or started_at > said_at + 1


def _started_at(process: int) -> float | None:
    """When a process began, in seconds of the epoch; None when there is none.

    Where the system does not tell of processes, all of them are said to be there.
    """
    if not _PROC.exists():
        return 0.0
    try:
        told = (_PROC / str(process) / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name of the program, in brackets, may hold anything.
    ticks = int(told.rpartition(")")[2].split()[19])
    booted = next(
        int(line.split()[1])
        for line in (_PROC / "stat").read_text().splitlines()
        if line.startswith("btime")
    )
    return booted + ticks / os.sysconf("SC_CLK_TCK")


def _report(result: object) -> RunReport:
    import dagster as dg

    assert isinstance(result, dg.ExecuteInProcessResult)
    failures, warned, steps, broken = [], [], [], []
    stopping: list[tuple[str, str]] = []
    for event in result.all_events:
        if event.is_step_failure:
            failures.append(f"{event.step_key}: {_cause(event)}")
            broken.append(str(event.step_key))
        elif event.is_step_success:
            seconds = event.step_success_data.duration_ms / 1000
            steps.append(StepTime(str(event.step_key), seconds))
        elif event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            check = event.asset_check_evaluation_data
            if check.passed:
                continue
            name = f"{check.asset_key.to_user_string()} ({check.check_name})"
            sentence = f"{name}: {check.description or 'not met'}"
            if check.severity == dg.AssetCheckSeverity.ERROR:
                stopping.append((str(check.description), sentence))
            else:
                warned.append(sentence)
    # A check that stopped its step is told once, as the check.
    told = {f"{step}: {why}" for step in broken for why, _ in stopping}
    failures = [f for f in failures if f not in told] + [s for _, s in stopping]
    return RunReport(
        is_success=result.success and not failures,
        run_id=result.run_id,
        failures=tuple(dict.fromkeys(failures)),
        warnings=tuple(warned),
        steps=tuple(steps),
        broken_sources=(
            tuple(step.removeprefix("raw__") for step in broken)
            if len(broken) == len(failures)
            and all(step.startswith("raw__") for step in broken)
            else ()
        ),
    )


def _cause(event: object) -> str:
    import dagster as dg

    assert isinstance(event, dg.DagsterEvent)
    data = event.step_failure_data
    if data.user_failure_data and data.user_failure_data.description:
        return str(data.user_failure_data.description)
    error = data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return error.message.strip() if error is not None else "no reason was given"
