"""What a model would have said, judged by what came (SCIENCE 3.6).

Expanding window: learn from what was known at a day, score the 91 days after, move
on. Pure; which models there are to judge is the caller's to say, as functions.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orchestration.scoring import calibration as c
from orchestration.scoring.coefficients import Vector
from orchestration.scoring.estimator import NotFitted, Prior, fit
from orchestration.scoring.learning import (
    HORIZON,
    PUBLICATION_LAG,
    Days,
    Design,
)

LEAST_FOLDS = 4
ALERT_SHARE = 0.02
CAUGHT_DAYS = 28
LOOK_BACK = 182
FIRED = 0.5

# Probabilities of the second design's rows by a model that learned from the first.
Model = Callable[[Design, Design], Vector]


@dataclass(frozen=True)
class Fold:
    """One step of the window; learned from `train`, judged on `test`."""

    day: int
    train: NDArray[np.bool_]
    test: NDArray[np.bool_]


def folds(rows: Design, n_folds: int = LEAST_FOLDS) -> list[Fold]:
    """The last `n_folds` stretches of 91 days, each after what was known at its start.

    A row is learned from when its outcome was known at that day: its 91 days and the
    publication lag were over. So no outcome of a test row is in a training row.

    Raises:
        NotFitted: fewer than four folds are asked for, or the rows do not reach back
            far enough for them.
    """
    if n_folds < LEAST_FOLDS:
        raise NotFitted(f"{n_folds} folds; fewer than {LEAST_FOLDS} show chance")
    last = int(rows.day.max()) if len(rows.day) else 0
    found = []
    for i in range(n_folds, 0, -1):
        day = last - i * HORIZON
        train = rows.day + rows.horizon + PUBLICATION_LAG <= day
        test = (rows.day > day) & (rows.day <= day + HORIZON)
        if not train.any() or not rows.y[train].any():
            raise NotFitted(f"no outcome was known at the start of fold {i} from last")
        found.append(Fold(day, train, test))
    return found


def without_accounts(fold: Fold, rows: Design, part: int, parts: int) -> Fold:
    """The fold with one part of the accounts judged and only the others learned from.

    For whether what is learned holds for accounts never seen.
    """
    there = rows.account % parts == part
    return Fold(fold.day, fold.train & ~there, fold.test & there)


@dataclass(frozen=True)
class LeadTimes:
    """Days from the first alert to the outcome, within 182 days before it.

    ``random_*`` is of lists of the same size drawn by chance: a list that is long
    enough has long leads by luck.
    """

    days: tuple[int, ...]
    caught: float
    caught_early: float
    median: float | None
    random_caught_early: float
    random_median: float | None


@dataclass(frozen=True)
class Metrics:
    """One model over the rows judged."""

    n_rows: int
    n_outcomes: int
    base_rate: float
    brier: float
    brier_skill: float
    log_loss: float
    log_loss_skill: float
    ece: float
    ece_floor: float
    auc: float
    precision: Mapping[int, float]
    capture_10: float
    auc_band: tuple[float, float]
    brier_skill_band: tuple[float, float]


@dataclass(frozen=True)
class Judged:
    """A model's probabilities on the rows judged, and what they are worth."""

    name: str
    metrics: Metrics
    leads: LeadTimes
    probability: Vector


def backtest(
    rows: Design,
    outcome_day: Days,
    models: Mapping[str, Model],
    n_folds: int = LEAST_FOLDS,
    ks: Sequence[int] = (25, 100),
    seed: int = 0,
    chosen: Sequence[Fold] | None = None,
) -> list[Judged]:
    """Judge models on the same folds.

    Args:
        rows: landmarks whose outcome is known.
        outcome_day: day of the outcome of each row, 0 where there is none.
        models: by name; see `base_rate_model`, `points_model`, `prior_model`.
        n_folds: of the expanding window.
        ks: list lengths a day, for precision.
        seed: of bands and random lists.
        chosen: folds to use instead of the expanding window's.
    """
    steps = list(chosen) if chosen is not None else folds(rows, n_folds)
    judged_rows = np.concatenate([np.flatnonzero(fold.test) for fold in steps])
    found = []
    for name, model in models.items():
        p = np.concatenate(
            [model(rows.chosen(fold.train), rows.chosen(fold.test)) for fold in steps]
        )
        y = rows.y[judged_rows]
        account, day = rows.account[judged_rows], rows.day[judged_rows]
        found.append(
            Judged(
                name,
                metrics(y, p, account, day, ks, seed),
                lead_times(p, account, day, outcome_day[judged_rows], seed),
                p,
            )
        )
    return found


def metrics(
    y: Vector,
    p: Vector,
    account: NDArray[np.int64],
    day: Days,
    ks: Sequence[int] = (25, 100),
    seed: int = 0,
    draws: int = 200,
) -> Metrics:
    """All measures of one model; precision and capture are means over days.

    Bands hold 90 % and come from a bootstrap over accounts.
    """
    base = float(y.mean())
    reference = np.full(len(y), base)
    brier, loss = c.brier(y, p), c.log_loss(y, p)
    of_day = [np.flatnonzero(day == one) for one in np.unique(day)]
    with_outcomes = [rows for rows in of_day if y[rows].any()]
    aucs, skills = _bands(y, p, account, seed, draws)
    return Metrics(
        n_rows=len(y),
        n_outcomes=int(y.sum()),
        base_rate=base,
        brier=brier,
        brier_skill=c.skill(brier, c.brier(y, reference)),
        log_loss=loss,
        log_loss_skill=c.skill(loss, c.log_loss(y, reference)),
        ece=c.ece(y, p),
        ece_floor=c.ece_noise_floor(p, draws=50, seed=seed),
        auc=c.auc(y, p),
        precision={
            k: float(np.mean([c.precision_at(y[rows], p[rows], k) for rows in of_day]))
            for k in ks
        },
        capture_10=float(
            np.mean([c.capture_at(y[rows], p[rows], 0.1) for rows in with_outcomes])
        )
        if with_outcomes
        else float("nan"),
        auc_band=aucs,
        brier_skill_band=skills,
    )


def _bands(
    y: Vector, p: Vector, account: NDArray[np.int64], seed: int, draws: int
) -> tuple[tuple[float, float], tuple[float, float]]:
    generator = np.random.default_rng(seed)
    _, place = np.unique(account, return_inverse=True)
    n_accounts = int(place.max()) + 1
    order = np.argsort(p, kind="stable")
    _, tie = np.unique(p[order], return_inverse=True)
    aucs, skills = np.empty(draws), np.empty(draws)
    for i in range(draws):
        weight = generator.exponential(size=n_accounts)[place]
        yes, no = (weight * y)[order], (weight * (1 - y))[order]
        yes_tie, no_tie = np.bincount(tie, yes), np.bincount(tie, no)
        below = np.cumsum(no_tie) - 0.5 * no_tie
        mass = yes.sum() * no.sum()
        aucs[i] = float(yes_tie @ below) / mass if mass else np.nan
        base = float(weight @ y / weight.sum())
        skills[i] = c.skill(
            float(weight @ (p - y) ** 2), float(weight @ (base - y) ** 2)
        )
    low, high = np.nanquantile(aucs, [0.05, 0.95])
    worst, best = np.quantile(skills, [0.05, 0.95])
    return (float(low), float(high)), (float(worst), float(best))


def lead_times(
    p: Vector,
    account: NDArray[np.int64],
    day: Days,
    outcome_day: Days,
    seed: int = 0,
    random_lists: int = 20,
) -> LeadTimes:
    """How long before each outcome its account first stood in the day's top 2 %.

    Args:
        p, account, day: rows judged.
        outcome_day: of each row, 0 where none follows within its horizon.
        seed: of the random lists.
        random_lists: how many.
    """
    sizes = {one: _listed(int((day == one).sum())) for one in np.unique(day)}
    alert = np.zeros(len(p), dtype=bool)
    for one, size in sizes.items():
        rows = np.flatnonzero(day == one)
        alert[rows[c.top(p[rows], size)]] = True
    events = np.unique(np.column_stack([account, outcome_day])[outcome_day > 0], axis=0)
    leads = _leads(alert, account, day, events)
    generator = np.random.default_rng(seed)
    early, by_chance = [], []
    for _ in range(random_lists):
        drawn = np.zeros(len(p), dtype=bool)
        for one, size in sizes.items():
            rows = np.flatnonzero(day == one)
            drawn[generator.choice(rows, size, replace=False)] = True
        found = _leads(drawn, account, day, events)
        early.append(_share_early(found, len(events)))
        by_chance.extend(found)
    return LeadTimes(
        days=tuple(leads),
        caught=len(leads) / len(events) if len(events) else float("nan"),
        caught_early=_share_early(leads, len(events)),
        median=float(np.median(leads)) if leads else None,
        random_caught_early=float(np.mean(early)),
        random_median=float(np.median(by_chance)) if by_chance else None,
    )


def _listed(n: int) -> int:
    return max(1, round(ALERT_SHARE * n))


def _share_early(leads: Sequence[int], n_events: int) -> float:
    early = sum(lead >= CAUGHT_DAYS for lead in leads)
    return early / n_events if n_events else float("nan")


def _leads(
    alert: NDArray[np.bool_], account: NDArray[np.int64], day: Days, events: Days
) -> list[int]:
    alerts: dict[int, list[int]] = {}
    for who, when in sorted(
        zip(account[alert].tolist(), day[alert].tolist(), strict=True)
    ):
        alerts.setdefault(who, []).append(when)
    found = []
    for who, when in events.tolist():
        before = [day for day in alerts.get(who, []) if when - LOOK_BACK <= day < when]
        if before:
            found.append(when - before[0])
    return found


def base_rate_model(train: Design, test: Design) -> Vector:
    """Everyone the share of outcomes so far."""
    rate = float(train.row_weight @ train.y / train.row_weight.sum())
    return np.full(len(test.y), rate)


def points_model(train: Design, test: Design) -> Vector:
    """Ten points a signal that fired, brought to probabilities by one slope (Platt)."""
    scale = Prior(
        ("points",), np.ones(1), np.ones(1), np.ones(1, dtype=np.int64), -3.5, 3.0
    )
    points = (train.x >= FIRED).sum(axis=1, keepdims=True) * 0.1
    found = fit(points, train.y, scale, train.row_weight)
    return found.probability((test.x >= FIRED).sum(axis=1, keepdims=True) * 0.1)


def prior_model(prior: Prior) -> Model:
    """The experts' weights as they are on day one; only the base rate is learned."""

    def day_one(train: Design, test: Design) -> Vector:
        fixed = Prior(
            ("experts",),
            np.ones(1),
            np.zeros(1),
            np.zeros(1, dtype=np.int64),
            prior.intercept,
            3.0,
        )
        known = (train.x @ prior.weight)[:, None]
        found = fit(known, train.y, fixed, train.row_weight)
        return found.probability((test.x @ prior.weight)[:, None])

    return day_one
