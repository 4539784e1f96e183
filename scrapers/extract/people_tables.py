"""People in tables whose cells do not hold a whole name, or not beside its title.

A table may give first and last names a column each, or a row of names above a row of
titles. Tables with a name and a title in each row are read by `people`, as any markup.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from lxml import etree

from scrapers.extract.html import clean
from scrapers.extract.names import name_score, shown_name, title_score

_FIRST = re.compile(
    r"^(?:fornavn|førenamn|fornamn|förnamn|first ?name|given ?name|etunimi)$", re.I
)
_LAST = re.compile(
    r"^(?:etternavn|etternamn|efternamn|efternavn|last ?name|surname|family ?name"
    r"|sukunimi)$",
    re.I,
)
_TITLE = re.compile(
    r"^(?:stilling|tittel|rolle|funksjon|titel|title|role|position|befattning"
    r"|stillingsbetegnelse|tehtävä|nimike|job ?title|ansvar|ansvarsområde)$",
    re.I,
)
_SURELY_A_NAME = 0.7
_PERHAPS_A_TITLE = 0.6


@dataclass(frozen=True)
class TableRow:
    """One person of a table."""

    name: str
    title: str | None


def table_people(root: etree._Element) -> Iterator[TableRow]:
    """People of all such tables of a page, in order."""
    for table in root.iter("table"):
        rows = [_cells(row) for row in table.iter("tr")]
        rows = [row for row in rows if any(row)]
        yield from _named_columns(rows)
        yield from _names_above_titles(rows)


def _cells(row: etree._Element) -> list[str]:
    return [
        clean(" ".join(cell.itertext()))
        for cell in row
        if isinstance(cell.tag, str) and cell.tag.lower() in ("td", "th")
    ]


def _named_columns(rows: list[list[str]]) -> Iterator[TableRow]:
    """Rows below a header that has first and last names in columns of their own."""
    for number, header in enumerate(rows[:3]):
        first, last = _column(header, _FIRST), _column(header, _LAST)
        if first is None or last is None:
            continue
        role = _column(header, _TITLE)
        for row in rows[number + 1 :]:
            if len(row) <= max(first, last):
                continue
            name = shown_name(f"{row[first]} {row[last]}")
            title = row[role] if role is not None and role < len(row) else None
            if name_score(name) > 0:
                yield TableRow(name, title or None)
        return


def _column(header: list[str], pattern: re.Pattern[str]) -> int | None:
    found = [n for n, cell in enumerate(header) if pattern.match(cell)]
    return found[0] if len(found) == 1 else None


def _names_above_titles(rows: list[list[str]]) -> Iterator[TableRow]:
    """A row of names and right below it as many titles."""
    for names, titles in pairwise(rows):
        if len(names) < 2 or len(names) != len(titles):
            continue
        are_names = all(name_score(name) >= _SURELY_A_NAME for name in names)
        are_titles = all(title_score(title) >= _PERHAPS_A_TITLE for title in titles)
        if are_names and are_titles:
            for name, title in zip(names, titles, strict=True):
                yield TableRow(shown_name(name), title)
