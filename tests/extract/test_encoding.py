"""Bytes to text: what the page claims, and what the bytes say."""

import codecs
import pkgutil
from encodings import __path__ as codec_modules
from encodings import aliases

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.extract.encoding import decode
from scrapers.extract.html import CONTROL, clean, parse_html

TEXT = "Sørvågen lærer å følge kundereisen på Ås. Blåbærsyltetøy og rømme."


@pytest.mark.parametrize(
    ("encoding", "content_type", "prefix"),
    [
        ("utf-8", "text/html; charset=utf-8", ""),
        ("utf-8", None, ""),
        ("latin-1", "text/html; charset=utf-8", ""),
        ("cp1252", None, ""),
        ("utf-8", "text/html; charset=iso-8859-1", ""),
        ("latin-1", None, '<meta charset="utf-8">'),
        ("latin-1", "text/html; charset=no-such-thing", ""),
        ("utf-16-le", None, ""),
        ("cp865", "text/html; charset=cp865", ""),
        ("latin-1", "text/html; charset=rot13", ""),
    ],
)
def test_text_comes_out_right_whatever_the_label(
    encoding: str, content_type: str | None, prefix: str
) -> None:
    assert decode((prefix + TEXT).encode(encoding), content_type) == prefix + TEXT


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_mark_wins(encoding: str) -> None:
    assert decode(TEXT.encode(encoding), "text/html; charset=iso-8859-1") == TEXT


def test_one_broken_byte_does_not_turn_utf8_into_latin1() -> None:
    body = TEXT.encode() + b"\xff" + TEXT.encode()
    assert decode(body, "text/html; charset=utf-8") == TEXT + "\ufffd" + TEXT


def test_other_alphabets_are_detected() -> None:
    text = "Компания ищет менеджера по продажам и развитию клиентов в регионе. " * 5
    assert decode(text.encode("cp1251"), None) == text


@given(st.binary(max_size=200), st.none() | st.text(max_size=30))
def test_never_raises(body: bytes, content_type: str | None) -> None:
    assert isinstance(decode(codecs.BOM_UTF8 + body, content_type), str)
    assert isinstance(decode(body, content_type), str)


def test_no_codec_that_a_page_may_name_raises() -> None:
    names = {*aliases.aliases, *(m.name for m in pkgutil.iter_modules(codec_modules))}
    for name in names:
        for body in (
            bytes(range(256)),
            b"xn--\xff.." * 3,
            b"+2AA-\xe5",
            b"\\ud800\xe5",
        ):
            decode(body, f"text/html; charset={name}").encode("utf-8")


@pytest.mark.parametrize("code", [0x00, 0x0B, 0x1F, 0x7F, 0xFFFE, 0xFFFF])
def test_a_character_xml_cannot_hold_is_taken_out_of_a_page(code: int) -> None:
    assert CONTROL.match(chr(code))
    root = parse_html(f"<p>før{chr(code)} etter</p>".encode(), "text/html")
    assert clean("".join(map(str, root.itertext()))) == "før etter"
