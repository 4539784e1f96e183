"""Many account-days scored at once, with what each column adds (SCIENCE 3.4).

Arrays in, arrays out; sentences and evidence of a single account are `explain`.
"""

from dataclasses import dataclass

import numpy as np

from orchestration.scoring.coefficients import Z90, Coefficients, Vector, sigmoid

# Rows at a time: what is in work stays in the processor's cache.
_CHUNK = 16_384


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
    n = len(x)
    # Without kappa, which acts through beta, and with a of the average account.
    kept = np.r_[0, 2 : len(mean) + 2]
    covariance = model.covariance[np.ix_(kept, kept)]
    shift = np.eye(len(kept))
    shift[0, 1:] = mean if still is None else mean - still
    covariance = shift @ covariance @ shift.T
    live = np.flatnonzero(np.diag(covariance)[1:] > 0)
    root = _root(covariance[np.ix_(np.r_[0, live + 1], np.r_[0, live + 1])])
    logit, sd = np.empty(n), np.empty(n)
    contributions = np.empty(x.shape, order="F")
    for start in range(0, n, _CHUNK):
        rows = slice(start, start + _CHUNK)
        off = x[rows] - mean
        # Looking at every value for nan costs as much as the multiply.
        if np.isnan(off.sum()):
            off[np.isnan(off)] = 0.0
        np.multiply(off, model.beta, out=contributions[rows])
        logit[rows] = base_logit + contributions[rows].sum(axis=1)
        spread = off[:, live] @ root[1:] + root[0]
        sd[rows] = np.sqrt(np.einsum("ij,ij->i", spread, spread))
    return Scores(
        base_logit=base_logit,
        logit=logit,
        probability=sigmoid(logit),
        lower=sigmoid(logit - Z90 * sd),
        upper=sigmoid(logit + Z90 * sd),
        contributions=contributions,
    )


def _root(covariance: Vector) -> Vector:
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))
