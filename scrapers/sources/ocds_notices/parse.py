"""Notices of OCDS publishers: releases in packages, in records, or alone.

A release is an immutable notice of (ocid, id); releases of an ocid are one procedure.
What a publisher's releases amount to when put together is not decided here.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from scrapers.envelope import Envelope
from scrapers.extract.dates import iso_day, iso_instant
from scrapers.extract.eforms import Party, notice_reference
from scrapers.extract.json_body import (
    array,
    count,
    mapping,
    number,
    read_json,
    string,
)
from scrapers.extract.notice_rows import (
    amount,
    currency,
    cut_description,
    row_parties,
    tidy,
)
from scrapers.extract.refusal import ParseRefused
from scrapers.records import Notice

PARSER_VERSION = "1"

_LOG = logging.getLogger(__name__)
_UUID = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE
)
_CPV = re.compile(r"(\d{8})(?:-\d|\.0)?")
_SCHEME_COUNTRY = re.compile(r"([A-Z]{2})-")
_DAYS_PER_MONTH = 365.25 / 12
# The tag that says most comes first: a release may carry several.
_TYPES = (
    ("tenderCancellation", "cancelled"),
    ("awardCancellation", "cancelled"),
    ("contractTermination", "other"),
    ("awardUpdate", "change"),
    ("contractUpdate", "change"),
    ("contractAmendment", "change"),
    ("award", "award"),
    ("contract", "award"),
    ("tender", "competition"),
    ("tenderAmendment", "competition"),
    ("tenderUpdate", "competition"),
    ("planning", "planning"),
    ("planningUpdate", "planning"),
    ("implementation", "other"),
    ("implementationUpdate", "other"),
)
_KNOWN_TAGS = frozenset(tag for tag, _ in _TYPES) | {"compiled"}
_PLANNED = frozenset(("planning", "planned"))
_NOT_AWARDED = frozenset(("cancelled", "unsuccessful", "withdrawn"))
_NO_AWARD = frozenset(("cancelled", "unsuccessful", "pending"))


def parse(body: bytes, envelope: Envelope) -> Iterator[Notice]:
    """Notices of a package of releases, a package of records, or one release.

    A record gives its releases where it holds them whole, else its compiled release.

    Raises:
        ParseRefused: the payload is none of these, or a release lacks what makes it
            one (ocid, id, date).
    """
    payload = mapping(
        read_json(body, envelope.content_type, envelope.url),
        f"The payload of {envelope.url}",
    )
    seen: set[str] = set()
    for release in _releases(payload, envelope.url):
        notice_id, rows = _release(release, envelope.url)
        # Publishers repeat a release from page to page, and within one.
        if notice_id not in seen:
            seen.add(notice_id)
            yield from rows


def _releases(payload: Mapping[str, Any], url: str) -> Iterator[Mapping[str, Any]]:
    if "releases" in payload:
        for item in array(payload["releases"], f"releases of {url}"):
            yield mapping(item, f"A release of {url}")
    elif "records" in payload:
        for item in array(payload["records"], f"records of {url}"):
            yield from _of_record(mapping(item, f"A record of {url}"), url)
    elif "ocid" in payload:
        yield payload
    else:
        raise ParseRefused(
            f"The payload of {url} has no releases and no records, and is no release."
        )


def _of_record(record: Mapping[str, Any], url: str) -> Iterator[Mapping[str, Any]]:
    listed = [
        mapping(item, f"A release of {url}")
        for item in array(record.get("releases"), f"releases of {url}")
    ]
    # A linked release is an address and a date; what it says stands elsewhere.
    whole = [release for release in listed if "ocid" in release]
    if whole:
        yield from whole
    elif "compiledRelease" in record:
        yield mapping(record["compiledRelease"], f"The compiled release of {url}")


def _release(release: Mapping[str, Any], url: str) -> tuple[str, Iterator[Notice]]:
    ocid, release_id = string(release.get("ocid")), _text(release.get("id"))
    published_at = iso_instant(release.get("date"))
    if ocid is None or release_id is None or published_at is None:
        raise ParseRefused(f"A release of {url} lacks its ocid, id or date.")
    tags = [
        tag
        for item in array(release.get("tag"), f"tag of {release_id}")
        if (tag := string(item))
    ]
    for tag in tags:
        if tag not in _KNOWN_TAGS:
            _LOG.warning("ocds tag not known: %s", tag)
    notice_id = _notice_id(ocid, release_id)
    return notice_id, _rows(release, ocid, notice_id, tags, published_at)


def _notice_id(ocid: str, release_id: str) -> str:
    return release_id if release_id.startswith(ocid) else f"{ocid}/{release_id}"


def _rows(
    release: Mapping[str, Any],
    ocid: str,
    notice_id: str,
    tags: list[str],
    published_at: datetime,
) -> Iterator[Notice]:
    tender = _object(release.get("tender"))
    awards = [a for a in _objects(release.get("awards")) if _is_awarded(a)]
    contracts = _objects(release.get("contracts"))
    lots = _objects(tender.get("lots"))
    parties = {
        key: party
        for party in _objects(release.get("parties"))
        if (key := _text(party.get("id"))) is not None
    }
    value, value_currency = _value(release, tender, awards, contracts, lots)
    periods = [
        *(_object(contract.get("period")) for contract in contracts),
        *(_object(award.get("contractPeriod")) for award in awards),
        _object(tender.get("contractPeriod")),
        *(_object(lot.get("contractPeriod")) for lot in lots),
    ]
    uuid = _UUID.fullmatch(notice_id.removeprefix(f"{ocid}/"))
    procedure = _UUID.search(ocid)
    for party in row_parties(
        _buyers(release, tender, parties), _winners(awards, parties, tags)
    ):
        yield Notice(
            notice_id=notice_id,
            notice_uuid=uuid.group().lower() if uuid else None,
            # Publishers of eForms make the ocid of the id of the procedure.
            procedure_id=procedure.group().lower() if procedure else ocid,
            corrects_notice=_corrects(tender, ocid, notice_id),
            follows_notices=_follows(release),
            notice_type=_notice_type(tags, tender, awards, contracts),
            source_type=",".join(tags) or "untagged",
            title=_title(release, tender, awards, contracts),
            description=cut_description(
                tender.get("description") or release.get("description")
            ),
            party_role=party.role,
            party_org_number=party.org_number,
            party_foreign_number=party.foreign_number,
            party_name=party.name,
            party_country=party.country,
            lot_ids=party.lot_ids,
            cpv=_cpv(tender, lots, awards, contracts),
            value=value,
            currency=value_currency,
            published_at=published_at,
            deadline_at=_deadline(tender, lots),
            request_deadline_at=None,
            contract_start_on=min(_days(periods, "startDate"), default=None),
            contract_end_on=max(_days(periods, "endDate"), default=None),
            concluded_on=min(_days(contracts, "dateSigned"), default=None),
            duration_months=_months(periods),
            renewals=_renewals(lots),
            is_framework=_is_framework(tender, lots),
            is_detail=True,
        )


def _notice_type(
    tags: list[str],
    tender: Mapping[str, Any],
    awards: list[Mapping[str, Any]],
    contracts: list[Mapping[str, Any]],
) -> str:
    status = string(tender.get("status"))
    found = next((typed for tag, typed in _TYPES if tag in tags), None)
    if found == "competition" and status in _PLANNED:
        return "planning"
    if found == "competition" and status in _NOT_AWARDED:
        return "cancelled"
    if found is not None:
        return found
    # A compiled release stands for all that came before it.
    if awards or contracts:
        return "award"
    if status in _NOT_AWARDED:
        return "cancelled"
    if status in _PLANNED:
        return "planning"
    return "competition" if tender else "other"


def _is_awarded(award: Mapping[str, Any]) -> bool:
    return string(award.get("status")) not in _NO_AWARD


def _corrects(tender: Mapping[str, Any], ocid: str, notice_id: str) -> str | None:
    """The release that this one amends, where it says so."""
    for amendment in reversed(_objects(tender.get("amendments"))):
        made_in = _text(amendment.get("releaseID"))
        amended = _text(amendment.get("amendsReleaseID"))
        if amended is None:
            continue
        if made_in is None or _notice_id(ocid, made_in) == notice_id:
            return _notice_id(ocid, amended)
    return None


def _follows(release: Mapping[str, Any]) -> tuple[str, ...]:
    found = (
        string(related.get("identifier"))
        for related in _objects(release.get("relatedProcesses"))
    )
    return tuple(
        dict.fromkeys(notice_reference(text) or text for text in found if text)
    )


def _title(
    release: Mapping[str, Any],
    tender: Mapping[str, Any],
    awards: list[Mapping[str, Any]],
    contracts: list[Mapping[str, Any]],
) -> str | None:
    planning = _object(release.get("planning"))
    for value in (
        tender.get("title"),
        *(item.get("title") for item in (*awards, *contracts)),
        planning.get("project"),
        _object(planning.get("budget")).get("project"),
        tender.get("description"),
    ):
        if title := tidy(value):
            return title
    return None


# Parties


def _buyers(
    release: Mapping[str, Any],
    tender: Mapping[str, Any],
    parties: Mapping[str, Mapping[str, Any]],
) -> list[Party]:
    """The buyer, and every party in that role; who runs the procedure, without one."""
    named = _objects([release.get("buyer")])
    in_role = [party for party in parties.values() if "buyer" in _roles(party)]
    found = _parties((*named, *in_role), parties)
    return found or _parties(_objects([tender.get("procuringEntity")]), parties)


def _winners(
    awards: list[Mapping[str, Any]],
    parties: Mapping[str, Mapping[str, Any]],
    tags: list[str],
) -> list[Party]:
    found: dict[tuple[str | None, ...], Party] = {}
    for award in awards:
        lots = tuple(
            lot
            for item in array(award.get("relatedLots"), "relatedLots of an award")
            if (lot := _text(item))
        )
        for party in _parties(_objects(award.get("suppliers")), parties):
            who = (party.name, party.company_id, party.country)
            held = found.get(who, party)
            lot_ids = tuple(dict.fromkeys((*held.lot_ids, *lots)))
            found[who] = Party(*who, lot_ids=lot_ids)
    if not found and {"contract", "award"} & set(tags):
        suppliers = [party for party in parties.values() if "supplier" in _roles(party)]
        return _parties(suppliers, parties)
    return list(found.values())


def _roles(party: Mapping[str, Any]) -> list[Any]:
    return array(party.get("roles"), "roles of a party")


def _parties(
    references: Iterable[Mapping[str, Any]], parties: Mapping[str, Mapping[str, Any]]
) -> list[Party]:
    """The parties that are referred to, each once."""
    found: dict[Party, None] = {}
    for reference in references:
        whole = parties.get(_text(reference.get("id")) or "", reference)
        party = _party({**reference, **whole})
        if party.name or party.company_id:
            found.setdefault(party)
    return list(found)


def _party(party: Mapping[str, Any]) -> Party:
    identifiers = [
        _object(party.get("identifier")),
        *_objects(party.get("additionalIdentifiers")),
    ]
    numbered = [item for item in identifiers if _text(item.get("id"))]
    address = _object(party.get("address"))
    country = string(address.get("country")) or string(address.get("countryCode"))
    company_id = _text(numbered[0].get("id")) if numbered else None
    scheme = string(numbered[0].get("scheme")) if numbered else None
    if company_id is None and (party_id := _text(party.get("id"))):
        # org-id.guide: NO-BRC-999601391.
        found = re.fullmatch(r"([A-Z]{2}-[A-Z0-9]{2,12})-(.+)", party_id)
        scheme, company_id = (found[1], found[2]) if found else (None, None)
    prefix = _SCHEME_COUNTRY.match(scheme or "")
    legal_name = _object(party.get("identifier")).get("legalName")
    name = tidy(party.get("name")) or tidy(legal_name)
    # The address says more than the scheme, which tools fill in with a default.
    return Party(name, company_id, country or (prefix[1] if prefix else None))


# Codes, money and time


def _cpv(
    tender: Mapping[str, Any],
    lots: list[Mapping[str, Any]],
    awards: list[Mapping[str, Any]],
    contracts: list[Mapping[str, Any]],
) -> tuple[str, ...]:
    holders = [tender, *_objects(tender.get("items"))]
    for owner in (*lots, *awards, *contracts):
        holders += _objects(owner.get("items"))
    main = [_object(holder.get("classification")) for holder in holders]
    other = [
        item
        for holder in holders
        for item in _objects(holder.get("additionalClassifications"))
    ]
    codes = (
        found[1]
        for item in (*main, *other)
        if (string(item.get("scheme")) or "").upper() == "CPV"
        and (found := _CPV.fullmatch(_text(item.get("id")) or ""))
    )
    return tuple(dict.fromkeys(codes))


def _value(
    release: Mapping[str, Any],
    tender: Mapping[str, Any],
    awards: list[Mapping[str, Any]],
    contracts: list[Mapping[str, Any]],
    lots: list[Mapping[str, Any]],
) -> tuple[float | None, str | None]:
    """Awarded value where there is one, else the estimate, else the budget."""
    budget = _object(_object(release.get("planning")).get("budget"))
    for amounts in (
        [award.get("value") for award in awards],
        [contract.get("value") for contract in contracts],
        [tender.get("value")],
        [lot.get("value") for lot in lots],
        [budget.get("amount")],
    ):
        found = [
            (value, currency(item.get("currency")))
            for item in map(_object, amounts)
            if (value := amount(item.get("amount"))) is not None
        ]
        if found and len({code for _, code in found}) == 1:
            return sum(value for value, _ in found), found[0][1]
    return None, None


def _deadline(
    tender: Mapping[str, Any], lots: list[Mapping[str, Any]]
) -> datetime | None:
    moments = [
        moment
        for owner in (tender, *lots)
        if (moment := iso_instant(_object(owner.get("tenderPeriod")).get("endDate")))
    ]
    return min(moments, default=None)


def _days(owners: Iterable[Mapping[str, Any]], key: str) -> list[date]:
    days = (iso_day(owner.get(key)) for owner in owners)
    return [day for day in days if day is not None]


def _months(periods: list[Mapping[str, Any]]) -> float | None:
    lengths = [
        days
        for period in periods
        if (days := number(period.get("durationInDays"))) is not None and days > 0
    ]
    for period in periods:
        first, last = iso_day(period.get("startDate")), iso_day(period.get("endDate"))
        if first and last and last >= first:
            lengths.append((last - first).days + 1)
    return round(max(lengths) / _DAYS_PER_MONTH, 2) if lengths else None


def _renewals(lots: list[Mapping[str, Any]]) -> int | None:
    found = (count(_object(lot.get("renewal")).get("maximumRenewals")) for lot in lots)
    return max((n for n in found if n is not None), default=None)


def _is_framework(
    tender: Mapping[str, Any], lots: list[Mapping[str, Any]]
) -> bool | None:
    said = [
        flag
        for owner in (tender, *lots)
        if isinstance(
            flag := _object(owner.get("techniques")).get("hasFrameworkAgreement"), bool
        )
    ]
    return any(said) if said else None


# Values that may be anything


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> list[Mapping[str, Any]]:
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, dict)]


def _text(value: Any) -> str | None:
    """A text, also of a number; tables give identifiers back as 11111111.0."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _text(f"{value:.0f}") if number(value) is not None else None
    text = string(value)
    return re.sub(r"(?<=^\d{8})\.0$", "", text) if text else None
