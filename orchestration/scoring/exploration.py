"""The slice of a call list drawn by lot, and labels weighed by it (SCIENCE 3.8).

Accounts that are called yield more opportunities, so opportunities tell of the list as
well as of the accounts. A small share of a list is therefore drawn by lot, with the
chance of each written down, and labels of a CRM weigh one over that chance. Tenders
are moved by no call and are not weighed.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from orchestration.scoring.coefficients import Vector
from orchestration.scoring.learning import STEP, Days

# A rare account must not speak for too many.
MOST_WEIGHT = 10.0
# Which four weeks a day lies in, as landmarks count them.
STRETCH = ((pl.col("as_of") - date.min).dt.total_days() // STEP).alias("stretch")

Place = tuple[str, str]  # account and offer


@dataclass(frozen=True)
class Lots:
    """Who is listed, who of them by lot, and the chance that each had before."""

    listed: frozenset[Place]
    by_lot: frozenset[Place]
    chance: Mapping[Place, float]


def lots(ranked: Sequence[Place], places: int, expected: float, seed: str) -> Lots:
    """Fill the places of a list by rank, and some of them by lot.

    The same seed draws the same, so that a day that is scored again lists the same.

    Args:
        ranked: who could be listed, best first.
        places: how many are.
        expected: how many places are drawn for, on average; a fraction is one place
            drawn for so often.
        seed: of the draw.
    """
    n = len(ranked)
    if n <= places:
        return Lots(frozenset(ranked), frozenset(), dict.fromkeys(ranked, 1.0))
    few, often = int(expected), expected - int(expected)
    ways = [(min(few, places), 1.0 - often), (min(few + 1, places), often)]
    chance = dict.fromkeys(ranked, 0.0)
    for drawn, how_often in ways:
        by_rank = places - drawn
        for i, one in enumerate(ranked):
            chance[one] += how_often * (1.0 if i < by_rank else drawn / (n - by_rank))
    drawn = ways[_unit(seed) < often][0]
    top, rest = ranked[: places - drawn], ranked[places - drawn :]
    by_lot = sorted(rest, key=lambda one: _unit(seed, *one))[:drawn]
    return Lots(frozenset([*top, *by_lot]), frozenset(by_lot), chance)


def label_weights(
    accounts: Sequence[str], days: Days, lists: pl.DataFrame, since: date
) -> Vector:
    """How much the label of each account and landmark weighs.

    A row whose account was listed in the four weeks from its landmark weighs one over
    the chance of that, at most ten; one that was not is no label, for nobody called.
    Landmarks before lists were used weigh one.

    Args:
        accounts: of each row.
        days: landmark of each row, ordinal.
        lists: contract talk_to_now, of one offer.
        since: the first day by whose list somebody was called.
    """
    chance = chances(lists)
    known = lists.filter("is_listed", pl.col("propensity").is_not_null())
    listed = set(known.select("account_id", STRETCH).iter_rows())
    weights = np.ones(len(days))
    for i, (account, day) in enumerate(zip(accounts, days.tolist(), strict=True)):
        if day < since.toordinal():
            continue
        key = (account, (day - 1) // STEP)
        if key not in listed:
            weights[i] = 0.0
            continue
        weights[i] = min(MOST_WEIGHT, 1.0 / max(chance[key], 1.0 / MOST_WEIGHT))
    return weights


def chances(lists: pl.DataFrame) -> dict[tuple[str, int], float]:
    """The chance that each account had of a place within each stretch of four weeks.

    By account and number of the stretch, as landmarks count them.

    Args:
        lists: contract talk_to_now, of one offer.
    """
    # One chance a week: a list is drawn for once a week.
    missed: dict[tuple[str, int], dict[date, float]] = defaultdict(dict)
    known = lists.filter(pl.col("propensity").is_not_null())
    for account, stretch, week, chance in known.select(
        "account_id", STRETCH, "week", "propensity"
    ).iter_rows():
        of_week = missed[account, stretch]
        of_week[week] = min(of_week.get(week, 1.0), 1.0 - chance)
    return {
        key: 1.0 - float(np.prod(list(weeks.values()))) for key, weeks in missed.items()
    }


def _unit(*said: str) -> float:
    """A number from 0 to 1 that what is said has drawn."""
    digest = hashlib.sha256("\0".join(said).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2.0**64
