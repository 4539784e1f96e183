"""The catalogue of technologies, and which of them the marks of a page show.

The catalogue is read strictly. How a running text speaks of a technology (used, merely
mentioned, on its way out) is decided in ``technology_text``.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import yaml
from lxml import etree

from scrapers.extract.html import tag_of
from scrapers.records.technologies import Technology

CATALOGUE = "technologies.yml"
CATEGORIES = frozenset(
    """
    cms framework ecommerce payment analytics consent crm marketing chat
    service_management collaboration erp hr bi data_platform cloud cdn web_server
    integration security
    """.split()
)
MAX_QUOTE_WORDS = 25
# Of text in lower case. A word that no full stop follows is given up at once.
_HOST = re.compile(r"(?<![\w.-])(?:[a-z0-9-]++\.)+[a-z]{2,}")
_ADDRESS = re.compile(r"""["'](?:https?:)?//([^"'\s]+)""")
_ATTRIBUTES = {
    "script": ("src", "data-src"),
    "iframe": ("src", "data-src"),
    "img": ("src", "data-src"),
    "link": ("href",),
    "source": ("src",),
    "form": ("action",),
}
# Bytes of a host and of the letters before it, and a space for all others.
_APART = bytes(
    code if code >= 128 or chr(code).isalnum() or chr(code) in "._-" else 32
    for code in range(256)
)
# An inline script of some megabytes is data, and its hosts are not the page's own.
_MAX_SCRIPT = 200_000
_MAX_LINKS = 5_000


class CatalogueRefused(ValueError):
    """A catalogue that cannot be understood; names the entry and what is wrong."""


@dataclass(frozen=True)
class Entry:
    """One technology and its marks; see the head of the catalogue."""

    name: str
    category: str
    headers: tuple[str, ...] = ()
    cookies: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    generator: tuple[str, ...] = ()
    markup: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()


_MARKS = tuple(f.name for f in fields(Entry) if f.name not in ("name", "category"))


@cache
def catalogue() -> tuple[Entry, ...]:
    """The technologies of the catalogue that ships with the parsers."""
    text = files("scrapers.extract").joinpath(CATALOGUE).read_text("utf-8")
    return read_catalogue(text)


def read_catalogue(text: str) -> tuple[Entry, ...]:
    """The entries of a catalogue.

    Raises:
        CatalogueRefused: a key is unknown, a name or a mark stands twice, a category
            is not on the list, or an entry has no mark.
    """
    document = yaml.safe_load(text)
    if not isinstance(document, list):
        raise CatalogueRefused("The catalogue is not a list of technologies.")
    entries = tuple(_entry(item) for item in document)
    owners: dict[tuple[str, str], str] = {}
    names: set[str] = set()
    for entry in entries:
        if entry.name in names:
            raise CatalogueRefused(f"{entry.name} stands in the catalogue twice.")
        names.add(entry.name)
        for mark in _MARKS:
            for value in getattr(entry, mark):
                other = owners.setdefault((mark, value), entry.name)
                if other != entry.name:
                    raise CatalogueRefused(
                        f"{value!r} ({mark}) is a mark of {other} and {entry.name}."
                    )
    return entries


def _entry(item: Any) -> Entry:
    if not isinstance(item, dict) or not isinstance(item.get("name"), str):
        raise CatalogueRefused(f"{item!r} is not a technology with a name.")
    name = item["name"]
    unknown = sorted(set(item) - {"name", "category", *_MARKS})
    if unknown:
        raise CatalogueRefused(f"{name}: {', '.join(unknown)} is not understood.")
    if item.get("category") not in CATEGORIES:
        raise CatalogueRefused(f"{name}: no category {item.get('category')!r}.")
    marks: dict[str, tuple[str, ...]] = {}
    for mark in set(item) & set(_MARKS):
        values = item[mark]
        if not isinstance(values, list) or not values:
            raise CatalogueRefused(f"{name}: {mark} is not a list of marks.")
        for value in values:
            is_lower = isinstance(value, str) and value == value.lower()
            if not isinstance(value, str) or (mark != "exact" and not is_lower):
                raise CatalogueRefused(f"{name}: the mark {value!r} is not lower case.")
        marks[mark] = tuple(values)
    if not marks:
        raise CatalogueRefused(f"{name} has no mark by which it is known.")
    return Entry(name, item["category"], **marks)


def page_technologies(
    root: etree._Element, source: str, headers: Sequence[Sequence[str]]
) -> Iterator[Technology]:
    """Technologies that the headers, cookies, scripts and markup of a page show.

    Each technology once per kind of evidence, in the order of the catalogue.

    Args:
        root: the page.
        source: its markup as text.
        headers: name and value of the kept headers; of a cookie only the name.
    """
    answer = _answer_marks(headers)
    assets, hosts = _assets(root)
    links = _link_hosts(root)
    generators = _generators(root)
    # Marks are of ASCII, which bytes put in lower case in a tenth of the time.
    lowered = source.encode("utf-8", "replace").lower()
    for entry in _in_question(hosts, links):
        found: dict[str, str] = {}
        for mark in entry.headers:
            name, _, text = mark.partition(": ")
            if any(text in value for value in answer.get(name, ())):
                found.setdefault("header", mark)
        for mark in entry.cookies:
            if any(cookie.startswith(mark) for cookie in answer.get("set-cookie", ())):
                found.setdefault("cookie", mark)
        for mark in entry.hosts:
            if mark in hosts:
                found.setdefault("script", mark)
        for mark in entry.paths:
            if mark in assets:
                found.setdefault("script", mark)
        for mark in entry.generator:
            if any(value.startswith(mark) for value in generators):
                found.setdefault("markup", f"generator: {mark}")
        for mark in entry.links:
            if mark in links:
                found.setdefault("markup", mark)
        for mark in entry.markup:
            if mark.encode() in lowered:
                found.setdefault("markup", mark)
        for evidence, mark in found.items():
            yield Technology(
                name=entry.name,
                category=entry.category,
                evidence=evidence,
                is_used=True,
                is_phased_out=False,
                quote=mark,
                ad_id=None,
            )


def _in_question(hosts: frozenset[str], links: frozenset[str]) -> list[Entry]:
    """Entries of the catalogue that a page with these hosts may show, in its order."""
    known_hosts, known_links, others = _by_mark()
    numbers = set(others)
    for known, shown in ((known_hosts, hosts), (known_links, links)):
        for mark in known.keys() & shown:
            numbers.add(known[mark])
    return [catalogue()[number] for number in sorted(numbers)]


@cache
def _by_mark() -> tuple[dict[str, int], dict[str, int], frozenset[int]]:
    """Numbers of entries by host and by link, and of those known by something else."""
    entries = list(enumerate(catalogue()))
    return (
        {mark: number for number, entry in entries for mark in entry.hosts},
        {mark: number for number, entry in entries for mark in entry.links},
        frozenset(
            number
            for number, entry in entries
            if (*entry.headers, *entry.cookies, *entry.paths)
            or (*entry.generator, *entry.markup)
        ),
    )


def _answer_marks(headers: Sequence[Sequence[str]]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for name, value in headers:
        found[name.lower()].append(value.lower())
    return found


def _assets(root: etree._Element) -> tuple[str, frozenset[str]]:
    """Addresses a page loads from, a line each, and their hosts with all above."""
    addresses: list[str] = []
    hosts: set[str] = set()
    for element in root.iter(*_ATTRIBUTES):
        tag = tag_of(element)
        for attribute in _ATTRIBUTES[tag]:
            value = (element.get(attribute) or "").strip().lower()
            if not value or value.startswith("data:"):
                continue
            # rel=canonical, alternate and the like load nothing.
            if tag == "link" and not _loads(element):
                continue
            addresses.append(value)
            hosts.update(_host_and_above(value))
        if tag == "script" and element.text and _is_code(element):
            text = element.text[:_MAX_SCRIPT].lower()
            for host in _hosts_in(text):
                hosts.update(_above(host))
            addresses.extend(_ADDRESS.findall(text))
    return "\n".join(addresses), frozenset(hosts)


def _hosts_in(script: str) -> set[str]:
    """What looks like a host in the code of a script, but for names of its own."""
    # The scripts of a page (44 kB) took 1.11 ms searched as they stand, and .56 by each
    # word with a dot in it once (2026-11-29).
    words = set(script.encode("utf-8", "replace").translate(_APART).split())
    dotted = b"\n".join(word for word in words if b"." in word)
    return {
        host
        for host in _HOST.findall(dotted.decode())
        if host.rpartition(".")[2] in _last_labels()
    }


@cache
def _last_labels() -> frozenset[str]:
    """How the hosts of the catalogue end: window.document.title is none of them."""
    return frozenset(
        mark.rpartition(".")[2] for entry in catalogue() for mark in entry.hosts
    )


def _loads(link: etree._Element) -> bool:
    rel = (link.get("rel") or "").lower().split()
    return bool({"stylesheet", "preload", "modulepreload", "preconnect"} & set(rel))


def _is_code(script: etree._Element) -> bool:
    kind = (script.get("type") or "").lower()
    return not kind or "javascript" in kind or kind == "module"


def _link_hosts(root: etree._Element) -> frozenset[str]:
    hosts: set[str] = set()
    for number, link in enumerate(root.iter("a")):
        if number >= _MAX_LINKS:
            break
        hosts.update(_host_and_above(link.get("href") or ""))
    return frozenset(hosts)


def _host_and_above(address: str) -> tuple[str, ...]:
    if "//" not in address:
        # Most links stay on their host, and taking them apart is dear.
        return ()
    try:
        host = urlsplit(address.strip()).hostname
    except ValueError:
        return ()
    return _above(host) if host else ()


def _above(host: str) -> tuple[str, ...]:
    """a.b.c as itself, b.c and c: a mark names a host and all below it."""
    labels = host.lower().split(".")
    return tuple(".".join(labels[start:]) for start in range(len(labels) - 1))


def _generators(root: etree._Element) -> list[str]:
    return [
        (meta.get("content") or "").strip().lower()
        for meta in root.iter("meta")
        if (meta.get("name") or "").lower() == "generator"
    ]
