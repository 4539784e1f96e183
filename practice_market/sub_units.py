"""The sub-units of every company: which there are, since when, and until when.

How they look in the registry does not belong here.
"""

from dataclasses import dataclass

from practice_market import names
from practice_market.company import Company, Market
from practice_market.draws import stream
from practice_market.story import ALWAYS

_PLACES = ("Nord", "Sør", "Øst", "Vest")


@dataclass(frozen=True)
class SubUnit:
    """One sub-unit; closed is its deletion, removed its leaving of open data."""

    number: str
    suffix: str
    opened: int
    closed: int | None = None
    removed: int | None = None

    def is_listed(self, day: int) -> bool:
        """True while a search shows it."""
        ends = [end for end in (self.closed, self.removed) if end is not None]
        return self.opened <= day and all(day < end for end in ends)

    def is_removed(self, day: int) -> bool:
        """True once it is gone from open data."""
        return self.removed is not None and day >= self.removed


def sub_units(market: Market, one: Company) -> tuple[SubUnit, ...]:
    """The first, which every company has for good, and up to three that come and go."""
    first = SubUnit(one.unit_number, "", ALWAYS)
    if market.calm:
        return (first,)
    rng = stream(market.seed, "sub-units", one.index)
    others = []
    for position in range(rng.choices((0, 1, 2, 3), weights=(5, 3, 1, 1))[0]):
        opened = rng.randrange(3, 200) if rng.random() < 0.4 else ALWAYS
        start = max(opened, 0)
        end = start + rng.randrange(10, 150) if rng.random() < 0.35 else None
        is_removed = rng.random() < 0.3
        others.append(
            SubUnit(
                names.org_number(200_000 + 4 * one.index + position),
                f" AVD {_PLACES[position]}".upper(),
                opened,
                closed=None if is_removed else end,
                removed=end if is_removed else None,
            )
        )
    return (first, *others)
