"""robots.txt, as RFC 9309 has it.

An answer of 4xx allows everything; when robots.txt cannot be had (5xx, no connection)
the copy of an earlier day holds, and without one nothing is fetched from the host.
"""

from typing import Any, cast
from urllib.parse import urlsplit

from protego import Protego
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

_MAX_BYTES = 512_000


class RobotsDenied(IgnoreRequest):
    """An address robots.txt does not let us fetch."""


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

    def process_request_2(self, rp: Any, request: Request) -> None:
        """Refuse an address the rules do not allow, or whose rules nobody knows.

        Raises:
            RobotsDenied, RobotsUnreachable.
        """
        cause = self._unreachable.get(_origin(request.url))
        if cause is not None:
            raise RobotsUnreachable(request.url, cause)
        try:
            super().process_request_2(rp, request)
        except IgnoreRequest as error:
            raise RobotsDenied(str(error)) from error

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """The rules of the request's origin, asked for once a crawl."""
        origin = _origin(request.url)
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
                self._robots_error(error, origin)
        parser = self._parsers[origin]
        if isinstance(parser, Deferred):
            return await maybe_deferred_to_future(parser)
        return parser

    async def _parse_robots(
        self, response: Response, netloc: str, request: Request
    ) -> None:
        body: bytes | None = response.body[:_MAX_BYTES]
        if {TOO_LARGE, UNDECODABLE} & set(response.flags):
            body = self._known(netloc)
        elif 400 <= response.status < 500:
            body = b""
        elif not 200 <= response.status < 300:
            body = self._known(netloc)
        if body is None:
            reason = f"{netloc}/robots.txt answered {response.status}"
            self._unreachable[netloc] = DownloadFailedError(reason)
            body = b""
        self._slow_down(body, request)
        await super()._parse_robots(response.replace(body=body), netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        waiting = self._parsers[netloc]
        assert isinstance(waiting, Deferred)
        parser = None
        # A host that does not exist is asked all the same: its row tells the reason.
        if not isinstance(exc, CannotResolveHostError):
            body = self._known(netloc)
            if body is None:
                self._unreachable[netloc] = exc
            else:
                parser = self._parserimpl.from_crawler(self.crawler, body)
        self._parsers[netloc] = parser
        waiting.callback(parser)

    def _known(self, origin: str) -> bytes | None:
        """The rules of an earlier day."""
        landing = cast(LandingCrawler, self.crawler).landing
        for account_id, url in landing.known:
            if url == f"{origin}/robots.txt":
                return landing.body_before(account_id, url)
        return None

    def _slow_down(self, body: bytes, request: Request) -> None:
        if cast(LandingCrawler, self.crawler).context.is_replay:
            return
        agent = str(self._default_useragent)
        wanted = Protego.parse(body.decode("utf-8", "replace")).crawl_delay(agent)
        if not wanted:
            return
        downloader = self.crawler.engine.downloader
        slot = downloader.slots.get(downloader.get_slot_key(request))
        if slot is not None:
            slot.delay = max(slot.delay, min(float(wanted), 60.0))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
