"""The base of spiders that read feeds: one address per place of an account.

How an address becomes the address of a feed belongs to the source.
"""

from collections.abc import AsyncIterator
from typing import Any

from scrapy import Spider
from scrapy.http import Request, Response

from scrapers.crawl_context import CrawlContext

_ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)


class FeedSpider(Spider):
    """Asks for every feed of every account, conditionally, and follows nothing."""

    name = "feed"

    def __init__(self, context: CrawlContext, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.context = context

    def feed_url(self, address: str) -> str:
        """Address of the feed that an account's place stands for."""
        return address

    async def start(self) -> AsyncIterator[Request]:
        """One request per account and place."""
        for account in self.context.accounts:
            for address in account.addresses(self.name):
                yield Request(
                    self.feed_url(address),
                    callback=self.answered,
                    errback=self.unreached,
                    headers={"Accept": _ACCEPT},
                    meta={"scope": "feed", "account_id": account.account_id},
                )

    def answered(self, response: Response) -> None:
        """The visit is all there is to do."""

    def unreached(self, failure: Any) -> None:
        """Say that a feed was not reached; its visit row tells the outcome."""
        self.logger.warning(
            "%s was not reached: %s", failure.request.url, failure.value
        )
