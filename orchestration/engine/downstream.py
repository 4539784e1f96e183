"""`python -m orchestration.engine.downstream`: scores and lists of the engine's tables.

`python -m orchestration.engine` leaves the tables that the engine made in the home.
Here a second home gets them as its warehouse, the same Python scores and publishes, and
every published table is held against the one that DuckDB's tables led to. It runs in
the product's own environment: no engine is asked any more.
"""

import argparse
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import duckdb

from orchestration import settings, warehouse
from orchestration.defs.runs import alone_in, materialise
from orchestration.engine.parity import TABLES, Comparison, compared, told
from scrapers.landing import landed_days
from scrapers.source import source_names

SECOND = "engine_home"
# What the models and the scores read beside the warehouse: the same in both homes.
_SHARED = ("accounts", "feedback", "landing", "observed", "outcomes", "parsed")
# Published tables that are counted from visits, before any model.
_BEFORE_MODELS = ("source_runs", "source_run_outcomes")
# When a forecast was written down is a moment of the clock.
_OF_THE_CLOCK = {"account_score_history": ("written_at",)}


class NotMade(RuntimeError):
    """The engine has not made what is to be scored."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Score and publish anew; the exit code is 0 only when all tables are equal."""
    parser = argparse.ArgumentParser(prog="python -m orchestration.engine.downstream")
    parser.add_argument("--home", type=Path, default=settings.home())
    parser.add_argument("--keep", action="store_true", help="leave what was made")
    options = parser.parse_args(arguments)
    home = options.home.resolve()
    began = time.monotonic()
    try:
        return _held_beside(home, began)
    finally:
        # Names of people are in it: `lyttepost erase` must not have to look here.
        if not options.keep:
            for folder in (SECOND, TABLES):
                shutil.rmtree(home / folder, ignore_errors=True)


def _held_beside(home: Path, began: float) -> int:
    second = laid_out(home)
    days = [d for s in source_names() for d in landed_days(home, s)]
    with alone_in(second):
        report = materialise(second, days, skip_landing=True, only_after_models=True)
    if not report.is_success:
        print(*report.failures, sep="\n")
        return 1
    comparisons = published_beside(home, second)
    for line in told(comparisons, ()):
        print(line)
    print(f"scored, published and compared in {time.monotonic() - began:.0f} s")
    return 0 if all(c.state == "equal" for c in comparisons) else 1


def laid_out(home: Path) -> Path:
    """A second home beside the tables of the engine, with them as its warehouse.

    Raises:
        NotMade: there are none.
    """
    made = sorted((home / TABLES).glob("*.parquet"))
    if not made:
        raise NotMade(
            f"{home / TABLES} is empty; `python -m orchestration.engine` fills it"
        )
    second = home / SECOND
    shutil.rmtree(second, ignore_errors=True)
    second.mkdir()
    for name in _SHARED:
        if (home / name).exists():
            (second / name).symlink_to(home / name, target_is_directory=True)
    # The report tells what the checks of the landed files said.
    shutil.copytree(home / "checks", second / "checks")
    with duckdb.connect(str(second / warehouse.FILE)) as connection:
        for file in made:
            connection.execute(
                f'create table "{file.stem}" as select * from read_parquet(?)',
                [str(file)],
            )
        connection.execute(
            f"attach '{home / warehouse.FILE}' as duckdb_made (read_only)"
        )
        for name in _BEFORE_MODELS:
            connection.execute(
                f"create table {name} as select * from duckdb_made.{name}"
            )
    return second


def published_beside(home: Path, second: Path) -> list[Comparison]:
    """Every published table of two homes, row by row."""
    ours, theirs = (h / "published" / "current" for h in (home, second))
    names = sorted({f.stem for side in (ours, theirs) for f in side.glob("*.parquet")})
    out = []
    with duckdb.connect() as connection:
        for name in names:
            files = [side / f"{name}.parquet" for side in (ours, theirs)]
            if not all(f.exists() for f in files):
                out.append(Comparison(name, "failed", 0, "published in one home only"))
                continue
            left_out = ", ".join(_OF_THE_CLOCK.get(name, ()))
            columns = f"* exclude ({left_out})" if left_out else "*"
            sides = [f"(select {columns} from '{f}')" for f in files]
            out.append(compared(connection, name, *sides))
    return out


if __name__ == "__main__":
    sys.exit(main())
