"""The champion's estimator against its own definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.scoring.coefficients import prior as empty_posterior
from orchestration.scoring.coefficients import sigmoid
from orchestration.scoring.estimator import (
    EFFECT,
    NotFitted,
    Prior,
    fit,
    fit_pruned,
    intercept_shift,
    matters,
)
from orchestration.scoring.weights import load_weights


def a_prior(weight, sign=None, sd=0.3, intercept=-3.0):
    n = len(weight)
    return Prior(
        tuple(f"signal_{i}" for i in range(n)),
        np.array(weight, dtype=float),
        np.full(n, sd),
        np.array(sign if sign is not None else np.sign(weight), dtype=np.int64),
        intercept,
    )


def drawn(seed, n, beta, intercept=-3.0):
    generator = np.random.default_rng(seed)
    x = generator.exponential(size=(n, len(beta))) * (
        generator.random((n, len(beta))) < 0.4
    )
    y = (generator.random(n) < sigmoid(intercept + x @ np.array(beta))).astype(float)
    return x, y


def penalised(v, x, y, prior):
    a, kappa, beta = v[0], v[1], v[2:]
    z = a + x @ beta
    return (
        (np.logaddexp(0, z) - y * z).sum()
        + 0.5 * (((beta - kappa * prior.weight) / prior.sd) ** 2).sum()
        + 0.5 * ((kappa - 1) / prior.kappa_sd) ** 2
        + 0.5 * ((a - prior.intercept) / prior.intercept_sd) ** 2
    )


def test_the_maximum_is_one_and_the_covariance_inverts_its_curvature():
    prior = a_prior([0.7, 0.3, 0.3, -0.7], sign=[0, 0, 0, 0])
    x, y = drawn(3, 600, [0.9, 0.2, 0.0, -0.5])
    found = fit(x, y, prior)
    v = np.concatenate([[found.intercept, found.kappa], found.beta])
    step = 1e-4
    eye = np.eye(len(v)) * step
    here = penalised(v, x, y, prior)
    gradient = [
        (penalised(v + e, x, y, prior) - penalised(v - e, x, y, prior)) / (2 * step)
        for e in eye
    ]
    assert np.abs(gradient).max() < 1e-4
    curvature = np.array(
        [
            [
                (
                    penalised(v + e + f, x, y, prior)
                    - penalised(v + e, x, y, prior)
                    - penalised(v + f, x, y, prior)
                    + here
                )
                / step**2
                for f in eye
            ]
            for e in eye
        ]
    )
    assert np.linalg.inv(curvature) == pytest.approx(
        found.covariance, rel=0.02, abs=1e-4
    )


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    beta=st.lists(st.floats(-1, 1), min_size=2, max_size=4),
)
def test_a_coefficient_never_has_the_other_sign(seed, beta):
    weight = [0.7, -0.3, 0.3, -1.2][: len(beta)]
    x, y = drawn(seed, 200, beta)
    found = fit(x, y, a_prior(weight))
    assert (found.beta * np.sign(weight) >= 0).all()
    assert found.kappa >= 0


def test_without_an_outcome_the_posterior_is_the_day_one_prior():
    weights = load_weights()
    day_one = empty_posterior(weights)
    w = day_one.beta
    prior = Prior(
        day_one.signal_types,
        w,
        np.full(len(w), weights.tau),
        np.sign(w).astype(np.int64),
        -3.5,
        weights.intercept_sd,
        weights.kappa_sd,
    )
    found = fit(np.zeros((0, len(w))), np.zeros(0), prior)
    assert found.beta == pytest.approx(day_one.beta, abs=1e-9)
    assert found.kappa == pytest.approx(1.0)
    assert found.covariance == pytest.approx(day_one.covariance, abs=1e-9)


def test_few_outcomes_move_little_and_many_decide():
    true = [1.2, 0.0, 0.6]
    prior = a_prior([0.3, 0.7, 0.6])
    few = fit(*drawn(5, 150, true), prior)
    many = fit(*drawn(5, 60_000, true), prior)
    assert np.abs(many.beta - true).max() < 0.1
    assert np.abs(few.beta - true).max() > 0.3
    assert (np.diag(many.covariance) < np.diag(few.covariance)).all()


def test_a_row_of_weight_two_is_two_rows():
    prior = a_prior([0.5, 0.5])
    x, y = drawn(8, 300, [0.5, 0.2])
    once = fit(x, y, prior, np.full(300, 2.0))
    twice = fit(np.vstack([x, x]), np.concatenate([y, y]), prior)
    assert once.beta == pytest.approx(twice.beta, abs=1e-5)


def test_what_has_no_effect_is_dropped_and_what_has_is_kept():
    true = [0.8, 0.8, 0.0, 0.0, 0.0]
    prior = a_prior([0.3] * 5)
    found, p = fit_pruned(*drawn(11, 20_000, true), prior)
    assert (p[:2] > 0.99).all()
    assert (p[2:] < 0.8).all()
    assert (found.beta[2:] == 0).all()
    # What was dropped is not known to be nothing: its doubt stays.
    assert (np.diag(found.covariance)[2:] > 0).all()


def test_doubt_of_a_bounded_coefficient_is_that_of_a_cut_gaussian():
    prior = a_prior([0.3])
    found = fit(*drawn(2, 400, [0.2]), prior)
    draws = np.random.default_rng(0).normal(
        found.beta[0], np.sqrt(found.covariance[2, 2]), 400_000
    )
    share = (draws[draws > 0] > EFFECT).mean()
    assert matters(found, prior)[0] == pytest.approx(share, abs=0.005)


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        (np.zeros((2, 2)), np.zeros(2), "2 x 2"),
        (np.full((2, 1), np.nan), np.zeros(2), "signal_0 holds a value"),
        (np.zeros((2, 1)), np.array([0.0, 2.0]), "neither 0 nor 1"),
    ],
)
def test_what_cannot_be_learned_from_is_refused_by_name(x, y, said):
    with pytest.raises(NotFitted, match=said):
        fit(x, y, a_prior([0.3]))


def test_the_shift_of_the_intercept_is_shrunk():
    assert intercept_shift(30, 30) == 0.0
    assert 0 < intercept_shift(16, 10) < np.log(1.6)
    assert intercept_shift(16_000, 10_000) == pytest.approx(np.log(1.6), abs=0.001)
