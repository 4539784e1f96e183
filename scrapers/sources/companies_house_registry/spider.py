"""Company, officers and filings of each British account."""

import base64
from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from typing import Any

from scrapy.http import Request, Response

from scrapers.crawl_context import CrawlContext, CrawlStopped
from scrapers.extract.dates import iso_day
from scrapers.extract.organisation_numbers import is_british_number
from scrapers.families.json_api import JsonApiSpider

_BASE = "https://api.company-information.service.gov.uk"
_PER_PAGE = 100
_MAX_PAGES = 50
# Filings go back to the founding; the archive holds what has been read.
_FIRST_DAYS = 730
_OVERLAP_DAYS = 14
_ANSWERED = ("ok", "not_modified")


class CompaniesHouseRegistrySpider(JsonApiSpider):
    """Three questions for each company and day; lists are read page by page."""

    name = "companies_house_registry"

    def __init__(self, context: CrawlContext, **kwargs: Any) -> None:
        super().__init__(context, **kwargs)
        key = context.secret or ("replay" if context.is_replay else "")
        token = base64.b64encode(f"{key}:".encode()).decode("ascii")
        self._headers = {"Authorization": f"Basic {token}"}
        self._has_key = bool(key)

    async def start(self) -> AsyncIterator[Request]:
        """Ask for each company that is watched by its British number."""
        if not self._has_key:
            raise CrawlStopped(
                "companies_house_registry needs an API key: set "
                "LYTTEPOST_COMPANIES_HOUSE_KEY (free, from the developer hub of "
                "Companies House)"
            )
        for account in self.context.accounts:
            number = account.org_number
            if account.country == "GB" and number and is_british_number(number):
                yield self.ask(
                    f"{_BASE}/company/{number}",
                    "entity",
                    self._company,
                    account_id=account.account_id,
                    headers=self._headers,
                    kwargs={"number": number, "account_id": account.account_id},
                )

    def _company(
        self, response: Response, number: str, account_id: str
    ) -> Iterator[Request]:
        if response.status == 401:
            raise CrawlStopped(
                "Companies House refuses the key in LYTTEPOST_COMPANIES_HOUSE_KEY"
            )
        if response.status == 404:
            return
        yield self._ask_page(number, account_id, "roles", 0)
        yield self._ask_page(number, account_id, "filings", 0)

    def _ask_page(
        self, number: str, account_id: str, scope: str, start: int
    ) -> Request:
        return self.ask(
            _page_url(number, scope, start),
            scope,
            self._page,
            account_id=account_id,
            headers=self._headers,
            kwargs={"number": number, "account_id": account_id, "start": start},
        )

    def _page(
        self, response: Response, number: str, account_id: str, start: int
    ) -> Iterator[Request]:
        assert response.request is not None
        scope = str(response.request.meta["scope"])
        page = self.read(response)
        if page is None:
            return
        items = page.get("items") or []
        total = page.get("total_results") or page.get("total_count") or 0
        # The register may give fewer than it was asked for.
        following = start + len(items)
        if not items or following >= total:
            return
        if scope == "filings" and _oldest(items) < self._since(number):
            return
        if start // _PER_PAGE + 1 >= _MAX_PAGES:
            self.logger.warning(
                "%s: page %d is the last read", response.url, _MAX_PAGES
            )
            return
        yield self._ask_page(number, account_id, scope, following)

    def _since(self, number: str) -> date:
        """The day from which filings may be new."""
        known = self.context.known.get(_page_url(number, "filings", 0))
        if known is not None and known.outcome in _ANSWERED:
            return known.fetched_on - timedelta(days=_OVERLAP_DAYS)
        return self.context.day - timedelta(days=_FIRST_DAYS)


def _page_url(number: str, scope: str, start: int) -> str:
    path = {"roles": "officers", "filings": "filing-history"}[scope]
    question = f"items_per_page={_PER_PAGE}&start_index={start}"
    return f"{_BASE}/company/{number}/{path}?{question}"


def _oldest(items: list[Any]) -> date:
    days = [iso_day(item.get("date")) for item in items if isinstance(item, dict)]
    return min((day for day in days if day is not None), default=date.max)
