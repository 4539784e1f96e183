"""Drift is told when values, firing or coverage move, and not when nothing did."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from orchestration.scoring.drift import drift, observed_over_expected, psi

LAST = date(2026, 1, 5)


def features(now, before=0.1, missing=0.0, seed=0):
    """A year of weeks of 100 accounts; the last eight weeks fire otherwise."""
    g = np.random.default_rng(seed)
    rows = []
    for week in range(52):
        day = LAST - timedelta(weeks=week)
        share = now if week < 8 else before
        gone = missing if week < 8 else 0.0
        for i in range(100):
            x = float(g.random() < share) * (0.5 + g.random())
            rows.append((f"a{i}", day, "t", None if g.random() < gone else x))
    return pl.DataFrame(
        rows, schema=["account_id", "as_of", "signal_type", "x"], orient="row"
    )


def test_nothing_moved():
    assert drift(features(0.1)) == []
    assert drift(features(0.1).head(0)) == []


def test_a_type_that_fires_four_times_as_often_is_told():
    found = {d.measure: d for d in drift(features(0.5))}
    assert found["PSI"].is_alarm
    assert found["firing rate, p"].value < 1e-3


def test_a_type_that_is_no_longer_observed_is_an_alarm():
    (told,) = [d for d in drift(features(0.1, missing=0.8)) if d.measure == "coverage"]
    assert told.is_alarm
    assert told.value < 0.3


def test_psi_of_the_same_is_near_nothing():
    g = np.random.default_rng(0)
    same = psi(g.normal(size=5_000), g.normal(size=5_000))
    assert same < 0.01
    assert psi(g.normal(size=5_000), g.normal(1.0, size=5_000)) > 0.3


def test_observed_over_expected_has_the_exact_poisson_interval():
    ratio, low, high = observed_over_expected(10, 20.0)
    assert ratio == 0.5
    # 90 % interval of a Poisson count of 10: 5.425 to 16.962.
    assert (low * 20, high * 20) == (
        pytest.approx(5.425, abs=1e-3),
        pytest.approx(16.962, abs=1e-3),
    )
