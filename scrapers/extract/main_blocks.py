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
from csv import DictReader
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from scrapers.extract.html import body_of
from scrapers.extract.layout import (
    AROUND_TAGS,
    OWN_TAGS,
    PURPOSE_NAMES,
    Layout,
    Numbers,
    purposes_of,
)

Columns = dict[str, Numbers]

# Shares are counted in thousandths, leaves of the trees in hundred-thousandths.
_WHOLE = 1000
_LEAF_UNIT = 100
_ROLES = {"main": 0, "nav": 1, "header": 2, "footer": 3, "aside": 4, "consent": 5}
_LEVELS = 6
_FAR = 99
_WORD = re.compile(r"\w+")
_ENDED = re.compile(r"[\"”’»)\]]*(?:\s|$)")
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
    columns = features(layout)
    first = _grown("1").shares(columns)
    second = _grown("2").shares(columns | context(layout, first))
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
    """Trees that ask the same questions on each level, as arrays.

    Each question is put once, however many trees ask it; ``asked`` holds the numbers of
    the questions by level and tree, ``starts`` where in ``leaves`` each tree begins.
    """

    names: tuple[str, ...]
    columns: Numbers
    thresholds: Numbers
    asked: Numbers
    starts: Numbers
    leaves: Numbers
    bias: int

    def shares(self, known: Columns) -> Numbers:
        """Thousandths for each run."""
        # Narrow: half the bytes to go through, and no number comes near the limit.
        table = np.array([known[name] for name in self.names], dtype=np.int32)
        above = (table[self.columns] > self.thresholds).view(np.uint8)
        # The answers of a tree are the bits of the number of its leaf.
        leaf = above[self.asked[-1]]
        for questions in self.asked[-2::-1]:
            leaf += leaf
            leaf |= above[questions]
        summed = self.leaves[leaf + self.starts].sum(axis=0)
        return (summed + self.bias) // _LEAF_UNIT


@cache
def _grown(stage: str) -> _Forest:
    table = resources.files(__package__).joinpath("main_blocks_trees.csv")
    with table.open(encoding="utf-8") as lines:
        rows = [row for row in DictReader(lines) if row["stage"] == stage]
    trees = [row for row in rows if row["questions"]]
    questions = [
        [tuple(question.rsplit(">", 1)) for question in row["questions"].split()]
        for row in trees
    ]
    distinct = sorted({question for asked in questions for question in asked})
    number = {question: index for index, question in enumerate(distinct)}
    names = sorted({name for name, _ in distinct})
    column = {name: index for index, name in enumerate(names)}
    leaves = np.array([[int(leaf) for leaf in row["leaves"].split()] for row in trees])
    return _Forest(
        tuple(names),
        np.array([column[name] for name, _ in distinct]),
        np.array([[int(value)] for _, value in distinct], dtype=np.int32),
        np.array([[number[one] for one in asked] for asked in questions]).T,
        np.arange(len(trees))[:, None] * leaves.shape[1],
        leaves.ravel(),
        sum(int(row["leaves"]) for row in rows if not row["questions"]),
    )


# --- what a run is like ------------------------------------------------------------


def features(layout: Layout) -> Columns:
    """What is known of each run before anything is decided, by name."""
    own = _own(layout)
    # Two hundred names: put together one by one, most are copied six times.
    return {
        **own,
        **_place(layout),
        **_parts_around(layout, own),
        **_order(own),
        **_neighbours(layout, own),
        **_likeliest_part(layout, own),
        **_page(layout, own),
    }


def _own(layout: Layout) -> Columns:
    texts, characters = layout.texts, layout.sizes
    # All runs as one array of characters, a line each, and not a step of Python for
    # each word of each run.
    joined = "\n".join(texts)
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    starts = np.cumsum(characters + 1) - characters - 1

    edges = np.append(starts, len(codes))

    def within(places: Numbers) -> Numbers:
        """How many of these places in the text are in each run."""
        found: Numbers = np.diff(np.searchsorted(places, edges))
        return found

    # A word begins after each gap, and at the very beginning.
    gaps = np.flatnonzero((codes == _SPACE) | (codes == _LINE))
    begins = np.concatenate(([0], gaps + 1))
    counts = within(begins)
    last = codes[starts + characters - 1]
    seen = Counter(texts)
    return {
        "characters": characters,
        "words": np.minimum(counts, 300),
        "linked": np.array(layout.link_characters) * _WHOLE // characters,
        "links": np.minimum(np.array(layout.links), 20),
        "digits": np.where(
            characters < 400,
            within(np.flatnonzero((codes >= _ZERO) & (codes <= _NINE)))
            * _WHOLE
            // characters,
            0,
        ),
        "sentences": np.minimum(within(_sentence_ends(codes, joined)), 20),
        "commas": np.minimum([text.count(",") for text in texts], 20),
        "ending": np.where(last == _COLON, 2, np.isin(last, _ENDINGS).astype(np.int64)),
        "capitals": within(begins[_is_upper(codes[begins])]) * _WHOLE // counts,
        "repeats": np.array([min(9, seen[text]) for text in texts]),
        "in_title": np.array(_in_title(layout, counts)),
    }


_SPACE, _LINE, _ZERO, _NINE, _COLON = map(ord, " \n09:")
_MARKS = [ord(character) for character in ".!?…"]
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


def _sentence_ends(codes: NDArray[np.uint32], text: str) -> Numbers:
    """Places of the marks that end a sentence: before a gap, closing marks between."""
    is_mark = np.zeros(len(codes), dtype=bool)
    for mark in _MARKS:
        is_mark |= codes == mark
    places = np.flatnonzero(is_mark)
    # Few are marks, and a pattern is tried at every character.
    ends = [place for place in places.tolist() if _ENDED.match(text, place + 1)]
    return np.array(ends, dtype=np.int64)


def _title_words(layout: Layout) -> frozenset[str]:
    titles = (e for e in layout.declarations if e.tag == "title")
    title = " ".join(element.text or "" for element in titles)
    return frozenset(w.lower() for w in _WORD.findall(title) if len(w) > 2)


def _in_title(layout: Layout, counts: Numbers) -> list[int]:
    """For each run, the share of its words that the page's title has."""
    titled = _title_words(layout)
    both = zip(layout.texts, counts.tolist(), strict=True)
    short = [text.split() if count < 40 else [] for text, count in both]
    # Each word is judged once, in how many runs it may stand.
    found = {
        word
        for word in set(chain.from_iterable(short))
        if word.lower().strip(".,:;!?") in titled
    }
    return [
        sum(map(found.__contains__, some)) * _WHOLE // len(some) if some else 0
        for some in short
    ]


_AROUND_BITS = np.arange(len(AROUND_TAGS))[:, None]
_PURPOSE_BITS = np.arange(len(PURPOSE_NAMES))[:, None]
_ROLE_NUMBERS = np.array(list(_ROLES.values()))[:, None]
_AROUND_COLUMNS = [f"in_{name}" for name in AROUND_TAGS]
_INSIDE_COLUMNS = [f"inside_{name}" for name in PURPOSE_NAMES]
_NEAR_COLUMNS = [f"near_{name}" for name in PURPOSE_NAMES]
_ROLE_COLUMNS = [f"role_{name}" for name in _ROLES]


def _place(layout: Layout) -> Columns:
    parts, outer, tag = layout.part_of_run, layout.holder, layout.tag_of_run
    around = np.array(layout.around)[parts]
    inherited = np.array(layout.outer_purposes)[parts]
    named = np.array(layout.purposes)
    near = named | named[outer] | named[outer[outer]]
    near = near[parts]
    role = np.array([_ROLES[role] for role in layout.roles])
    columns: Columns = {
        "tag": tag,
        "depth": np.minimum(np.array(layout.depths)[parts], 40),
    }
    for names, values in (
        (_AROUND_COLUMNS, around >> _AROUND_BITS & 1),
        (_INSIDE_COLUMNS, inherited >> _PURPOSE_BITS & 1),
        (_NEAR_COLUMNS, near >> _PURPOSE_BITS & 1),
        (_ROLE_COLUMNS, (role == _ROLE_NUMBERS).astype(np.int64)),
    ):
        columns.update(zip(names, values, strict=True))
    return columns


def _prose(own: Columns) -> Numbers:
    return ((own["sentences"] > 0) & (own["linked"] < 300)).astype(np.int64)


def _parts_around(layout: Layout, own: Columns) -> Columns:
    """The parts a run stands in, from the nearest outwards: size, links, prose."""
    size = own["characters"]
    total = max(1, int(size.sum()))
    held = np.maximum(layout.summed(size), 1)
    runs = np.maximum(layout.summed(np.ones_like(size)), 1)
    linked = layout.summed(np.array(layout.link_characters))
    prose = layout.summed(size * _prose(own))
    by_part: Columns = {
        "characters": np.minimum(held, 20_000),
        "share": held * _WHOLE // total,
        "linked": linked * _WHOLE // held,
        "runs": np.minimum(runs, 200),
        "mean": held // runs,
        "prose": prose * _WHOLE // held,
    }
    alike = _alike(layout)
    columns: Columns = {}
    part = layout.part_of_run
    for level in range(_LEVELS):
        for name, values in by_part.items():
            columns[f"part{level}_{name}"] = values[part]
        if level < 3:
            columns[f"part{level}_alike"] = alike[part]
        part = layout.holder[part]
    return columns


def _alike(layout: Layout) -> Numbers:
    """For each part, how many parts are built alike: cards of a list."""
    _, purposes = np.unique(layout.purposes, return_inverse=True)
    depths = np.array(layout.depths)
    sign = purposes * len(purposes) + purposes[layout.holder]
    sign = sign * (len(OWN_TAGS) + 1) + layout.tags
    sign = sign * (int(depths.max()) + 1) + depths
    _, same, count = np.unique(sign, return_inverse=True, return_counts=True)
    alike: Numbers = np.minimum(count, 50)[same]
    return alike


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


def _neighbours(layout: Layout, own: Columns) -> Columns:
    tag = layout.tag_of_run
    index = np.arange(len(tag))
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
    for by in (1, -1):
        columns[f"linked_{by}"] = _shifted(own["linked"], by)
        columns[f"tag_{by}"] = _shifted(tag, by)
    columns["tag_2"] = _shifted(tag, 2)
    columns["characters_-1"] = _shifted(np.minimum(size, 2000), -1)
    columns["sentences_-1"] = _shifted(own["sentences"], -1)
    return columns


# Parts whose text counts for the part around them.
_PARAGRAPHS = frozenset(
    OWN_TAGS[tag] for tag in ("p", "li", "td", "th", "blockquote", "dd")
)


def _likeliest_part(layout: Layout, own: Columns) -> Columns:
    """The part whose own paragraphs hold most prose, and where each run is from it."""
    size = own["characters"]
    counts = (own["sentences"] > 0) & (own["linked"] < 400) & (size >= 60)
    worth = np.where(
        counts, np.minimum(size, 500) // 25 + np.minimum(own["commas"], 8), 0
    )
    outer, tags = layout.outer.tolist(), layout.tags.tolist()
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
    parts, holders = layout.part_of_run, layout.holder
    highest = max(1, scores[best])
    share = np.array(scores) * _WHOLE // highest
    inside = np.array(within)[parts]
    index = np.arange(len(parts))
    found = np.flatnonzero(inside)
    ends = (found[0], found[-1]) if len(found) else None
    none = np.full(len(parts), -_FAR)
    characters = layout.summed(size)
    prose = layout.summed(size * _prose(own))
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


def _page(layout: Layout, own: Columns) -> Columns:
    """What is known of the page as a whole, the same for each run."""
    size = own["characters"]
    total = int(size.sum())
    around = np.array(layout.around)[layout.part_of_run]
    in_main = (around & 0b11) > 0
    graph, types = _declared_kind(layout)
    body = purposes_of(_words_of_body(layout))
    values = {
        "page_characters": min(total, 50_000),
        "page_linked": sum(layout.link_characters) * _WHOLE // total,
        "page_runs": min(len(size), 2000),
        "page_prose": int((size * _prose(own)).sum()) * _WHOLE // total,
        "page_in_main": int(size[in_main].sum()) * _WHOLE // total,
        "page_open_graph": _OPEN_GRAPH.get(graph, 4),
    }
    for number, names in enumerate(_LINKED_TYPES):
        values[f"page_type{number}"] = int(bool(types & set(names.split())))
    for name in _PAGE_PURPOSES:
        values[f"page_{name}"] = body >> PURPOSE_NAMES.index(name) & 1
    return {name: np.full(len(size), value) for name, value in values.items()}


def _words_of_body(layout: Layout) -> str:
    body = body_of(layout.root)
    if body is None:
        return ""
    return f"{body.get('class') or ''} {body.get('id') or ''}"


def _declared_kind(layout: Layout) -> tuple[str, set[str]]:
    """The page's og:type, and the types of its JSON-LD."""
    graph = ""
    for meta in layout.declarations:
        if meta.tag == "meta" and meta.get("property") == "og:type":
            graph = (meta.get("content") or "").strip().lower()
            break
    types: set[str] = set()
    for script in layout.declarations:
        kind = script.get("type") if script.tag == "script" else None
        if (kind or "").startswith("application/ld"):
            types.update(_TYPE.findall((script.text or "")[:200_000]))
    return graph, types


# --- what the first pass said of the runs around ------------------------------------


def context(layout: Layout, shares: Numbers) -> Columns:
    """What a first pass says of a run, of the runs around it and of their parts."""
    weight = np.minimum(layout.sizes, 400) + 5
    weighted = shares * weight
    in_part = layout.summed(weighted) // np.maximum(layout.summed(weight), 1)
    columns: Columns = {"said": shares}
    part, outer = layout.part_of_run, layout.holder
    for level in range(_LEVELS):
        columns[f"said_part{level}"] = in_part[part]
        part = outer[part]
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
