"""Employers' boards at Greenhouse: one list a board, with the texts."""

import re
from collections.abc import Iterator
from urllib.parse import quote

from scrapy.http import Request

from scrapers.families.board import BoardSpider

_BASE = "https://boards-api.greenhouse.io/v1/boards"


class GreenhouseJobsSpider(BoardSpider):
    """The whole board in one answer."""

    name = "greenhouse_jobs"
    address = re.compile(r"[\w.-]{1,100}")

    def board(self, account_id: str, address: str) -> Iterator[Request]:
        """The list of a board token."""
        yield self.ask_list(f"{_BASE}/{quote(address)}/jobs?content=true", account_id)
