"""People and organisations in Norwegian sentences: `{id: [{start, end, type}]}`."""

import json
from itertools import groupby
from pathlib import Path
from typing import Any

from scrapers.extract.people_in_text import people_and_organisations


def predict(split_dir: Path) -> dict[str, list[dict[str, Any]]]:
    """Names in each sentence, the sentences of a language read as they stand."""
    with (split_dir / "input.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    found: dict[str, list[dict[str, Any]]] = {}
    for _language, group in groupby(rows, key=lambda row: row["lang"]):
        sentences = list(group)
        spans = people_and_organisations([row["text"] for row in sentences])
        for row, named in zip(sentences, spans, strict=True):
            found[row["id"]] = [
                {"start": span.start, "end": span.end, "type": span.kind}
                for span in named
            ]
    return found
