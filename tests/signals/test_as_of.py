"""What was known on a day does not change when later days are added."""

from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.signals.market_of_rows import Home, dbt_build, end_of, table, weeks
from tests.warehouse.made_up_market import market

pytestmark = pytest.mark.slow(77)

NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
GONE = "no longer advertised"
KEYS = ["account_id", "offer", "as_of", "signal_type"]


@pytest.fixture(scope="module")
def whole_and_cut(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, Path, datetime]:
    """The made-up market of the warehouse tests, whole and cut at two thirds."""
    home, moments = market(seed=20250106)
    cut_at = moments[len(moments) * 2 // 3]
    root = tmp_path_factory.mktemp("as_of")
    home.write(root / "whole")
    home.write(root / "cut", until=cut_at)
    for name in ("whole", "cut"):
        dbt_build(root / name, *NO_UNIT_TESTS)
    return root / "whole", root / "cut", cut_at


def test_features_of_earlier_days_are_the_same(
    whole_and_cut: tuple[Path, Path, datetime],
) -> None:
    whole, cut, cut_at = whole_and_cut
    later = table(whole, "account_features")
    earlier = table(cut, "account_features")
    assert later["as_of"].max() > cut_at.date()
    same_days = later.filter(pl.col("as_of") <= cut_at.date()).sort(KEYS)
    assert same_days.filter(pl.col("x") > 0).height > 100
    assert_frame_equal(same_days, earlier.sort(KEYS), check_exact=True)


def test_signals_read_as_of_the_cut_are_the_same(
    whole_and_cut: tuple[Path, Path, datetime],
) -> None:
    whole, cut, cut_at = whole_and_cut

    def as_of(home: Path) -> pl.DataFrame:
        standing = table(home, "signals").filter(
            (pl.col("known_at") <= cut_at)
            & (pl.col("superseded_at").is_null() | (pl.col("superseded_at") > cut_at))
        )
        return standing.drop("status", "superseded_at").sort("signal_id")

    later, earlier = as_of(whole), as_of(cut)
    assert earlier.height > 20
    assert later["signal_id"].to_list() == earlier["signal_id"].to_list()
    # The text of an ad goes when the ad is closed and its source wants that: the one
    # thing that is read as of now.
    earlier = earlier.with_columns(
        pl.when(later[column] == GONE)
        .then(pl.lit(GONE))
        .otherwise(column)
        .alias(column)
        for column in ("quote_before", "quote_after")
    )
    assert_frame_equal(later, earlier, check_exact=True)


def test_one_snapshot_tells_no_signal(tmp_path: Path) -> None:
    home = Home()
    home.account("alene")
    at = end_of(weeks(datetime(2026, 1, 5).date(), 1)[0])
    home.people("alene", at, [("Ola Nordmann", "Daglig leder"), ("Kari Vik", "CFO")])
    home.write(tmp_path)
    dbt_build(tmp_path, *NO_UNIT_TESTS)
    assert table(tmp_path, "signals").height == 0
    features = table(tmp_path, "account_features")
    # Every type of the catalogue, three features made of several, size and own tenders.
    assert features.height == table(tmp_path, "signal_types").height + 5
    assert features.filter(pl.col("x") > 0).height == 0
