"""The market over real HTTP: one proxy, its truth elsewhere, bad hosts on request."""

import csv
import gzip
import http.client
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from market_asking import asking

from practice_market import truth
from practice_market.company import Market
from practice_market.story import PROCURING, STATES
from practice_market.world import World

SERVE = [sys.executable, "-m", "practice_market", "serve", "--companies", "8"]
DAY = "2025-02-03"


@pytest.fixture(scope="module")
def served() -> Iterator[dict[str, str]]:
    child = subprocess.Popen(SERVE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    try:
        yield json.loads(child.stdout.readline())
        assert child.poll() is None
    finally:
        child.terminate()
        rest = child.stdout.read()
        assert child.wait(10) == 0
        assert rest == ""


def ask(
    address: str, url: str, day: str | None = DAY, method: str = "GET", **more: str
) -> tuple[int, dict[str, str], bytes]:
    where = urlsplit(address)
    connection = http.client.HTTPConnection(where.hostname or "", where.port)
    headers = {name.replace("_", "-"): value for name, value in more.items()}
    if day is not None:
        headers["Lyttepost-Replay-Day"] = day
    connection.request(method, url, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, {k.lower(): v for k, v in answer.getheaders()}, body


def test_it_says_where_it_listens(served: dict[str, str]) -> None:
    assert set(served) == {"proxy", "truth", "first_day", "last_day"}
    assert served["proxy"] != served["truth"]
    assert (served["first_day"], served["last_day"]) == ("2025-01-06", "2025-08-13")


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        (None, "lacks the header Lyttepost-Replay-Day"),
        ("3 February", "is not written as YYYY-MM-DD"),
        ("2025-01-05", "outside this market, which lasts from 2025-01-06"),
        ("2025-08-14", "outside this market"),
    ],
)
def test_a_day_is_needed(
    served: dict[str, str], day: str | None, sentence: str
) -> None:
    status, _, body = ask(served["proxy"], "http://data.brreg.no/", day)
    assert status == 400
    assert sentence in body.decode()
    assert body.count(b"\n") == 1


def test_hosts_answer_as_the_world_does(served: dict[str, str]) -> None:
    world = World(Market(companies=8))
    for site in world.sites:
        status, headers, body = ask(
            served["proxy"], f"http://{site.one.domain}/robots.txt"
        )
        assert status in (200, 403, 500, 504)
        if headers.get("lyttepost-replay-error") == "timeout":
            assert status == 504
        if status == 200 and b"User-agent" in body:
            assert f"https://{site.one.domain}/sitemap.xml".encode() in body
    status, headers, _ = ask(served["proxy"], "http://nobody.example/")
    assert (status, headers["lyttepost-replay-error"]) == (502, "dns_error")
    number = world.stories[0].company.org_number
    url = f"http://data.brreg.no/enhetsregisteret/api/enheter/{number}"
    status, _, body = ask(served["proxy"], url)
    if status == 200:
        assert json.loads(body)["organisasjonsnummer"] == number
    status, _, body = ask(served["proxy"], url, method="HEAD")
    assert body == b""
    assert ask(served["proxy"], url, method="POST")[0] == 405


def test_the_truth_is_on_its_own_port_only(served: dict[str, str]) -> None:
    domain = World(Market(companies=8)).sites[0].one.domain
    hosts = [domain, "data.brreg.no", "localhost", urlsplit(served["proxy"]).netloc]
    for host in hosts:
        for name in truth.FILES:
            url = f"http://{host}/truth/{name}.jsonl"
            for day in ("2025-01-06", DAY, "2025-05-01"):
                _, _, body = ask(served["proxy"], url, day)
                assert b'"account_id"' not in body
                assert b"dormant" not in body
    for path in ("/truth/states.jsonl", "/", "//truth/labels.jsonl"):
        assert b'"account_id"' not in ask(served["proxy"], path)[2]
    for name in truth.FILES:
        status, _, body = ask(served["truth"], f"/truth/{name}.jsonl", None)
        assert status == 200
        for line in body.splitlines():
            json.loads(line)
    assert ask(served["truth"], "/truth/../states", None)[0] == 404


def test_no_state_or_cause_leaks_into_what_is_shown() -> None:
    world = World(Market(companies=20, calm=True))
    words = [*STATES, "leader_primary", "hiring_freeze", "is_theme", "rho"]
    pattern = re.compile("|".join(rf"\b{word}\b" for word in words).encode())
    asked = asking(world)
    for site in world.sites:
        for path in site.paths(100).values():
            body = asked(f"https://{site.one.domain}{path}", 100).body
            assert not pattern.search(body.replace(b"served", b""))


def test_bad_hosts(served: dict[str, str]) -> None:
    proxy = served["proxy"]
    status, headers, body = ask(proxy, "http://huge.example/")
    assert status == 200
    assert "content-length" not in headers
    assert 50_000_000 < len(body) < 51_000_000
    status, headers, body = ask(proxy, "http://bomb.example/")
    assert headers["content-encoding"] == "gzip"
    assert len(body) < 300_000
    assert len(gzip.decompress(body)) == 200_000_000
    _, headers, body = ask(proxy, "http://latin1.example/om-oss/ledelse")
    assert headers["content-type"].endswith("utf-8")
    assert "Ødegård" in body.decode("latin-1")
    with pytest.raises(UnicodeDecodeError):
        body.decode()
    status, headers, _ = ask(proxy, "http://metadata.example/")
    assert status == 302
    assert headers["location"].startswith("http://169.254.169.254/")
    assert ask(proxy, "http://down.example/", "2025-03-16")[0] == 200
    status, headers, _ = ask(proxy, "http://down.example/", "2025-03-17")
    assert (status, headers["lyttepost-replay-error"]) == (504, "timeout")
    assert ask(proxy, "http://down.example/", "2025-03-23")[0] == 504
    assert ask(proxy, "http://down.example/", "2025-03-24")[0] == 200


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "practice_market", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_accounts_and_truth_are_written(tmp_path: Path) -> None:
    file = tmp_path / "accounts.csv"
    small = ("--companies", "12", "--days", "90")
    assert run("accounts", *small, "--out", str(file)).returncode == 0
    with file.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert list(rows[0]) == [
        "account_id",
        "name",
        "country",
        "org_number",
        "domains",
        "segment",
        "owner",
        "employees",
    ]
    assert len(rows) == 12
    assert all(row["domains"].endswith(".example") for row in rows)
    for folder in ("one", "two"):
        done = run("truth", *small, "--out", str(tmp_path / folder))
        assert done.returncode == 0, done.stderr
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == sorted(f"{name}.jsonl" for name in truth.FILES)
    for name in names:
        one = (tmp_path / "one" / name).read_bytes()
        assert one == (tmp_path / "two" / name).read_bytes()
        assert one or name == "shocks.jsonl"


def test_truth_says_what_happened() -> None:
    world = World(Market())
    labels = list(truth.rows(world, "labels"))
    begun = [
        (row["account_id"], row["at"])
        for row in truth.rows(world, "states")
        if row["state"] == STATES[PROCURING]
    ]
    assert begun == [(row["account_id"], row["at"]) for row in labels]
    people = list(truth.rows(world, "people"))
    assert {row["event"] for row in people} == {"appointed", "departed", "renamed"}
    with pytest.raises(KeyError):
        list(truth.rows(world, "secrets"))


def test_a_wrong_option_is_refused() -> None:
    done = run("serve", "--companies", "0")
    assert done.returncode == 2
    assert "0 is less than 1" in done.stderr
