"""What moves by itself on a page, language by language; all made up.

Each row is two wordings that mean the same. Rows of ``MEANT`` look like noise and are
not.
"""

import pytest

from scrapers.extract.noise import comparable, text_digest

DATES = {
    "nb": [
        ("Sist oppdatert 24. november 2026", "Sist oppdatert 3. mars 2024"),
        ("Publisert tirsdag 3. mars 2026", "Publisert onsdag 11. februar 2026"),
        ("Publisert 24.11.26 kl. 09.15", "Publisert 1.2.25 kl. 7.30"),
        ("Endret man. 24. nov. 2026", "Endret tirs. 1. des. 2026"),
        ("Gjelder fra 1. januar 2025", "Gjelder fra 1. juli 2026"),
        ("Mandag 4. mai kl. 12", "Fredag 8. mai kl. 14"),
        ("Oppdatert: 2026-11-24 09:15:00", "Oppdatert: 2025-01-02 23:59:01"),
    ],
    "nn": [
        ("Sist oppdatert 24. november 2026", "Sist oppdatert 3. mars 2024"),
        ("Publisert tysdag 3. mars 2026", "Publisert laurdag 11. februar 2026"),
        ("Endra sundag 1. desember 2026", "Endra måndag 2. januar 2025"),
        ("Skrive 24.11.2026 klokka 09.15", "Skrive 1.2.2025 klokka 07.30"),
    ],
    "sv": [
        ("Senast uppdaterad 24 november 2026", "Senast uppdaterad 3 mars 2024"),
        ("Publicerad den 1:a maj 2026", "Publicerad den 12:e juni 2026"),
        ("Uppdaterad tisdag 3 mars 2026", "Uppdaterad lördag 11 februari 2026"),
        ("Ändrad 2026-11-24 kl. 09.15", "Ändrad 2025-01-02 kl. 07.30"),
        ("Sidan ändrades 24 okt. 2026", "Sidan ändrades 2 sept. 2025"),
    ],
    "da": [
        ("Sidst opdateret 24. november 2026", "Sidst opdateret 3. marts 2024"),
        ("Udgivet tirsdag d. 3. marts 2026", "Udgivet lørdag d. 11. februar 2026"),
        ("Opdateret den 24. okt. 2026 kl. 9.15", "Opdateret den 2. maj 2025 kl. 7.30"),
        ("Senest ændret 24-11-2026", "Senest ændret 02-01-2025"),
    ],
    "fi": [
        ("Päivitetty 24. marraskuuta 2026", "Päivitetty 3. maaliskuuta 2024"),
        ("Päivitetty 24.11.2026 klo 9.15", "Päivitetty 1.2.2025 klo 14.30"),
        ("Julkaistu tiistaina 3. maaliskuuta", "Julkaistu maanantaina 4. toukokuuta"),
        ("Julkaistu ti 3.3.2026", "Julkaistu pe 12.6.2026"),
        ("Marraskuu 2026", "Joulukuu 2025"),
    ],
    "en": [
        ("Last updated November 24, 2026", "Last updated March 3, 2024"),
        ("Last modified: 24 Nov 2026, 9:15 AM", "Last modified: 3 Mar 2025, 11:45 PM"),
        ("Effective Tuesday, 3 March 2026", "Effective Monday, 4 May 2026"),
        ("Posted on 11/24/2026", "Posted on 1/3/2025"),
        ("As of the 1st of May 2026", "As of the 2nd of June 2026"),
        ("Updated 2026-11-24T09:15:00.123Z", "Updated 2025-01-02T23:59:01+01:00"),
    ],
}  # fmt: skip
RELATIVE = {
    "nb": [
        ("for 3 timer siden", "for 2 dager siden"),
        ("for en uke siden", "for to måneder siden"),
        ("for ca. 5 minutter siden", "for over 2 år siden"),
        ("Publisert i går", "Publisert i dag"),
        ("akkurat nå", "for 1 minutt siden"),
        ("for noen sekunder siden", "for 12 timer siden"),
        ("for fem dager siden", "for tre uker siden"),
    ],
    "nn": [
        ("for 3 timar sidan", "for 2 dagar sidan"),
        ("for ei veke sidan", "for nokre månader sidan"),
        ("akkurat no", "for eitt minutt sidan"),
        ("for to år sidan", "for fire veker sidan"),
    ],
    "sv": [
        ("för 3 timmar sedan", "för 2 dagar sedan"),
        ("för en vecka sedan", "för några månader sedan"),
        ("3 tim sedan", "för ungefär 5 minuter sedan"),
        ("igår", "idag"),
        ("just nu", "för två dygn sedan"),
    ],
    "da": [
        ("for 3 timer siden", "for 2 dage siden"),
        ("for en uge siden", "for nogle måneder siden"),
        ("for ca. 5 minutter siden", "for et år siden"),
        ("lige nu", "i går"),
        ("for et døgn siden", "for tre uger siden"),
    ],
    "fi": [
        ("3 tuntia sitten", "2 päivää sitten"),
        ("viikko sitten", "kuukausi sitten"),
        ("noin 5 minuuttia sitten", "yli 2 vuotta sitten"),
        ("eilen", "tänään"),
        ("juuri nyt", "minuutti sitten"),
        ("muutama tunti sitten", "kaksi viikkoa sitten"),
        ("3 t sitten", "15 min sitten"),
    ],
    "en": [
        ("3 hours ago", "2 days ago"),
        ("a week ago", "several months ago"),
        ("about 5 minutes ago", "over 2 years ago"),
        ("yesterday", "today"),
        ("just now", "an hour ago"),
        ("a few seconds ago", "five days ago"),
        ("2h ago", "35m ago"),
    ],
}
COUNTERS = {
    "nb": [
        ("1 204 visninger", "1 377 visninger"),
        ("12 kommentarer", "4 kommentarer"),
        ("Lest av 302 personer", "Lest av 1 200 personer"),
        ("Følgere: 1 204", "Følgere: 1 377"),
        ("34 liker dette", "35 liker dette"),
        ("5 min lesetid", "7 min lesetid"),
        ("Lesetid: 5 min", "Lesetid: 12 min"),
        ("Viser 20 av 134 treff", "Viser 20 av 151 treff"),
    ],
    "nn": [
        ("1 204 visningar", "1 377 visningar"),
        ("12 kommentarar", "4 kommentarar"),
        ("Følgjarar: 204", "Følgjarar: 377"),
        ("5 min lesetid", "7 min lesetid"),
    ],
    "sv": [
        ("1 204 visningar", "1 377 visningar"),
        ("12 kommentarer", "4 kommentarer"),
        ("302 följare", "340 följare"),
        ("Lästid: 5 min", "Lästid: 12 min"),
        ("34 gillar detta", "35 gillar detta"),
        ("Visar 20 av 134 träffar", "Visar 20 av 151 träffar"),
    ],
    "da": [
        ("1.204 visninger", "1.377 visninger"),
        ("12 kommentarer", "4 kommentarer"),
        ("302 følgere", "340 følgere"),
        ("Læsetid: 5 min", "Læsetid: 12 min"),
        ("34 synes godt om", "35 synes godt om"),
    ],
    "fi": [
        ("1 204 katselukertaa", "1 377 katselukertaa"),
        ("12 kommenttia", "4 kommenttia"),
        ("302 seuraajaa", "340 seuraajaa"),
        ("Lukuaika: 5 min", "Lukuaika: 12 min"),
        ("34 tykkäystä", "35 tykkäystä"),
        ("Näytetään 20 / 134 tulosta", "Näytetään 20 / 151 tulosta"),
    ],
    "en": [
        ("1,204 views", "1,377 views"),
        ("12 comments", "4 comments"),
        ("1.2k followers", "1.4K followers"),
        ("5 min read", "7 min read"),
        ("Reading time: 5 minutes", "Reading time: 12 minutes"),
        ("Showing 20 of 134 results", "Showing 20 of 151 results"),
        ("302 people found this helpful", "340 people found this helpful"),
    ],
}
CONSENT = {
    "nb": "Ved å fortsette godtar du at vi bruker informasjonskapsler.",
    "nn": "Ved å halde fram samtykkjer du til bruk av informasjonskapslar.",
    "sv": "Genom att fortsätta godkänner du att vi använder kakor.",
    "da": "Ved at fortsætte accepterer du vores brug af cookies.",
    "fi": "Jatkamalla hyväksyt evästeiden käytön.",
    "en": "By continuing you agree to our use of cookies.",
}  # fmt: skip
YEARS = {
    "nb": [("© 2025 Fjordvik AS. Med enerett.", "© 2026 Fjordvik AS. Med enerett.")],
    "nn": [("Opphavsrett 2025 Fjordvik", "Opphavsrett 2026 Fjordvik")],
    "sv": [("Upphovsrätt © 2019-2025 Fjordvik", "Upphovsrätt © 2019-2026 Fjordvik")],
    "da": [("Ophavsret © 2025 Fjordvik", "Ophavsret © 2026 Fjordvik")],
    "fi": [("Tekijänoikeus © 2025 Fjordvik", "Tekijänoikeus © 2026 Fjordvik")],
    "en": [
        ("Copyright 2019-2025 Fjordvik", "Copyright © 2019–2026 Fjordvik"),
        ("(c) 2025 Fjordvik", "(c) 2026 Fjordvik"),
        ("Fjordvik 2025 ©", "Fjordvik 2026 ©"),
    ],
}  # fmt: skip
TOKENS = {
    "nb": [("Økt: 9f86d081884c7d659a2f", "Økt: a3c5e1f00d7b4422bb01")],
    "nn": [("Sesjon: 9f86d081884c7d65", "Sesjon: a3c5e1f00d7b4422")],
    "sv": [("Session-id: 9f86d081884c7d65", "Session-id: a3c5e1f00d7b4422")],
    "da": [("Sessions-id: 9f86d081884c7d65", "Sessions-id: a3c5e1f00d7b4422")],
    "fi": [("Istunto: 9f86d081884c7d65", "Istunto: a3c5e1f00d7b4422")],
    "en": [
        ("Ray ID: 8c1f0e2d3b4a5968", "Ray ID: 7b2a1c0d9e8f7766"),
        ("Request ID = req_8c1f0e2d3b", "Request ID = req_7b2a1c0d9e"),
        (
            "ref 550e8400-e29b-41d4-a716-446655440000",
            "ref 123e4567-e89b-12d3-a456-426614174000",
        ),
    ],
}  # fmt: skip
MEANT = {
    "nb": [
        ("Vi har kontor i 3 byer", "Vi har kontor i 4 byer"),
        ("Etablert i 1998", "Etablert i 2004"),
        ("Leveringstid 3 uker", "Leveringstid 5 uker"),
        ("Vi holder til i Mandal", "Vi holder til i Farsund"),
        ("Lønn 600 000 kroner", "Lønn 700 000 kroner"),
    ],
    "nn": [
        ("Vi har 12 tilsette", "Vi har 40 tilsette"),
        ("Leveringstid 3 veker", "Leveringstid 5 veker"),
    ],
    "sv": [
        ("Vi är 120 anställda", "Vi är 180 anställda"),
        ("Leveranstid 3 veckor", "Leveranstid 5 veckor"),
    ],
    "da": [
        ("Vi er 120 medarbejdere", "Vi er 180 medarbejdere"),
        ("Leveringstid 3 uger", "Leveringstid 5 uger"),
    ],
    "fi": [
        ("Meitä on 120 työntekijää", "Meitä on 180 työntekijää"),
        ("Toimitusaika 3 viikkoa", "Toimitusaika 5 viikkoa"),
    ],
    "en": [
        ("We employ 120 people", "We employ 180 people"),
        ("Notice period of 30 days", "Notice period of 60 days"),
        ("You may buy today", "You must buy today"),
    ],
}


def _rows(
    *tables: dict[str, list[tuple[str, str]]],
) -> list[tuple[str, str, str]]:
    return [
        (language, one, other)
        for table in tables
        for language, pairs in table.items()
        for one, other in pairs
    ]


@pytest.mark.parametrize(
    ("language", "one", "other"),
    _rows(DATES, RELATIVE, COUNTERS, YEARS, TOKENS),
)
def test_noise_of_a_language_is_no_change(language: str, one: str, other: str) -> None:
    assert comparable(one) == comparable(other), language
    assert text_digest(one) == text_digest(other)


@pytest.mark.parametrize("language", CONSENT)
def test_a_cookie_notice_may_come_and_go(language: str) -> None:
    said = "Fjordvik leverer pumper."
    assert text_digest(f"{said} {CONSENT[language]}") == text_digest(said)


@pytest.mark.parametrize(("language", "one", "other"), _rows(MEANT))
def test_what_is_meant_is_a_change(language: str, one: str, other: str) -> None:
    assert text_digest(one) != text_digest(other), language
