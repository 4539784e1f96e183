"""A parent's signals reach its subsidiary, once, by a stated factor."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tests.warehouse.home_of_rows import Home, dbt_build, end_of, table, weeks

DAYS = weeks(date(2026, 1, 5), 12)
MOTHER, DAUGHTER, TWIN, STRANGER = "mor", "datter", "tvilling", "fremmed"
TURN = 5


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The parent's chief executive changes; in one subsidiary the same month too."""
    home = Home()
    home.account(MOTHER, org_number="810000001")
    home.account(DAUGHTER, org_number="810000002", parent_account_id=MOTHER)
    home.account(TWIN, org_number="810000003", parent_account_id=MOTHER)
    home.account(STRANGER, org_number="810000004")
    for n, day in enumerate(DAYS):
        for account in (MOTHER, DAUGHTER, TWIN, STRANGER):
            changes = n >= TURN and account in (MOTHER, TWIN)
            chief = f"Siri Haug{account}" if changes else f"Kari Nord{account}"
            home.people(
                account,
                end_of(day),
                [
                    (chief, "Daglig leder"),
                    ("Ola Vik", "Økonomisjef"),
                    ("Nils Lie", "IT-sjef"),
                ],
            )
    path = home.write(tmp_path_factory.mktemp("systems"))
    dbt_build(path, "--exclude-resource-type", "unit_test")
    return path


def last_day(built: Path, account: str) -> pl.DataFrame:
    events = table(built, "feature_events").filter(signal_type="ceo_change")
    return events.filter(pl.col("as_of") == DAYS[-1], account_id=account)


def test_a_parents_change_reaches_the_subsidiary_by_its_factor(built: Path) -> None:
    own = last_day(built, MOTHER)
    reached = last_day(built, DAUGHTER)
    assert set(own["via_account_id"]) == {None}
    assert set(reached["via_account_id"]) == {MOTHER}
    assert set(reached["signal_id"]) <= set(own["signal_id"])
    assert reached["intensity"].max() == pytest.approx(0.3 * own["intensity"].max())


def test_an_own_change_of_the_same_days_wins(built: Path) -> None:
    assert set(last_day(built, TWIN)["via_account_id"]) == {None}
    # Neither does the subsidiary's come up on top of the parent's own.
    assert set(last_day(built, MOTHER)["via_account_id"]) == {None}


def test_nothing_reaches_a_stranger_or_a_day_before(built: Path) -> None:
    assert last_day(built, STRANGER).height == 0
    events = table(built, "feature_events").filter(signal_type="ceo_change")
    assert events["as_of"].min() >= DAYS[TURN]


def test_the_subsidiarys_feature_names_the_parents_signal(built: Path) -> None:
    features = table(built, "account_features").filter(
        pl.col("as_of") == DAYS[-1], account_id=DAUGHTER, signal_type="ceo_change"
    )
    (row,) = features.iter_rows(named=True)
    assert 0 < row["x_raw"] < 0.31
    assert row["signal_ids"]
    assert set(row["signal_ids"]) <= set(last_day(built, MOTHER)["signal_id"])


def test_the_edges_are_told(built: Path) -> None:
    edges = table(built, "account_edges")
    assert set(edges.select("parent_account_id", "child_account_id").rows()) == {
        (MOTHER, DAUGHTER),
        (MOTHER, TWIN),
    }
    assert edges["valid_to"].null_count() == 2
