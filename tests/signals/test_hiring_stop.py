"""A stop in hiring and who fills a position: told, withdrawn, the same as of a day."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from tests.signals.market_of_rows import (
    FIRST,
    Home,
    careers,
    dbt_build,
    end_of,
    table,
    weeks,
)

SELECT = ("--exclude-resource-type", "unit_test", "--select", "+signals")
KINDS = ["hiring_freeze", "role_filled", "job_posting_opened", "hiring_slowdown"]
DAYS = weeks(FIRST, 26)
CUT = end_of(DAYS[19])
# By week from which it holds: what is listed.
ADS: Mapping[int, list[str]] = {
    0: ["Selger"],
    2: ["Selger", "Montør"],
    4: ["Selger", "Montør", "Kokk", "Sjåfør"],
    6: ["Selger", "Montør", "Kokk", "Sjåfør", "Regnskapsmedarbeider", "Salgsdirektør"],
    10: [],
}


def _listed(week: int, changes: Mapping[int, list[str]]) -> list[str]:
    return changes[max(start for start in changes if start <= week)]


@pytest.fixture(scope="module")
def whole_and_cut(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Ads that return, ads that do not, a list cut short, and a director who came."""
    home = Home()
    stories = {
        "kommer-igjen": dict(ADS) | {22: ["Selger", "Snekker"]},
        "blir-borte": ADS,
        # A list of which the rest cannot be read is short, not empty.
        "avkortet": {**ADS, 10: ["Selger", "Montør"], 11: ADS[6]},
    }
    for account, changes in stories.items():
        home.account(account, segment=account)
        for week, day in enumerate(DAYS):
            careers(
                home, account, end_of(day), [(t, []) for t in _listed(week, changes)]
            )
            people = [("Ola Vik", "Daglig leder"), ("Nils Lie", "Økonomisjef")]
            if account == "blir-borte" and week >= 13:
                people.append(("Kari Nord", "Salgsdirektør"))
            home.people(account, end_of(day), people)
    root = tmp_path_factory.mktemp("hiring_stop")
    home.write(root / "whole")
    home.write(root / "cut", until=CUT)
    for name in ("whole", "cut"):
        dbt_build(root / name, *SELECT)
    return root / "whole", root / "cut"


def _told(home: Path, kind: str) -> pl.DataFrame:
    return table(home, "signals").filter(signal_type=kind).sort("account_id")


def test_a_stop_is_withdrawn_when_ads_come_back(
    whole_and_cut: tuple[Path, Path],
) -> None:
    whole, _ = whole_and_cut
    stops = {row["account_id"]: row for row in _told(whole, "hiring_freeze").to_dicts()}
    assert set(stops) == {"kommer-igjen", "blir-borte"}
    assert stops["blir-borte"]["superseded_at"] is None
    assert stops["kommer-igjen"]["superseded_at"] == end_of(DAYS[22])
    for row in stops.values():
        # Between the last list with the ads and the first without that is believed: an
        # empty list is none before a fortnight of them.
        assert row["effective_lo"] == end_of(DAYS[9])
        assert row["effective_hi"] == end_of(DAYS[12])
        assert row["known_at"] >= row["effective_hi"]


def test_who_filled_a_position_is_told_once(whole_and_cut: tuple[Path, Path]) -> None:
    whole, _ = whole_and_cut
    (row,) = _told(whole, "role_filled").to_dicts()
    assert (row["account_id"], row["person_name"]) == ("blir-borte", "Kari Nord")
    assert row["quote_before"] == "Salgsdirektør"
    assert row["known_at"] >= end_of(DAYS[14])


def test_what_was_known_at_the_cut_is_the_same(
    whole_and_cut: tuple[Path, Path],
) -> None:
    def as_of(home: Path, moment: datetime) -> pl.DataFrame:
        gone = pl.col("superseded_at")
        return (
            table(home, "signals")
            .filter(pl.col("signal_type").is_in(KINDS))
            .filter(pl.col("known_at") <= moment, gone.is_null() | (gone > moment))
            .select("signal_id", "signal_type", "known_at", "strength", "quote_after")
            .sort("signal_id")
        )

    whole, cut = whole_and_cut
    assert as_of(whole, CUT).equals(as_of(cut, CUT))
    assert as_of(cut, CUT).filter(signal_type="hiring_freeze").height == 2
