"""Finding a person's name in bytes and text, however it is written, and taking it out.

A name is found by its words, whole, in any case and in the spellings that the web has
for a letter: entities, percent signs, JSON escapes, composed or not. What stands in its
place is the same each time, so that a page read anew gives the same records. Whose name
is wanted is told by a function; where the list of them is kept, is not known here.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import pairwise
from urllib.parse import unquote_to_bytes

from scrapers.extract.given_names import GIVEN_NAMES

# Whose name a run of words is: the number of the erasure, or None.
NumberOf = Callable[[tuple[str, ...]], int | None]

MARK = "[slettet]"
_SLUG = "slettet-person"
ERASED = re.compile(r"\[slettet\](?: [A-Z]{1,3})?")

_WORD = re.compile(r"(?:[^\W_]|[\u0300-\u036f])+")
_BETWEEN = re.compile(r"[\s\\._+,;'’\-\u2010-\u2015]{1,80}")
# What stands between two given names of one person.
_PLAINLY = re.compile(r"(?:[ \u00a0_+\-]|%(?:25)*20|&(?:amp;)*nbsp;){1,3}")
_SLUG_BETWEEN = re.compile(r"(?:[._+\-]|%(?:25)*20|%(?:25)*2[BbDd])+")
_ESCAPE = (
    r"&(?:amp;)*(?:#[0-9]{1,7};?|#[xX][0-9a-fA-F]{1,6};?|[A-Za-z]{2,8};)"
    r"|\\+u[0-9a-fA-F]{4}"
    r"|\\+[nrt]"
    r"|(?:%(?:25)*[0-9A-Fa-f]{2})+"
    r"|[\udc80-\udcff\u00ad\u200b-\u200d\ufeff]"
)
_QUOTE = r"""(?:\\*["']|&(?:amp;)*(?:quot|\#34|\#x22);)"""
# A plain letter that is spelt out, or a character nobody sees.
_SPELT_OUT = re.compile(
    r"&(?:amp;)*#|%(?:25)*[4-7][0-9A-Fa-f]|\\u00[4-7]|[\u00ad\u200b-\u200d\ufeff]"
)
_ASCII_RUN = re.compile(r"[a-z]+")
_KEY = rf"""{_QUOTE}?\w{{1,30}}{_QUOTE}?\s*:\s*"""
# First and last name in two elements, in two values of one object, or in two columns.
_JOINT = (
    r"<[^<>]{0,500}>"
    rf"|{_QUOTE}\s*,\s*(?:{_KEY}null\s*,\s*)*{_KEY}{_QUOTE}"
    rf"|{_QUOTE}\s*[,;]\s*{_QUOTE}"
)
_MARKUP = re.compile(r"""[<":]|'\s*[,;]|quot;|\#34;|\#x22;""")
_ESCAPES = re.compile(_ESCAPE)
_JOINTS = re.compile(f"(?P<joint>{_JOINT})|{_ESCAPE}")
# A register states the birth date beside the name; without the name it would still be
# the date of somebody.
_BIRTH_DATE = re.compile(
    r'("fodselsdato"\s*:\s*)"[0-9-]{10}"(?=[^{}]{0,80}\{[^{}]{0,200}\[slettet\])'
)
_LATIN = str.maketrans(
    {"æ": "ae", "ø": "o", "å": "a", "ä": "a", "ö": "o", "ü": "u", "é": "e", "è": "e"}
)
_LATIN_TWO = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe"})


def mark(number: int) -> str:
    """What stands where a name stood; the first has no letter, the second has B."""
    return MARK if number == 1 else f"{MARK} {_letters(number)}"


def slug(number: int) -> str:
    """What stands in an address where a name stood."""
    return _SLUG if number == 1 else f"{_SLUG}-{_letters(number).lower()}"


def is_slug(url: str) -> bool:
    """True for an address out of which a name has been taken: nothing is there."""
    return _SLUG in url


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name as they are compared."""
    return tuple(_folded(m[0]) for m in _WORD.finditer(name))


def spellings(name: str) -> frozenset[tuple[str, ...]]:
    """The ways a full name is written: last name first, with genitive s, in ASCII.

    An apostrophe or a full stop inside a word may be left out.
    """
    plain = {words_of(name), words_of(re.sub(r"[.'’`´]", "", name))}
    plain |= {
        tuple(word.translate(table) for word in words)
        for words in list(plain)
        for table in (_LATIN, _LATIN_TWO)
    }
    turned = {(words[-1], *words[:-1]) for words in plain}
    genitive = {(*words[:-1], f"{words[-1]}s") for words in plain}
    return frozenset(words for words in plain | turned | genitive if words)


def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()
    return unicodedata.normalize("NFKC", word).casefold()


_GIVEN = frozenset(_folded(name) for name in GIVEN_NAMES)


@dataclass(frozen=True)
class _Read:
    """A text as a reader sees it, and where each part of it stands in the raw text."""

    text: str
    begins: Sequence[int]  # of the parts, in the text
    raw: Sequence[tuple[int, int, bool]]  # begin, end, whether it is spelt out

    def span(self, begin: int, end: int) -> tuple[int, int]:
        """Where a stretch of the text stands in the raw text."""
        return self._at(begin)[0], self._at(end - 1)[1]

    def _at(self, position: int) -> tuple[int, int]:
        part = bisect_right(self.begins, position) - 1
        begin, end, is_plain = self.raw[part]
        if not is_plain:
            return begin, end
        begin += position - self.begins[part]
        return begin, begin + 1


def _read(raw: str, pattern: re.Pattern[str]) -> _Read:
    parts: list[str] = []
    begins: list[int] = []
    spans: list[tuple[int, int, bool]] = []
    length = position = 0

    def add(text: str, begin: int, end: int, is_plain: bool) -> None:
        nonlocal length
        if text:
            parts.append(text)
            begins.append(length)
            spans.append((begin, end, is_plain))
            length += len(text)

    for match in pattern.finditer(raw):
        add(raw[position : match.start()], position, match.start(), True)
        is_joint = match.lastgroup == "joint"
        for text, begin, end in (
            [(" ", 0, len(match[0]))] if is_joint else _spelt_out(match[0])
        ):
            add(text, match.start() + begin, match.start() + end, False)
        position = match.end()
    add(raw[position:], position, len(raw), True)
    return _Read("".join(parts), begins, spans)


def _spelt_out(escape: str) -> Iterator[tuple[str, int, int]]:
    """What an escape says, and where in it."""
    first, whole = escape[0], len(escape)
    if first == "&":
        text = escape
        while text.startswith("&amp;"):
            text = "&" + text[5:]
        yield unescape(text), 0, whole
    elif first == "%":
        yield from _percents(escape)
    elif first == "\\" and escape.lstrip("\\")[:1] == "u":
        yield chr(int(escape[-4:], 16)), 0, whole
    elif "\udc80" <= first <= "\udcff":
        # A byte that is not UTF-8: the letter it is in Latin-1.
        yield chr(ord(first) - 0xDC00), 0, whole
    elif first in "\u00ad\u200b\u200c\u200d\ufeff":
        yield "", 0, whole
    else:
        yield " ", 0, whole


def _percents(run: str) -> Iterator[tuple[str, int, int]]:
    codes = list(re.finditer(r"%(?:25)*([0-9A-Fa-f]{2})", run))
    octets = unquote_to_bytes("".join(f"%{code[1]}" for code in codes))
    at = 0
    while at < len(octets):
        lead = octets[at]
        size = 1 if lead < 0xC0 else 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
        try:
            text = octets[at : at + size].decode()
        except UnicodeDecodeError:
            text, size = octets[at : at + 1].decode("latin-1"), 1
        yield text, codes[at].start(), codes[min(at + size, len(codes)) - 1].end()
        at += size


def without_names(
    text: str,
    number_of: NumberOf,
    lengths: Collection[int],
    hints: Collection[str] | None = None,
    shown: Callable[[int], str] = mark,
    in_address: Callable[[int], str] = slug,
    may_begin: Callable[[str], bool] | None = None,
) -> str:
    """The text without the names.

    Args:
        text: of a page, a file, a cell.
        number_of: whose name a run of words is.
        lengths: how many words the names have.
        hints: words one of which stands in each name: a text without any of them is
            let through at once. None when the names are not known.
        shown: what stands in place of a name.
        in_address: what stands in its place inside an address.
        may_begin: False for a word that no name begins with, to be asked for less.
    """
    if hints is not None and not _may_hold(text, hints):
        return text
    raw = text
    for pattern in (_ESCAPES, _JOINTS):
        text = _one_pass(
            text, pattern, number_of, lengths, hints, shown, in_address, may_begin
        )
    return text if text is raw else _BIRTH_DATE.sub(r"\1null", text)


def _may_hold(text: str, hints: Collection[str]) -> bool:
    """False for most texts without a hint: reading escapes takes far longer."""
    plain = [max(_ASCII_RUN.findall(hint), key=len, default="") for hint in hints]
    if any(len(run) < 3 for run in plain):
        return True
    folded = _folded(text)
    return any(run in folded for run in plain) or bool(_SPELT_OUT.search(text))


def _one_pass(
    raw: str,
    pattern: re.Pattern[str],
    number_of: NumberOf,
    lengths: Collection[int],
    hints: Collection[str] | None,
    shown: Callable[[int], str],
    in_address: Callable[[int], str],
    may_begin: Callable[[str], bool] | None,
) -> str:
    read = _read(raw, pattern)
    if hints is not None:
        folded = _folded(read.text)
        if not any(hint in folded for hint in hints):
            return raw
    found = [(m.start(), m.end(), _folded(m[0])) for m in _WORD.finditer(read.text)]
    runs = sorted(lengths, reverse=True)
    out: list[str] = []
    position = at = 0
    while at < len(found):
        if may_begin is not None and not may_begin(found[at][2]):
            at += 1
            continue
        if at and _goes_on_before(raw, read, found[at - 1], found[at]):
            at += 1
            continue
        hit = next(
            (
                (n, number)
                for n in runs
                if at + n <= len(found)
                and (number := number_of(tuple(w for _, _, w in found[at : at + n])))
                is not None
                and _is_one_run(read.text, found[at : at + n])
            ),
            None,
        )
        if hit is None:
            at += 1
            continue
        n, number = hit
        spans = [read.span(begin, end) for begin, end, _ in found[at : at + n]]
        out.append(raw[position : spans[0][0]])
        out.append(_replaced(raw, spans, shown(number), in_address(number)))
        position = spans[-1][1]
        at += n
    return raw if not out else "".join([*out, raw[position:]])


def _goes_on_before(
    raw: str, read: _Read, before: tuple[int, int, str], first: tuple[int, int, str]
) -> bool:
    """True in "Gro Eline Berg", who is not Eline Berg but somebody else."""
    if before[2] not in _GIVEN:
        return False
    end = read.span(before[0], before[1])[1]
    begin = read.span(first[0], first[1])[0]
    return _PLAINLY.fullmatch(raw, end, begin) is not None


def _is_one_run(text: str, words: Sequence[tuple[int, int, str]]) -> bool:
    return all(
        _BETWEEN.fullmatch(text, one[1], two[0]) is not None
        for one, two in pairwise(words)
    )


def _replaced(
    raw: str, spans: Sequence[tuple[int, int]], shown: str, in_address: str
) -> str:
    between = [raw[one[1] : two[0]] for one, two in pairwise(spans)]
    if between and all(_SLUG_BETWEEN.fullmatch(part) for part in between):
        return in_address
    if any(_MARKUP.search(part) for part in between):
        # The markup stays as it is, so that the page keeps its shape.
        return shown + "".join(p for p in between if _MARKUP.search(p))
    return shown
