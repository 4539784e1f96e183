"""What a run gave is counted from what stands in the home, once."""

import json
import os
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from orchestration import source_runs as counting
from orchestration.contracts.expectations import validate
from orchestration.contracts.frames import empty_frame, shaped
from orchestration.contracts.gate import write_atomically
from orchestration.contracts.odcs import contract
from orchestration.source_runs import (
    OUTCOMES,
    RUNS,
    counted_days,
    day_of,
    quarantined_rows,
    source_run_outcomes,
    source_runs,
)
from tests.scoring import made_up

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


def rows_of(path: str, rows: list[dict]) -> pl.DataFrame:
    """Rows of a contract's table; what is not given is empty."""
    promise = contract(path)
    return shaped(
        promise, pl.concat([empty_frame(promise), pl.DataFrame(rows)], how="diagonal")
    )


def landed(home: Path, source: str, day: date, outcomes: list[str]) -> Path:
    folder = home / "landing" / source / f"day={day}"
    folder.mkdir(parents=True)
    visits = [
        {"account_id": f"acc-{n % 2}", "outcome": outcome, "n_bytes": 100}
        for n, outcome in enumerate(outcomes)
    ]
    rows_of("landing/visits", visits).write_parquet(folder / "visits.parquet")
    (folder / "a.warc.gz").write_bytes(b"x" * 40)
    told = {"requests": len(outcomes) + 1, "seconds": 2.5}
    (folder / "_crawl.json").write_text(json.dumps(told))
    return folder


def parsed(home: Path, source: str, day: date, n_records: list[int]) -> None:
    folder = home / "parsed" / source / f"day={day}"
    folder.mkdir(parents=True)
    (folder / "_parse.json").write_text(json.dumps({"payloads": 2, "seconds": 0.75}))
    payloads = [
        {"payload_digest": f"d{n}", "n_records": records, "verdict": verdict}
        for n, records in enumerate(n_records)
        for verdict in ["ok" if records else "parse_error"]
    ]
    rows_of("observed/payloads", payloads).write_parquet(folder / "payloads.parquet")


@pytest.fixture
def home(tmp_path) -> Path:
    landed(tmp_path, "company_pages", MONDAY, ["ok", "ok", "not_modified", "timeout"])
    parsed(tmp_path, "company_pages", MONDAY, [3, 0])
    landed(tmp_path, "company_pages", TUESDAY, ["http_error"])
    held = pl.DataFrame({"reason": ["name is empty"] * 2})
    file = "source=company_pages-day=2026-03-02.parquet"
    write_atomically(held, tmp_path / "quarantine" / "people" / file)
    return tmp_path


def signals(*known: tuple[datetime, str]) -> pl.DataFrame:
    one = made_up.signals().head(1)
    return pl.concat(
        one.with_columns(known_at=pl.lit(at), source=pl.lit(source))
        for at, source in known
    )


def test_a_day_of_a_source_is_counted_and_measured(home):
    born = signals(
        (datetime(2026, 3, 2, 23, 30), "company_pages"),
        (datetime(2026, 3, 1, 9), "brreg_registry"),
    )
    made = source_runs(counted_days(home), quarantined_rows(home), born)
    assert validate(contract(RUNS), made).is_kept
    monday = made.filter(day=MONDAY).row(0, named=True)
    assert monday == {
        "day": MONDAY,
        "source": "company_pages",
        "visits": 4,
        "answered": 3,
        "accounts": 2,
        "requests": 5,
        "new_digests": 2,
        "records": 3,
        "unreadable": 1,
        "quarantined_rows": 2,
        "signals_born": 1,
        "bytes": 400,
        "archive_bytes": 40,
        "crawl_seconds": 2.5,
        "parse_seconds": 0.75,
    }
    # Landed and not parsed: nothing was measured, which is not 0 seconds.
    tuesday = made.filter(day=TUESDAY).row(0, named=True)
    assert (tuesday["visits"], tuesday["answered"], tuesday["records"]) == (1, 0, 0)
    assert tuesday["parse_seconds"] is None
    # What became known between two runs is not lost.
    assert made["signals_born"].sum() == born.height


def test_outcomes_add_up_to_the_visits(home):
    counted = counted_days(home)
    made = source_run_outcomes(counted)
    assert validate(contract(OUTCOMES), made).is_kept
    assert made["visits"].sum() == counted["visits"].sum()
    assert made.filter("is_answered")["visits"].sum() == counted["answered"].sum()
    assert made.filter(outcome="ok")["visits"].to_list() == [2]


def test_a_day_is_read_again_only_when_its_files_changed(home, monkeypatch):
    before = counted_days(home)
    read = []
    real = counting._counted
    monkeypatch.setattr(
        counting, "_counted", lambda *given: read.append(given[1]) or real(*given)
    )
    assert counted_days(home, before).equals(before)
    assert read == []
    parsed(home, "company_pages", TUESDAY, [1])
    after = counted_days(home, before)
    assert read == [TUESDAY]
    assert after.filter(day=TUESDAY)["records"].to_list() == [1]
    file = home / "landing" / "company_pages" / f"day={MONDAY}" / "_crawl.json"
    os.utime(file, ns=(1, 1))
    counted_days(home, after)
    assert read == [TUESDAY, MONDAY]


def test_a_run_that_goes_on_is_told_of_one_source(home):
    told = day_of(home, "company_pages", MONDAY)
    assert told["quarantined_rows"] == 2
    assert told["outcomes"] == {"not_modified": 1, "ok": 2, "timeout": 1}
    assert day_of(home, "company_pages", date(2026, 3, 9)) is None


def test_an_empty_home_gives_empty_tables(tmp_path):
    counted = counted_days(tmp_path)
    made = source_runs(counted, quarantined_rows(tmp_path), made_up.signals().clear())
    assert made.is_empty()
    assert source_run_outcomes(counted).is_empty()
