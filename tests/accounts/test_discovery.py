"""Discovery over HTTP: a made-up market behind the replay proxy, asked like the web."""

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest

from orchestration.accounts import discovery
from orchestration.accounts.watch_list import read_watch_list
from orchestration.settings import child_environment
from tests.scrapers.conftest import (
    MONDAY,
    NOT_FOUND,
    Asked,
    BadWeb,
    Given,
    Host,
    serve_web,
)

MARKET = [sys.executable, "-m", "practice_market"]
SIZE = ["--seed", "7", "--companies", "8"]
DAY = "2025-03-03"
__all__ = ["serve_web"]


@pytest.fixture(scope="module")
def proxy() -> Iterator[str]:
    child = subprocess.Popen(
        [*MARKET, "serve", *SIZE], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    try:
        yield json.loads(child.stdout.readline())["proxy"]
    finally:
        child.terminate()
        child.wait(10)


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    file = tmp_path_factory.mktemp("truth") / "accounts.csv"
    subprocess.run(
        [*MARKET, "accounts", *SIZE, "--out", str(file)],
        check=True,
        capture_output=True,
    )
    return {row["account_id"]: row for row in rows_of(file)}


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def discover(file: Path, home: Path, proxy: str) -> dict[str, object]:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "orchestration.cli", "accounts", "discover"),
            *(str(file), "--home", str(home), "--json", "--max-pages", "7"),
            *("--replay-proxy", proxy, "--day", DAY),
        ],
        env=child_environment(),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_from_a_name_a_number_or_a_domain_to_the_whole_account(
    tmp_path: Path, proxy: str, truth: dict[str, dict[str, str]]
) -> None:
    given, home = tmp_path / "given.csv", tmp_path / "home"
    one, two, three = list(truth.values())[:3]
    given.write_text(
        "account_id,name,org_number,domains,owner\n"
        f"{one['account_id']},{one['name']},,,Kari\n"
        f"{two['account_id']},,{two['org_number']},,\n"
        f"{three['account_id']},,,{three['domains']},\n"
        "unknown,Finnesikke Fabrikker,,,\n",
        encoding="utf-8",
    )
    found = discover(given, home, proxy)
    out = tmp_path / "given_discovered.csv"
    written = {row["account_id"]: row for row in rows_of(out)}
    for account in (one, two, three):
        row = written[account["account_id"]]
        assert row["org_number"] == account["org_number"]
        assert row["domains"] == account["domains"]
        assert row["name"]
    assert written[one["account_id"]]["owner"] == "Kari"
    assert written["unknown"]["org_number"] == written["unknown"]["domains"] == ""
    assert any("unknown" in sentence for sentence in found["asked"])
    assert read_watch_list(out).accounts.height == 3

    places = rows_of(tmp_path / "places.csv")
    by_kind = {
        (row["account_id"], row["kind"]): row
        for row in places
        if row["status"] == "proposed"
    }
    assert by_kind[one["account_id"], "org_number"]["found_by"] == "Enhetsregisteret"
    assert float(by_kind[one["account_id"], "org_number"]["score"]) > 0.8
    assert "same name" in by_kind[one["account_id"], "org_number"]["note"]
    for account in (one, two, three):
        assert (account["account_id"], "sub_unit") in by_kind
        shown = {kind for a, kind in by_kind if a == account["account_id"]}
        assert shown & {"leadership", "careers", "news"}

    # Everything was asked by the same machinery: landed, and robots.txt read first.
    landed = pl.concat(
        [
            pl.read_parquet(f)
            for f in home.glob("discovery/*/*/landing/*/day=*/v*.parquet")
        ]
    )
    assert landed.height == found["visits"]
    assert set(landed["source"]) == {"register_search", "company_pages"}
    sites = landed.filter(pl.col("source") == "company_pages")
    assert sites.filter(pl.col("scope") == "robots").height >= 3
    assert sites.group_by("account_id").len()["len"].max() <= 3 * 8


PAGE = """<html><head><title>Tindvik Sjømat</title>
<link rel="alternate" type="application/rss+xml" href="/nytt.xml" title="Nytt"></head>
<body><nav><a href="/jobb">Jobb</a><a href="/aktuelt">Aktuelt</a></nav>
<main><p>Vi lager fisk.</p>{}</main>
<footer>© 2025 Tindvik Sjømat AS. Org.nr. 999 601 391</footer></body></html>"""
UNIT = {
    "organisasjonsnummer": "999601391",
    "navn": "TINDVIK SJØMAT AS",
    "organisasjonsform": {"kode": "AS"},
    "overordnetEnhet": "999602010",
}


def register(asked: Asked) -> Given:
    """A register of one company that states no home page."""
    found: object = {"page": {"totalElements": 0}}
    if asked.path.endswith("/enheter/999601391"):
        found = UNIT
    elif asked.path.endswith("/enheter/999602010"):
        found = {"organisasjonsnummer": "999602010", "navn": "TINDVIK HOLDING AS"}
    elif "navn=Tindvik" in asked.url:
        found = {"_embedded": {"enheter": [UNIT]}}
    elif asked.path == "/robots.txt":
        return NOT_FOUND
    body = json.dumps(found).encode()
    return Given(body, headers={"Content-Type": "application/json"})


def site(asked: Asked) -> Given:
    links = {
        "/": "",
        "/aktuelt": '<a href="https://board.example/others">Naboens jobber</a>',
        "/jobb": '<a href="https://board.example/tindvik">Ledige stillinger</a>'
        '<iframe src="https://tindvik.webcruiter.no/main"></iframe>',
    }
    if asked.path not in links:
        return NOT_FOUND
    return Given(PAGE.format(links[asked.path]).encode())


def test_a_site_leads_to_its_number_feeds_boards_and_job_system(
    tmp_path: Path,
    serve_web: Callable[[dict[str, Host]], BadWeb],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    web = serve_web(
        {"data.brreg.no": register, "tindvik.example": site, "left.example": site}
    )
    monkeypatch.setattr(
        discovery,
        "recognised",
        lambda url: (
            (("nav_jobs", url.rpartition("/")[2]),) if "board.example" in url else ()
        ),
    )
    given = tmp_path / "given.csv"
    given.write_text("tindvik.example\nleft.example\n", encoding="utf-8")
    (tmp_path / "opt_out.csv").write_text("domain\nleft.example\n", encoding="utf-8")
    out = tmp_path / "out.csv"
    found = discovery.discover(
        given, out, tmp_path, "run", MONDAY, web.proxy, lambda _: None, 6
    )
    row = next(r for r in rows_of(out) if r["account_id"] == "tindvik.example")
    assert (row["org_number"], row["name"]) == ("999601391", "Tindvik Sjømat AS")
    places = {
        (r["kind"], r["address"]): r
        for r in rows_of(tmp_path / "places.csv")
        if r["account_id"] == "tindvik.example"
    }
    number = places["org_number", "999601391"]
    assert "stands on the account's own site" in number["note"]
    assert places["parent", "999602010"]["note"] == "TINDVIK HOLDING AS"
    board = places["job_board", "tindvik"]
    assert board["source"] == "nav_jobs"
    assert board["found_by"] == "linked from http://tindvik.example/jobb"
    assert float(board["score"]) >= 0.8
    # Named in an article: perhaps not the account's own, so somebody is asked.
    assert float(places["job_board", "others"]["score"]) < 0.8
    system = places["job_board", "https://tindvik.webcruiter.no/"]
    assert system["source"] == ""
    assert "nav_jobs" in system["note"]
    feed = places["feed", "http://tindvik.example/nytt.xml"]
    assert feed["source"] == "press_feeds"
    assert "is it news?" in feed["note"]
    assert float(feed["score"]) < 0.8
    # Who opted out was asked nothing, not even for its robots.txt.
    assert not [url for url in web.urls() if "left.example" in url]
    assert found.accounts == 2

    # A person corrects and rejects; the same visits then give no row anew.
    first = tmp_path / "discovery" / "run"

    def visited_before(source: str, home: Path, *_: object, **__: object) -> None:
        shutil.copytree(first / home.name / "landing", home / "landing")

    monkeypatch.setattr(discovery, "crawl", visited_before)
    written = rows_of(tmp_path / "places.csv")
    for place in written:
        if place["kind"] == "job_board" and place["source"]:
            place["address"] = f"mended-{place['address']}"
        elif place["kind"] == "feed":
            place["status"] = "rejected"
    with (tmp_path / "places.csv").open("w", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, written[0])
        writer.writeheader()
        writer.writerows(written)
    text = out.read_text("utf-8")
    by_hand = text.replace("Tindvik Sjømat AS", "Fisken vår").replace("999601391", "")
    out.write_text(by_hand, encoding="utf-8")
    again = discovery.discover(
        given, out, tmp_path, "again", MONDAY, web.proxy, lambda _: None, 6
    )
    assert again.new_findings == 0
    assert rows_of(tmp_path / "places.csv") == written
    (row,) = (r for r in rows_of(out) if r["account_id"] == "tindvik.example")
    assert row["name"] == "Fisken vår"
