"""Companies, officers and filings of the British register.

Officers keep their names and the dates they were appointed and resigned; month and
year of birth only tell namesakes apart, inside a hash, and addresses are not read. What
changed between two readings is not decided here.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from scrapers.envelope import Envelope
from scrapers.extract.dates import iso_day
from scrapers.extract.holder_key import holder_key
from scrapers.extract.json_body import array, mapping, read_json, string, warn_unread
from scrapers.extract.organisation_numbers import is_british_number
from scrapers.extract.refusal import ParseRefused
from scrapers.extract.terms import terms_of
from scrapers.records import Announcement, RegistryEntity, RegistryRole
from scrapers.sources.companies_house_registry.filings import event_of

PARSER_VERSION = "1"

_SITE = "https://find-and-update.company-information.service.gov.uk"
_NUMBER_IN_URL = re.compile(r"/company/([0-9A-Z]{8})(?:[/?]|$)")
_BANKRUPT = frozenset(("insolvency-proceedings", "administration", "receivership"))
_GONE = frozenset(("dissolved", "closed", "converted-closed", "removed"))
_ROLE_CLASSES = {
    "director": "board_member",
    "corporate-director": "board_member",
    "nominee-director": "board_member",
    "corporate-nominee-director": "board_member",
    "secretary": "secretary",
    "corporate-secretary": "secretary",
    "nominee-secretary": "secretary",
    "corporate-nominee-secretary": "secretary",
    "llp-member": "partner",
    "llp-designated-member": "partner",
    "corporate-llp-member": "partner",
    "corporate-llp-designated-member": "partner",
    "managing-officer": "chief_executive",
    "corporate-managing-officer": "chief_executive",
    "receiver-and-manager": "trustee",
    "judicial-factor": "trustee",
}
_KNOWN_COMPANY_KEYS = frozenset(
    (
        "accounts annual_return branch_company_details can_file company_name "
        "company_number company_status company_status_detail confirmation_statement "
        "date_of_cessation date_of_creation etag external_registration_number "
        "foreign_company_details has_been_liquidated has_charges "
        "has_insolvency_history has_super_secure_pscs is_community_interest_company "
        "jurisdiction last_full_members_list_date links partial_data_available "
        "previous_company_names registered_office_address "
        "registered_office_is_in_dispute service_address sic_codes subtype type "
        "undeliverable_registered_office_address super_secure_managing_officer_count "
        "corporate_annotation kind"
    ).split()
)
_KNOWN_OFFICER_KEYS = frozenset(
    (
        "address appointed_before appointed_on contact_details country_of_residence "
        "date_of_birth etag former_names identification "
        "identity_verification_details is_pre_1992_appointment links name nationality "
        "occupation officer_role person_number principal_office_address resigned_on "
        "responsibilities"
    ).split()
)
_KNOWN_FILING_KEYS = frozenset(
    (
        "action_date annotations associated_filings barcode category date description "
        "description_values links pages paper_filed resolutions subcategory "
        "transaction_id type"
    ).split()
)


def parse(
    body: bytes, envelope: Envelope
) -> Iterator[RegistryEntity | RegistryRole | Announcement]:
    """Records of a payload, by its scope: entity, search, roles, owners or filings.

    Raises:
        ParseRefused: the payload is not what the register serves for the scope.
    """
    url = envelope.url
    payload = mapping(
        read_json(body, envelope.content_type, url), f"The payload of {url}"
    )
    if envelope.scope == "entity":
        yield _company(payload, url)
    elif envelope.scope == "search":
        for item in _items(payload, url):
            yield _found(mapping(item, f"A hit of {url}"), url)
    elif envelope.scope in ("roles", "owners"):
        number = _number_in(url)
        read = _officer if envelope.scope == "roles" else _owner
        roles = {
            read(mapping(item, f"A role of {url}"), number, url)
            for item in _items(payload, url)
        }
        # The register's order changes with every appointment.
        yield from sorted(
            roles,
            key=lambda r: (
                r.role_code,
                r.holder_key,
                str(r.appointed_on),
                str(r.resigned_on),
            ),
        )
    elif envelope.scope == "filings":
        for item in _items(payload, url):
            yield _filing(mapping(item, f"A filing of {url}"), _number_in(url), url)
    else:
        raise ParseRefused(
            f"The scope {envelope.scope!r} of {url} is not one of entity, search,"
            " roles, owners, filings."
        )


def _items(payload: Mapping[str, Any], url: str) -> list[Any]:
    if "items" not in payload:
        raise ParseRefused(f"The payload of {url} has no items.")
    return array(payload["items"], f"items of {url}")


def _number_in(url: str) -> str:
    found = _NUMBER_IN_URL.search(url)
    if found is None:
        raise ParseRefused(f"The address {url} does not name the company.")
    return found[1]


# Companies


def _company(company: Mapping[str, Any], url: str) -> RegistryEntity:
    warn_unread("companies house company", company, _KNOWN_COMPANY_KEYS)
    disputed = company.get("registered_office_is_in_dispute") is True
    unreachable = company.get("undeliverable_registered_office_address") is True
    return _entity(
        company,
        name=string(company.get("company_name")),
        form=string(company.get("type")),
        address=company.get("registered_office_address"),
        codes=tuple(
            code
            for value in array(company.get("sic_codes"), f"sic_codes of {url}")
            if (code := string(value))
        ),
        remarks=("address_disputed",) * disputed
        + ("address_undeliverable",) * unreachable,
        url=url,
    )


def _found(hit: Mapping[str, Any], url: str) -> RegistryEntity:
    """A hit of a search, which knows less than the company's own page."""
    return _entity(
        hit,
        name=string(hit.get("title")),
        form=string(hit.get("company_type")),
        address=hit.get("address"),
        codes=(),
        remarks=(),
        url=url,
    )


def _entity(
    company: Mapping[str, Any],
    *,
    name: str | None,
    form: str | None,
    address: Any,
    codes: tuple[str, ...],
    remarks: tuple[str, ...],
    url: str,
) -> RegistryEntity:
    number = string(company.get("company_number"))
    if number is None or not is_british_number(number) or name is None:
        raise ParseRefused(f"A company of {url} lacks its number or its name.")
    status = string(company.get("company_status"))
    created = iso_day(company.get("date_of_creation"))
    return RegistryEntity(
        org_number=number,
        name=name,
        legal_form=form,
        industry_code=codes[0] if codes else None,
        industry_codes=codes,
        business_address=_address_line(address),
        municipality=None,
        employees=None,
        homepage=None,
        parent_org_number=None,
        founded_on=created,
        registered_on=created,
        is_bankrupt=status in _BANKRUPT,
        is_in_liquidation=status == "liquidation",
        is_deleted=status in _GONE,
        deleted_on=iso_day(company.get("date_of_cessation")),
        share_capital=None,
        purpose=None,
        remarks=remarks,
    )


def _address_line(address: Any) -> str | None:
    if not isinstance(address, dict):
        return None
    street = [
        text
        for key in ("premises", "address_line_1", "address_line_2")
        if (text := string(address.get(key)))
    ]
    place = [
        text
        for key in ("locality", "postal_code")
        if (text := string(address.get(key)))
    ]
    return ", ".join((*street, *place)) or None


# Officers and owners


def _officer(item: Mapping[str, Any], number: str, url: str) -> RegistryRole:
    warn_unread("companies house officer", item, _KNOWN_OFFICER_KEYS)
    role = string(item.get("officer_role"))
    written = string(item.get("name"))
    if role is None or written is None:
        raise ParseRefused(f"An officer of {url} lacks name or role.")
    is_company = role.startswith("corporate-") or "identification" in item
    registered = _at(item, "identification", "registration_number")
    name = written if is_company else _name(written)
    return RegistryRole(
        org_number=number,
        group_code="officers",
        role_code=role,
        role_class=_ROLE_CLASSES.get(role, "other"),
        holder_type="entity" if is_company else "person",
        holder_key=_officer_id(item) or _hashed(name, item),
        holder_name=name,
        holder_org_number=registered if is_company else None,
        is_resigned=item.get("resigned_on") is not None,
        group_changed_on=None,
        appointed_on=iso_day(item.get("appointed_on")),
        resigned_on=iso_day(item.get("resigned_on")),
    )


def _owner(item: Mapping[str, Any], number: str, url: str) -> RegistryRole:
    """A person with significant control, or a company that has it."""
    kind, name = string(item.get("kind")), string(item.get("name"))
    if kind is None or name is None:
        raise ParseRefused(f"An owner of {url} lacks name or kind.")
    is_person = kind.startswith("individual")
    registered = _at(item, "identification", "registration_number")
    return RegistryRole(
        org_number=number,
        group_code="owners",
        role_code=kind,
        role_class="owner",
        holder_type="person" if is_person else "entity",
        holder_key=_hashed(name, item),
        holder_name=name,
        holder_org_number=None if is_person else registered,
        is_resigned=item.get("ceased_on") is not None,
        group_changed_on=None,
        appointed_on=iso_day(item.get("notified_on")),
        resigned_on=iso_day(item.get("ceased_on")),
    )


def _at(item: Mapping[str, Any], *path: str) -> str | None:
    value: Any = item
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return string(value)


def _officer_id(item: Mapping[str, Any]) -> str | None:
    """The register's own id of the officer, the same in each of their companies."""
    link = _at(item, "links", "officer", "appointments") or ""
    found = re.fullmatch(r"/officers/([\w-]+)/appointments", link)
    return found[1] if found else None


def _hashed(name: str, item: Mapping[str, Any]) -> str:
    born = item.get("date_of_birth")
    written = (
        f"{born.get('year')}-{born.get('month')}" if isinstance(born, dict) else None
    )
    return holder_key(name, written)


def _name(written: str) -> str:
    """``TAYLOR, Christopher Jon`` in the order in which it is said."""
    last, comma, first = written.partition(", ")
    return f"{first} {last}" if comma else written


# Filings


def _filing(item: Mapping[str, Any], number: str, url: str) -> Announcement:
    """A filing by its form; the values of its description name people."""
    warn_unread("companies house filing", item, _KNOWN_FILING_KEYS)
    filing_id = string(item.get("transaction_id"))
    form, words = string(item.get("type")), string(item.get("description"))
    day = iso_day(item.get("date"))
    if filing_id is None or day is None:
        raise ParseRefused(f"A filing of {url} lacks its id or its date.")
    return Announcement(
        announcement_id=filing_id,
        category="filing",
        event_type=event_of(form, words),
        source_type=form,
        title=words,
        text=None,
        terms=terms_of(words.replace("-", " "), "en") if words else (),
        language="en",
        published_at=datetime(day.year, day.month, day.day),
        effective_on=iso_day(item.get("action_date")) or day,
        party_role="subject",
        party_org_number=number,
        party_name=None,
        amount=None,
        currency=None,
        corrects_id=None,
        announcement_url=f"{_SITE}/company/{number}/filing-history",
        is_detail=False,
    )
