"""What a page of a company's own site says of who it is and where else it speaks.

Names, organisation numbers, feeds and links out are read here. What a link leads to,
and whether a name is the company's, is decided by who asks.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from lxml import etree

from scrapers.extract.html import absolute, base_url, clean, parse_html, title_of
from scrapers.extract.organisation_numbers import is_organisation_number
from scrapers.extract.refusal import ParseRefused
from scrapers.extract.structured import json_ld_nodes, types_of

_FEED_TYPES = (
    "application/rss+xml",
    "application/atom+xml",
    "application/feed+json",
    "application/rdf+xml",
)
_ORGANISATIONS = frozenset(
    ("Organization", "Corporation", "LocalBusiness", "NewsMediaOrganization", "NGO")
)
_NUMBER = r"((?:\d[\s.\u00a0]?){8}\d)"
_STATED = (
    re.compile(
        rf"\b(?:org(?:anisasjons)?\.?\s*-?\s*(?:nr|nummer|no|number)|orgnr|"
        rf"foretaksnummer|foretaksregisteret|vat|mva)\b[.:\s]*(?:NO[\s-]?)?{_NUMBER}(?!\d)",
        re.IGNORECASE,
    ),
    re.compile(rf"\bNO\s?{_NUMBER}\s?MVA\b", re.IGNORECASE),
    re.compile(rf"(?<!\d){_NUMBER}\s?MVA\b"),
)
_COPYRIGHT = re.compile(
    r"(?:©|&copy;|\(c\)|copyright)\s*(?:\d{4}\s*(?:[-–]\s*\d{4})?)?\s*(?:by\s+)?"
    r"([^\W\d_][\w&.,'’/ \-]{1,60}?)"
    r"(?=\s*(?:[|•·]|\d{4}|all rights|alle rett|org\.?\s?nr|$|\.\s|\n))",
    re.IGNORECASE,
)
_TITLE_PARTS = re.compile(r"\s+[|–—:·-]\s+")
_MOST_LINKS = 3000
_LONGEST_NAME = 70


@dataclass(frozen=True)
class SiteLink:
    """An address a page leads to, or has built in, with its label."""

    url: str
    label: str


@dataclass(frozen=True)
class SiteFacts:
    """What one page says; names the most deliberate first."""

    names: tuple[str, ...]
    org_numbers: tuple[str, ...]
    feeds: tuple[SiteLink, ...]
    links: tuple[SiteLink, ...]


def site_facts(body: bytes, content_type: str | None, url: str) -> SiteFacts:
    """Read a page; one that holds no markup says nothing."""
    try:
        root = parse_html(body, content_type)
    except ParseRefused:
        return SiteFacts((), (), (), ())
    text = _text(root)
    base = base_url(root, url)
    return SiteFacts(
        names=_unique(_names(root, text)),
        org_numbers=_unique(_org_numbers(root, text)),
        feeds=tuple(dict.fromkeys(_feeds(root, base))),
        links=tuple(dict.fromkeys(islice(_links(root, base), _MOST_LINKS))),
    )


def _unique(values: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(v for v in values if v))


def _text(root: etree._Element) -> str:
    pieces = root.xpath(
        "//text()[not(ancestor::script or ancestor::style or ancestor::noscript)]"
    )
    assert isinstance(pieces, list)
    return "\n".join(told for piece in pieces if (told := clean(str(piece))))


def _names(root: etree._Element, text: str) -> Iterator[str]:
    for node in json_ld_nodes(root):
        if _ORGANISATIONS & set(types_of(node)):
            for key in ("legalName", "name"):
                if isinstance(value := node.get(key), str):
                    yield _name(value)
    for meta in root.iter("meta"):
        kind = (meta.get("property") or meta.get("name") or "").lower()
        if kind in ("og:site_name", "application-name", "copyright"):
            yield _name(meta.get("content"))
    for found in _COPYRIGHT.finditer(text):
        yield _name(found[1])
    parts = _TITLE_PARTS.split(title_of(root) or "")
    for part in (parts[-1], parts[0]):
        yield _name(part)


def _name(text: str | None) -> str:
    name = clean(text).strip(" .,|-–")
    return name if len(name) <= _LONGEST_NAME else ""


def _org_numbers(root: etree._Element, text: str) -> Iterator[str]:
    flat = text.replace("\n", " ")
    for pattern in _STATED:
        for found in pattern.finditer(flat):
            digits = re.sub(r"\D", "", found[1])
            if is_organisation_number(digits):
                yield digits
    for node in json_ld_nodes(root):
        for key in ("taxID", "vatID", "iso6523Code"):
            digits = re.sub(r"\D", "", str(node.get(key) or ""))[-9:]
            if is_organisation_number(digits):
                yield digits


def _feeds(root: etree._Element, base: str) -> Iterator[SiteLink]:
    for link in root.iter("link"):
        rel = (link.get("rel") or "").lower().split()
        kind = (link.get("type") or "").lower().partition(";")[0].strip()
        if "alternate" in rel and kind in _FEED_TYPES:
            url = absolute(base, link.get("href"))
            if url is not None:
                yield SiteLink(url, clean(link.get("title")))


def _links(root: etree._Element, base: str) -> Iterator[SiteLink]:
    for element in root.iter("a", "iframe", "script"):
        href = element.get("href" if element.tag == "a" else "src")
        url = absolute(base, href)
        if url is not None and url.startswith(("http:", "https:")):
            label = clean("".join(str(t) for t in element.itertext()))[:80]
            yield SiteLink(url, label if element.tag == "a" else f"<{element.tag}>")
