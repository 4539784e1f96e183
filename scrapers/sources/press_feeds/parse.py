"""Announcements of a press or news feed, whatever its format.

Whose feed it is is known from the visit; what the items claim are claims.
"""

from collections.abc import Iterator

from scrapers.envelope import Envelope
from scrapers.extract.feeds import read_feed
from scrapers.extract.press import announcement
from scrapers.extract.refusal import ParseRefused
from scrapers.records import Announcement

PARSER_VERSION = "4"


def parse(body: bytes, envelope: Envelope) -> Iterator[Announcement]:
    """One announcement per item, in the order of the feed, each once.

    Raises:
        ParseRefused: the payload is no feed.
    """
    if envelope.scope != "feed":
        raise ParseRefused(
            f"The scope {envelope.scope!r} of {envelope.url} is not feed."
        )
    feed = read_feed(body, envelope.content_type, envelope.url)
    for item in feed.items:
        yield announcement(
            announcement_id=item.item_id,
            category="press",
            title=item.title,
            text=item.text,
            published_at=item.published_at,
            url=item.url,
            source_type=item.category,
            publisher=feed.title,
            language=item.language,
        )
