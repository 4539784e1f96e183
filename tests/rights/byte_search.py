"""Search every byte under a folder, unpacked by the formats' own readers.

Shares nothing with the code that takes names out.
"""

import io
import sqlite3
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import polars as pl


def contents(file: Path) -> Iterator[tuple[str, bytes]]:
    """Each piece of a file as bytes, and what it is."""
    body = file.read_bytes()
    yield "name", str(file).encode()
    yield "bytes", body
    if body[:2] == b"\x1f\x8b":
        for what, content in _members(body):
            yield what, content
            # A record's payload stands behind two heads, and may be packed itself.
            payload = content.split(b"\r\n\r\n", 2)[-1]
            yield from _archive(payload, what)
    elif body[:4] == b"PAR1":
        try:
            frame = pl.read_parquet(file)
        except pl.exceptions.ComputeError:
            # A writer that was killed leaves a torn file of a hidden name, which no
            # reader opens; a torn file of any other name is a fault.
            if not file.name.startswith("."):
                raise
            return
        for column in frame.columns:
            yield f"column {column}", _said(frame[column].to_list())
    elif body[:6] == b"SQLite":
        yield from _sqlite(file)
    elif body[:4] == b"PK\x03\x04":
        yield from _archive(body, "file")
    elif file.suffix == ".duckdb":
        with duckdb.connect(str(file), read_only=True) as base:
            for (table,) in base.execute(
                "select table_name from duckdb_tables()"
            ).fetchall():
                rows = base.execute(f'select * from "{table}"').fetchall()
                yield f"table {table}", _said(rows)


def _archive(body: bytes, what: str) -> Iterator[tuple[str, bytes]]:
    """The entries of a zip, of a tar and of a gzip within another file."""
    if body[:2] == b"\x1f\x8b":
        for _, content in _members(body):
            yield f"packed in {what}", content
            yield from _archive(content, what)
    elif body[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for name in archive.namelist():
                yield f"entry of {what}", name.encode()
                yield f"entry {name} of {what}", archive.read(name)
                yield from _archive(archive.read(name), what)
    elif body[257:262] == b"ustar":
        with tarfile.open(fileobj=io.BytesIO(body)) as tar:
            for item in tar:
                stream = tar.extractfile(item) if item.isfile() else None
                content = stream.read() if stream else b""
                yield f"{item.name} of {what}", item.name.encode() + b"\n" + content
                yield from _archive(content, what)


def found(home: Path, *words: str) -> list[str]:
    """Where one of these words stands, in any case."""
    needles = [word.lower().encode() for word in words]
    needles += [word.lower().encode("latin-1", "ignore") for word in words]
    return [
        f"{file.relative_to(home)}: {what}"
        for file in sorted(home.rglob("*"))
        if file.is_file() and not file.is_symlink()
        for what, body in contents(file)
        if any(needle in _lower(body) for needle in needles)
    ]


def _lower(body: bytes) -> bytes:
    try:
        return body.decode().lower().encode()
    except UnicodeDecodeError:
        return body.lower()


def _said(rows: Sequence[object]) -> bytes:
    return "\n".join(map(str, rows)).encode("utf-8", "replace")


def _members(body: bytes) -> Iterator[tuple[str, bytes]]:
    at = 0
    while at < len(body):
        inflater = zlib.decompressobj(zlib.MAX_WBITS + 16)
        try:
            content = inflater.decompress(body[at:])
        except zlib.error:
            return
        yield f"member at {at}", content
        at = len(body) - len(inflater.unused_data)


def _sqlite(file: Path) -> Iterator[tuple[str, bytes]]:
    with sqlite3.connect(file) as base:
        base.text_factory = bytes
        for (table,) in base.execute(
            "select name from sqlite_master where type = 'table'"
        ).fetchall():
            for row in base.execute(f'select * from "{table.decode()}"'):
                for cell in row:
                    if not isinstance(cell, bytes):
                        continue
                    yield f"table {table.decode()}", cell
                    try:
                        yield f"packed in {table.decode()}", zlib.decompress(cell)
                    except zlib.error:
                        continue
