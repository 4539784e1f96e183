"""A PDF in which a name can be read is withheld whole. The name is made up."""

import zlib

import pytest

from scrapers import packed, pdf_text
from scrapers.pdf_text import read_pdf
from tests.rights import made_up_pdf

NAME = b"Kari Oppdiktet"
PLAIN = made_up_pdf.made(b"(Ola Annen) Tj")


def without(body: bytes) -> bytes:
    return body.replace(NAME, b"[x]")


def pdf(shown: bytes, author: bytes = b"(Ingen)") -> bytes:
    """A PDF without a table of its objects: broken, as many on the web are."""
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
        # What only a reader of PDF reads.
        made_up_pdf.coded(NAME.decode(), is_mapped=True),
        made_up_pdf.encrypted(made_up_pdf.made(b"(%s) Tj" % NAME), ""),
        made_up_pdf.encrypted(PLAIN, "", title=NAME.decode()),
    ],
)
def test_a_pdf_that_names_the_person_is_withheld(body: bytes) -> None:
    new = packed.changed(body, without)
    assert new == packed.WITHHELD_PDF
    assert packed.changed(new, without) == new


@pytest.mark.parametrize("is_withheld", [False, True])
def test_a_pdf_that_names_nobody_stays_as_it_is(is_withheld: bool) -> None:
    rule = packed.PdfRule(lambda: is_withheld)
    assert packed.changed(PLAIN, without, pdfs=rule) is PLAIN


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (made_up_pdf.coded("Kari Oppdiktet", is_mapped=False), "coding of its own"),
        (made_up_pdf.encrypted(PLAIN, "hemmelig"), "encrypted with a password"),
        (PLAIN[:300], "broken"),
        (made_up_pdf.made(b"(Ola Annen) Tj", pages=501), "501 pages"),
        (made_up_pdf.made(b""), None),
        # A picture of a page: nothing that can be read, but something to be seen.
        (
            made_up_pdf.made(b"").replace(
                b"<< /Font << /F1 4 0 R >> >>", b"<< /XObject << /I1 9 0 R >> >>"
            ),
            "only what is drawn",
        ),
    ],
    ids="coded password torn pages blank drawn".split(),
)
def test_what_cannot_be_read_is_told_and_not_taken_for_nothing(
    body: bytes, why: str | None
) -> None:
    unread = read_pdf(body).unread
    assert why in str(unread) if why else unread is None
    for is_withheld in (False, True):
        rule = packed.PdfRule(lambda answer=is_withheld: answer)
        new = packed.changed(body, without, pdfs=rule)
        is_gone = is_withheld and why is not None
        assert new == (packed.WITHHELD_UNREAD if is_gone else body)


def test_a_pdf_that_keeps_its_reader_busy_is_given_up() -> None:
    # Forms that show forms: ten to the power of ten texts.
    forms = [
        b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject "
        b"<< /F %d 0 R >> >> /Length %d >>\nstream\n%s\nendstream"
        % (number + 1, 6 * 10, b"/F Do " * 10)
        for number in range(6, 17)
    ]
    body = made_up_pdf.made(b"/F Do", made_up_pdf.PLAIN, *forms).replace(
        b"<< /Font << /F1 4 0 R >> >>", b"<< /XObject << /F 6 0 R >> >>"
    )
    assert read_pdf(body, 1).unread is not None


def test_a_bomb_in_a_pdf_is_not_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "MOST_PDF_BYTES", 10_000)
    body = made_up_pdf.made(b" " * 100_000)
    assert packed.changed(body, without) is body
    rule = packed.PdfRule(lambda: True)
    assert packed.changed(body, without, pdfs=rule) == packed.WITHHELD_UNREAD


def test_a_pdf_larger_than_is_read_is_not_given_to_a_reader(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pdf_text, "MOST_BYTES", 100)
    assert read_pdf(PLAIN).unread == "it is larger than is read"


@pytest.mark.parametrize("what", [b"stream\n", rb"\(", b"(", b"<"])
def test_a_pdf_that_is_none_stays_as_it_is(what: bytes) -> None:
    body = b"%PDF-(" + what * 100_000
    assert packed.changed(body, without) is body
