"""Lots on a call list, and that weighing by them takes the list out of the labels."""

from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from benchmarks.selection import fitted, listed_market
from orchestration.contracts.frames import schema
from orchestration.contracts.odcs import contract
from orchestration.scoring.coefficients import sigmoid
from orchestration.scoring.estimator import Prior, fit
from orchestration.scoring.exploration import MOST_WEIGHT, label_weights, lots
from orchestration.scoring.learning import HORIZON, STEP, Design
from orchestration.scoring.steps import _calls
from orchestration.scoring.training import Calls, weighed

ALL = [(f"a{i:02d}", "o") for i in range(40)]
MONDAY = date.fromordinal(1 + STEP * 26_000)


def test_with_a_place_for_each_there_is_no_lot():
    found = lots(ALL[:10], 10, 0.5, "seed")
    assert found.listed == set(ALL[:10])
    assert not found.by_lot
    assert set(found.chance.values()) == {1.0}
    assert not lots(ALL, 0, 0.5, "seed").listed
    assert set(lots(ALL, 10, 0.0, "seed").chance.values()) == {0.0, 1.0}


@pytest.mark.parametrize("expected", [0.5, 1.0, 2.25])
def test_the_chance_that_is_written_down_is_the_chance_there_was(expected):
    n = 4_000
    count = dict.fromkeys(ALL, 0)
    by_lot = 0
    for i in range(n):
        found = lots(ALL, 10, expected, f"week {i}")
        assert len(found.listed) == 10
        by_lot += len(found.by_lot)
        for one in found.listed:
            count[one] += 1
    assert sum(found.chance.values()) == pytest.approx(10)
    assert by_lot / n == pytest.approx(expected, abs=0.04)
    for one, chance in found.chance.items():
        # Four standard errors.
        assert count[one] / n == pytest.approx(
            chance, abs=4 * np.sqrt(chance * (1 - chance) / n) + 1e-9
        )
    assert lots(ALL, 10, expected, "week 1") == lots(ALL, 10, expected, "week 1")


def lists(*rows):
    names = ("account_id", "as_of", "week", "is_listed", "propensity")
    return pl.DataFrame([dict(zip(names, r, strict=True)) for r in rows])


def test_a_label_weighs_one_over_the_chance_of_its_weeks():
    week = timedelta(days=7)
    told = lists(
        ("sure", MONDAY, MONDAY, True, 1.0),
        ("twice", MONDAY, MONDAY, False, 0.5),
        ("twice", MONDAY + week, MONDAY + week, True, 0.5),
        ("twice", MONDAY + week + timedelta(days=1), MONDAY + week, True, 0.5),
        ("rare", MONDAY, MONDAY, True, 0.01),
        ("left", MONDAY, MONDAY, False, 0.5),
        ("watched", MONDAY, MONDAY, False, None),
    )
    names = ["sure", "twice", "rare", "left", "watched", "unknown"]
    days = np.full(len(names), MONDAY.toordinal())
    found = label_weights(names, days, told, MONDAY)
    assert found.tolist() == pytest.approx([1, 4 / 3, MOST_WEIGHT, 0, 0, 0])
    # Before lists were gone by, nobody was chosen by them.
    later = label_weights(names, days, told, MONDAY + week)
    assert later.tolist() == [1.0] * len(names)


def called_market(n_weeks=300, seed=3):
    """Accounts are called by a rank that means nothing; calls make opportunities."""
    draw = np.random.default_rng(seed)
    x, y, accounts, days, rows = [], [], [], [], []
    for w in range(n_weeks):
        day = MONDAY + timedelta(days=STEP * w)
        true, rank = draw.normal(size=40), draw.normal(size=40)
        names = [(f"{w}-{i}", "o") for i in range(40)]
        ranked = [names[i] for i in np.argsort(-rank)]
        drawn = lots(ranked, 10, 2.0, str(day))
        called = np.array([one in drawn.listed for one in names])
        p = sigmoid(-1.0 + true) * np.where(called, 1.0, 0.1)
        x.append(np.column_stack([true, rank]))
        y.append(draw.random(40) < p)
        accounts += [a for a, _ in names]
        days += [day.toordinal()] * 40
        rows += [
            (a, day, day, bool(c), drawn.chance[a, o], "o")
            for (a, o), c in zip(names, called, strict=True)
        ]
    names = ("account_id", "as_of", "week", "is_listed", "propensity", "offer")
    table = pl.DataFrame(rows, schema=names, orient="row")
    number = {a: i for i, a in enumerate(accounts)}
    made = Design(
        names=("true", "rank"),
        account=np.array([number[a] for a in accounts]),
        day=np.array(days),
        x=np.vstack(x),
        y=np.concatenate(y).astype(float),
        row_weight=np.ones(len(days)),
        n_events=int(np.concatenate(y).sum()),
        horizon=HORIZON,
    )
    return made, {i: a for a, i in number.items()}, table


def test_what_the_list_put_into_the_labels_is_taken_out():
    made, names, table = called_market()
    prior = Prior(
        made.names,
        np.zeros(2),
        np.full(2, 2.0),
        np.zeros(2, dtype=np.int64),
        0.0,
        3.0,
        0.01,
    )

    def learned(rows):
        found = fit(rows.x, rows.y, prior, rows.row_weight)
        return found.beta, found.intercept

    naive, _ = learned(made)
    # The rank says nothing of an account, and seems to say more than what does.
    assert naive[1] > 0.7
    rows, told = weighed(made, names, "o", "crm", Calls(table, MONDAY))
    (true, rank), intercept = learned(rows)
    assert abs(rank) < 0.15
    assert true == pytest.approx(1.0, abs=0.15)
    assert intercept == pytest.approx(-1.0, abs=0.2)
    assert "9000 of accounts that were not listed" in told
    # A tender is moved by no call; and lists that nobody goes by choose nobody.
    for target, calls in (("tender", Calls(table, MONDAY)), ("crm", None)):
        same, told = weighed(made, names, "o", target, calls)
        assert same is made
        assert told.startswith("not weighed")


def test_lists_count_from_the_first_task_that_somebody_did():
    table = lists(("a", MONDAY, MONDAY, True, 1.0))
    wanted = schema(contract("crm_feedback"))
    rows = [
        {"opened_on": MONDAY, "verdict": "wrong"},
        {"opened_on": MONDAY + timedelta(days=7), "contacted_at": datetime(2100, 1, 1)},
    ]
    told = pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in wanted}, schema=wanted
    )
    found = _calls(table, told)
    assert found is not None
    assert found.since == MONDAY + timedelta(days=7)
    assert _calls(table, told.head(1)) is None
    assert _calls(None, told) is _calls(table, None) is None
    assert _calls(table.drop("propensity"), told) is None


def test_weighing_takes_out_what_only_the_lists_order_knew():
    """A made-up market whose lists go by size too, which the model does not see.

    Learned from who was listed, it expects too much of everybody; at size and with
    figures: `benchmarks.selection` and docs/learning.md.
    """
    found = [fitted(listed_market(seed, 1_000, 180)) for seed in (1, 2, 3)]
    for whole, listed, weighed_, without_most in found:
        assert whole.expected == pytest.approx(1.0, abs=0.02)
        assert abs(weighed_.expected - 1) < abs(listed.expected - 1)
        assert whole.log_loss < weighed_.log_loss < listed.log_loss
        # Without a most a few rows speak for all, and the rest is noise.
        assert without_most.log_loss > listed.log_loss
        assert without_most.off > 2 * weighed_.off
    listed, weighed_ = (np.mean([m[k].expected for m in found]) for k in (1, 2))
    assert listed > 1.2
    assert weighed_ - 1 < 0.6 * (listed - 1)
