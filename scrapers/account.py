"""The accounts a crawl observes, read from the validated watch list."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl


@dataclass(frozen=True)
class Account:
    """One account, as far as crawling needs it."""

    account_id: str
    name: str
    country: str | None
    org_number: str | None
    domains: tuple[str, ...]


def read_accounts(file: Path) -> tuple[Account, ...]:
    """Read `accounts.parquet`, sorted by account_id.

    Raises:
        FileNotFoundError: when the watch list has not been written.
    """
    if not file.exists():
        raise FileNotFoundError(f"{file}: there is no watch list; materialise accounts")
    frame = pl.read_parquet(
        file, columns=["account_id", "name", "country", "org_number", "domains"]
    ).sort("account_id")
    return tuple(
        Account(
            account_id=row["account_id"],
            name=row["name"],
            country=row["country"],
            org_number=row["org_number"],
            domains=tuple(row["domains"] or ()),
        )
        for row in frame.iter_rows(named=True)
    )
