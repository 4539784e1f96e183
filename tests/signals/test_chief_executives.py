"""A chief executive who leaves and one who comes are one change."""

from datetime import datetime

import polars as pl
import pytest

from tests.signals.market_of_rows import (
    FIRST,
    Home,
    dbt_build,
    end_of,
    table,
    weeks,
)

SELECT = ("--exclude-resource-type", "unit_test", "--select", "+signals")
DAYS = weeks(FIRST, 20)
CUT = end_of(DAYS[9])
OTHERS = [("Ola Vik", "Økonomisjef"), ("Nils Lie", "Driftssjef")]
OLD, NEW = ("Kari Nord", "Daglig leder"), ("Siri Haug", "Daglig leder")
# By account: the week in which the old one is gone, and the new one is there.
CHANGES = {"tom-stol": (5, 12), "samtidig": (5, 5), "presse": (5, 99)}


def _press(home: Home, at: datetime, titles: list[str]) -> None:
    home.visit(
        "presse", "https://presse.example/feed", at,
        {"announcements": [_item(title, at) for title in titles]},
        source="press_feeds", scope="feed",
    )  # fmt: skip


def _item(title: str, at: datetime) -> dict:
    said = {
        "claim": "appointed", "subject": None, "person": NEW[0], "title": NEW[1],
        "object": None, "quote": title,
    }  # fmt: skip
    return {
        "announcement_id": title, "category": "press", "title": title, "terms": [],
        "published_at": at, "party_role": "publisher", "is_detail": False,
        "event_claims": [], "claimed_parties": [],
        "statements": [said] if NEW[0] in title else [],
    }  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    """Changes of chief executive: of the whole history, and of a part of it."""
    home = Home()
    for account, (gone, came) in CHANGES.items():
        home.account(account, segment=account)
        for week, day in enumerate(DAYS):
            chief = [OLD] * (week < gone) + [NEW] * (week >= came)
            home.people(account, end_of(day), chief + OTHERS)
            if account == "presse":
                news = ["Siri Haug blir daglig leder"] * (week >= 12)
                _press(home, end_of(day), [*news, "Vi er på messe"])
    root = tmp_path_factory.mktemp("chiefs")
    home.write(root / "whole")
    home.write(root / "cut", until=CUT)
    found = {}
    for name in ("whole", "cut"):
        dbt_build(root / name, *SELECT)
        found[name] = table(root / name, "signals").filter(signal_type="ceo_change")
    return found


@pytest.mark.parametrize("account", CHANGES)
def test_one_change_stands_and_names_who_came(
    told: dict[str, pl.DataFrame], account: str
) -> None:
    stands = told["whole"].filter(pl.col("superseded_at").is_null(), account_id=account)
    assert stands["person_name"].to_list() == [NEW[0]]


@pytest.mark.parametrize("account", ["tom-stol", "presse"])
def test_the_departure_stands_until_somebody_came(
    told: dict[str, pl.DataFrame], account: str
) -> None:
    before = told["cut"].filter(account_id=account)
    assert before["person_name"].to_list() == [OLD[0]]
    assert before["superseded_at"].to_list() == [None]
    after = told["whole"].filter(account_id=account)
    left = after.filter(person_name=OLD[0])
    came = after.filter(person_name=NEW[0])
    assert left["signal_id"].to_list() == before["signal_id"].to_list()
    assert left["superseded_at"].to_list() == came["known_at"].to_list()
    assert left["status"].to_list() == ["expired"]


def test_who_came_first_is_not_told_again_when_the_departure_is_proved(
    told: dict[str, pl.DataFrame],
) -> None:
    assert told["whole"].filter(account_id="samtidig").height == 1


def test_the_newcomer_quotes_the_predecessor(told: dict[str, pl.DataFrame]) -> None:
    came = told["whole"].filter(account_id="tom-stol", person_name=NEW[0])
    assert came["quote_before"].to_list() == ["Kari Nord, Daglig leder"]
