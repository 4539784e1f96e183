"""Bytes to text, whatever the page claims about itself.

Only the choice of a character encoding belongs here.
"""

import codecs
import re

from charset_normalizer import from_bytes

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_META_CHARSET = re.compile(
    rb"<(?:meta[^>]{0,200}?charset|\?xml[^>]{0,100}?encoding)\s*=\s*[\"']?\s*([\w.:-]+)",
    re.IGNORECASE,
)
# What browsers read when a page says Latin-1: the printable superset.
_WEB_ALIASES = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254"}
# Codecs of names and of source code; text of a page is never written in them.
_NOT_OF_PAGES = frozenset(
    ("idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined")
)
_META_WINDOW = 4096
_DETECTION_WINDOW = 20_000
# Letters that a wrong guess between single-byte encodings turns into symbols.
_WESTERN_LETTERS = re.compile(rb"[\xc0-\xd6\xd8-\xf6\xf8-\xff]")


def decode(body: bytes, content_type: str | None = None) -> str:
    """Text of a payload: byte order mark, then header, then meta, then detection.

    A label is believed only when the bytes agree with it: Latin-1 labelled as UTF-8
    and UTF-8 labelled as Latin-1 both come out right. Never raises; a byte no
    encoding explains becomes U+FFFD.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body.decode(encoding, "replace").lstrip("\ufeff")
    labels = _labels(body, content_type)
    if b"\x00" in body[:200]:
        wide = _wide_encoding(body)
        if wide is not None:
            return body.decode(wide, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    for label in labels:
        if label != "utf-8":
            try:
                return body.decode(label)
            except UnicodeError:
                # Not only that of decoding: "undefined" is a codec, too.
                continue
    if "utf-8" in labels and _is_damaged_utf8(body):
        return body.decode("utf-8", "replace")
    return body.decode(_detected(body), "replace")


def _labels(body: bytes, content_type: str | None) -> list[str]:
    found = []
    header = _HEADER_CHARSET.search(content_type or "")
    meta = _META_CHARSET.search(body[:_META_WINDOW])
    for name in (
        header.group(1) if header else None,
        meta.group(1).decode("ascii", "replace") if meta else None,
    ):
        if name is None:
            continue
        try:
            known = codecs.lookup(name).name
        except (LookupError, ValueError):
            continue
        # rot13, base64 and the like are codecs too, but not of text.
        if not codecs.lookup(name)._is_text_encoding:
            continue
        if known.replace("-", "_") in _NOT_OF_PAGES:
            continue
        found.append(_WEB_ALIASES.get(known, known))
    return found


def _wide_encoding(body: bytes) -> str | None:
    """UTF-16 without a mark shows as a null in every second byte."""
    head = body[:200]
    if head[1::2].count(0) > len(head) // 3:
        return "utf-16-le"
    if head[0::2].count(0) > len(head) // 3:
        return "utf-16-be"
    return None


def _is_damaged_utf8(body: bytes) -> bool:
    """True when most bytes above ASCII still form UTF-8 sequences."""
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(1 for character in text if character > "\x7f") - broken
    return whole > 4 * broken


def _detected(body: bytes) -> str:
    window = body[:_DETECTION_WINDOW]
    high = [byte for byte in window if byte > 0x7F]
    western = len(_WESTERN_LETTERS.findall(window))
    # Nordic and western text has a high letter here and there; other alphabets are
    # made of them.
    if not high or (western >= 0.5 * len(high) and len(high) < 0.3 * len(window)):
        return "cp1252"
    best = from_bytes(window).best()
    return best.encoding if best is not None else "cp1252"
