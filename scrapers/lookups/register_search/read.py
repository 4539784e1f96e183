"""What an answer of Enhetsregisteret says of who a company is.

Only what tells one company from another is read here; what changes in a company over
time is the business of the source brreg_registry.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_ORG_NUMBER = re.compile(r"[0-9]{9}")
_HOST = re.compile(r"(?:[\w-]+\.)+[^\W\d_]{2,}")
_INSOLVENT = (
    "konkurs",
    "underAvvikling",
    "underTvangsavviklingEllerTvangsopplosning",
)


@dataclass(frozen=True)
class RegisterUnit:
    """One entity or sub-unit as the register identifies it."""

    org_number: str
    name: str
    former_names: tuple[str, ...]
    legal_form: str | None
    home_domain: str | None
    email_domain: str | None
    parent_org_number: str | None
    place: str | None
    employees: int | None
    is_gone: bool
    is_insolvent: bool


def register_units(body: bytes) -> tuple[RegisterUnit, ...]:
    """The units of an entity answer or of a search; none when it holds none."""
    try:
        document = json.loads(body, strict=False)
    except ValueError:
        return ()
    if not isinstance(document, dict):
        return ()
    embedded = document.get("_embedded")
    found: list[Any] = []
    if isinstance(embedded, dict):
        for key in ("enheter", "underenheter"):
            units = embedded.get(key)
            found += units if isinstance(units, list) else []
    elif "organisasjonsnummer" in document:
        found = [document]
    return tuple(unit for one in found if (unit := _unit(one)) is not None)


def _unit(value: Any) -> RegisterUnit | None:
    if not isinstance(value, dict):
        return None
    number, name = _text(value, "organisasjonsnummer"), _text(value, "navn")
    if number is None or name is None or not _ORG_NUMBER.fullmatch(number):
        return None
    former = value.get("historiskeNavn")
    address = value.get("forretningsadresse") or value.get("beliggenhetsadresse")
    form = value.get("organisasjonsform")
    email = _text(value, "epostadresse") or ""
    employees = value.get("antallAnsatte")
    return RegisterUnit(
        org_number=number,
        name=name,
        former_names=tuple(
            told
            for one in (former if isinstance(former, list) else [])
            if isinstance(one, dict) and (told := _text(one, "navn"))
        ),
        legal_form=_text(form, "kode") if isinstance(form, dict) else None,
        home_domain=domain_in(_text(value, "hjemmeside") or ""),
        email_domain=domain_in(email.rpartition("@")[2]) if "@" in email else None,
        parent_org_number=_text(value, "overordnetEnhet"),
        place=_text(address, "poststed") if isinstance(address, dict) else None,
        employees=employees if isinstance(employees, int) else None,
        is_gone=any(key in value for key in ("slettedato", "nedleggelsesdato"))
        or value.get("respons_klasse") == "SlettetEnhet",
        is_insolvent=any(value.get(key) is True for key in _INSOLVENT),
    )


def _text(value: Mapping[str, Any], key: str) -> str | None:
    text = value.get(key)
    return text.strip() if isinstance(text, str) and text.strip() else None


def domain_in(text: str) -> str | None:
    """The domain of a home page as somebody wrote it, without www; None for none."""
    spelt = text.strip().lower()
    if "//" not in spelt:
        spelt = f"//{spelt}"
    try:
        host = (urlsplit(spelt).hostname or "").rstrip(".").removeprefix("www.")
    except ValueError:
        return None
    return host if _HOST.fullmatch(host) else None
