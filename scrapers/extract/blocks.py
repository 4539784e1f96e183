"""The text of a page in blocks, each with the part it plays.

The tree says in which order the text stands and which part of a page it is in
(navigation, header, footer, aside, consent); ``main_blocks`` says which of it is the
page's own matter.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from scrapers.extract.html import (
    BLOCK_TAGS,
    INVISIBLE_TAGS,
    PARTED_BY_STYLE,
    absolute,
    attributes_of,
    base_url,
    hidden_by,
    parts_from_next,
    tag_of,
    text_of,
)
from scrapers.extract.layout import Layout, Sketch
from scrapers.extract.main_blocks import main_runs


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
# How the words begin that the five patterns look for. Two of three words of classes and
# ids hold none of them: 1.2 ms of a labelled page went into asking all five of each.
_MAY_NAME_A_KIND = re.compile(
    "cook|cons|gdpr|onet|cybo|samt|perso|infor|userc|didom|trus|cc-w|cmp|nav|men|bread"
    "|brod|pag|skip|langu|foot|bunn|sidef|colop|head|topb|side|asid|relat|reco|news|soci"
    "|shar|widg|popu|moda|adv|ads|spon|prom|comm"
)
_NAMED_KINDS = (
    ("consent", _CONSENT),
    ("nav", _NAV),
    ("footer", _FOOTER),
    ("header", _HEADER),
    ("aside", _ASIDE),
)
# What is inside any other role keeps it.
_OPEN_ROLES = frozenset(("main", "header"))
_ROLE_TAGS = frozenset((*_ROLE_BY_TAG, "main", "article"))
_NO_KINDS: frozenset[str] = frozenset()
_NAMED_TAGS = frozenset(("div", "section", "ul", "ol", "form", "p"))
# Attributes whose words say what a part is for.
_NAMING = ("class", "id", "itemprop", "role", "data-testid")
_CONTENT_TAGS = frozenset(("main", "article"))
_WHOLE_PAGE = frozenset(("html", "body", "main", "article"))
_MAX_CONSENT_CHARACTERS = 1500
_LONG_PART_CHARACTERS = 2000
# On a page this short the tree alone decides: there is no room for clutter.
_SMALL_PAGE_CHARACTERS = 800
# A theme may wrap the whole page in what is called a header or a sidebar.
_OWN_ROLES = frozenset(("main", "header", "aside"))
# What a part of a page may be named by, so that it can be unfolded.
_FOLD_NAMES = ("h1", "h2", "h3", "h4", "h5", "h6", "button", "summary", "a", "li", "dt")
# A forum or a shop may show its text to readers without scripts only.
_MIN_NOSCRIPT_CHARACTERS = 600


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
    body = root.find(".//body")
    start = body if body is not None else root
    sketch = Sketch(root)
    headings = _fold_headings(root)
    current: list[str] = []
    current_role, current_part, linked, links = "main", 0, 0, 0

    def end_run() -> None:
        nonlocal linked, links
        text = " ".join("".join(current).split())
        current.clear()
        if any(map(str.isalnum, text)):
            sketch.add(text, current_role, current_part, linked, links)
        linked = links = 0

    def say(text: str) -> None:
        nonlocal linked, current_role, current_part
        if role != current_role:
            if current:
                end_run()
            current_role = role
        current_part = part
        current.append(text)
        if in_link:
            linked += len(text.strip())

    # What an element hands on to what is inside it, and for each open element what it
    # was handed and whether it is a block; None for one that is not shown. A walk in C
    # and not a stack of ours took 4.1 ms of a labelled page where 5.6 were taken before
    # (2026-11-28), and goes as deep as hostile pages nest.
    role, in_content, part, in_link = "main", False, 0, False
    outer: list[tuple[str, bool, int, bool, bool] | None] = []
    walk = etree.iterwalk(start, events=("start", "end", "comment", "pi"))
    for event, item in walk:
        if event == "start":
            tag = item.tag
            if tag == "button" or (tag in INVISIBLE_TAGS and not _is_shown(item)):
                walk.skip_subtree()
                outer.append(None)
                continue
            attributes = attributes_of(item)
            if attributes and hidden_by(attributes):
                walk.skip_subtree()
                outer.append(None)
                continue
            is_edge = tag in BLOCK_TAGS
            outer.append((role, in_content, part, in_link, is_edge))
            words = ""
            is_content = in_content or tag in _CONTENT_TAGS
            if attributes:
                words = " ".join(
                    [attributes[name] for name in _NAMING if name in attributes]
                )
                is_content = is_content or attributes.get("role") == "main"
            if role in _OPEN_ROLES and (attributes or tag in _ROLE_TAGS):
                role = _role(item, tag, role, in_content, attributes)
            in_content = is_content
            if is_edge:
                fold = _fold_heading(item, tag, attributes, headings)
                part = sketch.enter(tag, part, words, fold)
                if current:
                    end_run()
                else:
                    linked = links = 0
            elif tag == "br":
                say(" ")
            elif tag == "a":
                in_link = True
                links += 1
            if text := item.text:
                say(text)
            continue
        if event == "end":
            if (handed := outer.pop()) is not None:
                role, in_content, part, in_link, is_edge = handed
                if is_edge and current:
                    end_run()
                elif is_edge:
                    linked = links = 0
            if not outer:
                break
        if tail := item.tail:
            say(tail)
        elif item.tag in PARTED_BY_STYLE and parts_from_next(item):
            say(" ")
    if current:
        end_run()
    return sketch.layout()


def _fold_headings(root: etree._Element) -> dict[str, str]:
    """Text of each heading, button or tab that names a part of the page, by its id."""
    # By XPath: a loop took 1.4 ms of a page of 1,800 elements, this 0.3 (2026-11-26).
    named = root.xpath("//@aria-labelledby")
    assert isinstance(named, list)
    names = {str(name) for name in named if name and " " not in str(name)}
    if not names:
        return {}
    return {
        name: text_of(element)
        for element in root.iter(*_FOLD_NAMES)
        if (name := element.get("id", "")) in names
    }


def _fold_heading(
    element: etree._Element,
    tag: str,
    attributes: Mapping[str, str],
    headings: Mapping[str, str],
) -> str:
    """Heading of the fold that begins with this element, "" when none does."""
    if attributes and headings:
        heading = headings.get(attributes.get("aria-labelledby", ""))
        if heading:
            return heading
    if tag == "details":
        summary = element.find("summary")
        return "" if summary is None else text_of(summary)
    return ""


def _is_shown(element: etree._Element) -> bool:
    """True for a noscript that holds more than a plea to switch scripts on."""
    if element.tag != "noscript":
        return False
    return sum(map(len, element.itertext())) > _MIN_NOSCRIPT_CHARACTERS


def role_of(element: etree._Element, tag: str, role: str, in_content: bool) -> str:
    """Role of an element's text; what is inside a named part stays in it."""
    return _role(element, tag, role, in_content, attributes_of(element))


def _role(
    element: etree._Element,
    tag: str,
    role: str,
    in_content: bool,
    attributes: Mapping[str, str],
) -> str:
    if role not in _OPEN_ROLES:
        return role
    if tag in _WHOLE_PAGE:
        return "main" if tag in _CONTENT_TAGS and role == "header" else role
    found = None
    if attributes:
        words = f"{attributes.get('class', '')} {attributes.get('id', '')}".strip()
        kinds = _kinds(words) if words else _NO_KINDS
        if (
            "consent" in kinds
            and _is_short(element)
            and (tag != "section" or _CONSENT_TEXT.search(text_of(element)))
        ):
            return "consent"
        aria = attributes.get("role", "").lower()
        if aria in ("dialog", "alertdialog") and not _holds_the_page(element):
            shown = text_of(element)
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
        if found is not None and (_holds_the_page(element) or _is_most(element)):
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
def _kinds(words: str) -> frozenset[str]:
    """The kinds of part that the words of a class and an id name."""
    # No pattern reaches from one word into the next, and words recur from site to site
    # where whole attributes do not.
    return _NO_KINDS.union(*map(_kinds_of_word, words.split()))


@lru_cache(maxsize=20_000)
def _kinds_of_word(word: str) -> frozenset[str]:
    if word.isascii() and _MAY_NAME_A_KIND.search(word.lower()) is None:
        return _NO_KINDS
    return frozenset(
        kind for kind, pattern in _NAMED_KINDS if pattern.search(word) is not None
    )


def _holds_the_page(element: etree._Element) -> bool:
    """True when a part has the page's heading or matter inside it."""
    return next(element.iter("h1", "main", "article"), None) is not None


def _is_most(element: etree._Element) -> bool:
    """True when a part holds more text than all the rest of a longer page."""
    most = _MOST_CHARACTERS(element)
    assert isinstance(most, float)
    if most < _LONG_PART_CHARACTERS:
        return False
    own = len(text_of(element))
    if own < _LONG_PART_CHARACTERS:
        return False
    body = element.getroottree().find(".//body")
    return body is not None and 2 * own > _shown_characters(body)


# What is shown has at most three spaces more for each element.
_MOST_CHARACTERS = etree.XPath("string-length() + 3 * count(.//*) + 3")


@lru_cache(maxsize=1)
def _shown_characters(body: etree._Element) -> int:
    """Characters that a page shows; kept, for several of its parts are held to it."""
    return len(text_of(body))


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
