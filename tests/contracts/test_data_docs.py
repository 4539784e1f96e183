"""Verdicts are kept, told over time, and published without a name or a network."""

import re
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from orchestration.contracts.data_docs import page_name, write_data_docs
from orchestration.contracts.expectations import Verdict, validate
from orchestration.contracts.frames import empty_frame
from orchestration.contracts.judged import keep, newest_day, read, read_all
from orchestration.contracts.odcs import contract
from orchestration.publish.report import write_report
from tests.scoring import made_up

# Of a broken row; nobody of this name is anywhere else.
NAME = "Oddlaug Verdesen"
HARM = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def verdict() -> Verdict:
    lists = made_up.published_tables()["talk_to_now"]
    broken = lists.with_columns(
        window_state=pl.lit(HARM),
        talk_to_role=pl.lit(NAME),
        account_id=pl.lit(None, pl.String),
        base_rate=pl.lit(7.5),
    )
    return validate(
        contract("scores/talk_to_now").in_warehouse, pl.concat([lists, broken])
    )


def test_every_expectation_is_judged_with_a_count(verdict):
    assert len(verdict.judged) == verdict.n_expectations
    unmet = {j.arguments.get("column"): j for j in verdict.judged if j.n_unexpected}
    assert {"window_state", "account_id", "base_rate"} <= set(unmet)
    assert unmet["base_rate"].sample == ("7.5",) * len(unmet["base_rate"].sample)
    assert unmet["window_state"].n_unexpected == verdict.n_rows // 2


def test_a_day_takes_the_place_of_itself_and_stands_beside_others(tmp_path, verdict):
    (tmp_path / "landing" / "company_pages" / "day=2026-03-02").mkdir(parents=True)
    whole = replace(verdict, broken=(), judged=())
    keep(tmp_path, whole, "error")
    keep(tmp_path, verdict, "error")
    (tmp_path / "landing" / "company_pages" / "day=2026-03-09").mkdir()
    assert newest_day(tmp_path) == date(2026, 3, 9)
    kept = keep(tmp_path, whole, "error")
    n = verdict.n_rows
    assert kept.trend == (("2026-03-02", n, n // 2), ("2026-03-09", n, 0))
    assert kept.is_kept
    assert read(tmp_path, verdict.contract) == kept
    assert read_all(tmp_path) == [kept]


def test_data_docs_name_nobody_fetch_nothing_and_are_the_same_twice(tmp_path, verdict):
    kept = keep(tmp_path, verdict, "error")
    pages = []
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        assert write_data_docs(tmp_path / folder, [kept]) == [page_name(kept.path)]
        pages.append((tmp_path / folder / page_name(kept.path)).read_text("utf-8"))
    page = pages[0]
    assert page == pages[1]
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page)
    assert "<script" not in page
    assert NAME not in page
    assert NAME not in (tmp_path / "checks" / "scores.talk_to_now.json").read_text()
    assert HARM not in page
    # What a reader comes for: which rule, how many rows, an example.
    assert "base_rate" in page
    assert "7.5" in page
    assert "not met" in page
    assert f"{verdict.n_rows // 2}" in page


def test_the_page_of_the_run_leads_to_the_data_docs_and_back(tmp_path, verdict):
    kept = keep(tmp_path, verdict, "warning")
    never_judged = replace(kept, path="bi/coverage", judged=())
    report = tmp_path / "report"
    report.mkdir()
    write_report(
        report,
        made_up.published_tables(),
        accounts=made_up.accounts(),
        home=tmp_path,
        visits=empty_frame(contract("landing/visits")),
        checks=[kept, never_judged],
    )
    for folder in (report, report / "en"):
        page = (folder / "run.html").read_text("utf-8")
        (link,) = re.findall(r'href="([^"]*checks/[^"]*)"', page)
        there = folder / link
        assert there.exists()
        assert str(kept.n_broken) in page
        (back,) = re.findall(r'href="([^"]+)"', there.read_text("utf-8"))
        assert (there.parent / back).resolve() == (report / "en" / "run.html").resolve()
