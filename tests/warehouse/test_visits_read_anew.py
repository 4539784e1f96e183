"""Files that stand, and visits of files that stand whose payloads were read again.

`hist_visits` follows the landing file by file; what a newer parser says of an old
payload, or what nobody says of it any more, reaches the visits of that payload alone.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from orchestration.warehouse import connect
from tests.warehouse.home_of_rows import Home, dbt_build, end_of, table

DAY = datetime(2026, 1, 5).date()
PATHS = ("/first/", "/second/", "/third/")
MARK = "as it stood"


def _landed(home: Home, folder: Path) -> None:
    home.write(folder)
    # What is younger than a minute is read once more anyhow (landed.sql).
    old = datetime(2026, 1, 6, tzinfo=UTC).timestamp()
    for file in folder.rglob("*.parquet"):
        os.utime(file, (old, old))


def _reading(home: Home, path: str) -> dict:
    return next(r for r in home.rows["payloads"] if r["url"].endswith(path))


@pytest.fixture(scope="module")
def visits(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    folder = tmp_path_factory.mktemp("read_anew")
    home = Home()
    home.account("b1")
    for day in (DAY, DAY + timedelta(days=1)):
        for path in PATHS:
            home.people("b1", end_of(day), [("Kari Nordmann", "CEO")], path)
        home.failed("b1", end_of(day), "/fourth/")
    models = ("--select", "+hist_visits", "--resource-type", "model")
    _landed(home, folder)
    dbt_build(folder, *models)
    with connect(folder, read_only=False) as connection:
        connection.execute("update hist_visits set etag = ?", [MARK])
    first, second, _ = (_reading(home, path) for path in PATHS)
    newer = {"parser_version": "10", "verdict": "parse_empty", "n_records": 0}
    home.rows["payloads"].append(first | newer)
    home.rows["payloads"].remove(second)
    _landed(home, folder)
    dbt_build(folder, *models)
    return table(folder, "hist_visits").sort("url", "fetched_at")


def test_no_file_of_visits_was_read_again(visits: pl.DataFrame) -> None:
    assert visits["etag"].to_list() == [MARK] * 8


def test_the_newest_reading_of_a_payload_holds_for_its_visits(
    visits: pl.DataFrame,
) -> None:
    told = visits.select("url", "parser_version", "outcome", "is_ok")
    told = told.with_columns(pl.col("url").str.extract(r"(/\w+/)$"))
    expected = [
        ("/first/", "10", "parse_empty", False),
        ("/fourth/", None, "http_error", False),
        ("/second/", None, "ok", True),
        ("/third/", "1", "ok", True),
    ]
    assert told.rows() == [row for row in expected for _ in range(2)]


def _people_of(path: str, name: str) -> Home:
    home = Home()
    home.account("b1")
    home.people("b1", end_of(DAY), [("Ola Nordmann", "CEO")], "/first/")
    home.people("b1", end_of(DAY + timedelta(days=1)), [(name, "CEO")], path)
    return home


def test_a_young_file_is_known_by_its_digest(tmp_path: Path) -> None:
    """Git calls such an entry racy: it may have changed and have the time it had."""
    models = ("--select", "stg_observed__people", "--resource-type", "model")
    _people_of("/second/", "Kari Nordmann").write(tmp_path)
    first, second = sorted((tmp_path / "observed/people").glob("source=*/*.parquet"))
    was = second.stat()
    dbt_build(tmp_path, *models)
    with connect(tmp_path, read_only=False) as connection:
        connection.execute("update stg_observed__people set title = ?", [MARK])
    _people_of("/second/", "Mari Nordmann").write(tmp_path)
    os.utime(second, ns=(was.st_atime_ns, was.st_mtime_ns))
    assert second.stat().st_size == was.st_size
    dbt_build(tmp_path, *models)
    read = table(tmp_path, "stg_observed__people").sort("name")
    assert read.select("name", "title").rows() == [
        ("Mari Nordmann", "CEO"),
        ("Ola Nordmann", MARK),
    ]
    # What was proven once is known by its time from here on.
    old = datetime(2026, 1, 6, tzinfo=UTC).timestamp()
    os.utime(first, (old, old))
    dbt_build(tmp_path, *models)
    noted = table(tmp_path, "stg_observed__people__files")
    told = noted.filter(pl.col("landed_file").str.ends_with(first.name))
    assert told["changed_at"].item().timestamp() == old
