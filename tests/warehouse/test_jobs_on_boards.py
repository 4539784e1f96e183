"""One job on three boards is one job with three pieces of evidence."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from scrapers.source import withdrawing_sources
from tests.warehouse.home_of_rows import DBT, Home, dbt_build, end_of, table, weeks

DAYS = weeks(date(2025, 1, 6), 12, every=3)
NAV_UNIT = "910000002"
SELECTED = (
    "--select", "+job_ad_history", "+hiring_openings", "--exclude-resource-type",
    "unit_test", "--indirect-selection", "cautious",
)  # fmt: skip
Ad = tuple[str, str | None]


def ad(title: str, place: str | None, **more: Any) -> dict[str, Any]:
    return {
        "ad_id": f"{title} {place}",
        "ad_status": "active",
        "title": title,
        "place": place,
        "terms": title.lower().split(),
        "is_listing": True,
    } | more


def board(home: Home, account: str, day: date, ads: Sequence[Ad], **visit: Any) -> None:
    home.visit(
        account,
        f"https://boards.example/{account}?offset=0",
        end_of(day),
        {"job_ads": [ad(*a) for a in ads]},
        source="greenhouse_jobs",
        scope="board",
        **visit,
    )


def own(home: Home, account: str, day: date, ads: Sequence[Ad]) -> None:
    home.visit(
        account,
        f"https://{account}.example/jobb/",
        end_of(day),
        {"job_ads": [ad(*a) for a in ads]},
        scope="careers",
    )


def nav(home: Home, day: date, *items: dict[str, Any]) -> None:
    home.visit(
        None,
        f"https://feed.example/{day}",
        end_of(day),
        {"job_ads": list(items)},
        source="nav_jobs",
        scope="feed_page",
    )


def nav_ad(number: int, title: str, place: str, day: date, **more: Any) -> dict:
    return ad(
        title,
        place,
        ad_id=f"nav-{number}",
        employer_org_number=NAV_UNIT,
        modified_at=end_of(day) - timedelta(hours=1),
        ad_url=f"https://arbeidsplassen.example/{number}",
        **more,
    )


def nav_closed(number: int, day: date) -> dict:
    at = end_of(day) - timedelta(hours=1)
    gone = {"ad_status": "inactive", "title": None, "modified_at": at}
    return nav_ad(number, "", "", day) | gone | {"employer_org_number": None}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six accounts, each with one thing to tell."""
    home = Home()
    home.account("tre", org_number="910000001")
    for name in ("tom", "kort", "feil", "bort"):
        home.account(name)
    # The number in the feed is that of a sub-unit: only the register joins the two.
    unit = {"org_number": NAV_UNIT, "parent_org_number": "910000001", "name": "TRE AVD"}
    home.visit(
        "tre",
        "https://reg.example/unit",
        end_of(DAYS[0]),
        {"registry_entities": [unit | {"is_deleted": False}]},
        source="brreg_registry",
        scope="entity",
    )
    many = [(f"Stilling {n}", "Oslo") for n in range(8)]
    for n, day in enumerate(DAYS):
        own(home, "tre", day, [("Utvikler (m/k)", "Oslo")] if 1 <= n < 7 else [])
        board(home, "tre", day, [("Utvikler", "Oslo, Norge")] if 2 <= n < 8 else [])
        # Empty once, and filled again.
        board(home, "tom", day, many if n != 5 else [])
        # Shortened for good, which is suspect for a fortnight.
        board(home, "kort", day, many if n < 5 else many[:2])
        # Filled, closed by a real list, two misses and three days.
        board(home, "bort", day, many if n < 5 else many[1:])
        if n == 5:
            board(home, "feil", day, [], outcome="blocked", status=403)
        else:
            board(home, "feil", day, many)
    nav(home, DAYS[0])
    nav(home, DAYS[3], nav_ad(1, "UTVIKLER", "OSLO", DAYS[3]))
    nav(home, DAYS[4], nav_ad(2, "Bare hos NAV", "BERGEN", DAYS[4]))
    nav(home, DAYS[5], nav_ad(3, "Fortsatt hos NAV", "BERGEN", DAYS[5]))
    nav(home, DAYS[6], nav_closed(1, DAYS[6]))
    nav(home, DAYS[9], nav_closed(2, DAYS[9]))
    out = tmp_path_factory.mktemp("boards") / "home"
    home.write(out)
    dbt_build(out, *SELECTED)
    return out


def jobs_of(home: Path, account: str) -> pl.DataFrame:
    return table(home, "job_ad_history").filter(pl.col("account_id") == account)


def test_one_job_on_three_boards_is_one_row(built: Path) -> None:
    (job,) = jobs_of(built, "tre").filter(pl.col("n_sources") > 1).to_dicts()
    assert job["sources"] == ["company_pages", "greenhouse_jobs", "nav_jobs"]
    assert job["n_sources"] == 3
    assert len(job["urls"]) == 3
    assert job["title"] == "Utvikler (m/k)"
    assert job["source"] == "company_pages"
    # Earliest opening: own page; latest closing: the board.
    assert (job["opened_lo"], job["opened_hi"]) == (end_of(DAYS[0]), end_of(DAYS[1]))
    assert (job["closed_lo"], job["closed_hi"]) == (end_of(DAYS[7]), end_of(DAYS[8]))
    assert job["closed_known_at"] == end_of(DAYS[9])


def test_tempo_counts_a_job_once(built: Path) -> None:
    openings = table(built, "hiring_openings").filter(pl.col("account_id") == "tre")
    assert sorted(openings["title"]) == [
        "Bare hos NAV",
        "Fortsatt hos NAV",
        "Utvikler (m/k)",
    ]


def test_text_of_a_closed_ad_leaves_and_the_ad_still_counts(built: Path) -> None:
    alone = jobs_of(built, "tre").filter(pl.col("n_sources") == 1)
    by_open = {row["closed_lo"] is None: row for row in alone.to_dicts()}
    assert len(by_open) == alone.height == 2
    assert by_open[True]["title"] == "Fortsatt hos NAV"
    gone = by_open[False]
    assert gone["title"] is None
    assert gone["closed_known_at"] == end_of(DAYS[9])
    told = " ".join(str(value) for value in gone.values()).lower()
    assert "bare hos" not in told


@pytest.mark.parametrize("account", ["tom", "kort", "feil"])
def test_a_board_that_is_not_whole_closes_nothing(built: Path, account: str) -> None:
    jobs = jobs_of(built, account)
    assert jobs.height == 8
    assert jobs["closed_lo"].null_count() == 8


def test_a_position_is_gone_after_two_lists_without_it(built: Path) -> None:
    jobs = jobs_of(built, "bort")
    (gone,) = jobs.filter(pl.col("closed_lo").is_not_null()).to_dicts()
    assert gone["title"] == "Stilling 0"
    assert gone["closed_known_at"] - gone["closed_hi"] >= timedelta(days=3)
    assert gone["closed_known_at"] == end_of(DAYS[6])
    assert isinstance(gone["closed_hi"], datetime)


def test_the_sources_that_withdraw_texts_are_told_alike() -> None:
    project = yaml.safe_load((DBT / "dbt_project.yml").read_text(encoding="utf-8"))
    assert set(project["vars"]["withdrawn_text_sources"]) == withdrawing_sources()
