"""A day is visited for some accounts, and then for the others; made-up sites."""

from pathlib import Path

import dagster as dg
import pytest

from orchestration.crawl import CrawlFailed, crawl
from orchestration.defs.landing import assets as landing
from orchestration.defs.partitions import tag_of
from scrapers.landing import is_whole_day, landed_days, read_payload, read_visits
from scrapers.source import load_source
from tests.scrapers.conftest import MONDAY, NOT_FOUND, Given, write_accounts

SOURCE = "company_pages"
NAMES = ("a", "b", "c")


def _site(name: str) -> object:
    body = f"<html><body><main><h1>{name} AS</h1><p>Vi lager broer.</p></main></body>"
    home = Given(body.encode(), 200, {"Content-Type": "text/html"})
    return lambda asked: home if asked.path == "/" else NOT_FOUND


@pytest.fixture
def home(tmp_path: Path) -> Path:
    write_accounts(tmp_path, {n: (f"{n}.example",) for n in NAMES[:2]})
    return tmp_path


@pytest.fixture
def web(serve_web):
    return serve_web({f"{n}.example": _site(n) for n in NAMES})


def fronts(home: Path) -> dict[str, bytes]:
    """The payload of each account's front page, as the archive gives it."""
    return {
        row["account_id"]: read_payload(home, SOURCE, row)
        for row in read_visits(home, SOURCE).iter_rows(named=True)
        if row["outcome"] == "ok"
    }


def ask(home: Path, web, *only: str) -> None:
    crawl(SOURCE, home, [MONDAY], web.proxy, only_accounts=only)


def test_some_accounts_and_then_the_others(home, web):
    ask(home, web, "a")
    assert set(fronts(home)) == {"a"}
    assert landed_days(home, SOURCE) == [MONDAY]
    assert not is_whole_day(home, SOURCE, MONDAY)
    held = fronts(home)["a"]

    web.asked.clear()
    ask(home, web)
    assert is_whole_day(home, SOURCE, MONDAY)
    assert fronts(home)["a"] == held
    assert set(fronts(home)) == {"a", "b"}
    assert not [url for url in web.urls() if "a.example" in url]

    # Who is new is added to a day that was whole, and it stays so.
    write_accounts(home, {n: (f"{n}.example",) for n in NAMES})
    web.asked.clear()
    ask(home, web, "c")
    assert set(fronts(home)) == {"a", "b", "c"}
    assert fronts(home)["a"] == held
    assert is_whole_day(home, SOURCE, MONDAY)
    assert {url.split("/")[2] for url in web.urls()} == {"c.example"}

    web.asked.clear()
    ask(home, web)
    assert web.urls() == []


def test_a_day_that_is_added_to_stays_readable_when_the_crawl_fails(home, web):
    ask(home, web)
    before = read_visits(home, SOURCE)
    with pytest.raises(CrawlFailed, match="not on the watch list: stranger"):
        ask(home, web, "stranger")
    assert read_visits(home, SOURCE).equals(before)


def test_run_configuration_names_the_accounts(home, web, monkeypatch):
    monkeypatch.setenv("LYTTEPOST_HOME", str(home))
    monkeypatch.setenv("LYTTEPOST_REPLAY", web.proxy)
    asset = landing.raw_asset(load_source(SOURCE))
    result = dg.materialize(
        [asset],
        partition_key=MONDAY.isoformat(),
        run_config={"ops": {"raw__company_pages": {"config": {"accounts": ["b"]}}}},
        tags=tag_of([MONDAY]),
    )
    assert result.success
    assert set(fronts(home)) == {"b"}
    (told,) = result.asset_materializations_for_node("raw__company_pages")
    assert told.metadata["only_accounts"].value == "b"
    assert told.metadata["newest_files"].records
