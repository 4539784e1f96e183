"""Which benchmarks there are, and how large they are in either mode.

What one measures is told and done in its own module; `make bench` runs them all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from benchmarks.measured import Measured, Skipped


@dataclass(frozen=True)
class Benchmark:
    """A module with a function ``measure``, and its arguments in either mode."""

    name: str
    quick: Mapping[str, Any] = field(default_factory=dict)
    full: Mapping[str, Any] = field(default_factory=dict)
    is_only_full: bool = False

    def measure(self, mode: str) -> Sequence[Measured | Skipped]:
        """Run it; ``mode`` is quick or full."""
        module = import_module(f"benchmarks.{self.name}")
        found: Sequence[Measured | Skipped] = module.measure(
            **(self.full if mode == "full" else self.quick)
        )
        return found


BENCHMARKS = (Benchmark("score_rate", {"rows": 200_000}, {"rows": 1_000_000}),)


def benchmark(name: str) -> Benchmark:
    """The benchmark of a name.

    Raises:
        ValueError: there is none.
    """
    for one in BENCHMARKS:
        if one.name == name:
            return one
    names = ", ".join(one.name for one in BENCHMARKS)
    raise ValueError(f"no benchmark {name!r}; there are {names}")
