"""Job advertisements of the public feed of the Norwegian labour administration.

Reads feed pages, which only tell that an ad exists and its status, and feed entries,
which hold the ad. The token address holds no records.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin

from scrapers.envelope import Envelope
from scrapers.extract.dates import iso_instant, written_instant
from scrapers.extract.html import clean
from scrapers.extract.json_body import array, mapping, read_json, string, warn_unread
from scrapers.extract.language import language_of
from scrapers.extract.markup_text import markup_to_text
from scrapers.extract.organisation_numbers import organisation_number
from scrapers.extract.refusal import ParseRefused
from scrapers.extract.terms import terms_of
from scrapers.records import JobAd

PARSER_VERSION = "2"

# What the feed writes instead of the title of an ad it no longer shows.
_MASKS = frozenset(("...", "…", "?"))
_STATUS = {"ACTIVE": "active", "INACTIVE": "inactive"}
_KNOWN_ITEM_KEYS = frozenset(
    ["id", "url", "title", "content_text", "date_modified", "_feed_entry"]
)
_KNOWN_ENTRY_KEYS = frozenset(
    ["uuid", "sistEndret", "status", "ad_content", "json", "title"]
)
_KNOWN_CONTENT_KEYS = frozenset(
    [
        "uuid",
        "published",
        "expires",
        "updated",
        "workLocations",
        "contactList",
        "title",
        "description",
        "sourceurl",
        "source",
        "applicationUrl",
        "applicationDue",
        "occupationCategories",
        "categoryList",
        "jobtitle",
        "link",
        "employer",
        "engagementtype",
        "extent",
        "starttime",
        "positioncount",
        "sector",
    ]
)


def parse(body: bytes, envelope: Envelope) -> Iterator[JobAd]:
    """Ads of a feed page or a feed entry; nothing for the token address.

    Within a page the last item of an ad holds. An ad the feed has masked keeps its id
    and status and loses its title.

    Raises:
        ParseRefused: the payload is not what the feed serves for the scope.
    """
    if envelope.scope == "token":
        return
    payload = mapping(
        read_json(body, envelope.content_type, envelope.url),
        f"The payload of {envelope.url}",
    )
    if envelope.scope == "feed_page":
        yield from _page_ads(payload, envelope.url)
    elif envelope.scope == "feed_entry":
        yield _entry_ad(payload, envelope.url)
    else:
        raise ParseRefused(
            f"The scope {envelope.scope!r} of {envelope.url} is not one of token,"
            " feed_page, feed_entry."
        )


def _page_ads(page: Mapping[str, Any], url: str) -> Iterator[JobAd]:
    if "items" not in page:
        raise ParseRefused(f"The feed page {url} has no items.")
    ads: dict[str, JobAd] = {}
    for value in array(page["items"], f"items of {url}"):
        item = mapping(value, f"An item of {url}")
        warn_unread("nav feed item", item, _KNOWN_ITEM_KEYS)
        ad = _listed_ad(item, url)
        ads.pop(ad.ad_id, None)
        ads[ad.ad_id] = ad
    yield from ads.values()


def _listed_ad(item: Mapping[str, Any], url: str) -> JobAd:
    entry = mapping(item.get("_feed_entry"), f"_feed_entry of an item of {url}")
    ad_id = string(entry.get("uuid")) or string(item.get("id"))
    if ad_id is None:
        raise ParseRefused(f"An item of {url} has no id.")
    title = _unmasked(string(entry.get("title")) or string(item.get("title")))
    address = string(item.get("url"))
    changed = string(entry.get("sistEndret")) or string(item.get("date_modified"))
    return JobAd(
        ad_id=ad_id,
        ad_status=_status(entry.get("status"), url),
        title=title,
        employer_name=string(entry.get("businessName")),
        employer_org_number=None,
        place=string(entry.get("municipal")),
        description=None,
        terms=terms_of(title, language_of(title, "nb")) if title else (),
        department=None,
        posted_at=None,
        expires_at=None,
        modified_at=iso_instant(changed),
        ad_url=_joined_address(url, address),
        apply_url=None,
        is_listing=True,
    )


def _entry_ad(entry: Mapping[str, Any], url: str) -> JobAd:
    warn_unread("nav feed entry", entry, _KNOWN_ENTRY_KEYS)
    ad_id = string(entry.get("uuid"))
    if ad_id is None:
        raise ParseRefused(f"The feed entry {url} has no uuid.")
    # The documents call it json, the service ad_content.
    content = entry.get("ad_content", entry.get("json"))
    if content is None:
        content = {}
    content = mapping(content, f"ad_content of {url}")
    warn_unread("nav ad", content, _KNOWN_CONTENT_KEYS)
    title = _unmasked(string(content.get("title")))
    description = markup_to_text(string(content.get("description")) or "") or None
    employer = content.get("employer")
    employer = employer if isinstance(employer, dict) else {}
    text = " \n".join(part for part in (title, description) if part)
    changed = string(entry.get("sistEndret")) or string(content.get("updated"))
    return JobAd(
        ad_id=ad_id,
        ad_status=_status(entry.get("status"), url),
        title=title,
        employer_name=string(employer.get("name")),
        employer_org_number=organisation_number(employer.get("orgnr")),
        place=_place(content.get("workLocations"), url),
        description=description,
        terms=terms_of(text, language_of(text, "nb")) if text else (),
        department=None,
        posted_at=iso_instant(content.get("published")),
        expires_at=iso_instant(content.get("expires"))
        or written_instant(content.get("applicationDue")),
        modified_at=iso_instant(changed),
        ad_url=_joined_address(
            url, string(content.get("link")) or string(content.get("sourceurl"))
        ),
        apply_url=string(content.get("applicationUrl")),
        is_listing=False,
    )


def _status(value: Any, url: str) -> str:
    status = _STATUS.get(value) if isinstance(value, str) else None
    if status is None:
        raise ParseRefused(f"An ad of {url} has the unknown status {value!r}.")
    return status


def _unmasked(title: str | None) -> str | None:
    title = clean(title)
    return None if not title or title in _MASKS else title


def _place(value: Any, url: str) -> str | None:
    places: dict[str, None] = {}
    for item in array(value, f"workLocations of {url}"):
        if isinstance(item, dict):
            for key in ("municipal", "city", "county", "country"):
                if place := string(item.get(key)):
                    places.setdefault(place)
                    break
    return ", ".join(places) or None


def _joined_address(base: str, address: str | None) -> str | None:
    if address is None:
        return None
    try:
        return urljoin(base, address)
    except ValueError:
        return None
