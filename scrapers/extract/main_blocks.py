"""Which runs of a page's text are its own matter: two passes of small decision trees.

Each run is described by whole numbers (what it is like, where it stands, what stands
around it), and ``main_blocks_trees.csv`` turns them into the share of the run that
people who marked up pages called main. The second pass sees what the first said of the
runs around. Whole numbers throughout: the same page gives the same answer on every
machine. How the trees were grown, from which open sets, and what they reach:
docs/decisions/0010-main-text-by-trees.md.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from csv import DictReader
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from scrapers.extract.layout import (
    AROUND_TAGS,
    OWN_TAGS,
    PURPOSE_NAMES,
    Layout,
    purposes_of,
)

Numbers = NDArray[np.int64]
Columns = dict[str, Numbers]

# Shares are counted in thousandths, leaves of the trees in hundred-thousandths.
_WHOLE = 1000
_LEAF_UNIT = 100
_ROLES = {"main": 0, "nav": 1, "header": 2, "footer": 3, "aside": 4, "consent": 5}
_LEVELS = 6
_FAR = 99
_WORD = re.compile(r"\w+")
_SENTENCE = re.compile(r"[.!?…](?:[\"”’»)\]]*)(?:\s|$)")
_TYPE = re.compile(r'"@type"\s*:\s*\[?\s*"(\w+)"')
_OPEN_GRAPH = {
    "": 0,
    "article": 1,
    "website": 2,
    "product": 3,
    "og:product": 3,
    "product.item": 3,
}
_LINKED_TYPES = (
    "Article NewsArticle BlogPosting Report TechArticle ReportageNewsArticle",
    "Product",
    "ItemList CollectionPage ProductGroup OfferCatalog",
    "DiscussionForumPosting QAPage Question Comment",
    "FAQPage",
    "Service LocalBusiness Organization ProfessionalService",
)
_PAGE_PURPOSES = ("post", "product", "list", "forum", "article")


def main_runs(layout: Layout) -> list[bool]:
    """For each run of a layout, whether it is the page's own matter.

    Where most of what is likely main is sure (an article), a run must be likelier than
    not; where little is sure (a shop, a list) the bar is lower. On a page of a kind the
    trees do not know, where nothing is sure, the part a run stands in decides.
    """
    if not layout.texts:
        return []
    known = _known(layout)
    columns = _features(known)
    first = _grown("1").shares(columns)
    second = _grown("2").shares(columns | _context(known, first))
    if second.max() < _UNKNOWN:
        return [role == "main" for role in layout.roles]
    words = np.array([text.count(" ") + 1 for text in layout.texts])
    return [bool(kept) for kept in second > _bar(second, words)]


def _bar(shares: Numbers, words: Numbers) -> int:
    """The share, in thousandths, that a run must be above to be main."""
    expected = np.clip(shares, 0, _WHOLE) * words
    sure = int(expected[shares > _SURE].sum()) * _WHOLE // max(1, int(expected.sum()))
    bar = _LOW_BAR + (_HIGH_BAR - _LOW_BAR) * (sure - _FEW_SURE) // _SURE_RANGE
    return min(max(bar, _LOW_BAR), _HIGH_BAR)


_UNKNOWN = 700
_SURE = 850
_LOW_BAR, _HIGH_BAR = 380, 550
_FEW_SURE, _SURE_RANGE = 300, 500


# --- the trees ---------------------------------------------------------------------


@dataclass(frozen=True)
class _Forest:
    """Trees that ask the same questions on each level, as arrays."""

    names: tuple[str, ...]
    columns: Numbers  # by level and tree
    thresholds: Numbers
    leaves: Numbers  # of one tree after another
    bias: int

    def shares(self, known: Columns) -> Numbers:
        """Thousandths for each run."""
        # Narrow: half the bytes to go through, and no number comes near the limit.
        table = np.array([known[name] for name in self.names], dtype=np.int32)
        levels, trees = self.columns.shape
        # The answers of a tree are the bits of the number of its leaf.
        leaf = np.zeros((trees, table.shape[1]), dtype=np.uint8)
        for level in range(levels):
            above = table[self.columns[level]] > self.thresholds[level]
            leaf |= above.view(np.uint8) << level
        first = np.arange(trees, dtype=np.intp)[:, None] << levels
        summed = self.leaves.take(leaf + first).sum(axis=0)
        return (summed + self.bias) // _LEAF_UNIT


@cache
def _grown(stage: str) -> _Forest:
    table = resources.files(__package__).joinpath("main_blocks_trees.csv")
    with table.open(encoding="utf-8") as lines:
        rows = [row for row in DictReader(lines) if row["stage"] == stage]
    trees = [row for row in rows if row["questions"]]
    questions = [
        [question.rsplit(">", 1) for question in row["questions"].split()]
        for row in trees
    ]
    names = sorted({name for asked in questions for name, _ in asked})
    column = {name: index for index, name in enumerate(names)}
    levels = list(zip(*questions, strict=True))
    return _Forest(
        tuple(names),
        np.array([[column[name] for name, _ in asked] for asked in levels]),
        np.array(
            [[[int(value)] for _, value in asked] for asked in levels], dtype=np.int32
        ),
        np.array([int(leaf) for row in trees for leaf in row["leaves"].split()]),
        sum(int(row["leaves"]) for row in rows if not row["questions"]),
    )


# --- what a run is like ------------------------------------------------------------


@dataclass(frozen=True)
class _Declared:
    """What a page says of itself: its title, its og:type, the types of its JSON-LD."""

    title: str
    graph: str
    types: frozenset[str]


def _declared(layout: Layout) -> _Declared:
    titles: list[str] = []
    graph: str | None = None
    types: set[str] = set()
    # One walk: three took .6 ms of a labelled page (2026-11-28).
    for element in layout.root.iter("title", "meta", "script"):
        if element.tag == "title":
            titles.append(element.text or "")
        elif element.tag == "meta":
            if graph is None and element.get("property") == "og:type":
                graph = (element.get("content") or "").strip().lower()
        elif (element.get("type") or "").startswith("application/ld"):
            types.update(_TYPE.findall((element.text or "")[:200_000]))
    return _Declared(" ".join(titles), graph or "", frozenset(types))


@dataclass(frozen=True)
class _Known:
    """A layout as arrays: one item a run, or one a part; part 0 is inside itself.

    ``ends`` is one past the last part inside each part, for parts are numbered as they
    are entered.
    """

    layout: Layout
    parts: Numbers
    characters: Numbers
    linked: Numbers
    outer: Numbers
    tags: Numbers
    around: Numbers
    purposes: Numbers
    ends: Numbers
    declared: "_Declared"

    def within(self, values: Numbers) -> Numbers:
        """The sum of a value of runs over all runs inside each part."""
        own = np.bincount(self.parts, weights=values, minlength=len(self.outer))
        before = np.concatenate(([0], np.cumsum(own.astype(np.int64))))
        inside: Numbers = before[self.ends] - before[:-1]
        return inside


def _known(layout: Layout) -> _Known:
    return _Known(
        layout,
        np.array(layout.parts),
        np.array([len(text) for text in layout.texts]),
        np.array(layout.link_characters),
        np.maximum(layout.outer, 0),
        np.array(layout.tags),
        np.array(layout.around),
        np.array(layout.purposes),
        np.array(_ends(layout.outer)),
        _declared(layout),
    )


def _ends(outer: Sequence[int]) -> list[int]:
    ends = list(range(1, len(outer) + 1))
    for part in range(len(outer) - 1, 0, -1):
        if ends[outer[part]] < ends[part]:
            ends[outer[part]] = ends[part]
    return ends


def features(layout: Layout) -> Columns:
    """What is known of each run before anything is decided, by name."""
    return _features(_known(layout))


def _features(known: _Known) -> Columns:
    own = _own(known)
    return (
        own
        | _place(known)
        | _parts_around(known, own)
        | _order(own)
        | _neighbours(known, own)
        | _likeliest_part(known, own)
        | _page(known, own)
    )


def _own(known: _Known) -> Columns:
    texts, characters = known.layout.texts, known.characters
    # All runs as one array of characters, a line each: a step of Python for each word
    # or run took three times as long.
    joined = "\n".join(texts)
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    starts = np.cumsum(characters + 1) - characters - 1

    def count(marked: NDArray[np.bool_]) -> Numbers:
        counted: Numbers = np.add.reduceat(marked, starts, dtype=np.int64)
        return counted

    gaps = (codes == _SPACE) | (codes == _LINE)
    counts = count(codes == _SPACE) + 1
    # A word begins after each gap, and at the very beginning.
    begins = np.concatenate(([True], gaps[:-1]))
    sentences = np.array(
        [m.start() for m in _SENTENCE.finditer(joined)], dtype=np.int64
    )
    last = codes[starts + characters - 1]
    seen = Counter(texts)
    return {
        "characters": characters,
        "words": np.minimum(counts, 300),
        "linked": known.linked * _WHOLE // characters,
        "links": np.minimum(np.array(known.layout.links), 20),
        "digits": np.where(
            characters < 400,
            count((codes >= _ZERO) & (codes <= _NINE)) * _WHOLE // characters,
            0,
        ),
        "sentences": np.minimum(
            np.bincount(
                np.searchsorted(starts, sentences, "right") - 1, minlength=len(texts)
            ),
            20,
        ),
        "commas": np.minimum(count(codes == _COMMA), 20),
        "ending": np.where(last == _COLON, 2, np.isin(last, _ENDINGS).astype(np.int64)),
        "capitals": count(begins & _is_upper(codes)) * _WHOLE // counts,
        "rights": np.minimum(count(codes == _RIGHTS), 1),
        "repeats": np.array([min(9, seen[text]) for text in texts]),
        "in_title": _in_title(known, counts, starts, joined),
        "word_length": characters * 10 // counts,
    }


_SPACE, _LINE, _ZERO, _NINE, _COMMA, _COLON, _RIGHTS = map(ord, " \n09,:©")
_ENDINGS = np.array([ord(character) for character in '.!?…"”»'])
# Latin, Greek and Cyrillic; what lies beyond is asked one by one.
_UPPER = np.array([chr(code).isupper() for code in range(0x530)])


def _is_upper(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    is_beyond = codes >= len(_UPPER)
    upper: NDArray[np.bool_] = _UPPER[np.where(is_beyond, 0, codes)]
    for code in set(codes[is_beyond].tolist()):
        if chr(code).isupper():
            upper |= codes == code
    return upper


def _in_title(known: _Known, counts: Numbers, starts: Numbers, joined: str) -> Numbers:
    """The share of the words of each short run that stand in the page's title."""
    shares = np.zeros_like(counts)
    titled = {w.lower() for w in _WORD.findall(known.declared.title) if len(w) > 2}
    lowered = joined.lower()
    texts = known.layout.texts
    asked: Iterable[int] = range(len(texts))
    if len(lowered) == len(joined):
        found = [at for word in titled for at in _places(lowered, word)]
        asked = set((np.searchsorted(starts, found, "right") - 1).tolist())
    for run in asked:
        if counts[run] < 40:
            shares[run] = _shared(texts[run].split(), titled)
    return shares


def _places(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def _shared(words: list[str], titled: set[str]) -> int:
    found = sum(word.lower().strip(".,:;!?") in titled for word in words)
    return found * _WHOLE // len(words)


_AROUND_BITS = np.arange(len(AROUND_TAGS))[:, None]
_PURPOSE_BITS = np.arange(len(PURPOSE_NAMES))[:, None]


def _place(known: _Known) -> Columns:
    layout, parts, outer, named = (
        known.layout,
        known.parts,
        known.outer,
        known.purposes,
    )
    tag = known.tags[parts]
    inherited = np.array(layout.outer_purposes)[parts]
    near = (named | named[outer] | named[outer[outer]])[parts]
    role = np.array([_ROLES[role] for role in layout.roles])
    columns: Columns = {
        "tag": tag,
        "heading": ((tag >= 1) & (tag <= 6)).astype(np.int64),
        "depth": np.minimum(np.array(layout.depths)[parts], 40),
    }
    for start, names, bits, values in (
        ("in", AROUND_TAGS, _AROUND_BITS, known.around[parts]),
        ("inside", PURPOSE_NAMES, _PURPOSE_BITS, inherited),
        ("near", PURPOSE_NAMES, _PURPOSE_BITS, near),
    ):
        rows = values >> bits & 1
        columns |= {f"{start}_{n}": row for n, row in zip(names, rows, strict=True)}
    for name, number in _ROLES.items():
        columns[f"role_{name}"] = (role == number).astype(np.int64)
    return columns


def _prose(own: Columns) -> Numbers:
    return ((own["sentences"] > 0) & (own["linked"] < 300)).astype(np.int64)


def _parts_around(known: _Known, own: Columns) -> Columns:
    """The parts a run stands in, from the nearest outwards: size, links, prose."""
    size = own["characters"]
    total = max(1, int(size.sum()))
    held = np.maximum(known.within(size), 1)
    runs = np.maximum(known.within(np.ones_like(size)), 1)
    of_part = {
        "characters": np.minimum(held, 20_000),
        "share": held * _WHOLE // total,
        "linked": known.within(known.linked) * _WHOLE // held,
        "runs": np.minimum(runs, 200),
        "mean": held // runs,
        "prose": known.within(size * _prose(own)) * _WHOLE // held,
    }
    stacked = np.array(list(of_part.values()))
    alike = _alike(known)
    columns: Columns = {}
    part = known.parts
    for level in range(_LEVELS):
        rows = zip(of_part, stacked[:, part], strict=True)
        columns |= {f"part{level}_{name}": row for name, row in rows}
        if level < 3:
            columns[f"part{level}_alike"] = alike[part]
        part = known.outer[part]
    return columns


def _alike(known: _Known) -> Numbers:
    """For each part, how many parts are built alike: cards of a list."""
    depths = np.array(known.layout.depths)
    # Four numbers as one, by which they are told apart but for a chance of 1 in 2**64.
    mixed = known.purposes[known.outer].astype(np.uint64)
    for numbers in (known.purposes, known.tags, depths):
        mixed = (mixed ^ mixed >> _SHIFT) * _MIX + numbers.astype(np.uint64)
    _, sign, count = np.unique(mixed, return_inverse=True, return_counts=True)
    return np.minimum(count[sign], 50)


# An odd multiplier of 64 bits, as hash functions take (Steele and Vigna 2021).
_MIX, _SHIFT = np.uint64(0xD1342543DE82EF95), np.uint64(29)


def _order(own: Columns) -> Columns:
    """Where in the page a run stands, and how far from headings and from prose."""
    size = own["characters"]
    total = max(1, int(size.sum()))
    number = len(size)
    index = np.arange(number)
    before = np.cumsum(size) - size
    columns: Columns = {
        "before_share": before * _WHOLE // total,
        "index_share": index * _WHOLE // number,
        "before": np.minimum(before, 20_000),
        "after": np.minimum(total - before - size, 20_000),
    }
    return columns


def _nearest(index: Numbers, marked: Numbers) -> tuple[Numbers, Numbers]:
    """Steps back and steps on to the nearest marked run, 99 where there is none."""
    if not len(marked):
        none = np.full(len(index), _FAR)
        return none, none
    back = np.searchsorted(marked, index, "right") - 1
    on = np.searchsorted(marked, index, "left")
    since = np.where(back >= 0, index - marked[np.maximum(back, 0)], _FAR)
    until = np.where(
        on < len(marked), marked[np.minimum(on, len(marked) - 1)] - index, _FAR
    )
    return np.minimum(since, _FAR), np.minimum(until, _FAR)


def _shifted(values: Numbers, by: int) -> Numbers:
    """Values of the run so many places before (or after, if negative); -1 outside."""
    moved = np.full(len(values), -1)
    if abs(by) < len(values):
        if by > 0:
            moved[by:] = values[:-by]
        else:
            moved[:by] = values[-by:]
    return moved


def _neighbours(known: _Known, own: Columns) -> Columns:
    parts = known.parts
    tag = known.tags[parts]
    holder = known.outer[parts]
    index = np.arange(len(parts))
    size = own["characters"]
    before = np.cumsum(size) - size
    columns: Columns = {}
    firsts = np.flatnonzero(tag == 1)
    if len(firsts):
        first = firsts[np.argmax(own["in_title"][firsts])]
        columns["since_h1"] = np.clip(index - first, -50, 200)
        columns["characters_since_h1"] = np.clip(before - before[first], -5000, 20_000)
    else:
        columns["since_h1"] = np.full(len(index), -_FAR)
        columns["characters_since_h1"] = np.full(len(index), -9999)
    columns["h1_count"] = np.full(len(index), min(5, len(firsts)))
    is_long = (own["sentences"] >= 2) & (own["linked"] < 300) & (size > 120)
    long_runs = np.flatnonzero(is_long)
    columns["since_prose"], columns["until_prose"] = _nearest(index, long_runs)
    ends = (long_runs[0], long_runs[-1]) if len(long_runs) else None
    columns["since_first_prose"] = (
        np.clip(index - ends[0], -60, 200) if ends else np.full(len(index), _FAR)
    )
    columns["until_last_prose"] = (
        np.clip(ends[1] - index, -60, 200) if ends else np.full(len(index), _FAR)
    )
    columns["prose_runs"] = np.full(len(index), min(60, len(long_runs)))
    headings = np.flatnonzero((tag >= 1) & (tag <= 6))
    columns["since_heading"], _ = _nearest(index, headings)
    last = np.searchsorted(headings, index, "right") - 1
    columns["heading_rank"] = (
        np.where(last >= 0, tag[headings[np.maximum(last, 0)]], 0)
        if len(headings)
        else np.zeros_like(index)
    )
    for by in (1, 2, -1, -2):
        columns[f"characters_{by}"] = _shifted(np.minimum(size, 2000), by)
        columns[f"linked_{by}"] = _shifted(own["linked"], by)
        columns[f"tag_{by}"] = _shifted(tag, by)
        columns[f"sentences_{by}"] = _shifted(own["sentences"], by)
        columns[f"same_part_{by}"] = (_shifted(holder, by) == holder).astype(np.int64)
    return columns


# Parts whose text counts for the part around them.
_PARAGRAPHS = frozenset(
    OWN_TAGS[tag] for tag in ("p", "li", "td", "th", "blockquote", "dd")
)


def _likeliest_part(known: _Known, own: Columns) -> Columns:
    """The part whose own paragraphs hold most prose, and where each run is from it."""
    layout, parts, holders = known.layout, known.parts, known.outer
    size = own["characters"]
    counts = (own["sentences"] > 0) & (own["linked"] < 400) & (size >= 60)
    worth = np.where(
        counts, np.minimum(size, 500) // 25 + np.minimum(own["commas"], 8), 0
    )
    outer, tags = layout.outer, layout.tags
    scores = [0] * len(outer)
    for part, value in zip(layout.parts, worth.tolist(), strict=True):
        if value:
            holder = max(outer[part], 0) if tags[part] in _PARAGRAPHS else part
            scores[holder] += 2 * value
            if outer[holder] >= 0:
                scores[outer[holder]] += value
    best = scores.index(max(scores))
    steps_in: dict[int, int] = {}
    above = best
    while above >= 0:
        steps_in[above] = len(steps_in)
        above = outer[above]
    meets, leaves_by, within = [0] * len(outer), [0] * len(outer), [0] * len(outer)
    for part, around in enumerate(outer):
        if part in steps_in:
            meets[part], within[part] = steps_in[part], int(part == best)
        else:
            meets[part], leaves_by[part] = meets[around], leaves_by[around] + 1
            within[part] = within[around]
    highest = max(1, scores[best])
    share = np.array(scores) * _WHOLE // highest
    inside = np.array(within)[parts]
    index = np.arange(len(parts))
    found = np.flatnonzero(inside)
    ends = (found[0], found[-1]) if len(found) else None
    none = np.full(len(parts), -_FAR)
    characters = known.within(size)
    prose = known.within(size * _prose(own))
    return {
        "best_within": inside,
        "best_out": np.minimum(np.array(leaves_by)[parts], 20),
        "best_meets": np.minimum(np.array(meets)[parts], 20),
        "best_score0": share[parts],
        "best_score1": share[holders[parts]],
        "best_score2": share[holders[holders[parts]]],
        "best_since": np.clip(index - ends[0], -60, 60) if ends else none,
        "best_until": np.clip(ends[1] - index, -60, 60) if ends else none,
        "best_share": _all(parts, characters[best] * _WHOLE // max(1, characters[0])),
        "best_prose": _all(parts, prose[best] * _WHOLE // max(1, prose[0])),
        "best_rivals": _all(parts, min(30, sum(s * 2 > highest for s in scores))),
        "best_score": _all(parts, min(highest, 5000)),
        "best_tag": _all(parts, tags[best]),
    }


def _all(like: Numbers, value: int) -> Numbers:
    return np.full(len(like), int(value))


def _page(known: _Known, own: Columns) -> Columns:
    """What is known of the page as a whole, the same for each run."""
    layout, size = known.layout, own["characters"]
    total = int(size.sum())
    around = known.around[known.parts]
    in_main = (around & 0b11) > 0
    body = purposes_of(_words_of_body(layout))
    values = {
        "page_characters": min(total, 50_000),
        "page_linked": int(known.linked.sum()) * _WHOLE // total,
        "page_runs": min(len(size), 2000),
        "page_prose": int((size * _prose(own)).sum()) * _WHOLE // total,
        "page_in_main": int(size[in_main].sum()) * _WHOLE // total,
        "page_open_graph": _OPEN_GRAPH.get(known.declared.graph, 4),
    }
    for number, names in enumerate(_LINKED_TYPES):
        values[f"page_type{number}"] = int(
            bool(known.declared.types & set(names.split()))
        )
    for name in _PAGE_PURPOSES:
        values[f"page_{name}"] = body >> PURPOSE_NAMES.index(name) & 1
    return {name: np.full(len(size), value) for name, value in values.items()}


def _words_of_body(layout: Layout) -> str:
    body = layout.root.find(".//body")
    if body is None:
        return ""
    return f"{body.get('class') or ''} {body.get('id') or ''}"


# --- what the first pass said of the runs around ------------------------------------


def context(layout: Layout, shares: Numbers) -> Columns:
    """What a first pass says of a run, of the runs around it and of their parts."""
    return _context(_known(layout), shares)


def _context(known: _Known, shares: Numbers) -> Columns:
    weight = np.minimum(known.characters, 400) + 5
    weighted = shares * weight
    in_part = known.within(weighted) // np.maximum(known.within(weight), 1)
    columns: Columns = {"said": shares}
    part = known.parts
    for level in range(_LEVELS):
        columns[f"said_part{level}"] = in_part[part]
        part = known.outer[part]
    for by in (1, 2, 3, -1, -2, -3):
        columns[f"said_{by}"] = _shifted(shares, by)
    index = np.arange(len(shares))
    sums = np.concatenate(([0], np.cumsum(weighted)))
    weights = np.concatenate(([0], np.cumsum(weight)))
    for reach in (4, 12):
        start = np.maximum(index - reach, 0)
        end = np.minimum(index + reach + 1, len(index))
        columns[f"said_within{reach}"] = (sums[end] - sums[start]) // (
            weights[end] - weights[start]
        )
    total = int(weight.sum())
    sure = int(weight[shares > 700].sum()) * _WHOLE // total
    unsure = int(weight[(shares > 300) & (shares < 700)].sum()) * _WHOLE // total
    columns["said_page"] = _all(index, int(weighted.sum()) // total)
    columns["said_sure"] = _all(index, sure)
    columns["said_unsure"] = _all(index, unsure)
    columns["said_before"] = np.maximum.accumulate(shares)
    columns["said_after"] = np.maximum.accumulate(shares[::-1])[::-1]
    return columns
