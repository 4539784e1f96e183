"""The expanding window, what it judges, and leads against lists drawn by chance."""

from functools import cache

import numpy as np
import pytest

from benchmarks.feature_market import experts, market
from orchestration.scoring.backtest import (
    backtest,
    base_rate_model,
    folds,
    lead_times,
    points_model,
    prior_model,
    without_accounts,
)
from orchestration.scoring.coefficients import sigmoid
from orchestration.scoring.estimator import NotFitted
from orchestration.scoring.learning import design, first_outcomes, learn, outcomes
from orchestration.scoring.lift import MATTERS, NOT_YET, signal_lift


@cache
def made_up():
    found = market(9, 1_000, 190)
    first = first_outcomes(found.notices)
    rows = design(found.population, first, found.last_day)
    return rows, outcomes(rows.account, rows.day, first)


def champion(train, test):
    prior, groups, spreads = experts(train.names, -3.5)
    return learn(train, prior, groups, spreads).posterior.probability(test.x)


def test_no_outcome_of_a_judged_row_was_learned_from():
    rows, outcome_day = made_up()
    steps = folds(rows, 5)
    assert len(steps) == 5
    for fold in steps:
        known = outcome_day[fold.train]
        assert known.max() + 14 <= fold.day
        assert rows.day[fold.test].min() > fold.day
        assert not (fold.train & fold.test).any()
    tested = np.sum([fold.test for fold in steps], axis=0)
    assert tested.max() == 1
    assert [f.train.sum() for f in steps] == sorted(f.train.sum() for f in steps)


def test_too_few_folds_and_too_short_a_past_are_refused():
    rows, _ = made_up()
    with pytest.raises(NotFitted, match="3 folds"):
        folds(rows, 3)
    with pytest.raises(NotFitted, match="no outcome was known"):
        folds(rows, 40)


def test_a_split_by_account_learns_from_no_account_it_judges():
    rows, _ = made_up()
    fold = without_accounts(folds(rows)[0], rows, 1, 4)
    assert not set(rows.account[fold.train]) & set(rows.account[fold.test])


def test_the_champion_is_judged_against_what_is_simpler():
    rows, outcome_day = made_up()
    prior, _, _ = experts(rows.names, -3.5)
    models = {
        "champion": champion,
        "day one": prior_model(prior),
        "points": points_model,
        "base rate": base_rate_model,
    }
    judged = {j.name: j for j in backtest(rows, outcome_day, models, ks=(20,))}
    of = {name: j.metrics for name, j in judged.items()}
    assert of["champion"].auc > of["points"].auc + 0.05
    assert of["champion"].log_loss < of["day one"].log_loss < of["points"].log_loss
    assert of["base rate"].auc == pytest.approx(0.5, abs=0.03)
    assert abs(of["base rate"].brier_skill) < 0.01
    assert of["champion"].ece < of["champion"].ece_floor + 0.01
    low, high = of["champion"].auc_band
    assert low < of["champion"].auc < high
    leads = judged["champion"].leads
    assert leads.caught_early > 2 * leads.random_caught_early
    assert leads.caught >= leads.caught_early


def test_a_lead_runs_from_the_first_alert_within_half_a_year():
    n = 100
    days = [1_000, 1_028, 1_056, 1_200]
    account = np.tile(np.arange(n), len(days))
    day = np.repeat(days, n)
    p = np.zeros(len(day))
    # Account 7 leads the list on three days, account 8 with it.
    p[(account == 7) & (day < 1_200)] = 0.9
    p[(account == 8) & (day == 1_056)] = 0.8
    outcome_day = np.zeros(len(day), dtype=np.int64)
    outcome_day[(account == 7) & (day <= 1_200) & (day > 1_040)] = 1_205
    outcome_day[(account == 8) & (day == 1_056)] = 1_076
    outcome_day[(account == 50) & (day == 1_056)] = 1_080
    found = lead_times(p, account, day, outcome_day)
    # 1,000 lies more than 182 days before 1,205.
    assert sorted(found.days) == [20, 177]
    assert found.caught == pytest.approx(2 / 3)
    assert found.caught_early == pytest.approx(1 / 3)


def test_lift_is_known_with_a_hundred_outcomes_and_not_before():
    rows, outcome_day = made_up()
    prior, groups, spreads = experts(rows.names, -3.5)
    learned = learn(rows, prior, groups, spreads)
    table = {one.signal: one for one in signal_lift(rows, learned, outcome_day)}
    leader = table["leader_primary"]
    assert leader.verdict == MATTERS
    assert 1 < leader.lower < leader.lift < leader.upper
    assert 0 < leader.lead_days <= 91
    k = rows.names.index("leader_primary")
    there = rows.x[:, k] >= 0.5
    assert leader.n_fired == there.sum()
    assert leader.lift == pytest.approx(rows.y[there].mean() / rows.y[~there].mean())
    few_accounts = rows.account < 100
    few = rows.chosen(few_accounts)
    assert few.n_events < 100
    for one in signal_lift(few, learned, outcome_day[few_accounts]):
        assert one.verdict == NOT_YET
        assert one.lift is None
        assert one.lower is None


def test_intervals_are_wider_when_rows_of_an_account_repeat():
    generator = np.random.default_rng(3)
    rows, _ = made_up()
    prior, _, _ = experts(rows.names, -3.5)
    learned = learn(rows, prior)
    first = rows.day == rows.day[0]
    once = rows.chosen(first)
    x = (generator.random((len(once.y), len(rows.names))) < 0.5).astype(float)
    y = (generator.random(len(once.y)) < sigmoid(np.full(len(once.y), -1.0))).astype(
        float
    )

    def widths(repeats, own):
        from dataclasses import replace

        n = len(y)
        account = np.arange(n * repeats) if own else np.tile(np.arange(n), repeats)
        made = replace(
            once,
            account=account,
            day=np.tile(once.day, repeats),
            x=np.tile(x, (repeats, 1)),
            y=np.tile(y, repeats),
            row_weight=np.ones(n * repeats),
            n_events=500,
        )
        table = signal_lift(made, learned, np.tile(once.day + 10, repeats))
        return np.mean([one.upper - one.lower for one in table])

    # The same rows three times tell no more, unless they are taken for new accounts.
    assert widths(3, own=False) == pytest.approx(widths(1, own=False), rel=0.1)
    assert widths(3, own=True) < 0.75 * widths(1, own=False)
