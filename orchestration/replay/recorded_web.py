"""A recorded web folder, and how it answers on a given day.

Reading `pages.jsonl` strictly and answering one request as of the end of a day belong
here. Sockets do not (server.py), and `truth.jsonl` is never opened.
"""

import gzip
import hashlib
import json
import zlib
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PAGES = "pages.jsonl"
_REQUIRED = ("url", "valid_from", "status", "content_type", "body")
_OPTIONAL = ("location",)
_CACHE_BYTES = 64_000_000


class RecordedWebRefused(ValueError):
    """A folder that cannot be served; the message names file, line and field."""


@dataclass(frozen=True)
class PageRow:
    """One version of an address: holds until the next row of the same address."""

    address: str
    valid_from: datetime
    status: int
    content_type: str | None
    body: Path | None
    location: str | None


@dataclass(frozen=True)
class Answer:
    """What the web answers: status, header pairs in lower case, body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""


def address_key(url: str) -> str:
    """The address without scheme and fragment: host in lower case, path, query.

    https and http are the same address; a trailing slash is not ignored; a query is
    compared as it stands; ports 80 and 443 are dropped.
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower()
    host = host.removesuffix(":80").removesuffix(":443")
    query = f"?{parts.query}" if parts.query else ""
    return f"{host}{parts.path or '/'}{query}"


def _fail(where: str, field: str, why: str) -> RecordedWebRefused:
    return RecordedWebRefused(f"{where}: field {field!r} {why}")


def _moment(where: str, text: Any) -> datetime:
    if not isinstance(text, str):
        raise _fail(where, "valid_from", "is not a time in ISO 8601 with a zone")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise _fail(where, "valid_from", f"{text!r} is not ISO 8601 with a zone")
    return moment.astimezone(UTC)


def _body(where: str, folder: Path, text: Any) -> Path | None:
    if text is None:
        return None
    if not isinstance(text, str) or not text:
        raise _fail(where, "body", "is not the name of a file")
    path = (folder / text).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise _fail(where, "body", f"{text!r} points outside the folder")
    if not path.is_file():
        raise _fail(where, "body", f"{text!r} is not there")
    return path


def _row(where: str, folder: Path, row: Any) -> PageRow:
    if not isinstance(row, dict):
        raise RecordedWebRefused(f"{where}: the line is not a JSON object")
    for name in _REQUIRED:
        if name not in row:
            raise _fail(where, name, "is missing")
    for name in row:
        if name not in _REQUIRED + _OPTIONAL:
            raise _fail(where, name, "is not known")
    url, status = row["url"], row["status"]
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise _fail(where, "url", f"{url!r} is not an http or https address")
    try:
        has_host = bool(urlsplit(url).hostname)
    except ValueError:
        has_host = False
    if not has_host:
        raise _fail(where, "url", f"{url!r} has no host")
    if not isinstance(status, int) or isinstance(status, bool):
        raise _fail(where, "status", f"{status!r} is not a whole number")
    if not 200 <= status <= 599:
        raise _fail(where, "status", f"{status} is not between 200 and 599")
    for name in ("content_type", "location"):
        text = row.get(name)
        if text is not None and (not isinstance(text, str) or "\n" in text):
            raise _fail(where, name, "is not one line of text")
    return PageRow(
        address=address_key(url),
        valid_from=_moment(where, row["valid_from"]),
        status=status,
        content_type=row["content_type"],
        body=_body(where, folder, row["body"]),
        location=row.get("location"),
    )


def read_pages(folder: Path) -> list[PageRow]:
    """Read pages.jsonl, every row checked.

    Raises:
        RecordedWebRefused: one sentence that names file, line and field.
    """
    file = folder / PAGES
    if not file.is_file():
        raise RecordedWebRefused(f"{folder}: there is no {PAGES} in this folder")
    rows: list[PageRow] = []
    first_line: dict[tuple[str, datetime], int] = {}
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            where = f"{file}: line {number}"
            if not line.strip():
                continue
            try:
                parsed = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise RecordedWebRefused(f"{where}: not JSON ({error})") from error
            row = _row(where, folder, parsed)
            key = (row.address, row.valid_from)
            if key in first_line:
                raise _fail(
                    where,
                    "valid_from",
                    f"repeats line {first_line[key]}: the same address twice at once",
                )
            first_line[key] = number
            rows.append(row)
    if not rows:
        raise RecordedWebRefused(f"{file}: there is no row in it")
    return rows


def hosts(folder: Path) -> frozenset[str]:
    """The hosts that the folder answers for, in lower case."""
    return frozenset(row.address.partition("/")[0] for row in read_pages(folder))


class _Bodies:
    """Payloads and their digests, the least recently used dropped first."""

    def __init__(self, limit: int = _CACHE_BYTES) -> None:
        self._limit, self._held = limit, 0
        self._kept: OrderedDict[Path | None, tuple[bytes, str]] = OrderedDict()

    def get(self, path: Path | None) -> tuple[bytes, str]:
        """The payload and its quoted entity tag."""
        if path in self._kept:
            self._kept.move_to_end(path)
            return self._kept[path]
        body = b"" if path is None else gzip.decompress(path.read_bytes())
        entry = body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        self._kept[path] = entry
        self._held += len(body)
        while self._held > self._limit and len(self._kept) > 1:
            self._held -= len(self._kept.popitem(last=False)[1][0])
        return entry


def _plain(status: int, sentence: str, *headers: tuple[str, str]) -> Answer:
    return Answer(
        status,
        (("content-type", "text/plain; charset=utf-8"), *headers),
        (sentence + "\n").encode(),
    )


def _is_current(row: PageRow, tag: str, headers: Mapping[str, str]) -> bool:
    """RFC 9110 13.2.2: If-None-Match decides where both conditions are sent."""
    wanted = headers.get("if-none-match")
    if wanted is not None:
        tags = [part.strip().removeprefix("W/") for part in wanted.split(",")]
        return "*" in tags or tag in tags
    since = headers.get("if-modified-since")
    if since is None:
        return False
    try:
        moment = parsedate_to_datetime(since)
    except ValueError:
        return False
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return row.valid_from.replace(microsecond=0) <= moment


class RecordedWeb:
    """A recorded web: which row of which address held at the end of a day."""

    def __init__(self, folder: Path) -> None:
        rows = read_pages(folder)
        self.first_day = min(row.valid_from for row in rows).date()
        self.last_day = max(row.valid_from for row in rows).date()
        self.hosts = frozenset(row.address.partition("/")[0] for row in rows)
        self._rows: dict[str, list[PageRow]] = {}
        for row in sorted(rows, key=lambda row: (row.address, row.valid_from)):
            self._rows.setdefault(row.address, []).append(row)
        self._starts = {
            address: [row.valid_from for row in versions]
            for address, versions in self._rows.items()
        }
        self._bodies = _Bodies()

    def row_at(self, url: str, day: date) -> PageRow | None:
        """The row that held at the end of that day (UTC), if there was one yet."""
        address = address_key(url)
        if address not in self._rows:
            return None
        midnight = datetime.combine(day + timedelta(days=1), time(), UTC)
        # A row from 00:00:00 of the next day does not hold yet.
        position = bisect_right(
            self._starts[address], midnight - timedelta(microseconds=1)
        )
        return self._rows[address][position - 1] if position else None

    def answer(
        self, method: str, url: str, day: date, headers: Mapping[str, str]
    ) -> Answer:
        """Answer one request as the host would have at the end of that day."""
        host = address_key(url).partition("/")[0]
        if host not in self.hosts:
            return _plain(
                502,
                f"The recorded web holds no host {host}.",
                ("lyttepost-replay-error", "dns_error"),
            )
        if method not in ("GET", "HEAD"):
            return _plain(405, "A recorded web is only read.", ("allow", "GET, HEAD"))
        row = self.row_at(url, day)
        if row is None:
            return _plain(404, "Not found.")
        try:
            body, tag = self._bodies.get(row.body)
        except (OSError, EOFError, zlib.error) as error:
            return _plain(500, f"The recorded payload {row.body} is broken: {error}.")
        pairs = [
            ("etag", tag),
            ("last-modified", format_datetime(row.valid_from, usegmt=True)),
        ]
        if row.status == 200 and _is_current(row, tag, headers):
            return Answer(304, tuple(pairs))
        if row.content_type is not None:
            pairs.append(("content-type", row.content_type))
        if row.location is not None:
            pairs.append(("location", row.location))
        return Answer(row.status, tuple(pairs), body)
