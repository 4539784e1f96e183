"""Opportunities of a CRM as outcomes: files in, checked rows out.

`HOME/outcomes/*.csv` and `*.parquet`, exported by whoever runs the CRM. They are what
scores are learned from and judged by, so nothing here is guessed: a row that is not
understood is set aside with the reason. Private: no feature may read them.
"""

import csv
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from orchestration.contracts.frames import schema, shaped
from orchestration.contracts.gate import write_atomically
from orchestration.contracts.odcs import contract
from orchestration.crm.fault import CrmError

FOLDER = "outcomes"
CONTRACT = "crm_outcomes"
REQUIRED = ("account_id", "opened_at", "stage", "created_at")
OPTIONAL = ("opportunity_id", "offer", "amount", "closed_at", "product")
# In order: an outcome is an opportunity that was qualified (SCIENCE 3.1).
STAGES = {
    "lead": False,
    "disqualified": False,
    "qualified": True,
    "proposal": True,
    "negotiation": True,
    "won": True,
    "lost": True,
}
_MAX_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True)
class Refused:
    """A row set aside, and why."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True)
class Opportunities:
    """What the files hold, and what was set aside."""

    rows: pl.DataFrame
    refused: tuple[Refused, ...]


def files(home: Path) -> list[Path]:
    """The files of a home, in the order of their names."""
    folder = home / FOLDER
    return sorted([*folder.glob("*.csv"), *folder.glob("*.parquet")])


def land(file: Path, home: Path) -> Path:
    """Copy a file into the home, whole or not at all; an older one is replaced.

    Raises:
        CrmError: when it is missing, or cannot be read as opportunities.
    """
    read_opportunities([file], None, "", None)
    target = home / FOLDER / file.name
    if file.resolve() == target.resolve():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{file.name}.tmp")
    temporary.write_bytes(file.read_bytes())
    temporary.replace(target)
    return target


def read_opportunities(
    given: Iterable[Path],
    account_ids: Collection[str] | None,
    default_offer: str,
    offers: Collection[str] | None,
) -> Opportunities:
    """Read opportunities strictly.

    Args:
        given: CSV (comma or semicolon, UTF-8) or Parquet files.
        account_ids: the watch list; None accepts any.
        default_offer: the offer of a row that names none.
        offers: the offers there are; None accepts any.

    Returns:
        Rows in the shape of contract `crm_outcomes`, one an opportunity.

    Raises:
        CrmError: a file that is not one, or whose columns are not understood.
    """
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    refused: list[Refused] = []
    for file in given:
        for line, cell in cells_of(file, REQUIRED, OPTIONAL):
            row, reason = _row(cell, account_ids, default_offer, offers)
            if row is None:
                refused.append(Refused(str(file), line, reason))
                continue
            key = (
                ("id", row["opportunity_id"])
                if row["opportunity_id"]
                else (row["account_id"], row["offer"], row["opened_at"])
            )
            before = found.get(key)
            if before is not None:
                same = all(before[c] == row[c] for c in ("account_id", "created_at"))
                if not same:
                    refused.append(
                        Refused(
                            str(file),
                            line,
                            "this opportunity was given before with another account "
                            "or created_at",
                        )
                    )
                    continue
            # Later exports know the later stage; when it was created never changes.
            found[key] = row | {"evidence_ref": f"{file.name}:{line}"}
    wanted = schema(contract(CONTRACT))
    rows = sorted(
        found.values(),
        key=lambda r: (r["account_id"], r["offer"], r["opened_at"], r["evidence_ref"]),
    )
    frame = pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in wanted}, schema=wanted
    )
    return Opportunities(shaped(contract(CONTRACT), frame), tuple(refused))


def write_opportunities(read: Opportunities, home: Path) -> None:
    """Write the rows where dbt reads them, and those set aside to quarantine."""
    write_atomically(read.rows, home / FOLDER / "accepted" / "crm_outcomes.parquet")
    held = home / "quarantine" / FOLDER / "crm_outcomes.parquet"
    frame = pl.DataFrame(
        {
            "file": [r.file for r in read.refused],
            "line": [r.line for r in read.refused],
            "reason": [r.reason for r in read.refused],
        },
        schema={"file": pl.String, "line": pl.Int64, "reason": pl.String},
    )
    write_atomically(frame, held)


def cells_of(
    file: Path, required: Sequence[str], optional: Sequence[str]
) -> list[tuple[int, dict[str, Any]]]:
    """Rows of a CSV or Parquet file, each with its line; of another width by `_width`.

    Raises:
        CrmError: a file that is not one, or whose columns are not understood.
    """
    if not file.is_file():
        raise CrmError(f"{file}: there is no such file")
    if file.suffix not in (".csv", ".parquet"):
        raise CrmError(f"{file}: only .csv and .parquet are read")
    if file.stat().st_size > _MAX_BYTES:
        raise CrmError(f"{file}: is larger than the {_MAX_BYTES} bytes read")
    if file.suffix == ".parquet":
        try:
            frame = pl.read_parquet(file)
        except (pl.exceptions.PolarsError, OSError) as error:
            raise CrmError(f"{file}: is not readable as Parquet: {error}") from error
        _check_header(file, [c.lower() for c in frame.columns], required, optional)
        frame = frame.rename({c: c.lower() for c in frame.columns})
        return list(enumerate(frame.iter_rows(named=True), start=1))
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CrmError(f"{file}: byte {error.start} is not UTF-8") from error
    lines = text.splitlines(keepends=True)
    if not lines or "\0" in text:
        raise CrmError(f"{file}: is empty, or no CSV file")
    delimiter = ";" if lines[0].count(";") > lines[0].count(",") else ","
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        header = [h.strip().lower() for h in next(reader)]
        _check_header(file, header, required, optional)
        return [
            # A row of another width is refused as a row, by name.
            (reader.line_num, dict(zip(header, row, strict=True)))
            if len(row) == len(header)
            else (reader.line_num, {"_width": (len(row), len(header))})
            for row in reader
            if any(cell.strip() for cell in row)
        ]
    except csv.Error as error:
        raise CrmError(
            f"{file}: line {reader.line_num} is not readable as CSV: {error}"
        ) from error


def _check_header(
    file: Path, header: list[str], required: Sequence[str], optional: Sequence[str]
) -> None:
    lacking = [c for c in required if c not in header]
    unknown = [c for c in header if c not in (*required, *optional)]
    if lacking or unknown or len(set(header)) != len(header):
        told = ", ".join((*required, *optional))
        raise CrmError(
            f"{file}: the columns are {', '.join(header)}; a file of this kind has "
            f"{told}, those from {optional[0]} on where they are known"
        )


def _row(
    cell: Mapping[str, Any],
    account_ids: Collection[str] | None,
    default_offer: str,
    offers: Collection[str] | None,
) -> tuple[dict[str, Any] | None, str]:
    if "_width" in cell:
        n, wanted = cell["_width"]
        return None, f"has {n} cells where the header has {wanted}"
    account = str(cell["account_id"] or "").strip()
    stage = str(cell["stage"] or "").strip().lower()
    offer = str(cell.get("offer") or "").strip() or default_offer
    if account_ids is not None and account not in account_ids:
        return None, f"account {account!r} is not on the watch list"
    if offers is not None and offer not in offers:
        return None, f"offer {offer!r} is not one of {', '.join(sorted(offers))}"
    if stage not in STAGES:
        return None, f"stage {stage!r} is not one of {', '.join(STAGES)}"
    opened, created = moment_of(cell["opened_at"]), moment_of(cell["created_at"])
    if opened is None:
        return None, f"opened_at {cell['opened_at']!r} is not a day or a time"
    if created is None:
        return None, f"created_at {cell['created_at']!r} is not a day or a time"
    amount, why = _amount(cell.get("amount"))
    if why:
        return None, why
    said_closed = cell.get("closed_at")
    closed = moment_of(said_closed) if said_closed not in (None, "") else None
    if closed is None and said_closed not in (None, ""):
        return None, f"closed_at {said_closed!r} is not a day or a time"
    if opened.date() > created.date():
        return None, "opened_at lies after created_at: it was entered before it was"
    return {
        "account_id": account,
        "offer": offer,
        "opportunity_id": str(cell.get("opportunity_id") or "").strip() or None,
        "opened_at": opened,
        "created_at": created,
        "stage": stage,
        "is_qualified": STAGES[stage],
        "amount": amount,
        "closed_at": closed,
        "product": str(cell.get("product") or "").strip() or None,
    }, ""


def _amount(value: object) -> tuple[float | None, str]:
    if value is None or value == "":
        return None, ""
    try:
        found = float(str(value))
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        return None, f"amount {value!r} is not a number"
    return found, ""


def moment_of(value: object) -> datetime | None:
    """A day or a time as a moment in UTC; None when it is neither."""
    if isinstance(value, datetime):
        found = value
    elif isinstance(value, date):
        found = datetime(value.year, value.month, value.day)
    else:
        try:
            found = datetime.fromisoformat(str(value).strip())
        except ValueError:
            return None
    if found.tzinfo is not None:
        found = found.astimezone(UTC).replace(tzinfo=None)
    return found
