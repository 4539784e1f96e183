"""The watch list as it was landed, with its places and opt-outs.

Reading `landing/_accounts/` of a home folder and writing `accounts/` belong here; how
each file is read stands in its own module.
"""

from dataclasses import dataclass
from pathlib import Path

from orchestration.accounts.opt_outs import OptOuts, read_opt_outs, write_opt_outs
from orchestration.accounts.places import Places, read_places, write_places
from orchestration.accounts.watch_list import (
    WatchList,
    read_watch_list,
    write_watch_list,
)
from scrapers.account import read_accounts
from scrapers.source import concerned, load_source, source_names


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


def idle_sources(home: Path) -> tuple[str, ...]:
    """Sources that none of the watched accounts concerns, as of the written tables."""
    accounts = read_accounts(home / "accounts" / "accounts.parquet")
    return tuple(
        name for name in source_names() if not concerned(load_source(name), accounts)
    )
