"""What changed between two readings of a page, block by block.

A text that both readings hold has not changed, whatever part it is taken to play: a
block near the edge of the page's matter may be main today and aside tomorrow. Which
reading is evidence, and over how many visits a change must hold, is not decided here.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from scrapers.extract.blocks import TextBlock
from scrapers.extract.noise import comparable

SAME = "same"
CHANGED = "changed"
REPLACED = "replaced"

_WORD = re.compile(r"\w+")
# A single word more or less is a counter, a name on a button, a typing error.
_MIN_WORDS = 2
# Below these shares of the smaller reading, in text kept and in longer words shared,
# it is another page that was served: the home page, a notice, another language.
_MIN_KEPT = 0.2
_MIN_SHARED_WORDS = 0.4
_LONGER_WORD = 5
# Texts after the last main block that still belong to the page's matter.
_LINGERING = 2


@dataclass(frozen=True)
class PageChange:
    """``kind`` is same, changed or replaced; the texts are those without noise."""

    kind: str
    removed: tuple[str, ...]
    added: tuple[str, ...]


def page_change(before: Sequence[TextBlock], after: Sequence[TextBlock]) -> PageChange:
    """What was taken out of a page's own matter, and what was put in.

    Replaced says that the two readings are hardly of the same page.
    """
    old, new = _texts(before), _texts(after)
    removed = _without(old, Counter(text for _, text in new))
    added = _without(new, Counter(text for _, text in old))
    words = _words(removed), _words(added)
    if sum(((words[0] - words[1]) + (words[1] - words[0])).values()) < _MIN_WORDS:
        return PageChange(SAME, (), ())
    kind = REPLACED if _is_another(old, new, removed, added) else CHANGED
    return PageChange(kind, tuple(removed), tuple(added))


def meanings(blocks: Sequence[TextBlock]) -> tuple[tuple[str, bool], ...]:
    """For each block its text without noise, and whether it belongs to the matter.

    What stands between main blocks belongs to them: rows of a table, a lone heading.
    So do the two texts without a part of their own that follow the last of them: where
    the matter ends is less sure than where it begins.
    """
    texts = [comparable(block.text) for block in blocks]
    told = [index for index, text in enumerate(texts) if text]
    mains = [place for place, index in enumerate(told) if blocks[index].role == "main"]
    matter: set[int] = set()
    if mains:
        first, end = mains[0], mains[-1] + 1
        after = told[end : end + _LINGERING]
        matter.update(told[first:end])
        matter.update(takewhile(lambda index: blocks[index].role == "aside", after))
    return tuple((text, index in matter) for index, text in enumerate(texts))


def _texts(blocks: Sequence[TextBlock]) -> list[tuple[str, str]]:
    """Role and text without noise of each block; "" as role outside the matter."""
    return [
        (block.role if is_matter else "", text)
        for block, (text, is_matter) in zip(blocks, meanings(blocks), strict=True)
        if text
    ]


def _without(texts: Iterable[tuple[str, str]], other: Counter[str]) -> list[str]:
    """Texts of the matter that another reading does not hold as often."""
    seen: Counter[str] = Counter()
    found = []
    for role, text in texts:
        seen[text] += 1
        if role and seen[text] > other[text]:
            found.append(text)
    return found


def _words(texts: Iterable[str]) -> Counter[str]:
    return Counter(word for text in texts for word in _WORD.findall(text))


def _is_another(
    old: list[tuple[str, str]],
    new: list[tuple[str, str]],
    removed: list[str],
    added: list[str],
) -> bool:
    sizes = [
        (sum(len(text) for role, text in texts if role), sum(map(len, gone)))
        for texts, gone in ((old, removed), (new, added))
    ]
    smaller = min(size for size, _ in sizes)
    kept = min(size - gone for size, gone in sizes)
    if smaller == 0 or kept >= _MIN_KEPT * smaller:
        return False
    said, says = (
        {
            word
            for role, text in texts
            if role == "main"
            for word in _WORD.findall(text)
            if len(word) >= _LONGER_WORD
        }
        for texts in (old, new)
    )
    return len(said & says) < _MIN_SHARED_WORDS * max(1, min(len(said), len(says)))
