"""Employers' boards at Lever: one list a site, on one of two hosts."""

import re
from collections.abc import Iterator
from urllib.parse import quote

from scrapy.http import Request, Response

from scrapers.families.board import BoardSpider

_HOST, _EU_HOST = "https://api.lever.co", "https://api.eu.lever.co"


def _list_of(host: str, site: str) -> str:
    return f"{host}/v0/postings/{quote(site)}?mode=json"


class LeverJobsSpider(BoardSpider):
    """The list of a site, from the host that has it."""

    name = "lever_jobs"
    address = re.compile(r"(?:eu:)?[\w.-]{1,100}")

    def board(self, account_id: str, address: str) -> Iterator[Request]:
        """The list of a site; `eu:` before it names the European host."""
        site = address.removeprefix("eu:")
        european = _list_of(_EU_HOST, site)
        elsewhere = _list_of(_HOST, site)
        if site != address or (self.is_held(european) and not self.is_held(elsewhere)):
            yield self.ask_list(european, account_id)
        else:
            yield self.ask_list(
                elsewhere, account_id, self._first_came, kwargs={"site": site}
            )

    def _first_came(self, response: Response, site: str) -> Iterator[Request]:
        self.say_refusal(response)
        if response.status == 404:
            assert response.request is not None
            account_id = response.request.meta["account_id"]
            yield self.ask_list(_list_of(_EU_HOST, site), account_id)
