"""The base of spiders that walk a company's own pages.

Link reading and address cleaning belong here; what to look for belongs to the source.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from scrapy.http import Response, TextResponse
from selectolax.lexbor import LexborHTMLParser

_NOT_PAGES = (
    ".pdf .jpg .jpeg .png .gif .svg .webp .avif .ico .css .js .mjs .json .xml .rss "
    ".atom .zip .gz .mp3 .mp4 .webm .mov .avi .doc .docx .xls .xlsx .ppt .pptx .woff "
    ".woff2 .ttf .eot .ics .vcf .txt .map .webmanifest"
).split()
_TRACKING = frozenset(
    ("fbclid", "gclid", "mc_cid", "mc_eid", "msclkid", "yclid", "igshid")
)
_LONGEST_URL = 2000


@dataclass(frozen=True)
class Link:
    """A link of a page: its absolute address, its label, and where it stood."""

    url: str
    label: str
    is_navigation: bool
    rel: str


def clean_url(url: str) -> str | None:
    """An address without fragment and tracking parameters; None when no page.

    Host in lower case; a path is kept as linked, its trailing slash too.
    """
    url = url.strip()
    if len(url) > _LONGEST_URL:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    path = parts.path or "/"
    if any(path.lower().endswith(ending) for ending in _NOT_PAGES):
        return None
    query = urlencode(
        [
            (name, value)
            for name, value in parse_qsl(parts.query, keep_blank_values=True)
            if not name.lower().startswith("utm_") and name.lower() not in _TRACKING
        ]
    )
    host = parts.hostname.rstrip(".")
    standard = (None, 80 if parts.scheme == "http" else 443)
    netloc = host if port in standard else f"{host}:{port}"
    return urlunsplit((parts.scheme, netloc, path, query, ""))


def is_on(url: str, domains: tuple[str, ...]) -> bool:
    """True for an address on one of the domains or a subdomain of one."""
    host = urlsplit(url).hostname or ""
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def links(response: Response) -> Iterator[Link]:
    """Links of an HTML answer in document order; nothing for anything else."""
    if not isinstance(response, TextResponse) or response.status != 200:
        return
    tree = LexborHTMLParser(response.text)
    base = tree.css_first("base[href]")
    root = urljoin(response.url, (base.attributes.get("href") or "") if base else "")
    for node in tree.css("a[href], link[rel=next]"):
        href = node.attributes.get("href")
        if not href:
            continue
        try:
            url = clean_url(urljoin(root, href))
        except ValueError:
            continue
        if url is None:
            continue
        label = " ".join(node.text(separator=" ").split())
        if not label:
            label = (
                node.attributes.get("title") or node.attributes.get("aria-label") or ""
            )
        yield Link(url, label, _in_navigation(node), node.attributes.get("rel") or "")


def _in_navigation(node: object) -> bool:
    parent = getattr(node, "parent", None)
    while parent is not None:
        if parent.tag in ("nav", "header"):
            return True
        parent = parent.parent
    return False
