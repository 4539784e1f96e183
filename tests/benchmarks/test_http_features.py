"""What a perfect reader has of a truth of a few rows, and what losing events costs."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from benchmarks.http_features import (
    Event,
    Judged,
    against_filter,
    agreement,
    as_scored,
    expected_auc,
    intensity,
    judged_rows,
    losses,
    since,
    true_events,
    with_truth,
)
from orchestration.scoring import calibration as c

FIRST = date(2025, 1, 6)
NOTHING: dict[str, list] = {
    "filings": [],
    "notices": [],
    "grants": [],
    "announcements": [],
    "jobs": [],
    "causes": [],
}


def day(number):
    return FIRST + timedelta(days=number)


def person(at, event, function="sales", is_leader=True):
    return {
        "account_id": "A",
        "at": day(at).isoformat(),
        "event": event,
        "function": function,
        "is_leader": is_leader,
    }


def leaders(*rows):
    told = {**NOTHING, "people": list(rows)}
    return list(true_events(told, {"sales": 1.0, "general": 0.5}))


def test_an_event_halves_and_never_counts_before_it_showed():
    one = [Event("A", "relocation", day(10), 1.0)]
    assert intensity("relocation", one, day(9), 56) == 0.0
    assert intensity("relocation", one, day(10), 56) == 1.0
    assert intensity("relocation", one, day(66), 56) == pytest.approx(0.5)


def test_later_events_change_no_earlier_day():
    few = [Event("A", "theme_job_opened", day(n), 1.0) for n in (1, 5, 9)]
    more = [*few, Event("A", "theme_job_opened", day(30), 1.0)]
    assert intensity("theme_job_opened", few, day(29), 56) == intensity(
        "theme_job_opened", more, day(29), 56
    )


def test_many_are_capped_and_ads_grow_as_the_square_root():
    many = [Event("A", "", day(1), 1.0)] * 9
    assert intensity("relocation", many, day(1), 56) == 2.0
    assert intensity("theme_job_opened", many, day(1), 56) == pytest.approx(6**0.5)
    assert intensity("ceo_change", many, day(1), 56) == 1.0


def test_a_departure_counts_until_its_successor_shows():
    found = leaders(person(10, "departed"), person(40, "appointed"))
    assert [(one.signal_type, one.day, one.until) for one in found] == [
        ("functional_leader_departed", day(10), day(40)),
        ("functional_leader_replaced", day(40), None),
    ]


def test_a_successor_after_half_a_year_is_an_appointment_of_its_own():
    found = leaders(person(10, "departed"), person(200, "appointed"))
    assert {(one.signal_type, one.until) for one in found} == {
        ("functional_leader_departed", None),
        ("functional_leader_appointed", None),
    }


def test_functions_and_ranks_count_as_the_offer_matches_them():
    strong = leaders(person(10, "appointed"))[0].strength
    manager = leaders(person(10, "appointed", is_leader=False))[0].strength
    other = leaders(person(10, "appointed", function="hr"))[0].strength
    assert manager == pytest.approx(0.4 * strong)
    assert other == pytest.approx(0.15 * strong)


def test_who_begins_reading_on_the_first_day_has_no_page_event_of_it():
    page = Event("A", "relocation", day(-3), 1.0)
    notice = Event("A", "tender_open", day(-200), 1.0)
    late = Event("A", "relocation", day(90), 1.0)
    assert list(since([page, notice, late], FIRST, day(50))) == [
        replace(notice, day=day(-30))
    ]


def features(values):
    return pl.DataFrame(
        [(a, day(d), k, x) for a, d, k, x in values],
        schema=["account_id", "as_of", "signal_type", "x"],
        orient="row",
    )


def test_agreement_is_of_observed_rows_only():
    read = features(
        [
            ("A", 14, "relocation", 1.0),
            ("B", 14, "relocation", 0.0),
            ("C", 14, "relocation", None),
        ]
    )
    events = [Event("A", "relocation", day(14), 1.0)]
    events.append(Event("C", "relocation", day(14), 1.0))
    rows = with_truth(read, events, {"relocation": 56.0})
    found = {row["signal_type"]: row for row in agreement(rows, events)}["relocation"]
    assert found["n_true"] == 2
    assert found["observed"] == pytest.approx(2 / 3)
    assert found["correlation"] == pytest.approx(1.0)
    assert found["zeros_agree"] == 1.0


def test_rows_of_an_open_tender_or_an_open_window_are_not_judged():
    read = features([(a, d, "relocation", 0.0) for a in "AB" for d in (0, 91, 98, 140)])
    rows = with_truth(read, [], {"relocation": 56.0})
    labels = [
        {
            "account_id": "A",
            "at": day(95).isoformat(),
            "decided": day(150).isoformat(),
            "is_first": True,
        }
    ]
    found = judged_rows(rows, labels, day(200))
    assert list(zip(found.account, found.day, found.y, strict=True)) == [
        ("A", day(91), 1.0),
        ("B", day(91), 0.0),
        ("B", day(98), 0.0),
    ]
    assert found.n_events == 1
    assert found.came.tolist() == [day(95).toordinal(), 0, 0]
    assert found.may_be_first.tolist() == [1.0, 1.0, 1.0]


def test_who_bought_within_the_year_has_a_part_of_the_window_left():
    read = features([("A", d, "relocation", 0.0) for d in (0, 100, 320)])
    rows = with_truth(read, [], {"relocation": 56.0})
    bought = {"account_id": "A", "at": day(0).isoformat(), "is_first": True}
    found = judged_rows(rows, [{**bought, "decided": day(9).isoformat()}], day(500))
    assert found.day == [day(100), day(320)]
    assert found.may_be_first.tolist() == pytest.approx([0.0, 46 / 91])


def test_expected_auc_is_the_mean_of_aucs_of_drawn_outcomes():
    generator = np.random.default_rng(5)
    truth = generator.uniform(0.01, 0.6, 400)
    score = np.round(truth + generator.normal(0, 0.2, 400), 1)
    aucs = [c.auc((generator.random(400) < truth) * 1.0, score) for _ in range(400)]
    assert expected_auc(truth, score) == pytest.approx(np.mean(aucs), abs=0.005)


def drawn(share_read):
    """Accounts of which a signal makes an outcome likely, and a reader of a share."""
    generator = np.random.default_rng(3)
    n = 2_000
    true = (generator.random((n, 1)) < 0.3).astype(float)
    y = (generator.random(n) < np.where(true[:, 0] > 0, 0.4, 0.02)).astype(float)
    read = true * (generator.random((n, 1)) < share_read)
    accounts = [f"A{k}" for k in range(n)]
    came = np.where(y > 0, day(60).toordinal(), 0)
    return Judged(
        account=accounts,
        day=[FIRST] * n,
        names=("relocation",),
        read=read,
        true=true,
        y=y,
        n_events=int(y.sum()),
        came=came,
        may_be_first=np.ones(n),
    )


def test_a_reader_who_reads_all_loses_nothing():
    for model in losses(drawn(1.0), {"relocation": 1.0})["models"].values():
        assert model["lost_auc"] == 0.0
        assert model["lost_auc_interval"] == (0.0, 0.0)


def test_a_reader_who_reads_half_loses_and_the_interval_says_so():
    found = losses(drawn(0.5), {"relocation": 1.0})["models"]
    assert set(found) == {"day one", "champion, by account"}
    for model in found.values():
        low, high = model["lost_auc_interval"]
        assert 0.05 < low < model["lost_auc"] < high


def test_models_are_told_as_shares_of_who_knows_more():
    rows = drawn(0.5)
    knows = 0.02 + 0.38 * rows.true[:, 0]
    models = as_scored(rows, {"relocation": 1.0})
    assert set(models) == {"points (+10)", "day one", "champion, by account"}
    found = against_filter(rows, models, knows)
    best = found["filter oracle"]
    for name in models:
        one = found[name]
        share = (one["AUC"] - 0.5) / (best["AUC"] - 0.5)
        assert one["share of AUC - .5"] == pytest.approx(share)
        assert 0.3 < share < 0.9
        assert 0 <= one["caught28"] <= best["caught28"] + 0.05
    assert "ECE above floor" not in found["points (+10)"]
