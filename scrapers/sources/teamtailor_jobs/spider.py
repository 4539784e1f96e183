"""Employers' career sites at Teamtailor: pages of RSS, or a JSON Feed."""

import re
from collections.abc import Iterator

from scrapy.http import Request, Response

from scrapers.families.board import BoardSpider

_PER_PAGE = 100
_ITEM = re.compile(rb"<item[\s>]")


class TeamtailorJobsSpider(BoardSpider):
    """Pages of the RSS feed until one is not full."""

    name = "teamtailor_jobs"
    address = re.compile(r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+")

    def board(self, account_id: str, address: str) -> Iterator[Request]:
        """The first page of the feed on a host."""
        json_feed = f"https://{address}/jobs.json"
        first = _page(address, 0)
        if self.is_held(json_feed) and not self.is_held(first):
            yield self.ask_list(json_feed, account_id)
        else:
            yield self._ask_page(account_id, address, 0)

    def _ask_page(self, account_id: str, host: str, offset: int) -> Request:
        return self.ask_list(
            _page(host, offset),
            account_id,
            self._page_came,
            kwargs={"host": host, "offset": offset},
        )

    def _page_came(
        self, response: Response, host: str, offset: int
    ) -> Iterator[Request]:
        assert response.request is not None
        account_id = response.request.meta["account_id"]
        if self.say_refusal(response):
            return
        if response.status in (404, 406) and offset == 0:
            yield self.ask_list(f"https://{host}/jobs.json", account_id)
            return
        is_full = len(_ITEM.findall(response.body)) >= _PER_PAGE
        if response.status != 200 or not is_full:
            return
        following = offset + _PER_PAGE
        if following // _PER_PAGE >= self.context.spec.max_pages_per_account:
            self.logger.warning(
                "teamtailor_jobs: %s has more than %d ads; the rest is not read",
                host,
                following,
            )
            return
        yield self._ask_page(account_id, host, following)


def _page(host: str, offset: int) -> str:
    return f"https://{host}/jobs.rss?per_page={_PER_PAGE}&offset={offset}"
