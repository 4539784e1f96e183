"""Main text of pages: `{id: text}`."""

from pathlib import Path

import polars as pl

from scrapers.extract.blocks import main_text, text_blocks
from scrapers.extract.html import parse_html
from scrapers.extract.refusal import ParseRefused


def predict(split_dir: Path) -> dict[str, str]:
    """The text of the main blocks of each page; empty for what is not a page."""
    pages = pl.read_parquet(split_dir / "pages.parquet", columns=["id", "html"])
    return {identity: _text(body) for identity, body in pages.iter_rows()}


def _text(body: bytes) -> str:
    try:
        return main_text(text_blocks(parse_html(body, "text/html")))
    except ParseRefused:
        return ""
