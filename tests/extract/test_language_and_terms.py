"""Language of a text and its terms."""

import json
from pathlib import Path

import pytest

from scrapers.extract.language import language_of
from scrapers.extract.terms import terms_of

SENTENCES = {
    "nb": "Vi hjelper bedrifter med å følge opp kundene sine, og jeg vet ikke hvorfor.",
    "nn": "Vi hjelper verksemder med å følgje opp kundane sine, og eg veit kvifor.",
    "sv": "Vi hjälper företag att följa upp sina kunder, och jag vet inte varför.",
    "da": "Vi hjælper virksomheder med at følge op på kunder, og jeg ved ikke hvorfor.",
    "fi": "Autamme yrityksiä seuraamaan asiakkaitaan, mutta en tiedä miksi se on näin.",
    "en": "We help companies to follow up their customers, and I do not know why.",
}


@pytest.mark.parametrize("language", sorted(SENTENCES))
def test_language_of_a_sentence(language: str) -> None:
    assert language_of(SENTENCES[language]) == language
    wrong = "en" if language != "en" else "nb"
    long_text = " ".join([SENTENCES[language]] * 6)
    assert language_of(long_text, declared=wrong) == language


def test_what_a_page_declares_decides_when_it_shows_only_names() -> None:
    assert language_of("Vestbrekke Handel Ingrid Solbakk", declared="no") == "nb"
    assert language_of("", declared=None) is None


def test_terms_of_the_theme_survive_inflection() -> None:
    text = "Kundereisen og salgsprosessen: CRM-rådgivere med god kundeinnsikt"
    terms = terms_of(text, "nb")
    assert {"kundereise", "salgsprosess", "crm", "kundeinnsikt"} <= set(terms)
    assert "crm_rådgiver" in terms
    english = terms_of("Customer journeys, sales pipelines and lead management", "en")
    assert {"customer_journey", "sales_pipeline", "lead_management"} <= set(english)


def test_occurrences_are_kept_and_stop_words_numbers_and_short_words_are_not() -> None:
    assert terms_of("kunde kunde og 2026 AI", "nb").count("kunde") == 2
    assert terms_of("og 2026 AI", "nb") == ()


def test_a_phrase_ends_at_a_sign_or_a_stop_word() -> None:
    assert "salg_marked" not in terms_of("salg. marked", "nb")
    assert "salg_marked" not in terms_of("salg og marked", "nb")
    assert "kunde_reise" in terms_of("kunde reise", "nb")


def test_compounds_in_swedish_are_read_by_their_head() -> None:
    assert "kundresa" in terms_of("kundresan", "sv")


LABELLED = Path(__file__).parents[2] / "../shared/data/eval/lang_id/dev"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Foreløpig er den planlagt til midten av mars.", "nb"),
        ("Det er ei viktig oppgåve for kommunane.", "nn"),
        ("Det er en vigtig opgave, at kommunerne samarbejder.", "da"),
        ("Det är en viktig uppgift för kommunerna.", "sv"),
        ("Se on tärkeä tehtävä kunnille.", "fi"),
        ("It is an important task.", "en"),
        ("Vi søker en sykepleier til Bodø", "nb"),
        ("Me søkjer ein sjukepleiar til Førde", "nn"),
        ("Vi søger en sygeplejerske til Odense", "da"),
        ("Vi söker en sjuksköterska till Umeå", "sv"),
    ],
)
def test_language_of_a_short_text(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.skipif(not LABELLED.exists(), reason="the labelled texts are not here")
def test_languages_of_real_sentences() -> None:
    texts, wanted = (
        [json.loads(line) for line in (LABELLED / name).read_text().splitlines()]
        for name in ("input.jsonl", "expected.jsonl")
    )
    language = {row["id"]: row["lang"] for row in wanted}
    right: dict[str, list[bool]] = {}
    for row in texts:
        expected = language[row["id"]]
        right.setdefault(expected, []).append(language_of(row["text"]) == expected)
    shares = {code: sum(found) / len(found) for code, found in right.items()}
    assert sum(shares.values()) / len(shares) >= 0.96, shares
