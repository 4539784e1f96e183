"""A PDF in which a name can be read is withheld whole. The name is made up."""

import zlib

import pytest

from scrapers import packed

NAME = b"Kari Oppdiktet"


def without(body: bytes) -> bytes:
    return body.replace(NAME, b"[x]")


def pdf(shown: bytes, author: bytes = b"(Ingen)") -> bytes:
    stream = zlib.compress(b"BT /F1 12 Tf " + shown + b" ET")
    head = b"<< /Length %d /Filter /FlateDecode >>" % len(stream)
    return (
        b"%PDF-1.4\n1 0 obj\n" + head + b"\nstream\r\n" + stream + b"\nendstream\n"
        b"endobj\n2 0 obj\n<< /Author " + author + b" >>\nendobj\n%%EOF\n"
    )


@pytest.mark.parametrize(
    "body",
    [
        pdf(b"(Kari Oppdiktet) Tj"),
        pdf(b"[(Ka) 20 (ri) -250 (Opp) 15 (diktet)] TJ"),
        pdf(b"(Kari) Tj 30 0 Td (Oppdiktet) Tj"),
        pdf(b"<4b617269204f70706469 6b746574> Tj"),
        pdf(rb"(Kari \117ppdiktet) Tj"),
        pdf(
            b"() Tj", b"<FEFF" + NAME.decode().encode("utf-16-be").hex().encode() + b">"
        ),
        pdf(b"() Tj", b"(Kari Oppdiktet)"),
    ],
)
def test_a_pdf_that_names_the_person_is_withheld(body: bytes) -> None:
    new = packed.changed(body, without)
    assert new == packed.WITHHELD_PDF
    assert packed.changed(new, without) == new


def test_a_pdf_that_names_nobody_stays_as_it_is() -> None:
    body = pdf(b"[(Ola) -250 (Annen)] TJ")
    assert packed.changed(body, without) is body


def test_a_bomb_in_a_pdf_is_refused() -> None:
    with pytest.raises(packed.PackedTooLarge):
        packed.changed(pdf(b" " * 100_000), without, 10_000)


@pytest.mark.parametrize("what", [b"stream\n", rb"\(", b"(", b"<"])
def test_a_pdf_that_is_none_stays_as_it_is(what: bytes) -> None:
    body = b"%PDF-(" + what * 100_000
    assert packed.changed(body, without) is body
