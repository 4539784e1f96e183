"""A day on top of a year against a day on top of a month, as a result of `make bench`.

The measuring is that of `day_on_year`; here its figures become a result. Run:
`python -m benchmarks.run --full --only year_on_month`.
"""

import json
import sys
import tempfile
from pathlib import Path

from benchmarks.children import run
from benchmarks.measured import Measured, beside
from orchestration.settings import child_environment

_GOAL = 1.3


def measure(accounts: int = 100, days: int = 366) -> list[Measured]:
    """Processor seconds of one more day on a year, beside those on a month."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "told.json"
        command = [sys.executable, "-m", "benchmarks.day_on_year", "--json", out]
        command += ["--accounts", str(accounts), "--days", str(days)]
        ended = run(command, env=child_environment())
        told = json.loads(out.read_text())["told"]
    return [
        beside(
            "year_on_month",
            "processor seconds of a day's build",
            told["year"]["day_cpu_s_by_round"],
            "a day on a month",
            told["month"]["day_cpu_s_by_round"],
            _GOAL,
            is_ceiling=True,
            peak_mb=ended.peak_mb,
            size=f"{accounts} accounts, {days} days",
            note=f"by the clock {told['year']['day_s']} and {told['month']['day_s']} s",
        )
    ]
