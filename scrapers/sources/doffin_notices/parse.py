"""Procurement notices: hits of the search interface and full notices in eForms XML.

One record per party of a notice. Which notices matter to whom is not decided here.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from typing import Any

from scrapers.envelope import Envelope
from scrapers.extract.dates import iso_instant
from scrapers.extract.eforms import Party, read_eforms
from scrapers.extract.json_body import (
    array,
    mapping,
    read_json,
    string,
    warn_unread,
)
from scrapers.extract.notice_rows import (
    amount,
    currency,
    cut_description,
    eforms_rows,
    row_parties,
    tidy,
)
from scrapers.extract.refusal import ParseRefused
from scrapers.records import Notice

PARSER_VERSION = "2"

_LOG = logging.getLogger(__name__)
_DOFFIN_ID = re.compile(r"/(?:download|notices?)/(\d{4}-\d{4,9})(?:[/?#]|$)")
_NOTICE_TYPES = {
    "ADVISORY_NOTICE": "market_dialogue",
    "PRE_ANNOUNCEMENT": "planning",
    "NOTICE_ON_BUYER_PROFILE": "planning",
    "ANNOUNCEMENT_OF_COMPETITION": "competition",
    "DYNAMIC_PURCHASING_SCHEME": "competition",
    "QUALIFICATION_SCHEME": "competition",
    "ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT": "award",
    "ANNOUNCEMENT_OF_INTENT": "intention",
}
_NOTICE_TYPE_PREFIXES = (
    ("CANCELLED_OR_MISSING", "cancelled"),
    ("CHANGE_OF_CONCLUSION", "change"),
)
_KNOWN_HIT_KEYS = frozenset(
    [
        "id",
        "buyer",
        "heading",
        "description",
        "locationId",
        "estimatedValue",
        "type",
        "allTypes",
        "status",
        "issueDate",
        "deadline",
        "publicationDate",
        "receivedTenders",
        "allReceivedTenders",
        "cpvCodes",
        "limitedDataFlag",
        "doffinClassicUrl",
        "lots",
    ]
)


def parse(body: bytes, envelope: Envelope) -> Iterator[Notice]:
    """Notices of a search answer (scope ``search``) or one notice (``notice``).

    A notice without any named party comes as one row with an unnamed buyer.

    Raises:
        ParseRefused: the payload is not what the service gives for the scope.
    """
    if envelope.scope == "search":
        payload = mapping(
            read_json(body, envelope.content_type, envelope.url),
            f"The payload of {envelope.url}",
        )
        if "hits" not in payload:
            raise ParseRefused(f"The search answer of {envelope.url} has no hits.")
        for hit in array(payload["hits"], f"hits of {envelope.url}"):
            yield from _hit_rows(mapping(hit, f"A hit of {envelope.url}"), envelope.url)
    elif envelope.scope == "notice":
        notice = read_eforms(body, envelope.url)
        from_url = _DOFFIN_ID.search(envelope.url)
        notice_id = from_url.group(1) if from_url else None
        yield from eforms_rows(notice, notice_id, envelope.url)
    else:
        raise ParseRefused(
            f"The scope {envelope.scope!r} of {envelope.url} is not one of search,"
            " notice."
        )


def _hit_rows(hit: Mapping[str, Any], url: str) -> Iterator[Notice]:
    warn_unread("doffin search hit", hit, _KNOWN_HIT_KEYS)
    notice_id = string(hit.get("id"))
    source_type = string(hit.get("type"))
    published_at = iso_instant(hit.get("publicationDate")) or iso_instant(
        hit.get("issueDate")
    )
    if notice_id is None or source_type is None or published_at is None:
        raise ParseRefused(f"A hit of {url} lacks its id, type or date of publication.")
    estimate = hit.get("estimatedValue")
    estimate = estimate if isinstance(estimate, dict) else {}
    buyers = list(_hit_parties(hit.get("buyer"), f"buyer of {notice_id}"))
    winners = [
        party
        for lot in array(hit.get("lots"), f"lots of {notice_id}")
        if isinstance(lot, dict)
        for party in _hit_parties(lot.get("winner"), f"winner of {notice_id}")
    ]
    for party in row_parties(buyers, winners):
        yield Notice(
            notice_id=notice_id,
            notice_uuid=None,
            procedure_id=None,
            corrects_notice=None,
            follows_notices=(),
            notice_type=_notice_type(source_type),
            source_type=source_type,
            title=tidy(hit.get("heading")),
            description=cut_description(hit.get("description")),
            party_role=party.role,
            party_org_number=party.org_number,
            party_foreign_number=party.foreign_number,
            party_name=party.name,
            party_country=party.country,
            lot_ids=party.lot_ids,
            cpv=tuple(
                dict.fromkeys(
                    code
                    for item in array(hit.get("cpvCodes"), f"cpvCodes of {notice_id}")
                    if (code := string(item)) is not None
                )
            ),
            value=amount(estimate.get("amount")),
            currency=currency(estimate.get("currencyCode")),
            published_at=published_at,
            deadline_at=iso_instant(hit.get("deadline")),
            request_deadline_at=None,
            contract_start_on=None,
            contract_end_on=None,
            concluded_on=None,
            duration_months=None,
            renewals=None,
            is_framework=None,
            is_detail=False,
        )


def _hit_parties(value: Any, what: str) -> Iterator[Party]:
    # One buyer is sometimes an object and not a list of one.
    items = [value] if isinstance(value, dict) else array(value, what)
    for item in items:
        if isinstance(item, dict):
            party = Party(
                tidy(item.get("name")),
                string(item.get("organizationId")),
            )
            if party.name or party.company_id:
                yield party


def _notice_type(source_type: str) -> str:
    found = _NOTICE_TYPES.get(source_type)
    for prefix, notice_type in _NOTICE_TYPE_PREFIXES:
        if found is None and source_type.startswith(prefix):
            found = notice_type
    if found is None:
        _LOG.warning("doffin notice type not known: %s", source_type)
    return found or "other"
