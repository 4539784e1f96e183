"""What changed between two readings of a page, block by block.

A text that both readings hold has not changed, whatever part it is taken to play: a
block near the edge of the page's matter may be main today and aside tomorrow. Which
reading is evidence, and over how many visits a change must hold, is not decided here.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
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
# What a page says in place of its matter while it cannot be served, as a block's start.
_NOTICE = re.compile(
    r"(?:this|the) (?:page|content) (?:isn't|is not|is currently not|cannot be|"
    r"can't be) (?:available|displayed|shown|loaded)"
    r"|(?:an|we have an|there was an) (?:\w+ ){0,2}error(?: has)? occurred"
    r"|(?:sorry, |whoops, |oops,? |looks like )*something(?:'s| went| has)(?: gone)? "
    r"wrong"
    # nb, nn, da
    r"|(?:siden|sida|innholdet|innhaldet|indholdet) (?:er|kan) (?:ikke|ikkje)"
    r"(?: \w+)? (?:tilgjengelig|tilgjengeleg|vises|visast|tilgængelig)"
    r"|det (?:har )?oppst[oå]d?(?:tt)? ein? (?:\w+ )?feil"
    r"|der opstod en (?:\w+ )?fejl"
    r"|(?:beklager, |beklagar, )?(?:noe|noko|noget) (?:gikk|gjekk|gik) (?:galt|gale)"
    # sv, fi
    r"|sidan (?:är inte|kan inte) (?:\w+ )?(?:tillgänglig|visas)"
    r"|(?:ett|det uppstod ett) (?:\w+ )?fel(?: har)?(?: uppst\w+)?|något gick fel"
    r"|sivu ei ole (?:\w+ )?käytettävissä|tapahtui (?:\w+ )?virhe"
    r"|jokin meni pieleen"
)
_MAX_NOTICE_WORDS = 25
# Texts after the last main block that still belong to the page's matter.
_LINGERING = 2


@dataclass(frozen=True)
class PageChange:
    """``kind`` is same, changed or replaced; the texts are those without noise."""

    kind: str
    removed: tuple[str, ...]
    added: tuple[str, ...]


def page_change(
    before: Sequence[TextBlock],
    after: Sequence[TextBlock],
    others: Collection[str] = (),
) -> PageChange:
    """What was taken out of a page's own matter, and what was put in.

    Replaced says that the two readings are hardly of the same page, or that one of them
    has a notice where the other has the matter. ``others`` are
    headings of folds that hold other documents (``folded_documents``).
    """
    old, new = _texts(before, others), _texts(after, others)
    removed, added = _without(old, new), _without(new, old)
    words = _words(removed), _words(added)
    if sum(((words[0] - words[1]) + (words[1] - words[0])).values()) < _MIN_WORDS:
        return PageChange(SAME, (), ())
    is_replaced = (
        _is_notice(removed)
        or _is_notice(added)
        or _is_another(old, new, removed, added)
    )
    kind = REPLACED if is_replaced else CHANGED
    return PageChange(kind, tuple(removed), tuple(added))


def meanings(
    blocks: Sequence[TextBlock], others: Collection[str] = ()
) -> tuple[tuple[str, bool], ...]:
    """For each block its text without noise, and whether it belongs to the matter.

    ``others`` are headings of folds whose text does not belong to it.

    What stands between main blocks belongs to them: rows of a table, a lone heading.
    So do the two texts without a part of their own that follow the last of them: where
    the matter ends is less sure than where it begins.
    """
    texts = [comparable(block.text) for block in blocks]
    told = [
        index
        for index, text in enumerate(texts)
        if text and blocks[index].fold not in others
    ]
    mains = [place for place, index in enumerate(told) if blocks[index].role == "main"]
    matter: set[int] = set()
    if mains:
        first, end = mains[0], mains[-1] + 1
        after = told[end : end + _LINGERING]
        matter.update(told[first:end])
        matter.update(takewhile(lambda index: blocks[index].role == "aside", after))
    return tuple((text, index in matter) for index, text in enumerate(texts))


def _texts(
    blocks: Sequence[TextBlock], others: Collection[str]
) -> list[tuple[str, str]]:
    """Role and text without noise of each block; "" as role outside the matter."""
    return [
        (block.role if is_matter else "", text)
        for block, (text, is_matter) in zip(
            blocks, meanings(blocks, others), strict=True
        )
        if text
    ]


def _without(
    texts: Sequence[tuple[str, str]], other: Sequence[tuple[str, str]]
) -> list[str]:
    """Texts of the matter that another reading does not hold as often.

    Neither its matter nor all of it: what moves to another part has not gone, and what
    a menu says too has not come.
    """
    matter, all_texts = _counts(texts)
    other_matter, other_texts = _counts(other)
    seen: Counter[str] = Counter()
    found = []
    for role, text in texts:
        if not role:
            continue
        seen[text] += 1
        more = min(
            matter[text] - other_matter[text], all_texts[text] - other_texts[text]
        )
        if seen[text] > matter[text] - more:
            found.append(text)
    return found


def _counts(texts: Iterable[tuple[str, str]]) -> tuple[Counter[str], Counter[str]]:
    """How often each text stands in the matter, and on the whole page."""
    told = list(texts)
    return Counter(text for role, text in told if role), Counter(
        text for _, text in told
    )


def _words(texts: Iterable[str]) -> Counter[str]:
    return Counter(word for text in texts for word in _WORD.findall(text))


def _is_notice(texts: Sequence[str]) -> bool:
    """Whether all that one reading says for itself is that it cannot be served."""
    return bool(texts) and all(
        _NOTICE.match(text) and len(text.split()) <= _MAX_NOTICE_WORDS for text in texts
    )


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
