"""Ads of a Workable account, as its widget lists them."""

from collections.abc import Iterator, Mapping
from typing import Any

from scrapers.envelope import Envelope
from scrapers.extract.board_ads import (
    address_of,
    board_ad,
    identifier,
    joined_markup,
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
        "application_url benefits city code country created_at department description "
        "education employment_type experience function industry locations published_on "
        "requirements shortcode shortlink state telecommuting title url workplace_type"
    ).split()
)


def parse(body: bytes, envelope: Envelope) -> Iterator[JobAd]:
    """The ads of an account; an empty board gives none.

    Raises:
        ParseRefused: the payload is not a Workable board.
    """
    url = envelope.url
    if envelope.scope != "board":
        raise ParseRefused(f"The scope {envelope.scope!r} of {url} is not board.")
    board = mapping(read_json(body, envelope.content_type, url), f"The board {url}")
    if "jobs" not in board:
        raise ParseRefused(f"The board {url} has no jobs.")
    jobs = array(board["jobs"], f"jobs of {url}")
    warn_unread("workable job", keys_of(jobs), _KNOWN)
    employer = string(board.get("name"))
    ads = one_of_each(
        _ad(mapping(job, f"A job of {url}"), employer, url) for job in jobs
    )
    warn_unstated("workable_jobs", ads, url)
    yield from ads


def _ad(job: Mapping[str, Any], employer: str | None, url: str) -> JobAd:
    ad_id = identifier(job.get("shortcode"))
    if ad_id is None:
        raise ParseRefused(f"A job of {url} has no shortcode.")
    listed = [
        address_of(
            location.get("city"),
            location.get("region") or location.get("state"),
            location.get("country"),
        )
        for location in array(job.get("locations"), f"locations of {ad_id} of {url}")
        if isinstance(location, dict) and location.get("hidden") is not True
    ]
    own = address_of(job.get("city"), job.get("state"), job.get("country"))
    return board_ad(
        ad_id=ad_id,
        title=string(job.get("title")),
        employer_name=employer,
        place=places(listed) or own,
        description=joined_markup(
            job.get("description"), job.get("requirements"), job.get("benefits")
        ),
        department=string(job.get("department")),
        posted_at=written_instant(job.get("published_on"))
        or written_instant(job.get("created_at")),
        expires_at=None,
        modified_at=None,
        ad_url=string(job.get("url"))
        or string(job.get("shortlink"))
        or string(job.get("application_url")),
        apply_url=string(job.get("application_url")),
    )
