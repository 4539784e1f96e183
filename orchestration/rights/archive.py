"""Taking a name out of WARC files, every offset in the archive kept.

A record is written anew into the place where it stood, filled up to its former length;
so visits, revisits and what is known of addresses go on pointing at it. Its payload has
another digest then, which is told to the caller before the file is swapped. Where else
the digest stands is the caller's business (home_files.py).
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from scrapers import packed, warc
from scrapers.suppression import without_names_in_bytes, without_names_in_plain
from scrapers.visit import payload_digest

ERASED_HEADER = "Lyttepost-Erased"
_BLOCK_DIGEST = "WARC-Block-Digest"
# What a payload may unpack to: ten times what is read of one, or what honest text packs
# into this many bytes. More is a bomb.
_UNPACKED_BYTES = 100_000_000
_UNPACKED_RATIO = 50
_OPTIONAL = (_BLOCK_DIGEST, "WARC-Refers-To-Date", "WARC-Refers-To-Target-URI")


class ArchiveNotRewritten(ValueError):
    """A record that cannot be written anew; says what to do."""


@dataclass(frozen=True)
class Changes:
    """How bytes change, and payloads by digest: those before, those after."""

    body: Callable[[bytes], bytes]
    tombstone: str
    digests: dict[str, str] = field(default_factory=dict)


def without(
    text: Callable[[str], str], is_withheld: Callable[[str], bool]
) -> Callable[[bytes], bytes]:
    """What takes names out of a payload.

    Args:
        text: takes them out of a text.
        is_withheld: asked with the digest of a payload that cannot be read, or not all
            of it (a PDF with a password, a bomb); such a payload is withheld or stays.
    """

    def changed(payload: bytes) -> bytes:
        pdfs = packed.PdfRule(lambda: is_withheld(payload_digest(payload)))
        limit = max(_UNPACKED_BYTES, _UNPACKED_RATIO * len(payload))
        try:
            return without_names_in_bytes(payload, text, limit, pdfs)
        except packed.PackedTooLarge:
            if pdfs.is_withheld():
                return packed.WITHHELD_UNREAD
            return without_names_in_plain(payload, text)

    return changed


def _is_begun(day_folder: Path) -> bool:
    """Whether a crawl of the day, or of a shard of it, is not at its end."""
    patterns = ("_journal.jsonl", "shard=*/_journal.jsonl")
    return any(file for pattern in patterns for file in day_folder.glob(pattern))


def rewrite(
    file: Path, source_folder: Path, changes: Changes, note: Callable[[], None]
) -> int:
    """Write a WARC file anew without what is to go.

    Args:
        file: the WARC file; files of a source are to be given earliest first, for a
            revisit refers to a payload before it.
        source_folder: what its name in visits begins at.
        changes: what is to go; the digests of changed payloads are added.
        note: called when digests are known and before the file is swapped, so that a
            kill between the two loses nothing.

    Returns:
        How many records were written anew; 0 leaves the file untouched.

    Raises:
        ArchiveNotRewritten: a record of an unfinished day does not fit into its place.
    """
    new: dict[int, bytes] = {}
    moved: list[tuple[int, bytes]] = []
    end = 0
    for offset, length, content in warc.members(file):
        end = offset + length
        changed = _changed(content, changes)
        if changed is None:
            continue
        member = _fitting(changed, length)
        if member is not None:
            new[offset] = member
            continue
        if _is_begun(file.parent):
            raise ArchiveNotRewritten(
                f"{file.parent}: this day was begun and not finished; run it to its "
                "end, then erase again"
            )
        moved.append((offset, changed.whole))
    if not new and not moved:
        return 0
    size = file.stat().st_size
    if moved and end < size:
        raise ArchiveNotRewritten(
            f"{file}: is torn at byte {end}, so that nothing can be added; see "
            "`lyttepost doctor --verify`"
        )
    tail = []
    for offset, content in moved:
        member = warc.plain_member(content)
        here = f"{file.parent.relative_to(source_folder)}/{file.name}"
        length = next(n for at, n, _ in warc.members(file) if at == offset)
        pointer = _pointer(content, here, end, changes.tombstone)
        fitting = warc.padded_member(pointer, length)
        if fitting is None:
            raise ArchiveNotRewritten(
                f"{file} at byte {offset}: the record is too short to say where it went"
            )
        new[offset] = fitting
        tail.append(member)
        end += len(member)
    note()
    warc.replace_members(file, new, tail)
    return len(new)


def payload_of(content: bytes) -> bytes:
    """The payload within a record; nothing of one that has none."""
    head, _, rest = content.partition(b"\r\n\r\n")
    size = re.search(rb"(?im)^content-length: (\d+)", head)
    return rest[: int(size[1]) if size else 0].partition(b"\r\n\r\n")[2]


@dataclass(frozen=True)
class _Changed:
    """A record after the change: its head in lines, its block, what may be left out."""

    lines: tuple[str, ...]
    block: bytes

    @property
    def whole(self) -> bytes:
        return _record(self.lines, self.block)

    def without(self, n_optional: int) -> bytes:
        """The record without the first optional headers: they make it shorter."""
        left_out = tuple(f"{name}:" for name in _OPTIONAL[:n_optional])
        return _record(
            tuple(line for line in self.lines if not line.startswith(left_out)),
            self.block,
        )


def _fitting(changed: _Changed, length: int) -> bytes | None:
    for n_optional in range(len(_OPTIONAL) + 1):
        member = warc.padded_member(changed.without(n_optional), length)
        if member is not None:
            return member
    return None


def _changed(content: bytes, changes: Changes) -> _Changed | None:
    """A record as it is to be; None when it stays as it is."""
    head, _, rest = content.partition(b"\r\n\r\n")
    lines = head.decode("utf-8", "surrogateescape").split("\r\n")
    headers = dict(line.partition(": ")[::2] for line in lines[1:])
    size = int(headers.get("Content-Length", 0))
    block = rest[:size]
    kind = headers.get("WARC-Type", "")
    new_head = changes.body(head)
    digest = headers.get("WARC-Payload-Digest", "")
    if kind == "response":
        http, _, payload = block.partition(b"\r\n\r\n")
        new_payload = changes.body(payload)
        new_http = changes.body(http)
        if new_payload is not payload and new_payload != payload:
            changes.digests[payload_digest(payload)] = payload_digest(new_payload)
            new_http = re.sub(
                rb"(?im)^(content-length: )\d+",
                rb"\g<1>%d" % len(new_payload),
                new_http,
            )
        new_block = new_http + b"\r\n\r\n" + new_payload
    else:
        new_block = changes.body(block)
    new_digest = changes.digests.get(digest, digest)
    if new_block == block and new_head == head and new_digest == digest:
        return None
    out = [
        line
        for line in new_head.decode("utf-8", "surrogateescape").split("\r\n")
        if not line.startswith(("Content-Length: ", ERASED_HEADER))
    ]
    out = [
        f"WARC-Payload-Digest: {new_digest}"
        if line.startswith("WARC-Payload-Digest: ")
        else f"{_BLOCK_DIGEST}: sha256:{hashlib.sha256(new_block).hexdigest()}"
        if line.startswith(f"{_BLOCK_DIGEST}: ")
        else line
        for line in out
    ]
    out += [
        f"{ERASED_HEADER}: {changes.tombstone}",
        f"Content-Length: {len(new_block)}",
    ]
    return _Changed(tuple(out), new_block)


def _pointer(content: bytes, file: str, offset: int, tombstone: str) -> bytes:
    """What is left where a record stood that had to move to the end of its file."""
    head = content.partition(b"\r\n\r\n")[0].decode("utf-8", "surrogateescape")
    kept = ("WARC/", "WARC-Record-ID", "WARC-Date", "WARC-Payload-Digest")
    status = b"HTTP/1.1 200 OK\r\n\r\n"
    lines = [
        *(line for line in head.split("\r\n") if line.startswith(kept)),
        "WARC-Type: revisit",
        f"{warc.REFERS_TO_FILE}: {file}",
        f"{warc.REFERS_TO_OFFSET}: {offset}",
        f"{ERASED_HEADER}: {tombstone}",
        f"Content-Length: {len(status)}",
    ]
    return _record(tuple(lines), status)


def _record(lines: tuple[str, ...], block: bytes) -> bytes:
    head = "\r\n".join(lines).encode("utf-8", "surrogateescape")
    return head + b"\r\n\r\n" + block + b"\r\n\r\n"
