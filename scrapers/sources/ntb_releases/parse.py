"""Announcements of a press room's feed of releases (RSS 2.0).

The number of a release is its id, the same in every language and spelling of its
address.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from scrapers.envelope import Envelope
from scrapers.extract.feeds import read_feed
from scrapers.extract.press import announcement
from scrapers.extract.refusal import ParseRefused
from scrapers.records import Announcement

PARSER_VERSION = "4"

_RELEASE = re.compile(
    r"/(?:pressemelding|pressemeddelelse|pressmeddelande|tiedote|press-?release|release)"
    r"/(\d+)(?:/|$)"
)
_OF_ROOM = re.compile(
    r"^(?:siste\s+)?(?:pressemeldinger|nyheter|pressemeddelelser|pressmeddelanden|"
    r"tiedotteet|press releases|news)\s+(?:fra|från|from|-|–|:)\s+",
    re.IGNORECASE,
)


def parse(body: bytes, envelope: Envelope) -> Iterator[Announcement]:
    """One announcement per release, each once.

    Raises:
        ParseRefused: the payload is no feed.
    """
    if envelope.scope != "feed":
        raise ParseRefused(
            f"The scope {envelope.scope!r} of {envelope.url} is not feed."
        )
    feed = read_feed(body, envelope.content_type, envelope.url)
    host = urlsplit(envelope.url).hostname or ""
    seen: set[str] = set()
    for item in feed.items:
        release = _RELEASE.search(urlsplit(item.url or "").path)
        release_id = f"{host}/{release[1]}" if release else item.item_id
        if release_id in seen:
            continue
        seen.add(release_id)
        yield announcement(
            announcement_id=release_id,
            category="press",
            title=item.title,
            text=item.text,
            published_at=item.published_at,
            url=item.url,
            source_type=item.category,
            publisher=_OF_ROOM.sub("", feed.title) or None if feed.title else None,
            language=item.language,
        )
