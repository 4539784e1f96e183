"""Values that JSON allows and nothing else does, at every place of every payload.

What is read of them must fit the tables: one number that fits none would else cost a
source its whole day. What is no JSON at all is tried in test_fuzz.py.
"""

import copy
import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from scrapers.envelope import Envelope
from scrapers.extract.refusal import ParseRefused
from scrapers.parsed import _plain_fields
from scrapers.records import RECORD_TYPES, polars_schema
from tests.extract.test_fuzz import CASES

_MARK = "the value to be replaced"
VALUES = {
    "larger than 64 bits": "9" * 25,
    "digits without end": "9" * 5000,
    "infinite": "-1e400",
    "no number": "NaN",
    "lone surrogate": '"\\ud800x"',
    "nul": '"a\\u0000b"',
    "nested": "[" * 900 + "]" * 900,
    "year zero": '"0000-00-00T25:61:61+99:99"',
    "half an address": '"http://[half:99999999/"',
    "an epoch far away": "-99999999999999",
}


def _json_cases() -> Iterator[tuple[Path, Any]]:
    for case in CASES:
        (body,) = case.parent.glob("body.*")
        try:
            yield case, json.loads(body.read_bytes())
        except ValueError:
            continue


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where a value stands that is no list and no object."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        if isinstance(inner, dict | list):
            yield from _places(inner, (*path, key))
        else:
            yield (*path, key)


def _payloads(document: Any) -> Iterator[tuple[str, str]]:
    """Text with a mark in each kind of place, once, and where that is."""
    tried = set()
    for path in _places(document) if isinstance(document, dict | list) else ():
        kind = ".".join("*" if isinstance(p, int) else p for p in path)
        if kind in tried:
            continue
        tried.add(kind)
        changed = copy.deepcopy(document)
        *outer, last = path
        place = changed
        for key in outer:
            place = place[key]
        place[last] = _MARK
        yield kind, json.dumps(changed)


JSON_CASES = list(_json_cases())


@pytest.mark.parametrize(
    ("case", "document"),
    JSON_CASES,
    ids=[f"{c.parts[-3]}/{c.parts[-2]}" for c, _ in JSON_CASES],
)
def test_no_value_costs_more_than_its_payload(case: Path, document: Any) -> None:
    envelope = json.loads(case.read_text("utf-8"))
    source, scope, url = (envelope[name] for name in ("source", "scope", "url"))
    parser = importlib.import_module(f"scrapers.sources.{source}.parse")
    for place, text in _payloads(document):
        for name, value in VALUES.items():
            body = text.replace(json.dumps(_MARK), value, 1).encode()
            try:
                records = list(
                    parser.parse(body, Envelope(source, url, scope, None, 200))
                )
            except ParseRefused:
                continue
            for kind in {record.KIND for record in records}:
                rows = [_plain_fields(r) for r in records if kind == r.KIND]
                schema = polars_schema(RECORD_TYPES[kind])
                assert pl.DataFrame(rows, schema=schema).height, f"{name} at {place}"
