"""Entities, sub-units and roles of Enhetsregisteret, for the accounts on the list.

The update feeds are read first, each from the last number that has landed: whom they
name is asked for the same day. A unit that a whole feed does not name is unchanged, and
is asked for once a week all the same, spread over the week. Where a feed does not
answer, nothing is known to be unchanged and everything it tells of is asked for.
"""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from scrapy.http import Request, Response

from scrapers.account import Account
from scrapers.crawl_context import CrawlContext
from scrapers.extract.organisation_numbers import is_organisation_number
from scrapers.extract.refusal import ParseRefused
from scrapers.families.json_api import JsonApiSpider
from scrapers.sources.brreg_registry.updates import (
    ENTITIES,
    FEEDS,
    ROLES,
    SUB_UNITS,
    Feed,
    UpdatePage,
    read_updates,
)

_BASE = "https://data.brreg.no/enhetsregisteret/api"
# The media type pins the shape: 406 when the version goes away.
_ENTITY = {
    "Accept": "application/vnd.brreg.enhetsregisteret.enhet.v2+json;charset=UTF-8"
}
_SUB_ENTITY = {
    "Accept": "application/vnd.brreg.enhetsregisteret.underenhet.v2+json;charset=UTF-8"
}
_JSON = {"Accept": "application/json"}
_ANSWERED = ("ok", "not_modified")
_RECONCILE_DAYS = 7
_MAX_FEED_PAGES = 200
_PAGE_SIZE = 1_000
# The register shows no more of one search: (page + 1) * size <= 10,000.
_CEILING = 10_000


class BrregRegistrySpider(JsonApiSpider):
    """What the feeds name, what is due, and what could not be had the last time."""

    name = "brreg_registry"

    def __init__(self, context: CrawlContext, **kwargs: Any) -> None:
        super().__init__(context, **kwargs)
        self._accounts = [
            account
            for account in context.accounts
            if account.org_number is not None
            and account.country in (None, "NO")
            and is_organisation_number(account.org_number)
        ]
        self._named: dict[str, set[str]] = {feed.scope: set() for feed in FEEDS}
        self._unread: set[str] = {feed.scope for feed in FEEDS}
        self._pages: dict[str, int] = dict.fromkeys(self._named, 0)
        self._complete: set[str] = set()

    async def start(self) -> AsyncIterator[Request]:
        """Ask each feed what is new since it was read last."""
        if self._accounts:
            for feed in FEEDS:
                yield self._ask_feed(feed, self._cursor(feed))

    # The feeds

    def _cursor(self, feed: Feed) -> str:
        """Where the feed is gone on with: after the last number that has landed."""
        read = [
            known.url
            for known in self.context.known.values()
            if known.scope == feed.scope and known.outcome in _ANSWERED
        ]
        if not read:
            return feed.first(self.context.day.isoformat())
        newest = max(read, key=lambda url: (feed.number_of(url), url))
        body = self.context.archived(newest)
        page = self._page(body, feed, newest) if body else None
        if page is None or not page.updates:
            # Nothing had come by then: the same question again.
            return newest
        return feed.following(page.updates[-1].number)

    def _page(self, body: bytes, feed: Feed, url: str) -> UpdatePage | None:
        try:
            return read_updates(json.loads(body, strict=False), feed, url)
        except (ValueError, RecursionError, ParseRefused) as fault:
            self.logger.error("%s: %s", url, fault)
            return None

    def _ask_feed(self, feed: Feed, url: str) -> Request:
        self._pages[feed.scope] += 1
        return self.ask(
            url,
            feed.scope,
            self._feed_came,
            errback=self._feed_failed,
            headers=_JSON,
            kwargs={"scope": feed.scope},
            # A feed that is conditional hides what has come since.
            unconditional=True,
        )

    def _feed_came(self, response: Response, scope: str) -> Iterator[Request]:
        feed = next(feed for feed in FEEDS if feed.scope == scope)
        page = None
        if response.status == 200:
            page = self._page(response.body, feed, response.url)
        if page is None:
            self.logger.error(
                "%s: status %d where an update feed was due: all is asked for",
                response.url,
                response.status,
            )
            yield from self._feed_ended(scope)
            return
        self._named[scope].update(update.org_number for update in page.updates)
        if page.is_last:
            self._complete.add(scope)
            yield from self._feed_ended(scope)
        elif page.updates[-1].number < feed.number_of(response.url):
            self.logger.error("%s: answers what was read before", response.url)
            yield from self._feed_ended(scope)
        elif self._pages[scope] >= _MAX_FEED_PAGES:
            self.logger.warning(
                "%d pages of %s were read; the next crawl goes on",
                _MAX_FEED_PAGES,
                scope,
            )
            yield from self._feed_ended(scope)
        else:
            yield self._ask_feed(feed, feed.following(page.updates[-1].number))

    def _feed_failed(self, failure: Any) -> Iterator[Request]:
        self.unreached(failure)
        yield from self._feed_ended(failure.request.meta["scope"])

    def _feed_ended(self, scope: str) -> Iterator[Request]:
        self._unread.discard(scope)
        if not self._unread:
            for account in self._accounts:
                yield from self._account(account)

    # The units

    def _account(self, account: Account) -> Iterator[Request]:
        number = str(account.org_number)
        unit = self.context.known.get(_unit_url(number))
        is_sub_unit = (
            unit is not None and unit.scope == "entity" and unit.outcome in _ANSWERED
        )
        url = _unit_url(number) if is_sub_unit else f"{_BASE}/enheter/{number}"
        feed = SUB_UNITS if is_sub_unit else ENTITIES
        roles_due = not is_sub_unit and self._is_due(_roles_url(number), number, ROLES)
        if self._is_due(url, number, feed):
            yield self.ask(
                url,
                "entity",
                self._ignored if is_sub_unit else self._entity,
                account_id=account.account_id,
                headers=_SUB_ENTITY if is_sub_unit else _ENTITY,
                kwargs={} if is_sub_unit else {"roles_due": roles_due},
            )
        elif roles_due:
            yield self._ask_roles(number, account.account_id)
        if not is_sub_unit:
            yield from self._sub_units_of(number, account.account_id)

    def _is_due(self, url: str, number: str, feed: Feed) -> bool:
        known = self.context.known.get(url)
        if known is None or known.outcome not in _ANSWERED:
            return True
        if feed.scope not in self._complete or number in self._named[feed.scope]:
            return True
        age = (self.context.day - known.fetched_on).days
        is_own_weekday = (self.context.day.toordinal() + int(number[:8])) % 7 == 0
        return age >= _RECONCILE_DAYS or is_own_weekday

    def _entity(self, response: Response, roles_due: bool) -> Iterator[Request]:
        assert response.request is not None
        account_id = response.request.meta["account_id"]
        number = urlsplit(response.request.url).path.rsplit("/", 1)[-1]
        if response.status == 404:
            # A sub-unit has a number of its own and no roles.
            yield self.ask(
                _unit_url(number),
                "entity",
                self._ignored,
                account_id=account_id,
                headers=_SUB_ENTITY,
            )
        elif response.status != 410 and roles_due:
            # 410: taken out of open data, so there is nothing to ask for.
            yield self._ask_roles(number, account_id)

    def _ask_roles(self, number: str, account_id: str) -> Request:
        return self.ask(
            _roles_url(number),
            "roles",
            self._ignored,
            account_id=account_id,
            headers=_JSON,
        )

    def _ignored(self, response: Response) -> None:
        """The visit is all there is to do; 404 means no roles."""

    # The sub-units

    def _sub_units_of(self, number: str, account_id: str) -> Iterator[Request]:
        named = self._named[SUB_UNITS.scope]
        ours = self._listed_before(number, account_id) & named if named else set()
        if ours or self._is_due(_units_url(number, 0), number, SUB_UNITS):
            yield self._ask_units(number, account_id, 0, ())
        for unit in sorted(ours):
            yield self._ask_unit(unit, account_id)

    def _listed_before(self, number: str, account_id: str) -> set[str]:
        """The sub-units that the archived list names."""
        found: set[str] = set()
        for page in range(_CEILING // _PAGE_SIZE):
            url = _units_url(number, page)
            if url not in self.context.known:
                break
            body = self.context.archived(url, account_id)
            found.update(_numbers_of(body) if body else ())
        return found

    def _ask_units(
        self, number: str, account_id: str, page: int, seen: tuple[str, ...]
    ) -> Request:
        return self.ask(
            _units_url(number, page),
            "sub_units",
            self._units_came,
            account_id=account_id,
            headers=_SUB_ENTITY,
            kwargs={"number": number, "page": page, "seen": seen},
        )

    def _ask_unit(self, unit: str, account_id: str) -> Request:
        return self.ask(
            _unit_url(unit),
            "sub_unit",
            self._ignored,
            account_id=account_id,
            headers=_SUB_ENTITY,
        )

    def _units_came(
        self, response: Response, number: str, page: int, seen: tuple[str, ...]
    ) -> Iterator[Request]:
        assert response.request is not None
        account_id = response.request.meta["account_id"]
        document = self.read(response)
        if document is None:
            return
        seen += tuple(_numbers_of(response.body))
        pages = _pages_of(document)
        if (page + 1) * _PAGE_SIZE >= _CEILING and page + 1 < pages:
            self.logger.warning(
                "%s has more than %d sub-units; the register shows no more of them",
                number,
                _CEILING,
            )
            return
        if page + 1 < pages:
            yield self._ask_units(number, account_id, page + 1, seen)
            return
        # Not listed any more is no proof: the unit itself says when it was closed.
        for unit in sorted(self._listed_before(number, account_id) - set(seen)):
            known = self.context.known.get(_unit_url(unit))
            if known is None or known.outcome not in _ANSWERED:
                yield self._ask_unit(unit, account_id)


def _unit_url(number: str) -> str:
    return f"{_BASE}/underenheter/{number}"


def _roles_url(number: str) -> str:
    return f"{_BASE}/enheter/{number}/roller"


def _units_url(number: str, page: int) -> str:
    question = f"overordnetEnhet={number}&size={_PAGE_SIZE}&page={page}"
    return f"{_BASE}/underenheter?{question}"


def _pages_of(document: Mapping[str, Any]) -> int:
    """How many pages a search has; 0 where it does not say so in a number."""
    told = document.get("page")
    pages = told.get("totalPages") if isinstance(told, Mapping) else None
    return pages if isinstance(pages, int) else 0


def _numbers_of(body: bytes) -> list[str]:
    """Organisation numbers of a page of a search for sub-units."""
    try:
        embedded = json.loads(body, strict=False).get("_embedded") or {}
        units = embedded.get("underenheter") or []
        return [str(unit["organisasjonsnummer"]) for unit in units]
    except (ValueError, RecursionError, AttributeError, KeyError, TypeError):
        # The parser refuses such a page, and says so.
        return []
