"""What each source showed of a made-up market, held against what was read of it.

Pure functions over rows. A thing could be seen when its source answered on a day on
which it showed the thing; that follows from the truth and the visits alone. Reading
files does not belong here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple


class Thing(NamedTuple):
    """What tells a thing of a source from all others."""

    source: str
    kind: str
    account_id: str
    key: str


class Showing(NamedTuple):
    """Where a list of things is shown: answers of one make no other answered."""

    source: str
    kind: str
    account_id: str


@dataclass(frozen=True)
class Shown:
    """A thing as its source shows it from start to end (exclusive); None is open.

    ``stays``: it is told of after its end, too. From ``purged_on`` it must be nowhere.
    ``job``: the job that it advertises, the same wherever it stands.
    """

    thing: Thing
    start: date | None
    end: date | None
    hidden_on: frozenset[date] = frozenset()
    fields: Mapping[str, Any] = field(default_factory=dict)
    stays: bool = False
    purged_on: date | None = None
    job: str | None = None

    def holds(self, day: date) -> bool:
        """True on a day of its spell, hidden or not."""
        return (self.start is None or self.start <= day) and (
            self.end is None or day < self.end
        )

    def may_be_told(self, day: date) -> bool:
        """True on a day on which it is no invention."""
        return self.holds(day) or (
            self.stays and self.end is not None and day >= self.end
        )


@dataclass(frozen=True, slots=True)
class Sighting:
    """A thing as it was read from an answer of a day."""

    thing: Thing
    day: date
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """The figures of one kind of thing of one source, with every difference.

    ``true`` were shown on some day, ``visible`` could be seen, ``found`` were read.
    """

    source: str
    kind: str
    true: int
    visible: int
    found: int
    missed: tuple[str, ...]
    invented: tuple[str, ...]
    wrong: tuple[str, ...]

    @property
    def is_as_true(self) -> bool:
        """True when all that could be seen was found, as it is, and nothing else."""
        return not (self.missed or self.invented or self.wrong)


def compare(
    shown: Iterable[Shown],
    sightings: Iterable[Sighting],
    answered: Mapping[Showing, Sequence[date]],
    days: Sequence[date],
) -> list[Found]:
    """One row for each source and kind, by name.

    ``answered`` has the days on which a list was answered whole. What was never asked
    for counts as answered on each of ``days``: not to ask is no excuse.
    """
    spells: dict[Thing, list[Shown]] = defaultdict(list)
    for one in shown:
        spells[one.thing].append(one)
    seen: dict[Thing, list[Sighting]] = defaultdict(list)
    for sighting in sightings:
        seen[sighting.thing].append(sighting)
    kinds = sorted({(t.source, t.kind) for t in (*spells, *seen)})
    return [
        _of_kind(source, kind, spells, seen, answered, days) for source, kind in kinds
    ]


def _of_kind(
    source: str,
    kind: str,
    spells: Mapping[Thing, list[Shown]],
    seen: Mapping[Thing, list[Sighting]],
    answered: Mapping[Showing, Sequence[date]],
    days: Sequence[date],
) -> Found:
    visible = found = true = 0
    missed: list[str] = []
    invented: list[str] = []
    wrong: list[str] = []
    things = [t for t in spells if (t.source, t.kind) == (source, kind)]
    for thing in sorted(things):
        asked = answered.get(Showing(source, kind, thing.account_id), days)
        for one in spells[thing]:
            true += one.start is None or one.start <= days[-1]
            read = [s for s in seen.get(thing, ()) if one.holds(s.day)]
            was_shown = [
                day for day in asked if one.holds(day) and day not in one.hidden_on
            ]
            is_purged = one.purged_on is not None and one.purged_on <= days[-1]
            visible += bool(was_shown) and not is_purged
            found += bool(read)
            if is_purged and read:
                invented.append(f"{_named(thing)}: kept though gone from {source}")
            elif was_shown and not read and not is_purged:
                missed.append(f"{_named(thing)}: shown on {was_shown[0]}")
            if read:
                wrong += [f"{_named(thing)}: {w}" for w in _differences(one, read)]
    for thing in sorted(t for t in seen if (t.source, t.kind) == (source, kind)):
        known = spells.get(thing, [])
        outside = [
            s for s in seen[thing] if not any(one.may_be_told(s.day) for one in known)
        ]
        if outside:
            why = f"read on {outside[0].day}" + (", out of its time" if known else "")
            invented.append(f"{_named(thing)}: {why}")
        wrong += [f"{_named(thing)}: {w}" for w in _contradictions(known, seen[thing])]
    return Found(
        source,
        kind,
        true,
        visible,
        found,
        tuple(missed),
        tuple(invented),
        tuple(dict.fromkeys(wrong)),
    )


def _named(thing: Thing) -> str:
    return f"{thing.account_id} {thing.key}"


def _differences(one: Shown, read: Sequence[Sighting]) -> list[str]:
    """Fields that are true and that no reading has."""
    return [
        f"{name} is {value!r} and was not read"
        for name, value in one.fields.items()
        if value is not None and all(s.fields.get(name) is None for s in read)
    ]


def _contradictions(known: Sequence[Shown], read: Sequence[Sighting]) -> list[str]:
    """Fields that were read as something that was not so on that day."""
    found = []
    for sighting in read:
        holding = [one for one in known if one.holds(sighting.day)]
        names = {name for one in holding for name in one.fields}
        for name in sorted(names):
            value = sighting.fields.get(name)
            true = [one.fields.get(name) for one in holding]
            if value is not None and value not in true:
                found.append(f"{name} was read as {value!r} and is {true[0]!r}")
    return found
