"""Read what somebody has of their accounts, however little: for discovery only.

Names, organisation numbers or domains, with or without a header. What can be observed
is decided by watch_list.py, which is strict.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from orchestration.accounts.watch_list import (
    ALIASES,
    AccountsRefused,
    clean_domain,
    clean_org_number,
    is_org_number,
    read_rows,
)
from scrapers.extract.company_names import fold

TOLD = ("account_id", "name", "org_number", "domains")


@dataclass(frozen=True)
class Given:
    """One account as far as it is known; ``cells`` holds all that was written."""

    account_id: str
    name: str
    org_number: str
    domains: tuple[str, ...]
    cells: Mapping[str, str]

    @property
    def country(self) -> str:
        """The country's code, where one is given."""
        return self.cells.get("country", "").upper()

    def filled(self, **values: str) -> "Given":
        """The account with values where it had none; what stands is left alone."""
        changes: dict[str, object] = {}
        if values.get("name") and not self.name:
            changes["name"] = values["name"]
        if values.get("org_number") and not self.org_number:
            changes["org_number"] = values["org_number"]
        if values.get("domain") and not self.domains:
            changes["domains"] = (values["domain"],)
        parent = values.get("parent_account_id", "")
        if parent and not self.cells.get("parent_account_id"):
            changes["cells"] = {**self.cells, "parent_account_id": parent}
        return replace(self, **changes) if changes else self  # type: ignore[arg-type]


@dataclass(frozen=True)
class GivenFile:
    """The columns of the file in its order, its accounts, and what was passed over."""

    columns: tuple[str, ...]
    rows: tuple[Given, ...]
    faults: tuple[str, ...]


def read_given(file: Path) -> GivenFile:
    """Read an accounts file of which much may be missing.

    Raises:
        AccountsRefused: with one sentence, when it cannot be read or holds no account.
    """
    header, rows = read_rows(file)
    names = [ALIASES.get(h, h) for h in header]
    if not set(names) & set(TOLD):
        if len(names) > 1:
            raise AccountsRefused(
                f"{file}: none of the columns {', '.join(TOLD)} is in the header; name "
                "them, or give one value a line without a header"
            )
        rows = [(1, header), *rows]
        names = ["value"]
    given: list[Given] = []
    faults: list[str] = []
    taken: set[str] = set()
    for line, cells in rows:
        if len(cells) != len(names):
            faults.append(
                f"{file}: line {line} has {len(cells)} cells where the header has "
                f"{len(names)}, and is passed over"
            )
            continue
        told = {n: c.strip() for n, c in zip(names, cells, strict=True)}
        row = _given(told, taken)
        if isinstance(row, str):
            faults.append(f"{file}: line {line} {row}, and is passed over")
            continue
        taken.add(row.account_id)
        given.append(row)
    if not given:
        raise AccountsRefused(f"{file}: holds no account")
    columns = [n for n in names if n != "value"]
    return GivenFile(
        tuple(dict.fromkeys((*TOLD[:1], *columns, *TOLD, "parent_account_id"))),
        tuple(given),
        tuple(faults),
    )


def _given(told: dict[str, str], taken: set[str]) -> Given | str:
    value = told.pop("value", "")
    number = clean_org_number(told.get("org_number", "") or value)
    is_number = is_org_number(number)
    if told.get("org_number") and not is_number:
        return f"has organisation number {told['org_number']!r}, which fails MOD-11"
    written = told.get("domains", "") or (value if not is_number else "")
    domains = []
    for part in re.split(r"[;,|\s]+", written):
        domain = clean_domain(part) if part else None
        if domain is not None:
            domains.append(domain)
        elif part and told.get("domains"):
            return f"has {part!r}, which is not a domain"
    # A single value of several words, or without a dot, is a name.
    is_name = bool(value) and not is_number and (" " in value or not domains)
    name = told.get("name", "") or (value if is_name else "")
    if is_name:
        domains = []
    org_number = number if is_number else ""
    if not name and not org_number and not domains:
        return "holds no name, organisation number or domain"
    account_id = told.get("account_id", "")
    if account_id in taken:
        return f"uses account_id {account_id} again"
    if not account_id:
        account_id = _free(org_number or (domains or [name])[0], taken)
    return Given(account_id, name, org_number, tuple(dict.fromkeys(domains)), told)


def _free(value: str, taken: set[str]) -> str:
    """An id made of what the account is known by; the same each time."""
    slug = re.sub(r"[^a-z0-9.]+", "-", fold(value)).strip("-.")[:48] or "account"
    number = 1
    while (account_id := slug if number == 1 else f"{slug}-{number}") in taken:
        number += 1
    return account_id


def given_text(columns: Iterable[str], rows: Iterable[Given]) -> str:
    """An accounts file of these rows: what was written, and what is filled in."""
    columns = tuple(columns)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        cells = {
            **row.cells,
            "account_id": row.account_id,
            "name": row.name,
            "org_number": row.org_number,
            "domains": ";".join(row.domains),
        }
        writer.writerow(cells.get(name, "") for name in columns)
    return out.getvalue()
