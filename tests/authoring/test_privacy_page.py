"""The record of processing says what the registry says."""

from orchestration.authoring.privacy_page import FILE, page
from scrapers.source import load_source, source_names


def test_the_page_is_what_the_registry_says():
    assert FILE.read_text(encoding="utf-8") == page(), (
        "docs/privacy.md is stale: python -m orchestration.authoring.privacy_page"
    )


def test_every_source_stands_there_with_its_days():
    said = page()
    for name in source_names():
        row = next(x for x in said.splitlines() if x.startswith(f"| {name} |"))
        assert f"{load_source(name).retention_days} days" in row


def test_the_notice_is_there_in_three_languages():
    for words in ("berettiget interesse", "rettkomen interesse", "legitimate interest"):
        assert words in page()
