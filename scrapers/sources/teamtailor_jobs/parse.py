"""Ads of a Teamtailor site, from its RSS feed or its JSON Feed."""

from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from scrapers.envelope import Envelope
from scrapers.extract.board_ads import (
    address_of,
    board_ad,
    feed_instant,
    identifier,
    one_of_each,
    places,
    warn_unstated,
)
from scrapers.extract.dates import written_instant
from scrapers.extract.json_body import array, mapping, read_json, string
from scrapers.extract.refusal import ParseRefused
from scrapers.extract.structured import as_list, as_text
from scrapers.extract.xml_body import child_text, read_feed_xml
from scrapers.records import JobAd

PARSER_VERSION = "1"


def parse(body: bytes, envelope: Envelope) -> Iterator[JobAd]:
    """The ads of a page of the feed; a site without ads gives none.

    Raises:
        ParseRefused: the payload is neither an RSS feed nor a JSON Feed.
    """
    url = envelope.url
    if envelope.scope != "board":
        raise ParseRefused(f"The scope {envelope.scope!r} of {url} is not board.")
    if body.lstrip()[:1] == b"{":
        feed = mapping(read_json(body, envelope.content_type, url), f"The feed {url}")
        found = _of_json(feed, url)
    else:
        found = _of_rss(read_feed_xml(body, url), url)
    ads = one_of_each(found)
    warn_unstated("teamtailor_jobs", ads, url)
    yield from ads


# --- RSS ----------------------------------------------------------------------------


def _of_rss(root: etree._Element, url: str) -> Iterator[JobAd]:
    channel = root.find("{*}channel")
    if etree.QName(root).localname != "rss" or channel is None:
        raise ParseRefused(f"The feed {url} is not an RSS feed.")
    employer = child_text(channel, "title")
    for item in channel.iterfind("{*}item"):
        link = child_text(item, "link")
        ad_id = child_text(item, "guid") or link
        if ad_id is None:
            raise ParseRefused(f"An item of {url} has neither guid nor link.")
        listed = [
            address_of(
                child_text(location, "city") or child_text(location, "name"),
                None,
                child_text(location, "country"),
            )
            for location in item.iterfind("{*}locations/{*}location")
        ]
        yield board_ad(
            ad_id=ad_id,
            title=child_text(item, "title"),
            employer_name=employer,
            place=places(listed) or _remote(child_text(item, "remoteStatus")),
            description=child_text(item, "description"),
            department=child_text(item, "department") or child_text(item, "role"),
            posted_at=feed_instant(child_text(item, "pubDate")),
            expires_at=None,
            modified_at=None,
            ad_url=link,
            apply_url=None,
        )


def _remote(status: str | None) -> str | None:
    # fully, hybrid, temporary, none: only the first says where one works.
    return "Remote" if status == "fully" else None


# --- JSON Feed ----------------------------------------------------------------------


def _of_json(feed: Mapping[str, Any], url: str) -> Iterator[JobAd]:
    if "items" not in feed:
        raise ParseRefused(f"The feed {url} has no items.")
    employer = string(feed.get("title"))
    for value in array(feed["items"], f"items of {url}"):
        item = mapping(value, f"An item of {url}")
        posting = item.get("_jobposting")
        posting = posting if isinstance(posting, dict) else {}
        link = string(item.get("url")) or string(posting.get("url"))
        ad_id = identifier(item.get("id")) or link
        if ad_id is None:
            raise ParseRefused(f"An item of {url} has neither id nor url.")
        yield board_ad(
            ad_id=ad_id,
            title=string(item.get("title")) or as_text(posting.get("title")),
            employer_name=as_text(posting.get("hiringOrganization")) or employer,
            place=places([_place(one) for one in as_list(posting.get("jobLocation"))])
            or _telecommute(posting),
            description=string(item.get("content_html"))
            or as_text(posting.get("description"))
            or string(item.get("content_text")),
            department=as_text(posting.get("department")),
            posted_at=written_instant(item.get("date_published"))
            or written_instant(as_text(posting.get("datePosted"))),
            expires_at=written_instant(as_text(posting.get("validThrough"))),
            modified_at=written_instant(item.get("date_modified")),
            ad_url=link,
            apply_url=None,
        )


def _place(location: Any) -> str | None:
    if not isinstance(location, dict):
        return string(location)
    address = location.get("address")
    if not isinstance(address, dict):
        return string(address) or string(location.get("name"))
    return address_of(
        as_text(address.get("addressLocality")),
        None,
        as_text(address.get("addressCountry")),
    )


def _telecommute(posting: Mapping[str, Any]) -> str | None:
    is_remote = as_text(posting.get("jobLocationType")) == "TELECOMMUTE"
    return "Remote" if is_remote else None
