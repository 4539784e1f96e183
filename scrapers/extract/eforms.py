"""One procurement notice in eForms XML: parties, dates, codes, money, what it follows.

Knows the business terms of eForms (BT-...) and the Norwegian tailoring, for every
publisher that serves them; what kind of signal a notice is, is not decided here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from lxml import etree

from scrapers.extract.dates import iso_day, iso_instant
from scrapers.extract.html import clean
from scrapers.extract.refusal import ParseRefused
from scrapers.extract.xml_body import read_xml

_NAMESPACES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "ext": "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2",
    "efac": "http://data.europa.eu/p27/eforms-ubl-extension-aggregate-components/1",
    "efbc": "http://data.europa.eu/p27/eforms-ubl-extension-basic-components/1",
}
_FORMS = frozenset(("PriorInformationNotice", "ContractNotice", "ContractAwardNotice"))
_WON, _NO_WINNER = "selec-w", "clos-nw"
_MARKET_DIALOGUE_CODES = frozenset(("pmc",))
_MARKET_DIALOGUE_SUBTYPES = frozenset(("E1", "CEI"))
_TYPE_OF_FORM = {
    "ContractAwardNotice": "award",
    "ContractNotice": "competition",
    "PriorInformationNotice": "planning",
}
_TYPE_PREFIXES = (
    ("pin-cfc", "competition"),
    ("pin-", "planning"),
    ("cn-", "competition"),
    ("qu-sy", "competition"),
    ("subco", "competition"),
    ("can-", "award"),
    ("compl", "other"),
)
_MONTHS_PER_UNIT = {"DAY": 12 / 365.25, "WEEK": 84 / 365.25, "MONTH": 1.0, "YEAR": 12.0}
_FOLLOWED = (
    ".//cac:TenderingProcess/cac:NoticeDocumentReference/cbc:ID",
    ".//efac:ContractModification/efbc:ChangedNoticeIdentifier",
)
_UUID_VERSION = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?:-[0-9]{2})?"
)
_DOFFIN_NUMBER = re.compile(r"(?:19|20)[0-9]{2}-[0-9]{6}")
_OJ_NUMBER = re.compile(r"([0-9]{1,8})-((?:19|20)[0-9]{2})")
_OLD_OJ_NUMBER = re.compile(r"((?:19|20)[0-9]{2})/S [0-9]{3}-([0-9]{1,8})")
_CONTROL = re.compile(
    rb"[\x01-\x08\x0b\x0c\x0e-\x1f]"
    rb"|&#(?:x0*(?:[1-8bcef]|1[0-9a-f])|0*(?:[1-8]|1[124-9]|2[0-9]|3[01]));",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"^(\d{2}:\d{2}(?::\d{2})?)")
_OFFSET = re.compile(r"(Z|[+-]\d{2}:\d{2})$")
_NORWEGIAN = frozenset(("NOR", "NOB", "NNO"))


@dataclass(frozen=True)
class Party:
    """An organisation with its registered number as written, and the lots it is in."""

    name: str | None
    company_id: str | None
    country: str | None = None
    lot_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class EformsNotice:
    """What a notice says.

    ``_at`` is naive UTC, ``_on`` a date as written, durations are in months.
    ``corrects_notice`` is the identifier with version of the notice this one changes,
    ``follows_notices`` those it builds upon (a plan, the award of a changed contract).
    """

    form: str
    notice_uuid: str | None
    procedure_id: str | None
    publication_number: str | None
    corrects_notice: str | None
    follows_notices: tuple[str, ...]
    type_code: str
    subtype: str | None
    notice_type: str
    title: str | None
    description: str | None
    buyers: tuple[Party, ...]
    winners: tuple[Party, ...]
    cpv: tuple[str, ...]
    main_cpv: tuple[str, ...]
    value: float | None
    currency: str | None
    issued_on: date | None
    published_at: datetime | None
    deadline_on: date | None
    deadline_at: datetime | None
    request_deadline_at: datetime | None
    contract_start_on: date | None
    contract_end_on: date | None
    concluded_on: date | None
    duration_months: float | None
    renewals: int | None
    is_framework: bool | None


def read_eforms(body: bytes, url: str) -> EformsNotice:
    """The notice of an XML payload; characters XML does not allow are left out.

    Raises:
        ParseRefused: it is not well-formed XML, or not one of the three notice forms.
    """
    # Publishers pass on control characters that buyers pasted into their texts.
    return read_notice(read_xml(_CONTROL.sub(b"", body), url), url)


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
    language = _text(root, "cbc:NoticeLanguageCode")
    organisations = _organisations(root, language)
    type_code = _text(root, "cbc:NoticeTypeCode") or ""
    subtype = _text(root, ".//efac:NoticeSubType/cbc:SubTypeCode")
    value, currency = _value(root, project)
    deadline_on, deadline_at = _deadline(root, "cac:TenderSubmissionDeadlinePeriod")
    _, request_deadline_at = _deadline(root, "cac:ParticipationRequestReceptionPeriod")
    lot_project = "cac:ProcurementProjectLot/cac:ProcurementProject"
    periods = ".//cac:ProcurementProject/cac:PlannedPeriod"
    return EformsNotice(
        form=form,
        notice_uuid=_identifier(root, "cbc:ID[@schemeName='notice-id']")
        or _identifier(root, "cbc:ID"),
        procedure_id=_identifier(root, "cbc:ContractFolderID"),
        publication_number=_publication_number(root),
        corrects_notice=next(
            iter(_references(root, (".//efac:Changes/efbc:ChangedNoticeIdentifier",))),
            None,
        ),
        follows_notices=_references(root, _FOLLOWED),
        type_code=type_code,
        subtype=subtype,
        notice_type=_notice_type(root, form, type_code, subtype),
        title=_in_language(project, "cbc:Name", language)
        or _in_language(_first(root, lot_project), "cbc:Name", language),
        description=_in_language(project, "cbc:Description", language)
        or _in_language(_first(root, lot_project), "cbc:Description", language),
        buyers=_buyers(root, organisations, language),
        winners=_winners(root, organisations),
        cpv=_cpv(root, project),
        main_cpv=_main_cpv(root, project),
        value=value,
        currency=currency,
        issued_on=iso_day(_text(root, "cbc:IssueDate")),
        published_at=_published_at(root),
        deadline_on=deadline_on,
        deadline_at=deadline_at,
        request_deadline_at=request_deadline_at,
        contract_start_on=min(_days(root, f"{periods}/cbc:StartDate"), default=None),
        contract_end_on=max(_days(root, f"{periods}/cbc:EndDate"), default=None),
        concluded_on=min(
            _days(root, ".//efac:NoticeResult/efac:SettledContract/cbc:IssueDate"),
            default=None,
        ),
        duration_months=_duration_months(root),
        renewals=_renewals(root),
        is_framework=_is_framework(root),
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


def _identifier(root: etree._Element, path: str) -> str | None:
    """A UUID has no case; publishers that pass it on choose one."""
    text = _text(root, path)
    return text.lower() if text else None


def _in_language(
    element: etree._Element | None, path: str, language: str | None
) -> str | None:
    """The text in the language of the notice; the first one where it has none."""
    found = [
        (text, item.get("languageID"))
        for item in _all(element, path)
        if (text := clean(item.text))
    ]
    wanted = _NORWEGIAN if language in _NORWEGIAN else {language}
    in_it = [text for text, code in found if code in wanted]
    return next(iter(in_it), found[0][0] if found else None)


def _days(root: etree._Element, path: str) -> list[date]:
    days = (iso_day(text) for text in _texts(root, path))
    return [day for day in days if day is not None]


def _organisations(root: etree._Element, language: str | None) -> dict[str, Party]:
    """Companies by their id; a touch point stands for the company it belongs to."""
    parties: dict[str, Party] = {}
    for organisation in _all(root, ".//efac:Organizations/efac:Organization"):
        company = _first(organisation, "efac:Company")
        party = _party(company, language)
        for key in (
            *_texts(company, "cac:PartyIdentification/cbc:ID"),
            *_texts(organisation, "efac:TouchPoint/cac:PartyIdentification/cbc:ID"),
        ):
            parties.setdefault(key, party)
    return parties


def _party(element: etree._Element | None, language: str | None) -> Party:
    return Party(
        _in_language(element, "cac:PartyName/cbc:Name", language),
        _text(element, "cac:PartyLegalEntity/cbc:CompanyID"),
        _text(element, "cac:PostalAddress/cac:Country/cbc:IdentificationCode"),
    )


def _buyers(
    root: etree._Element, organisations: dict[str, Party], language: str | None
) -> tuple[Party, ...]:
    buyers: dict[Party, None] = {}
    for party in _all(root, "cac:ContractingParty/cac:Party"):
        key = _text(party, "cac:PartyIdentification/cbc:ID")
        # Notices made by hand carry the buyer in place.
        buyer = organisations.get(key or "") or _party(party, language)
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
    tenders = _by_id(result, "efac:LotTender")
    groups = _by_id(result, "efac:TenderingParty")
    lots_of: dict[str, dict[str, None]] = {}
    for lot_id, tender_id in _won(result):
        tender = tenders.get(tender_id)
        lot_ids = _texts(tender, "efac:TenderLot/cbc:ID") or lot_id
        for group_id in _texts(tender, "efac:TenderingParty/cbc:ID"):
            for key in _texts(groups.get(group_id), "efac:Tenderer/cbc:ID"):
                lots_of.setdefault(key, {}).update(dict.fromkeys(lot_ids))
    winners: dict[tuple[str | None, ...], Party] = {}
    for organisation_id, found in lots_of.items():
        party = organisations.get(organisation_id)
        if party is None or not (party.name or party.company_id):
            continue
        who = (party.name, party.company_id, party.country)
        held = winners.get(who)
        lots = dict.fromkeys((*(held.lot_ids if held else ()), *found))
        winners[who] = replace(party, lot_ids=tuple(lots))
    return tuple(winners.values())


def _won(result: etree._Element) -> Iterator[tuple[list[str], str]]:
    """Lots and tender of everything won.

    A result lists every tender it received; only those of its contracts have won.
    Where it names no contract, the contracts that name one of its tenders tell, and
    where there is no contract at all, all its tenders count. A changed contract has
    no result of a lot; its contracts stand alone.
    """
    contracts = _by_id(result, "efac:SettledContract")
    won_by = {
        key: _texts(item, "efac:LotTender/cbc:ID") for key, item in contracts.items()
    }
    under_contract = dict.fromkeys(key for keys in won_by.values() for key in keys)
    lot_results = _all(result, "efac:LotResult")
    for lot_result in lot_results:
        if _text(lot_result, "cbc:TenderResultCode") not in (None, _WON):
            continue
        listed = _texts(lot_result, "efac:LotTender/cbc:ID")
        named = [
            tender_id
            for contract_id in _texts(lot_result, "efac:SettledContract/cbc:ID")
            for tender_id in won_by.get(contract_id, ())
        ]
        # A contract over several lots names the tenders of all of them.
        of_this_lot = [tender_id for tender_id in named if tender_id in listed]
        contracted = [tender_id for tender_id in listed if tender_id in under_contract]
        lot_ids = _texts(lot_result, "efac:TenderLot/cbc:ID")
        for tender_id in of_this_lot or named or contracted or listed:
            yield lot_ids, tender_id
    if not lot_results:
        for tender_id in under_contract:
            yield [], tender_id


def _by_id(result: etree._Element, path: str) -> dict[str, etree._Element]:
    return {
        key: item
        for item in _all(result, path)
        if (key := _text(item, "cbc:ID")) is not None
    }


def _publication_number(root: etree._Element) -> str | None:
    text = _text(root, ".//efac:Publication/efbc:NoticePublicationID") or ""
    return notice_reference(text) if _OJ_NUMBER.fullmatch(text) else None


def _references(root: etree._Element, paths: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            reference
            for path in paths
            for text in _texts(root, path)
            if (reference := notice_reference(text)) is not None
        )
    )


def notice_reference(text: str) -> str | None:
    """An identifier of another notice, written one way; None when it is none.

    A UUID with its version, a number of Doffin (2023-648589), or a number of the
    Official Journal, also as it was written before 2024 (2022/S 207-592756).
    """
    if _UUID_VERSION.fullmatch(text.lower()) or _DOFFIN_NUMBER.fullmatch(text):
        return text.lower()
    if found := _OJ_NUMBER.fullmatch(text):
        return f"{int(found[1])}-{found[2]}"
    if found := _OLD_OJ_NUMBER.fullmatch(text):
        return f"{int(found[2])}-{found[1]}"
    return None


def _notice_type(
    root: etree._Element, form: str, type_code: str, subtype: str | None
) -> str:
    reasons = _texts(root, ".//efac:Changes/efac:ChangeReason/cbc:ReasonCode")
    if "cancel" in reasons:
        return "cancelled"
    typed = notice_type_of(type_code, subtype) or _TYPE_OF_FORM[form]
    results = _texts(root, ".//efac:LotResult/cbc:TenderResultCode")
    if typed == "award" and results and _WON not in results:
        # Lots that are still open are no end of the procedure.
        return "cancelled" if set(results) == {_NO_WINNER} else "other"
    return typed


def notice_type_of(type_code: str, subtype: str | None) -> str | None:
    """The normalised type of an eForms notice type code; None when it is not known."""
    code = type_code.lower()
    if code in _MARKET_DIALOGUE_CODES or subtype in _MARKET_DIALOGUE_SUBTYPES:
        return "market_dialogue"
    if code == "veat":
        return "intention"
    if code in ("can-modif", "corr"):
        return "change"
    for prefix, notice_type in _TYPE_PREFIXES:
        if code.startswith(prefix):
            return notice_type
    return None


_MAIN_CPV = "cac:MainCommodityClassification/cbc:ItemClassificationCode"
_OTHER_CPV = "cac:AdditionalCommodityClassification/cbc:ItemClassificationCode"
_LOT_PROJECTS = "cac:ProcurementProjectLot/cac:ProcurementProject"


def _main_cpv(root: etree._Element, project: etree._Element | None) -> tuple[str, ...]:
    """Main code of the procedure; those of the lots where the procedure has none."""
    codes = _codes(project, _MAIN_CPV) or _codes(root, f"{_LOT_PROJECTS}/{_MAIN_CPV}")
    return tuple(dict.fromkeys(codes))


def _cpv(root: etree._Element, project: etree._Element | None) -> tuple[str, ...]:
    """Main code of the procedure first, then the others in document order."""
    codes = [
        *_codes(project, _MAIN_CPV),
        *_codes(project, _OTHER_CPV),
        *_codes(root, f"{_LOT_PROJECTS}/{_MAIN_CPV}"),
        *_codes(root, f"{_LOT_PROJECTS}/{_OTHER_CPV}"),
    ]
    return tuple(dict.fromkeys(codes))


def _codes(element: etree._Element | None, path: str) -> list[str]:
    # Some notices write the check digit too: 48000000-8.
    return [text.partition("-")[0].strip() for text in _texts(element, path)]


_ESTIMATE = "cac:RequestedTenderTotal/cbc:EstimatedOverallContractAmount"
_FRAMEWORK_MAXIMUM = (
    "cac:RequestedTenderTotal/ext:UBLExtensions//efbc:FrameworkMaximumAmount"
)


def _value(
    root: etree._Element, project: etree._Element | None
) -> tuple[float | None, str | None]:
    """Awarded value where there is one, else the estimate; lots are summed."""
    result = _first(root, ".//efac:NoticeResult")
    for element, path in (
        (result, "cbc:TotalAmount"),
        (result, "efbc:OverallApproximateFrameworkContractsAmount"),
        (result, "efbc:OverallMaximumFrameworkContractsAmount"),
    ):
        for amount in _all(element, path):
            value = _amount(amount)
            if value is not None:
                return value, _currency(amount)
    for amounts in (
        _won_amounts(result),
        _all(project, _ESTIMATE)[:1],
        _all(root, f"{_LOT_PROJECTS}/{_ESTIMATE}"),
        _all(project, _FRAMEWORK_MAXIMUM)[:1],
        _all(root, f"{_LOT_PROJECTS}/{_FRAMEWORK_MAXIMUM}"),
    ):
        total, currency = _sum(amounts)
        if total is not None:
            return total, currency
    return None, None


def _won_amounts(result: etree._Element | None) -> list[etree._Element]:
    if result is None:
        return []
    tenders = _by_id(result, "efac:LotTender")
    won = dict.fromkeys(tender_id for _, tender_id in _won(result))
    return [
        amount
        for key in won
        for amount in _all(
            tenders.get(key), "cac:LegalMonetaryTotal/cbc:PayableAmount"
        )[:1]
    ]


def _sum(amounts: list[etree._Element]) -> tuple[float | None, str | None]:
    """The sum of amounts in one currency; nothing where they differ."""
    found = [
        (value, _currency(amount))
        for amount in amounts
        if (value := _amount(amount)) is not None
    ]
    if not found or len({currency for _, currency in found}) > 1:
        return None, None
    return sum(value for value, _ in found), found[0][1]


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


def _deadline(root: etree._Element, period: str) -> tuple[date | None, datetime | None]:
    """First deadline of a period of any lot: the day as written, and the moment."""
    found = [
        (moment, day)
        for element in _all(root, f".//cac:TenderingProcess/{period}")
        if (day := iso_day(_text(element, "cbc:EndDate"))) is not None
        and (
            moment := _instant(
                _text(element, "cbc:EndDate"), _text(element, "cbc:EndTime")
            )
        )
    ]
    moment, day = min(found, default=(None, None))
    return day, moment


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


def _renewals(root: etree._Element) -> int | None:
    """Most times a contract of any lot may be renewed."""
    texts = _texts(root, ".//cac:ContractExtension/cbc:MaximumNumberNumeric")
    numbers = [int(text) for text in texts if re.fullmatch(r"[0-9]{1,4}", text)]
    return max(numbers, default=None)


def _is_framework(root: etree._Element) -> bool | None:
    codes = _texts(
        root,
        ".//cac:ContractingSystem/cbc:ContractingSystemTypeCode"
        "[@listName='framework-agreement']",
    )
    return any(code.startswith("fa-") for code in codes) if codes else None
