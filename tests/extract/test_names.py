"""Names, titles and keys, judged one string at a time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.extract.names import is_junk_name, name_score, person_key, title_score


@pytest.mark.parametrize(
    "name",
    [
        "Ingrid Solbakk-Lie",
        "Tor E. Vang",
        "Rikard van Tolder",
        "Sorcha O'Dell",
        "Élodie D’Arcy",
        'Dorothea "Dot" Quill',
        "MARIUS HOLT",
        "TJ McBride",
        "Yusuf al-Karim",
        "Göran Åkersten",
        "Bjørn Stein Berg",
        "J. R. Whitcombe, PhD",
    ],
)
def test_looks_like_a_name(name: str) -> None:
    assert name_score(name) >= 0.7


@pytest.mark.parametrize(
    "text",
    [
        "Software Engineer",
        "Daglig leder",
        "Les mer om oss",
        "Join us!",
        "kari@f.example",
        "+47 900 00 000",
        "We help companies grow.",
        "Fjordvik Eksempel AS",
        "Navn",
        "2026",
    ],
)
def test_does_not_look_like_a_name(text: str) -> None:
    assert name_score(text) == 0.0


@pytest.mark.parametrize(
    "title",
    [
        "Administrerende direktør",
        "Konst. økonomidirektør",
        "VP Marketing",
        "Head of People",
        "Software Engineer, Platform",
        "Verkställande direktör",
        "Dagleg leiar",
        "Salgschef",
        "Toimitusjohtaja",
        "CEO, Cofounder, Board of Directors",
        "Engineering manager, search",
    ],
)
def test_looks_like_a_title(title: str) -> None:
    assert title_score(title) == 1.0


@pytest.mark.parametrize(
    "text", ["kari@f.example", "+47 900 00 000", "https://f.example", ""]
)
def test_contact_details_are_no_title(text: str) -> None:
    assert title_score(text) == 0.0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Connor O'Brien", "CONNOR OBrien"),
        ("Jean-Paul Vik", "Jean  Paul Vik"),
        ("Dr. Kari Nordnes", "Kari Nordnes"),
        ("Kari Nordnes (she/her)", "Kari Nordnes"),
        ("Kari Nordnes 🚀", "Kari Nordnes"),
        ("Tor E. Vang", "Tor E Vang"),
        ('Dorothea "Dot" Quill', "Dorothea Dot Quill"),
    ],
)
def test_dress_does_not_change_the_key(one: str, other: str) -> None:
    assert person_key(one) == person_key(other)


def test_accents_and_every_name_count() -> None:
    assert person_key("André Lie") != person_key("Andre Lie")
    assert person_key("Kari Anne Lie") != person_key("Kari Lie")
    assert person_key("Siv Lie") == "siv lie"
    assert person_key("Ing-Marie Lie") == "ing marie lie"
    assert person_key("Per Lord") == "per lord"


@given(st.text(max_size=60))
def test_a_key_is_its_own_key(text: str) -> None:
    key = person_key(text)
    assert person_key(key) == key
    assert isinstance(is_junk_name(text), bool)
