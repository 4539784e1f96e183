"""dbt's adapter for Spark, taught to make a table from a model's SQL of DuckDB.

The materializations of `dbt_project/materializations/engine.sql` call it. Nothing of
dbt-spark is changed but that it knows one method more.
"""

import importlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp

from orchestration.engine.session import SCHEMA, view_of
from orchestration.engine.steps import is_simple, walked
from orchestration.engine.transpile import prepared, said


class EngineColumns(Mapping[str, Mapping[str, str]]):
    """The tables of the session's schema: their columns as DuckDB names the types."""

    def __init__(self, spark: Any) -> None:
        self._spark = spark
        self._known: dict[str, dict[str, str]] = {}

    def forget(self, name: str) -> None:
        """The table is made anew."""
        self._known.pop(name, None)

    def __getitem__(self, name: str) -> Mapping[str, str]:
        if name not in self._known:
            if not self._spark.catalog.tableExists(f"{SCHEMA}.{name}"):
                raise KeyError(name)
            fields = self._spark.table(f"{SCHEMA}.{name}").schema.fields
            self._known[name] = {
                f.name: _as_duckdb(f.dataType.simpleString()) for f in fields
            }
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def _as_duckdb(kind: str) -> str:
    said_kind = exp.DataType.build(kind, dialect="spark").sql(dialect="duckdb")
    # Spark's timestamp is of the session's zone, which is UTC; the models' has none.
    return said_kind.replace("TIMESTAMPTZ", "TIMESTAMP")


class Maker:
    """Makes tables of one session."""

    def __init__(self, spark: Any) -> None:
        self._spark = spark
        self._columns = EngineColumns(spark)

    def table(self, name: str, sql: str) -> None:
        """A table from a query of DuckDB."""
        tree = prepared(_sources_as_views(sql), self._columns)
        made: list[str] = []

        def _create(step: str, query: str) -> bool:
            made.append(step)
            self._save(step, self._spark.sql(query))
            return bool(self._spark.table(step).limit(1).count())

        if not is_simple(tree):
            tree = walked(tree, name, _create)
        self._save(name, self._spark.sql(said(tree)))
        for step in made:
            self._spark.sql(f"drop table if exists {SCHEMA}.{step}")

    def seed(self, name: str, file: str, types: Mapping[str, str]) -> None:
        """A table from a CSV file, read as dbt-duckdb does."""
        duckdb = importlib.import_module("duckdb")
        rows = duckdb.sql(
            "select * from read_csv(?, header = true, all_varchar = true)",
            params=[file],
        )
        casts = ", ".join(
            f'cast("{c}" as {types[c]}) as "{c}"' if c in types else f'"{c}"'
            for c in rows.columns
        )
        frame = rows.project(casts).to_arrow_table()
        self._save(name, self._spark.createDataFrame(frame))

    def _save(self, name: str, frame: Any) -> None:
        frame.write.mode("overwrite").format("parquet").saveAsTable(f"{SCHEMA}.{name}")
        self._columns.forget(name)


def _sources_as_views(sql: str) -> str:
    """Source tables by the names of their views; models stay in their schema."""
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    is_changed = False
    for table in tree.find_all(exp.Table):
        if table.db and table.db != SCHEMA:
            if not table.alias:
                table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name)))
            table.set("this", exp.to_identifier(view_of(table.db, table.name)))
            table.set("db", None)
            table.set("catalog", None)
            is_changed = True
    return tree.sql(dialect="duckdb") if is_changed else sql


def teach(maker: Maker) -> None:
    """Let the materializations of this process make their tables by `maker`."""
    spark = importlib.import_module("dbt.adapters.spark.impl").SparkAdapter

    def make_on_engine(_self: Any, name: str, sql: str) -> str:
        maker.table(name, sql)
        return ""

    def seed_on_engine(
        _self: Any, name: str, root: str, path: str, types: Mapping[str, str] | None
    ) -> str:
        maker.seed(name, str(Path(root) / path), types or {})
        return ""

    for method in (make_on_engine, seed_on_engine):
        setattr(spark, method.__name__, method)
    spark._available_ = spark._available_ | {"make_on_engine", "seed_on_engine"}
