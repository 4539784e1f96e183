"""Which rows are learned from, what leaks, and what is learned on made-up markets."""

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.feature_market import experts, market, with_events
from orchestration.scoring import calibration as c
from orchestration.scoring.coefficients import anchored_intercept, sigmoid
from orchestration.scoring.estimator import NotFitted, Prior, fit
from orchestration.scoring.learning import (
    Leak,
    Population,
    audit,
    design,
    filled,
    first_outcomes,
    interactions,
    is_landmark,
    learn,
    may_be_learned,
    ordered,
    other_horizon,
    outcomes,
    sector_columns,
    shuffled_auc,
)

MONDAY = 1 + 28 * 26_000


@cache
def made_up(null=False):
    found = market(5, 1_200, 150, null=null)
    first = first_outcomes(found.notices)
    return found, first, design(found.population, first, found.last_day)


def population(days, **changed):
    n = len(days)
    whole = {
        "names": ("a",),
        "account": np.zeros(n, dtype=np.int64),
        "day": np.array(days),
        "x": np.ones((n, 1)),
        "observed_since": np.full(n, MONDAY - 90),
        "open_tender": np.zeros(n, dtype=bool),
    }
    return Population(**{**whole, **changed})


def test_landmarks_are_every_fourth_monday_whatever_the_first_row():
    days = np.arange(MONDAY, MONDAY + 400)
    found = days[is_landmark(days)]
    assert {date.fromordinal(int(day)).weekday() for day in found} == {0}
    assert set(np.diff(found)) == {28}
    later = days[40:]
    assert set(later[is_landmark(later)]) <= set(found)


def test_a_row_waits_for_its_horizon_and_the_publication_lag():
    one = population([MONDAY])
    assert may_be_learned(one, MONDAY + 105).tolist() == [True]
    assert may_be_learned(one, MONDAY + 104).tolist() == [False]
    assert may_be_learned(one, MONDAY + 105, 182).tolist() == [False]


def test_who_has_a_tender_open_or_is_watched_too_shortly_is_not_at_risk():
    cut = MONDAY + 500
    assert not may_be_learned(population([MONDAY], open_tender=np.array([True])), cut)
    short = population([MONDAY], observed_since=np.array([MONDAY - 89]))
    assert not may_be_learned(short, cut)
    beside = may_be_learned(population([MONDAY, MONDAY + 7]), cut)
    assert beside.tolist() == [True, False]


def test_an_outcome_is_first_when_a_year_was_quiet():
    first = first_outcomes({1: [900, 100, 100, 300, 665, 1300]})
    # 300 and 665 come within a year of the notice before them, 900 too.
    assert first[1].tolist() == [100, 1300]
    assert first_outcomes({1: [100, 465]})[1].tolist() == [100]
    assert first_outcomes({1: [100, 466]})[1].tolist() == [100, 466]


@settings(max_examples=100, deadline=None)
@given(
    events=st.lists(st.integers(1, 900), max_size=6, unique=True),
    days=st.lists(st.integers(1, 900), min_size=1, max_size=8),
    horizon=st.sampled_from([30, 91, 182]),
)
def test_the_outcome_of_a_row_is_the_first_after_it_within_the_horizon(
    events, days, horizon
):
    found = outcomes(
        np.full(len(days), 3), np.array(days), {3: np.array(sorted(events))}, horizon
    )
    for day, one in zip(days, found, strict=True):
        after = [e for e in events if day < e <= day + horizon]
        assert one == (min(after) if after else 0)


def test_an_event_counts_about_once_however_many_rows_see_it():
    _, _, rows = made_up()
    # Rows near an outcome drop out when the tender opens: a little less than once.
    assert rows.row_weight @ rows.y == pytest.approx(rows.n_events, rel=0.1)


def test_what_was_not_observed_is_the_mean_of_its_day():
    nan = np.nan
    x = np.array([[1.0, nan], [3.0, nan], [nan, nan], [5.0, nan], [nan, nan]])
    day = np.array([1, 1, 1, 2, 3])
    got = filled(x, day)
    assert got[:, 0].tolist() == [1.0, 3.0, 2.0, 5.0, 3.0]
    assert (got[:, 1] == 0).all()


def test_named_patterns_are_capped_and_missing_where_either_is():
    x = np.array([[2.0, 0.5], [np.nan, 1.0], [0.5, 0.5]])
    got, names = interactions(x, ("a", "b"), [("a", "b")])
    assert names == ("a x b",)
    assert got[:, 0] == pytest.approx([0.5, np.nan, 0.25], nan_ok=True)
    with pytest.raises(NotFitted, match="unknown c"):
        interactions(x, ("a", "b"), [("a", "c")])


def test_each_row_is_of_one_sector():
    x, names = sector_columns(["b", "a", "b"])
    assert names == ("sector a", "sector b")
    assert x.tolist() == [[0, 1], [1, 0], [0, 1]]


def with_column(rows, name, column):
    return replace(rows, names=(*rows.names, name), x=np.column_stack([rows.x, column]))


def test_tomorrows_tender_is_refused_by_name():
    found, _, rows = made_up()
    tomorrow = {(a, day - 1) for a, days in found.notices.items() for day in days}
    pairs = zip(rows.account.tolist(), rows.day.tolist(), strict=True)
    canary = np.array([float(pair in tomorrow) for pair in pairs])
    assert canary.sum() >= 5
    # Its AUC would not give it away.
    assert c.auc(rows.y, canary) < 0.7
    with pytest.raises(Leak, match="tender_tomorrow"):
        audit(with_column(rows, "tender_tomorrow", canary))


def test_a_feature_that_ranks_outcomes_almost_perfectly_is_refused_either_way_round():
    _, _, rows = made_up()
    noise = np.random.default_rng(0).random(len(rows.y))
    for sign in (1, -1):
        leak = sign * (rows.y + 0.5 * noise)
        with pytest.raises(Leak, match="days_to_tender"):
            learn(
                with_column(rows, "days_to_tender", leak),
                experts((*rows.names, "days_to_tender"), -3.5)[0],
            )


def test_honest_features_pass_the_audit():
    for null in (False, True):
        audit(made_up(null)[2])


def test_shuffled_outcomes_teach_nothing():
    _, _, rows = made_up()
    prior, _, _ = experts(rows.names, -3.5)
    assert 0.47 <= shuffled_auc(rows, prior, repeats=8, seed=1) <= 0.53


def test_a_market_without_effects_teaches_nothing():
    _, _, rows = made_up(null=True)
    # Size and sector still act on need in it, and an award always follows a tender.
    blind = [i for i, n in enumerate(rows.names) if n not in {"size", "award"}]
    blind = [i for i in blind if not rows.names[i].startswith("sector")]
    names = tuple(rows.names[i] for i in blind)
    rows = replace(rows, names=names, x=rows.x[:, blind])
    prior, _, _ = experts(names, -3.5)
    train = rows.account % 2 == 0
    learned = learn(rows.chosen(train), prior)
    test = rows.chosen(~train)
    assert (learned.p_matters >= 0.8).mean() <= 0.25
    if learned.posterior.beta.any():
        assert 0.45 <= c.auc(test.y, learned.posterior.logit(test.x)) <= 0.56


def test_what_means_nothing_is_dropped_and_sectors_are_kept():
    _, _, rows = made_up()
    prior, groups, spreads = experts(rows.names, -3.5)
    learned = learn(rows, prior, groups, spreads)
    nothing = np.array([name.startswith("nuisance") for name in rows.names])
    assert (learned.posterior.beta[nothing] != 0).sum() <= 1
    sectors = np.array([group == "sector" for group in groups])
    assert (learned.posterior.beta[sectors] != 0).all()
    leader = rows.names.index("leader_primary")
    assert learned.posterior.beta[leader] > 0.5


def test_horizons_lie_near_each_other_and_in_order():
    found, first, rows = made_up()
    prior, groups, spreads = experts(rows.names, -3.5)
    main = learn(rows, prior, groups, spreads)
    by_horizon = {
        h: other_horizon(design(found.population, first, found.last_day, h), main)
        for h in (30, 182)
    }
    x = rows.x
    p30, p182 = (by_horizon[h].posterior.probability(x) for h in (30, 182))
    a, b, d = ordered(p30, main.posterior.probability(x), p182)
    assert (a <= b).all()
    assert (b <= d).all()
    for h, model in by_horizon.items():
        y = design(found.population, first, found.last_day, h)
        assert model.posterior.probability(y.x).mean() == pytest.approx(
            y.y.mean(), rel=0.1
        )
        dropped = main.posterior.beta == 0
        assert (model.posterior.beta[dropped] == 0).all()
    assert p30.mean() < p182.mean()


@cache
def gains(n_events):
    """Log loss saved against the experts and against L2, mean over three markets."""
    against_experts, against_l2 = [], []
    for seed in (31, 32, 33):
        found = market(seed, 2_000, 180)
        first = first_outcomes(found.notices)
        rows = design(found.population, first, found.last_day)
        starts = int(rows.day.max()) - 8 * 28
        test = rows.chosen(rows.day >= starts)
        past = rows.chosen(rows.day + 105 <= starts)
        prior, groups, spreads = experts(rows.names, 0.0)
        scores = test.x @ prior.weight
        a0 = anchored_intercept(scores, 0.03)
        for draw in range(3 if n_events < 300 else 1):
            train = with_events(past, n_events, draw)
            learned = learn(train, replace(prior, intercept=a0), groups, spreads)
            ours = c.log_loss(test.y, learned.posterior.probability(test.x))
            against_experts.append(c.log_loss(test.y, sigmoid(a0 + scores)) - ours)
            n = len(rows.names)
            scale = train.x.std(axis=0) + 1e-9
            # Ridge of penalty 1 on standardised columns, rows unweighted: the defaults
            # of scikit-learn's LogisticRegression.
            zero = np.zeros(n, dtype=np.int64)
            ridge = Prior(rows.names, np.zeros(n), 1 / scale, zero, a0, 100.0)
            plain = fit(train.x, train.y, ridge)
            against_l2.append(c.log_loss(test.y, plain.probability(test.x)) - ours)
    return float(np.mean(against_experts)), float(np.mean(against_l2))


@pytest.mark.parametrize("n_events", [20, 100, 300])
def test_the_champion_beats_ridge_with_few_outcomes_and_with_many(n_events):
    assert gains(n_events)[1] > 0


def test_the_champion_beats_day_one_with_outcomes_and_never_loses_much():
    assert gains(20)[0] > -0.001
    assert gains(100)[0] > 0
    assert gains(300)[0] > gains(100)[0]
