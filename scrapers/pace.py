"""How soon a page is worth another visit, learnt from how often it changed.

Changes of a page are taken for a Poisson process. Its rate has a Gamma prior by what
kind of page it is (Grimes & Ford 2008: without one, rates of young pages are noise),
and the number of changes behind n comparisons of which X differ is n·ln((n+½)/(n-X+½))
(Cho & Garcia-Molina 2003: several changes between two visits look like one). A page is
due when it is as likely as not to have changed. Which pages a spider finds, and what
its budget is, does not belong here.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

# What counts as the past halves in this time: sites are rebuilt, people leave.
HALF_LIFE_DAYS = 180.0
DUE_AT = 0.5
SHORTEST_DAYS, LONGEST_DAYS = 1, 28
# Who leads and who is sought are what the observatory is for.
WEEKLY = frozenset(("leadership", "careers"))
_ANSWERED = frozenset(("ok", "not_modified"))


@dataclass(frozen=True)
class Prior:
    """A Gamma prior of a rate: as if `changes` had been seen in `days` days."""

    changes: float
    days: float


# Set by judgement, 2026-11-26, and worth one visit of evidence each: to be replaced by
# the rates of our own archive when it is a year long.
_PRIORS: Mapping[str, Prior] = {
    "careers": Prior(1.0, 7.0),
    "news": Prior(1.0, 4.0),
    "job": Prior(1.0, 14.0),
    "leadership": Prior(1.0, 30.0),
}
_OTHER = Prior(1.0, 21.0)


class Observed(Protocol):
    """What has to be known of a page's visits; `KnownVisit` is one."""

    @property
    def url(self) -> str: ...
    @property
    def scope(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def fetched_on(self) -> date: ...
    @property
    def n_compared(self) -> float: ...
    @property
    def n_changed(self) -> float: ...
    @property
    def compared_days(self) -> float: ...


_Page = TypeVar("_Page", bound=Observed)


def changes_behind(n_compared: float, n_changed: float) -> float:
    """How many changes are likely behind comparisons of which some differ."""
    if n_compared <= 0:
        return 0.0
    n_changed = min(max(n_changed, 0.0), n_compared)
    return n_compared * math.log((n_compared + 0.5) / (n_compared - n_changed + 0.5))


def rate_per_day(page: Observed) -> float:
    """The mean of what is believed of a page's rate of change, prior included."""
    prior = _PRIORS.get(page.scope, _OTHER)
    changes = changes_behind(page.n_compared, page.n_changed)
    return (prior.changes + changes) / (prior.days + max(page.compared_days, 0.0))


def interval_days(page: Observed) -> int:
    """Days until a page is as likely as not to have changed, within the bounds."""
    days = math.log(1 / (1 - DUE_AT)) / rate_per_day(page)
    longest = 7 if page.scope in WEEKLY else LONGEST_DAYS
    return max(SHORTEST_DAYS, min(longest, math.floor(days)))


def expected_change(page: Observed, day: date) -> float:
    """How likely a page has changed since its latest visit."""
    return 1 - math.exp(-rate_per_day(page) * max((day - page.fetched_on).days, 0))


def is_due(page: Observed, day: date) -> bool:
    """True for a page to visit on that day; one that failed always is."""
    if page.outcome not in _ANSWERED:
        return True
    return (day - page.fetched_on).days >= interval_days(page)


def resting(pages: Iterable[_Page], day: date) -> list[_Page]:
    """The pages of one account that are not worth a visit on that day.

    A list is visited whole or not at all, as one that is visited in part looks like a
    list that lost what stands on the rest: the leadership pages of an account go
    together, and a round of its careers pages takes along every page that may show
    advertisements.
    """
    pages = list(pages)
    due = {page.url for page in pages if is_due(page, day)}
    groups = {
        scope: [page for page in pages if page.scope == scope] for scope in WEEKLY
    }
    is_round = any(page.url in due for page in groups["careers"])
    is_walk = any(page.url in due for page in groups["leadership"])
    may_rest = []
    for page in pages:
        if page.scope == "leadership":
            is_resting = not is_walk
        elif page.scope == "news":
            is_resting = page.url not in due
        elif page.scope in ("careers", "job") and groups["careers"]:
            is_resting = not is_round
        else:
            is_resting = page.url not in due and not is_round
        if is_resting:
            may_rest.append(page)
    return may_rest


def by_expected_change(pages: Iterable[_Page], day: date) -> list[_Page]:
    """Pages in the order in which a short budget is spent on them."""
    return sorted(pages, key=lambda page: (-expected_change(page, day), page.url))
