"""Which text of a page is its own; the pages are made up, the labelled ones real."""

import json
import re
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from scrapers.extract.blocks import TextBlock, layout_of, main_text, text_blocks
from scrapers.extract.html import parse_html
from scrapers.extract.main_blocks import features, main_runs

LABELLED = Path(__file__).parents[2] / "../shared/data/eval/content/dev"
SENTENCES = (
    "Verftet i Tomrefjord har levert skip til hele Norden siden krigen, og i år bygger "
    "de tre ferger som går på strøm. Det sier lederen for verftet, som har vært der i "
    "tjue år.",
    "Neste år kommer det flere bestillinger, for fylkene skal bytte ut de gamle "
    "fergene. Derfor ansetter verftet førti sveisere, elektrikere og ingeniører.",
    "Kommunen gleder seg, men spør hvor alle skal bo. Det finnes få ledige boliger, og "
    "de som finnes, er dyre. Nå planlegger kommunen et nytt felt ved fjorden.",
)
MENU = "".join(
    f'<li><a href="/{word}">{word.capitalize()}</a></li>'
    for word in ("nyheter", "sport", "kultur", "debatt", "kontakt")
)


def article(related: str = "Les om fotball", year: int = 2025, extra: str = "") -> str:
    paragraphs = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES * 3)
    teasers = "".join(
        f'<div class="teaser"><a href="/{n}"><h3>{related} {n}</h3></a></div>'
        for n in range(6)
    )
    return (
        "<html><head><title>Verftet bygger ferger</title></head><body>"
        f'<header><nav class="menu"><ul>{MENU}</ul></nav></header>'
        '<div class="page"><div class="article-body"><h1>Verftet bygger ferger</h1>'
        f"{paragraphs}</div><div class='related'>{teasers}</div>{extra}</div>"
        f"<footer><p>© {year} Avisa. Ansvarlig redaktør: Kari Eksempel</p></footer>"
        "</body></html>"
    )


def blocks(page: str) -> tuple[TextBlock, ...]:
    return text_blocks(parse_html(page.encode(), "text/html; charset=utf-8"))


def test_the_article_is_main_and_what_is_around_it_is_not() -> None:
    text = main_text(blocks(article()))
    assert text.count("Verftet i Tomrefjord") == 3
    for other in ("Sport", "Les om fotball 1", "Ansvarlig redaktør"):
        assert other not in text
    roles = {block.text: block.role for block in blocks(article())}
    assert roles["Sport"] == "nav"
    assert roles["© 2025 Avisa. Ansvarlig redaktør: Kari Eksempel"] == "footer"


@pytest.mark.parametrize(
    "other",
    [
        article(related="Se bilder fra hagen"),
        article(year=2026),
        article(extra="<script>var token = '8f3a';</script>"),
        article(extra='<div class="ad" data-slot="17"></div>'),
        article().replace("<p>", '<p data-react-id="a7">'),
    ],
    ids=["teasers", "year", "script", "empty ad", "attributes"],
)
def test_what_changes_around_the_article_leaves_it_alone(other: str) -> None:
    assert main_text(blocks(other)) == main_text(blocks(article()))


def test_a_new_sentence_changes_the_article() -> None:
    changed = article().replace("bygger de tre ferger", "bygger de fire ferger")
    assert main_text(blocks(changed)) != main_text(blocks(article()))


def test_the_same_page_gives_the_same_blocks() -> None:
    assert blocks(article()) == blocks(article())


def test_every_run_of_text_has_one_block_in_reading_order() -> None:
    layout = layout_of(parse_html(article().encode(), "text/html; charset=utf-8"))
    assert [block.text for block in blocks(article())] == list(layout.texts)
    assert all(outer < part for part, outer in enumerate(layout.outer))
    assert len(main_runs(layout)) == len(layout.texts)


def test_features_are_whole_numbers_for_each_run() -> None:
    layout = layout_of(parse_html(article().encode(), "text/html; charset=utf-8"))
    for name, values in features(layout).items():
        assert values.dtype.kind == "i", name
        assert len(values) == len(layout.texts), name


def test_text_for_readers_without_scripts_is_read_when_there_is_much_of_it() -> None:
    posts = "".join(f"<div class='post'><p>{s}</p></div>" for s in SENTENCES * 2)
    page = f"<html><body><div id='app'></div><noscript>{posts}</noscript></body></html>"
    assert "Tomrefjord" in main_text(blocks(page))
    plea = "<html><body><p>Hei</p><noscript>Slå på JavaScript.</noscript></body></html>"
    assert "JavaScript" not in main_text(blocks(plea))


def test_a_consent_dialogue_is_never_main() -> None:
    banner = (
        '<div id="cookie-consent"><p>Vi bruker informasjonskapsler til statistikk og '
        "markedsføring, og ber deg godta dem før du leser videre.</p></div>"
    )
    page = article().replace("<body>", f"<body>{banner}")
    assert "informasjonskapsler" not in main_text(blocks(page))
    assert "consent" in {block.role for block in blocks(page)}


@pytest.mark.parametrize("name", ["cmp-text", "trusted-by", "cmp-teaser__content"])
def test_a_class_that_only_sounds_like_consent_is_none(name: str) -> None:
    page = (
        f'<html><body><div class="{name}"><p>Vi lager pumper.</p></div></body></html>'
    )
    assert [block.role for block in blocks(page)] == ["main"]


def test_a_class_of_the_whole_layout_names_no_part() -> None:
    prose = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES * 6)
    page = (
        '<html><body><div class="container sidebar-layout"><div class="sidebar">'
        f'<a href="/">Hjem</a> Meny</div><div class="text">{prose}</div></div></body>'
        "</html>"
    )
    roles = {block.text: block.role for block in blocks(page)}
    assert roles[SENTENCES[0]] == "main"
    assert roles["Hjem Meny"] == "aside"


@pytest.mark.skipif(not LABELLED.exists(), reason="the labelled pages are not here")
def test_real_pages_of_seven_kinds_keep_what_people_marked_up() -> None:
    """Word F1 of every fourteenth page that has a marked-up text.

    The trees were grown from these pages: this holds the code to its table.
    """
    pages = dict(
        pl.read_parquet(LABELLED / "pages.parquet")[["id", "html"]].iter_rows()
    )
    with (LABELLED / "expected.jsonl").open(encoding="utf-8") as lines:
        rows = [row for row in map(json.loads, lines) if row["source"] == "wcxb"]
    scores = []
    for row in rows[::14]:
        root = parse_html(pages[row["id"]], "text/html")
        found, wanted = (
            Counter(re.findall(r"\w+", text.lower()))
            for text in (main_text(text_blocks(root)), row["main"])
        )
        shared = sum((found & wanted).values())
        scores.append(2 * shared / (found.total() + wanted.total()))
    assert len(scores) == 39
    assert sum(scores) / len(scores) > 0.80
