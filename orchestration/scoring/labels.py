"""Outcomes as arrays: what came of a day, as far as it was known by another.

Reads the table `outcomes`; features never do. Days are ordinals, as in `learning`.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import polars as pl

from orchestration.scoring.coefficients import Vector
from orchestration.scoring.learning import (
    HORIZON,
    PUBLICATION_LAG,
    STEP,
    Days,
    first_outcomes,
    on_landmarks,
)

# Windows closed in this many days before move the intercept (SCIENCE 3.5).
LOOK_BACK = 182


class Labels:
    """Days of outcomes by offer, target and account, as known on any day."""

    def __init__(self, outcomes: pl.DataFrame | None) -> None:
        self._events: dict[tuple[str, str], list[tuple[int, int, str]]] = defaultdict(
            list
        )
        self._first: dict[tuple[str, str, date], dict[str, list[int]]] = {}
        if outcomes is None:
            return
        for offer, target, account, occurred, known in outcomes.select(
            "offer", "target", "account_id", "occurred_at", "known_at"
        ).iter_rows():
            self._events[offer, target].append(
                (known.date().toordinal(), occurred.date().toordinal(), account)
            )
        for events in self._events.values():
            events.sort()

    def first(self, offer: str, target: str, known_by: date) -> dict[str, list[int]]:
        """Days of first outcomes by account, from what was known on a day."""
        key = (offer, target, known_by)
        if key in self._first:
            return self._first[key]
        events = self._events.get((offer, target), [])
        end = bisect_right(events, (known_by.toordinal(), 10**9, ""))
        days: dict[str, list[int]] = defaultdict(list)
        for _, occurred, account in events[:end]:
            days[account].append(occurred)
        order = {account: i for i, account in enumerate(days)}
        found = first_outcomes({order[a]: d for a, d in days.items()})
        # A day is asked for again for each of its landmarks; other days are not.
        self._first = {key: {a: found[i].tolist() for a, i in order.items()}}
        return self._first[key]

    def any_known(self, offer: str, target: str, known_by: date) -> bool:
        """Whether an outcome was ever seen; without one its source may not be."""
        events = self._events.get((offer, target), [])
        return bool(events) and events[0][0] <= known_by.toordinal()

    def closed_landmarks(
        self, days: Sequence[date], as_of: date, offer: str, target: str
    ) -> list[date]:
        """Landmarks whose window closed within half a year before a day."""
        if not self.any_known(offer, target, as_of):
            return []
        last = as_of.toordinal() - HORIZON - PUBLICATION_LAG
        inside = [d for d in days if last - LOOK_BACK < d.toordinal() <= last]
        # Landmarks of the whole watch, so that the window does not choose its own.
        ordinals = np.array([d.toordinal() for d in days if d <= as_of], dtype=np.int64)
        landmarks = set(ordinals[on_landmarks(ordinals)].tolist())
        return [d for d in inside if d.toordinal() in landmarks]


def observed_expected(
    labels: Labels,
    offer: str,
    target: str,
    accounts: Sequence[str],
    p: Vector,
    day: date,
    known_by: date,
) -> tuple[float, float]:
    """Outcomes within 91 days of a landmark and how many were expected.

    Both are scaled so that an outcome seen from several landmarks counts once.
    """
    first = labels.first(offer, target, known_by)
    observed = sum(
        within(first.get(account, []), day.toordinal(), HORIZON) > 0
        for account in accounts
    )
    scale = STEP / HORIZON
    return observed * scale, float(p.sum()) * scale


def within(days: Sequence[int], day: int, horizon: int) -> int:
    """The first of some days in (day, day + horizon]; 0 where there is none."""
    place = bisect_left(days, day + 1)
    return days[place] if place < len(days) and days[place] <= day + horizon else 0


def outcome_days(
    first: Mapping[str, Sequence[int]],
    accounts: Sequence[str],
    days: Days,
    horizon: int = HORIZON,
) -> Days:
    """The first outcome that follows each row within the horizon; 0 without one."""
    return np.array(
        [
            within(first.get(account, ()), int(day), horizon)
            for account, day in zip(accounts, days, strict=True)
        ],
        dtype=np.int64,
    )
