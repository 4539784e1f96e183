"""A name inside of what is packed is found, and the rest is as it was."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable

import pytest

from scrapers import packed

NAME, MARK = b"Kari Nordmann", b"[slettet]"


def without(body: bytes) -> bytes:
    return body.replace(NAME, MARK)


def zipped(inside: bytes, name: str = "xl/sharedStrings.xml") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr(name, inside)
        out.writestr("another.bin", bytes(range(256)))
    return buffer.getvalue()


def tarred(inside: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as out:
        item = tarfile.TarInfo("folder/a.txt")
        item.size = len(inside)
        out.addfile(item, io.BytesIO(inside))
    return buffer.getvalue()


WAYS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "gzip in two members": lambda b: gzip.compress(b[:9]) + gzip.compress(b[9:]),
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zip": zipped,
    "zip in gzip": lambda b: gzip.compress(zipped(b)),
    "zip in zip": lambda b: zipped(zipped(b), "inner.zip"),
    "tar": tarred,
    "tar.gz": lambda b: gzip.compress(tarred(b)),
}
TEXT = b"styrets leder er Kari Nordmann, valgt i mai; " * 40


def unpacked(body: bytes) -> bytes:
    """Every plain byte, read by the change itself; checked against other readers."""
    seen: list[bytes] = []

    def look(inside: bytes) -> bytes:
        seen.append(inside)
        return inside

    assert packed.changed(body, look) is body
    return b"\0".join(seen)


@pytest.mark.parametrize("way", WAYS)
def test_a_name_leaves_what_is_packed(way: str) -> None:
    body = WAYS[way](TEXT)
    assert (NAME in body) == (way == "tar")
    assert NAME in unpacked(body)
    new = packed.changed(body, without)
    assert NAME not in unpacked(new)
    assert MARK in unpacked(new)
    assert packed.changed(body, without) == new, "the same each time"
    assert packed.changed(new, without) is new


def test_other_readers_read_what_was_packed_again() -> None:
    new = packed.changed(zipped(TEXT), without)
    with zipfile.ZipFile(io.BytesIO(new)) as archive:
        assert archive.testzip() is None
        assert archive.read("xl/sharedStrings.xml") == without(TEXT)
        assert archive.read("another.bin") == bytes(range(256))
    new = packed.changed(gzip.compress(tarred(TEXT)), without)
    with tarfile.open(fileobj=io.BytesIO(new)) as tar:
        (member,) = tar.getmembers()
        stream = tar.extractfile(member)
        assert stream is not None
        assert stream.read() == without(TEXT)


@pytest.mark.parametrize(
    "body",
    [
        b"\x1f\x8b no gzip Kari Nordmann",
        b"PK\x03\x04 no zip Kari Nordmann",
        b"BZh Kari Nordmann",
        b"\xfd7zXZ\0 Kari Nordmann",
        gzip.compress(TEXT, mtime=0)[:-12],
    ],
)
def test_what_only_begins_as_something_packed_is_plain(body: bytes) -> None:
    assert packed.changed(body, without) == without(body)


def test_a_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    with pytest.raises(packed.PackedTooLarge):
        packed.changed(bomb, without, 1_000_000)
    deep = TEXT
    for _ in range(12):
        deep = gzip.compress(deep)
    assert packed.changed(deep, without) is deep
