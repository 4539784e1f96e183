"""How a page is laid out: its runs of text, and the parts they stand in.

Only the facts of the tree, as plain integers. Which role a part plays is decided in
``blocks``, which runs are the page's own matter in ``main_blocks``.
"""

import re
from array import array
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeAlias

import numpy as np
from lxml import etree
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Integers: TypeAlias = "array[int]"

# What the words of a class, an id or an itemprop may say a part is for. One word may
# say several things; language does not matter much, for class names are in English.
PURPOSES: dict[str, str] = {
    "content": "content contents maincontent innhold",
    "article": "article articles artikkel artikel story news newsarticle",
    "post": "post posts entry blog blogpost",
    "body": "body text txt prose richtext rte rich wysiwyg markdown copy paragraph"
    " articlebody brodtext",
    "main": "main primary center",
    "product": "product products pdp",
    "description": "description desc details detail specs spec specification"
    " specifications features feature overview summary about intro lead excerpt"
    " ingress info information",
    "review": "review reviews rating ratings testimonial testimonials",
    "comment": "comment comments disqus reply replies discussion kommentar kommentare"
    " kommentarer commentlist",
    "forum": "forum thread topic message messages bbp bb posting question answer"
    " answers questions",
    "list": "list grid results collection listing listings items cards tiles archive"
    " feed loop",
    "item": "item card tile teaser box",
    "related": "related recommend recommended recommendation recommendations similar"
    " more also popular trending latest recent mostread next suggestions upsell"
    " crosssell readmore prev previous",
    "sidebar": "sidebar aside side rail secondary column right left marginal",
    "nav": "nav navbar navigation menu breadcrumb breadcrumbs tabs tab pagination pager"
    " toc anchor skip links link meny",
    "header": "header head masthead topbar top hero jumbotron",
    "footer": "footer foot bottom colophon copyright legal disclaimer",
    "social": "share sharing social facebook twitter follow addtoany sns like shariff",
    "promo": "ad ads advert advertisement sponsor sponsored promo promotion cta banner"
    " offer campaign anzeige werbung outbrain taboola",
    "form": "newsletter subscribe signup subscription form login register account"
    " contact search signin",
    "popup": "modal popup dialog overlay lightbox drawer offcanvas tooltip toast cookie"
    " cookies consent gdpr notice notification alert",
    "meta": "meta byline author date time tags tag category categories published"
    " updated posted timestamp autor",
    "media": "caption figure image img gallery video media slider carousel swiper slide"
    " photo",
    "code": "code pre highlight",
    "hidden": "hidden sr visually offscreen screen print collapse collapsed noprint",
    "widget": "widget widgets block module plugin",
    "title": "title heading headline",
    "cart": "price cart buy basket checkout wishlist shipping stock quantity variant"
    " option options swatch",
    "profile": "profile user avatar bio member team people person staff",
    "faq": "faq faqs accordion panel collapse",
    "action": "toolbar actions action button buttons btn filter filters sort facet"
    " facets",
    "section": "section container wrapper row inner",
}
PURPOSE_NAMES = tuple(PURPOSES)
_BITS: dict[str, int] = {}
for _bit, _words in enumerate(PURPOSES.values()):
    for _word in _words.split():
        _BITS[_word] = _BITS.get(_word, 0) | 1 << _bit
_WORDS = frozenset(_BITS)

# Elements that a run stands inside, at any depth.
AROUND_TAGS = tuple(
    "main article section ul ol li table form aside header footer nav figure blockquote"
    " pre dl details h1 h2 h3 h4 p fieldset td".split()
)
_AROUND = {tag: 1 << bit for bit, tag in enumerate(AROUND_TAGS)}
# The block element a run stands in; 0 for any other.
OWN_TAGS = {
    tag: number
    for number, tag in enumerate(
        "h1 h2 h3 h4 h5 h6 p li td th dt dd blockquote pre figcaption div section"
        " article main form address footer header summary".split(),
        1,
    )
}
# In camelCase each hump is a word.
_HUMPS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")


@lru_cache(maxsize=20_000)
def purposes_of(words: str) -> int:
    """A bit for each of PURPOSES that the words name."""
    found = 0
    for word in _WORDS.intersection(" ".join(_HUMPS.findall(words)).lower().split()):
        found |= _BITS[word]
    return found


@dataclass(frozen=True)
class Layout:
    """Runs of text in reading order, and the tree of parts around them.

    The first five lists hold an item for each run, the others one for each part; a
    part comes after the part it stands in, and part 0 is the page. ``folds`` is the
    heading of the outermost fold around a part, "" outside of any.
    """

    root: etree._Element
    texts: tuple[str, ...]
    roles: tuple[str, ...]
    parts: Integers
    link_characters: Integers
    links: Integers
    outer: Integers
    tags: Integers
    around: Integers
    purposes: Integers
    outer_purposes: Integers
    depths: Integers
    folds: tuple[str, ...]

    @cached_property
    def declarations(self) -> tuple[etree._Element, ...]:
        """Elements in which a page says what it is: titles, metas and scripts."""
        # Together, for each question walks the whole page.
        return tuple(self.root.iter("title", "meta", "script"))

    @cached_property
    def part_of_run(self) -> Numbers:
        """The part of each run, as an array."""
        return np.array(self.parts)

    @cached_property
    def holder(self) -> Numbers:
        """The part that each part stands in, as an array; the page is in itself."""
        return np.maximum(self.outer, 0)

    @cached_property
    def tag_of_run(self) -> Numbers:
        """The number of the block element that each run stands in."""
        return np.array(self.tags)[self.part_of_run]

    @cached_property
    def sizes(self) -> Numbers:
        """Characters of each run."""
        return np.array([len(text) for text in self.texts])

    @cached_property
    def after(self) -> Numbers:
        """For each part, the number of the first part after it that is not in it."""
        inside = [1] * len(self.outer)
        for part in range(len(inside) - 1, 0, -1):
            inside[self.outer[part]] += inside[part]
        return np.arange(len(inside)) + inside

    def summed(self, values: Numbers) -> Numbers:
        """The sum of a value of runs over all runs inside each part."""
        own = np.bincount(self.parts, weights=values, minlength=len(self.outer))
        before = np.concatenate(([0], own.cumsum())).astype(np.int64)
        return before[self.after] - before[:-1]


class Sketch:
    """A layout in the making."""

    def __init__(self, root: etree._Element) -> None:
        self._root = root
        self._texts: list[str] = []
        self._roles: list[str] = []
        # Arrays of machine integers: numpy takes them as they are.
        self._parts: Integers = array("q")
        self._link_characters: Integers = array("q")
        self._links: Integers = array("q")
        # Of each part but the page: tag, number of the part around it, words, fold.
        self._entered: list[tuple[str, int, str, str]] = []

    def enter(self, tag: str, part: int, words: str, fold: str = "") -> int:
        """A new part inside another, the fold of this heading if any; its number."""
        self._entered.append((tag, part, words, fold))
        return len(self._entered)

    def add(self, text: str, role: str, part: int, linked: int, links: int) -> None:
        """A run of text that ends here."""
        self._texts.append(text)
        self._roles.append(role)
        self._parts.append(part)
        self._link_characters.append(min(linked, len(text)))
        self._links.append(links)

    def layout(self) -> Layout:
        """All of it."""
        outer, tags, around, depths, folds = [-1], [0], [0], [0], [""]
        purposes, outer_purposes = [0], [0]
        # In one loop: with a call and seven appends for each part the layout of a real
        # page took 3.9 ms, 3.4 so (2026-11-28).
        for tag, part, words, fold in self._entered:
            named = purposes_of(words) if words else 0
            inherited = outer_purposes[part]
            outer.append(part)
            tags.append(OWN_TAGS.get(tag, 0))
            around.append(around[part] | _AROUND.get(tag, 0))
            purposes.append(named)
            # What the whole page is called says nothing about one of its parts.
            outer_purposes.append(inherited if tag == "body" else inherited | named)
            depths.append(depths[part] + 1)
            folds.append(folds[part] or fold)
        return Layout(
            self._root,
            tuple(self._texts),
            tuple(self._roles),
            self._parts,
            self._link_characters,
            self._links,
            array("q", outer),
            array("q", tags),
            array("q", around),
            array("q", purposes),
            array("q", outer_purposes),
            array("q", depths),
            tuple(folds),
        )
