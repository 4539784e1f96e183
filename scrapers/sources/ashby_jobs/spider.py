"""Employers' boards at Ashby: one list a board, with the texts."""

import re
from collections.abc import Iterator
from urllib.parse import quote

from scrapy.http import Request

from scrapers.families.board import BoardSpider

_BASE = "https://api.ashbyhq.com/posting-api/job-board"


class AshbyJobsSpider(BoardSpider):
    """The whole board in one answer."""

    name = "ashby_jobs"
    # Boards are named as their owners write themselves, spaces and all.
    address = re.compile(r"[\w.&+' -]{1,100}")

    def board(self, account_id: str, address: str) -> Iterator[Request]:
        """The list of a board name."""
        yield self.ask_list(f"{_BASE}/{quote(address, safe='')}", account_id)
