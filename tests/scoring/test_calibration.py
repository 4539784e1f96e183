"""Measures of probabilities against their definitions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.scoring import calibration as c


def calibrated(n=20_000, seed=1):
    generator = np.random.default_rng(seed)
    p = generator.beta(1, 20, n)
    return (generator.random(n) < p).astype(float), p


def test_right_probabilities_show_no_more_error_than_noise():
    y, p = calibrated()
    floor = c.ece_noise_floor(p)
    assert c.ece(y, p) < 2 * floor
    assert c.ece(y, np.minimum(2 * p, 1)) > 5 * floor


@settings(max_examples=50, deadline=None)
@given(
    p=st.lists(st.sampled_from([0.01, 0.02, 0.2, 0.5]), min_size=1, max_size=60),
    n_bins=st.integers(1, 20),
)
def test_equal_probabilities_share_a_bin_and_bins_keep_the_order(p, n_bins):
    values = np.array(p)
    bins = c.equal_mass_bins(values, n_bins)
    assert set(bins) == set(range(bins.max() + 1))
    for value in set(p):
        assert len(set(bins[values == value])) == 1
    order = np.argsort(values, kind="stable")
    assert (np.diff(bins[order]) >= 0).all()


@settings(max_examples=50, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.booleans(), st.sampled_from([0.1, 0.2, 0.3])),
        min_size=2,
        max_size=40,
    )
)
def test_auc_is_the_share_of_pairs_in_order(rows):
    y = np.array([float(a) for a, _ in rows])
    p = np.array([b for _, b in rows])
    pairs = [
        (p[i] > p[j]) + 0.5 * (p[i] == p[j])
        for i in range(len(y))
        for j in range(len(y))
        if y[i] == 1 and y[j] == 0
    ]
    if pairs:
        assert c.auc(y, p) == pytest.approx(np.mean(pairs))
    else:
        assert np.isnan(c.auc(y, p))


def test_bands_of_a_reliability_diagram_hold_the_truth_about_nine_times_in_ten():
    held = total = 0
    for seed in range(12):
        y, p = calibrated(3_000, seed)
        for one in c.reliability(y, p, np.arange(3_000), n_bins=5, seed=seed):
            assert one.lower is not None
            assert one.upper is not None
            held += one.lower <= one.predicted <= one.upper
            total += 1
    assert 0.8 <= held / total <= 0.98


def test_the_top_of_the_list():
    y = np.array([1.0, 0.0, 1.0, 0.0, 0.0])
    p = np.array([0.9, 0.8, 0.1, 0.1, 0.0])
    assert c.precision_at(y, p, 2) == 0.5
    assert c.capture_at(y, p, 0.2) == 0.5
    assert c.skill(c.brier(y, y), c.brier(y, p)) == 1.0
    assert c.log_loss(y, p) > c.log_loss(y, y)
