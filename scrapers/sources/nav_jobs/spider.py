"""The job feed of NAV: pages of changes, and the entries of watched employers.

The cursor is the page still to be read: the newest feed page that is known. It is read
again without conditions, because the tip grows and its ETag hides new ads.
"""

import json
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from typing import Any

from scrapy.http import Request, Response

from scrapers.crawl_context import CrawlContext, CrawlStopped
from scrapers.extract.company_names import company_key
from scrapers.families.json_api import JsonApiSpider

_BASE = "https://pam-stilling-feed.nav.no"
_START = f"{_BASE}/api/v1/feed"
# An address of its own: an answer of "nothing newer" says nothing of the first page.
_ANEW = f"{_START}?pageSize=1000"
_ANSWERED = ("ok", "not_modified")
_TOKEN = re.compile(rb"ey[\w-]+\.[\w-]+\.[\w-]+")
_UNIT = re.compile(r" (?:avd|avdeling|avdelinga)\b")
_MAX_PAGES = 5_000


class NavJobsSpider(JsonApiSpider):
    """Token, feed pages from the cursor to the tip, entries of watched employers."""

    name = "nav_jobs"

    def __init__(self, context: CrawlContext, **kwargs: Any) -> None:
        super().__init__(context, **kwargs)
        self._watched = {key for a in context.accounts if (key := company_key(a.name))}
        self._token = ""
        self._n_tokens = 0
        self._first_page: str | None = None
        self._read_on: date | None = None
        self._n_pages = 0
        # Last item per advertisement wins, also within a page.
        self._items: dict[str, dict[str, Any]] = {}

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the public token."""
        yield self._ask_token()

    def _ask_token(self, page: str | None = None) -> Request:
        """Ask for the token; `page` is what it will be used for, if not the cursor."""
        self._n_tokens += 1
        self._first_page = page
        return self.ask(
            f"{_BASE}/api/publicToken",
            "token",
            self._token_came,
            errback=self._no_token,
            unconditional=True,
            again=self._n_tokens - 1,
        )

    def _token_came(self, response: Response) -> Iterator[Request]:
        found = _TOKEN.search(response.body)
        if response.status != 200 or found is None:
            raise CrawlStopped(
                f"{response.url} gave no token (status {response.status})"
            )
        self._token = found[0].decode("ascii")
        yield self._ask_page(self._first_page or self._cursor())

    def _no_token(self, failure: Any) -> None:
        raise CrawlStopped(f"{failure.request.url} was not reached: {failure.value}")

    def _cursor(self) -> str:
        """The page still to be read: where what was read last leads to in the end."""
        read = {
            known.url: known.fetched_on
            for known in self.context.known.values()
            if known.scope == "feed_page" and known.outcome in _ANSWERED
        }
        self._read_on = max(read.values(), default=None)
        passed: set[str] = set()
        for start in sorted(url for url, day in read.items() if day == self._read_on):
            url = start
            while url in read and url not in passed:
                passed.add(url)
                page = self._archived(url)
                following = _path(page.get("next_url"))
                if following is None:
                    # Where the feed was entered is no address of that page.
                    return f"{_START}/{page['id']}" if page.get("id") else url
                url = f"{_BASE}{following}"
            if url not in read:
                return url
        return _START

    def _archived(self, url: str) -> dict[str, Any]:
        body = self.context.archived(url)
        try:
            page = json.loads(body) if body else None
        except (ValueError, RecursionError):
            # Not JSON when it landed: nothing is known of where it leads.
            return {}
        return page if isinstance(page, dict) else {}

    def _ask_page(self, url: str, since: date | None = None) -> Request:
        self._n_pages += 1
        headers = self._authorization()
        if since is not None:
            midnight = datetime.combine(since, time(), UTC)
            headers["If-Modified-Since"] = format_datetime(midnight, usegmt=True)
        return self.ask(
            url,
            "feed_page",
            self._page_came,
            errback=self._page_failed,
            headers=headers,
            unconditional=True,
            again=self._n_tokens - 1,
        )

    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}

    def _page_came(self, response: Response) -> Iterator[Request]:
        assert response.request is not None
        asked = response.request.url
        if response.status == 401 and self._n_tokens < 2:
            self._n_pages -= 1
            yield self._ask_token(asked)
            return
        is_unchanged = response.status == 304 or "not_modified" in response.flags
        if is_unchanged or (response.status == 200 and not response.body.strip()):
            # Nothing new at the tip.
            yield from self._entries()
            return
        if response.status == 404 and self._n_pages == 1:
            # The page is no more: start anew, from what we had read.
            since = self._read_on and self._read_on - timedelta(days=1)
            yield self._ask_page(_ANEW, since)
            return
        page = self.read(response)
        if page is None:
            # The next crawl goes on from here; what was read so far is not lost.
            self.logger.error(
                "%s: status %d where a feed page was due", response.url, response.status
            )
            yield from self._entries()
            return
        for item in _objects(page.get("items")):
            entry = item.get("_feed_entry")
            if not isinstance(entry, dict):
                entry = {}
            uuid = entry.get("uuid") or item.get("id")
            if isinstance(uuid, str) and uuid:
                self._items[uuid] = {**entry, "modified": item.get("date_modified")}
        following = _path(page.get("next_url"))
        if following and self._n_pages >= _MAX_PAGES:
            self.logger.warning(
                "%d feed pages were read; the next crawl goes on from %s",
                self._n_pages,
                following,
            )
        elif following:
            yield self._ask_page(f"{_BASE}{following}")
            return
        yield from self._entries()

    def _page_failed(self, failure: Any) -> Iterator[Request]:
        self.unreached(failure)
        yield from self._entries()

    def _entries(self) -> Iterator[Request]:
        for uuid, item in sorted(self._items.items()):
            url = f"{_BASE}/api/v1/feedentry/{uuid}"
            known = self.context.known.get(url)
            is_ours = self._is_watched(str(item.get("businessName") or ""))
            if known is None and not (is_ours and item.get("status") == "ACTIVE"):
                continue
            is_held = known is not None and known.outcome in _ANSWERED
            if is_held and known and not _is_newer(item, known.fetched_on):
                continue
            yield self.ask(
                url,
                "feed_entry",
                self._entry_came,
                headers=self._authorization(),
                unconditional=True,
            )

    def _is_watched(self, name: str) -> bool:
        key = company_key(name)
        # A sub-unit is often named after its company: "Eksempel AS avd Bodø".
        return key in self._watched or _UNIT.split(key)[0] in self._watched

    def _entry_came(self, response: Response) -> None:
        """The visit is all there is to do."""


def _objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list that may be anything."""
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def _path(value: Any) -> str | None:
    """The path of a next page; None for what would lead to another host."""
    # "@other.example/" behind the host's name would be an address of another host.
    return value if isinstance(value, str) and value.startswith("/api/") else None


def _is_newer(item: dict[str, Any], day: date) -> bool:
    """True when an item was changed on or after the day its entry was fetched."""
    said = item.get("modified") or item.get("sistEndret")
    try:
        return said is None or datetime.fromisoformat(said).date() >= day
    except (TypeError, ValueError):
        return True
