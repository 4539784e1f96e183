"""Recorded answers of the registers are read whole; skipped where they are not there.

They stand beside the project and are read in place: of Brønnøysundregistrene (NLOD 2.0)
and of Companies House (OGL v3), each folder with its PROVENANCE.md.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from scrapers.envelope import Envelope
from scrapers.extract.refusal import ParseRefused
from scrapers.source import load_parser

WIRE = Path(__file__).resolve().parents[3] / "shared" / "data" / "wire"
API = "https://data.brreg.no/enhetsregisteret/api"
_NOT_ANSWERS = ("PROVENANCE.md", ".tsv", ".parquet", "source_baseline.json")


def recorded(folder: str) -> list[Path]:
    files = sorted(f for f in (WIRE / folder).rglob("*") if f.is_file())
    return [f for f in files if not f.name.endswith(_NOT_ANSWERS)]


def records(
    source: str, body: bytes, url: str, scope: str, status: int = 200
) -> list[Any]:
    envelope = Envelope(source, url, scope, "application/json", status)
    return list(load_parser(source).parse(body, envelope))


def brreg_question(file: Path) -> tuple[str, str]:
    """The address and scope a recorded answer of Enhetsregisteret belongs to."""
    if "oppdatering" in file.name:
        return f"{API}/oppdateringer/underenheter", "updates_sub_units"
    if "lastned" in file.name:
        return f"{API}/underenheter/lastned", "bulk"
    if "roller" in file.name or file.name.startswith("roles_"):
        return f"{API}/enheter/123456789/roller", "roles"
    return f"{API}/enheter", "sub_units" if "underenhet" in file.name else "entity"


@pytest.mark.parametrize("file", recorded("brreg"), ids=lambda f: f.name)
def test_every_answer_of_enhetsregisteret_is_read(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url, scope = brreg_question(file)
    found = records("brreg_registry", file.read_bytes(), url, scope)
    assert "keys not read" not in caplog.text
    document = json.loads(file.read_text("utf-8"))
    if scope == "roles":
        groups = document["rollegrupper"]
        assert len(found) == sum(len(group["roller"]) for group in groups)
        born = {
            role["person"]["fodselsdato"]
            for group in groups
            for role in group["roller"]
            if "person" in role
        }
        assert not any(day in str(record) for day in born for record in found)
        assert all(record.role_class != "other" for record in found)
    elif scope == "updates_sub_units":
        assert found == []
    else:
        embedded = document.get("_embedded") if isinstance(document, dict) else {}
        shown = (
            document
            if isinstance(document, list)
            else [u for units in embedded.values() for u in units]
            if embedded
            else [document]
            if "organisasjonsnummer" in document
            else []
        )
        assert [r.org_number for r in found] == [
            u["organisasjonsnummer"] for u in shown
        ]
        assert [r.name for r in found] == [u["navn"] for u in shown]
        assert [r.employees for r in found] == [u.get("antallAnsatte") for u in shown]
        assert [r.is_deleted for r in found] == [
            "slettedato" in u or "nedleggelsesdato" in u for u in shown
        ]


@pytest.mark.parametrize(
    "file",
    [f for f in recorded("regnskap") if "specification" not in f.parts],
    ids=lambda f: f.name,
)
def test_every_answer_of_regnskapsregisteret_is_read(file: Path) -> None:
    (accounts,) = records("brreg_accounts", file.read_bytes(), file.name, "accounts")
    if file.name.startswith("Orgnr"):
        assert (accounts.accounts_id, accounts.revenue, accounts.equity) == (
            "10",
            2042.0,
            2028.0,
        )
        assert accounts.period_to.isoformat() == "2019-12-31"


HOUSE = {
    "company": ("entity", "company_name"),
    "officers": ("roles", "items"),
    "filing_history": ("filings", "items"),
    "psc": ("owners", "items"),
    "search": ("search", "items"),
    "search_page2": ("search", "items"),
}


@pytest.mark.parametrize("file", recorded("companies_house"), ids=lambda f: f.stem)
def test_every_answer_of_companies_house_is_read(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    answer = json.loads(file.read_text("utf-8"))
    body = json.dumps(answer["body"]).encode()
    name = file.stem.removeprefix("ch_")
    if name not in HOUSE:
        # Charges are heard of through filings; the others are refusals.
        assert name in ("charges", "not_found", "unauthorized")
        with pytest.raises(ParseRefused):
            records("companies_house_registry", body, answer["url"], "entity")
        return
    scope, key = HOUSE[name]
    found = records("companies_house_registry", body, answer["url"], scope)
    assert "keys not read" not in caplog.text
    shown = answer["body"][key]
    assert len(found) == (len(shown) if isinstance(shown, list) else 1)
    if name == "officers":
        assert {r.appointed_on.isoformat() for r in found} == {
            item["appointed_on"] for item in shown
        }
        assert not any("1974" in str(r) or "nationality" in str(r) for r in found)
