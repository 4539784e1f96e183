"""The champion: an expert-prior Bayesian logistic (SCIENCE 3.2), fitted to outcomes.

Numpy and scipy only: a design matrix, outcomes and a prior in, a posterior out. What a
column means, which rows may be learned from and what the posterior is worth stands
elsewhere.

    logit p = a + sum_k beta_k x_k
    beta_k ~ N(kappa * w_k, tau_k^2), kappa ~ N(1, kappa_sd^2) and kappa >= 0,
    a ~ N(a0, intercept_sd^2), beta_k >= 0 or <= 0 where the prior says so

Found by L-BFGS-B; its uncertainty is the Laplace approximation, the inverse of the
Hessian of the penalised likelihood at the maximum. With a bound that holds, the density
is a Gaussian cut at 0: `matters` reads it that way.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from orchestration.scoring.coefficients import Vector, sigmoid
from orchestration.scoring.one_thread import one_thread

# What counts as an effect, and how sure one must be of it to keep a signal (3.3).
EFFECT = 0.1
SURE = 0.8
_TOLERANCE = 1e-10
_MAX_STEPS = 2_000


class NotFitted(ValueError):
    """Data that no coefficients can be learned from; says what is wrong with it."""


@dataclass(frozen=True)
class Prior:
    """What is believed of the columns before any outcome, in their order.

    ``weight`` is the expert's log-odds per unit, ``sd`` the spread around kappa times
    it, ``sign`` +1 or -1 for a coefficient that cannot have the other sign, else 0.
    A column of ``sd`` 0 is fixed at its weight (0 for a pruned one).
    """

    names: tuple[str, ...]
    weight: Vector
    sd: Vector
    sign: NDArray[np.int64]
    intercept: float
    intercept_sd: float = 1.0
    kappa_sd: float = 0.5

    def __post_init__(self) -> None:
        """Refuse columns that do not agree in number."""
        lengths = {len(self.names), len(self.weight), len(self.sd), len(self.sign)}
        if len(lengths) != 1:
            raise NotFitted(f"a prior over columns of differing number: {lengths}")


@dataclass(frozen=True)
class Posterior:
    """The maximum and its covariance; the covariance is of (a, kappa, beta)."""

    names: tuple[str, ...]
    intercept: float
    kappa: float
    beta: Vector
    covariance: Vector
    n_rows: int
    n_outcomes: float

    def logit(self, x: Vector) -> Vector:
        """Log-odds of rows x columns."""
        return np.asarray(self.intercept + x @ self.beta, dtype=np.float64)

    def logit_sd(self, x: Vector) -> Vector:
        """Standard deviation of the logit of each row (delta method)."""
        gradient = np.hstack([np.ones((len(x), 1)), np.zeros((len(x), 1)), x])
        half = gradient @ self.covariance
        return np.sqrt(np.maximum(np.einsum("ij,ij->i", half, gradient), 0.0))

    def probability(self, x: Vector) -> Vector:
        """Probability of each row at the maximum."""
        return sigmoid(self.logit(x))


def fit(
    x: Vector,
    y: Vector,
    prior: Prior,
    row_weight: Vector | None = None,
    near: Posterior | None = None,
) -> Posterior:
    """The maximum a posteriori and its Laplace covariance.

    Args:
        x: rows x columns of the prior, without missing values.
        y: outcomes, 0 or 1, of each row.
        prior: what was believed before.
        row_weight: how much of an outcome each row is (step / horizon for landmarks
            that overlap); ones when left out.
        near: a posterior of the same columns to start from: quicker, not different.

    Raises:
        NotFitted: shapes that do not agree, values that are no numbers or outcomes
            that are neither 0 nor 1.
    """
    weight = np.ones(len(y)) if row_weight is None else row_weight
    _check(x, y, weight, prior)
    n_columns = len(prior.names)
    free = prior.sd > 0
    inverse = np.where(free, 1.0 / np.where(free, prior.sd, 1.0) ** 2, 0.0)
    start = np.concatenate([[prior.intercept, 1.0], prior.weight])
    if near is not None:
        start = np.concatenate([[near.intercept, near.kappa], near.beta])

    def loss(v: Vector) -> tuple[float, Vector]:
        a, kappa, beta = v[0], v[1], v[2:]
        z = a + x @ beta
        residual = weight * (sigmoid(z) - y)
        off = beta - kappa * prior.weight
        penalty = (
            0.5 * float(inverse @ off**2)
            + 0.5 * (kappa - 1.0) ** 2 / prior.kappa_sd**2
            + 0.5 * (a - prior.intercept) ** 2 / prior.intercept_sd**2
        )
        value = float(weight @ (np.logaddexp(0.0, z) - y * z)) + penalty
        gradient = np.empty_like(v)
        gradient[0] = residual.sum() + (a - prior.intercept) / prior.intercept_sd**2
        gradient[1] = (kappa - 1.0) / prior.kappa_sd**2 - float(
            (inverse * prior.weight) @ off
        )
        gradient[2:] = x.T @ residual + inverse * off
        return value, gradient

    # .47 s of every start of Dagster, for what a day of learning alone needs.
    from scipy.optimize import minimize

    bounds = [(None, None), (0.0, None), *_bounds(prior)]
    # Steps of L-BFGS are on 40 numbers: two threads wait for each other, and 27 tests
    # of learning took 58 s on two cores where one thread takes 9 (2026-11-27).
    with one_thread():
        found = minimize(
            loss,
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": _MAX_STEPS, "ftol": _TOLERANCE * 1e-3, "gtol": 1e-9},
        )
    v = found.x
    p = sigmoid(v[0] + x @ v[2:])
    hessian = _hessian(x, weight * p * (1.0 - p), prior, inverse)
    covariance = np.zeros((n_columns + 2, n_columns + 2))
    # What is fixed has no uncertainty, and takes none from the others.
    kept = np.concatenate([[True, True], free])
    covariance[np.ix_(kept, kept)] = np.linalg.inv(hessian[np.ix_(kept, kept)])
    return Posterior(
        names=prior.names,
        intercept=float(v[0]),
        kappa=float(v[1]),
        beta=np.asarray(v[2:], dtype=np.float64),
        covariance=covariance,
        n_rows=len(y),
        n_outcomes=float(weight @ y),
    )


def _check(x: Vector, y: Vector, weight: Vector, prior: Prior) -> None:
    if x.shape != (len(y), len(prior.names)) or len(weight) != len(y):
        raise NotFitted(
            f"x is {x.shape[0]} x {x.shape[1]}, with {len(y)} outcomes, {len(weight)} "
            f"row weights and a prior over {len(prior.names)} columns"
        )
    if not np.isfinite(x).all():
        column = prior.names[int(np.argwhere(~np.isfinite(x))[0][1])]
        raise NotFitted(f"column {column} holds a value that is no number")
    if not np.isin(y, (0.0, 1.0)).all():
        raise NotFitted("an outcome is neither 0 nor 1")


def _bounds(prior: Prior) -> list[tuple[float | None, float | None]]:
    signs = {1: (0.0, None), -1: (None, 0.0), 0: (None, None)}
    return [
        signs[int(sign)] if sd > 0 else (w, w)
        for sign, sd, w in zip(prior.sign, prior.sd, prior.weight, strict=True)
    ]


def _hessian(x: Vector, curvature: Vector, prior: Prior, inverse: Vector) -> Vector:
    n = len(prior.names)
    full = np.hstack([np.ones((len(x), 1)), np.zeros((len(x), 1)), x])
    hessian = full.T @ (full * curvature[:, None])
    hessian[0, 0] += 1.0 / prior.intercept_sd**2
    hessian[1, 1] += 1.0 / prior.kappa_sd**2 + float(inverse @ prior.weight**2)
    across = -inverse * prior.weight
    hessian[1, 2:] += across
    hessian[2:, 1] += across
    hessian[2:, 2:] += np.eye(n) * inverse
    return np.asarray(hessian, dtype=np.float64)


def matters(posterior: Posterior, prior: Prior) -> Vector:
    """P(|beta_k| > .1 given the data), by the Laplace density (SCIENCE 3.3).

    Where a sign is fixed the density is cut at 0 and scaled to one.
    """
    mean = posterior.beta
    sd = np.sqrt(np.maximum(np.diag(posterior.covariance)[2:], 0.0))
    safe = np.where(sd > 0, sd, 1.0)
    above = ndtr((mean - EFFECT) / safe)
    below = ndtr((-EFFECT - mean) / safe)
    both = above + below
    positive = above / np.maximum(ndtr(mean / safe), 1e-300)
    negative = below / np.maximum(ndtr(-mean / safe), 1e-300)
    known = np.select([prior.sign > 0, prior.sign < 0], [positive, negative], both)
    fixed = (np.abs(mean) > EFFECT).astype(np.float64)
    return np.where(sd > 0, known, fixed)


def pruned(prior: Prior, keep: Sequence[bool]) -> Prior:
    """The prior with the columns that do not matter fixed at 0."""
    kept = np.asarray(keep, dtype=bool)
    return replace(
        prior,
        weight=np.where(kept, prior.weight, 0.0),
        sd=np.where(kept, prior.sd, 0.0),
    )


def fit_pruned(
    x: Vector,
    y: Vector,
    prior: Prior,
    row_weight: Vector | None = None,
    always: Sequence[bool] | None = None,
) -> tuple[Posterior, Vector]:
    """Fit, drop what does not matter, and fit again (SCIENCE 3.3).

    The doubt is that of the first fit: that a column was dropped does not make it
    known to be nothing.

    Args:
        x, y, prior, row_weight: as `fit`.
        always: columns that are kept whatever they are worth (sectors).

    Returns:
        The second posterior, and P(|beta| > .1) of every column from the first.
    """
    first = fit(x, y, prior, row_weight)
    p = matters(first, prior)
    keep = p >= SURE
    if always is not None:
        keep |= np.asarray(always, dtype=bool)
    second = fit(x, y, pruned(prior, keep.tolist()), row_weight)
    return replace(second, covariance=first.covariance), p


def intercept_shift(observed: float, expected: float, pseudo: float = 20.0) -> float:
    """Log-odds to add for outcomes observed over expected (SCIENCE 3.5).

    Shrunk by ``pseudo`` events: `ln((O + 20) / (E + 20))`.
    """
    return float(np.log((observed + pseudo) / (expected + pseudo)))
