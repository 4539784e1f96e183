"""The record: what was foretold, and what came of it (SCIENCE 3.5, 3.6).

Forecasts as they were shown, on landmarks whose window has closed, against the base
rate, naive points and the experts' first day. Nothing is learned here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from orchestration.contracts.frames import schema
from orchestration.contracts.odcs import contract
from orchestration.scoring import calibration as c
from orchestration.scoring.abstain import signals_as_of
from orchestration.scoring.backtest import FIRED, Metrics, lead_times, metrics
from orchestration.scoring.coefficients import Vector, anchored_intercept, sigmoid
from orchestration.scoring.day import Desk, Kind, day_of
from orchestration.scoring.estimator import Posterior, Prior
from orchestration.scoring.labels import Labels, outcome_days
from orchestration.scoring.learning import (
    HORIZON,
    PUBLICATION_LAG,
    Days,
    Design,
    Learned,
    filled,
    on_landmarks,
)
from orchestration.scoring.lift import NOT_YET, signal_lift
from orchestration.scoring.model import Population, population
from orchestration.scoring.orderings import Ordering, orderings
from orchestration.scoring.versions import OfferModel, Version

SHOWN, DAY_ONE, POINTS, BASE = "shown", "day_one", "points", "base_rate"
# The experts' first day without the types that only a watch over time can see.
WITHOUT = "without_history"
# Days of watching that still are a first look.
_FIRST_LOOK = 7
# A slice with fewer outcomes shows chance.
_LEAST_OF_SLICE = 20
_MONTHS = ((0, 6), (6, 12), (12, 24), (24, 1_000))
_DAYS_A_MONTH = 30.44
_POINTS_A_SIGNAL = 10.0


@dataclass(frozen=True)
class Record:
    """The three tables of the record."""

    score_record: pl.DataFrame
    score_reliability: pl.DataFrame
    signal_performance: pl.DataFrame


@dataclass(frozen=True)
class _Closed:
    """Scored account-days whose window has closed, with what each model said."""

    accounts: tuple[str, ...]
    number: NDArray[np.int64]
    day: Days
    x: Vector
    outcome_day: Days
    said: Mapping[str, Vector]
    segment: tuple[str, ...]
    language: tuple[str, ...]
    months: Vector

    @property
    def y(self) -> Vector:
        """Whether an outcome followed."""
        return (self.outcome_day > 0).astype(np.float64)

    @property
    def n_events(self) -> int:
        """Distinct outcomes."""
        pairs = np.column_stack([self.number, self.outcome_day])
        return len(np.unique(pairs[self.outcome_day > 0], axis=0))

    def chosen(self, rows: NDArray[np.bool_]) -> "_Closed":
        """The rows asked for."""
        where = np.flatnonzero(rows)
        return replace(
            self,
            accounts=tuple(self.accounts[i] for i in where),
            number=self.number[rows],
            day=self.day[rows],
            x=self.x[rows],
            outcome_day=self.outcome_day[rows],
            said={name: p[rows] for name, p in self.said.items()},
            segment=tuple(self.segment[i] for i in where),
            language=tuple(self.language[i] for i in where),
            months=self.months[rows],
        )


def record(
    at: Desk,
    scores: pl.DataFrame,
    outcomes: pl.DataFrame,
    pinned: Version | None,
    targets: Sequence[str] = ("tender", "crm"),
    languages: Mapping[str, str] | None = None,
) -> Record:
    """The record as of the last day scored.

    Args:
        at: what scoring reads.
        scores: contract score_days: the forecasts as they were shown.
        outcomes: contract outcomes.
        pinned: the version that scores now, for coefficients; None for the experts'.
        targets: judged apart. One without any outcome has rows that say so.
        languages: the language most of an account's pages are written in.
    """
    labels = Labels(outcomes)
    judged: list[dict] = []
    bins: list[dict] = []
    signals: list[dict] = []
    today = max(at.days) if at.days else None
    ordered = (
        orderings(signals_as_of(at.signals, today), at.days)
        if today is not None
        else []
    )
    for offer in at.wanted:
        for target in targets:
            if today is None:
                continue
            key = {"offer": offer, "target": target}
            judged += [key | row for one in ordered for row in _ordered(one)]
            closed = _closed(at, scores, labels, offer, target, today, languages or {})
            if not labels.any_known(offer, target, today):
                judged.append(
                    _missing(key, closed, "no outcome of this target is known")
                )
                closed = None
            elif closed is None:
                judged.append(
                    _missing(
                        key,
                        closed,
                        f"no forecast has had its {HORIZON} days and the "
                        f"{PUBLICATION_LAG} days of publication yet",
                    )
                )
            else:
                judged += [key | row for row in _judged(closed)]
                bins += [key | row for row in _bins(closed)]
            signals += [
                key | row for row in _signals(at, offer, target, closed, pinned, today)
            ]
    return Record(
        _table("scores/score_record", judged),
        _table("scores/score_reliability", bins),
        _table("scores/signal_performance", signals),
    )


def _missing(key: dict, closed: _Closed | None, why: str) -> dict:
    return key | {
        "model": SHOWN,
        "slice": "all",
        "measure": "brier_skill",
        "value": None,
        "n_rows": len(closed.accounts) if closed else 0,
        "n_outcomes": 0,
        "note": why,
    }


def _closed(
    at: Desk,
    scores: pl.DataFrame,
    labels: Labels,
    offer: str,
    target: str,
    today: date,
    languages: Mapping[str, str],
) -> _Closed | None:
    last = today.toordinal() - HORIZON - PUBLICATION_LAG
    ordinals = np.array([d.toordinal() for d in at.days], dtype=np.int64)
    landmarks = [
        date.fromordinal(int(d)) for d in ordinals[on_landmarks(ordinals)] if d <= last
    ]
    accounts: list[str] = []
    day, x, months, shown, expert, without, base = [], [], [], [], [], [], []
    said_on = scores.filter(
        (pl.col("offer") == offer) & (pl.col("state") == "scored")
    ).partition_by("as_of", as_dict=True)
    for as_of in landmarks:
        seen = day_of(at, offer, as_of)
        first_day = population(at, seen, None, 0.0)
        rows = said_on.get((as_of,))
        if first_day is None or rows is None:
            continue
        told = dict(rows.select("account_id", "probability").iter_rows())
        rates = dict(rows.select("account_id", "base_rate").iter_rows())
        if set(told) != set(seen.accounts):
            # Scores of another build of the day: nothing may be compared.
            continue
        accounts += seen.accounts
        day.append(np.full(len(seen.accounts), as_of.toordinal(), dtype=np.int64))
        x.append(seen.x)
        expert.append(first_day.probability)
        without.append(_at_a_first_look(at, first_day))
        shown.append(np.array([told[a] for a in seen.accounts]))
        base.append(np.array([rates[a] for a in seen.accounts]))
        months.append(
            np.array(
                [(as_of - seen.observed_since[a]).days for a in seen.accounts],
                dtype=np.float64,
            )
            / _DAYS_A_MONTH
        )
    if not accounts:
        return None
    days = np.concatenate(day)
    columns = filled(np.vstack(x), days)
    _, number = np.unique(np.array(accounts, dtype=object), return_inverse=True)
    first = labels.first(offer, target, today)
    return _Closed(
        accounts=tuple(accounts),
        number=number.astype(np.int64),
        day=days,
        x=columns,
        outcome_day=outcome_days(first, accounts, days),
        said={
            SHOWN: np.concatenate(shown),
            DAY_ONE: np.concatenate(expert),
            WITHOUT: np.concatenate(without),
            POINTS: (columns >= FIRED).sum(axis=1) * _POINTS_A_SIGNAL,
            BASE: np.concatenate(base),
        },
        segment=tuple(at.segments.get(a, "") for a in accounts),
        language=tuple(languages.get(a, "") for a in accounts),
        months=np.concatenate(months),
    )


def _at_a_first_look(at: Desk, told: Population) -> Vector:
    """The experts' probabilities without what only watching over time shows.

    With the same mean, so that only who is told apart differs.
    """
    kept = np.ones(told.contribution.shape[1], dtype=bool)
    for k, name in enumerate(at.weights.signal_types):
        kept[k] = at.catalogue.get(name, Kind()).min_history_days <= _FIRST_LOOK
    score = told.contribution[:, kept].sum(axis=1)
    return sigmoid(anchored_intercept(score, float(told.probability.mean())) + score)


def _ordered(one: Ordering) -> list[dict]:
    """A hypothesis of what comes first; not of forecasts, and the same for targets."""
    figures = (
        ("lag_days", one.lag, one.lag_band),
        ("share_first", one.share_first, one.share_band),
    )
    return [
        {
            "model": SHOWN,
            "slice": f"order {one.first} {one.then}",
            "measure": measure,
            "value": value,
            "lower": band[0] if band else None,
            "upper": band[1] if band else None,
            "n_rows": one.n_pairs,
            "n_outcomes": 0,
            "note": one.said,
        }
        for measure, value, band in figures
    ]


def _worth_of_history(closed: _Closed) -> list[dict]:
    """Whether watching for longer is worth it: log loss saved, with its band."""
    y, n = closed.y, len(closed.accounts)
    if closed.n_events < _LEAST_OF_SLICE or y.all():
        return []
    loss = {}
    for name in (DAY_ONE, WITHOUT):
        p = np.clip(closed.said[name], 1e-12, 1 - 1e-12)
        loss[name] = -(y * np.log(p) + (1 - y) * np.log1p(-p))
    saved = loss[WITHOUT] - loss[DAY_ONE]
    of_account = np.bincount(closed.number, saved)
    rows_of = np.bincount(closed.number)
    weight = np.random.default_rng(0).exponential(size=(500, len(rows_of)))
    low, high = np.quantile(
        (weight @ of_account) / (weight @ rows_of), [0.05, 0.95]
    ).tolist()
    value = float(saved.mean())
    interval = f"{value:.4f} a row (90 % interval {low:.4f} to {high:.4f})"
    if low > 0:
        said = (
            f"What only a watch over time shows makes forecasts better by {interval}."
        )
    elif high < 0:
        said = f"What only a watch over time shows makes forecasts worse: {interval}."
    else:
        said = f"No sign that watching over time makes forecasts better: {interval}."
    return [
        {
            "model": DAY_ONE,
            "slice": "history",
            "measure": "log_loss_saved",
            "value": value,
            "lower": low,
            "upper": high,
            "n_rows": n,
            "n_outcomes": closed.n_events,
            "note": said,
        }
    ]


def _judged(closed: _Closed) -> list[dict]:
    found = _worth_of_history(closed)
    slices = [("all", np.ones(len(closed.accounts), dtype=bool))]
    segments = np.array(closed.segment, dtype=object)
    slices += [
        (f"segment {s}", segments == s) for s in sorted(set(closed.segment)) if s
    ]
    languages = np.array(closed.language, dtype=object)
    slices += [
        (f"language {s}", languages == s) for s in sorted(set(closed.language)) if s
    ]
    slices += [
        (
            f"observed {low}-{high} months",
            (closed.months >= low) & (closed.months < high),
        )
        for low, high in _MONTHS
    ]
    for name, rows in slices:
        part = closed.chosen(rows)
        if not len(part.accounts):
            continue
        if name != "all" and part.n_events < _LEAST_OF_SLICE:
            found.append(
                _figure(part, SHOWN, name, "brier_skill", None)
                | {"note": f"{part.n_events} outcomes; {_LEAST_OF_SLICE} are needed"}
            )
            continue
        models = closed.said if name == "all" else {SHOWN: closed.said[SHOWN]}
        for model in models:
            found += _figures(part, model, name)
    return found


def _figures(part: _Closed, model: str, name: str) -> list[dict]:
    y, p = part.y, part.said[model]
    if not y.any() or y.all():
        return [
            _figure(part, model, name, "brier_skill", None)
            | {"note": "outcomes of one kind only"}
        ]
    is_probability = model != POINTS
    said = p if is_probability else p / max(float(p.max()), 1.0)
    got: Metrics = metrics(y, said, part.number, part.day)
    leads = lead_times(said, part.number, part.day, part.outcome_day)
    rows = [
        ("auc", got.auc, got.auc_band),
        ("capture_10", got.capture_10, None),
        *((f"precision_at_{k}", v, None) for k, v in got.precision.items()),
        ("precision_at_2_percent", _precision_2(part, said), None),
        ("caught_28_days", leads.caught_early, None),
        ("lead_days_median", leads.median, None),
        ("caught_28_days_by_chance", leads.random_caught_early, None),
        ("lead_days_by_chance", leads.random_median, None),
        ("observed_share", float(y.mean()), None),
    ]
    if is_probability:
        rows += [
            ("brier", got.brier, None),
            ("brier_skill", got.brier_skill, got.brier_skill_band),
            ("log_loss", got.log_loss, None),
            ("log_loss_skill", got.log_loss_skill, None),
            ("ece", got.ece, None),
            ("ece_noise_floor", got.ece_floor, None),
            ("mean_forecast", float(p.mean()), None),
        ]
    return [
        _figure(part, model, name, measure, value, band)
        for measure, value, band in rows
    ]


def _precision_2(part: _Closed, p: Vector) -> float:
    found = []
    for one in np.unique(part.day):
        rows = part.day == one
        k = max(1, round(0.02 * int(rows.sum())))
        found.append(c.precision_at(part.y[rows], p[rows], k))
    return float(np.mean(found))


def _figure(
    part: _Closed,
    model: str,
    name: str,
    measure: str,
    value: float | None,
    band: tuple[float, float] | None = None,
) -> dict:
    known = value is not None and np.isfinite(value)
    return {
        "model": model,
        "slice": name,
        "measure": measure,
        "value": value if known else None,
        "lower": band[0] if band and np.isfinite(band[0]) else None,
        "upper": band[1] if band and np.isfinite(band[1]) else None,
        "n_rows": len(part.accounts),
        "n_outcomes": part.n_events,
        "note": None,
    }


def _bins(closed: _Closed) -> list[dict]:
    return [
        {
            "model": model,
            "bin": i,
            "n_rows": one.n,
            "predicted": one.predicted,
            "observed": one.observed,
            "lower": one.lower,
            "upper": one.upper,
        }
        for model in (SHOWN, DAY_ONE)
        for i, one in enumerate(
            c.reliability(closed.y, closed.said[model], closed.number)
        )
    ]


def _signals(
    at: Desk,
    offer: str,
    target: str,
    closed: _Closed | None,
    pinned: Version | None,
    today: date,
) -> list[dict]:
    """What each type was worth; without enough outcomes it is not yet known."""
    types = at.weights.signal_types
    model = pinned.offers.get(offer) if pinned and pinned.target == target else None
    seen = day_of(at, offer, today)
    now: Population | None = population(at, seen, model, 0.0)
    beta = (
        now.coefficient
        if now is not None
        else np.array([at.weights.believed[t] for t in types])
    )
    p_matters = [_matters(model, t) for t in types]
    rows: list[dict] = []
    lifts = {}
    if closed is not None:
        lifts = {
            one.signal: one
            for one in signal_lift(
                Design(
                    types,
                    closed.number,
                    closed.day,
                    closed.x,
                    closed.y,
                    np.ones(len(closed.day)),
                    closed.n_events,
                    HORIZON,
                ),
                _as_learned(types, beta, p_matters, closed),
                closed.outcome_day,
            )
        }
    for k, name in enumerate(types):
        kind = at.catalogue.get(name)
        one = lifts.get(name)
        row = {
            "signal_type": name,
            "awareness": kind.awareness if kind else None,
            "n_fired": one.n_fired if one else 0,
            "events_fired": one.events_fired if one else 0,
            "n_outcomes": closed.n_events if closed else 0,
            "lift": one.lift if one else None,
            "lift_lo": one.lower if one else None,
            "lift_hi": one.upper if one else None,
            "coefficient": float(beta[k]),
            "p_matters": p_matters[k],
            "lead_days": one.lead_days if one else None,
            # Without a model that learned, P(matters) is not known.
            "verdict": one.verdict if one and p_matters[k] is not None else NOT_YET,
        }
        rows.append(row)
    return rows


def _matters(model: OfferModel | None, name: str) -> float | None:
    return None if model is None else model.p_matters.get(name)


def _as_learned(
    types: tuple[str, ...],
    beta: Vector,
    p_matters: Sequence[float | None],
    closed: _Closed,
) -> Learned:
    n = len(types)
    prior = Prior(types, beta, np.zeros(n), np.zeros(n, dtype=np.int64), 0.0)
    found = Posterior(
        types, 0.0, 1.0, beta, np.zeros((n + 2, n + 2)), len(closed.day), 0.0
    )
    known = np.array([0.0 if p is None else p for p in p_matters])
    return Learned(prior, found, known, closed.n_events, HORIZON)


def _table(path: str, rows: list[dict]) -> pl.DataFrame:
    promise = contract(path)
    wanted = schema(promise)
    return pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in wanted}, schema=wanted
    ).sort(promise.primary_key)
