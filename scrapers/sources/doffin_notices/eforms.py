"""One procurement notice in eForms XML: parties, dates, codes, money.

Knows the business terms of eForms and the Norwegian tailoring; what kind of signal a
notice is, is not decided here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from scrapers.extract.dates import iso_day, iso_instant
from scrapers.extract.html import clean
from scrapers.extract.refusal import ParseRefused

_NAMESPACES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "efac": "http://data.europa.eu/p27/eforms-ubl-extension-aggregate-components/1",
    "efbc": "http://data.europa.eu/p27/eforms-ubl-extension-basic-components/1",
}
_FORMS = frozenset(("PriorInformationNotice", "ContractNotice", "ContractAwardNotice"))
_NO_WINNER = "clos-nw"
_MARKET_DIALOGUE_CODES = frozenset(("pmc",))
_MARKET_DIALOGUE_SUBTYPES = frozenset(("E1", "CEI"))
_MONTHS_PER_UNIT = {"DAY": 12 / 365.25, "WEEK": 84 / 365.25, "MONTH": 1.0, "YEAR": 12.0}
_CLOCK = re.compile(r"^(\d{2}:\d{2}(?::\d{2})?)")
_OFFSET = re.compile(r"(Z|[+-]\d{2}:\d{2})$")


@dataclass(frozen=True)
class Party:
    """An organisation with its registered number as written."""

    name: str | None
    company_id: str | None


@dataclass(frozen=True)
class EformsNotice:
    """What a notice says; times are naive UTC, durations in months."""

    form: str
    notice_uuid: str | None
    procedure_id: str | None
    type_code: str
    subtype: str | None
    notice_type: str
    title: str | None
    description: str | None
    buyers: tuple[Party, ...]
    winners: tuple[Party, ...]
    cpv: tuple[str, ...]
    value: float | None
    currency: str | None
    published_at: datetime | None
    deadline_at: datetime | None
    duration_months: float | None


def read_notice(root: etree._Element, url: str) -> EformsNotice:
    """The notice of an eForms document.

    Raises:
        ParseRefused: the document is not one of the three notice forms.
    """
    form = etree.QName(root).localname
    if form not in _FORMS:
        raise ParseRefused(
            f"The payload of {url} is a {form}, not one of {', '.join(sorted(_FORMS))}."
        )
    project = _first(root, "cac:ProcurementProject")
    organisations = _organisations(root)
    type_code = _text(root, "cbc:NoticeTypeCode") or ""
    subtype = _text(root, ".//efac:NoticeSubType/cbc:SubTypeCode")
    value, currency = _value(root, project)
    return EformsNotice(
        form=form,
        notice_uuid=_text(root, "cbc:ID[@schemeName='notice-id']")
        or _text(root, "cbc:ID"),
        procedure_id=_text(root, "cbc:ContractFolderID"),
        type_code=type_code,
        subtype=subtype,
        notice_type=_notice_type(root, form, type_code, subtype),
        title=_text(project, "cbc:Name")
        or _text(root, "cac:ProcurementProjectLot/cac:ProcurementProject/cbc:Name"),
        description=_text(project, "cbc:Description")
        or _text(
            root, "cac:ProcurementProjectLot/cac:ProcurementProject/cbc:Description"
        ),
        buyers=_buyers(root, organisations),
        winners=_winners(root, organisations),
        cpv=_cpv(root, project),
        value=value,
        currency=currency,
        published_at=_published_at(root),
        deadline_at=_deadline_at(root),
        duration_months=_duration_months(root),
    )


def _all(element: etree._Element | None, path: str) -> list[etree._Element]:
    if element is None:
        return []
    found = element.xpath(path, namespaces=_NAMESPACES)
    # A path may also give a number or a text; those here give elements.
    assert isinstance(found, list)
    return [item for item in found if isinstance(item, etree._Element)]


def _first(element: etree._Element | None, path: str) -> etree._Element | None:
    found = _all(element, path)
    return found[0] if found else None


def _texts(element: etree._Element | None, path: str) -> list[str]:
    found = (clean(item.text) for item in _all(element, path))
    return [text for text in found if text]


def _text(element: etree._Element | None, path: str) -> str | None:
    found = _texts(element, path)
    return found[0] if found else None


def _organisations(root: etree._Element) -> dict[str, Party]:
    parties: dict[str, Party] = {}
    for company in _all(root, ".//efac:Organizations/efac:Organization/efac:Company"):
        key = _text(company, "cac:PartyIdentification/cbc:ID")
        if key is not None:
            parties[key] = Party(
                _text(company, "cac:PartyName/cbc:Name"),
                _text(company, "cac:PartyLegalEntity/cbc:CompanyID"),
            )
    return parties


def _buyers(root: etree._Element, organisations: dict[str, Party]) -> tuple[Party, ...]:
    buyers: dict[Party, None] = {}
    for party in _all(root, "cac:ContractingParty/cac:Party"):
        key = _text(party, "cac:PartyIdentification/cbc:ID")
        buyer = organisations.get(key or "")
        if buyer is None:
            # Notices made by hand carry the buyer in place.
            buyer = Party(
                _text(party, "cac:PartyName/cbc:Name"),
                _text(party, "cac:PartyLegalEntity/cbc:CompanyID"),
            )
        if buyer.name or buyer.company_id:
            buyers.setdefault(buyer)
    return tuple(buyers)


def _winners(
    root: etree._Element, organisations: dict[str, Party]
) -> tuple[Party, ...]:
    """LotResult -> SettledContract -> LotTender -> TenderingParty -> Tenderer."""
    result = _first(root, ".//efac:NoticeResult")
    if result is None:
        return ()
    contracts = _by_id(result, "efac:SettledContract")
    tenders = _by_id(result, "efac:LotTender")
    groups = _by_id(result, "efac:TenderingParty")
    winners: dict[Party, None] = {}
    for lot_result in _all(result, "efac:LotResult"):
        if _text(lot_result, "cbc:TenderResultCode") not in (None, "selec-w"):
            continue
        tender_ids = [
            tender_id
            for contract_id in _texts(lot_result, "efac:SettledContract/cbc:ID")
            for tender_id in _texts(contracts.get(contract_id), "efac:LotTender/cbc:ID")
        ] or _texts(lot_result, "efac:LotTender/cbc:ID")
        for organisation_id in _tenderers(tender_ids, tenders, groups):
            if organisation_id in organisations:
                winners.setdefault(organisations[organisation_id])
    return tuple(winners)


def _tenderers(
    tender_ids: list[str],
    tenders: dict[str, etree._Element],
    groups: dict[str, etree._Element],
) -> Iterator[str]:
    for tender_id in tender_ids:
        for group_id in _texts(tenders.get(tender_id), "efac:TenderingParty/cbc:ID"):
            yield from _texts(groups.get(group_id), "efac:Tenderer/cbc:ID")


def _by_id(result: etree._Element, path: str) -> dict[str, etree._Element]:
    return {
        key: item
        for item in _all(result, path)
        if (key := _text(item, "cbc:ID")) is not None
    }


def _notice_type(
    root: etree._Element, form: str, type_code: str, subtype: str | None
) -> str:
    code = type_code.lower()
    if code in _MARKET_DIALOGUE_CODES or subtype in _MARKET_DIALOGUE_SUBTYPES:
        return "market_dialogue"
    if code == "veat":
        return "intention"
    if code in ("can-modif", "corr"):
        return "change"
    results = _texts(root, ".//efac:LotResult/cbc:TenderResultCode")
    if form == "ContractAwardNotice":
        if results and all(result == _NO_WINNER for result in results):
            return "cancelled"
        return "award"
    if form == "ContractNotice" or code.startswith("pin-cfc"):
        return "competition"
    return "planning"


def _cpv(root: etree._Element, project: etree._Element | None) -> tuple[str, ...]:
    """Main code of the procedure first, then the others in document order."""
    main = "cac:MainCommodityClassification/cbc:ItemClassificationCode"
    other = "cac:AdditionalCommodityClassification/cbc:ItemClassificationCode"
    lots = "cac:ProcurementProjectLot/cac:ProcurementProject"
    codes = [
        *_texts(project, main),
        *_texts(project, other),
        *_texts(root, f"{lots}/{main}"),
        *_texts(root, f"{lots}/{other}"),
    ]
    return tuple(dict.fromkeys(codes))


def _value(
    root: etree._Element, project: etree._Element | None
) -> tuple[float | None, str | None]:
    """Awarded value where there is one, else the estimate; lots are summed."""
    for element, path in (
        (root, ".//efac:NoticeResult/cbc:TotalAmount"),
        (project, "cac:RequestedTenderTotal/cbc:EstimatedOverallContractAmount"),
    ):
        for amount in _all(element, path):
            value = _amount(amount)
            if value is not None:
                return value, _currency(amount)
    lots = _all(
        root,
        "cac:ProcurementProjectLot/cac:ProcurementProject/cac:RequestedTenderTotal"
        "/cbc:EstimatedOverallContractAmount",
    )
    amounts = [(value, _currency(lot)) for lot in lots if (value := _amount(lot))]
    if amounts and len({currency for _, currency in amounts}) == 1:
        return sum(value for value, _ in amounts), amounts[0][1]
    return None, None


def _amount(element: etree._Element) -> float | None:
    text = clean(element.text)
    if not re.fullmatch(r"\d{1,15}(?:\.\d{1,6})?", text):
        return None
    return float(text)


def _currency(element: etree._Element) -> str | None:
    currency = clean(element.get("currencyID"))
    return currency if re.fullmatch(r"[A-Z]{3}", currency) else None


def _published_at(root: etree._Element) -> datetime | None:
    published = _instant(_text(root, ".//efac:Publication/efbc:PublicationDate"), None)
    return published or _instant(
        _text(root, "cbc:IssueDate"), _text(root, "cbc:IssueTime")
    )


def _deadline_at(root: etree._Element) -> datetime | None:
    """First deadline for tenders of any lot."""
    moments = [
        moment
        for period in _all(
            root, ".//cac:TenderingProcess/cac:TenderSubmissionDeadlinePeriod"
        )
        if (
            moment := _instant(
                _text(period, "cbc:EndDate"), _text(period, "cbc:EndTime")
            )
        )
    ]
    return min(moments, default=None)


def _instant(day: str | None, clock: str | None) -> datetime | None:
    """Naive UTC of an XML date with an offset and a time; a bare date is that date."""
    stamp = iso_day(day)
    if stamp is None:
        return None
    time_found = _CLOCK.match(clock or "")
    if not time_found:
        return datetime(stamp.year, stamp.month, stamp.day)
    offset = _OFFSET.search(clock or "") or _OFFSET.search(day or "")
    return iso_instant(
        f"{stamp.isoformat()}T{time_found.group(1)}{offset.group(1) if offset else ''}"
    )


def _duration_months(root: etree._Element) -> float | None:
    """Longest stated length of contract among the procedure and its lots."""
    lengths = [
        months
        for period in _all(root, ".//cac:ProcurementProject/cac:PlannedPeriod")
        if (months := _period_months(period)) is not None
    ]
    return max(lengths, default=None)


def _period_months(period: etree._Element) -> float | None:
    measure = _first(period, "cbc:DurationMeasure")
    if measure is not None:
        unit = _MONTHS_PER_UNIT.get(clean(measure.get("unitCode")).upper())
        text = clean(measure.text)
        if unit is not None and re.fullmatch(r"\d{1,6}(?:\.\d{1,3})?", text):
            return round(float(text) * unit, 2)
        return None
    start = iso_day(_text(period, "cbc:StartDate"))
    end = iso_day(_text(period, "cbc:EndDate"))
    if start is None or end is None or end < start:
        return None
    return round(((end - start).days + 1) * _MONTHS_PER_UNIT["DAY"], 2)
