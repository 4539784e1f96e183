"""The job feed of NAV: pages of changes, and the entries of watched employers.

The cursor is the page still to be read: the newest feed page that is known. It is read
again without conditions, because the tip grows and its ETag hides new ads.
"""

import json
import re
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Any

from scrapy.http import Request, Response

from scrapers.crawl_context import CrawlContext, CrawlStopped
from scrapers.families.json_api import JsonApiSpider

_BASE = "https://pam-stilling-feed.nav.no"
_TOKEN = re.compile(rb"ey[\w-]+\.[\w-]+\.[\w-]+")
_SUFFIXES = re.compile(
    r"\b(as|asa|sa|ans|da|ab|aps|a s|oy|oyj|ltd|limited|gmbh|inc|konsern|group)\b"
)
_MAX_PAGES = 5_000


def company_key(name: str) -> str:
    """A company's name for comparison: no case, punctuation or legal form."""
    bare = re.sub(r"[^\w]+", " ", name.casefold())
    return " ".join(_SUFFIXES.sub(" ", bare).split())


class NavJobsSpider(JsonApiSpider):
    """Token, feed pages from the cursor to the tip, entries of watched employers."""

    name = "nav_jobs"

    def __init__(self, context: CrawlContext, **kwargs: Any) -> None:
        super().__init__(context, **kwargs)
        self._watched = {key for a in context.accounts if (key := company_key(a.name))}
        self._token = ""
        self._n_tokens = 0
        self._n_pages = 0
        # Last item per advertisement wins, also within a page.
        self._items: dict[str, dict[str, Any]] = {}

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the public token."""
        yield self._ask_token()

    def _ask_token(self) -> Request:
        self._n_tokens += 1
        return self.ask(
            f"{_BASE}/api/publicToken",
            "token",
            self._token_came,
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
        yield self._ask_page(self._cursor())

    def _cursor(self) -> str:
        """The page still to be read: of those read last, the one that led nowhere."""
        pages = [
            known
            for known in self.context.known.values()
            if known.scope == "feed_page" and known.outcome == "ok"
        ]
        newest = max((known.fetched_on for known in pages), default=None)
        for known in sorted(pages, key=lambda k: k.url):
            if known.fetched_on == newest and not self._next_url(known.url):
                return known.url
        return f"{_BASE}/api/v1/feed"

    def _next_url(self, url: str) -> str | None:
        body = self.context.archived(url)
        page = json.loads(body) if body else {}
        return page.get("next_url") if isinstance(page, dict) else None

    def _ask_page(self, url: str) -> Request:
        self._n_pages += 1
        return self.ask(
            url,
            "feed_page",
            self._page_came,
            headers={"Authorization": f"Bearer {self._token}"},
            unconditional=True,
            again=self._n_tokens - 1,
        )

    def _page_came(self, response: Response) -> Iterator[Request]:
        assert response.request is not None
        if response.status == 401 and self._n_tokens < 2:
            yield self._ask_token()
            return
        if response.status == 304 or (
            response.status == 200 and not response.body.strip()
        ):
            # Nothing new at the tip.
            yield from self._entries()
            return
        page = self.read(response)
        if page is None:
            raise CrawlStopped(
                f"{response.url}: status {response.status} where a feed page was due"
            )
        for item in page.get("items", []):
            entry = item.get("_feed_entry") or {}
            uuid = entry.get("uuid") or item.get("id")
            if uuid:
                self._items[uuid] = {**entry, "modified": item.get("date_modified")}
        following = page.get("next_url")
        if following and self._n_pages < _MAX_PAGES:
            yield self._ask_page(f"{_BASE}{following}")
            return
        yield from self._entries()

    def _entries(self) -> Iterator[Request]:
        for uuid, item in sorted(self._items.items()):
            url = f"{_BASE}/api/v1/feedentry/{uuid}"
            known = self.context.known.get(url)
            is_ours = company_key(item.get("businessName") or "") in self._watched
            if known is None and not (is_ours and item.get("status") == "ACTIVE"):
                continue
            if known is not None and not _is_newer(item, known.fetched_on.isoformat()):
                continue
            yield self.ask(
                url,
                "feed_entry",
                self._entry_came,
                headers={"Authorization": f"Bearer {self._token}"},
                unconditional=True,
            )

    def _entry_came(self, response: Response) -> None:
        """The visit is all there is to do."""


def _is_newer(item: dict[str, Any], day: str) -> bool:
    """True when an item was changed on or after the day its entry was fetched."""
    said = item.get("modified") or item.get("sistEndret")
    try:
        return said is None or datetime.fromisoformat(said).date().isoformat() >= day
    except ValueError:
        return True
