"""The coefficients of the logistic and how unsure they are (SCIENCE 3.2).

Linear algebra over numpy arrays; no accounts, no days, no words. Without outcomes the
posterior is the prior; a fit to outcomes replaces `prior` and returns the same class.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orchestration.scoring.weights import Weights

Vector = NDArray[np.float64]
Z90 = 1.6448536269514722


@dataclass(frozen=True)
class Coefficients:
    """Mean of beta and covariance of (a, kappa, beta), in the order of signal_types.

    Without an ``intercept`` it is found for each day's population, so that the mean
    probability is the base rate.
    """

    signal_types: tuple[str, ...]
    beta: Vector
    covariance: Vector
    intercept: float | None = None


def prior(weights: Weights) -> Coefficients:
    """Coefficients before any outcome: the Laplace posterior with an empty likelihood.

    The precision is the Hessian of the penalty
    `.5 sum (beta - kappa w)^2 / tau^2 + .5 (kappa-1)^2 / kappa_sd^2
    + .5 (a - a0)^2 / intercept_sd^2`, w being the weights as far as they are trusted.
    Types of weight 0 are fixed at 0: no opinion is not a vague opinion.
    The mean keeps every sign bound, since it is the weights themselves.
    """
    used = {kind: w for kind, w in weights.believed.items() if w != 0.0}
    w = np.array(list(used.values()), dtype=np.float64)
    n = len(w)
    precision = np.zeros((n + 2, n + 2))
    precision[0, 0] = 1.0 / weights.intercept_sd**2
    precision[1, 1] = 1.0 / weights.kappa_sd**2 + float(w @ w) / weights.tau**2
    precision[1, 2:] = precision[2:, 1] = -w / weights.tau**2
    precision[2:, 2:] = np.eye(n) / weights.tau**2
    covariance = np.linalg.inv(precision).astype(np.float64)
    return Coefficients(tuple(used), w, covariance)


def sigmoid(logit: Vector) -> Vector:
    """Probability of a logit, without overflow on either side."""
    small = np.exp(-np.abs(logit))
    return np.where(logit >= 0, 1.0, small) / (1.0 + small)


def anchored_intercept(scores: Vector, base_rate: float) -> float:
    """The a for which `mean sigmoid(a + scores)` is the base rate, by bisection.

    Args:
        scores: log-odds of today's population without the intercept; not empty.
        base_rate: probability an account picked at random would have, in (0, 1).

    Raises:
        ValueError: when there is no population or the base rate is no probability.
    """
    if not scores.size:
        raise ValueError("an intercept cannot be anchored on an empty population")
    if not 0.0 < base_rate < 1.0:
        raise ValueError(f"base rate {base_rate} is not between 0 and 1")
    centre = float(np.log(base_rate / (1.0 - base_rate)))
    low = centre - float(scores.max()) - 1.0
    high = centre - float(scores.min()) + 1.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        if float(sigmoid(middle + scores).mean()) < base_rate:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def anchored_centre(x: Vector, probability: Vector) -> Vector:
    """The x at which an anchored logit stands still when beta moves.

    The anchored intercept answers a change of beta by `da/dbeta = -sum v x / sum v`
    with `v = p (1 - p)`, for the mean probability is held. So the gradient of an
    account's logit is its x less this mean, in which likely accounts weigh most.

    Args:
        x: the population the intercept is anchored on, accounts x types.
        probability: of each of them.
    """
    v = probability * (1.0 - probability)
    return np.asarray(v @ x / v.sum(), dtype=np.float64)


def logit_sd(coefficients: Coefficients, x: Vector) -> Vector:
    """Standard deviation of each account's logit by the delta method.

    Args:
        coefficients: with the covariance of (a, kappa, beta).
        x: accounts x types of `coefficients.signal_types`; what was not observed holds
            the mean. The gradient of the logit is (1, 0, x): kappa acts through beta.
            Where the intercept is anchored, x less `anchored_centre`.
    """
    gradient = np.hstack([np.ones((len(x), 1)), np.zeros((len(x), 1)), x])
    half = gradient @ coefficients.covariance
    return np.sqrt(np.maximum(np.einsum("ij,ij->i", half, gradient), 0.0))
