"""The register's three update feeds: where one is gone on with, and what a page names.

Entities and sub-units come as HAL with inclusive numbers, roles as a bare array of
CloudEvents with exclusive ones. No request is made and nothing is remembered here.
"""

import re
from dataclasses import dataclass
from typing import Any

from scrapers.extract.json_body import array, mapping, string, warn_unread
from scrapers.extract.refusal import ParseRefused

_BASE = "https://data.brreg.no/enhetsregisteret/api/oppdateringer"
_ORG_NUMBER = re.compile(r"[0-9]{9}")
_PAGE_SIZE = 5_000
KINDS = frozenset(("Ukjent", "Ny", "Endring", "Sletting", "Fjernet"))
_KNOWN_UPDATE_KEYS = frozenset(
    (
        "oppdateringsid",
        "dato",
        "organisasjonsnummer",
        "endringstype",
        "endringer",
        "_links",
        "links",
    )
)
_KNOWN_EVENT_KEYS = frozenset(
    ("specversion", "id", "source", "type", "time", "datacontenttype", "data")
)


@dataclass(frozen=True)
class Feed:
    """One feed: its scope, its path and what its questions are called.

    ``offset`` is added to the last number read: 1 where the feed counts from the
    number asked for, 0 where it counts from the one after.
    """

    scope: str
    path: str
    since: str
    after: str
    offset: int
    key: str | None

    def first(self, day: str) -> str:
        """The address of the first question ever: by date, never from number 0."""
        moment = f"{day}T00:00:00.000Z"
        return f"{_BASE}/{self.path}?{self.since}={moment}&size={_PAGE_SIZE}"

    def following(self, last: int) -> str:
        """The address of what comes after the last number that was read."""
        number = last + self.offset
        return f"{_BASE}/{self.path}?{self.after}={number}&size={_PAGE_SIZE}"

    def number_of(self, url: str) -> int:
        """The number an address asks for; -1 for one that asks by date."""
        found = re.search(rf"[?&]{self.after}=(\d+)", url)
        return int(found[1]) if found else -1


ENTITIES = Feed(
    "updates_entities",
    "enheter",
    "dato",
    "oppdateringsid",
    1,
    "oppdaterteEnheter",
)
SUB_UNITS = Feed(
    "updates_sub_units",
    "underenheter",
    "dato",
    "oppdateringsid",
    1,
    "oppdaterteUnderenheter",
)
ROLES = Feed("updates_roles", "roller", "afterTime", "afterId", 0, None)
FEEDS = (ENTITIES, SUB_UNITS, ROLES)
FEED_OF_SCOPE = {feed.scope: feed for feed in FEEDS}


@dataclass(frozen=True)
class Update:
    """One event: its number, whom it names, and the register's word for it."""

    number: int
    org_number: str
    kind: str


@dataclass(frozen=True)
class UpdatePage:
    """A page of a feed, in order of number; ``total`` where the feed counts."""

    updates: tuple[Update, ...]
    total: int | None

    @property
    def is_last(self) -> bool:
        """True when nothing can follow the page."""
        if not self.updates:
            return True
        return self.total is not None and self.total <= len(self.updates)


def read_updates(payload: Any, feed: Feed, url: str) -> UpdatePage:
    """What a page of a feed says.

    Raises:
        ParseRefused: the payload is not a page of that feed, or an event lacks its
            number or whom it names.
    """
    total: int | None = None
    if feed.key is None:
        items = _plain(payload, url)
        updates = [_event(item, url) for item in items]
    else:
        page = mapping(payload, f"The payload of {url}")
        if "page" not in page and "_embedded" not in page:
            raise ParseRefused(f"The payload of {url} is no page of an update feed.")
        # A page without events has no _embedded at all.
        embedded = mapping(page.get("_embedded", {}), f"_embedded of {url}")
        items = array(embedded.get(feed.key), f"_embedded.{feed.key} of {url}")
        updates = [_update(item, url) for item in items]
        size = page.get("page")
        if isinstance(size, dict) and isinstance(size.get("totalElements"), int):
            total = size["totalElements"]
    ordered = sorted(set(updates), key=lambda update: (update.number, update.kind))
    return UpdatePage(tuple(ordered), total)


def _plain(payload: Any, url: str) -> list[Any]:
    if not isinstance(payload, list):
        raise ParseRefused(
            f"The payload of {url} should be an array of events and is "
            f"{type(payload).__name__}."
        )
    return payload


def _update(item: Any, url: str) -> Update:
    update = mapping(item, f"An event of {url}")
    warn_unread("brreg update", update, _KNOWN_UPDATE_KEYS)
    kind = string(update.get("endringstype"))
    if kind not in KINDS:
        raise ParseRefused(f"An event of {url} has the unknown kind {kind!r}.")
    return _numbered(
        update.get("oppdateringsid"), update.get("organisasjonsnummer"), kind, url
    )


def _event(item: Any, url: str) -> Update:
    event = mapping(item, f"An event of {url}")
    warn_unread("brreg role event", event, _KNOWN_EVENT_KEYS)
    data = mapping(event.get("data"), f"The data of an event of {url}")
    # The type is spelled in two ways in the wild, and says nothing that is not known.
    return _numbered(event.get("id"), data.get("organisasjonsnummer"), "Endring", url)


def _numbered(number: Any, org_number: Any, kind: str, url: str) -> Update:
    digits = str(number) if isinstance(number, int | str) else ""
    if not re.fullmatch(r"[0-9]{1,18}", digits):
        raise ParseRefused(f"An event of {url} has the number {number!r}.")
    if not isinstance(org_number, str) or not _ORG_NUMBER.fullmatch(org_number):
        raise ParseRefused(f"Event {digits} of {url} names {org_number!r}, no unit.")
    return Update(int(digits), org_number, kind)
