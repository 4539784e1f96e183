"""When no score is given, and the one sentence that says why.

Unknown is not low: an account that could not be watched gets no number at all.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import polars as pl

from orchestration.scoring.sentences import Words, day, source_name, watch_state
from orchestration.scoring.weights import Weights

_TENDER_ENDS = ("contract_awarded", "tender_cancelled")


def end_of(as_of: date) -> datetime:
    """The last microsecond of a day: what is known by then counts."""
    return datetime.combine(as_of, time.max)


def signals_as_of(signals: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The signals that stood at the end of a day."""
    moment = end_of(as_of)
    return signals.filter(
        (pl.col("known_at") <= moment)
        & (pl.col("superseded_at").is_null() | (pl.col("superseded_at") > moment))
    )


def reason_to_abstain(
    weights: Weights,
    coverage: Sequence[Mapping[str, Any]],
    signals: Sequence[Mapping[str, Any]],
    as_of: date,
) -> Words | None:
    """Why an account is not scored on a day; None when it is.

    Args:
        weights: with the sources that must be fresh and the days of watch needed.
        coverage: the account's rows of coverage_daily for that day.
        signals: the account's signals as of that day, notices in the offer's category.
        as_of: the day.
    """
    insolvency = _newest(signals, "insolvency")
    if insolvency is not None:
        when = day(insolvency["effective_pt"])
        return Words(
            f"Selskapet er meldt konkurs eller under avvikling ({when.nb}).",
            f"The company is reported insolvent or being wound up ({when.en}).",
        )
    if _has_open_tender(weights, signals, as_of):
        return Words(
            "Allerede i en åpen konkurranse, synlig for alle.",
            "Already in an open tender, visible to all.",
        )
    main = [c for c in coverage if c["source"] in weights.main_sources]
    names = _joined([source_name(source) for source in weights.main_sources])
    since = min(
        (c["observed_since"] for c in main if c["observed_since"] is not None),
        default=None,
    )
    if since is None:
        return Words(
            f"Aldri observert: ingen vellykkede besøk hos {names.nb}.",
            f"Never observed: no visit to {names.en} has succeeded.",
        )
    days = (as_of - since.date()).days
    if days < weights.min_observed_days:
        return Words(
            f"Observert i {days} dager; det trengs {weights.min_observed_days}.",
            f"Observed for {days} days; {weights.min_observed_days} are needed.",
        )
    if not any(c["state"] == "fresh" for c in main):
        states = _joined([_watched(c) for c in main])
        return Words(
            f"Ingen fersk observasjon av det som veier mest ({states.nb}).",
            f"No fresh observation of what weighs most ({states.en}).",
        )
    return None


def _watched(row: Mapping[str, Any]) -> Words:
    name, state = source_name(row["source"]), watch_state(row["state"])
    return Words(f"{name.nb}: {state.nb}", f"{name.en}: {state.en}")


def _joined(words: Sequence[Words]) -> Words:
    return Words(", ".join(w.nb for w in words), ", ".join(w.en for w in words))


def _newest(
    signals: Sequence[Mapping[str, Any]], signal_type: str
) -> Mapping[str, Any] | None:
    return max(
        (s for s in signals if s["signal_type"] == signal_type),
        key=lambda s: (s["effective_pt"], s["signal_id"]),
        default=None,
    )


def _has_open_tender(
    weights: Weights,
    signals: Sequence[Mapping[str, Any]],
    as_of: date,
) -> bool:
    oldest = end_of(as_of) - timedelta(days=weights.tender_open_days)
    for tender in signals:
        if tender["signal_type"] != "tender_open" or tender["effective_pt"] < oldest:
            continue
        ended = any(
            s["signal_type"] in _TENDER_ENDS
            and s["effective_pt"] >= tender["effective_pt"]
            for s in signals
        )
        if not ended:
            return True
    return False
