"""A map from probabilities to better ones, where outcomes show that it is (3.5).

With fewer than 1,000 outcomes there is none: a map learned from less adds noise. With
more, beta calibration and an isotonic map are learned from the earlier part and judged
on the later; the better one is taken if it saves 1 % of the log loss, else none.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orchestration.scoring.calibration import log_loss
from orchestration.scoring.coefficients import Vector, sigmoid
from orchestration.scoring.estimator import NotFitted, Prior, fit
from orchestration.scoring.learning import HORIZON, PUBLICATION_LAG, Days

ENOUGH = 1_000
LEAST_GAIN = 0.01
_EARLIER = 0.7
_LEAST_P = 1e-6


@dataclass(frozen=True)
class Identity:
    """Probabilities as they are."""

    def apply(self, p: Vector) -> Vector:
        """The probability each becomes."""
        return p


@dataclass(frozen=True)
class Beta:
    """`logit q = a ln p - b ln(1 - p) + c`, a and b not negative (Kull 2017)."""

    a: float
    b: float
    c: float

    def apply(self, p: Vector) -> Vector:
        """The probability each becomes."""
        safe = np.clip(p, _LEAST_P, 1 - _LEAST_P)
        return sigmoid(self.a * np.log(safe) - self.b * np.log1p(-safe) + self.c)


@dataclass(frozen=True)
class Isotonic:
    """A rising line through blocks: their mean probability and share of outcomes."""

    at: tuple[float, ...]
    share: tuple[float, ...]

    def apply(self, p: Vector) -> Vector:
        """The probability each becomes; beyond the ends the last share."""
        return np.asarray(np.interp(p, self.at, self.share), dtype=np.float64)


Map = Identity | Beta | Isotonic


def said_of(one: Map) -> dict[str, Any]:
    """What is written of a map; nothing of the identity."""
    if isinstance(one, Identity):
        return {}
    return {"kind": type(one).__name__.lower(), **asdict(one)}


def read_map(said: Mapping[str, Any]) -> Map:
    """The map that was written.

    Raises:
        NotFitted: of a kind that is not known.
    """
    if not said:
        return Identity()
    kind = said["kind"]
    if kind == "beta":
        return Beta(said["a"], said["b"], said["c"])
    if kind == "isotonic":
        return Isotonic(tuple(said["at"]), tuple(said["share"]))
    raise NotFitted(f"a map of the unknown kind {kind!r}")


def fit_beta(y: Vector, p: Vector) -> Beta:
    """Three numbers around the identity, which they stay near while little is known."""
    safe = np.clip(p, _LEAST_P, 1 - _LEAST_P)
    around = Prior(
        ("ln p", "-ln(1-p)"), np.ones(2), np.ones(2), np.ones(2, dtype=np.int64), 0.0
    )
    found = fit(np.column_stack([np.log(safe), -np.log1p(-safe)]), y, around)
    return Beta(float(found.beta[0]), float(found.beta[1]), found.intercept)


def fit_isotonic(y: Vector, p: Vector) -> Isotonic:
    """Neighbouring blocks joined until shares rise.

    Each block's share counts one more row at its own mean probability, so that none
    becomes 0 or 1.

    Raises:
        NotFitted: no rows.
    """
    if not len(p):
        raise NotFitted("no rows for an isotonic map")
    values, place, counts = np.unique(p, return_inverse=True, return_counts=True)
    outcomes = np.bincount(place, y)
    blocks: list[list[float]] = []
    for value, n, k in zip(values, counts, outcomes, strict=True):
        blocks.append([float(n), float(k), float(value * n)])
        while len(blocks) > 1 and (
            blocks[-2][1] * blocks[-1][0] >= blocks[-1][1] * blocks[-2][0]
        ):
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    n, k, total = np.array(blocks).T
    at = total / n
    # Rows added to small blocks may bend the line down by a hair: keep it rising.
    share = np.maximum.accumulate((k + at) / (n + 1))
    return Isotonic(tuple(at.tolist()), tuple(share.tolist()))


def choose_map(y: Vector, p: Vector, day: Days, n_events: int) -> Map:
    """The map later outcomes speak for.

    Args:
        y, p, day: rows with outcomes, their probabilities as forecast, and their days.
        n_events: distinct outcomes among them.
    """
    if n_events < ENOUGH:
        return Identity()
    edge = np.quantile(day, _EARLIER)
    earlier: NDArray[np.bool_] = day + HORIZON + PUBLICATION_LAG <= edge
    later: NDArray[np.bool_] = day > edge
    if not (y[earlier].any() and y[later].any()):
        return Identity()
    fits: dict[str, Callable[[Vector, Vector], Map]] = {
        "beta": fit_beta,
        "isotonic": fit_isotonic,
    }
    losses = {
        name: log_loss(y[later], one(y[earlier], p[earlier]).apply(p[later]))
        for name, one in fits.items()
    }
    best = min(losses, key=losses.__getitem__)
    if losses[best] > (1 - LEAST_GAIN) * log_loss(y[later], p[later]):
        return Identity()
    return fits[best](y, p)
