"""What was observed is the same when it is observed for longer, or built again.

Apart from test_chain.py so that another process makes the longer home meanwhile.
"""

import polars as pl
import pytest

from tests.end_to_end.conftest import assert_same_bytes, lyttepost, published

pytestmark = pytest.mark.slow(289)


def test_a_killed_run_ends_as_what_is_rebuilt_from_the_landing_of_another(
    observed_longer, landed_copy, request
):
    """Kills, increments and two weeks landed since leave no trace, to the byte."""
    lyttepost("publish", "--home", landed_copy)
    # Last, for the other file begins with it.
    observed = request.getfixturevalue("observed")
    assert_same_bytes(observed[0], landed_copy)


def test_the_score_of_a_day_does_not_change_when_days_are_added(
    observed, observed_longer
):
    before, after = published(observed[0]), published(observed_longer)
    last = before["account_scores"]["as_of"].max()
    assert set(before["account_scores"]["as_of"]) == {last}
    assert set(after["account_scores"]["as_of"]) == {
        after["account_scores"]["as_of"].max()
    }
    assert after["account_scores"]["as_of"].max() > last
    for table in ("account_score_history", "score_reasons"):
        # Each home wrote down the day it was run on.
        written = ("is_written_down", "written_at")
        then = after[table].filter(pl.col("as_of") <= last).drop(written, strict=False)
        was = before[table].drop(written, strict=False)
        assert then.equals(was), f"{table}: the past changed"
