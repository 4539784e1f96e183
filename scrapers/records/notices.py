"""Procurement notices, one record per party."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar


@dataclass(frozen=True)
class Notice:
    """One party of one notice; times are naive UTC, values in ``currency``.

    ``notice_uuid`` and ``procedure_id`` are the same with every publisher of a notice.
    ``corrects_notice`` is the notice this one changes, ``follows_notices`` those it
    builds upon; both as ``notice_uuid`` with a version, or as a publisher's id.
    """

    KIND: ClassVar[str] = "notices"

    notice_id: str
    notice_uuid: str | None
    procedure_id: str | None
    corrects_notice: str | None
    follows_notices: tuple[str, ...]
    notice_type: str
    source_type: str
    title: str | None
    description: str | None
    party_role: str
    party_org_number: str | None
    party_foreign_number: str | None
    party_name: str | None
    party_country: str | None
    lot_ids: tuple[str, ...]
    cpv: tuple[str, ...]
    value: float | None
    currency: str | None
    published_at: datetime
    deadline_at: datetime | None
    request_deadline_at: datetime | None
    contract_start_on: date | None
    contract_end_on: date | None
    concluded_on: date | None
    duration_months: float | None
    renewals: int | None
    is_framework: bool | None
    is_detail: bool
