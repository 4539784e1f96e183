"""Real change of a page or noise, from two raw captures, and the changed texts."""

import json
from pathlib import Path
from typing import Any

import polars as pl

from scrapers.extract.blocks import TextBlock, text_blocks
from scrapers.extract.folded_documents import other_documents
from scrapers.extract.html import parse_html, title_of
from scrapers.extract.page_changes import CHANGED, page_change
from scrapers.extract.refusal import ParseRefused


def predict(split_dir: Path) -> dict[str, dict[str, Any]]:
    """Change where the page's own matter changed and it is still the same page."""
    pages = pl.read_parquet(split_dir / "pages.parquet", columns=["sha", "html"])
    read = {sha: _read(body) for sha, body in pages.iter_rows()}
    with (split_dir / "pairs.jsonl").open(encoding="utf-8") as lines:
        pairs = [json.loads(line) for line in lines]
    found = {}
    for pair in pairs:
        before, _ = read[pair["before"]]
        after, title = read[pair["after"]]
        others = other_documents(after, pair["url"] or "", title)
        change = page_change(before, after, others)
        found[pair["id"]] = {
            "change": change.kind == CHANGED,
            "diff_words": [*change.removed, *change.added],
        }
    return found


def _read(body: bytes) -> tuple[tuple[TextBlock, ...], str | None]:
    """The blocks and the title of a capture; nothing for what is not a page."""
    try:
        root = parse_html(body, "text/html")
    except ParseRefused:
        return (), None
    return text_blocks(root), title_of(root)
