"""Real change of a page or noise, from two raw captures: `{id: bool}`."""

import json
from pathlib import Path

import polars as pl

from scrapers.extract.blocks import main_text, text_blocks
from scrapers.extract.html import parse_html
from scrapers.extract.noise import text_digest
from scrapers.extract.refusal import ParseRefused


def predict(split_dir: Path) -> dict[str, bool]:
    """True where the digest of the main text differs between the two captures."""
    pages = pl.read_parquet(split_dir / "pages.parquet", columns=["sha", "html"])
    digests = {sha: _digest(body) for sha, body in pages.iter_rows()}
    with (split_dir / "pairs.jsonl").open(encoding="utf-8") as lines:
        pairs = [json.loads(line) for line in lines]
    return {
        pair["id"]: None not in (digests[pair["before"]], digests[pair["after"]])
        and digests[pair["before"]] != digests[pair["after"]]
        for pair in pairs
    }


def _digest(body: bytes) -> str | None:
    """The digest of a page's own text; None for what shows none."""
    try:
        text = main_text(text_blocks(parse_html(body, "text/html")))
    except ParseRefused:
        return None
    return text_digest(text) if text else None
