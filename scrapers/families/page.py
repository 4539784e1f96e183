"""The base of spiders that walk a company's own pages.

Link reading and address cleaning belong here; what to look for belongs to the source.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import unquote_plus, urljoin, urlsplit, urlunsplit

from scrapy import Spider
from scrapy.http import Request, Response, TextResponse
from selectolax.lexbor import LexborHTMLParser
from w3lib.url import safe_url_string

from scrapers.crawl_context import CrawlContext
from scrapers.extract.depth import is_too_costly
from scrapers.extract.encoding import decode

_NOT_PAGES = tuple(
    (
        ".pdf .jpg .jpeg .png .gif .svg .webp .avif .ico .bmp .tif .tiff .css .js .mjs "
        ".json .xml .rss .atom .zip .gz .7z .rar .tar .exe .dmg .apk .mp3 .mp4 .wav "
        ".webm .mov .avi .doc .docx .xls .xlsx .ppt .pptx .odt .ods .csv .epub .woff "
        ".woff2 .ttf .eot .ics .vcf .txt .map .webmanifest .md"
    ).split()
)
_TRACKING = frozenset(
    (
        "fbclid gclid gbraid wbraid dclid mc_cid mc_eid msclkid yclid igshid _ga _gl "
        "_hsenc _hsmi hsctatracking"
    ).split()
)
_PLAIN = re.compile(r"[A-Za-z0-9/:?&=._~+-]+")
_LONGEST_URL = 2000
_MAX_LINKS = 2000
_MENU = 'nav a[href], header a[href], [role="navigation"] a[href]'
_FOOTER = 'footer a[href], [role="contentinfo"] a[href], #footer a[href]'


@dataclass(frozen=True)
class Link:
    """A link of a page: its absolute address, its label, and where it stood."""

    url: str
    label: str
    is_menu: bool
    is_footer: bool
    is_next: bool

    @property
    def is_text(self) -> bool:
        """True outside of menu and footer, which stand on every page."""
        return not self.is_menu and not self.is_footer


class PageSpider(Spider):
    """Builds requests for pages; never writes anything."""

    name = "page"

    def __init__(self, context: CrawlContext, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.context = context

    def ask(
        self,
        url: str,
        scope: str,
        callback: Callable[..., Any],
        errback: Callable[..., Any],
        *,
        account_id: str,
        priority: int = 0,
        **kwargs: Any,
    ) -> Request:
        """A request for one page of an account; `kwargs` go to the callbacks."""
        return Request(
            url,
            callback=callback,
            errback=errback,
            cb_kwargs=kwargs,
            meta={"scope": scope, "account_id": account_id},
            priority=priority,
        )


def clean_url(url: str) -> str | None:
    """An address without fragment and tracking parameters; None when no page.

    Host in lower case and characters escaped as they go over the wire; a path is kept
    as linked, its trailing slash too.
    """
    url = url.strip()
    if len(url) > _LONGEST_URL:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return None
        path = parts.path or "/"
        if path.lower().endswith(_NOT_PAGES):
            return None
        query = parts.query and "&".join(
            part
            for part in parts.query.split("&")
            if part and not _is_tracking(part.split("=", 1)[0])
        )
        host = parts.hostname.rstrip(".")
        standard = (None, 80 if parts.scheme == "http" else 443)
        netloc = host if port in standard else f"{host}:{port}"
        cleaned = urlunsplit((parts.scheme, netloc, path, query, ""))
        # Escaping is slow, and most addresses have nothing to escape.
        return cleaned if _PLAIN.fullmatch(cleaned) else safe_url_string(cleaned)
    except (ValueError, UnicodeError):
        # A broken port, bracket or international host name is no address.
        return None


def _is_tracking(name: str) -> bool:
    name = unquote_plus(name).lower()
    return name.startswith("utm_") or name in _TRACKING


def is_on(url: str, domains: tuple[str, ...]) -> bool:
    """True for an address on one of the domains or a subdomain of one."""
    host = urlsplit(url).hostname or ""
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def links(response: Response) -> Iterator[Link]:
    """Links of an HTML answer in document order; nothing for anything else.

    Nothing either for markup that cannot be read in time.
    """
    if not isinstance(response, TextResponse) or response.status != 200:
        return
    # Scrapy's own reading believes any codec that is named, as "idna", and raises.
    kind = response.headers.get(b"Content-Type")
    markup = decode(response.body, kind.decode("latin-1") if kind else None)
    if is_too_costly(markup):
        return
    tree = LexborHTMLParser(markup)
    base = tree.css_first("base[href]")
    root = response.url
    if base is not None:
        root = _joined(root, base.attributes.get("href") or "") or root
    footer = {node.mem_id for node in tree.css(_FOOTER)}
    menu = {node.mem_id for node in tree.css(_MENU)} - footer
    for node in islice(tree.css("a[href], link[rel][href]"), _MAX_LINKS):
        attributes = node.attributes
        rel = (attributes.get("rel") or "").lower().split()
        if node.tag == "link" and "next" not in rel:
            continue
        joined = _joined(root, attributes.get("href") or "")
        url = clean_url(joined) if joined else None
        if url is None:
            continue
        label = " ".join(node.text(separator=" ").split())
        if not label:
            label = attributes.get("aria-label") or attributes.get("title") or ""
        at = node.mem_id
        yield Link(url, label, at in menu, at in footer, "next" in rel)


def _joined(root: str, href: str) -> str | None:
    try:
        return urljoin(root, href.strip())
    except ValueError:
        return None
