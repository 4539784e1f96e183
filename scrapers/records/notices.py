"""Procurement notices, one record per party."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True)
class Notice:
    """One party of one notice; times are naive UTC, values in ``currency``."""

    KIND: ClassVar[str] = "notices"

    notice_id: str
    procedure_id: str | None
    notice_type: str
    source_type: str
    title: str | None
    description: str | None
    party_role: str
    party_org_number: str | None
    party_name: str | None
    cpv: tuple[str, ...]
    value: float | None
    currency: str | None
    published_at: datetime
    deadline_at: datetime | None
    duration_months: float | None
    is_detail: bool
