"""Names in made-up Norwegian sentences."""

import pytest

from scrapers.extract.people_in_text import (
    ORGANISATION,
    PERSON,
    people_and_organisations,
)


def _named(kind, *sentences):
    found = people_and_organisations(sentences)
    return [
        sentence[span.start : span.end]
        for sentence, spans in zip(sentences, found, strict=True)
        for span in spans
        if span.kind == kind
    ]


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("I går sa Kari Fjellvold at planen holder.", ["Kari Fjellvold"]),
        ("Rådmann Ola Grindal ble ansatt.", ["Ola Grindal"]),
        ("NHO-direktør Tor Mosevold er skeptisk.", ["Tor Mosevold"]),
        ("Orgelbyggjar Henrik Brinkvik fortalde om arbeidet.", ["Henrik Brinkvik"]),
        ("Dei møtte Åse van der Berg på kaia.", ["Åse van der Berg"]),
        ("Boka til forfattaren Qvermo er god.", ["Qvermo"]),
        ("Planen er Karis.", ["Karis"]),
    ],
)
def test_people_are_found(text, people):
    assert _named(PERSON, text) == people


@pytest.mark.parametrize(
    ("text", "organisations"),
    [
        ("Saka går til Miljødepartementet.", ["Miljødepartementet"]),
        ("Fjordvik Sparebank og NHO er enige.", ["Fjordvik Sparebank", "NHO"]),
        ("Ho sit i styret for Grendalen Idrettslag.", ["Grendalen Idrettslag"]),
    ],
)
def test_organisations_are_found(text, organisations):
    assert _named(ORGANISATION, text) == organisations


@pytest.mark.parametrize(
    "text",
    [
        "Vi reiste fra Bergen til Oslo.",
        "Ho bur på Jan Mayen.",
        "Prisen er høg.",
        "Høyre-velgerne er misfornøyde.",
        "Det vart dag og natt.",
    ],
)
def test_places_and_common_words_are_no_people(text):
    assert _named(PERSON, text) == []


def test_a_family_name_is_known_where_the_text_has_named_the_whole():
    sentences = ("Kari Urdvang leder laget.", "Det var Urdvang fornøyd med.")
    assert _named(PERSON, *sentences) == ["Kari Urdvang", "Urdvang"]
    assert _named(PERSON, sentences[1]) == []
