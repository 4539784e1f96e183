"""Walk a company's own site and find the pages that tell about the organisation.

Per account, in waves, so that what is asked depends on what pages say and never on
which answer came first: home page and sitemap; then lists (leadership, careers, about,
contact, organisation, news) as long as they lead to more lists; last the articles, the
pages of topics (services, prices, customers ...), other content and the advertisements
found on the way. Parsing is not done here.
"""

import html
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from scrapy.http import Request, Response

from scrapers.account import Account
from scrapers.addresses import RefusedAddress
from scrapers.crawl_context import CrawlContext, KnownVisit
from scrapers.families.page import Link, PageSpider, clean_url, is_on, links
from scrapers.middlewares.robots import RobotsDenied
from scrapers.pace import by_expected_change, resting
from scrapers.sources.company_pages.lexicon import (
    ADVERTISEMENT_PARAMETERS,
    ADVERTISEMENT_PARENTS,
    HOSTS,
    LABEL_ENDINGS,
    LABELS,
    NO_ADVERTISEMENTS,
    NO_ARTICLES,
    PATHS,
    WHOLE_LABELS,
)

# What an address may be besides a scope: an article is of scope news when it is asked,
# a profile is one person's page and not asked for.
ARTICLE, PROFILE = "article", "profile"
LISTS = ("leadership", "careers", "about", "contact", "organisation", "news")
# What a company offers, to whom, and where it is going: pages that tell by themselves.
TOPICS = (
    "strategy",
    "services",
    "products",
    "prices",
    "customers",
    "partners",
    "investor",
    "sustainability",
)
# Which scopes come first when an account's budget is short: the most telling.
ORDER = (*LISTS, ARTICLE, *TOPICS, "content", "job")
_RANK = {scope: rank for rank, scope in enumerate(ORDER)}
_PRIORITY = {"home": 100, "sitemap": 90} | {s: 80 - r for s, r in _RANK.items()}
# Where an address was found; the first is believed when two spellings are one page.
_KNOWN, _LINKED, _MAPPED, _FAILED_BEFORE = range(4)

_KEPT = frozenset(
    ("leadership", "about", "careers", "contact", "organisation", "content", *TOPICS)
)
_MAX_ARTICLES = 5
# A catalogue of products must not take the place of the other kinds of page.
_MAX_PER_TOPIC = 4
_MAX_SITEMAPS = 3
_MAX_SITEMAP_URLS = 500
_MAX_MAPPED_PER_SCOPE = 5
_MAX_FAILED_BEFORE = 10
_MAX_DEPTH = 4
_MAX_LABEL_WORDS = 5
_LOC = re.compile(rb"<loc>\s*(?:<!\[CDATA\[)?\s*([^<\]\s]+)", re.IGNORECASE)
_PAGE_PATH = re.compile(r"/(?:page|side|sida|sivu|seite)/(\d+)/?$", re.IGNORECASE)
_PAGE_PARAMETERS = frozenset("page p side sida sivu pg paged offset start".split())
_ENDING = re.compile(r"\.(?:html?|php|aspx?|jsp)$")
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_FOLD = str.maketrans(
    {"æ": "ae", "ø": "o", "ö": "o", "å": "a", "ä": "a", "ü": "u", "_": "-", " ": "-"}
)
_WORDS = dict(PATHS)
_SCOPE_OF_WORD = {word: scope for scope, words in PATHS[::-1] for word in words}
_LABEL_SCOPES = {phrase: scope for scope, words in LABELS[::-1] for phrase in words}
_LABEL_ENDINGS = tuple(LABEL_ENDINGS)


def segments(url: str) -> tuple[str, ...]:
    """The parts of a path, folded for comparison with the lexicon."""
    path = unquote(urlsplit(url).path).lower().translate(_FOLD)
    return tuple(
        name for part in path.split("/") if (name := _ENDING.sub("", part).strip("-"))
    )


@lru_cache(maxsize=20_000)
def scope_of_path(url: str) -> str | None:
    """What a page is by its address: a scope, an article, a profile or unknown.

    The last part of a path tells (/om-oss/ledelse is leadership), unless it stands
    below a list: below news are articles, below careers advertisements.
    """
    parts = segments(url)
    if not parts:
        labels = (urlsplit(url).hostname or "").split(".")
        return HOSTS.get(labels[0]) if len(labels) > 2 else None
    last, parents = parts[-1], parts[:-1]
    named = _SCOPE_OF_WORD.get(last) if len(parts) <= _MAX_DEPTH else None
    if any(part in _WORDS["news"] for part in parents):
        if named == "news" or (named and len(parts) == 2):
            return named
        return None if last in NO_ARTICLES else ARTICLE
    if named is not None:
        return named
    if any(p in _WORDS["careers"] or p in ADVERTISEMENT_PARENTS for p in parents):
        return "content" if last in NO_ADVERTISEMENTS else "job"
    if any(part in _WORDS["leadership"] for part in parents):
        return PROFILE
    for part in reversed(parents):
        # /tjenester/radgivning is one of the services.
        if _SCOPE_OF_WORD.get(part) in TOPICS and len(parts) <= _MAX_DEPTH:
            return _SCOPE_OF_WORD[part]
    return None


@lru_cache(maxsize=20_000)
def scope_of_label(label: str) -> str | None:
    """What the label of a link promises; None for long labels, as headlines are."""
    words = _TOKEN.findall(label.lower().replace("’", "'"))
    if not words or len(words) > _MAX_LABEL_WORDS:
        return None
    text = " ".join(words)
    if text in WHOLE_LABELS:
        return WHOLE_LABELS[text]
    runs = (
        " ".join(words[first:last])
        for first in range(len(words))
        for last in range(first + 1, len(words) + 1)
    )
    scopes = [_LABEL_SCOPES[run] for run in runs if run in _LABEL_SCOPES]
    if scopes:
        return min(scopes, key=_RANK.__getitem__)
    for word in words:
        if word.endswith(_LABEL_ENDINGS):
            return next(s for end, s in LABEL_ENDINGS.items() if word.endswith(end))
    return None


def scope_of(url: str, label: str = "") -> str | None:
    """What a page is, by its address first and the label of the link next."""
    by_path = scope_of_path(url)
    if by_path is None or by_path == PROFILE:
        return scope_of_label(label) or by_path
    return by_path


def is_next_page(url: str, list_url: str) -> bool:
    """True for a later page of the same list: /page/2, ?side=2."""
    one, two = urlsplit(url), urlsplit(list_url)
    stem = _PAGE_PATH.sub("", one.path).rstrip("/")
    if _host(url) != _host(list_url):
        return False
    if stem != _PAGE_PATH.sub("", two.path).rstrip("/"):
        return False
    here, other = parse_qsl(one.query), parse_qsl(two.query)
    pages = [value for name, value in here if name.lower() in _PAGE_PARAMETERS]
    if _filters(here) != _filters(other):
        return False
    in_path = _PAGE_PATH.search(one.path)
    pages += [in_path[1]] if in_path else []
    # Page one is the list itself.
    return len(pages) == 1 and pages[0].isdecimal() and int(pages[0]) > 1


def _filters(query: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(item for item in query if item[0].lower() not in _PAGE_PARAMETERS)


def _host(url: str) -> str:
    return (urlsplit(url).netloc).removeprefix("www.")


def page_key(url: str) -> str:
    """One key for the spellings of one page: scheme, www. and a last slash apart."""
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{_host(url)}{parts.path.rstrip('/')}{query}"


def _is_below(url: str, list_url: str) -> bool:
    stem = _PAGE_PATH.sub("", urlsplit(list_url).path).rstrip("/")
    is_here = urlsplit(url).path.startswith(f"{stem}/") and _host(url) == _host(
        list_url
    )
    return bool(stem) and is_here and len(segments(url)) > len(segments(stem))


def _is_same_path(url: str, page: str) -> bool:
    return (
        _host(url) == _host(page)
        and urlsplit(url).path.rstrip("/") == urlsplit(page).path.rstrip("/")
    )  # fmt: skip


def scope_of_link(link: Link, page: str, scope: str, *, has_menu: bool) -> str | None:
    """What a link on a page of that scope leads to; None when it is not wanted.

    Advertisements and articles are taken from their own lists, other pages from the
    menu of the home page (from all of it when it has no menu).
    """
    url = link.url
    if scope in ("careers", "leadership") and (
        is_next_page(url, page) or (link.is_next and _host(url) == _host(page))
    ):
        return scope
    if _is_same_path(url, page):
        names = {name.lower() for name, _ in parse_qsl(urlsplit(url).query)}
        is_ad = scope == "careers" and bool(names & ADVERTISEMENT_PARAMETERS)
        return "job" if is_ad and link.is_text else None
    kind = scope_of(url, link.label)
    last = segments(url)[-1:]
    is_here = link.is_text and scope_of_path(url) is None
    if scope == "careers" and link.is_text:
        if kind == "job":
            return "job"
        if is_here and _is_below(url, page) and not NO_ADVERTISEMENTS & set(last):
            return "job"
    if scope == "news" and link.is_text:
        if kind == ARTICLE:
            return ARTICLE
        if is_here and _is_below(url, page) and not NO_ARTICLES & set(last):
            return ARTICLE
    if kind in LISTS:
        return kind
    if kind in TOPICS and scope in ("home", "about"):
        return kind
    if scope == "home" and last and (link.is_menu or not has_menu):
        return None if kind in ("job", ARTICLE) else "content"
    return None


@dataclass(frozen=True, order=True)
class _Find:
    """An address to ask; finds compare by what is asked first."""

    rank: int
    origin: int
    position: int
    is_http: bool
    url: str

    @property
    def scope(self) -> str:
        return ORDER[self.rank]


@dataclass
class _Site:
    """One account's walk: what may still be asked, what was found and waits."""

    account: Account
    budget: int
    asked: set[str] = field(default_factory=set)
    found: dict[str, _Find] = field(default_factory=dict)
    pending: int = 0
    is_last_wave: bool = False

    def add(self, url: str, scope: str, origin: int, position: int = 0) -> None:
        """Keep an address; of two finds of one page the more important scope and the
        better spelling, whichever came first."""
        key = page_key(url)
        if key in self.asked:
            return
        find = _Find(_RANK[scope], origin, position, not url.startswith("https"), url)
        other = self.found.get(key)
        if other is not None:
            spelt = min(find, other, key=lambda f: (f.origin, f.is_http, f.url))
            first = min(find, other)
            find = _Find(
                first.rank, spelt.origin, first.position, spelt.is_http, spelt.url
            )
        self.found[key] = find

    def next_wave(self) -> list[_Find]:
        """What to ask when nothing is pending: lists while there are any, then all."""
        if self.is_last_wave:
            return []
        finds = sorted(find for key, find in self.found.items())
        lists = [
            find
            for find in finds
            if find.scope in LISTS and find.origin != _FAILED_BEFORE
        ]
        if lists and self.budget > 0:
            return lists[: self.budget]
        self.is_last_wave = True
        room = max(0, self.budget)
        sound = [find for find in finds if find.origin != _FAILED_BEFORE]
        articles = [find for find in sound if find.scope == ARTICLE]
        articles.sort(key=lambda find: (find.position, find.url))
        chosen = articles[:_MAX_ARTICLES][:room]
        room -= len(chosen)
        content = _few_of_each_topic(sound)
        jobs = [find for find in sound if find.scope == "job"]
        # Neither many advertisements nor a large menu takes all there is.
        n_content = max(room // 2, room - len(jobs))
        chosen += content[:n_content]
        chosen += jobs[: room - len(content[:n_content])]
        room = max(0, self.budget) - len(chosen)
        failed = [find for find in finds if find.origin == _FAILED_BEFORE]
        failed.sort(key=lambda find: (find.position, find))
        return chosen + failed[: min(room, _MAX_FAILED_BEFORE)]


def _few_of_each_topic(finds: Iterable[_Find]) -> list[_Find]:
    """Pages of topics, some of each, then the other content; in order of rank."""
    taken: Counter[str] = Counter()
    chosen = []
    for find in finds:
        if find.scope in TOPICS:
            taken[find.scope] += 1
            if taken[find.scope] <= _MAX_PER_TOPIC:
                chosen.append(find)
        elif find.scope == "content":
            chosen.append(find)
    return chosen


class CompanyPagesSpider(PageSpider):
    """Pages of every role: lists, articles, topics, other content, advertisements."""

    name = "company_pages"

    def __init__(self, context: CrawlContext, **kwargs: Any) -> None:
        super().__init__(context, **kwargs)
        self._known: dict[str, list[KnownVisit]] = {}
        self._paced: dict[str, list[KnownVisit]] = {}
        visited: Iterable[KnownVisit] = context.known.values()
        if context.is_paced:
            visited = by_expected_change(visited, context.day)
        for known in visited:
            if context.is_paced and known.account_id and known.scope in _RANK:
                self._paced.setdefault(known.account_id, []).append(known)
            if known.account_id is not None and _is_kept(known):
                self._known.setdefault(known.account_id, []).append(known)

    async def start(self) -> AsyncIterator[Request]:
        """Wave 1 of every account: home pages and sitemaps."""
        scheme = "http" if self.context.is_replay else "https"
        for account in self.context.accounts:
            site = _Site(account, self.context.spec.max_pages_per_account)
            site.asked |= self._resting(account)
            for domain in account.domains:
                yield self._page(site, f"{scheme}://{domain}/", "home")
                yield self._page(
                    site, f"{scheme}://{domain}/sitemap.xml", "sitemap", depth=0
                )

    def _resting(self, account: Account) -> set[str]:
        """Pages not worth a visit today; the front page and site maps always are."""
        pages = self._paced.get(account.account_id, ())
        return {page_key(page.url) for page in resting(pages, self.context.day)}

    def _page(self, site: _Site, url: str, kind: str, depth: int = 1) -> Request:
        site.asked.add(page_key(url))
        site.found.pop(page_key(url), None)
        site.pending += 1
        site.budget -= 1
        return self.ask(
            url,
            "news" if kind == ARTICLE else kind,
            self._answered,
            self._failed,
            account_id=site.account.account_id,
            priority=_PRIORITY[kind],
            site=site,
            kind=kind,
            depth=depth,
        )

    def _failed(self, failure: Any) -> Iterator[Request]:
        request = failure.request
        site, kind = request.cb_kwargs["site"], request.cb_kwargs["kind"]
        site.pending -= 1
        # A bare domain is asked by https, then by http; a refusal is an answer.
        is_refusal = isinstance(failure.value, RobotsDenied | RefusedAddress)
        if kind == "home" and request.url.startswith("https:") and not is_refusal:
            yield self._page(site, f"http:{request.url[6:]}", "home")
        yield from self._next_wave(site)

    def _answered(
        self, response: Response, site: _Site, kind: str, depth: int
    ) -> Iterator[Request]:
        site.pending -= 1
        if response.status == 200:
            if kind == "sitemap":
                yield from self._read_sitemap(response, site, depth)
            elif kind == "home" or kind in LISTS:
                self._read_links(response, site, kind)
        yield from self._next_wave(site)

    def _next_wave(self, site: _Site) -> Iterator[Request]:
        """When all of a wave is in, ask what it found, most important first."""
        if site.pending:
            return
        for turn, known in enumerate(self._known.pop(site.account.account_id, ())):
            is_ok = known.outcome in ("ok", "not_modified")
            # What failed for the moment is more likely to be back than what is gone.
            position = int(known.outcome in ("http_error", "soft_404"))
            if is_on(known.url, site.account.domains):
                site.add(
                    known.url,
                    known.scope,
                    _KNOWN if is_ok else _FAILED_BEFORE,
                    (turn if self.context.is_paced else 0) if is_ok else position,
                )
        for place in site.account.places:
            if place.source == self.name:
                # Somebody says that this is a page of the account, and of what kind.
                url = place.address
                if self.context.is_replay and url.startswith("https:"):
                    url = f"http:{url[6:]}"
                told = place.kind if place.kind in LISTS else scope_of_path(url)
                site.add(url, told if told in _RANK else "content", _KNOWN)
        for find in site.next_wave():
            yield self._page(site, find.url, find.scope)

    def _as_asked(self, url: str | None, domains: tuple[str, ...]) -> str | None:
        """A page of the company as it will be asked: in a replay always by http."""
        if url is None or not is_on(url, domains):
            return None
        if self.context.is_replay and url.startswith("https:"):
            return f"http:{url[6:]}"
        return url

    def _read_links(self, response: Response, site: _Site, scope: str) -> None:
        found = [
            replace(link, url=url)
            for link in links(response)
            if (url := self._as_asked(link.url, site.account.domains))
        ]
        has_menu = any(
            link.is_menu and not _is_same_path(link.url, response.url) for link in found
        )
        for position, link in enumerate(found):
            kind = scope_of_link(link, response.url, scope, has_menu=has_menu)
            if kind is not None:
                # Articles stand newest first; a menu's order is not news.
                site.add(link.url, kind, _LINKED, position if kind == ARTICLE else 0)

    def _read_sitemap(
        self, response: Response, site: _Site, depth: int
    ) -> Iterator[Request]:
        limit = _MAX_SITEMAP_URLS if depth == 0 else _MAX_SITEMAP_URLS // 2
        addresses = [
            html.unescape(match[1].decode("utf-8", "replace"))
            for match in islice(_LOC.finditer(response.body), limit)
        ]
        if depth == 0 and b"<sitemapindex" in response.body[:2000].lower():
            maps = (
                self._as_asked(_map_url(address), site.account.domains)
                for address in _pages_first(addresses)
            )
            unread = [url for url in maps if url and page_key(url) not in site.asked]
            for url in unread[: _MAX_SITEMAPS - 1]:
                yield self._page(site, url, "sitemap")
            return
        mapped: dict[str, list[str]] = {}
        for address in addresses:
            page = self._as_asked(clean_url(address), site.account.domains)
            kind = scope_of_path(page) if page else None
            if page and (kind in LISTS or kind in TOPICS or kind == "content"):
                mapped.setdefault(str(kind), []).append(page)
        for kind, pages in mapped.items():
            pages.sort(key=lambda page: (len(segments(page)), page))
            for page in pages[:_MAX_MAPPED_PER_SCOPE]:
                site.add(page, kind, _MAPPED)


def _is_kept(known: KnownVisit) -> bool:
    """True for a page to visit again though nothing leads to it any more."""
    if known.scope in _KEPT:
        return True
    if known.scope == "job":
        return known.outcome in ("ok", "not_modified")
    # Of news the list; an article is read once and while it is new.
    return known.scope == "news" and scope_of_path(known.url) == "news"


def _map_url(url: str) -> str | None:
    """The address of a sitemap file, when it is one we read."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    is_map = parts.scheme in ("http", "https") and parts.path.lower().endswith(".xml")
    return url if is_map and parts.hostname else None


def _pages_first(addresses: Iterable[str]) -> list[str]:
    """Sitemap files, those of pages before those of posts, products and pictures."""
    words = ("page", "side", "sida")
    return sorted(
        dict.fromkeys(addresses),
        key=lambda url: (not any(word in url.lower() for word in words), url),
    )
