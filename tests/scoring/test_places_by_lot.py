"""What came of places by rank and by lot, told apart and together."""

from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from benchmarks.selection import listed_market
from orchestration.contracts.frames import schema
from orchestration.contracts.odcs import contract
from orchestration.scoring.labels import Labels
from orchestration.scoring.learning import HORIZON, PUBLICATION_LAG, STEP
from orchestration.scoring.places import closed_places, places_record, wilson

MONDAY = date.fromordinal(1 + STEP * 26_000)
TODAY = MONDAY + timedelta(days=HORIZON + PUBLICATION_LAG)
NAMES = ("account_id", "offer", "as_of", "week", "is_listed", "is_by_lot", "propensity")


def lists(*rows):
    made = [dict(zip(NAMES, row, strict=True)) | {"probability": 0.1} for row in rows]
    return pl.DataFrame(made)


def outcomes(*rows):
    wanted = schema(contract("outcomes"))
    made = [
        {
            "account_id": account,
            "offer": "o",
            "target": target,
            "occurred_at": datetime.combine(on, datetime.min.time()),
            "known_at": datetime.combine(on, datetime.min.time()),
        }
        for account, target, on in rows
    ]
    return pl.DataFrame({n: [r.get(n) for r in made] for n in wanted}, schema=wanted)


def place(account, day=MONDAY, by_lot=False, chance=1.0, is_listed=True):
    return (
        account,
        "o",
        day,
        day - timedelta(days=day.weekday()),
        is_listed,
        by_lot,
        chance,
    )


def test_a_place_is_an_account_and_four_weeks_and_counts_once_its_window_is_closed():
    told = lists(
        place("a"),
        # Listed on a later day of the same stretch: the same place.
        place("a", MONDAY + timedelta(days=8)),
        place("b", by_lot=True, chance=0.05),
        place("c", is_listed=False, chance=0.05),
        # Its window is open still.
        place("d", MONDAY + timedelta(days=STEP)),
    )
    came = outcomes(
        ("a", "crm", MONDAY + timedelta(days=20)),
        ("c", "crm", MONDAY + timedelta(days=20)),
        ("d", "crm", MONDAY + timedelta(days=40)),
    )
    found = closed_places(told, Labels(came), "o", "crm", TODAY)
    assert found.accounts == ("a", "b")
    assert found.by_lot.tolist() == [False, True]
    assert found.weight.tolist() == pytest.approx([1.0, 20.0])
    assert (found.outcome > 0).tolist() == [True, False]


def test_rank_and_lot_are_told_apart_with_n_and_interval():
    ranked = [place(f"r{i}") for i in range(40)]
    drawn = [place(f"l{i}", by_lot=True, chance=0.05) for i in range(10)]
    came = [(f"r{i}", "crm", MONDAY + timedelta(days=9)) for i in range(8)]
    came += [("l0", "crm", MONDAY + timedelta(days=9))]
    made = places_record(lists(*ranked, *drawn), outcomes(*came), ["o"], TODAY)
    rows = {(r["slice"], r["measure"]): r for r in made.iter_rows(named=True)}
    assert {r["target"] for r in rows.values()} == {"crm"}
    by_rank = rows["listed by rank", "hit_rate"]
    by_lot = rows["listed by lot", "hit_rate"]
    assert (by_rank["value"], by_rank["n_rows"], by_rank["n_outcomes"]) == (0.2, 40, 8)
    assert (by_lot["value"], by_lot["n_rows"], by_lot["n_outcomes"]) == (0.1, 10, 1)
    assert by_lot["upper"] - by_lot["lower"] > by_rank["upper"] - by_rank["lower"]
    assert "Of 10 places drawn by lot 10.0% had an outcome" in by_lot["note"]
    # 8 of weight 1 and one of weight 20, of 40 of weight 1 and 10 of weight 20.
    assert rows["listed, weighed", "hit_rate"]["value"] == pytest.approx(28 / 240)
    told = rows["listed, weighed", "observed_over_expected"]
    assert told["value"] == pytest.approx(28 / 240 / 0.1)
    assert told["lower"] < told["value"] < told["upper"]


def test_where_nothing_can_be_known_yet_it_says_so():
    came = outcomes(("a", "crm", MONDAY))
    made = places_record(lists(place("a", TODAY)), came, ["o"], TODAY)
    assert made["value"].null_count() == made.height == 2
    assert set(made["note"]) == {
        "No place given by rank has had its 91 days yet.",
        "No place drawn by lot has had its 91 days yet.",
    }
    assert places_record(lists(place("a")), outcomes(), ["o"], TODAY).is_empty()
    assert places_record(lists(place("a")), came, ["o"], None).is_empty()


def test_an_interval_of_a_share_holds_it_nine_times_in_ten():
    draw = np.random.default_rng(1)
    for n, share in ((20, 0.05), (50, 0.2), (200, 0.03)):
        seen = draw.binomial(n, share, size=2_000) / n
        held = [low <= share <= high for low, high in (wilson(s, n) for s in seen)]
        assert np.mean(held) > 0.85


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_weighed_places_speak_for_all_who_could_be_listed(seed):
    """On a made-up market, where what came of everybody is known."""
    made = listed_market(seed, 1_000, 180)
    labels = outcomes(
        *(
            (account, "crm", date.fromordinal(int(day) + 1))
            for account, day, y in zip(
                made.accounts, made.rows.day, made.rows.y, strict=True
            )
            if y
        )
    )
    # Landmarks as accounts of their own, so that each has the outcome of its row.
    today = made.lists["as_of"].max() + timedelta(days=HORIZON + PUBLICATION_LAG)
    own = [f"{a} {d}" for a, d in zip(made.accounts, made.rows.day, strict=True)]
    said = labels.with_columns(
        account_id=pl.Series([o for o, y in zip(own, made.rows.y, strict=True) if y])
    )
    everybody = made.rows.y.mean()
    told = places_record(
        made.lists.with_columns(account_id=pl.Series(own), probability=everybody),
        said,
        ["o"],
        today,
    )
    rate = {
        r["slice"]: r for r in told.iter_rows(named=True) if r["measure"] == "hit_rate"
    }
    ratio = told.filter(pl.col("measure") == "observed_over_expected").row(
        0, named=True
    )
    assert rate["listed by rank"]["value"] > 2 * everybody
    assert rate["listed by lot"]["upper"] < rate["listed by rank"]["lower"]
    weighed = rate["listed, weighed"]["value"]
    assert abs(weighed - everybody) < 0.4 * everybody
    assert ratio["lower"] < 1.0 < ratio["upper"]
