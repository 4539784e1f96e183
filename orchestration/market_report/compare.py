"""What a crawler could see of a made-up market, and how much of it was recovered.

Pure functions over rows. What was visible follows from the truth and from the days of
good visits alone, never from what was published. Reading files does not belong here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Spell:
    """Something that was there from start to end (exclusive); None is open."""

    account_id: str
    key: str
    start: date | None
    end: date | None


@dataclass(frozen=True)
class Found:
    """An event as published: it lies in (lo, hi]."""

    account_id: str
    key: str
    lo: date
    hi: date


@dataclass(frozen=True)
class Happened:
    """A true event, and whether a crawler could see it."""

    account_id: str
    key: str
    at: date
    is_visible: bool


@dataclass(frozen=True)
class Score:
    """The figures of one kind of event; None where there is nothing to divide by."""

    kind: str
    true: int
    visible: int
    recovered: int
    published: int
    right: int
    inside: int

    @property
    def precision(self) -> float | None:
        """Share of what was published that happened."""
        return self.right / self.published if self.published else None

    @property
    def recall(self) -> float | None:
        """Share of what could be seen that was published."""
        return self.recovered / self.visible if self.visible else None

    @property
    def inside_share(self) -> float | None:
        """Share of the right ones whose interval holds the true day."""
        return self.inside / self.right if self.right else None


def joined(spells: Iterable[Spell]) -> list[Spell]:
    """Spells of one key that overlap as one: a reader cannot tell them apart."""
    found: list[Spell] = []
    ordered = sorted(
        spells, key=lambda one: (one.account_id, one.key, one.start or date.min)
    )
    for one in ordered:
        before = found[-1] if found else None
        if (
            before is None
            or (before.account_id, before.key) != (one.account_id, one.key)
            or (before.end is not None and before.end < (one.start or date.min))
        ):
            found.append(one)
            continue
        ends = [e for e in (before.end, one.end) if e is not None]
        end = max(ends) if len(ends) == 2 else None
        found[-1] = Spell(one.account_id, one.key, before.start, end)
    return found


def appearances(
    spells: Iterable[Spell],
    good: Mapping[str, Sequence[date]],
    sightings: int,
    baseline: int = 1,
) -> list[Happened]:
    """Beginnings: visible with enough good visits before them and while there."""
    return [
        Happened(
            one.account_id,
            one.key,
            one.start,
            sum(day < one.start for day in good.get(one.account_id, ())) >= baseline
            and sum(
                one.start <= day and (one.end is None or day < one.end)
                for day in good.get(one.account_id, ())
            )
            >= sightings,
        )
        for one in spells
        if one.start is not None
    ]


def departures(
    spells: Iterable[Spell],
    good: Mapping[str, Sequence[date]],
    misses: int,
    days: int,
    sightings: int = 1,
) -> list[Happened]:
    """Ends: visible with enough good visits while there, and after it."""
    found = []
    for one in spells:
        if one.end is None:
            continue
        visits = good.get(one.account_id, ())
        while_there = [
            day
            for day in visits
            if (one.start is None or one.start <= day) and day < one.end
        ]
        was_seen = len(while_there) >= sightings
        after = sorted(day for day in visits if day >= one.end)
        is_proved = len(after) >= misses and after[-1] - after[0] >= timedelta(days)
        found.append(Happened(one.account_id, one.key, one.end, was_seen and is_proved))
    return found


def score(
    kind: str,
    happened: Sequence[Happened],
    found: Sequence[Found],
    tolerance: timedelta = timedelta(days=28),
) -> Score:
    """Match one to one, the nearest first; right is within the tolerance.

    A published event that is matched with an invisible one is right and recovers
    nothing.
    """
    by_key: dict[tuple[str, str], list[int]] = {}
    for place, event in enumerate(happened):
        by_key.setdefault((event.account_id, event.key), []).append(place)
    pairs = []
    for number, claim in enumerate(found):
        for place in by_key.get((claim.account_id, claim.key), ()):
            distance = _distance(happened[place].at, claim)
            if distance <= tolerance:
                pairs.append((distance, not happened[place].is_visible, number, place))
    used, matched = set(), {}
    for distance, _, number, place in sorted(pairs):
        if number not in matched and place not in used:
            matched[number] = (place, distance)
            used.add(place)
    return Score(
        kind=kind,
        true=len(happened),
        visible=sum(event.is_visible for event in happened),
        recovered=sum(happened[place].is_visible for place in used),
        published=len(found),
        right=len(matched),
        inside=sum(distance == timedelta(0) for _, distance in matched.values()),
    )


def _distance(at: date, claim: Found) -> timedelta:
    """How far the day lies outside (lo, hi]."""
    if at <= claim.lo and claim.lo != claim.hi:
        return claim.lo - at + timedelta(days=1)
    if at < claim.lo:
        return claim.lo - at
    return max(at - claim.hi, timedelta(0))
