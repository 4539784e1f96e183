"""The text of a page in blocks, each with the part it plays.

trafilatura says which text is the page's matter; the tree says what the rest is
(navigation, header, footer, aside, consent) and in which order all of it stands.
"""

import logging
import re
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree
from trafilatura import bare_extraction
from trafilatura.settings import Extractor

from scrapers.extract.html import (
    BLOCK_TAGS,
    INVISIBLE_TAGS,
    absolute,
    base_url,
    clean,
    is_hidden,
    parts_from_next,
    tag_of,
    text_of,
)

# It reports every short page as an error; short pages are ordinary here.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class TextBlock:
    """One run of text with its role, in reading order."""

    role: str
    text: str


_ROLE_BY_TAG = {"nav": "nav", "footer": "footer", "header": "header", "aside": "aside"}
_ROLE_BY_ARIA = {
    "navigation": "nav",
    "menu": "nav",
    "menubar": "nav",
    "banner": "header",
    "contentinfo": "footer",
    "complementary": "aside",
    "search": "nav",
}
_CONSENT = re.compile(
    r"cookie|consent|gdpr|onetrust|cybot|samtykke|personvern-?(?:banner|boks)"
    r"|informasjonskaps|usercentrics|didomi|truste|cc-window|cmp-",
    re.IGNORECASE,
)
_NAV = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|navigasjon|menu|meny|breadcrumbs?"
    r"|brodsmulesti|pagination|pager|skip-link|skiplink|language-switcher)(?:$|[\s_-])",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"(?:^|\s)(?:[a-z]+-)?(?:footer|bunntekst|sidefot|colophon)(?:$|[\s_-])",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"(?:^|\s)(?:site|page|global|main|top)[_-]?header(?:$|[\s_-])|(?:^|\s)topbar(?:$|\s)",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"(?:^|[\s_-])(?:sidebar|aside|related|recommended|newsletter|social|share|sharing"
    r"|widget-area|popup|modal|advert|ads|sponsor|promo|comments?)(?:$|[\s_-])",
    re.IGNORECASE,
)
_CONSENT_TEXT = re.compile(
    r"\b(?:cookies?|informasjonskapsl\w+|kakor|evästei\w+)\b.*"
    r"\b(?:accept\w*|agree\w*|consent\w*|godta\w*|aksepter\w*|samtykk\w*|godkän\w*"
    r"|samtyck\w*|tillad\w*|hyväksy\w*)\b",
    re.IGNORECASE | re.DOTALL,
)
_CONTENT_TAGS = frozenset(("main", "article"))
_WHOLE_PAGE = frozenset(("html", "body", "main", "article"))
_MAX_CONSENT_CHARACTERS = 1500
_NOT_SPACE = re.compile(r"\s+")
# Below these the library has found only a fragment: a list page, a page of cards.
_MIN_KEPT_SHARE = 0.1
_MIN_KEPT_CHARACTERS = 200
_SMALL_PAGE_CHARACTERS = 2500
# A theme may wrap the whole page in what is called a header or a sidebar.
_ELIGIBLE_ROLES = frozenset(("main", "header", "aside"))

_OPTIONS = Extractor(
    output_format="python",
    fast=True,
    comments=False,
    tables=True,
    with_metadata=False,
)


def text_blocks(root: etree._Element) -> tuple[TextBlock, ...]:
    """Blocks of a page in reading order.

    On pages with room for clutter a block is main when the library keeps its text;
    what it drops is aside. Where the library finds only a fragment (pages of cards and
    lists), and on short pages, where it flips between all and nothing, the tree alone
    decides.
    """
    structural = _structural_blocks(root)
    squeezed = [_NOT_SPACE.sub("", block.text) for block in structural]
    own = [
        text
        for block, text in zip(structural, squeezed, strict=True)
        if block.role in _ELIGIBLE_ROLES
    ]
    total = sum(map(len, own))
    if total < _SMALL_PAGE_CHARACTERS:
        return tuple(structural)
    kept = _kept_by_library(root)
    flags = [
        kept is not None and block.role in _ELIGIBLE_ROLES and text in kept
        for block, text in zip(structural, squeezed, strict=True)
    ]
    taken = sum(len(t) for t, flag in zip(squeezed, flags, strict=True) if flag)
    if taken < max(_MIN_KEPT_CHARACTERS, _MIN_KEPT_SHARE * total):
        return tuple(structural)
    return tuple(
        TextBlock("main", block.text)
        if flag
        else TextBlock("aside" if block.role == "main" else block.role, block.text)
        for block, flag in zip(structural, flags, strict=True)
    )


def main_text(blocks: Iterable[TextBlock]) -> str:
    """The page's own text: its main blocks, one a line."""
    return "\n".join(block.text for block in blocks if block.role == "main")


def _kept_by_library(root: etree._Element) -> str | None:
    """The text trafilatura calls the page's matter, all white space taken out."""
    found = bare_extraction(deepcopy(root), options=_OPTIONS)
    text = getattr(found, "text", None) if found is not None else None
    return _NOT_SPACE.sub("", text) if text else None


def _structural_blocks(root: etree._Element) -> list[TextBlock]:
    body = root.find(".//body")
    start = body if body is not None else root
    blocks: list[TextBlock] = []
    current: list[str] = []
    current_role = "main"

    def flush() -> None:
        text = clean("".join(current))
        current.clear()
        if any(character.isalnum() for character in text):
            blocks.append(TextBlock(current_role, text))

    # Items: an element with the role and content flag it inherits, a string with its
    # role, or None for the edge of a block.
    stack: list[tuple[etree._Element | str | None, str, bool]] = [
        (start, "main", False)
    ]
    while stack:
        item, role, in_content = stack.pop()
        if item is None:
            flush()
            continue
        if isinstance(item, str):
            if role != current_role:
                flush()
                current_role = role
            current.append(item)
            continue
        tag = tag_of(item)
        if item is not start and item.tail:
            stack.append((item.tail, role, in_content))
        elif item is not start and parts_from_next(item):
            stack.append((" ", role, in_content))
        if not tag or tag in INVISIBLE_TAGS or tag == "button" or is_hidden(item):
            continue
        inner_role = role_of(item, tag, role, in_content)
        inside = in_content or tag in _CONTENT_TAGS or item.get("role") == "main"
        edge = tag in BLOCK_TAGS
        if edge:
            stack.append((None, inner_role, inside))
        elif tag == "br":
            stack.append((" ", inner_role, inside))
        stack.extend((child, inner_role, inside) for child in reversed(item))
        if item.text:
            stack.append((item.text, inner_role, inside))
        if edge:
            stack.append((None, inner_role, inside))
    flush()
    return blocks


def role_of(element: etree._Element, tag: str, role: str, in_content: bool) -> str:
    """Role of an element's text; what is inside a named part stays in it."""
    if role == "consent" or (role != "main" and role != "header"):
        return role
    if tag in _WHOLE_PAGE:
        return "main" if tag in _CONTENT_TAGS and role == "header" else role
    words = f"{element.get('class') or ''} {element.get('id') or ''}".strip()
    if (
        words
        and _CONSENT.search(words)
        and _is_short(element)
        and (tag != "section" or _CONSENT_TEXT.search(text_of(element)))
    ):
        return "consent"
    aria = (element.get("role") or "").lower()
    if aria in ("dialog", "alertdialog") and not _holds_the_page(element):
        shown = text_of(element)
        return "consent" if _CONSENT_TEXT.search(shown) else "aside"
    if tag == "nav" or _ROLE_BY_ARIA.get(aria) == "nav":
        return "nav"
    if tag in ("header", "footer") and in_content:
        # The heading and the foot of an article are part of it.
        return role
    found = _ROLE_BY_TAG.get(tag) or _ROLE_BY_ARIA.get(aria)
    if found is None and words and tag in ("div", "section", "ul", "ol", "form", "p"):
        found = _role_by_words(words, in_content)
        if found is not None and _holds_the_page(element):
            # "has-sidebar", "modal-open": a class of the whole page names one part.
            found = None
    return found or role


def _role_by_words(words: str, in_content: bool) -> str | None:
    if _NAV.search(words):
        return "nav"
    if in_content:
        return "aside" if _ASIDE.search(words) else None
    if _FOOTER.search(words):
        return "footer"
    if _HEADER.search(words):
        return "header"
    if _ASIDE.search(words):
        return "aside"
    return None


def _holds_the_page(element: etree._Element) -> bool:
    """True when a part has the page's heading or matter inside it."""
    return next(element.iter("h1", "main", "article"), None) is not None


def _is_short(element: etree._Element) -> bool:
    return len(text_of(element)) <= _MAX_CONSENT_CHARACTERS


def nav_labels(root: etree._Element) -> tuple[str, ...]:
    """Labels of the links of the navigation menus, in order, each once."""
    labels: dict[str, None] = {}
    for element in root.iter("nav", "div", "ul", "header"):
        words = f"{element.get('class') or ''} {element.get('id') or ''}"
        tag = tag_of(element)
        is_menu = tag == "nav" or element.get("role") == "navigation"
        if not is_menu and not (tag in ("div", "ul") and _NAV.search(words)):
            continue
        for link in element.iter("a"):
            label = text_of(link)
            if label and len(label) <= 80:
                labels.setdefault(label)
    return tuple(labels)


def page_links(root: etree._Element, url: str) -> tuple[tuple[str, str], ...]:
    """Absolute address and label of each link, in order, each pair once."""
    base = base_url(root, url)
    found: dict[tuple[str, str], None] = {}
    for link in root.iter("a"):
        address = absolute(base, link.get("href"))
        if address is not None:
            found.setdefault((address, text_of(link)))
    return tuple(found)
