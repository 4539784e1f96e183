"""Announcements of the Norwegian registers, from the pages that people read.

Two pages: the list of one company, where a date stands once and holds for the rows
below it, and one announcement. Names and addresses of people are not read: of an
announcement only its heading, its companies, its capital and its date.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from urllib.parse import parse_qs, urlsplit

from lxml import etree

from scrapers.envelope import Envelope
from scrapers.extract.dates import written_day
from scrapers.extract.html import absolute, lines_of, parse_html, tag_of, text_of
from scrapers.extract.organisation_numbers import is_organisation_number
from scrapers.extract.refusal import NothingReadable, ParseRefused
from scrapers.extract.terms import terms_of
from scrapers.records import Announcement
from scrapers.sources.brreg_announcements.kinds import event_of

PARSER_VERSION = "1"

_LOG = logging.getLogger(__name__)
_KID = re.compile(r"[?&]kid=(\d{4,20})")
_DAY = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}")
_NUMBER = re.compile(r"(?<!\d)\d{3}[\s.\u00a0]?\d{3}[\s.\u00a0]?\d{3}(?!\d)")
_AMOUNT = re.compile(
    r"\b([A-Z]{3})\s*(\d{1,3}(?:[.\s]\d{3})*|\d+)(?:,(\d{1,2}))?(?!\d)"
)
_REGISTER = re.compile(
    r"(?:Foretaksregisteret|Regnskapsregisteret|Konkursregisteret|"
    r"Brønnøysundregistrene|Enhetsregisteret)\s+(\d{1,2}\.\d{1,2}\.\d{4})"
)
_NAME_LABEL = re.compile(r"(?:navn/)?foretaksnavn\s*:?|navn\s*:?", re.IGNORECASE)
_NUMBER_LABEL = re.compile(
    r"(?:organisasjonsnummer|org\.?\s?(?:nr|nummer))\.?\s*:?", re.IGNORECASE
)
_EMPTY = re.compile(r"\bingen (?:\w+ )?(?:kunngjøring|treff)", re.IGNORECASE)


def parse(body: bytes, envelope: Envelope) -> Iterator[Announcement]:
    """Announcements of a list (scope ``list``) or of one page (scope ``detail``).

    Raises:
        NothingReadable, ParseRefused: as `listed`.
    """
    for item in listed(body, envelope):
        yield replace(item, terms=terms_of(item.title or "", "nb"))


def listed(body: bytes, envelope: Envelope) -> Iterator[Announcement]:
    """The same without their terms, for the spider: it needs no dictionaries.

    Raises:
        NothingReadable: a list without a row that does not say that it is empty.
        ParseRefused: the page is not what the register serves for the scope.
    """
    root = parse_html(body, envelope.content_type)
    if envelope.scope == "list":
        yield from _listed(root, envelope.url)
    elif envelope.scope == "detail":
        yield from _detail(root, envelope.url)
    else:
        raise ParseRefused(
            f"The scope {envelope.scope!r} of {envelope.url} is not list or detail."
        )


# The list of a company, or of a day's search


def _listed(root: etree._Element, url: str) -> Iterator[Announcement]:
    asked = parse_qs(urlsplit(url).query)
    owner = _number(asked.get("orgnr", [""])[0])
    day = _day_of_search(asked)
    found = False
    for row in root.iter("tr"):
        cells = [child for child in row if tag_of(child) in ("td", "th")]
        links = [
            (link, numbered[1])
            for cell in cells
            if cell.find(".//table") is None
            for link in cell.iter("a")
            if "hent_en.jsp" in (link.get("href") or "")
            and (numbered := _KID.search(link.get("href") or ""))
        ]
        if not links:
            continue
        found = True
        link, kid = links[0]
        texts = [text_of(cell) for cell in cells]
        written = next((text for text in texts if _DAY.fullmatch(text)), None)
        if written is not None:
            # It holds for the rows below that leave it out.
            day = written_day(written)
        numbers = [number for text in texts if (number := _number(text))]
        words, name = _words_and_name(texts, text_of(link))
        if day is None:
            _LOG.warning("%s: announcement %s has no date", url, kid)
        yield _announcement(
            kid,
            words,
            day,
            numbers[0] if numbers else owner,
            name,
            absolute(url, link.get("href")),
        )
    if not found and not _EMPTY.search(text_of(root)):
        raise NothingReadable(
            f"The page {url} lists no announcement and does not say that there is none."
        )


def _day_of_search(asked: dict[str, list[str]]) -> date | None:
    """The day of a search of one day, whose rows have no column for it."""
    first, last = asked.get("datoFra"), asked.get("datoTil")
    return written_day(first[0]) if first and first == last else None


def _words_and_name(texts: list[str], label: str) -> tuple[str, str | None]:
    """The register's words for the announcement, and the company where it is named.

    The link is the words in a list; in a search of one kind it is the company's name.
    """
    others = [
        text
        for text in texts
        if text and text != label and not _DAY.fullmatch(text) and not _number(text)
    ]
    return label, others[0] if others else None


# One announcement


def _detail(root: etree._Element, url: str) -> Iterator[Announcement]:
    kid = _KID.search(url)
    if kid is None:
        raise ParseRefused(f"The address {url} does not name the announcement.")
    heading = next((text for h in root.iter("h3") if (text := text_of(h))), None)
    pairs = dict(_pairs(root))
    lines = lines_of(root)
    numbered = (v for key, v in pairs.items() if _NUMBER_LABEL.fullmatch(key))
    subject = next((n for value in numbered if (n := _number(value))), None)
    if heading is None or subject is None:
        raise ParseRefused(f"The announcement {url} lacks its heading or its company.")
    name = next((v for k, v in pairs.items() if _NAME_LABEL.fullmatch(k) and v), None)
    published = _REGISTER.search(" ".join(lines))
    day = written_day(published[1]) if published else None
    amount, currency = _capital(pairs)
    text = f"{heading}: {name}" if name else heading
    own = _announcement(kid[1], heading, day, subject, name, url)
    own = replace(own, text=text, amount=amount, currency=currency, is_detail=True)
    yield own
    for number, other in _others(lines, subject):
        yield replace(
            own,
            party_role="counterparty",
            party_org_number=number,
            party_name=other,
        )


def _pairs(root: etree._Element) -> Iterator[tuple[str, str]]:
    """Label and value of each row of two that the page has."""
    for row in root.iter("tr"):
        cells = [
            text
            for child in row
            if tag_of(child) in ("td", "th")
            and child.find(".//table") is None
            and (text := text_of(child))
        ]
        if len(cells) == 2 and len(cells[0]) < 60:
            yield re.sub(r"\s+:", ":", cells[0]), cells[1]


def _capital(pairs: dict[str, str]) -> tuple[float | None, str | None]:
    for key, value in pairs.items():
        if key.casefold().rstrip(": ").endswith("kapital"):
            found = _AMOUNT.search(value)
            if found:
                whole = re.sub(r"[.\s]", "", found[2])
                return float(f"{whole}.{found[3] or '0'}"), found[1]
    return None, None


def _others(lines: list[str], subject: str) -> Iterator[tuple[str, str | None]]:
    """Other companies that the announcement numbers, each once, with its name.

    The name stands before the number on the line, or is the line above it.
    """
    seen = {subject}
    for position, line in enumerate(lines):
        for found in _NUMBER.finditer(line):
            number = _number(found[0])
            if number is None or number in seen:
                continue
            seen.add(number)
            before = _NUMBER_LABEL.sub("", line[: found.start()])
            before = before.rpartition(":")[2].strip(" ,(-")
            above = lines[position - 1] if position and not before else before
            above = above.rpartition(":")[2].strip()
            yield number, above if re.search(r"[A-ZÆØÅ]{2}", above) else None


def _number(text: str) -> str | None:
    digits = re.sub(r"[\s.\u00a0]", "", text)
    return digits if is_organisation_number(digits) else None


def _announcement(
    kid: str,
    words: str,
    day: date | None,
    party: str | None,
    name: str | None,
    url: str | None,
) -> Announcement:
    return Announcement(
        announcement_id=kid,
        category="registry",
        event_type=event_of(words),
        source_type=words,
        title=words,
        text=None,
        terms=(),
        language="nb",
        published_at=datetime(day.year, day.month, day.day) if day else None,
        effective_on=day,
        party_role="subject",
        party_org_number=party,
        party_name=name,
        amount=None,
        currency=None,
        corrects_id=None,
        announcement_url=url,
        is_detail=False,
    )
