"""Who takes and leaves a post, from sentences of press texts; all are made up."""

import time

import pytest

from scrapers.extract.leadership_statements import leadership_statements

A, D, TF = "appointed", "departed", "appointed_interim"


def told(title: str, text: str | None = None) -> list[tuple[str, str | None, str]]:
    return [
        (one.claim, one.person, one.title or "")
        for one in leadership_statements(title, text, 2026)
    ]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Kari Nordvik er ansatt som ny salgsdirektør i Fjellbygg",
         [(A, "Kari Nordvik", "salgsdirektør")]),
        ("Fjellbygg ansetter Kari Nordvik som direktør for salg og marked",
         [(A, "Kari Nordvik", "direktør for salg og marked")]),
        ("Fjellbygg har tilsett Kari Nordvik som ny økonomisjef",
         [(A, "Kari Nordvik", "økonomisjef")]),
        ("Kari Nordvik vert ny dagleg leiar", [(A, "Kari Nordvik", "dagleg leiar")]),
        ("Siri Haugland overtar etter Ola Vik som daglig leder",
         [(A, "Siri Haugland", "daglig leder"), (D, "Ola Vik", "daglig leder")]),
        ("Ny salgsdirektør i Fjellbygg: Kari Nordvik",
         [(A, "Kari Nordvik", "salgsdirektør")]),
        ("Salgsdirektør Kari Nordvik går av", [(D, "Kari Nordvik", "Salgsdirektør")]),
        ("Salgsdirektøren Kari Nordvik sluttar",
         [(D, "Kari Nordvik", "Salgsdirektør")]),
        ("Kari Nordvik slutter som salgsdirektør i Fjellbygg",
         [(D, "Kari Nordvik", "salgsdirektør")]),
        ("Ola Vik er konstituert som administrerende direktør",
         [(TF, "Ola Vik", "administrerende direktør")]),
        ("Nils Lie utsedd till ny VD", [(A, "Nils Lie", "VD")]),
        ("Nils Lie bliver ny direktør", [(A, "Nils Lie", "direktør")]),
        ("Made Up appoints Kari Nordvik as Chief Commercial Officer",
         [(A, "Kari Nordvik", "Chief Commercial Officer")]),
        ("Kari Nordvik steps down as CFO", [(D, "Kari Nordvik", "CFO")]),
        ("– Vi gleder oss, sier daglig leder Ola Vik", []),
        ("Daglig leder Ola Vik har ansatt Kari Nordvik som innkjøpssjef",
         [(A, "Kari Nordvik", "innkjøpssjef")]),
        # Adverts, rumours, careers, prizes, leave.
        ("Fjellbygg søker ny salgsdirektør", []),
        ("Kari Nordvik kan bli ny konsernsjef", []),
        ("Kari Nordvik har tidligere vært salgsdirektør i Nordmur", []),
        ("Kåret til årets leder: Kari Nordvik", []),
        ("Er Kari Nordvik ny salgsdirektør?", []),
        ("Nils Lie er ansatt som daglig leder under foreldrepermisjon", []),
        ("Vi intervjuer daglig leder Kari Nordvik", []),
    ],
)  # fmt: skip
def test_told(title: str, expected: list[tuple[str, str, str]]) -> None:
    assert told(title) == expected


def test_text_speaks_where_the_title_does_not() -> None:
    assert told(
        "Styrker laget",
        "Kari Nordvik (45) er ansatt som salgsdirektør. Hun kommer fra Nordmur.",
    ) == [(A, "Kari Nordvik", "salgsdirektør")]


def test_the_company_is_named_where_it_is_another() -> None:
    (one,) = leadership_statements(
        "Kari Nordvik er ansatt som salgsdirektør i Nordmur", None
    )
    assert one.subject == "Nordmur"


def test_hostile_text_takes_no_time() -> None:
    start = time.perf_counter()
    for text in ("Ab " * 3_000, "Kari Nord " * 900, "direktør" * 900, "A" * 9_000):
        leadership_statements(text, text)
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize("name", ["[slettet]", "[slettet] B"])
def test_a_post_is_still_taken_and_left_when_the_name_was_taken_out(name):
    (taken,) = leadership_statements(f"{name} er ny salgsdirektør", None)
    assert (taken.person, taken.title) == (name, "salgsdirektør")
    (left,) = leadership_statements(
        None, f"{name} går av som daglig leder i Fjellbygg."
    )
    assert left.person == name
