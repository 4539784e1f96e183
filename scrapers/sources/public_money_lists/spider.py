"""Lists of public money: one address per list."""

from collections.abc import AsyncIterator
from typing import Any

from scrapy import Spider
from scrapy.http import Request, Response

from scrapers.crawl_context import CrawlContext
from scrapers.sources.public_money_lists.lists import money_lists


class PublicMoneyListsSpider(Spider):
    """Every list of `lists/`; the name of the list is the scope."""

    name = "public_money_lists"

    def __init__(self, context: CrawlContext, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.context = context

    async def start(self) -> AsyncIterator[Request]:
        """One conditional request per list."""
        for name, one in money_lists().items():
            yield Request(
                one.url,
                callback=self.answered,
                errback=self.unreached,
                meta={"scope": name, "account_id": None},
            )

    def answered(self, response: Response) -> None:
        """The visit is all there is to do."""

    def unreached(self, failure: Any) -> None:
        """Say that a list was not reached; its visit row tells the outcome."""
        self.logger.warning(
            "%s was not reached: %s", failure.request.url, failure.value
        )
