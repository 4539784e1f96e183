"""What makes the market hard to watch (SCIENCE 5.4). A calm market has none of it.

Faults of a fetch, and the oddities of a site that last. What a page says does not
belong here.
"""

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache

from practice_market.company import Company, Market
from practice_market.draws import stream, unit

FETCH_FAILURE = 0.07
PARTIAL_LIST = 0.04
OUTAGE_START = 0.004
OUTAGE_DAYS = 5.0
REDESIGNS_A_YEAR = 0.25
BLANK_DAYS = 10
REGISTRY_FAILURE = 0.02
FAULTS = ("error", "timeout", "soft_404", "blocked")
_LONGEST_OUTAGE = 25


@dataclass(frozen=True)
class Oddities:
    """What is odd about a site for as long as the market lasts."""

    is_ab_tested: bool = False
    is_latin1: bool = False
    is_list_scripted: bool = False
    is_section_denied: bool = False
    is_stamped: bool = False
    redesigned_on: tuple[int, ...] = ()

    def design(self, day: int) -> int:
        """How many redesigns the site has had by that day."""
        return bisect_right(self.redesigned_on, day)

    def is_blank(self, day: int) -> bool:
        """True while a redesigned site shows empty lists."""
        return any(start <= day < start + BLANK_DAYS for start in self.redesigned_on)


def oddities(market: Market, one: Company) -> Oddities:
    """Draw the oddities of a site; every share as in SCIENCE 5.4."""
    if market.calm:
        return Oddities()
    rng = stream(market.seed, "oddities", one.index)
    daily_redesign = REDESIGNS_A_YEAR / 365
    return Oddities(
        is_ab_tested=rng.random() < 0.02,
        is_latin1=rng.random() < 0.05,
        is_list_scripted=rng.random() < 0.03,
        is_section_denied=rng.random() < 0.03,
        is_stamped=rng.random() < 0.15,
        redesigned_on=tuple(
            day
            for day in range(market.days)
            if unit(market.seed, "redesign", one.index, day) < daily_redesign
        ),
    )


@lru_cache(maxsize=100_000)
def outage(market: Market, index: int, day: int) -> str | None:
    """The fault that all of a site shows on a day, if it is down.

    An outage begins with probability .004 a day, lasts 5 days on average (at most 25)
    and shows one of the four faults throughout.
    """
    if market.calm:
        return None
    for start in range(max(0, day - _LONGEST_OUTAGE), day + 1):
        if unit(market.seed, "outage", index, start) < OUTAGE_START:
            rng = stream(market.seed, "outage's length", index, start)
            length = 1 + min(int(rng.expovariate(1 / (OUTAGE_DAYS - 0.5))), 24)
            if start + length > day:
                return rng.choice(FAULTS)
    return None


def fetch_fault(market: Market, index: int, address: str, day: int) -> str | None:
    """The fault of this fetch alone, 7 % of them, each kind equally often."""
    if market.calm:
        return None
    draw = unit(market.seed, "fetch", index, address, day)
    if draw >= FETCH_FAILURE:
        return None
    return FAULTS[int(draw / FETCH_FAILURE * len(FAULTS))]


def is_registry_down(market: Market, address: str, day: int) -> bool:
    """True when the registry fails to answer for this address on this day."""
    if market.calm:
        return False
    return unit(market.seed, "registry", address, day) < REGISTRY_FAILURE


def shown_part(
    market: Market, index: int, address: str, day: int, keys: list[str]
) -> list[str]:
    """The keys of a list that are shown; 4 % of lists drop each with probability .5."""
    if market.calm or (
        unit(market.seed, "partial", index, address, day) >= PARTIAL_LIST
    ):
        return keys
    return [key for key in keys if unit(market.seed, "drop", index, day, key) >= 0.5]
