"""What publishing a million rows costs, against each destination's own bulk load.

Run: `python -m benchmarks.publish [--shuffled] [--postgres ADDRESS]`. Made-up rows
of `account_score_history` and `score_reasons`, the widest table that grows by the day
and the longest. Beside a version with its checks, order, digests and DuckDB file: the
same frames handed to Polars' and DuckDB's own writers. Beside PostgreSQL: `\\copy` of
the same rows as CSV by `psql`, into the same tables with the same keys. Beside the
contract checks: reading the table from the warehouse once, as the asset check does.
"""

import argparse
import os
import shutil
import subprocess
import tempfile
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from benchmarks.children import peak_mb
from benchmarks.measured import Measured, Skipped, Spent, beside, spent
from orchestration import warehouse
from orchestration.contracts.expectations import validate
from orchestration.contracts.frames import empty_frame, shaped
from orchestration.contracts.odcs import contract
from orchestration.publish import grounds, published
from orchestration.publish.destinations.postgres import destination as postgres
from orchestration.publish.destinations.postgres.statements import (
    add_key,
    create_table,
)
from orchestration.publish.destinations.protocol import Place, version_of
from orchestration.publish.keep import Keep
from orchestration.publish.published import DATABASE, PUBLISHED

LONG = ("account_score_history", "score_reasons")
SCHEMA = "lyttepost_benchmark"
# Names the database that PostgreSQL is measured with when all benchmarks are run.
_ADDRESS = "LYTTEPOST_BENCHMARK_POSTGRES"
_PUBLISH, _CHECKS = 1.5, 2.0


def tables(rows: int, shuffled: bool, seed: int = 7) -> dict[str, pl.DataFrame]:
    """Made-up published tables; `rows` of each of `LONG`, in order or in none.

    In order is how the score step leaves them.
    """
    made = {name: empty_frame(contract(path)) for name, path in PUBLISHED.items()}
    draw = np.random.default_rng(seed)
    number = draw.permutation(rows) if shuffled else np.arange(rows)
    first = date(2025, 1, 1)
    p = draw.random(rows) * 0.2
    days = pl.Series([first + timedelta(days=d) for d in range(200)])
    keys = {
        "account_id": pl.Series(number // 100).cast(pl.String).str.zfill(7),
        "offer": pl.lit("made_up_offer"),
        "as_of": days.gather(pl.Series(number % 100)),
    }
    scores = pl.DataFrame({"probability": p}).with_columns(
        **keys,
        horizon_days=pl.lit(91),
        state=pl.lit("scored"),
        probability_lo=pl.col("probability") / 2,
        probability_hi=pl.col("probability") * 2,
        probability_30d=pl.col("probability") / 3,
        probability_182d=pl.col("probability") * 1.5,
        base_rate=pl.lit(0.03),
        lift=pl.col("probability") / 0.03,
        window_state=pl.Series(draw.choice(["none", "open", "closed"], rows)),
        window_from=pl.lit(first),
        act_before=pl.lit(first + timedelta(days=60)),
        play=pl.lit("made_up_play"),
        talk_to_role=pl.lit("Salgsdirektør"),
        abstain_reason=pl.lit(None),
        stale_sources=pl.lit([], pl.List(pl.String)),
        abstain_reason_nb=pl.lit(None),
        need=pl.col("probability") * 3,
        priority=pl.col("probability") * 2,
        readiness=pl.col("probability"),
        attention_rank=pl.lit(None),
        model_version=pl.lit("made-up"),
        is_written_down=pl.lit(value=False),
        written_at=pl.lit(None),
    )
    made["account_score_history"] = shaped(
        contract(PUBLISHED["account_score_history"]), scores
    )
    reasons = pl.DataFrame({"contribution": draw.normal(size=rows)}).with_columns(
        account_id=pl.Series(number // 4_000).cast(pl.String).str.zfill(7),
        offer=pl.lit("made_up_offer"),
        as_of=days.gather(pl.Series(number // 40 % 100)),
        signal_type=pl.Series(number % 40).cast(pl.String).str.zfill(2),
        value=pl.Series(p),
        coefficient=pl.lit(0.4),
        sentence_nb=pl.lit("En oppdiktet grunn, så lang som grunner er."),
        sentence_en=pl.lit("A made-up reason, as long as reasons are."),
        signal_ids=pl.lit(["0" * 32]),
        **{name: pl.lit(None) for name in grounds.COLUMNS},
    )
    made["score_reasons"] = shaped(contract(PUBLISHED["score_reasons"]), reasons)
    of_one_day = scores.head(1).with_columns(
        play_signal_ids=pl.lit([], pl.List(pl.String)),
        is_listed=pl.lit(value=False),
    )
    made["account_scores"] = shaped(
        contract(PUBLISHED["account_scores"]),
        of_one_day.with_columns(
            pl.lit(None).alias(name)
            for name in contract(PUBLISHED["account_scores"]).column_names
            if name not in of_one_day.columns
        ),
    )
    return made


def _told(what: str, ours: list[float], theirs: list[float]) -> None:
    """The least of the runs of each, so that a busy machine disturbs least."""
    print(
        f"{what}: {min(ours):.2f} s, {min(theirs):.2f} s, "
        f"{min(ours) / min(theirs):.2f} times",
        flush=True,
    )


def _told_both(what: str, ours: list[Spent], theirs: list[Spent]) -> None:
    _told(f"{what}, clock", [o.clock for o in ours], [t.clock for t in theirs])
    _told(
        f"{what}, processor",
        [o.processor for o in ours],
        [t.processor for t in theirs],
    )


def home(made: dict[str, pl.DataFrame], runs: int) -> tuple[list[Spent], list[Spent]]:
    """A whole version, and Polars' Parquet writer with DuckDB's own load, in turns."""
    ours: list[Spent] = []
    theirs: list[Spent] = []
    for _ in range(runs):
        folder = Path(tempfile.mkdtemp(prefix="benchmark-"))

        def bulk(folder: Path = folder) -> None:
            for name in made:
                made[name].write_parquet(
                    folder / f"{name}.parquet", compression="zstd", compression_level=3
                )
            with duckdb.connect(str(folder / DATABASE)) as connection:
                for name in made:
                    connection.register("incoming", made[name].to_arrow())
                    connection.execute(
                        f'create table "{name}" as select * from incoming'
                    )

        def version(folder: Path = folder) -> None:
            published.publish(made, folder / "home")

        theirs.append(spent(bulk))
        ours.append(spent(version))
        shutil.rmtree(folder)
    return ours, theirs


def to_postgres(
    made: dict[str, pl.DataFrame], address: str, runs: int
) -> tuple[list[float], list[float]]:
    """A version in PostgreSQL, and `psql` with COPY of CSV, in turns, by the clock."""
    folder = Path(tempfile.mkdtemp(prefix="benchmark-"))
    version = version_of(published.publish(made, folder / "home"))
    place = Place(address, {"schema": SCHEMA})
    for name in LONG:
        frame = pl.read_parquet(version.folder / f"{name}.parquet")
        frame.with_columns(
            # CSV knows no lists: as PostgreSQL writes them.
            pl.concat_str(pl.lit("{"), pl.col(c).list.join(","), pl.lit("}")).alias(c)
            for c, kind in frame.schema.items()
            if isinstance(kind, pl.List)
        ).write_csv(folder / f"{name}.csv", include_header=False)

    def sql(*statements: str) -> None:
        options = ["-q", "-v", "ON_ERROR_STOP=1"]
        wanted = [part for statement in statements for part in ("-c", statement)]
        subprocess.run(["psql", address, *options, *wanted], check=True)

    ours, theirs = [], []
    for _ in range(runs):
        sql(
            f"drop schema if exists {SCHEMA}_bulk cascade",
            f"create schema {SCHEMA}_bulk",
        )

        def bulk() -> None:
            for name in LONG:
                promise = contract(PUBLISHED[name])
                sql(
                    create_table(promise, f"{SCHEMA}_bulk"),
                    f"\\copy {SCHEMA}_bulk.{name} from {folder}/{name}.csv csv",
                    add_key(promise, f"{SCHEMA}_bulk"),
                    f"analyze {SCHEMA}_bulk.{name}",
                )

        theirs.append(spent(bulk).clock)
        with postgres._connected(place) as connection:
            postgres._run(connection, f"drop schema if exists {SCHEMA} cascade")
            for old in postgres._version_schemas(connection, SCHEMA):
                postgres._run(connection, f"drop schema {old} cascade")
            connection.commit()
        ours.append(spent(lambda: postgres.publish(version, place, Keep())).clock)
    shutil.rmtree(folder)
    return ours, theirs


def checks(
    made: dict[str, pl.DataFrame], runs: int
) -> dict[str, tuple[list[Spent], list[Spent]]]:
    """The contract of each long table held, and reading the table once, in turns."""
    found = {}
    folder = Path(tempfile.mkdtemp(prefix="benchmark-"))
    warehouse.write_tables(folder, {name: made[name] for name in LONG})
    for name in LONG:
        promise = contract(PUBLISHED[name])
        frame = warehouse.read_tables(folder, [name])[name]
        validate(promise, frame.head(10))  # what is imported is imported
        reads, held = [], []
        for _ in range(runs):
            reads.append(spent(lambda n=name: warehouse.read_tables(folder, [n])))
            held.append(spent(lambda p=promise, f=frame: validate(p, f)))
        found[name] = held, reads
    shutil.rmtree(folder)
    return found


def measure(rows: int = 1_000_000, runs: int = 3) -> list[Measured | Skipped]:
    """Publishing and the contract checks, each against its bulk load or reading."""
    made = tables(rows, shuffled=False)
    size = f"{rows} rows of each of {len(LONG)} tables"
    ours, theirs = home(made, runs)
    results: list[Measured | Skipped] = [
        beside(
            "publish_home",
            "processor seconds",
            [one.processor for one in ours],
            "Polars' Parquet and DuckDB's load",
            [one.processor for one in theirs],
            _PUBLISH,
            is_ceiling=True,
            peak_mb=peak_mb(),
            size=size,
        )
    ]
    for name, (held, reads) in checks(made, runs).items():
        results.append(
            beside(
                f"checks_{name}",
                "processor seconds",
                [one.processor for one in held],
                "reading the table",
                [one.processor for one in reads],
                _CHECKS,
                is_ceiling=True,
                peak_mb=peak_mb(),
                size=size,
            )
        )
    address = os.environ.get(_ADDRESS)
    if address is None or shutil.which("psql") is None:
        why = f"psql is needed, and {_ADDRESS}=postgresql://... of an empty database"
        return [*results, Skipped("publish_postgres", why)]
    mine, bulk = to_postgres(made, address, runs)
    return [
        *results,
        beside(
            "publish_postgres",
            "seconds by the clock",
            mine,
            "psql and COPY",
            bulk,
            _PUBLISH,
            is_ceiling=True,
            size=size,
        ),
    ]


def main(arguments: list[str] | None = None) -> None:
    """Print ours, theirs, and how many times theirs ours is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--shuffled", action="store_true", help="rows in no order")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--postgres", help="postgresql:// address of an empty database")
    told = parser.parse_args(arguments)
    made = tables(told.rows, told.shuffled)
    print(f"{told.rows} rows of each of {', '.join(LONG)}: ours, theirs, ratio")
    _told_both("version (Parquet, DuckDB)", *home(made, told.runs))
    for name, (held, reads) in checks(made, told.runs).items():
        _told_both(f"checks of {name}", held, reads)
    if told.postgres:
        _told("PostgreSQL, clock", *to_postgres(made, told.postgres, told.runs))


if __name__ == "__main__":
    main()
