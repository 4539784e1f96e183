"""Effects of categories that share a spread (SCIENCE 3.2, sector effects).

Columns of one group (the sectors, the sources of a lead) are drawn from one normal
around 0 whose spread is learned from the outcomes, so a rare category stays near the
mean of its group. The fit itself is `estimator.fit`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from orchestration.scoring.coefficients import Vector, sigmoid
from orchestration.scoring.estimator import NotFitted, Posterior, Prior, fit

# Smallest spread a group is given: below it every category counts as the mean.
LEAST_SD = 0.02
_ROUNDS = 60
_SETTLED = 0.005


@dataclass(frozen=True)
class Spread:
    """What is believed of a group's spread: as if `strength` categories had shown it.

    A half-known spread keeps a group of few or rare categories from being read as no
    group at all.
    """

    sd: float = 0.3
    strength: float = 2.0


def fit_spreads(
    x: Vector,
    y: Vector,
    prior: Prior,
    groups: Sequence[str | None],
    spreads: dict[str, Spread],
    row_weight: Vector | None = None,
) -> tuple[Posterior, Prior]:
    """Fit with the spread of each group found from the outcomes.

    The spread is where the Laplace marginal likelihood is highest, found by MacKay's
    fixed point: `sd^2 = (sum (beta - kappa w)^2 + s sd0^2) / (n - sum var / sd^2 + s)`,
    var being that of `beta - kappa w`, over the n columns of a group, with a belief of
    strength s around sd0. Plain expectation and maximisation has the same fixed point
    and creeps towards it.

    Args:
        x, y, prior, row_weight: as `estimator.fit`.
        groups: the group of each column; None leaves its spread as the prior says.
        spreads: what is believed of every group named.

    Returns:
        The posterior, and the prior with the spreads it was found with.

    Raises:
        NotFitted: a group without a belief, or columns of another number.
    """
    if len(groups) != len(prior.names):
        raise NotFitted(f"{len(groups)} groups for {len(prior.names)} columns")
    members = {
        name: np.array([group == name for group in groups])
        for name in dict.fromkeys(group for group in groups if group is not None)
    }
    unknown = sorted(set(members) - set(spreads))
    if unknown:
        raise NotFitted(f"no spread is believed of {', '.join(unknown)}")
    current = prior
    for name, columns in members.items():
        current = _with_sd(current, columns, spreads[name].sd)
    found = fit(x, y, current, row_weight)
    for _ in range(_ROUNDS):
        changes = []
        for name, columns in members.items():
            sd = _spread(found, current, columns, spreads[name])
            before = float(current.sd[columns][0])
            changes.append(abs(np.log(sd / before)))
            current = _with_sd(current, columns, sd)
        found = fit(x, y, current, row_weight, found)
        if max(changes, default=0.0) < _SETTLED:
            break
    return found, current


def _with_sd(prior: Prior, columns: Vector, sd: float) -> Prior:
    return replace(prior, sd=np.where(columns, sd, prior.sd))


def _spread(found: Posterior, prior: Prior, columns: Vector, belief: Spread) -> float:
    off = found.beta[columns] - found.kappa * prior.weight[columns]
    # Of beta - kappa w, not of beta: kappa is not known either.
    weight, covariance = prior.weight[columns], found.covariance
    variance = (
        np.diag(covariance)[2:][columns]
        - 2.0 * weight * covariance[1, 2:][columns]
        + weight**2 * covariance[1, 1]
    )
    total = float((off**2).sum()) + belief.strength * belief.sd**2
    told = float((1.0 - variance / prior.sd[columns] ** 2).sum()) + belief.strength
    return max(float(np.sqrt(total / told)), LEAST_SD)


def mean_probability(posterior: Posterior, x: Vector) -> Vector:
    """Probability of each row averaged over what is not known of the coefficients.

    The probability at the maximum is too far from one half where little is known; the
    mean is `sigmoid(logit / sqrt(1 + pi/8 var))` (MacKay 1992).
    """
    variance = posterior.logit_sd(x) ** 2
    return sigmoid(posterior.logit(x) / np.sqrt(1.0 + np.pi * variance / 8.0))
