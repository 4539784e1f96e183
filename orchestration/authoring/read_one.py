"""Read one saved response with a source's parser, as `lyttepost parse` does."""

import json
import mimetypes
from collections.abc import Iterator
from dataclasses import asdict, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

from scrapers.envelope import Envelope
from scrapers.source import load_parser, load_source


class NotReadable(ValueError):
    """A response that cannot be given to a parser; the message says what is missing."""


def envelope_of(
    source: str,
    file: Path,
    envelope_file: Path | None,
    url: str | None,
    scope: str | None,
    content_type: str | None,
) -> Envelope:
    """What is told about a response: its envelope file, and what is given besides.

    Without an envelope file, `envelope.json` beside the response is taken.

    Raises:
        NotReadable: when there is none and no scope is given, or it is not understood.
    """
    beside = file.with_name("envelope.json")
    chosen = envelope_file or (beside if beside.exists() else None)
    told: dict[str, Any] = {}
    if chosen is not None:
        told = _read_envelope(chosen)
    guessed, _ = mimetypes.guess_type(file.name)
    given = {"url": url, "scope": scope, "content_type": content_type}
    values = {
        "url": f"https://example.invalid/{file.name}",
        "content_type": guessed,
        "http_status": 200,
        **told,
        **{name: value for name, value in given.items() if value is not None},
        "source": source,
    }
    if "scope" not in values:
        raise NotReadable(
            f"{file}: say what the response is with --scope (as the spider of {source} "
            "calls it), or give its --envelope"
        )
    return Envelope(**values)


def _read_envelope(file: Path) -> dict[str, Any]:
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NotReadable(f"{file}: is not an envelope: {error}") from error
    names = {f.name for f in fields(Envelope)}
    if not isinstance(told, dict) or set(told) - names:
        raise NotReadable(
            f"{file}: is not an envelope; it is an object of {', '.join(sorted(names))}"
        )
    return told


def lines_of(source: str, file: Path, envelope: Envelope) -> Iterator[str]:
    """The records of a response, one JSON object a line, as expected.jsonl has them.

    Raises:
        SourceRefused: there is no such source.
        NotReadable: there is no such file.
        ParseRefused: the parser's one sentence.
    """
    load_source(source)
    if not file.is_file():
        raise NotReadable(f"{file}: there is no such file")
    for record in load_parser(source).parse(file.read_bytes(), envelope):
        row = {"kind": record.KIND, **asdict(record)}
        yield json.dumps(row, ensure_ascii=False, default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{value!r} has no place in a record")
