"""One request per address, account and crawl, judged where a spider asks.

Scrapy's own duplicate filter also drops the redirect of one address to another that was
asked before, which would leave the first without a visit.
"""

from collections.abc import AsyncIterator
from typing import Any

from scrapy.http import Request, Response


class UniqueRequestsMiddleware:
    """Spider middleware that drops what has been asked already."""

    def __init__(self) -> None:
        # Hashes: a day asks for hundreds of thousands of addresses.
        self._asked: set[int] = set()

    def _is_new(self, item: Any) -> bool:
        if not isinstance(item, Request):
            return True
        # A request that is to be sent again (a new token) says so.
        again = int(item.meta.get("again", 0))
        key = hash((item.meta.get("account_id"), item.url, again))
        if key in self._asked:
            return False
        self._asked.add(key)
        return True

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Requests the spider starts with."""
        async for item in start:
            if self._is_new(item):
                yield item

    async def process_spider_output(
        self, response: Response, result: AsyncIterator[Any]
    ) -> AsyncIterator[Any]:
        """Requests a callback yields."""
        async for item in result:
            if self._is_new(item):
                yield item
