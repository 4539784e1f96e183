"""Many account-days scored at once, with what each column adds (SCIENCE 3.4).

Arrays in, arrays out; sentences and evidence of a single account are `explain`.
"""

from dataclasses import dataclass

import numpy as np

from orchestration.scoring.coefficients import Z90, Coefficients, Vector, sigmoid
from orchestration.scoring.one_thread import one_thread

# Rows at a time: what is in work stays in the processor's cache.
_CHUNK = 4_096


@dataclass(frozen=True)
class Scores:
    """One row an account-day; contributions and the mean's logit add up to the logit.

    ``base_logit`` is the logit of an account that is average in every column.
    """

    base_logit: float
    logit: Vector
    probability: Vector
    lower: Vector
    upper: Vector
    contributions: Vector


def score(
    model: Coefficients,
    x: Vector,
    mean: Vector,
    base_logit: float,
    still: Vector | None = None,
) -> Scores:
    """Probabilities with 90 % intervals, and contributions `beta_k (x_k - mean_k)`.

    Args:
        model: the coefficients and their doubt.
        x: account-days x columns of the model; nan where not observed, which counts as
            the mean.
        mean: of each column over the population of the day.
        base_logit: of an account that is average in every column.
        still: the x at which the logit stands still when beta moves: 0 with a learned
            intercept, `anchored_centre` with an anchored one.
    """
    # Without kappa, which acts through beta, and with a of the average account.
    kept = np.r_[0, 2 : len(mean) + 2]
    covariance = model.covariance[np.ix_(kept, kept)]
    shift = np.eye(len(kept))
    shift[0, 1:] = mean if still is None else mean - still
    covariance = shift @ covariance @ shift.T
    with one_thread():
        return _scored(model, x, mean, base_logit, covariance)


def _scored(
    model: Coefficients, x: Vector, mean: Vector, base_logit: float, covariance: Vector
) -> Scores:
    """The scores, given the doubt of the intercept and of every column."""
    n = len(x)
    live = np.flatnonzero(np.diag(covariance)[1:] > 0)
    root = _root(covariance[np.ix_(np.r_[0, live + 1], np.r_[0, live + 1])])
    logit, probability, lower, upper = (np.empty(n) for _ in range(4))
    # A column after the other, as they are read afterwards: out of rows, scoring a
    # million and writing them took 1.0 s, and this way .87 s (2026-11-28).
    contributions = np.empty(x.shape, order="F")
    for start in range(0, n, _CHUNK):
        rows = slice(start, start + _CHUNK)
        off = x[rows] - mean
        # Looking at every value for nan costs as much as the multiply.
        if np.isnan(off.sum()):
            off[np.isnan(off)] = 0.0
        np.multiply(off.T, model.beta[:, None], out=contributions[rows].T)
        logit[rows] = base_logit + contributions[rows].sum(axis=1)
        spread = off[:, live] @ root[1:] + root[0]
        sd = np.sqrt(np.einsum("ij,ij->i", spread, spread))
        probability[rows] = sigmoid(logit[rows])
        lower[rows] = sigmoid(logit[rows] - Z90 * sd)
        upper[rows] = sigmoid(logit[rows] + Z90 * sd)
    return Scores(
        base_logit=base_logit,
        logit=logit,
        probability=probability,
        lower=lower,
        upper=upper,
        contributions=contributions,
    )


def _root(covariance: Vector) -> Vector:
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))
