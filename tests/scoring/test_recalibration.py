"""A map of probabilities is learned when outcomes speak for it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.scoring import calibration as c
from orchestration.scoring.coefficients import sigmoid
from orchestration.scoring.recalibration import (
    Beta,
    Identity,
    Isotonic,
    choose_map,
    fit_beta,
    fit_isotonic,
)


def forecasts(bend, seed=1, n=40_000):
    generator = np.random.default_rng(seed)
    p = generator.beta(1, 12, n)
    y = (generator.random(n) < bend(p)).astype(float)
    return y, p, generator.integers(1_000, 2_500, n)


def overconfident(p):
    return sigmoid(0.6 * np.log(p / (1 - p)) - 1.2)


def stepped(p):
    return np.where(p < 0.1, 0.02, np.where(p < 0.2, 0.05, 0.6))


def test_right_probabilities_are_left_alone():
    y, p, day = forecasts(lambda p: p)
    assert choose_map(y, p, day, 3_000) == Identity()


def test_below_a_thousand_outcomes_there_is_no_map():
    y, p, day = forecasts(overconfident)
    assert choose_map(y, p, day, 999) == Identity()
    assert isinstance(choose_map(y, p, day, 1_000), Beta)


@pytest.mark.parametrize(("bend", "kind"), [(overconfident, Beta), (stepped, Isotonic)])
def test_the_map_that_fits_later_outcomes_is_taken(bend, kind):
    found = choose_map(*forecasts(bend), 3_000)
    assert isinstance(found, kind)
    y, p, _ = forecasts(bend, seed=2)
    assert c.ece(y, found.apply(p)) < 0.5 * c.ece(y, p)


def test_beta_finds_its_numbers():
    y, p, _ = forecasts(overconfident, n=200_000)
    found = fit_beta(y, p)
    assert np.abs(found.apply(p) - overconfident(p)).max() < 0.03


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.booleans(), st.floats(0.01, 0.99)), min_size=1, max_size=40
    )
)
def test_no_map_turns_an_order_round_or_leaves_the_open_interval(rows):
    y = np.array([float(a) for a, _ in rows])
    p = np.array([b for _, b in rows])
    grid = np.linspace(0.001, 0.999, 200)
    for found in (fit_beta(y, p), fit_isotonic(y, p)):
        q = found.apply(grid)
        assert (np.diff(q) >= -1e-12).all()
        assert ((q > 0) & (q < 1)).all()
