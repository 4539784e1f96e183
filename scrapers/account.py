"""The accounts a crawl observes, read from the validated watch list."""

from dataclasses import dataclass, fields
from pathlib import Path

import polars as pl


@dataclass(frozen=True)
class Account:
    """A row of the contract accounts."""

    account_id: str
    name: str
    country: str | None
    org_number: str | None
    domains: tuple[str, ...]
    parent_account_id: str | None = None
    segment: str | None = None
    owner: str | None = None
    crm_ids: tuple[str, ...] = ()
    employees: int | None = None


_LISTS = ("domains", "crm_ids")


def read_accounts(file: Path) -> tuple[Account, ...]:
    """Read `accounts.parquet`, sorted by account_id.

    Raises:
        FileNotFoundError: when the watch list has not been written.
    """
    if not file.exists():
        raise FileNotFoundError(f"{file}: there is no watch list; materialise accounts")
    columns = [column.name for column in fields(Account)]
    frame = pl.read_parquet(file, columns=columns).sort("account_id")
    return tuple(
        Account(**{**row, **{name: tuple(row[name] or ()) for name in _LISTS}})
        for row in frame.iter_rows(named=True)
    )
