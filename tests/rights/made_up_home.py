"""A small home folder with a made-up person in every kind of file; without a crawl."""

import gzip
import io
import json
import sqlite3
import tarfile
import zipfile
import zlib
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import polars as pl

from orchestration.contracts.gate import gate_kind, prepare_home
from orchestration.scoring.forecast_log import Forecasts, append
from orchestration.scoring.forecasts import log_of, note_head
from scrapers.landing import Capture, Landing
from scrapers.parsed import parse_days
from scrapers.suppression import read_suppressed

PERSON = "Kåre Ødegård Brattvik"
WORDS = ("Kåre Ødegård Brattvik", "Brattvik", "K%C3%A5re", "K&aring;re", r"K\u00e5re")
SITE = "https://eksempel.example"
DAYS = tuple(date(2026, 3, n) for n in (2, 9, 16, 23))
_HTML = (("Content-Type", "text/html; charset=utf-8"),)
_XLSX = (("Content-Type", "application/vnd.ms-excel"),)
_GZIP = (("Content-Type", "application/gzip"),)
_JSON = (("Content-Type", "application/json"),)


def card(name: str, title: str) -> str:
    """A person in a list."""
    return (
        f'<div class="person"><h3 class="name">{name}</h3>'
        f'<p class="title">{title}</p></div>'
    )


def leadership(name: str = PERSON, more: str = "") -> bytes:
    """A page that lists four people, one of whom is to be erased."""
    people = [
        card("Marte Solheim", "Daglig leder"),
        card(name, "Salgsdirektør"),
        card("Jonas Eikeland", "Økonomidirektør"),
        card("Ingvild Tveit", "Driftsdirektør"),
    ]
    return (
        '<!doctype html><html lang="nb"><head><title>Ledelsen</title></head><body>'
        f"<h1>Ledelsen</h1><div class='people'>{''.join(people)}</div>{more}"
        "<p>Vi leverer tjenester til hele landet og har gjort det i mange år.</p>"
        "</body></html>"
    ).encode()


def page(path: str, body: bytes | None, scope: str = "leadership", **more) -> Capture:
    """An answer of the made-up site."""
    values = {
        "account_id": "a1",
        "scope": scope,
        "url": SITE + path,
        "outcome": "ok",
        "http_status": 200,
        "headers": _HTML,
        "body": body,
    } | more
    return Capture(**values)


ROLES = json.dumps(
    {
        "rollegrupper": [
            {
                "type": {"kode": "DAGL"},
                "sistEndret": "2026-01-05",
                "roller": [
                    {
                        "type": {"kode": "DAGL"},
                        "person": {
                            "fodselsdato": "1971-02-03",
                            "navn": {
                                "fornavn": "KÅRE",
                                "mellomnavn": "ØDEGÅRD",
                                "etternavn": "BRATTVIK",
                            },
                            "erDoed": False,
                        },
                        "fratraadt": False,
                    }
                ],
            }
        ]
    },
    separators=(",", ":"),
).encode()
_ELSEWHERE = (
    '<a href="/ansatte/kare-odegard-brattvik">K&aring;re &Oslash;deg&aring;rd '
    "Brattvik</a> <a href='mailto:kare.odegard.brattvik@eksempel.example'>e-post</a>"
    ' <a href="/?q=K%C3%A5re%20%C3%98deg%C3%A5rd%20Brattvik">s&oslash;k</a>'
    '<script>var x = "K\\u00e5re \\u00d8deg\\u00e5rd Brattvik";</script>'
    "<p>Siden ble laget av Brattvik.</p>".replace("Brattvik.", "Kåre Ødegård Brattvik.")
)


def workbook() -> bytes:
    """A workbook that names the person: in no byte of it as it comes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        cells = f"<sst><si><t>{PERSON}</t></si></sst>"
        for number, text in enumerate((cells, "<worksheet/>")):
            item = zipfile.ZipInfo(f"xl/{number}.xml", (2026, 3, 2, 0, 0, 0))
            out.writestr(item, text * 30, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def land(home: Path, day: date, *captures: Capture, source="company_pages") -> None:
    """Land one day, with what the home folder suppresses."""
    landing = Landing(home, source, day, True, suppressed=read_suppressed(home))
    for capture in captures:
        landing.land(capture)
    landing.finish({})


def make(home: Path) -> Path:
    """The home folder: landed, parsed, gated, and what a run leaves beside."""
    prepare_home(home)
    latin = leadership(more=_ELSEWHERE).decode().encode("latin-1", "xmlcharrefreplace")
    land(
        home,
        DAYS[0],
        page("/ledelsen", leadership()),
        page("/om", latin, headers=(("Content-Type", "text/html; charset=latin-1"),)),
        page("/kontakt", b"<p>Sentralbord</p>" * 20, "contact"),
        page("/liste.xlsx", workbook(), "content", headers=_XLSX),
        page("/liste.gz", gzip.compress(workbook(), mtime=0), headers=_GZIP),
    )
    land(
        home,
        DAYS[1],
        page("/ledelsen", leadership()),
        page("/om", None, outcome="not_modified", http_status=304),
    )
    land(home, DAYS[2], page("/ledelsen", leadership(more="<p>Nytt kontor.</p>")))
    land(
        home,
        DAYS[0],
        page(
            "/roller",
            ROLES,
            "roles",
            url="https://data.brreg.no/enhetsregisteret/api/enheter/999601391/roller",
            headers=_JSON,
        ),
        source="brreg_registry",
    )
    parse(home)
    beside(home)
    return home


def parse(home: Path) -> None:
    """Parse and gate what is landed."""
    for source in ("company_pages", "brreg_registry"):
        days = [
            date.fromisoformat(f.parent.name.removeprefix("day="))
            for f in sorted((home / "landing" / source).glob("day=*/_crawl.json"))
        ]
        parse_days(home, source, days, workers=1)
    for kind in ("people", "pages", "registry_roles", "payloads"):
        gate_kind(home, kind)


def beside(home: Path) -> None:
    """Published copies, logs, the outbox, a hunch: what a run leaves."""
    said = pl.DataFrame(
        {
            "account_id": ["a1", "a2"],
            "talk_to_name": [PERSON, "Marte Solheim"],
            "names": [[PERSON, "Jonas Eikeland"], []],
        }
    )
    for stamp in ("2026-03-09-0000", "2026-03-16-0000"):
        version = home / "published" / stamp
        (version / "report").mkdir(parents=True)
        said.write_parquet(version / "account_scores.parquet")
        with duckdb.connect(str(version / "lyttepost.duckdb")) as base:
            base.register("said", said.to_arrow())
            base.execute(
                "create table account_scores (account_id varchar not null,"
                " talk_to_name varchar, names varchar[])"
            )
            base.execute("insert into account_scores select * from said")
            base.execute("comment on table account_scores is 'Scores, made up.'")
        (version / "report" / "index.html").write_text(f"<b>{PERSON}</b>", "utf-8")
        (version / "manifest.json").write_text(
            json.dumps({"as_of": "2026-03-16", "tables": {"account_scores": {}}})
        )
    (home / "published" / "current").symlink_to("2026-03-16-0000")
    destination = home / "crm" / "csv_file"
    destination.mkdir(parents=True)
    pl.DataFrame(
        {
            "account_id": ["a1", "a2"],
            "external_id": ["crm-1", "crm-2"],
            "field": ["lyttepost_talk_to_name"] * 2,
            "value": [PERSON, "Marte Solheim"],
        }
    ).write_parquet(destination / "accepted.parquet")
    (destination / "accounts.csv").write_text(f"a1;{PERSON}\n", "utf-8")
    logs = home / "dagster" / "history"
    logs.mkdir(parents=True)
    with sqlite3.connect(logs / "index.db") as base:
        base.execute("create table events (id integer primary key, event text, b blob)")
        base.execute("create table kept (k text primary key, v text) without rowid")
        packed = zlib.compress(f"pakket {PERSON}".encode())
        base.execute("insert into events values (1, ?, ?)", (PERSON, packed))
        base.execute("insert into kept values ('k', ?)", (f'{{"hvem": "{PERSON}"}}',))
    (logs / "out.log").write_text(f"leste {PERSON.upper()}\n", "utf-8")
    (logs / "out.log.gz").write_bytes(gzip.compress(f"leste {PERSON}\n".encode()))
    with tarfile.open(logs / "old.tar.gz", "w:gz") as tar:
        tar.add(logs / "out.log", "out.log")
    with zipfile.ZipFile(logs / "old.zip", "w") as archive:
        archive.writestr("kare-odegard-brattvik.txt", PERSON)
    (logs / f"{PERSON}.txt").write_text("tom", "utf-8")
    # A sole proprietor is an account, and its id stands in the log of forecasts.
    for day, chance in ((9, 0.1), (16, 0.2)):
        head = append(
            log_of(home),
            Forecasts(
                date(2026, 3, day),
                "crm_platform",
                "expert",
                datetime(2026, 3, day, 9, tzinfo=UTC),
                {PERSON: {"91": chance}, "a2": {"91": 0.05}},
            ),
        )
        note_head(home, head)
