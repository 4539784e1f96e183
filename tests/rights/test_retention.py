"""What was kept for too long goes, what is still shown stays; the clock is moved."""

from datetime import timedelta
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from orchestration.contracts.odcs import contract
from orchestration.rights.retention import kept_days, purge
from scrapers.landing import landed_days, read_payload, read_visits
from tests.rights import made_up_home
from tests.rights.byte_search import found
from tests.rights.made_up_home import DAYS

YEARS = 1825


def observed(home: Path, kind: str) -> pl.DataFrame:
    files = sorted(
        (home / "observed" / kind).glob("source=company_pages/day=*.parquet")
    )
    return pl.read_parquet(files)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = made_up_home.make(tmp_path)
    # Three years on the contact page is as it was; the list of leaders is another.
    late = DAYS[0] + timedelta(1200)
    made_up_home.land(
        home,
        late,
        made_up_home.page("/ledelsen", made_up_home.leadership("Siri Aune")),
        made_up_home.page("/kontakt", b"<p>Sentralbord</p>" * 20, "contact"),
    )
    made_up_home.parse(home)
    return home


def test_a_kind_may_be_kept_for_less_than_its_source() -> None:
    assert contract("observed/people").retention_days == 1095
    assert kept_days("company_pages", "people") == 1095
    assert kept_days("company_pages", "pages") == YEARS


def test_nothing_goes_before_its_day(home: Path) -> None:
    before = {f: f.read_bytes() for f in home.rglob("*.parquet")}
    assert purge(home, DAYS[0] + timedelta(1095)).n_rows == 0
    assert {f: f.read_bytes() for f in home.rglob("*.parquet")} == before


def test_people_go_first_and_those_still_listed_stay(home: Path) -> None:
    purged = purge(home, DAYS[2] + timedelta(1096))
    assert purged.rows["observed/people", "company_pages"] > 0
    assert ("landing/visits", "company_pages") not in purged.rows
    left = observed(home, "people")
    assert set(left["name"]) >= {"Siri Aune", "Marte Solheim"}
    assert "Kåre Ødegård Brattvik" not in set(left["name"])
    assert observed(home, "pages").height > 0


def test_bytes_that_a_page_still_shows_outlive_the_rest(home: Path) -> None:
    today = DAYS[2] + timedelta(YEARS + 1)
    purged = purge(home, today)
    assert purged.rows["landing/visits", "company_pages"] == 7
    assert purged.n_files == 2
    visits = read_visits(home, "company_pages")
    assert visits.height == 3
    for visit in visits.iter_rows(named=True):
        assert read_payload(home, "company_pages", visit)
    assert landed_days(home, "company_pages")[0] == DAYS[0]
    assert found(home / "landing" / "company_pages", "Brattvik") == []
    report = (home / "retention" / f"{today}.json").read_text()
    assert '"landing/visits"' in report
    assert purge(home, today).n_rows == 0
    assert not (home / "warehouse.duckdb").exists()


def test_the_job_is_scheduled() -> None:
    from orchestration.definitions import defs

    graph = defs()
    assert graph.resolve_job_def("keep_within_retention")
    schedule = graph.resolve_schedule_def("every_sunday")
    assert isinstance(schedule, dg.ScheduleDefinition)
    assert schedule.cron_schedule == "0 3 * * 0"
    observe = graph.resolve_job_def("observe")
    assert dg.AssetKey("retention") not in observe.asset_layer.executable_asset_keys
