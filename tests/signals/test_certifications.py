"""A certification that the press tells and the site shows is one event, told twice."""

from pathlib import Path

import polars as pl
import pytest

from tests.signals.worked_examples import Example, home_of
from tests.warehouse.home_of_rows import dbt_build, table

_PAGE = (
    "<html lang=nb><body><main><h1>Om oss</h1><p>Vi er et driftsselskap med kunder i "
    "hele landet.</p><p>Vi er sertifisert etter {}.</p></main></body></html>"
)
BEFORE, AFTER = _PAGE.format("ISO 9001"), _PAGE.format("ISO 9001 og ISO 27001")
FAIR = {"title": "Vi er på messe i Oslo", "on": "2024-01-02"}


def _story(number: int, name: str, told: str, week: int) -> Example:
    """The page names ISO 27001 from week 9; a text is read first in ``week``."""
    news = {"title": told, "on": f"2024-0{1 + week // 5}-26"}
    observed = [
        {"weeks": "1-8", "html": BEFORE},
        {"weeks": "9-16", "html": AFTER},
        {"weeks": f"1-{week - 1}", "press": [FAIR]},
        {"weeks": f"{week}-16", "press": [news, FAIR]},
    ]
    account = {"name": f"{name.title()} AS"}
    return Example("certification", number, name, True, None, account, observed)


STORIES = {
    "pressen først": _story(1, "pressen", "Vi er nå ISO 27001-sertifisert", 6),
    "siden først": _story(2, "siden", "No er vi sertifiserte etter ISO 27001", 14),
    "to sertifikater": _story(3, "to", "Vi er nå ISO 14001-sertifisert", 6),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    home: Path = home_of(list(STORIES.values())).write(tmp_path_factory.mktemp("held"))
    dbt_build(home, "--select", "+signals", "--exclude-resource-type", "unit_test")
    return table(home, "signals").filter(signal_type="certification_gained_or_lost")


def _standing(told: pl.DataFrame, story: str) -> pl.DataFrame:
    return told.filter(
        pl.col("superseded_at").is_null(), account_id=STORIES[story].account_id
    )


@pytest.mark.parametrize("story", ["pressen først", "siden først"])
def test_two_pieces_of_evidence_are_one_contribution(
    told: pl.DataFrame, story: str
) -> None:
    stands = _standing(told, story)
    assert stands["strength"].to_list() == [1.0]
    assert stands["evidence_class"].to_list() == ["statement"]


@pytest.mark.parametrize("story", ["pressen først", "siden først"])
def test_the_first_telling_gives_way(told: pl.DataFrame, story: str) -> None:
    rows = told.filter(account_id=STORIES[story].account_id).sort("known_at")
    first, both = rows.to_dicts()
    assert first["superseded_at"] == both["known_at"]
    assert first["status"] == "expired"
    assert first["strength"] == (0.7 if story == "pressen først" else 0.8)


def test_another_certification_is_another_event(told: pl.DataFrame) -> None:
    assert _standing(told, "to sertifikater").height == 2
