"""robots.txt, as RFC 9309 has it, and the content signals that stand in it.

An answer of 4xx allows everything; when robots.txt cannot be had (5xx, no connection)
the copy of an earlier day holds, and without one nothing is fetched from the host.
"""

from typing import Any, cast
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadFailedError,
    IgnoreRequest,
)
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred

from scrapers.middlewares.crawler import LandingCrawler
from scrapers.middlewares.decoding import TOO_LARGE, UNDECODABLE
from scrapers.reservations import content_signals, reserved_by_signals

_MAX_BYTES = 512_000
_LONGEST_DELAY_S = 60.0


class RobotsDenied(IgnoreRequest):
    """An address robots.txt does not let us fetch."""


class OptedOut(RobotsDenied):
    """An address whose publisher keeps our use of it to himself."""


class RobotsUnreachable(IgnoreRequest):
    """Rules that could not be had; the cause is what became of robots.txt."""

    def __init__(self, url: str, cause: Exception) -> None:
        super().__init__(f"{url}: robots.txt could not be had: {cause}")
        self.cause = cause


class RobotsMiddleware(RobotsTxtMiddleware):
    """Scrapy's middleware with RFC 9309's rules for failures, and crawl delays.

    Rules hold for a scheme and host (RFC 9309 2.3): a host without https must not lose
    its http pages for it.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._unreachable: dict[str, Exception] = {}
        self._opted_out: set[str] = set()

    def process_request_2(self, rp: Any, request: Request) -> None:
        """Refuse an address the rules do not allow, or whose rules nobody knows.

        Raises:
            RobotsDenied, OptedOut, RobotsUnreachable.
        """
        origin = origin_of(request.url)
        cause = self._unreachable.get(origin)
        if cause is not None:
            raise RobotsUnreachable(request.url, cause)
        try:
            super().process_request_2(rp, request)
        except IgnoreRequest as error:
            raise RobotsDenied(str(error)) from error
        if origin in self._opted_out:
            raise OptedOut(f"{request.url}: robots.txt denies our use of the content")

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """The rules of the request's origin, asked for once a crawl."""
        origin = origin_of(request.url)
        if origin not in self._parsers:
            self._parsers[origin] = Deferred()
            rules = Request(
                f"{origin}/robots.txt",
                priority=self.DOWNLOAD_PRIORITY,
                meta={"dont_obey_robotstxt": True},
                callback=NO_CALLBACK,
            )
            try:
                answer = await self.crawler.engine.download_async(rules)
                await self._parse_robots(answer, origin, request)
            except Exception as error:  # noqa: BLE001 - kept as the cause of refusals
                self._without_rules(error, origin, request)
        parser = self._parsers[origin]
        if isinstance(parser, Deferred):
            return await maybe_deferred_to_future(parser)
        return parser

    async def _parse_robots(
        self, response: Response, netloc: str, request: Request
    ) -> None:
        body: bytes | None = response.body[:_MAX_BYTES]
        # What was lost of rules may have been a denial.
        if {TOO_LARGE, UNDECODABLE, "dataloss"} & set(response.flags):
            body = self._known(netloc)
        elif 400 <= response.status < 500:
            body = b""
        elif not 200 <= response.status < 300:
            body = self._known(netloc)
        if body is None:
            reason = f"{netloc}/robots.txt answered {response.status}"
            self._unreachable[netloc] = DownloadFailedError(reason)
            body = b""
        waiting = self._parsers[netloc]
        assert isinstance(waiting, Deferred)
        parser = self._rules(body, netloc, request)
        self._parsers[netloc] = parser
        waiting.callback(parser)

    def _rules(self, body: bytes, origin: str, request: Request) -> RobotParser:
        """The rules of an origin; its delay and its signals hold from now on."""
        parser = self._parserimpl.from_crawler(self.crawler, body)
        agent = str(self._robotstxt_useragent)
        if b"ontent-" in body and reserved_by_signals(
            content_signals(body.decode("utf-8", "replace"), agent)
        ):
            self._opted_out.add(origin)
        self._slow_down(cast(Any, parser).rp.crawl_delay(agent), request)
        return parser

    def _without_rules(self, exc: Exception, netloc: str, request: Request) -> None:
        waiting = self._parsers[netloc]
        assert isinstance(waiting, Deferred)
        parser = None
        # A host that does not exist is asked all the same: its row tells the reason.
        if not isinstance(exc, CannotResolveHostError):
            body = self._known(netloc)
            if body is None:
                self._unreachable[netloc] = exc
            else:
                parser = self._rules(body, netloc, request)
        self._parsers[netloc] = parser
        waiting.callback(parser)

    def _known(self, origin: str) -> bytes | None:
        """The rules of an earlier day."""
        landing = cast(LandingCrawler, self.crawler).landing
        url = f"{origin}/robots.txt"
        known = landing.known_rules.get(url)
        return None if known is None else landing.body_before(known.account_id, url)

    def _slow_down(self, wanted: float | None, request: Request) -> None:
        if not wanted or cast(LandingCrawler, self.crawler).context.is_replay:
            return
        downloader = self.crawler.engine.downloader
        key = downloader.get_slot_key(request)
        delay = max(downloader._delay, min(float(wanted), _LONGEST_DELAY_S))
        # A slot that was idle for a minute is thrown away, and made anew from these.
        downloader.per_slot_settings[key] = {"delay": delay, "jitter": 0.0}
        slot = downloader.slots.get(key)
        if slot is not None:
            # A delay that was asked for is not made shorter at random.
            slot.delay, slot.jitter = delay, 0.0


def origin_of(url: str) -> str:
    """Scheme and host of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
