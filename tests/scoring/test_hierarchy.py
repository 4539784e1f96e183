"""Categories that share a spread learned from the outcomes."""

from dataclasses import replace

import numpy as np
import pytest

from orchestration.scoring import calibration as c
from orchestration.scoring.coefficients import sigmoid
from orchestration.scoring.estimator import NotFitted, Prior, fit
from orchestration.scoring.hierarchy import (
    Spread,
    fit_spreads,
    mean_probability,
)


def categories(seed, n, n_categories, sd, intercept=-2.0):
    generator = np.random.default_rng(seed)
    effect = generator.normal(0, sd, n_categories)
    x = np.zeros((n, n_categories))
    x[np.arange(n), generator.integers(0, n_categories, n)] = 1.0
    p = sigmoid(intercept + x @ effect)
    return x, (generator.random(n) < p).astype(float), effect, p


def flat(n_columns, sd=0.3):
    return Prior(
        tuple(f"category {i}" for i in range(n_columns)),
        np.zeros(n_columns),
        np.full(n_columns, sd),
        np.zeros(n_columns, dtype=np.int64),
        -2.0,
    )


@pytest.mark.parametrize("true", [0.4, 1.0])
def test_the_spread_is_found(true):
    found = []
    for seed in range(4):
        x, y, _, _ = categories(seed, 8_000, 40, true)
        _, prior = fit_spreads(x, y, flat(40), ["c"] * 40, {"c": Spread(0.3, 2.0)})
        found.append(prior.sd[0])
    assert np.mean(found) == pytest.approx(true, rel=0.25)


def test_categories_that_hardly_differ_get_less_spread_than_believed():
    x, y, _, _ = categories(7, 20_000, 40, 0.02)
    _, prior = fit_spreads(x, y, flat(40), ["c"] * 40, {"c": Spread(0.3, 2.0)})
    assert prior.sd[0] < 0.15


def test_few_and_rare_categories_stay_near_their_mean():
    x, y, effect, _ = categories(1, 4_000, 40, 0.8)
    rare = x[:, 0] == 1
    kept = ~rare | (np.cumsum(rare) <= 4)
    found, _ = fit_spreads(x[kept], y[kept], flat(40), ["c"] * 40, {"c": Spread()})
    assert abs(found.beta[0]) < 0.7
    assert np.corrcoef(found.beta[1:], effect[1:])[0, 1] > 0.8


def test_a_column_of_no_group_keeps_its_spread():
    x, y, _, _ = categories(2, 500, 6, 0.5)
    groups = [None, None, "c", "c", "c", "c"]
    _, prior = fit_spreads(x, y, flat(6), groups, {"c": Spread()})
    assert (prior.sd[:2] == 0.3).all()
    assert len(set(prior.sd[2:])) == 1


def test_averaging_over_doubt_beats_the_maximum_where_little_is_known():
    gain = []
    for seed in range(20):
        x, y, _, p = categories(seed, 60, 12, 1.5)
        found = fit(x, y, flat(12, 1.5))
        truth = np.clip(p, 1e-9, 1)

        def expected_loss(q, truth=truth):
            return -np.mean(truth * np.log(q) + (1 - truth) * np.log1p(-q))

        gain.append(
            expected_loss(found.probability(x))
            - expected_loss(mean_probability(found, x))
        )
    assert np.mean(gain) > 0


def test_a_group_nothing_is_believed_of_is_refused_by_name():
    x, y, _, _ = categories(2, 50, 3, 0.5)
    with pytest.raises(NotFitted, match="sector"):
        fit_spreads(x, y, flat(3), ["sector"] * 3, {})
    with pytest.raises(NotFitted, match="2 groups for 3"):
        fit_spreads(x, y, flat(3), ["c", "c"], {"c": Spread()})


def test_learned_shrinkage_beats_none_on_new_rows():
    losses = []
    for seed in range(5):
        x, y, _, _ = categories(seed, 3_000, 150, 0.5)
        found, _ = fit_spreads(
            x[:1500], y[:1500], flat(150), ["c"] * 150, {"c": Spread()}
        )
        loose = fit(x[:1500], y[:1500], flat(150, 3.0))
        losses.append(
            c.log_loss(y[1500:], loose.probability(x[1500:]))
            - c.log_loss(y[1500:], mean_probability(found, x[1500:]))
        )
    assert min(losses) > 0


def test_a_spread_around_weights_is_found_too():
    generator = np.random.default_rng(5)
    weight = generator.uniform(0.2, 1.0, 30)
    beta = weight + generator.normal(0, 0.4, 30)
    x = generator.normal(size=(6_000, 30)) * 0.5
    y = (generator.random(6_000) < sigmoid(-2 + x @ beta)).astype(float)
    around = replace(flat(30), weight=weight)
    for strength in (0.5, 10.0):
        _, prior = fit_spreads(x, y, around, ["c"] * 30, {"c": Spread(0.3, strength)})
        assert prior.sd[0] == pytest.approx(0.4, rel=0.35)
    # Without outcomes the belief stands.
    none = np.zeros((0, 30))
    _, prior = fit_spreads(none, np.zeros(0), around, ["c"] * 30, {"c": Spread(0.3)})
    assert prior.sd[0] == pytest.approx(0.3, rel=0.02)
