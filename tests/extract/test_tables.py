"""Tables, amounts, and the files that describe lists of public money."""

import io
import zipfile

import pytest

from practice_market.workbook import workbook
from scrapers.envelope import Envelope
from scrapers.extract.amounts import amount_of
from scrapers.extract.refusal import ParseRefused
from scrapers.extract.tables import csv_rows, json_rows, xlsx_rows
from scrapers.sources.public_money_lists.lists import (
    ListRefused,
    money_lists,
    read_list,
)
from scrapers.sources.public_money_lists.parse import awards

URL = "https://made-up.example/list"


@pytest.mark.parametrize(
    ("text", "comma", "number"),
    [
        ("1 234 567,50", True, 1_234_567.5),
        ("kr 1.234.567,-", True, 1_234_567.0),
        ("1.234", True, 1234.0),
        ("1.234", False, 1.234),
        ("NOK 1,234.50", True, 1234.5),
        ("1\u00a0000\u00a0000 kr", True, 1_000_000.0),
        ("-500", True, -500.0),
        ("1,234,567", False, 1_234_567.0),
        ("250000", True, 250_000.0),
        (17.5, True, 17.5),
        ("", True, None),
        ("ukjent", True, None),
        ("12,34,5", False, None),
        (float("nan"), True, None),
        (True, True, None),
    ],
)
def test_amounts(text: object, comma: bool, number: float | None) -> None:
    assert amount_of(text, decimal_comma=comma) == number


def test_headings_may_stand_lower_down() -> None:
    body = "Liste;;\nLaget i dag;;\nNavn;Beløp;\nÅs AS;5;\n;;\n".encode("cp1252")
    rows = csv_rows(body, URL, encoding="cp1252", delimiter=";", header_row=3)
    assert list(rows) == [{"Navn": "Ås AS", "Beløp": "5"}]


def test_json_rows_are_found_by_their_path() -> None:
    body = b'{"data": {"items": [{"a": 1, "b": "x"}, 3]}}'
    assert list(json_rows(body, None, URL, ("data", "items"))) == [{"a": 1.0, "b": "x"}]
    with pytest.raises(ParseRefused, match="no array at data"):
        list(json_rows(body, None, URL, ("data",)))


def test_a_workbook_is_read() -> None:
    body = workbook("Ark", [["Navn", "Dato", "Beløp"], ["Ås & Co", 46352, 1.5]])
    assert list(xlsx_rows(body, URL, sheet="Ark", header_row=1)) == [
        {"Navn": "Ås & Co", "Dato": 46352.0, "Beløp": 1.5}
    ]
    with pytest.raises(ParseRefused, match="no sheet 'Annet'"):
        list(xlsx_rows(body, URL, sheet="Annet", header_row=1))


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04", b"<html>", b"\x00" * 100])
def test_what_is_no_workbook_is_refused(body: bytes) -> None:
    with pytest.raises(ParseRefused):
        list(xlsx_rows(body, URL, sheet="", header_row=1))


def test_a_workbook_that_unpacks_beyond_reason_is_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 30_000_000)
    with pytest.raises(ParseRefused, match="unpacks to"):
        list(xlsx_rows(packed.getvalue(), URL, sheet="", header_row=1))


LIST = """\
name: made_up
title: Oppdiktet liste
giver: Oppdiktet fond
url: https://made-up.example/list.xlsx
format: xlsx
currency: NOK
amount_factor: 1000
sheet: Tildelinger
header_row: 2
id_columns: [Nr]
columns:
  org_number: Orgnr
  name: Navn
  amount: Beløp
  date: Dato
licence: Made up.
republish_rule: Made up.
"""


def test_the_shipped_lists_are_understood() -> None:
    assert {"innovasjon_norge", "forskningsradet_eu"} <= set(money_lists())
    assert all(one.licence and one.republish_rule for one in money_lists().values())


def test_a_list_is_added_by_a_file_alone() -> None:
    one = read_list(LIST, "made_up.yml")
    body = workbook(
        "Tildelinger",
        [
            ["Utdrag", None, None, None, None],
            ["Nr", "Orgnr", "Navn", "Beløp", "Dato"],
            [1, 999601391, "Fjellbygg AS", 12.5, 46352],
            [2, "NO 910 244 132 MVA", "Nordmur AS", "1 200,50", "26.11.2026"],
            [3, 123456789, "Feil nummer AS", None, "2026-11-25"],
            [3, 123456789, "Feil nummer AS", None, "2026-11-25"],
            [4, 999601391, "Uten dato AS", 1, "snart"],
        ],
    )
    envelope = Envelope("public_money_lists", one.url, "made_up", None, 200)
    found = [
        (a.party_org_number, a.party_name, a.amount, str(a.effective_on), a.currency)
        for a in awards(body, envelope, one)
    ]
    assert found == [
        ("999601391", "Fjellbygg AS", 12_500.0, "2026-11-26", "NOK"),
        ("910244132", "Nordmur AS", None, "2026-11-26", None),
        (None, "Feil nummer AS", None, "2026-11-25", None),
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("giver:", "giverr:", "made_up.yml, line 3: giverr is not understood"),
        ("format: xlsx", "format: ods", "line 5: format is not one of csv, json"),
        ("sheet: Tildelinger", "sheet: 7", "line 8: sheet is 7, of a wrong type"),
        ("  name: Navn", "  nam: Navn", "line 13: columns.nam is not one of"),
        ("  date: Dato\n", "", "line 11: columns lacks date"),
        ("licence: Made up.\n", "", "made_up.yml: licence is missing"),
        ("name: made_up", "name: other", "line 1: name is 'other', the file is"),
        ("https://made-up", "file:///made-up", "line 4: url is no http address"),
        ("currency: NOK", "currency: kr", "line 6: currency is not three capital"),
        ("header_row: 2", "header_row: 0", "line 9: header_row is less than 1"),
        ("name: made_up", "name: [", "made_up.yml: is not YAML"),
    ],
)
def test_a_file_that_is_not_understood_is_refused(
    old: str, new: str, said: str
) -> None:
    with pytest.raises(ListRefused) as refusal:
        read_list(LIST.replace(old, new, 1), "made_up.yml")
    assert said in str(refusal.value)
