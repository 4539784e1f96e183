"""api.doffin.no: procurement notices in the wire format of Doffin's public API v2.

Made-up companies publish here although most are private: in this market whoever buys
tenders, so that the truth has a date. Notices of other buyers are mixed in.
"""

import re
import uuid
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from practice_market import names
from practice_market.answer import Answer, Request, as_json
from practice_market.company import HISTORY_DAYS, Company, Market
from practice_market.draws import stream, unit
from practice_market.story import PriorNotice, Story, Tender

HOST = "api.doffin.no"
ACCESSIBLE = 1000
OTHER_RATE = 0.6
"""Notices of other buyers a day, the same whatever the number of companies."""
CORRECTED = 0.2
"""Share of competitions whose deadline is moved by another notice."""
CORRECTED_AFTER = 6
_FOREIGN = 0.15
_SPACE = uuid.UUID("0d1f2c55-0b4e-4e0b-8d9c-7c8b8f3e2a11")
_OTHER_CPV = (
    ("45210000", "Bygging av skole"),
    ("90910000", "Renholdstjenester"),
    ("15000000", "Matvarer til institusjoner"),
    ("34110000", "Kjøp av varebiler"),
    ("71300000", "Rådgivende ingeniørtjenester"),
    ("85100000", "Helsetjenester"),
    ("48000000", "Programvare og informasjonssystemer"),
    ("72400000", "Internettjenester"),
)
PLANNING, DIALOGUE = "PRE_ANNOUNCEMENT", "ADVISORY_NOTICE"
COMPETITION = "ANNOUNCEMENT_OF_COMPETITION"
AWARD = "ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT"
CANCELLED = "CANCELLED_OR_MISSING_CONCLUSION_OF_CONTRACT"
_TYPES = {
    PLANNING: ["PLANNING", PLANNING],
    DIALOGUE: ["PLANNING", DIALOGUE],
    COMPETITION: ["COMPETITION", COMPETITION],
    AWARD: ["RESULT", AWARD],
    CANCELLED: ["RESULT", CANCELLED],
}
_XML = {
    PLANNING: ("PriorInformationNotice", "planning", "pin-only", "N4"),
    DIALOGUE: ("PriorInformationNotice", "planning", "pmc", "E1"),
    COMPETITION: ("ContractNotice", "competition", "cn-standard", "N16"),
    AWARD: ("ContractAwardNotice", "result", "can-standard", "N29"),
    CANCELLED: ("ContractAwardNotice", "result", "can-standard", "N29"),
}


@dataclass(frozen=True)
class Party:
    """A buyer or winner as the notice names it."""

    name: str
    number: str
    city: str
    country: str = "NOR"

    @property
    def digits(self) -> str:
        """The number without what buyers put around it."""
        return re.sub(r"\D", "", self.number)


@dataclass(frozen=True)
class Notice:
    """One notice; procedure joins plan, competition and award.

    ``corrects`` is the key of the notice that this one changes.
    """

    day: int
    type: str
    key: str
    procedure: str
    heading: str
    description: str
    buyer: Party
    cpv: str
    value: int | None
    deadline: date | None
    months: int
    winner: Party | None = None
    corrects: str = ""
    id: str = ""


def _dirty(number: str, rng_name: tuple[object, ...]) -> str:
    """Organisation numbers as buyers type them: some with spaces, some with MVA."""
    draw = unit(*rng_name)
    if draw < 0.15:
        return f"{number[:3]} {number[3:6]} {number[6:]}"
    return f"NO{number}MVA" if draw < 0.2 else number


class Notices:
    """Every notice of the market, in order of publication."""

    def __init__(self, market: Market, stories: list[Story]) -> None:
        self.market = market
        self._vendors = {
            name: Party(name, names.org_number(200_000 + 13 * k), "OSLO")
            for k, name in enumerate(names.VENDORS)
        }
        found = [notice for story in stories for notice in self._of(story)]
        found += self._others(stories)
        found = [notice for notice in found if notice.day < market.days]
        found.sort(key=lambda notice: (notice.day, notice.key))
        self.notices: list[Notice] = []
        serial: dict[int, int] = {}
        for notice in found:
            within = serial[notice.day] = serial.get(notice.day, -1) + 1
            day = market.date_of(notice.day)
            number = 100_000 + day.timetuple().tm_yday * 400 + within
            self.notices.append(replace(notice, id=f"{day.year}-{number}"))
        self._days = [notice.day for notice in self.notices]
        self._by_id = {notice.id: notice for notice in self.notices}
        self._by_key = {notice.key: notice for notice in self.notices}

    # What there is

    def _buyer(self, one: Company) -> Party:
        number = _dirty(one.org_number, (self.market.seed, "dirty", one.index))
        return Party(f"{one.name} AS", number, one.city)

    def _of(self, story: Story) -> Iterator[Notice]:
        one = story.company
        buyer = self._buyer(one)
        for prior in story.prior_notices:
            yield self._prior(story, prior, buyer)
        for tender in story.tenders:
            yield from self._tender(one, tender, buyer)

    def _procedure(self, one: Company, serial: object) -> str:
        return str(uuid.uuid5(_SPACE, f"{self.market.seed}/{one.index}/{serial}"))

    def _prior(self, story: Story, prior: PriorNotice, buyer: Party) -> Notice:
        serial: object = prior.tender_serial
        if serial is None:
            serial = f"plan-{prior.serial}"
        kind = DIALOGUE if prior.is_dialogue else PLANNING
        heading = (
            "Markedsdialog: system for kundeoppfølging"
            if prior.is_dialogue
            else "Veiledende kunngjøring: system for kundeoppfølging"
        )
        return Notice(
            day=prior.day,
            type=kind,
            key=f"{story.company.index:06d}-p{prior.serial}",
            procedure=self._procedure(story.company, serial),
            heading=heading,
            description=(
                f"{buyer.name} vurderer å anskaffe ny løsning for kundeoppfølging og "
                "salgsstøtte og ønsker innspill fra leverandører."
            ),
            buyer=buyer,
            cpv="48445000",
            value=None,
            deadline=self.market.date_of(prior.day + 30) if prior.is_dialogue else None,
            months=48,
        )

    def _tender(self, one: Company, tender: Tender, buyer: Party) -> Iterator[Notice]:
        opened = Notice(
            day=tender.published,
            type=COMPETITION,
            key=f"{one.index:06d}-t{tender.serial}",
            procedure=self._procedure(one, tender.serial),
            heading=f"{tender.what} til {one.name}",
            description=(
                f"{buyer.name} skal inngå avtale med tilhørende innføring og drift i "
                f"{tender.months} måneder. Anskaffelsen gjelder: {tender.what}."
            ),
            buyer=buyer,
            cpv=tender.cpv,
            value=tender.value,
            deadline=self.market.date_of(tender.published + 35),
            months=tender.months,
        )
        yield opened
        corrected = tender.published + CORRECTED_AFTER
        is_corrected = unit(self.market.seed, "corrected", opened.key) < CORRECTED
        if is_corrected and (tender.decided is None or tender.decided > corrected):
            yield replace(
                opened,
                day=corrected,
                key=f"{opened.key}-c",
                corrects=opened.key,
                deadline=self.market.date_of(tender.published + 42),
            )
        if tender.decided is None:
            return
        decided = replace(
            opened,
            day=tender.decided,
            key=f"{one.index:06d}-u{tender.serial}",
            deadline=None,
        )
        if tender.is_cancelled:
            yield replace(decided, type=CANCELLED, value=None)
        else:
            yield replace(decided, type=AWARD, winner=self._vendors[tender.winner])

    def _others(self, stories: list[Story]) -> Iterator[Notice]:
        """Notices that have nothing to do with the offer; some accounts win one."""
        for day in range(-HISTORY_DAYS, self.market.days):
            if unit(self.market.seed, "other notice", day) >= OTHER_RATE:
                continue
            rng = stream(self.market.seed, "other notice", day)
            serial = rng.randrange(len(names.OTHER_BUYERS))
            cpv, what = rng.choice(_OTHER_CPV)
            number = names.org_number(100_300 + 17 * serial + 50_000)
            name = names.OTHER_BUYERS[serial]
            kind = rng.choice((COMPETITION, COMPETITION, AWARD, PLANNING, DIALOGUE))
            winner = None
            if kind == AWARD:
                winner = self._vendors[rng.choice(names.VENDORS)]
                # Drawn for any number of companies, used when there are as many.
                if rng.random() < 0.25:
                    one = stories[rng.randrange(len(stories))].company
                    winner = Party(f"{one.name} AS", one.org_number, one.city)
                if unit(self.market.seed, "foreign winner", day) < _FOREIGN:
                    winner = Party("Påhittat Bolag AB", "556000-0000", "MORA", "SWE")
            yield Notice(
                day=day,
                type=kind,
                key=f"other-{day}",
                procedure=str(uuid.uuid5(_SPACE, f"{self.market.seed}/other/{day}")),
                heading=f"{what} for {name}",
                description=f"{name} har behov for {what.lower()}.",
                buyer=Party(name, number, rng.choice(names.PLACES)[0]),
                cpv=cpv,
                value=rng.randrange(3, 200) * 100_000,
                deadline=self.market.date_of(day + 30) if kind == COMPETITION else None,
                months=rng.choice((12, 24, 48)),
                winner=winner,
            )

    # Answers

    def answer(self, request: Request) -> Answer:
        """Answer one request to the notice service."""
        if not request.headers.get(b"ocp-apim-subscription-key", b"").strip():
            missing = "Access denied due to missing subscription key."
            return as_json(401, {"statusCode": 401, "message": missing})
        if request.path == "/public/v2/search":
            return self._search(request)
        found = re.fullmatch(r"/public/v2/download/(\d{4}-\d+)", request.path)
        notice = self._by_id.get(found[1]) if found else None
        if notice is None or notice.day > request.day:
            return as_json(404, {"statusCode": 404, "message": "Resource not found"})
        body = self.xml(notice).encode()
        return Answer(200, ((b"content-type", b"application/octet-stream"),), body)

    def _search(self, request: Request) -> Answer:
        asked = {k: v[-1] for k, v in parse_qs(request.query).items()}
        size, page = asked.get("numHitsPerPage", "15"), asked.get("page", "1")
        if not size.isdigit() or not page.isdigit() or int(page) < 1 or int(size) < 1:
            return as_json(400, {"reason": "page and numHitsPerPage are whole numbers"})
        first, count = (int(page) - 1) * int(size), int(size)
        if first + count > ACCESSIBLE:
            return as_json(400, {"reason": f"Only {ACCESSIBLE} hits are accessible"})
        order = asked.get("sortBy", "PUBLICATION_DATE_DESC")
        if order not in ("PUBLICATION_DATE_DESC", "PUBLICATION_DATE_ASC", "RELEVANCE"):
            return Answer(404, ())
        try:
            low = self._day_of(asked.get("issueDateFrom"), -HISTORY_DAYS)
            high = self._day_of(asked.get("issueDateTo"), request.day)
        except ValueError:
            return as_json(400, {"reason": "a date is written YYYY-MM-DD"})
        hits = self.notices[: bisect_right(self._days, min(high, request.day))]
        hits = [notice for notice in hits if notice.day >= low]
        if "type" in asked:
            hits = [notice for notice in hits if asked["type"] in _TYPES[notice.type]]
        if "cpvCode" in asked:
            hits = [notice for notice in hits if notice.cpv == asked["cpvCode"]]
        if "searchString" in asked:
            words = asked["searchString"].lower()
            hits = [n for n in hits if words in f"{n.heading} {n.buyer.name}".lower()]
        if order != "PUBLICATION_DATE_ASC":
            hits = hits[::-1]
        content = {
            "numHitsTotal": len(hits),
            "numHitsAccessible": min(len(hits), ACCESSIBLE),
            "hits": [self.hit(n, request.day) for n in hits[first : first + count]],
        }
        return as_json(200, content)

    def _day_of(self, text: str | None, default: int) -> int:
        if text is None:
            return default
        return (date.fromisoformat(text) - self.market.start).days

    def _status(self, notice: Notice, day: int) -> str | None:
        if notice.type == COMPETITION and notice.deadline is not None:
            is_open = self.market.date_of(day) <= notice.deadline
            return "ACTIVE" if is_open else "EXPIRED"
        return {AWARD: "AWARDED", CANCELLED: "CANCELLED"}.get(notice.type)

    def hit(self, notice: Notice, day: int) -> dict[str, Any]:
        """A hit of the search: exactly its 18 keys."""
        issued = self.market.date_of(notice.day)
        winners = []
        if notice.winner is not None:
            winners.append(self._party(notice.winner))
        amount = {"currencyCode": "NOK", "amount": notice.value}
        return {
            "id": notice.id,
            "buyer": [self._party(notice.buyer)],
            "heading": notice.heading,
            "description": notice.description,
            "locationId": ["NO081"],
            "estimatedValue": amount if notice.value is not None else None,
            "type": notice.type,
            "allTypes": _TYPES[notice.type],
            "status": self._status(notice, day),
            "issueDate": f"{issued.isoformat()}T06:36:32Z",
            "deadline": (
                f"{notice.deadline.isoformat()}T10:00:00Z" if notice.deadline else None
            ),
            "publicationDate": issued.isoformat(),
            "receivedTenders": 3 if notice.winner is not None else None,
            "allReceivedTenders": [],
            "cpvCodes": [notice.cpv],
            "limitedDataFlag": False,
            "doffinClassicUrl": None,
            "lots": [
                {
                    "heading": notice.heading,
                    "description": notice.description,
                    "winner": winners,
                }
            ],
        }

    def _party(self, party: Party) -> dict[str, str]:
        return {
            "id": uuid.uuid5(_SPACE, party.name).hex,
            "organizationId": party.number,
            "name": party.name,
        }

    def uuid_of(self, notice: Notice) -> uuid.UUID:
        """The identifier that every publisher of a notice shares."""
        return uuid.uuid5(_SPACE, f"{self.market.seed}/{notice.key}")

    def kind_of(self, notice: Notice) -> str:
        """The eForms code of the notice's type."""
        return _XML[notice.type][2]

    def xml(self, notice: Notice, publication: str = "") -> str:
        """The notice as eForms XML, with what its publisher adds."""
        root, stage, kind, subtype = _XML[notice.type]
        notice_id = self.uuid_of(notice)
        day = f"{self.market.date_of(notice.day).isoformat()}+01:00"
        parties = [notice.buyer] + ([notice.winner] if notice.winner else [])
        organisations = "".join(
            _organisation(number, party) for number, party in enumerate(parties, 1)
        )
        result = _result(notice, day) if root == "ContractAwardNotice" else ""
        if notice.corrects:
            changed = self.uuid_of(self._by_key[notice.corrects])
            result += (
                "<efac:Changes><efbc:ChangedNoticeIdentifier>"
                f"{changed}-01</efbc:ChangedNoticeIdentifier></efac:Changes>"
            )
        amount = ""
        if notice.value is not None:
            amount = (
                "<cac:RequestedTenderTotal><cbc:EstimatedOverallContractAmount "
                f'currencyID="NOK">{notice.value}</cbc:EstimatedOverallContractAmount>'
                "</cac:RequestedTenderTotal>"
            )
        start = self.market.date_of(notice.day + 90)
        end = start + timedelta(days=round(notice.months * 30.44))
        period = (
            f"<cac:PlannedPeriod><cbc:StartDate>{start}+01:00</cbc:StartDate>"
            f"<cbc:EndDate>{end}+01:00</cbc:EndDate></cac:PlannedPeriod>"
        )
        process = ""
        if notice.type == COMPETITION and notice.deadline is not None:
            process = (
                "<cac:TenderingProcess><cbc:ProcedureCode "
                'listName="procurement-procedure-type">open</cbc:ProcedureCode>'
                "<cac:TenderSubmissionDeadlinePeriod>"
                f"<cbc:EndDate>{notice.deadline}+01:00</cbc:EndDate>"
                "<cbc:EndTime>12:00:00+01:00</cbc:EndTime>"
                "</cac:TenderSubmissionDeadlinePeriod></cac:TenderingProcess>"
            )
        project = (
            '<cac:ProcurementProject><cbc:ID schemeName="InternalID">1</cbc:ID>'
            f'<cbc:Name languageID="NOR">{escape(notice.heading)}</cbc:Name>'
            f'<cbc:Description languageID="NOR">{escape(notice.description)}'
            '</cbc:Description><cbc:ProcurementTypeCode listName="contract-nature">'
            f"services</cbc:ProcurementTypeCode>{amount}"
            "<cac:MainCommodityClassification><cbc:ItemClassificationCode "
            f'listName="cpv">{notice.cpv}</cbc:ItemClassificationCode>'
            f"</cac:MainCommodityClassification>{period}</cac:ProcurementProject>"
        )
        lot = "Part" if stage == "planning" else "Lot"
        lot_id = "PAR-0000" if stage == "planning" else "LOT-0000"
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<{root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{root}-2" '
            'xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:'
            'CommonAggregateComponents-2" '
            'xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:'
            'CommonBasicComponents-2" '
            'xmlns:efac="http://data.europa.eu/p27/eforms-ubl-extension-aggregate-'
            'components/1" xmlns:efbc="http://data.europa.eu/p27/eforms-ubl-extension-'
            'basic-components/1" '
            'xmlns:efext="http://data.europa.eu/p27/eforms-ubl-extensions/1" '
            'xmlns:ext="urn:oasis:names:specification:ubl:schema:xsd:'
            'CommonExtensionComponents-2">\n'
            "<ext:UBLExtensions><ext:UBLExtension><ext:ExtensionContent>"
            f"<efext:EformsExtension>{result}<efac:NoticeSubType><cbc:SubTypeCode "
            f'listName="notice-subtype">{subtype}</cbc:SubTypeCode>'
            f"</efac:NoticeSubType><efac:Organizations>{organisations}"
            f"</efac:Organizations>{publication}</efext:EformsExtension>"
            "</ext:ExtensionContent>"
            "</ext:UBLExtension></ext:UBLExtensions>\n"
            "<cbc:UBLVersionID>2.3</cbc:UBLVersionID><cbc:CustomizationID>"
            "eforms-sdk-1.7#extended#urn:fdc:anskaffelser.no:2023:eforms:national"
            "</cbc:CustomizationID>\n"
            f'<cbc:ID schemeName="notice-id">{notice_id}</cbc:ID>'
            f"<cbc:ContractFolderID>{notice.procedure}</cbc:ContractFolderID>"
            f"<cbc:IssueDate>{day}</cbc:IssueDate>"
            "<cbc:IssueTime>07:36:32+01:00</cbc:IssueTime>"
            "<cbc:VersionID>01</cbc:VersionID>"
            f"<cbc:RegulatoryDomain>other</cbc:RegulatoryDomain>"
            f'<cbc:NoticeTypeCode listName="{stage}">{kind}</cbc:NoticeTypeCode>'
            "<cbc:NoticeLanguageCode>NOR</cbc:NoticeLanguageCode>\n"
            "<cac:ContractingParty><cac:Party><cac:PartyIdentification>"
            '<cbc:ID schemeName="organization">ORG-0001</cbc:ID>'
            "</cac:PartyIdentification></cac:Party></cac:ContractingParty>"
            f"{process}{project}\n<cac:ProcurementProjectLot>"
            f'<cbc:ID schemeName="{lot}">{lot_id}</cbc:ID>{project}'
            f"</cac:ProcurementProjectLot></{root}>\n"
        )


def _organisation(number: int, party: Party) -> str:
    return (
        "<efac:Organization><efac:Company><cac:PartyIdentification>"
        f'<cbc:ID schemeName="organization">ORG-{number:04d}</cbc:ID>'
        "</cac:PartyIdentification><cac:PartyName>"
        f'<cbc:Name languageID="NOR">{escape(party.name)}</cbc:Name></cac:PartyName>'
        f"<cac:PostalAddress><cbc:CityName>{party.city}</cbc:CityName><cac:Country>"
        f'<cbc:IdentificationCode listName="country">{party.country}'
        "</cbc:IdentificationCode>"
        "</cac:Country></cac:PostalAddress><cac:PartyLegalEntity>"
        f'<cbc:CompanyID schemeID="002">{escape(party.number)}</cbc:CompanyID>'
        "</cac:PartyLegalEntity></efac:Company></efac:Organization>"
    )


def _result(notice: Notice, day: str) -> str:
    """efac:NoticeResult: the winner through contract, tender and tendering party."""
    lot = '<efac:TenderLot><cbc:ID schemeName="Lot">LOT-0000</cbc:ID></efac:TenderLot>'
    tender = (
        '<efac:LotTender><cbc:ID schemeName="tender">TEN-0001</cbc:ID></efac:LotTender>'
    )
    if notice.winner is None:
        return (
            "<efac:NoticeResult><efac:LotResult>"
            '<cbc:ID schemeName="result">RES-0001</cbc:ID><cbc:TenderResultCode '
            'listName="winner-selection-status">clos-nw</cbc:TenderResultCode>'
            f"{lot}</efac:LotResult></efac:NoticeResult>"
        )
    return (
        "<efac:NoticeResult>"
        f'<cbc:TotalAmount currencyID="NOK">{notice.value}</cbc:TotalAmount>'
        '<efac:LotResult><cbc:ID schemeName="result">RES-0001</cbc:ID>'
        '<cbc:TenderResultCode listName="winner-selection-status">selec-w'
        f"</cbc:TenderResultCode>{tender}<efac:SettledContract>"
        '<cbc:ID schemeName="contract">CON-0001</cbc:ID></efac:SettledContract>'
        f"{lot}</efac:LotResult>"
        '<efac:LotTender><cbc:ID schemeName="tender">TEN-0001</cbc:ID>'
        '<efac:TenderingParty><cbc:ID schemeName="tendering-party">TPA-0001</cbc:ID>'
        f"</efac:TenderingParty>{lot}</efac:LotTender>"
        '<efac:SettledContract><cbc:ID schemeName="contract">CON-0001</cbc:ID>'
        f"<cbc:AwardDate>{day}</cbc:AwardDate><cbc:IssueDate>{day}</cbc:IssueDate>"
        f'<cbc:Title languageID="NOR">{escape(notice.heading)}</cbc:Title>{tender}'
        "</efac:SettledContract><efac:TenderingParty>"
        '<cbc:ID schemeName="tendering-party">TPA-0001</cbc:ID><efac:Tenderer>'
        '<cbc:ID schemeName="organization">ORG-0002</cbc:ID></efac:Tenderer>'
        "</efac:TenderingParty></efac:NoticeResult>"
    )
