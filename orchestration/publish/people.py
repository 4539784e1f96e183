"""People are shown by their role, unless there is a recorded ground to name them.

Takes the names out of everything that is about to be published: tables, and the files
of the report. A role is worth as much to a seller's timing as a name; the name follows
only from a recorded assessment. Pure: what is recorded is given, nothing is read here.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import polars as pl

from scrapers.extract.erased import spellings, without_names, words_of

# Columns that hold a name and nothing else, and may be empty.
_NAME_COLUMNS = ("talk_to_name", "person_name", "predecessor_name", "successor_name")
_KEY_COLUMNS = ("person_key", "subject")
_NO_TITLE = "rollens innehaver"


@dataclass(frozen=True)
class Unnamed:
    """People who are not to be named: name, key, and the role shown instead.

    With ``is_everybody`` columns of names are empty, also of people who are not known.
    """

    people: tuple[tuple[str, str, str], ...]
    secret: bytes
    is_everybody: bool = False

    def __bool__(self) -> bool:
        """True when there is anybody."""
        return bool(self.people) or self.is_everybody

    @cached_property
    def _numbers(self) -> dict[tuple[str, ...], int]:
        found: dict[tuple[str, ...], int] = {}
        for number, (name, _, _) in enumerate(self.people):
            if len(words_of(name)) > 1:
                found |= dict.fromkeys(spellings(name), number)
        return found

    @cached_property
    def _lengths(self) -> frozenset[int]:
        return frozenset(map(len, self._numbers))

    @cached_property
    def _first_words(self) -> frozenset[str]:
        return frozenset(words[0] for words in self._numbers)

    @cached_property
    def _pseudonyms(self) -> dict[str, str]:
        return {
            key: "person-"
            + hmac.new(self.secret, key.encode(), hashlib.sha256).hexdigest()[:12]
            for _, key, _ in self.people
        }

    def text(self, text: str) -> str:
        """A text with roles where names stood."""
        # 16 ms a page of an account, to find nobody in it (2026-11-28).
        if not self._numbers:
            return text
        return without_names(
            text,
            self._numbers.get,
            self._lengths,
            shown=lambda number: self.people[number][2],
            in_address=lambda number: "navn",
            may_begin=self._first_words.__contains__,
        )

    def tables(self, tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
        """The tables with roles where names stood, keys that say no name."""
        return {name: self._table(frame) for name, frame in tables.items()}

    def report(self, folder: Path) -> None:
        """Rewrite the files of a report that was just written."""
        for file in sorted(folder.rglob("*.html")):
            file.write_text(self.text(file.read_text("utf-8")), "utf-8")

    def _table(self, frame: pl.DataFrame) -> pl.DataFrame:
        names = {name for name, _, _ in self.people}
        for column, dtype in frame.schema.items():
            if dtype != pl.String:
                continue
            values = frame[column].drop_nulls().unique().to_list()
            if column in _KEY_COLUMNS:
                changed: dict[str, str | None] = {v: self._key(v) for v in values}
            elif column in _NAME_COLUMNS:
                changed = {
                    v: None if self.is_everybody or v in names else v for v in values
                }
            else:
                changed = {v: self.text(v) for v in values}
            changed = {old: new for old, new in changed.items() if old != new}
            if changed:
                frame = frame.with_columns(
                    pl.col(column).replace_strict(
                        list(changed),
                        list(changed.values()),
                        default=pl.col(column),
                        return_dtype=pl.String,
                    )
                )
        return frame

    def _key(self, value: str) -> str:
        """A key, or a key among parts: `sales:3:kari nordmann`."""
        parts = value.split(":")
        said = [self._pseudonyms.get(part, part) for part in parts]
        return self.text(":".join(said))


def unnamed(
    people: pl.DataFrame,
    as_of: date,
    secret: bytes,
    *,
    is_assessed: bool,
    is_notified: bool,
) -> Unnamed:
    """Who is not to be named.

    Args:
        people: `name, person_key, title, notice_due_on`, one row or more a person.
        as_of: the day that is published.
        secret: what pseudonyms are made with.
        is_assessed: there is a recorded assessment of the legitimate interest; without
            it nobody is named.
        is_notified: it is recorded that people were told; without it nobody is named
            whose notice is past due.
    """
    if is_assessed and not is_notified:
        people = people.filter(pl.col("notice_due_on") < as_of)
    elif is_assessed:
        people = people.clear()
    rows = (
        people.sort("name", "person_key", "title", nulls_last=True)
        .unique(["name", "person_key"], keep="first", maintain_order=True)
        .select("name", "person_key", pl.col("title").fill_null(_NO_TITLE))
    )
    return Unnamed(tuple(rows.iter_rows()), secret, is_everybody=not is_assessed)


NOBODY = Unnamed((), b"")
