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
        self._asked_texts: dict[str, int] = {}
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
        if not isinstance(data, dict):
            self.logger.error(
                "the list of issuer %s from %s was answered with status %d; it is "
                "asked again in the next crawl",
                issuer,
                first,
                response.status,
            )
            return
        if data.get("overflow") is True:
            yield from self._narrower(account_id, issuer, first, last, category)
        for message in reversed(messages_of(data)):
            if message.has_text:
                yield from self._text(account_id, message.message_id)

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

    def _text(self, account_id: str, message_id: int) -> Iterator[Request]:
        url = f"{_BASE}/message?messageId={message_id}"
        known = self.context.known.get(url)
        asked = self._asked_texts.get(account_id, 0)
        if known is not None and known.outcome in _ANSWERED:
            return
        if asked >= self.context.spec.max_pages_per_account:
            return
        self._asked_texts[account_id] = asked + 1
        yield self.ask(
            url, "message", self._text_came, account_id=account_id, headers=_HEADERS
        )

    def _text_came(self, response: Response) -> None:
        """The visit is all there is to do."""
