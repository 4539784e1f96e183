"""`places.csv`: where each account shows itself, and what a person said of it.

The file stands beside the accounts file. `accounts discover` proposes rows, a person
keeps or rejects them, and the watch list takes those in use. A row that stands is never
changed by a machine. Finding places belongs to discovery.py.
"""

import csv
import io
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import polars as pl

from orchestration.accounts.watch_list import AccountsRefused, RefusedRow, read_rows
from orchestration.contracts.frames import schema, shaped
from orchestration.contracts.gate import write_atomically
from orchestration.contracts.odcs import contract

NAME = "places.csv"
REQUIRED = ("account_id", "source", "address")
# Who an account is.
IDENTITY = ("org_number", "domain", "parent", "sub_unit")
# Where it shows itself.
SHOWN = ("leadership", "careers", "news", "feed", "sitemap", "job_board", "place")
KINDS = (*IDENTITY, *SHOWN)
STATUSES = ("proposed", "kept", "rejected")
# What is found with less certainty is asked about, and not used.
BAR = 0.8


@dataclass(frozen=True)
class Finding:
    """One row of the file.

    ``found_as`` is the address as discovery found it: it tells a row that a person
    corrected from one that is new.
    """

    account_id: str
    kind: str
    source: str
    address: str
    found_by: str = ""
    score: float | None = None
    status: str = "proposed"
    note: str = ""
    found_as: str = ""

    @property
    def is_in_use(self) -> bool:
        """True when a person kept it, or it was found above the bar."""
        if self.status == "proposed":
            return self.score is not None and self.score >= BAR
        return self.status == "kept"


COLUMNS = tuple(f.name for f in fields(Finding))


@dataclass(frozen=True)
class Places:
    """What a places file holds, and what was set aside."""

    findings: tuple[Finding, ...]
    refused: tuple[RefusedRow, ...]

    def in_use(self) -> tuple[Finding, ...]:
        """The places that sources are asked for."""
        return tuple(f for f in self.findings if f.source and f.is_in_use)


def read_places(
    file: Path, account_ids: Collection[str], sources: Sequence[str]
) -> Places:
    """Read and check a places file.

    Args:
        file: the CSV (comma or semicolon, UTF-8).
        account_ids: accounts on the watch list.
        sources: names of the sources there are.

    Raises:
        AccountsRefused: with one sentence, when it cannot be read or lacks a column.
    """
    header, rows = read_rows(file)
    missing = [c for c in REQUIRED if c not in header]
    if missing:
        raise AccountsRefused(
            f"{file}: the column(s) {', '.join(missing)} are missing in the header; a "
            f"places file needs {', '.join(REQUIRED)}"
        )
    unknown = [c for c in header if c and c not in COLUMNS]
    if unknown:
        raise AccountsRefused(
            f"{file}: the column(s) {', '.join(unknown)} are not understood; there are "
            f"{', '.join(COLUMNS)}"
        )
    findings: list[Finding] = []
    refused: list[RefusedRow] = []
    for line, cells in rows:
        if len(cells) != len(header):
            reason: str | Finding = (
                f"has {len(cells)} cells where the header has {len(header)}; quote "
                "cells that hold a separator"
            )
        else:
            cell = {n: c.strip() for n, c in zip(header, cells, strict=True)}
            reason = _finding(cell, account_ids, sources)
        if isinstance(reason, Finding):
            findings.append(reason)
        else:
            refused.append(RefusedRow(line, cells[0].strip(), reason, ",".join(cells)))
    return Places(tuple(dict.fromkeys(findings)), tuple(refused))


def _finding(
    cell: dict[str, str], account_ids: Collection[str], sources: Sequence[str]
) -> Finding | str:
    """The row, or the sentence that says what is wrong with it."""
    account_id, source, address = (cell[name] for name in REQUIRED)
    kind = cell.get("kind") or "place"
    # What somebody writes by hand is meant.
    status = cell.get("status") or ("proposed" if cell.get("found_by") else "kept")
    if account_id not in account_ids:
        return f"account {account_id!r} is not on the watch list"
    if kind not in KINDS:
        return f"kind {kind!r} is not one of {', '.join(KINDS)}"
    if source and source not in sources:
        return f"source {source!r} is not a source; there are {', '.join(sources)}"
    if not source and kind == "place":
        return f"account {account_id} has a place without a source that reads it"
    if not address:
        return f"account {account_id} has a {kind} without an address"
    if status not in STATUSES:
        return f"status {status!r} is not one of {', '.join(STATUSES)}"
    score = _score(cell.get("score", ""))
    if isinstance(score, str):
        return score
    return Finding(
        account_id=account_id,
        kind=kind,
        source=source,
        address=address,
        found_by=cell.get("found_by", ""),
        score=score,
        status=status,
        note=cell.get("note", ""),
        found_as=cell.get("found_as", ""),
    )


def _score(text: str) -> float | str | None:
    if not text:
        return None
    try:
        score = float(text.replace(",", "."))
    except ValueError:
        return f"score {text!r} is not a number"
    return score if 0 <= score <= 1 else f"score {text!r} is not between 0 and 1"


def merged(standing: Sequence[Finding], found: Iterable[Finding]) -> list[Finding]:
    """Standing rows as they are, then what was not known under any spelling."""
    known = {
        (f.account_id, f.kind, f.source, spelt)
        for f in standing
        for spelt in (f.address, f.found_as)
    }
    out = list(standing)
    for finding in found:
        key = (finding.account_id, finding.kind, finding.source, finding.address)
        if key not in known:
            known.add(key)
            out.append(finding)
    order = {kind: rank for rank, kind in enumerate(KINDS)}
    return sorted(
        out,
        key=lambda f: (f.account_id, order[f.kind], -(f.score or 0), f.address),
    )


def places_text(findings: Iterable[Finding]) -> str:
    """The file's text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for finding in findings:
        row = [getattr(finding, name) for name in COLUMNS]
        writer.writerow("" if value is None else value for value in row)
    return out.getvalue()


def write_places(places: Places, home: Path) -> Path:
    """Write `accounts/places.parquet` and the quarantine of refused rows."""
    promise = contract("places")
    names = schema(promise).names()
    frame = pl.DataFrame(
        [{name: getattr(f, name) for name in names} for f in places.in_use()],
        schema=schema(promise),
    ).unique(["account_id", "source", "address"], keep="first", maintain_order=True)
    target = home / "accounts" / "places.parquet"
    write_atomically(
        shaped(promise, frame).sort("account_id", "source", "address"), target
    )
    quarantine = home / "quarantine" / "accounts" / "places.parquet"
    if places.refused:
        write_atomically(
            pl.DataFrame([vars(refused) for refused in places.refused]), quarantine
        )
    elif quarantine.exists():
        quarantine.unlink()
    return target
