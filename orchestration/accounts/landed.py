"""The watch list as it was landed, with its places and opt-outs.

Reading `landing/_accounts/` of a home folder and writing `accounts/` belong here; how
each file is read stands in its own module.
"""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from orchestration.accounts.opt_outs import OptOuts, read_opt_outs, write_opt_outs
from orchestration.accounts.places import Places, read_places, write_places
from orchestration.accounts.watch_list import (
    AccountsRefused,
    WatchList,
    read_watch_list,
    write_watch_list,
)
from scrapers.account import read_accounts
from scrapers.source import concerned, load_source, source_names

# What of an account decides where sources ask.
_ASKED_BY = ("account_id", "org_number", "country", "domains")
# Of a watch list, so large a share may go without a person's word.
_MOST_GONE = 0.25
_PLACE = ("account_id", "source", "address")


@dataclass(frozen=True)
class Landed:
    """What a person gave: whom to observe, where, and whom not to."""

    watch_list: WatchList
    places: Places
    opt_outs: OptOuts


def read_landed(home: Path) -> Landed:
    """Read the landed files of a home folder.

    Raises:
        AccountsRefused: with one sentence, when one of them cannot be used.
    """
    folder = home / "landing" / "_accounts"
    watch_list = read_watch_list(folder / "accounts.csv")
    opt_outs = read_opt_outs(folder / "opt_out.csv")
    places = Places((), ())
    if (folder / "places.csv").exists():
        ids = frozenset(watch_list.accounts["account_id"])
        places = read_places(folder / "places.csv", ids, source_names())
    return Landed(watch_list, places, opt_outs)


def write_landed(landed: Landed, home: Path) -> None:
    """Write the tables of `accounts/` and the quarantine of what was set aside."""
    write_watch_list(landed.watch_list, home)
    write_places(landed.places, home)
    write_opt_outs(landed.watch_list.accounts, landed.opt_outs, home)


def land_list(file: Path, home: Path, *, is_confirmed: bool = False) -> WatchList:
    """Make a file the watch list of a home; places, opt-outs and policy stay.

    Args:
        file: the accounts file, as a CRM told it.
        home: the home folder.
        is_confirmed: more than a quarter of those watched may go.

    Returns:
        What was read of it.

    Raises:
        AccountsRefused: it cannot be used, or too many would no longer be watched;
            nothing was landed.
    """
    read = read_watch_list(file)
    target = home / "landing" / "_accounts" / "accounts.csv"
    if target.exists() and not is_confirmed:
        were = set(read_watch_list(target).accounts["account_id"])
        gone = were - set(read.accounts["account_id"])
        if len(gone) > _MOST_GONE * len(were):
            raise AccountsRefused(
                f"{file}: {len(gone)} of the {len(were)} accounts that are watched are "
                f"not in it, {min(gone)} among them; --confirm lets them go"
            )
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(".accounts.csv.next")
    fresh.write_bytes(file.read_bytes())
    fresh.replace(target)
    return read


def to_ask_anew(home: Path) -> tuple[str, ...]:
    """Accounts that the landed files add, or give other domains, numbers or places.

    Compared with the tables of `accounts/`, as the last run wrote them: empty before
    the first run, when all are asked anyway.

    Raises:
        AccountsRefused: when one of the landed files cannot be used.
    """
    file = home / "accounts" / "accounts.parquet"
    if not file.exists():
        return ()
    landed = read_landed(home)
    were = set(map(repr, pl.read_parquet(file).select(_ASKED_BY).iter_rows()))
    rows = landed.watch_list.accounts.select(_ASKED_BY).iter_rows()
    found = {row[0] for row in rows if repr(row) not in were}
    places = home / "accounts" / "places.parquet"
    stood = (
        set(pl.read_parquet(places, columns=[*_PLACE]).select(_PLACE).iter_rows())
        if places.exists()
        else set()
    )
    found |= {
        place.account_id
        for place in landed.places.in_use()
        if (place.account_id, place.source, place.address) not in stood
    }
    return tuple(sorted(found))


def idle_sources(home: Path) -> tuple[str, ...]:
    """Sources that none of the watched accounts concerns, as of the written tables."""
    accounts = read_accounts(home / "accounts" / "accounts.parquet")
    return tuple(
        name for name in source_names() if not concerned(load_source(name), accounts)
    )
