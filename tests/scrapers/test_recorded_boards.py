"""Recorded responses of job boards parse to what they show.

The recordings are read where they lie, beside the project; without them the tests are
skipped.
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from scrapers.envelope import Envelope
from scrapers.records.job_ads import JobAd
from scrapers.source import load_parser

WIRE = Path(__file__).parents[2] / "../shared/data/wire/ats"
FOLDERS = ("careerkit", "openroles")
FILES = {
    "greenhouse_jobs": "greenhouse.json",
    "lever_jobs": "lever.json",
    "ashby_jobs": "ashby.json",
    "workable_jobs": "workable.json",
    "recruitee_jobs": "recruitee.json",
    "personio_jobs": "personio.xml",
}
CASES = [
    *(
        (source, f"{folder}/{name}")
        for folder in FOLDERS
        for source, name in FILES.items()
    ),
    ("teamtailor_jobs", "careerkit/teamtailor.json"),
    ("teamtailor_jobs", "openroles/teamtailor.xml"),
    ("workday_jobs", "careerkit/workday.json"),
    ("workday_jobs", "openroles/workday_list.json"),
    ("workday_jobs", "openroles/workday_job.json"),
]
_SITE = "https://eksempel.wd3.myworkdayjobs.com/wday/cxs/eksempel/Karriere"
_LISTS = ("jobs", "offers", "items", "jobPostings")


def read(source: str, name: str) -> tuple[bytes, list[JobAd]]:
    file = WIRE / name
    if not file.exists():
        pytest.skip("the recorded responses are not beside the project")
    scope = "board_ad" if name.endswith("_job.json") else "board"
    url = f"{_SITE}/job/Leeds/Logistics-Analyst_R2" if scope == "board_ad" else _SITE
    body = file.read_bytes()
    envelope = Envelope(source, url, scope, None, 200)
    return body, list(load_parser(source).parse(body, envelope))


def stated(body: bytes) -> Iterator[dict[str, Any]]:
    """Id, title, place and date as the recording itself writes them, unread."""
    if body.lstrip().startswith(b"<"):
        root = etree.fromstring(body)
        for item in root.iter("item", "position"):
            flat = {str(child.tag): child.text for child in item}
            yield {
                "title": flat.get("title") or flat.get("name"),
                "date": flat.get("pubDate") or flat.get("createdAt"),
                "place": flat.get("office") or item.findtext(".//{*}city"),
            }
        return
    document = json.loads(body, strict=False)
    items = document
    if isinstance(document, dict):
        items = next((document[k] for k in _LISTS if k in document), None)
        if items is None:
            items = [document["jobPostingInfo"]]
    for item in items:
        if item.get("isListed") is False or item.get("status") in ("draft", "closed"):
            continue
        if "externalPath" in item and not item["externalPath"].startswith("/"):
            continue
        yield {"title": item.get("title") or item.get("text"), **_where_and_when(item)}


def _where_and_when(item: dict[str, Any]) -> dict[str, Any]:
    location = item.get("location") or item.get("locationsText")
    if isinstance(location, dict):
        location = location.get("name")
    location = location or (item.get("categories") or {}).get("location")
    location = location or item.get("city") or item.get("country")
    date = next(
        (
            item[key]
            for key in ("first_published", "createdAt", "publishedAt", "published_on")
            if item.get(key)
        ),
        item.get("published_at") or item.get("date_published") or item.get("startDate"),
    )
    counted = isinstance(location, str) and re.fullmatch(r"\d+ Locations", location)
    return {"place": None if counted else location, "date": date}


def words(text: str | None) -> str:
    return " ".join(re.findall(r"\w+", (text or "").replace("&amp;", " ").lower()))


@pytest.mark.parametrize(("source", "name"), CASES)
def test_a_recording_parses_to_all_of_its_ads(source: str, name: str) -> None:
    body, ads = read(source, name)
    shown = {words(item["title"]) for item in stated(body)}
    assert {words(ad.title) for ad in ads} == shown
    assert len({ad.ad_id for ad in ads}) == len(ads)
    assert all(ad.ad_url and ad.ad_url.startswith("https://") for ad in ads)


def share(flags: Iterable[bool]) -> float:
    values = list(flags)
    return sum(values) / len(values)


def test_ads_hold_what_the_recordings_state() -> None:
    places, dates, n_ads = [], [], 0
    for source, name in CASES:
        body, ads = read(source, name)
        for item in stated(body):
            n_ads += 1
            # Two ads may have one title.
            same = [ad for ad in ads if words(ad.title) == words(item["title"])]
            if item["place"]:
                place = words(str(item["place"]))
                is_there = any(place in words(ad.place) for ad in same)
                places.append((is_there, place, [ad.place for ad in same]))
            if item["date"]:
                dates.append(all(ad.posted_at is not None for ad in same))
    assert n_ads >= 25
    assert share(ok for ok, *_ in places) >= 0.98, [p for p in places if not p[0]]
    assert share(dates) >= 0.98


def test_the_documented_entry_of_the_public_feed_is_read() -> None:
    file = WIRE.parent / "nav" / "pam-stilling-feed_docs_index.markdown"
    if not file.exists():
        pytest.skip("the recorded documents are not beside the project")
    blocks = re.findall(r"```json\n(.*?)```", file.read_text("utf-8"), re.DOTALL)
    (entry,) = [json.loads(b) for b in blocks if '"applicationUrl"' in b]
    # The document says json, the service ad_content; a status is one of two words.
    for name in ("json", "ad_content"):
        served = {name: entry["json"], "uuid": "u", "status": "ACTIVE"}
        served["sistEndret"] = entry["sistEndret"]
        envelope = Envelope("nav_jobs", "https://x.example/u", "feed_entry", None, 200)
        body = json.dumps(served).encode()
        (ad,) = load_parser("nav_jobs").parse(body, envelope)
        assert ad.title == ad.employer_name == ad.place == "string"
        assert ad.apply_url == "string"
        assert ad.posted_at is not None
        assert ad.expires_at is not None
