"""The mix of pages, and who answers: told when all sites move at once. Made up."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from orchestration.contracts.page_mix import answering, of_all, page_mix
from scrapers.source import load_source

SOURCE = "company_pages"
FIRST = date(2026, 1, 5)
USUAL = {"home": 1, "leadership": 2, "careers": 3, "news": 4}


def land(
    home: Path, day: int, kinds: dict[str, int], n_accounts: int = 30, n_silent: int = 0
) -> None:
    """A day of so many pages of each kind of each account; some say nothing."""
    rows = [
        {
            "account_id": f"a{account}",
            "scope": scope,
            "outcome": "timeout" if account < n_silent else "ok",
        }
        for account in range(n_accounts)
        for scope, n in {**kinds, "robots": 1}.items()
        for _ in range(n)
    ]
    folder = home / "landing" / SOURCE / f"day={FIRST + timedelta(day)}"
    folder.mkdir(parents=True)
    pl.DataFrame(rows).write_parquet(folder / "visits.parquet")


def test_the_same_kinds_of_pages_are_no_drift(tmp_path: Path) -> None:
    for day in range(20):
        land(tmp_path, day, USUAL, n_accounts=30 + day)
    drift = page_mix(tmp_path, SOURCE)
    assert drift.value == pytest.approx(0)
    assert not drift.has_drifted


def test_a_lexicon_that_forgets_a_word_is_told_with_what_moved(tmp_path: Path) -> None:
    for day in range(20):
        # For a week every news page is taken for a page of some other kind.
        land(tmp_path, day, USUAL if day < 13 else {**USUAL, "news": 0, "content": 4})
    drift = page_mix(tmp_path, SOURCE)
    assert drift.value == pytest.approx(0.4)
    assert drift.has_drifted
    assert "content +40%" in drift.sentence
    assert "news -40%" in drift.sentence


def test_one_site_that_is_built_anew_moves_nothing(tmp_path: Path) -> None:
    for day in range(20):
        land(tmp_path, day, USUAL)
    file = tmp_path / "landing" / SOURCE / f"day={FIRST + timedelta(19)}"
    visits = pl.read_parquet(file / "visits.parquet").with_columns(
        pl.when(pl.col("account_id") == "a1")
        .then(pl.lit("content"))
        .otherwise("scope")
        .alias("scope")
    )
    visits.write_parquet(file / "visits.parquet")
    assert not page_mix(tmp_path, SOURCE).has_drifted


@pytest.mark.parametrize(("n_days", "n_accounts"), [(5, 30), (20, 1)])
def test_too_little_is_not_judged(tmp_path: Path, n_days: int, n_accounts: int) -> None:
    for day in range(n_days):
        land(tmp_path, day, USUAL, n_accounts=n_accounts)
    drift = page_mix(tmp_path, SOURCE)
    assert (drift.value, drift.has_drifted) == (None, False)
    assert "too few" in drift.sentence


def test_accounts_that_stop_answering_at_once_are_told(tmp_path: Path) -> None:
    for day in range(6):
        land(tmp_path, day, USUAL, n_silent=2)
    assert not answering(tmp_path, SOURCE).has_drifted
    land(tmp_path, 6, USUAL, n_silent=12)
    drift = answering(tmp_path, SOURCE)
    assert drift.value == pytest.approx(18 / 30)
    assert drift.has_drifted
    land(tmp_path, 7, USUAL, n_silent=30)
    assert answering(tmp_path, SOURCE).value == 0
    mixes, answers = of_all(tmp_path, [load_source(SOURCE), load_source("nav_jobs")])
    assert [d.source for d in mixes] == [d.source for d in answers] == [SOURCE]
