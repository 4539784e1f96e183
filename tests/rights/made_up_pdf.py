"""Small PDFs made up for tests: plain, with a font of its own coding, encrypted."""

import io
import zlib

from pypdf import PdfReader, PdfWriter

PLAIN = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def made(shown: bytes, font: bytes = PLAIN, *more: bytes, pages: int = 1) -> bytes:
    """A PDF whose pages show a text, packed by Flate.

    Args:
        shown: operators that show text, the font is F1.
        font: object 4.
        more: objects from 6 on.
        pages: how often its one page stands in the list of pages.
    """
    stream = zlib.compress(b"BT /F1 12 Tf 72 700 Td " + shown + b" ET")
    kids = b"3 0 R " * pages
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, pages),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 5 0 R "
        b"/Resources << /Font << /F1 4 0 R >> >> >>",
        font,
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream"
        % (len(stream), stream),
        *more,
    )
    out, places = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n"
        % (len(objects) + 1, table, len(objects) + 1, len(out))
    )


def coded(name: str, *, is_mapped: bool) -> bytes:
    """A name in numbers of glyphs; mapped to letters in the file, or not."""
    letters = sorted(set(name))
    codes = {letter: number for number, letter in enumerate(letters, 1)}
    hexed = "".join(f"{codes[letter]:04x}" for letter in name).encode()
    pairs = "\n".join(f"<{n:04x}> <{ord(c):04x}>" for c, n in codes.items())
    mapping = (
        "/CIDInit /ProcSet findresource begin\n1 begincodespacerange\n<0000> <ffff>\n"
        f"endcodespacerange\n{len(codes)} beginbfchar\n{pairs}\nendbfchar\nend"
    ).encode()
    packed = zlib.compress(mapping)
    font = (
        b"<< /Type /Font /Subtype /Type0 /BaseFont /ABCDEF+Egen /Encoding /Identity-H "
        b"/DescendantFonts [<< /Type /Font /Subtype /CIDFontType2 /BaseFont "
        b"/ABCDEF+Egen /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) "
        b"/Supplement 0 >> >>]" + (b" /ToUnicode 6 0 R >>" if is_mapped else b" >>")
    )
    unicode = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (
        len(packed),
        packed,
    )
    return made(b"<" + hexed + b"> Tj", font, unicode)


def encrypted(body: bytes, password: str, title: str = "Oppdiktet") -> bytes:
    """A PDF encrypted with AES; without a password anybody can open it."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(body)))
    writer.add_metadata({"/Title": title})
    writer.encrypt(password, "eier", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
