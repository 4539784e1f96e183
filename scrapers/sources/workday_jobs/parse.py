"""Ads of a Workday site: pages of its list, and the pages of single ads."""

import logging
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from scrapers.envelope import Envelope
from scrapers.extract.board_ads import (
    board_ad,
    identifier,
    keys_of,
    one_of_each,
    places,
)
from scrapers.extract.dates import written_instant
from scrapers.extract.json_body import array, mapping, read_json, string, warn_unread
from scrapers.extract.refusal import ParseRefused
from scrapers.records import JobAd

PARSER_VERSION = "1"

_LOG = logging.getLogger(__name__)
_API = re.compile(r"^/wday/cxs/([^/]+)/([^/]+)")
# "3 Locations" is no place.
_COUNT = re.compile(r"\d+\s+\w+")
# The end of the path: "/job/Oslo/Analyst_R-1234-1".
_REQUISITION = re.compile(r"_((?:[A-Za-z]{1,12}[-_]?)?\d[\w-]*)$")
_KNOWN = frozenset(
    (
        "bulletFields externalPath locationsText postedOn remoteType subtitles "
        "timeLeftToApply timeType title"
    ).split()
)
_KNOWN_DETAIL = frozenset(
    (
        "additionalLocations canApply country endDate externalUrl id "
        "includeResumeParsing jobDescription jobPostingId jobPostingSiteId jobReqId "
        "jobRequisitionLocation location logoImage posted postedOn "
        "questionnaireId remoteType secondaryQuestionnaireId startDate timeLeftToApply "
        "timeType title"
    ).split()
)


def parse(body: bytes, envelope: Envelope) -> Iterator[JobAd]:
    """The ads of a page of the list (no date, short of places), or one ad in full.

    Raises:
        ParseRefused: the payload is not what a Workday site serves for the scope.
    """
    url = envelope.url
    answer = mapping(
        read_json(body, envelope.content_type, url), f"The payload of {url}"
    )
    if envelope.scope == "board":
        yield from _listed(answer, url)
    elif envelope.scope == "board_ad":
        yield _in_full(answer, url)
    else:
        raise ParseRefused(
            f"The scope {envelope.scope!r} of {url} is not board or board_ad."
        )


def _listed(page: Mapping[str, Any], url: str) -> Iterator[JobAd]:
    if "jobPostings" not in page:
        raise ParseRefused(f"The list {url} has no jobPostings.")
    postings = array(page["jobPostings"], f"jobPostings of {url}")
    warn_unread("workday posting", keys_of(postings), _KNOWN)
    read = [mapping(value, f"A posting of {url}") for value in postings]
    # Sites list empty postings now and then: without a path there is nothing there.
    shown = [
        (path, posting) for posting in read if (path := _path(posting)) is not None
    ]
    if len(shown) < len(read):
        _LOG.warning(
            "workday_jobs: %d postings of %s have no path", len(read) - len(shown), url
        )
    if read and not shown:
        raise ParseRefused(f"No posting of {url} has an externalPath.")
    yield from one_of_each(_posting(path, posting, url) for path, posting in shown)


def _path(posting: Mapping[str, Any]) -> str | None:
    """Path of an ad on its own site; an address elsewhere is none."""
    path = string(posting.get("externalPath"))
    return path if path is not None and path.startswith("/") else None


def _posting(path: str, posting: Mapping[str, Any], url: str) -> JobAd:
    bullets = [string(b) for b in array(posting.get("bulletFields"), "bulletFields")]
    stated = string(posting.get("locationsText"))
    return board_ad(
        ad_id=_ad_id(path, bullets),
        title=string(posting.get("title")),
        employer_name=None,
        place=None if stated and _COUNT.fullmatch(stated) else stated,
        description=None,
        department=None,
        # "Posted 3 Days Ago" is a date only for who knows when it was read.
        posted_at=None,
        expires_at=None,
        modified_at=None,
        ad_url=_ad_url(url, path),
        apply_url=None,
    )


def _in_full(answer: Mapping[str, Any], url: str) -> JobAd:
    info = mapping(answer.get("jobPostingInfo"), f"jobPostingInfo of {url}")
    warn_unread("workday ad", info, _KNOWN_DETAIL)
    path = "/" + urlsplit(url).path.partition("/job/")[2]
    organisation = answer.get("hiringOrganization")
    named = organisation.get("name") if isinstance(organisation, dict) else None
    return board_ad(
        ad_id=_ad_id(path, [identifier(info.get("jobReqId"))]),
        title=string(info.get("title")),
        employer_name=string(named),
        place=places(
            info.get("location"),
            array(info.get("additionalLocations"), f"additionalLocations of {url}"),
        )
        or _descriptor(info.get("jobRequisitionLocation"))
        or _descriptor(info.get("country")),
        description=string(info.get("jobDescription")),
        department=None,
        posted_at=written_instant(info.get("startDate")),
        expires_at=written_instant(info.get("endDate")),
        modified_at=None,
        ad_url=string(info.get("externalUrl")) or _ad_url(url, f"/job{path}"),
        apply_url=None,
        is_listing=False,
    )


def _ad_id(path: str, others: list[str | None]) -> str:
    """Requisition number of an ad; the same in the list and on its own page.

    The path has it nearly always, and is the only thing that both pages show.
    """
    found = _REQUISITION.search(unquote(path))
    if found:
        return found[1]
    numbered = [o for o in others if o and re.search(r"\d", o) and " " not in o]
    return numbered[0] if numbered else unquote(path).removeprefix("/job")


def _descriptor(value: Any) -> str | None:
    return string(value.get("descriptor")) if isinstance(value, dict) else string(value)


def _ad_url(url: str, path: str) -> str | None:
    """Address for people: host, site and path without the endpoint's prefix."""
    parts = urlsplit(url)
    found = _API.match(parts.path)
    if found is None:
        return None
    return f"https://{parts.netloc}/{found[2]}{path}"
