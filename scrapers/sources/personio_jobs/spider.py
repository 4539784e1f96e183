"""Employers' boards at Personio: one XML feed a company."""

import re
from collections.abc import Iterator

from scrapy.http import Request

from scrapers.families.board import BoardSpider


class PersonioJobsSpider(BoardSpider):
    """The whole board in one answer."""

    name = "personio_jobs"
    address = re.compile(r"[a-z0-9-]{1,63}\.jobs\.personio\.[a-z]{2,3}")

    def board(self, account_id: str, address: str) -> Iterator[Request]:
        """The feed of a board's host."""
        yield self.ask_list(f"https://{address}/xml?language=en", account_id)
