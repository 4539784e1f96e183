"""A column that a source no longer gives stops the run with one sentence; made up."""

from datetime import date
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from orchestration.contracts import gate
from orchestration.contracts.frames import empty_frame, missing_in_file
from orchestration.contracts.odcs import contract
from orchestration.defs.landing.assets import observed_asset, visits_asset
from orchestration.defs.runs import _report
from scrapers.landing import COMPLETE, read_visits
from scrapers.source import load_source
from scrapers.whole_files import FileDamaged

DAY = date(2026, 3, 2)
SOURCE = load_source("company_pages")
PEOPLE, VISITS = contract("observed/people"), contract("landing/visits")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LYTTEPOST_HOME", str(tmp_path))
    gate.prepare_home(tmp_path)
    return tmp_path


def run(asset: dg.AssetsDefinition) -> tuple[dg.ExecuteInProcessResult, list[str]]:
    """Materialise an asset and one that reads it."""
    reached: list[str] = []

    @dg.asset(deps=[asset.key])
    def what_reads_it() -> None:
        reached.append("downstream")

    job = dg.Definitions(
        assets=[asset, what_reads_it],
        jobs=[dg.define_asset_job("both", executor_def=dg.in_process_executor)],
    ).resolve_job_def("both")
    return job.execute_in_process(raise_on_error=False), reached


def failed_checks(result: dg.ExecuteInProcessResult) -> list[tuple[str, str, str]]:
    return [
        (c.check_name, c.severity.value, str(c.description))
        for c in result.get_asset_check_evaluations()
        if not c.passed
    ]


def test_a_source_that_lost_a_column_is_stopped_at_the_gate(home):
    file = home / "parsed" / "company_pages" / f"day={DAY}" / "people.parquet"
    gate.write_atomically(empty_frame(PEOPLE).drop("title"), file)
    result, reached = run(observed_asset("people", [SOURCE]))
    assert reached == []
    ((name, severity, sentence),) = failed_checks(result)
    assert (name, severity) == ("contract", "ERROR")
    assert "the column(s) title promised by contract observed/people" in sentence
    assert str(file) in sentence
    assert "\n" not in sentence
    # Nothing was let through, and nothing counts as materialised.
    assert not list((home / "observed" / "people").glob("source=*/*.parquet"))
    assert not result.get_asset_materialization_events()
    # The command line says it once.
    assert _report(result).failures == (f"observed/people (contract): {sentence}",)


def test_the_gate_lets_through_what_has_its_columns(home):
    file = home / "parsed" / "company_pages" / f"day={DAY}" / "people.parquet"
    gate.write_atomically(empty_frame(PEOPLE), file)
    result, reached = run(observed_asset("people", [SOURCE]))
    assert result.success
    assert reached == ["downstream"]
    assert failed_checks(result) == []


def test_an_observed_file_that_lost_a_column_is_made_again(home):
    folder = home / "parsed" / "company_pages" / f"day={DAY}"
    gate.write_atomically(empty_frame(PEOPLE), folder / "people.parquet")
    gate.gate_kind(home, "people")
    assert gate.pending(home, "people") == []
    file = home / "observed" / "people" / "source=company_pages" / f"day={DAY}.parquet"
    moment = file.stat().st_mtime_ns
    gate.write_atomically(pl.read_parquet(file).drop("name"), file, moment_ns=moment)
    assert len(gate.pending(home, "people")) == 1
    gate.gate_kind(home, "people")
    assert missing_in_file(PEOPLE, file) == ()


def test_visits_that_lost_a_column_stop_what_reads_them(home):
    folder = home / "landing" / "company_pages" / f"day={DAY}"
    file = folder / "visits.parquet"
    gate.write_atomically(empty_frame(VISITS).drop("warc_offset"), file)
    (folder / COMPLETE).write_text("{}")
    result, reached = run(visits_asset([SOURCE]))
    assert reached == []
    ((name, severity, sentence),) = failed_checks(result)
    assert (name, severity) == ("contract", "ERROR")
    assert "the column(s) warc_offset promised by contract landing/visits" in sentence
    with pytest.raises(FileDamaged, match="lacks the column\\(s\\) warc_offset"):
        read_visits(home, "company_pages")
