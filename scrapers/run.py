"""The child process that crawls: one source, some days, in order.

`python -m scrapers.run --source S --home H --accounts FILE --days D1,D2 …`
With `--shard 02of08` one share of the accounts is asked, and lands beside the others.

Prints one JSON line per finished day on stdout, logs on stderr, and writes a stats
file. The exit code is made here: 0 only when every day finished. Started again after a
kill it goes on where it was: what has landed is answered from the archive.
"""

import argparse
import asyncio
import gc
import json
import logging
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import polars as pl
from scrapy.settings import Settings
from scrapy.utils.reactor import install_reactor

from scrapers.account import Account, opted_out_domains, read_accounts
from scrapers.crawl_context import CrawlContext, CrawlStopped, KnownVisit
from scrapers.landing import (
    ONLY_ACCOUNTS,
    Landing,
    day_folder,
    is_whole_day,
    is_whole_shard,
)
from scrapers.log_lines import log_to_stderr
from scrapers.memory import peak_mb
from scrapers.settings import (
    CrawlSettings,
    crawl_settings,
    logs_json,
    secret_of,
)
from scrapers.shards import Shard, ids_in, shard_named
from scrapers.source import SourceRefused, SourceSpec, load_source, load_spider
from scrapers.suppression import read_suppressed
from scrapers.visit import ANSWERED

REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
# uvloop is not made for Windows.
EVENT_LOOP = None if sys.platform == "win32" else "uvloop.Loop"
# More failing callbacks than this share of the visits is a broken spider, not a page.
_CALLBACK_FAULTS = 0.05
_DNS_CACHE = 10_000
_LOG = logging.getLogger(__name__)


@dataclass
class Job:
    """What this process was asked to do, and what it has done so far."""

    spec: SourceSpec
    home: Path
    accounts: tuple[Account, ...]
    opted_out: frozenset[str]
    days: tuple[date, ...]
    proxy: str | None
    settings: CrawlSettings
    # Ids of the accounts that alone are asked; empty: all of them.
    only: tuple[str, ...] = ()
    # With it, the accounts are the shard's; the ids are of all that are in it.
    shard: Shard | None = None
    shard_ids: frozenset[str] = frozenset()
    done: list[dict[str, Any]] = field(default_factory=list)
    error: str | None = None
    is_stopping: bool = False


def scrapy_settings(job: Job, day: date) -> Settings:
    """Scrapy's settings for one day: polite on the real web, quick in a replay."""
    is_replay = job.proxy is not None
    off = dict.fromkeys(
        (
            "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware",
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware",
            "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware",
            "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware",
            "scrapy.downloadermiddlewares.redirect.RedirectMiddleware",
            "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware",
            "scrapy.downloadermiddlewares.cookies.CookiesMiddleware",
            "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware",
        )
    )
    settings = Settings(
        {
            "USER_AGENT": job.settings.user_agent,
            "ROBOTSTXT_OBEY": True,
            "ROBOTSTXT_USER_AGENT": "Lyttepost",
            "COOKIES_ENABLED": False,
            "TELNETCONSOLE_ENABLED": False,
            "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
            "HTTPERROR_ALLOW_ALL": True,
            "REFERRER_POLICY": "no-referrer",
            "LOG_LEVEL": "WARNING",
            "LOGSTATS_INTERVAL": 0,
            "DOWNLOAD_MAXSIZE": job.settings.max_payload_bytes,
            "DOWNLOAD_WARNSIZE": 0,
            "DOWNLOAD_VERIFY_CERTIFICATES": True,
            "DOWNLOAD_FAIL_ON_DATALOSS": False,
            "DOWNLOAD_TIMEOUT": job.settings.timeout_s,
            "REDIRECT_MAX_TIMES": 5,
            "RETRY_ENABLED": not is_replay,
            "RETRY_TIMES": 2,
            "RETRY_HTTP_CODES": [500, 502, 503, 504, 522, 524, 408],
            "CONCURRENT_REQUESTS": 32 if is_replay else 64,
            "CONCURRENT_REQUESTS_PER_DOMAIN": (
                32 if is_replay else job.spec.concurrency_per_host
            ),
            "DOWNLOAD_DELAY": 0 if is_replay else job.spec.download_delay_s,
            "SCHEDULER_PRIORITY_QUEUE": "scrapers.host_queue.HostQueue",
            "TWISTED_REACTOR": REACTOR,
            "ASYNCIO_EVENT_LOOP": EVENT_LOOP,
            "DOWNLOADER_MIDDLEWARES": {
                **off,
                "scrapers.middlewares.visits.VisitsMiddleware": 50,
                "scrapers.middlewares.robots.RobotsMiddleware": 100,
                "scrapers.middlewares.reservations.ReservationsMiddleware": 110,
                # Below Scrapy's own retries: what asks for time is not tried at once.
                "scrapers.middlewares.patience.PatienceMiddleware": 560,
                "scrapers.middlewares.torn.TornMiddleware": 585,
                "scrapers.middlewares.decoding.DecodingMiddleware": 590,
                "scrapers.middlewares.redirects.RedirectsMiddleware": 600,
            },
            # Scrapy starts this many tasks for each answer; ours yield requests only.
            "CONCURRENT_ITEMS": 1,
            "SPIDER_MIDDLEWARES": {
                "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
                "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
                "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
                "scrapers.middlewares.unique.UniqueRequestsMiddleware": 950,
            },
        }
    )
    if job.settings.browser is not None:
        settings.set("BROWSER", job.settings.browser)
        middlewares = settings.getdict("DOWNLOADER_MIDDLEWARES")
        name = "scrapers.middlewares.browser.BrowserMiddleware"
        settings.set("DOWNLOADER_MIDDLEWARES", {**middlewares, name: 105})
    if is_replay:
        handler = "scrapers.middlewares.replay.ReplayHandler"
        settings.set("DOWNLOAD_HANDLERS", {"http": handler, "https": handler})
        settings.set("REPLAY_PROXY", job.proxy)
        settings.set("REPLAY_DAY", day.isoformat())
    return settings


def known_visits(landing: Landing) -> dict[str, KnownVisit]:
    """What is known from earlier days, by address, for spiders."""
    return {
        known.url: KnownVisit(
            url=known.url,
            scope=known.scope,
            account_id=known.account_id,
            outcome=known.outcome,
            payload_digest=known.payload_digest,
            fetched_on=known.visited_at.date(),
            n_compared=known.n_compared,
            n_changed=known.n_changed,
            compared_days=known.compared_days,
        )
        for known in landing.known.values()
    }


async def crawl_day(job: Job, day: date) -> None:
    """Crawl one day; it is complete on disk only when the crawl finished.

    Raises:
        CrawlStopped: with the reason, when it did not finish.
    """
    from scrapers.middlewares.crawler import LandingCrawler

    started = time.monotonic()
    is_replay = job.proxy is not None
    is_paced = job.settings.is_paced
    was_whole = _is_whole(job, day)
    shard = job.shard
    day_of_shards = day_folder(job.home, job.spec.name, day)
    if shard and was_whole and not (day_of_shards / shard.folder).exists():
        # The day is made of its shards already: what is added goes to the whole.
        shard = None
    landing = Landing(
        job.home,
        job.spec.name,
        day,
        is_replay,
        user_agent=job.settings.user_agent,
        suppressed=read_suppressed(job.home),
        adds=True,
        shard=shard,
        accounts=job.shard_ids,
    )
    crawler = LandingCrawler(
        load_spider(job.spec.name),
        scrapy_settings(job, day),
    )
    crawler.landing = landing
    crawler.context = CrawlContext(
        spec=job.spec,
        home=job.home,
        day=day,
        accounts=job.accounts,
        is_replay=is_replay,
        known=known_visits(landing),
        secret=secret_of(job.spec.needs_setting),
        archived=lambda url, account_id=None: landing.body_before(account_id, url),
        is_paced=not is_replay if is_paced is None else is_paced,
        opted_out=job.opted_out,
    )
    faults: Counter[str] = Counter()
    # Signals hold their receivers weakly, so the name keeps this one.
    on_fault = _on_fault(crawler, faults)
    crawler.signals.connect(on_fault, signal=_spider_error())
    _CURRENT.append(crawler)
    worked = time.process_time()
    try:
        await crawler.crawl_async(crawler.context)
    except BaseException:
        landing.close()
        raise
    finally:
        _CURRENT.remove(crawler)
    worked = time.process_time() - worked
    stats = _stats(crawler, landing, faults, time.monotonic() - started)
    stats["crawl_cpu_seconds"] = round(worked, 3)
    reason = _reason(job, crawler, stats, faults)
    if job.only and not was_whole:
        stats[ONLY_ACCOUNTS] = list(job.only)
    if reason is None:
        landing.finish(stats)
    else:
        landing.close()
    job.done.append({"day": day.isoformat(), **stats})
    if reason is not None:
        raise CrawlStopped(reason)
    told = {k: stats[k] for k in ("visits", "ok", "failed", "bytes", "seconds")}
    print(json.dumps({"day": day.isoformat(), **told}), flush=True)


_CURRENT: list[Any] = []
_ENDING: set[asyncio.Future[None]] = set()


def _spider_error() -> object:
    from scrapy import signals

    return signals.spider_error


def _on_fault(crawler: Any, faults: Counter[str]) -> Any:
    def on_fault(failure: Any, response: Any, spider: Any) -> None:
        if isinstance(failure.value, CrawlStopped):
            crawler.stop_for(str(failure.value))
            return
        faults[f"{type(failure.value).__name__}: {failure.value}"] += 1

    return on_fault


def _stats(
    crawler: Any, landing: Landing, faults: Counter[str], seconds: float
) -> dict[str, Any]:
    scrapy = crawler.stats.get_stats()
    outcomes = landing.outcomes()
    answered = sum(n for outcome, n in outcomes.items() if outcome in ANSWERED)
    visits = sum(outcomes.values())
    return {
        "finish_reason": scrapy.get("finish_reason"),
        "visits": visits,
        "ok": answered,
        "failed": visits - answered,
        "outcomes": outcomes,
        "resumed_visits": landing.n_resumed,
        "requests": scrapy.get("downloader/request_count", 0),
        "attempts": sum(landing.attempts.values()),
        "retries": scrapy.get("retry/count", 0),
        "bytes": scrapy.get("downloader/response_bytes", 0),
        # Without setting up, and without writing visits.parquet.
        "crawl_seconds": round(scrapy.get("elapsed_time_seconds") or 0.0, 3),
        "callback_faults": dict(faults.most_common(5)),
        "seconds": round(seconds, 3),
    }


def _reason(
    job: Job, crawler: Any, stats: dict[str, Any], faults: Counter[str]
) -> str | None:
    """Why the day did not finish, in one sentence; None when it did."""
    if crawler.stopped:
        return str(crawler.stopped)
    if job.is_stopping:
        return "the crawl was asked to stop; start it again to go on"
    if stats["finish_reason"] != "finished":
        return f"Scrapy ended with the reason {stats['finish_reason']!r}"
    n_faults = sum(faults.values())
    if n_faults > max(3, _CALLBACK_FAULTS * stats["visits"]):
        fault = faults.most_common(1)[0][0]
        return f"the spider failed on {n_faults} of {stats['visits']} answers: {fault}"
    return None


def _is_whole(job: Job, day: date) -> bool:
    if job.shard is None:
        return is_whole_day(job.home, job.spec.name, day)
    return is_whole_shard(job.home, job.spec.name, day, job.shard)


async def crawl_days(job: Job) -> None:
    """Crawl the days in order; the first that does not finish ends the job."""
    # A visit leaves next to nothing behind that only a search for garbage finds, and
    # Python searches after each 700 new objects: 1.03 and .85 ms of processor time a
    # visit of 9,600, as large in memory (2026-11-28).
    gc.set_threshold(10_000, 10, 10)
    for day in job.days:
        if not job.only and _is_whole(job, day):
            continue
        if job.is_stopping:
            job.error = "the crawl was asked to stop; start it again to go on"
            return
        try:
            await crawl_day(job, day)
        except CrawlStopped as reason:
            job.error = f"{day}: {reason}"
            return
        except Exception as fault:  # noqa: BLE001 - told as the reason of the crawl
            _LOG.exception("the crawl of %s on %s broke", job.spec.name, day)
            job.error = f"{day}: {type(fault).__name__}: {fault}"
            return


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scrapers.run", description=__doc__)
    parser.add_argument("--source", required=True)
    parser.add_argument("--home", required=True, type=Path)
    parser.add_argument("--accounts", required=True, type=Path)
    parser.add_argument("--days", required=True)
    parser.add_argument("--replay-proxy")
    parser.add_argument("--max-pages", type=int)
    parser.add_argument("--only-accounts", type=json.loads, default=())
    parser.add_argument("--shard", type=shard_named)
    parser.add_argument("--stats", type=Path)
    return parser.parse_args(argv)


def _asked(accounts: tuple[Account, ...], only: tuple[str, ...]) -> tuple[Account, ...]:
    """The accounts to ask: all, or those named.

    Raises:
        ValueError: when one of those named is not on the watch list.
    """
    strangers = sorted(set(only) - {account.account_id for account in accounts})
    if strangers:
        raise ValueError(f"not on the watch list: {', '.join(strangers)}")
    return tuple(a for a in accounts if not only or a.account_id in only)


def _days(text: str) -> Iterator[date]:
    for part in text.split(","):
        if part:
            try:
                yield date.fromisoformat(part)
            except ValueError as error:
                raise ValueError(f"--days {part!r} is not a day: {error}") from error


def main(argv: Sequence[str] | None = None) -> int:
    """Crawl, and say with the exit code whether every day finished."""
    arguments = _arguments(argv)
    # What became of robots.txt stands in its visit row, not in the log.
    logging.getLogger("scrapy.downloadermiddlewares.robotstxt").setLevel("CRITICAL")
    try:
        log_to_stderr(logs_json(), source=arguments.source)
        spec = load_source(arguments.source)
        if arguments.max_pages is not None:
            spec = replace(spec, max_pages_per_account=arguments.max_pages)
        only = tuple(arguments.only_accounts)
        watched = read_accounts(arguments.accounts)
        asked, shard_ids = _asked(watched, only), frozenset[str]()
        if arguments.shard:
            shard_ids = ids_in(watched, arguments.shard)
            asked = tuple(a for a in asked if a.account_id in shard_ids)
        job = Job(
            spec=spec,
            home=arguments.home,
            accounts=asked,
            only=only,
            shard=arguments.shard,
            shard_ids=shard_ids,
            opted_out=opted_out_domains(arguments.accounts),
            days=tuple(sorted(_days(arguments.days))),
            proxy=arguments.replay_proxy,
            settings=crawl_settings(),
        )
        if job.settings.browser and find_spec("playwright") is None:
            raise ValueError(
                "LYTTEPOST_BROWSER is set, but the extra for it is not installed:"
                " pip install 'lyttepost[browser]'"
            )
    except (SourceRefused, OSError, ValueError, pl.exceptions.PolarsError) as error:
        # Polars adds its query plan in further lines.
        reason = str(error).splitlines()[0]
        print(reason, file=sys.stderr)
        _write_stats(arguments.stats, arguments.source, [], reason)
        return 2
    _run(job)
    _write_stats(arguments.stats, job.spec.name, job.done, job.error)
    if job.error is not None:
        print(f"{job.spec.name}: {job.error}", file=sys.stderr)
        return 1
    return 0


def _run(job: Job) -> None:
    """Run the days inside one Twisted reactor on asyncio, and end it."""
    install_reactor(REACTOR, EVENT_LOOP)
    from scrapy.utils.defer import deferred_from_coro

    from scrapers.addresses import GuardedResolver
    from scrapers.header_limit import install_header_limit

    install_header_limit()
    # Only there after its kind was chosen.
    reactor: Any = import_module("twisted.internet.reactor")
    # Scrapy installs a resolver only for a process of its own (CrawlerProcess).
    proxy = urlsplit(job.proxy or "").hostname
    trusted = frozenset((proxy,) if proxy else ())
    GuardedResolver(reactor, _DNS_CACHE, trusted).install_on_reactor()

    def stop(*_: object) -> None:
        job.is_stopping = True
        for crawler in _CURRENT:
            _ENDING.add(asyncio.ensure_future(crawler.stop_async()))

    def begin() -> None:
        loop = asyncio.get_event_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
        finished = deferred_from_coro(crawl_days(job))
        finished.addBoth(lambda _: reactor.stop())

    reactor.callWhenRunning(begin)
    reactor.run(installSignalHandlers=False)


def _write_stats(
    file: Path | None, source: str, days: list[dict[str, Any]], error: str | None
) -> None:
    if file is not None:
        told = {
            "source": source,
            "days": days,
            "error": error,
            "peak_mb": round(peak_mb(), 1),
        }
        file.write_text(json.dumps(told, indent=1))


if __name__ == "__main__":
    sys.exit(main())
