"""Whom each seller is to talk to this week, and what was left out (SCIENCE 4).

A budget of attention is a hard cap: at most so many accounts a seller and week, counted
over the days of the week. Reads scores and signals; computes no probability.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl

from orchestration.contracts.frames import schema, shaped
from orchestration.contracts.odcs import contract
from orchestration.scoring.plays import Plays
from orchestration.scoring.sentences import Words, noun

_EXCLUSIVITY = {
    "high": Words(
        "Få ser dette: det står ikke noe sted samlet.",
        "Few see this: it is not gathered anywhere.",
    ),
    "medium": Words(
        "Den som følger selskapet tett, kan se dette.",
        "Whoever follows the company closely can see this.",
    ),
    "low": Words(
        "Synlig for alle: konkurrentene ser det samme.",
        "Visible to all: competitors see the same.",
    ),
}
_SHOWN_STOPS = 3


def talk_to_now(
    scores: pl.DataFrame,
    reasons: pl.DataFrame,
    signals: pl.DataFrame,
    performance: pl.DataFrame,
    *,
    plays: Plays,
    owners: Mapping[str, str],
    exclusivity: Mapping[str, str | None],
) -> pl.DataFrame:
    """The lists of every day scored, with what was left out of them.

    Args:
        scores: contract account_scores; `attention_rank` is the order of a day.
        reasons: contract score_reasons, for contributions.
        signals: contract signals, for captures.
        performance: contract signal_performance; its lift stands on the last day only,
            for on an earlier one it was not known.
        plays: with the budget and what stops a play.
        owners: the seller of each account, where one is named.
        exclusivity: of each signal type.

    Returns:
        Contract talk_to_now.
    """
    ready = scores.filter(pl.col("attention_rank").is_not_null()).sort(
        "as_of", "attention_rank", "offer", "account_id"
    )
    by_signal = {s["signal_id"]: s for s in signals.iter_rows(named=True)}
    adds = {
        (r["account_id"], r["offer"], r["as_of"], r["signal_type"]): r["contribution"]
        for r in reasons.join(
            ready.select("account_id", "offer", "as_of"),
            on=["account_id", "offer", "as_of"],
            how="semi",
        ).iter_rows(named=True)
    }
    last = scores["as_of"].max()
    lifts = _lifts(performance)
    stops = {play.id: play.stop for play in plays.plays}
    # Accounts a seller was given in a week; one stays given, and takes its place.
    given: dict[tuple[str, date], dict[tuple[str, str], None]] = defaultdict(dict)
    place: dict[tuple[str, date], int] = defaultdict(int)
    rows = []
    for row in ready.iter_rows(named=True):
        told = [by_signal[s] for s in row["play_signal_ids"] if s in by_signal]
        if not told:
            # Nobody is sent to an account without a change to point at.
            continue
        main = told[0]
        seller, week = owners.get(row["account_id"], ""), _monday(row["as_of"])
        spent = given[seller, week]
        account = (row["account_id"], row["offer"])
        place[seller, row["as_of"]] += 1
        is_listed = account in spent or len(spent) < plays.attention_budget
        if is_listed:
            spent[account] = None
        kind = main["signal_type"]
        lift = lifts.get((row["offer"], kind), {}) if row["as_of"] == last else {}
        seen = _EXCLUSIVITY.get(exclusivity.get(kind) or "")
        mind = _change_mind(stops.get(row["play"], ()))
        rows.append(
            {name: row[name] for name in _TAKEN}
            | {
                "seller": seller,
                "week": week,
                "place": place[seller, row["as_of"]],
                "is_listed": is_listed,
                "left_out_nb": None if is_listed else _left_out(plays).nb,
                "left_out_en": None if is_listed else _left_out(plays).en,
                "signal_ids": row["play_signal_ids"],
                "before_refs": [s["before_ref"] for s in told if s["before_ref"]],
                "after_refs": [s["after_ref"] for s in told if s["after_ref"]],
                "main_signal": kind,
                "contribution": adds.get((*account, row["as_of"], kind)),
                **lift,
                "exclusivity": exclusivity.get(kind),
                "exclusivity_nb": seen.nb if seen else None,
                "exclusivity_en": seen.en if seen else None,
                "change_mind_nb": mind.nb,
                "change_mind_en": mind.en,
            }
        )
    promise = contract("scores/talk_to_now")
    wanted = schema(promise)
    frame = pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in wanted}, schema=wanted
    )
    return shaped(promise, frame).sort(promise.primary_key)


_TAKEN = (
    "account_id",
    "offer",
    "as_of",
    "probability",
    "probability_lo",
    "probability_hi",
    "base_rate",
    "talk_to_role",
    "talk_to_name",
    "play",
    "why_now_nb",
    "why_now_en",
    "window_state",
    "window_from",
    "act_before",
    "opening_question_nb",
    "opening_question_en",
    "do_not_say_nb",
    "do_not_say_en",
)


def _lifts(performance: pl.DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    """Lift of each type by offer, of the target that knows the most outcomes."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for r in performance.sort("n_outcomes", "target").iter_rows(named=True):
        found[r["offer"], r["signal_type"]] = {
            "signal_lift": r["lift"],
            "signal_lift_lo": r["lift_lo"],
            "signal_lift_hi": r["lift_hi"],
            "signal_fired": r["n_fired"],
        }
    return found


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _left_out(plays: Plays) -> Words:
    n = plays.attention_budget
    return Words(
        f"Selgerens {n} plasser denne uken er brukt på andre kontoer.",
        f"The seller's {n} places this week are taken by other accounts.",
    )


def _change_mind(stops: Sequence[str]) -> Words:
    """What ends the play, and that evidence can be withdrawn."""
    names = [noun(s) for s in stops[:_SHOWN_STOPS]]
    nb, en = " eller ".join(w.nb for w in names), " or ".join(w.en for w in names)
    if not names:
        return Words(
            "At endringen viser seg å være trukket tilbake.",
            "That the change turns out to have been withdrawn.",
        )
    return Words(
        f"Hvis det kommer {nb}, eller endringen viser seg å være trukket tilbake.",
        f"If there is {en}, or the change turns out to have been withdrawn.",
    )
