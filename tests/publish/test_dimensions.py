"""Dimension tables: what is in them, that facts join to them, and what a day is."""

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
import pytest

from orchestration import warehouse
from orchestration.contracts import gate
from orchestration.contracts.expectations import validate
from orchestration.contracts.frames import empty_frame, schema
from orchestration.contracts.odcs import contract
from orchestration.defs.bi.assets import published
from orchestration.publish.dimensions import DIMENSIONS, days, dimensions
from orchestration.publish.published import DATABASE, FROM_WAREHOUSE, current, publish
from scrapers.source import source_names
from tests.scoring import made_up

# Who is held since when, and from where: nobody, in a warehouse of dimensions alone.
_TEXTS = ("account_id", "source", "name", "person_key", "title", "person_name")
_MORE = ("person_title", "announcement_id", "holder_name", "role_class", "holder_type")
_DAYS = ("day", "from_hi", "known_at")
NOBODY = dict.fromkeys(
    (
        "hist_people_sightings",
        "hist_role_slots",
        "hist_registry_roles",
        "hist_announcement_events",
    ),
    pl.DataFrame(
        schema=dict.fromkeys((*_TEXTS, *_MORE), pl.String)
        | dict.fromkeys(_DAYS, pl.Date)
    ),
)


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    return made_up.published_tables()


@pytest.mark.parametrize("name", DIMENSIONS)
def test_every_row_keeps_the_contract(tables, name):
    verdict = validate(contract(DIMENSIONS[name]), tables[name])
    assert tables[name].height > 0
    assert verdict.is_kept, verdict.sentence()


@pytest.mark.parametrize(
    ("fact", "key", "dimension"),
    [
        ("signals", "signal_type", "dim_signal_types"),
        ("signals", "account_id", "dim_accounts"),
        ("account_scores", "account_id", "dim_accounts"),
        ("coverage", "source", "dim_sources"),
    ],
)
def test_every_fact_finds_its_dimension_once(tables, tmp_path, fact, key, dimension):
    folder = publish(tables, tmp_path)
    with duckdb.connect(str(folder / DATABASE), read_only=True) as connection:
        n_joined = connection.execute(
            f"select count(*) from {fact} join {dimension} using ({key})"
        ).fetchone()
    assert tables[fact].height > 0
    assert n_joined == (tables[fact].height,)


def test_every_known_moment_falls_on_one_day_in_oslo(tables, tmp_path):
    # Half past eleven in the evening in UTC is the next day in Oslo all year.
    late = pl.col("known_at").dt.truncate("1d").dt.offset_by("23h30m")
    signals = tables["signals"].with_columns(late)
    folder = publish(tables | {"signals": signals}, tmp_path)
    with duckdb.connect(str(folder / DATABASE), read_only=True) as connection:
        found = connection.execute(
            "select s.known_at, d.day from signals s join dim_days d "
            "on s.known_at >= d.oslo_starts_at and s.known_at < d.oslo_ends_at"
        ).fetchall()
    assert len(found) == tables["signals"].height
    utc = ZoneInfo("UTC")
    for known_at, day in found:
        moment = known_at.replace(tzinfo=utc)
        assert moment.astimezone(ZoneInfo("Europe/Oslo")).date() == day


def test_a_catalogue_entry_is_told_in_both_languages_and_its_lists_are_lists(tables):
    row = tables["dim_signal_types"].row(
        by_predicate=pl.col("signal_type") == "functional_leader_appointed", named=True
    )
    assert row["label_nb"] == "ny leder på fagområde"
    assert row["label_en"] == "new functional leader"
    assert row["mechanism_en"] == "A new leader reviews tools and partners early."
    assert row["affects"] == ["need", "priority", "readiness"]
    assert row["sources"] == ["company_pages"]


def test_days_bear_iso_weeks_across_the_turn_of_a_year():
    row = days(date(2027, 1, 1), date(2027, 1, 1)).row(0, named=True)
    assert (row["year"], row["iso_year"], row["iso_week"]) == (2027, 2026, 53)
    assert row["iso_week_label"] == "2026-W53"
    assert row["week_starts_on"] == date(2026, 12, 28)
    assert (row["weekday"], row["is_weekend"]) == (5, False)


@pytest.mark.parametrize(
    ("day", "starts", "hours"),
    [
        (date(2025, 3, 29), datetime(2025, 3, 28, 23), 24),
        (date(2025, 3, 30), datetime(2025, 3, 29, 23), 23),
        (date(2025, 7, 1), datetime(2025, 6, 30, 22), 24),
        (date(2025, 10, 26), datetime(2025, 10, 25, 22), 25),
    ],
)
def test_a_day_in_oslo_has_the_hours_its_clock_gives_it(day, starts, hours):
    row = days(day, day).row(0, named=True)
    assert row["oslo_starts_at"] == starts
    assert row["oslo_ends_at"] - row["oslo_starts_at"] == timedelta(hours=hours)
    assert row["utc_ends_at"] - row["utc_starts_at"] == timedelta(days=1)


def test_days_leave_no_gap_and_no_overlap_in_two_centuries():
    whole = days(date(1900, 1, 1), date(2100, 12, 31))
    assert sum(whole.select(pl.all().null_count()).row(0)) == 0
    for zone in ("utc", "oslo"):
        ends, starts = whole[f"{zone}_ends_at"][:-1], whole[f"{zone}_starts_at"][1:]
        assert ends.equals(starts, check_names=False), zone


def test_the_calendar_holds_whole_years_around_the_tables_and_no_wrong_year():
    def calendar(on: date) -> tuple[date, date]:
        coverage = empty_frame(contract("bi/coverage"))
        facts = pl.DataFrame({"on": [date(2024, 5, 5), on]})
        made = dimensions(
            {"coverage": coverage, "facts": facts},
            signal_types=pl.read_csv(made_up.SIGNAL_TYPES),
            accounts=made_up.accounts(),
            sources=empty_frame(contract("sources")),
        )["dim_days"]["day"]
        return made[0], made[-1]

    assert calendar(date(2025, 2, 2)) == (date(2024, 1, 1), date(2025, 12, 31))
    assert calendar(date(9024, 2, 2)) == (date(2024, 1, 1), date(2100, 12, 31))
    assert calendar(date(24, 2, 2)) == (date(1900, 1, 1), date(2024, 12, 31))


def test_a_source_that_only_coverage_names_is_there_and_marked():
    coverage = pl.DataFrame({"source": ["company_pages", "closed_board"]})
    sources = pl.DataFrame(
        {
            "source": ["company_pages"],
            "kinds": [["pages"]],
            "needs": ["domains"],
            "countries": [[]],
            "label_nb": ["Selskapets eget nettsted"],
            "label_en": ["The company's own site"],
        },
        schema=schema(contract("sources")),
    )
    made = dimensions(
        {"coverage": coverage},
        signal_types=pl.read_csv(made_up.SIGNAL_TYPES),
        accounts=made_up.accounts(),
        sources=sources,
    )["dim_sources"]
    assert made.select("source", "is_read", "kinds", "needs", "label_en").rows() == [
        ("closed_board", False, [], None, "closed board"),
        ("company_pages", True, ["pages"], "domains", "The company's own site"),
    ]


def test_the_documented_question_of_iso_weeks_counts_every_signal(tables, tmp_path):
    page = Path(__file__).resolve().parents[2] / "docs" / "bi.md"
    blocks = page.read_text(encoding="utf-8").split("```sql\n")[1:]
    (asked,) = [b.split("```")[0] for b in blocks if "iso_week_label" in b]
    folder = publish(tables, tmp_path)
    with duckdb.connect(str(folder / DATABASE), read_only=True) as connection:
        counted = connection.execute(asked).fetchall()
    standing = tables["signals"].filter(pl.col("superseded_at").is_null()).height
    assert sum(n for _, _, n in counted) == standing > 0
    assert {week[:6] for week, _, _ in counted} <= {"2024-W", "2025-W"}


def test_who_looks_after_an_account_is_not_published(tables):
    assert not {"owner", "crm_ids"} & set(tables["dim_accounts"].columns)


def test_the_asset_publishes_the_dimensions_of_its_home(tables, tmp_path, monkeypatch):
    monkeypatch.setenv("LYTTEPOST_HOME", str(tmp_path))
    gate.prepare_home(tmp_path)
    gate.write_atomically(
        made_up.accounts(), tmp_path / "accounts" / "accounts.parquet"
    )
    warehouse.write_tables(
        tmp_path,
        {name: tables[name] for name in FROM_WAREHOUSE}
        | {"signal_types": pl.read_csv(made_up.SIGNAL_TYPES)}
        | NOBODY,
    )
    policy = tmp_path / "landing" / "_accounts" / "privacy.yml"
    policy.parent.mkdir(parents=True)
    policy.write_text("legitimate_interest_assessment: a\nnotice_record: b\n")
    published()
    folder = current(tmp_path).folder
    for name in ("dim_signal_types", "dim_accounts", "dim_days"):
        wanted = tables[name].sort(contract(DIMENSIONS[name]).primary_key)
        assert pl.read_parquet(folder / f"{name}.parquet").equals(wanted), name
    read = pl.read_parquet(folder / "dim_sources.parquet").filter("is_read")
    assert read["source"].to_list() == sorted(source_names())
