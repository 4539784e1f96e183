"""account_scores is today: a row an account and offer, with all one asks of it."""

import polars as pl
import pytest

from orchestration.contracts.expectations import validate
from orchestration.contracts.odcs import contract
from orchestration.scoring.current import PATH, account_scores
from tests.scoring import made_up

EARLIER = made_up.date(2025, 12, 22)


@pytest.fixture(scope="module")
def days():
    """Two days of scores and reasons, the lists of the newest."""
    both = [made_up.scores(day) for day in (EARLIER, made_up.AS_OF)]
    return (
        pl.concat(made.score_days for made in both),
        pl.concat(made.score_reasons for made in both),
        made_up._lists(both[-1]),
    )


@pytest.fixture(scope="module")
def today(days) -> pl.DataFrame:
    return account_scores(*days, made_up.accounts())


def test_one_row_an_account_and_offer_of_the_newest_day(today, days):
    assert validate(contract(PATH).in_warehouse, today).is_kept
    assert set(today["as_of"]) == {made_up.AS_OF}
    assert today.select("account_id", "offer").is_duplicated().sum() == 0
    newest = days[0].filter(as_of=made_up.AS_OF)
    assert set(today["account_id"]) == set(newest["account_id"])
    assert today["probability"].sum() == newest["probability"].sum()


def test_who_it_is_whether_it_is_listed_and_why_not(today, days):
    names = dict(made_up.accounts().select("account_id", "name").iter_rows())
    known = today.filter(pl.col("account_id").is_in(list(names)))
    assert known["account_name"].to_list() == [names[a] for a in known["account_id"]]
    listed = set(days[2].filter("is_listed")["account_id"])
    assert set(today.filter("is_listed")["account_id"]) == listed
    assert listed
    for language in ("nb", "en"):
        why = pl.col(f"not_listed_{language}")
        assert today.filter(why.is_null() != pl.col("is_listed")).is_empty()


def test_the_reasons_are_what_was_seen_and_raises_it_most(today, days):
    reasons = days[1].filter(as_of=made_up.AS_OF)
    for row in today.filter(pl.col("reason_1").is_not_null()).iter_rows(named=True):
        mine = reasons.filter(
            (pl.col("account_id") == row["account_id"])
            & (pl.col("offer") == row["offer"])
            & (pl.col("value") > 0)
            & ~pl.col("signal_type").is_in(["intercept", "calibration"])
        ).sort("contribution", descending=True)
        assert mine["signal_type"][0] == row["reason_1"]
        assert mine["sentence_nb"][0] == row["reason_1_nb"]
    assert today["reason_1"].null_count() < today.height
    abstained = today.filter(state="abstained")
    assert abstained["reason_1"].null_count() == abstained.height > 0


def test_an_account_that_is_no_longer_watched_keeps_its_row(days):
    made = account_scores(*days, made_up.accounts().clear())
    assert made["account_name"].null_count() == made.height > 0


def test_nothing_scored_is_an_empty_table(days):
    scores, reasons, lists = days
    made = account_scores(scores.clear(), reasons, lists, made_up.accounts())
    assert made.is_empty()
    assert made.columns == list(contract(PATH).in_warehouse.column_names)
