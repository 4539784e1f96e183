"""CSV files that a CRM can import: one row an account or task, upserted on its key.

Columns of others in the files are kept as they are; ours are prefixed `lyttepost_`.
"""

import csv
import io
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from orchestration.crm.destinations.protocol import (
    ACCOUNT,
    TASK,
    Held,
    Outcome,
    RemoteCompany,
    RemoteField,
    Terms,
    Write,
)
from orchestration.crm.fault import CrmError
from orchestration.crm.field_map import load_field_map, map_file
from orchestration.crm.pace import Pace

NAME = "csv_file"
FILES = {ACCOUNT: "accounts.csv", TASK: "tasks.csv"}

# A spreadsheet cuts or refuses a longer cell.
_MAX_CELL = 32_767
# Where a cell may begin: at its start, and behind what a spreadsheet of another
# country takes for the end of the cell before.
_FORMULA = re.compile(r"(^|[;\t\r\n])(?=\s*[=+\-@＝＋－＠]|[\t\r\n])")


class CsvFile:
    """`home/crm/csv_file/accounts.csv` and `tasks.csv`."""

    name = NAME
    kinds = (ACCOUNT, TASK)
    # One file is written once, whatever the number of its rows.
    terms = Terms(
        batch_size=1_000_000,
        needs_matching=False,
        max_share=1.0,
        tasks_need_account=False,
    )

    def __init__(self, home: Path) -> None:
        self.folder = home / "crm" / NAME
        self.maps = {kind: load_field_map(map_file(NAME, kind)) for kind in self.kinds}
        self.calls = 0

    def is_lost(self) -> bool:
        """True when the file of accounts is gone."""
        return not (self.folder / FILES[ACCOUNT]).exists()

    def describe(self, kind: str) -> Mapping[str, RemoteField]:
        """A file takes any column."""
        return {
            f.field: RemoteField(f.field, f.type, _MAX_CELL, f.options)
            for f in self.maps[kind].fields
        }

    def create_fields(self, kind: str, names: Sequence[str]) -> None:
        """Columns are made when they are first written."""

    def companies(self) -> Iterator[RemoteCompany]:
        """None that are not ours."""
        return iter(())

    def find(self, kind: str, keys: Sequence[str]) -> list[Held]:
        """The rows with our keys."""
        wanted, field_map = set(keys), self.maps[kind]
        _, rows = self._read(kind)
        return [
            Held(key, key, {f: row.get(f) for f in field_map.names})
            for row in rows
            if (key := row.get(field_map.key, "")) in wanted
        ]

    def read(self, kind: str, remote_ids: Sequence[str]) -> dict[str, Held]:
        """The rows with the keys; the key is the id here."""
        return {held.remote_id: held for held in self.find(kind, remote_ids)}

    def write(self, kind: str, writes: Sequence[Write]) -> list[Outcome]:
        """Upsert the rows; the file is replaced only when its content changes.

        Raises:
            CrmError: when the file there is not one of ours.
        """
        key = self.maps[kind].key
        columns, rows = self._read(kind)
        columns += [c for c in [key, *self.maps[kind].names] if c not in columns]
        at: dict[str, list[int]] = {}
        for i, row in enumerate(rows):
            at.setdefault(row.get(key, ""), []).append(i)
        outcomes = []
        for write in writes:
            reason = self._refusal(kind, write, at.get(write.key, []))
            if reason is not None:
                outcomes.append(Outcome(write.key, "rejected", reason=reason))
                continue
            if write.key not in at:
                at[write.key] = [len(rows)]
                rows.append({key: write.key})
            row = rows[at[write.key][0]]
            row |= {f: neutralised(v) for f, v in write.values.items()}
            row |= dict.fromkeys(write.clear, "")
            held = {f: row.get(f, "") for f in write.values}
            outcomes.append(Outcome(write.key, "accepted", write.key, values=held))
        self.calls += 1
        self._write(kind, columns, rows)
        return outcomes

    def _refusal(self, kind: str, write: Write, places: Sequence[int]) -> str | None:
        if len(places) > 1:
            key = self.maps[kind].key
            return f"the file has {len(places)} rows with {key} {write.key}"
        for field, value in write.values.items():
            if "\0" in value:
                return f"{field} holds a null character"
            if len(neutralised(value)) > _MAX_CELL:
                return f"{field} has {len(value)} characters, more than {_MAX_CELL}"
        return None

    def _read(self, kind: str) -> tuple[list[str], list[dict[str, str]]]:
        file = self.folder / FILES[kind]
        if not file.exists():
            return [], []
        with file.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle, restval="", strict=True)
            try:
                columns = list(reader.fieldnames or [])
                rows = list(reader)
            except csv.Error as error:
                raise CrmError(f"{file}: not readable as CSV: {error}") from error
        if self.maps[kind].key not in columns:
            key = self.maps[kind].key
            raise CrmError(f"{file}: there is no column {key} to upsert on")
        if any(None in row for row in rows):
            raise CrmError(f"{file}: a row has more cells than the header")
        return columns, rows

    def _write(
        self, kind: str, columns: Sequence[str], rows: Sequence[dict[str, str]]
    ) -> None:
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, restval="", lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
        content = text.getvalue().encode("utf-8")
        file = self.folder / FILES[kind]
        if file.exists() and file.read_bytes() == content:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        fresh = file.with_name(f".{file.name}.next")
        with fresh.open("wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(fresh, file)


def open_destination(home: Path, pace: Pace) -> CsvFile:
    """The files of a home."""
    return CsvFile(home)


def neutralised(value: str) -> str:
    """A value that no spreadsheet takes for a formula."""
    return _FORMULA.sub(r"\1'", value)
