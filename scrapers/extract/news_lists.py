"""Announcements on a company's own news pages: lists of news, and single articles.

JSON-LD is read first, then cards with a date. What has neither date nor mark-up of an
article is no announcement: menus, campaigns and event calendars look much the same.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from lxml import etree

from scrapers.extract.dates import written_day
from scrapers.extract.feeds import MAX_TEXT, canonical_url, feed_instant
from scrapers.extract.html import (
    INVISIBLE_TAGS,
    absolute,
    base_url,
    clean,
    lines_of,
    tag_of,
    text_of,
)
from scrapers.extract.markup_text import markup_to_text
from scrapers.extract.press import announcement
from scrapers.extract.structured import (
    Node,
    as_list,
    as_text,
    json_ld_nodes,
    types_of,
)
from scrapers.records import Announcement

_ARTICLES = frozenset(
    "NewsArticle Article BlogPosting PressRelease ReportageNewsArticle".split()
)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5")
_FRAME = frozenset(("nav", "header", "footer"))
_MAX_CARDS = 200
_MAX_CLIMB = 6
_MAX_DATE_TEXT = 80
_MAX_TITLE = 300
_SLUG = re.compile(r"[^\w]+")
_HAS_DATE = re.compile(
    r"\d{4}-\d{2}-\d{2}|\d{1,2}[./]\s?\d{1,2}[./]\s?(?:\d{4}|\d{2})(?!\d)"
    r"|\d{1,2}\.?\s+[^\W\d_]{3,12}\.?,?\s+\d{4}|[^\W\d_]{3,12}\s+\d{1,2},?\s+\d{4}"
)


def announcements(
    root: etree._Element, url: str, scope: str, language: str | None, main_text: str
) -> Iterator[Announcement]:
    """Announcements of a page of the scope ``news``; nothing for other scopes.

    Args:
        root: the page.
        url: its address.
        scope: what the spider took it for.
        language: of its text.
        main_text: its own text without menus, the text of an article.
    """
    if scope != "news":
        return
    base = base_url(root, url)
    nodes = [node for node in json_ld_nodes(root) if types_of(node) & _ARTICLES]
    if _is_article(root, url, nodes):
        article = _article(root, url, nodes, language, main_text)
        if article is not None:
            yield article
        return
    listed = list(_from_nodes(nodes, base, url, language))
    if len(listed) < 2:
        listed = list(_from_cards(root, base, url, language))
    seen: set[str] = set()
    for one in listed:
        if one.announcement_id not in seen:
            seen.add(one.announcement_id)
            yield one


# One article


def _is_article(root: etree._Element, url: str, nodes: list[Node]) -> bool:
    here = canonical_url(url)
    if any(_node_url(node, url, url) == here for node in nodes):
        return True
    if _meta(root, "og:type") == "article" or _meta(root, "article:published_time"):
        return len(nodes) < 2
    headings = [e for e in root.iter("h1") if not _is_framed(e)]
    if len(headings) != 1 or len(_cards(root)) > 1:
        return False
    # The page's own heading with a date right before or after it.
    return _date_near(headings[0]) is not None


def _article(
    root: etree._Element,
    url: str,
    nodes: list[Node],
    language: str | None,
    main_text: str,
) -> Announcement | None:
    here = canonical_url(url)
    own = next((n for n in nodes if _node_url(n, url, url) == here), None)
    heading = next((e for e in root.iter("h1") if not _is_framed(e)), None)
    title = (
        (as_text(own.get("headline")) or as_text(own.get("name")) if own else None)
        or (text_of(heading) if heading is not None else None)
        or _meta(root, "og:title")
    )
    published = feed_instant(as_text(own.get("datePublished"))) if own else None
    published = published or feed_instant(_meta(root, "article:published_time"))
    if published is None and heading is not None:
        published = _date_near(heading)
    if not title or published is None:
        return None
    title = clean(markup_to_text(title))[:_MAX_TITLE]
    # Title and date stand in the text as well, the site's name above them.
    lines = main_text.split("\n")
    top = lines.index(title) + 1 if title in lines[:10] else 0
    text = "\n".join(line for line in lines[top:] if not _is_only_date(line))
    return announcement(
        announcement_id=here,
        category="news",
        title=title,
        text=text[:MAX_TEXT] or None,
        published_at=published,
        url=url,
        source_type=as_text(own.get("articleSection")) if own else None,
        language=language,
        is_detail=True,
    )


def _date_near(heading: etree._Element) -> datetime | None:
    """Date in the heading's own block: the nearest of its siblings and parents'."""
    node = heading
    for _ in range(3):
        siblings = [*_around(node, following=True), *_around(node, following=False)]
        for sibling in siblings:
            if (found := _date_of(sibling)) is not None:
                return found
        parent = node.getparent()
        if parent is None or tag_of(parent) in ("body", "html"):
            return None
        node = parent
    return None


def _around(node: etree._Element, *, following: bool) -> list[etree._Element]:
    found = []
    for _ in range(3):
        beside = node.getnext() if following else node.getprevious()
        if beside is None:
            break
        found.append(beside)
        node = beside
    return found


def _date_of(element: etree._Element) -> datetime | None:
    """The date that an element is: a ``<time>``, or a short text with a date."""
    if tag_of(element) in INVISIBLE_TAGS or tag_of(element) in _FRAME:
        return None
    for time in element.iter("time"):
        if (found := _of_time(time)) is not None:
            return found
    text = text_of(element)
    return _written(text) if len(text) <= _MAX_DATE_TEXT else None


def _of_time(time: etree._Element) -> datetime | None:
    return feed_instant(time.get("datetime")) or _written(text_of(time))


def _written(text: str) -> datetime | None:
    day = written_day(text) if _HAS_DATE.search(text) else None
    return datetime(day.year, day.month, day.day) if day else None


def _is_only_date(line: str) -> bool:
    return len(line) <= 30 and _HAS_DATE.search(line) is not None


# Lists


def _from_nodes(
    nodes: list[Node], base: str, url: str, language: str | None
) -> Iterator[Announcement]:
    for node in nodes[:_MAX_CARDS]:
        title = as_text(node.get("headline")) or as_text(node.get("name"))
        published = feed_instant(as_text(node.get("datePublished")))
        key = _node_url(node, base, "")
        if not title or published is None or not key:
            continue
        text = as_text(node.get("articleBody")) or as_text(node.get("description"))
        yield announcement(
            announcement_id=key,
            category="news",
            title=clean(markup_to_text(title))[:_MAX_TITLE],
            text=markup_to_text(text)[:MAX_TEXT] or None if text else None,
            published_at=published,
            url=_node_address(node, base) or url,
            source_type=as_text(node.get("articleSection")),
            language=language,
        )


def _node_address(node: Node, base: str) -> str | None:
    for key in ("url", "mainEntityOfPage", "@id"):
        for value in as_list(node.get(key)):
            if isinstance(value, dict):
                value = value.get("@id") or value.get("url")
            if isinstance(value, str) and (address := absolute(base, value)):
                return address
    return None


def _node_url(node: Node, base: str, otherwise: str) -> str:
    address = _node_address(node, base) or otherwise
    return canonical_url(address) if address else ""


def _from_cards(
    root: etree._Element, base: str, url: str, language: str | None
) -> Iterator[Announcement]:
    for card, published in _cards(root):
        link, label = _link_of(card, base)
        title = _title_of(card) or label
        if not title:
            continue
        title = title[:_MAX_TITLE]
        if link is None:
            slug = _SLUG.sub("-", title.lower()).strip("-")[:80]
            key = f"{canonical_url(url)}#{published.date()}-{slug}"
        else:
            key = canonical_url(link)
        text = "\n".join(
            line for line in lines_of(card) if line != title and not _is_only_date(line)
        )
        yield announcement(
            announcement_id=key,
            category="news",
            title=title,
            text=text[:MAX_TEXT] or None,
            published_at=published,
            url=link or url,
            language=language,
        )


def _cards(root: etree._Element) -> list[tuple[etree._Element, datetime]]:
    """Blocks that hold one date and one heading or link each, in document order.

    A card is the widest block around a date that holds no other date and not the
    heading of the page.
    """
    dated = [
        (element, found)
        for element in _date_elements(root)
        if (found := _date_of(element)) is not None
    ][:_MAX_CARDS]
    holders: dict[etree._Element, int] = {}
    for element, _ in dated:
        for node in (element, *element.iterancestors()):
            holders[node] = holders.get(node, 0) + 1
    cards = []
    for element, published in dated:
        card = element
        for _ in range(_MAX_CLIMB):
            parent = card.getparent()
            if parent is None or holders.get(parent, 0) > 1:
                break
            if tag_of(parent) in ("body", "html", "main"):
                break
            card = parent
        if card.find(".//h1") is None and (_title_of(card) or _has_link(card)):
            cards.append((card, published))
    return cards


def _date_elements(root: etree._Element) -> Iterator[etree._Element]:
    """Elements that are a date: ``<time>``, else a leaf whose short text holds one."""
    for element in root.iter():
        tag = tag_of(element)
        if tag == "time":
            if not _is_framed(element):
                yield element
        elif tag in ("span", "p", "div", "small", "em", "li", "td", "dd"):
            text = element.text or ""
            is_leaf = not any(tag_of(child) not in ("br", "i") for child in element)
            if (
                is_leaf
                and 6 <= len(text.strip()) <= _MAX_DATE_TEXT
                and _HAS_DATE.search(text)
                and not _is_framed(element)
            ):
                yield element


def _is_framed(element: etree._Element) -> bool:
    for node in element.iterancestors():
        tag = tag_of(node)
        if tag in ("main", "article"):
            return False
        if tag in _FRAME:
            return True
    return False


def _title_of(card: etree._Element) -> str | None:
    for heading in card.iter(*_HEADINGS):
        if text := text_of(heading):
            return text
    return None


def _has_link(card: etree._Element) -> bool:
    return tag_of(card) == "a" or card.find(".//a[@href]") is not None


def _link_of(card: etree._Element, base: str) -> tuple[str | None, str | None]:
    """Address and label of the card's link: that of its heading before others."""
    outer = next((e for e in (card, *card.iterancestors("a")) if e.tag == "a"), None)
    inner = [
        *(link for h in card.iter(*_HEADINGS) for link in h.iter("a")),
        *card.iter("a"),
    ]
    for link in ([outer] if outer is not None else []) + inner:
        if address := absolute(base, link.get("href")):
            return address, text_of(link) or None
    return None, None


def _meta(root: etree._Element, name: str) -> str | None:
    for element in root.iter("meta"):
        if name in (element.get("property"), element.get("name")):
            return clean(element.get("content")) or None
    return None
