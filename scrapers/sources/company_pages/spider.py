"""Walk a company's own site and find the pages that tell about the organisation.

Per account, in waves, so that what is asked depends on what pages say and never on
which answer came first: home page and sitemap; the pages their links and the lexicon
point to, and those known from earlier days; then lists that go on, advertisements and
articles. Parsing is not done here.
"""

import re
import unicodedata
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from scrapy import Spider
from scrapy.http import Request, Response

from scrapers.account import Account
from scrapers.crawl_context import CrawlContext
from scrapers.families.page import Link, clean_url, is_on, links
from scrapers.sources.company_pages.lexicon import LABELS, PATHS, WHOLE_LABELS

# Which scopes come first when an account's budget is short.
ORDER = ("home", "sitemap", "leadership", "careers", "about", "news", "job", "content")
_PRIORITY = {scope: 10 * (len(ORDER) - i) for i, scope in enumerate(ORDER)}
_MAX_ARTICLES = 5
_MAX_SITEMAPS = 3
_MAX_SITEMAP_URLS = 500
_LOC = re.compile(rb"<loc>\s*(?:<!\[CDATA\[)?\s*([^<\]\s]+)", re.IGNORECASE)
_PAGE_PATH = re.compile(r"/(?:page|side|sida|sivu)/\d+/?$", re.IGNORECASE)
_PAGE_QUERY = frozenset(("page", "p", "side", "sida", "pg", "paged", "offset", "start"))
_WORDY = re.compile(r"[a-zæøåäöü0-9]+(?:-[a-zæøåäöü0-9]+){1,}", re.IGNORECASE)
_TRANSLATION = str.maketrans({"æ": "ae", "ø": "o", "å": "a", "ä": "a", "ö": "o"})


@dataclass
class _Site:
    """One account's walk: what may still be asked, what waits for the next wave."""

    account: Account
    budget: int
    asked: set[str] = field(default_factory=set)
    found: dict[str, str] = field(default_factory=dict)
    pending: int = 0
    wave: int = 0
    sitemaps: int = 0


def segments(url: str) -> list[str]:
    """The parts of a path, folded for comparison with the lexicon."""
    path = urlsplit(url).path.lower()
    folded = unicodedata.normalize("NFC", path).translate(_TRANSLATION)
    out = []
    for part in folded.split("/"):
        name = re.sub(r"\.(html?|php|aspx?)$", "", part).replace("_", "-")
        if name:
            out.append(name)
    return out


def scope_of(url: str, label: str) -> str | None:
    """What a page is, by its path first and the label of the link next.

    The last part of the path counts before the first: /om-oss/ledelse is leadership.
    Parts in the middle of a long path (an article) do not make it a list.
    """
    parts = segments(url)
    if not parts:
        return None
    for part in (parts[-1], parts[0]) if len(parts) <= 2 else (parts[-1],):
        for scope, words in PATHS:
            if part in words:
                return scope if part == parts[-1] else _below(scope)
    folded = label.strip().lower()
    if not folded or len(folded) > 60:
        return None
    if folded in WHOLE_LABELS:
        return WHOLE_LABELS[folded]
    for scope, needles in LABELS:
        if any(needle in folded for needle in needles):
            return scope
    return None


def _below(scope: str) -> str | None:
    """What a page below a list is: an advertisement, an article, more of the same."""
    return {"careers": "job", "news": "article", "leadership": "leadership"}.get(scope)


def is_next_page(url: str, list_url: str) -> bool:
    """True for another page of the same list."""
    one, two = urlsplit(url), urlsplit(list_url)
    if one.netloc != two.netloc:
        return False
    stem = _PAGE_PATH.sub("", one.path).rstrip("/")
    if stem != _PAGE_PATH.sub("", two.path).rstrip("/"):
        return False
    if _PAGE_PATH.search(one.path):
        return True
    return bool(_PAGE_QUERY & set(parse_qs(one.query)))


class CompanyPagesSpider(Spider):
    """home, about, leadership, careers, job, news and content pages."""

    name = "company_pages"

    def __init__(self, context: CrawlContext, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.context = context
        self._known: dict[str, list[tuple[str, str]]] = {}
        for known in sorted(context.known.values(), key=lambda k: k.url):
            is_current = known.outcome in ("ok", "not_modified")
            keep = known.scope in ("leadership", "about", "careers", "content")
            if known.scope in ("news", "job"):
                keep = is_current and known.scope == "job"
            if known.account_id is not None and keep:
                self._known.setdefault(known.account_id, []).append(
                    (known.url, known.scope)
                )

    async def start(self) -> AsyncIterator[Request]:
        """Wave 1 of every account: home pages and sitemaps."""
        for account in self.context.accounts:
            if not account.domains:
                continue
            site = _Site(account, self.context.spec.max_pages_per_account)
            scheme = "http" if self.context.is_replay else "https"
            for domain in account.domains:
                for path, scope in (("/", "home"), ("/sitemap.xml", "sitemap")):
                    yield self._request(site, f"{scheme}://{domain}{path}", scope)

    def _request(self, site: _Site, url: str, scope: str) -> Request:
        site.asked.add(url)
        site.pending += 1
        if scope != "sitemap":
            site.budget -= 1
        return Request(
            url,
            callback=self._answered,
            errback=self._failed,
            cb_kwargs={"site": site, "scope": scope},
            meta={
                # An article is a page of news; its list is what pagination is for.
                "scope": "news" if scope == "article" else scope,
                "account_id": site.account.account_id,
            },
            priority=_PRIORITY.get(scope, 0),
        )

    def _failed(self, failure: Any) -> Iterator[Request]:
        request = failure.request
        site, scope = request.cb_kwargs["site"], request.cb_kwargs["scope"]
        site.pending -= 1
        if scope == "home" and request.url.startswith("https://"):
            # A bare domain is tried as https first, then http.
            yield self._request(site, f"http://{request.url[8:]}", "home")
        yield from self._next_wave(site)

    def _answered(
        self, response: Response, site: _Site, scope: str
    ) -> Iterator[Request]:
        site.pending -= 1
        if response.status == 200:
            if scope == "sitemap":
                yield from self._read_sitemap(response, site)
            elif scope != "article" and scope != "job":
                self._read_links(response, site, scope)
        yield from self._next_wave(site)

    def _read_sitemap(self, response: Response, site: _Site) -> Iterator[Request]:
        urls = [
            url
            for raw in _LOC.findall(response.body)[:_MAX_SITEMAP_URLS]
            if is_on(text := raw.decode("utf-8", "replace"), site.account.domains)
            and (url := text)
        ]
        for url in urls:
            if url.endswith(".xml"):
                if site.sitemaps < _MAX_SITEMAPS and url not in site.asked:
                    site.sitemaps += 1
                    yield self._request(site, url, "sitemap")
                continue
            cleaned = clean_url(self._as_asked(url))
            scope = scope_of(cleaned, "") if cleaned else None
            if cleaned and scope and scope != "article":
                site.found.setdefault(cleaned, scope)

    def _as_asked(self, url: str) -> str:
        """In a replay every address is asked as http, so that none is asked twice."""
        if self.context.is_replay and url.startswith("https://"):
            return f"http://{url[8:]}"
        return url

    def _read_links(self, response: Response, site: _Site, scope: str) -> None:
        articles = 0
        for link in links(response):
            url = self._as_asked(link.url)
            if not is_on(url, site.account.domains):
                continue
            wanted = self._wanted(link, url, response.url, scope)
            if wanted == "article":
                articles += 1
                if articles > _MAX_ARTICLES:
                    continue
            if wanted is not None:
                site.found.setdefault(url, wanted)

    def _wanted(self, link: Link, url: str, page: str, scope: str) -> str | None:
        if scope in ("careers", "news", "leadership") and (
            is_next_page(url, page) or link.rel == "next"
        ):
            return scope
        by_lexicon = scope_of(url, link.label)
        parts = segments(url)
        if scope == "careers" and by_lexicon in (None, "job"):
            below = (
                urlsplit(url)
                .path.rstrip("/")
                .startswith(f"{urlsplit(page).path.rstrip('/')}/")
            )
            return "job" if below and len(parts) > 1 else None
        if scope == "news" and by_lexicon in (None, "article"):
            is_article = len(parts) > 1 and _WORDY.fullmatch(parts[-1])
            return "article" if is_article else None
        if by_lexicon in ("job", "article"):
            # Advertisements and articles are taken from their own lists.
            return None
        if by_lexicon is not None:
            return by_lexicon
        if scope == "home" and link.is_navigation and parts:
            return "content"
        return None

    def _next_wave(self, site: _Site) -> Iterator[Request]:
        """When a wave is in, ask what it found, most important first."""
        if site.pending:
            return
        site.wave += 1
        if site.wave == 1:
            for url, scope in self._known.get(site.account.account_id, []):
                site.found.setdefault(url, scope)
        order = {scope: i for i, scope in enumerate((*ORDER, "article"))}
        chosen = sorted(
            (
                (url, scope)
                for url, scope in site.found.items()
                if url not in site.asked
            ),
            key=lambda item: (order[item[1]], item[0]),
        )
        site.found.clear()
        for url, scope in chosen[: max(0, site.budget)]:
            yield self._request(site, url, scope)
