"""JSON payloads, read strictly enough to be safe and loosely enough to be real."""

import json
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from scrapers.extract.encoding import decode
from scrapers.extract.refusal import ParseRefused

_LOG = logging.getLogger(__name__)


def read_json(body: bytes, content_type: str | None, url: str) -> Any:
    """Value of a JSON payload; raw control characters in strings are allowed.

    Raises:
        ParseRefused: it is not JSON, or nests deeper than can be read.
    """
    text = decode(body, content_type)
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError) as no:
        reason = str(no) or type(no).__name__
        raise ParseRefused(f"The payload of {url} is not JSON: {reason}.") from no


def warn_unread(what: str, found: Iterable[str], known: frozenset[str]) -> None:
    """Name the keys nobody reads, so that a new one is noticed and not lost."""
    unread = sorted(set(found) - known)
    if unread:
        _LOG.warning("%s: keys not read: %s", what, ", ".join(unread))


def mapping(value: Any, what: str) -> Mapping[str, Any]:
    """The value when it is an object.

    Raises:
        ParseRefused: it is something else.
    """
    if not isinstance(value, dict):
        raise ParseRefused(f"{what} should be an object and is {type(value).__name__}.")
    return value


def array(value: Any, what: str) -> list[Any]:
    """The value when it is an array; absent counts as empty.

    Raises:
        ParseRefused: it is something else.
    """
    if value is None:
        return []
    if not isinstance(value, list):
        raise ParseRefused(f"{what} should be an array and is {type(value).__name__}.")
    return value


def string(value: Any) -> str | None:
    """A trimmed string, or None when it is empty or no string; no lone surrogates."""
    if not isinstance(value, str):
        return None
    text = value.encode("utf-8", "replace").decode("utf-8").strip()
    return text or None


def number(value: Any) -> float | None:
    """A finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        result = float(value)
    except OverflowError:
        return None
    return result if abs(result) < 1e300 else None


def count(value: Any) -> int | None:
    """A number of things that a table can hold, without its decimals, or None."""
    found = number(value)
    return int(found) if found is not None and 0 <= found < 2**63 else None
