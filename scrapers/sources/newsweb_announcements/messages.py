"""Messages of NewsWeb's list: which are wanted, and which are one in two languages.

The spider must ask for the text of the same messages that the parser keeps.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from scrapers.extract.dates import iso_instant
from scrapers.extract.html import clean
from scrapers.extract.json_body import string
from scrapers.extract.language import language_of

INSIDER_TRADE, FLAGGING = 1102, 1006
# They name private persons, and say nothing of what the company is about to do.
WITHOUT_TEXT = frozenset((INSIDER_TRADE, FLAGGING))
_TWIN_GAP = timedelta(minutes=5)


@dataclass(frozen=True)
class Message:
    """A message as listed; ids of none are None."""

    message_id: int
    issuer_id: int
    issuer_name: str | None
    title: str | None
    published_at: datetime | None
    category_ids: frozenset[int]
    category: str | None
    corrects_id: int | None

    @property
    def has_text(self) -> bool:
        """True when its text is asked for."""
        return not self.category_ids & WITHOUT_TEXT


def message_of(value: Mapping[str, Any]) -> Message | None:
    """A message of the list or the message call; None for tests and what has no id."""
    message_id = value.get("messageId", value.get("id"))
    if not isinstance(message_id, int) or isinstance(message_id, bool):
        return None
    if value.get("test") is True:
        return None
    categories = [c for c in _list(value.get("category")) if isinstance(c, dict)]
    title = clean(string(value.get("title"))) or None
    names = [
        name
        for item in categories
        if (name := string(item.get("category_en")) or string(item.get("category_no")))
    ]
    corrects = value.get("correctionForMessageId")
    issuer = value.get("issuerId")
    return Message(
        message_id=message_id,
        issuer_id=issuer if isinstance(issuer, int) else 0,
        issuer_name=clean(string(value.get("issuerName"))) or None,
        title=title,
        published_at=iso_instant(value.get("publishedTime")),
        category_ids=frozenset(
            item["id"] for item in categories if isinstance(item.get("id"), int)
        ),
        category="; ".join(dict.fromkeys(names))[:200] or None,
        corrects_id=corrects if isinstance(corrects, int) and corrects > 0 else None,
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def messages_of(data: Mapping[str, Any]) -> list[Message]:
    """Messages of a list, one for two twins, by id.

    Of a list that overflowed the oldest is left out: its twin may be beyond the edge,
    and a narrower list holds both.
    """
    found = [
        message
        for value in _list(data.get("messages"))
        if isinstance(value, dict) and (message := message_of(value))
    ]
    kept = list(without_twins(found))
    return kept[1:] if data.get("overflow") is True else kept


def without_twins(messages: Sequence[Message]) -> Iterator[Message]:
    """Messages by id, the second of two twins left out.

    Twins are one announcement in Norwegian and English: consecutive ids of one issuer
    and one kind, minutes apart, in two languages.
    """
    previous: Message | None = None
    for message in sorted(messages, key=lambda one: one.message_id):
        if previous is not None and _are_twins(previous, message):
            previous = None
            continue
        yield message
        previous = message


def _are_twins(one: Message, other: Message) -> bool:
    if one.published_at is None or other.published_at is None:
        return False
    return (
        other.message_id - one.message_id <= 1
        and one.issuer_id == other.issuer_id
        and one.category_ids == other.category_ids
        and one.corrects_id is None
        and other.corrects_id in (None, one.message_id)
        and abs(other.published_at - one.published_at) <= _TWIN_GAP
        and one.title != other.title
        and (
            (_may_be(one, "en") and _may_be(other, "nb"))
            or (_may_be(one, "nb") and _may_be(other, "en"))
        )
    )


def _may_be(message: Message, language: str) -> bool:
    """True unless the words of the title speak against it; names alone do not."""
    found = language_of(message.title or "", language)
    return (found == "en") == (language == "en")
