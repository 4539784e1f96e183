"""The whole chain over HTTP: from a list of companies to evidenced scores."""

import json
import math
import os

import duckdb
import polars as pl
import pytest
from sqlglot import exp

from orchestration.contracts.odcs import contract
from orchestration.engine.transpile import prepared
from orchestration.publish.grounds import COLUMNS, NAMED_IN, TABLES
from orchestration.warehouse import column_types
from scrapers.source import source_names
from tests.end_to_end import notices_truth, sources_truth
from tests.end_to_end.conftest import (
    SECRET,
    demo_arguments,
    lyttepost,
    published,
)
from tests.rights.byte_search import found

pytestmark = pytest.mark.slow(355)

PROMISED = {
    "account_scores": "scores/account_scores",
    "account_score_history": "scores/account_score_history",
    "score_reasons": "scores/score_reasons",
    "signals": "signals",
    "account_timeline": "bi/account_timeline",
    "people_history": "bi/people_history",
    "role_slot_history": "bi/role_slot_history",
    "job_ad_history": "bi/job_ad_history",
    "page_history": "bi/page_history",
    "registry_history": "bi/registry_history",
    "notice_history": "bi/notice_history",
    "announcement_history": "bi/announcement_history",
    "annual_accounts_history": "bi/annual_accounts_history",
    "technology_history": "bi/technology_history",
    "coverage": "bi/coverage",
    "source_runs": "bi/source_runs",
    "source_run_outcomes": "bi/source_run_outcomes",
}


def test_every_promised_table_is_published_with_its_columns(observed):
    home, _ = observed
    tables = published(home)
    for table, path in PROMISED.items():
        assert tuple(tables[table].columns) == contract(path).column_names
    file = home / "published" / "current" / "lyttepost.duckdb"
    with duckdb.connect(str(file), read_only=True) as connection:
        names = {r[0] for r in connection.execute("show tables").fetchall()}
        assert names >= set(PROMISED)


def test_every_model_can_be_said_to_an_engine(observed):
    """`make parity` runs them there; here nothing in them is without a counterpart."""
    home, _ = observed
    compiled = sorted((home / "dbt" / "compiled").glob("*/models/**/*.sql"))
    queries = {
        f.stem: f.read_text("utf-8") for f in compiled if f.parent.suffix != ".yml"
    }
    # Files are views there, under names that are not in what DuckDB is told.
    queries = {n: q for n, q in queries.items() if "read_parquet(" not in q}
    assert len(queries) > 120
    columns = column_types(home)
    for name, query in queries.items():
        tree = prepared(query, columns)
        joined = [j.args.get("method") for j in tree.find_all(exp.Join)]
        assert "ASOF" not in [str(how).upper() for how in joined], name
        assert not tree.find(exp.Qualify), name
        # Texts can be gathered in an order there; lists take all memory there is.
        gathered = [w.this.sql("spark") for w in tree.find_all(exp.WithinGroup)]
        assert not [g for g in gathered if "ARRAY_AGG" in g.upper()], name


def test_the_chain_has_work_at_every_step(observed):
    home, _ = observed
    tables = published(home)
    for table in PROMISED:
        assert tables[table].height > 0, f"{table} is empty"
    assert tables["signals"]["family"].n_unique() >= 3
    assert set(tables["coverage"]["source"]) == set(source_names())


def test_a_planted_secret_is_written_nowhere(observed):
    home, said = observed
    assert SECRET not in said
    assert found(home, SECRET) == []


def test_every_row_about_a_person_says_on_what_ground(observed):
    tables = published(observed[0])
    for name, column in NAMED_IN.items():
        for ground in COLUMNS:
            is_said = tables[name][ground].is_not_null()
            assert is_said.equals(tables[name][column].is_not_null()), (name, ground)
    for name in TABLES:
        assert tables[name]["legal_basis"].is_not_null().any(), name
    for name in ("people_history", "role_slot_history"):
        assert tables[name]["legal_basis"].null_count() == 0
        assert tables[name]["notice_due_on"].null_count() == 0


def test_reasons_sum_to_the_logit(observed):
    tables = published(observed[0])
    key = ["account_id", "offer", "as_of"]
    sums = tables["score_reasons"].group_by(key).agg(pl.col("contribution").sum())
    history = tables["account_score_history"]
    scored = history.filter(pl.col("state") == "scored")
    joined = scored.join(sums, on=key, how="left")
    assert joined.height > 0
    for row in joined.iter_rows(named=True):
        logit = math.log(row["probability"] / (1 - row["probability"]))
        assert abs(logit - row["contribution"]) < 1e-9
        assert row["lift"] == pytest.approx(row["probability"] / row["base_rate"])


def test_every_signal_rests_on_archived_captures(observed):
    home, _ = observed
    signals = published(home)["signals"]
    visits = pl.read_parquet(home / "landing" / "*" / "day=*" / "visits.parquet")
    known = set(visits["visit_id"])
    assert set(signals["after_ref"]) <= known
    assert set(signals["before_ref"].drop_nulls()) <= known
    acts = signals.filter(pl.col("before_ref").is_null())["evidence_class"]
    assert set(acts) <= {"filed_act", "statement"}


def test_evidence_and_explain_speak(observed):
    home, _ = observed
    tables = published(home)
    found = (
        tables["signals"].filter(pl.col("before_ref").is_not_null()).row(0, named=True)
    )
    shown = lyttepost("evidence", found["signal_id"], "--home", home).stdout
    assert found["url"] in shown
    account = tables["account_scores"].row(0, named=True)["account_id"]
    text = lyttepost("explain", account, "--home", home).stdout
    assert account in text
    told = json.loads(lyttepost("explain", account, "--home", home, "--json").stdout)
    assert told["account_id"] == account


def test_doctor_finds_nothing_wrong_and_reads_every_payload_back(observed):
    said = lyttepost("doctor", "--home", observed[0], "--verify").stdout
    assert "FAULT" not in said
    assert "payloads read back" in said


def test_a_second_run_changes_nothing_and_sends_nothing(observed):
    home, _ = observed
    before = os.readlink(home / "published" / "current")
    before_scores = published(home)["account_scores"]
    sent = home / "crm" / "csv_file" / "accounts.csv"
    written = sent.stat().st_mtime_ns if sent.exists() else None
    lyttepost(*demo_arguments(home))
    assert os.readlink(home / "published" / "current") == before
    assert (sent.stat().st_mtime_ns if sent.exists() else None) == written
    # Nor is anything computed anew: the models went on from the last day that stood.
    [blocks] = (home / "dbt" / "compiled").rglob("hist_blocks.sql")
    last = before_scores["as_of"].max()
    assert f"> date '{last}'" in blocks.read_text("utf-8")


def test_demo_says_where_to_look(observed):
    home, said = observed
    assert "report/index.html" in said
    assert (home / "published" / "current" / "report" / "index.html").exists()


test_every_notice_is_told_once = (
    notices_truth.test_every_notice_is_told_once_with_all_its_publishers
)
test_an_award_or_a_cancellation_closes_the_procedure = (
    notices_truth.test_an_award_or_a_cancellation_closes_the_procedure
)
test_every_source_is_read_as_it_is = (
    sources_truth.test_what_every_source_showed_was_read_and_nothing_else
)
test_no_copy_is_kept_of_a_unit_that_was_removed = (
    sources_truth.test_no_copy_is_kept_of_a_unit_that_was_removed
)
test_one_job_is_one_on_all_its_boards = (
    sources_truth.test_one_job_is_one_on_all_its_boards
)
