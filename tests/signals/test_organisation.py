"""From texts to one event: our readers, then the models, over made-up announcements."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from scrapers.envelope import Envelope
from scrapers.source import load_parser
from tests.warehouse.home_of_rows import Home, dbt_build, table

MERGED, GRANTED, QUIET = "fjellbygg", "nordlys", "stille"


def rss(*items: tuple[str, str]) -> bytes:
    told = "".join(
        f"<item><guid>{title}</guid><title>{title}</title><pubDate>{day}</pubDate></item>"
        for title, day in items
    )
    return f"<rss version='2.0'><channel>{told}</channel></rss>".encode()


def news(*items: tuple[str, str]) -> bytes:
    told = "".join(
        f"<article><time datetime='{day}'>{day}</time><h2>{title}</h2>"
        "<p>Dette er en sak fra oss.</p></article>"
        for title, day in items
    )
    return f"<html lang='nb'><main><h1>Aktuelt</h1>{told}</main></html>".encode()


def landed(
    home: Home, account: str | None, source: str, scope: str, at: datetime, body: bytes
) -> None:
    """One visit with what our parser makes of the body."""
    url = f"https://{account or 'liste'}.example/{source}"
    envelope = Envelope(source, url, scope, None, 200)
    rows: dict[str, list[dict]] = {"announcements": []}
    for record in load_parser(source).parse(body, envelope):
        if record.KIND == "announcements":
            rows["announcements"].append(asdict(record))
    home.visit(account, url, at, rows, source=source, scope=scope)


def registered(home: Home, at: datetime, *rows: dict) -> None:
    home.visit(
        MERGED, f"https://register.example/{MERGED}", at,
        {"announcements": [
            {"announcement_id": "k1", "category": "registry", "terms": [],
             "event_type": "merger_decided", "title": "Fusjonsbeslutning",
             "effective_on": datetime(2026, 2, 20).date(), "is_detail": False,
             "event_claims": [], "claimed_parties": []} | row
            for row in rows
        ]},
        source="brreg_announcements", scope="list",
    )  # fmt: skip


GRANTS = """\
Fylkesnavn;Kommunenavn;Org-nr;Bedriftsnavn;Virkemiddelkategori;Underkategori;\
Innvilget beløp;Innvilget dato;Beslutningsenhet;Næringshovedområde;Næring;\
Type finansiering
Oslo;Oslo;910 244 132;NORDLYS AS;Oppdrag;Innovasjonskontrakt;4 000 000,00;03.02.2026;\
Oslo;Bygg;Bygg;Tilskudd
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("organisation")
    home = Home()
    home.account(MERGED, name="Fjellbygg AS", org_number="999601391")
    home.account(GRANTED, name="Nordlys AS", org_number="910244132")
    home.account(QUIET, name="Stille AS", org_number="812345672")
    first, second, third = (
        datetime(2026, month, day, 23) for month, day in ((1, 26), (2, 9), (3, 2))
    )
    old = ("Fjellbygg kjøper Gammelmur AS", "Mon, 01 Jan 2024 08:00:00 +0100")
    merger = ("Fjellbygg fusjonerer med Nordmur AS", "Thu, 05 Feb 2026 08:00:00 +0100")
    rumour = (
        "Fjellbygg vurderer fusjon med Vestmur",
        "Fri, 06 Feb 2026 08:00:00 +0100",
    )
    landed(home, MERGED, "press_feeds", "feed", first, rss(old))
    landed(home, MERGED, "press_feeds", "feed", second, rss(rumour, merger, old))
    landed(
        home,
        MERGED,
        "company_pages",
        "news",
        first,
        news(("Grillfest", "2026-01-20"), ("Dugnad", "2026-01-10")),
    )
    landed(
        home,
        MERGED,
        "company_pages",
        "news",
        second,
        news(
            ("Fjellbygg og Nordmur slår seg sammen", "2026-02-06"),
            ("Grillfest", "2026-01-20"),
        ),
    )
    registered(
        home,
        third,
        {
            "party_role": "subject",
            "party_org_number": "999601391",
            "party_name": "FJELLBYGG AS",
        },
        {
            "party_role": "counterparty",
            "party_org_number": "974760673",
            "party_name": "NORDMUR AS",
        },
    )
    landed(
        home,
        GRANTED,
        "press_feeds",
        "feed",
        first,
        rss(("Vi er på messe", "Mon, 19 Jan 2026 08:00:00 +0100")),
    )
    landed(
        home,
        GRANTED,
        "press_feeds",
        "feed",
        second,
        rss(
            (
                "Nordlys får 4 millioner i støtte fra Innovasjon Norge",
                "Wed, 04 Feb 2026 08:00:00 +0100",
            )
        ),
    )
    landed(
        home,
        None,
        "public_money_lists",
        "innovasjon_norge",
        third,
        GRANTS.encode("cp1252"),
    )
    # What was there on the first day, an award, and old news with a new date.
    landed(
        home,
        QUIET,
        "press_feeds",
        "feed",
        first,
        rss(
            (
                "Stille AS inngår samarbeid med Sund AS",
                "Mon, 19 Jan 2026 08:00:00 +0100",
            )
        ),
    )
    landed(
        home,
        QUIET,
        "press_feeds",
        "feed",
        second,
        rss(
            (
                "Stille AS vant pris fra Innovasjon Norge",
                "Wed, 04 Feb 2026 08:00:00 +0100",
            ),
            (
                "Slik gikk det etter at Stille fusjonerte med Sund i 2015",
                "Wed, 04 Feb 2026 08:00:00 +0100",
            ),
            ("Stille AS kjøper Sund AS", "Wed, 04 Jun 2025 08:00:00 +0200"),
            (
                "Stille AS inngår samarbeid med Sund AS",
                "Mon, 19 Jan 2026 08:00:00 +0100",
            ),
        ),
    )
    home.write(folder)
    dbt_build(
        folder, "--select", "+sig_organisation", "--exclude-resource-type", "unit_test",
        "--exclude-resource-type", "test",
    )  # fmt: skip
    return folder


def test_register_press_and_site_are_one_event_and_one_contribution(
    built: Path,
) -> None:
    told = table(built, "sig_organisation").filter(pl.col("account_id") == MERGED)
    assert told["subject"].str.split(":").list.slice(0, 2).n_unique() == 1
    (standing,) = told.filter(pl.col("superseded_at").is_null()).to_dicts()
    assert standing["signal_type"] == "merger_registered"
    assert standing["evidence_class"] == "filed_act"
    assert float(standing["strength"]) == 1.0
    before = told.filter(pl.col("superseded_at") == standing["known_at"]).to_dicts()
    assert [(t["signal_type"], float(t["strength"])) for t in before] == [
        ("merger_announced", 0.8)
    ]
    assert all(t["before_ref"] for t in before)
    evidence = table(built, "event_evidence").filter(pl.col("account_id") == MERGED)
    assert sorted(evidence["source"]) == [
        "brreg_announcements",
        "company_pages",
        "press_feeds",
    ]
    assert evidence["event_id"].n_unique() == 1
    assert set(evidence["evidence_count"]) == {3}
    assert evidence["visit_id"].n_unique() == 3


def test_an_award_in_the_list_and_in_the_press_is_one_grant(built: Path) -> None:
    told = table(built, "sig_organisation").filter(pl.col("account_id") == GRANTED)
    (standing,) = told.filter(pl.col("superseded_at").is_null()).to_dicts()
    assert standing["signal_type"] == "public_grant_awarded"
    assert float(standing["strength"]) == 1.0
    assert standing["effective_pt"] == datetime(2026, 2, 3)


def test_old_news_prizes_and_what_was_there_before_are_no_events(built: Path) -> None:
    told = table(built, "sig_organisation")
    assert told.filter(pl.col("account_id") == QUIET).height == 0
