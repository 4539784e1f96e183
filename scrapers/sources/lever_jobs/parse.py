"""Ads of a Lever site, as its postings API lists them."""

from collections.abc import Iterator, Mapping
from typing import Any

from scrapers.envelope import Envelope
from scrapers.extract.board_ads import (
    board_ad,
    epoch_instant,
    identifier,
    joined_markup,
    keys_of,
    named_list,
    one_of_each,
    places,
    warn_unstated,
)
from scrapers.extract.json_body import array, mapping, read_json, string, warn_unread
from scrapers.extract.refusal import ParseRefused
from scrapers.records import JobAd

PARSER_VERSION = "1"

_KNOWN = frozenset(
    (
        "additional additionalPlain applyUrl categories country createdAt description "
        "descriptionBody descriptionBodyPlain descriptionPlain hostedUrl id lists "
        "opening openingPlain salaryDescription salaryDescriptionPlain salaryRange "
        "text workplaceType"
    ).split()
)


def parse(body: bytes, envelope: Envelope) -> Iterator[JobAd]:
    """The postings of a site; an empty site gives none.

    Raises:
        ParseRefused: the payload is not a list of Lever postings.
    """
    url = envelope.url
    if envelope.scope != "board":
        raise ParseRefused(f"The scope {envelope.scope!r} of {url} is not board.")
    postings = read_json(body, envelope.content_type, url)
    if not isinstance(postings, list):
        raise ParseRefused(f"The postings {url} are not a list.")
    warn_unread("lever posting", keys_of(postings), _KNOWN)
    ads = one_of_each(
        _ad(mapping(posting, f"A posting of {url}"), url) for posting in postings
    )
    warn_unstated("lever_jobs", ads, url)
    yield from ads


def _ad(posting: Mapping[str, Any], url: str) -> JobAd:
    ad_id = identifier(posting.get("id"))
    if ad_id is None:
        raise ParseRefused(f"A posting of {url} has no id.")
    categories = posting.get("categories")
    categories = categories if isinstance(categories, dict) else {}
    lists = [
        named_list(part.get("text"), part.get("content"))
        for part in array(posting.get("lists"), f"lists of {ad_id} of {url}")
        if isinstance(part, dict)
    ]
    return board_ad(
        ad_id=ad_id,
        title=string(posting.get("text")),
        # A site does not say whose it is.
        employer_name=None,
        place=places(categories.get("location"), categories.get("allLocations")),
        description=joined_markup(
            string(posting.get("description")) or posting.get("descriptionPlain"),
            *lists,
            string(posting.get("additional")) or posting.get("additionalPlain"),
        ),
        department=string(categories.get("department"))
        or string(categories.get("team")),
        posted_at=epoch_instant(posting.get("createdAt")),
        expires_at=None,
        modified_at=None,
        ad_url=string(posting.get("hostedUrl")),
        apply_url=string(posting.get("applyUrl")),
    )
