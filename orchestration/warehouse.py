"""The working warehouse: one DuckDB file with one writer.

dbt builds most of it; scores are written beside the models here. Readers never open
this file: they get the published copy.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb
import polars as pl

FILE = "warehouse.duckdb"


class WarehouseBusy(RuntimeError):
    """Another process writes the warehouse."""


def connect(home: Path, read_only: bool = True) -> duckdb.DuckDBPyConnection:
    """Open the warehouse.

    Raises:
        WarehouseBusy: when another process holds it.
        FileNotFoundError: when it has not been built.
    """
    file = home / FILE
    if read_only and not file.exists():
        raise FileNotFoundError(
            f"{file}: there is no warehouse yet; `lyttepost demo`, `replay` or `run` "
            "builds one"
        )
    try:
        connection = duckdb.connect(str(file), read_only=read_only)
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            raise WarehouseBusy(
                f"{file}: another run is writing the warehouse; wait for it, or read "
                f"the published copy in {home / 'published' / 'current'}"
            ) from error
        raise
    connection.execute("set timezone = 'UTC'")
    # Views of staging name their files from the home on (orchestration.dbt_in_home).
    connection.execute("set file_search_path = ?", [str(home.resolve())])
    return connection


def read_tables(home: Path, names: Iterable[str]) -> dict[str, pl.DataFrame]:
    """Read whole tables of the warehouse, by name."""
    with connect(home) as connection:
        return {
            name: connection.execute(f'select * from "{name}"').pl() for name in names
        }


def column_types(home: Path) -> dict[str, dict[str, str]]:
    """Types of the columns of every table and view, by table and column."""
    types: dict[str, dict[str, str]] = {}
    with connect(home) as connection:
        rows = connection.execute(
            """
            select table_name, column_name, data_type
            from duckdb_columns()
            where database_name = current_database() and not internal
            order by table_name, column_index
            """
        ).fetchall()
    for table, column, told in rows:
        types.setdefault(table, {})[column] = told
    return types


def row_counts(home: Path) -> dict[str, int]:
    """Rows of every table; views are left out, because counting reads their files."""
    with connect(home) as connection:
        names = connection.execute(
            """
            select table_name from duckdb_tables()
            where database_name = current_database() and not internal
            order by table_name
            """
        ).fetchall()
        return {
            name: connection.execute(f'select count(*) from "{name}"').fetchall()[0][0]
            for (name,) in names
        }


def write_tables(home: Path, tables: Mapping[str, pl.DataFrame]) -> None:
    """Replace tables of the warehouse in one transaction."""
    with connect(home, read_only=False) as connection:
        connection.execute("begin")
        for name, frame in tables.items():
            connection.register("incoming", frame.to_arrow())
            connection.execute(
                f'create or replace table "{name}" as select * from incoming'
            )
            connection.unregister("incoming")
        connection.execute("commit")
