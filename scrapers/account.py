"""The accounts a crawl observes, read from the validated watch list."""

from dataclasses import dataclass, fields
from pathlib import Path

import polars as pl

PLACES_SCHEMA: dict[str, pl.DataType] = {
    "account_id": pl.String(),
    "source": pl.String(),
    "address": pl.String(),
}


@dataclass(frozen=True)
class Place:
    """Where one source shows one account: a board's token, a feed's address.

    ``address`` is whatever the source's own `recognise` gives and its spider takes.
    """

    source: str
    address: str


@dataclass(frozen=True)
class Account:
    """A row of the contract accounts, with its places."""

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
    places: tuple[Place, ...] = ()

    def addresses(self, source: str) -> tuple[str, ...]:
        """The account's places in one source, in the order they were listed."""
        return tuple(p.address for p in self.places if p.source == source)


_LISTS = ("domains", "crm_ids")


def read_accounts(file: Path) -> tuple[Account, ...]:
    """Read `accounts.parquet`, sorted by account_id, and `places.parquet` beside it.

    Raises:
        FileNotFoundError: when the watch list has not been written.
    """
    if not file.exists():
        raise FileNotFoundError(f"{file}: there is no watch list; materialise accounts")
    columns = [c.name for c in fields(Account) if c.name != "places"]
    frame = pl.read_parquet(file, columns=columns).sort("account_id")
    places = _read_places(file.with_name("places.parquet"))
    return tuple(
        Account(
            **{**row, **{name: tuple(row[name] or ()) for name in _LISTS}},
            places=tuple(places.get(row["account_id"], ())),
        )
        for row in frame.iter_rows(named=True)
    )


def _read_places(file: Path) -> dict[str, list[Place]]:
    places: dict[str, list[Place]] = {}
    if file.exists():
        frame = pl.read_parquet(file, columns=list(PLACES_SCHEMA))
        for account_id, source, address in frame.iter_rows():
            places.setdefault(account_id, []).append(Place(source, address))
    return places
