"""Employers' feeds at Jobylon: one list a feed, with the texts."""

import re
from collections.abc import Iterator

from scrapy.http import Request

from scrapers.families.board import BoardSpider


class JobylonJobsSpider(BoardSpider):
    """The whole feed in one answer."""

    name = "jobylon_jobs"
    address = re.compile(r"[0-9A-Za-z_-]{6,100}")

    def board(self, account_id: str, address: str) -> Iterator[Request]:
        """The feed of a hash."""
        url = f"https://feed.jobylon.com/feeds/{address}/?format=json"
        yield self.ask_list(url, account_id)
