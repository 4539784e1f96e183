"""Scores of many account-days against the definition, row by row."""

import numpy as np
import pytest

from orchestration.scoring.batch import score
from orchestration.scoring.coefficients import Z90, Coefficients, sigmoid
from orchestration.scoring.estimator import Prior, fit_pruned


def test_scores_are_those_of_the_posterior_and_contributions_add_up():
    generator = np.random.default_rng(4)
    x = generator.exponential(size=(20_000, 6))
    beta = np.array([0.6, 0.0, -0.5, 0.0, 0.3, 1.0])
    y = (generator.random(len(x)) < sigmoid(-3 + x @ beta)).astype(float)
    prior = Prior(
        tuple("abcdef"), np.full(6, 0.2), np.full(6, 0.3), np.zeros(6, int), -3.0
    )
    posterior, _ = fit_pruned(x, y, prior)
    assert (posterior.beta == 0).any()
    mean = x.mean(axis=0)
    model = Coefficients(
        posterior.names, posterior.beta, posterior.covariance, posterior.intercept
    )
    base = float(posterior.intercept + mean @ posterior.beta)
    got = score(model, x, mean, base)
    logit, sd = posterior.logit(x), posterior.logit_sd(x)
    assert np.abs(got.logit - logit).max() < 1e-9
    sums = got.base_logit + got.contributions.sum(axis=1)
    assert np.abs(sums - logit).max() < 1e-9
    assert got.probability == pytest.approx(sigmoid(logit))
    assert got.lower == pytest.approx(sigmoid(logit - Z90 * sd), abs=1e-9)
    assert got.upper == pytest.approx(sigmoid(logit + Z90 * sd), abs=1e-9)
    missing = x.copy()
    missing[:, 0] = np.nan
    assert (score(model, missing, mean, base).contributions[:, 0] == 0).all()
    assert score(model, x[:0], mean, base).logit.shape == (0,)
    # Anchored: the gradient is x less the centre.
    centre = np.linspace(0.5, 1.5, 6)
    anchored = score(model, x, mean, base, centre)
    sd = posterior.logit_sd(x - centre)
    assert anchored.upper == pytest.approx(sigmoid(logit + Z90 * sd), abs=1e-9)
