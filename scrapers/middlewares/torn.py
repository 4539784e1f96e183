"""An answer that ended before its end is asked for once more.

Most tears are a network that was cut, or a server that was restarted. What is torn the
second time too is what the server gives, and lands as `truncated`. When the replay's
proxy is gone by then, the crawl stops (replay.py) and nothing is said of the page.
"""

from typing import cast

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.http import Request, Response

from scrapers.middlewares.decoding import TOO_LARGE, UNDECODABLE

# Above what other middlewares may have tried: a tear is asked for again once, always.
_MOST_TRIES = 9


class TornMiddleware:
    """Asks again, once, for an answer without its end."""

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
        if not is_torn or TOO_LARGE in response.flags or request.meta.get("torn"):
            return response
        again = get_retry_request(
            request.replace(meta={**request.meta, "torn": True}),
            spider=cast(Spider, self._crawler.spider),
            reason="torn",
            max_retry_times=_MOST_TRIES,
        )
        return response if again is None else again
