"""Employers' career sites at Workday: pages of a list by POST, then the new ads."""

import re
from collections.abc import Iterator
from typing import Any

from scrapy.http import Request, Response

from scrapers.families.board import BoardSpider

_PER_PAGE = 20
_LAST_OFFSET = 2000


class WorkdayJobsSpider(BoardSpider):
    """The whole list of a site, and the page of each ad that is new."""

    name = "workday_jobs"
    address = re.compile(
        r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.myworkday(?:jobs|site)\.com/[\w-]+/[\w.-]+"
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._n_ads: dict[str, int] = {}

    def board(self, account_id: str, address: str) -> Iterator[Request]:
        """The first page of a site, named by host, tenant and site."""
        host, tenant, site = address.split("/")
        site_url = f"https://{host}/wday/cxs/{tenant}/{site}"
        yield self._ask_page(account_id, site_url, 0, None)

    def _ask_page(
        self, account_id: str, site_url: str, offset: int, total: int | None
    ) -> Request:
        return self.ask_list(
            f"{site_url}/jobs",
            account_id,
            self._page_came,
            headers={"Accept": "application/json"},
            kwargs={"site_url": site_url, "offset": offset, "total": total},
            payload={
                "appliedFacets": {},
                "limit": _PER_PAGE,
                "offset": offset,
                "searchText": "",
            },
        )

    def _page_came(
        self, response: Response, site_url: str, offset: int, total: int | None
    ) -> Iterator[Request]:
        assert response.request is not None
        account_id = response.request.meta["account_id"]
        if self.say_refusal(response):
            return
        page = self.read(response)
        if page is None:
            return
        postings = page.get("jobPostings") or []
        if offset == 0:
            # Later pages say 0.
            total = page.get("total") or None
        for posting in postings:
            yield from self._ask_new(posting, site_url, account_id)
        following = offset + _PER_PAGE
        is_last = len(postings) < _PER_PAGE or (
            total is not None and following >= total
        )
        if is_last:
            return
        if following > _LAST_OFFSET:
            self.logger.warning(
                "workday_jobs: %s lists %s ads, of which %d can be read",
                site_url,
                total or "more",
                following,
            )
            return
        yield self._ask_page(account_id, site_url, following, total)

    def _ask_new(
        self, posting: dict[str, Any], site_url: str, account_id: str
    ) -> Iterator[Request]:
        path = posting.get("externalPath")
        if not isinstance(path, str) or not path.startswith("/"):
            return
        url = f"{site_url}{path}"
        n_asked = self._n_ads.get(account_id, 0)
        if self.is_held(url) or n_asked >= self.context.spec.max_pages_per_account:
            return
        self._n_ads[account_id] = n_asked + 1
        yield self.ask_ad(url, account_id)
