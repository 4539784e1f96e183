"""The accounts a crawl observes, read from the validated watch list."""

from collections.abc import Set
from dataclasses import dataclass, fields, replace
from pathlib import Path
from urllib.parse import urlsplit

import polars as pl

PLACES_SCHEMA: dict[str, pl.DataType] = {
    "account_id": pl.String(),
    "source": pl.String(),
    "address": pl.String(),
}
# What the place is, as discovery or a person calls it; a file may lack it.
KIND = "kind"


@dataclass(frozen=True)
class Place:
    """Where one source shows one account: a board's token, a feed's address.

    ``address`` is whatever the source's own `recognise` gives and its spider takes;
    ``kind`` says what it shows (leadership, careers, feed, job_board ...), if known.
    """

    source: str
    address: str
    kind: str = ""


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

    An account in `opt_outs.parquet` is left out, and so are the domains there: what is
    not read here cannot be asked.

    Raises:
        FileNotFoundError: when the watch list has not been written.
    """
    if not file.exists():
        raise FileNotFoundError(f"{file}: there is no watch list; materialise accounts")
    columns = [c.name for c in fields(Account) if c.name != "places"]
    frame = pl.read_parquet(file, columns=columns).sort("account_id")
    places = _read_places(file.with_name("places.parquet"))
    opted_out = _read_opt_outs(file.with_name("opt_outs.parquet"))
    domains = {domain for _, domain in opted_out if domain}
    return tuple(
        _without(
            Account(
                **{**row, **{name: tuple(row[name] or ()) for name in _LISTS}},
                places=tuple(places.get(row["account_id"], ())),
            ),
            domains,
        )
        for row in frame.iter_rows(named=True)
        if (row["account_id"], "") not in opted_out
    )


def opted_out_domains(file: Path) -> frozenset[str]:
    """Domains that must not be asked, whoever leads there.

    Those in `opt_outs.parquet` beside `accounts.parquet`, and those of the accounts
    there unless another account is watched by them.
    """
    opted_out = _read_opt_outs(file.with_name("opt_outs.parquet"))
    if not opted_out:
        return frozenset()
    watched: set[str] = set()
    left: set[str] = set()
    frame = pl.read_parquet(file, columns=["account_id", "domains"])
    for account_id, domains in frame.iter_rows():
        where = left if (account_id, "") in opted_out else watched
        where.update(domains or ())
    named = {domain for _, domain in opted_out if domain}
    return frozenset(named | (left - watched))


def is_on_any(host: str, domains: Set[str]) -> bool:
    """True for one of the domains, or a host below it."""
    return any(host == d or host.endswith(f".{d}") for d in domains)


def _read_opt_outs(file: Path) -> set[tuple[str, str]]:
    if not file.exists():
        return set()
    return set(pl.read_parquet(file, columns=["account_id", "domain"]).iter_rows())


def _without(account: Account, domains: set[str]) -> Account:
    """The account without the domains, and the places on them."""
    if not domains:
        return account
    return replace(
        account,
        domains=tuple(d for d in account.domains if d not in domains),
        places=tuple(p for p in account.places if not _is_on(p.address, domains)),
    )


def _is_on(address: str, domains: set[str]) -> bool:
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return False
    return is_on_any(host, domains)


def _read_places(file: Path) -> dict[str, list[Place]]:
    places: dict[str, list[Place]] = {}
    if file.exists():
        frame = pl.read_parquet(file)
        if KIND not in frame.columns:
            frame = frame.with_columns(pl.lit("").alias(KIND))
        for account_id, *place in frame.select(*PLACES_SCHEMA, KIND).iter_rows():
            places.setdefault(account_id, []).append(Place(*place))
    return places
