"""Hiring tempo: the tail against scipy, and what is and is not claimed."""

from pathlib import Path

import polars as pl
import pytest
from scipy.stats import nbinom

from tests.signals.market_of_rows import FIRST, dbt_build, market, table

SELECT = ("--exclude-resource-type", "unit_test", "--select", "+signals")
SHOCK = 26


@pytest.fixture(scope="module")
def summer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sector s0 triples all together in week 26; in s1 one firm does alone."""

    def rate(i: int, week: int) -> float:
        sector_wide = i % 2 == 0
        alone = i == 1
        base = 0.8
        return base * (3.5 if week >= SHOCK and (sector_wide or alone) else 1.0)

    home = tmp_path_factory.mktemp("summer")
    market(rate, n_accounts=24, n_weeks=36, segments=2).write(home)
    dbt_build(home, *SELECT)
    return home


def test_tail_equals_negative_binomial(summer: Path) -> None:
    tails = table(summer, "hiring_tails").filter(pl.col("has_baseline"))
    assert tails.height > 100
    for row in tails.iter_rows(named=True):
        share = row["beta"] / (row["beta"] + row["e_window"])
        upper = nbinom.sf(row["y_window"] - 1, row["alpha"], share)
        lower = nbinom.cdf(row["y_window"], row["alpha"], share)
        assert abs(row["p_up"] - upper) < 1e-9
        assert abs(row["p_down"] - lower) < 1e-9


def test_exposure_counts_days_between_visits(summer: Path) -> None:
    last = table(summer, "hiring_exposure").filter(
        pl.col("as_of") == pl.col("as_of").max()
    )
    assert last["days_window"].unique().to_list() == [56.0]
    assert last["days_baseline"].unique().to_list() == [35 * 7 - 56.0]


def test_sector_wide_surge_is_no_surge_but_one_firms_is(summer: Path) -> None:
    surges = table(summer, "signals").filter(pl.col("signal_type") == "hiring_surge")
    assert "firma01" in surges["account_id"].to_list()
    in_sector = surges.filter(
        pl.col("account_id").str.slice(5).cast(pl.Int64).is_in(range(0, 24, 2))
    )
    assert in_sector.height <= 1
    one = surges.filter(pl.col("account_id") == "firma01")
    assert one.height == 1
    assert one["known_at"][0].date() > FIRST
    assert one["effect"][0] > 1.5


def test_null_market_claims_little(tmp_path: Path) -> None:
    market(lambda i, week: 0.6, n_accounts=30, n_weeks=30, segments=3, seed=3).write(
        tmp_path
    )
    dbt_build(tmp_path, *SELECT)
    assert table(tmp_path, "hiring_tails").height > 500
    claims = table(tmp_path, "signals").filter(
        pl.col("signal_type").is_in(["hiring_surge", "hiring_slowdown"])
    )
    assert claims.height <= 2
