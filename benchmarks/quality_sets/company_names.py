"""Pairs of names: `{id: score}`, the same company from 0.5 on."""

import json
from pathlib import Path

from scrapers.extract.company_names import same_company


def predict(split_dir: Path) -> dict[str, float]:
    """How likely each pair is one company."""
    with (split_dir / "input.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return {row["id"]: same_company(row["name1"], row["name2"]).score for row in rows}
