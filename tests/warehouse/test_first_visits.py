"""A first visit that shows a list in part makes nobody new; who comes later is."""

from pathlib import Path

import polars as pl
import pytest

from tests.warehouse.conftest import HISTORY, NO_UNIT_TESTS
from tests.warehouse.home_of_rows import Home, dbt_build, end_of, table, weeks
from tests.warehouse.made_up_market import FIRST_DAY

STAFF = [("Ada Ask", "Daglig leder"), ("Bo Berg", "Salgssjef"), ("Cai Dal", "CTO")]
NEWCOMER = ("Dag Eng", "HR-sjef")
ADS = [f"Montør {place}" for place in ("Oslo", "Bergen", "Bodø", "Moss", "Hamar")]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One site whose first visit is cut short, one that shows all of its lists."""
    home = Home()
    for account, n_first in (("delvis", 1), ("hel", 5)):
        home.account(account)
        for week, day in enumerate(weeks(FIRST_DAY, 8)):
            shown = n_first if week == 0 else 5
            people = STAFF[:shown] + [NEWCOMER] * (week >= 3)
            ads = ADS[:shown] + ["Kokk"] * (week >= 1) + ["Sjåfør"] * (week >= 3)
            home.people(account, end_of(day), people)
            home.visit(
                account, f"https://{account}.example/jobb/", end_of(day),
                {"job_ads": [_ad(title) for title in ads]}, scope="careers",
            )  # fmt: skip
    folder = home.write(tmp_path_factory.mktemp("first_visits"))
    dbt_build(folder, *HISTORY, *NO_UNIT_TESTS)
    return folder


def _ad(title: str) -> dict:
    return {
        "ad_id": title, "ad_status": "active", "title": title, "place": None,
        "terms": [], "is_listing": True,
    }  # fmt: skip


def _new(history: Path, model: str, event: str, what: str) -> dict[str, list[str]]:
    rows = table(history, model).filter(~pl.col("is_left_censored"), event=event)
    return {
        account: sorted(rows.filter(account_id=account)[what])
        for account in ("delvis", "hel")
    }


def test_only_who_came_after_two_good_visits_is_appointed(history: Path) -> None:
    new = _new(history, "hist_people_events", "appeared", "name")
    assert new == {"delvis": ["Dag Eng"], "hel": ["Dag Eng"]}


def test_a_list_of_ads_cut_short_at_first_opens_nothing(history: Path) -> None:
    """An ad of the second week is new where the first list was whole."""
    new = _new(history, "hist_job_ad_events", "opened", "title")
    assert new == {"delvis": ["Sjåfør"], "hel": ["Kokk", "Sjåfør"]}
