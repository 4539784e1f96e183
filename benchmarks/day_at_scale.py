"""A whole day of very many accounts, by step: what it takes, and what ends it first.

Run: `python -m benchmarks.day_at_scale [--accounts 20000] [--pages 20]`. The web is
`loopback_web`; the day runs as `lyttepost replay` runs it: Dagster's job in one
process, crawls in a child, one dbt build, scores, publishing. Of the sources only
companies' own pages are asked. The second day in a home is counted (the first sets up
the warehouse); its bytes are those of the first. What a step takes is told by the
clock, and for an account. Orchestration is what is left of the whole when crawl, parse,
gate, dbt's nodes, scoring and publishing are taken away: Dagster, dbt's start and
parsing of its project, imports, bookkeeping. The ceiling is what a day of 86,400 s
holds if every step grows with the accounts.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from benchmarks.children import Ended, run
from benchmarks.crawl_scale import write_sites
from benchmarks.measured import Measured
from orchestration.replay.process import serving
from orchestration.settings import child_environment

_DAYS = (date(2026, 1, 5), date(2026, 1, 12))
_SOURCE = "company_pages"
_OVERHEAD, _MEMORY_GB = 0.15, 8.0
_DAY_SECONDS = 86_400
_OF_STEP = (
    ("raw__", "crawl"),
    ("parsed__", "parse"),
    ("observed__", "gate"),
    ("landing__", "gate"),
    ("warehouse", "dbt"),
)


@dataclass(frozen=True)
class Day:
    """A day's run: seconds by step, those of the whole, and memory."""

    seconds: dict[str, float]
    clock: float
    processor: float
    peak_mb: float
    landed_bytes: int
    all_bytes: int

    @property
    def orchestration(self) -> float:
        """Seconds that are no step's."""
        return self.clock - sum(self.seconds.values())


def _group(step: str) -> str:
    for start, name in _OF_STEP:
        if step.startswith(start):
            return name
    return "score and publish"


def _run_day(home: Path, proxy: str, day: date) -> None:
    """In a process of its own: the day's job, and what its steps took as JSON."""
    from orchestration import settings
    from orchestration.defs.runs import alone_in, materialise
    from scrapers.source import source_names

    skipped = [name for name in source_names() if name != _SOURCE]
    with alone_in(home):
        settings.set_replay(settings.Replay(proxy))
        report = materialise(home, [day], skip_sources=skipped)
    if not report.is_success:
        raise SystemExit("\n".join(report.failures))
    print(json.dumps([[step.step, step.seconds] for step in report.steps]))


def _day(home: Path, proxy: str, day: date) -> Day:
    before = _bytes(home / "landing"), _bytes(home)
    command = [sys.executable, "-m", "benchmarks.day_at_scale", "--step", proxy]
    command += ["--home", str(home), "--day", day.isoformat()]
    ended: Ended = run(command, env=child_environment())
    seconds: dict[str, float] = defaultdict(float)
    for step, took in json.loads(ended.stdout.splitlines()[-1]):
        seconds[_group(step)] += took
    # Of dbt's step only its nodes are work; the rest is its start and its graph.
    dbt = json.loads((home / "dbt" / "run_results.json").read_text())
    seconds["dbt"] = _busy(dbt["results"])
    return Day(
        dict(seconds),
        ended.clock,
        ended.processor,
        ended.peak_mb,
        _bytes(home / "landing") - before[0],
        _bytes(home) - before[1],
    )


def _busy(results: list[dict[str, Any]]) -> float:
    """Seconds in which at least one node of dbt ran, however many ran at a time."""
    spans = sorted(
        (timing["started_at"], timing["completed_at"])
        for row in results
        for timing in row["timing"]
        if timing["name"] == "execute"
    )
    total, end = 0.0, None
    for start, stop in ((_moment(a), _moment(b)) for a, b in spans):
        begin = start if end is None else max(start, end)
        if stop > begin:
            total += stop - begin
            end = stop
    return total


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def days(accounts: int, pages: int, kilobytes: int) -> Iterator[Day]:
    """The first day in a home, and the second."""
    serve = [sys.executable, "-m", "benchmarks.loopback_web"]
    serve += ["--pages", str(pages), "--kilobytes", str(kilobytes)]
    with (
        # What a run that failed leaves behind may still write.
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name,
        serving(serve, env=child_environment()) as web,
    ):
        home = Path(name) / "home"
        write_sites(home, accounts)
        landed = home / "landing" / "_accounts"
        landed.mkdir(parents=True)
        shutil.copy(home / "accounts.csv", landed)
        for day in _DAYS:
            yield _day(home, web.proxy, day)


def told(day: Day, accounts: int) -> str:
    """Seconds by step, and for an account in milliseconds and bytes."""
    parts = {**day.seconds, "orchestration": day.orchestration}
    lines = [
        f"  {name:18} {seconds:8.1f} s  {1000 * seconds / accounts:8.2f} ms an account"
        f"  {100 * seconds / day.clock:5.1f} %"
        for name, seconds in parts.items()
    ]
    ceiling = int(accounts * _DAY_SECONDS / day.clock)
    lines.append(
        f"  {'all':18} {day.clock:8.1f} s, {day.processor:.1f} s of the processor,"
        f" {day.peak_mb:.0f} MB; landed {day.landed_bytes / accounts:.0f} and kept"
        f" {day.all_bytes / accounts:.0f} bytes an account; at this rate"
        f" {ceiling:,} accounts a day"
    )
    return "\n".join(lines)


def measure(
    accounts: int = 20_000, pages: int = 20, kilobytes: int = 12
) -> list[Measured]:
    """Memory, and what orchestration takes of the second day."""
    _, day = tuple(days(accounts, pages, kilobytes))
    size = f"{accounts} accounts of {pages} pages, {kilobytes} kB"
    parts = {**day.seconds, "orchestration": day.orchestration}
    split = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in parts.items())
    return [
        Measured(
            name="orchestration",
            unit="seconds by the clock (the ratio is a share)",
            ours=day.orchestration,
            baseline_name="the whole day",
            baseline=day.clock,
            ratios=(day.orchestration / day.clock,),
            goal=_OVERHEAD,
            is_ceiling=True,
            peak_mb=day.peak_mb,
            size=size,
            note=split,
        ),
        Measured(
            name="day_memory",
            unit="GB (the ratio is GB)",
            ours=day.peak_mb / 1024,
            baseline_name="one GB",
            baseline=1.0,
            ratios=(day.peak_mb / 1024,),
            goal=_MEMORY_GB,
            is_ceiling=True,
            peak_mb=day.peak_mb,
            size=size,
            note=(
                f"{day.clock:.0f} s: {int(accounts * _DAY_SECONDS / day.clock):,}"
                f" accounts a day at this rate; {day.landed_bytes / accounts:.0f} bytes"
                " landed an account"
            ),
        ),
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--kilobytes", type=int, default=12)
    parser.add_argument("--step", help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--day", type=date.fromisoformat, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step:
        _run_day(asked.home, asked.step, asked.day)
        return
    started = time.monotonic()
    both = days(asked.accounts, asked.pages, asked.kilobytes)
    for name, day in zip(("first day", "second day"), both, strict=True):
        print(f"{name}, {asked.accounts} accounts of {asked.pages} pages:")
        print(told(day, asked.accounts), flush=True)
    print(f"{time.monotonic() - started:.0f} s in all")


if __name__ == "__main__":
    main()
