"""The catalogue of technologies, the marks of pages and the senses of sentences."""

from dataclasses import fields
from pathlib import Path

import pytest

from scrapers.extract.html import parse_html
from scrapers.extract.technologies import (
    CatalogueRefused,
    catalogue,
    page_technologies,
    read_catalogue,
)
from scrapers.extract.technology_text import (
    ad_technologies,
    mentions,
    text_technologies,
)
from scrapers.records import JobAd

SENTENCES = Path(__file__).with_name("technology_sentences.txt")
ROWS = [
    tuple(line.split("|", 3))
    for line in SENTENCES.read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]
GOAL = 0.9


def marks(page: str, headers: tuple[tuple[str, str], ...] = ()) -> set[tuple[str, str]]:
    root = parse_html(page.encode(), "text/html; charset=utf-8")
    return {(t.name, t.evidence) for t in page_technologies(root, page, headers)}


def senses() -> list[tuple[str, str]]:
    """Labelled and said sense of each sentence's technology."""
    out = []
    for _, wanted, name, sentence in ROWS:
        said = {m.sense for m in mentions(sentence) if m.name == name}
        out.append((wanted, said.pop() if len(said) == 1 else "none"))
    return out


@pytest.mark.parametrize("sense", ["used", "mentioned", "phased_out"])
def test_precision_and_recall_over_labelled_sentences(sense: str) -> None:
    pairs = senses()
    right = sum(wanted == said == sense for wanted, said in pairs)
    claimed = sum(said == sense for _, said in pairs)
    there = sum(wanted == sense for wanted, _ in pairs)
    assert len(pairs) >= 60
    precision, recall = right / claimed, right / there
    print(f"{sense}: precision {precision:.3f}, recall {recall:.3f} of {there}")
    assert precision >= GOAL
    assert recall >= GOAL


def test_the_catalogue_is_wide_and_every_entry_has_a_mark() -> None:
    entries = catalogue()
    assert len(entries) >= 120
    assert len({entry.category for entry in entries}) >= 12


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: b", "not a list"),
        ("- {name: X, category: cms}", "no mark"),
        ("- {name: X, category: toy, words: [x]}", "no category 'toy'"),
        ("- {name: X, category: cms, word: [x]}", "word is not understood"),
        ("- {name: X, category: cms, hosts: [X.no]}", "not lower case"),
        ("- {name: X, category: cms, words: x}", "not a list of marks"),
        ("- {category: cms, words: [x]}", "not a technology with a name"),
        (
            "- {name: X, category: cms, words: [x]}\n"
            "- {name: X, category: cms, words: [y]}",
            "twice",
        ),
        (
            "- {name: X, category: cms, words: [x]}\n"
            "- {name: Y, category: cms, words: [x]}",
            "a mark of X and Y",
        ),
    ],
)
def test_a_catalogue_that_is_not_understood_is_refused(text: str, why: str) -> None:
    with pytest.raises(CatalogueRefused, match=why):
        read_catalogue(text)


def test_marks_of_markup_and_scripts() -> None:
    page = """<html><head><meta name="generator" content="WordPress 6.4.2">
      <link rel="stylesheet" href="/wp-content/themes/x/style.css">
      <link rel="canonical" href="https://cdn.shopify.com/x">
      <script async src="https://www.googletagmanager.com/gtm.js?id=GTM-X"></script>
      <script>var s='//static.hotjar.com/c/hotjar-1.js';</script>
      <script type="application/json">{"u": "https://widget.intercom.io"}</script>
      </head><body><a href="https://firma.teamtailor.com/jobs">Jobber</a>
      <p>Snakk med oss om Shopify og cdn.klarna.com</p></body></html>"""
    assert marks(page) == {
        ("WordPress", "markup"),
        ("WordPress", "script"),
        ("Google Tag Manager", "script"),
        ("Hotjar", "script"),
        ("Teamtailor", "markup"),
    }


def test_marks_of_headers_and_cookies() -> None:
    headers = (
        ("server", "Microsoft-IIS/10.0"),
        ("x-powered-by", "ASP.NET"),
        ("via", "1.1 abc.cloudfront.net (CloudFront)"),
        ("set-cookie", "ASP.NET_SessionId"),
        ("set-cookie", "hubspotutk"),
    )
    assert marks("<p>x</p>", headers) == {
        ("Microsoft IIS", "header"),
        ("ASP.NET", "header"),
        ("ASP.NET", "cookie"),
        ("Amazon CloudFront", "header"),
        ("HubSpot", "cookie"),
    }


def test_a_plain_page_shows_nothing() -> None:
    assert marks("<p>Vi bruker sunn fornuft.</p>") == set()


def test_ordinary_words_are_no_technologies() -> None:
    text = (
        "Vi møtes i teams på tvers. Hun tar et lever i parken. Vi har slack i planen.\n"
        "The rule is simple: drift is a segment of the workday. Ta kontakt med oss."
    )
    assert list(mentions(text)) == []


def test_a_list_below_a_heading_has_the_sense_of_the_heading() -> None:
    text = (
        "Teknologier vi bruker\nKubernetes\nSnowflake\n"
        "Hva vi ønsker oss av deg som søker\nSAP"
    )
    said = {m.name: m.sense for m in mentions(text)}
    assert said["Kubernetes"] == said["Snowflake"] == "used"
    assert said["SAP"] == "mentioned"


def test_used_in_one_place_is_used_and_quotes_are_short() -> None:
    text = f"Erfaring med SAP er en fordel.\nVi bruker SAP {'og mye annet ' * 20}."
    (found,) = text_technologies(text, "page_text")
    assert found.is_used
    assert not found.is_phased_out
    assert found.quote.startswith("Vi bruker SAP")
    assert len(found.quote.split()) == 25


def test_the_texts_of_ads_of_any_source_are_read() -> None:
    blank = dict.fromkeys(field.name for field in fields(JobAd))
    told = {"ad_id": "a1", "description": "Du vil jobbe med Azure."}
    ad = JobAd(**(blank | told))  # type: ignore[arg-type]
    (found,) = ad_technologies([ad])
    assert (found.name, found.evidence, found.ad_id) == (
        "Microsoft Azure",
        "job_text",
        "a1",
    )
