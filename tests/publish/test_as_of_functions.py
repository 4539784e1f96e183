"""A published table is read as it was known at the end of a day."""

import re
from datetime import date, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from orchestration.contracts.as_of import as_of_query, function_name
from orchestration.contracts.frames import empty_frame, schema
from orchestration.contracts.odcs import contract
from orchestration.publish.published import DATABASE, PUBLISHED, publish
from tests.scoring import made_up

DOCS = Path(__file__).resolve().parents[2] / "docs"
QUERIES = [
    query
    for block in re.findall(r"```sql\n(.*?)```", (DOCS / "bi.md").read_text(), re.S)
    for query in block.split(";")
    if query.strip()
]


@pytest.fixture(scope="module")
def version(tmp_path_factory) -> Path:
    return publish(made_up.published_tables(), tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def connection(version):
    with duckdb.connect(str(version / DATABASE), read_only=True) as connected:
        yield connected


def test_every_query_of_the_docs_runs(connection):
    assert len(QUERIES) >= 5
    for query in QUERIES:
        connection.execute(query).fetchall()


def test_every_table_that_says_how_has_its_function(connection):
    told = [p for p in map(contract, PUBLISHED.values()) if p.as_of]
    assert len(told) >= 17
    for promise in told:
        columns = connection.execute(
            f"describe from {function_name(promise)}(date '2025-12-31')"
        ).fetchall()
        promised = [(c.name, c.physical_type.upper()) for c in promise.columns]
        assert [(name, kind) for name, kind, *_ in columns] == promised


def test_every_history_says_how_it_is_read_as_of_a_day():
    for name, path in PUBLISHED.items():
        columns = contract(path).column_names
        if "known_at" in columns or name.endswith("_history"):
            assert contract(path).as_of, name


def test_signals_as_of_a_day_are_those_known_by_its_end(connection):
    day = date(2025, 12, 1)
    got = connection.execute("select signal_id from signals_as_of(?)", [day]).fetchall()
    known = made_up.signals().filter(pl.col("known_at").dt.date() <= day)
    assert 0 < known.height < made_up.signals().height
    assert {r[0] for r in got} == set(known["signal_id"])


def people(*spells: dict) -> pl.DataFrame:
    base = {
        "account_id": "a",
        "name": "Made Up",
        "function": "sales",
        "seniority": 3,
        "source": "company_pages",
        "url": "https://a.example/om",
        "is_left_censored": False,
    }
    wanted = schema(contract("bi/people_history"))
    rows = [dict.fromkeys(wanted) | base | spell for spell in spells]
    return pl.DataFrame(rows, schema=wanted)


def spell(key: str, known: datetime, gone_known: datetime | None) -> dict:
    return {
        "person_key": key,
        "appeared_hi": known,
        "known_at": known,
        "gone_lo": gone_known and datetime(2025, 3, 1),
        "gone_hi": gone_known and datetime(2025, 3, 8),
        "gone_known_at": gone_known,
    }


def test_an_end_that_was_not_known_is_empty_and_a_later_row_is_left_out():
    promise = contract("bi/people_history")
    frame = people(
        spell("stays", datetime(2025, 1, 1), None),
        spell("known gone", datetime(2025, 1, 1), datetime(2025, 3, 31, 23, 59)),
        spell("gone later", datetime(2025, 1, 1), datetime(2025, 4, 1)),
        spell("comes later", datetime(2025, 4, 1), None),
    )
    with duckdb.connect() as connected:
        connected.register("people_history", frame.to_arrow())
        query = as_of_query(promise, "people_history", "date '2025-03-31'")
        got = {
            row["person_key"]: row for row in connected.execute(query).pl().to_dicts()
        }
    assert set(got) == {"stays", "known gone", "gone later"}
    assert got["known gone"]["gone_hi"] == datetime(2025, 3, 8)
    assert got["gone later"]["gone_hi"] is None
    assert got["gone later"]["gone_known_at"] is None


def test_a_superseded_row_stands_until_it_was_superseded():
    promise = contract("signals")
    row = made_up.signals().head(1)
    known = row["known_at"][0]
    later = row.with_columns(superseded_at=pl.lit(known) + pl.duration(days=30))

    with duckdb.connect() as connected:
        connected.register("signals", later.to_arrow())
        counts = [
            connected.execute(
                as_of_query(promise, "signals", f"(date '{known:%Y-%m-%d}' + {days})")
            ).pl()
            for days in (-1, 0, 29, 30)
        ]
    assert [c.height for c in counts] == [0, 1, 1, 0]
    assert counts[1]["superseded_at"].to_list() == [None]


def test_scores_as_of_a_day_are_those_of_the_newest_day_until_then():
    promise = contract("scores/account_score_history")
    made = made_up.published_tables()["account_score_history"]
    with duckdb.connect() as connected:
        connected.register("h", made.to_arrow())
        for day, rows in (("2025-12-28", 0), ("2025-12-29", 48), ("2026-02-01", 48)):
            query = as_of_query(promise, "h", f"date '{day}'")
            assert connected.execute(query).pl().height == rows


def test_no_empty_frame_breaks_a_function():
    with duckdb.connect() as connected:
        for path in PUBLISHED.values():
            promise = contract(path)
            if promise.as_of is None:
                continue
            connected.register("t", empty_frame(promise).to_arrow())
            query = as_of_query(promise, "t", "date '2025-03-31'")
            assert connected.execute(query).pl().is_empty()
