"""What a PDF says, read in a process of its own that may take only so much.

A reader of PDF is a large program that strangers feed: it runs as a child with an end
to its memory and its time, and without the environment of its parent. What cannot be
read is told as that, never as "says nothing". What becomes of a PDF is decided
elsewhere (packed.py).

`python -m scrapers.pdf_text SECONDS` is that child: a PDF on stdin, and on stdout one
line (empty, or why not all of it could be read) and the text.
"""

import logging
import resource
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

MOST_SECONDS = 10
MOST_PAGES = 500
MOST_BYTES = 100_000_000  # of a file, and of what is read out of one
_MOST_MEMORY = 1_000_000_000
# Waited for at most, however little of the processor the child gets.
_PATIENCE = 6


@dataclass(frozen=True)
class PdfText:
    """What could be read, and why not all of it could; None when all of it was."""

    text: str
    unread: str | None


def read_pdf(body: bytes, seconds: int = MOST_SECONDS) -> PdfText:
    """What a PDF says on its pages, in its notes, forms, titles and attachments.

    Args:
        body: the file.
        seconds: of the processor that reading it may take.
    """
    if len(body) > MOST_BYTES:
        return PdfText("", "it is larger than is read")
    project = str(Path(__file__).parents[1])
    try:
        child = subprocess.run(
            [sys.executable, "-m", "scrapers.pdf_text", str(seconds)],
            input=body,
            capture_output=True,
            timeout=seconds * _PATIENCE,
            cwd=project,
            env={"PYTHONPATH": project},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return PdfText("", "reading it takes longer than is waited for")
    if child.returncode != 0:
        return PdfText("", "its reader was ended: it takes too much, or is broken")
    unread, _, text = child.stdout.decode("utf-8", "replace").partition("\n")
    return PdfText(text, unread or None)


def _read(body: bytes) -> PdfText:
    from pypdf import PdfReader

    reader = PdfReader(BytesIO(body), strict=False)
    # Most that are encrypted only forbid printing: anybody can open them.
    if reader.is_encrypted and not reader.decrypt(""):
        return PdfText("", "it is encrypted with a password")
    said: list[str] = []
    unread: dict[str, None] = {}

    def attempt(read: Callable[[], str]) -> str:
        try:
            return read()
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - told as what could not be read
            unread.setdefault(f"part of it is broken ({type(error).__name__})")
            return ""

    n_pages = len(reader.pages)
    if n_pages == 0:
        unread.setdefault("it has no page that can be found")
    if n_pages > MOST_PAGES:
        unread.setdefault(f"it has {n_pages} pages, and {MOST_PAGES} are read")
    for number in range(min(n_pages, MOST_PAGES)):
        said.append(attempt(partial(_page, reader, number, unread)))
    for place in _places(reader):
        said.append(attempt(partial(_object, reader, place, unread)))
    text = unicodedata.normalize("NFKC", "\n".join(said))
    return PdfText(text, next(iter(unread), None))


def _page(reader: Any, number: int, unread: dict[str, None]) -> str:
    """What a page shows."""
    page = reader.pages[number]
    text = str(page.extract_text())
    if not text.strip() and (page.get("/Resources") or {}).get("/XObject"):
        unread.setdefault("a page of it has no text, only what is drawn")
    return text


def _places(reader: Any) -> list[tuple[int, int]]:
    """Number and generation of every object of a file."""
    places = {(n, g) for g, numbers in reader.xref.items() for n in numbers}
    return sorted(places | {(number, 0) for number in reader.xref_objStm})


def _object(reader: Any, place: tuple[int, int], unread: dict[str, None]) -> str:
    """The strings of an object; a font that cannot be read is noted."""
    from pypdf.generic import IndirectObject

    one = IndirectObject(*place, reader).get_object()
    if isinstance(one, dict) and one.get("/Type") == "/Font" and _is_coded(one):
        unread.setdefault("it has a font with a coding of its own")
    return "\n".join(_strings(one))


def _strings(one: Any) -> Iterator[str]:
    """The strings of an object, and what is packed in it beside pages."""
    from pypdf.generic import (
        ArrayObject,
        ByteStringObject,
        DictionaryObject,
        StreamObject,
        TextStringObject,
    )

    if isinstance(one, TextStringObject):
        yield str(one)
    elif isinstance(one, ByteStringObject):
        yield bytes(one).decode("utf-8", "replace")
    elif isinstance(one, ArrayObject):
        for value in list(one):
            yield from _strings(value)
    elif isinstance(one, DictionaryObject):
        for value in dict.values(one):
            yield from _strings(value)
        kinds = (one.get("/Type"), one.get("/Subtype"))
        if isinstance(one, StreamObject) and {"/EmbeddedFile", "/XML"} & set(kinds):
            yield one.get_data().decode("utf-8", "replace")


def _is_coded(font: Any) -> bool:
    """True for a font whose codes stand for letters that the file does not name."""
    from pypdf._codecs.adobe_glyphs import adobe_glyphs

    if "/ToUnicode" in font:
        return False
    kind, coding = font.get("/Subtype"), font.get("/Encoding")
    if kind in ("/CIDFontType0", "/CIDFontType2"):
        return False  # the letters are named by the font that it is part of
    if kind == "/Type0":
        return coding in (None, "/Identity-H", "/Identity-V") or not isinstance(
            coding, str
        )
    described = font.get("/FontDescriptor") or {}
    is_embedded = any(f"/FontFile{n}" in described for n in ("", "2", "3"))
    if coding is None:
        return is_embedded or kind == "/Type3"
    if isinstance(coding, str):
        return False
    names = [n for n in coding.get("/Differences") or [] if isinstance(n, str)]
    return any(n not in adobe_glyphs and not _says_code(n) for n in names)


def _says_code(name: str) -> bool:
    """True for the name of a glyph that tells its letter, and for none at all."""
    digits = name.removeprefix("/uni").removeprefix("/u")
    is_code = digits != name and len(digits) > 3
    return name == "/.notdef" or (
        is_code and all(c in "0123456789ABCDEF" for c in digits)
    )


def main(seconds: int) -> int:
    """Read the PDF on stdin within the limits; 0 when something can be said of it."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.disable()
    try:
        found = _read(sys.stdin.buffer.read())
    except MemoryError:
        return 1
    except Exception as error:  # noqa: BLE001 - told as what could not be read
        found = PdfText("", f"it is broken ({type(error).__name__})")
    text = found.text.encode("utf-8", "replace")[:MOST_BYTES]
    sys.stdout.buffer.write((found.unread or "").encode() + b"\n" + text)
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
