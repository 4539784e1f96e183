"""One company in the shapes that a register serves it in is one record; made up."""

import gzip
import json
import random
from typing import Any

import pytest

from scrapers.envelope import Envelope
from scrapers.sources.brreg_registry.parse import parse

API = "https://data.brreg.no/enhetsregisteret/api"
NUMBER = "999601391"


def records(body: bytes, url: str, scope: str) -> list[Any]:
    return list(parse(body, Envelope("brreg_registry", url, scope, None, 200)))


def some_company(draw: random.Random) -> dict[str, Any]:
    """A made-up company with any of the facts the register may state of it."""
    facts: dict[str, Any] = {
        "hjemmeside": "www.eksempel.example",
        "antallAnsatte": draw.randint(0, 900),
        "harRegistrertAntallAnsatte": draw.random() < 0.5,
        "forretningsadresse": {
            "adresse": draw.choice([["Storgata 1"], ["c/o X", None, "Storgata 1"]]),
            "postnummer": "0155",
            "poststed": "OSLO",
            "landkode": "NO",
            "kommunenummer": "0301",
        },
        "naeringskode1": {"kode": "62.010", "beskrivelse": "Programmering"},
        "naeringskode2": {"kode": "70.220", "beskrivelse": "Rådgivning"},
        "stiftelsesdato": "2001-02-03",
        "registreringsdatoEnhetsregisteret": "2001-02-04",
        "konkurs": draw.random() < 0.2,
        "underAvvikling": draw.random() < 0.2,
        "aktivitet": ["Å lage", "eksempler."],
        "overordnetEnhet": "974601397",
    }
    kept = {key: value for key, value in facts.items() if draw.random() < 0.8}
    return {
        "organisasjonsnummer": NUMBER,
        "navn": "EKSEMPEL AS",
        "organisasjonsform": {"kode": "AS", "beskrivelse": "Aksjeselskap"},
        **kept,
    }


def with_key_order(unit: dict[str, Any], draw: random.Random) -> dict[str, Any]:
    items = list(unit.items())
    draw.shuffle(items)
    return dict(items)


@pytest.mark.parametrize("seed", range(40))
def test_interface_search_and_bulk_give_the_same_record(seed: int) -> None:
    draw = random.Random(seed)
    unit = some_company(draw)
    api = {**unit, "_links": {"self": {"href": "x"}}, "respons_klasse": "Enhet"}
    bulk = with_key_order({**unit, "links": []}, draw)
    search = {"_embedded": {"enheter": [with_key_order(api, draw)]}, "page": {}}
    packed = gzip.compress(json.dumps([{"navn": "x"}, bulk]).encode())
    (one,) = records(json.dumps(api).encode(), f"{API}/enheter/{NUMBER}", "entity")
    assert records(json.dumps(search).encode(), f"{API}/enheter", "entity") == [one]
    only = f"{API}/enheter/lastned#organisasjonsnummer={NUMBER}"
    assert records(packed, only, "bulk") == [one]
    # What is left out is not known; it is never zero.
    assert one.employees == unit.get("antallAnsatte")
    assert one.share_capital is None


def test_roles_in_any_order_are_the_same_list() -> None:
    def role(code: str, first: str, order: int) -> dict[str, Any]:
        person = {"fodselsdato": "1970-01-01", "navn": {"fornavn": first}}
        return {"type": {"kode": code}, "person": person, "rekkefolge": order}

    groups = [
        {"type": {"kode": "STYR"}, "sistEndret": "2026-01-05", "roller": [
            role("LEDE", "Ada", 0), role("MEDL", "Bo", 1), role("MEDL", "Cai", 2)]},
        {"type": {"kode": "DAGL"}, "roller": [role("DAGL", "Dag", 0)]},
    ]  # fmt: skip
    draw, seen = random.Random(7), set()
    for _ in range(20):
        draw.shuffle(groups)
        for group in groups:
            draw.shuffle(group["roller"])  # type: ignore[arg-type]
        body = json.dumps({"rollegrupper": groups}).encode()
        url = f"{API}/enheter/{NUMBER}/roller"
        seen.add(tuple(records(body, url, "roles")))
    assert len(seen) == 1


def test_a_bulk_file_is_read_in_pieces_and_only_for_whom_is_wanted() -> None:
    units = [
        {"organisasjonsnummer": f"{900_000_000 + n}", "navn": "X" * (n % 400)}
        for n in range(20_000)
    ]
    units[15_000]["navn"] = 'ET "SITAT", EN ] OG EN } AS'
    packed = gzip.compress(json.dumps(units).encode())
    url = f"{API}/enheter/lastned#organisasjonsnummer=900015000"
    (found,) = records(packed, url, "bulk")
    assert found.name == 'ET "SITAT", EN ] OG EN } AS'
