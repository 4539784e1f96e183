"""An answer that ended before its end is asked for again.

Most tears are a network that was cut, or a server that was restarted. What is torn
twice at the same place is what the server gives, and lands as `truncated`; torn at
another place, it is asked for a last time. When the replay's proxy is gone by then, the
crawl stops (replay.py) and nothing is said of the page.
"""

from typing import cast

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.http import Request, Response

from scrapers.middlewares.decoding import TOO_LARGE, UNDECODABLE

# Above what other middlewares may have tried: a tear is asked for again, always.
_MOST_TRIES = 9
# Tears of one address, after which the next is believed.
_MOST_TEARS = 2


class TornMiddleware:
    """Asks again for an answer without its end."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "TornMiddleware":
        """For Scrapy."""
        return cls(crawler)

    def process_response(
        self, request: Request, response: Response
    ) -> Request | Response:
        """The request once more for a torn answer, else the answer."""
        is_torn = "dataloss" in response.flags or UNDECODABLE in response.flags
        # What was asked for today already was torn until it was believed.
        is_believed = bool(request.meta.get("is_from_today"))
        if not is_torn or is_believed or TOO_LARGE in response.flags:
            return response
        torn_at, size = request.meta.get("torn_at", ()), len(response.body)
        if size in torn_at or len(torn_at) == _MOST_TEARS:
            return response
        again = get_retry_request(
            request.replace(meta={**request.meta, "torn_at": (*torn_at, size)}),
            spider=cast(Spider, self._crawler.spider),
            reason="torn",
            max_retry_times=_MOST_TRIES,
        )
        return response if again is None else again
