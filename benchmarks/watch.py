"""The whole watch of a page, per core-second, beside changedetection.io and urlwatch.

Run: `python -m benchmarks.watch [--sites 100] [--pages 20] [--rounds 3]`. The pages are
those of `noisy_web`: a nonce, the footer's year and a relative date change every day, a
tenth of the pages change in earnest. All three watch the same addresses through the
same loopback proxy, a day after the other, each as a process of its own as its users
start it; the first day is not counted. Ours is the crawl with landing (WARC, payload
digest, visits) and then the text of every page that came in and its digest; beside it,
without a goal, the product's whole parse of the same pages, and a bare Scrapy spider
that throws them away: no watch that fetches with Scrapy is quicker. Counted is
processor time without what starting up takes (a run with nothing to do). An alert is
false where nothing happened. urlwatch runs with its html2text filter,
changedetection.io with its defaults.
"""

import argparse
import json
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import yaml

from benchmarks.children import Ended, run
from benchmarks.crawl_rate import BARE, bare
from benchmarks.crawl_scale import crawl_command, write_sites
from benchmarks.measured import Measured, Skipped, beside
from benchmarks.noisy_web import changes, url_of
from benchmarks.others import HOW, interpreter_with
from orchestration.replay.process import serving
from orchestration.settings import child_environment
from scrapers.extract.blocks import main_text, text_blocks
from scrapers.extract.html import parse_html
from scrapers.extract.noise import text_digest
from scrapers.landing import landed_days, read_archived, read_visits
from scrapers.parsed import parse_days

_FIRST_DAY = date(2026, 1, 5)
_SOURCE = "company_pages"
_TIMES_CHANGEDETECTION, _TIMES_URLWATCH = 10.0, 1.0
_BARE = "bare Scrapy"


def _day(number: int) -> date:
    return _FIRST_DAY + timedelta(days=7 * number)


@dataclass(frozen=True)
class Watched:
    """A day's watch by one of the three: what it took, and what it said had changed."""

    processor: float
    peak_mb: float
    alerts: frozenset[str]


@dataclass(frozen=True)
class Watcher:
    """One of the three: a function that watches a day."""

    name: str
    watch: Callable[[int], Watched]
    urls: frozenset[str]


@dataclass
class Days:
    """What a watcher took for each counted day, and how its alerts were."""

    per_second: list[float] = field(default_factory=list)
    peak_mb: float = 0.0
    n_false: int = 0
    n_found: int = 0
    n_true: int = 0

    def add(self, watcher: Watcher, day: int, watched: Watched) -> None:
        """Take in one day."""
        true = {url for url in watcher.urls if changes(url, day)}
        self.per_second.append(len(watcher.urls) / watched.processor)
        self.peak_mb = max(self.peak_mb, watched.peak_mb)
        self.n_false += len(watched.alerts - true)
        self.n_found += len(watched.alerts & true)
        self.n_true += len(true)


# --- ours ---------------------------------------------------------------------------


def _digests(home: Path, day: date) -> dict[str, str]:
    """The digest of the text of each page that came in with a day."""
    visits = read_visits(home, _SOURCE, [day]).filter(
        pl.col("outcome") == "ok",
        pl.col("content_type").str.starts_with("text/html"),
        ~pl.col("scope").is_in(["robots", "reservation", "sitemap"]),
    )
    found = {}
    for visit in visits.iter_rows(named=True):
        body = read_archived(home, _SOURCE, visit).body
        root = parse_html(body, visit["content_type"])
        found[visit["url"]] = text_digest(main_text(text_blocks(root)))
    return found


class _Ours:
    def __init__(self, home: Path, proxy: str, urls: Sequence[str]) -> None:
        self._home, self._proxy = home, proxy
        self.urls = frozenset(urls)
        self._last: dict[str, str] = {}
        self.whole_parse: list[float] = []

    def _child(self, what: str, day: date) -> Ended:
        command = [sys.executable, "-m", "benchmarks.watch", "--step", what]
        command += ["--home", str(self._home), "--day", day.isoformat()]
        return run(command, env=child_environment())

    def watch(self, number: int) -> Watched:
        day = _day(number)
        command = crawl_command(self._home, day, self._proxy, None)
        crawl = run(command, env=child_environment())
        # A day that is complete is not crawled again: what is left is starting up.
        started = run(command, env=child_environment())
        text, nothing = self._child("text", day), self._child("text", date(2000, 1, 1))
        parse, idle = self._child("parse", day), self._child("parse", date(2000, 1, 1))
        digests = json.loads(text.stdout)
        if missing := self.urls - digests.keys():
            raise RuntimeError(
                f"{len(missing)} pages were not watched: {missing.pop()}"
            )
        alerts = {
            url
            for url in self.urls
            if url in self._last and digests[url] != self._last[url]
        }
        self._last = digests
        fetched = crawl.processor - started.processor
        self.whole_parse.append(
            len(self.urls) / (fetched + parse.processor - idle.processor)
        )
        return Watched(
            fetched + text.processor - nothing.processor,
            max(crawl.peak_mb, text.peak_mb),
            frozenset(alerts),
        )


class _BareScrapy:
    def __init__(self, folder: Path, proxy: str, urls: Sequence[str]) -> None:
        folder.mkdir()
        self._script = folder / "bare_spider.py"
        self._script.write_text(BARE)
        self._proxy, self._urls = proxy, list(urls)
        self.urls = frozenset(urls)

    def watch(self, number: int) -> Watched:
        told = bare(self._script, self._urls, _day(number), self._proxy)
        return Watched(told["crawl_cpu_seconds"], 0.0, frozenset())


# --- the others ---------------------------------------------------------------------


class _Urlwatch:
    def __init__(
        self, python: Path, folder: Path, proxy: str, urls: Sequence[str]
    ) -> None:
        folder.mkdir()
        self.urls = frozenset(urls)
        jobs = [
            {"name": url, "url": url, "http_proxy": proxy, "filter": ["html2text"]}
            for url in urls
        ]
        (folder / "urls.yaml").write_text(yaml.safe_dump_all(jobs))
        quiet = {"report": {"stdout": {"enabled": True, "color": False}}}
        (folder / "urlwatch.yaml").write_text(yaml.safe_dump(quiet))
        (folder / "hooks.py").write_text("")
        self._command = [python.with_name("urlwatch")]
        for flag, name in (
            ("--urls", "urls.yaml"),
            ("--config", "urlwatch.yaml"),
            ("--hooks", "hooks.py"),
            ("--cache", "cache.db"),
        ):
            self._command += [flag, folder / name]

    def watch(self, _: int) -> Watched:
        environment = child_environment()
        ran = run(self._command, env=environment)
        started = run([*self._command, "--list"], env=environment)
        alerts = {
            words[1]
            for line in ran.stdout.splitlines()
            if len(words := line.split(": ", 1)) == 2 and words[0] == "CHANGED"
        }
        return Watched(
            ran.processor - started.processor, ran.peak_mb, frozenset(alerts)
        )


class _Changedetection:
    def __init__(
        self, python: Path, folder: Path, proxy: str, urls: Sequence[str]
    ) -> None:
        folder.mkdir()
        self._folder = folder
        self.urls = frozenset(urls)
        self._new = [part for url in urls for part in ("-u", url)]
        self._command = [python.with_name("changedetection.io"), "-d", folder]
        self._command += ["-h", "127.0.0.1", "-l", "ERROR"]
        self._environment = child_environment() | {
            "HTTP_PROXY": proxy,
            "ALLOW_IANA_RESTRICTED_ADDRESSES": "true",
            "DISABLE_VERSION_CHECK": "true",
            "MINIMUM_SECONDS_RECHECK_TIME": "0",
        }

    def _versions(self) -> dict[str, int]:
        """How many states of each address it has kept."""
        found = {}
        for file in self._folder.glob("*/watch.json"):
            url = json.loads(file.read_text())["url"]
            history = file.with_name("history.txt")
            found[url] = (
                len(history.read_text().splitlines()) if history.exists() else 0
            )
        return found

    def watch(self, _: int) -> Watched:
        before = self._versions()
        asked = ["-r", "all"] if before else self._new
        ran = run([*self._command, *asked, "-b"], env=self._environment)
        started = run(
            self._command,
            env=self._environment | {"TESTING_SHUTDOWN_AFTER_DATASTORE_LOAD": "1"},
        )
        after = self._versions()
        if missing := [url for url in self.urls if not after.get(url)]:
            raise RuntimeError(
                f"changedetection.io did not fetch {len(missing)} of {len(self.urls)}"
                f" pages, among them {missing[0]}"
            )
        alerts = {url for url, n in after.items() if before and n > before.get(url, 0)}
        return Watched(
            ran.processor - started.processor, ran.peak_mb, frozenset(alerts)
        )


# --- measuring ----------------------------------------------------------------------


def _set_day(proxy: str, number: int) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": proxy}))
    with opener.open(f"http://asked.benchmark/day?{number}") as answer:
        answer.read()


@contextmanager
def _web(pages: int, kilobytes: int) -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.noisy_web"]
    command += ["--pages", str(pages), "--kilobytes", str(kilobytes)]
    with serving(command, env=child_environment()) as web:
        yield web.proxy


def watched(
    sites: int, pages: int, kilobytes: int, rounds: int, most_others: int
) -> tuple[dict[str, Days], list[float], list[str]]:
    """Days of each watcher, pages a second of our whole parse, and who is missing."""
    urls = [url_of(site, page) for site in range(sites) for page in range(pages)]
    found: dict[str, Days] = {}
    missing = []
    with tempfile.TemporaryDirectory() as name, _web(pages, kilobytes) as proxy:
        folder = Path(name)
        write_sites(folder / "home", sites)
        ours = _Ours(folder / "home", proxy, urls)
        scrapy = _BareScrapy(folder / "bare", proxy, urls)
        watchers = [
            Watcher("ours", ours.watch, ours.urls),
            Watcher(_BARE, scrapy.watch, scrapy.urls),
        ]
        for tool, module, make in (
            ("urlwatch", "urlwatch", _Urlwatch),
            ("changedetection.io", "changedetectionio", _Changedetection),
        ):
            python = interpreter_with(module)
            if python is None:
                missing.append(tool)
                continue
            other = make(python, folder / module, proxy, urls[:most_others])
            watchers.append(Watcher(tool, other.watch, other.urls))
        for day in range(rounds + 1):
            _set_day(proxy, day)
            for watcher in watchers:
                told = watcher.watch(day)
                if day > 0:
                    found.setdefault(watcher.name, Days()).add(watcher, day, told)
        return found, ours.whole_parse[1:], missing


def measure(
    sites: int = 100,
    pages: int = 20,
    kilobytes: int = 12,
    rounds: int = 3,
    most_others: int = 1_000,
) -> list[Measured | Skipped]:
    """Ours beside each of the others, and how many alerts were right."""
    found, whole, missing = watched(sites, pages, kilobytes, rounds, most_others)
    ours = found["ours"]
    size = f"{sites} sites of {pages} pages, {kilobytes} kB, {rounds} days"
    results: list[Measured | Skipped] = [
        Skipped(f"watch_{tool}", f"{tool} is not installed; {HOW}") for tool in missing
    ]
    goals = {
        "urlwatch": _TIMES_URLWATCH,
        "changedetection.io": _TIMES_CHANGEDETECTION,
    }
    for tool, goal in goals.items():
        if tool not in found:
            continue
        other = found[tool]
        note = (
            f"of {other.n_true} changes it found {other.n_found}, with"
            f" {other.n_false} false alerts; {other.peak_mb:.0f} MB"
        )
        common = {"peak_mb": ours.peak_mb, "size": size}
        unit = "pages a core-second"
        results.append(
            beside(
                f"watch_{tool}",
                unit,
                ours.per_second,
                tool,
                other.per_second,
                goal,
                note=note,
                **common,
            )
        )
        for name, per_second, what in (
            (
                "whole_parse",
                whole,
                "with people, ads, news, technologies and lists read too",
            ),
            (
                "bare_scrapy",
                found[_BARE].per_second,
                "fetched and thrown away: the most that a watch by Scrapy can reach",
            ),
        ):
            results.append(
                beside(
                    f"watch_{name}_{tool}",
                    unit,
                    per_second,
                    tool,
                    other.per_second,
                    None,
                    note=what,
                    size=size,
                )
            )
    for name, count, of, goal in (
        ("watch_changes_found", ours.n_found, ours.n_true, 1.0),
        ("watch_false_alerts", ours.n_false, len(whole) * sites * pages, 0.0),
    ):
        results.append(
            Measured(
                name=name,
                unit="pages (the ratio is a share)",
                ours=count,
                baseline_name="truth" if goal else "pages looked at",
                baseline=of,
                ratios=(count / of,),
                goal=goal,
                is_ceiling=not goal,
                size=size,
            )
        )
    return results


def _step(what: str, home: Path, day: date) -> None:
    """One step of ours, in a process of its own."""
    if what == "text":
        is_landed = day in landed_days(home, _SOURCE)
        print(json.dumps(_digests(home, day) if is_landed else {}))
        return
    if day in landed_days(home, _SOURCE):
        parse_days(home, _SOURCE, [day], workers=1)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sites", type=int, default=100)
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--step", choices=("text", "parse"), help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--day", type=date.fromisoformat, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step:
        _step(asked.step, asked.home, asked.day)
        return
    for one in measure(asked.sites, asked.pages, rounds=asked.rounds):
        print(one)


if __name__ == "__main__":
    main()
