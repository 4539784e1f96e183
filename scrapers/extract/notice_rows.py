"""Rows of the kind notices: one per party, numbers resolved, foreign ones kept apart.

What publishers of notices share belongs here; how one of them writes does not.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scrapers.extract.countries import country_code, is_norwegian
from scrapers.extract.eforms import EformsNotice, Party
from scrapers.extract.html import clean
from scrapers.extract.json_body import number, string
from scrapers.extract.organisation_numbers import organisation_number
from scrapers.extract.refusal import ParseRefused
from scrapers.records import Notice

_MAX_DESCRIPTION = 4000
_NORWEGIAN_MARK = re.compile(r"^NO[\s.:-]?\d|MVA$", re.IGNORECASE)
_LONGEST_NUMBER = 100
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class RowParty:
    """A party as a row holds it."""

    role: str
    org_number: str | None
    foreign_number: str | None
    name: str | None
    country: str | None
    lot_ids: tuple[str, ...]


def party_numbers(
    written: str | None, country: str | None
) -> tuple[str | None, str | None]:
    """The Norwegian number of a party, or its foreign or unreadable one as written.

    Nine digits that happen to pass the check are no Norwegian number when the party
    sits in another country, unless they are marked as one (NO ... MVA).
    """
    if not written:
        return None, None
    found = organisation_number(written)
    is_ours = is_norwegian(country) is not False or _NORWEGIAN_MARK.search(written)
    if found is not None and is_ours:
        return found, None
    return None, written[:_LONGEST_NUMBER]


def row_parties(
    buyers: Iterable[Party], winners: Iterable[Party]
) -> Iterator[RowParty]:
    """Buyers and winners, each once; a notice of nobody has one unnamed buyer."""
    seen: dict[RowParty, None] = {}
    for role, parties in (("buyer", buyers), ("winner", winners)):
        for party in parties:
            country = country_code(party.country)
            ours, foreign = party_numbers(party.company_id, country)
            lots = party.lot_ids if role == "winner" else ()
            seen.setdefault(RowParty(role, ours, foreign, party.name, country, lots))
    yield from seen or {RowParty("buyer", None, None, None, None, ()): None}


def tidy(value: Any) -> str | None:
    """A text on one line without control characters, or None.

    Buyers paste them into their texts, and publishers pass them on.
    """
    return clean(_CONTROL.sub(" ", string(value) or "")) or None


def cut_description(value: Any) -> str | None:
    """A description without control characters, no longer than a row holds."""
    text = _CONTROL.sub("", string(value) or "")
    return text[:_MAX_DESCRIPTION] or None


def amount(value: Any) -> float | None:
    """A number that is no less than nothing, or None."""
    found = number(value)
    return found if found is not None and found >= 0 else None


def currency(value: Any) -> str | None:
    """A currency code, or None."""
    code = string(value)
    return code if code and re.fullmatch(r"[A-Z]{3}", code) else None


def eforms_rows(
    notice: EformsNotice, notice_id: str | None, url: str
) -> Iterator[Notice]:
    """Rows of a full notice, known to its publisher as ``notice_id``.

    Raises:
        ParseRefused: there is no id, or no date of publication or issue.
    """
    notice_id = notice_id or notice.publication_number or notice.notice_uuid
    if notice_id is None or notice.published_at is None:
        raise ParseRefused(f"The notice of {url} lacks its id or its date of issue.")
    published_at: datetime = notice.published_at
    for party in row_parties(notice.buyers, notice.winners):
        yield Notice(
            notice_id=notice_id,
            notice_uuid=notice.notice_uuid,
            procedure_id=notice.procedure_id,
            corrects_notice=notice.corrects_notice,
            follows_notices=notice.follows_notices,
            notice_type=notice.notice_type,
            source_type=notice.type_code or notice.form,
            title=notice.title,
            description=cut_description(notice.description),
            party_role=party.role,
            party_org_number=party.org_number,
            party_foreign_number=party.foreign_number,
            party_name=party.name,
            party_country=party.country,
            lot_ids=party.lot_ids,
            cpv=notice.cpv,
            value=notice.value,
            currency=notice.currency,
            published_at=published_at,
            deadline_at=notice.deadline_at,
            request_deadline_at=notice.request_deadline_at,
            contract_start_on=notice.contract_start_on,
            contract_end_on=notice.contract_end_on,
            concluded_on=notice.concluded_on,
            duration_months=notice.duration_months,
            renewals=notice.renewals,
            is_framework=notice.is_framework,
            is_detail=True,
        )
