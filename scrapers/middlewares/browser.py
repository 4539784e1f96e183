"""A headless browser for pages that are empty until their scripts have run.

An optional extra, off unless LYTTEPOST_BROWSER names a Chromium. The browser touches no
network: the page is the answer that was fetched already, and whatever its scripts ask
for goes through the crawler like any request, with its guard of addresses, robots.txt
and waits. What is landed is the page as the browser then shows it, and a header that
says so. Only GET is done, no pictures, and no more than an honest page needs.
"""

import asyncio
import logging
import os
from typing import Any, cast

from scrapy.crawler import Crawler
from scrapy.http import Request, Response, TextResponse
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.defer import deferred_from_coro, maybe_deferred_to_future

from scrapers.crawl_context import CrawlStopped
from scrapers.extract.depth import is_too_costly
from scrapers.extract.encoding import decode
from scrapers.extract.shell import is_empty_shell
from scrapers.middlewares.crawler import LandingCrawler
from scrapers.middlewares.reservations import RESERVED
from scrapers.middlewares.visits import LANDED, NOT_MODIFIED

RENDERED_HEADER = b"Lyttepost-Rendered"
_LOG = logging.getLogger(__name__)
_LOOKED_AT = frozenset(("document", "script", "xhr", "fetch"))
_AT_A_TIME = 2
_MOST_REQUESTS = 60
_LARGEST_SHELL = 500_000
_LONGEST_S = 15.0
_QUIET_S = 0.5
# Of the shell, not of what it shows: unchanged they would say nothing.
_OF_THE_SHELL = (b"ETag", b"Last-Modified", b"Content-Length", b"Content-Encoding")
# Nothing is reached but through us: names do not resolve, and the proxy is no one.
_ALONE = ("--host-resolver-rules=MAP * ~NOTFOUND", "--disable-background-networking")
_NO_PROXY = {"server": "http://127.0.0.1:9", "bypass": "<-loopback>"}


class BrowserMiddleware:
    """Renders answers that are shells, and those of accounts that ask for it."""

    def __init__(self, crawler: Crawler) -> None:
        self._owner = cast(LandingCrawler, crawler)
        self._program = crawler.settings["BROWSER"]
        self._turns = asyncio.Semaphore(_AT_A_TIME)
        self._starting: asyncio.Task[Any] | None = None
        self._playwright: Any = None
        self._always = frozenset(
            account.account_id
            for account in self._owner.context.accounts
            if account.addresses("browser")
        )

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "BrowserMiddleware":
        """For Scrapy."""
        from scrapy import signals

        made = cls(crawler)
        crawler.signals.connect(made.close, signal=signals.spider_closed)
        return made

    async def process_response(self, request: Request, response: Response) -> Response:
        """The page as a browser shows it, when it is nothing without one."""
        if not self._is_wanted(request, response):
            return response
        async with self._turns:
            try:
                shown = await self._shown(request, response)
            except CrawlStopped:
                raise
            except Exception as fault:  # noqa: BLE001 - the page stays what it was
                _LOG.warning("%s: the browser failed: %s", response.url, fault)
                return response
        headers = response.headers.copy()
        for name in _OF_THE_SHELL:
            headers.pop(name, None)
        headers[b"Content-Type"] = b"text/html; charset=utf-8"
        headers[RENDERED_HEADER] = self._browser.version.encode()
        return response.replace(body=shown.encode(), headers=headers)

    def _is_wanted(self, request: Request, response: Response) -> bool:
        if response.status != 200 or not isinstance(response, TextResponse):
            return False
        if {LANDED, NOT_MODIFIED, RESERVED} & set(response.flags):
            return False
        meta = request.meta
        if meta.get("is_part") or meta["scope"] in ("robots", "reservation", "sitemap"):
            return False
        kind = (response.headers.get(b"Content-Type") or b"").decode("latin-1")
        markup = decode(response.body, kind or None)
        if "<" not in markup[:1000] or is_too_costly(markup):
            return False
        if meta.get("account_id") in self._always:
            return True
        return len(response.body) <= _LARGEST_SHELL and is_empty_shell(
            response.body, kind or None
        )

    async def _start(self) -> Any:
        from playwright.async_api import async_playwright

        self._playwright = await async_playwright().start()
        return await self._playwright.chromium.launch(
            executable_path=self._program,
            args=list(_ALONE),
            proxy=_NO_PROXY,
            # Chromium refuses to be in its sandbox and root at once.
            chromium_sandbox=os.geteuid() != 0,
        )

    async def _shown(self, request: Request, response: Response) -> str:
        if self._starting is None:
            self._starting = asyncio.ensure_future(self._start())
        self._browser = await asyncio.shield(self._starting)
        context = await self._browser.new_context(
            user_agent=self._owner.settings["USER_AGENT"],
            service_workers="block",
            accept_downloads=False,
        )
        try:
            n_asked = 0

            async def answer(route: Any) -> None:
                nonlocal n_asked
                asked = route.request
                if n_asked == 0:
                    n_asked = 1
                    kind = {"content-type": "text/html; charset=utf-8"}
                    await route.fulfill(
                        status=200, headers=kind, body=cast(TextResponse, response).text
                    )
                    return
                n_asked += 1
                if (
                    asked.method != "GET"
                    or asked.resource_type not in _LOOKED_AT
                    or asked.is_navigation_request()
                    or n_asked > _MOST_REQUESTS
                ):
                    await route.abort()
                    return
                await self._part(request, route)

            await context.route("**/*", answer)
            page = await context.new_page()
            async with asyncio.timeout(_LONGEST_S):
                await page.goto(response.url, wait_until="load")
                await page.wait_for_load_state("networkidle")
                await page.wait_for_timeout(1000 * _QUIET_S)
            return str(await page.content())
        finally:
            await context.close()

    async def _part(self, request: Request, route: Any) -> None:
        """Answer the browser with what the crawler gets."""
        part = Request(
            route.request.url,
            meta={
                "scope": "part",
                "account_id": request.meta.get("account_id"),
                "is_part": True,
            },
            callback=NO_CALLBACK,
        )
        engine = self._owner.engine
        assert engine is not None
        try:
            got = await maybe_deferred_to_future(
                deferred_from_coro(engine.download_async(part))
            )
        except CrawlStopped:
            raise
        except Exception as fault:  # noqa: BLE001 - the page goes on without it
            _LOG.debug("%s: %s", part.url, fault)
            await route.abort()
            return
        headers = {
            "content-type": (got.headers.get(b"Content-Type") or b"").decode("latin-1"),
            "access-control-allow-origin": "*",
        }
        await route.fulfill(status=got.status, headers=headers, body=got.body)

    async def close(self) -> None:
        """End the browser with the crawl."""
        if self._starting is not None:
            browser = await self._starting
            await browser.close()
        if self._playwright is not None:
            await self._playwright.stop()
