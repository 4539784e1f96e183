"""Every published row about a person says where from, since when and on what ground."""

from datetime import date, datetime

import polars as pl
import pytest

from orchestration.contracts.frames import empty_frame
from orchestration.contracts.odcs import contract
from orchestration.publish.grounds import COLUMNS, TABLES, with_grounds
from orchestration.publish.published import PUBLISHED

KARI, OLA = "Kari Nordmann", "Ola Øvre"
DAY = date(2026, 3, 2)
KNOWN = datetime(2026, 3, 9, 4)
# Made up.
HELD = pl.DataFrame(
    [
        ("a1", KARI, "company_pages", date(2026, 1, 31)),
        ("a1", KARI, "brreg_registry", date(2026, 2, 7)),
        ("a2", "ola øvre", "press_feeds", DAY),
    ],
    schema={
        "account_id": pl.String,
        "name": pl.String,
        "source": pl.String,
        "seen_on": pl.Date,
    },
    orient="row",
)


def rows(name: str, *given: dict) -> pl.DataFrame:
    empty = empty_frame(contract(PUBLISHED[name]).in_warehouse)
    return pl.DataFrame(list(given), schema=empty.schema) if given else empty


@pytest.fixture
def tables() -> dict[str, pl.DataFrame]:
    signal = {"known_at": KNOWN, "source": "company_pages"}
    made = {
        "signals": (
            signal | {"signal_id": "s1", "account_id": "a1", "person_name": KARI},
            signal | {"signal_id": "s2", "account_id": "a1"},
            signal | {"signal_id": "s3", "account_id": "a3", "person_name": "Ny Her"},
            signal | {"signal_id": "s4", "account_id": "a2", "person_name": OLA},
        ),
        "account_scores": (
            {"account_id": "a1", "as_of": DAY, "talk_to_name": KARI.upper()},
            {"account_id": "a3", "as_of": DAY, "talk_to_name": OLA},
            {"account_id": "a4", "as_of": DAY},
        ),
        "talk_to_now": ({"account_id": "a1", "as_of": DAY, "talk_to_name": KARI},),
        "crm_account_updates": (
            {"account_id": "a1", "updated_at": KNOWN, "talk_to_name": KARI},
        ),
        "crm_tasks": ({"account_id": "a1", "opened_on": DAY, "talk_to_name": KARI},),
        "score_reasons": (
            {"account_id": "a1", "signal_ids": ["s2", "s4", "s1"]},
            {"account_id": "a1", "signal_ids": ["s2"]},
            {"account_id": "a1", "signal_ids": []},
        ),
        "account_timeline": (
            {"account_id": "a1", "signal_id": "s1"},
            {"account_id": "a1", "signal_id": "s2"},
        ),
        "registry_history": (
            {"account_id": "a1", "field": "STYR/LEDE/1", "value": "KARI NORDMANN"},
            {"account_id": "a1", "field": "REVI/REVI/2", "value": "Revisor AS"},
        ),
        "announcement_history": (
            {
                "account_id": "a2",
                "source": "press_feeds",
                "announcement_id": "n1",
                "known_at": KNOWN,
            },
            {
                "account_id": "a2",
                "source": "press_feeds",
                "announcement_id": "n2",
                "known_at": KNOWN,
            },
        ),
    }
    return {name: rows(name, *made.get(name, ())) for name in PUBLISHED}


def announced(*names: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "account_id": ["a2"] * len(names),
            "source": ["press_feeds"] * len(names),
            "announcement_id": ["n1"] * len(names),
            "name": list(names),
        },
        schema=dict.fromkeys(
            ("account_id", "source", "announcement_id", "name"), pl.String
        ),
    )


def said(frame: pl.DataFrame) -> list[tuple]:
    return frame.select("person_source", "person_seen_on", "notice_due_on").rows()


KARIS = ("company_pages", date(2026, 1, 31), date(2026, 2, 28))
OLAS = ("press_feeds", DAY, date(2026, 4, 2))
NOBODY = (None, None, None)


def test_a_row_about_a_person_says_so(tables):
    given = with_grounds(tables, HELD, announced(OLA, "Den Andre"))
    here = ("company_pages", KNOWN.date(), date(2026, 4, 9))
    assert said(given["signals"]) == [KARIS, NOBODY, here, OLAS]
    # Who leads the parent company is told of at its daughter too.
    assert said(given["account_scores"]) == [KARIS, OLAS, NOBODY]
    for name in ("talk_to_now", "crm_account_updates", "crm_tasks"):
        assert said(given[name]) == [KARIS]
    # A holder of a role who is a person, and one who is a company.
    assert said(given["registry_history"]) == [KARIS, NOBODY]
    # Of several people the one who is to be told first.
    assert said(given["score_reasons"]) == [KARIS, NOBODY, NOBODY]
    assert said(given["account_timeline"]) == [KARIS, NOBODY]
    assert said(given["announcement_history"]) == [OLAS, NOBODY]
    for name in TABLES:
        frame = given[name]
        assert tuple(frame.columns) == contract(PUBLISHED[name]).column_names
        assert frame["legal_basis"].is_null().equals(frame["person_source"].is_null())
    assert given["coverage"] is tables["coverage"]


def test_nobody_held_and_no_rows_are_no_fault(tables):
    empty = {name: frame.clear() for name, frame in tables.items()}
    given = with_grounds(empty, HELD.clear(), announced())
    for name in TABLES:
        assert given[name].is_empty()
        assert {c: given[name].schema[c] for c in COLUMNS} == dict(COLUMNS)


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_every_published_table_that_names_people_has_the_columns(name):
    promise = contract(PUBLISHED[name])
    if promise.personal:
        assert {"legal_basis", "notice_due_on"} <= set(promise.column_names)
        assert {"source", "person_source"} & set(promise.column_names)
    added = {c.name for c in promise.columns if c.is_added}
    assert added == (set(COLUMNS) if name in TABLES else set())
