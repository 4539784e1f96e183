"""What follows from the engine's tables: a second home, and its published tables."""

from pathlib import Path

import duckdb
import polars as pl
import pytest

from orchestration.contracts.frames import empty_frame
from orchestration.contracts.odcs import contract
from orchestration.defs.runs import after_models
from orchestration.engine.downstream import (
    _BEFORE_MODELS,
    SECOND,
    NotMade,
    laid_out,
    main,
    published_beside,
)
from orchestration.engine.parity import TABLES, Comparison, told, write_out
from orchestration.publish.published import FROM_WAREHOUSE
from tests.warehouse.home_of_rows import DBT


def test_each_published_table_is_a_models_or_made_after_or_before_them() -> None:
    models = {f.stem for f in (DBT / "models").rglob("*.sql")}
    elsewhere = after_models() | set(_BEFORE_MODELS)
    assert set(FROM_WAREHOUSE) <= models | elsewhere
    assert not models & elsewhere


def test_the_second_home_has_the_engines_tables_and_the_firsts_files(
    tmp_path: Path,
) -> None:
    for name in ("landing", "checks", TABLES):
        (tmp_path / name).mkdir()
    with pytest.raises(NotMade, match="is empty"):
        laid_out(tmp_path)
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as first:
        first.execute("create table signals as select 'of duckdb' as signal_id")
        for name in _BEFORE_MODELS:
            first.execute(f"create table {name} as select '{name}' as source")
    pl.DataFrame({"signal_id": ["of the engine"]}).write_parquet(
        tmp_path / TABLES / "signals.parquet"
    )
    second = laid_out(tmp_path)
    assert (second / "landing").resolve() == tmp_path / "landing"
    with duckdb.connect(str(second / "warehouse.duckdb"), read_only=True) as made:
        assert made.sql("from signals").fetchall() == [("of the engine",)]
        assert made.sql("from source_runs").fetchall() == [("source_runs",)]
        assert len(made.sql("show tables").fetchall()) == 3


def test_nothing_that_names_people_is_left_behind(tmp_path: Path) -> None:
    for name in (TABLES, SECOND):
        (tmp_path / name).mkdir()
        (tmp_path / name / "people_history.parquet").write_bytes(b"made up")
    (tmp_path / "checks").mkdir()
    with pytest.raises(duckdb.Error, match="people_history"):
        main(["--home", str(tmp_path), "--keep"])
    assert (tmp_path / TABLES).exists()
    with pytest.raises(duckdb.Error, match="people_history"):
        main(["--home", str(tmp_path)])
    assert not list(tmp_path.glob("engine*"))


def test_published_tables_are_held_beside_each_other_but_for_the_clock(
    tmp_path: Path,
) -> None:
    history = empty_frame(contract("scores/account_score_history"))
    row = pl.DataFrame(
        {n: ["a"] if n == "account_id" else [None] for n in history.columns},
        schema=history.schema,
    )
    for no, home in enumerate(("first", "second")):
        folder = tmp_path / home / "published" / "current"
        folder.mkdir(parents=True)
        row.with_columns(
            written_at=pl.datetime(2025, 1, 1 + no, time_unit="us")
        ).write_parquet(folder / "account_score_history.parquet")
        pl.DataFrame({"account_id": ["a"], "rank": [no]}).write_parquet(
            folder / "talk_to_now.parquet"
        )
    (tmp_path / "first" / "published" / "current" / "signals.parquet").write_bytes(
        (tmp_path / "first/published/current/talk_to_now.parquet").read_bytes()
    )
    found = published_beside(tmp_path / "first", tmp_path / "second")
    assert [(c.model, c.state) for c in found] == [
        ("account_score_history", "equal"),
        ("signals", "failed"),
        ("talk_to_now", "differs"),
    ]


def test_what_the_engine_made_is_written_in_the_types_of_duckdb(tmp_path: Path) -> None:
    connection = duckdb.connect()
    connection.execute("create table ours as select 1::smallint as n, 7::ubigint as h")
    connection.execute("create table theirs as select 2::bigint as n, -7::bigint as h")
    write_out(connection, "ours", "theirs", tmp_path / "t.parquet")
    frame = pl.read_parquet(tmp_path / "t.parquet")
    # A hash is the engine's own, and may be less than nothing.
    assert frame.schema == {"n": pl.Int16, "h": pl.Int64}
    assert frame.rows() == [(2, -7)]


def test_each_table_is_told_with_its_rows_and_how_many_differ() -> None:
    lines = told(
        [Comparison("signals", "differs", 9, "x: 2 rows differ by more", 2)],
        ("signals",),
    )
    assert lines[1].split() == "differs *signals 9 2 x: 2 rows differ by more".split()
    assert lines[-1] == "equal: 0, differs: 1, failed: 0"
