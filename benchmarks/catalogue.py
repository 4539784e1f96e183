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

    def measure(self, mode: str) -> Sequence[Measured | Skipped]:
        """Run it; ``mode`` is quick or full."""
        module = import_module(f"benchmarks.{self.name}")
        found: Sequence[Measured | Skipped] = module.measure(
            **(self.full if mode == "full" else self.quick)
        )
        return found


# Sizes of the quick mode are such that each takes a minute or two on two idle cores;
# goals are those of the full sizes, so a small size that misses one says little.
BENCHMARKS = (
    Benchmark("crawl_scale", {"accounts": 100, "pages": 20}, {"pages": 20}),
    Benchmark("watch", {"sites": 15, "rounds": 2}, {"sites": 100}),
    Benchmark("main_text", {"every": 15}),
    Benchmark("bytes_on_disk", {"sites": 5, "days": 7}, {"sites": 100, "days": 30}),
    Benchmark("shards", {"accounts": 300}, {"accounts": 5_000}),
    Benchmark("score_rate", {"rows": 200_000}, {"rows": 1_000_000}),
    Benchmark("publish", {"rows": 100_000}, {"rows": 1_000_000}),
    Benchmark(
        "page_history", {"accounts": 10, "days": 31, "rounds": 2, "wrong_days": 6}
    ),
    Benchmark("day_at_scale", {"accounts": 100}, {"accounts": 20_000}),
    Benchmark("year_on_month", {"accounts": 5, "days": 120}, {"accounts": 100}),
    Benchmark("accounts_tenfold", {"accounts": 10, "days": 10}, {"accounts": 100}),
)


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
