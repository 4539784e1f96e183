"""Recorded notices, when they are there, against a count of their elements.

What a document states is looked up by the names of its elements alone, without any
part of the reader: at least 98 of 100 documents that state a field must give it.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from scrapers.envelope import Envelope
from scrapers.extract.refusal import ParseRefused
from scrapers.records import Notice
from scrapers.sources.doffin_notices.parse import parse as parse_doffin
from scrapers.sources.ocds_notices.parse import parse as parse_ocds
from scrapers.sources.ted_notices.parse import parse as parse_ted

WIRE = Path(__file__).parents[2] / "../shared/data/wire"
TENDERS = Path(__file__).parents[2] / "../shared/data/eval/tenders/dev/input.jsonl"
SHARE = 0.98
# A fragment and a registration of a business: neither is a notice of procurement.
NO_NOTICES = {"19x_bt_09_copy.xml", "X02_registration.xml"}

pytestmark = pytest.mark.skipif(
    not (WIRE / "doffin_xml").is_dir(), reason="the recorded notices are not here"
)


def documents() -> Iterator[tuple[str, bytes]]:
    for folder in ("doffin_xml", "ted_eforms"):
        for file in sorted((WIRE / folder).glob("*.xml")):
            if file.name not in NO_NOTICES:
                yield file.name, file.read_bytes()
    for line in TENDERS.read_text("utf-8").splitlines():
        row = json.loads(line)
        yield row["file"], row["xml"].encode()


def local(element: etree._Element) -> str:
    return etree.QName(element).localname


def texts(root: etree._Element, *names: str) -> list[str]:
    """Texts of elements that lie at the end of a path of names, anywhere."""
    path = "//" + "/".join(f"*[local-name()='{name}']" for name in names)
    found = (" ".join((e.text or "").split()) for e in root.xpath(path))
    return [text for text in found if text]


class Stated:
    """What a document states, by names of elements."""

    def __init__(self, body: bytes) -> None:
        root = etree.fromstring(body)
        self.names: dict[str, set[str]] = {}
        self.numbers: dict[str, str] = {}
        for company in root.iter("{*}Company"):
            (key,) = texts_in(company, "PartyIdentification", "ID")[:1] or [""]
            self.names[key] = set(texts_in(company, "PartyName", "Name"))
            for number in texts_in(company, "PartyLegalEntity", "CompanyID")[:1]:
                self.numbers[key] = number
        buyers = texts(root, "ContractingParty", "Party", "PartyIdentification", "ID")
        self.buyers = [key for key in buyers if self.names.get(key)]
        project = root.find("{*}ProcurementProject")
        self.titles = set(texts_in(project, "Name")) if project is not None else set()
        lot_codes = texts(root, "ItemClassificationCode")
        self.cpv = {code for code in lot_codes if code[:8].isdigit()}
        deadlines = texts(root, "TenderSubmissionDeadlinePeriod", "EndDate")
        self.deadlines = {date.fromisoformat(text[:10]) for text in deadlines}
        self.total = texts(root, "NoticeResult", "TotalAmount")[:1]
        self.estimate = (
            texts_in(project, "RequestedTenderTotal", "EstimatedOverallContractAmount")
            if project is not None
            else []
        )
        tenderers = set(texts(root, "TenderingParty", "Tenderer", "ID"))
        results = texts(root, "LotResult", "TenderResultCode")
        is_won = not results or "selec-w" in results
        linked = texts(root, "SettledContract", "LotTender", "ID")
        # With several the links between them tell; that is the reader's own work.
        self.winner = (
            next(iter(tenderers & set(self.names)), None)
            if len(tenderers) == 1 and is_won and linked
            else None
        )


def texts_in(element: etree._Element, *names: str) -> list[str]:
    path = "./" + "/".join(f"*[local-name()='{name}']" for name in names)
    found = (" ".join((e.text or "").split()) for e in element.xpath(path))
    return [text for text in found if text]


def read(body: bytes) -> list[Notice]:
    """The rows of a notice from Doffin; TED's reader must say the same."""
    doffin = "https://api.doffin.no/public/v2/download/2026-100001"
    ted = "https://ted.europa.eu/en/notice/1-2026/xml"
    rows = parse_doffin(body, Envelope("doffin_notices", doffin, "notice", None, 200))
    also = parse_ted(body, Envelope("ted_notices", ted, "notice", None, 200))
    found = list(rows)
    assert [replace(row, notice_id="2026-100001") for row in also] == found
    return found


def test_every_document_gives_what_it_states() -> None:
    stated: Counter[str] = Counter()
    right: Counter[str] = Counter()
    wrong: list[tuple[str, str]] = []

    def judge(field: str, name: str, is_right: bool) -> None:
        stated[field] += 1
        right[field] += is_right
        if not is_right:
            wrong.append((field, name))

    for name, body in documents():
        says, rows = Stated(body), read(body)
        first = rows[0]
        assert first.published_at.year > 1990
        buyers = [row for row in rows if row.party_role == "buyer"]
        winners = [row for row in rows if row.party_role == "winner"]
        if says.buyers:
            named = {row.party_name for row in buyers}
            wanted = {frozenset(says.names[key]) for key in says.buyers}
            judge(
                "buyer",
                name,
                all(names & named for names in wanted) and len(named) <= len(wanted),
            )
        numbered = [only(says.numbers.get(key, "")) for key in says.buyers]
        if any(numbered):
            judge("number", name, {digits(row) for row in buyers} >= set(numbered))
        if says.titles:
            judge("title", name, first.title in says.titles)
        if says.cpv:
            judge("cpv", name, set(first.cpv) == {code[:8] for code in says.cpv})
        if says.deadlines:
            found = first.deadline_at and first.deadline_at.date()
            near = min(says.deadlines)
            judge("deadline", name, found and abs((found - near).days) <= 1)
        money = says.total or says.estimate
        if money:
            judge("value", name, first.value == float(money[0]))
        if says.winner:
            named = {row.party_name for row in winners}
            judge("winner", name, named <= says.names[says.winner] and bool(named))
    assert set(stated) >= {"buyer", "title", "cpv", "deadline", "value"}
    assert set(stated) >= {"winner", "number"}
    assert stated["buyer"] > 130
    assert stated["winner"] > 20
    shares = {field: right[field] / stated[field] for field in stated}
    assert min(shares.values()) >= SHARE, (shares, wrong)


def only(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def digits(row: Notice) -> str:
    return row.party_org_number or only(row.party_foreign_number or "")


@pytest.mark.parametrize("name", sorted(NO_NOTICES))
def test_what_is_no_notice_is_refused_by_name(name: str) -> None:
    (file,) = WIRE.glob(f"*/{name}")
    with pytest.raises(ParseRefused, match="is a "):
        read(file.read_bytes())


def releases() -> list[Path]:
    files = [*(WIRE / "ocds").rglob("*.json"), *(WIRE / "doffin_ocds").glob("*.json")]
    return sorted(file for file in files if "template" not in file.name)


def test_every_release_gives_what_it_states() -> None:
    n_winners = 0
    for file in releases():
        content = json.loads(file.read_bytes())
        envelope = Envelope("ocds_notices", file.name, "package", None, 200)
        rows = list(parse_ocds(file.read_bytes(), envelope))
        found = {row.notice_id for row in rows}
        listed = content.get("releases") or content.get("records") or [content]
        assert len(found) == len(listed)
        for row in rows:
            assert row.party_name
            assert row.title
        # In the files of one release its numbers can be counted by eye.
        if "ocid" not in content:
            continue
        row = rows[0]
        assert content["tender"]["title"].split() == (row.title or "").split()
        codes = {
            item["classification"]["id"]
            for item in content["tender"].get("items", [])
            if "classification" in item
        }
        assert codes <= set(row.cpv)
        suppliers = {
            supplier["id"]
            for award in content.get("awards", [])
            if award.get("status") != "unsuccessful"
            for supplier in award.get("suppliers", [])
        }
        winners = [row for row in rows if row.party_role == "winner"]
        assert len(winners) == len(suppliers)
        n_winners += len(winners)
    assert n_winners > 15


def test_a_blank_release_is_refused() -> None:
    (file,) = WIRE.rglob("release-template*.json")
    envelope = Envelope("ocds_notices", file.name, "package", None, 200)
    with pytest.raises(ParseRefused, match="lacks its ocid"):
        list(parse_ocds(file.read_bytes(), envelope))
