"""Evidence out of the archive, and the report: shown as text, verified, escaped."""

import functools
import json
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from orchestration.publish.evidence import (
    EvidenceMissing,
    decoded,
    evidence,
    excerpt,
    readable,
)
from orchestration.publish.overview import overview
from orchestration.publish.published import publish
from orchestration.publish.report import report_digest, write_report
from scrapers.landing import Capture, Landing, PayloadMissing
from tests.publish.archive import PAGE, archive, reader
from tests.scoring import made_up

LEADER = made_up.signal_id(1)
GONE = made_up.signal_id(7)


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    return made_up.published_tables()


@pytest.fixture(scope="module")
def archived(tables):
    return archive(tables["signals"])


def found(signal_id, tables, archived, tmp_path, read=None):
    visits, bodies = archived
    return evidence(
        signal_id, tmp_path, tables["signals"], visits, read or reader(bodies)
    )


def test_before_and_after_are_shown_and_verified(tables, archived, tmp_path):
    told = found(LEADER, tables, archived, tmp_path)
    before, after = told.captures
    assert before.is_verified
    assert after.is_verified
    assert after.excerpt.found == "Tormod Haugdal Salgsdirektør"
    assert "Arne Vold" in after.excerpt.before
    assert before.gone_quote == "Tormod Haugdal Salgsdirektør"
    assert before.payload_digest != after.payload_digest
    text = told.text()
    assert "»Tormod Haugdal Salgsdirektør«" in text
    assert 'does not say: "Tormod Haugdal Salgsdirektør"' in text
    assert text.count("verified") == 2
    assert after.warc_file in text
    said = json.loads(json.dumps(told.as_dict()))
    assert [c["side"] for c in said["captures"]] == ["before", "after"]


def test_a_departure_is_shown_by_what_is_no_longer_said(tables, archived, tmp_path):
    before, after = found(GONE, tables, archived, tmp_path).captures
    assert before.excerpt.found == "Hege Brattrud Salgsdirektør"
    assert after.gone_quote == "Hege Brattrud Salgsdirektør"


def test_evidence_comes_out_of_a_real_landing_zone(tables, tmp_path):
    """Landed by the crawler's own writer, read back by id alone."""
    url = "https://selskap0.example/om-oss/ledelse"
    refs = []
    for day, line in (
        (16, "Kontakt oss gjerne."),
        (23, "Tormod Haugdal Salgsdirektør"),
    ):
        landing = Landing(tmp_path, "company_pages", date(2025, 11, day), replayed=True)
        visit = landing.land(
            Capture(
                made_up.account_id(0),
                "leadership",
                url,
                "ok",
                200,
                (("Content-Type", "text/html; charset=utf-8"),),
                PAGE.format(line=line).encode(),
            )
        )
        landing.finish({})
        refs.append(visit.visit_id)
    signals = tables["signals"].with_columns(
        pl.lit(refs[0]).alias("before_ref"),
        pl.lit(refs[1]).alias("after_ref"),
        # The captures are looked for in every source when this one lacks them.
        pl.lit("brreg_registry").alias("source"),
    )
    publish(tables | {"signals": signals}, tmp_path)
    told = evidence(LEADER[:32], tmp_path)
    before, after = told.captures
    assert before.is_verified
    assert after.is_verified
    assert after.excerpt.found == "Tormod Haugdal Salgsdirektør"
    assert before.gone_quote == "Tormod Haugdal Salgsdirektør"
    assert after.fetched_at.date() == date(2025, 11, 23)
    warc = tmp_path / "landing" / "company_pages" / after.warc_file
    content = bytearray(warc.read_bytes())
    content[-60] ^= 0xFF
    warc.write_bytes(bytes(content))
    spoilt = evidence(LEADER, tmp_path).captures[1]
    assert not spoilt.is_verified
    assert spoilt.problem


def test_a_claim_of_absence_is_made_only_of_words_the_other_capture_says(
    tables, archived, tmp_path
):
    visits, bodies = archived
    signal = tables["signals"].filter(pl.col("signal_id") == LEADER)
    # Not on either page word for word; the name alone is on the page after.
    told = evidence(
        LEADER,
        tmp_path,
        signal.with_columns(
            pl.lit("Tormod Haugdal, ny Salgsdirektør").alias("quote_after"),
            pl.lit("not listed among 2 people").alias("quote_before"),
        ),
        visits,
        reader(bodies),
    )
    before, after = told.captures
    assert before.gone_quote == "Tormod Haugdal"
    assert after.gone_quote is None
    assert after.excerpt.found == "Tormod Haugdal"
    assert "not listed among 2 people" in told.text()


def test_bytes_that_are_not_what_was_landed_are_not_shown(tables, archived, tmp_path):
    told = found(LEADER, tables, archived, tmp_path, lambda *_: b"<p>Forged</p>")
    for capture in told.captures:
        assert not capture.is_verified
        assert "not the one landed" in capture.problem
        assert capture.text == ""
    assert "NOT SHOWN" in told.text()
    assert "Forged" not in told.text()


def test_a_missing_payload_is_said_and_not_hidden(tables, archived, tmp_path):
    def missing(*_):
        raise PayloadMissing("the record is gone")

    told = found(LEADER, tables, archived, tmp_path, missing)
    assert told.captures[1].problem == "the record is gone"
    assert "the record is gone" in told.text()


def test_a_filed_act_needs_no_capture_before(tables, archived, tmp_path):
    told = found(made_up.signal_id(13), tables, archived, tmp_path)
    assert told.captures[0].visit_id is None
    assert told.captures[1].is_verified


@pytest.mark.parametrize("signal_id", ["f" * 32, "000000", "0"])
def test_no_signal_or_too_many_is_one_sentence(tables, archived, tmp_path, signal_id):
    with pytest.raises(EvidenceMissing, match="begins with"):
        found(signal_id, tables, archived, tmp_path)


@pytest.mark.parametrize(
    ("body", "content_type", "said"),
    [
        ("Åse Bø".encode(), "text/html", "Åse Bø"),
        ("Åse Bø".encode("latin-1"), "text/html; charset=utf-8", "Åse Bø"),
        ("Åse Bø".encode("latin-1"), "text/html; charset=iso-8859-1", "Åse Bø"),
        (b"plain", "text/plain; charset=no-such", "plain"),
    ],
)
def test_bytes_are_decoded_whatever_they_are_labelled(body, content_type, said):
    assert decoded(body, content_type) == said


def test_only_what_a_reader_sees_is_text():
    page = b"<html><head><title>T</title><style>p{}</style></head><body><p>Ja</p>"
    assert readable(page + b"<script>alert(1)</script>", "text/html") == "Ja"
    assert readable(b'{"navn": "\\u00c5"}', "application/json") == '{\n  "navn": "Å"\n}'


def test_a_quote_may_run_over_elements_but_not_over_words():
    text = "Ledelsen\nKari  Moe,\n salgsdirektør\nSlutt"
    assert excerpt(text, "kari moe salgsdirektør").found == "Kari  Moe,\n salgsdirektør"
    assert excerpt(text, "Kari Moen") is None
    assert excerpt(text, None) is None
    assert excerpt("x " * 400 + "her er det " + "y " * 400, "er det").found == "er det"


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        for key, value in attrs:
            if key in ("href", "src"):
                self.links.append(value)
            if key.startswith("on"):
                self.handlers.append(key)


def parsed(file: Path) -> Tags:
    tags = Tags()
    tags.feed(file.read_text(encoding="utf-8"))
    return tags


@pytest.fixture(scope="module")
def home(tables, archived, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    accounts = made_up.accounts()
    (home / "accounts").mkdir()
    accounts.write_parquet(home / "accounts" / "accounts.parquet")
    visits, bodies = archived
    publish(
        tables,
        home,
        functools.partial(
            write_report,
            accounts=accounts,
            home=home,
            visits=visits,
            read_payload=reader(bodies),
        ),
        report_digest=report_digest(accounts),
    )
    return home


def test_the_report_shows_who_why_now_until_when_and_the_evidence(home, tables):
    folder = home / "published" / "current" / "report"
    page = (folder / "index.html").read_text(encoding="utf-8")
    shown = tables["account_scores"].filter(pl.col("attention_rank") <= 10)
    assert page.count("<article") == shown.height == 10
    for said in (
        "Fjordvik Møbler",
        "Tormod Haugdal",
        "17. februar 2026",
        "«Hva skal gjøres annerledes de to neste kvartalene?»",
        "Her sto det ikke «Tormod Haugdal Salgsdirektør».",
        "3,0 %",
    ):
        assert said in page, said
    unseen = (folder / "coverage.html").read_text(encoding="utf-8")
    assert "stengt ute" in unseen
    english = (folder / "en" / "coverage.html").read_text(encoding="utf-8")
    assert "Observed for 30 days; 90 are needed." in english
    tags = parsed(folder / "index.html")
    assert not tags.tags & {"script", "iframe", "img", "link", "object"}
    assert tags.handlers == []
    for link in tags.links:
        assert not re.match(r"[a-z]+:", link), link
        file, _, place = link.partition("#")
        assert (folder / (file or "index.html")).exists(), link
        assert not place or f'id="{place}"' in page, link
    assert f"evidence/{LEADER}.html" in tags.links


def test_expected_hits_are_the_sum_of_the_probabilities_shown(home, tables):
    page = (home / "published" / "current" / "report" / "index.html").read_text()
    shown = tables["account_scores"].filter(pl.col("attention_rank") <= 10)
    expected = shown["probability"].sum()
    assert f"{int(expected)}–{int(expected) + 1} av 10" in page
    assert "tilfeldig valgt 0,30" in page


def test_archived_content_is_escaped_and_never_executed(home):
    folder = home / "published" / "current" / "report" / "evidence"
    pages = sorted(folder.iterdir())
    assert len(pages) >= 10
    for page in pages:
        tags = parsed(page)
        assert not tags.tags & {"script", "iframe", "img", "object", "form"}
        assert tags.handlers == []
        assert "default-src 'none'" in page.read_text()
    leader = (folder / f"{LEADER}.html").read_text()
    assert "&lt;script&gt;alert(&#34;archived&#34;)" in leader
    assert "<mark>Tormod Haugdal Salgsdirektør</mark>" in leader
    assert leader.count("stemmer") == 2


def test_the_report_is_the_same_when_written_again(home, tables, archived, tmp_path):
    visits, bodies = archived
    write_report(
        tmp_path,
        tables,
        accounts=made_up.accounts(),
        home=home,
        visits=visits,
        read_payload=reader(bodies),
    )
    former = home / "published" / "current" / "report"
    for file in sorted(f for f in tmp_path.rglob("*") if f.is_file()):
        there = former / file.relative_to(tmp_path)
        assert file.read_bytes() == there.read_bytes(), file.name


def test_a_day_without_anybody_to_talk_to_says_so(tables, tmp_path):
    quiet = tables["account_scores"].with_columns(
        pl.lit(None, pl.Int64).alias("attention_rank")
    )
    write_report(
        tmp_path,
        tables
        | {"account_scores": quiet, "talk_to_now": tables["talk_to_now"].clear()},
        accounts=made_up.accounts(),
        home=tmp_path,
    )
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "Ingen konto har et åpent vindu" in page
    assert "<article" not in page


def test_the_overview_names_the_accounts_and_where_to_look(home):
    text = overview(home)
    for said in (
        "As of 2025-12-29: 43 accounts scored, 5 abstained.",
        " 1. Fjordvik Møbler (acc-000)",
        "talk to Tormod Haugdal, Salgsdirektør",
        "report/index.html",
        f"lyttepost evidence {LEADER}",
    ):
        assert said in text


def test_pages_call_a_source_by_its_label(tables, archived, tmp_path):
    visits, bodies = archived
    names = tables["dim_sources"]["source"].to_list()
    labelled = tables["dim_sources"].with_columns(
        label_nb=pl.lit("Navn på norsk ") + pl.col("source").rank().cast(pl.String),
        label_en=pl.lit("Name in English ") + pl.col("source").rank().cast(pl.String),
    )
    write_report(
        tmp_path,
        tables | {"dim_sources": labelled},
        accounts=made_up.accounts(),
        home=tmp_path,
        visits=visits,
        read_payload=reader(bodies),
    )
    pages = [*tmp_path.glob("*.html"), *tmp_path.glob("en/*.html")]
    pages += [*tmp_path.glob("account/*.html"), *tmp_path.glob("en/account/*.html")]
    assert len(pages) > 60
    told = [name for name in names if "_" in name]
    assert told
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for name in told:
            assert name not in text, f"{page.relative_to(tmp_path)} says {name}"
    said = ("coverage.html", "run.html", "account/acc-018.html")
    for name in said:
        assert "Navn på norsk" in (tmp_path / name).read_text(encoding="utf-8"), name
        english = (tmp_path / "en" / name).read_text(encoding="utf-8")
        assert "Name in English" in english, name
