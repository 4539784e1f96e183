"""The score: probability, interval, exact contributions, sub-scores, play and window.

Pure: frames in, frames out. Each day is computed from that day's rows, from signals and
outcomes known by then, and by the version pinned for it, so that later days change
nothing (SCIENCE 3.2, 3.4 and 3.5).
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import numpy as np
import polars as pl

from orchestration.contracts.frames import schema, shaped
from orchestration.contracts.odcs import contract
from orchestration.scoring import batch, sentences
from orchestration.scoring.abstain import signals_as_of
from orchestration.scoring.coefficients import (
    Coefficients,
    Vector,
    anchored_centre,
    anchored_intercept,
    prior,
    sigmoid,
)
from orchestration.scoring.day import (
    SIZE,
    Day,
    Desk,
    Kind,
    Rows,
    by_account,
    day_of,
    desk,
)
from orchestration.scoring.estimator import intercept_shift
from orchestration.scoring.labels import Labels, observed_expected
from orchestration.scoring.learning import HORIZON, HORIZONS, ordered
from orchestration.scoring.people import tenures
from orchestration.scoring.plays import Advice, Plays, advise
from orchestration.scoring.recalibration import Identity
from orchestration.scoring.sentences import Words
from orchestration.scoring.strict_yaml import ScoringError
from orchestration.scoring.versions import EXPERT, OfferModel, Version
from orchestration.scoring.weights import Weights

# Goes up when the same weights and features would give other numbers.
CODE_VERSION = 4
# A population of fewer is filled up with quiet accounts (docs/decisions/0003).
MIN_POPULATION = 30
INTERCEPT = "intercept"
SECTOR = "sector"
SECTOR_COLUMN = "sector "
MAP = "calibration"
# What adds to the log-odds besides the types, in this order.
_BESIDES = (SECTOR, MAP)
# A map may say 0 or 1 of nobody: its logit would not be a number.
_LEAST_P = 1e-6
SUB_SCORES = ("need", "priority", "readiness")

# The version that scores a day; None stands for the experts'.
Pinned = Callable[[date], Version | None]


@dataclass(frozen=True)
class ScoreTables:
    """What scoring makes; both keep their contract under `scores/`."""

    score_days: pl.DataFrame
    score_reasons: pl.DataFrame


@dataclass(frozen=True)
class Population:
    """The scored accounts of one offer on one day, by one model.

    ``contribution`` has a column a type of the scorecard, one for the sector and one
    for the map of probabilities; with ``mean_logit`` its rows sum to the logit of
    `probability`.
    """

    accounts: tuple[str, ...]
    x: Vector  # nan where not observed
    probability: Vector
    lower: Vector
    upper: Vector
    near: Vector
    far: Vector
    base_rate: float
    shift: float
    mean_logit: float
    mean_x: Vector
    coefficient: Vector
    contribution: Vector


def model_version(weights: Weights, plays: Plays) -> str:
    """Name of the experts' model: versions and digests of weights, plays and code."""
    return f"{EXPERT}-weights-{weights.version}-{weights.digest}{_rest(plays)}"


def _rest(plays: Plays) -> str:
    return f".plays-{plays.version}-{plays.digest}.code-{CODE_VERSION}"


def score_accounts(
    features: pl.DataFrame,
    coverage_daily: pl.DataFrame,
    offers: pl.DataFrame,
    weights: Weights,
    *,
    signals: pl.DataFrame,
    plays: Plays,
    people_events: pl.DataFrame | None = None,
    role_slots: pl.DataFrame | None = None,
    accounts: pl.DataFrame | None = None,
    measured: Collection[str] = (),
    catalogue: pl.DataFrame | None = None,
    outcomes: pl.DataFrame | None = None,
    pinned: Pinned = lambda as_of: None,
) -> ScoreTables:
    """Score every account for every offer on every landmark day.

    Args:
        features: contract account_features (long). A missing row is read as a null x:
            not observed, never 0.
        coverage_daily: `account_id, source, as_of, state, observed_since` per landmark.
        offers: `offer, base_rate, horizon_days`.
        weights: the scorecard.
        signals: contract signals; read as of each day.
        plays: the playbook.
        people_events: who appeared and left (hist_people_events: bitemporal, so that
            a day is read as it was); without it plays name neither a predecessor nor
            a superior.
        role_slots: who held which role slot from when to when (hist_role_slots); with
            it plays know predecessors who moved within the company, and tenures.
        accounts: contract accounts; those without a row anywhere are abstained.
        measured: types whose x is a measure and not a sum of events.
        catalogue: the seed signal_types: what each type affects, and what feeds it.
        outcomes: contract outcomes; what came of windows that are closed moves the
            intercept. Only what was known by a day counts on it.
        pinned: which version scores a day.

    Returns:
        score_days and score_reasons, sorted by their keys.

    Raises:
        ScoringError: when a feature's type has no weight, an offer is unknown, or a
            version does not fit the scorecard.
    """
    at = desk(
        features,
        coverage_daily,
        offers,
        weights,
        signals,
        accounts,
        catalogue,
        measured,
    )
    memory = Memory(at, Labels(outcomes))
    score_rows: Rows = []
    reason_rows: Rows = []
    for as_of in at.days:
        listed = _people_as_of(people_events, role_slots, as_of)
        version = pinned(as_of)
        name = version.name + _rest(plays) if version else model_version(weights, plays)
        for offer in at.wanted:
            seen = day_of(at, offer, as_of)
            population = memory.population(seen, version)
            day_scores, day_reasons = _score_day(at, seen, population, listed, plays)
            score_rows += [row | {"model_version": name} for row in day_scores]
            reason_rows += day_reasons
    return ScoreTables(
        _table("scores/score_days", score_rows),
        _table("scores/score_reasons", reason_rows),
    )


class Memory:
    """Populations by model, and what each model foretold on landmarks before.

    The observed over expected outcomes of a day ask what the day's own model said of
    earlier landmarks; that is remembered, and made anew when the model changes.
    """

    def __init__(self, at: Desk, labels: Labels) -> None:
        self._at = at
        self._labels = labels
        self._foretold: dict[tuple[str, str, date], tuple[tuple[str, ...], Vector]] = {}

    def population(self, seen: Day, version: Version | None) -> Population | None:
        """The scored accounts of a day by a version; None where none is scored."""
        shift = self._shift(seen.offer, seen.as_of, version)
        if not seen.accounts:
            return None
        return population(self._at, seen, _offer_model(version, seen.offer), shift)

    def foretold(
        self, offer: str, as_of: date, version: Version | None
    ) -> tuple[tuple[str, ...], Vector]:
        """Accounts and probabilities of a day before any shift."""
        key = (offer, version.name if version else EXPERT, as_of)
        if key not in self._foretold:
            seen = day_of(self._at, offer, as_of)
            found = population(self._at, seen, _offer_model(version, offer), 0.0)
            self._foretold[key] = (
                (seen.accounts, found.probability) if found else ((), np.zeros(0))
            )
        return self._foretold[key]

    def _shift(self, offer: str, as_of: date, version: Version | None) -> float:
        target = version.target if version else "tender"
        closed = self._labels.closed_landmarks(self._at.days, as_of, offer, target)
        if not closed:
            return 0.0
        observed, expected = 0.0, 0.0
        for day in closed:
            accounts, p = self.foretold(offer, day, version)
            o, e = observed_expected(
                self._labels, offer, target, accounts, p, day, as_of
            )
            observed, expected = observed + o, expected + e
        return intercept_shift(observed, expected)


def _offer_model(version: Version | None, offer: str) -> OfferModel | None:
    return version.offers.get(offer) if version else None


def _score_day(
    at: Desk,
    seen: Day,
    population: Population | None,
    people: Mapping[str, Rows],
    plays: Plays,
) -> tuple[Rows, Rows]:
    offer = at.offers[seen.offer]
    base_rate = population.base_rate if population else offer["base_rate"]
    place = {a: i for i, a in enumerate(seen.accounts)}
    parts = _sub_scores(population, at) if population is not None else None
    rows: Rows = []
    for account in seen.ids:
        advice = advise(
            plays,
            seen.signals.get(account, []),
            people.get(account, []),
            seen.as_of,
        )
        row = {
            "account_id": account,
            "offer": seen.offer,
            "as_of": seen.as_of,
            "horizon_days": offer["horizon_days"],
            "base_rate": base_rate,
            "stale_sources": list(seen.out),
            **_advised(advice),
        }
        reason = seen.abstained[account]
        if reason is None and population is not None and parts is not None:
            i = place[account]
            p = float(population.probability[i])
            row |= {
                "state": "scored",
                "probability": p,
                "probability_lo": float(population.lower[i]),
                "probability_hi": float(population.upper[i]),
                "probability_30d": float(population.near[i]),
                "probability_182d": float(population.far[i]),
                "lift": p / base_rate,
                **{name: float(parts[name][i]) for name in SUB_SCORES},
            }
        elif reason is not None:
            row |= {
                "state": "abstained",
                "abstain_reason": reason.en,
                "abstain_reason_nb": reason.nb,
            }
        rows.append(row)
    _rank(rows)
    if population is None:
        return rows, []
    return rows, _reasons(population, seen, at, offer)


def _sub_scores(population: Population, at: Desk) -> dict[str, Vector]:
    """What need, priority and readiness add to the log-odds; they sum to the whole.

    A type's contribution is split evenly over what the catalogue says it affects, over
    all three where it says nothing (sectors, breadth, patterns).
    """
    parts = {name: np.zeros(len(population.accounts)) for name in SUB_SCORES}
    for k, kind in enumerate((*at.weights.signal_types, *_BESIDES)):
        affects = at.catalogue.get(kind, Kind()).affects
        told = [a for a in affects if a in SUB_SCORES] or list(SUB_SCORES)
        for name in told:
            parts[name] += population.contribution[:, k] / len(told)
    return parts


def population(
    at: Desk, seen: Day, model: OfferModel | None, shift: float
) -> Population | None:
    """Probabilities of a day's scored accounts by a model, or by the experts.

    Args:
        at: what scoring reads.
        seen: the day.
        model: what was learned for the offer; None takes the experts' weights.
        shift: log-odds to add to the intercept (observed over expected).

    Raises:
        ScoringError: the model knows a type that the scorecard does not.
    """
    if not seen.accounts:
        return None
    types = at.weights.signal_types
    told_rate = float(at.offers[seen.offer]["base_rate"])
    x = seen.x
    observed = ~np.isnan(x)
    counts = observed.sum(axis=0)
    # Quiet accounts fill up a small population (docs/decisions/0003): nothing has
    # happened to them. A measure is never 0 for want of news, so it stays at its mean.
    n_quiet = max(0, MIN_POPULATION - len(seen.accounts))
    is_event = np.array([not at.catalogue.get(t, Kind()).is_measure for t in types])
    weight = counts + n_quiet * is_event
    mean_x = np.where(observed, x, 0.0).sum(axis=0) / np.maximum(weight, 1)
    # What was not observed holds the mean: it speaks neither for nor against.
    filled = np.where(observed, x, mean_x)
    fits = _fits(model, at.weights)
    main = fits[HORIZON]
    beta = _spread(main, types)
    columns = _columns(main, types, filled, at, seen.accounts)
    mean = columns.mean(axis=0)
    named = [types.index(n) if n in types else None for n in main.signal_types]
    for k, place in enumerate(named):
        if place is not None:
            mean[k] = mean_x[place]
    score = (columns - mean) @ main.beta
    quiet = -float((beta * mean_x)[is_event & (counts > 0)].sum())
    everybody = np.concatenate([score, np.full(n_quiet, quiet)])
    if main.intercept is None:
        mean_logit = anchored_intercept(everybody, told_rate) + shift
    else:
        mean_logit = main.intercept + shift + float(mean @ main.beta)
    still = None
    if main.intercept is None:
        # The anchored intercept moves with beta (docs/decisions/0015).
        nobody = np.where(is_event, 0.0, mean_x)[None, :]
        quiet_ones = np.repeat(_columns(main, types, nobody, at, ("",)), n_quiet, 0)
        still = anchored_centre(
            np.vstack([columns, quiet_ones]), sigmoid(mean_logit - shift + everybody)
        )
    scored = batch.score(main, columns, mean, mean_logit, still)
    probability = scored.probability
    contribution = np.zeros((len(seen.accounts), len(types) + len(_BESIDES)))
    for k, place in enumerate(named):
        at_place = len(types) if place is None else place
        contribution[:, at_place] += scored.contributions[:, k] + 0.0
    taken = model.map if model is not None else Identity()
    if taken != Identity():
        probability = np.clip(taken.apply(probability), _LEAST_P, 1.0 - _LEAST_P)
        contribution[:, -1] = np.log(probability / (1 - probability)) - scored.logit
    is_as_told = main.intercept is None and shift == 0.0
    near, far = _other_horizons(
        fits, at, seen, filled, everybody, score, probability, told_rate, shift
    )
    return Population(
        accounts=seen.accounts,
        x=x,
        probability=probability,
        lower=taken.apply(scored.lower),
        upper=taken.apply(scored.upper),
        near=near,
        far=far,
        base_rate=(
            told_rate
            if is_as_told
            else float(taken.apply(sigmoid(mean_logit + everybody)).mean())
        ),
        shift=shift,
        mean_logit=mean_logit,
        mean_x=mean_x,
        coefficient=beta,
        contribution=contribution,
    )


def _other_horizons(
    fits: Mapping[int, Coefficients],
    at: Desk,
    seen: Day,
    filled: Vector,
    everybody: Vector,
    score: Vector,
    probability: Vector,
    told_rate: float,
    shift: float,
) -> tuple[Vector, Vector]:
    """Probabilities within 30 and 182 days, ordered around that within 91."""
    types = at.weights.signal_types
    found = {}
    for days in (HORIZONS[0], HORIZONS[-1]):
        fit = fits.get(days)
        if fit is not None and fit.intercept is not None:
            columns = _columns(fit, types, filled, at, seen.accounts)
            found[days] = sigmoid(fit.intercept + shift + columns @ fit.beta)
        elif fits[HORIZON].intercept is not None:
            # Not learned at this horizon: as if the hazard were constant.
            found[days] = 1.0 - (1.0 - probability) ** (days / HORIZON)
        else:
            rate = 1.0 - (1.0 - told_rate) ** (days / HORIZON)
            found[days] = sigmoid(anchored_intercept(everybody, rate) + shift + score)
    near, _, far = ordered(found[HORIZONS[0]], probability, found[HORIZONS[-1]])
    return near, far


def _fits(model: OfferModel | None, weights: Weights) -> dict[int, Coefficients]:
    """Coefficients by horizon; types that joined after the fit at the experts' word."""
    if model is None:
        return {HORIZON: prior(weights)}
    found = {}
    for days, fit in model.fits.items():
        types = [c for c in fit.signal_types if not c.startswith(SECTOR_COLUMN)]
        gone = sorted(set(types) - set(weights.signal_types))
        if gone:
            raise ScoringError(
                f"the model was learned with {', '.join(gone)}, which weights.yml no "
                "longer weighs; fit and promote a new version"
            )
        new = {k: w for k, w in weights.believed.items() if k not in types and w}
        n = len(fit.covariance)
        covariance = np.zeros((n + len(new), n + len(new)))
        covariance[:n, :n] = fit.covariance
        covariance[range(n, n + len(new)), range(n, n + len(new))] = weights.tau**2
        found[days] = Coefficients(
            (*fit.signal_types, *new),
            np.concatenate([fit.beta, [model.kappa * w for w in new.values()]]),
            covariance,
            fit.intercept,
        )
    return found


def _spread(fit: Coefficients, types: tuple[str, ...]) -> Vector:
    """The coefficient of every type of the scorecard; 0 where there is none."""
    known = dict(zip(fit.signal_types, fit.beta.tolist(), strict=True))
    return np.array([known.get(t, 0.0) for t in types])


def _columns(
    fit: Coefficients,
    types: tuple[str, ...],
    filled: Vector,
    at: Desk,
    accounts: tuple[str, ...],
) -> Vector:
    """Accounts x columns of a fit."""
    place = {t: k for k, t in enumerate(types)}
    segments = np.array([at.segments.get(a, "") for a in accounts], dtype=object)
    return np.column_stack(
        [
            (segments == name.removeprefix(SECTOR_COLUMN)).astype(np.float64)
            if name.startswith(SECTOR_COLUMN)
            else filled[:, place[name]]
            for name in fit.signal_types
        ]
        or [np.zeros((len(accounts), 0))]
    )


def _advised(advice: Advice) -> dict[str, Any]:
    def pair(stem: str, words: Words | None) -> dict[str, str | None]:
        return {
            f"{stem}_nb": words.nb if words else None,
            f"{stem}_en": words.en if words else None,
        }

    return {
        "window_state": advice.window.state,
        "window_from": advice.window.opens_on,
        "act_before": advice.window.act_before,
        "play": advice.play,
        "talk_to_role": advice.role.nb if advice.role else None,
        "talk_to_name": advice.name,
        "play_signal_ids": list(advice.signal_ids),
        **pair("why_now", advice.why_now),
        **pair("opening_question", advice.opening_question),
        **pair("do_not_say", advice.do_not_say),
    }


def _rank(rows: Rows) -> None:
    """Number those to talk to: no worse than chance, in a window, with a reason."""
    ready = [
        r
        for r in rows
        if r["state"] == "scored"
        # Rounding must not strike out the mean account.
        and r["probability"] >= r["base_rate"] * (1 - 1e-9)
        and r["window_state"] in ("opening", "open", "closing")
        and r["talk_to_role"]
        and r["why_now_nb"]
        and r["opening_question_nb"]
    ]
    ready.sort(key=lambda r: (-r["probability"], r["act_before"], r["account_id"]))
    for place, row in enumerate(ready, start=1):
        row["attention_rank"] = place


def _reasons(
    population: Population, seen: Day, at: Desk, offer: Mapping[str, Any]
) -> Rows:
    weights, as_of = at.weights, seen.as_of
    behind = {
        (row["account_id"], row["signal_type"]): (row["signal_ids"], row["n_signals"])
        for row in seen.features.filter(pl.col("signal_ids").list.len() > 0).iter_rows(
            named=True
        )
    }
    mean_p = float(sigmoid(np.array([population.mean_logit]))[0])
    opening = sentences.intercept(mean_p, population.base_rate, offer["horizon_days"])
    # One sentence a type for the many accounts where nothing was seen.
    unseen = [
        (sentences.not_observed(t), sentences.absent(t, float(m)))
        for t, m in zip(weights.signal_types, population.mean_x, strict=True)
    ]
    rows: Rows = []
    # Of all accounts: a reason may be a parent's or a subsidiary's signal.
    by_id = {s["signal_id"]: s for told in seen.signals.values() for s in told}
    for i, account in enumerate(population.accounts):
        key = {"account_id": account, "offer": seen.offer, "as_of": as_of}
        rows.append(
            key
            | {
                "signal_type": INTERCEPT,
                "contribution": population.mean_logit,
                "value": None,
                "coefficient": None,
                "sentence_nb": opening.nb,
                "sentence_en": opening.en,
                "signal_ids": [],
            }
        )
        sector, mapped = population.contribution[
            i, len(weights.signal_types) :
        ].tolist()
        for kind, added, said in (
            (SECTOR, sector, sentences.sector(at.segments.get(account), sector)),
            (MAP, mapped, sentences.calibration(mapped)),
        ):
            if not added:
                continue
            rows.append(
                key
                | {
                    "signal_type": kind,
                    "contribution": added,
                    "value": 1.0,
                    "coefficient": None,
                    "sentence_nb": said.nb,
                    "sentence_en": said.en,
                    "signal_ids": [],
                }
            )
        for k, kind in enumerate(weights.signal_types):
            value = float(population.x[i, k])
            ids, n_signals = behind.get((account, kind), ([], 0))
            told = [by_id[s] for s in ids if s in by_id]
            if np.isnan(value):
                said = unseen[k][0]
            elif told:
                said = sentences.present(kind, told, n_signals, account)
            elif kind == SIZE:
                said = sentences.size(value, float(population.mean_x[k]))
            elif value > 0:
                said = sentences.measured(kind, value, float(population.mean_x[k]))
            else:
                said = unseen[k][1]
            rows.append(
                key
                | {
                    "signal_type": kind,
                    "contribution": float(population.contribution[i, k]),
                    "value": None if np.isnan(value) else value,
                    "coefficient": float(population.coefficient[k]),
                    "sentence_nb": said.nb,
                    "sentence_en": said.en,
                    "signal_ids": ids,
                }
            )
    return rows


def _people_as_of(
    people_events: pl.DataFrame | None, role_slots: pl.DataFrame | None, as_of: date
) -> dict[str, Rows]:
    """People events and tenures of each account as they stood at the end of a day."""
    found: dict[str, Rows] = {}
    if people_events is not None:
        found = by_account(signals_as_of(people_events, as_of))
    if role_slots is not None:
        end = datetime.combine(as_of, time.max)
        for account_id, slots in by_account(role_slots).items():
            found.setdefault(account_id, []).extend(map(dict, tenures(slots, end)))
    return found


def _table(path: str, rows: Rows) -> pl.DataFrame:
    promise = contract(path).in_warehouse
    wanted = schema(promise)
    columns = {}
    for name, kind in wanted.items():
        values = [row.get(name) for row in rows]
        columns[name] = (
            _ids(name, values)
            if isinstance(kind, pl.List)
            else pl.Series(name, values, dtype=kind)
        )
    return shaped(promise, pl.DataFrame(columns)).sort(promise.primary_key)


def _ids(name: str, values: list[list[str] | None]) -> pl.Series:
    """A column of lists of ids; most are empty, and list by list would take longest."""
    text = pl.Series(
        name, ["\n".join(v) if v else None for v in values], dtype=pl.String
    )
    return text.str.split("\n").fill_null(pl.lit([], dtype=pl.List(pl.String)))
