"""Kinds of leadership change of filed statements: `{id: {flag: bool}}`."""

import json
from pathlib import Path

from scrapers.extract.leadership_words import (
    APPOINTED,
    BOARD,
    DEPARTED,
    INTERIM,
    leadership_claims,
)


def predict(split_dir: Path) -> dict[str, dict[str, bool]]:
    """The three flags of each text, from the claims found in it."""
    with (split_dir / "input.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return {row["id"]: _flags(row["text"]) for row in rows}


def _flags(text: str) -> dict[str, bool]:
    kinds = {claim.kind for claim in leadership_claims(text)}
    return {
        "departure": DEPARTED in kinds,
        "officer_appointment": not kinds.isdisjoint({APPOINTED, INTERIM}),
        "director_election": BOARD in kinds,
    }
