"""Job advertisements, from a company's own pages and from feeds."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True)
class JobAd:
    """One advertisement as one payload shows it; times are naive UTC."""

    KIND: ClassVar[str] = "job_ads"

    ad_id: str
    ad_status: str
    title: str | None
    employer_name: str | None
    employer_org_number: str | None
    place: str | None
    description: str | None
    terms: tuple[str, ...]
    department: str | None
    posted_at: datetime | None
    expires_at: datetime | None
    modified_at: datetime | None
    ad_url: str | None
    apply_url: str | None
    is_listing: bool
