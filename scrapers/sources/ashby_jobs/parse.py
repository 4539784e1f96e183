"""Ads of an Ashby board, as its posting API lists them."""

from collections.abc import Iterator, Mapping
from typing import Any

from scrapers.envelope import Envelope
from scrapers.extract.board_ads import (
    address_of,
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
        "address applicationDeadline applyUrl compensation department descriptionHtml "
        "descriptionPlain employmentType id isListed isRemote jobUrl location "
        "publishedAt secondaryLocations shouldDisplayCompensationOnJobPostings team "
        "title updatedAt workplaceType"
    ).split()
)


def parse(body: bytes, envelope: Envelope) -> Iterator[JobAd]:
    """The listed ads of a board; an empty board gives none.

    Raises:
        ParseRefused: the payload is not an Ashby board.
    """
    url = envelope.url
    if envelope.scope != "board":
        raise ParseRefused(f"The scope {envelope.scope!r} of {url} is not board.")
    board = mapping(read_json(body, envelope.content_type, url), f"The board {url}")
    if "jobs" not in board:
        raise ParseRefused(f"The board {url} has no jobs.")
    jobs = array(board["jobs"], f"jobs of {url}")
    warn_unread("ashby job", keys_of(jobs), _KNOWN)
    found = [mapping(job, f"A job of {url}") for job in jobs]
    # Only what says that it is not listed is hidden.
    shown = [job for job in found if job.get("isListed") is not False]
    ads = one_of_each(_ad(job, url) for job in shown)
    warn_unstated("ashby_jobs", ads, url)
    yield from ads


def _ad(job: Mapping[str, Any], url: str) -> JobAd:
    ad_id = identifier(job.get("id"))
    if ad_id is None:
        raise ParseRefused(f"A job of {url} has no id.")
    others = [
        string(other.get("location")) or _postal(other.get("address"))
        for other in array(
            job.get("secondaryLocations"), f"secondaryLocations of {ad_id} of {url}"
        )
        if isinstance(other, dict)
    ]
    return board_ad(
        ad_id=ad_id,
        title=string(job.get("title")),
        # A board does not say whose it is.
        employer_name=None,
        place=places(
            string(job.get("location")) or _postal(job.get("address")), others
        ),
        description=string(job.get("descriptionHtml"))
        or string(job.get("descriptionPlain")),
        department=string(job.get("department")) or string(job.get("team")),
        posted_at=written_instant(job.get("publishedAt")),
        expires_at=written_instant(job.get("applicationDeadline")),
        modified_at=written_instant(job.get("updatedAt")),
        ad_url=string(job.get("jobUrl")),
        apply_url=string(job.get("applyUrl")),
    )


def _postal(address: Any) -> str | None:
    postal = address.get("postalAddress", address) if isinstance(address, dict) else {}
    if not isinstance(postal, dict):
        return None
    return address_of(
        postal.get("addressLocality"),
        postal.get("addressRegion"),
        postal.get("addressCountry"),
    )
