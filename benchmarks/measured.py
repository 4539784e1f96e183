"""What a benchmark found: one ratio to a named baseline within one run.

The form of a result and how it is judged belong here; how something is measured does
not, nor where results are kept (runs.py).
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles


@dataclass(frozen=True)
class Measured:
    """Ours beside a baseline, measured in turns in one run.

    ``ratios`` are those of the single rounds, as far as there were several; ``ratio``
    is their median, and they tell how much a run differs from itself. ``goal`` is what
    the ratio must not fall below, or, with ``is_ceiling``, not exceed; None when
    nothing is promised. ``peak_mb`` is the resident memory of our side at its highest.
    """

    name: str
    unit: str
    ours: float
    baseline_name: str
    baseline: float
    ratios: tuple[float, ...]
    goal: float | None
    is_ceiling: bool = False
    peak_mb: float | None = None
    size: str = ""
    note: str = ""

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios."""
        return median(self.ratios)

    @property
    def middle(self) -> tuple[float, float]:
        """Between what the middle half of the rounds lies: one disturbed round is not
        the noise of a run."""
        if len(self.ratios) == 1:
            return self.ratio, self.ratio
        low, _, high = quantiles(self.ratios, n=4, method="inclusive")
        return low, high

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is met; None without a goal."""
        if self.goal is None:
            return None
        return self.ratio <= self.goal if self.is_ceiling else self.ratio >= self.goal


@dataclass(frozen=True)
class Skipped:
    """A benchmark that cannot be run here, and what is missing, in one sentence."""

    name: str
    why: str


def beside(
    name: str,
    unit: str,
    ours: Sequence[float],
    baseline_name: str,
    baseline: Sequence[float],
    goal: float | None,
    *,
    is_ceiling: bool = False,
    peak_mb: float | None = None,
    size: str = "",
    note: str = "",
) -> Measured:
    """The result of rounds in which both sides took their turn."""
    return Measured(
        name=name,
        unit=unit,
        ours=median(ours),
        baseline_name=baseline_name,
        baseline=median(baseline),
        ratios=tuple(
            mine / theirs for mine, theirs in zip(ours, baseline, strict=True)
        ),
        goal=goal,
        is_ceiling=is_ceiling,
        peak_mb=peak_mb,
        size=size,
        note=note,
    )


@dataclass(frozen=True)
class Spent:
    """Seconds by the clock and of the processor; a busy machine disturbs the latter
    less."""

    clock: float
    processor: float


def spent(work: Callable[[], object]) -> Spent:
    """What a piece of work in this process took."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return Spent(time.perf_counter() - clock, time.process_time() - processor)
