"""Boards and the job feed over HTTP: what lands, and how it is read back."""

import json
from pathlib import Path
from typing import Any

import polars as pl

from scrapers.account import PLACES_SCHEMA
from scrapers.landing import read_payload, read_visits
from scrapers.parsed import parse_day, parsed_folder
from tests.scrapers.conftest import (
    MONDAY,
    NOT_FOUND,
    Asked,
    Given,
    crawled,
    write_accounts,
)

JSON = {"Content-Type": "application/json"}


def watch(home: Path, source: str, address: str) -> None:
    """A watch list of one account with one place."""
    file = write_accounts(home, {"a": ("a.example",)})
    row = {"account_id": "a", "source": source, "address": address}
    frame = pl.DataFrame([row], schema=PLACES_SCHEMA)
    frame.write_parquet(file.with_name("places.parquet"))


def test_a_workday_board_lands_page_by_page_and_is_read(
    serve_web: Any, tmp_path: Path
) -> None:
    host = "eksempel.wd3.myworkdayjobs.com"
    base = "/wday/cxs/eksempel/Karriere"

    def board(asked: Asked) -> Given:
        if asked.path == f"{base}/jobs":
            offset = json.loads(asked.body)["offset"]
            shown = range(offset, min(21, offset + 20))
            postings = [
                {"title": f"Stilling {n}", "externalPath": f"/job/Oslo/S_R{n}"}
                for n in shown
            ]
            page = {"total": 21 if offset == 0 else 0, "jobPostings": postings}
            return Given(json.dumps(page).encode(), headers=JSON)
        if asked.path.startswith(f"{base}/job/"):
            info = {"title": "Stilling", "location": "Oslo", "startDate": "2025-02-01"}
            return Given(json.dumps({"jobPostingInfo": info}).encode(), headers=JSON)
        return NOT_FOUND

    web = serve_web({host: board})
    watch(tmp_path, "workday_jobs", f"{host}/eksempel/Karriere")
    done = crawled(tmp_path, (MONDAY,), web.proxy, source="workday_jobs")
    assert done.code == 0, done.err
    visits = read_visits(tmp_path, "workday_jobs")
    pages = visits.filter(pl.col("scope") == "board")
    assert pages.height == 2
    # Two questions at one address are two visits, and the wire has no fragment.
    assert pages["url"].str.contains("#", literal=True).all()
    assert not [a.url for a in web.asked if "#" in a.url or "%23" in a.url]
    assert visits.filter(pl.col("scope") == "board_ad").height == 21
    assert set(pages["account_id"]) == {"a"}
    parse_day(tmp_path, "workday_jobs", MONDAY)
    ads = pl.read_parquet(
        parsed_folder(tmp_path, "workday_jobs", MONDAY) / "job_ads.parquet"
    )
    assert ads.filter("is_listing")["ad_id"].n_unique() == 21
    assert ads.filter(~pl.col("is_listing"))["posted_at"].null_count() == 0


def test_a_board_that_wants_a_token_is_blocked_by_name(
    serve_web: Any, tmp_path: Path
) -> None:
    host = "eksempel.recruitee.com"

    def board(asked: Asked) -> Given:
        if asked.path == "/robots.txt":
            return NOT_FOUND
        return Given(b'{"error": "Unauthorized"}', 401, JSON)

    web = serve_web({host: board})
    watch(tmp_path, "recruitee_jobs", "eksempel")
    done = crawled(tmp_path, (MONDAY,), web.proxy, source="recruitee_jobs")
    assert done.code == 0, done.err
    visits = read_visits(tmp_path, "recruitee_jobs")
    (row,) = visits.filter(pl.col("scope") == "board").to_dicts()
    assert (row["outcome"], row["http_status"]) == ("blocked", 401)
    assert "the employer's own token" in done.err


def test_a_page_refused_for_an_old_token_lands_with_the_new_one(
    serve_web: Any, tmp_path: Path
) -> None:
    page = b'{"items": [], "next_url": null}'
    tokens = iter((b"eyJhbGc.eyJzdWI.old", b"eyJhbGc.eyJzdWI.new"))

    def feed(asked: Asked) -> Given:
        if asked.path == "/api/publicToken":
            return Given(next(tokens), headers={"Content-Type": "text/plain"})
        if asked.path != "/api/v1/feed":
            return NOT_FOUND
        if not asked.headers["Authorization"].endswith(".new"):
            return Given(b'{"title": "Unauthorized", "status": 401}', 401, JSON)
        return Given(page, headers=JSON)

    web = serve_web({"pam-stilling-feed.nav.no": feed})
    write_accounts(tmp_path, {"a": ("a.example",)})
    done = crawled(tmp_path, (MONDAY,), web.proxy, source="nav_jobs")
    assert done.code == 0, done.err
    visits = read_visits(tmp_path, "nav_jobs")
    assert visits["url"].is_unique().all()
    (row,) = visits.filter(pl.col("scope") == "feed_page").to_dicts()
    assert row["outcome"] == "ok"
    assert read_payload(tmp_path, "nav_jobs", row) == page
