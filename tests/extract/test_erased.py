"""A name is taken out however it is written, nobody else's. Names are made up."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.extract.erased import (
    ERASED,
    is_slug,
    mark,
    slug,
    spellings,
    without_names,
)
from scrapers.extract.names import name_score, person_key

NAME = "Kåre O'Brien Nordmann"
WAYS = [
    "Kåre O'Brien Nordmann",
    "KÅRE O’BRIEN NORDMANN",
    unicodedata.normalize("NFD", NAME),
    "K&aring;re O&#39;Brien&nbsp;Nordmann",
    "K&#xE5;re&#32;O'Brien Nordmann",
    "K&amp;aring;re O&amp;#39;Brien Nordmann",
    "K%C3%A5re%20O%27Brien%20Nordmann",
    "K%25C3%25A5re%2520O%2527Brien%2520Nordmann",
    "K%E5re+O%27Brien+Nordmann",
    r"K\u00e5re O\u0027Brien Nordmann",
    r"K\\u00E5re O\'Brien Nordmann",
    "Kåre\n      O'Brien\n   Nordmann",
    "Kåre O'Brien Nord\u00admann",
    "Nordmann, Kåre O'Brien",
    "Kåre O'Brien Nordmanns",
    "Gro, Kåre O'Brien Nordmann",
    "Gro\nKåre O'Brien Nordmann",
    "<li>Gro</li><li>Kåre O'Brien Nordmann</li>",
    '["Gro","Kåre O\'Brien Nordmann"]',
    "Kaare OBrien Nordmann",
    "/kare-o-brien-nordmann/",
    "kare.obrien.nordmann@eksempel.no",
    "<b>Kåre</b> <i class=x>O'Brien</i><br>Nordmann",
    '{"navn":{"fornavn":"KÅRE","mellomnavn":"O\'BRIEN","etternavn":"NORDMANN"}}',
    '{"fornavn":"KÅRE O\'BRIEN","mellomnavn":null,"etternavn":"NORDMANN"}',
    "{&quot;f&quot;:&quot;Kåre O'Brien&quot;,&quot;e&quot;:&quot;Nordmann&quot;}",
    r"{\"f\":\"Kåre O\u0027Brien\",\"e\":\"Nordmann\"}",
    "{first:'Kåre O\\'Brien',last:'Nordmann'}",
    '"Kåre O\'Brien";"Nordmann";"CFO"',
]
OTHERS = [
    "Kåre Nordmann",
    "Kåre O'Brien Nordmannsen",
    "Åkåre O'Brien Nordmann",
    "Kåre and O'Brien Nordmann",
    "Nordmann AS, Kåre-gata 2, O'Brien",
    "Kåre O'Brien. Han heter Nordmann",
    "&aring;&notanentity; %zz \\u12 %",
    "Gro Kåre O'Brien Nordmann",
    "Anne-Gro Kåre O'Brien Nordmann er en annen",
    "/gro-kare-o-brien-nordmann/",
    "Gro%20K%C3%A5re%20O%27Brien%20Nordmann",
    '{"fornavn":"GRO KÅRE O\'BRIEN","etternavn":"NORDMANN"}',
]


def without(text: str, number: int = 1, **more: object) -> str:
    every = spellings(NAME)
    return without_names(
        text,
        lambda words: number if words in every else None,
        {len(words) for words in every},
        **more,
    )


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_write_a_name_is_found(way):
    told = without(f"før {way} etter", hints=["nordmann", "nordmanns"])
    assert "nordmann" not in told.casefold()
    assert "brien" not in told.casefold()
    assert told.startswith("før ")
    assert told.endswith(" etter")
    assert "[slettet]" in told or is_slug(told)


@pytest.mark.parametrize("other", OTHERS)
def test_nobody_else_is_touched(other):
    assert without(other) == other


def test_markup_keeps_its_shape_and_a_birth_date_goes_with_the_name():
    assert without("<b>Kåre</b> <i>O'Brien</i><br>Nordmann") == (
        "<b>[slettet]</b> <i></i><br>"
    )
    told = without(
        '{"fodselsdato":"1970-01-02","navn":{"fornavn":"KÅRE O\'BRIEN",'
        '"etternavn":"NORDMANN"}},{"fodselsdato":"1980-01-02","navn":{"fornavn":"A"}}'
    )
    assert '"fodselsdato":null,' in told
    assert "1970" not in told
    assert "1980-01-02" in told


def test_what_stands_in_its_place_is_read_as_a_person_of_its_own():
    marks = [mark(n) for n in (1, 2, 27, 28, 703)]
    assert marks[:3] == ["[slettet]", "[slettet] B", "[slettet] AA"]
    assert all(ERASED.fullmatch(m) and name_score(m) == 1.0 for m in marks)
    assert len({person_key(m) for m in marks}) == len(marks)
    assert slug(2) == "slettet-person-b"


@given(st.text())
def test_any_text_without_the_name_comes_out_as_it_went_in(text):
    assert without(text) == text


@given(st.text(), st.text(), st.sampled_from(WAYS))
def test_taking_out_twice_is_taking_out_once(before, after, way):
    once = without(f"{before} {way} {after}")
    assert without(once) == once
