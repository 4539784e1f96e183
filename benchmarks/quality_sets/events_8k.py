"""Class of filed statements: `{id: label}`."""

import json
from pathlib import Path

from scrapers.extract.event_classes import event_class


def predict(split_dir: Path) -> dict[str, str]:
    """The class of each statement's text."""
    with (split_dir / "input.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return {row["id"]: event_class(row["text"]) for row in rows}
