"""Which kinds of signal come first: hypotheses put to the signals that were seen.

Does what nobody announces come before what is announced, does behaviour come before
language and language before decisions? A later kind's signal is paired with the nearest
earlier kind's signal of the same account, as far before it as after it, so that where
there is no order the median lag is about nothing. Pure: frames in, rows out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from orchestration.scoring.coefficients import Vector

# How far from a signal its counterpart is looked for, before and after alike.
REACH = 91
# Fewer accounts than this show chance.
LEAST_ACCOUNTS = 20
_DRAWS = 500

_BEHAVIOUR = ("hiring", "leadership", "structure", "tempo", "partners", "money")
# The demand of a tender: a decision that is published.
_DECISION = ("tender_open", "contract_awarded", "direct_award_notice")


@dataclass(frozen=True)
class Ordering:
    """One hypothesis: ``first`` comes before ``then``; the lag is in days.

    ``said`` puts what was found in words; ``lag`` is None where too little is known.
    """

    first: str
    then: str
    n_pairs: int
    n_accounts: int
    lag: float | None
    lag_band: tuple[float, float] | None
    share_first: float | None
    share_band: tuple[float, float] | None
    said: str


def orderings(
    signals: pl.DataFrame, watched: Sequence[date], seed: int = 0
) -> list[Ordering]:
    """Put each hypothesis to the signals of a watch.

    Args:
        signals: contract signals: `account_id, signal_type, family, awareness,
            effective_pt`, as they stood on the last day.
        watched: days of the watch; a signal nearer to its ends than `REACH` has no full
            window around it and is not asked.
        seed: of the bootstrap over accounts.
    """
    kind = pl.col("signal_type")
    family = pl.col("family")
    decision = kind.is_in(_DECISION)
    classes = {
        "unaware": pl.col("awareness") == "unaware",
        "explicit": pl.col("awareness") == "explicit",
        "behaviour": family.is_in(_BEHAVIOUR) & ~decision,
        "language": family == "language",
        "decision": decision,
    }
    days = {name: _days(signals.filter(rule)) for name, rule in classes.items()}
    pairs = (
        ("unaware", "explicit"),
        ("behaviour", "language"),
        ("language", "decision"),
        ("behaviour", "decision"),
    )
    span = (min(watched), max(watched)) if watched else None
    return [_ordering(a, b, days[a], days[b], span, seed) for a, b in pairs]


def _days(signals: pl.DataFrame) -> dict[str, Vector]:
    told = (
        signals.filter(pl.col("effective_pt").is_not_null())
        .select(
            "account_id",
            pl.col("effective_pt").dt.date().to_physical().alias("day"),
        )
        .unique()
        .sort("account_id", "day")
    )
    return {
        str(account): rows["day"].to_numpy().astype(np.float64)
        for (account,), rows in told.partition_by("account_id", as_dict=True).items()
    }


def _ordering(
    first: str,
    then: str,
    earlier: Mapping[str, Vector],
    later: Mapping[str, Vector],
    span: tuple[date, date] | None,
    seed: int,
) -> Ordering:
    lags: list[float] = []
    of: list[int] = []
    if span is not None:
        epoch = date(1970, 1, 1)
        low = (span[0] + timedelta(days=REACH) - epoch).days
        high = (span[1] - timedelta(days=REACH) - epoch).days
        for number, account in enumerate(sorted(set(earlier) & set(later))):
            for day in later[account]:
                away = day - earlier[account]
                away = away[(np.abs(away) <= REACH) & (away != 0)]
                if low <= day <= high and len(away):
                    nearest = away[np.abs(away) == np.abs(away).min()]
                    # Equally far before and after: no order.
                    lags.append(float(nearest.mean()))
                    of.append(number)
    n_accounts = len(set(of))
    if n_accounts < LEAST_ACCOUNTS:
        return Ordering(
            first, then, len(lags), n_accounts, None, None, None, None,
            f"Not yet known whether {first} comes before {then}: {n_accounts} accounts "
            f"show both, and {LEAST_ACCOUNTS} are needed.",
        )  # fmt: skip
    lag, place = np.array(lags), np.unique(of, return_inverse=True)[1]
    lag_band, share_band = _bands(lag, place, seed)
    share = float((lag > 0).mean())
    middle = float(np.median(lag))
    return Ordering(
        first, then, len(lags), n_accounts, middle, lag_band, share, share_band,
        _said(first, then, share, share_band, middle),
    )  # fmt: skip


def _bands(
    lag: Vector, place: np.ndarray, seed: int
) -> tuple[tuple[float, float], tuple[float, float]]:
    """90 % bands of the median lag and of the share before, by drawing accounts."""
    generator = np.random.default_rng(seed)
    order = np.argsort(lag, kind="stable")
    medians, shares = np.empty(_DRAWS), np.empty(_DRAWS)
    for i in range(_DRAWS):
        weight = generator.exponential(size=int(place.max()) + 1)[place]
        mass = np.cumsum(weight[order])
        medians[i] = lag[order][np.searchsorted(mass, mass[-1] / 2)]
        shares[i] = weight[lag > 0].sum() / mass[-1]

    def band(drawn: Vector) -> tuple[float, float]:
        low, high = np.quantile(drawn, [0.05, 0.95])
        return float(low), float(high)

    return band(medians), band(shares)


def _said(
    first: str, then: str, share: float, band: tuple[float, float], lag: float
) -> str:
    interval = f"{share:.0%} of pairs (90 % interval {band[0]:.0%} to {band[1]:.0%})"
    if band[0] > 0.5:
        return (
            f"{first.capitalize()} comes before {then} in {interval}, by {lag:.0f} "
            "days in the median."
        )
    if band[1] < 0.5:
        return (
            f"The opposite of what was believed: {then} comes before {first}; {first} "
            f"is first in only {interval}."
        )
    return f"No order is seen: {first} comes before {then} in {interval}."
