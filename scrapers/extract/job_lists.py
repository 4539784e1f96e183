"""The job advertisements a page lists, or is: JobPosting data first, then markup.

Only what one page says belongs here; whether an ad that is no longer listed is closed
is decided from visits, later.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from lxml import etree

from scrapers.extract.blocks import role_of, text_blocks
from scrapers.extract.dates import written_day, written_instant
from scrapers.extract.html import (
    INVISIBLE_TAGS,
    absolute,
    base_url,
    body_of,
    clean,
    is_hidden,
    lines_of,
    tag_of,
    text_of,
)
from scrapers.extract.language import language_of
from scrapers.extract.markup_text import markup_to_text
from scrapers.extract.names import name_score, title_score
from scrapers.extract.organisation_numbers import organisation_number
from scrapers.extract.structured import (
    Node,
    as_list,
    as_text,
    json_ld_nodes,
    microdata_items,
    types_of,
)
from scrapers.extract.terms import terms_of
from scrapers.records.job_ads import JobAd

_DEADLINE = re.compile(
    r"\b(?:søknadsfrist|søknadsfristen|frist|ansøgningsfrist|sista ansökningsdag"
    r"|ansök senast|sök senast|søk innen|søk senest|deadline|apply by|apply before"
    r"|closing date|closes|hakuaika päättyy|viimeinen hakupäivä)\b\W{0,4}(.{4,40})",
    re.IGNORECASE,
)
_POSTED = re.compile(
    r"\b(?:publisert|published|posted|publicerad|offentliggjort|lagt ut)\b\W{0,4}"
    r"(.{4,40})",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"\b(?:arbeidssted|arbeidsstad|arbejdssted|arbetsplats|arbetsort|tjenestested|sted|stad|ort|plats|lokasjon"
    r"|location|place|kontorsted|office|hvor|where|sijainti|paikka)\s*:\s*"
    r"([^.|·•;\n]{2,80}?)\s*(?=[.|·•;]|$|\s(?:søknadsfrist|frist|deadline)\b)",
    re.IGNORECASE,
)
_DEPARTMENT = re.compile(
    r"\b(?:avdeling|avdelning|afdeling|department|team|fagområde|område|osasto)\s*:\s*"
    r"([^.|·•;\n]{2,80}?)\s*(?=[.|·•;]|$)",
    re.IGNORECASE,
)
_PLACE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:location|place|sted|lokasjon|city|by|ort)(?:$|[\s_-])",
    re.IGNORECASE,
)
_DEPARTMENT_CLASS = re.compile(
    r"(?:^|[\s_-])(?:department|avdeling|category|kategori)(?:$|[\s_-])", re.IGNORECASE
)
_GENERIC_LABEL = re.compile(
    r"^(?:les mer|les meir|läs mer|læs mere|read more|more|mer|mehr|se stilling(?:en)?"
    r"|se annonse(?:n)?|view(?: job| position)?|see (?:job|details)|details|detaljer"
    r"|apply(?: now| here)?|søk(?: her| nå| på stillingen| stilling(?:en)?)?"
    r"|ansök(?: nu)?|søg(?: jobbet)?|lue lisää|til stillingen|gå til annonse)\W*$",
    re.IGNORECASE,
)
_NOT_AN_AD = re.compile(
    r"^(?:neste|next|forrige|previous|nästa|næste|tilbake|back|hjem|home|\d+|[«»<>›‹…]+"
    r"|alle (?:ledige )?stillinger|see? all.*|sjå alle.*|visa alla.*|all jobs.*"
    r"|about.*|om oss.*"
    r"|kontakt oss|contact(?: us)?|personvern(?:erklæring)?|privacy(?: policy)?"
    r"|åpen søknad.*|open application.*"
    r"|spontan\w*.*|ledige stillinger|open positions|vacancies|careers?|karriere"
    r"|jobs?|lediga jobb|ledige job|join us.*|jobb hos oss|ledige stillingar)$",
    re.IGNORECASE,
)
_CLOSED = re.compile(
    r"(?:stillingen er (?:ikke lenger ledig|besatt|utløpt)"
    r"|annonsen er (?:utløpt|inaktiv)"
    r"|stillinga er ikkje lenger ledig|position (?:has been|is) (?:filled|closed)"
    r"|no longer (?:accepting applications|available|open)|tjänsten är tillsatt"
    r"|job has expired|søknadsfristen er utløpt)",
    re.IGNORECASE,
)
_JOB_PATH = re.compile(
    r"/(?:ledige-)?(?:stilling(?:er|ar)?|jobb?s?|job-?ads?|jobbannonser?|careers?"
    r"|karriere|karriär|vacanc(?:y|ies)|positions?|openings?|tjanster|lediga-jobb"
    r"|ledig-job|o)/[^/?#]{3,}",
    re.IGNORECASE,
)
_JOB_HOST = re.compile(
    r"(?:^|\.)(?:teamtailor\.com|webcruiter\.(?:no|com)|recruitee\.com|greenhouse\.io"
    r"|lever\.co|ashbyhq\.com|workable\.com|smartrecruiters\.com|jobylon\.com"
    r"|varbi\.com|reachmee\.com|easycruit\.com|hr-?manager\.net|jobs\.personio\.\w+"
    r"|myworkdayjobs\.com|jobbnorge\.no|arbeidsplassen\.nav\.no|finn\.no)$",
    re.IGNORECASE,
)
_TRACKING = re.compile(
    r"^(?:utm_\w+|fbclid|gclid|mc_[ce]id|ref|source)$", re.IGNORECASE
)
_EMPLOYMENT = re.compile(
    r"heltid|fulltid|deltid|fast|vikariat|full-?time|part-?time|permanent|temporary"
    r"|contract|hybrid|remote|%|\d",
    re.IGNORECASE,
)
_LIST_SCOPES = frozenset(("careers",))
_HEADINGS = ("h1", "h2", "h3", "h4", "h5")
_MIN_EVIDENCE = 0.5
_MAX_TITLE = 200
_MAX_ANCHORS = 5_000


@dataclass(frozen=True)
class _Found:
    """An ad as found, before it is given an identity."""

    title: str | None
    address: str | None
    place: str | None
    department: str | None
    description: str | None
    employer_name: str | None
    employer_org_number: str | None
    posted_at: datetime | None
    expires_at: datetime | None
    modified_at: datetime | None


def job_ads(
    root: etree._Element, url: str, scope: str, language: str | None
) -> Iterator[JobAd]:
    """Ads of a page: its structured data, and on careers and job pages its markup.

    An ad is known by its address; a listed ad without one by a hash of its title and
    place, so that it keeps its identity while the rest of the list moves. A careers
    page without ads gives none.
    """
    is_own_page = scope == "job"
    stated = [_from_node(node, root, url) for node in _postings(root)]
    if is_own_page:
        found = stated[:1] or _own_page_ad(root, url)
        found = [replace(ad, address=url) for ad in found]
    else:
        listed = _listed_ads(root, url) if scope in _LIST_SCOPES else []
        found = _merged(stated, listed)
    status = "inactive" if is_own_page and _is_closed(root) else "active"
    seen: dict[str, int] = defaultdict(int)
    for ad in found:
        ad_id = _ad_id(ad)
        if ad.address is not None and seen[ad_id]:
            continue
        seen[ad_id] += 1
        if seen[ad_id] > 1:
            # Two posts alike: the second is told apart by its number.
            ad_id = f"{ad_id}-{seen[ad_id]}"
        text = " \n".join(part for part in (ad.title, ad.description) if part)
        yield JobAd(
            ad_id=ad_id,
            ad_status=status,
            title=ad.title,
            employer_name=ad.employer_name,
            employer_org_number=ad.employer_org_number,
            place=ad.place,
            description=ad.description,
            terms=terms_of(text, language_of(text, language)) if text else (),
            department=ad.department,
            posted_at=ad.posted_at,
            expires_at=ad.expires_at,
            modified_at=ad.modified_at,
            ad_url=ad.address,
            apply_url=None,
            is_listing=not is_own_page,
        )


def _ad_id(ad: _Found) -> str:
    if ad.address is not None:
        return ad.address
    facts = "\n".join(clean(part).casefold() for part in (ad.title, ad.place))
    return hashlib.sha256(facts.encode("utf-8")).hexdigest()[:32]


def _merged(stated: Sequence[_Found], listed: Sequence[_Found]) -> list[_Found]:
    """Stated ads with the address of the listed ad of the same title, then the rest."""
    left = list(listed)
    merged = []
    for ad in stated:
        twin = next(
            (
                other
                for other in left
                if (ad.address is not None and other.address == ad.address)
                or _same_title(ad, other)
            ),
            None,
        )
        if twin is not None:
            left.remove(twin)
            ad = replace(
                ad,
                address=ad.address or twin.address,
                place=ad.place or twin.place,
                department=ad.department or twin.department,
                expires_at=ad.expires_at or twin.expires_at,
            )
        merged.append(ad)
    return merged + left


def _same_title(one: _Found, other: _Found) -> bool:
    return (
        one.title is not None
        and other.title is not None
        and one.title.casefold() == other.title.casefold()
        and (one.address is None or other.address is None)
        and (one.place is None or other.place is None or one.place == other.place)
    )


# --- structured data ----------------------------------------------------------------


def _postings(root: etree._Element) -> list[Node]:
    nodes = [node for node in json_ld_nodes(root) if "JobPosting" in types_of(node)]
    return nodes or list(microdata_items(root, "JobPosting"))


def _from_node(node: Node, root: etree._Element, url: str) -> _Found:
    employer = node.get("hiringOrganization")
    organisation = next((x for x in as_list(employer) if isinstance(x, dict)), {})
    number = next(
        (
            found
            for key in ("taxID", "vatID", "identifier", "leiCode")
            if (found := organisation_number(as_text(organisation.get(key))))
        ),
        None,
    )
    description = markup_to_text(as_text(node.get("description")) or "")
    address = as_text(node.get("url")) or as_text(node.get("@id"))
    return _Found(
        title=markup_to_text(as_text(node.get("title") or node.get("name")) or "")
        or None,
        address=_address(absolute(base_url(root, url), address) if address else None),
        place=_stated_place(node),
        department=as_text(node.get("department"))
        or as_text(node.get("occupationalCategory")),
        description=description or None,
        employer_name=as_text(employer),
        employer_org_number=number,
        posted_at=written_instant(as_text(node.get("datePosted"))),
        expires_at=written_instant(as_text(node.get("validThrough"))),
        modified_at=written_instant(as_text(node.get("dateModified"))),
    )


def _stated_place(node: Node) -> str | None:
    places: dict[str, None] = {}
    for location in as_list(node.get("jobLocation")):
        if isinstance(location, str):
            places.setdefault(clean(location))
            continue
        if not isinstance(location, dict):
            continue
        for address in as_list(location.get("address")) or [None]:
            if isinstance(address, str):
                places.setdefault(clean(address))
            elif isinstance(address, dict):
                for key in ("addressLocality", "addressRegion", "addressCountry"):
                    if place := as_text(address.get(key)):
                        places.setdefault(place)
                        break
        if not location.get("address") and (name := as_text(location.get("name"))):
            places.setdefault(name)
    if not places and as_text(node.get("jobLocationType")) == "TELECOMMUTE":
        return "Remote"
    return ", ".join(place for place in places if place) or None


def _address(address: str | None) -> str | None:
    """An ad's address without the parts that only say where the reader came from."""
    if address is None:
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    query = [
        (key, value)
        for key, value in parse_qsl(parts.query, keep_blank_values=True)
        if not _TRACKING.match(key)
    ]
    return urlunsplit(
        (parts.scheme, parts.netloc.lower(), parts.path, urlencode(query), "")
    )


# --- an ad's own page ---------------------------------------------------------------


def _own_page_ad(root: etree._Element, url: str) -> list[_Found]:
    heading = next(
        (text for h1 in root.iter("h1", "h2") if (text := text_of(h1))), None
    )
    if heading is None or _NOT_AN_AD.match(heading):
        return []
    main = [block.text for block in text_blocks(root) if block.role == "main"]
    text = "\n".join(line for line in main if line != heading and not _is_fact(line))
    return [
        replace(
            _with_facts(root, heading, url, main),
            description=text or None,
        )
    ]


def _is_closed(root: etree._Element) -> bool:
    return _CLOSED.search(text_of(root)) is not None


# --- lists of ads -------------------------------------------------------------------


@dataclass(frozen=True)
class _Anchor:
    """A link or heading that may be the title of an ad."""

    index: int
    element: etree._Element
    label: str
    address: str | None


def _listed_ads(root: etree._Element, url: str) -> list[_Found]:
    anchors = _anchors(root, url)
    groups: dict[tuple[str, ...], list[_Anchor]] = defaultdict(list)
    for anchor in anchors:
        groups[_path(anchor.element)].append(anchor)
    judged = []
    for members in groups.values():
        read = (
            _candidate(anchor, card, url)
            for anchor, card in zip(members, _cards(members), strict=True)
        )
        kept = [candidate for candidate in read if candidate is not None]
        if not kept:
            continue
        total = sum(candidate.evidence for candidate in kept)
        names = sum(name_score(candidate.title) >= 0.9 for candidate in kept)
        if total / len(kept) < _MIN_EVIDENCE or names > 0.5 * len(kept):
            continue
        has_links = any(anchor.address is not None for anchor in members)
        judged.append(((not has_links, -total, kept[0].anchor.index), kept))
    found: list[tuple[int, _Found]] = []
    covered: set[etree._Element] = set()
    titles: set[tuple[str, str | None]] = set()
    for _, kept in sorted(judged, key=lambda pair: pair[0]):
        fresh = []
        for candidate in kept:
            element = candidate.anchor.element
            above = (element, *element.iterancestors())
            if covered.isdisjoint(above) and covered.isdisjoint(candidate.card.iter()):
                fresh.append(candidate)
        for candidate in fresh:
            covered.add(candidate.card)
            ad = _listed_ad(candidate, url)
            if ad.address is not None and (ad.address, None) in titles:
                continue
            titles.add((ad.address or ad.title or "", None))
            found.append((candidate.anchor.index, ad))
    return [ad for _, ad in sorted(found, key=lambda pair: pair[0])]


def _anchors(root: etree._Element, url: str) -> list[_Anchor]:
    """Links and headings of the page's matter, in reading order."""
    base = base_url(root, url)
    body = body_of(root)
    start = body if body is not None else root
    anchors: list[_Anchor] = []
    stack: list[tuple[etree._Element, str, bool]] = [(start, "main", False)]
    while stack and len(anchors) < _MAX_ANCHORS:
        element, role, in_content = stack.pop()
        tag = tag_of(element)
        if not tag or tag in INVISIBLE_TAGS or is_hidden(element):
            continue
        inner = role_of(element, tag, role, in_content)
        if inner in ("nav", "footer", "consent"):
            continue
        inside = in_content or tag in ("main", "article")
        label = text_of(element) if tag == "a" or tag in _HEADINGS else ""
        if label:
            address = None
            if tag == "a":
                rel = (element.get("rel") or "").lower().split()
                address = absolute(base, element.get("href"))
                if "next" in rel or "prev" in rel:
                    address = None
                if address is not None:
                    anchors.append(
                        _Anchor(len(anchors), element, label, _address(address))
                    )
            elif element.find(".//a[@href]") is None and not _in_link(element):
                anchors.append(_Anchor(len(anchors), element, label, None))
        stack.extend((child, inner, inside) for child in reversed(element))
    return anchors


def _in_link(element: etree._Element) -> bool:
    return any(tag_of(above) == "a" for above in element.iterancestors())


def _path(element: etree._Element) -> tuple[str, ...]:
    steps = [element, *element.iterancestors()][:6]
    return tuple(
        ".".join(
            (
                tag_of(step),
                *sorted(
                    word
                    for word in (step.get("class") or "").split()
                    if not re.search(r"\d|^(?:first|last|odd|even)$", word)
                ),
            )
        )
        for step in steps
    )


def _cards(members: Sequence[_Anchor]) -> list[etree._Element]:
    """For each anchor the largest element that holds no other anchor of its group."""
    counts: dict[etree._Element, int] = defaultdict(int)
    for member in members:
        for element in (member.element, *member.element.iterancestors()):
            counts[element] += 1
    cards = []
    for member in members:
        card = member.element
        for element in member.element.iterancestors():
            if counts[element] > 1 or tag_of(element) in ("main", "body", "html"):
                break
            if len(members) == 1 and _holds_other_heading(element, member.element):
                break
            card = element
        cards.append(card)
    return cards


def _holds_other_heading(element: etree._Element, anchor: etree._Element) -> bool:
    """True when an element has a heading as high as the one the anchor is, or is in."""
    own = [anchor, *anchor.iterancestors(), *anchor.iter(*_HEADINGS)]
    rank = min(
        (tag_of(node) for node in own if tag_of(node) in _HEADINGS), default="h5"
    )
    return any(
        tag_of(heading) <= rank and heading not in own
        for heading in element.iter(*_HEADINGS)
    )


@dataclass(frozen=True)
class _Candidate:
    """A card that may be an ad, and how much it looks like one, 0 to 1."""

    anchor: _Anchor
    card: etree._Element
    title: str
    lines: tuple[str, ...]
    evidence: float


def _candidate(anchor: _Anchor, card: etree._Element, url: str) -> _Candidate | None:
    """What a card says; None for what is no ad. Its facts are read when it is one."""
    title = anchor.label
    if anchor.element is card or tag_of(anchor.element) == "a":
        title = _title_in(anchor, card)
    if not title or len(title) > _MAX_TITLE or _NOT_AN_AD.match(title):
        return None
    if anchor.address is not None and _is_same_page(anchor.address, url):
        return None
    lines = tuple(line for line in lines_of(card) if line != title)
    evidence = _evidence(anchor, title, lines, url)
    return _Candidate(anchor, card, title, lines, evidence)


def _evidence(anchor: _Anchor, title: str, lines: Sequence[str], url: str) -> float:
    if _expires_on("\n".join(lines)) is not None:
        return 1.0
    is_role = title_score(title) >= 1.0
    if anchor.address is None:
        return 1.0 if is_role and lines else 0.0
    if _is_job_address(anchor.address, url):
        return 1.0 if is_role else 0.7
    return 0.6 if is_role else 0.0


def _listed_ad(candidate: _Candidate, url: str) -> _Found:
    lines = candidate.lines
    ad = _with_facts(candidate.card, candidate.title, url, lines)
    body = [line for line in lines if not _is_fact(line)]
    is_told = sum(map(len, body)) >= 80
    return replace(
        ad,
        address=candidate.anchor.address,
        description="\n".join(body) if is_told else None,
    )


def _title_in(anchor: _Anchor, card: etree._Element) -> str:
    """Title of a linked ad: the heading of its card, else the words of the link."""
    for scope in (anchor.element, card):
        for heading in scope.iter(*_HEADINGS):
            text = text_of(heading)
            if text:
                return text
    if not _GENERIC_LABEL.match(anchor.label):
        # A whole card may be one link: its first line is the title.
        return next(iter(lines_of(anchor.element)), anchor.label)
    for cell in card.iter("td", "strong", "b", "dt"):
        text = text_of(cell)
        if text and not _GENERIC_LABEL.match(text):
            return text
    lines = [line for line in lines_of(card) if not _GENERIC_LABEL.match(line)]
    return lines[0] if lines else ""


def _with_facts(
    element: etree._Element, title: str, url: str, lines: Sequence[str]
) -> _Found:
    text = "\n".join(lines)
    posted = _POSTED.search(text)
    posted_on = written_day(posted.group(1)) if posted else None
    place = _PLACE.search(text)
    department = _DEPARTMENT.search(text)
    return _Found(
        title=title,
        address=None,
        place=clean(place.group(1)) if place else _marked(element, _PLACE_CLASS, lines),
        department=clean(department.group(1))
        if department
        else _marked(element, _DEPARTMENT_CLASS, ()),
        description=None,
        employer_name=None,
        employer_org_number=None,
        posted_at=_midnight(posted_on),
        expires_at=_midnight(_expires_on(text)),
        modified_at=None,
    )


def _expires_on(text: str) -> date | None:
    deadline = _DEADLINE.search(text)
    return written_day(deadline.group(1)) if deadline else None


def _midnight(day: object) -> datetime | None:
    return written_instant(str(day)) if day is not None else None


def _marked(
    element: etree._Element, classes: re.Pattern[str], lines: Sequence[str]
) -> str | None:
    for inner in element.iter():
        words = inner.get("class") if isinstance(inner.tag, str) else None
        if words and classes.search(words):
            text = text_of(inner)
            if text and len(text) <= 80:
                return text
    for line in lines[:3]:
        # "Oslo", "Bergen, Norge", "Oslo · Heltid" right below the title
        first = re.split(r"\s[·•|–-]\s", line)[0]
        if (
            len(first) <= 40
            and not _EMPLOYMENT.search(first)
            and not _is_fact(line)
            and title_score(first) < 1.0
            and re.fullmatch(
                r"[A-ZÆØÅÄÖ][\w.'-]+(?:[ ,/]+(?:og |i )?[A-ZÆØÅÄÖ][\w.'-]+){0,3}", first
            )
            and not _GENERIC_LABEL.match(first)
        ):
            return first
    return None


def _is_fact(line: str) -> bool:
    return len(line) < 160 and any(
        pattern.search(line) for pattern in (_DEADLINE, _PLACE, _POSTED, _DEPARTMENT)
    )


def _is_same_page(address: str, url: str) -> bool:
    one, other = urlsplit(address), urlsplit(url)
    return (one.netloc.lower(), one.path.rstrip("/")) == (
        other.netloc.lower(),
        other.path.rstrip("/"),
    )


def _is_job_address(address: str, url: str) -> bool:
    here, there = urlsplit(url), urlsplit(address)
    if _JOB_HOST.search(there.hostname or ""):
        return len(there.path) > 1 or bool(there.query)
    path = unquote(there.path)
    below = unquote(here.path).rstrip("/") + "/"
    deeper = len(below) > 1 and path.startswith(below) and len(path) > len(below) + 2
    return deeper or _JOB_PATH.search(path) is not None
