"""Ads of a Greenhouse board, as its job board API lists them."""

from collections.abc import Iterator, Mapping
from typing import Any

from scrapers.envelope import Envelope
from scrapers.extract.board_ads import (
    board_ad,
    identifier,
    keys_of,
    one_of_each,
    places,
    warn_unstated,
)
from scrapers.extract.dates import written_instant
from scrapers.extract.json_body import array, mapping, read_json, string, warn_unread
from scrapers.extract.refusal import ParseRefused
from scrapers.records import JobAd

PARSER_VERSION = "1"

_KNOWN = frozenset(
    (
        "absolute_url ai_disclaimer ai_opt_out_request_url application_deadline "
        "company_name content data_compliance departments education first_published id "
        "include_ai_disclaimer internal_job_id language location metadata offices "
        "pay_input_ranges requisition_id title updated_at"
    ).split()
)


def parse(body: bytes, envelope: Envelope) -> Iterator[JobAd]:
    """The ads of a board; an empty board gives none.

    Raises:
        ParseRefused: the payload is not a Greenhouse board.
    """
    url = envelope.url
    if envelope.scope != "board":
        raise ParseRefused(f"The scope {envelope.scope!r} of {url} is not board.")
    board = mapping(read_json(body, envelope.content_type, url), f"The board {url}")
    if "jobs" not in board:
        raise ParseRefused(f"The board {url} has no jobs.")
    jobs = array(board["jobs"], f"jobs of {url}")
    warn_unread("greenhouse job", keys_of(jobs), _KNOWN)
    ads = one_of_each(_ad(mapping(job, f"A job of {url}"), url) for job in jobs)
    warn_unstated("greenhouse_jobs", ads, url)
    yield from ads


def _ad(job: Mapping[str, Any], url: str) -> JobAd:
    ad_id = identifier(job.get("id"))
    if ad_id is None:
        raise ParseRefused(f"A job of {url} has no id.")
    location = job.get("location")
    named = location.get("name") if isinstance(location, dict) else location
    return board_ad(
        ad_id=ad_id,
        title=string(job.get("title")),
        employer_name=string(job.get("company_name")),
        place=places(named) or _names(job.get("offices")),
        description=string(job.get("content")),
        department=_names(job.get("departments")),
        # Boards made before first_published was there have only updated_at.
        posted_at=written_instant(job.get("first_published"))
        or written_instant(job.get("updated_at")),
        expires_at=written_instant(job.get("application_deadline")),
        modified_at=written_instant(job.get("updated_at")),
        ad_url=string(job.get("absolute_url")),
        apply_url=None,
    )


def _names(values: Any) -> str | None:
    if not isinstance(values, list):
        return None
    return places([v.get("name") for v in values if isinstance(v, dict)])
