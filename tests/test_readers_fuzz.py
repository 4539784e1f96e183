"""Readers of what others write, besides the parsers: they raise only their own errors.

A reader gets any bytes, and the bytes of a good example gone bad. What parsers read is
tried in extract/test_fuzz.py, what spiders read in scrapers/test_spiders_fuzz.py.
"""

import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.accounts.given import read_given
from orchestration.accounts.opt_outs import read_opt_outs
from orchestration.accounts.places import read_places
from orchestration.accounts.watch_list import AccountsRefused, read_watch_list
from orchestration.contracts.odcs import ContractError
from orchestration.crm.field_map import CrmError
from orchestration.crm.opportunities import read_opportunities
from orchestration.publish.evidence import readable
from orchestration.replay.recorded_web import RecordedWebRefused, hosts
from scrapers import warc
from scrapers.addresses import refused_host, refused_ip
from scrapers.classify import classify
from scrapers.extract.shell import is_empty_shell
from scrapers.families.page import clean_url
from scrapers.landing import Capture, Landing
from scrapers.latest import read_latest
from scrapers.middlewares.patience import seconds_to_wait
from scrapers.reservations import (
    content_signals,
    reservation_end,
    reserved_by,
    tdm_rules,
)
from tests.extract.test_fuzz import EXAMPLES, mutated

ACCOUNTS = (
    b"account_id,name,org_number,domains,country\n"
    b"a,\xc3\x85s Eksempel AS,999601391,as.example;b.example,NO\n"
    b'b,"To ""linjer""\nAS",,to.example,SE\n'
)
PLACES = (
    b"account_id,kind,source,address,score,status\n"
    b"a,careers,company_pages,http://as.example/jobb,0.2,kept\n"
)
WON = b"account_id,offer,won_on,amount\na,offer,2025-01-02,10\n"
RULES = json.dumps([{"location": "/a/*$", "tdm-reservation": 1}] * 3).encode()
ROBOTS = b"User-agent: *\nContent-Signal: search=no, ai-train=no\nDisallow: /a*b$\n"
PAGES = (
    b'{"url": "http://a.example/", "valid_from": "2025-01-01T00:00:00Z", "status": 200,'
    b' "content_type": "text/html", "body": "bodies/1.gz"}\n'
)
MEMBER = warc.response_member(
    "v", "http://a.example/", datetime(2025, 1, 1), 200, [("A", "b")], b"x" * 200, "d"
)
JOURNAL_DAY = date(2025, 3, 3)


def _filed(read: Callable[[Path], object], name: str) -> Callable[[bytes, Path], None]:
    def of_bytes(body: bytes, folder: Path) -> None:
        file = folder / name
        file.write_bytes(body)
        read(file)

    return of_bytes


def _archive(body: bytes, folder: Path) -> None:
    file = folder / "a.warc.gz"
    file.write_bytes(body)
    for offset in (0, 7):
        with contextlib.suppress(warc.RecordDamaged):
            warc.read_record(file, offset)


def _resumed(body: bytes, folder: Path) -> None:
    """A day whose journal is anything goes on."""
    home = folder / "home"
    day = home / "landing" / "company_pages" / f"day={JOURNAL_DAY}"
    day.mkdir(parents=True, exist_ok=True)
    (day / "_journal.jsonl").write_bytes(body)
    landing = Landing(home, "company_pages", JOURNAL_DAY, replayed=True)
    again = f"http://a.example/{len(body)}"
    if ("a", again) not in landing.visits:
        landing.land(Capture("a", "home", again, "ok", 200, (), b"<p>x</p>"))
    landing.close()


def _rules(body: bytes, _: Path) -> None:
    rules = tdm_rules(body)
    reserved_by(rules, "http://a.example/a/b?c")
    reservation_end(body)


def _journal() -> bytes:
    row = {
        "visit_id": "v",
        "source": "company_pages",
        "account_id": "a",
        "scope": "home",
        "url": "http://a.example/",
        "fetched_at": "2025-03-03T23:59:59",
        "outcome": "timeout",
        "http_status": None,
        "content_type": None,
        "payload_digest": None,
        "etag": None,
        "last_modified": None,
        "n_bytes": 0,
        "truncated": False,
        "redirect_chain": [],
        "warc_file": None,
        "warc_offset": None,
        "warc_end": None,
        "attempts": 1,
    }
    return json.dumps(row).encode() + b"\n"


@dataclass(frozen=True)
class Reader:
    """A reader: how it reads bytes, a good example, and the errors that are its own."""

    read: Callable[[bytes, Path], object]
    good: bytes
    own: tuple[type[Exception], ...] = ()


READERS = {
    "watch list": Reader(
        _filed(read_watch_list, "a.csv"), ACCOUNTS, (AccountsRefused,)
    ),
    "accounts to discover": Reader(
        _filed(read_given, "a.csv"), ACCOUNTS, (AccountsRefused,)
    ),
    "places": Reader(
        _filed(lambda f: read_places(f, frozenset("a"), ("company_pages",)), "p.csv"),
        PLACES,
        (AccountsRefused,),
    ),
    "opt outs": Reader(
        _filed(read_opt_outs, "o.csv"),
        b"domain,account_id\nas.example,\n",
        (AccountsRefused,),
    ),
    "outcomes": Reader(
        _filed(lambda f: read_opportunities([f], None, "", None), "w.csv"),
        WON,
        (CrmError, ContractError),
    ),
    "outcomes in Parquet": Reader(
        _filed(lambda f: read_opportunities([f], None, "", None), "w.parquet"),
        b"PAR1" + b"\0" * 40 + b"PAR1",
        (CrmError, ContractError),
    ),
    "recorded web": Reader(
        _filed(lambda f: hosts(f.parent), "pages.jsonl"), PAGES, (RecordedWebRefused,)
    ),
    "archive": Reader(_archive, MEMBER),
    "journal": Reader(_resumed, _journal() * 3),
    "latest": Reader(_filed(lambda f: read_latest(f, ()), "l.parquet"), b"PAR1x" * 9),
    "reservations": Reader(_rules, RULES),
    "content signals": Reader(
        lambda b, _: content_signals(b.decode("utf-8", "replace"), "Lyttepost"), ROBOTS
    ),
    "Retry-After": Reader(
        lambda b, _: seconds_to_wait(b, datetime.now(UTC)),
        b"Wed, 21 Oct 2015 07:28:00 GMT",
    ),
    "outcome of a page": Reader(
        lambda b, _: classify(b, "text/html", "http://a.example/"),
        b"<html><title>404</title><p>Ikke funnet</p></html>",
    ),
    "empty shell": Reader(
        lambda b, _: is_empty_shell(b, "text/html"), b"<html><div id=root></div>"
    ),
    "evidence": Reader(
        lambda b, _: readable(b, "text/html; charset=utf-8"), b'{"a":1}'
    ),
    "address": Reader(
        lambda b, _: clean_url("http://" + b.decode("latin-1")), b"a.example:80/a?b=c"
    ),
    "host": Reader(
        lambda b, _: (
            refused_host(b.decode("utf-8", "replace")),
            refused_ip(b.decode("latin-1")),
        ),
        b"[::ffff:127.0.0.1%eth0]",
    ),
}


def test_a_digit_that_is_no_number_is_no_time_to_wait() -> None:
    """Found by the test below: a raised one is a digit, and no number."""
    assert seconds_to_wait("¹".encode("latin-1"), datetime.now(UTC)) is None


@pytest.mark.parametrize("name", READERS)
@given(st.binary(max_size=200), st.integers(0, 2**32))
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_a_reader_raises_only_its_own(
    tmp_path: Path, name: str, body: bytes, seed: int
) -> None:
    reader = READERS[name]
    for given_bytes in (body, mutated(reader.good, seed)):
        try:
            reader.read(given_bytes, tmp_path)
        except reader.own as refusal:
            sentence = str(refusal)
            assert sentence
            assert "Traceback" not in sentence


@pytest.mark.parametrize("name", READERS)
def test_a_reader_reads_nesting_beyond_reason(tmp_path: Path, name: str) -> None:
    for deep in (b"[" * 100_000, b'{"a":' * 100_000, b"<a>" * 100_000, b'"' * 100_000):
        with contextlib.suppress(*READERS[name].own):
            READERS[name].read(deep, tmp_path)
