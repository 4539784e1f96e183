"""Feeds of news: RSS 2.0, RSS 1.0, Atom, JSON Feed and news sitemaps, to items.

What an item means, and whose it is, is not decided here. Nothing in a payload may make
the reader expand an entity, open an address or read without end.
"""

import html as entities
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from lxml import etree

from scrapers.extract.dates import iso_instant, month_number, written_instant
from scrapers.extract.encoding import decode
from scrapers.extract.html import CONTROL, clean
from scrapers.extract.json_body import string
from scrapers.extract.markup_text import markup_to_text
from scrapers.extract.refusal import ParseRefused

MAX_TEXT = 8000
_MAX_ITEMS = 2000
_XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_DUBLIN_CORE = frozenset(
    ("http://purl.org/dc/elements/1.1/", "http://purl.org/dc/terms/")
)
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_ATOM = frozenset(("http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#"))
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
_OSLO = ZoneInfo("Europe/Oslo")

_PROLOG = re.compile(r"^\s*<\?xml[^>]*\?>")
_DOCTYPE = re.compile(r"<!DOCTYPE[^>\[]*(\[.*?\]\s*)?>", re.IGNORECASE | re.DOTALL)
_ENTITY = re.compile(r"<!ENTITY", re.IGNORECASE)
_ELEMENT = re.compile(r"<[A-Za-z]")
_CDATA = re.compile(r"(<!\[CDATA\[.*?\]\]>)", re.DOTALL)
_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_BARE_AMPERSAND = re.compile(r"&(?!#\d{1,7};|#x[0-9a-fA-F]{1,6};|[A-Za-z]\w{0,31};)")
_OF_XML = frozenset(("amp", "lt", "gt", "quot", "apos"))
_IS_PAGE = re.compile(r"^\s*(?:<!doctype\s+html|<html)[\s>]", re.IGNORECASE)
_TRACKING = re.compile(r"^(?:utm_\w+|fbclid|gclid|mc_[ce]id)$", re.IGNORECASE)

# Hours east of UTC. What feeds call a zone is often wrong, but seldom by a day.
_ZONES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "bst": 1, "west": 1, "cet": 1,
    "met": 1, "cest": 2, "mest": 2, "mesz": 2, "mez": 1, "eet": 2, "eest": 3,
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8,
    "pdt": -7,
}  # fmt: skip
_RFC_DATE = re.compile(
    r"^(?:[^\W\d_]+\.?,?\s+)?(\d{1,2})[\s.-]+([^\W\d_]{3,12})\.?[\s-]+(\d{2,4})"
    r"(?:,?\s+(?:kl\.?\s*)?(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\.\d+)?"
    r"\s*(am|pm)?\s*(.*))?$",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"^(?:gmt|utc|ut)?\s*([+-])(\d{1,2}):?(\d{2})?\b", re.IGNORECASE)


@dataclass(frozen=True)
class FeedItem:
    """One item; ``item_id`` is its guid or id, else its canonical address."""

    item_id: str
    title: str | None
    text: str | None
    url: str | None
    published_at: datetime | None
    category: str | None
    language: str | None


@dataclass(frozen=True)
class Feed:
    """A feed as read: what it calls itself, and its items in order, each once."""

    title: str | None
    language: str | None
    items: tuple[FeedItem, ...]


def read_feed(body: bytes, content_type: str | None, url: str) -> Feed:
    """Read a feed of any of the five formats.

    Malformed XML is recovered as browsers do; of two items with one guid or one
    address the first stands.

    Raises:
        ParseRefused: the payload is a web page, declares entities, or is no feed.
    """
    text = decode(body, content_type).lstrip("\ufeff \t\r\n")
    if not text:
        raise ParseRefused(f"The feed {url} is empty.")
    feed = _json_feed(text, url) if text[0] in "{[" else _xml_feed(text, url)
    return replace(feed, items=_each_once(feed.items))


def canonical_url(url: str) -> str:
    """An address for comparison: no scheme, www., tracking, fragment or last slash."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").lower().removeprefix("www.")
        query = urlencode(
            sorted(
                (name, value)
                for name, value in parse_qsl(parts.query, keep_blank_values=True)
                if not _TRACKING.match(name)
            )
        )
        path = quote(parts.path.rstrip("/"), safe="/%~+:@!$&'()*,;=-._")
    except (ValueError, UnicodeError):
        return url.strip()
    return urlunsplit(("", host, path, query, "")).removeprefix("//")


def feed_instant(text: object) -> datetime | None:
    """Naive UTC of a date as feeds write it: RFC 2822, W3C, or written out.

    An unknown zone counts as UTC, a missing one as Oslo; what is no date is None.
    """
    if not isinstance(text, str):
        return None
    text = clean(text)
    found = _RFC_DATE.match(text)
    if found:
        return _rfc_instant(found)
    return iso_instant(re.sub(r"\s+(?=[+-]\d{2}:?\d{2}$)", "", text)) or (
        written_instant(text) if len(text) < 60 else None
    )


def _rfc_instant(found: re.Match[str]) -> datetime | None:
    day, name, year, hour, minute, second, half, zone = found.groups()
    month = month_number(name)
    whole = int(year) if len(year) == 4 else 2000 + int(year) % 100
    if not month:
        return None
    hours = int(hour or 0)
    if half:
        hours = hours % 12 + (12 if half.lower() == "pm" else 0)
    try:
        moment = datetime(
            whole, month, int(day), hours, int(minute or 0), min(int(second or 0), 59)
        )
        if hour is None:
            return moment
        tz = _zone(zone.strip())
        return moment.replace(tzinfo=tz).astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None


def _zone(text: str) -> timezone | ZoneInfo:
    if not text:
        return _OSLO
    offset = _OFFSET.match(text)
    if offset:
        sign, hours, minutes = offset.groups()
        span = timedelta(hours=int(hours), minutes=int(minutes or 0))
        # Nobody lives further from Greenwich.
        if span <= timedelta(hours=14):
            return timezone(-span if sign == "-" else span)
        return UTC
    name = re.split(r"[\s(]", text.strip("()"))[0].lower()
    return timezone(timedelta(hours=_ZONES.get(name, 0)))


def _each_once(items: tuple[FeedItem, ...]) -> tuple[FeedItem, ...]:
    kept: list[FeedItem] = []
    seen: set[str] = set()
    for item in items:
        # Only an address is the same announcement under another guid.
        keys = {item.item_id} | ({canonical_url(item.url)} if item.url else set())
        if keys & seen:
            continue
        seen |= keys
        kept.append(item)
    return tuple(kept)


# JSON Feed


def _json_feed(text: str, url: str) -> Feed:
    try:
        document = json.loads(text, strict=False)
    except (ValueError, RecursionError) as no:
        reason = str(no) or type(no).__name__
        raise ParseRefused(f"The feed {url} is not JSON: {reason}.") from no
    items = document.get("items") if isinstance(document, dict) else None
    if not isinstance(items, list):
        raise ParseRefused(f"The JSON of {url} has no list of items and is no feed.")
    language = string(document.get("language"))
    return Feed(
        title=clean(string(document.get("title"))) or None,
        language=language,
        items=tuple(
            item
            for entry in items[:_MAX_ITEMS]
            if isinstance(entry, dict)
            if (item := _json_item(entry, url, language)) is not None
        ),
    )


def _json_item(
    entry: dict[str, Any], url: str, language: str | None
) -> FeedItem | None:
    given = entry.get("id")
    if isinstance(given, int | float) and not isinstance(given, bool):
        given = str(given)
    tags = entry.get("tags")
    return _item(
        base=url,
        guid=string(given),
        href=string(entry.get("url")) or string(entry.get("external_url")),
        title=string(entry.get("title")),
        texts=(
            string(entry.get("content_html")),
            string(entry.get("content_text")),
            string(entry.get("summary")),
        ),
        dates=(entry.get("date_published"), entry.get("date_modified")),
        category=string(tags[0]) if isinstance(tags, list) and tags else None,
        language=string(entry.get("language")) or language,
    )


# XML


def _xml_feed(text: str, url: str) -> Feed:
    root = _xml_root(text, url)
    namespace, kind = _name(root)
    if kind in ("rss", "rdf"):
        return _rss(root, url)
    if kind == "feed" and (not namespace or namespace in _ATOM):
        return _atom(root, url)
    if kind == "urlset":
        return _news_sitemap(root, url)
    if kind == "sitemapindex":
        raise ParseRefused(f"The payload of {url} is an index of sitemaps, no feed.")
    raise ParseRefused(f"The root {kind!r} of {url} is not that of a feed.")


def _xml_root(text: str, url: str) -> etree._Element:
    head = text[:5000]
    if _IS_PAGE.match(head):
        raise ParseRefused(f"The payload of {url} is a web page, no feed.")
    first = _ELEMENT.search(text)
    if _ENTITY.search(text, 0, first.start() if first else len(text)):
        raise ParseRefused(f"The payload of {url} declares entities.")
    # The text is decoded by now; what the declaration says of its encoding is past.
    text = CONTROL.sub("", _DOCTYPE.sub("", _PROLOG.sub("", text, count=1), count=1))
    pieces = _CDATA.split(text)
    pieces[::2] = [
        _BARE_AMPERSAND.sub("&amp;", _NAMED.sub(_character, piece))
        for piece in pieces[::2]
    ]
    encoded = "".join(pieces).encode("utf-8", "replace")
    root = _parsed(encoded, is_recovering=False)
    if root is None:
        root = _parsed(encoded, is_recovering=True)
    if root is None or not isinstance(root.tag, str):
        raise ParseRefused(f"The payload of {url} is not XML, and no feed.")
    return root


def _parsed(encoded: bytes, *, is_recovering: bool) -> etree._Element | None:
    parser = etree.XMLParser(
        encoding="utf-8",
        recover=is_recovering,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(encoded, parser=parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _character(found: re.Match[str]) -> str:
    if found[1] in _OF_XML:
        return found[0]
    character = entities.unescape(found[0])
    return character if character != found[0] else f"&amp;{found[1]};"


def _name(element: etree._Element) -> tuple[str, str]:
    """Namespace, empty without one, and local name in lower case."""
    if not isinstance(element.tag, str):
        return "", ""
    namespace, _, name = element.tag.rpartition("}")
    # Recovered XML may keep a prefix that nothing declares.
    return namespace.removeprefix("{"), name.rpartition(":")[2].lower()


def _children(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    for child in element:
        namespace, name = _name(child)
        is_plain = not _is_module(namespace)
        if name in names and is_plain:
            yield child


def _is_module(namespace: str) -> bool:
    """True for extensions, whose title or link is not the item's own."""
    return bool(namespace) and not (
        namespace in _ATOM
        or namespace.endswith("purl.org/rss/1.0/")
        or namespace in ("http://my.netscape.com/rdf/simple/0.9/",)
        or "rss2" in namespace.lower()
        or namespace.startswith("http://backend.userland.com/")
        or namespace.startswith("http://purl.org/net/rss1.1")
    )


def _text(element: etree._Element | None) -> str | None:
    if element is None:
        return None
    return "".join(str(piece) for piece in element.itertext()).strip() or None


def _first(element: etree._Element, *names: str) -> str | None:
    for child in _children(element, *names):
        if text := _text(child):
            return text
    return None


def _in(element: etree._Element, namespaces: frozenset[str], *names: str) -> str | None:
    for child in element:
        namespace, name = _name(child)
        if namespace in namespaces and name in names and (text := _text(child)):
            return text
    return None


def _base(element: etree._Element, url: str) -> str:
    """Address that relative links below an element start from (xml:base)."""
    bases = [
        value
        for node in (element, *element.iterancestors())
        if (value := node.get(_XML_BASE))
    ]
    for value in reversed(bases):
        url = _joined(url, value) or url
    return url


def _rss(root: etree._Element, url: str) -> Feed:
    channel = next(_children(root, "channel"), root)
    language = _first(channel, "language") or _in(channel, _DUBLIN_CORE, "language")
    found = [e for e in root.iter() if _name(e)[1] == "item"][:_MAX_ITEMS]
    site = _joined(url, _first(channel, "link")) or url
    items = (_rss_item(element, site, language) for element in found)
    return Feed(
        title=clean(markup_to_text(_first(channel, "title") or "")) or None,
        language=language,
        items=tuple(item for item in items if item is not None),
    )


def _rss_item(
    element: etree._Element, site: str, language: str | None
) -> FeedItem | None:
    guid_element = next(_children(element, "guid"), None)
    guid = _text(guid_element) or element.get(f"{{{_RDF}}}about")
    href = _first(element, "link")
    if href is None:
        links = [e for e in element if _name(e)[1] == "link" and e.get("href")]
        href = links[0].get("href") if links else None
    if href is None and guid and guid.startswith(("http://", "https://")):
        is_link = guid_element is None or guid_element.get("isPermaLink") != "false"
        href = guid if is_link else None
    return _item(
        base=_base(element, site),
        guid=guid,
        href=href,
        title=_first(element, "title") or _in(element, _DUBLIN_CORE, "title"),
        texts=(
            _in(element, frozenset((_CONTENT,)), "encoded"),
            _first(element, "description", "summary"),
            _in(element, _DUBLIN_CORE, "description"),
        ),
        dates=(
            _first(element, "pubdate", "published"),
            _in(element, _DUBLIN_CORE, "date", "created", "issued"),
            _first(element, "updated"),
        ),
        category=_first(element, "category") or _in(element, _DUBLIN_CORE, "subject"),
        language=_in(element, _DUBLIN_CORE, "language") or language,
    )


def _atom(root: etree._Element, url: str) -> Feed:
    language = root.get(_XML_LANG)
    entries = [e for e in root.iter() if _name(e)[1] == "entry"][:_MAX_ITEMS]
    items = (_atom_item(element, url, language) for element in entries)
    title = next(_children(root, "title"), None)
    return Feed(
        title=clean(_atom_text(title)) or None,
        language=language,
        items=tuple(item for item in items if item is not None),
    )


def _atom_item(
    element: etree._Element, url: str, language: str | None
) -> FeedItem | None:
    links = list(_children(element, "link"))
    chosen = next((e for e in links if _is_alternate(e)), None)
    base = _base(chosen if chosen is not None else element, url)
    labels = [e.get("label") or e.get("term") for e in _children(element, "category")]
    return _item(
        base=base,
        guid=_first(element, "id"),
        href=chosen.get("href") if chosen is not None else None,
        title=_atom_text(next(_children(element, "title"), None)),
        texts=(
            _atom_text(next(_children(element, "content"), None)),
            _atom_text(next(_children(element, "summary"), None)),
        ),
        dates=(
            _first(element, "published", "issued", "created"),
            _first(element, "updated", "modified"),
        ),
        category=next((label for label in labels if label), None),
        language=element.get(_XML_LANG) or language,
    )


def _is_alternate(link: etree._Element) -> bool:
    rel = (link.get("rel") or "alternate").lower()
    kind = (link.get("type") or "text/html").lower()
    return rel == "alternate" and bool(link.get("href")) and "html" in kind


def _atom_text(element: etree._Element | None) -> str | None:
    """Text construct: plain or escaped markup as text, XHTML serialised."""
    if element is None:
        return None
    if (element.get("type") or "").lower() in ("xhtml", "application/xhtml+xml"):
        inner = "".join(
            etree.tostring(child, encoding="unicode", with_tail=True)
            for child in element
        )
        return (element.text or "") + re.sub(r"(</?)\w+:", r"\1", inner)
    if (element.get("type") or "text") == "text":
        # Plain text may hold what looks like markup.
        text = _text(element)
        return entities.escape(text, quote=False) if text else None
    return _text(element)


def _news_sitemap(root: etree._Element, url: str) -> Feed:
    items = []
    for entry in list(_named(root, "url"))[:_MAX_ITEMS]:
        news = next((e for e in entry if _name(e) == (_NEWS, "news")), None)
        if news is None:
            continue
        told = {_name(e)[1]: _text(e) for e in news.iter() if _name(e)[0] == _NEWS}
        item = _item(
            base=url,
            guid=None,
            href=next((_text(e) for e in _named(entry, "loc")), None),
            title=told.get("title"),
            texts=(),
            # lastmod is often when the map was built.
            dates=(told.get("publication_date"),),
            category=told.get("genres"),
            language=told.get("language"),
        )
        if item is not None:
            items.append(item)
    if not items:
        raise ParseRefused(f"The sitemap {url} holds no news.")
    return Feed(None, None, tuple(items))


def _named(element: etree._Element, name: str) -> Iterator[etree._Element]:
    return (child for child in element if _name(child)[1] == name)


# Any


def _item(
    *,
    base: str,
    guid: str | None,
    href: str | None,
    title: str | None,
    texts: tuple[str | None, ...],
    dates: tuple[object, ...],
    category: str | None,
    language: str | None,
) -> FeedItem | None:
    """An item; None for one that has neither id nor address, or nothing to read."""
    url = _joined(base, href)
    item_id = clean(guid) or (canonical_url(url) if url else "")
    headline = clean(markup_to_text(title or "")) or None
    plain = next((t for text in texts if text and (t := markup_to_text(text))), None)
    if not item_id or (headline is None and plain is None):
        return None
    return FeedItem(
        item_id=item_id,
        title=headline,
        text=plain[:MAX_TEXT] if plain else None,
        url=url,
        published_at=next((d for date in dates if (d := feed_instant(date))), None),
        category=clean(category)[:200] or None,
        language=clean(language) or None,
    )


def _joined(base: str, href: str | None) -> str | None:
    href = re.sub(r"[\s\x00]+", "", href or "")
    if not href:
        return None
    try:
        address = urljoin(base, href)
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    return address.partition("#")[0]
