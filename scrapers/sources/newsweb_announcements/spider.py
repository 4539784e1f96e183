"""NewsWeb: the messages of every issuer in the window of the day, and their texts."""

from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from scrapy.http import Request, Response

from scrapers.crawl_context import CrawlContext
from scrapers.families.json_api import JsonApiSpider
from scrapers.sources.newsweb_announcements.messages import messages_of

_BASE = "https://api3.oslo.oslobors.no/v1/newsreader"
_HEADERS = {
    "Accept": "application/json",
    "Origin": "https://newsweb.oslobors.no",
    "Referer": "https://newsweb.oslobors.no/",
}
_FIRST_DAYS = 365
_OVERLAP_DAYS = 7
_ANSWERED = ("ok", "not_modified")
_CATEGORIES = (1001, 1002, 1003, 1004, 1005, 1006, 1007, 1010, 1101, 1102)


class NewswebAnnouncementsSpider(JsonApiSpider):
    """A place is the number of an issuer."""

    name = "newsweb_announcements"

    def __init__(self, context: CrawlContext, **kwargs: Any) -> None:
        super().__init__(context, **kwargs)
        # Lists that have not come yet, and the texts heard of, by account.
        self._open_lists: dict[str, int] = {}
        self._texts: dict[str, set[int]] = {}
        self._last_day: dict[str, date] = {}
        for known in context.known.values():
            if known.scope == "list" and known.outcome in _ANSWERED:
                issuer = dict(parse_qsl(urlsplit(known.url).query)).get("issuer", "")
                self._last_day[issuer] = max(
                    known.fetched_on, self._last_day.get(issuer, known.fetched_on)
                )

    async def start(self) -> AsyncIterator[Request]:
        """The window of every issuer."""
        day = self.context.day
        for account in self.context.accounts:
            for issuer in account.addresses(self.name):
                last = self._last_day.get(issuer)
                first = day - timedelta(days=_FIRST_DAYS)
                if last is not None:
                    # Days without a crawl are caught up with.
                    first = min(last, day) - timedelta(days=_OVERLAP_DAYS)
                yield self._list(account.account_id, issuer, first, day)

    def _list(
        self,
        account_id: str,
        issuer: str,
        first: date,
        last: date,
        category: int | None = None,
    ) -> Request:
        self._open_lists[account_id] = self._open_lists.get(account_id, 0) + 1
        query = {
            "category": category or "",
            "issuer": issuer,
            "fromDate": first.isoformat(),
            "toDate": last.isoformat(),
        }
        return self.ask(
            f"{_BASE}/list?{urlencode(query)}",
            "list",
            self._listed,
            errback=self._list_lost,
            account_id=account_id,
            headers=_HEADERS,
            kwargs={
                "account_id": account_id,
                "issuer": issuer,
                "first": first,
                "last": last,
                "category": category,
            },
        )

    def _listed(
        self,
        response: Response,
        account_id: str,
        issuer: str,
        first: date,
        last: date,
        category: int | None,
    ) -> Iterator[Request]:
        answer = self.read(response)
        data = answer.get("data") if answer else None
        if isinstance(data, dict):
            if data.get("overflow") is True:
                yield from self._narrower(account_id, issuer, first, last, category)
            heard = self._texts.setdefault(account_id, set())
            heard.update(m.message_id for m in messages_of(data) if m.has_text)
        else:
            self.logger.error(
                "the list of issuer %s from %s was answered with status %d; it is "
                "asked again in the next crawl",
                issuer,
                first,
                response.status,
            )
        yield from self._list_ended(account_id)

    def _list_lost(self, failure: Any) -> Iterator[Request]:
        self.unreached(failure)
        yield from self._list_ended(failure.request.cb_kwargs["account_id"])

    def _list_ended(self, account_id: str) -> Iterator[Request]:
        """The newest texts, once every list of the account has come or failed.

        Lists come in any order, and in another one when a killed crawl goes on; which
        texts fit the day's budget must not depend on it.
        """
        self._open_lists[account_id] -= 1
        if self._open_lists[account_id]:
            return
        newest = sorted(self._texts.pop(account_id, ()), reverse=True)
        urls = [f"{_BASE}/message?messageId={number}" for number in newest]
        unread = [url for url in urls if not self._is_read(url)]
        for url in unread[: self.context.spec.max_pages_per_account]:
            yield self.ask(
                url, "message", self._text_came, account_id=account_id, headers=_HEADERS
            )

    def _is_read(self, url: str) -> bool:
        known = self.context.known.get(url)
        return known is not None and known.outcome in _ANSWERED

    def _narrower(
        self,
        account_id: str,
        issuer: str,
        first: date,
        last: date,
        category: int | None,
    ) -> Iterator[Request]:
        """Two halves of the window, down to a day, then kind by kind."""
        if last > first:
            middle = first + (last - first) // 2
            yield self._list(account_id, issuer, first, middle, category)
            following = middle + timedelta(days=1)
            yield self._list(account_id, issuer, following, last, category)
        elif category is None:
            for one in _CATEGORIES:
                yield self._list(account_id, issuer, first, last, one)
        else:
            self.logger.warning(
                "issuer %s has more messages of kind %d on %s than can be read",
                issuer,
                category,
                first,
            )

    def _text_came(self, response: Response) -> None:
        """The visit is all there is to do."""
