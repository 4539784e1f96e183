"""Read an accounts file into the watch list, and say what is wrong with it.

A file that lacks a column it must have is refused as a whole. A row that breaks a rule
is set aside with one sentence and the others go on: 4,999 good accounts are not
stopped by one bad one, and the bad one is not lost.
"""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from orchestration.contracts.frames import schema, shaped
from orchestration.contracts.gate import write_atomically
from orchestration.contracts.odcs import contract
from scrapers.extract.organisation_numbers import british_number

REQUIRED = ("account_id", "name")
ONE_OF = ("org_number", "domains")
OPTIONAL = ("country", "parent_account_id", "segment", "owner", "employees")
ALIASES = {"domain": "domains", "parent": "parent_account_id", "orgnr": "org_number"}
_CRM_ID = re.compile(r"crm_(?P<destination>[a-z0-9_]+)_id")
_ACCOUNT_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_DOMAIN = re.compile(
    r"(?=.{1,253}\Z)([^\W_]([\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{1,62}"
)
_MAX_BYTES = 200_000_000


class AccountsRefused(ValueError):
    """An accounts file that cannot be used at all; the message says what to do."""


@dataclass(frozen=True)
class RefusedRow:
    """A row set aside, with the line it stood on and the reason."""

    line: int
    account_id: str
    reason: str
    raw: str


@dataclass(frozen=True)
class WatchList:
    """The accounts that can be observed, and what was set aside or ignored."""

    accounts: pl.DataFrame
    refused: tuple[RefusedRow, ...]
    warnings: tuple[str, ...]


def is_org_number(value: str) -> bool:
    """True for nine digits whose last is the MOD-11 check digit of the others.

    Weights 3 2 7 6 5 4 3 2; a remainder of 10 is no organisation number.
    """
    if not re.fullmatch(r"[0-9]{9}", value):
        return False
    weights = (3, 2, 7, 6, 5, 4, 3, 2)
    total = sum(int(d) * w for d, w in zip(value, weights, strict=False))
    check = (11 - total % 11) % 11
    return check != 10 and check == int(value[8])


def clean_org_number(value: str) -> str:
    """An organisation number without spaces, dots, a NO prefix or an MVA suffix."""
    bare = re.sub(r"[\s.\u00a0]", "", value).upper()
    return bare.removeprefix("NO").removesuffix("MVA")


def clean_domain(value: str) -> str | None:
    """A domain in lower case without scheme, path or port; None when it is none."""
    host = re.sub(r"^[a-z][a-z0-9+.-]*://", "", value.strip().lower())
    host = host.split("/")[0].split("@")[-1].split(":")[0].rstrip(".")
    return host if _DOMAIN.fullmatch(host) else None


def read_watch_list(file: Path) -> WatchList:
    """Read and validate an accounts CSV (comma or semicolon, UTF-8).

    Raises:
        AccountsRefused: with one sentence, when the file is missing, empty, not text,
            or lacks a column it must have.
    """
    header, rows = read_rows(file)
    names = [ALIASES.get(h, h) for h in header]
    doubled = {n for n in names if names.count(n) > 1}
    if doubled:
        raise AccountsRefused(
            f"{file}: the column(s) {', '.join(sorted(doubled))} stand more than once "
            "in the header; keep one of each"
        )
    missing = [c for c in REQUIRED if c not in names]
    if missing:
        raise AccountsRefused(
            f"{file}: the column(s) {', '.join(missing)} are missing in the header; "
            f"an accounts file needs {', '.join(REQUIRED)} and at least one of "
            f"{' and '.join(ONE_OF)}"
        )
    if not any(c in names for c in ONE_OF):
        raise AccountsRefused(
            f"{file}: neither org_number nor domains is a column; without one of them "
            "there is nothing to observe"
        )
    known = {*REQUIRED, *ONE_OF, *OPTIONAL}
    ignored = [n for n in names if n and n not in known and not _CRM_ID.fullmatch(n)]
    warnings = tuple(
        f"{file}: column {n} is not understood and ignored" for n in ignored
    )
    accounts: list[dict[str, object]] = []
    refused: list[RefusedRow] = []
    seen: dict[str, int] = {}
    for line, cells in rows:
        raw = ",".join(cells)
        if len(cells) != len(names):
            refused.append(
                RefusedRow(
                    line,
                    cells[0] if cells else "",
                    f"has {len(cells)} cells where the header has {len(names)}; "
                    "quote cells that hold a separator",
                    raw,
                )
            )
            continue
        cell = {n: c.strip() for n, c in zip(names, cells, strict=True)}
        row, reason = _row(cell, line, seen)
        if reason is None:
            seen[str(row["account_id"])] = line
            accounts.append(row)
        else:
            refused.append(RefusedRow(line, cell["account_id"], reason, raw))
    if not accounts:
        raise AccountsRefused(
            f"{file}: no row can be used"
            + (f"; line {refused[0].line} {refused[0].reason}" if refused else "")
        )
    ids = {str(a["account_id"]) for a in accounts}
    for a in accounts:
        if a["parent_account_id"] and a["parent_account_id"] not in ids:
            warnings += (
                f"{file}: account {a['account_id']} names the parent "
                f"{a['parent_account_id']}, which is not on the list",
            )
    promise = contract("accounts")
    frame = pl.DataFrame(accounts, schema=schema(promise))
    return WatchList(
        shaped(promise, frame).sort("account_id"), tuple(refused), warnings
    )


def write_watch_list(watch_list: WatchList, home: Path) -> Path:
    """Write `accounts/accounts.parquet` and the quarantine of refused rows."""
    target = home / "accounts" / "accounts.parquet"
    write_atomically(watch_list.accounts, target)
    quarantine = home / "quarantine" / "accounts" / "accounts.parquet"
    if watch_list.refused:
        rows = pl.DataFrame(
            [
                {
                    "line": r.line,
                    "account_id": r.account_id,
                    "reason": r.reason,
                    "raw": r.raw,
                }
                for r in watch_list.refused
            ]
        )
        write_atomically(rows, quarantine)
    elif quarantine.exists():
        quarantine.unlink()
    return target


def read_rows(file: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Header in lower case, and the rows that hold something, with their lines.

    Raises:
        AccountsRefused: with one sentence, when the file is missing, too large, not
            UTF-8, empty, or not readable as CSV.
    """
    if not file.is_file():
        raise AccountsRefused(f"{file}: there is no such file")
    if file.stat().st_size > _MAX_BYTES:
        raise AccountsRefused(
            f"{file}: is {file.stat().st_size} bytes, more than the "
            f"{_MAX_BYTES} an accounts file may have"
        )
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AccountsRefused(
            f"{file}: byte {error.start} is not UTF-8; save the file as CSV UTF-8"
        ) from error
    if "\0" in text:
        raise AccountsRefused(f"{file}: holds NUL bytes, so it is not a CSV file")
    first = text.splitlines()[0] if text.strip() else ""
    if not first:
        raise AccountsRefused(f"{file}: is empty; the first line must be a header")
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    try:
        header = [h.strip().lower() for h in next(reader)]
        rows = [(reader.line_num, r) for r in reader if any(c.strip() for c in r)]
    except csv.Error as error:
        raise AccountsRefused(
            f"{file}: line {reader.line_num} is not readable as CSV: {error}"
        ) from error
    return header, rows


def _org_number(cell: dict[str, str]) -> tuple[str, str | None]:
    """The organisation number of a row by the rules of its country, or what is wrong.

    Those of a country without rules of its own are read as Norwegian.
    """
    written = cell.get("org_number", "")
    if written and cell.get("country", "").upper() == "GB":
        number = british_number(written)
        if number is None:
            return "", (
                f"company number {written} is not eight digits, or letters and digits "
                "as Companies House writes them; look it up in the register"
            )
        return number, None
    number = clean_org_number(written)
    if number and not is_org_number(number):
        return "", (
            f"organisation number {written} fails the MOD-11 check; look it up in the "
            "register"
        )
    return number, None


def _row(
    cell: dict[str, str], line: int, seen: dict[str, int]
) -> tuple[dict[str, object], str | None]:
    account_id = cell["account_id"]
    if not _ACCOUNT_ID.fullmatch(account_id):
        return {}, (
            f"account_id {account_id!r} is empty or has other characters than "
            "letters, digits and ._:- (64 at most)"
        )
    if account_id in seen:
        return {}, (
            f"account_id {account_id} is used on line {seen[account_id]} already; "
            "give each account an id of its own"
        )
    if not cell["name"]:
        return {}, f"account {account_id} has no name"
    org_number, fault = _org_number(cell)
    if fault is not None:
        return {}, f"account {account_id}: {fault}"
    domains = []
    for part in re.split(r"[;,|\s]+", cell.get("domains", "")):
        if not part:
            continue
        domain = clean_domain(part)
        if domain is None:
            return {}, f"account {account_id}: {part!r} is not a domain"
        domains.append(domain)
    if not org_number and not domains:
        return {}, (
            f"account {account_id} has neither an organisation number nor a domain, "
            "so there is nothing to observe"
        )
    country = cell.get("country", "").upper() or ("NO" if org_number else "")
    if country and not re.fullmatch(r"[A-Z]{2}", country):
        return {}, (
            f"account {account_id}: country {cell['country']!r} is not a two-letter "
            "ISO 3166-1 code"
        )
    employees = cell.get("employees", "")
    if employees and not employees.isdecimal():
        return {}, f"account {account_id}: employees {employees!r} is not a number"
    crm_ids = [
        f"{m['destination']}:{value}"
        for name, value in cell.items()
        if value and (m := _CRM_ID.fullmatch(name))
    ]
    return {
        "account_id": account_id,
        "name": cell["name"],
        "country": country or None,
        "org_number": org_number or None,
        "domains": list(dict.fromkeys(domains)),
        "parent_account_id": cell.get("parent_account_id") or None,
        "segment": cell.get("segment") or None,
        "owner": cell.get("owner") or None,
        "crm_ids": crm_ids,
        "employees": int(employees) if employees else None,
    }, None
