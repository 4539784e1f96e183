"""Notes of the tables are Norwegian on Norwegian pages."""

import pytest

from orchestration.publish.notes import in_norwegian, in_plain_english
from scrapers.visit import OUTCOMES


@pytest.mark.parametrize(
    ("note", "said"),
    [
        (
            "no forecast has had its 91 days and the 14 days of publication yet",
            "Ingen prognose har hatt sine 91 dager og 14 dager til kunngjøring ennå",
        ),
        (
            "Behaviour comes before language in 71% of pairs (90 % interval 62% to "
            "79%), by 24 days in the median.",
            "Atferd kommer før språk i 71 % av parene (90 % intervall 62 % til 79 %), "
            "med 24 dager i midten.",
        ),
        (
            "The opposite of what was believed: decision comes before language; "
            "language is first in only 31% of pairs (90 % interval 22% to 39%).",
            "Det motsatte av det vi trodde: beslutning kommer før språk, som er først "
            "i bare 31 % av parene (90 % intervall 22 % til 39 %).",
        ),
        (
            "What only a watch over time shows makes forecasts better by 0.0031 a row "
            "(90 % interval 0.0011 to 0.0052).",
            "Det bare oppfølging over tid viser, gjør prognosene bedre med 0,0031 per "
            "rad (90 % intervall 0,0011 til 0,0052).",
        ),
        ("the latest visit ended in challenge", "Siste besøk: med prøve for roboter"),
        ("a note that nobody wrote", None),
    ],
)
def test_a_note_is_said_in_norwegian_or_not_at_all(note, said):
    assert in_norwegian(note) == said


def test_every_way_a_visit_ends_has_words():
    for outcome in OUTCOMES:
        assert in_norwegian(f"the latest visit ended in {outcome}")


def test_an_english_note_names_no_outcome_by_its_code():
    for outcome in OUTCOMES:
        said = in_plain_english(f"the latest visit ended in {outcome}")
        assert said.startswith("latest visit: ")
        assert "_" not in said
    assert in_plain_english("not asked yet") == "not asked yet"
