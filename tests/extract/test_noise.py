"""What moves by itself leaves the digest alone; what is said changes it."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.extract.noise import comparable, text_digest, without_noise

SAME = [
    ("Oppdatert 24. november 2026", "Oppdatert 3. mars 2024"),
    ("Oppdatert 24.11.2026 kl. 09:15", "Oppdatert 01.02.2025 kl 7.30"),
    ("Updated November 24, 2026", "Updated Mar 3, 2025"),
    ("Publicerad den 24 november 2026", "Publicerad den 1 maj 2025"),
    ("Opdateret torsdag den 2. januar 2026", "Opdateret fredag den 3. juli 2026"),
    ("Päivitetty 24. marraskuuta 2026", "Päivitetty 1. toukokuuta 2025"),
    ("Oppdatert måndag 24. november 2026", "Oppdatert tysdag 1. desember 2026"),
    ("Sist endret 2026-11-24T09:15:00+01:00", "Sist endret 2025-01-01T00:00:00Z"),
    ("for 3 timer siden", "for 2 dager siden"),
    ("3 hours ago", "2 days ago"),
    ("för 3 timmar sedan", "för 2 dagar sedan"),
    ("1 204 visninger", "1 377 visninger"),
    ("12 comments", "4,031 comments"),
    ("12 visningar", "13 visningar"),
    ("© 2019-2025 Fjordvik", "© 2019–2026 Fjordvik"),
    ("Copyright 2025 Fjordvik", "Copyright © 2026 Fjordvik"),
    ("token: 9f86d081884c7d65 Hei", "token: a3c5e1f00d7b4422 Hei"),
    (
        "id 550e8400-e29b-41d4-a716-446655440000",
        "id 123e4567-e89b-12d3-a456-426614174000",
    ),
    ("Hei. Vi bruker informasjonskapsler, godta alle?", "Hei."),
    ("Hello. We use cookies. Please accept our cookies!", "Hello. We use cookies."),
    ("Vi  hjelper\nbedrifter", "Vi hjelper bedrifter"),
    ("«Best» – alltid", '"Best" - alltid'),
    ("5 min read", "7 min read"),
]
DIFFERENT = [
    ("Vi har 40 ansatte", "Vi har 60 ansatte"),
    ("Kari Nordnes, daglig leder", "Ola Nordnes, daglig leder"),
    ("Vi selger biler", "Vi selger båter"),
    ("Prisen er 1 200 kroner", "Prisen er 1 400 kroner"),
    ("Versjon 3.4 er her", "Versjon 4.1 er her"),
    ("Ring 22 33 44 55", "Ring 22 33 44 66"),
    ("Vi søker en selger til Bergen", "Vi søker en selger til Oslo"),
    ("ISO 9001", "ISO 27001"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_noise_leaves_the_digest_alone(one: str, other: str) -> None:
    assert comparable(one) == comparable(other)
    assert text_digest(one) == text_digest(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_meaning_changes_the_digest(one: str, other: str) -> None:
    assert text_digest(one) != text_digest(other)


@given(st.text(max_size=200))
def test_normalising_twice_is_normalising_once(text: str) -> None:
    once = without_noise(text)
    assert without_noise(once) == once


WORDS = st.lists(
    st.from_regex(re.compile(r"[b-hj-z]{5,9}"), fullmatch=True), min_size=1, max_size=20
)


@given(
    WORDS,
    st.dates(date(1990, 1, 1), date(2080, 1, 1)),
    st.integers(0, 23),
    st.integers(0, 59),
)
def test_a_date_line_may_come_move_and_go(words, day, hour, minute) -> None:
    text = " ".join(words)
    dated = f"{text}\n{day:%d.%m.%Y} {hour:02d}:{minute:02d}"
    assert text_digest(dated) == text_digest(text)


@given(WORDS, WORDS)
def test_equal_digests_mean_equal_words(one, other) -> None:
    same = text_digest(" ".join(one)) == text_digest(" ".join(other))
    assert same == (one == other)
