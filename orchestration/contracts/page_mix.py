"""Whether pages of the same kinds are read as before, and accounts answer as before.

A lexicon that no longer knows a menu, a site builder that renames its sections or a
crawl that is refused by half of the sites makes signals that are none. Both are judged
over all accounts at once: one site that is built anew moves neither. What is read of a
page is judged elsewhere (gate.record_yield).
"""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from scrapers.parsed import MANNERS
from scrapers.source import SourceSpec
from scrapers.visit import ANSWERED

# Of the shares of all kinds of page, how much may have moved from one to another.
MOST_MOVED = 0.25
# Of the accounts that usually answer, how many must.
LEAST_ANSWERING = 0.8
_LATEST_DAYS, _USUAL_DAYS = 7, 28
_LEAST_VISITS, _LEAST_ACCOUNTS, _LEAST_DAYS = 200, 20, 4


@dataclass(frozen=True)
class Drift:
    """One thing that is watched; `value` is None where too little is known to judge."""

    source: str
    value: float | None
    has_drifted: bool
    sentence: str


def page_mix(home: Path, source: str) -> Drift:
    """Shares of kinds of page on the newest days, against those of the days before.

    Args:
        home: the home folder.
        source: one that visits pages of accounts.
    """
    files = _days(home, source)[-(_LATEST_DAYS + _USUAL_DAYS) :]
    latest, usual = files[-_LATEST_DAYS:], files[:-_LATEST_DAYS]
    if not latest or not usual:
        return Drift(source, None, False, f"{source}: too few days to judge the mix")
    counts = [_kinds(some) for some in (latest, usual)]
    n_latest, n_usual = (sum(count.values()) for count in counts)
    if min(n_latest, n_usual) < _LEAST_VISITS:
        return Drift(source, None, False, f"{source}: too few pages to judge the mix")
    moved = {
        kind: counts[0].get(kind, 0) / n_latest - counts[1].get(kind, 0) / n_usual
        for kind in counts[0] | counts[1]
    }
    distance = sum(map(abs, moved.values())) / 2
    most = sorted(moved, key=lambda kind: (-abs(moved[kind]), kind))[:3]
    told = ", ".join(f"{kind} {moved[kind]:+.0%}" for kind in most)
    return Drift(
        source,
        distance,
        distance > MOST_MOVED,
        f"{source}: {distance:.0%} of the pages of the last {len(latest)} days are of "
        f"other kinds than in the {len(usual)} before ({told}); more than "
        f"{MOST_MOVED:.0%} is a change of ours or of many sites at once",
    )


def answering(home: Path, source: str) -> Drift:
    """How many of the accounts that were asked on the newest day gave any answer."""
    judged = (_answering(file) for file in _days(home, source)[-8:])
    shares = [share for share in judged if share is not None]
    if len(shares) < _LEAST_DAYS:
        return Drift(source, None, False, f"{source}: too few accounts to judge")
    *before, newest = shares
    usual = sorted(before)[len(before) // 2]
    return Drift(
        source,
        newest,
        newest < LEAST_ANSWERING * usual,
        f"{source}: {newest:.0%} of the accounts that were asked last gave an answer, "
        f"usually {usual:.0%}",
    )


def of_all(home: Path, specs: list[SourceSpec]) -> tuple[list[Drift], list[Drift]]:
    """What is watched, of the sources that ask about one account at a time.

    The mix only of those that find their pages themselves: a board has one kind.
    """
    ours = [spec for spec in specs if not spec.market_wide and _days(home, spec.name)]
    mixes = [page_mix(home, s.name) for s in ours if not s.hosts and s.needs != "place"]
    return mixes, [answering(home, s.name) for s in ours]


def _days(home: Path, source: str) -> list[Path]:
    return sorted((home / "landing" / source).glob("day=*/visits.parquet"))


def _kinds(files: list[Path]) -> dict[str, int]:
    visits = pl.scan_parquet(files).filter(
        pl.col("outcome").is_in(list(ANSWERED)) & ~pl.col("scope").is_in(list(MANNERS))
    )
    return dict(visits.group_by("scope").len().sort("scope").collect().iter_rows())


def _answering(file: Path) -> float | None:
    by_account = (
        pl.scan_parquet(file)
        .filter(
            pl.col("account_id").is_not_null() & ~pl.col("scope").is_in(list(MANNERS))
        )
        .group_by("account_id")
        .agg(pl.col("outcome").is_in(list(ANSWERED)).any().alias("has_answered"))
        .collect()
    )
    share = by_account["has_answered"].mean()
    if by_account.height < _LEAST_ACCOUNTS or not isinstance(share, float):
        return None
    return share
