"""One attempt to fetch one address, and how it can end.

The row itself and its closed list of outcomes belong here; where rows are kept does
not (landing.py), nor who decides an outcome (middlewares/visits.py, classify.py).
"""

import hashlib
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import polars as pl

OUTCOMES = (
    "ok",
    "not_modified",
    "http_error",
    "timeout",
    "dns_error",
    "robots_denied",
    "blocked",
    "challenge",
    "consent_wall",
    "soft_404",
    "truncated",
    "too_large",
    "parse_empty",
    "refused_address",
    "opted_out",
    "tls_error",
    "redirect_loop",
)
# What an address is when it tells how a site may be visited.
RULE_SCOPES = frozenset(("robots", "reservation"))
# Outcomes after which an address is known to hold a payload of its own.
ANSWERED = frozenset(("ok", "not_modified"))


@dataclass(frozen=True, slots=True)
class Visit:
    """A row of the contract landing/visits; times are UTC without a zone."""

    visit_id: str
    source: str
    account_id: str | None
    scope: str
    url: str
    fetched_at: datetime
    outcome: str
    http_status: int | None
    content_type: str | None
    payload_digest: str | None
    etag: str | None
    last_modified: str | None
    n_bytes: int
    truncated: bool
    redirect_chain: tuple[str, ...]
    warc_file: str | None
    warc_offset: int | None

    def __post_init__(self) -> None:
        """Refuse an outcome that is not on the closed list."""
        if self.outcome not in OUTCOMES:
            raise ValueError(f"{self.outcome!r} is not an outcome of a visit")

    def row(self) -> dict[str, Any]:
        """The row as a dictionary, the redirect chain as a list."""
        row = {name: getattr(self, name) for name in _NAMES}
        row["redirect_chain"] = list(self.redirect_chain)
        return row


_NAMES = tuple(f.name for f in fields(Visit))

VISITS_SCHEMA: dict[str, pl.DataType] = {
    "visit_id": pl.String(),
    "source": pl.String(),
    "account_id": pl.String(),
    "scope": pl.String(),
    "url": pl.String(),
    "fetched_at": pl.Datetime("us"),
    "outcome": pl.String(),
    "http_status": pl.Int64(),
    "content_type": pl.String(),
    "payload_digest": pl.String(),
    "etag": pl.String(),
    "last_modified": pl.String(),
    "n_bytes": pl.Int64(),
    "truncated": pl.Boolean(),
    "redirect_chain": pl.List(pl.String()),
    "warc_file": pl.String(),
    "warc_offset": pl.Int64(),
}


def visit_from_row(row: dict[str, Any]) -> Visit:
    """The visit of a row read from Parquet or from the journal."""
    values = {name: row[name] for name in _NAMES}
    values["redirect_chain"] = tuple(row["redirect_chain"] or ())
    return Visit(**values)


def visit_id(
    source: str, account_id: str | None, url: str, fetched_at: datetime
) -> str:
    """32 hex digits of SHA-256 over what makes a visit the same visit."""
    parts = (
        source,
        account_id or "",
        url,
        fetched_at.isoformat(timespec="microseconds"),
    )
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def payload_digest(body: bytes) -> str:
    """The digest of a decoded payload, ``sha256:`` and 64 hex digits."""
    return f"sha256:{hashlib.sha256(body).hexdigest()}"
