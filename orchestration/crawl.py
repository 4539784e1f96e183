"""Start a crawl as a child process and follow it.

Twisted's reactor cannot start twice in one process and a crawl must not take the
orchestrator's memory with it, so every crawl is a process of its own (STYLE 4.5): on
Linux forked from a server that has imported its libraries, elsewhere
`python -m scrapers.run`. What to crawl is decided by the caller; how, in `scrapers/`.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from threading import Thread
from typing import IO, Any, Protocol

from orchestration.settings import child_environment
from scrapers import forked
from scrapers.crawl_context import NETWORK_GONE
from scrapers.shards import Shard

# The source whose crawl takes longer than all the others: the companies' own sites.
LONGEST = "company_pages"
_PATIENCE_SECONDS = 20
# A fork imports what this process was started as, which imports typer.
_PRELOADED = [forked.LIBRARIES, "typer"]


class CrawlFailed(RuntimeError):
    """A crawl that did not finish; the message is its reason."""


def is_network_gone(error: CrawlFailed) -> bool:
    """True for a crawl that ended because nobody could be reached."""
    return f": {NETWORK_GONE}: " in str(error)


class PastDay(ValueError):
    """A day that cannot be visited because it is past."""


@dataclass(frozen=True)
class CrawlStats:
    """What a crawl did: one entry of Scrapy's stats per day."""

    source: str
    days: tuple[dict[str, Any], ...]
    peak_mb: float = 0.0

    def total(self, key: str) -> float:
        """The sum of one number over the days."""
        return sum(float(d.get(key) or 0) for d in self.days)

    def and_of(self, other: "CrawlStats") -> "CrawlStats":
        """This and another crawl of the source, of other days or accounts."""
        return CrawlStats(
            self.source,
            (*self.days, *other.days),
            max(self.peak_mb, other.peak_mb),
        )

    def outcomes(self) -> dict[str, int]:
        """Visits by outcome, over all days."""
        out: dict[str, int] = {}
        for day in self.days:
            for outcome, n in (day.get("outcomes") or {}).items():
                out[outcome] = out.get(outcome, 0) + int(n)
        return dict(sorted(out.items()))


def refuse_past_days(
    source: str,
    days: Sequence[date],
    today: date,
    serves_history: bool,
    is_replay: bool,
) -> None:
    """Refuse days that a live web cannot show.

    Raises:
        PastDay: for a past day, unless the source serves history or a web is replayed;
            and for a day to come.
    """
    future = [d for d in days if d > today]
    if future and not is_replay:
        raise PastDay(
            f"raw/{source} cannot visit {future[0]}: that day has not come (today is "
            f"{today}, UTC)"
        )
    past = [d for d in days if d < today]
    if past and not serves_history and not is_replay:
        raise PastDay(
            f"raw/{source} cannot visit {past[0]}: the crawl cannot visit the past and "
            f"this source serves no history; materialise {today}, or replay a recorded "
            "web with `lyttepost replay`"
        )


# Crawls that were started before their asset asks for them.
_AHEAD: dict[tuple[str, Path, Shard | None], "Future[CrawlStats]"] = {}


def crawl_ahead(
    source: str,
    home: Path,
    days: Sequence[date],
    proxy: str | None,
    on_day: Callable[[dict[str, Any]], None] | None = None,
    shard: Shard | None = None,
) -> None:
    """Start a crawl in a thread; `crawl` of the same source and shard waits for it.

    One crawl keeps one core busy, and another can run beside it. What it raises is
    raised by `crawl`. The arguments are those of `crawl`.
    """
    future: Future[CrawlStats] = Future()

    def work() -> None:
        try:
            future.set_result(_crawl(source, home, days, proxy, on_day, shard=shard))
        except BaseException as fault:  # noqa: BLE001 - handed to whom it concerns
            future.set_exception(fault)

    _AHEAD[source, home, shard] = future
    Thread(target=work, daemon=True).start()


def crawl(
    source: str,
    home: Path,
    days: Sequence[date],
    proxy: str | None,
    on_day: Callable[[dict[str, Any]], None] | None = None,
    max_pages: int | None = None,
    only_accounts: Sequence[str] = (),
    shard: Shard | None = None,
) -> CrawlStats:
    """Crawl one source for some days in a child process and wait for it.

    Args:
        source: name of the source.
        home: the home folder; accounts are read from it and landing written to it.
        days: days to crawl, in order.
        proxy: address of the replay proxy, or None for the real web.
        on_day: called with the child's line for each day it finished.
        max_pages: of each account at most; what the source says when left out.
        only_accounts: ids of accounts that alone are asked; all when left out. A day
            that has landed is added to.
        shard: the share of the accounts that is asked; all when left out.

    Raises:
        CrawlFailed: with the child's reason when it ends in failure. Whatever ends this
            call early (a cancelled run, an interrupt) stops the child first.
    """
    begun = _AHEAD.pop((source, home, shard), None)
    if begun is not None:
        return begun.result()
    return _crawl(source, home, days, proxy, on_day, max_pages, only_accounts, shard)


def _crawl(
    source: str,
    home: Path,
    days: Sequence[date],
    proxy: str | None,
    on_day: Callable[[dict[str, Any]], None] | None = None,
    max_pages: int | None = None,
    only_accounts: Sequence[str] = (),
    shard: Shard | None = None,
) -> CrawlStats:
    with tempfile.TemporaryDirectory() as folder:
        stats_file = Path(folder) / "stats.json"
        log_file = Path(folder) / "log.txt"
        arguments = [
            "--source",
            source,
            "--home",
            str(home),
            "--accounts",
            str(home / "accounts" / "accounts.parquet"),
            "--days",
            ",".join(d.isoformat() for d in days),
            "--stats",
            str(stats_file),
        ]
        if proxy:
            arguments += ["--replay-proxy", proxy]
        if max_pages is not None:
            arguments += ["--max-pages", str(max_pages)]
        if only_accounts:
            arguments += ["--only-accounts", json.dumps(list(only_accounts))]
        if shard is not None:
            arguments += ["--shard", shard.name]
        child = _begun(arguments, log_file)
        try:
            for line in child.lines:
                if on_day is not None and line.startswith("{"):
                    on_day(json.loads(line))
            child.wait(None)
        finally:
            _stop(child)
        stats = json.loads(stats_file.read_text()) if stats_file.exists() else {}
        code = child.exit_code
        if code != 0:
            reason = stats.get("error") or _last_lines(log_file)
            raise CrawlFailed(
                f"the crawl of {source} ended with exit code {code}: {reason}"
            )
        return CrawlStats(
            source, tuple(stats.get("days", ())), float(stats.get("peak_mb", 0))
        )


class _Child(Protocol):
    """The process of a crawl, however it was started."""

    lines: IO[str]

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative when a signal ended it."""

    def wait(self, seconds: float | None) -> None:
        """Wait until it has ended, or so long."""

    def ask_to_end(self) -> None:
        """Send SIGTERM, after which a crawl writes what it has."""

    def kill(self) -> None:
        """Send SIGKILL."""


class _Forked:
    """A fork of the server that has the libraries of a crawl."""

    def __init__(self, arguments: Sequence[str], log_file: Path) -> None:
        context = get_context("forkserver")
        context.set_forkserver_preload(_PRELOADED)
        heard, told = context.Pipe(duplex=False)
        # A daemon: it is ended with this process, not waited for.
        self._process = context.Process(
            target=forked.crawl,
            args=(arguments, child_environment(), Path.cwd(), told, log_file),
            daemon=True,
        )
        self._process.start()
        told.close()
        self.lines: IO[str] = os.fdopen(os.dup(heard.fileno()), encoding="utf-8")
        heard.close()

    @property
    def exit_code(self) -> int | None:
        return self._process.exitcode

    def wait(self, seconds: float | None) -> None:
        self._process.join(seconds)

    def ask_to_end(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()


class _Started:
    """A new interpreter, where there is no fork or forking is not safe."""

    def __init__(self, arguments: Sequence[str], log_file: Path) -> None:
        with log_file.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "scrapers.run", *arguments],
                stdout=subprocess.PIPE,
                stderr=log,
                env=child_environment(),
                text=True,
            )
        assert self._process.stdout is not None
        self.lines: IO[str] = self._process.stdout

    @property
    def exit_code(self) -> int | None:
        return self._process.poll()

    def wait(self, seconds: float | None) -> None:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)

    def ask_to_end(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()


def _begun(arguments: Sequence[str], log_file: Path) -> _Child:
    if sys.platform == "linux":
        return _Forked(arguments, log_file)
    return _Started(arguments, log_file)


def _stop(child: _Child) -> None:
    if child.exit_code is None:
        child.ask_to_end()
        child.wait(_PATIENCE_SECONDS)
        if child.exit_code is None:
            child.kill()
            child.wait(None)
    child.lines.close()


def _last_lines(log_file: Path, n: int = 6) -> str:
    lines = (
        log_file.read_text(errors="replace").strip().splitlines()
        if log_file.exists()
        else []
    )
    return " | ".join(lines[-n:]) or "it said nothing"
