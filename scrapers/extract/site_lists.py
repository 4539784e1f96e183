"""The lists that pages of a company's own site hold: partners, trades of its customers,
certifications, prices, offerings, hosts of its own, what it says it is, and its frame.

Each begins with an entry for the list itself (see the record). What a change of one
means is not decided here.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from lxml import etree

from scrapers.extract.blocks import TextBlock, role_of
from scrapers.extract.certifications import certifications
from scrapers.extract.html import (
    BLOCK_TAGS,
    INVISIBLE_TAGS,
    absolute,
    base_url,
    body_of,
    clean,
    is_hidden,
    tag_of,
    text_of,
)
from scrapers.extract.noise import without_noise
from scrapers.extract.prices import prices, vat_of
from scrapers.extract.site_sections import menu_entries, target_of
from scrapers.extract.trades import trade_of
from scrapers.records.site_structure import SiteEntry

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_NOT_OWN = frozenset(("nav", "footer", "aside", "consent"))
_MAX_ITEMS = 150
_MAX_PRICES = 80
_MAX_NAME_WORDS = 6
_MAX_TEXT = 400
_LANGUAGE = re.compile(r"^[a-z]{2}(?:-[a-z]{2})?$")
_LEGAL = re.compile(
    r"[\s,]+(?:as|asa|ab|aps|a/s|oy|oyj|ans|da|ltd|limited|plc|llp|inc|gmbh)\.?$", re.I
)
_LOGO = re.compile(
    r"^(?:logo(?:en)?(?:\s+(?:til|for|of))?|bilde\s+av|bilete\s+av|picture of"
    r"|image of)\s+"
    r"|[\s_-]*(?:logo(?:en|type)?|\.(?:png|jpe?g|svg|webp|gif))(?:[\s_-].*)?$",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"^(?:(?:våre?|vår|our)\s+.*|partn(?:e|a)r\w*|samarbeidspartn\w+"
    r"|leverandør\w*|les mer"
    r"|les meir|read more|se mer|sjå meir|besøk.*|visit.*|kontakt.*|contact.*"
    r"|bli .*|become .*"
    r"|hjem|heim|home|tilbake|til toppen|logo|bilde|bilete|image|picture|ikon"
    r"|icon|meny|menu"
    r"|søk|search|om oss|about.*|nyheter?|news|send|meld .*|last ned.*|download.*)$",
    re.IGNORECASE,
)
_NEXT_PAGE = re.compile(
    r"^(?:neste(?:\s+side)?|next(?:\s+page)?|vis\s+(?:flere|fleire|alle)|last\s+inn\s+(?:flere|fleire)"
    r"|load\s+more|show\s+(?:more|all)|se\s+(?:flere|alle)|sjå\s+(?:fleire|alle)|side\s*2|»|›|>|2)$",
    re.IGNORECASE,
)
_NO_PORTAL = re.compile(
    r"^(?:www\d*|m|web|test\w*|tst|staging|stage|stg|dev\w*|utvikling|qa|uat|beta|alpha"
    r"|demo|preview|preprod|prod|sandbox|cdn\w*|static|assets?|img|images?|media|files?"
    r"|mail|webmail|epost|smtp|imap|mx|autodiscover|ftp|sftp|vpn|ns|dns|api|old|new|gammel"
    r"|ny|tmp|temp|cms|wp|origin|edge|lb|mobile?|link|links|click|email|e|go|info|track\w*"
    r"|cookie\w*|consent)$"
)
_VOWEL = re.compile(r"[aeiouyæøåöä]")
_SHARED_SUFFIXES = frozenset(("co.uk", "com.au", "co.nz", "kommune.no", "co.jp"))
_WORDS_OF_MARKUP = re.compile(r"^[a-zæøå]{2,}$")


@dataclass(frozen=True)
class _Line:
    """A run of text of the page's own matter, with the heading it stands under."""

    text: str
    tag: str
    heading: str
    row: int


def page_lists(
    root: etree._Element,
    url: str,
    scope: str,
    *,
    blocks: Iterable[TextBlock],
    offering_words: frozenset[str],
    decimal_comma: bool,
) -> Iterator[SiteEntry]:
    """The lists that a page of that scope is read for.

    Args:
        root: the page.
        url: its address.
        scope: what the page is on the site.
        blocks: its text, for certifications.
        offering_words: folded parts of a path below which products and services stand.
        decimal_comma: how numbers of the page's language are written.
    """
    if scope == "home":
        yield from _listed("frame", url, ((name, name) for name in frame(root)))
        yield from _listed("hosts", url, own_hosts(root, url))
        yield from _listed("offerings", url, _menu_offerings(root, url, offering_words))
        yield from _listed("showcase", url, _linked(root, url, offering_words, None))
        yield from _listed("positioning", url, _slogan(root, url))
    if scope == "about":
        yield from _listed("positioning", url, _own_words(root))
    if scope in ("services", "products") and _is_list(url, offering_words):
        yield from _listed("offerings", url, _linked(root, url, offering_words, url))
    if scope == "partners" and not is_paged(root):
        yield from _listed("partners", url, partner_names(root, url))
    if scope == "customers" and not is_paged(root):
        yield from _listed("segments", url, _segments(root))
    if scope in ("prices", "services", "products"):
        found = list(_prices(root, decimal_comma))
        # A shop's assortment is no price list.
        if len(found) <= _MAX_PRICES:
            yield from _listed("prices", url, found)
    if scope in ("home", "about", "services", "sustainability", "content"):
        lines = [
            block.text for block in blocks if block.role in ("main", "footer", "aside")
        ]
        pictures = [clean(image.get("alt")) for image in root.iter("img")]
        held = certifications(lines, [text for text in pictures if text])
        yield from _listed(
            "certifications", url, ((name, name.lower()) for name in held)
        )


def _listed(
    part: str, url: str, items: Iterable[tuple[str | None, str]]
) -> Iterator[SiteEntry]:
    yield SiteEntry(part, None, target_of(url, url), 0, 0, None)
    seen: set[str] = set()
    for label, target in items:
        if target in seen or len(seen) >= _MAX_ITEMS:
            continue
        seen.add(target)
        yield SiteEntry(part, label, target, 1, len(seen), None)


def _own_elements(root: etree._Element) -> Iterator[etree._Element]:
    """Elements outside menus, footers, sidebars and notices, in reading order."""
    body = body_of(root)
    stack: list[tuple[etree._Element, str]] = [
        (body if body is not None else root, "main")
    ]
    while stack:
        element, role = stack.pop()
        tag = tag_of(element)
        if not tag or tag in INVISIBLE_TAGS or is_hidden(element):
            continue
        role = role_of(element, tag, role, False)
        if role in _NOT_OWN:
            continue
        yield element
        stack.extend((child, role) for child in reversed(element))


def is_paged(root: etree._Element) -> bool:
    """True when a list goes on elsewhere: what it lacks may stand on the next page."""
    for link in root.iter("a", "button", "link"):
        if "next" in (link.get("rel") or "").lower().split():
            return True
        if tag_of(link) != "link" and _NEXT_PAGE.match(text_of(link)):
            return True
    return False


def partner_names(root: etree._Element, url: str) -> Iterator[tuple[str, str]]:
    """Names of a partner list and their keys: logos, links, cards, list items."""
    base = base_url(root, url)
    for element in _own_elements(root):
        tag = tag_of(element)
        name = ""
        if tag == "img":
            name = _LOGO.sub("", clean(element.get("alt")))
        elif tag == "a":
            address = absolute(base, element.get("href"))
            if address is not None and _host(address) != _host(url):
                name = text_of(element)
        elif tag == "li" or (tag in _HEADINGS and tag != "h1"):
            name = text_of(element)
        if _is_name(name):
            key = name_key(name)
            if key:
                yield name, key


def _is_name(text: str) -> bool:
    words = text.split()
    return (
        1 <= len(words) <= _MAX_NAME_WORDS
        and 2 <= len(text) <= 60
        and (text[0].isupper() or text[0].isdigit() or len(words) == 1)
        and not text.endswith((".", "!", "?", ":"))
        and sum(map(str.isalpha, text)) >= 2
        and not _NO_NAME.match(text)
        and "http" not in text
        and "@" not in text
    )


def name_key(name: str) -> str:
    """A company's name made comparable: letters and digits, no legal form."""
    return " ".join(re.findall(r"[^\W_]+", _LEGAL.sub("", name).lower()))


def own_hosts(root: etree._Element, url: str) -> Iterator[tuple[str, str]]:
    """Other hosts of the page's own domain that a person would name, with their labels.

    Machine names, staging and the like are left out.
    """
    own = _host(url)
    domain = _domain(own)
    base = base_url(root, url)
    found: dict[str, str] = {}
    for link in root.iter("a"):
        address = absolute(base, link.get("href"))
        host = _host(address) if address else ""
        if not host.endswith(f".{domain}") or host == own:
            continue
        if all(_is_word(label) for label in _labels(host, domain)):
            found.setdefault(host, text_of(link)[:80])
    for host in sorted(found):
        yield found[host], host


def _labels(host: str, domain: str) -> list[str]:
    return host.removesuffix(f".{domain}").split(".")


def _is_word(label: str) -> bool:
    parts = [part for part in label.split("-") if part]
    return bool(parts) and all(
        part.isalpha()
        and len(part) >= 3
        and not _NO_PORTAL.match(part)
        and _VOWEL.search(part) is not None
        and not re.search(r"[^aeiouyæøåöä]{5}", part)
        for part in parts
    )


def _host(address: str) -> str:
    return (urlsplit(address).hostname or "").lower().removeprefix("www.")


def _domain(host: str) -> str:
    labels = host.split(".")
    n = 3 if ".".join(labels[-2:]) in _SHARED_SUFFIXES else 2
    return ".".join(labels[-n:])


def _fold(text: str) -> str:
    text = unquote(text).lower()
    for letter, plain in (("æ", "ae"), ("ø", "o"), ("ö", "o"), ("å", "a"), ("ä", "a")):
        text = text.replace(letter, plain)
    return text


def _segments_of(path: str) -> list[str]:
    parts = [_fold(part) for part in path.split("?")[0].split("/") if part]
    return parts[1:] if parts and _LANGUAGE.match(parts[0]) else parts


def _is_list(url: str, words: frozenset[str]) -> bool:
    parts = _segments_of(urlsplit(url).path)
    # Below a list even /tjenester/radgivning is one of its services.
    return bool(parts) and parts[-1] in words and not set(parts[:-1]) & words


def _is_offering(target: str, words: frozenset[str]) -> bool:
    parts = _segments_of(target)
    return target.startswith("/") and bool(set(parts[:-1]) & words)


def _menu_offerings(
    root: etree._Element, url: str, words: frozenset[str]
) -> Iterator[tuple[str, str]]:
    """Entries of the menu below a list of products or services, in its order."""
    above: dict[int, bool] = {}
    for entry in menu_entries(root, url):
        if entry.label is None:
            continue
        folded = re.sub(r"[^a-z0-9]+", "-", _fold(entry.label)).strip("-")
        parts = _segments_of(entry.target)
        above = {
            depth: is_list for depth, is_list in above.items() if depth < entry.depth
        }
        is_below = any(above.values()) or _is_offering(entry.target, words)
        # Below a list even "Rådgivning" is one of its services.
        is_list = not is_below and (
            folded in words or bool(parts and parts[-1] in words)
        )
        above[entry.depth] = is_list
        if is_list or not entry.target.startswith("/"):
            continue
        if is_below:
            yield entry.label, entry.target


def _linked(
    root: etree._Element, url: str, words: frozenset[str], below: str | None
) -> Iterator[tuple[str, str]]:
    """Offerings that the page's own matter links to, in its order."""
    base = base_url(root, url)
    stem = urlsplit(below).path.rstrip("/") if below else None
    headings: dict[str, str] = {}
    order: list[str] = []
    for element in _own_elements(root):
        if tag_of(element) != "a":
            continue
        address = absolute(base, element.get("href"))
        if address is None or _host(address) != _host(url):
            continue
        target = target_of(address, url)
        if stem and not target.startswith(f"{unquote(stem)}/"):
            continue
        if not _is_offering(target, words):
            continue
        label = _card_label(element)
        if target not in headings:
            order.append(target)
            headings[target] = ""
        if label and not _NO_NAME.match(label) and not headings[target]:
            headings[target] = label[:80]
    for target in order:
        last = target.rstrip("/").split("/")[-1].replace("-", " ")
        yield headings[target] or last.capitalize(), target


def _card_label(link: etree._Element) -> str:
    """The heading in a link, its own words, or the heading of the card it stands in."""
    heading = next(link.iter(*_HEADINGS), None)
    text = text_of(heading) if heading is not None else text_of(link)
    if text and not _NO_NAME.match(text):
        return text
    for above in [*link.iterancestors()][:3]:
        headings = list(above.iter(*_HEADINGS))
        if headings:
            return text_of(headings[0]) if len(headings) == 1 else ""
    return ""


def _slogan(root: etree._Element, url: str) -> Iterator[tuple[str, str]]:
    """The heading of the front page and what it tells search engines it is.

    A heading that leads on to an article is news.
    """
    for heading in root.iter("h1"):
        link = next(heading.iter("a"), None)
        if link is None and (above := heading.getparent()) is not None:
            link = above if tag_of(above) == "a" else None
        text = _statement(text_of(heading))
        if text and link is None and not is_hidden(heading):
            yield text, f"heading: {text}"
            following = heading.getnext()
            if following is not None and tag_of(following) in ("p", "h2"):
                lead = _statement(text_of(following))
                if lead and len(lead.split()) <= 40:
                    yield lead, f"lead: {lead}"
            break
    for meta in root.iter("meta"):
        if (meta.get("name") or "").lower() == "description":
            text = _statement(clean(meta.get("content")))
            if text:
                yield text, f"description: {text}"
            break


def _own_words(root: etree._Element) -> Iterator[tuple[str, str]]:
    """The heading and the first paragraphs of the page about the company."""
    n_leads = 0
    for element in _own_elements(root):
        tag = tag_of(element)
        if tag not in ("h1", "p"):
            continue
        text = _statement(text_of(element))
        if tag == "h1" and text:
            yield text, f"heading: {text}"
        elif len(text.split()) >= 8 and n_leads < 4:
            n_leads += 1
            yield text, f"lead: {text}"


def _statement(text: str) -> str:
    """What a text says, in lower case, without dates and counters."""
    return without_noise(text)[:_MAX_TEXT].strip()


def _segments(root: etree._Element) -> Iterator[tuple[str, str]]:
    """Trades that a page of references is divided by: headings, filters, tags."""
    for element in _own_elements(root):
        tag = tag_of(element)
        if tag not in (
            *_HEADINGS,
            "a",
            "button",
            "li",
            "span",
            "label",
            "option",
            "dt",
        ):
            continue
        if tag == "h1" or any(
            child for child in element if tag_of(child) in BLOCK_TAGS
        ):
            continue
        label = text_of(element)
        trade = trade_of(label)
        if trade is not None:
            yield label, trade


def _prices(root: etree._Element, decimal_comma: bool) -> Iterator[tuple[str, str]]:
    """Prices and terms of a page with what they are for; each label once.

    Several amounts for one thing are told apart by their number.
    """
    lines = list(_lines(root))
    default = vat_of(
        " ".join(line.text for line in lines if not any(map(str.isdigit, line.text)))
    )
    counted: dict[str, int] = {}
    for number, line in enumerate(lines):
        following = lines[number + 1].text if number + 1 < len(lines) else ""
        for price in prices(line.text, following, decimal_comma=decimal_comma):
            is_money = len(price.currency) == 3 and price.currency != "PCT"
            what = price.what if len(price.what) <= 60 else ""
            if line.row and is_money:
                label = _first_cell(lines, number) or line.heading
            else:
                label = " – ".join(part for part in (line.heading, what) if part)
                label = label or _line_before(lines, number)
            if not label or (is_money and not any(map(str.isalpha, label))):
                continue
            words = label.lower().replace("|", " ").split()
            key = f"{' '.join(words)[:100]} {price.unit}".strip()
            counted[key] = counted.get(key, 0) + 1
            if counted[key] > 1:
                key = f"{key} #{counted[key]}"
            vat = price.vat or (default if is_money else "")
            amount, currency, unit, _ = price.key.split("|")
            yield label[:80], f"{key}|{amount}|{currency}|{unit}|{vat}"


def _first_cell(lines: list[_Line], number: int) -> str:
    row = lines[number].row
    cells = [line.text for line in lines[:number] if line.row == row]
    return cells[0] if cells else ""


def _line_before(lines: list[_Line], number: int) -> str:
    for line in reversed(lines[max(0, number - 3) : number]):
        if not any(map(str.isdigit, line.text)) and len(line.text) <= 80:
            return line.text
    return ""


def _lines(root: etree._Element) -> Iterator[_Line]:
    """The page's own text line by line, with its last heading and its table row."""
    heading, row, rows = "", 0, 0
    done: set[etree._Element] = set()
    for element in _own_elements(root):
        tag = tag_of(element)
        if tag == "tr":
            rows += 1
        if tag not in BLOCK_TAGS and tag != "body":
            continue
        row = rows if any(tag_of(a) == "tr" for a in element.iterancestors()) else 0
        if any(
            tag_of(child) in BLOCK_TAGS
            for child in element.iter()
            if child is not element
        ):
            text = _own_text(element)
        else:
            text = text_of(element)
        if element in done or not text:
            continue
        done.add(element)
        if tag in _HEADINGS:
            heading = text
        yield _Line(text, tag, heading, row)


def _own_text(element: etree._Element) -> str:
    """Text of an element outside the blocks in it."""
    pieces = [element.text or ""]
    for child in element:
        if tag_of(child) and tag_of(child) not in BLOCK_TAGS | INVISIBLE_TAGS:
            has_block = any(tag_of(below) in BLOCK_TAGS for below in child.iter())
            pieces.append("" if has_block else text_of(child))
        pieces.append(child.tail or "")
    return clean(" ".join(pieces))


def frame(root: etree._Element) -> tuple[str, ...]:
    """What a page is built of: elements down to the fourth level with the words of
    their classes and ids, without what is in the matter, and without numbered names.

    Another theme has another frame; other words, pictures and articles have the same.
    """
    body = body_of(root)
    if body is None:
        return ()
    found: set[str] = set()
    level = [(child, "body") for child in body]
    for _ in range(4):
        below: list[tuple[etree._Element, str]] = []
        for element, above in level:
            tag = tag_of(element)
            if not tag or tag in ("script", "style", "noscript", "svg", "link", "meta"):
                continue
            words = re.split(
                r"[^\w]+|_", f"{element.get('class') or ''} {element.get('id') or ''}"
            )
            named = sorted({word for word in words if _WORDS_OF_MARKUP.match(word)})[:4]
            name = ".".join([f"{above}>{tag}", *named])
            found.add(name)
            if tag not in ("main", "article", "a", "p", "ul", "ol", "table", "form"):
                below.extend((child, tag) for child in element)
        level = below
    return tuple(sorted(found))[:_MAX_ITEMS]
