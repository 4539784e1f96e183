"""A page's tree: parsed once, with the few questions every reader asks of it.

What a block of text is for (navigation, consent ...) is decided in ``blocks``.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

from lxml import etree, html

from scrapers.extract.depth import WIDEST, is_too_wide
from scrapers.extract.encoding import decode
from scrapers.extract.refusal import ParseRefused
from scrapers.extract.word_lists import word_list

# What XML cannot hold, and what libxml2 would stop at.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_CONTROL_BYTES = bytes(
    code for code in range(128) if CONTROL.match(chr(code)) is not None
)
_NO_CHARACTERS = ("\ufffe", "\uffff")
_MAX_CHARACTERS = 20_000_000
_LONG_ADDRESS = 2_000
# A path from the root that joins as it stands: no host before it, no dots or parameters
# that are read, nor a query that may be empty.
_PATH = re.compile(r"/(?![/\\.])[^?;\\/]*(?:/(?!\.)[^?;\\/]*)*")
INVISIBLE_TAGS = frozenset(
    word_list(
        """
        script style noscript template svg iframe object select datalist head
        """
    )
)
BLOCK_TAGS = frozenset(
    word_list(
        """
        address article aside blockquote body center dd details dialog div dl dt
        fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html
        li main nav ol p pre section summary table tbody td tfoot th thead tr ul
        """
    )
)
PARTED_BY_STYLE = frozenset(("a", "span", "strong", "em", "small", "time", "label"))
_MARKUP = re.compile(rb"<\s*(?:!doctype|html|head|body|[a-z][a-z0-9]*[\s>/])", re.I)


def clean(text: str | None) -> str:
    """White space collapsed and trimmed."""
    # A regular expression takes four times as long.
    return " ".join((text or "").split())


def parse_html(body: bytes, content_type: str | None) -> etree._Element:
    """Root element of a page, whatever its encoding.

    Raises:
        ParseRefused: the payload holds no markup, more than 20 million characters, or
            an element too wide to be read in time.
    """
    text, encoded = _without_control(decode(body, content_type))
    if len(text) > _MAX_CHARACTERS:
        raise ParseRefused(
            f"The page holds {len(text)} characters, more than {_MAX_CHARACTERS}."
        )
    if is_too_wide(text):
        raise ParseRefused(
            f"The page has more than {WIDEST} attributes in one element or options in "
            "its lists."
        )
    if not _MARKUP.search(encoded):
        raise ParseRefused("The payload holds no markup where a page was expected.")
    # Plain elements: those of lxml.html are looked up one by one, in Python.
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = html.document_fromstring(encoded, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError) as no:
        raise ParseRefused(f"The page cannot be read as markup: {no}.") from no
    if root is None:
        raise ParseRefused("The page cannot be read as markup: it has no root.")
    return root


def _without_control(text: str) -> tuple[str, bytes]:
    """The text without what XML cannot hold, and the same in UTF-8."""
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        pass
    else:
        # Hardly a page has any, and bytes show that in a fraction of the search.
        holds_none = len(encoded.translate(None, _CONTROL_BYTES)) == len(encoded)
        if holds_none and not any(code in text for code in _NO_CHARACTERS):
            return text, encoded
    text = CONTROL.sub("", text)
    return text, text.encode()


def tag_of(element: etree._Element) -> str:
    """Lower-case tag name; empty for comments and the like."""
    # Asked once: lxml makes the name anew each time.
    tag = element.tag
    return tag.lower() if isinstance(tag, str) else ""


def attributes_of(element: etree._Element) -> dict[str, str]:
    """The attributes of an element, by name."""
    return dict(element.items())  # type: ignore[arg-type]


def body_of(root: etree._Element) -> etree._Element | None:
    """The body of a page; None where it has none."""
    # What finds a descendant looks for the next one at once, and that is a walk to the
    # end of the page: .23 ms of real ones of 260 kB (2026-11-28).
    body = root.find("body")
    return body if body is not None else root.find(".//body")


def is_hidden(element: etree._Element) -> bool:
    """True when the markup itself says that the element is not shown."""
    # Two questions to lxml: all attributes as a mapping take three times as long.
    return element.get("hidden") is not None or _hides(element.get("style"))


def hidden_by(attributes: Mapping[str, str]) -> bool:
    """True when the attributes of an element say that it is not shown."""
    return "hidden" in attributes or _hides(attributes.get("style"))


def _hides(style: str | None) -> bool:
    return style is not None and "display:none" in style.replace(" ", "").lower()


def text_of(element: etree._Element) -> str:
    """Shown text of an element on one line; blocks and breaks part words."""
    if not len(element):
        # Most links and headings hold nothing else, and each is asked several times.
        is_shown = element.tag not in INVISIBLE_TAGS and not is_hidden(element)
        return clean(element.text) if is_shown else ""
    pieces = _pieces(element)
    return clean("".join([" " if piece is None else piece for piece in pieces]))


def shows_more_than(element: etree._Element, characters: int) -> bool:
    """True when an element shows more text; a long one is not read to its end."""
    pieces: list[str] = []
    seen = 0
    for piece in _pieces(element):
        if piece is None:
            pieces.append(" ")
            continue
        pieces.append(piece)
        seen += sum(map(len, piece.split()))
        if seen > characters:
            return True
    return len(clean("".join(pieces))) > characters


def _pieces(element: etree._Element) -> Iterator[str | None]:
    """Shown text in order, and None for the edge of a block, a break and the like."""
    # An element ended and what follows touches it.
    touches = skipped = False
    walk = etree.iterwalk(element, events=("start", "end", "comment", "pi"))
    for event, inner in walk:
        tag = inner.tag
        if event == "start":
            if touches and tag in PARTED_BY_STYLE:
                yield None
            touches = False
            skipped = tag in INVISIBLE_TAGS or is_hidden(inner)
            if skipped:
                walk.skip_subtree()
                continue
            if tag in BLOCK_TAGS or tag == "br":
                yield None
            if inner.text:
                yield inner.text
            continue
        if event == "end":
            if not skipped and tag in BLOCK_TAGS:
                yield None
            skipped = False
            if inner is element:
                return
        if inner.tail:
            yield inner.tail
        # Two links or labels without a space between: a style sheet parts them.
        touches = not inner.tail and tag in PARTED_BY_STYLE


def lines_of(element: etree._Element) -> list[str]:
    """Shown text of an element, one line per block or ``<br>``; no empty lines."""
    if not len(element):
        line = text_of(element)
        return [line] if line else []
    lines: list[str] = []
    current: list[str] = []
    for piece in (*_pieces(element), None):
        if piece is not None:
            current.append(piece)
        elif current:
            if line := clean("".join(current)):
                lines.append(line)
            current.clear()
    return lines


def title_of(root: etree._Element) -> str | None:
    """The page's title: ``<title>``, else the first heading of rank one."""
    for path in (".//head/title", ".//title", ".//h1"):
        found = root.find(path)
        if found is not None:
            text = clean("".join(str(piece) for piece in found.itertext()))
            if text:
                return text
    return None


def declared_language(root: etree._Element) -> str | None:
    """The ``lang`` attribute of the page."""
    return root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang")


def base_url(root: etree._Element, url: str) -> str:
    """Address that relative links of the page start from."""
    base = root.find(".//base[@href]")
    return absolute(url, base.get("href")) or url if base is not None else url


def absolute(base: str, href: str | None) -> str | None:
    """Absolute http address of a link without its fragment, or None."""
    href = clean(href)
    if not href or href.startswith("#"):
        return None
    if len(base) + len(href) > _LONG_ADDRESS:
        # A picture may stand in its own address; those are not kept.
        return _joined.__wrapped__(base, href)
    if _PATH.fullmatch(href):
        # Most links of a site, and nothing of the page is in them but its host.
        host = _host_of(base)
        return None if host is None else host + href.partition("#")[0]
    return _joined(base, href)


@lru_cache(maxsize=1_000)
def _host_of(base: str) -> str | None:
    """Scheme and host of an http address, as they stand before a path."""
    address = _joined(base, "/")
    return None if address is None else address[:-1]


# Links, lists, news and ads of a page each ask the same.
@lru_cache(maxsize=20_000)
def _joined(base: str, href: str) -> str | None:
    try:
        address = urljoin(base, href)
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return None
    return address.partition("#")[0]
