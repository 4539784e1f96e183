"""The base of spiders that read employers' own job boards.

A board is a complete list: its pages have the scope `board`, pages of single ads
`board_ad`. What a board's address means, and how it is asked, belongs to the source.
"""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar

from scrapy.http import Request, Response

from scrapers.families.json_api import JsonApiSpider

LIST, AD = "board", "board_ad"
_REFUSALS = (401, 403)
_ANSWERED = ("ok", "not_modified")


class BoardSpider(JsonApiSpider):
    """Asks every board of every account; a source says how, in ``board``."""

    name = "board"
    # What an address of this source looks like; others are passed by, by name.
    address: ClassVar[re.Pattern[str]] = re.compile(r"[\w.-]+")

    async def start(self) -> AsyncIterator[Request]:
        """The first pages of all boards."""
        for account in self.context.accounts:
            for address in account.addresses(self.name):
                if not self.address.fullmatch(address):
                    self.logger.warning(
                        "%s: the place %r of %s is not understood",
                        self.name,
                        address,
                        account.account_id,
                    )
                    continue
                for request in self.board(account.account_id, address):
                    yield request

    def board(self, account_id: str, address: str) -> Iterator[Request]:
        """The requests a board begins with."""
        raise NotImplementedError

    def ask_list(
        self, url: str, account_id: str, callback: Any = None, **options: Any
    ) -> Request:
        """A request for a page of a board's list."""
        return self.ask(
            url, LIST, callback or self.list_came, account_id=account_id, **options
        )

    def ask_ad(self, url: str, account_id: str) -> Request:
        """A request for the page of one ad."""
        return self.ask(url, AD, self.ad_came, account_id=account_id)

    def list_came(self, response: Response) -> Iterator[Request]:
        """A list that is whole with one answer."""
        self.say_refusal(response)
        yield from ()

    def ad_came(self, response: Response) -> None:
        """The visit is all there is to do."""

    def say_refusal(self, response: Response) -> bool:
        """True, and said by name, when the board does not let us read it."""
        if response.status not in _REFUSALS:
            return False
        assert response.request is not None
        self.logger.warning(
            "%s: the board %s of %s refuses us (status %d)",
            self.name,
            response.url,
            response.request.meta["account_id"],
            response.status,
        )
        return True

    def is_held(self, url: str) -> bool:
        """True when an address was answered on an earlier day."""
        known = self.context.known.get(url)
        return known is not None and known.outcome in _ANSWERED
