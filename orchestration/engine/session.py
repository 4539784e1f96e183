"""A session of the engine: where it is, what it reads, and the functions it lacks.

SPARK_REMOTE names an engine that runs already; without it Sail is started on loopback
for as long as the session lives. Raw Parquet is read where the home folder lies.
"""

import importlib
import re
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from orchestration.settings import SettingError, engine_address, use_engine

# Where the models' tables are kept, and under what names the views of the sources.
SCHEMA = "engine"


def view_of(source: str, table: str) -> str:
    """The name of the view by which a source table is read."""
    return f"{source}__{table}"


@contextmanager
def session(home: Path) -> Iterator[Any]:
    """A Spark session with an empty schema `engine` under `home/engine`."""
    told = engine_address()
    server = None
    if told:
        address = told
    else:
        sail = importlib.import_module("pysail.spark")
        server = sail.SparkConnectServer("127.0.0.1", 0)
        server.start(background=True)
        host, port = server.listening_address
        address = f"sc://{host}:{port}"
    # Without an id of its own every connection of dbt would see an empty catalogue.
    if "session_id=" not in address:
        address = f"{address.rstrip('/')}/;session_id={uuid.uuid4()}"
    use_engine(address, home)
    sql = importlib.import_module("pyspark.sql")
    spark = sql.SparkSession.builder.remote(address).getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    spark.conf.set("spark.sql.ansi.enabled", "false")
    folder = home.resolve() / "engine"
    folder.mkdir(parents=True, exist_ok=True)
    spark.sql(f"create database if not exists {SCHEMA} location '{folder}'")
    spark.catalog.setCurrentDatabase(SCHEMA)
    _add_functions(spark)
    try:
        yield spark
    finally:
        spark.stop()
        if server is not None:
            server.stop()
            # Nobody else can read them, and names of people are in them.
            shutil.rmtree(folder)


def _add_functions(spark: Any) -> None:
    """What DuckDB has and Spark has not, by the library that DuckDB has it from."""
    types = importlib.import_module("pyspark.sql.types")

    def _alike(one: str | None, other: str | None) -> float | None:
        # Imported where it runs: what is imported here cannot be sent there.
        from rapidfuzz.distance import JaroWinkler

        if one is None or other is None:
            return None
        return float(JaroWinkler.similarity(one, other))

    spark.udf.register("jaro_winkler_similarity", _alike, types.DoubleType())


def read_sources(
    spark: Any, home: Path, sources: Mapping[tuple[str, str], str]
) -> None:
    """Each source table as a view of its files.

    Args:
        spark: the session.
        home: the home folder.
        sources: (source, table) to the `external_location` that dbt-duckdb reads.

    Raises:
        SettingError: when a location is not understood or holds no file.
    """
    for (source, table), location in sources.items():
        pattern = re.match(r"read_parquet\('([^']+)'", location)
        if pattern is None:
            raise SettingError(f"{source}.{table}: cannot read {location}")
        files = _files(home, pattern[1])
        if not files:
            raise SettingError(f"{source}.{table}: no file is {pattern[1]}")
        spark.read.parquet(*files).createOrReplaceTempView(view_of(source, table))


def _files(home: Path, pattern: str) -> Sequence[str]:
    path = Path(pattern)
    relative = path.relative_to(home.resolve()) if path.is_absolute() else path
    return sorted(str(f) for f in home.resolve().glob(str(relative)))
