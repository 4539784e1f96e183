"""The menu of a home page and the sections of a sitemap."""

import pytest

from scrapers.extract.html import parse_html
from scrapers.extract.refusal import NothingReadable
from scrapers.extract.site_sections import menu_entries, sitemap_sections

HOME = "https://www.firma.example/"


def menu(page: str) -> list[tuple[str | None, str, int]]:
    root = parse_html(page.encode(), "text/html")
    found = list(menu_entries(root, HOME))
    assert [entry.order_no for entry in found] == list(range(len(found)))
    return [(entry.label, entry.target, entry.depth) for entry in found]


def sections(*addresses: str, root: str = "urlset") -> list[tuple[str, int | None]]:
    items = "".join(f"<url><loc>{address}</loc></url>" for address in addresses)
    body = f'<?xml version="1.0"?><{root} xmlns="x">{items}</{root}>'.encode()
    return [(e.target, e.n_pages) for e in sitemap_sections(body, HOME + "sitemap.xml")]


def test_labels_targets_and_depth() -> None:
    page = """<header><nav><ul><li><a href="/tjenester">Tjenester</a>
        <ul hidden><li><a href="/tjenester/drift/?utm_source=x">Drift</a></li></ul></li>
      <li><a href="https://firma.example/om-oss/">Om oss</a></li>
      <li><a href="https://butikk.firma.example/">Butikk</a></li></ul></nav></header>
      <nav class="breadcrumb"><a href="/x">Hjem</a></nav>
      <nav class="mobile"><a href="/tjenester">Tjenester</a></nav>
      <footer><nav><a href="/personvern">Personvern</a></nav></footer>"""
    assert menu(page) == [
        ("Tjenester", "/tjenester", 0),
        ("Drift", "/tjenester/drift", 1),
        ("Om oss", "/om-oss", 0),
        ("Butikk", "butikk.firma.example/", 0),
    ]


def test_other_markup_is_the_same_menu() -> None:
    one = '<nav><ul><li><a href="/a">A</a></li><li><a href="/b">B</a></li></ul></nav>'
    two = '<div class="main-menu"><a href="/a/"><b>A</b></a><a href="/b#x">B</a></div>'
    assert menu(one) == menu(two)


def test_without_a_menu_the_links_of_the_header() -> None:
    assert menu('<header><a href="/a">A</a></header><a href="/b">B</a>') == [
        ("A", "/a", 0)
    ]


def test_sections_are_counted_below_the_language() -> None:
    assert sections(
        HOME, f"{HOME}tjenester", f"{HOME}tjenester/drift", f"{HOME}no/om/a?b=1",
        f"{HOME}tjenester/drift", "https://[broken/",
    ) == [("/", 1), ("/no/om", 1), ("/tjenester", 2)]  # fmt: skip


def test_an_index_names_its_maps() -> None:
    assert sections(f"{HOME}b.xml", f"{HOME}a.xml", root="sitemapindex") == [
        ("/a.xml", None),
        ("/b.xml", None),
    ]


def test_a_page_in_place_of_a_sitemap_is_nothing_to_read() -> None:
    with pytest.raises(NothingReadable):
        list(sitemap_sections(b"<html><body>Ikke funnet</body></html>", HOME))
