"""Technologies that a payload shows to be used, or mentions."""

from dataclasses import dataclass
from typing import ClassVar

EVIDENCE = ("header", "cookie", "script", "markup", "job_text", "page_text")


@dataclass(frozen=True)
class Technology:
    """One technology by one kind of evidence.

    ``is_used``: a mark of it is there, or the text says that the company uses it;
    false when a text merely mentions it. ``is_phased_out``: the text says that the
    company is leaving it. ``ad_id``: the advertisement whose text it is.
    """

    KIND: ClassVar[str] = "technologies"

    name: str
    category: str
    evidence: str
    is_used: bool
    is_phased_out: bool
    quote: str
    ad_id: str | None
