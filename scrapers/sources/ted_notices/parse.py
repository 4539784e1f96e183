"""Notices of TED: hits of the search interface (version 3) and full notices.

Fields of a hit are asked for by the spider and may be missing; a field in several
languages is a map by language. Which notices matter to whom is not decided here.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from scrapers.envelope import Envelope
from scrapers.extract.dates import iso_day
from scrapers.extract.eforms import (
    Party,
    notice_reference,
    notice_type_of,
    read_eforms,
)
from scrapers.extract.json_body import (
    array,
    mapping,
    read_json,
    warn_unread,
)
from scrapers.extract.notice_rows import (
    amount,
    currency,
    eforms_rows,
    row_parties,
    tidy,
)
from scrapers.extract.refusal import ParseRefused
from scrapers.records import Notice

PARSER_VERSION = "1"

_LOG = logging.getLogger(__name__)
_NUMBER = re.compile(r"/notice/(\d{1,8}-\d{4})/xml")
_LANGUAGES = ("nob", "nor", "nno", "eng")
_KNOWN_FIELDS = frozenset(
    [
        "publication-number",
        "publication-date",
        "notice-identifier",
        "procedure-identifier",
        "notice-type",
        "form-type",
        "notice-title",
        "title-proc",
        "buyer-name",
        "buyer-country",
        "organisation-identifier-buyer",
        "winner-name",
        "winner-country",
        "winner-identifier",
        "classification-cpv",
        "deadline-receipt-request",
        "deadline-receipt-tender-date-lot",
        "estimated-value-proc",
        "estimated-value-cur-proc",
        "total-value",
        "total-value-cur",
        "links",
    ]
)


def parse(body: bytes, envelope: Envelope) -> Iterator[Notice]:
    """Notices of a search answer (scope ``search``) or one notice (``notice``).

    Raises:
        ParseRefused: the payload is not what the service gives for the scope.
    """
    if envelope.scope == "search":
        payload = mapping(
            read_json(body, envelope.content_type, envelope.url),
            f"The payload of {envelope.url}",
        )
        if "notices" not in payload:
            raise ParseRefused(f"The search answer of {envelope.url} has no notices.")
        for hit in array(payload["notices"], f"notices of {envelope.url}"):
            yield from _hit_rows(
                mapping(hit, f"A notice of {envelope.url}"), envelope.url
            )
    elif envelope.scope == "notice":
        found = _NUMBER.search(envelope.url)
        number = notice_reference(found[1]) if found else None
        yield from eforms_rows(read_eforms(body, envelope.url), number, envelope.url)
    else:
        raise ParseRefused(
            f"The scope {envelope.scope!r} of {envelope.url} is not one of search,"
            " notice."
        )


def _hit_rows(hit: Mapping[str, Any], url: str) -> Iterator[Notice]:
    warn_unread("ted search hit", hit, _KNOWN_FIELDS)
    number = notice_reference(_one(hit, "publication-number") or "")
    published_on = iso_day(_one(hit, "publication-date"))
    source_type = _one(hit, "notice-type")
    if number is None or published_on is None or source_type is None:
        raise ParseRefused(
            f"A notice of {url} lacks its publication number, date or type."
        )
    value, value_currency = _value(hit)
    buyers = _parties(
        hit, "buyer-name", "organisation-identifier-buyer", "buyer-country"
    )
    winners = _parties(hit, "winner-name", "winner-identifier", "winner-country")
    for party in row_parties(buyers, winners):
        yield Notice(
            notice_id=number,
            notice_uuid=_identifier(hit, "notice-identifier"),
            procedure_id=_identifier(hit, "procedure-identifier"),
            # A notice that changes another says so in its full text only.
            corrects_notice=None,
            follows_notices=(),
            notice_type=_notice_type(source_type),
            source_type=source_type,
            title=_title(hit),
            description=None,
            party_role=party.role,
            party_org_number=party.org_number,
            party_foreign_number=party.foreign_number,
            party_name=party.name,
            party_country=party.country,
            lot_ids=party.lot_ids,
            cpv=tuple(dict.fromkeys(_many(hit.get("classification-cpv")))),
            value=value,
            currency=value_currency,
            published_at=_midnight(published_on),
            deadline_at=_first_day(
                hit, "deadline-receipt-tender-date-lot", "deadline-receipt-request"
            ),
            request_deadline_at=None,
            contract_start_on=None,
            contract_end_on=None,
            concluded_on=None,
            duration_months=None,
            renewals=None,
            is_framework=None,
            is_detail=False,
        )


def _notice_type(source_type: str) -> str:
    found = notice_type_of(source_type, None)
    if found is None:
        _LOG.warning("ted notice type not known: %s", source_type)
    return found or "other"


def _many(value: Any) -> list[str]:
    """The texts of a field: a text, a list, or the best language of a map of them."""
    if isinstance(value, dict):
        languages = [code for code in _LANGUAGES if code in value] or sorted(value)
        return _many(value[languages[0]]) if languages else []
    items = value if isinstance(value, list) else [value]
    texts = (
        tidy(str(item) if isinstance(item, int | float) else item)
        for item in items
        if not isinstance(item, bool)
    )
    return [text for text in texts if text]


def _one(hit: Mapping[str, Any], field: str) -> str | None:
    return next(iter(_many(hit.get(field))), None)


def _identifier(hit: Mapping[str, Any], field: str) -> str | None:
    text = _one(hit, field)
    return text.lower() if text else None


def _title(hit: Mapping[str, Any]) -> str | None:
    """The buyer's own title; TED's is put together of country, subject and it."""
    return _one(hit, "title-proc") or _one(hit, "notice-title")


def _parties(
    hit: Mapping[str, Any], names: str, numbers: str, countries: str
) -> Iterator[Party]:
    """Names and numbers come as two lists; they are of one another when as long.

    A number without its name still says who it is; a name alone says who may be.
    """
    named, numbered = _many(hit.get(names)), _many(hit.get(numbers))
    countries_of = _many(hit.get(countries))
    only = countries_of[0] if len(set(countries_of)) == 1 else None
    if len(named) == len(numbered):
        for position, (name, number) in enumerate(zip(named, numbered, strict=True)):
            is_paired = len(countries_of) == len(named)
            yield Party(name, number, countries_of[position] if is_paired else only)
        return
    for number in numbered:
        yield Party(named[0] if len(set(named)) == 1 else None, number, only)
    if len(set(named)) > 1 or not numbered:
        for name in named:
            yield Party(name, None, only)


def _value(hit: Mapping[str, Any]) -> tuple[float | None, str | None]:
    for field, currency_field in (
        ("total-value", "total-value-cur"),
        ("estimated-value-proc", "estimated-value-cur-proc"),
    ):
        text = _one(hit, field)
        if text and re.fullmatch(r"\d{1,15}(?:\.\d{1,6})?", text):
            return amount(float(text)), currency(_one(hit, currency_field))
    return None, None


def _first_day(hit: Mapping[str, Any], *fields: str) -> datetime | None:
    for field in fields:
        days = [iso_day(text) for text in _many(hit.get(field))]
        if found := [day for day in days if day is not None]:
            return _midnight(min(found))
    return None


def _midnight(day: Any) -> datetime:
    return datetime(day.year, day.month, day.day)
