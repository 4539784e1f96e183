"""Leaders who left a recorded company, when the recording is there."""

from pathlib import Path

import polars as pl
import pytest

from tests.signals.market_of_rows import table
from tests.warehouse import test_recorded_people as people

pytestmark = people.pytestmark
recorded = people.recorded


@pytest.fixture(scope="module")
def signals(recorded: Path) -> pl.DataFrame:
    """All signals over the recording."""
    people.dbt_build(recorded, "--exclude-resource-type", "unit_test")
    return table(recorded, "signals")


@pytest.mark.parametrize(
    ("function", "month"), [("hr", (2022, 4)), ("marketing", (2022, 5))]
)
def test_the_departure_is_a_signal_with_both_captures(
    signals: pl.DataFrame, function: str, month: tuple[int, int]
) -> None:
    left = signals.filter(
        (pl.col("signal_type") == "functional_leader_departed")
        & (pl.col("function") == function)
        & (pl.col("seniority") == 3)
        & pl.col("superseded_at").is_null()
    )
    near = [
        row
        for row in left.iter_rows(named=True)
        if (row["effective_lo"].year, row["effective_lo"].month) <= month
        and (row["effective_hi"].year, row["effective_hi"].month) >= month
    ]
    assert near, left.select("person_title", "effective_lo", "effective_hi")
    assert all(row["before_ref"] and row["after_ref"] for row in near)
