"""Each parser against made-up payloads: tests/sources/<source>/<case>/.

A source without a case fails; a case without an expectation has it written and
fails, so that somebody reads it before it becomes the truth.
"""

import importlib
import json
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from scrapers.envelope import Envelope
from scrapers.extract.refusal import ParseRefused

ROOT = Path(__file__).parent
SOURCES = sorted(
    file.parent.name for file in (ROOT / "../scrapers/sources").glob("*/parse.py")
)
CASES = sorted(file.parent for file in (ROOT / "sources").glob("*/*/envelope.json"))


def as_json(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{value!r} has no place in a record")


def records_of(case: Path) -> list[dict[str, Any]]:
    """What the parser says, with the kind, or its refusal as the only line."""
    envelope = Envelope(**json.loads((case / "envelope.json").read_text("utf-8")))
    (body,) = case.glob("body.*")
    parser = importlib.import_module(f"scrapers.sources.{case.parent.name}.parse")
    try:
        found = list(parser.parse(body.read_bytes(), envelope))
    except ParseRefused as refusal:
        return [{"refused": type(refusal).__name__, "why": str(refusal)}]
    rows = [{"kind": record.KIND, **asdict(record)} for record in found]
    return json.loads(json.dumps(rows, default=as_json))


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_has_a_case(source: str) -> None:
    assert any(case.parent.name == source for case in CASES), (
        f"{source} has no case: add tests/sources/{source}/<case>/envelope.json"
        " and body.*"
    )


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}"
)
def test_golden(case: Path) -> None:
    records = records_of(case)
    expected = case / "expected.jsonl"
    if not expected.exists():
        lines = (json.dumps(row, ensure_ascii=False) for row in records)
        expected.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        pytest.fail(f"Wrote {expected.relative_to(ROOT)}: read it, then run again.")
    assert records == [
        json.loads(line) for line in expected.read_text("utf-8").splitlines()
    ]
