"""A market that was seen once tells of no change."""

from datetime import datetime
from pathlib import Path

import polars as pl

from tests.signals.market_of_rows import Home, dbt_build, end_of, table, weeks

NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")


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
