"""Bytes within bytes: what is packed in gzip, bzip2, xz, zip or tar, changed inside.

A name in a workbook (xlsx is a zip) or in a packed list stands in no byte of the file
as it came. What is changed inside is packed again, the same each time, so that a page
fetched anew has the same digest. What becomes of plain bytes is given.
"""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from typing import Protocol

Plain = Callable[[bytes], bytes]

# Packed in packed in packed is no honest file, and neither is what grows like this.
_DEEPEST = 4
MOST_BYTES = 2_000_000_000
_STEP = 1 << 20
_EPOCH = (1980, 1, 1, 0, 0, 0)


class PackedTooLarge(ValueError):
    """A file that unpacks to more than is looked through."""


def changed(body: bytes, plain: Plain, limit: int = MOST_BYTES) -> bytes:
    """The bytes with a change made inside of what is packed; the same when none is.

    Args:
        body: any bytes.
        plain: what becomes of bytes that are not packed; gives back what it was given
            when nothing changes.
        limit: bytes that may come out in all.

    Raises:
        PackedTooLarge: more would come out.
    """
    return _Packed(plain, limit).changed(body, 0)


class _Stream(Protocol):
    def read(self, size: int, /) -> bytes:
        """So many bytes, or fewer at the end."""


class _Packed:
    """One look through a file; counts what came out."""

    def __init__(self, plain: Plain, limit: int) -> None:
        self._plain = plain
        self._left = limit

    def changed(self, body: bytes, depth: int) -> bytes:
        if depth < _DEEPEST:
            for is_one, change in (
                (body[:2] == b"\x1f\x8b", self._gzip),
                (body[:3] == b"BZh", self._bzip2),
                (body[:6] == b"\xfd7zXZ\0", self._xz),
                (body[:4] == b"PK\x03\x04", self._zip),
                (body[257:262] == b"ustar", self._tar),
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
