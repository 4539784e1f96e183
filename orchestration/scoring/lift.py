"""How much likelier outcomes are where a signal fired (SCIENCE 3.3).

Plain shares of rows, before any model: the marginal lift, its doubt and how long before
the outcome the signal fired. The adjusted coefficient comes from `learning`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orchestration.scoring.coefficients import Vector
from orchestration.scoring.estimator import SURE
from orchestration.scoring.learning import Days, Design, Learned

FIRED = 0.5
# Below this many outcomes an interval says less than it seems to (SCIENCE 3.3).
ENOUGH = 100
# A ratio of a handful has no interval worth the name either.
_ENOUGH_FIRED = 5
DRAWS = 500

MATTERS = "matters"
NO_SIGN = "no sign that it matters"
NOT_YET = "not yet known"


@dataclass(frozen=True)
class Lift:
    """One signal's record; None stands for not yet known.

    ``n_fired`` counts rows where it fired, ``events_fired`` accounts that had an
    outcome after it did. ``lift`` is the ratio of the shares of outcomes where it fired
    and where not, ``lead_days`` the median from first firing to the outcome.
    """

    signal: str
    n_fired: int
    events_fired: int
    lift: float | None
    lower: float | None
    upper: float | None
    beta: float
    p_matters: float
    lead_days: float | None
    verdict: str


def signal_lift(
    rows: Design,
    learned: Learned,
    outcome_day: Days,
    draws: int = DRAWS,
    seed: int = 0,
) -> list[Lift]:
    """The record of every column of a design.

    Intervals are of a Bayesian bootstrap over accounts (weights Exp(1)): rows of one
    account are not independent.

    Args:
        rows: rows with outcomes, of the names the model learned from.
        learned: the model, for coefficient and P(matters).
        outcome_day: day of the outcome of each row, 0 where there is none.
        draws: of the bootstrap.
        seed: of the draws.
    """
    fired = rows.x >= FIRED
    accounts, place = np.unique(rows.account, return_inverse=True)
    ratios = _bootstrap(fired, rows.y, place, len(accounts), draws, seed)
    enough = rows.n_events >= ENOUGH
    found = []
    for k, name in enumerate(rows.names):
        there = fired[:, k]
        events = len(np.unique(place[there & (rows.y > 0)]))
        known = enough and events >= _ENOUGH_FIRED and not there.all()
        lift = lower = upper = None
        if known:
            lift = float(rows.y[there].mean() / rows.y[~there].mean())
            lower, upper = (
                float(q) for q in np.nanquantile(ratios[:, k], [0.05, 0.95])
            )
        p = float(learned.p_matters[k])
        found.append(
            Lift(
                signal=name,
                n_fired=int(there.sum()),
                events_fired=events,
                lift=lift,
                lower=lower,
                upper=upper,
                beta=float(learned.posterior.beta[k]),
                p_matters=p,
                lead_days=_lead(rows, there, outcome_day) if known else None,
                verdict=_verdict(known, p),
            )
        )
    return found


def _verdict(known: bool, p: float) -> str:
    if not known:
        return NOT_YET
    return MATTERS if p >= SURE else NO_SIGN


def _bootstrap(
    fired: NDArray[np.bool_],
    y: Vector,
    place: NDArray[np.int64],
    n_accounts: int,
    draws: int,
    seed: int,
) -> Vector:
    # Sums by account once; a draw is then a product of weights and sums.
    n_columns = fired.shape[1]
    sums = np.zeros((n_accounts, 2 * n_columns + 2))
    for k in range(n_columns):
        sums[:, k] = np.bincount(place, fired[:, k], n_accounts)
        sums[:, n_columns + k] = np.bincount(place, fired[:, k] * y, n_accounts)
    sums[:, -2] = np.bincount(place, minlength=n_accounts)
    sums[:, -1] = np.bincount(place, y, n_accounts)
    generator = np.random.default_rng(seed)
    total = generator.exponential(size=(draws, n_accounts)) @ sums
    n_fired, y_fired = total[:, :n_columns], total[:, n_columns:-2]
    n_all, y_all = total[:, -2:-1], total[:, -1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((y_fired / n_fired) / ((y_all - y_fired) / (n_all - n_fired)))


def _lead(rows: Design, there: NDArray[np.bool_], outcome_day: Days) -> float | None:
    """Median days from the first row where it fired to the outcome that followed."""
    hit = there & (outcome_day > 0)
    if not hit.any():
        return None
    event = np.column_stack([rows.account[hit], outcome_day[hit]])
    _, place = np.unique(event, axis=0, return_inverse=True)
    first = np.full(int(place.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, place, rows.day[hit])
    outcome = np.zeros(len(first), dtype=np.int64)
    outcome[place] = outcome_day[hit]
    return float(np.median(outcome - first))
