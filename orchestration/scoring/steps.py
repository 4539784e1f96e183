"""What the graph and the command line both do with the model: fit, pin, look up.

Frames and a home folder in; files of versions out. Which tables there are is said here
once.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl

from orchestration.scoring.day import Desk, desk
from orchestration.scoring.training import Calls, known_until, train
from orchestration.scoring.versions import (
    EXPERT,
    Version,
    pinned,
    read_pins,
    read_version,
    version_names,
    write_version,
)
from orchestration.scoring.weights import Weights, load_weights

# What a desk is laid out from, besides the accounts.
DESK_TABLES = (
    "account_features",
    "hist_coverage_daily",
    "offers",
    "signals",
    "signal_types",
)


def desk_of(
    tables: Mapping[str, pl.DataFrame],
    accounts: pl.DataFrame,
    weights: Weights | None = None,
) -> Desk:
    """A desk from the tables of the warehouse (`DESK_TABLES`)."""
    return desk(
        tables["account_features"],
        tables["hist_coverage_daily"],
        tables["offers"],
        weights or load_weights(),
        tables["signals"],
        accounts,
        tables["signal_types"],
    )


def fit_version(
    home: Path,
    tables: Mapping[str, pl.DataFrame],
    accounts: pl.DataFrame,
    *,
    target: str,
    cut: date | None = None,
    offers: Sequence[str] = (),
    contacts: pl.DataFrame | None = None,
) -> str:
    """Learn a version and write it; nothing is promoted.

    Args:
        home: the home folder.
        tables: `DESK_TABLES` and `outcomes`; `talk_to_now`, where there is one.
        accounts: contract accounts.
        target: `tender` or `crm`.
        cut: the last observed day by default.
        offers: all by default.
        contacts: contract crm_feedback: which tasks were done.

    Returns:
        The name of the version.

    Raises:
        Leak, NotEnough: nothing was written; one sentence says why.
    """
    at = desk_of(tables, accounts)
    trained = train(
        at,
        tables["outcomes"],
        tables["account_features"],
        target=target,
        cut=cut or known_until(at.days),
        offers=offers,
        calls=_calls(tables.get("talk_to_now"), contacts),
    )
    return write_version(home, trained.said, trained.report, trained.page)


def _calls(lists: pl.DataFrame | None, contacts: pl.DataFrame | None) -> Calls | None:
    """The lists people were called by; None where nobody has told of a call.

    Lists that nobody goes by choose nobody, and their chances weigh nothing.
    """
    if lists is None or contacts is None or "propensity" not in lists.columns:
        # Lists of before lots were drawn tell no chance.
        return None
    since = contacts.filter(pl.col("contacted_at").is_not_null())["opened_on"].min()
    return Calls(lists, since) if isinstance(since, date) else None


def pinned_versions(home: Path) -> Callable[[date], Version | None]:
    """Which version scores a day, as the pins of a home say."""
    pins = read_pins(home)
    read = cache(lambda name: read_version(home, name))

    def of_day(as_of: date) -> Version | None:
        name = pinned(pins, as_of)
        return None if name == EXPERT else read(name)

    return of_day


def cuts_of(home: Path, target: str) -> list[date]:
    """Data cuts of the versions of a target."""
    versions = [read_version(home, name) for name in version_names(home)]
    return [v.data_cut for v in versions if v.target == target]
