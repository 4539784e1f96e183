"""The day-one score: probability, interval, exact contributions, play and window.

Pure: frames in, frames out. Each day is computed from that day's rows and from signals
known by then, so that later days change nothing (SCIENCE 3.2 and 3.4).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from orchestration.contracts.frames import schema, shaped
from orchestration.contracts.odcs import contract
from orchestration.scoring import sentences
from orchestration.scoring.abstain import reason_to_abstain, signals_as_of
from orchestration.scoring.coefficients import (
    Z90,
    Coefficients,
    Vector,
    anchored_intercept,
    logit_sd,
    prior,
    sigmoid,
)
from orchestration.scoring.plays import Advice, Plays, advise
from orchestration.scoring.sentences import Words
from orchestration.scoring.strict_yaml import ScoringError
from orchestration.scoring.weights import Weights

# Goes up when the same weights and features would give other numbers.
CODE_VERSION = 2
# A population of fewer is filled up with quiet accounts (docs/decisions/0003).
MIN_POPULATION = 30
INTERCEPT = "intercept"
# Signals that concern an offer only when its features count them: by category, theme.
OFFER_BOUND = (
    "theme_job_opened",
    "market_dialogue",
    "tender_planning",
    "tender_open",
    "tender_cancelled",
    "contract_awarded",
)

_Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class ScoreTables:
    """What scoring makes; both keep their contract under `scores/`."""

    account_scores: pl.DataFrame
    score_reasons: pl.DataFrame


@dataclass(frozen=True)
class _Population:
    """The scored accounts of one offer on one day, accounts x types."""

    accounts: tuple[str, ...]
    x: Vector  # nan where not observed
    probability: Vector
    lower: Vector
    upper: Vector
    mean_logit: float
    mean_x: Vector
    contribution: Vector


def model_version(weights: Weights, plays: Plays) -> str:
    """Name of what made a score: versions and digests of weights, plays and code."""
    return (
        f"weights-{weights.version}-{weights.digest}"
        f".plays-{plays.version}-{plays.digest}.code-{CODE_VERSION}"
    )


def score_accounts(
    features: pl.DataFrame,
    coverage_daily: pl.DataFrame,
    offers: pl.DataFrame,
    weights: Weights,
    *,
    signals: pl.DataFrame,
    plays: Plays,
    people_events: pl.DataFrame | None = None,
    accounts: pl.DataFrame | None = None,
    measured: Collection[str] = (),
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
        accounts: contract accounts; those without a row anywhere are abstained.
        measured: types whose x is a measure and not a sum of events.

    Returns:
        account_scores and score_reasons, sorted by their keys.

    Raises:
        ScoringError: when a feature's type has no weight, or an offer is unknown.
    """
    unknown = sorted(set(features["signal_type"].unique()) - set(weights.signal_types))
    if unknown:
        raise ScoringError(
            f"account_features holds {', '.join(unknown)}, which weights.yml does not "
            "weigh; add an entry, with weight 0 if it is not to count"
        )
    known_offers = {row["offer"]: row for row in offers.iter_rows(named=True)}
    wanted = sorted(set(features["offer"].unique()) or set(known_offers))
    strangers = sorted(set(wanted) - set(known_offers))
    if strangers:
        raise ScoringError(
            f"account_features holds the offer(s) {', '.join(strangers)}, which the "
            "seed offers does not list"
        )
    coefficients = prior(weights)
    version = model_version(weights, plays)
    watched = set(accounts["account_id"]) if accounts is not None else set()
    days = sorted(set(features["as_of"]) | set(coverage_daily["as_of"]))
    features_by = _by(features, ("offer", "as_of"))
    coverage_by = _by(coverage_daily, ("as_of",))
    score_rows: _Rows = []
    reason_rows: _Rows = []
    for as_of in days:
        standing = _by_account(signals_as_of(signals, as_of))
        listed = _people_as_of(people_events, as_of)
        coverage = _by_account(coverage_by.get((as_of,)))
        for offer in wanted:
            rows = features_by.get((offer, as_of))
            ids = (
                set(coverage)
                | watched
                | (set(rows["account_id"]) if rows is not None else set())
            )
            day_scores, day_reasons = _score_day(
                known_offers[offer],
                as_of,
                tuple(sorted(ids)),
                features.clear() if rows is None else rows,
                coverage,
                standing,
                listed,
                weights,
                coefficients,
                plays,
                measured,
            )
            score_rows += [row | {"model_version": version} for row in day_scores]
            reason_rows += day_reasons
    return ScoreTables(
        _table("scores/account_scores", score_rows),
        _table("scores/score_reasons", reason_rows),
    )


def _score_day(
    offer: Mapping[str, Any],
    as_of: date,
    ids: tuple[str, ...],
    features: pl.DataFrame,
    coverage: Mapping[str, _Rows],
    signals: Mapping[str, _Rows],
    people: Mapping[str, _Rows],
    weights: Weights,
    coefficients: Coefficients,
    plays: Plays,
    measured: Collection[str],
) -> tuple[_Rows, _Rows]:
    signals = _concerning(signals, features)
    abstained = {
        account: reason_to_abstain(
            weights,
            coverage.get(account, []),
            signals.get(account, []),
            as_of,
        )
        for account in ids
    }
    scored = tuple(a for a in ids if abstained[a] is None)
    population = _population(scored, features, weights, coefficients, offer, measured)
    place = {a: i for i, a in enumerate(scored)}
    rows: _Rows = []
    for account in ids:
        advice = advise(plays, signals.get(account, []), people.get(account, []), as_of)
        row = {
            "account_id": account,
            "offer": offer["offer"],
            "as_of": as_of,
            "horizon_days": offer["horizon_days"],
            "base_rate": offer["base_rate"],
            **_advised(advice),
        }
        reason = abstained[account]
        if reason is None and population is not None:
            i = place[account]
            p = float(population.probability[i])
            row |= {
                "state": "scored",
                "probability": p,
                "probability_lo": float(population.lower[i]),
                "probability_hi": float(population.upper[i]),
                "lift": p / offer["base_rate"],
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
    return rows, _reasons(population, features, signals, weights, offer, as_of)


def _concerning(
    signals: Mapping[str, _Rows], features: pl.DataFrame
) -> dict[str, _Rows]:
    """The signals that concern the offer, the offer-bound ones as its features say.

    A competition for office chairs says nothing about a CRM. A type that the day's
    features leave out altogether cannot be told apart, and counts.
    """
    bound = features.filter(pl.col("signal_type").is_in(OFFER_BOUND))
    told = set(bound["signal_type"])
    counted = {s for ids in bound["signal_ids"] for s in ids}
    return {
        account: [
            s for s in rows if s["signal_type"] not in told or s["signal_id"] in counted
        ]
        for account, rows in signals.items()
    }


def _population(
    scored: tuple[str, ...],
    features: pl.DataFrame,
    weights: Weights,
    coefficients: Coefficients,
    offer: Mapping[str, Any],
    measured: Collection[str],
) -> _Population | None:
    if not scored:
        return None
    types = weights.signal_types
    x = np.full((len(scored), len(types)), np.nan)
    row_of = {a: i for i, a in enumerate(scored)}
    column_of = {t: k for k, t in enumerate(types)}
    for account, kind, value in features.select(
        "account_id", "signal_type", "x"
    ).iter_rows():
        if account in row_of and value is not None:
            x[row_of[account], column_of[kind]] = value
    observed = ~np.isnan(x)
    counts = observed.sum(axis=0)
    # Quiet accounts fill up a small population (docs/decisions/0003): nothing has
    # happened to them. A measure is never 0 for want of news, so it stays at its mean.
    n_quiet = max(0, MIN_POPULATION - len(scored))
    is_event = np.array([kind not in measured for kind in types])
    weight = counts + n_quiet * is_event
    mean_x = np.where(observed, x, 0.0).sum(axis=0) / np.maximum(weight, 1)
    beta = np.zeros(len(types))
    for kind, value in zip(coefficients.signal_types, coefficients.beta, strict=True):
        beta[column_of[kind]] = value
    # What was not observed holds the mean: it speaks neither for nor against.
    filled = np.where(observed, x, mean_x)
    contribution = np.where(observed, beta * (filled - mean_x), 0.0) + 0.0
    score = contribution.sum(axis=1)
    quiet = -float((beta * mean_x)[is_event & (counts > 0)].sum())
    everybody = np.concatenate([score, np.full(n_quiet, quiet)])
    mean_logit = anchored_intercept(everybody, offer["base_rate"])
    logit = mean_logit + score
    used = [column_of[t] for t in coefficients.signal_types]
    reach = Z90 * logit_sd(coefficients, filled[:, used])
    return _Population(
        accounts=scored,
        x=x,
        probability=sigmoid(logit),
        lower=sigmoid(logit - reach),
        upper=sigmoid(logit + reach),
        mean_logit=mean_logit,
        mean_x=mean_x,
        contribution=contribution,
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


def _rank(rows: _Rows) -> None:
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
    population: _Population,
    features: pl.DataFrame,
    signals: Mapping[str, _Rows],
    weights: Weights,
    offer: Mapping[str, Any],
    as_of: date,
) -> _Rows:
    behind = {
        (row["account_id"], row["signal_type"]): (row["signal_ids"], row["n_signals"])
        for row in features.filter(pl.col("signal_ids").list.len() > 0).iter_rows(
            named=True
        )
    }
    mean_p = float(sigmoid(np.array([population.mean_logit]))[0])
    opening = sentences.intercept(mean_p, offer["base_rate"], offer["horizon_days"])
    # One sentence a type for the many accounts where nothing was seen.
    unseen = [
        (sentences.not_observed(t), sentences.absent(t, float(m)))
        for t, m in zip(weights.signal_types, population.mean_x, strict=True)
    ]
    rows: _Rows = []
    # Of all accounts: a reason may be a parent's or a subsidiary's signal.
    by_id = {s["signal_id"]: s for told in signals.values() for s in told}
    for i, account in enumerate(population.accounts):
        key = {"account_id": account, "offer": offer["offer"], "as_of": as_of}
        rows.append(
            key
            | {
                "signal_type": INTERCEPT,
                "contribution": population.mean_logit,
                "value": None,
                "sentence_nb": opening.nb,
                "sentence_en": opening.en,
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
                    "sentence_nb": said.nb,
                    "sentence_en": said.en,
                    "signal_ids": ids,
                }
            )
    return rows


def _people_as_of(people_events: pl.DataFrame | None, as_of: date) -> dict[str, _Rows]:
    """The people events of each account as they stood at the end of a day."""
    if people_events is None:
        return {}
    return _by_account(signals_as_of(people_events, as_of))


def _by(
    frame: pl.DataFrame, keys: Sequence[str]
) -> dict[tuple[Any, ...], pl.DataFrame]:
    return dict(frame.partition_by(*keys, as_dict=True))


def _by_account(frame: pl.DataFrame | None) -> dict[str, _Rows]:
    grouped: dict[str, _Rows] = defaultdict(list)
    if frame is not None:
        for row in frame.iter_rows(named=True):
            grouped[row["account_id"]].append(row)
    return dict(grouped)


def _table(path: str, rows: _Rows) -> pl.DataFrame:
    promise = contract(path)
    wanted = schema(promise)
    frame = pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in wanted}, schema=wanted
    )
    return shaped(promise, frame).sort(promise.primary_key)
