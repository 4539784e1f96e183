"""Orders that were put into made-up signals are found, and none where there is none."""

from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from orchestration.scoring.orderings import LEAST_ACCOUNTS, orderings

BEGIN = date(2024, 1, 1)
WATCHED = [BEGIN + timedelta(days=7 * i) for i in range(105)]


def signals(n_accounts: int, lag: int, seed: int = 1) -> pl.DataFrame:
    """Language on a day drawn, behaviour `lag` days before it and some at random."""
    g = np.random.default_rng(seed)
    rows = []
    for i in range(n_accounts):
        day = int(g.integers(150, 550))
        rows.append((f"a{i}", "website_language_shift", "language", day))
        for _ in range(3):
            drawn = int(g.integers(0, 730))
            rows.append((f"a{i}", "hiring_surge", "hiring", drawn))
        if lag:
            rows.append((f"a{i}", "hiring_surge", "hiring", day - lag))
    at = datetime(2024, 1, 1)
    return pl.DataFrame(
        {
            "account_id": [r[0] for r in rows],
            "signal_type": [r[1] for r in rows],
            "family": [r[2] for r in rows],
            "awareness": "unaware",
            "effective_pt": [at + timedelta(days=r[3]) for r in rows],
        }
    )


def of(found, first: str, then: str):
    return next(o for o in found if (o.first, o.then) == (first, then))


@pytest.mark.parametrize("lag", [30, -30])
def test_an_order_is_found_and_its_opposite_is_said(lag):
    told = of(orderings(signals(200, lag), WATCHED), "behaviour", "language")
    assert told.lag == pytest.approx(lag, abs=8)
    assert told.lag_band[0] <= told.lag <= told.lag_band[1]
    if lag > 0:
        assert told.share_band[0] > 0.5
        assert told.said.startswith("Behaviour comes before language in")
    else:
        assert told.share_band[1] < 0.5
        assert told.said.startswith("The opposite of what was believed")


def test_where_there_is_no_order_none_is_claimed_more_often_than_promised():
    held = 0
    for seed in range(40):
        told = of(orderings(signals(120, 0, seed), WATCHED), "behaviour", "language")
        held += told.share_band[0] <= 0.5 <= told.share_band[1]
    assert held / 40 >= 0.8


def test_too_few_accounts_are_not_yet_known():
    few = signals(LEAST_ACCOUNTS - 1, 30)
    told = of(orderings(few, WATCHED), "behaviour", "language")
    assert (told.lag, told.share_first) == (None, None)
    assert told.said.startswith("Not yet known")
    assert of(orderings(few, []), "unaware", "explicit").n_pairs == 0
