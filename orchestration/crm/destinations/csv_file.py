"""A CSV file that a CRM can import: one row an account, upserted on account_id.

Columns of others in the file are kept as they are; ours are prefixed `lyttepost_`.
"""

import csv
import io
import os
import re
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from orchestration.crm.destinations.protocol import Outcome, Record
from orchestration.crm.field_map import CrmError, load_field_map
from orchestration.crm.outbox import empty_accepted

NAME = "csv_file"
KEY = "account_id"

# A spreadsheet cuts or refuses a longer cell.
_MAX_CELL = 32_767
# Where a cell may begin: at its start, and behind what a spreadsheet of another
# country takes for the end of the cell before.
_FORMULA = re.compile(r"(^|[;\t\r\n])(?=\s*[=+\-@＝＋－＠]|[\t\r\n])")


class CsvFile:
    """`home/crm/csv_file/accounts.csv`, with its accepted state beside it."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "crm" / NAME
        self.file = self.folder / "accounts.csv"

    @property
    def name(self) -> str:
        """Name in the outbox."""
        return NAME

    def accepted(self) -> pl.DataFrame:
        """The accepted state; nothing when the file itself is gone."""
        state = self.folder / "accepted.parquet"
        if not state.exists() or not self.file.exists():
            return empty_accepted()
        return pl.read_parquet(state)

    def apply(self, records: Sequence[Record]) -> list[Outcome]:
        """Upsert the records; the file is replaced only when its content changes.

        Raises:
            CrmError: when the file there is not one of ours.
        """
        columns, rows = self._read()
        ours = [f.field for f in load_field_map()]
        columns += [c for c in [KEY, *ours] if c not in columns]
        at: dict[str, list[int]] = {}
        for i, row in enumerate(rows):
            at.setdefault(row.get(KEY, ""), []).append(i)
        outcomes = []
        for record in records:
            reason = _refusal(record, at.get(record.account_id, []))
            if reason is None:
                if record.account_id not in at:
                    at[record.account_id] = [len(rows)]
                    rows.append({KEY: record.account_id})
                row = rows[at[record.account_id][0]]
                row |= {f: neutralised(v) for f, v in record.upsert.items()}
                row |= dict.fromkeys(record.clear, "")
                columns += [c for c in row if c not in columns]
            outcomes.append(Outcome(record.account_id, reason is None, reason))
        self._write(columns, rows)
        return outcomes

    def _read(self) -> tuple[list[str], list[dict[str, str]]]:
        if not self.file.exists():
            return [], []
        with self.file.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle, restval="", strict=True)
            try:
                columns = list(reader.fieldnames or [])
                rows = list(reader)
            except csv.Error as error:
                raise CrmError(f"{self.file}: not readable as CSV: {error}") from error
        if KEY not in columns:
            raise CrmError(f"{self.file}: there is no column {KEY} to upsert on")
        if any(None in row for row in rows):
            raise CrmError(f"{self.file}: a row has more cells than the header")
        return columns, rows

    def _write(self, columns: Sequence[str], rows: Sequence[dict[str, str]]) -> None:
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, restval="", lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
        content = text.getvalue().encode("utf-8")
        if self.file.exists() and self.file.read_bytes() == content:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        fresh = self.folder / ".accounts.csv.next"
        with fresh.open("wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(fresh, self.file)


def neutralised(value: str) -> str:
    """A value that no spreadsheet takes for a formula."""
    return _FORMULA.sub(r"\1'", value)


def _refusal(record: Record, places: Sequence[int]) -> str | None:
    if len(places) > 1:
        return f"the file has {len(places)} rows with {KEY} {record.account_id}"
    for field, value in record.upsert.items():
        if "\0" in value:
            return f"{field} holds a null character"
        if len(neutralised(value)) > _MAX_CELL:
            return f"{field} has {len(value)} characters, more than {_MAX_CELL}"
    return None
