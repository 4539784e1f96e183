"""One walk over a page's tree: its shown text in order, and the elements around it.

After it, what an element shows is a slice of a list, so that questions about whole
parts of a page need no second reading of the tree. What a part is for is decided in
``blocks``.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import Protocol, TypeVar

from lxml import etree

from scrapers.extract.html import (
    BLOCK_TAGS,
    INVISIBLE_TAGS,
    PARTED_BY_STYLE,
    body_of,
    clean,
    hidden_by,
    shows_more_than,
    text_of,
)

_EVENTS = ("start", "end", "comment", "pi")
# Inline elements that a reader of the walk must hear of.
_TOLD = frozenset(("a", "button"))
_NONE: Mapping[str, str] = {}
# What a page has in its own matter and nowhere else.
_MATTER = ("h1", "main", "article")
# A forum or a shop may show its text to readers without scripts only.
_MIN_NOSCRIPT_CHARACTERS = 600


Key = TypeVar("Key", contravariant=True)


class Readable(Protocol[Key]):
    """What may be asked of an element of a page, whatever it is known by."""

    def text_of(self, key: Key, /) -> str:
        """Shown text of an element on one line; blocks and breaks part words."""

    def is_longer(self, key: Key, characters: int, /) -> bool:
        """True when the text of an element has more than so many characters."""

    def is_most(self, key: Key, characters: int, /) -> bool:
        """True when an element has more text than that, and than all the others."""

    def holds_matter(self, key: Key, /) -> bool:
        """True when a heading of rank one, main or article begins in an element."""


class Walk:
    """The shown text below an element, and the elements that part or name it.

    ``texts`` are pieces in reading order, with a space for each edge of a block and
    each break. Elements are numbered as they begin; those that are neither a block, a
    link or a button nor told apart by their attributes have no number. ``events`` are
    a number where an element begins and its complement where it ends; ``starts`` and
    ``stops`` say where in ``texts``, before the space of the edge if there is one.
    """

    def __init__(
        self, start: etree._Element, is_told: Callable[[Mapping[str, str]], bool]
    ) -> None:
        self.texts: list[str] = []
        self.events: list[int] = []
        self.starts: list[int] = []
        self.stops: list[int] = []
        self.tags: list[str] = []
        self.attributes: list[Mapping[str, str]] = []
        self.details: dict[int, etree._Element] = {}
        # Places in ``events``: of each element's own two, and of the page's matter,
        # that which is not shown too.
        self._begun: list[int] = []
        self._ended: list[int] = []
        self._matter: list[int] = []
        self._read(start, is_told)

    def _read(
        self, start: etree._Element, is_told: Callable[[Mapping[str, str]], bool]
    ) -> None:
        texts, tags, starts, stops = self.texts, self.tags, self.starts, self.stops
        events, begun, ended = self.events, self._begun, self._ended
        add, tell, attribute = texts.append, events.append, self.attributes.append
        matter = self._matter
        # Elements that are open: their numbers, -1 for those without.
        open_numbers: list[int] = []
        # An element ended and its text touches what follows.
        touches = False
        walk = etree.iterwalk(start, events=_EVENTS)
        for event, element in walk:
            tag = element.tag
            if event == "start":
                if touches:
                    # A style sheet parts it from the next one.
                    if tag in PARTED_BY_STYLE:
                        add(" ")
                    touches = False
                items = element.items()
                attributes: Mapping[str, str] = dict(items) if items else _NONE
                if (tag in INVISIBLE_TAGS and not _is_shown(element)) or (
                    items
                    and ("style" in attributes or "hidden" in attributes)
                    and hidden_by(attributes)
                ):
                    walk.skip_subtree()
                    open_numbers.append(-1)
                    if next(element.iter(*_MATTER), None) is not None:
                        matter.append(len(events))
                    continue
                is_block = tag in BLOCK_TAGS
                if is_block or tag in _TOLD or (items and is_told(attributes)):
                    number = len(tags)
                    open_numbers.append(number)
                    begun.append(len(events))
                    ended.append(0)
                    tell(number)
                    starts.append(len(texts))
                    stops.append(0)
                    tags.append(tag)
                    attribute(attributes)
                    if is_block:
                        if tag in _MATTER:
                            matter.append(begun[number])
                        elif tag == "details":
                            self.details[number] = element
                        add(" ")
                else:
                    open_numbers.append(-1)
                    if tag == "br":
                        add(" ")
                text = element.text
                if text:
                    if not text.isspace():
                        add(text)
                    elif texts and texts[-1] != " ":
                        add(" ")
                continue
            if event == "end":
                number = open_numbers.pop()
                if number >= 0:
                    ended[number] = len(events)
                    tell(~number)
                    stops[number] = len(texts)
                    if tag in BLOCK_TAGS:
                        add(" ")
                if element is start:
                    break
            tail = element.tail
            if tail:
                if not tail.isspace():
                    add(tail)
                elif texts and texts[-1] != " ":
                    add(" ")
                touches = False
            else:
                touches = tag in PARTED_BY_STYLE

    @cached_property
    def _before(self) -> list[int]:
        """Characters before each piece of text, and in all of them."""
        return list(accumulate(map(len, self.texts), initial=0))

    def text_of(self, number: int) -> str:
        """Shown text of an element on one line; blocks and breaks part words."""
        return clean("".join(self.texts[self.starts[number] : self.stops[number]]))

    def is_longer(self, number: int, characters: int) -> bool:
        """True when the text of an element has more than so many characters."""
        before = self._before
        pieces = before[self.stops[number]] - before[self.starts[number]]
        return pieces > characters and len(self.text_of(number)) > characters

    def is_most(self, number: int, characters: int) -> bool:
        """True when an element has more text than that, and than all the others."""
        if not self.is_longer(number, characters):
            return False
        return 2 * len(self.text_of(number)) > len(clean("".join(self.texts)))

    def holds_matter(self, number: int) -> bool:
        """True when a heading of rank one, main or article begins in an element."""
        first = bisect_left(self._matter, self._begun[number])
        return first < len(self._matter) and self._matter[first] <= self._ended[number]


class Tree:
    """The same questions of a single element, each answered by reading it."""

    def text_of(self, element: etree._Element) -> str:
        """Shown text of an element on one line; blocks and breaks part words."""
        return text_of(element)

    def is_longer(self, element: etree._Element, characters: int) -> bool:
        """True when the text of an element has more than so many characters."""
        return shows_more_than(element, characters)

    def is_most(self, element: etree._Element, characters: int) -> bool:
        """True when an element has more text than that, and than all the others."""
        if not shows_more_than(element, characters):
            return False
        body = body_of(element.getroottree().getroot())
        return body is not None and 2 * len(text_of(element)) > _shown_characters(body)

    def holds_matter(self, element: etree._Element) -> bool:
        """True when a heading of rank one, main or article begins in an element."""
        return next(element.iter(*_MATTER), None) is not None


@lru_cache(maxsize=1)
def _shown_characters(body: etree._Element) -> int:
    # Kept, for several parts of a page are held to it.
    return len(text_of(body))


def _is_shown(element: etree._Element) -> bool:
    """True for a noscript that holds more than a plea to switch scripts on."""
    if element.tag != "noscript":
        return False
    return sum(map(len, element.itertext())) > _MIN_NOSCRIPT_CHARACTERS
