"""Which words changed between two archived texts, for showing them side by side.

Compares text alone: what a change means is for the detectors to say.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
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
    opcodes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    changes = [n for n, opcode in enumerate(opcodes) if opcode[0] != "equal"]
    if not changes:
        return None
    marked = {
        n: _by_word("\n".join(old[i1:i2]), "\n".join(new[j1:j2]))
        for n, (_, i1, i2, j1, j2) in enumerate(opcodes)
        if n in set(changes)
    }
    wanted = _words(" ".join(words for words in about if words))
    # Most of the wanted words first, then as they stand on the page.
    ranked = sorted(changes, key=lambda n: (-_told(marked[n], wanted), n))
    kept: set[int] = set()
    used = 0
    for n in ranked:
        size = max(_length(side) for side in marked[n])
        if kept and used + size > room:
            continue
        kept.add(n)
        used += size
    sides = tuple(
        tuple(_shown(side, kept, marked, opcodes, old, room, wanted)) for side in (0, 1)
    )
    return SideBySide(sides[0], sides[1], len(changes) - len(kept))


def _shown(
    side: int,
    kept: set[int],
    marked: Mapping[int, tuple[list[Piece], list[Piece]]],
    opcodes: Sequence[tuple[str, int, int, int, int]],
    old: list[str],
    room: int,
    wanted: set[str],
) -> Iterator[Piece]:
    """The kept changes of one side with a line around each; no line stands twice."""
    for n, (kind, i1, i2, _, _) in enumerate(opcodes):
        if kind != "equal":
            if n in kept:
                pieces = _cut(marked[n][side], room, wanted)
                yield from pieces
                if pieces:
                    yield Piece("same", "\n")
            continue
        first, last = n - 1 in kept, n + 1 in kept
        lines = old[i1:i2]
        if first and last and len(lines) <= 2:
            yield Piece("same", "\n".join(lines) + "\n")
            continue
        if first:
            yield Piece("same", lines[0] + "\n")
        if last:
            if any(m < n for m in kept):
                yield Piece("gap", "…")
            yield Piece("same", lines[-1] + "\n")


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


def _cut(pieces: list[Piece], room: int, wanted: set[str]) -> list[Piece]:
    """The pieces, or as much as there is room for, the wanted words in it."""
    if _length(pieces) <= room:
        return pieces
    text = "".join(piece.text for piece in pieces)
    start = _start(text, room, wanted)
    kept: list[Piece] = [Piece("gap", "…")] if start else []
    at = 0
    for piece in pieces:
        shown = piece.text[max(start - at, 0) : max(start + room - at, 0)]
        kept += [Piece(piece.kind, shown)] if shown else []
        at += len(piece.text)
    return [*kept, *([Piece("gap", "…")] if at > start + room else [])]


def _start(text: str, room: int, wanted: set[str]) -> int:
    """Where to begin so that the line with most of the wanted words is inside."""
    best, most, at = 0, 0, 0
    for line in text.splitlines(keepends=True):
        told = len(wanted & _words(line))
        if told > most:
            best, most = at, told
        at += len(line)
    return best if best > room // 2 else 0


def _length(pieces: list[Piece]) -> int:
    return sum(len(piece.text) for piece in pieces)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def _told(hunk: tuple[list[Piece], list[Piece]], wanted: set[str]) -> int:
    changed = " ".join(p.text for side in hunk for p in side if p.kind == "changed")
    return len(wanted & _words(changed))
