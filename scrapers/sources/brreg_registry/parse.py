"""Entities, sub-units and roles of the Norwegian business register.

Reads the version 2 media types in the shapes of the interface and of the nightly
bulk file, which differ for the same unchanged entity; of the update feeds only
whether they are what they should be. What changed between two readings is not decided
here.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from scrapers.envelope import Envelope
from scrapers.extract.dates import iso_day
from scrapers.extract.holder_key import holder_key
from scrapers.extract.json_body import (
    array,
    count,
    mapping,
    number,
    read_json,
    string,
    warn_unread,
)
from scrapers.extract.refusal import ParseRefused
from scrapers.records import RegistryEntity, RegistryRole
from scrapers.sources.brreg_registry.bulk import bulk_units
from scrapers.sources.brreg_registry.updates import FEED_OF_SCOPE, read_updates

PARSER_VERSION = "2"

_ORG_NUMBER = re.compile(r"[0-9]{9}")
_ORG_NUMBER_IN_URL = re.compile(r"/(?:under)?enheter/([0-9]{9})(?:/|$|\?)")
_ONLY_UNITS = re.compile(r"#organisasjonsnummer=([0-9,]*)$")
_ENTITY_SCOPES = ("entity", "sub_unit", "sub_units")
_ROLE_CLASSES = {
    "LEDE": "chair",
    "NEST": "deputy_chair",
    "MEDL": "board_member",
    "VARA": "deputy_member",
    "OBS": "observer",
    "DAGL": "chief_executive",
    "REVI": "auditor",
    "REGN": "accountant",
    "INNH": "owner",
    "DTSO": "partner",
    "DTPR": "partner",
    "KOMP": "partner",
    "BOBE": "trustee",
    "KONT": "contact",
}

_LIQUIDATION_FLAGS = ("underAvvikling", "underTvangsavviklingEllerTvangsopplosning")
_LIQUIDATION_DATES = (
    "underAvviklingDato",
    "tvangsavvikletPgaManglendeSlettingDato",
    "tvangsopplostPgaManglendeDagligLederDato",
    "tvangsopplostPgaManglendeRevisorDato",
    "tvangsopplostPgaManglendeRegnskapDato",
    "tvangsopplostPgaMangelfulltStyreDato",
)
_KNOWN_ENTITY_KEYS = frozenset(
    (
        *_LIQUIDATION_FLAGS,
        *_LIQUIDATION_DATES,
        *[
            "organisasjonsnummer",
            "navn",
            "organisasjonsform",
            "historiskeNavn",
            "hjemmeside",
            "epostadresse",
            "telefon",
            "mobil",
            "registreringsdatoEnhetsregisteret",
            "stiftelsesdato",
            "registrertIMvaregisteret",
            "registreringsdatoMerverdiavgiftsregisteret",
            "registreringsdatoMerverdiavgiftsregisteretEnhetsregisteret",
            "registreringsdatoFrivilligMerverdiavgiftsregisteret",
            "frivilligMvaRegistrertBeskrivelser",
            "naeringskode1",
            "naeringskode2",
            "naeringskode3",
            "hjelpeenhetskode",
            "antallAnsatte",
            "harRegistrertAntallAnsatte",
            "registreringsdatoAntallAnsatteEnhetsregisteret",
            "registreringsdatoAntallAnsatteNAVAaregisteret",
            "registreringsdatoAntallAnsatteNavAaregisteret",
            "forretningsadresse",
            "postadresse",
            "beliggenhetsadresse",
            "institusjonellSektorkode",
            "registrertIForetaksregisteret",
            "registreringsdatoForetaksregisteret",
            "registrertIStiftelsesregisteret",
            "registrertIFrivillighetsregisteret",
            "registreringsdatoFrivillighetsregisteret",
            "registrertIPartiregisteret",
            "registreringsdatoPartiregisteret",
            "sisteInnsendteAarsregnskap",
            "konkurs",
            "konkursdato",
            "underRekonstruksjonsforhandlingDato",
            "underUtenlandskInsolvensbehandlingDato",
            "maalform",
            "vedtektsdato",
            "vedtektsfestetFormaal",
            "aktivitet",
            "kapital",
            "overordnetEnhet",
            "erIKonsern",
            "fravalgRevisjonDato",
            "fravalgRevisjonBeslutningsDato",
            "paategninger",
            "respons_klasse",
            "slettedato",
            "oppstartsdato",
            "nedleggelsesdato",
            "datoEierskifte",
            "_links",
            "links",
        ],
    )
)
_KNOWN_GROUP_KEYS = frozenset(("type", "sistEndret", "roller", "_links", "links"))
_KNOWN_ROLE_KEYS = frozenset(
    [
        "type",
        "person",
        "enhet",
        "valgtAv",
        "ansvarsandel",
        "fratraadt",
        "avregistrert",
        "rekkefolge",
        "_links",
        "links",
    ]
)


def parse(body: bytes, envelope: Envelope) -> Iterator[RegistryEntity | RegistryRole]:
    """Entities or role holders of a payload, by its scope.

    ``entity``, ``sub_unit`` and ``sub_units`` are answers of the interface, ``bulk`` is
    the nightly file, ``roles`` a list of role holders, which comes sorted because the
    register's order is not stable. A bulk file is limited to the units that its address
    names as ``#organisasjonsnummer=1,2``. A page of an update feed has no records: what
    it names is fetched.

    Raises:
        ParseRefused: the payload is not what the register serves for the scope.
    """
    if envelope.scope == "bulk":
        only = _ONLY_UNITS.search(envelope.url)
        wanted = frozenset(only[1].split(",")) if only else None
        for unit in bulk_units(body, wanted, envelope.url):
            yield _entity(unit, envelope.url)
        return
    payload = read_json(body, envelope.content_type, envelope.url)
    if envelope.scope == "roles":
        yield from _roles(payload, envelope)
    elif envelope.scope in _ENTITY_SCOPES:
        for entity in _entities(payload, envelope.url):
            yield _entity(entity, envelope.url)
    elif envelope.scope in FEED_OF_SCOPE:
        read_updates(payload, FEED_OF_SCOPE[envelope.scope], envelope.url)
    else:
        scopes = ", ".join((*_ENTITY_SCOPES, "bulk", "roles", *FEED_OF_SCOPE))
        raise ParseRefused(
            f"The scope {envelope.scope!r} of {envelope.url} is not one of {scopes}."
        )


def withdrawn_unit(url: str, http_status: int | None) -> str | None:
    """The unit an answer removes from open data (410): its records must go here too."""
    found = _ORG_NUMBER_IN_URL.search(url)
    return found[1] if found and http_status == 410 else None


def _entities(payload: Any, url: str) -> list[Any]:
    if isinstance(payload, list):
        return payload
    payload = mapping(payload, f"The payload of {url}")
    if "_embedded" in payload:
        embedded = mapping(payload["_embedded"], f"_embedded of {url}")
        return [
            entity
            for key in ("enheter", "underenheter")
            for entity in array(embedded.get(key), f"_embedded.{key} of {url}")
        ]
    if "page" in payload and "organisasjonsnummer" not in payload:
        # A search without hits has no _embedded at all.
        return []
    return [payload]


def _entity(value: Any, url: str) -> RegistryEntity:
    entity = mapping(value, f"An entity of {url}")
    org_number = _org_number(entity.get("organisasjonsnummer"))
    name = string(entity.get("navn"))
    if org_number is None or name is None:
        raise ParseRefused(
            f"An entity of {url} lacks its organisation number or its name."
        )
    warn_unread(f"brreg entity {org_number}", entity, _KNOWN_ENTITY_KEYS)
    codes = tuple(
        code
        for key in ("naeringskode1", "naeringskode2", "naeringskode3")
        if (code := _code(entity.get(key))) is not None
    )
    address = entity.get("forretningsadresse") or entity.get("beliggenhetsadresse")
    deleted_on = iso_day(entity.get("slettedato"))
    closed_on = iso_day(entity.get("nedleggelsesdato"))
    capital = entity.get("kapital")
    return RegistryEntity(
        org_number=org_number,
        name=name,
        legal_form=_code(entity.get("organisasjonsform")),
        industry_code=codes[0] if codes else None,
        industry_codes=codes,
        business_address=_address_line(address),
        municipality=string(address.get("kommunenummer"))
        if isinstance(address, dict)
        else None,
        employees=count(entity.get("antallAnsatte")),
        homepage=string(entity.get("hjemmeside")),
        parent_org_number=_org_number(entity.get("overordnetEnhet")),
        founded_on=iso_day(entity.get("stiftelsesdato"))
        or iso_day(entity.get("oppstartsdato")),
        registered_on=iso_day(entity.get("registreringsdatoEnhetsregisteret")),
        is_bankrupt=entity.get("konkurs") is True
        or iso_day(entity.get("konkursdato")) is not None,
        is_in_liquidation=any(entity.get(key) is True for key in _LIQUIDATION_FLAGS)
        or any(iso_day(entity.get(key)) is not None for key in _LIQUIDATION_DATES),
        is_deleted=entity.get("slettedato") is not None
        or entity.get("respons_klasse") == "SlettetEnhet"
        or closed_on is not None,
        deleted_on=deleted_on or closed_on,
        share_capital=_amount(capital.get("belop"))
        if isinstance(capital, dict)
        else None,
        purpose=_joined(entity.get("vedtektsfestetFormaal"))
        or _joined(entity.get("aktivitet")),
        remarks=tuple(sorted(_remarks(entity.get("paategninger")))),
    )


def _org_number(value: Any) -> str | None:
    text = str(value) if isinstance(value, int) else string(value)
    return text if text and _ORG_NUMBER.fullmatch(text) else None


def _code(value: Any) -> str | None:
    return string(value.get("kode")) if isinstance(value, dict) else None


def _address_line(address: Any) -> str | None:
    if not isinstance(address, dict):
        return None
    lines = address.get("adresse")
    street = [
        text
        for line in (lines if isinstance(lines, list) else [lines])
        if (text := string(line)) is not None
    ]
    place = " ".join(
        text
        for key in ("postnummer", "poststed")
        if (text := string(address.get(key))) is not None
    )
    country = string(address.get("landkode"))
    parts = [*street, place, country if country and country != "NO" else ""]
    return ", ".join(part for part in parts if part) or None


def _amount(value: Any) -> float | None:
    if isinstance(value, str):
        if not re.fullmatch(r"\d{1,15}(?:\.\d{1,6})?", value.strip()):
            return None
        value = float(value)
    amount = number(value)
    return amount if amount is not None and amount >= 0 else None


def _joined(value: Any) -> str | None:
    lines = value if isinstance(value, list) else [value]
    return " ".join(text for line in lines if (text := string(line))) or None


def _remarks(value: Any) -> set[str]:
    return {
        code
        for remark in (value if isinstance(value, list) else [])
        if isinstance(remark, dict) and (code := string(remark.get("infotype")))
    }


def _roles(payload: Any, envelope: Envelope) -> Iterator[RegistryRole]:
    payload = mapping(payload, f"The payload of {envelope.url}")
    if "rollegrupper" not in payload:
        raise ParseRefused(f"The payload of {envelope.url} has no rollegrupper.")
    found = _ORG_NUMBER_IN_URL.search(envelope.url)
    if not found:
        raise ParseRefused(
            f"The address {envelope.url} does not name the entity of the roles."
        )
    roles = {
        role
        for group in array(payload["rollegrupper"], f"rollegrupper of {envelope.url}")
        for role in _group_roles(group, found.group(1), envelope.url)
    }
    yield from sorted(
        roles,
        key=lambda role: (
            role.group_code,
            role.role_code,
            role.holder_key,
            role.is_resigned,
            role.holder_name,
            str(role.group_changed_on),
        ),
    )


def _group_roles(value: Any, org_number: str, url: str) -> Iterator[RegistryRole]:
    group = mapping(value, f"A role group of {url}")
    warn_unread(f"brreg role group of {org_number}", group, _KNOWN_GROUP_KEYS)
    group_code = _code(group.get("type"))
    for item in array(group.get("roller"), f"roller of {url}"):
        role = mapping(item, f"A role of {url}")
        warn_unread(f"brreg role of {org_number}", role, _KNOWN_ROLE_KEYS)
        role_code = _code(role.get("type"))
        if group_code is None or role_code is None:
            raise ParseRefused(f"A role of {url} lacks its code.")
        resigned = role.get("fratraadt") is True or role.get("avregistrert") is True
        holder = _holder(role)
        if holder is None:
            raise ParseRefused(f"A role {role_code} of {url} has no readable holder.")
        holder_type, key, name, holder_org_number = holder
        yield RegistryRole(
            org_number=org_number,
            group_code=group_code,
            role_code=role_code,
            role_class=_ROLE_CLASSES.get(role_code, "other"),
            holder_type=holder_type,
            holder_key=key,
            holder_name=name,
            holder_org_number=holder_org_number,
            is_resigned=resigned,
            group_changed_on=iso_day(group.get("sistEndret")),
            appointed_on=None,
            resigned_on=None,
        )


def _holder(role: Mapping[str, Any]) -> tuple[str, str, str, str | None] | None:
    """Type, key, name and organisation number of a role's holder."""
    person, entity = role.get("person"), role.get("enhet")
    if isinstance(person, dict):
        parts = person.get("navn")
        parts = parts if isinstance(parts, dict) else {"fornavn": parts}
        name = " ".join(
            text
            for key in ("fornavn", "mellomnavn", "etternavn")
            if (text := string(parts.get(key))) is not None
        )
        if not name:
            return None
        return "person", holder_key(name, string(person.get("fodselsdato"))), name, None
    if isinstance(entity, dict):
        org_number = _org_number(entity.get("organisasjonsnummer"))
        entity_name = _joined(entity.get("navn"))
        if org_number is None:
            return None
        return "entity", org_number, entity_name or org_number, org_number
    return None
