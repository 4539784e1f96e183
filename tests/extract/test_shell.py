"""Empty shells of scripts, told from pages with text."""

import pytest

from scrapers.extract.shell import is_empty_shell

SCRIPT = '<script src="/static/js/main.js"></script>'
TEXT = (
    "<p>" + "Vi bygger og drifter løsninger for industrien i hele Norden. " * 5 + "</p>"
)


def page(body: str) -> bytes:
    return f"<html><head><title>x</title></head><body>{body}</body></html>".encode()


@pytest.mark.parametrize(
    "body",
    [
        f'<div id="root"></div>{SCRIPT}',
        f'<div id="app"><div class="spinner">Laster …</div></div>{SCRIPT}',
        f"<app-root></app-root>{SCRIPT}",
        f'<div id="__next"></div>{SCRIPT}',
        f"<noscript>You need to enable JavaScript to run this app.</noscript>{SCRIPT}",
        f"<noscript>Du må slå på JavaScript for å bruke siden.</noscript>{SCRIPT}",
        f"<noscript>Siden krever at JavaScript er aktivert.</noscript>{SCRIPT}",
        f"<noscript>Sida krev JavaScript.</noscript>{SCRIPT}",
        f"<noscript>Du måste aktivera JavaScript i din webbläsare.</noscript>{SCRIPT}",
        f"<noscript>Aktivér venligst JavaScript.</noscript>{SCRIPT}",
        f"<noscript>Ota JavaScript käyttöön selaimessasi.</noscript>{SCRIPT}",
        f"<p>Please turn on JavaScript.</p>{SCRIPT}",
    ],
)
def test_shells(body: str) -> None:
    assert is_empty_shell(page(body))


@pytest.mark.parametrize(
    "body",
    [
        f'<div id="root">{TEXT}</div>{SCRIPT}',
        f"{TEXT}<noscript>Enable JavaScript.</noscript>{SCRIPT}",
        '<div id="root"></div>',
        f"<h1>Ledelsen</h1><p>Kari Eksempel, daglig leder</p>{SCRIPT}",
        f'<noscript><img src="https://t.example/p.gif"></noscript><p>Kort.</p>{SCRIPT}',
    ],
)
def test_pages_that_are_none(body: str) -> None:
    assert not is_empty_shell(page(body))


def test_what_is_no_page_is_no_shell() -> None:
    assert not is_empty_shell(b"\x00\x01\x02")
    assert not is_empty_shell(b'{"root": 1}')
