"""Topics of finance headlines and events of news sentences: `{id: [label]}`."""

import json
from pathlib import Path

from scrapers.extract.headline_topics import headline_topic, sentence_events


def predict(split_dir: Path) -> dict[str, list[str]]:
    """One topic for each headline, the events for each sentence."""
    with (split_dir / "input.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return {row["id"]: _labels(row["source"], row["text"]) for row in rows}


def _labels(source: str, text: str) -> list[str]:
    if source == "tfn":
        return [headline_topic(text)]
    # The set writes BuyRating for buy_rating.
    return [event.title().replace("_", "") for event in sentence_events(text)]
