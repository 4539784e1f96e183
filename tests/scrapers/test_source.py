"""Whom a source can be asked about."""

from dataclasses import replace

import pytest

from scrapers.account import Account, Place
from scrapers.source import (
    SOURCES_DIR,
    SourceRefused,
    concerned,
    load_source,
    source_names,
)

HOME = Account("a", "A AS", "NO", "923609016", ())
ABROAD = Account("b", "B Ltd", "GB", None, ("b.example",))
ON_A_BOARD = replace(ABROAD, account_id="c", places=(Place("company_pages", "c"),))


@pytest.mark.parametrize(
    ("needs", "countries", "asked"),
    [
        ("", (), "abc"),
        ("org_number", (), "a"),
        ("domains", (), "bc"),
        ("place", (), "c"),
        ("domains", ("NO",), ""),
        ("", ("GB",), "bc"),
    ],
)
def test_a_source_is_asked_about_those_it_concerns(needs, countries, asked):
    spec = replace(load_source("company_pages"), needs=needs, countries=countries)
    found = concerned(spec, (HOME, ABROAD, ON_A_BOARD))
    assert "".join(account.account_id for account in found) == asked


def test_what_a_source_needs_is_on_a_closed_list(tmp_path, monkeypatch):
    folder = tmp_path / "company_pages"
    folder.mkdir()
    text = (SOURCES_DIR / "company_pages" / "source.yml").read_text()
    (folder / "source.yml").write_text(text.replace("needs: domains", "needs: luck"))
    monkeypatch.setattr("scrapers.source.SOURCES_DIR", tmp_path)
    load_source.cache_clear()
    with pytest.raises(SourceRefused, match="needs is 'luck'"):
        load_source("company_pages")
    load_source.cache_clear()


def test_a_country_that_yaml_reads_as_false_is_refused(tmp_path, monkeypatch):
    folder = tmp_path / "brreg_registry"
    folder.mkdir()
    text = (SOURCES_DIR / "brreg_registry" / "source.yml").read_text()
    assert '["NO"]' in text
    (folder / "source.yml").write_text(text.replace('["NO"]', "[NO]"))
    monkeypatch.setattr("scrapers.source.SOURCES_DIR", tmp_path)
    load_source.cache_clear()
    with pytest.raises(SourceRefused, match="countries holds False, which is no word"):
        load_source("brreg_registry")
    load_source.cache_clear()


def test_every_source_can_be_asked_about_somebody():
    one = replace(HOME, domains=("a.example",))
    norwegian = {
        name
        for name in source_names()
        if concerned(
            load_source(name), [replace(one, places=(Place(name, "somewhere"),))]
        )
    }
    assert set(source_names()) - norwegian == {"companies_house_registry"}
