"""What press texts claim, type by type, in six languages. All texts are made up."""

import time

import pytest

from scrapers.extract.event_words import CLAIM_TYPES, claims_of

CLAIMS = {
    "merger_announced": (
        "Bouvendi fusjonerer med Olavfjell",
        "Fjellbygg AS og Nordmur AS slår seg sammen",
        "Styret har vedtatt fusjonsplan",
        "Selskapa slår seg saman med Vestbygg",
        "Lantmark går samman med Fazerin",
        "Dansk Data fusionerer med Nordisk Net",
        "Altila ja Arcusan yhdistyvät",
        "Nordia and Sampola agree to merge",
    ),
    "demerger": (
        "Styret vedtar fisjon av Fjellkraft AS",
        "Skiller ut eiendomsvirksomheten i eget selskap",
        "Verksemda skil ut drifta i eit eige selskap",
        "Yhtiön osittaisjakautuminen on toteutunut",
        "Made Up to spin off its energy unit",
    ),
    "acquisition_made": (
        "Fjellbygg kjøper Nordmur AS",
        "Vi har kjøpt arkitektkontoret Nordlys",
        "Fjellbygg kjøper 51 prosent av aksjene i Nordmur",
        "Overtek selskapet Vestmur AS",
        "Bravila förvärvar Elbolaget Syd AB",
        "Made Up acquires Beta Software to expand in Norway",
    ),
    "acquired": (
        "Nordmur er kjøpt opp av Fjellbygg ASA",
        "Nordmur blir en del av Fjellbygg Group",
        "Oppdikta får ny eigar",
        "Vi blir kjøpt av Fjellbygg",
        "Beta acquired by Made Up Corporation",
    ),
    "capital_raised": (
        "Fjellbygg henter 50 millioner kroner i ny kapital",
        "Vellykket rettet emisjon i Fjellbygg",
        "Hentar 20 millionar frå investorar",
        "Bolaget genomför en nyemission",
        "Made Up raises $12 million Series A funding",
    ),
    "public_grant_awarded": (
        "Fjellbygg får 4 millioner i støtte fra Innovasjon Norge",
        "Enova gir 12 millioner kroner i støtte til Fjellbygg",
        "Fekk tilskot frå Forskingsrådet",
        "Made Up awarded EIC grant of €2.5 million",
    ),
    "partnership_announced": (
        "Fjellbygg inngår strategisk samarbeid med Nordmur",
        "Fjellbygg og Nordmur signerer samarbeidsavtale",
        "Ny samarbeidsavtale om leveranser",
        "Bolaget inleder samarbete med Volvin",
        "Made Up partners with Beta to build data centres",
    ),
}
NO_CLAIMS = {
    "merger_announced": (
        "Fusjonskjøkken åpner på Aker Brygge",
        "Fjellbygg vurderer fusjon med Nordmur",
        "Fjellbygg avlyser fusjonen med Nordmur",
        "Slik gikk det ti år etter fusjonen",
        "Kommunesammenslåing skaper utfordringer",
        "Skal Fjellbygg fusjonere med Nordmur?",
        "Kan fusjonere med Nordmur",
    ),
    "demerger": (
        "Fjellbygg skiller seg ut med god service",
        "Fisjonsreaktor i Halden blir museum",
        "Fjellbygg vurderer fisjon av eiendommene",
    ),
    "acquisition_made": (
        "Rykter om at Fjellbygg kjøper Nordmur",
        "Fjellbygg kjøper ikke Nordmur",
        "Primærinnsider kjøper 10 000 aksjer i Fjellbygg",
        "Fjellbygg kjøper strøm fra Statnett",
        "Kari Nordmann overtar som daglig leder i Fjellbygg",
        "Made Up in talks to acquire Beta",
    ),
    "acquired": (
        "Ryktes kjøpt opp av Fjellbygg",
        "Made Up could be acquired by Beta",
        "Ble kjøpt av Fjellbygg i 2012",
    ),
    "capital_raised": (
        "Fjellbygg henter inn 3 millioner til Kreftforeningen",
        "Fjellbygg vurderer emisjon",
        "Vellykket obligasjonsemisjon i Fjellbygg",
    ),
    "public_grant_awarded": (
        "Fjellbygg søker om støtte fra Innovasjon Norge",
        "Fjellbygg vant pris fra Innovasjon Norge",
        "Innovasjon Norge åpner for søknader om tilskudd",
    ),
    "partnership_announced": (
        "Avslutter samarbeidet med Nordmur",
        "Godt samarbeid gir gode resultater",
        "Hovedsponsor: inngår samarbeid med Fjell fotballklubb",
    ),
}


def types_of(title: str, text: str | None = None, year: int = 2026) -> list[str]:
    return [claim.event_type for claim in claims_of(title, text, year)]


def test_every_type_has_three_of_each() -> None:
    assert set(CLAIMS) == set(NO_CLAIMS) == set(CLAIM_TYPES)
    assert all(len(texts) >= 3 for texts in (*CLAIMS.values(), *NO_CLAIMS.values()))


@pytest.mark.parametrize(
    ("event_type", "title"),
    [(event_type, title) for event_type, titles in CLAIMS.items() for title in titles],
)
def test_claimed(event_type: str, title: str) -> None:
    assert types_of(title) == [event_type]


@pytest.mark.parametrize(
    ("event_type", "title"),
    [(name, title) for name, titles in NO_CLAIMS.items() for title in titles],
)
def test_not_claimed(event_type: str, title: str) -> None:
    assert event_type not in types_of(title)


@pytest.mark.parametrize(
    ("title", "parties"),
    [
        ("Fjellbygg AS og Nordmur AS slår seg sammen", ("Fjellbygg AS", "Nordmur AS")),
        ("Fjellbygg kjøper opp konkurrenten Nordmur", ("Fjellbygg", "Nordmur")),
        ("Nordmur er kjøpt opp av Fjellbygg ASA", ("Fjellbygg ASA", "Nordmur")),
        ("Vi har kjøpt arkitektkontoret Nordlys", ("Nordlys",)),
        ("Made Up Acquires Beta Software To Expand", ("Made Up", "Beta Software")),
        ("Styret har vedtatt fusjonsplan", ()),
    ],
)
def test_a_buyer_stands_before_what_it_buys(
    title: str, parties: tuple[str, ...]
) -> None:
    (claim,) = claims_of(title, None)
    assert claim.parties == parties


def test_the_first_sentences_speak_where_the_headline_does_not() -> None:
    text = "Oslo, 24. november. Fjellbygg kjøper Nordmur AS. Vi fusjonerte i 2010."
    assert types_of("En stor dag for Fjellbygg", text) == ["acquisition_made"]
    assert types_of("Er dette lurt?", text) == []
    assert types_of("Fjellbygg avviser rykter", text) == []


def test_a_year_long_past_is_a_look_back() -> None:
    assert types_of("Fjellbygg fusjonerte med Nordmur i 2015") == []
    title = "Fjellbygg fusjonerer med Nordmur i 2026"
    assert types_of(title) == ["merger_announced"]


def test_long_texts_take_no_longer() -> None:
    begun = time.perf_counter()
    for text in ("A " * 50_000, "Fjellbygg&" * 10_000, "kjøper Aa" * 10_000):
        claims_of(text, text)
    assert time.perf_counter() - begun < 5
