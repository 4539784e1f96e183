"""Discovery over HTTP: a made-up market behind the replay proxy, asked like the web."""

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from orchestration.accounts.watch_list import read_watch_list
from orchestration.settings import child_environment

MARKET = [sys.executable, "-m", "practice_market"]
SIZE = ["--seed", "7", "--companies", "8"]
DAY = "2025-03-03"


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
    one, two, three, four = list(truth.values())[:4]
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

    # A person corrects, rejects and keeps; then it is run again with one account more.
    careers = by_kind[two["account_id"], "leadership"]
    for row in places:
        if row is careers:
            row["address"] = "http://eksempel.example/mended"
        elif row["kind"] == "sub_unit":
            row["status"] = "rejected"
    with (tmp_path / "places.csv").open("w", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, places[0])
        writer.writeheader()
        writer.writerows(places)
    text = out.read_text("utf-8").replace(one["name"], "Renamed By Hand")
    out.write_text(text, encoding="utf-8")
    with given.open("a", encoding="utf-8") as lines:
        lines.write(f"{four['account_id']},{four['name']},,,\n")
    discover(given, home, proxy)
    again = rows_of(tmp_path / "places.csv")
    assert [row for row in places if row not in again] == []
    new = [row for row in again if row not in places]
    assert new
    assert {row["account_id"] for row in new} == {four["account_id"]}
    rewritten = {row["account_id"]: row for row in rows_of(out)}
    assert rewritten[one["account_id"]]["name"] == "Renamed By Hand"
    assert rewritten[four["account_id"]]["org_number"] == four["org_number"]
