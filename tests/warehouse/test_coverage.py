"""Coverage has a row for every account and source, and says why; all made up."""

from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from orchestration.contracts.frames import schema
from orchestration.contracts.odcs import contract
from tests.warehouse.home_of_rows import Home, dbt_build, sha, table

SOURCES = [
    ("company_pages", "domains", []),
    ("registry", "org_number", ["NO"]),
    ("boards", "place", []),
    ("feed", "", []),
]
AT = datetime(2025, 3, 3, 23, 59, 59)
CAREERS = "https://ww.example/jobb"


def put(home: Path, name: str, rows: list[tuple]) -> None:
    frame = pl.DataFrame(rows, schema=schema(contract(name)), orient="row")
    frame.write_parquet(home / "accounts" / f"{name}.parquet")


@pytest.fixture(scope="module")
def coverage(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], dict]:
    home, rows = tmp_path_factory.mktemp("coverage"), Home()
    rows.account("seen", org_number="999601391")
    rows.account("bare", org_number=None, domains=[])
    rows.account("left", org_number="999601391")
    rows.account("half", domains=["half.example", "gone.example"])
    rows.account("abroad", country="SE", org_number="999601391")
    rows.account("ww")
    rows.account("keeps")
    rows.failed("keeps", AT, "/", outcome="opted_out", scope="home")
    for account_id in ("seen", "half"):
        rows.failed(account_id, AT, "/", outcome="robots_denied", scope="home")
    rows.failed("seen", AT, "/board", outcome="timeout", source="boards")
    page = {
        "title": "Jobb",
        "main_text": "Ledige stillinger",
        "text_digest": sha("text"),
        "blocks": [],
        "nav_labels": [],
        "links": [
            {"url": "https://candidate.webcruiter.com/cv?x=1", "label": "Søk"},
            {"url": "https://notwebcruiter.com/", "label": "Annet"},
        ],
    }
    rows.visit("ww", CAREERS, AT, {"pages": [page]}, scope="careers")
    rows.write(home)
    rows_of_sources = [(n, [], needs, where, n, n) for n, needs, where in SOURCES]
    put(home, "sources", rows_of_sources)
    put(home, "places", [("seen", "boards", "token", "job_board")])
    put(home, "opt_outs", [("left", ""), ("half", "gone.example")])
    dbt_build(
        home,
        *("--select", "+hist_coverage", "--exclude-resource-type", "unit_test"),
        *("--indirect-selection", "cautious"),
    )
    found = table(home, "hist_coverage")
    assert found.height == found.select("account_id", "source").n_unique()
    return {(r["account_id"], r["source"]): r for r in found.iter_rows(named=True)}


def test_every_account_has_a_row_for_every_source(coverage: dict) -> None:
    assert {source for _, source in coverage} == {
        *(name for name, _, _ in SOURCES),
        "webcruiter",
    }
    assert len(coverage) == 7 * len(SOURCES) + 1


@pytest.mark.parametrize(
    ("account_id", "source", "state", "note"),
    [
        ("seen", "company_pages", "blocked", "the latest visit ended in robots_denied"),
        ("seen", "boards", "unknown", "the latest visit ended in timeout"),
        ("seen", "registry", "unknown", "not asked yet"),
        ("seen", "feed", "unknown", "not asked yet"),
        ("bare", "company_pages", "unsupported", "no domain is known"),
        ("bare", "registry", "unsupported", "no organisation number is known"),
        ("bare", "boards", "unsupported", "no place of it is known"),
        ("left", "company_pages", "opted_out", "asked not to be observed"),
        ("left", "boards", "opted_out", "asked not to be observed"),
        ("half", "company_pages", "blocked", "the latest visit ended in robots_denied"),
        ("keeps", "company_pages", "opted_out", "its site reserves its content"),
        ("abroad", "registry", "unsupported", "its country is not covered"),
        ("ww", "company_pages", "fresh", None),
    ],
)
def test_a_state_says_why(
    coverage: dict, account_id: str, source: str, state: str, note: str | None
) -> None:
    row = coverage[account_id, source]
    assert (row["state"], row["note"]) == (state, note)


def test_a_job_system_without_a_feed_is_told_with_the_way_round_it(
    coverage: dict,
) -> None:
    row = coverage["ww", "webcruiter"]
    assert row["state"] == "unsupported"
    assert row["reached_through"] == "nav_jobs, company_pages"
    assert CAREERS in row["note"]
