"""`lyttepost access PERSON`: all that is held of a person; source, date and ground.

Reads only. What is held is what stands in the files of the home folder: rows in tables
are shown as rows, other files by name. Nothing about the person is inferred here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from orchestration.rights import archive, home_files
from orchestration.rights.erase import names_of, taking_out
from orchestration.rights.outside import places
from orchestration.rights.policy import LEGAL_BASIS
from scrapers import store, warc
from scrapers.landing import read_visits
from scrapers.source import load_source, source_names
from scrapers.suppression import Entry, read_suppressed

_SHOWN_CELLS = 12
_LONG = 200
# One month after the person was first seen (article 14(3)(a)).
_NOTICE_WITHIN = "1mo"


@dataclass(frozen=True)
class Seen:
    """One payload that named the person: the address, and when it was fetched."""

    source: str
    account_id: str | None
    url: str
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True)
class Held:
    """All that is held of one person."""

    names: tuple[str, ...]
    seen: tuple[Seen, ...]
    rows: tuple[tuple[str, Mapping[str, Any]], ...]
    files: tuple[str, ...]
    erased_on: date | None
    outside: tuple[str, ...] = ()  # copies elsewhere that may hold the same

    @property
    def notice_due_on(self) -> date | None:
        """By when the person is to be told; None when nothing is held."""
        if not self.seen:
            return None
        first = pl.Series([min(s.first_at for s in self.seen)]).dt.date()
        due: date = first.dt.offset_by(_NOTICE_WITHIN)[0]
        return due

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {
            "names": list(self.names),
            "erased_on": _plain(self.erased_on),
            "legal_basis": LEGAL_BASIS,
            "notice_due_on": _plain(self.notice_due_on),
            "sources": [
                {
                    "source": s.source,
                    "account_id": s.account_id,
                    "url": s.url,
                    "first_at": s.first_at.isoformat(),
                    "last_at": s.last_at.isoformat(),
                    "kept_days": _kept_days(s.source),
                }
                for s in self.seen
            ],
            "rows": [
                {"table": table, "row": {k: _plain(v) for k, v in row.items()}}
                for table, row in self.rows
            ],
            "files": list(self.files),
            "copies_outside": list(self.outside),
        }

    def text(self) -> str:
        """For a terminal."""
        lines = [" / ".join(self.names)]
        if self.erased_on:
            lines.append(f"erased here on {self.erased_on}; kept out since")
        if not (self.seen or self.rows or self.files):
            return "\n".join([*lines, "Nothing is held here."])
        lines += [
            f"Legal basis: {LEGAL_BASIS}.",
            f"To be told by: {self.notice_due_on or 'unknown'} (GDPR article 14).",
            "",
            f"Seen at {len(self.seen)} addresses:",
        ]
        lines += [
            f"  {s.url}\n    {s.source}, account {s.account_id or 'none'}, "
            f"{s.first_at:%Y-%m-%d} to {s.last_at:%Y-%m-%d}, kept for "
            f"{_kept_days(s.source)} days"
            for s in self.seen
        ]
        lines += ["", f"{len(self.rows)} rows of tables:"]
        for table, row in self.rows:
            said = ", ".join(f"{k}: {_short(v)}" for k, v in row.items())
            lines.append(f"  {table}: {said}")
        lines += ["", f"{len(self.files)} files:", *(f"  {f}" for f in self.files)]
        if self.outside:
            lines += ["", "Copies outside of the home folder, of the same tables:"]
            lines += [f"  {where}" for where in self.outside]
        return "\n".join(lines)


def access(home: Path, person: str) -> Held:
    """Everything that is held of a person.

    Args:
        home: the home folder.
        person: a full name, or the id of a person.

    Raises:
        EraseRefused: one word is no full name, or nobody has the id.
    """
    store.fetch(home)
    names = names_of(home, person)
    entry = next((e for n in names if (e := read_suppressed(home).entry_of(n))), None)
    text = taking_out(names, entry or Entry(1, datetime.min, (), (), ()))
    change = home_files.Change(text, {})
    rows, files = [], []
    for file in home_files.files_of(home):
        name = str(file.relative_to(home))
        if file.suffix == ".parquet":
            found = list(_rows(file, change))
            rows += [(name, row) for row in found]
        elif file.name.endswith(".warc.gz"):
            if any(_names(text, content) for _, _, content in warc.members(file)):
                files.append(name)
        elif home_files.holds(file, change):
            files.append(name)
    return Held(
        names,
        tuple(_seen(home, text)),
        tuple(rows),
        tuple(files),
        entry.erased_at.date() if entry else None,
        tuple(f"{p.kind} {p.where}, {p.written_at[:10]}" for p in places(home)),
    )


def _rows(file: Path, change: home_files.Change) -> Iterator[Mapping[str, Any]]:
    """Rows of a table that name the person: those cells, and what they hang on."""
    frame = pl.read_parquet(file)
    changed = home_files.changed_frame(frame, change)
    if changed is frame:
        return
    for old, new in zip(
        frame.iter_rows(named=True), changed.iter_rows(named=True), strict=True
    ):
        if old != new:
            yield _telling(old, [k for k in old if old[k] != new[k]])


def _telling(row: Mapping[str, Any], naming: Sequence[str]) -> dict[str, Any]:
    wanted = (
        "account_id",
        "source",
        "url",
        "title",
        "known_at",
        "as_of",
        "signal_type",
        "legal_basis",
        "notice_due_on",
    )
    shown = [k for k in row if (k in wanted and row[k] is not None) or k in naming]
    return {k: row[k] for k in shown[:_SHOWN_CELLS]}


def _names(text: Callable[[str], str], content: bytes) -> bool:
    """True for a record that names the person, packed or not."""
    changed = archive.without(text, lambda digest: False)
    return any(changed(part) != part for part in (content, archive.payload_of(content)))


def _seen(home: Path, text: Callable[[str], str]) -> Iterator[Seen]:
    for source in source_names():
        visits = read_visits(home, source).filter(
            pl.col("payload_digest").is_not_null()
        )
        if visits.is_empty():
            continue
        folder = home / "landing" / source
        holding = set()
        for file in sorted(folder.glob("day=*/*.warc.gz")):
            for offset, _, content in warc.members(file):
                if _names(text, content):
                    holding.add((f"{file.parent.name}/{file.name}", offset))
        digests = {
            row["payload_digest"]
            for row in visits.iter_rows(named=True)
            if (row["warc_file"], row["warc_offset"]) in holding
        }
        named = visits.filter(pl.col("payload_digest").is_in(list(digests)))
        for account_id, url, first, last in (
            named.group_by("account_id", "url")
            .agg(
                pl.col("fetched_at").min().alias("first"),
                pl.col("fetched_at").max().alias("last"),
            )
            .sort("url")
            .iter_rows()
        ):
            yield Seen(source, account_id, url, first, last)


def _kept_days(source: str) -> int:
    return load_source(source).retention_days


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, list | dict):
        return str(value)
    return value


def _short(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= _LONG else f"{text[:_LONG]} …"
