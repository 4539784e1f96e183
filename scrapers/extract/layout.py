"""How a page is laid out: its runs of text, and the parts they stand in.

Only the facts of the tree, as plain integers. Which role a part plays is decided in
``blocks``, which runs are the page's own matter in ``main_blocks``.
"""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from lxml import etree
from numpy.typing import NDArray

Numbers = NDArray[np.int64]

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
    for word in _HUMPS.findall(words):
        found |= _BITS.get(word.lower(), 0)
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
    parts: tuple[int, ...]
    link_characters: tuple[int, ...]
    links: tuple[int, ...]
    outer: tuple[int, ...]
    tags: tuple[int, ...]
    around: tuple[int, ...]
    purposes: tuple[int, ...]
    outer_purposes: tuple[int, ...]
    depths: tuple[int, ...]
    folds: tuple[str, ...]

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
        self._runs: list[tuple[str, str, int, int, int]] = []
        self._parts: list[tuple[int, int, int, int, int, int, str]] = [
            (-1, 0, 0, 0, 0, 0, "")
        ]

    def enter(self, tag: str, part: int, words: str, fold: str = "") -> int:
        """A new part inside another, the fold of this heading if any; its number."""
        _, _, around, _, inherited, depth, around_fold = self._parts[part]
        named = purposes_of(words) if words else 0
        # What the whole page is called says nothing about one of its parts.
        inherits = inherited if tag == "body" else inherited | named
        around |= _AROUND.get(tag, 0)
        own = OWN_TAGS.get(tag, 0)
        self._parts.append(
            (part, own, around, named, inherits, depth + 1, around_fold or fold)
        )
        return len(self._parts) - 1

    def add(self, text: str, role: str, part: int, linked: int, links: int) -> None:
        """A run of text that ends here."""
        self._runs.append((text, role, part, min(linked, len(text)), links))

    def layout(self) -> Layout:
        """All of it."""
        runs = zip(*self._runs, strict=True) if self._runs else ((),) * 5
        return Layout(self._root, *runs, *zip(*self._parts, strict=True))
