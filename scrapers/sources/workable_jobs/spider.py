"""Employers' boards at Workable: one list an account, with the texts."""

import re
from collections.abc import Iterator
from urllib.parse import quote

from scrapy.http import Request

from scrapers.families.board import BoardSpider

_BASE = "https://apply.workable.com/api/v1/widget/accounts"


class WorkableJobsSpider(BoardSpider):
    """The whole board in one answer."""

    name = "workable_jobs"
    address = re.compile(r"[\w.-]{1,100}")

    def board(self, account_id: str, address: str) -> Iterator[Request]:
        """The list of a Workable account."""
        yield self.ask_list(f"{_BASE}/{quote(address)}?details=true", account_id)
