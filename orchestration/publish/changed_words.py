"""Which words changed between two archived texts, for showing them side by side.

Compares text alone: what a change means is for the detectors to say.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

# A page of 3,000 lines takes 0.1 s; what lies beyond is not compared.
_MAX_LINES = 3000
_MAX_WORDS = 400
_ROOM = 500
_TOKENS = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Piece:
    """A run of text: `same` on both sides, `changed`, or a `gap` for the rest."""

    kind: str
    text: str


@dataclass(frozen=True)
class SideBySide:
    """Two texts cut to what changed, with a line around each change."""

    before: tuple[Piece, ...]
    after: tuple[Piece, ...]
    left_out: int  # changes that there was no room for


def changed_words(
    before: str, after: str, about: Sequence[str | None] = (), room: int = _ROOM
) -> SideBySide | None:
    """The changes between two texts, those that hold the words in `about` first.

    Args:
        before: text of the capture before.
        after: text of the capture after.
        about: quotes or names the change is about.
        room: characters shown a side, roughly.

    Returns:
        None when the texts say the same.
    """
    old, new = before.splitlines()[:_MAX_LINES], after.splitlines()[:_MAX_LINES]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    groups = list(matcher.get_grouped_opcodes(1))
    if not groups:
        return None
    wanted = _words(" ".join(words for words in about if words))
    hunks = [(place, _hunk(group, old, new)) for place, group in enumerate(groups)]
    # Most of the wanted words first, then as they stand on the page.
    ranked = sorted(hunks, key=lambda h: (-_told(h[1], wanted), h[0]))
    kept: list[tuple[int, tuple[list[Piece], list[Piece]]]] = []
    used = 0
    for place, hunk in ranked:
        size = max(_length(side) for side in hunk)
        if kept and used + size > room:
            continue
        kept.append((place, hunk))
        used += size
    sides: tuple[list[Piece], list[Piece]] = ([], [])
    for number, (_, hunk) in enumerate(sorted(kept, key=lambda h: h[0])):
        for side, pieces in zip(sides, hunk, strict=True):
            side.extend([Piece("gap", "…")] if number else [])
            side.extend(_cut(pieces, room))
    return SideBySide(tuple(sides[0]), tuple(sides[1]), len(groups) - len(kept))


def _hunk(
    group: Sequence[tuple[str, int, int, int, int]], old: list[str], new: list[str]
) -> tuple[list[Piece], list[Piece]]:
    before: list[Piece] = []
    after: list[Piece] = []
    for kind, i1, i2, j1, j2 in group:
        was, now = "\n".join(old[i1:i2]), "\n".join(new[j1:j2])
        if kind == "equal":
            before.append(Piece("same", was + "\n"))
            after.append(Piece("same", now + "\n"))
            continue
        left, right = _by_word(was, now)
        before += [*left, Piece("same", "\n")] if was else []
        after += [*right, Piece("same", "\n")] if now else []
    return before, after


def _by_word(was: str, now: str) -> tuple[list[Piece], list[Piece]]:
    old, new = _TOKENS.findall(was), _TOKENS.findall(now)
    if not old or not new or max(len(old), len(new)) > _MAX_WORDS:
        return _whole(was), _whole(now)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    # Two sentences with little in common read better as one left and one right.
    if matcher.ratio() < 0.4:
        return _whole(was), _whole(now)
    before: list[Piece] = []
    after: list[Piece] = []
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        what = "same" if kind == "equal" else "changed"
        before += [Piece(what, "".join(old[i1:i2]))] if i2 > i1 else []
        after += [Piece(what, "".join(new[j1:j2]))] if j2 > j1 else []
    return before, after


def _whole(text: str) -> list[Piece]:
    return [Piece("changed", text)] if text else []


def _cut(pieces: list[Piece], room: int) -> list[Piece]:
    """The pieces, with the tail of a very long one left out."""
    kept: list[Piece] = []
    left = room
    for piece in pieces:
        if left <= 0:
            break
        text = piece.text
        if len(text) > left:
            text = text[:left].rsplit(" ", 1)[0] + " …"
        kept.append(Piece(piece.kind, text))
        left -= len(piece.text)
    return kept


def _length(pieces: list[Piece]) -> int:
    return sum(len(piece.text) for piece in pieces)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def _told(hunk: tuple[list[Piece], list[Piece]], wanted: set[str]) -> int:
    changed = " ".join(p.text for side in hunk for p in side if p.kind == "changed")
    return len(wanted & _words(changed))
