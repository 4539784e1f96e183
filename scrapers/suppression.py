"""People who are not to be kept: the list of keyed hashes, and what it takes out.

`HOME/suppression/list.jsonl` holds no name, only what HMAC-SHA256 makes of each
spelling with the key in `HOME/suppression/key` (mode 600). It is asked where bytes land
and where records are written, so that a name that was erased does not come back. How a
name is found in bytes belongs to extract/erased.py; erasing what is kept already, to
orchestration/rights.
"""

import hmac
import json
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from scrapers import packed
from scrapers.extract.erased import (
    ERASED,
    is_slug,
    mark,
    spellings,
    without_names,
    words_of,
)
from scrapers.extract.holder_key import holder_key
from scrapers.extract.names import person_key

FOLDER = "suppression"
_LIST = "list.jsonl"
_KEY = "key"
_KEY_BYTES = 32
# A page has some thousand runs of words, and pages of a site share most of them.
_REMEMBERED = 200_000
# `discovery/<stamp>/<source>` in the home folder.
_LEVELS = 3
# While a page lands; ten times what is read of one.
_LOOKED_THROUGH = 100_000_000
# A crawl waits while a PDF is read, and no parser reads one: what cannot be read at
# once is not kept, so that what an erasure withheld does not come back.
_LANDING_PDFS = packed.PdfRule(lambda: True, seconds=2)


class SuppressionBroken(ValueError):
    """The list or its key cannot be used; says what to do."""


@dataclass(frozen=True)
class Entry:
    """One person: the number of the erasure, and the hashes of the spellings.

    ``firsts`` are the hashes of the words that they begin with: most words of a page
    begin no name, and are asked for once and not once for each run of words.
    """

    number: int
    erased_at: datetime
    hashes: tuple[str, ...]
    lengths: tuple[int, ...]
    firsts: tuple[str, ...]


@dataclass(frozen=True)
class Suppressed:
    """Who is not to be kept; empty when nobody was erased.

    Looking through 4.4 MB of a made-up market's pages takes 1.4 s (2026-11-27).
    """

    key: bytes = b""
    entries: tuple[Entry, ...] = ()
    lengths: frozenset[int] = frozenset()
    _numbers: Mapping[str, int] = field(default_factory=dict)
    _firsts: frozenset[str] = frozenset()
    _seen: dict[tuple[str, ...], int | None] = field(default_factory=dict)
    _begins: dict[str, bool] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """True when there is anybody."""
        return bool(self.entries)

    def number_of(self, words: tuple[str, ...]) -> int | None:
        """The erasure of a person with such a name; None for anybody else."""
        if words in self._seen:
            return self._seen[words]
        number = self._numbers.get(_hash(self.key, words))
        if len(self._seen) > _REMEMBERED:
            self._seen.clear()
        self._seen[words] = number
        return number

    def may_begin(self, word: str) -> bool:
        """True for a word that some suppressed name begins with."""
        if word in self._begins:
            return self._begins[word]
        begins = _hash(self.key, (word,)) in self._firsts
        if len(self._begins) > _REMEMBERED:
            self._begins.clear()
        self._begins[word] = begins
        return begins

    def entry_of(self, name: str) -> Entry | None:
        """The entry of a person by name; None for anybody else."""
        number = self.number_of(words_of(name))
        return next((e for e in self.entries if e.number == number), None)

    def text(self, text: str) -> str:
        """A text without the names."""
        if not self.entries:
            return text
        return without_names(
            text, self.number_of, self.lengths, may_begin=self.may_begin
        )

    def body(self, body: bytes) -> bytes:
        """Bytes of a page without the names, the same bytes when there are none."""
        if not self.entries:
            return body
        try:
            return without_names_in_bytes(
                body, self.text, _LOOKED_THROUGH, _LANDING_PDFS
            )
        except packed.PackedTooLarge:
            # A bomb: no parser unpacks as much either.
            return without_names_in_plain(body, self.text)

    def is_about(self, url: str) -> bool:
        """True for an address that names somebody: it is not asked for."""
        return bool(self.entries) and (is_slug(url) or self.text(url) != url)

    def record(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row about to be written, without the names and the keys made of them."""
        if not self.entries:
            return dict(row)
        return with_plain_keys({n: self._value(v) for n, v in row.items()})

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {n: self._value(v) for n, v in value.items()}
        if isinstance(value, list | tuple):
            return [self._value(v) for v in value]
        return value


NOBODY = Suppressed()


def with_plain_keys(row: dict[str, Any]) -> dict[str, Any]:
    """A row whose name was taken out, with the keys that the mark gives."""
    if isinstance(key := row.get("person_key"), str) and ERASED.fullmatch(key):
        row["person_key"] = person_key(key)
    holder = row.get("holder_name")
    if "holder_key" in row and isinstance(holder, str) and ERASED.fullmatch(holder):
        row["holder_key"] = holder_key(holder, None)
    return row


def without_names_in_bytes(
    body: bytes,
    change: Any,
    limit: int = packed.MOST_BYTES,
    pdfs: packed.PdfRule = packed.KEPT_UNREAD,
) -> bytes:
    """Bytes with a change made to their text, in the encoding they are in.

    Bytes that are no text come out as they went in, unless something is found in them.
    What is packed is looked into.

    Raises:
        PackedTooLarge: it unpacks to more bytes than the limit.
    """
    return packed.changed(
        body, lambda inside: without_names_in_plain(inside, change), limit, pdfs
    )


def without_names_in_plain(body: bytes, change: Any) -> bytes:
    """The same of bytes that are not looked into."""
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        coding = "utf-16-le" if body[:2] == b"\xff\xfe" else "utf-16-be"
        try:
            text = body.decode(coding)
            return str(change(text)).encode(coding)
        except UnicodeError:
            pass
    text = body.decode("utf-8", "surrogateescape")
    changed = change(text)
    return body if changed is text else str(changed).encode("utf-8", "surrogateescape")


def read_suppressed(home: Path) -> Suppressed:
    """The list of a home folder.

    Raises:
        SuppressionBroken: there is a list that cannot be read, or whose key is lost:
            then nothing may be fetched, for it would be kept.
    """
    # What a command looks up lands in a folder of its own below the home folder.
    for root in (home, *Path(home).resolve().parents[:_LEVELS]):
        if (root / FOLDER / _LIST).exists():
            return _read(root)
    return NOBODY


def _read(home: Path) -> Suppressed:
    file = home / FOLDER / _LIST
    entries = []
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        try:
            said = json.loads(line)
            entries.append(
                Entry(
                    int(said["number"]),
                    datetime.fromisoformat(said["erased_at"]),
                    tuple(said["hashes"]),
                    tuple(said["lengths"]),
                    tuple(said["firsts"]),
                )
            )
        except (ValueError, KeyError, TypeError) as error:
            raise SuppressionBroken(
                f"{file}: line {number} is no entry; bring the file back from a backup"
            ) from error
    if not entries:
        return NOBODY
    return _suppressed(_read_key(home), entries)


def suppress(home: Path, names: tuple[str, ...], moment: datetime) -> Entry:
    """Put a person on the list, once; the entry that stands there already otherwise.

    Args:
        home: the home folder.
        names: the full names of one person.
        moment: when, in UTC.
    """
    before = read_suppressed(home)
    for name in names:
        known = before.entry_of(name)
        if known is not None:
            return known
    key = _read_key(home, is_made=True)
    every = sorted({words for name in names for words in spellings(name)})
    entry = Entry(
        len(before.entries) + 1,
        moment,
        tuple(_hash(key, words) for words in every),
        tuple(sorted({len(words) for words in every})),
        tuple(sorted({_hash(key, words[:1]) for words in every})),
    )
    line = json.dumps(
        {
            "number": entry.number,
            "erased_at": moment.isoformat(),
            "hashes": entry.hashes,
            "lengths": entry.lengths,
            "firsts": entry.firsts,
        }
    )
    file = home / FOLDER / _LIST
    earlier = file.read_text("utf-8") if file.exists() else ""
    _write(file, f"{earlier}{line}\n")
    return entry


def is_open_to_others(home: Path) -> bool:
    """True when somebody else than the owner may read the key."""
    file = home / FOLDER / _KEY
    return file.exists() and bool(stat.S_IMODE(file.stat().st_mode) & 0o077)


def name_hash(home: Path, words: tuple[str, ...]) -> str:
    """The keyed hash of the words of a name, as it stands in the list."""
    return _hash(_read_key(home), words)


def signature(home: Path, text: str) -> str:
    """What HMAC-SHA256 makes of a text with the key of the home folder."""
    return hmac.digest(_read_key(home, is_made=True), text.encode(), "sha256").hex()


def shown(entry: Entry) -> str:
    """What is shown in place of the person."""
    return mark(entry.number)


def _suppressed(key: bytes, entries: list[Entry]) -> Suppressed:
    numbers = {h: entry.number for entry in entries for h in entry.hashes}
    lengths = frozenset(n for entry in entries for n in entry.lengths)
    firsts = frozenset(h for entry in entries for h in entry.firsts)
    return Suppressed(key, tuple(entries), lengths, numbers, firsts)


def _hash(key: bytes, words: tuple[str, ...]) -> str:
    return hmac.new(key, "\x1f".join(words).encode(), sha256).hexdigest()


def _read_key(home: Path, *, is_made: bool = False) -> bytes:
    file = home / FOLDER / _KEY
    if not file.exists() and is_made:
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = file.with_name(f".{_KEY}.{os.getpid()}.tmp")
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_hex(_KEY_BYTES))
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(file)
    try:
        key = bytes.fromhex(file.read_text().strip())
    except (OSError, ValueError) as error:
        raise SuppressionBroken(
            f"{file}: the key of the suppression list cannot be read; bring it back "
            "from a backup: without it erased people would be kept again"
        ) from error
    if len(key) != _KEY_BYTES:
        raise SuppressionBroken(f"{file}: is not a key of {_KEY_BYTES} bytes")
    return key


def _write(file: Path, text: str) -> None:
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    with temporary.open("w", encoding="utf-8", newline="\n") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(file)
