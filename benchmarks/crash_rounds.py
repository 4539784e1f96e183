"""Disturb a run in every way there is, run it again, and compare with an undisturbed.

Run: python -m benchmarks.crash_rounds --rounds 200 --seed 1 [--folder DIR] [--fault F]
A home with fourteen weeks of a small practice market is made once, and the next week is
run step by step, undisturbed, with a copy of the home before each step. A round takes
the copy before a step, disturbs the step by a fault drawn with the seed, and runs the
step again, once. What is then in the home must be what the undisturbed week left: every
visit once, published Parquet byte for byte, the CRM's file and what is remembered as
sent. `--fault "whole command"` disturbs the whole command instead, crawl to CRM.
Must be run as who may mount a tmpfs; about 0.5 GB of disk.

SIGKILL goes to the process group at a moment drawn over the time the step takes
undisturbed. A full disk is a tmpfs that is too small by what is drawn, and larger for
the second try. A cut network is a relay before the market's server that is killed when
it has handed on as many bytes of answers as is drawn, and is back for the second try;
in a replay that is a web that ended, so what the second try must reach is the same as
ever. A jump of the clock moves every time of the home's files by up to 400 days, for
the days themselves are virtual in a replay. Damage to what cannot be made again (a WARC
file of a landed day, its visits.parquet) is told in one sentence and changes nothing
else; with the file put back one run must reach the same.
Nobody in it is real.
"""

import argparse
import fcntl
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from benchmarks import crash_steps
from benchmarks.crash_steps import SOURCES, STEPS, WEEKS, Step, day_of
from orchestration.replay.process import serving
from orchestration.settings import child_environment
from scrapers.landing import day_folder, read_told

COMPANIES = 5
_DEMO = ("demo", "--companies", str(COMPANIES))
_MARKET = ("--seed", "7", "--companies", str(COMPANIES), "--days", "220")
_PATIENCE_S = 600
# Pages that tell of the runs there were, the disturbed one among them.
_OF_RUNS = (
    "published/report/checks",
    "published/report/run.html",
    "published/report/en/run.html",
)


# What was said of a day stays as it was said, also from an archive that lacked
# something: the table of it and the curve on an account's page.
_AS_SAID = (
    "warehouse/account_score_history",
    "published/account_score_history",
    "published/report/account/",
    "published/report/en/account/",
)


_HISTORY_AS_SAID = """
import sys
from pathlib import Path
import polars as pl
from orchestration.scoring.forecast_log import read
from orchestration.scoring.forecasts import log_of
from orchestration.scoring.score_history import differs_from_log
home = Path(sys.argv[1])
table = home / "published" / "current" / "account_score_history.parquet"
print(differs_from_log(pl.read_parquet(table), read(log_of(home))).height)
"""


# --- processes -------------------------------------------------------------------


@dataclass
class Started:
    """A process in a group of its own, with what it says in a file."""

    pid: int
    log: Path
    code: int | None = None

    def wait(self, seconds: float = _PATIENCE_S) -> int | None:
        """The exit code (negative for a signal); None when it still runs."""
        until = time.monotonic() + seconds
        while self.code is None and time.monotonic() < until:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
                self._end_group()
            else:
                time.sleep(0.002)
        return self.code

    def kill(self) -> None:
        """SIGKILL to the whole group."""
        self._end_group()
        self.wait()

    def _end_group(self) -> None:
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    def said(self) -> str:
        """All it wrote."""
        return self.log.read_text("utf-8", "replace")


def started(work: Callable[[], None], log: Path) -> Started:
    """Do the work in a fork of this process, which has imported everything."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        with suppress(OSError):  # the child was quicker
            os.setpgid(pid, pid)
        return Started(pid, log)
    _be_child(work, log)


def _be_child(work: Callable[[], None], log: Path) -> NoReturn:
    code = 1
    try:
        os.setpgid(0, 0)
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(out, 1)
        os.dup2(out, 2)
        work()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException as fault:  # noqa: BLE001 - told in the log
        print(f"{type(fault).__name__}: {fault}", flush=True)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _command(home: Path, *arguments: str) -> Callable[[], None]:
    """The command line, in a fork."""

    def work() -> None:
        from orchestration.cli import main

        sys.argv = ["lyttepost", *arguments, "--home", str(home)]
        main()

    return work


# --- the undisturbed week --------------------------------------------------------


@dataclass
class Week:
    """The homes before each step and after the last, their states, and the times."""

    folder: Path
    proxy: str
    before: dict[str, Path] = field(default_factory=dict)
    after: dict[str, dict[str, str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def steps(self) -> list[Step]:
        """All steps, in order."""
        return [crash_steps.crawl(s, self.proxy) for s in SOURCES] + list(STEPS)

    def warehouses(self) -> dict[str, dict[str, str]]:
        """What is in the warehouse after each step, by its bytes."""
        return {
            told[crash_steps.WAREHOUSE]: {
                k: v for k, v in told.items() if k.startswith("warehouse/")
            }
            for told in self.after.values()
        }

    def whole(self) -> tuple[dict[str, str], tuple[str, ...]]:
        """The state after the command that runs all steps, and what is the clock's.

        The steps here leave out what only Dagster's graph adds (the newest day's
        table, its history, the run's own). What two undisturbed commands leave
        differently is the clock's. Made when a round first asks, and kept.

        Raises:
            ValueError: the command fails though nothing disturbed it.
        """
        kept = self.folder / "whole.json"
        if not kept.exists():
            states = []
            for _ in range(2):
                home = _copied(self.before[STEPS[0].name], self.folder / "whole")
                child = started(_command(home, "publish"), self.folder / "whole.log")
                if child.wait() != 0:
                    raise ValueError(f"fails undisturbed: {_last_line(child.said())}")
                states.append(_state(home, self.folder / "whole.log"))
                shutil.rmtree(home)
            clocks = crash_steps.differences(*states)
            kept.write_text(json.dumps({"state": states[0], "clocks": clocks}))
        told = json.loads(kept.read_text())
        return told["state"], tuple(told["clocks"])


def _copied(home: Path, target: Path, step: Step | None = None) -> Path:
    """A copy of a home; for a step that needs neither Dagster nor dbt, without theirs.

    A warehouse that the step does not write is not copied, but the same file.
    """
    if target.exists():
        shutil.rmtree(target)
    is_light = step is not None and step.name != "dbt build"
    writes = step is None or step.name in ("dbt build", "score")

    def copied(source: str, copy: str) -> str:
        if not writes and source.endswith(".duckdb"):
            os.link(source, copy)
            return copy
        return str(shutil.copy2(source, copy))

    left_out = shutil.ignore_patterns("dagster", "dbt") if is_light else None
    shutil.copytree(home, target, symlinks=True, ignore=left_out, copy_function=copied)
    return target


def _state(
    home: Path, log: Path, known: dict[str, dict[str, str]] | None = None
) -> dict[str, str]:
    """The state of a home, read by a fork: Polars never runs in this process.

    Raises:
        ValueError: with why the home has none.
    """
    found = home.parent / "state.txt"
    found.unlink(missing_ok=True)

    def work() -> None:
        told = crash_steps.state(home, known)
        found.write_text("\n".join(f"{k}\t{v}" for k, v in told.items()))

    child = started(work, log)
    if child.wait() != 0:
        raise ValueError(_last_line(child.said()))
    lines = found.read_text().splitlines()
    return dict(line.split("\t") for line in lines)


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip()[:300] if lines else "it said nothing"


def undisturbed(folder: Path, proxy: str) -> Week:
    """Run the week step by step, with a copy of the home before each step.

    Raises:
        RuntimeError: a step failed though nothing disturbed it.
    """
    week = Week(folder, proxy)
    base, now, log = folder / "base", folder / "now", folder / "step.log"
    kept = folder / "week.json"
    if kept.exists():
        told = json.loads(kept.read_text())
        week.after, week.seconds = told["after"], told["seconds"]
        week.before = {step.name: _before(folder, step) for step in week.steps()}
        return week
    if not (folder / "base.whole").exists():
        shutil.rmtree(base, ignore_errors=True)
        child = started(_command(base, *_DEMO, "--weeks", str(WEEKS)), log)
        if child.wait() != 0:
            raise RuntimeError(f"the base could not be made: {child.said()[-2000:]}")
        (folder / "base.whole").touch()
    _copied(base, now)
    for step in week.steps():
        week.before[step.name] = _copied(now, _before(folder, step))
        begun = time.monotonic()
        child = started(lambda step=step: step.run(now), log)  # type: ignore[misc]
        if child.wait() != 0:
            raise RuntimeError(f"{step.name} failed: {child.said()[-2000:]}")
        week.seconds[step.name] = time.monotonic() - begun
        week.after[step.name] = _state(now, log)
        _tell(f"undisturbed: {step.name} in {week.seconds[step.name]:.2f} s")
    kept.write_text(json.dumps({"after": week.after, "seconds": week.seconds}))
    return week


def _before(folder: Path, step: Step) -> Path:
    return folder / "before" / re.sub(r"\W+", "_", step.name)


def _tell(line: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {line}", file=sys.stderr, flush=True)


# --- rounds ----------------------------------------------------------------------


@dataclass
class Round:
    """One round: where it is, by what it is drawn, and the undisturbed week."""

    week: Week
    home: Path
    chance: random.Random

    @property
    def log(self) -> Path:
        """Where a process of the round writes."""
        return self.home.with_name("round.log")

    def begin(self, step: Step, home: Path | None = None) -> Started:
        """Start a step on the home of the round."""
        return started(lambda: step.run(home or self.home), self.log)

    def again(self, step: Step, home: Path | None = None) -> None:
        """Run the step once more; the home must then be what it is undisturbed.

        Raises:
            ValueError: with what is not the same, or why the step fails.
        """
        child = self.begin(step, home)
        if child.wait() != 0:
            raise ValueError(f"fails when run again: {_last_line(child.said())}")
        self.must_be(self.week.after[step.name], home)

    def must_be(
        self, wanted: dict[str, str], home: Path | None = None, *but: str
    ) -> None:
        """Hold the home against a state.

        Raises:
            ValueError: with the first names that are not the same.
        """
        found = _state(home or self.home, self.log, self.week.warehouses())
        odd = crash_steps.differences(found, wanted, *but)
        if odd:
            raise ValueError(f"not the same: {', '.join(odd[:6])} ({len(odd)} in all)")

    def must_be_whole(self, *but: str) -> None:
        """Hold the home against one in which the whole command ran undisturbed.

        Args:
            but: names that are held against something else.

        Raises:
            ValueError: with the first names that are not the same.
        """
        wanted, clocks = self.week.whole()
        self.must_be(wanted, None, *clocks, *_OF_RUNS, *but)

    def history_must_be_as_said(self) -> None:
        """Hold the published history of scores against the log of forecasts.

        Raises:
            ValueError: when a day that was written down is told otherwise.
        """
        # In a process of its own: Polars' threads do not live through the forks here.
        asked = [sys.executable, "-c", _HISTORY_AS_SAID, str(self.home)]
        odd = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
        if odd.strip() != "0":
            raise ValueError(f"{odd.strip()} rows of history are not as they were said")

    def published_is_whole(self, home: Path | None = None) -> None:
        """What a reader meets right after the fault is one version, and whole.

        Raises:
            ValueError: when it is not.
        """
        crash_steps.published(home or self.home)


Fault = Callable[[Round], None]


def killed(step: Step, times: int = 1) -> Fault:
    """SIGKILL at a moment of the step, or of several tries one after the other."""

    def fault(at: Round) -> None:
        _copied(at.week.before[step.name], at.home, step)
        for _ in range(times):
            child = at.begin(step)
            child.wait(at.chance.uniform(0, 1.1 * at.week.seconds[step.name]))
            child.kill()
        at.published_is_whole()
        at.again(step)

    return fault


def _size(home: Path) -> int:
    """Bytes that the home takes on a tmpfs, in whole pages."""
    return sum(-(-f.lstat().st_size // 4096) * 4096 for f in home.rglob("*"))


@contextmanager
def _small_disk(folder: Path, size: int) -> Iterator[Callable[[int], None]]:
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True
    )

    def resize(size: int) -> None:
        remount = ["mount", "-o", f"remount,size={size}", str(folder)]
        subprocess.run(remount, check=True)

    try:
        yield resize
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def disk_full(step: Step) -> Fault:
    """No space left on the device, after as many bytes as is drawn."""

    def fault(at: Round) -> None:
        before = at.week.before[step.name]
        size = _size(before)
        left = int(at.chance.uniform(0, 1) ** 2 * 4_000_000)
        disk = at.home.with_name("disk")
        with _small_disk(disk, 2 * size + 50_000_000) as resize:
            home = _copied(before, disk / "home")
            used = os.statvfs(disk)
            taken = (used.f_blocks - used.f_bfree) * used.f_frsize
            resize(taken + left)
            child = at.begin(step, home)
            child.wait()
            if child.code not in (0, 1, 2):
                raise ValueError(f"ends with {child.code} on a full disk")
            at.published_is_whole(home)
            resize(2 * size + 100_000_000)
            at.again(step, home)

    return fault


_RELAY = """
import asyncio, os, signal, sys
left = int(sys.argv[3])
async def pump(reader, writer, counts):
    global left
    try:
        while data := await reader.read(65536):
            writer.write(data[:left] if counts else data)
            left -= len(data) * counts
            if left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)
            await writer.drain()
    finally:
        writer.close()
async def meet(reader, writer):
    there, back = await asyncio.open_connection("127.0.0.1", int(sys.argv[1]))
    await asyncio.gather(pump(reader, back, False), pump(there, writer, True),
                         return_exceptions=True)
async def main():
    server = await asyncio.start_server(meet, "127.0.0.1", int(sys.argv[2]))
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


def _relay(
    market: str, port: int = 0, n_bytes: int = sys.maxsize
) -> "tuple[subprocess.Popen[str], int]":
    """A relay before the market's server, and its port.

    Args:
        market: address of the server.
        port: of the relay; 0 for a free one.
        n_bytes: it hands on so many bytes of answers, and is killed.
    """
    asked = (market.rsplit(":", 1)[1], str(port), str(n_bytes))
    child = subprocess.Popen(
        [sys.executable, "-c", _RELAY, *asked],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    return child, int(child.stdout.readline())


def network_cut(source: str) -> Fault:
    """The market's server is gone at a moment of the crawl, and back for the second."""

    def fault(at: Round) -> None:
        undisturbed = crash_steps.crawl(source, at.week.proxy)
        _copied(at.week.before[undisturbed.name], at.home, undisturbed)
        told = read_told(
            day_folder(_home_after(at.week, undisturbed), source, day_of(WEEKS))
        )
        assert told is not None
        # Scrapy's own count of the answers, heads included, is near enough.
        n_bytes = int(at.chance.uniform(1, 1.1 * told["bytes"]))
        relay, port = _relay(at.week.proxy, n_bytes=n_bytes)
        try:
            step = crash_steps.crawl(source, f"http://127.0.0.1:{port}")
            child = at.begin(step)
            if child.wait() is None:
                child.kill()
                raise ValueError("does not end when the network is cut")
            relay.kill()
            relay.wait()
            relay, _ = _relay(at.week.proxy, port)
            at.again(step)
        finally:
            relay.kill()
            relay.wait()

    return fault


def damage(file: Path, chance: random.Random) -> str:
    """Cut off the tail of a file, or write garbage over it; what was done."""
    content = file.read_bytes()
    n = chance.randint(1, max(1, min(len(content), 4_000) - 1))
    if chance.random() < 0.5:
        file.write_bytes(content[:-n])
        return f"the last {n} bytes cut off"
    file.write_bytes(content[:-n] + chance.randbytes(n))
    return f"the last {n} bytes overwritten"


def torn_in_flight(what: str) -> Fault:
    """A killed crawl, and then the tail of its newest WARC or journal damaged."""

    def fault(at: Round) -> None:
        source = "company_pages"
        step = crash_steps.crawl(source, at.week.proxy)
        _copied(at.week.before[step.name], at.home, step)
        child = at.begin(step)
        child.wait(at.chance.uniform(0.3, 1.0) * at.week.seconds[step.name])
        child.kill()
        day = at.home / "landing" / source / f"day={day_of(WEEKS)}"
        files = sorted(day.glob(what))
        if files and files[-1].stat().st_size and not (day / "_crawl.json").exists():
            damage(files[-1], at.chance)
        at.again(step)

    return fault


def _some(files: Sequence[Path], chance: random.Random) -> Path:
    return chance.choice(sorted(files))


def damaged_and_made_again(step: Step, pattern: str) -> Fault:
    """The tail of a Parquet file that can be made again is damaged after its step."""

    def fault(at: Round) -> None:
        _copied(_home_after(at.week, step), at.home, step)
        damage(_some(list(at.home.glob(pattern)), at.chance), at.chance)
        at.again(step)

    return fault


def _home_after(week: Week, step: Step) -> Path:
    names = [s.name for s in week.steps()]
    at = names.index(step.name) + 1
    return week.before[names[at]] if at < len(names) else week.folder / "now"


def damaged_for_good(pattern: str, *, spared: bool) -> Fault:
    """The tail of what cannot be made again: told in one sentence, nothing else lost.

    Args:
        pattern: the files of the archive.
        spared: the run goes on without what is damaged, and says so; else it is
            refused before anything is changed.
    """

    def fault(at: Round) -> None:
        parse = STEPS[0]
        _copied(at.week.before[parse.name], at.home)
        file = _some(list(at.home.glob(pattern)), at.chance)
        content = file.read_bytes()
        damage(file, at.chance)
        child = started(_command(at.home, "publish"), at.log)
        child.wait()
        told = [line for line in child.said().splitlines() if "damaged" in line]
        if not any(file.name in line or str(file) in line for line in told):
            raise ValueError(
                f"does not tell that {file.name} is damaged: {_last_line(child.said())}"
            )
        if spared != (child.code == 0):
            raise ValueError(f"ends with {child.code}: {_last_line(child.said())}")
        at.published_is_whole()
        if not spared:
            before = crash_steps.published(at.week.before[parse.name])
            if crash_steps.published(at.home) != before:
                raise ValueError("published something else from what is damaged")
        file.write_bytes(content)
        child = started(_command(at.home, "publish"), at.log)
        if child.wait() != 0:
            raise ValueError(f"fails when run again: {_last_line(child.said())}")
        at.history_must_be_as_said()
        # A run that went on without the damaged file has said what it saw.
        at.must_be_whole(*(_AS_SAID if spared else ()))

    return fault


def clock_jump(step: Step) -> Fault:
    """All times of the home's files, as if the clock had been somewhere else."""

    def fault(at: Round) -> None:
        _copied(at.week.before[step.name], at.home, step)
        shift = at.chance.uniform(-400, 400) * 86_400
        for file in at.home.rglob("*"):
            if not file.is_symlink():
                moment = file.stat().st_mtime + shift
                os.utime(file, (moment, moment))
        # And what the first try wrote is from another time than what the second reads.
        child = at.begin(step)
        child.wait(at.chance.uniform(0, 1.1 * at.week.seconds[step.name]))
        child.kill()
        for file in at.home.rglob("*"):
            if not file.is_symlink() and at.chance.random() < 0.5:
                moment = time.time() - shift
                os.utime(file, (moment, moment))
        at.again(step)

    return fault


def two_publishers(at: Round) -> None:
    """Two publishers at once, begun a moment apart: both end well, or one waits."""
    step = next(s for s in STEPS if s.name == "publish")
    _copied(at.week.before[step.name], at.home, step)
    one = at.begin(step)
    one.wait(at.chance.uniform(0, at.week.seconds[step.name]))
    two = started(lambda: step.run(at.home), at.log.with_name("other.log"))
    codes = (one.wait(), two.wait())
    if codes != (0, 0):
        raise ValueError(f"end with {codes}: {_last_line(two.said())}")
    at.must_be(at.week.after[step.name])
    at.again(step)


def two_commands(at: Round) -> None:
    """A command begun while another works in the home: refused in one sentence."""
    _copied(at.week.folder / "now", at.home)
    one = started(_command(at.home, "publish"), at.log)
    while not (at.home / ".lock").exists() or not _is_held(at.home / ".lock"):
        if one.wait(0.05) is not None:
            raise ValueError(f"ends early: {_last_line(one.said())}")
    one.wait(at.chance.uniform(0, 3))
    two = started(_command(at.home, "publish"), at.log.with_name("other.log"))
    two.wait()
    last = _last_line(two.said())
    is_refused = two.code == 1 and "another lyttepost command" in last
    if not is_refused and one.code is None:
        raise ValueError(f"the second command ends with {two.code}: {last}")
    if one.wait() != 0:
        raise ValueError(f"the first command fails: {_last_line(one.said())}")
    at.must_be_whole()


def _is_held(lock: Path) -> bool:
    with lock.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def whole_command_killed(at: Round) -> None:
    """The command of the week, from crawl to CRM, killed somewhere; then run again."""
    _copied(at.week.folder / "base", at.home)
    command = _command(at.home, *_DEMO, "--weeks", str(WEEKS + 1))
    child = started(command, at.log)
    child.wait(at.chance.uniform(2, 1.3 * sum(at.week.seconds.values()) + 8))
    child.kill()
    at.published_is_whole()
    child = started(command, at.log)
    if child.wait() != 0:
        raise ValueError(f"fails when run again: {_last_line(child.said())}")
    at.must_be_whole()


def faults(week: Week) -> dict[str, tuple[Fault, float]]:
    """Every fault by name, and how often it is drawn."""
    crawls = {s: crash_steps.crawl(s, week.proxy) for s in SOURCES}
    by_name = {step.name: step for step in STEPS}
    made: dict[str, tuple[Fault, float]] = {}
    for source, step in crawls.items():
        often = 3.0 if source == "company_pages" else 0.7
        made[f"SIGKILL in the crawl of {source}"] = killed(step), often
    made["SIGKILL thrice in the crawl"] = killed(crawls["company_pages"], times=3), 1.0
    for step in STEPS:
        often = 0.15 if step.name == "dbt build" else 2.0
        made[f"SIGKILL in {step.name}"] = killed(step), often
    made["disk full in the crawl"] = disk_full(crawls["company_pages"]), 1.5
    for step in STEPS:
        often = 0.1 if step.name == "dbt build" else 1.0
        made[f"disk full in {step.name}"] = disk_full(step), often
    made["network cut in the crawl"] = network_cut("company_pages"), 2.0
    made["network cut in the crawl of a feed"] = network_cut("nav_jobs"), 0.7
    made["WARC tail, day in flight"] = torn_in_flight("*.warc.gz"), 1.5
    made["journal tail, day in flight"] = torn_in_flight("_journal.jsonl"), 1.5
    parsed = damaged_and_made_again(by_name["parse"], "parsed/*/day=*/*.parquet")
    made["Parquet tail, parsed"] = parsed, 2.0
    observed = damaged_and_made_again(by_name["gate"], "observed/*/source=*/*.parquet")
    made["Parquet tail, observed"] = observed, 2.0
    out = damaged_and_made_again(by_name["publish"], "published/current/*.parquet")
    made["Parquet tail, published"] = out, 1.0
    day = f"landing/company_pages/day={day_of(WEEKS)}"
    made["WARC tail, landed day"] = damaged_for_good(f"{day}/*.gz", spared=True), 0.15
    visits = damaged_for_good(f"{day}/visits.parquet", spared=False)
    made["Parquet tail, landed visits"] = visits, 0.15
    for name in ("parse", "gate", "publish", "CRM csv sync"):
        made[f"clock jump in {name}"] = clock_jump(by_name[name]), 0.8
    made["two publishers at once"] = two_publishers, 1.5
    made["two commands at once"] = two_commands, 0.1
    made["whole command killed"] = whole_command_killed, 0.0
    return made


# --- the table -------------------------------------------------------------------


def _imports() -> None:
    """Import what the steps need, so that a fork has it."""
    warnings.simplefilter("ignore")
    for name in ("cli", "definitions", "defs.runs"):
        import_module(f"orchestration.{name}")
    import_module("scrapers.crawl_libraries")


def rounds(
    week: Week, n: int, seed: int, only: str | None, first: int = 0
) -> dict[str, list[str]]:
    """Run so many rounds; by fault, what came of each: '' or why it failed."""
    known = faults(week)
    drawn = {name: often for name, (_, often) in known.items() if often}
    if only is not None:
        drawn = {name: 1.0 for name in known if only in name}
        if not drawn:
            raise SystemExit(f"no fault has {only!r} in its name: {sorted(known)}")
    told: dict[str, list[str]] = defaultdict(list)
    for number in range(first, first + n):
        of_round = random.Random(f"{seed}/{number}")
        name = of_round.choices(list(drawn), list(drawn.values()))[0]
        at = Round(week, week.folder / "round" / "home", of_round)
        at.home.parent.mkdir(exist_ok=True)
        begun = time.monotonic()
        try:
            known[name][0](at)
            why = ""
        except ValueError as fault:
            why = f"--seed {seed} round {number}: {fault}"
        told[name].append(why)
        _tell(
            f"round {number}: {name}: {why or 'recovered'}"
            f" ({time.monotonic() - begun:.1f} s)"
        )
    return told


def table(told: dict[str, list[str]]) -> str:
    """Fault, rounds, recovered, and the rounds that failed."""
    lines = ["| fault | rounds | recovered |", "|---|---|---|"]
    for name, whys in sorted(told.items()):
        lines.append(f"| {name} | {len(whys)} | {whys.count('')} |")
    n = sum(map(len, told.values()))
    whole = sum(whys.count("") for whys in told.values())
    lines.append(f"| all | {n} | {whole} |")
    failed = [f"- {name}: {why}" for name, ws in told.items() for why in ws if why]
    return "\n".join([*lines, "", *failed]) if failed else "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--first", type=int, default=0, help="Number of the first round."
    )
    parser.add_argument("--folder", type=Path, default=Path("crash_rounds"))
    parser.add_argument("--fault", help="Only faults with this in their name.")
    asked = parser.parse_args()
    folder = asked.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / ".lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise SystemExit(f"{folder}: other rounds are run here; use another") from None
    _imports()
    command = [sys.executable, "-m", "practice_market", "serve", *_MARKET]
    with serving(command, env=child_environment()) as web:
        week = undisturbed(folder, web.proxy)
        told = rounds(week, asked.rounds, asked.seed, asked.fault, asked.first)
    print(table(told))
    if any(why for whys in told.values() for why in whys):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
