"""Bytes within bytes: what is packed in gzip, bzip2, xz, zip or tar, changed inside.

A name in a workbook (xlsx is a zip) or in a packed list stands in no byte of the file
as it came. What is changed inside is packed again, the same each time, so that a page
fetched anew has the same digest. What becomes of plain bytes is given. A PDF cannot be
packed again without a writer of PDF: one in which something would change is withheld
whole, and one that nobody can read where the caller says so.
"""

import bz2
import gzip
import io
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from scrapers.pdf_text import MOST_BYTES as MOST_PDF_BYTES
from scrapers.pdf_text import MOST_SECONDS, read_pdf

Plain = Callable[[bytes], bytes]

# Packed in packed in packed is no honest file, and neither is what grows like this.
_DEEPEST = 4
MOST_BYTES = 2_000_000_000
_STEP = 1 << 20
WITHHELD_PDF = b"Withheld: this was a PDF that held what was erased.\n"
WITHHELD_UNREAD = b"Withheld: this was a file that could not be read.\n"
_PDF_STREAM = re.compile(rb"\bstream\r?\n")
# Strings as PDF writes them, and steps in a line that are as wide as a space.
_PDF_TEXT = re.compile(
    rb"(?<!\\)\(((?:[^\\()]|\\.)*+)\)|<([0-9A-Fa-f\s]+)>|(-\d{3,})|(T[jJdD*])",
    re.DOTALL,
)
_PDF_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r?\n|.)", re.DOTALL)
_EPOCH = (1980, 1, 1, 0, 0, 0)


class PackedTooLarge(ValueError):
    """A file that unpacks to more than is looked through."""


@dataclass(frozen=True)
class PdfRule:
    """How PDFs are read; whether one is withheld that could not be, or not all of it.

    ``is_withheld`` is called for each such PDF, and only for those.
    """

    is_withheld: Callable[[], bool] = lambda: False
    seconds: int = MOST_SECONDS


KEPT_UNREAD = PdfRule()


def changed(
    body: bytes, plain: Plain, limit: int = MOST_BYTES, pdfs: PdfRule = KEPT_UNREAD
) -> bytes:
    """The bytes with a change made inside of what is packed; the same when none is.

    Args:
        body: any bytes.
        plain: what becomes of bytes that are not packed; gives back what it was given
            when nothing changes.
        limit: bytes that may come out in all.
        pdfs: what becomes of PDFs that cannot be read.

    Raises:
        PackedTooLarge: more would come out.
    """
    return _Packed(plain, limit, pdfs).changed(body, 0)


class _Stream(Protocol):
    def read(self, size: int, /) -> bytes:
        """So many bytes, or fewer at the end."""


class _Packed:
    """One look through a file; counts what came out."""

    def __init__(self, plain: Plain, limit: int, pdfs: PdfRule) -> None:
        self._plain = plain
        self._left = limit
        self._pdfs = pdfs

    def changed(self, body: bytes, depth: int) -> bytes:
        if depth < _DEEPEST:
            for is_one, change in (
                (body[:2] == b"\x1f\x8b", self._gzip),
                (body[:3] == b"BZh", self._bzip2),
                (body[:6] == b"\xfd7zXZ\0", self._xz),
                (body[:4] == b"PK\x03\x04", self._zip),
                (body[257:262] == b"ustar", self._tar),
                (body[:5] == b"%PDF-", self._pdf),
            ):
                if is_one:
                    try:
                        return change(body, depth)
                    except PackedTooLarge:
                        raise
                    except _NOT_PACKED:
                        break
        return self._plain(body)

    def _gzip(self, body: bytes, depth: int) -> bytes:
        with gzip.open(io.BytesIO(body)) as stream:
            inside = self._unpacked(stream)
        new = self.changed(inside, depth + 1)
        return body if new == inside else gzip.compress(new, mtime=0)

    def _bzip2(self, body: bytes, depth: int) -> bytes:
        with bz2.open(io.BytesIO(body)) as stream:
            inside = self._unpacked(stream)
        new = self.changed(inside, depth + 1)
        return body if new == inside else bz2.compress(new)

    def _xz(self, body: bytes, depth: int) -> bytes:
        with lzma.open(io.BytesIO(body)) as stream:
            inside = self._unpacked(stream)
        new = self.changed(inside, depth + 1)
        return body if new == inside else lzma.compress(new)

    def _zip(self, body: bytes, depth: int) -> bytes:
        buffer, is_new = io.BytesIO(), False
        with (
            zipfile.ZipFile(io.BytesIO(body)) as old,
            zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out,
        ):
            for item in old.infolist():
                with old.open(item) as stream:
                    inside = self._unpacked(stream)
                new, name = self.changed(inside, depth + 1), self._name(item.filename)
                is_new |= new != inside or name != item.filename
                out.writestr(zipfile.ZipInfo(name, item.date_time or _EPOCH), new)
            comment = self._plain(old.comment)
            is_new |= comment != old.comment
            out.comment = comment
        return buffer.getvalue() if is_new else body

    def _tar(self, body: bytes, depth: int) -> bytes:
        buffer, is_new = io.BytesIO(), False
        with (
            tarfile.open(fileobj=io.BytesIO(body)) as old,
            tarfile.open(fileobj=buffer, mode="w") as out,
        ):
            for item in old:
                stream = old.extractfile(item) if item.isfile() else None
                inside = self._unpacked(stream) if stream is not None else b""
                new, name = self.changed(inside, depth + 1), self._name(item.name)
                link = self._name(item.linkname)
                is_new |= new != inside or name != item.name or link != item.linkname
                item.name, item.linkname = name, link
                item.size = len(new) if item.isfile() else item.size
                item.pax_headers = {}
                out.addfile(item, io.BytesIO(new) if item.isfile() else None)
        return buffer.getvalue() if is_new else body

    def _pdf(self, body: bytes, depth: int) -> bytes:
        try:
            parts = _pdf_parts(body)
        except PackedTooLarge:
            is_read = False
        else:
            for part in parts:
                for text in (part, _pdf_text(part, b" "), _pdf_text(part, b"")):
                    if self._plain(text) != text:
                        return WITHHELD_PDF
            read = read_pdf(body, self._pdfs.seconds)
            text = read.text.encode()
            if self._plain(text) != text:
                return WITHHELD_PDF
            is_read = read.unread is None
        return body if is_read or not self._pdfs.is_withheld() else WITHHELD_UNREAD

    def _name(self, name: str) -> str:
        raw = name.encode("utf-8", "surrogateescape")
        return self._plain(raw).decode("utf-8", "surrogateescape").replace("\0", "")

    def _unpacked(self, stream: "_Stream") -> bytes:
        parts = []
        while part := stream.read(_STEP):
            self._left -= len(part)
            if self._left < 0:
                raise PackedTooLarge("it unpacks to more than is looked through")
            parts.append(part)
        return b"".join(parts)


def _pdf_parts(body: bytes) -> list[bytes]:
    """The file, its streams unpacked, and what is around them: also of a broken one.

    Raises:
        PackedTooLarge: it unpacks to more than is read of a PDF.
    """
    parts, at, around, left = [body], 0, [], MOST_PDF_BYTES
    while found := _PDF_STREAM.search(body, at):
        end = body.find(b"endstream", found.end())
        if end < 0:
            break
        around.append(body[at : found.start()])
        packed, at = body[found.end() : end], end + len(b"endstream")
        try:
            part = zlib.decompressobj().decompress(packed, left + 1)
        except zlib.error:
            part = packed  # not packed, or in a way that pdf_text.py looks into
        left -= len(part)
        if left < 0:
            raise PackedTooLarge("it unpacks to more than is read of a PDF")
        parts.append(part)
    return [*parts, b"".join(around) + body[at:]]


def _pdf_text(part: bytes, between: bytes) -> bytes:
    """What the strings of a part of a PDF say, in UTF-8, `between` after each."""
    out = []
    for literal, digits, step, operator in _PDF_TEXT.findall(part):
        if step or operator:
            out.append(b" " if step else between)
            continue
        if digits:
            digits = b"".join(digits.split())
            raw = bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())
        else:
            raw = _PDF_ESCAPE.sub(_unescaped, literal)
        coding = "utf-16-be" if raw[:2] == b"\xfe\xff" else "cp1252"
        out.append(raw.decode(coding, "replace").encode("utf-8", "replace"))
    return b" ".join(b"".join(out).split())


def _unescaped(found: re.Match[bytes]) -> bytes:
    code = found[1]
    if code[:1] in b"01234567":
        return bytes((int(code, 8) & 255,))
    return b"" if code[-1:] == b"\n" else {b"n": b" ", b"r": b" "}.get(code, code)


# Each reader has errors of its own for what only begins as its kind of file does.
_NOT_PACKED = (
    OSError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    tarfile.TarError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
