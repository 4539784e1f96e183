"""Language of sentences: `{id: code}`."""

import json
from pathlib import Path

from scrapers.extract.language import language_of


def predict(split_dir: Path) -> dict[str, str | None]:
    """The language of each text, with nothing declared."""
    with (split_dir / "input.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return {row["id"]: language_of(row["text"]) for row in rows}
