"""Announcements of issuers: lists of messages, and messages with their text."""

from collections.abc import Iterator, Mapping
from typing import Any

from scrapers.envelope import Envelope
from scrapers.extract.feeds import MAX_TEXT
from scrapers.extract.json_body import array, mapping, read_json, string
from scrapers.extract.markup_text import markup_to_text
from scrapers.extract.press import announcement
from scrapers.extract.refusal import ParseRefused
from scrapers.records import Announcement
from scrapers.sources.newsweb_announcements.messages import (
    Message,
    message_of,
    messages_of,
)

PARSER_VERSION = "4"

_READER = "https://newsweb.oslobors.no/message"


def parse(body: bytes, envelope: Envelope) -> Iterator[Announcement]:
    """Announcements of a list (scope ``list``) or of one message (``message``).

    Raises:
        ParseRefused: the payload is not what the service gives for the scope.
    """
    payload = mapping(
        read_json(body, envelope.content_type, envelope.url),
        f"The payload of {envelope.url}",
    )
    data = mapping(payload.get("data"), f"data of {envelope.url}")
    if envelope.scope == "list":
        if "messages" not in data:
            raise ParseRefused(f"The list {envelope.url} has no messages.")
        array(data["messages"], f"messages of {envelope.url}")
        for message in messages_of(data):
            yield _announcement(message, None, is_detail=False)
    elif envelope.scope == "message":
        yield _detail(data, envelope.url)
    else:
        raise ParseRefused(
            f"The scope {envelope.scope!r} of {envelope.url} is not one of list,"
            " message."
        )


def _detail(data: Mapping[str, Any], url: str) -> Announcement:
    # Some clients describe the message itself as data, others one level down.
    value = mapping(data.get("message", data), f"The message of {url}")
    message = message_of(value)
    if message is None:
        raise ParseRefused(f"The message {url} has no id, or is a test.")
    text = markup_to_text(string(value.get("body")) or "")[:MAX_TEXT] or None
    return _announcement(message, text, is_detail=True)


def _announcement(
    message: Message, text: str | None, *, is_detail: bool
) -> Announcement:
    return announcement(
        announcement_id=str(message.message_id),
        category="stock_exchange",
        title=message.title,
        text=text,
        published_at=message.published_at,
        url=f"{_READER}/{message.message_id}",
        source_type=message.category,
        publisher=message.issuer_name,
        corrects_id=str(message.corrects_id) if message.corrects_id else None,
        is_detail=is_detail,
    )
