"""A child process that publishes again and again; a test kills it or reads beside it.

Run as `python publisher.py HOME TIMES`: prints `ready`, then one line a version.
"""

import sys
from datetime import timedelta
from pathlib import Path

import polars as pl

from orchestration.publish.published import publish
from tests.scoring import made_up


def tables(number: int) -> dict[str, pl.DataFrame]:
    """The made-up tables, different for each number."""
    return moved(made_up.published_tables(), number)


def moved(made: dict[str, pl.DataFrame], minutes: int) -> dict[str, pl.DataFrame]:
    """The tables, everything in the timeline known so much later."""
    timeline = made["account_timeline"].with_columns(
        pl.col("known_at") + timedelta(minutes=minutes)
    )
    return made | {"account_timeline": timeline}


def main() -> None:
    home, times = Path(sys.argv[1]), int(sys.argv[2])
    first = tables(0)
    print("ready", flush=True)
    for number in range(times):
        version = publish(moved(first, number), home)
        print(version.name, flush=True)


if __name__ == "__main__":
    main()
