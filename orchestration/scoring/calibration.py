"""How good probabilities are: calibration, ranking and their noise (SCIENCE 3.5, 3.6).

Functions of outcomes and probabilities; who the rows are and when they were known
stands elsewhere. Everything that draws takes the seed it draws from.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orchestration.scoring.coefficients import Vector

BINS = 15


@dataclass(frozen=True)
class Bin:
    """One bin of a reliability diagram; the band is of the observed share."""

    n: int
    predicted: float
    observed: float
    lower: float | None = None
    upper: float | None = None


def brier(y: Vector, p: Vector) -> float:
    """Mean squared difference of outcome and probability."""
    return float(np.mean((p - y) ** 2))


def log_loss(y: Vector, p: Vector) -> float:
    """Mean negative log-likelihood; a probability of 0 or 1 is read as 1e-12 off it."""
    safe = np.clip(p, 1e-12, 1 - 1e-12)
    return float(-np.mean(y * np.log(safe) + (1 - y) * np.log1p(-safe)))


def skill(loss: float, reference: float) -> float:
    """Share of a reference loss that is saved: 1 is perfect, 0 is the reference."""
    return 1.0 - loss / reference if reference > 0 else 0.0


def equal_mass_bins(p: Vector, n_bins: int = BINS) -> NDArray[np.int64]:
    """The bin of each row: equal numbers, equal probabilities never parted.

    Returns:
        Integers from 0, in order of probability; fewer bins where ties are long.
    """
    if not len(p):
        return np.zeros(0, dtype=np.int64)
    _, inverse, counts = np.unique(p, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - counts / 2
    bins = np.minimum((middle * n_bins / len(p)).astype(np.int64), n_bins - 1)
    _, dense = np.unique(bins, return_inverse=True)
    return np.asarray(dense[inverse], dtype=np.int64)


def ece(y: Vector, p: Vector, n_bins: int = BINS) -> float:
    """Expected calibration error: mean |observed - predicted| over equal-mass bins."""
    bins = equal_mass_bins(p, n_bins)
    off = np.bincount(bins, weights=p - y)
    return float(np.abs(off).sum() / len(p)) if len(p) else 0.0


def ece_noise_floor(
    p: Vector, n_bins: int = BINS, draws: int = 200, seed: int = 0
) -> float:
    """The error that right probabilities show: mean ECE of labels drawn from p."""
    generator = np.random.default_rng(seed)
    bins = equal_mass_bins(p, n_bins)
    total = 0.0
    for _ in range(draws):
        y = generator.random(len(p)) < p
        total += float(np.abs(np.bincount(bins, weights=p - y)).sum())
    return total / (draws * len(p)) if len(p) else 0.0


def reliability(
    y: Vector,
    p: Vector,
    groups: NDArray[np.int64] | None = None,
    n_bins: int = BINS,
    draws: int = 500,
    seed: int = 0,
) -> list[Bin]:
    """A reliability diagram with 90 % bands.

    Args:
        y, p: outcomes and probabilities.
        groups: the account of each row, from 0. Bands come from a Bayesian bootstrap
            over accounts (Exp(1) weights): rows of one account are not independent.
    """
    bins = equal_mass_bins(p, n_bins)
    n_rows = np.bincount(bins)
    predicted = np.bincount(bins, weights=p) / n_rows
    observed = np.bincount(bins, weights=y) / n_rows
    if groups is None:
        return [
            Bin(int(n), float(a), float(b))
            for n, a, b in zip(n_rows, predicted, observed, strict=True)
        ]
    generator = np.random.default_rng(seed)
    n_groups = int(groups.max()) + 1 if len(groups) else 0
    shares = np.empty((draws, len(n_rows)))
    for i in range(draws):
        weight = generator.exponential(size=n_groups)[groups]
        mass = np.bincount(bins, weights=weight)
        shares[i] = np.bincount(bins, weights=weight * y) / mass
    lower, upper = np.quantile(shares, [0.05, 0.95], axis=0)
    return [
        Bin(int(n), float(a), float(b), float(c), float(d))
        for n, a, b, c, d in zip(n_rows, predicted, observed, lower, upper, strict=True)
    ]


def auc(y: Vector, p: Vector) -> float:
    """Chance that an outcome is ranked above a non-outcome; ties count half."""
    _, inverse, counts = np.unique(p, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    n_yes = float(y.sum())
    n_no = len(y) - n_yes
    if not n_yes or not n_no:
        return float("nan")
    return float((rank @ y - n_yes * (n_yes + 1) / 2) / (n_yes * n_no))


def top(p: Vector, k: int) -> NDArray[np.int64]:
    """Rows of the k highest probabilities; equal ones in the order of the rows."""
    return np.asarray(np.argsort(-p, kind="stable")[:k], dtype=np.int64)


def precision_at(y: Vector, p: Vector, k: int) -> float:
    """Share of outcomes among the k highest."""
    chosen = top(p, k)
    return float(y[chosen].mean()) if len(chosen) else float("nan")


def capture_at(y: Vector, p: Vector, share: float) -> float:
    """Share of all outcomes among the highest `share` of the rows."""
    chosen = top(p, max(1, int(len(p) * share)))
    return float(y[chosen].sum() / y.sum()) if y.sum() else float("nan")
