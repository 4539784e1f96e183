"""Ads of a Personio board, from its XML feed."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml import etree

from scrapers.envelope import Envelope
from scrapers.extract.board_ads import (
    board_ad,
    joined_markup,
    named_list,
    one_of_each,
    places,
    warn_unstated,
)
from scrapers.extract.dates import written_instant
from scrapers.extract.json_body import string, warn_unread
from scrapers.extract.refusal import ParseRefused
from scrapers.extract.xml_body import child_text, read_feed_xml
from scrapers.records import JobAd

PARSER_VERSION = "1"

_KNOWN = frozenset(
    (
        "additionalOffices createdAt department employmentType id jobDescriptions "
        "keywords name occupation occupationCategory office recruitingCategory "
        "schedule seniority subcompany yearsOfExperience"
    ).split()
)


def parse(body: bytes, envelope: Envelope) -> Iterator[JobAd]:
    """The positions of a board, each once; an empty board gives none.

    Raises:
        ParseRefused: the payload is not a Personio feed.
    """
    url = envelope.url
    if envelope.scope != "board":
        raise ParseRefused(f"The scope {envelope.scope!r} of {url} is not board.")
    root = read_feed_xml(body, url)
    if root.tag != "workzag-jobs":
        raise ParseRefused(f"The feed {url} has the root {root.tag}, not workzag-jobs.")
    positions = list(root.iterfind("position"))
    keys = {child.tag for position in positions for child in position}
    warn_unread("personio position", keys, _KNOWN)
    ads = one_of_each(_ad(position, url) for position in positions)
    warn_unstated("personio_jobs", ads, url)
    yield from ads


def _ad(position: etree._Element, url: str) -> JobAd:
    ad_id = child_text(position, "id")
    if ad_id is None:
        raise ParseRefused(f"A position of {url} has no id.")
    others = [
        string("".join(map(str, office.itertext())))
        for office in position.iterfind("additionalOffices/office")
    ]
    return board_ad(
        ad_id=ad_id,
        title=child_text(position, "name"),
        employer_name=child_text(position, "subcompany"),
        place=places(child_text(position, "office"), others),
        description=joined_markup(
            *(
                named_list(child_text(part, "name"), child_text(part, "value"))
                for part in position.iterfind("jobDescriptions/jobDescription")
            )
        ),
        department=child_text(position, "department")
        or child_text(position, "recruitingCategory"),
        posted_at=written_instant(child_text(position, "createdAt")),
        expires_at=None,
        modified_at=None,
        # The feed has no address of an ad; a board's ads are at /job/<id>.
        ad_url=f"https://{urlsplit(url).hostname}/job/{ad_id}",
        apply_url=None,
    )
