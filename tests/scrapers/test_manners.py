"""What a site says of how it may be visited is held to; a server counts what is asked.

Sites and rules are made up. Crawls are the child process of production, on loopback.
"""

import itertools
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from scrapers.account import opted_out_domains
from scrapers.landing import read_payload, read_visits
from scrapers.reservations import (
    EVERYTHING,
    Rule,
    content_signals,
    reservation_end,
    reserved_by,
    reserved_by_signals,
    reserved_in_headers,
    tdm_rules,
)
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
    crawled,
    write_accounts,
)
from tests.scrapers.real_web import loopback_program

NEXT_MONDAY = MONDAY + timedelta(days=7)
AGENT = "Lyttepost"
TDMREP = "/.well-known/tdmrep.json"
JSON = {"Content-Type": "application/json"}
TEXT = {"Content-Type": "text/plain"}
META = '<meta name="tdm-reservation" content="1">'
PEOPLE = "<h2>Åse Eksempel</h2><p>Daglig leder</p>"


# --- what the rules say ----------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "rules"),
    [
        (b'[{"location": "/", "tdm-reservation": 1}]', EVERYTHING),
        (b'[{"location": "/om", "tdm-reservation": 0}]', (Rule("/om", False),)),
        (b'{"location": "/x*", "tdm-reservation": "1"}', (Rule("/x*", True),)),
        (b'[{"tdm-reservation": 1}]', EVERYTHING),
        (b'[{"location": 7, "tdm-reservation": 1}]', EVERYTHING),
        (b'[{"location": "/"}]', ()),
        (b"[]", ()),
        (b'"tdm-reservation"', ()),
        (b"", ()),
        # Meant as rules, but broken.
        (b'[{"location": "/", "tdm-reservation": 1,}', EVERYTHING),
        # A page in the place of the file.
        (b"<!DOCTYPE html><p>tdm-reservation</p>", ()),
        (b"[" * 100_000, ()),
    ],
)
def test_a_file_of_reservations_is_read(body: bytes, rules: tuple[Rule, ...]) -> None:
    assert tdm_rules(body) == rules


@pytest.mark.parametrize(
    ("location", "path", "is_reserved"),
    [
        ("/", "/hva/som/helst?a=1", True),
        ("/om-oss", "/om-oss/ledelse", True),
        ("/om-oss", "/Om-oss", False),
        ("om-oss", "/om-oss", True),
        ("/*.html$", "/a/b.html", True),
        ("/*.html$", "/a/b.html?x", False),
        ("/*/arkiv/*", "/no/arkiv/1", True),
        ("/a$", "/a", True),
        ("/a$", "/ab", False),
        ("/*a*a*a*a*a*a*a*a*a*a*b", "/" + "a" * 5000, False),
    ],
)
def test_a_location_reserves_what_it_matches(
    location: str, path: str, is_reserved: bool
) -> None:
    rules = (Rule(location, True),)
    assert reserved_by(rules, f"https://a.example{path}") is is_reserved
    # The first rule that speaks of an address decides.
    assert not reserved_by((Rule("/", False), *rules), f"https://a.example{path}")


def test_a_header_and_a_page_reserve_themselves() -> None:
    assert reserved_in_headers(["1"])
    assert reserved_in_headers(["0", " 1 "])
    assert not reserved_in_headers(["0"])
    assert not reserved_in_headers(["10"])
    page = f"<html><head><title>x</title>{META}</head>".encode()
    end = reservation_end(page)
    assert end is not None
    assert page[:end].endswith(META.encode())
    assert reservation_end(b"<META content='1' NAME='TDM-Reservation'/>") is not None
    assert reservation_end(b'<meta name="tdm-reservation" content="0">') is None
    assert reservation_end(b'<p>tdm-reservation</p><meta name="x" content="1">') is None


@pytest.mark.parametrize(
    ("robots", "signals"),
    [
        ("User-agent: *\nContent-Signal: search=yes, ai-train=no\nAllow: /\n",
         {"search": True, "ai-train": False}),
        ("User-agent: *\ncontent-signal: search=no,ai-input=no # nei\n",
         {"search": False, "ai-input": False}),
        ("Content-Signal: search=no\nUser-agent: *\nAllow: /\n", {"search": False}),
        ("User-agent: GPTBot\nContent-Signal: search=no\n\n"
         "User-agent: *\nContent-Signal: search=yes\n", {"search": True}),
        ("User-agent: *\nContent-Signal: search=yes\n\n"
         "User-agent: a\nUser-agent: LYTTEPOST\nContent-Signal: search=no\n",
         {"search": False}),
        ("User-agent: *\nContent-Signal: search=yes\nContent-Signal: search=no\n",
         {"search": False}),
        ("User-agent: *\nContent-Signal: search=maybe\n", {}),
        ("User-agent: *\n# Content-Signal: search=no\n", {}),
    ],
)  # fmt: skip
def test_content_signals_are_read_for_our_agent(
    robots: str, signals: dict[str, bool]
) -> None:
    assert content_signals(robots, AGENT) == signals
    assert reserved_by_signals(signals) is (signals.get("search") is False)


# --- a crawl over sites that reserve ---------------------------------------------


def _page(title: str, *, head: str = "") -> bytes:
    return (
        f"<!DOCTYPE html><html><head><title>{title}</title>{head}</head><body><nav>"
        '<a href="/om-oss">Om oss</a><a href="/ledelse">Ledelse</a></nav>'
        f"<main><h1>{title}</h1>{PEOPLE}</main></body></html>"
    ).encode()


def _site(
    head: str = "", headers: dict[str, str] | None = None, **files: Given
) -> Host:
    """A site of three pages, whose front page has that head and those headers."""
    home = Given(_page("Hjem", head=head), headers={**HTML, **(headers or {})})
    by_path = {
        "/": home,
        "/om-oss": Given(_page("Om oss")),
        "/ledelse": Given(_page("Ledelse")),
        "/robots.txt": files.get("robots", NOT_FOUND),
        TDMREP: files.get("tdmrep", NOT_FOUND),
    }
    return lambda asked: by_path.get(asked.path, NOT_FOUND)


def _tdmrep(text: str) -> Given:
    return Given(text.encode(), headers=JSON)


def _robots(text: str) -> Given:
    return Given(text.encode(), headers=TEXT)


def _page_for_everything(asked: Asked) -> Given:
    if asked.path == "/robots.txt":
        return NOT_FOUND
    return Given(_page("tdm-reservation forklart"))


def _forgets(asked: Asked) -> Given:
    """Its rules cannot be had after the first day."""
    if asked.path == TDMREP and asked.day != MONDAY.isoformat():
        return Given(b"", 500)
    return SITES["all.example"](asked)


RESERVES_ALL = _tdmrep('[{"location": "/", "tdm-reservation": 1}]')
SITES: dict[str, Host] = {
    "all.example": _site(tdmrep=RESERVES_ALL),
    "some.example": _site(
        tdmrep=_tdmrep('[{"location": "/ledelse*", "tdm-reservation": 1}]')
    ),
    "none.example": _site(tdmrep=_tdmrep('[{"location": "/", "tdm-reservation": 0}]')),
    "header.example": _site(headers={"tdm-reservation": "1"}),
    "meta.example": _site(head=META),
    "signals.example": _site(
        robots=_robots("User-agent: *\nContent-Signal: search=no\nAllow: /\n")
    ),
    "training.example": _site(
        robots=_robots("User-agent: *\nContent-Signal: search=yes,ai-train=no\n")
    ),
    "closed.example": _site(
        robots=_robots("User-agent: *\nDisallow: /.well-known/\nDisallow: /ledelse\n"),
        tdmrep=RESERVES_ALL,
    ),
    "app.example": _page_for_everything,
    "forgets.example": _forgets,
}


@pytest.fixture(scope="module")
def crawl(serve_web: Any, tmp_path_factory: Any) -> tuple[Path, BadWeb, Crawled]:
    """Three days, of which the third is a week after the first."""
    home = tmp_path_factory.mktemp("manners") / "home"
    write_accounts(home, {host.split(".")[0]: (host,) for host in SITES})
    web = serve_web(SITES)
    return home, web, crawled(home, (MONDAY, TUESDAY, NEXT_MONDAY), web.proxy)


def _asked(web: BadWeb, name: str, day: date = MONDAY) -> set[str]:
    return {
        a.path
        for a in web.asked
        if a.host == f"{name}.example" and a.day == day.isoformat()
    }


def _outcomes(home: Path, name: str, day: date = MONDAY) -> dict[str, str]:
    host = f"http://{name}.example"
    visits = read_visits(home, "company_pages", [day])
    return {
        row["url"].removeprefix(host): row["outcome"]
        for row in visits.iter_rows(named=True)
        if row["url"].startswith(host) and row["scope"] not in ("robots", "reservation")
    }


@pytest.mark.parametrize("name", ["all", "signals"])
def test_what_a_site_reserves_is_requested_zero_times(crawl: Any, name: str) -> None:
    home, web, done = crawl
    assert done.code == 0, done.err
    for day in (MONDAY, TUESDAY, NEXT_MONDAY):
        assert _asked(web, name, day) <= {"/robots.txt", TDMREP}
        outcomes = _outcomes(home, name, day)
        assert outcomes.keys() >= {"/", "/sitemap.xml"}
        assert set(outcomes.values()) == {"opted_out"}


def test_what_a_site_reserves_in_part_is_left_out(crawl: Any) -> None:
    home, web, _ = crawl
    assert _outcomes(home, "some")["/ledelse"] == "opted_out"
    assert _outcomes(home, "some")["/om-oss"] == "ok"
    assert "/ledelse" not in _asked(web, "some")
    assert set(_outcomes(home, "none").values()) == {"ok", "http_error"}
    assert _outcomes(home, "none")["/ledelse"] == "ok"


@pytest.mark.parametrize(
    ("name", "kept"), [("header", ""), ("meta", f"<title>Hjem</title>{META}")]
)
def test_a_page_that_reserves_itself_is_neither_kept_nor_followed(
    crawl: Any, name: str, kept: str
) -> None:
    home, web, _ = crawl
    assert _outcomes(home, name)["/"] == "opted_out"
    assert not _asked(web, name) & {"/om-oss", "/ledelse"}
    visits = read_visits(home, "company_pages").filter(
        pl.col("url") == f"http://{name}.example/"
    )
    for row in visits.iter_rows(named=True):
        body = read_payload(home, "company_pages", row).decode()
        assert body.endswith(kept)
        assert PEOPLE not in body
        assert row["truncated"]


def test_a_denial_of_training_does_not_concern_us(crawl: Any) -> None:
    assert _outcomes(crawl[0], "training")["/ledelse"] == "ok"


def test_disallowed_rules_are_not_asked_for_either(crawl: Any) -> None:
    home, web, _ = crawl
    for day in (MONDAY, TUESDAY):
        assert not _asked(web, "closed", day) & {TDMREP, "/ledelse"}
    assert _outcomes(home, "closed")["/ledelse"] == "robots_denied"
    assert _outcomes(home, "closed")["/om-oss"] == "ok"


def test_a_page_in_the_place_of_rules_reserves_nothing(crawl: Any) -> None:
    assert _outcomes(crawl[0], "app")["/"] == "ok"


def test_rules_are_asked_for_once_a_week_and_hold_when_they_are_gone(
    crawl: Any,
) -> None:
    _, web, _ = crawl
    for name in ("all", "some", "header"):
        assert TDMREP in _asked(web, name, MONDAY)
        assert TDMREP not in _asked(web, name, TUESDAY)
        assert TDMREP in _asked(web, name, NEXT_MONDAY)
    assert TDMREP in _asked(web, "forgets", NEXT_MONDAY)
    assert "/" not in _asked(web, "forgets", NEXT_MONDAY)


# --- waiting, on what is taken for the real web ----------------------------------

DELAY_S = 0.4


def test_delays_and_waits_that_are_asked_for_are_kept(
    serve_web: Any, tmp_path: Path
) -> None:
    """Four hosts, each of three accounts."""
    web = serve_web({})
    moments: dict[str, list[tuple[float, str]]] = {}

    def host(name: str, inner: Host) -> Host:
        def answer(asked: Asked) -> Given:
            moments.setdefault(name, []).append((time.monotonic(), asked.path))
            return inner(asked)

        return answer

    def storm(retry_after: dict[str, str]) -> Host:
        def answer(asked: Asked) -> Given:
            if asked.path in ("/robots.txt", TDMREP):
                return NOT_FOUND
            return Given(b"", 429, {**HTML, **retry_after})

        return answer

    refused_once: set[str] = set()

    def busy(asked: Asked) -> Given:
        if asked.path == "/" and not refused_once:
            refused_once.add(asked.path)
            return Given(b"", 503, {**HTML, "Retry-After": "1"})
        return _site()(asked)

    delay = _robots(f"User-agent: *\nCrawl-delay: {DELAY_S}\n")
    names = {
        "slow": host("slow", _site(robots=delay)),
        "busy": host("busy", busy),
        "storm": host("storm", storm({"Retry-After": "3600"})),
        "squall": host("squall", storm({})),
    }
    accounts = {}
    for name, site in names.items():
        address = f"{name}.example:{web.port}"
        web.hosts[address] = site
        accounts |= {f"{name}{n}": (address,) for n in range(3)}
    write_accounts(tmp_path, accounts)
    program = loopback_program(tmp_path, delay_s=0.05)
    done = crawled(tmp_path, (MONDAY,), None, program, LYTTEPOST_TIMEOUT_S="10")
    assert done.code == 0, done.err
    visits = read_visits(tmp_path, "company_pages")
    homes = visits.filter(pl.col("url").str.contains("^http:.*[0-9]/$"))
    outcomes: dict[str, set[str]] = {}
    for account_id, outcome in homes.select("account_id", "outcome").iter_rows():
        outcomes.setdefault(account_id[:-1], set()).add(outcome)
    # A delay is kept between any two requests, and never made shorter.
    at = [moment for moment, _ in moments["slow"]]
    assert len(at) >= 4
    gaps = [later - earlier for earlier, later in itertools.pairwise(at)]
    # A server that is late with one request sees the next one sooner.
    assert sum(gaps[1:]) / len(gaps[1:]) > DELAY_S * 0.9, gaps
    assert min(gaps[1:]) > DELAY_S * 0.5, gaps
    # Retry-After is waited for, by every request to the host, and then all goes on.
    began = next(moment for moment, path in moments["busy"] if path == "/")
    later = [moment - began for moment, _ in moments["busy"] if moment > began]
    assert min(later) > 0.9, later
    assert outcomes["busy"] == {"ok"}
    # Who asks for an hour is asked nothing more, and who always refuses soon neither.
    assert [path for _, path in moments["storm"]].count("/") == 1
    assert 3 <= [path for _, path in moments["squall"]].count("/") <= 5
    assert outcomes["storm"] == outcomes["squall"] == {"blocked"}
    assert done.stats["days"][0]["seconds"] < 60


def test_a_redirect_to_a_domain_that_opted_out_is_not_followed(
    serve_web: Any, tmp_path: Path
) -> None:
    away = Given(b"", 301, headers={"location": "http://www.left.example/om-oss"})
    plain = _site()
    web = serve_web(
        {
            "leads.example": lambda asked: (
                away if asked.path == "/om-oss" else plain(asked)
            ),
            "left.example": plain,
            "www.left.example": plain,
            "gone.example": plain,
        }
    )
    file = write_accounts(
        tmp_path, {"leads": ("leads.example",), "gone": ("gone.example",)}
    )
    pl.DataFrame(
        {"account_id": ["", "gone"], "domain": ["left.example", ""]}
    ).write_parquet(file.with_name("opt_outs.parquet"))
    done = crawled(tmp_path, (MONDAY,), web.proxy)
    assert done.code == 0, done.err
    assert {asked.host for asked in web.asked} == {"leads.example"}
    assert _outcomes(tmp_path, "leads")["/om-oss"] == "opted_out"
    file_of = file.with_name("accounts.parquet")
    assert opted_out_domains(file_of) == {"left.example", "gone.example"}
