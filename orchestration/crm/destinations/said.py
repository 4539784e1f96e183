"""What came of a call, and asking until there is an answer: said once for all.

How a call is made, and what an answer means, is the destination's.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from orchestration.crm.fault import CrmError
from orchestration.crm.pace import Pace

READ_TRIES = 8
# So often in a row a service may say that it is busy: that is no try.
_MOST_BUSY = 30
_FIRST_S, _LONGEST_S = 1.0, 60.0
_SECONDS = re.compile(r"\d+(?:\.\d*)?|\.\d+")


@dataclass(frozen=True)
class Said:
    """What came of a call.

    status: `accepted`; `busy` (nothing was done, come back); `rejected` (not as it is);
    `unknown` (it may have been done); and what a destination tells apart besides, as
    `missing`.
    """

    status: str
    value: Any = None
    reason: str | None = None
    after_s: float | None = None


def seconds_of(retry_after: str | None) -> float | None:
    """Seconds that a Retry-After header names; None where it names none."""
    told = retry_after or ""
    return float(told) if _SECONDS.fullmatch(told) else None


def asked_until_answered(
    name: str,
    ask: Callable[[], Said],
    pace: Pace,
    *,
    tries: int = READ_TRIES,
    answers: tuple[str, ...] = ("accepted",),
) -> Said:
    """Ask until there is an answer: what is only read may be asked again.

    Args:
        name: of the destination.
        ask: one call.
        pace: the clock by which is waited.
        tries: how often a call may fail.
        answers: the statuses that are one.

    Raises:
        CrmError: no answer after so many tries, or a refusal.
    """
    n_tries = n_busy = 0
    while True:
        said = ask()
        if said.status in answers:
            return said
        is_busy = said.status == "busy"
        n_busy, n_tries = n_busy + is_busy, n_tries + (not is_busy)
        if said.status == "rejected" or n_tries >= tries or n_busy > _MOST_BUSY:
            raise CrmError(f"{name}: cannot be read: {said.reason}")
        n = max(n_tries, n_busy, 1)
        pace.sleep(pace.wait_s(n, _FIRST_S, _LONGEST_S, said.after_s))
