"""Wait when a server asks us to, and leave it alone when it goes on asking.

Retry-After of a 429 or 503 is waited for once, up to a minute, by every request to the
host. A host that names a longer time, that refuses again after the wait, or that
refuses many times in a row is left alone for the rest of the crawl. In a replay nobody
is waited for: the answer after the wait is asked for at once.
"""

import asyncio
import time
from collections import Counter
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response
from scrapy.utils.httpobj import urlparse_cached

from scrapers.middlewares.crawler import LandingCrawler

_LONGEST_SECONDS = 60.0
_REFUSALS_IN_A_ROW = 5
# Who waits holds one of the crawl's concurrent requests; the others must go on.
_MOST_WAITING = 16


class HostWaits(IgnoreRequest):
    """An address not asked for, because its host asked to be left alone."""


def seconds_to_wait(value: bytes | None, now: datetime) -> float | None:
    """Seconds a Retry-After header asks for; None without one that can be read."""
    if not value:
        return None
    text = value.decode("latin-1").strip()
    if text.isdecimal():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


class PatienceMiddleware:
    """Asks once more after the time the server named, and not before."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._is_replay = cast(LandingCrawler, crawler).context.is_replay
        self._until: dict[str, float] = {}
        self._closed: set[str] = set()
        self._refusals: Counter[str] = Counter()
        self._n_waiting = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "PatienceMiddleware":
        """For Scrapy."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Wait with the host, or give its address up.

        Raises:
            HostWaits: when the host is to be left alone.
        """
        if not self._until and not self._closed:
            return
        host = urlparse_cached(request).hostname or ""
        while host not in self._closed:
            left = self._until.get(host, 0.0) - time.monotonic()
            if left <= 0:
                return
            if not await self._has_waited(left):
                break
        raise HostWaits(f"{request.url}: {host} asked to be left alone")

    async def process_response(
        self, request: Request, response: Response
    ) -> Request | Response:
        """Wait and ask again when the server asks for at most a minute."""
        host = urlparse_cached(request).hostname or ""
        if response.status not in (429, 503):
            self._refusals.pop(host, None)
            return response
        wait = seconds_to_wait(response.headers.get(b"Retry-After"), datetime.now(UTC))
        is_short = wait is not None and wait <= _LONGEST_SECONDS
        if self._is_replay:
            if not is_short or request.meta.get("waited"):
                return response
            return _again(request)
        self._refusals[host] += 1
        is_again = bool(request.meta.get("waited"))
        too_often = self._refusals[host] >= _REFUSALS_IN_A_ROW
        if wait is None:
            if response.status == 429 and too_often:
                self._leave(host, request)
            return response
        if not is_short or is_again or too_often:
            self._leave(host, request)
            return response
        assert wait is not None
        self._until[host] = max(self._until.get(host, 0.0), time.monotonic() + wait)
        slot = self._slot(request)
        if slot is not None:
            # What stands in line for the host already is held back with it.
            slot.lastseen = self._until[host]
        if not await self._has_waited(wait) or host in self._closed:
            request.meta["dont_retry"] = True
            return response
        return _again(request)

    def _leave(self, host: str, request: Request) -> None:
        self._closed.add(host)
        # Else Scrapy would try again what is refused.
        request.meta["dont_retry"] = True
        slot = self._slot(request)
        while slot is not None and slot.queue:
            waiting, answer = slot.queue.popleft()
            answer.errback(HostWaits(f"{waiting.url}: {host} asked to be left alone"))

    def _slot(self, request: Request) -> Any:
        engine = self._crawler.engine
        assert engine is not None
        downloader = engine.downloader
        return downloader.slots.get(downloader.get_slot_key(request))

    async def _has_waited(self, seconds: float) -> bool:
        """Sleep; False when too many do already."""
        if self._n_waiting >= _MOST_WAITING:
            return False
        self._n_waiting += 1
        try:
            await asyncio.sleep(seconds)
        finally:
            self._n_waiting -= 1
        return True


def _again(request: Request) -> Request:
    return request.replace(
        meta={**request.meta, "waited": True, "attempts": 2}, dont_filter=True
    )
