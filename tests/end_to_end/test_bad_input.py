"""Bad input through the command line: one clear sentence each, and nothing lost.

One small recorded web, written here and made up, is replayed once, day by day:

steady.example   a company from whose leadership page one person goes for good
down.example     a company whose site answers 500 for a week
gone.example     stands on the watch list, but there is no such host
the job feed     has no items on two days, and one advertisement that is closed
"""

import gzip
import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from subprocess import CompletedProcess
from urllib.parse import urlsplit

import polars as pl
import pytest

from scrapers.source import load_source, source_names
from tests.end_to_end.conftest import lyttepost, published

pytestmark = pytest.mark.slow(86)

FIRST, LAST = date(2025, 3, 1), date(2025, 3, 28)
DOWN, UP = date(2025, 3, 8), date(2025, 3, 15)
LEFT, CLOSED = date(2025, 3, 12), date(2025, 3, 20)
EMPTY = (date(2025, 3, 11), date(2025, 3, 24))
NAV = "https://pam-stilling-feed.nav.no"
HTML, JSON, TEXT = "text/html; charset=utf-8", "application/json", "text/plain"
LEADERS = (
    ("Kari Eksempel Nordmo", "Administrerende direktør"),
    ("Ola Oppdiktet Vik", "Økonomidirektør"),
    ("Siri Fantasi Berg", "Salgsdirektør"),
    ("Jon Påfunn Dahl", "Teknologidirektør"),
)
STAYS, ENDS = (f"00000000-0000-4000-8000-00000000000{n}" for n in (1, 2))
ACCOUNTS = """\
account_id,name,org_number,domains,country
steady,Stødig Eksempel AS,999601391,steady.example;left.example,NO
down,Nede Eksempel AS,,down.example,NO
gone,Borte Eksempel AS,,gone.example,NO
down,Nede En Gang Til AS,,twice.example,NO
wrong,Feil Nummer AS,999601392,wrong.example,NO
"""
PLACES = """\
account_id,kind,source,address,score,status
steady,careers,company_pages,http://steady.example/folk-til-oss,0.2,kept
steady,careers,company_pages,http://steady.example/usikker,0.2,proposed
steady,careers,no_such_source,http://steady.example/feil,1,kept
"""
# Made up, as the people are.
POLICY = "legitimate_interest_assessment: made up\nnotice_record: made up\n"
OPT_OUT = "domain,reason\nleft.example,skrev til oss\n"


@dataclass
class Recording:
    """A recorded web that is being written."""

    folder: Path
    rows: list[dict[str, object]]

    def add(
        self, url: str, day: date, body: str, kind: str = HTML, status: int = 200
    ) -> None:
        """From the midnight that begins that day the address answers like this."""
        name = f"bodies/{len(self.rows):04d}.gz"
        (self.folder / name).write_bytes(gzip.compress(body.encode(), mtime=0))
        self.rows.append(
            {
                "url": url,
                "valid_from": f"{day}T00:00:00Z",
                "status": status,
                "content_type": kind,
                "body": name,
            }
        )


def _page(title: str, main: str) -> str:
    return (
        f'<!DOCTYPE html><html lang="nb"><head><title>{title}</title></head><body><nav>'
        '<a href="/">Hjem</a> <a href="/ledelse">Ledelse</a> '
        '<a href="/ledige-stillinger">Ledige stillinger</a></nav>'
        f"<main><h1>{title}</h1>{main}</main></body></html>"
    )


def _leaders(people: tuple[tuple[str, str], ...]) -> str:
    cards = "".join(
        f'<div class="card"><h3>{name}</h3><p class="title">{title}</p></div>'
        for name, title in people
    )
    return _page("Ledelsen", cards)


def _site(web: Recording, host: str, day: date) -> None:
    """A site as it is from a day on."""
    home = "<p>Vi bygger broer, kaier og små tunneler i hele landet.</p>"
    jobs = (
        '<p><a href="/ledige-stillinger/prosjektleder">Prosjektleder til Bodø</a></p>'
    )
    job = (
        "<p>Vi søker en prosjektleder som vil lede store byggeprosjekter i nord. "
        "Du har erfaring fra anlegg, og du liker å ha ansvar for folk.</p>"
    )
    web.add(f"http://{host}/", day, _page("Hjem", home))
    web.add(f"http://{host}/ledelse", day, _leaders(LEADERS))
    web.add(f"http://{host}/ledige-stillinger", day, _page("Ledige stillinger", jobs))
    web.add(
        f"http://{host}/ledige-stillinger/prosjektleder",
        day,
        _page("Prosjektleder til Bodø", job),
    )


_PATHS = (
    *("/", "/robots.txt", "/sitemap.xml", "/ledelse"),
    *("/ledige-stillinger", "/ledige-stillinger/prosjektleder"),
)


def _item(uuid: str, status: str, day: date) -> dict[str, object]:
    return {
        "id": uuid,
        "date_modified": f"{day}T08:00:00+01:00",
        "_feed_entry": {
            "uuid": uuid,
            "status": status,
            "title": "Anleggsleder",
            "businessName": "STØDIG EKSEMPEL AS",
            "municipal": "BODØ",
            "sistEndret": f"{day}T08:00:00+01:00",
        },
    }


def _entry(uuid: str, status: str, day: date) -> str:
    content = {
        "uuid": uuid,
        "published": "2025-02-20T00:00:00+01:00",
        "expires": "2025-06-20T00:00:00+02:00",
        "updated": f"{day}T08:00:00+01:00",
        "workLocations": [{"country": "NORGE", "city": "BODØ"}],
        "title": f"Anleggsleder {uuid[-1]}",
        "description": "<p>Vi søker en anleggsleder til broer og kaier.</p>",
        "employer": {"name": "STØDIG EKSEMPEL AS", "orgnr": "999601391"},
        "positioncount": "1",
    }
    entry: dict[str, object] = {
        "uuid": uuid,
        "sistEndret": f"{day}T08:00:00+01:00",
        "status": status,
    }
    return json.dumps(entry | {"ad_content": content if status == "ACTIVE" else None})


def _feed(web: Recording) -> None:
    began = date(2025, 2, 20)
    web.add(f"{NAV}/api/publicToken", began, "eyJhbGc.eyJzdWI.c2ln", TEXT)
    both = [_item(STAYS, "ACTIVE", began), _item(ENDS, "ACTIVE", began)]
    versions = {began: both, CLOSED: [*both, _item(ENDS, "INACTIVE", CLOSED)]}
    for day in EMPTY:
        versions[day] = []
        before = max(d for d in versions if d < day and versions[d])
        versions[day + timedelta(days=1)] = versions[before]
    for day, items in sorted(versions.items()):
        page = json.dumps({"id": "p0", "next_url": None, "items": items})
        for path in ("/api/v1/feed", "/api/v1/feed/p0"):
            web.add(f"{NAV}{path}", day, page, JSON)
    for uuid in (STAYS, ENDS):
        url = f"{NAV}/api/v1/feedentry/{uuid}"
        web.add(url, began, _entry(uuid, "ACTIVE", began), JSON)
    url = f"{NAV}/api/v1/feedentry/{ENDS}"
    web.add(url, CLOSED, _entry(ENDS, "INACTIVE", CLOSED), JSON)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the recorded web, with the accounts file in it."""
    folder = tmp_path_factory.mktemp("web")
    (folder / "bodies").mkdir()
    web = Recording(folder, [])
    _site(web, "steady.example", FIRST)
    web.add("http://steady.example/ledelse", LEFT, _leaders(LEADERS[:-1]))
    _site(web, "down.example", FIRST)
    for path in _PATHS:
        url = f"http://down.example{path}"
        web.add(url, DOWN, "<p>Feil på tjeneren.</p>", status=500)
    for path in ("/robots.txt", "/sitemap.xml"):
        url = f"http://down.example{path}"
        web.add(url, FIRST, "<p>Finnes ikke.</p>", status=404)
        web.add(url, UP, "<p>Finnes ikke.</p>", status=404)
    _site(web, "down.example", UP)
    _site(web, "left.example", FIRST)
    for path in ("/folk-til-oss", "/usikker", "/feil"):
        web.add(f"http://steady.example{path}", FIRST, _page("Bli med", "<p>Hei.</p>"))
    _feed(web)
    lines = "\n".join(json.dumps(row) for row in web.rows)
    (folder / "pages.jsonl").write_text(lines + "\n", encoding="utf-8")
    (folder / "accounts.csv").write_text(ACCOUNTS, encoding="utf-8")
    (folder / "places.csv").write_text(PLACES, encoding="utf-8")
    (folder / "opt_out.csv").write_text(OPT_OUT, encoding="utf-8")
    (folder / "privacy.yml").write_text(POLICY, encoding="utf-8")
    return folder


def _replay(web: Path, home: Path, **options: object) -> CompletedProcess[str]:
    chosen = {
        "from": FIRST,
        "to": LAST,
        "every": "1d",
        "accounts": web / "accounts.csv",
        "home": home,
        **options,
    }
    flags = [part for name, value in chosen.items() for part in (f"--{name}", value)]
    done = lyttepost("replay", web, *flags, check=False)
    assert isinstance(done, CompletedProcess)
    return done


@pytest.fixture(scope="module")
def observed_badly(
    recorded: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, CompletedProcess[str]]:
    """A home folder after the replay of the web."""
    home = tmp_path_factory.mktemp("observed_badly") / "home"
    return home, _replay(recorded, home)


def _visits(home: Path, source: str = "company_pages") -> pl.DataFrame:
    return pl.read_parquet(home / "landing" / source / "day=*" / "visits.parquet")


def refused(done: CompletedProcess[str], *parts: str) -> str:
    """The one sentence of a refused command."""
    assert done.returncode == 1, f"{done.stdout}\n{done.stderr}"
    lines = done.stderr.strip().splitlines()
    assert "Traceback" not in done.stderr
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("lyttepost: ")
    for part in parts:
        assert part in lines[0]
    return lines[0]


# --- the accounts file -----------------------------------------------------------


def test_bad_rows_are_told_and_set_aside_and_the_rest_goes_on(
    observed_badly: tuple[Path, CompletedProcess[str]],
) -> None:
    home, done = observed_badly
    assert done.returncode == 0, done.stderr
    told = [line for line in done.stderr.splitlines() if "accounts.csv: line" in line]
    assert len(told) == 2
    assert "line 5" in told[0]
    assert "down" in told[0]
    assert "line 6" in told[1]
    assert "999601392" in told[1]
    aside = pl.read_parquet(home / "quarantine" / "accounts" / "accounts.parquet")
    assert sorted(aside["line"]) == [5, 6]
    assert "twice.example" in aside.sort("line")["raw"][0]
    accounts = pl.read_parquet(home / "accounts" / "accounts.parquet")
    assert sorted(accounts["account_id"]) == ["down", "gone", "steady"]
    assert not _visits(home)["url"].str.contains("twice|wrong").any()


def test_places_are_asked_for_and_who_opted_out_is_not(
    observed_badly: tuple[Path, CompletedProcess[str]],
) -> None:
    home, done = observed_badly
    assert "1 places of" in done.stderr
    assert "0 accounts and 1 domains of" in done.stderr
    (told,) = (line for line in done.stderr.splitlines() if "places.csv: line" in line)
    assert "line 4 is set aside: source 'no_such_source' is not a source" in told
    urls = _visits(home)["url"]
    assert "http://steady.example/folk-til-oss" in set(urls)
    assert not urls.str.contains("usikker|feil|left.example").any()
    places = pl.read_parquet(home / "accounts" / "places.parquet")
    assert places["address"].to_list() == ["http://steady.example/folk-til-oss"]
    # What was landed is all there is to build it again from.
    landed = home / "landing" / "_accounts"
    assert (landed / "places.csv").read_text("utf-8") == PLACES
    assert (landed / "opt_out.csv").read_text("utf-8") == OPT_OUT
    coverage = published(home)["coverage"]
    of_steady = coverage.filter(pl.col("account_id") == "steady")
    assert set(of_steady["source"]) == set(source_names())
    state = dict(of_steady.select("source", "state").iter_rows())
    assert state["company_pages"] == "fresh"
    assert {state[s] for s in state if load_source(s).needs == "place"} == {
        "unsupported"
    }


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ("name,domains\nA AS,a.example\n", ("account_id", "missing in the header")),
        ("account_id,name\na,A AS\n", ("neither org_number nor domains",)),
        ("account_id,name,org_number\na,A AS,123\n", ("no row can be used", "line 2")),
        ("", ("is empty",)),
        ("account_id,name,domains\na,\xc5 AS,a.example\n", ("is not UTF-8",)),
    ],
)
def test_an_accounts_file_that_cannot_be_used_stops_before_the_web(
    recorded: Path, tmp_path: Path, content: str, parts: tuple[str, ...]
) -> None:
    file = tmp_path / "accounts.csv"
    file.write_bytes(content.encode("latin-1"))
    done = _replay(recorded, tmp_path / "home", accounts=file)
    refused(done, str(file), *parts)
    assert not (tmp_path / "home" / "landing").exists()


def test_a_domain_that_does_not_resolve_is_unknown_and_not_scored_low(
    observed_badly: tuple[Path, CompletedProcess[str]],
) -> None:
    home, _ = observed_badly
    visits = _visits(home).filter(pl.col("account_id") == "gone")
    assert set(visits["outcome"]) == {"dns_error"}
    assert {urlsplit(url).path for url in visits["url"]} == {
        "/",
        "/robots.txt",
        "/.well-known/tdmrep.json",
        "/sitemap.xml",
    }
    tables = published(home)
    coverage = tables["coverage"].filter(
        (pl.col("account_id") == "gone") & (pl.col("source") == "company_pages")
    )
    assert coverage["last_outcome"].to_list() == ["dns_error"]
    assert coverage["evidence_visits"].to_list() == [0]
    assert coverage["state"][0] not in ("observed", "watched", "ok")
    scores = tables["account_scores"].filter(pl.col("account_id") == "gone")
    assert set(scores["state"]) == {"abstained"}
    assert scores["probability"].is_null().all()
    shown = lyttepost("explain", "gone", "--home", home).stdout
    assert "gone" in shown


# --- a web that fails for a while ------------------------------------------------


def test_a_site_that_is_down_for_a_week_loses_nobody(
    observed_badly: tuple[Path, CompletedProcess[str]],
) -> None:
    home, _ = observed_badly
    visits = _visits(home).filter(
        (pl.col("account_id") == "down") & (pl.col("scope") == "leadership")
    )
    week = visits.filter(pl.col("fetched_at").dt.date().is_between(DOWN, UP, "left"))
    assert week.height == 7
    assert set(week["outcome"]) == {"http_error"}
    tables = published(home)
    people = tables["people_history"]
    there = people.filter(pl.col("account_id") == "down")
    assert sorted(there["name"]) == sorted(name for name, _ in LEADERS)
    assert there["gone_known_at"].is_null().all()
    # The same rules see the departure that did happen.
    left = people.filter(
        (pl.col("account_id") == "steady") & pl.col("gone_known_at").is_not_null()
    )
    assert left["name"].to_list() == [LEADERS[-1][0]]
    assert left["gone_hi"][0].date() == LEFT
    types = set(tables["signals"].filter(pl.col("account_id") == "down")["signal_type"])
    assert not {t for t in types if "departed" in t or "replaced" in t}


def test_neither_an_empty_feed_nor_a_site_that_is_down_closes_jobs(
    observed_badly: tuple[Path, CompletedProcess[str]],
) -> None:
    home, _ = observed_badly
    jobs = published(home)["job_ad_history"]
    pages = jobs.filter(pl.col("source") == "company_pages")
    assert set(pages["account_id"]) == {"down", "steady"}
    assert pages["closed_known_at"].is_null().all()
    feed = jobs.filter(pl.col("source") == "nav_jobs").sort("title", nulls_last=True)
    # A closed ad of the feed has no text any more, and is counted all the same.
    assert feed["title"].to_list() == ["Anleggsleder 1", None]
    stays, ends = feed.rows(named=True)
    assert stays["closed_known_at"] is None
    # The one that was closed was closed when the feed said so, not when it was empty.
    assert ends["closed_known_at"].date() == CLOSED


# --- commands --------------------------------------------------------------------


def test_a_broken_row_of_a_recorded_web_is_named_by_file_and_line(
    recorded: Path, tmp_path: Path
) -> None:
    web = tmp_path / "web"
    (web / "bodies").mkdir(parents=True)
    lines = (recorded / "pages.jsonl").read_text().splitlines()[:3]
    for line in lines:
        name = json.loads(line)["body"]
        (web / name).write_bytes((recorded / name).read_bytes())
    broken = {**json.loads(lines[2]), "status": "200"}
    (web / "pages.jsonl").write_text("\n".join([*lines[:2], json.dumps(broken)]))
    done = _replay(web, tmp_path / "home", accounts=recorded / "accounts.csv")
    refused(done, f"{web / 'pages.jsonl'}: line 3", "'status'", "'200'")


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        ({"from": "2025-03-28", "to": "2025-03-01"}, ("--to 2025-03-01", "--from")),
        ({"from": "2025-02-30"}, ("--from '2025-02-30' is not a day",)),
        ({"every": "weekly"}, ("--every 'weekly'", "7d")),
        ({"accounts": "nowhere.csv"}, ("nowhere.csv", "no such file")),
    ],
)
def test_a_replay_that_makes_no_sense_says_why(
    recorded: Path, tmp_path: Path, options: dict[str, str], parts: tuple[str, ...]
) -> None:
    refused(_replay(recorded, tmp_path / "home", **options), *parts)


def test_a_home_that_holds_something_else_is_left_alone(
    observed_badly: tuple[Path, CompletedProcess[str]], recorded: Path, tmp_path: Path
) -> None:
    home, _ = observed_badly
    before = sorted(home.rglob("*.parquet"))
    done = lyttepost("demo", "--home", home, check=False)
    refused(done, str(home), "something else", "--home")
    assert sorted(home.rglob("*.parquet")) == before
    market = tmp_path / "market"
    (market / "landing" / "_accounts").mkdir(parents=True)
    stamp = {"seed": 7, "companies": 60}
    (market / "landing" / "_accounts" / "market.json").write_text(json.dumps(stamp))
    refused(_replay(recorded, market), str(market), "practice market", "--home")


def test_unknown_accounts_and_signals_are_told_in_one_sentence(
    observed_badly: tuple[Path, CompletedProcess[str]], tmp_path: Path
) -> None:
    home, _ = observed_badly
    unknown = lyttepost("explain", "nobody", "--home", home, check=False)
    refused(unknown, "nobody")
    early = lyttepost(
        *("explain", "steady", "--home", home, "--as-of", "2020-01-01"), check=False
    )
    refused(early, "2020-01-01")
    refused(lyttepost("evidence", "0" * 32, "--home", home, check=False), "0" * 32)
    empty = lyttepost("explain", "steady", "--home", tmp_path, check=False)
    refused(empty, str(tmp_path))


def test_a_past_day_of_the_real_web_is_refused(
    observed_badly: tuple[Path, CompletedProcess[str]], tmp_path: Path
) -> None:
    file = tmp_path / "accounts.csv"
    file.write_text("account_id,name,domains\na,A AS,a.example\n")
    home = tmp_path / "home"
    done = lyttepost(
        *("run", "--day", "2025-03-01", "--accounts", file, "--home", home), check=False
    )
    assert done.returncode == 1
    assert "cannot visit 2025-03-01: the crawl cannot visit the past" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(home.glob("landing/*/day=2025-03-01/_crawl.json"))
