"""The people a page lists in a role: structured data first, then its markup.

Sites mark people up in a hundred ways, but one site marks all of its people up in
one: so the reader looks for a place in the tree that repeats and mostly holds names,
and then takes every member of it, however odd the name. What a title means
(function, seniority) is not decided here.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from urllib.parse import unquote, urlsplit

from lxml import etree

from scrapers.extract.blocks import role_of
from scrapers.extract.html import (
    BLOCK_TAGS,
    INVISIBLE_TAGS,
    attributes_of,
    body_of,
    clean,
    hidden_by,
    tag_of,
    text_of,
)
from scrapers.extract.names import (
    is_contact_line,
    is_junk_name,
    name_score,
    names_a_field,
    person_key,
    shown_name,
    title_score,
)
from scrapers.extract.people_tables import table_people
from scrapers.extract.structured import (
    Node,
    as_list,
    as_text,
    json_ld_nodes,
    microdata_items,
    types_of,
)
from scrapers.records.people import Person

_PEOPLE_WORDS = (
    r"ledelse[nr]?|leiing[a]?|leiargruppe[a]?|ledergruppe[nr]?|konsernledelse[n]?"
    r"|toppledelse[n]?|ledningsgrupp(?:en)?|ledning(?:en)?|direktion(?:en)?"
    r"|styret?|styrelse[n]?|bestyrelse[n]?|johto(?:ryhmä)?|hallitus|henkilöstö"
    r"|organisasjon(?:skart)?|hvem-er-vi|kven-er-vi|ansatte|tilsette|anställda"
    r"|medarbeider(?:e|ne)?|medarbeidarar|medarbetare|medarbejdere?|folk(?:a|ene)?"
    r"|mennesker|personer|people|person|staff|team(?:et)?|teams|our-team|about-team"
    r"|leadership|management|executives?|board|directors|founders|who-we-are"
    r"|employees|crew|kontaktpersoner|bemanning|våre-folk|vare-folk"
)
_PEOPLE_PATH = re.compile(
    rf"(?:^|[/_.-])(?:{_PEOPLE_WORDS})(?:$|[/_.-])", re.IGNORECASE
)
_PEOPLE_HEADING = re.compile(
    rf"(?:^|\b)(?:{_PEOPLE_WORDS.replace('-', '[ -]')})(?:\b|$)", re.IGNORECASE
)
# A line of a heading may end where its text as a whole goes on without a space.
_IN_PEOPLE_HEADING = re.compile(_PEOPLE_WORDS.replace("-", "[ -]"), re.IGNORECASE)
_OTHERS = re.compile(
    r"testimonial|quote|sitat|kundeuttal|omtale|review|anmeldels|omdöme|referanse"
    r"|reference|case-?stud|customer|kunde(?:r|ne)?\b|kund(?:er|erna)\b|client"
    r"|author|byline|forfatter|journalist|comment|kommentar|speaker|foredragsholder"
    r"|what (?:our )?\w+ say|(?:hva|dette) sier|vad säger|hvad siger",
    re.IGNORECASE,
)
_STAFF_SCOPES = frozenset(("leadership",))
_MIXED_SCOPES = frozenset(("about", "contact"))
_UNREAD_SCOPES = frozenset(("careers", "job", "news"))
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_OPENED = _HEADINGS | {"dt", "summary"}
_INLINE_SPLIT = re.compile(
    r"^(?P<name>[^,:|–—]{2,60}?)\s*(?:\s[-–—|:·•/]\s|[,|]\s*|[–—]\s*|:\s+)(?P<title>.+)$"
)
_TITLE_FIRST_SPLIT = re.compile(
    r"^(?P<title>[^:|–—,]{2,80}?)\s*(?::\s+|\s[-–—|]\s|[–—])\s*(?P<name>[^:|]{2,60})$"
)
_TITLE_WITH_COMMAS_FIRST = re.compile(
    r"^(?P<title>[^:|]{2,100}?)\s*(?::\s+|\s[–—|]\s)(?P<name>[^:|,–—]{2,60})$"
)
_TITLE_IN_BRACKETS = re.compile(r"^(?P<name>[^()]{2,60}?)\s*\((?P<title>.{2,})\)$")
# "Kari Nordmann, daglig leder, tlf. 90 00 00 00": what follows the title.
_CONTACT_TAIL = re.compile(
    r"[\s,;|–—-]+(?:(?:tlf|tel|telefon|telephone|mob|mobil|mobile|phone|puh|e-?post"
    r"|e-?mail|epost)\b\.?\s*:?\s*\S.*|\S+@\S+.*|\+?\d[\d\s()./-]{6,})$",
    re.IGNORECASE,
)
_NAME_LABEL = re.compile(
    r"^(?:navn|namn|name|nimi|kontaktperson|kontakt|contact)\s*:\s*", re.IGNORECASE
)
_TURNED = re.compile(r"^(?P<family>[^,\d]{2,40}), (?P<given>[^,\d]{2,40})$")
_LEADING_MARK = re.compile(r"^[\s,;:|–—·•/-]+|[\s,;:|–—·•-]+$")
# One list puts all of its names first or last; the odd line may do otherwise.
_NAME_FIRST = (
    _TITLE_IN_BRACKETS,
    _INLINE_SPLIT,
    _TITLE_FIRST_SPLIT,
    _TITLE_WITH_COMMAS_FIRST,
)
_TITLE_FIRST = tuple(reversed(_NAME_FIRST))
_LABEL = re.compile(
    r"^(?:stilling|tittel|title|role|rolle|position|titel|befattning|tehtävä)\s*:\s*",
    re.IGNORECASE,
)
_MIN_NAME_SHARE = 0.6
_MIN_TITLE_SHARE = 0.3
_MIN_TITLE_SHARE_ELSEWHERE = 0.5
_MIN_TITLE_SHARE_ABOUT = 0.7
_MAX_LEAVES = 20_000
_SURELY_A_NAME = 0.7
_PERHAPS_A_NAME = 0.35
_PERHAPS_A_TITLE = 0.6
_MAX_PERIOD = 8
_MAX_POSITION = 12
_EMPLOYEE_PROPERTIES = ("employee", "employees", "member", "founder", "founders")


@dataclass(frozen=True)
class _Listing:
    """One person as found; ``section`` is the heading above."""

    name: str
    title: str | None
    section: str | None
    via: str


@dataclass(eq=False)
class _Leaf:
    """One run of text: where it stands and what it says."""

    index: int
    text: str
    element: etree._Element
    kind: str  # line, inline, picture
    path: tuple[str, ...]
    bare_path: tuple[str, ...]
    nth: int  # of its element: how many siblings of its tag stand before it
    line: int
    heading: int  # rank of the heading it is in, 0 for none
    pieces: list["_Leaf"] = field(default_factory=list)


@dataclass(frozen=True)
class _Member:
    leaf: _Leaf
    name: str
    inline_title: str | None


@dataclass(frozen=True)
class _Group:
    """Leaves in the same place of repeated markup, most of them names."""

    members: tuple[_Member, ...]
    score: float
    is_split: bool


def people(root: etree._Element, url: str, scope: str) -> Iterator[Person]:
    """People of a page, structured data before markup, each name and title once.

    Structured data counts on every page when it says that an organisation employs the
    person; markup only on pages that are about the company's people, or below a
    heading that says so.
    """
    structured = list(_structured(root, url, scope))
    found = list(structured)
    if scope not in _UNREAD_SCOPES:
        found += _from_markup(root, url, scope)
        if scope in _STAFF_SCOPES | _MIXED_SCOPES or _is_people_address(url):
            found += [
                _Listing(row.name, row.title, None, "table")
                for row in table_people(root)
            ]
    order: dict[tuple[str, str | None], None] = {}
    titled: set[str] = set()
    kept: list[_Listing] = []
    for listing in found:
        key = person_key(listing.name)
        same = (key, clean(listing.title).casefold() or None)
        if not key or same in order:
            continue
        if (listing.title is None or listing.via == "microdata") and key in titled:
            continue
        order[same] = None
        kept.append(listing)
        titled.add(key)
    # A person whose structured data has no title takes the one the page shows.
    shown = {person_key(item.name): item for item in kept if item.title is not None}
    number = 0
    emitted: set[tuple[str, str | None]] = set()
    for listing in kept:
        key = person_key(listing.name)
        title, section = listing.title, listing.section
        if title is None and key in shown:
            title, section = shown[key].title, section or shown[key].section
        if (key, title) in emitted:
            continue
        emitted.add((key, title))
        yield Person(key, listing.name, title, section, number, listing.via)
        number += 1


def _structured(root: etree._Element, url: str, scope: str) -> Iterator[_Listing]:
    nodes = json_ld_nodes(root)
    for via, found in (
        ("json_ld", nodes),
        (
            "microdata",
            (*microdata_items(root, "Person"), *microdata_items(root, "Organization")),
        ),
    ):
        by_id = {
            node["@id"]: node for node in found if isinstance(node.get("@id"), str)
        }
        employed: dict[int, None] = {}
        listed: list[Node] = []
        for node in found:
            if not types_of(node) & {"Person"}:
                for name in _EMPLOYEE_PROPERTIES:
                    for value in as_list(node.get(name)):
                        person = _resolved(value, by_id)
                        if person is not None and id(person) not in employed:
                            employed[id(person)] = None
                            listed.append(person)
            elif (
                id(node) not in employed
                and scope not in _UNREAD_SCOPES
                and (as_text(node.get("jobTitle")) is not None)
                and (scope in _STAFF_SCOPES or _is_people_address(url))
            ):
                employed[id(node)] = None
                listed.append(node)
        for person in listed:
            name = shown_name(as_text(person.get("name")) or _joined_name(person))
            if name and not is_junk_name(name):
                title = as_text(person.get("jobTitle")) or as_text(
                    person.get("roleName")
                )
                yield _Listing(name, title, as_text(person.get("department")), via)


def _resolved(value: object, by_id: dict[str, Node]) -> Node | None:
    if not isinstance(value, dict):
        return None
    if set(value) == {"@id"}:
        return by_id.get(value["@id"]) if isinstance(value["@id"], str) else None
    # schema.org Role: the person is one level down, the role name on the role.
    inner = value.get("employee") or value.get("member")
    if isinstance(inner, dict) and "Role" in "".join(types_of(value)):
        return {"jobTitle": value.get("roleName"), **inner}
    return value


def _joined_name(person: Node) -> str:
    parts = (as_text(person.get("givenName")), as_text(person.get("familyName")))
    return " ".join(part for part in parts if part)


def _is_people_address(url: str) -> bool:
    try:
        path = unquote(urlsplit(url).path)
    except ValueError:
        return False
    return _PEOPLE_PATH.search(path) is not None


def _from_markup(root: etree._Element, url: str, scope: str) -> list[_Listing]:
    is_staff_page = scope in _STAFF_SCOPES or _is_people_address(url)
    is_mixed_page = scope in _MIXED_SCOPES
    # On any other page a list needs a heading about people (_is_accepted), and most
    # pages have none: asked first, for headings are few.
    must_be_headed = not is_staff_page and not is_mixed_page
    if must_be_headed and not _may_be_headed(root):
        return []
    leaves = _leaves(root)
    if must_be_headed and not any(
        leaf.heading and _PEOPLE_HEADING.search(leaf.text) for leaf in leaves
    ):
        return []
    groups = sorted(
        _candidate_groups(leaves), key=lambda group: (-group.score, _start(group))
    )
    by_element: Mapping[etree._Element, Sequence[_Leaf]] | None = None
    taken: set[int] = set()
    covered: list[tuple[etree._Element, _Leaf]] = []
    found: list[tuple[int, _Listing]] = []
    for group in groups:
        members = [m for m in group.members if not _touches(m.leaf, taken)]
        if len(members) < max(1, 0.5 * len(group.members)):
            continue
        members = [m for m in members if not _inside(m.leaf, covered)]
        if not members:
            continue
        members = _first_names_first(members)
        by_element = by_element or _leaves_by_element(leaves)
        cards = _cards(members, leaves, by_element, taken)
        titles = _titles(members, cards)
        sections = [_section(member.leaf, leaves, group) for member in members]
        if not _is_accepted(
            members, titles, sections, cards, is_staff_page, is_mixed_page
        ):
            continue
        for member, title, section, card in zip(
            members, titles, sections, cards, strict=True
        ):
            if title is None and names_a_field(member.name):
                continue
            taken.add(member.leaf.index)
            taken.update(piece.index for piece in member.leaf.pieces)
            # A title is nobody's name, however much it looks like one.
            taken.update(
                leaf.index
                for leaf in (*card.before, *card.after)
                if title is not None and _as_title(leaf.text) == title
            )
            if card.element is not None:
                covered.append((card.element, member.leaf))
            via = _via(member.leaf, group)
            found.append(
                (member.leaf.index, _Listing(member.name, title, section, via))
            )
    return [listing for _, listing in sorted(found, key=lambda pair: pair[0])]


def _may_be_headed(root: etree._Element) -> bool:
    """True when a heading of the page may say that people follow."""
    return any(
        _IN_PEOPLE_HEADING.search(text_of(heading)) for heading in root.iter(*_HEADINGS)
    )


# --- the page as leaves of text ---------------------------------------------------


class _Place:
    """An element that is read: its place among those around it."""

    __slots__ = (
        "_paths",
        "_tags",
        "above",
        "block",
        "element",
        "heading",
        "in_content",
        "lines",
        "nth",
        "role",
        "words",
    )

    def __init__(
        self,
        element: etree._Element,
        above: "_Place | None",
        nth: int,
        role: str,
        in_content: bool,
        words: str,
    ) -> None:
        tag = element.tag
        self.element = element
        self.above = above
        # How many of its tag stand before it in the element around.
        self.nth = nth
        self.role = role
        self.in_content = in_content
        self.words = words
        self.lines = 0
        self.heading = 0
        # The innermost block around its text.
        self.block = self
        if above is not None:
            self.heading = int(tag[1]) if tag in _HEADINGS else above.heading
            if tag not in BLOCK_TAGS and tag != "button":
                self.block = above.block
        self._tags: dict[str, int] = {}
        self._paths: tuple[tuple[str, ...], tuple[str, ...]] | None = None

    def count(self, tag: str) -> int:
        """Take note of an element in this one; how many of its tag were before."""
        before = self._tags.get(tag, 0)
        self._tags[tag] = before + 1
        return before

    @property
    def paths(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The last dozen steps from above, with classes and without."""
        if self._paths is None:
            full, bare = self.above.paths if self.above is not None else ((), ())
            tag = tag_of(self.element)
            self._paths = (
                (*full[-11:], _signature(tag, self.words)),
                (*bare[-11:], tag),
            )
        return self._paths


class _Lines:
    """The leaves of a page in the making."""

    def __init__(self) -> None:
        self.leaves: list[_Leaf] = []
        # Of the line that has not ended: where each piece stands, and its text.
        self._pieces: list[tuple[_Place, str]] = []

    def add(self, text: str, place: _Place) -> None:
        """A piece of text; the lines of preformatted text are lines."""
        if place.block.element.tag != "pre":
            self._pieces.append((place, text))
            return
        for number, line in enumerate(text.split("\n")):
            if number:
                self.end_line(place)
            self._pieces.append((place, line))

    def end_line(self, place: _Place) -> None:
        """What came since the last line is a line of the block around a place."""
        if not self._pieces:
            return
        text = clean("".join([text for _, text in self._pieces]))
        if text and len(self.leaves) < _MAX_LEAVES:
            block = place.block
            nth = block.lines
            block.lines += 1
            line = self._leaf(text, block, "line", f"line{nth}", nth, block.heading)
            for where, piece in self._pieces:
                shown = clean(piece)
                if shown and shown != text:
                    leaf = self._leaf(
                        shown, where, "inline", "inline", nth, block.heading
                    )
                    line.pieces.append(leaf)
        self._pieces.clear()

    def add_picture(self, label: str, place: _Place) -> None:
        """What stands for a picture."""
        if label and len(self.leaves) < _MAX_LEAVES:
            self._leaf(label, place, "picture", "", 0, 0)

    def _leaf(
        self, text: str, place: _Place, kind: str, step: str, line: int, heading: int
    ) -> _Leaf:
        full, bare = place.paths
        leaf = _Leaf(
            len(self.leaves),
            text,
            place.element,
            kind,
            (*full, step) if step else full,
            (*bare, step) if step else bare,
            place.nth,
            line,
            heading,
        )
        self.leaves.append(leaf)
        return leaf


def _leaves(root: etree._Element) -> list[_Leaf]:
    """Lines of text, the inline pieces of each, and pictures with a text, in order."""
    body = body_of(root)
    start = body if body is not None else root
    lines = _Lines()
    # Of each open element whether it is read; ``place`` is the innermost that is.
    opened: list[bool] = []
    place: _Place | None = None
    # An element ended and what follows touches it: only a style sheet parts the two.
    touches = False
    walk = etree.iterwalk(start, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        if touches and event != "end" and place is not None:
            lines.end_line(place)
        if event == "start":
            touches = False
            inner = _entered(element, place)
            tag = element.tag
            if inner is None or tag in ("br", "img"):
                walk.skip_subtree()
                opened.append(False)
                if inner is not None and tag == "img":
                    lines.add_picture(_label_of_image(element), inner)
                elif inner is not None and place is not None:
                    lines.end_line(place)
                continue
            opened.append(True)
            label = element.get("aria-label")
            if label is not None and not any(map(str.strip, element.itertext())):
                lines.add_picture(clean(label), inner)
            if inner.block is inner and place is not None:
                lines.end_line(place)
            place = inner
            if element.text:
                lines.add(element.text, place)
            continue
        if event == "end" and opened.pop() and place is not None:
            if place.block is place:
                lines.end_line(place)
            place = place.above
        if place is None:
            break
        if element.tail:
            lines.add(element.tail, place)
        touches = not element.tail
    return lines.leaves


def _entered(element: etree._Element, around: _Place | None) -> _Place | None:
    """The place of an element; None for what is not read with all that is in it."""
    tag = element.tag
    nth = around.count(tag) if around is not None else 0
    attributes = attributes_of(element)
    if tag in INVISIBLE_TAGS or (attributes and hidden_by(attributes)):
        return None
    if tag == "button" and not _is_card(element):
        return None
    role = around.role if around is not None else "main"
    in_content = around is not None and around.in_content
    role = role_of(element, tag, role, in_content, attributes)
    if role in ("nav", "footer", "consent"):
        return None
    in_content = in_content or tag in ("main", "article")
    words = attributes.get("class", "")
    return _Place(element, around, nth, role, in_content, words)


def _is_card(button: etree._Element) -> bool:
    """True for a button that is a heading to open, or a whole card to press."""
    parent = button.getparent()
    if parent is not None and tag_of(parent) in _OPENED:
        return True
    texts = [text for text in button.itertext() if text.strip()]
    return len(texts) >= 2 and len(button) >= 2


def _label_of_image(image: etree._Element) -> str:
    return clean(image.get("alt")) or clean(image.get("title"))


_VOLATILE = re.compile(r"\d|^(?:first|last|odd|even|active|current|col|row|is-|has-)")


# Members of a list have the same classes, and each asks.
@lru_cache(maxsize=20_000)
def _signature(tag: str, words: str) -> str:
    """Tag and the classes that are the same for each member of a list."""
    classes = {word for word in words.split() if not _VOLATILE.search(word)}
    return ".".join((tag, *sorted(classes)))


# --- groups of leaves that are mostly names -----------------------------------------


def _candidate_groups(leaves: Sequence[_Leaf]) -> Iterator[_Group]:
    groupings: dict[tuple[str, str, int, int], list[_Leaf]] = defaultdict(list)
    numbers: dict[tuple[str, ...], int] = {}
    runs: dict[tuple[str, ...], list[_Leaf]] = defaultdict(list)
    lines_of: dict[etree._Element, list[_Leaf]] = defaultdict(list)
    for leaf in leaves:
        if leaf.kind == "line":
            runs[leaf.bare_path[:-1]].append(leaf)
            lines_of[leaf.element].append(leaf)
        position = min(leaf.nth, _MAX_POSITION) if leaf.kind != "picture" else -1
        # A path is long, and asked of for each leaf: known by a number.
        path = numbers.setdefault(leaf.path, len(numbers))
        bare = numbers.setdefault(leaf.bare_path, len(numbers))
        for how, key, at in (
            ("classes", path, -1),
            ("classes at", path, position),
            ("tags", bare, -1),
            ("tags at", bare, position),
        ):
            groupings[leaf.kind, how, key, at].append(leaf)
    seen: set[tuple[int, ...]] = set()
    for (kind, *_), group in groupings.items():
        indexes = tuple(leaf.index for leaf in group)
        if indexes in seen:
            continue
        seen.add(indexes)
        for splits in ((), _order_of(group)):
            candidate = _as_group(group, splits)
            if candidate is not None:
                yield candidate
        joined = _two_lines_as_one(group, lines_of) if kind == "line" else []
        candidate = _as_group(joined, ()) if joined else None
        if candidate is not None:
            yield candidate
    for run in runs.values():
        candidate = _as_run(run)
        if candidate is not None:
            yield candidate
        # Name and title on each line of a few paragraphs.
        if tuple(leaf.index for leaf in run) not in seen:
            candidate = _as_group(run, _order_of(run))
            if candidate is not None:
                yield candidate


def _two_lines_as_one(
    group: Sequence[_Leaf], lines_of: dict[etree._Element, list[_Leaf]]
) -> list[_Leaf]:
    """First and last name on a line each, read as one line; nothing when they are not.

    Only where the first lines alone are single words, as first names are.
    """
    joined = []
    for leaf in group:
        lines = lines_of[leaf.element]
        if leaf.line != 0 or len(lines) != 2:
            return []
        text = f"{leaf.text} {lines[1].text}"
        pieces = [*leaf.pieces, lines[1], *lines[1].pieces]
        joined.append(replace(leaf, text=text, pieces=pieces))
    single = sum(" " not in leaf.text for leaf in group)
    return joined if single >= 0.5 * len(group) else []


def _as_run(lines: Sequence[_Leaf]) -> _Group | None:
    """Names among the lines of one run of look-alikes: name, title, name, title.

    Markup does not tell the two apart, so names are where a title stands next to what
    is surely a name, and in between at the distance that most of them keep.
    """
    if len(lines) < 4:
        return None
    names = [name_score(shown_name(line.text)) for line in lines]
    sure = [n for n, score in enumerate(names) if score >= _SURELY_A_NAME]
    if len(sure) < 2:
        return None
    titles = [
        0.0 if names[n] >= _SURELY_A_NAME else title_score(line.text)
        for n, line in enumerate(lines)
    ]
    after = [
        n for n in sure if n + 1 < len(lines) and titles[n + 1] >= _PERHAPS_A_TITLE
    ]
    before = [n for n in sure if n > 0 and titles[n - 1] >= _PERHAPS_A_TITLE]
    chosen = set(before if len(before) > len(after) else after)
    if len(chosen) < 2:
        return None
    chosen |= _at_the_same_distance(sorted(chosen), names, titles)
    # Somebody without a title; right after a name it would be an odd title.
    chosen |= {
        n for n in sure if names[n] == 1.0 and n + 1 in chosen and n - 1 not in chosen
    }
    members = tuple(
        _Member(lines[n], name, None)
        for n in sorted(chosen)
        if (name := shown_name(lines[n].text)) and not is_junk_name(name)
    )
    # Names that a place of their own tells apart are the surer reading.
    return _Group(members, 0.9 * sum(names[n] for n in chosen), False)


def _at_the_same_distance(
    chosen: Sequence[int], names: Sequence[float], titles: Sequence[float]
) -> set[int]:
    """Lines between and around the names of a run that stand where names would."""
    distances = Counter(two - one for one, two in pairwise(chosen))
    period, times = distances.most_common(1)[0]
    if not 2 <= period <= _MAX_PERIOD or times < 0.5 * (len(chosen) - 1):
        return set()
    between = {
        n
        for one, two in pairwise(chosen)
        if (two - one) % period == 0
        for n in range(one + period, two, period)
        if titles[n] < 1.0
    }
    around = (
        *range(chosen[0] - period, -1, -period),
        *range(chosen[-1] + period, len(names), period),
    )
    return between | {n for n in around if names[n] >= _SURELY_A_NAME}


def _as_group(
    leaves: Sequence[_Leaf], splits: tuple[re.Pattern[str], ...]
) -> _Group | None:
    is_split = bool(splits)
    members: list[_Member] = []
    total = 0.0
    for leaf in leaves:
        name, title, score = _as_name(leaf.text, splits)
        total += score
        if name and (title is not None or not is_split):
            members.append(_Member(leaf, name, title))
    # A call ("Join us!") among the cards says less against a list than a phrase does.
    share = total / (len(members) + 0.5 * (len(leaves) - len(members)))
    if not members or share < _MIN_NAME_SHARE * 0.9:
        return None
    weight = {"line": 1.0, "inline": 0.9, "picture": 0.2}[leaves[0].kind]
    # More names first; of two readings of the same list the surer one.
    return _Group(tuple(members), total * share * weight, is_split)


# A line stands in four groups, and in most of them twice.
@lru_cache(maxsize=50_000)
def _as_name(
    text: str, splits: tuple[re.Pattern[str], ...]
) -> tuple[str, str | None, float]:
    """The name in a line, its title when it is split, and how much of a name it is.

    The name is "" where nobody can be called so.
    """
    if splits:
        name, title = _split(text, splits)
    else:
        name, title = shown_name(_NAME_LABEL.sub("", text)), None
    score = name_score(name) if name else 0.0
    if score > 0 and (
        # "Oslo, Norway" and "Hansen, Kari" are split as well.
        title_score(title or "") < 1.0 if splits else _holds_a_title(name)
    ):
        score *= 0.4
    is_nobody = not name or is_junk_name(name) or len(name.split()) > 7
    return "" if is_nobody else name, title, score


def _order_of(leaves: Sequence[_Leaf]) -> tuple[re.Pattern[str], ...]:
    """How to split the lines of a list: as those are that say a role for sure."""
    votes = 0
    for leaf in leaves:
        votes += _vote(leaf.text)
    return _NAME_FIRST if votes >= 0 else _TITLE_FIRST


@lru_cache(maxsize=50_000)
def _vote(text: str) -> int:
    """1 for a line with the name first, -1 for the role first, 0 for neither surely."""
    _, title = _split(text, _NAME_FIRST)
    if title is None or title_score(title) < 1.0:
        return 0
    return -1 if text.startswith(title) else 1


def _holds_a_title(name: str) -> bool:
    found = _TITLE_IN_BRACKETS.match(name)
    return found is not None and title_score(found.group("title")) >= 1.0


@lru_cache(maxsize=50_000)
def _split(text: str, splits: tuple[re.Pattern[str], ...]) -> tuple[str, str | None]:
    """Name and title of a line that holds both, in whichever order; else the line."""
    text = _CONTACT_TAIL.sub("", text) or text
    for pattern in splits:
        found = pattern.match(text)
        if not found:
            continue
        name = shown_name(found.group("name"))
        title = clean(_LEADING_MARK.sub("", found.group("title")))
        if name_score(name) >= 0.7 and title and not is_contact_line(title):
            return name, title
    return shown_name(text), None


def _first_names_first(members: Sequence[_Member]) -> list[_Member]:
    """Names of a list that puts family names first ("Nordmann, Kari"), turned round."""
    turned = [_TURNED.match(member.name) for member in members]
    if len(members) < 2 or sum(map(bool, turned)) < 0.6 * len(members):
        return list(members)
    return [
        replace(member, name=f"{found['given']} {found['family']}") if found else member
        for member, found in zip(members, turned, strict=True)
    ]


def _start(group: _Group) -> int:
    return group.members[0].leaf.index


def _touches(leaf: _Leaf, taken: set[int]) -> bool:
    return leaf.index in taken or any(piece.index in taken for piece in leaf.pieces)


def _inside(leaf: _Leaf, covered: Iterable[tuple[etree._Element, _Leaf]]) -> bool:
    """True when the leaf stands in the card of somebody already found."""
    above = {leaf.element, *leaf.element.iterancestors()}
    return any(card in above for card, _ in covered)


# --- what belongs to one name -------------------------------------------------------


@dataclass(frozen=True)
class _Card:
    """The leaves that go with one name; ``element`` when one element holds them."""

    element: etree._Element | None
    before: tuple[_Leaf, ...]
    after: tuple[_Leaf, ...]


def _cards(
    members: Sequence[_Member],
    leaves: Sequence[_Leaf],
    by_element: Mapping[etree._Element, Sequence[_Leaf]],
    taken: set[int],
) -> list[_Card]:
    """For each name the largest element without another name, or what follows it."""
    counts: dict[etree._Element, int] = defaultdict(int)
    # What stands around the names found before is nobody's card.
    for leaf in leaves:
        if leaf.index in taken:
            for element in (leaf.element, *leaf.element.iterancestors()):
                counts[element] += 1
    for member in members:
        for element in (member.leaf.element, *member.leaf.element.iterancestors()):
            counts[element] += 1
    cards = []
    for number, member in enumerate(members):
        following = (
            members[number + 1].leaf.index if number + 1 < len(members) else len(leaves)
        )
        cards.append(_card(member, counts, by_element, leaves, following, len(members)))
    loose = [n for n, card in enumerate(cards) if card.element is None]
    above = {n: _line_above(members, n, leaves) for n in loose}
    n_after = sum(_begins_with_a_title(cards[n].after) for n in loose)
    if n_after < sum(_begins_with_a_title(above[n]) for n in loose):
        for n in loose:
            cards[n] = _Card(None, above[n], ())
    return cards


def _line_above(
    members: Sequence[_Member], number: int, leaves: Sequence[_Leaf]
) -> tuple[_Leaf, ...]:
    """The line right before a name, unless it is of the name before or a heading."""
    leaf = members[number].leaf
    first = members[number - 1].leaf.index + 1 if number else 0
    for above in reversed(leaves[max(first, leaf.index - 12) : leaf.index]):
        if above.kind != "line":
            continue
        is_fellow = (
            above.element is leaf.element
            or above.element.getparent() is leaf.element.getparent()
        )
        heads = above.heading and (not leaf.heading or above.heading <= leaf.heading)
        if heads and not leaf.heading and title_score(above.text) >= 1.0:
            # A role as the heading of each person.
            heads = False
        return (above,) if is_fellow and not heads else ()
    return ()


def _begins_with_a_title(leaves: Sequence[_Leaf]) -> bool:
    return bool(leaves) and title_score(leaves[0].text) >= _PERHAPS_A_TITLE


def _card(
    member: _Member,
    counts: dict[etree._Element, int],
    by_element: Mapping[etree._Element, Sequence[_Leaf]],
    leaves: Sequence[_Leaf],
    following: int,
    n_members: int,
) -> _Card:
    own = {member.leaf.index, *(piece.index for piece in member.leaf.pieces)}
    card: etree._Element | None = None
    element: etree._Element | None = member.leaf.element
    while element is not None and counts[element] == 1:
        # A lone name has no fellow to bound its card: stop before a look-alike.
        if n_members == 1 and _has_look_alike(member.leaf, by_element.get(element, ())):
            break
        if tag_of(element) in ("body", "main", "html") and card is not None:
            break
        card = element
        element = element.getparent()
    if card is not None:
        inside = [leaf for leaf in by_element.get(card, ()) if leaf.index not in own]
        if any(leaf.kind != "picture" for leaf in inside):
            return _Card(
                card,
                tuple(leaf for leaf in inside if leaf.index < member.leaf.index),
                tuple(leaf for leaf in inside if leaf.index > member.leaf.index),
            )
    # Names and titles side by side without a wrapper: until the next name or heading.
    anchor = member.leaf.element.getparent() if card is None else card.getparent()
    after = []
    for leaf in leaves[member.leaf.index + 1 : following]:
        if leaf.index in own:
            continue
        if leaf.heading and (
            not member.leaf.heading or leaf.heading <= member.leaf.heading
        ):
            break
        if anchor is not None and anchor not in (
            leaf.element,
            *leaf.element.iterancestors(),
        ):
            break
        after.append(leaf)
        if len(after) >= 12:
            break
    return _Card(None, (), tuple(after))


def _has_look_alike(leaf: _Leaf, inside: Sequence[_Leaf]) -> bool:
    return len(inside) > 12 or any(
        other.element is not leaf.element and other.bare_path == leaf.bare_path
        for other in inside
    )


def _leaves_by_element(leaves: Sequence[_Leaf]) -> dict[etree._Element, list[_Leaf]]:
    """The leaves inside each element, at any depth; once for a page, for it is long."""
    held: dict[etree._Element, list[_Leaf]] = defaultdict(list)
    for leaf in leaves:
        held[leaf.element].append(leaf)
        for element in leaf.element.iterancestors():
            held[element].append(leaf)
    return held


def _titles(members: Sequence[_Member], cards: Sequence[_Card]) -> list[str | None]:
    """The title of each member, read from the place that holds titles for most."""
    if all(member.inline_title is not None for member in members):
        return [member.inline_title for member in members]
    columns: dict[tuple[str, ...], dict[int, str]] = defaultdict(dict)
    for number, (member, card) in enumerate(zip(members, cards, strict=True)):
        for side, leaves in (("before", card.before), ("after", card.after)):
            places: dict[tuple[str, ...], int] = defaultdict(int)
            for leaf in leaves:
                if leaf.kind == "picture":
                    continue
                place = (side, leaf.kind, *_column(leaf, member.leaf))
                nth = places[place]
                places[place] += 1
                text = _as_title(leaf.text)
                if text is not None:
                    columns[(*place, str(nth))].setdefault(number, text)
    best: dict[int, str] = {}
    if columns:

        def worth(place: tuple[str, ...]) -> tuple[float, float, int]:
            texts = columns[place].values()
            likeness = sum(title_score(text) for text in texts)
            # A line before the name is a title only when it says so.
            side = 1.0 if place[0] == "after" else 0.8
            kind = 1.0 if place[1] == "line" else 0.99
            return (likeness * side * kind, -min(map(len, texts)), -int(place[-1]))

        chosen = max(sorted(columns), key=worth)
        texts = columns[chosen]
        if sum(title_score(text) for text in texts.values()) > 0:
            best = texts
    titles: list[str | None] = []
    for number, (member, card) in enumerate(zip(members, cards, strict=True)):
        title = member.inline_title or best.get(number) or _nearest_title(card)
        if title is not None and clean(title).casefold() == member.name.casefold():
            title = None
        titles.append(title)
    return titles


def _column(leaf: _Leaf, name: _Leaf) -> tuple[str, ...]:
    """Where a leaf stands within its card, as its last steps from above."""
    if leaf.kind == "line" and leaf.element is name.element:
        return ("same block", str(leaf.line - name.line))
    return (*leaf.path[-2:],) if leaf.kind == "line" else (*leaf.path[-3:],)


def _as_title(text: str) -> str | None:
    title = clean(_LEADING_MARK.sub("", _LABEL.sub("", text)))
    return title if title and title_score(title) > 0 else None


def _nearest_title(card: _Card) -> str | None:
    """First text near the name that says a role, for the member that differs."""
    for leaf in (*card.after, *reversed(card.before)):
        if leaf.kind == "picture":
            continue
        title = _as_title(leaf.text)
        if title is not None and title_score(title) >= 1.0:
            return title
    return None


def _section(leaf: _Leaf, leaves: Sequence[_Leaf], group: _Group) -> str | None:
    """The heading above a name that is not itself one of the names."""
    names = {member.leaf.index for member in group.members}
    for above in reversed(leaves[: leaf.index]):
        if above.kind != "line" or not above.heading or above.index in names:
            continue
        if leaf.heading and above.heading >= leaf.heading:
            continue
        return above.text
    return None


# --- is it a list of the company's people -------------------------------------------


def _is_accepted(
    members: Sequence[_Member],
    titles: Sequence[str | None],
    sections: Sequence[str | None],
    cards: Sequence[_Card],
    is_staff_page: bool,
    is_mixed_page: bool,
) -> bool:
    if _is_about_others(members, sections, cards):
        return False
    # A field of work alone ("Sales") is a title on a page of people and nowhere else.
    enough = 0.6 if is_staff_page else 1.0
    roles = [title for title in titles if title and title_score(title) >= enough]
    role_share = len(roles) / len(members)
    names = [name_score(member.name) for member in members]
    headed = any(section and _PEOPLE_HEADING.search(section) for section in sections)
    # Prose names people too. Below a heading about the people of an about page that is
    # a list of them; elsewhere only cards, tables and lists of names count.
    is_prose = any(
        member.leaf.kind == "inline" or member.inline_title is not None
        for member in members
    )
    is_headed_list = headed and (is_mixed_page or not is_prose)
    if len(members) == 1:
        # One name alone is somebody only when a role stands beside it.
        return (
            role_share == 1.0
            and names[0] >= 0.7
            and (is_staff_page or is_headed_list or (is_mixed_page and not is_prose))
        )
    if is_staff_page:
        if role_share >= _MIN_TITLE_SHARE:
            return True
        return len(members) >= 3 and sum(names) / len(names) >= 0.9
    if is_headed_list:
        return role_share >= _MIN_TITLE_SHARE_ELSEWHERE
    return is_mixed_page and not is_prose and role_share >= _MIN_TITLE_SHARE_ABOUT


def _is_about_others(
    members: Sequence[_Member],
    sections: Sequence[str | None],
    cards: Sequence[_Card],
) -> bool:
    """Customers who praise, writers of articles and speakers are not staff."""
    votes = 0
    for member, section, card in zip(members, sections, cards, strict=True):
        marks = []
        node: etree._Element | None = member.leaf.element
        for _ in range(5):
            if node is None or tag_of(node) in ("body", "main"):
                break
            marks.append(f"{node.get('class') or ''} {node.get('id') or ''}")
            if tag_of(node) in ("blockquote", "cite"):
                marks.append("quote")
            node = node.getparent()
        quoted = any(
            leaf.text[:1] in '“”«„"' and len(leaf.text) > 40
            for leaf in (*card.before, *card.after)
            if leaf.kind == "line"
        )
        if quoted or _OTHERS.search(" ".join(marks)) or _is_others_heading(section):
            votes += 1
    return votes >= 0.5 * len(members)


def _is_others_heading(section: str | None) -> bool:
    if section is None or _PEOPLE_HEADING.search(section):
        return False
    return _OTHERS.search(section) is not None


def _via(leaf: _Leaf, group: _Group) -> str:
    above = {tag_of(element) for element in leaf.element.iterancestors()}
    tag = tag_of(leaf.element)
    if tag in ("td", "th") or "td" in above or "th" in above:
        return "table"
    if group.is_split or tag == "dt":
        return "list"
    return "card"
