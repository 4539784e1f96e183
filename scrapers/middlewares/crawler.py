"""A Scrapy crawler that knows its landing, its context and why it was stopped."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from scrapy import Spider
from scrapy.crawler import Crawler

from scrapers.crawl_context import CrawlContext, CrawlStopped
from scrapers.landing import Landing


class LandingCrawler(Crawler):
    """One source on one day."""

    landing: Landing
    context: CrawlContext
    stopped: str | None = None
    _ending: asyncio.Future[None] | None = None

    def stop_for(self, reason: str) -> None:
        """End the crawl before its end; the first reason is kept."""
        if self.stopped is None:
            self.stopped = reason
            self._ending = asyncio.ensure_future(self.stop_async())

    def _create_spider(self, *args: Any, **kwargs: Any) -> Spider:
        spider = super()._create_spider(*args, **kwargs)
        start = spider.start

        async def guarded() -> AsyncIterator[Any]:
            """Start requests; a reason to stop is kept and not only logged."""
            try:
                async for request in start():
                    yield request
            except CrawlStopped as reason:
                self.stopped = str(reason)
            except Exception as fault:  # noqa: BLE001 - told as the reason of the crawl
                self.stopped = f"{type(fault).__name__}: {fault}"

        spider.start = guarded  # type: ignore[method-assign]
        return spider
