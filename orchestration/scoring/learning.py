"""Rows a model may learn from, and what it learns (SCIENCE 3.1-3.3).

Pure functions of arrays: which days of which accounts count, what their outcome is, and
the fit. No files, no tables and no clock; where signals and notices come from stands
elsewhere. Days are `date.toordinal` numbers, so that they can stand in arrays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from orchestration.scoring.calibration import auc
from orchestration.scoring.coefficients import Vector, sigmoid
from orchestration.scoring.estimator import (
    SURE,
    NotFitted,
    Posterior,
    Prior,
    fit,
    matters,
    pruned,
)
from orchestration.scoring.hierarchy import Spread, fit_spreads

Days = NDArray[np.int64]

HORIZON = 91
HORIZONS = (30, 91, 182)
# Notices are published up to this many days after they take effect.
PUBLICATION_LAG = 14
STEP = 28
FIRST_AFTER = 365
MIN_OBSERVED = 90
SECTOR_SPREAD = Spread(0.3, 10.0)
# How far another horizon's coefficients may lie from those of 91 days.
HORIZON_SD = 0.15
# A single feature that tells outcomes apart like this knows them (SCIENCE 3.1).
LEAK_AUC = 0.98
# And so does one that departs from its usual value almost only before an outcome.
LEAK_SHARE = 0.9
_LEAK_ROWS = 5


class Leak(NotFitted):
    """A feature that knows what it is to foretell; named."""


@dataclass(frozen=True)
class Population:
    """What is known of accounts on days: one row an account and day.

    ``x`` holds nan where a feature was not observed, ``open_tender`` says whether the
    account had a tender of its own open in the category, ``observed_since`` the day its
    watch began.
    """

    names: tuple[str, ...]
    account: NDArray[np.int64]
    day: Days
    x: Vector
    observed_since: Days
    open_tender: NDArray[np.bool_]

    def chosen(self, rows: NDArray[np.bool_]) -> "Population":
        """The rows asked for."""
        return replace(
            self,
            account=self.account[rows],
            day=self.day[rows],
            x=self.x[rows],
            observed_since=self.observed_since[rows],
            open_tender=self.open_tender[rows],
        )


@dataclass(frozen=True)
class Design:
    """Rows to learn from or to be judged on, with their outcomes.

    ``n_events`` counts first outcomes, each once however many rows see it.
    """

    names: tuple[str, ...]
    account: NDArray[np.int64]
    day: Days
    x: Vector
    y: Vector
    row_weight: Vector
    n_events: int
    horizon: int

    def chosen(self, rows: NDArray[np.bool_]) -> "Design":
        """The rows asked for; events are counted again as spells of positive rows."""
        account, day, y = self.account[rows], self.day[rows], self.y[rows]
        return replace(
            self,
            account=account,
            day=day,
            x=self.x[rows],
            y=y,
            row_weight=self.row_weight[rows],
            n_events=_spells(account, day, y),
        )


def is_landmark(day: Days) -> NDArray[np.bool_]:
    """Whether a day is a Monday rows are learned from: every fourth, always the same.

    Ordinal 1 is a Monday.
    """
    return np.asarray((day - 1) % STEP == 0)


def on_landmarks(day: Days) -> NDArray[np.bool_]:
    """Whether rows lie on the first day there is of a stretch of four weeks.

    Where a Monday of `is_landmark` was visited it is that Monday; a watch that visits
    on Wednesdays learns from Wednesdays. A later day changes no earlier one.
    """
    if not len(day):
        return np.zeros(0, dtype=bool)
    stretch = (day - 1) // STEP
    first: dict[int, int] = {}
    for one in np.unique(day).tolist():
        first.setdefault((one - 1) // STEP, one)
    stretches, place = np.unique(stretch, return_inverse=True)
    return np.asarray(day == np.array([first[s] for s in stretches.tolist()])[place])


def first_outcomes(notices: Mapping[int, Sequence[int]]) -> dict[int, Days]:
    """First qualifying days of each account: none in the 365 days before.

    Args:
        notices: days of all qualifying notices of an account or its linked units, by
            the account; in any order.
    """
    first = {}
    for account, days in notices.items():
        ordered = np.unique(np.asarray(days, dtype=np.int64))
        gaps = np.diff(ordered, prepend=ordered[:1] - FIRST_AFTER - 1)
        first[account] = ordered[gaps > FIRST_AFTER]
    return first


def outcomes(
    account: NDArray[np.int64],
    day: Days,
    first: Mapping[int, Days],
    horizon: int = HORIZON,
) -> Days:
    """The first outcome in (day, day + horizon] of each row; 0 where there is none."""
    found = np.zeros(len(day), dtype=np.int64)
    order = np.argsort(account, kind="stable")
    ends = np.flatnonzero(np.diff(account[order])) + 1
    for rows in np.split(order, ends):
        if not len(rows) or int(account[rows[0]]) not in first:
            continue
        days = first[int(account[rows[0]])]
        if not len(days):
            continue
        place = np.searchsorted(days, day[rows], side="right")
        inside = place < len(days)
        following = np.where(inside, days[np.minimum(place, len(days) - 1)], 0)
        within = inside & (following <= day[rows] + horizon)
        found[rows] = np.where(within, following, 0)
    return found


def may_be_learned(
    population: Population, cut: int, horizon: int = HORIZON
) -> NDArray[np.bool_]:
    """Rows on landmarks, at risk, whose outcome is known at the data cut.

    At risk is an account watched for 90 days without a tender of its own open. What
    was effective by `day + horizon` is public `PUBLICATION_LAG` days later.
    """
    return np.asarray(
        on_landmarks(population.day)
        & ~population.open_tender
        & (population.day - population.observed_since >= MIN_OBSERVED)
        & (population.day + horizon + PUBLICATION_LAG <= cut)
    )


def design(
    population: Population,
    first: Mapping[int, Days],
    cut: int,
    horizon: int = HORIZON,
) -> Design:
    """The rows that may be learned from at a cut, with outcomes and weights.

    A feature not observed counts as the mean of that day's rows, so it adds nothing.
    An event is seen by `horizon / step` rows and counts once: rows weigh
    `step / horizon`.
    """
    rows = population.chosen(may_be_learned(population, cut, horizon))
    outcome = outcomes(rows.account, rows.day, first, horizon)
    n = len(rows.day)
    events = np.unique(np.column_stack([rows.account, outcome])[outcome > 0], axis=0)
    return Design(
        names=rows.names,
        account=rows.account,
        day=rows.day,
        x=filled(rows.x, rows.day),
        y=(outcome > 0).astype(np.float64),
        row_weight=np.full(n, min(STEP / horizon, 1.0)),
        n_events=len(events),
        horizon=horizon,
    )


def filled(x: Vector, day: Days) -> Vector:
    """Features with what was not observed set to the mean of the same day.

    A feature nobody showed on a day takes its mean over all days; one never seen is 0
    throughout, which no coefficient can learn from.
    """
    found = x.copy()
    missing = np.isnan(found)
    if not missing.any():
        return found
    _, place = np.unique(day, return_inverse=True)
    for k in np.flatnonzero(missing.any(axis=0)):
        seen = ~missing[:, k]
        n = np.bincount(place, weights=seen)
        total = np.bincount(place, weights=np.where(seen, x[:, k], 0.0))
        overall = float(x[seen, k].mean()) if seen.any() else 0.0
        mean = np.where(n > 0, total / np.maximum(n, 1), overall)
        found[~seen, k] = mean[place[~seen]]
    return found


def interactions(
    x: Vector, names: Sequence[str], pairs: Sequence[tuple[str, str]]
) -> tuple[Vector, tuple[str, ...]]:
    """Columns of named patterns: `min(x_a, 1) * min(x_b, 1)`.

    Missing where either is missing. Only the pairs named, never all.

    Raises:
        NotFitted: a pair of a column that is not there.
    """
    place = {name: k for k, name in enumerate(names)}
    unknown = sorted({name for pair in pairs for name in pair} - set(place))
    if unknown:
        raise NotFitted(f"an interaction of unknown {', '.join(unknown)}")
    columns = [
        np.minimum(x[:, place[a]], 1.0) * np.minimum(x[:, place[b]], 1.0)
        for a, b in pairs
    ]
    said = tuple(f"{a} x {b}" for a, b in pairs)
    if not columns:
        return np.zeros((len(x), 0)), said
    return np.column_stack(columns), said


def sector_columns(sector: Sequence[str]) -> tuple[Vector, tuple[str, ...]]:
    """One column a sector; which rows are of it."""
    known = sorted(set(sector))
    place = {name: k for k, name in enumerate(known)}
    x = np.zeros((len(sector), len(known)))
    x[np.arange(len(sector)), [place[name] for name in sector]] = 1.0
    return x, tuple(f"sector {name}" for name in known)


def audit(learned_from: Design) -> None:
    """Refuse features that know the outcome.

    Two ways to know it: ranking outcomes almost perfectly (AUC above .98 either way
    round), and departing from the usual value almost only before an outcome. The flag
    "a tender is published tomorrow" is on in one row of ninety positive ones: its AUC
    is near .5, but nine in ten of its rows are outcomes, which no honest signal is.

    Raises:
        Leak: naming every such feature.
    """
    y = learned_from.y
    said = []
    if y.sum() < _LEAK_ROWS or (1 - y).sum() < _LEAK_ROWS:
        return
    base = float(y.mean())
    for k, name in enumerate(learned_from.names):
        column = learned_from.x[:, k]
        value = auc(y, column)
        if max(value, 1 - value) > LEAK_AUC:
            said.append(f"{name} (AUC {value:.3f})")
            continue
        values, counts = np.unique(column, return_counts=True)
        departs = column != values[int(np.argmax(counts))]
        n = int(departs.sum())
        # Of several accounts: one account's rows share one outcome.
        n_accounts = len(np.unique(learned_from.account[departs]))
        if n_accounts >= _LEAK_ROWS and base < 0.5 and y[departs].mean() >= LEAK_SHARE:
            said.append(
                f"{name} ({y[departs].mean():.0%} of its {n} rows are outcomes)"
            )
    if said:
        raise Leak(f"features that know the outcome: {', '.join(said)}")


@dataclass(frozen=True)
class Learned:
    """A model of one horizon: what was believed before, and what is after.

    ``p_matters`` is P(|beta| > .1) before anything was dropped.
    """

    prior: Prior
    posterior: Posterior
    p_matters: Vector
    n_events: int
    horizon: int


def learn(
    learned_from: Design,
    prior: Prior,
    groups: Sequence[str | None] | None = None,
    spreads: Mapping[str, Spread] | None = None,
    prune: bool = True,
) -> Learned:
    """Audit, fit, drop what does not matter, fit again.

    The covariance stays that of the first fit (docs/decisions/0015).

    Args:
        learned_from: rows of the prior's columns.
        prior: what was believed before.
        groups: columns that share a spread (sectors); these are never dropped.
        spreads: what is believed of the spread of each group.
        prune: whether to drop at all.

    Raises:
        Leak: see `audit`.
        NotFitted: see `estimator.fit`; columns of another name or order.
    """
    if learned_from.names != prior.names:
        raise NotFitted("rows and prior differ in the columns they name")
    audit(learned_from)
    of = tuple(groups) if groups is not None else (None,) * len(prior.names)
    x, y, weight = learned_from.x, learned_from.y, learned_from.row_weight
    first, used = fit_spreads(x, y, prior, of, dict(spreads or {}), weight)
    p = matters(first, used)
    found = first
    if prune:
        keep = [group is not None or q >= SURE for group, q in zip(of, p, strict=True)]
        used = pruned(used, keep)
        # What was dropped is still in doubt: without it, intervals held too little.
        found = replace(fit(x, y, used, weight, first), covariance=first.covariance)
    return Learned(used, found, p, learned_from.n_events, learned_from.horizon)


def other_horizon(learned_from: Design, main: Learned) -> Learned:
    """The same model for another horizon: near the coefficients of 91 days.

    The prior mean is those coefficients, their spread .15; what was dropped stays so.
    The intercept starts where the mean probability is the horizon's base rate.

    Raises:
        NotFitted: rows without an outcome, or with nothing else.
    """
    y, weight = learned_from.y, learned_from.row_weight
    base = float((weight @ y) / weight.sum()) if len(y) else 0.0
    if not 0.0 < base < 1.0:
        raise NotFitted(f"a base rate of {base:g} at {learned_from.horizon} days")
    before = main.prior
    prior = replace(
        before,
        weight=main.posterior.beta,
        sd=np.where(before.sd > 0, HORIZON_SD, 0.0),
        intercept=_anchor(learned_from.x @ main.posterior.beta, base),
        # The scale was learned with 91 days and is not learned again.
        kappa_sd=0.01,
    )
    found = fit(learned_from.x, y, prior, weight)
    return Learned(
        prior, found, main.p_matters, learned_from.n_events, learned_from.horizon
    )


def _anchor(scores: Vector, base: float) -> float:
    low, high = -50.0 - float(scores.max()), 50.0 - float(scores.min())
    for _ in range(80):
        middle = 0.5 * (low + high)
        if float(sigmoid(middle + scores).mean()) < base:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def ordered(p30: Vector, p91: Vector, p182: Vector) -> tuple[Vector, Vector, Vector]:
    """Probabilities of three horizons, never falling with time; 91 days stand."""
    return np.minimum(p30, p91), p91, np.maximum(p182, p91)


def shuffled_auc(learned_from: Design, prior: Prior, repeats: int, seed: int) -> float:
    """AUC on half of the accounts after learning shuffled outcomes from the others.

    Anything but one half tells of a path by which rows see outcomes.
    """
    generator = np.random.default_rng(seed)
    accounts, place = np.unique(learned_from.account, return_inverse=True)
    found = []
    for _ in range(repeats):
        y = generator.permutation(learned_from.y)
        train = (generator.random(len(accounts)) < 0.5)[place]
        posterior = fit(
            learned_from.x[train], y[train], prior, learned_from.row_weight[train]
        )
        found.append(auc(y[~train], posterior.logit(learned_from.x[~train])))
    return float(np.mean(found))


def _spells(account: NDArray[np.int64], day: Days, y: Vector) -> int:
    """Runs of positive rows of an account that lie within 365 days."""
    positive = y > 0
    order = np.lexsort((day[positive], account[positive]))
    who, when = account[positive][order], day[positive][order]
    if not len(who):
        return 0
    new = (np.diff(who) != 0) | (np.diff(when) > FIRST_AFTER - HORIZON)
    return 1 + int(new.sum())
