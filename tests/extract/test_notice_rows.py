"""Numbers of parties, references to notices, and what a lot result has won."""

import pytest
from lxml import etree

from scrapers.extract.countries import country_code
from scrapers.extract.eforms import Party, notice_reference, read_eforms
from scrapers.extract.notice_rows import party_numbers, row_parties, tidy
from scrapers.extract.refusal import ParseRefused


@pytest.mark.parametrize(
    ("written", "country", "found"),
    [
        ("999 601 391", "NOR", ("999601391", None)),
        ("999601391", None, ("999601391", None)),
        ("NO999601391MVA", "NOR", ("999601391", None)),
        ("NO 999 601 391 MVA", "SWE", ("999601391", None)),
        ("999.601.391", "NOR", ("999601391", None)),
        # These pass the check digit and are French and British.
        ("326 912 557", "FRA", (None, "326 912 557")),
        ("222 222 222", "GBR", (None, "222 222 222")),
        # A slip of the pen is no number, and is not lost.
        ("974640782", "NOR", (None, "974640782")),
        ("Sandnes kommune", "NOR", (None, "Sandnes kommune")),
        ("556000-0000", "SWE", (None, "556000-0000")),
        ("", "NOR", (None, None)),
        (None, None, (None, None)),
    ],
)
def test_numbers_are_norwegian_foreign_or_none(
    written: str | None, country: str | None, found: tuple[str | None, str | None]
) -> None:
    assert party_numbers(written, country) == found


def test_a_party_is_told_once_in_each_role() -> None:
    one = Party("Eksempel AS", "999 601 391", "NO")
    rows = list(row_parties([one, one], [one, Party("Annet AB", "1", "SE", ("L1",))]))
    assert [(row.role, row.org_number, row.country) for row in rows] == [
        ("buyer", "999601391", "NOR"),
        ("winner", "999601391", "NOR"),
        ("winner", None, "SWE"),
    ]
    (nobody,) = row_parties([], [])
    assert (nobody.role, nobody.name) == ("buyer", None)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        *(("NO", "NOR"), ("nor", "NOR"), ("EL", "GRC"), ("UK", "GBR"), ("1A0", None)),
        *(("Norway", None), (None, None), ("ZZ", None), ("BWP", "BWP")),
    ],
)
def test_countries_have_three_letters(written: object, code: str | None) -> None:
    assert country_code(written) == code


UUID = "11111111-2222-4333-8444-555555555555"


@pytest.mark.parametrize(
    ("written", "reference"),
    [
        (f"{UUID}-01", f"{UUID}-01"),
        (UUID.upper(), UUID),
        ("2023-648589", "2023-648589"),
        ("00633991-2023", "633991-2023"),
        ("2022/S 207-592756", "592756-2022"),
        ("n.a.", None),
        ("CON-0001", None),
    ],
)
def test_references_are_written_one_way(written: str, reference: str | None) -> None:
    assert notice_reference(written) == reference


def test_control_characters_are_left_out() -> None:
    assert tidy("Rot\x02t \x0b  tekst\x00") == "Rot t tekst"
    body = b"<ContractNotice><a>\x0b&#11;&#x1F;&#xb;&#10;</a></ContractNotice>"
    assert read_eforms(body, "x").form == "ContractNotice"
    with pytest.raises(ParseRefused):
        read_eforms(b"<ContractNotice>&#xFFFF;&#0;</ContractNotice>", "x")


RESULT = """
<ContractAwardNotice xmlns:cac="{cac}" xmlns:cbc="{cbc}" xmlns:efac="{efac}">
<x><efac:Organizations>
{organisations}
</efac:Organizations><efac:NoticeResult>{result}</efac:NoticeResult></x>
</ContractAwardNotice>
"""
_SPACE = "urn:oasis:names:specification:ubl:schema:xsd:Common{}Components-2"


def winners(result: str) -> dict[str | None, tuple[str, ...]]:
    """Names of the winners with their lots; ORG-1 to ORG-3 have tendered TEN-1 to 3."""
    organisations = "".join(
        "<efac:Organization><efac:Company><cac:PartyIdentification>"
        f"<cbc:ID>ORG-{n}</cbc:ID></cac:PartyIdentification><cac:PartyName>"
        f"<cbc:Name>{name}</cbc:Name></cac:PartyName></efac:Company></efac:Organization>"
        for n, name in enumerate(("En", "To", "Tre"), 1)
    )
    tenders = "".join(
        f"<efac:LotTender><cbc:ID>TEN-{n}</cbc:ID><efac:TenderingParty><cbc:ID>TPA-{n}"
        "</cbc:ID></efac:TenderingParty></efac:LotTender><efac:TenderingParty><cbc:ID>"
        f"TPA-{n}</cbc:ID><efac:Tenderer><cbc:ID>ORG-{n}</cbc:ID></efac:Tenderer>"
        "</efac:TenderingParty>"
        for n in (1, 2, 3)
    )
    text = RESULT.format(
        cac=_SPACE.format("Aggregate"),
        cbc=_SPACE.format("Basic"),
        efac="http://data.europa.eu/p27/eforms-ubl-extension-aggregate-components/1",
        organisations=organisations,
        result=result + tenders,
    )
    etree.fromstring(text)
    found = read_eforms(text.encode(), "x").winners
    return {party.name: party.lot_ids for party in found}


def lot(number: int, code: str, tenders: str = "", contracts: str = "") -> str:
    named = "".join(
        f"<efac:{kind}><cbc:ID>{key}</cbc:ID></efac:{kind}>"
        for kind, keys in (("LotTender", tenders), ("SettledContract", contracts))
        for key in keys.split()
    )
    return (
        f"<efac:LotResult><cbc:TenderResultCode>{code}</cbc:TenderResultCode>{named}"
        f"<efac:TenderLot><cbc:ID>LOT-{number}</cbc:ID></efac:TenderLot>"
        "</efac:LotResult>"
    )


def contract(key: str, tenders: str) -> str:
    named = "".join(
        f"<efac:LotTender><cbc:ID>{tender}</cbc:ID></efac:LotTender>"
        for tender in tenders.split()
    )
    return f"<efac:SettledContract><cbc:ID>{key}</cbc:ID>{named}</efac:SettledContract>"


@pytest.mark.parametrize(
    ("result", "won"),
    [
        # Two have tendered, the contract is with one.
        (
            lot(1, "selec-w", "TEN-1 TEN-2", "CON-1") + contract("CON-1", "TEN-2"),
            {"To": ("LOT-1",)},
        ),
        # The result names no contract, but a contract names its tender.
        (
            lot(1, "selec-w", "TEN-1 TEN-2") + contract("CON-1", "TEN-1"),
            {"En": ("LOT-1",)},
        ),
        # No contract anywhere: a direct award before it is signed.
        (lot(1, "selec-w", "TEN-3"), {"Tre": ("LOT-1",)}),
        # One contract over two lots with a tender of each.
        (
            lot(1, "selec-w", "TEN-1", "CON-1")
            + lot(2, "selec-w", "TEN-2", "CON-1")
            + contract("CON-1", "TEN-1 TEN-2"),
            {"En": ("LOT-1",), "To": ("LOT-2",)},
        ),
        # A framework with all three, and a lot that nobody won.
        (
            lot(1, "selec-w", "TEN-1 TEN-2 TEN-3", "CON-1 CON-2 CON-3")
            + lot(2, "clos-nw", "TEN-1")
            + contract("CON-1", "TEN-1")
            + contract("CON-2", "TEN-2")
            + contract("CON-3", "TEN-3"),
            {"En": ("LOT-1",), "To": ("LOT-1",), "Tre": ("LOT-1",)},
        ),
        (lot(1, "open-nw", "TEN-1", "CON-1") + contract("CON-1", "TEN-1"), {}),
        # A changed contract has no result of a lot.
        (contract("CON-1", "TEN-2"), {"To": ()}),
    ],
)
def test_only_tenders_under_contract_have_won(
    result: str, won: dict[str, tuple[str, ...]]
) -> None:
    assert winners(result) == won
