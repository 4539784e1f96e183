"""The page of sources says what the sources promise."""

import re

from orchestration.authoring.sources_page import FILE, section
from scrapers.source import load_source


def test_the_page_of_sources_says_what_the_sources_promise():
    written = FILE.read_text(encoding="utf-8")
    # A new source is two folders: it need not be on the page before it works.
    listed = re.findall(r"^## (\w+)$", written, re.M)
    assert len(listed) > 20
    for name in listed:
        assert section(load_source(name)) in written, (
            "docs/sources.md is stale: python -m orchestration.authoring.sources_page"
        )
