"""Notices of TED: searches by date for the countries of the accounts."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from scrapy.http import Request, Response

from scrapers.crawl_context import CrawlContext, CrawlStopped, KnownVisit
from scrapers.extract.countries import country_code
from scrapers.extract.dates import iso_day
from scrapers.extract.organisation_numbers import organisation_number
from scrapers.families.json_api import JsonApiSpider, count_of

_SEARCH = "https://api.ted.europa.eu/v3/notices/search"
_SITE = "https://ted.europa.eu/"
_PER_PAGE = 250
_ACCESSIBLE = 15_000
_OVERLAP_DAYS = 10
_FIRST_DAYS = 365
_ANSWERED = ("ok", "not_modified")
# A field the service does not know is refused with 400: each of these has been seen in
# an answer. What they hold is read in parse.py.
_FIELDS = [
    "publication-number",
    "publication-date",
    "notice-identifier",
    "procedure-identifier",
    "notice-type",
    "notice-title",
    "title-proc",
    "buyer-name",
    "buyer-country",
    "organisation-identifier-buyer",
    "winner-name",
    "winner-country",
    "winner-identifier",
    "classification-cpv",
    "deadline-receipt-request",
    "deadline-receipt-tender-date-lot",
    "estimated-value-proc",
    "estimated-value-cur-proc",
    "total-value",
    "links",
]


class TedNoticesSpider(JsonApiSpider):
    """Every notice with a buyer or winner in an account's country; watched in full."""

    name = "ted_notices"

    def __init__(self, context: CrawlContext, **kwargs: Any) -> None:
        super().__init__(context, **kwargs)
        watched = [a for a in context.accounts if a.org_number]
        self._watched = {account.org_number for account in watched}
        codes = (country_code(account.country) for account in watched)
        self._countries = sorted({code for code in codes if code is not None})
        self._tokens: set[str] = set()

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the window of the day."""
        if not self._countries:
            self.logger.warning("no account has an organisation number and a country")
            return
        searches = [k for k in self.context.known.values() if k.scope == "search"]
        answered = [k.fetched_on for k in searches if k.outcome in _ANSWERED]
        day = self.context.day
        first = day - timedelta(days=_FIRST_DAYS)
        if answered:
            # Days without a crawl are caught up with.
            first = min(day, max(answered)) - timedelta(days=_OVERLAP_DAYS)
        yield self._search(first, day)
        # So are searches that failed; the overlap does not reach all of them.
        for window in sorted({w for k in searches if (w := _failed_window(k))}):
            yield self._search(*window)

    def _search(
        self,
        first: date,
        last: date,
        page: int = 1,
        token: str | None = None,
        is_iteration: bool = False,
        received: int = 0,
        again: int = 0,
    ) -> Request:
        places = " OR ".join(
            f"{field}={code}"
            for field in ("buyer-country", "winner-country")
            for code in self._countries
        )
        payload: dict[str, Any] = {
            # Dates and order are part of the query; ASC is an error there.
            "query": (
                f"({places}) AND PD>={first:%Y%m%d} AND PD<={last:%Y%m%d}"
                " SORT BY PD DESC"
            ),
            "fields": _FIELDS,
            "limit": _PER_PAGE,
            "scope": "ALL",
            "paginationMode": "ITERATION" if is_iteration else "PAGE_NUMBER",
        }
        if not is_iteration:
            payload["page"] = page
        elif token:
            payload["iterationNextToken"] = token
        return self.ask(
            _SEARCH,
            "search",
            self._found,
            payload=payload,
            again=again,
            kwargs={
                "first": first,
                "last": last,
                "page": page,
                "is_iteration": is_iteration,
                "received": received,
                "again": again,
                "token": token,
            },
        )

    def _found(
        self,
        response: Response,
        first: date,
        last: date,
        page: int,
        is_iteration: bool,
        received: int,
        again: int,
        token: str | None,
    ) -> Iterator[Request]:
        if response.status == 400:
            raise CrawlStopped(f"TED does not understand the search: {_said(response)}")
        answer = self.read(response)
        if answer is None or not isinstance(answer.get("notices"), list):
            self.logger.error(
                "the search of %s to %s was answered with status %d; it is asked "
                "again in the next crawl",
                first,
                last,
                response.status,
            )
            return
        if answer.get("timedOut") is True:
            if not again:
                yield self._search(
                    first, last, page, token, is_iteration, received, again=1
                )
                return
            self.logger.error(
                "the search of %s to %s timed out at TED twice; not all of its notices "
                "were given",
                first,
                last,
            )
        hits = [hit for hit in answer["notices"] if isinstance(hit, dict)]
        _check_dates(hits, first, last)
        total = count_of(answer, "totalNoticeCount")
        if total > _ACCESSIBLE and last > first and not is_iteration:
            # Above the ceiling of the pages: two halves, down to a day.
            middle = first + (last - first) // 2
            yield self._search(first, middle)
            yield self._search(middle + timedelta(days=1), last)
            return
        if total > _ACCESSIBLE and not is_iteration:
            yield self._search(first, last, is_iteration=True)
            return
        for hit in hits:
            yield from self._notice(hit)
        received += len(hits)
        if not hits or received >= total:
            return
        if not is_iteration:
            yield self._search(first, last, page + 1, received=received)
            return
        following = answer.get("iterationNextToken")
        if not isinstance(following, str) or following in self._tokens | {""}:
            # Some have never been given a token.
            self.logger.error(
                "TED gave no token to go on with: %d of %d notices of %s were read",
                received,
                total,
                first,
            )
            return
        self._tokens.add(following)
        yield self._search(
            first, last, page, following, is_iteration=True, received=received
        )

    def _notice(self, hit: dict[str, Any]) -> Iterator[Request]:
        numbers = {
            organisation_number(text)
            for field in ("organisation-identifier-buyer", "winner-identifier")
            for text in _texts(hit.get(field))
        }
        number = next(iter(_texts(hit.get("publication-number"))), None)
        if number is None or not numbers & self._watched:
            return
        url = _xml_address(hit) or f"{_SITE}en/notice/{number}/xml"
        known = self.context.known.get(url)
        if known is None or known.outcome not in _ANSWERED:
            yield self.ask(url, "notice", self._notice_came)

    def _notice_came(self, response: Response) -> None:
        """The visit is all there is to do."""


def _failed_window(known: KnownVisit) -> tuple[date, date] | None:
    """The dates of a search that was not answered."""
    if known.outcome in _ANSWERED:
        return None
    question = json.loads(unquote(urlsplit(known.url).fragment))
    words = str(question["query"]).split()
    bounds = [word[4:] for word in words if word.startswith(("PD>=", "PD<="))]
    first, last = (date.fromisoformat(f"{b[:4]}-{b[4:6]}-{b[6:]}") for b in bounds)
    return first, last


def _check_dates(hits: list[dict[str, Any]], first: date, last: date) -> None:
    """Stop when the dates of the query were not understood.

    Raises:
        CrawlStopped: a notice was not published between the dates asked for.
    """
    for hit in hits:
        for text in _texts(hit.get("publication-date")):
            day = iso_day(text)
            if day is not None and not first <= day <= last:
                raise CrawlStopped(
                    f"TED gave a notice of {day} when asked for {first} to {last}: the "
                    "dates of the search are not understood any more"
                )


def _texts(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str)]


def _xml_address(hit: dict[str, Any]) -> str | None:
    links = hit.get("links")
    xml = links.get("xml") if isinstance(links, dict) else None
    address = xml.get("MUL") if isinstance(xml, dict) else None
    is_theirs = isinstance(address, str) and address.startswith(_SITE)
    return address if is_theirs else None


def _said(response: Response) -> str:
    return " ".join(response.body.decode("utf-8", "replace")[:300].split())
