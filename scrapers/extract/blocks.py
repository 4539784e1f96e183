"""The text of a page in blocks, each with the part it plays.

The tree says in which order the text stands and which part of a page it is in
(navigation, header, footer, aside, consent); ``main_blocks`` says which of it is the
page's own matter.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from lxml import etree

from scrapers.extract.html import (
    BLOCK_TAGS,
    absolute,
    attributes_of,
    base_url,
    body_of,
    text_of,
)
from scrapers.extract.layout import Layout, Sketch
from scrapers.extract.main_blocks import main_runs
from scrapers.extract.walk import Readable, Tree, Walk
from scrapers.extract.word_lists import word_list


@dataclass(frozen=True)
class TextBlock:
    """One run of text with its role, in reading order.

    ``fold`` is the heading of the outermost fold that the text stands in, "" outside.
    """

    role: str
    text: str
    fold: str = ""


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
    r"|informasjonskaps|usercentrics|didomi|truste(?![a-z])|cc-window|cmp-?(?:box|banner|wrapper)",
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
# What a class must hold for one of the patterns to be worth a search.
_CONSENT_HINTS = tuple(
    word_list(
        """
        cookie consent gdpr onetrust cybot samtykke personvern informasjonskaps
        usercentrics didomi truste cc-window cmp
        """
    )
)
_PATTERN_BY_HINT = {
    hint: (kind, pattern)
    for kind, pattern, hints in (
        (
            "nav",
            _NAV,
            """
            nav navbar navigation navigasjon menu meny breadcrumb breadcrumbs
            brodsmulesti pagination pager skip skiplink language
            """,
        ),
        ("footer", _FOOTER, "footer bunntekst sidefot colophon"),
        (
            "header",
            _HEADER,
            """
            header siteheader pageheader globalheader mainheader topheader topbar
            """,
        ),
        (
            "aside",
            _ASIDE,
            """
            sidebar aside related recommended newsletter social share sharing widget
            popup modal advert ads sponsor promo comment comments
            """,
        ),
    )
    for hint in word_list(hints)
}
# What is inside any other role keeps it.
_OPEN_ROLES = frozenset(("main", "header"))
_ROLE_TAGS = frozenset((*_ROLE_BY_TAG, "main", "article"))
_NO_KINDS: frozenset[str] = frozenset()
_HINTS = frozenset(_PATTERN_BY_HINT)
_NAMED_TAGS = frozenset(("div", "section", "ul", "ol", "form", "p"))
# Attributes whose words say what a part is for.
_NAMING = ("class", "id", "itemprop", "role", "data-testid")
_CONTENT_TAGS = frozenset(("main", "article"))
_WHOLE_PAGE = frozenset(("html", "body", "main", "article"))
_MAX_CONSENT_CHARACTERS = 1500
_LONG_PART_CHARACTERS = 1999
# On a page this short the tree alone decides: there is no room for clutter.
_SMALL_PAGE_CHARACTERS = 800
# A theme may wrap the whole page in what is called a header or a sidebar.
_OWN_ROLES = frozenset(("main", "header", "aside"))
# What a part of a page may be named by, so that it can be unfolded.
_FOLD_NAMES = ("h1", "h2", "h3", "h4", "h5", "h6", "button", "summary", "a", "li", "dt")
_TREE = Tree()
Key = TypeVar("Key")


def text_blocks(root: etree._Element) -> tuple[TextBlock, ...]:
    """Blocks of a page in reading order.

    A run of text that is the page's own matter is main, wherever it stands; other text
    has the role of its part, and is aside when it has none.
    """
    layout = layout_of(root)
    # A run has no white space but single spaces.
    own = sum(
        len(text) - text.count(" ")
        for text, role in zip(layout.texts, layout.roles, strict=True)
        if role in _OWN_ROLES
    )
    folds = (layout.folds[part] for part in layout.parts)
    runs = list(zip(layout.texts, layout.roles, folds, strict=True))
    if own < _SMALL_PAGE_CHARACTERS:
        return tuple(TextBlock(role, text, fold) for text, role, fold in runs)
    return tuple(
        TextBlock(_role_of_run(role, is_main), text, fold)
        for (text, role, fold), is_main in zip(runs, main_runs(layout), strict=True)
    )


def _role_of_run(role: str, is_main: bool) -> str:
    if role == "consent":
        return role
    if is_main:
        return "main"
    return "aside" if role == "main" else role


def main_text(blocks: Iterable[TextBlock]) -> str:
    """The page's own text: its main blocks, one a line."""
    return "\n".join(block.text for block in blocks if block.role == "main")


def layout_of(root: etree._Element) -> Layout:
    """Every run of shown text of a page, with its role and the part it stands in."""
    body = body_of(root)
    walk = Walk(body if body is not None else root, _may_be_named)
    sketch = Sketch(root)
    headings = _fold_headings(root, walk)
    texts, starts, stops = walk.texts, walk.starts, walk.stops
    tags, attributes_by_number = walk.tags, walk.attributes
    current: list[str] = []
    current_role, linked, links = "main", 0, 0

    def end_run() -> None:
        nonlocal linked, links
        text = " ".join("".join(current).split())
        current.clear()
        if text[:1].isalnum() or any(map(str.isalnum, text)):
            sketch.add(text, current_role, current_part, linked, links)
        linked = links = 0

    # What holds inside the elements that are open, from the outermost.
    outer: list[tuple[str, bool, int, bool]] = []
    role, in_content, part, in_link = "main", False, 0, False
    current_part = read = 0
    inside_button = -1
    for event in walk.events:
        begins = event >= 0
        number = event if begins else ~event
        place = starts[number] if begins else stops[number]
        if inside_button >= 0:
            if event == ~inside_button:
                inside_button, read = -1, place
            continue
        if place > read:
            if role != current_role:
                if current:
                    end_run()
                current_role = role
            current_part = part
            pieces = texts[read:place]
            current += pieces
            if in_link:
                linked += sum(map(len, map(str.strip, pieces)))
            read = place
        tag = tags[number]
        is_block = tag in BLOCK_TAGS
        if is_block:
            if current:
                end_run()
            else:
                linked = links = 0
            # The space of the edge.
            read += 1
        if not begins:
            role, in_content, part, in_link = outer.pop()
            continue
        if tag == "button":
            inside_button = number
            continue
        outer.append((role, in_content, part, in_link))
        attributes = attributes_by_number[number]
        in_main = in_content or tag in _CONTENT_TAGS
        if _may_change(role, tag, attributes):
            role = _role(walk, number, tag, role, in_content, attributes)
        in_content = in_main or (bool(attributes) and attributes.get("role") == "main")
        if is_block:
            words = fold = ""
            if attributes:
                words = " ".join(
                    [attributes[name] for name in _NAMING if name in attributes]
                )
            if headings or tag == "details":
                fold = _fold_heading(walk.details.get(number), attributes, headings)
            part = sketch.enter(tag, part, words, fold)
        elif tag == "a":
            in_link = True
            links += 1
    # Text of a page without a body may stand behind the last block.
    current += texts[read:]
    current_part = part
    end_run()
    return sketch.layout()


def _may_be_named(attributes: Mapping[str, str]) -> bool:
    """True when attributes may give an inline element a role of its own."""
    if "role" in attributes:
        return True
    words = _words_of(attributes)
    return words != "" and _hints_at_consent(words) and "consent" in _kinds(words)


def _is_named(attributes: Mapping[str, str]) -> bool:
    """True when attributes may give an element a role of its own."""
    if "role" in attributes:
        return True
    words = _words_of(attributes)
    return words != "" and bool(_kinds(words))


def _words_of(attributes: Mapping[str, str]) -> str:
    """The words of a class and an id."""
    if "id" in attributes:
        return f"{attributes.get('class', '')} {attributes['id']}".strip()
    return attributes["class"].strip() if "class" in attributes else ""


def _fold_headings(root: etree._Element, walk: Walk) -> dict[str, str]:
    """Text of each heading, button or tab that names a part of the page, by its id."""
    names = {
        name
        for attributes in walk.attributes
        if "aria-labelledby" in attributes
        and (name := attributes["aria-labelledby"])
        and " " not in name
    }
    if not names:
        return {}
    return {
        name: text_of(element)
        for element in root.iter(*_FOLD_NAMES)
        if (name := element.get("id", "")) in names
    }


def _fold_heading(
    details: etree._Element | None,
    attributes: Mapping[str, str],
    headings: Mapping[str, str],
) -> str:
    """Heading of the fold that begins with an element, "" when none does."""
    if attributes and headings:
        heading = headings.get(attributes.get("aria-labelledby", ""))
        if heading:
            return heading
    if details is not None:
        summary = details.find("summary")
        return "" if summary is None else text_of(summary)
    return ""


def role_of(
    element: etree._Element,
    tag: str,
    role: str,
    in_content: bool,
    attributes: Mapping[str, str] | None = None,
) -> str:
    """Role of an element's text; what is inside a named part stays in it.

    ``attributes`` are the element's own, where they are at hand.
    """
    if attributes is None:
        attributes = attributes_of(element)
    if not _may_change(role, tag, attributes):
        return role
    return _role(_TREE, element, tag, role, in_content, attributes)


def _may_change(role: str, tag: str, attributes: Mapping[str, str]) -> bool:
    """True when an element may have another role than the part around it."""
    return role in _OPEN_ROLES and (
        tag in _ROLE_TAGS or (bool(attributes) and _is_named(attributes))
    )


def _role(
    page: Readable[Key],
    key: Key,
    tag: str,
    role: str,
    in_content: bool,
    attributes: Mapping[str, str],
) -> str:
    if tag in _WHOLE_PAGE:
        return "main" if tag in _CONTENT_TAGS and role == "header" else role
    found = None
    if attributes:
        words = _words_of(attributes)
        kinds = _kinds(words) if words else _NO_KINDS
        if (
            "consent" in kinds
            and not page.is_longer(key, _MAX_CONSENT_CHARACTERS)
            and (tag != "section" or _CONSENT_TEXT.search(page.text_of(key)))
        ):
            return "consent"
        aria = attributes.get("role", "").lower()
        if aria in ("dialog", "alertdialog") and not page.holds_matter(key):
            shown = page.text_of(key)
            return "consent" if _CONSENT_TEXT.search(shown) else "aside"
        found = _ROLE_BY_ARIA.get(aria)
    else:
        kinds = _NO_KINDS
    if tag == "nav" or found == "nav":
        return "nav"
    if tag in ("header", "footer") and in_content:
        # The heading and the foot of an article are part of it.
        return role
    found = _ROLE_BY_TAG.get(tag) or found
    if found is None and kinds and tag in _NAMED_TAGS:
        found = _role_by_words(kinds, in_content)
        if found is not None and (
            page.holds_matter(key) or page.is_most(key, _LONG_PART_CHARACTERS)
        ):
            # "has-sidebar", "modal-open": a class of the whole page names one part.
            found = None
    return found or role


def _role_by_words(kinds: frozenset[str], in_content: bool) -> str | None:
    if "nav" in kinds:
        return "nav"
    if in_content:
        return "aside" if "aside" in kinds else None
    for kind in ("footer", "header", "aside"):
        if kind in kinds:
            return kind
    return None


@lru_cache(maxsize=20_000)
def _hints_at_consent(words: str) -> bool:
    return any(map(words.lower().__contains__, _CONSENT_HINTS))


@lru_cache(maxsize=20_000)
def _kinds(words: str) -> frozenset[str]:
    """The kinds of part that the words of a class and an id name."""
    lower = words.lower()
    found = []
    if _hints_at_consent(words) and _CONSENT.search(words):
        found.append("consent")
    hints = lower.replace("-", " ").replace("_", " ").split()
    if not _HINTS.isdisjoint(hints):
        for hint in hints:
            if hint in _HINTS:
                kind, pattern = _PATTERN_BY_HINT[hint]
                if pattern.search(words):
                    found.append(kind)
    return frozenset(found) if found else _NO_KINDS


def nav_labels(root: etree._Element) -> tuple[str, ...]:
    """Labels of the links of the navigation menus, in order, each once."""
    labels: dict[str, None] = {}
    menus: set[etree._Element] = set()
    for element in root.iter("nav", "div", "ul", "header"):
        if not _is_menu(element):
            continue
        # The links of a menu in a menu are those of the outer one.
        if not menus.isdisjoint(element.iterancestors()):
            continue
        menus.add(element)
        for link in element.iter("a"):
            label = text_of(link)
            if label and len(label) <= 80:
                labels.setdefault(label)
    return tuple(labels)


def _is_menu(element: etree._Element) -> bool:
    tag = element.tag
    if tag == "nav" or element.get("role") == "navigation":
        return True
    if tag not in ("div", "ul"):
        return False
    words = f"{element.get('class') or ''} {element.get('id') or ''}"
    return "nav" in _kinds(words)


def page_links(root: etree._Element, url: str) -> tuple[tuple[str, str], ...]:
    """Absolute address and label of each link, in order, each pair once."""
    base = base_url(root, url)
    found: dict[tuple[str, str], None] = {}
    for link in root.iter("a"):
        address = absolute(base, link.get("href"))
        if address is not None:
            found.setdefault((address, text_of(link)))
    return tuple(found)
