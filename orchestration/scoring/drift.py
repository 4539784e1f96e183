"""Drift: whether signals still fire as they did, and forecasts still hold (3.7).

Compares the last landmarks with those before; says what moved, changes nothing.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from scipy.special import betainc, gammaincinv

from orchestration.scoring.coefficients import Vector

PSI_WARN, PSI_ALARM = 0.2, 0.3
# Landmark days of the window compared, and of the stretch it is compared with.
_RECENT_DAYS = 56
_BEFORE_DAYS = 364
_BINS = 10
_LEAST_ROWS = 200
_FIRED = 0.5
# Of a firing rate so unlike the one before.
_RARE = 1e-3
_PRIOR = 1.5


@dataclass(frozen=True)
class Drifted:
    """One thing that moved, and how far."""

    signal_type: str
    measure: str
    value: float
    is_alarm: bool

    def sentence(self) -> str:
        """In words."""
        return f"{self.signal_type}: {self.measure} {self.value:.2g}"


def psi(before: Vector, now: Vector, bins: int = _BINS) -> float:
    """Population stability index over deciles of the former values.

    Values that are equal share a bin, and half a row is added to each, so that an
    empty one is not infinitely surprising.
    """
    edges = np.unique(np.quantile(before, np.linspace(0, 1, bins + 1)[1:-1]))
    n_bins = len(edges) + 1
    was = np.bincount(np.searchsorted(edges, before, side="left"), minlength=n_bins)
    is_now = np.bincount(np.searchsorted(edges, now, side="left"), minlength=n_bins)
    p = (was + 0.5) / (was.sum() + 0.5 * n_bins)
    q = (is_now + 0.5) / (is_now.sum() + 0.5 * n_bins)
    return float(((q - p) * np.log(q / p)).sum())


def drift(features: pl.DataFrame) -> list[Drifted]:
    """Types whose values, firing or coverage moved in the last eight weeks.

    One landmark a month is compared, for values of neighbouring days are the same.
    """
    if features.is_empty():
        return []
    last = features["as_of"].max()
    days = sorted(set(features["as_of"]))
    monthly: list[Any] = []
    for day in reversed(days):
        if not monthly or (monthly[-1] - day).days >= 28:
            monthly.append(day)
    age = (pl.lit(last) - pl.col("as_of")).dt.total_days()
    rows = features.filter(pl.col("as_of").is_in(monthly)).select(
        "signal_type", "x", (age < _RECENT_DAYS).alias("recent"), age.alias("age")
    )
    rows = rows.filter(pl.col("age") < _RECENT_DAYS + _BEFORE_DAYS)
    found = []
    for (name,), part in sorted(rows.partition_by("signal_type", as_dict=True).items()):
        found += _of_type(str(name), part)
    return found


def _of_type(name: str, part: pl.DataFrame) -> list[Drifted]:
    was, now = part.filter(~pl.col("recent")), part.filter(pl.col("recent"))
    if was.height < _LEAST_ROWS or now.height < _LEAST_ROWS // 4:
        return []
    found = []
    covered = (
        1 - was["x"].null_count() / was.height,
        1 - now["x"].null_count() / now.height,
    )
    if covered[0] > 0.2 and covered[1] < 0.6 * covered[0]:
        found.append(Drifted(name, "coverage", covered[1] / covered[0], True))
    before, after = was["x"].drop_nulls().to_numpy(), now["x"].drop_nulls().to_numpy()
    if len(before) < _LEAST_ROWS or len(after) < _LEAST_ROWS // 4:
        return found
    value = psi(before, after)
    if value > PSI_WARN:
        found.append(Drifted(name, "PSI", value, value > PSI_ALARM))
    p = _firing_tail(
        int((before >= _FIRED).sum()),
        len(before),
        int((after >= _FIRED).sum()),
        len(after),
    )
    if p < _RARE:
        found.append(Drifted(name, "firing rate, p", p, False))
    return found


def _firing_tail(y_before: int, n_before: int, y_now: int, n_now: int) -> float:
    """Two-sided Gamma-Poisson tail of how often it fired (SCIENCE 2.1)."""
    rate = max(y_before / n_before, 1.0 / n_before)
    alpha, beta = _PRIOR + y_before, _PRIOR / rate + n_before
    share = beta / (beta + n_now)
    # Tails of the negative binomial, by the incomplete beta function: scipy.stats would
    # cost every start of Dagster .64 s (2026-11-28).
    up = float(betainc(y_now, alpha, 1.0 - share)) if y_now > 0 else 1.0
    down = float(betainc(alpha, y_now + 1, share))
    return min(1.0, 2.0 * min(up, down))


def observed_over_expected(
    observed: float, expected: float
) -> tuple[float, float, float]:
    """The ratio with its 90 % Poisson interval."""
    if expected <= 0:
        return float("nan"), float("nan"), float("nan")
    low = float(gammaincinv(observed, 0.05)) if observed > 0 else 0.0
    high = float(gammaincinv(observed + 1, 0.95))
    return observed / expected, low / expected, high / expected
