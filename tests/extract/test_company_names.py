"""Two names, one company or two; names are made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.extract.company_names import bare_name, company_key, same_company


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Fjellsjø Sjømat AS", "FJELLSJOE SJOEMAT AS"),
        ("Fjellsjø Sjømat", "Fjellsjø Sjømat AS"),
        ("Aasheim Bygg AS", "Åsheim Bygg"),
        ("A/S Tindvik Mek", "TINDVIK MEK AS"),
        ("Tindvik & Sønn AS", "Tindvik og Sønn AS"),
        ("T.V.K. Maskin AS", "TVK Maskin"),
        ("Tindvik Mekaniske Verksted AS", "TINDVIK MEKANISKE VERKSTEDS AS"),
        ("Forty-Four Lofotlys Ltd", "44 Lofotlys Limited"),
        ("Grønndal Kraft (tidligere Vestvik Energi AS)", "Vestvik Energi"),
        ("Lofotlys Holdings LLC dba Nordblink", "Nordblink"),
        ("Lofotlys, Inc. (at Tindvik College)", "Lofotlys Inc"),
        ("TMV", "Tindvik Mekaniske Verksted"),
    ],
)
def test_is_the_same_company(one: str, other: str) -> None:
    assert same_company(one, other).score >= 0.5
    assert same_company(other, one).score >= 0.5


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Norsk Fjellsjø AS", "Norsk Tindvik AS"),
        ("Tindvik Bodø AS", "Tindvik Tromsø AS"),
        ("Vestvik Energi AS", "Grønndal Energi AS"),
        ("Lofotlys Havn", "Tindvik Havn"),
        ("", "Tindvik AS"),
    ],
)
def test_is_another_company(one: str, other: str) -> None:
    assert same_company(one, other).score < 0.5
    assert same_company(other, one).score < 0.5


def test_a_subsidiary_is_alike_but_never_the_same_name() -> None:
    own = same_company("Tindvik AS", "TINDVIK AS")
    holding = same_company("Tindvik AS", "TINDVIK HOLDING AS")
    form = same_company("Tindvik AS", "TINDVIK SA")
    assert own.score == 1.0
    assert own.reasons == ("the same name",)
    assert holding.score < 0.95
    assert "holding" in " ".join(holding.reasons)
    assert form.score == 0.9


def test_a_key_is_the_name_without_case_punctuation_and_legal_form() -> None:
    names = ("Eksempel AS", "EKSEMPEL A/S", "Eksempel ApS", "Eksempel, ASA")
    assert {company_key(name) for name in (*names, "AS Eksempel")} == {"eksempel"}
    assert company_key("Eksempel & Sønn Oy") == company_key("EKSEMPEL OG SOENN")
    assert company_key("SAS") == "sas"
    assert company_key("AS") == "as"


def test_a_register_is_asked_with_the_bare_name() -> None:
    assert bare_name("Fjellsjø.no AS") == "Fjellsjø no"
    assert bare_name("A/S Tindvik Mek. (Bodø)") == "Tindvik Mek"
    assert bare_name("AS") == "AS"


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_is_compared_alike_both_ways(one: str, other: str) -> None:
    assert same_company(one, other) == same_company(other, one)
    assert 0.0 <= same_company(one, other).score <= 1.0
    if one.strip() and company_key(one):
        itself = same_company(one, one)
        # Accents folded away, a name can be a legal form and nothing else ("AÐ").
        assert itself.score == 1.0 or itself.reasons == ("nothing but legal forms",)


@pytest.mark.parametrize("name", ["AS", "A/S", "AÐ", "AB Oy"])
def test_a_legal_form_alone_names_nobody(name: str) -> None:
    assert same_company(name, name).score == 0.0
