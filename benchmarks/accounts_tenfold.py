"""A day of ten times the accounts against a day of the accounts.

Run: `python -m benchmarks.accounts_tenfold [--accounts 100] [--days 31]`. Homes and
builds are those of `day_on_year`: visits landed as rows, without a crawl, then one more
day of history and signals. Compared is the processor time of that day's dbt build,
start-up included.
"""

import argparse
import tempfile
from datetime import timedelta
from pathlib import Path

from benchmarks.children import peak_mb
from benchmarks.day_on_year import LAST_DAY, _watch, build, land
from benchmarks.measured import Measured, beside

_TIMES, _GOAL = 10, 11.0


def day(accounts: int, days: int) -> float:
    """Seconds of the processor for one more day on top of some."""
    first = LAST_DAY - timedelta(days=days - 1)
    with tempfile.TemporaryDirectory() as name:
        home = Path(name) / "home"
        land(home, accounts, first, days - 1, first)
        _watch(home, accounts)
        build(home)
        land(home, accounts, first, days, LAST_DAY)
        _, processor, _ = build(home)
    return processor


def measure(accounts: int = 100, days: int = 31) -> list[Measured]:
    """The day of ten times the accounts beside the other."""
    few, many = day(accounts, days), day(_TIMES * accounts, days)
    return [
        beside(
            "accounts_tenfold",
            "processor seconds of a day's build",
            [many],
            f"a {_TIMES}th of the accounts",
            [few],
            _GOAL,
            is_ceiling=True,
            peak_mb=peak_mb(),
            size=f"{_TIMES * accounts} and {accounts} accounts, {days} days",
        )
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=100)
    parser.add_argument("--days", type=int, default=31)
    asked = parser.parse_args()
    for one in measure(asked.accounts, asked.days):
        print(one)


if __name__ == "__main__":
    main()
