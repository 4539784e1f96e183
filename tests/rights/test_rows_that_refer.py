"""Rows of later days refer to a record of an earlier one; the rights reach both."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from orchestration.doctor import examine
from orchestration.rights import erase
from orchestration.rights.retention import purge
from scrapers import warc
from scrapers.landing import Landing, read_archived, read_payload, read_visits
from tests.rights import made_up_home
from tests.rights.byte_search import found
from tests.rights.made_up_home import DAYS, PERSON, WORDS

NOW = datetime(2026, 4, 1, tzinfo=UTC)
SOURCE = "company_pages"
TOLD = (("Content-Type", "text/html; charset=utf-8"), ("X-Author", PERSON))


def team() -> object:
    return made_up_home.page("/team", made_up_home.leadership(), headers=TOLD)


def rows(home: Path) -> pl.DataFrame:
    return read_visits(home, SOURCE).filter(pl.col("url").str.ends_with("/team"))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The same page with a person on three days: one record."""
    for day in DAYS[:3]:
        made_up_home.land(tmp_path, day, team())
    assert rows(tmp_path).select("warc_file", "warc_offset").n_unique() == 1
    made_up_home.parse(tmp_path)
    return tmp_path


def test_an_erasure_reaches_the_record_and_every_row_still_reads(home: Path) -> None:
    latest = home / "landing" / SOURCE / "latest.parquet"
    assert pl.read_parquet(latest)["head_digest"].null_count() == 0
    erase.erase(home, PERSON, NOW)
    assert found(home, *WORDS) == []
    # The digest of a header that named the person is forgotten.
    assert pl.read_parquet(latest)["head_digest"].null_count() == 1
    for visit in rows(home).iter_rows(named=True):
        archived = read_archived(home, SOURCE, visit)
        assert b"[slettet]" in archived.body
        assert "[slettet]" in dict(archived.headers)["X-Author"]
    made_up_home.land(home, DAYS[3], team())
    assert rows(home).select("warc_file", "warc_offset").n_unique() == 1
    assert found(home, *WORDS) == []


def test_a_begun_day_that_refers_goes_on_after_an_erasure(home: Path) -> None:
    begun = Landing(home, SOURCE, DAYS[3], replayed=True)
    begun.land(team())  # type: ignore[arg-type]
    begun.close()
    erase.erase(home, PERSON, NOW)
    resumed = Landing(home, SOURCE, DAYS[3], replayed=True)
    assert resumed.n_resumed == 1
    resumed.finish({})
    assert rows(home).height == 4
    for visit in rows(home).iter_rows(named=True):
        assert b"[slettet]" in read_payload(home, SOURCE, visit)


def test_a_record_outlives_its_day_while_a_later_row_rests_on_it(home: Path) -> None:
    made_up_home.land(home, DAYS[0] + timedelta(1200), team())
    purge(home, DAYS[2] + timedelta(1826))
    assert rows(home).height == 4
    for visit in rows(home).iter_rows(named=True):
        assert read_payload(home, SOURCE, visit)
    purge(home, DAYS[0] + timedelta(1200 + 1826))
    assert rows(home).is_empty()
    assert found(home / "landing", "Brattvik") == []


def test_the_doctor_names_what_rests_on_a_flipped_byte_days_later(home: Path) -> None:
    last = rows(home).row(2, named=True)
    current = home / "published" / "current"
    current.mkdir(parents=True)
    pl.DataFrame(
        {
            "signal_id": ["s1"],
            "signal_type": ["ceo_change"],
            "account_id": ["a1"],
            "before_ref": [None],
            "after_ref": [last["visit_id"]],
        },
        schema_overrides={"before_ref": pl.String()},
    ).write_parquet(current / "signals.parquet")
    file = home / "landing" / SOURCE / last["warc_file"]
    body = bytearray(file.read_bytes())
    (length,) = [n for at, n, _ in warc.members(file) if at == last["warc_offset"]]
    body[last["warc_offset"] + length - 20] ^= 1
    file.write_bytes(body)
    told = {f.subject: f for f in examine(home, verify=True)}
    assert told[f"archive/{SOURCE}"].is_fault
    assert "s1 (ceo_change of a1)" in told[f"archive/{SOURCE}"].sentence
