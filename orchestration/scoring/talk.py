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
from orchestration.scoring.exploration import Lots, lots
from orchestration.scoring.plays import Play, Plays
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
_NO_LOTS = Lots(frozenset(), frozenset(), {})
# What the actor itself did or filed, or says of itself; not what others report.
_PRIMARY = ("filed_act", "observed_act", "statement")
# A movement of the segment is context for so many days.
_SHIFT_DAYS = 28


def talk_to_now(
    scores: pl.DataFrame,
    reasons: pl.DataFrame,
    signals: pl.DataFrame,
    performance: pl.DataFrame,
    *,
    plays: Plays,
    owners: Mapping[str, str],
    exclusivity: Mapping[str, str | None],
    sector_shifts: pl.DataFrame | None = None,
    segments: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """The lists of every day scored, with what was left out of them.

    Args:
        scores: contract score_days; `attention_rank` is the order of a day.
        reasons: contract score_reasons, for contributions.
        signals: contract signals, for captures.
        performance: contract signal_performance; its lift stands on the last day only,
            for on an earlier one it was not known.
        plays: with the budget and what stops a play.
        owners: the seller of each account, where one is named.
        exclusivity: of each signal type.
        sector_shifts: contract bi/sector_shifts: context of a row where the account's
            whole segment moved.
        segments: of each account.

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
    by_play = {play.id: play for play in plays.plays}
    shifts = _shifts(sector_shifts)
    # The play each account was given, and the day it began.
    begun: dict[str, tuple[date, tuple[str, str]]] = {}
    # Accounts a seller was given in a week; one stays given, and takes its place.
    given: dict[tuple[str, date], dict[tuple[str, str], None]] = defaultdict(dict)
    place: dict[tuple[str, date], int] = defaultdict(int)
    # The chance by which an account was put on the list of a week, and by what.
    how: dict[tuple[str, date, tuple[str, str]], tuple[float, bool]] = {}
    rows = []
    drawn_on: date | None = None
    lots_of: dict[str, Lots] = {}
    # Nobody is sent to an account without a change to point at.
    shown = [
        (row, told)
        for row in ready.iter_rows(named=True)
        if (told := [by_signal[s] for s in row["play_signal_ids"] if s in by_signal])
    ]
    of_day: dict[date, list[tuple[dict[str, Any], list[dict[str, Any]]]]] = {}
    for row, told in shown:
        of_day.setdefault(row["as_of"], []).append((row, told))
    for row, told in shown:
        if row["as_of"] != drawn_on:
            drawn_on = row["as_of"]
            lots_of = _drawn(of_day[drawn_on], begun, given, plays, by_play, owners)
        main = told[0]
        seller, week = owners.get(row["account_id"], ""), _monday(row["as_of"])
        spent = given[seller, week]
        account = (row["account_id"], row["offer"])
        place[seller, row["as_of"]] += 1
        play = by_play.get(row["play"])
        why_not = _watched(told, plays.least_evidence) or _too_soon(
            row, begun, plays, play is not None and play.interrupts
        )
        chance, by_lot = how.get((seller, week, account), (None, False))
        if why_not is None and account not in spent:
            drawn = lots_of.get(seller, _NO_LOTS)
            chance = drawn.chance.get(account, 0.0)
            by_lot = account in drawn.by_lot
            why_not = None if account in drawn.listed else _left_out(plays)
        is_listed = why_not is None
        if is_listed:
            how[seller, week, account] = (chance or 0.0, by_lot)
            spent[account] = None
            talk = (row["offer"], row["play"])
            if begun.get(account[0], (None, None))[1] != talk:
                begun[account[0]] = (row["as_of"], talk)
        segment = (segments or {}).get(row["account_id"])
        context = _context(plays, shifts, segment, row["as_of"])
        kind = main["signal_type"]
        lift = lifts.get((row["offer"], kind), {}) if row["as_of"] == last else {}
        seen = _EXCLUSIVITY.get(exclusivity.get(kind) or "")
        mind = _change_mind(play.stop if play else ())
        rows.append(
            {name: row[name] for name in _TAKEN}
            | {
                "seller": seller,
                "week": week,
                "place": place[seller, row["as_of"]],
                "is_listed": is_listed,
                "propensity": chance,
                "is_by_lot": by_lot and is_listed,
                "left_out_nb": why_not.nb if why_not else None,
                "left_out_en": why_not.en if why_not else None,
                "context_nb": context.nb if context else None,
                "context_en": context.en if context else None,
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
    promise = contract("scores/talk_to_now").in_warehouse
    wanted = schema(promise)
    frame = pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in wanted}, schema=wanted
    )
    return shaped(promise, frame).sort(promise.primary_key)


def _drawn(
    rows: Sequence[tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]],
    begun: Mapping[str, tuple[date, tuple[str, str]]],
    given: Mapping[tuple[str, date], Mapping[tuple[str, str], None]],
    plays: Plays,
    by_play: Mapping[str, Play],
    owners: Mapping[str, str],
) -> dict[str, Lots]:
    """Who of a day is new on each seller's list: by rank, and some by lot."""
    ranked: dict[str, list[tuple[str, str]]] = defaultdict(list)
    met: set[str] = set()
    for row, told in rows:
        account = (row["account_id"], row["offer"])
        seller, week = owners.get(account[0], ""), _monday(row["as_of"])
        of_seller = ranked[seller]
        play = by_play.get(row["play"])
        interrupts = play is not None and play.interrupts
        if (
            account in given.get((seller, week), ())
            or _watched(told, plays.least_evidence) is not None
            or _too_soon(row, begun, plays, interrupts) is not None
            # One play an account: a second offer of it waits, as on another day.
            or (account[0] in met and not interrupts)
        ):
            continue
        met.add(account[0])
        of_seller.append(account)
    expected = plays.exploration_share * plays.attention_budget
    found = {}
    for seller, accounts in ranked.items():
        week = _monday(rows[0][0]["as_of"])
        free = plays.attention_budget - len(given.get((seller, week), ()))
        found[seller] = lots(accounts, max(free, 0), expected, f"{seller} {week}")
    return found


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


def _watched(told: Sequence[Mapping[str, Any]], least: int) -> Words | None:
    """Why a play is only watched: too few captures, or none from a primary source."""
    captures = {s[ref] for s in told for ref in ("before_ref", "after_ref") if s[ref]}
    # A filed act carries its own date: the register is evidence of before and after.
    filed = {s["signal_id"] for s in told if s["evidence_class"] == "filed_act"}
    if len(captures) + len(filed) < least:
        return Words(
            f"Følges bare: det er færre enn {least} belegg bak den.",
            f"Watch only: there are fewer than {least} pieces of evidence behind it.",
        )
    if not any(s["evidence_class"] in _PRIMARY for s in told):
        return Words(
            "Følges bare: ingen primærkilde viser det ennå.",
            "Watch only: no primary source shows it yet.",
        )
    return None


def _too_soon(
    row: Mapping[str, Any],
    begun: Mapping[str, tuple[date, tuple[str, str]]],
    plays: Plays,
    interrupts: bool,
) -> Words | None:
    """Why an account is left alone: another play began less than 30 days ago."""
    if row["account_id"] not in begun or interrupts:
        return None
    since, talk = begun[row["account_id"]]
    age = (row["as_of"] - since).days
    if talk == (row["offer"], row["play"]) or age >= plays.days_between_plays:
        return None
    n = plays.days_between_plays
    return Words(
        f"En annen samtale begynte for {age} dager siden; én per {n} dager.",
        f"Another play began {age} days ago; one in {n} days.",
    )


def _shifts(table: pl.DataFrame | None) -> dict[str, list[dict[str, Any]]]:
    """Movements of whole segments, newest and largest first."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    if table is not None:
        ordered = table.sort(
            ["as_of", "mean_z", "signal_type"], descending=[True, True, False]
        )
        for shift in ordered.iter_rows(named=True):
            found[shift["segment"]].append(shift)
    return dict(found)


def _context(
    plays: Plays,
    shifts: Mapping[str, Sequence[Mapping[str, Any]]],
    segment: str | None,
    as_of: date,
) -> Words | None:
    for shift in shifts.get(segment or "", ()):
        if plays.sector_shift and 0 <= (as_of - shift["as_of"]).days < _SHIFT_DAYS:
            what = noun(shift["signal_type"])
            rest = {"segment": segment, "n": shift["n_accounts"]}
            return Words(
                plays.sector_shift.nb.format(what=_upper(what.nb), **rest),
                plays.sector_shift.en.format(what=_upper(what.en), **rest),
            )
    return None


def _upper(said: str) -> str:
    return said[:1].upper() + said[1:]


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
