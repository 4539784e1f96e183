"""The register's nightly bulk file, read as a stream and limited to some units.

Only the taking apart of the array belongs here; what a unit says is read in `parse`.
"""

import gzip
import io
import json
import zlib
from collections.abc import Iterator
from typing import Any

from scrapers.extract.refusal import ParseRefused

_CHUNK = 1 << 20
_GZIP = b"\x1f\x8b"
_LONGEST_UNIT = 4_000_000


def bulk_units(
    body: bytes, wanted: frozenset[str] | None, url: str
) -> Iterator[dict[str, Any]]:
    """Units of a JSON array, gzip'd or not, without holding all of it as objects.

    Args:
        body: the file.
        wanted: organisation numbers; the others are passed over. None takes all.
        url: where the file is from, to be named in a refusal.

    Raises:
        ParseRefused: the file is no array of objects, or is cut.
    """
    try:
        for unit in _objects(_text(body), url):
            if wanted is None or unit.get("organisasjonsnummer") in wanted:
                yield unit
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as fault:
        raise ParseRefused(f"The bulk file {url} cannot be read: {fault}.") from fault


def _text(body: bytes) -> io.TextIOWrapper:
    if body.startswith(_GZIP):
        return io.TextIOWrapper(gzip.GzipFile(fileobj=io.BytesIO(body)), "utf-8")
    return io.TextIOWrapper(io.BytesIO(body), "utf-8")


def _objects(text: io.TextIOWrapper, url: str) -> Iterator[dict[str, Any]]:
    decoder = json.JSONDecoder(strict=False)
    held = text.read(_CHUNK).lstrip("\ufeff \r\n\t")
    if not held.startswith("["):
        raise ParseRefused(f"The bulk file {url} does not start with an array.")
    at = 1
    while True:
        at = _past(held, at, " \r\n\t,")
        if at < len(held) and held[at] == "]":
            return
        try:
            unit, end = decoder.raw_decode(held, at)
        except ValueError as fault:
            more = text.read(_CHUNK)
            if not more or len(held) - at > _LONGEST_UNIT:
                raise ParseRefused(
                    f"The bulk file {url} ends, or breaks, inside a unit: {fault}."
                ) from fault
            held, at = held[at:] + more, 0
            continue
        if not isinstance(unit, dict):
            raise ParseRefused(f"The bulk file {url} holds something else than units.")
        at = end
        yield unit


def _past(text: str, at: int, characters: str) -> int:
    while at < len(text) and text[at] in characters:
        at += 1
    return at
