"""Procurement notices of Doffin: searches by date, notices of watched parties."""

from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from scrapy.http import Request, Response

from scrapers.crawl_context import CrawlContext, CrawlStopped
from scrapers.extract.dates import iso_day
from scrapers.extract.organisation_numbers import organisation_number
from scrapers.families.json_api import JsonApiSpider, count_of

_BASE = "https://api.doffin.no/public/v2"
_PER_PAGE = 100
_OVERLAP_DAYS = 10
_FIRST_DAYS = 365
# A day begins at another hour there.
_SLACK = timedelta(days=1)
_ANSWERED = ("ok", "not_modified")


class DoffinNoticesSpider(JsonApiSpider):
    """Every notice of a window; the full text of those with a watched party."""

    name = "doffin_notices"

    def __init__(self, context: CrawlContext, **kwargs: Any) -> None:
        super().__init__(context, **kwargs)
        self._watched = {a.org_number for a in context.accounts if a.org_number}
        key = context.secret or ("replay" if context.is_replay else "")
        self._headers = {"Ocp-Apim-Subscription-Key": key}
        self._has_key = bool(key)
        self._totals: dict[tuple[date, date], int] = {}

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the window of the day."""
        if not self._has_key:
            raise CrawlStopped(
                "doffin_notices needs a subscription key: set LYTTEPOST_DOFFIN_KEY "
                "(free, from DFØ's API portal)"
            )
        searches = [k for k in self.context.known.values() if k.scope == "search"]
        answered = [k.fetched_on for k in searches if k.outcome in _ANSWERED]
        day = self.context.day
        first = day - timedelta(days=_FIRST_DAYS)
        if answered:
            # Days without a crawl are caught up with.
            first = min(day, max(answered)) - timedelta(days=_OVERLAP_DAYS)
        yield self._search(first, day, 1)
        # So are searches that failed; the overlap does not reach all of them.
        for url in sorted(k.url for k in searches if k.outcome not in _ANSWERED):
            query = dict(parse_qsl(urlsplit(url).query))
            yield self._search(
                date.fromisoformat(query["issueDateFrom"]),
                date.fromisoformat(query["issueDateTo"]),
                int(query["page"]),
            )

    def _search(self, first: date, last: date, page: int) -> Request:
        query = {
            "numHitsPerPage": _PER_PAGE,
            "page": page,
            "sortBy": "PUBLICATION_DATE_DESC",
            "issueDateFrom": first.isoformat(),
            "issueDateTo": last.isoformat(),
        }
        return self.ask(
            f"{_BASE}/search?{urlencode(query)}",
            "search",
            self._found,
            headers=self._headers,
            kwargs={"first": first, "last": last, "page": page},
        )

    def _found(
        self, response: Response, first: date, last: date, page: int
    ) -> Iterator[Request]:
        if response.status in (401, 403):
            raise CrawlStopped(
                f"Doffin refuses the subscription key (status {response.status}): "
                "check LYTTEPOST_DOFFIN_KEY"
            )
        answer = self.read(response)
        if answer is None:
            self.logger.error(
                "the search of %s to %s was answered with status %d; it is asked "
                "again in the next crawl",
                first,
                last,
                response.status,
            )
            return
        total = count_of(answer, "numHitsTotal")
        accessible = count_of(answer, "numHitsAccessible", total)
        hits = answer.get("hits") or []
        self._check(hits, total, first, last)
        if total > accessible and last > first:
            # Above the ceiling of 1,000 hits: two halves, down to a day.
            middle = first + (last - first) // 2
            yield self._search(first, middle, 1)
            yield self._search(middle + timedelta(days=1), last, 1)
            return
        if total > accessible:
            self.logger.warning(
                "%s has %d notices, of which only %d can be read",
                first,
                total,
                accessible,
            )
        for hit in hits:
            yield from self._notice(hit)
        if hits and page * _PER_PAGE < min(total, accessible):
            yield self._search(first, last, page + 1)

    def _check(
        self, hits: list[dict[str, Any]], total: int, first: date, last: date
    ) -> None:
        """Stop when the dates asked for were ignored: that is answered with 200 too.

        Raises:
            CrawlStopped: most notices are of other days, or the halves of a window
                hold more than it did.
        """
        reason = None
        days = [found for hit in hits if (found := _days(hit))]
        outside = [
            found
            for found in days
            if max(found) < first - _SLACK or min(found) > last + _SLACK
        ]
        if 2 * len(outside) > len(days):
            reason = f"most notices are of other days, such as {outside[0][0]}"
        self._totals[first, last] = total
        for (start, end), whole in self._totals.items():
            middle = start + (end - start) // 2
            halves = (start, middle), (middle + timedelta(days=1), end)
            if (first, last) in halves and all(half in self._totals for half in halves):
                parts = sum(self._totals[half] for half in halves)
                # Notices may come in between the questions.
                if start < end and parts > 1.1 * whole + 50:
                    reason = f"its halves have {parts} notices, it has {whole}"
                    first, last = start, end
        if reason is not None:
            raise CrawlStopped(
                f"Doffin ignores the dates of the search of {first} to {last}: {reason}"
            )

    def _notice(self, hit: dict[str, Any]) -> Iterator[Request]:
        parties = list(hit.get("buyer") or [])
        for lot in hit.get("lots") or []:
            parties += lot.get("winner") or []
        numbers = {
            organisation_number(party.get("organizationId")) for party in parties
        }
        if not hit.get("id") or not numbers & self._watched:
            return
        url = f"{_BASE}/download/{hit['id']}"
        known = self.context.known.get(url)
        if known is None or known.outcome not in _ANSWERED:
            yield self.ask(url, "notice", self._notice_came, headers=self._headers)

    def _notice_came(self, response: Response) -> None:
        """The visit is all there is to do."""


def _days(hit: dict[str, Any]) -> list[date]:
    """Days of issue and publication; which of them is asked for is not said."""
    found = (iso_day(hit.get(key)) for key in ("issueDate", "publicationDate"))
    return [day for day in found if day is not None]
