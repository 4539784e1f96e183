"""The crawl machinery against a web that behaves badly on purpose.

Every crawl here is the child process of production, over HTTP on loopback.
"""

import gzip
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import polars as pl
import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from warcio.archiveiterator import ArchiveIterator

from scrapers.envelope import Envelope
from scrapers.landing import day_folder, read_payload, read_visits
from scrapers.source import load_parser
from tests.scrapers.conftest import (
    HTML,
    MONDAY,
    NOT_FOUND,
    TUESDAY,
    Asked,
    BadWeb,
    Crawled,
    Given,
    Host,
    crawl_command,
    crawl_environment,
    crawled,
    unused_port,
    write_accounts,
)

METADATA = "http://169.254.169.254/latest/meta-data/"
ETAG = '"made-up-1"'
NORWEGIAN = "<h1>Bakeriet på Ås</h1><p>Vi søker en dyktig baker på nattskift.</p>"
MAX_PAYLOAD = 10_000_000


def page(title: str, *paths: str) -> bytes:
    """A made-up page with a menu."""
    menu = "".join(f'<a href="{path}">{path[1:]}</a>' for path in paths)
    return (
        f'<!DOCTYPE html><html lang="nb"><head><title>{title}</title></head><body>'
        f"<nav>{menu}</nav><main><h1>{title}</h1><p>Vi lager broer og kaier i hele "
        "landet, og har gjort det i mange år.</p></main></body></html>"
    ).encode()


def site(**pages: Given) -> Host:
    """A host that has these pages and no other: `home` is /, `om_oss` /om-oss."""
    by_path = {
        "/" if name == "home" else f"/{name.replace('_', '-')}": given
        for name, given in pages.items()
    }
    by_path |= {"/robots.txt": by_path.pop("/robots", NOT_FOUND)}
    return lambda asked: by_path.get(asked.path, NOT_FOUND)


def at_home(given: Given) -> Host:
    """A host whose front page answers like that; nothing else is there."""
    return site(home=given)


def redirect(location: str, status: int = 302) -> Given:
    return Given(b"", status, {"Location": location})


def tagged(asked: Asked) -> Given:
    if asked.path == "/":
        if asked.headers.get("If-None-Match") == ETAG:
            return Given(b"", 304, {"ETag": ETAG, "Server": asked.day})
        return Given(page("Etikett", "/om-oss"), headers={**HTML, "ETag": ETAG})
    if asked.path == "/om-oss":
        return Given(page("Om oss"), headers={**HTML, "Server": asked.day})
    return NOT_FOUND


def looping(asked: Asked) -> Given:
    if asked.path in ("/", "/a", "/b"):
        return redirect("/b" if asked.path == "/a" else "/a")
    return NOT_FOUND


def endless(asked: Asked) -> Given:
    if asked.path != "/":
        return NOT_FOUND
    part = b"<p>En side som aldri tar slutt.</p>\n" * 2000

    def parts() -> Iterator[bytes]:
        for _ in range(50_000_000 // len(part)):
            yield part

    return Given(parts())


@cache
def bomb() -> bytes:
    """A gzip file of 10 GB of zeros: one flushed block of 100 MB, a hundred times."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    head = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    block = b"".join(packer.compress(bytes(1_000_000)) for _ in range(100))
    block += packer.flush(zlib.Z_FULL_FLUSH)
    return head + block * 100 + packer.flush()


GZIP = {**HTML, "Content-Encoding": "gzip"}
ROBOTS = b"User-agent: *\nDisallow: /ledige-stillinger\nDisallow: /ledelse\n"


def flaky_robots(asked: Asked) -> Given:
    if asked.path == "/robots.txt":
        return Given(b"", 500) if asked.day == MONDAY.isoformat() else NOT_FOUND
    return Given(page("Tilbake"))


def cookie(asked: Asked) -> Given:
    if asked.path in ("/", "/om-oss"):
        headers = {**HTML, "Set-Cookie": "besok=1; Path=/"}
        return Given(page("Kjeks", "/om-oss"), headers=headers)
    return NOT_FOUND


def timeout_header(asked: Asked) -> Given:
    return Given(b"", 504, {"Lyttepost-Replay-Error": "timeout"})


def robots_timeout(asked: Asked) -> Given:
    if asked.path == "/robots.txt":
        return timeout_header(asked)
    return Given(page("Finnes"))


HOSTS: dict[str, Host] = {
    "tagged.example": tagged,
    "moved.example": site(
        home=redirect("/hjem", 301), hjem=redirect("/no/"), **{"no/": Given(page("Ny"))}
    ),
    "metadata.example": at_home(redirect(METADATA)),
    "169.254.169.254": at_home(Given(b"secret")),
    "hidden.example": at_home(redirect("http://[::ffff:127.0.0.1]/")),
    "file.example": at_home(redirect("file:///etc/passwd")),
    "loop.example": looping,
    "endless.example": endless,
    "huge.example": at_home(Given(b"x", length=50_000_000)),
    "bomb.example": lambda asked: (
        Given(bomb(), headers=GZIP) if asked.path == "/" else NOT_FOUND
    ),
    "torn.example": at_home(Given(gzip.compress(page("Revet"))[:-30], headers=GZIP)),
    "liar.example": at_home(Given(page("Løgn"), length=5000)),
    "slow.example": at_home(Given(page("Sent"), wait_s=4.0)),
    "unanswered.example": at_home(timeout_header(Asked("", "", {}))),
    "forbidden.example": at_home(Given(page("Nei"), 403)),
    "many.example": at_home(Given(page("For mange"), 429)),
    "broken.example": at_home(Given(page("Feil"), 500)),
    "rules.example": site(
        robots=Given(ROBOTS, headers={"Content-Type": "text/plain"}),
        home=Given(page("Regler", "/om-oss", "/ledelse", "/ledige-stillinger")),
        om_oss=Given(page("Om oss")),
        ledelse=Given(page("Ledelse")),
        ledige_stillinger=Given(page("Ledige stillinger")),
    ),
    "norules.example": flaky_robots,
    "waitingrules.example": robots_timeout,
    "latin1.example": at_home(Given(NORWEGIAN.encode("latin-1"))),
    "cookie.example": cookie,
}
ACCOUNTS = {
    host.split(".")[0]: (host,) for host in HOSTS if host != "169.254.169.254"
} | {"gone": ("gone.example",)}


@pytest.fixture(scope="module")
def crawl(serve_web: Any, tmp_path_factory: Any) -> tuple[Path, BadWeb, Crawled]:
    """Two days of the bad web."""
    home = tmp_path_factory.mktemp("bad") / "home"
    write_accounts(home, ACCOUNTS)
    web = serve_web(HOSTS)
    bomb()
    done = crawled(home, (MONDAY, TUESDAY), web.proxy, LYTTEPOST_TIMEOUT_S="1.5")
    return home, web, done


@pytest.fixture(scope="module")
def rows(crawl: Any) -> dict[tuple[str, str], dict[str, Any]]:
    """Visits by day and address."""
    visits = read_visits(crawl[0], "company_pages")
    return {
        (str(row["fetched_at"].date()), row["url"]): row
        for row in visits.iter_rows(named=True)
    }


def on(rows: dict[Any, Any], url: str, day: Any = MONDAY) -> dict[str, Any]:
    """The visit of an address; the front page of a host when only that is given."""
    url = url if "/" in url else f"{url}/"
    row = rows[day.isoformat(), f"http://{url}"]
    assert isinstance(row, dict)
    return row


def test_every_day_finishes_whatever_the_web_does(crawl: Any) -> None:
    _, _, done = crawl
    assert done.code == 0, done.err
    days = [json.loads(line)["day"] for line in done.out.splitlines()]
    assert days == [MONDAY.isoformat(), TUESDAY.isoformat()]
    assert done.stats["error"] is None
    assert all(not day["callback_faults"] for day in done.stats["days"])


OUTCOMES = {
    "tagged.example": ("ok", 200),
    "moved.example": ("ok", 200),
    "metadata.example": ("refused_address", None),
    "hidden.example": ("refused_address", None),
    "file.example": ("http_error", 302),
    "loop.example": ("redirect_loop", 302),
    "endless.example": ("too_large", None),
    "huge.example": ("too_large", None),
    "bomb.example": ("too_large", 200),
    "torn.example": ("truncated", 200),
    "liar.example": ("truncated", 200),
    "slow.example": ("timeout", None),
    "unanswered.example": ("timeout", None),
    "forbidden.example": ("blocked", 403),
    "many.example": ("blocked", 429),
    "broken.example": ("http_error", 500),
    "rules.example": ("ok", 200),
    "norules.example": ("http_error", None),
    "waitingrules.example": ("timeout", None),
    "latin1.example": ("ok", 200),
    "cookie.example": ("ok", 200),
    "gone.example": ("dns_error", None),
}


@pytest.mark.parametrize("host", OUTCOMES)
def test_a_front_page_has_one_row_with_its_outcome(rows: Any, host: str) -> None:
    row = on(rows, host)
    assert (row["outcome"], row["http_status"]) == OUTCOMES[host]
    assert row["scope"] == "home"
    assert row["account_id"] == host.split(".")[0]


def test_a_day_has_one_row_for_each_account_and_address(crawl: Any) -> None:
    visits = read_visits(crawl[0], "company_pages")
    key = [visits["fetched_at"].dt.date(), visits["account_id"], visits["url"]]
    assert not pl.DataFrame(key).is_duplicated().any()
    assert visits["visit_id"].is_unique().all()
    assert visits["account_id"].null_count() == 0
    for day in (MONDAY, TUESDAY):
        asked = set(crawl[1].urls(day))
        told = set(visits.filter(pl.col("fetched_at").dt.date() == day)["url"])
        chains = visits.filter(pl.col("fetched_at").dt.date() == day)
        told |= set(chains["redirect_chain"].explode().drop_nulls())
        # Where redirects end is in the record, or in the one a row refers to.
        told |= {
            row["url"]
            for landed in (MONDAY, day)
            for row in _warc_targets(crawl[0], landed)
            if row["url"].startswith("http")
        }
        assert asked <= told, f"asked without a row: {asked - told}"


def _warc_targets(home: Path, day: Any) -> Iterator[dict[str, str]]:
    for file in day_folder(home, "company_pages", day).glob("*.warc.gz"):
        with file.open("rb") as stream:
            for record in ArchiveIterator(stream):
                url = record.rec_headers.get_header("WARC-Target-URI")
                if url:
                    yield {"url": url, "type": record.rec_type}


def test_a_page_that_was_not_modified_keeps_its_digest(crawl: Any, rows: Any) -> None:
    first, second = on(rows, "tagged.example"), on(rows, "tagged.example", TUESDAY)
    assert second["outcome"] == "not_modified"
    assert second["http_status"] == 304
    assert second["payload_digest"] == first["payload_digest"]
    asked = [a for a in crawl[1].asked if a.url == "http://tagged.example/"]
    assert [a.headers.get("If-None-Match") for a in asked] == [None, ETAG]
    # The page found through the unchanged front page is visited all the same.
    assert on(rows, "tagged.example/om-oss", TUESDAY)["outcome"] == "ok"
    body = read_payload(crawl[0], "company_pages", second)
    assert body == page("Etikett", "/om-oss")


@pytest.mark.parametrize(
    ("url", "profile"),
    [
        ("http://tagged.example/", "server-not-modified"),
        ("http://tagged.example/om-oss", "identical-payload-digest"),
    ],
)
def test_standard_tools_read_a_revisit(crawl: Any, url: str, profile: str) -> None:
    home = crawl[0]
    files = sorted(day_folder(home, "company_pages", TUESDAY).glob("*.warc.gz"))
    found: dict[str, dict[str, str]] = {}
    for file in files:
        with file.open("rb") as stream:
            for record in ArchiveIterator(stream, check_digests="raise"):
                record.content_stream().read()
                if record.rec_headers.get_header("WARC-Target-URI") == url:
                    found["warcio"] = dict(record.rec_headers.headers)
                    assert record.rec_type == "revisit"
        with file.open("rb") as stream:
            for record in FastIterator(stream, parse_http=False):
                if record.headers.get("WARC-Target-URI") == url:
                    found["fastwarc"] = dict(record.headers)
    assert set(found) == {"warcio", "fastwarc"}
    for headers in found.values():
        assert headers["WARC-Profile"].endswith(profile)
        assert headers["WARC-Refers-To"].startswith("<urn:uuid:")
    referred = found["warcio"]["WARC-Refers-To"]
    ids = {
        record.rec_headers.get_header("WARC-Record-ID")
        for file in day_folder(home, "company_pages", MONDAY).glob("*.warc.gz")
        for record in _records(file)
    }
    assert referred in ids


def _records(file: Path) -> Iterator[Any]:
    with file.open("rb") as stream:
        yield from ArchiveIterator(stream)


def test_a_redirect_keeps_its_chain(crawl: Any, rows: Any) -> None:
    row = on(rows, "moved.example")
    assert row["redirect_chain"] == [
        "http://moved.example/",
        "http://moved.example/hjem",
    ]
    assert read_payload(crawl[0], "company_pages", row) == page("Ny")


@pytest.mark.parametrize(
    ("host", "target"),
    [
        ("metadata.example", METADATA),
        ("hidden.example", "http://[::ffff:127.0.0.1]/"),
    ],
)
def test_a_redirect_to_the_inside_is_never_asked(
    crawl: Any, rows: Any, host: str, target: str
) -> None:
    row = on(rows, host)
    assert row["redirect_chain"] == [f"http://{host}/", target]
    assert row["payload_digest"] is None
    inside = ("169.254", "127.0.0.1", "file:")
    assert not [url for url in crawl[1].urls() if any(i in url for i in inside)]


def test_what_is_too_large_is_not_kept_in_memory(crawl: Any, rows: Any) -> None:
    assert len(bomb()) < MAX_PAYLOAD, "the bomb must be let in to be judged"
    for host in ("endless.example", "huge.example", "bomb.example"):
        row = on(rows, host)
        assert (row["n_bytes"], row["payload_digest"]) == (0, None)
    # The child alone is about 150 MB; nothing here may add what a page promises.
    assert 50 < crawl[2].peak_mb < 260, f"{crawl[2].peak_mb:.0f} MB"


def test_what_was_cut_off_is_kept_and_said_so(crawl: Any, rows: Any) -> None:
    row = on(rows, "liar.example")
    assert row["truncated"]
    assert read_payload(crawl[0], "company_pages", row) == page("Løgn")


def test_robots_txt_is_obeyed(crawl: Any, rows: Any) -> None:
    denied = {
        url
        for (day, url), row in rows.items()
        if row["outcome"] == "robots_denied" and day == MONDAY.isoformat()
    }
    refused = {f"http://rules.example/{path}" for path in _DENIED}
    assert refused <= denied
    assert not refused & set(crawl[1].urls())
    assert on(rows, "rules.example/om-oss")["outcome"] == "ok"
    robots = on(rows, "rules.example/robots.txt")
    assert (robots["scope"], robots["outcome"]) == ("robots", "ok")


_DENIED = ("ledige-stillinger", "ledelse")


def test_without_rules_nothing_is_fetched(crawl: Any, rows: Any) -> None:
    web = crawl[1]
    asked = [url for url in web.urls(MONDAY) if "norules.example" in url]
    assert asked == ["http://norules.example/robots.txt"]
    assert on(rows, "norules.example/robots.txt")["outcome"] == "http_error"
    assert on(rows, "norules.example", TUESDAY)["outcome"] == "ok"


def test_rules_that_did_not_answer_are_not_a_refusal(crawl: Any, rows: Any) -> None:
    web = crawl[1]
    asked = {url for url in web.urls() if "waitingrules.example" in url}
    assert asked == {"http://waitingrules.example/robots.txt"}
    outcomes = {r["outcome"] for (_, url), r in rows.items() if "waitingrules" in url}
    assert outcomes == {"timeout"}


def test_latin1_labelled_utf8_lands_as_sent_and_is_read(crawl: Any, rows: Any) -> None:
    row = on(rows, "latin1.example")
    body = read_payload(crawl[0], "company_pages", row)
    assert body == NORWEGIAN.encode("latin-1")
    assert row["content_type"] == "text/html; charset=utf-8"
    envelope = Envelope("company_pages", row["url"], "home", row["content_type"], 200)
    text = " ".join(
        block.text
        for record in load_parser("company_pages").parse(body, envelope)
        for block in getattr(record, "blocks", ())
    )
    assert "Bakeriet på Ås" in text
    assert "søker" in text


def test_the_crawler_is_honest_and_keeps_no_cookies(crawl: Any) -> None:
    web = crawl[1]
    agents = {asked.headers.get("User-Agent") for asked in web.asked}
    assert len(agents) == 1
    assert next(iter(agents)).startswith("Lyttepost/")
    names = {name.lower() for asked in web.asked for name in asked.headers}
    assert not names & {"cookie", "referer", "authorization", "proxy-authorization"}
    assert sum("cookie.example" in url for url in web.urls()) >= 4


# --- interrupted crawls ----------------------------------------------------------


N_PAGES = 12


def patient(asked: Asked) -> Given:
    """A site of many pages, each of which takes a moment."""
    names = [f"/side-{n:02d}" for n in range(N_PAGES)]
    if asked.path == "/":
        return Given(page("Mange", *names), wait_s=0.05)
    return Given(page(asked.path), wait_s=0.05) if asked.path in names else NOT_FOUND


def _robots(given: Given) -> Host:
    return lambda asked: given if asked.path == "/robots.txt" else Given(page("Regler"))


# What fails must be gone on from as well as what answers.
PATIENT: dict[str, Host] = {f"p{n}.example": patient for n in range(6)} | {
    "loop.example": looping,
    "unanswered.example": at_home(timeout_header(Asked("", "", {}))),
    "metadata.example": at_home(redirect(METADATA)),
    "wait.example": at_home(
        Given(page("Vent"), 503, {**HTML, "Retry-After": "3600"}),
    ),
    "silent.example": _robots(timeout_header(Asked("", "", {}))),
    "closed.example": _robots(Given(b"User-agent: *\nDisallow: /\n")),
    "failing.example": _robots(Given(b"", 500)),
    "torn.example": HOSTS["torn.example"],
    "huge.example": HOSTS["huge.example"],
}


def _patient_home(home: Path) -> Path:
    write_accounts(home, {host: (host,) for host in (*PATIENT, "gone.example")})
    return home


def _rows(home: Path) -> pl.DataFrame:
    return read_visits(home, "company_pages").drop("warc_file", "warc_offset")


@pytest.fixture(scope="module")
def undisturbed(serve_web: Any, tmp_path_factory: Any) -> pl.DataFrame:
    """The rows of two days of the patient web."""
    home = _patient_home(tmp_path_factory.mktemp("undisturbed") / "home")
    done = crawled(home, (MONDAY, TUESDAY), serve_web(PATIENT).proxy)
    assert done.code == 0, done.err
    return _rows(home)


def _interrupt(home: Path, web: BadWeb, number: int, after: int) -> tuple[int, str]:
    """Start a crawl, send it a signal after so many requests; exit code and stderr."""
    child = subprocess.Popen(
        crawl_command(home, (MONDAY, TUESDAY), web.proxy),
        env=crawl_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 30
    while len(web.asked) < after and time.monotonic() < deadline:
        time.sleep(0.005)
    os.kill(child.pid, number)
    _, err = child.communicate(timeout=30)
    return child.returncode, err


def _landed(home: Path, day: Any) -> set[str]:
    journal = day_folder(home, "company_pages", day) / "_journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    return {json.loads(line)["url"] for line in lines if line.endswith(b"\n")}


@pytest.mark.parametrize("after", [20, 75])
def test_a_killed_crawl_goes_on_where_it_was(
    serve_web: Any, tmp_path: Path, undisturbed: pl.DataFrame, after: int
) -> None:
    home, web = _patient_home(tmp_path), serve_web(PATIENT)
    code, _ = _interrupt(home, web, signal.SIGKILL, after)
    assert code == -signal.SIGKILL
    landed = _landed(home, MONDAY)
    assert landed
    folder = day_folder(home, "company_pages", MONDAY)
    assert not (folder / "visits.parquet").exists()
    # What a torn write leaves: half a row, half a record.
    with (folder / "_journal.jsonl").open("ab") as stream:
        stream.write(b'{"visit_id": "0000", "url": "http://p0.exam')
    with next(iter(folder.glob("*.warc.gz"))).open("ab") as stream:
        stream.write(b"\x1f\x8b\x08torn")
    before = len(web.asked)
    done = crawled(home, (MONDAY, TUESDAY), web.proxy)
    assert done.code == 0, done.err
    again = [a.url for a in web.asked[before:] if a.day == MONDAY.isoformat()]
    assert not landed & set(again)
    twice = {url for url, n in Counter(again).items() if n > 1}
    assert not {u for u in twice if "loop.example" not in u and "torn" not in u}
    assert _rows(home).equals(undisturbed)
    for row in read_visits(home, "company_pages").iter_rows(named=True):
        if row["payload_digest"] is not None:
            read_payload(home, "company_pages", row)


def test_a_crawl_that_is_asked_to_stop_says_so_and_goes_on_later(
    serve_web: Any, tmp_path: Path, undisturbed: pl.DataFrame
) -> None:
    home, web = _patient_home(tmp_path), serve_web(PATIENT)
    code, err = _interrupt(home, web, signal.SIGTERM, 40)
    assert code == 1
    assert "asked to stop" in err.splitlines()[-1]
    assert json.loads((home / "stats.json").read_text())["error"]
    folder = day_folder(home, "company_pages", MONDAY)
    assert not (folder / "_crawl.json").exists()
    landed, before = _landed(home, MONDAY), len(web.asked)
    done = crawled(home, (MONDAY, TUESDAY), web.proxy)
    assert done.code == 0, done.err
    again = {a.url for a in web.asked[before:] if a.day == MONDAY.isoformat()}
    assert not landed & again
    assert _rows(home).equals(undisturbed)


def test_rules_that_could_not_be_read_are_none_for_the_run_that_goes_on_either(
    serve_web: Any, tmp_path: Path
) -> None:
    """A robots.txt that is a bomb, or lost its end, denies what it cannot allow."""
    rules = b"User-agent: *\n" + b"Allow: /a\n" * 500 + b"Disallow: /\n"
    bad = {
        "bomb.example": _robots(Given(bomb(), headers=GZIP)),
        "torn.example": _robots(Given(gzip.compress(rules)[:-9], headers=GZIP)),
        "cut.example": _robots(Given(rules[:-9], length=len(rules))),
    }
    home = tmp_path / "home"
    web = serve_web(PATIENT | bad)
    write_accounts(home, {host: (host,) for host in (*bad, *PATIENT)})
    assert _interrupt(home, web, signal.SIGTERM, 45)[0] == 1
    journal = day_folder(home, "company_pages", MONDAY) / "_journal.jsonl"
    # As a run leaves it that was killed before it came to the pages.
    lines = journal.read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if json.loads(line)["url"].endswith("/robots.txt")]
    journal.write_text("".join(kept), "utf-8")
    assert {f"http://{host}/robots.txt" for host in bad} <= _landed(home, MONDAY)
    done = crawled(home, (MONDAY,), web.proxy)
    assert done.code == 0, done.err
    assert not {u for u in web.urls() if u.split("/")[2] in bad and "robots" not in u}


def test_a_web_whose_replay_ends_is_not_a_web_that_fails(
    serve_web: Any, tmp_path: Path, undisturbed: pl.DataFrame
) -> None:
    home, web = _patient_home(tmp_path), serve_web(PATIENT)
    gone = f"http://127.0.0.1:{unused_port()}"
    done = crawled(home, (MONDAY, TUESDAY), gone)
    assert done.code == 1
    assert f"the replay proxy {gone} did not answer" in done.err.splitlines()[-1]
    assert not _landed(home, MONDAY)
    done = crawled(home, (MONDAY, TUESDAY), web.proxy)
    assert done.code == 0, done.err
    assert _rows(home).equals(undisturbed)


def test_an_answer_that_was_torn_once_is_asked_for_again(
    serve_web: Any, tmp_path: Path
) -> None:
    tries: Counter[str] = Counter()

    def cut(asked: Asked) -> Given:
        tries[asked.path] += 1
        given = page(asked.path, "/ledelse", "/om-oss")
        if asked.path in ("/", "/ledelse") and tries[asked.path] == 1:
            return Given(given, length=len(given) + 9)
        if asked.path == "/om-oss" and tries[asked.path] == 1:
            torn = gzip.compress(given)[:-9]
            return Given(torn, headers={**HTML, "Content-Encoding": "gzip"})
        return Given(given) if asked.path in ("/", "/ledelse", "/om-oss") else NOT_FOUND

    write_accounts(tmp_path, {"cut.example": ("cut.example",)})
    done = crawled(tmp_path, (MONDAY,), serve_web({"cut.example": cut}).proxy)
    assert done.code == 0, done.err
    visits = read_visits(tmp_path, "company_pages")
    whole = visits.filter(pl.col("outcome") == "ok")
    paths = {urlsplit(url).path for url in whole["url"]}
    assert {"/", "/ledelse", "/om-oss"} <= paths
    assert not visits["truncated"].any()
    assert {tries[p] for p in ("/", "/ledelse", "/om-oss")} == {2}


@pytest.mark.parametrize("halves", [(b"<p>Half",), (b"<p>A server's half", b"<p>Ha")])
def test_a_web_whose_replay_ends_within_an_answer_says_nothing_of_the_page(
    serve_web: Any, tmp_path: Path, halves: tuple[bytes, ...]
) -> None:
    """The proxy dies while it sends: the page is neither landed nor torn.

    Nor when what it sent before was a half that the web itself gives.
    """
    port = unused_port()
    listener = socket.create_server(("127.0.0.1", port))
    left = list(halves)

    def answer_half() -> None:
        while left:
            line, _ = listener.accept()
            asked = line.recv(65_536).splitlines()[0]
            if asked.split()[1] != b"http://cut.example/":
                line.sendall(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")
                line.close()
                continue
            if len(left) == 1:
                listener.close()
            line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n")
            line.sendall(left.pop(0))
            line.close()

    dying = threading.Thread(target=answer_half, daemon=True)
    dying.start()
    write_accounts(tmp_path, {"cut.example": ("cut.example",)})
    done = crawled(tmp_path, (MONDAY,), f"http://127.0.0.1:{port}")
    dying.join(10)
    assert done.code == 1
    assert "did not answer" in done.err.splitlines()[-1]
    assert not {u for u in _landed(tmp_path, MONDAY) if urlsplit(u).path == "/"}


LAUNCH = """
import sys
import threading
from datetime import date
from pathlib import Path
from orchestration.crawl import crawl
crawl("company_pages", Path(sys.argv[1]), [date(2025, 3, 3)], sys.argv[2])
"""


def test_a_crawl_dies_with_the_run_that_started_it(
    serve_web: Any, tmp_path: Path
) -> None:
    home, web = _patient_home(tmp_path), serve_web(PATIENT)
    parent = subprocess.Popen(
        [sys.executable, "-c", LAUNCH, str(home), web.proxy], env=crawl_environment()
    )
    deadline = time.monotonic() + 30
    while len(web.asked) < 30 and time.monotonic() < deadline:
        time.sleep(0.005)
    parent.kill()
    parent.wait()
    time.sleep(0.3)
    asked = len(web.asked)
    time.sleep(0.5)
    assert len(web.asked) == asked
    assert not list(home.glob("landing/company_pages/day=*/_crawl.json"))


# --- broken crawls ---------------------------------------------------------------


def _program(folder: Path, *lines: str) -> str:
    """A program that changes something and then runs the crawl."""
    file = folder / "changed_run.py"
    head = ("import sys", "import scrapers.run as run")
    tail = ("sys.exit(run.main())",)
    file.write_text("\n".join((*head, *lines, *tail)) + "\n")
    return str(file)


# The proxy dies when the kernel has taken a connection in and nobody has accepted it:
# what stood in line is reset, which is no refusal.
RESET_IN_LINE = (
    "import socket",
    "from twisted.internet import tcp",
    "listener = socket.create_server(('127.0.0.1', {port}))",
    "connect = tcp.Client.doConnect",
    "def reset(self):",
    "    if self.__dict__.setdefault('begun', False):",
    "        listener.close()",
    "    self.begun = True",
    "    return connect(self)",
    "tcp.Client.doConnect = reset",
)


def test_a_web_whose_replay_ends_before_it_takes_us_in_says_nothing_of_the_page(
    serve_web: Any, tmp_path: Path, undisturbed: pl.DataFrame
) -> None:
    home, port = _patient_home(tmp_path), unused_port()
    program = _program(tmp_path, *(line.format(port=port) for line in RESET_IN_LINE))
    gone = f"http://127.0.0.1:{port}"
    done = crawled(home, (MONDAY, TUESDAY), gone, program)
    assert done.code == 1
    assert f"the replay proxy {gone} did not answer" in done.err.splitlines()[-1]
    assert not _landed(home, MONDAY)
    done = crawled(home, (MONDAY, TUESDAY), serve_web(PATIENT).proxy)
    assert done.code == 0, done.err
    assert _rows(home).equals(undisturbed)


STOPS = (
    "from scrapers.crawl_context import CrawlStopped",
    "from scrapers.sources.company_pages.spider import CompanyPagesSpider as Spider",
    "def broken(self, *args, **kwargs):",
    "    raise {error}",
)
BROKEN = [
    ("CrawlStopped('the key is not accepted')", "_answered", "the key is not accepted"),
    ("CrawlStopped('the key is not accepted')", "start", "the key is not accepted"),
    ("KeyError('members')", "_answered", "the spider failed on"),
    ("KeyError('members')", "start", "KeyError: 'members'"),
    ("KeyError('members')", "__init__", "KeyError: 'members'"),
]


@pytest.mark.parametrize(("error", "method", "sentence"), BROKEN)
def test_a_broken_spider_fails_the_day_with_one_sentence(
    serve_web: Any, tmp_path: Path, error: str, method: str, sentence: str
) -> None:
    web = serve_web({f"b{n}.example": at_home(Given(page("Hei"))) for n in range(4)})
    write_accounts(tmp_path, {host: (host,) for host in web.hosts})
    lines = [line.format(error=error) for line in STOPS]
    program = _program(tmp_path, *lines, f"Spider.{method} = broken")
    done = crawled(tmp_path, (MONDAY, TUESDAY), web.proxy, program)
    assert done.code == 1
    assert sentence in done.stats["error"]
    last = done.err.splitlines()[-1]
    assert last.startswith(f"company_pages: {MONDAY}: ")
    assert sentence in last
    folder = day_folder(tmp_path, "company_pages", MONDAY)
    assert not (folder / "_crawl.json").exists()
    assert not day_folder(tmp_path, "company_pages", TUESDAY).exists()


NAV = "pam-stilling-feed.nav.no"
TOKEN = Given(b"eyJhbGc.eyJzdWI.c2ln", headers={"Content-Type": "text/plain"})


@pytest.mark.parametrize(
    ("hosts", "sentence"),
    [
        ({}, "https://pam-stilling-feed.nav.no/api/publicToken was not reached"),
        ({NAV: lambda asked: Given(b"", 500)}, "was not reached"),
        ({NAV: site()}, "gave no token (status 404)"),
        ({NAV: site(robots=Given(b"User-agent: *\nDisallow: /\n"))}, "robots.txt"),
    ],
)
def test_a_source_that_cannot_be_read_does_not_make_a_day(
    serve_web: Any, tmp_path: Path, hosts: dict[str, Host], sentence: str
) -> None:
    web = serve_web(hosts)
    write_accounts(tmp_path, {"a": ("a.example",)})
    done = crawled(tmp_path, (MONDAY, TUESDAY), web.proxy, source="nav_jobs")
    assert done.code == 1
    assert sentence in done.err.splitlines()[-1]
    assert not list(tmp_path.glob("landing/nav_jobs/day=*/_crawl.json"))
    # When it can be read again, the same day is made complete.
    feed = Given(b'{"items": [], "next_url": null}', headers={"Content-Type": "a/b"})
    answers = {"/api/publicToken": TOKEN, "/api/v1/feed": feed}
    web.hosts[NAV] = lambda asked: answers.get(asked.path, NOT_FOUND)
    if "status 404" in sentence or "robots.txt" in sentence:
        # Those were answers, and hold for the day.
        return
    again = crawled(tmp_path, (MONDAY,), web.proxy, source="nav_jobs")
    assert again.code == 0, again.err
    visits = read_visits(tmp_path, "nav_jobs")
    assert visits["url"].is_unique().all()
    outcomes = dict(visits.select("scope", "outcome").iter_rows())
    assert outcomes == {"robots": "http_error", "token": "ok", "feed_page": "ok"}
    assert set(visits.filter(pl.col("scope") == "robots")["http_status"]) == {404}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--source", "no_such_source"), "there is no source 'no_such_source'"),
        (("--days", "2025-02-30"), "2025-02-30"),
        (("--accounts", "nowhere.parquet"), "nowhere.parquet: there is no watch list"),
    ],
)
def test_what_cannot_be_crawled_is_said_in_one_sentence(
    tmp_path: Path, arguments: tuple[str, str], sentence: str
) -> None:
    write_accounts(tmp_path, {"a": ("a.example",)})
    command = [*crawl_command(tmp_path, (MONDAY,), "http://127.0.0.1:1"), *arguments]
    done = subprocess.run(
        command, env=crawl_environment(), capture_output=True, text=True
    )
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "landing").exists()


# --- the real web ----------------------------------------------------------------


def test_the_real_web_is_never_this_machine(serve_web: Any, tmp_path: Path) -> None:
    web = serve_web({})
    addresses = (
        f"127.0.0.1:{web.port}",
        f"localhost:{web.port}",
        f"[::1]:{web.port}",
        f"2130706433:{web.port}",
        f"127.1:{web.port}",
    )
    write_accounts(tmp_path, {f"a{n}": (host,) for n, host in enumerate(addresses)})
    done = crawled(tmp_path, (MONDAY,), None)
    assert done.code == 0, done.err
    visits = read_visits(tmp_path, "company_pages")
    assert set(visits["outcome"]) == {"refused_address"}
    homes = visits.filter(pl.col("scope") == "home")
    assert set(homes["url"]) == {f"https://{host}/" for host in addresses}
    assert web.asked == []


QUICK = (
    "from dataclasses import replace",
    "load = run.load_source",
    "run.load_source = lambda name: replace(load(name), download_delay_s=0.0)",
)
# The guard of names is lifted, so that what stands behind it is tried.
ANY_NAME = (
    "import scrapers.addresses as addresses",
    "import scrapers.middlewares.visits as visits",
    "addresses.refused_host = visits.refused_host = lambda host: None",
)
ANY_ADDRESS = ("addresses.refused_ip = lambda address: None",)


def test_a_name_that_resolves_to_this_machine_is_refused(
    serve_web: Any, tmp_path: Path
) -> None:
    web = serve_web({})
    write_accounts(tmp_path, {"inside": (f"localhost:{web.port}",)})
    program = _program(tmp_path, *QUICK, *ANY_NAME)
    done = crawled(tmp_path, (MONDAY,), None, program)
    assert done.code == 0, done.err
    assert set(read_visits(tmp_path, "company_pages")["outcome"]) == {"refused_address"}
    assert web.asked == []


def test_on_the_real_web_retries_leave_one_row(serve_web: Any, tmp_path: Path) -> None:
    web = serve_web({})
    host = f"localhost:{web.port}"
    tries: Counter[str] = Counter()

    def weak(asked: Asked) -> Given:
        tries[asked.path] += 1
        if asked.path == "/":
            is_up = tries["/"] == 3
            return Given(page("Oppe igjen")) if is_up else Given(b"", 503)
        return NOT_FOUND

    web.hosts[host] = weak
    write_accounts(tmp_path, {"weak": (host,), "shut": (f"localhost:{unused_port()}",)})
    program = _program(tmp_path, *QUICK, *ANY_NAME, *ANY_ADDRESS)
    done = crawled(tmp_path, (MONDAY,), None, program)
    assert done.code == 0, done.err
    visits = read_visits(tmp_path, "company_pages")
    assert not visits.select("account_id", "url").is_duplicated().any()
    found = {
        (row["url"], row["outcome"])
        for row in visits.filter(pl.col("account_id") == "weak").iter_rows(named=True)
    }
    # Nothing but http is spoken there: https fails, and its rules are not held against
    # the http pages.
    assert (f"https://{host}/", "tls_error") in found
    assert (f"http://{host}/", "ok") in found
    assert tries["/"] == 3
    assert set(visits.filter(pl.col("account_id") == "shut")["outcome"]) == {
        "http_error"
    }
    day = done.stats["days"][0]
    assert day["visits"] == visits.height
    assert day["attempts"] == visits.height + day["retries"]
    assert {a.day for a in web.asked} == {""}, "no replay header on the real web"
