"""Announcements: press, news, stock exchange, register and public money."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

CATEGORIES = ("press", "news", "stock_exchange", "registry", "filing", "public_money")
# What a register says of a company, whatever the country: categories registry, filing.
REGISTRY_EVENTS = (
    "registered",
    "merger_decided",
    "merger_completed",
    "demerger_decided",
    "demerger_completed",
    "conversion_decided",
    "reversal",
    "capital_increased",
    "capital_reduced",
    "capital_changed",
    "share_authorisation",
    "bankruptcy_opened",
    "bankruptcy_pending",
    "bankruptcy_closed",
    "restructuring_opened",
    "insolvency_step",
    "compulsory_dissolution",
    "dissolution_warning",
    "dissolution_decided",
    "deletion",
    "name_changed",
    "address_changed",
    "purpose_changed",
    "articles_changed",
    "management_changed",
    "board_changed",
    "signature_changed",
    "auditor_changed",
    "accounts_approved",
    "accounts_filed",
    "annual_statement",
    "ownership_changed",
    "charge_registered",
    "charge_satisfied",
    "creditor_notice",
    "correction",
)


@dataclass(frozen=True)
class Statement:
    """One claim of a press text, with the words that make it.

    ``subject`` is the company it is said of, null where who speaks means itself;
    ``object`` what it is about: a place, a technology, another company. ``person`` and
    ``title`` are a public role taken or left.
    """

    claim: str
    subject: str | None
    object: str | None
    person: str | None
    title: str | None
    quote: str


@dataclass(frozen=True)
class Announcement:
    """One party of one announcement; times are naive UTC, amounts in ``currency``.

    ``event_type`` is a class the publisher itself states (a register's kind of entry),
    never one guessed from the text: what the words of title and text claim stands in
    ``event_claims``, the companies they name in ``claimed_parties``, and what the
    publisher states of itself and of its leading posts in ``statements``.
    ``party_role`` is ``publisher`` for who speaks,
    ``subject`` for whom it is about, ``counterparty`` or ``recipient``.
    """

    KIND: ClassVar[str] = "announcements"

    announcement_id: str
    category: str
    event_type: str | None
    source_type: str | None
    title: str | None
    text: str | None
    terms: tuple[str, ...]
    language: str | None
    published_at: datetime | None
    effective_on: date | None
    party_role: str
    party_org_number: str | None
    party_name: str | None
    amount: float | None
    currency: str | None
    corrects_id: str | None
    announcement_url: str | None
    is_detail: bool
    event_claims: tuple[str, ...] = ()
    claimed_parties: tuple[str, ...] = ()
    statements: tuple[Statement, ...] = ()
