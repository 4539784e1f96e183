"""Who was listed in which role as of a day: public role facts, nothing inferred.

Events come as they stood at the end of the day; `plays` says what they mean for a play.
Beside appearances and departures there are tenures of role slots (event `held`), which
say since when somebody held a role, and also of those who moved to another one.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

Event = Mapping[str, Any]

SUCCESSION_DAYS = 120
_LEADER = 3
_SLOT_KEYS = (
    "account_id",
    "source",
    "person_key",
    "name",
    "title",
    "function",
    "seniority",
    "is_interim",
    "is_left_censored",
    "known_at",
)


def listed(events: Sequence[Event]) -> list[Event]:
    """The people of an account who are listed: their latest event is an appearance."""
    latest: dict[tuple[str, str], Event] = {}
    for event in sorted(_seen(events), key=_order):
        latest[event["person_key"], event["source"]] = event
    present = {e["person_key"]: e for e in latest.values() if e["event"] == "appeared"}
    return sorted(present.values(), key=lambda e: (-e["seniority"], e["name"]))


def predecessor(
    anchor: Event, function: str | None, events: Sequence[Event]
) -> Event | None:
    """Who left the function a signal is about, within 120 days of it; nearest first.

    Args:
        anchor: a leadership signal.
        function: the function it is about.
        events: people events of the account as of the day.
    """
    reach = timedelta(days=SUCCESSION_DAYS)
    ended = [e for e in events if e["event"] == "held" and e["effective_hi"]]
    near = [
        e
        for e in ended or [e for e in events if e["event"] == "gone"]
        if e["function"] == function
        and e["seniority"] >= min(_LEADER, anchor["seniority"] or _LEADER)
        and e["name"] != anchor["person_name"]
        and abs(e["effective_pt"] - anchor["effective_pt"]) <= reach
    ]
    return min(
        near,
        key=lambda e: (
            abs(e["effective_pt"] - anchor["effective_pt"]),
            e["person_key"],
        ),
        default=None,
    )


def tenures(slots: Sequence[Event], moment: datetime) -> list[Event]:
    """Tenures of role slots as they were known at a moment, as events `held`.

    Args:
        slots: rows of hist_role_slots: one per tenure and claim of its end.
        moment: what became known later is left out.
    """
    known: dict[str, Event] = {}
    for slot in slots:
        if slot["known_at"] > moment:
            continue
        ended = slot["ended_known_at"]
        withdrawn = slot["end_superseded_at"]
        stands = (
            ended is not None
            and ended <= moment
            and (withdrawn is None or withdrawn > moment)
        )
        if slot["tenure_id"] in known and not stands:
            continue
        lo, hi = (slot["to_lo"], slot["to_hi"]) if stands else (None, None)
        known[slot["tenure_id"]] = {
            **{key: slot[key] for key in _SLOT_KEYS},
            "event": "held",
            "effective_lo": lo,
            "effective_hi": hi,
            "effective_pt": lo + (hi - lo) / 2 if stands else slot["from_hi"],
            "ended_by": slot["ended_by"] if stands else None,
            "held_lo": slot["from_lo"],
            "held_hi": slot["from_hi"],
        }
    return list(known.values())


def has_left(signal: Event) -> bool:
    """The person a signal names is told of before and not after: somebody who left."""
    return _is_told(signal, "before") and not _is_told(signal, "after")


def has_moved(signal: Event) -> bool:
    """The person a signal names is told of on both sides: a move within the company."""
    return _is_told(signal, "before") and _is_told(signal, "after")


def first_listed(person_key: str, events: Sequence[Event]) -> Event | None:
    """The earliest appearance of a person; left-censored when there from the start."""
    mine = [
        e
        for e in sorted(_seen(events), key=_order)
        if e["person_key"] == person_key and e["event"] == "appeared"
    ]
    return mine[0] if mine else None


def _seen(events: Sequence[Event]) -> list[Event]:
    return [event for event in events if event["event"] != "held"]


def _is_told(signal: Event, side: str) -> bool:
    name, quote = signal["person_name"], signal[f"quote_{side}"]
    return bool(name and quote) and name.casefold() in quote.casefold()


def _order(event: Event) -> tuple[Any, ...]:
    return event["effective_pt"], event["known_at"], event["event"], event["name"]
