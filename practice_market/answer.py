"""What a made-up host answers, and the helpers that every host needs."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any


@dataclass(frozen=True)
class Answer:
    """Status, header pairs in lower case, and the body, whole or in chunks."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes = b""
    chunks: Iterable[bytes] | None = None


@dataclass(frozen=True)
class Request:
    """What a host is asked: target without authority, and the day (0 is the first)."""

    method: str
    host: str
    path: str
    query: str
    headers: Mapping[bytes, bytes]
    day: int
    body: bytes = b""


def tag_of(body: bytes) -> bytes:
    """A strong entity tag for a body."""
    return b'"' + hashlib.blake2b(body, digest_size=12).hexdigest().encode() + b'"'


def text(status: int, sentence: str, *headers: tuple[bytes, bytes]) -> Answer:
    """A plain-text answer."""
    kind = (b"content-type", b"text/plain; charset=utf-8")
    return Answer(status, (kind, *headers), (sentence + "\n").encode())


def as_json(
    status: int,
    content: Any,
    kind: bytes = b"application/json",
    *headers: tuple[bytes, bytes],
) -> Answer:
    """A JSON answer."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(status, ((b"content-type", kind), *headers), body)


def http_date(day: date, hour: int = 4) -> bytes:
    """An IMF-fixdate on that day at a full hour, UTC."""
    moment = datetime.combine(day, time(hour), UTC)
    return format_datetime(moment, usegmt=True).encode()


def moment_of(header: bytes | None) -> datetime | None:
    """The moment of an HTTP date; None where there is none or it cannot be read."""
    if header is None:
        return None
    try:
        moment = parsedate_to_datetime(header.decode("latin-1"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def conditional(
    request: Request, kind: bytes, body: bytes, tag: bytes | None, modified: date | None
) -> Answer:
    """200 with validators, or 304 when the client's copy still holds (RFC 9110)."""
    pairs: list[tuple[bytes, bytes]] = []
    if tag is not None:
        pairs.append((b"etag", tag))
    if modified is not None:
        pairs.append((b"last-modified", http_date(modified)))
    wanted = request.headers.get(b"if-none-match")
    if wanted is not None and tag is not None:
        tags = [part.strip().removeprefix(b"W/") for part in wanted.split(b",")]
        if tag in tags:
            return Answer(304, tuple(pairs))
    elif wanted is None and modified is not None:
        since = moment_of(request.headers.get(b"if-modified-since"))
        if since is not None and datetime.combine(modified, time(4), UTC) <= since:
            return Answer(304, tuple(pairs))
    pairs.append((b"content-type", kind))
    return Answer(200, tuple(pairs), body)
