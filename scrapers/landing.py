"""Where fetched bytes land, and how they are read back.

landing/<source>/day=YYYY-MM-DD/ holds WARC files, visits.parquet and, once the day is
complete, _crawl.json. While a day is in flight its visits are in _journal.jsonl, a
line after each record. A complete day can be added to: it stays as it is for readers
until the visits that were added replace it. A shard of a day lands its rows in a folder
of its own, shard=02of08/ below the day's, until the day is made of them (joined.py).
What an outcome is, is decided before (middlewares/visits.py); what a payload says,
after (parsed.py).
"""

import fcntl
import json
import logging
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from itertools import islice
from pathlib import Path
from typing import IO, Any

import polars as pl

from scrapers import store, warc
from scrapers.lasting import Said, digest_of, lasting
from scrapers.latest import (
    Key,
    Known,
    concerns,
    fold,
    read_latest,
    write_latest,
)
from scrapers.shards import Shard, shard_named
from scrapers.suppression import NOBODY, Suppressed
from scrapers.visit import (
    ANSWERED,
    RULE_SCOPES,
    VISITS_SCHEMA,
    Visit,
    payload_digest,
    visit_from_row,
    visit_id,
)
from scrapers.whole_files import FileDamaged, must_be_whole

_LOG = logging.getLogger(__name__)

JOURNAL = "_journal.jsonl"
COMPLETE = "_crawl.json"
# In _crawl.json: the accounts that alone were asked; a whole crawl asks the others.
ONLY_ACCOUNTS = "only_accounts"
# In _crawl.json: the shards a day was made of, and those that it had to do without.
JOINED_SHARDS = "shards"
MISSING_SHARDS = "shards_missing"
LATEST = "latest.parquet"
# What a day has taken, added up over its crawls.
_SUMMED = ("seconds", "requests", "bytes", "crawl_seconds")
VISITS = "visits.parquet"
_SYNC_EVERY = 200
_ROWS_AT_A_TIME = 10_000
# A journal row is shorter than this unless its address is very long.
_LINE_BYTES = 2_048
_MAX_FILE_BYTES = 1_000_000_000
_MAX_REFERENCES = 3


class PayloadMissing(LookupError):
    """The archive holds no payload for a visit."""


class PayloadCorrupt(ValueError):
    """What the archive holds is not what was fetched."""


class DayRefused(ValueError):
    """A day that cannot be written as asked; says why."""


# --- reading ---------------------------------------------------------------------


def source_folder(home: Path, source: str) -> Path:
    """The landing folder of a source."""
    return Path(home) / "landing" / source


def day_folder(home: Path, source: str, day: date) -> Path:
    """The landing folder of one day of a source."""
    return source_folder(home, source) / f"day={day.isoformat()}"


def landed_days(home: Path, source: str) -> list[date]:
    """Complete days of a source, earliest first."""
    return sorted(
        date.fromisoformat(file.parent.name.removeprefix("day="))
        for file in source_folder(home, source).glob(f"day=*/{COMPLETE}")
    )


def is_whole_day(home: Path, source: str, day: date) -> bool:
    """Whether a day is complete: not for some accounts only, nothing in flight."""
    folder = day_folder(home, source, day)
    told = read_told(folder)
    if told is None or (folder / JOURNAL).exists():
        return False
    return not (told.get(ONLY_ACCOUNTS) or told.get(MISSING_SHARDS))


def read_told(folder: Path) -> dict[str, Any] | None:
    """What is told of a crawl in the folder it landed in; None while it goes on."""
    file = folder / COMPLETE
    if not file.exists():
        return None
    told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return told


def is_whole_shard(home: Path, source: str, day: date, shard: Shard) -> bool:
    """Whether a shard of a day is complete, whether its day was made of it or not."""
    folder = day_folder(home, source, day)
    own = read_told(folder / shard.folder)
    if own is not None:
        is_in_flight = (folder / shard.folder / JOURNAL).exists()
        return not own.get(ONLY_ACCOUNTS) and not is_in_flight
    told = read_told(folder)
    return told is not None and shard.name not in (told.get(MISSING_SHARDS) or ())


def read_visits(
    home: Path, source: str, days: Sequence[date] | None = None
) -> pl.DataFrame:
    """Visits of complete days (all, or those given), by fetched_at and visit_id.

    Raises:
        FileDamaged: the file of one of the days is not whole, or lacks a column.
    """
    wanted = set(landed_days(home, source))
    if days is not None:
        wanted &= set(days)
    frames = [
        must_be_read(day_folder(home, source, day) / VISITS) for day in sorted(wanted)
    ]
    empty = pl.DataFrame(schema=VISITS_SCHEMA)
    return pl.concat([empty, *frames]).sort("fetched_at", "visit_id")


def must_be_read(file: Path) -> pl.DataFrame:
    """The visits of one complete day.

    Raises:
        FileDamaged: the file is not whole, or lacks a column.
    """
    must_be_whole(file)
    frame = pl.read_parquet(file)
    missing = [name for name in VISITS_SCHEMA if name not in frame.columns]
    if missing:
        raise FileDamaged(
            f"{file} lacks the column(s) {', '.join(missing)}: put it back from a "
            "backup, for nothing else tells what was visited that day"
        )
    return frame


@dataclass(frozen=True)
class Archived:
    """What the archive holds of an answer: its headers and its decoded payload."""

    headers: tuple[tuple[str, str], ...]
    body: bytes


def refuse_damaged_visits(home: Path) -> None:
    """Refuse a home in which the visits of a complete day are not whole.

    Raises:
        FileDamaged: for the first such file by name.
    """
    for complete in sorted((Path(home) / "landing").glob(f"*/day=*/{COMPLETE}")):
        must_be_whole(complete.with_name(VISITS))


def read_payload(home: Path, source: str, visit_row: Mapping[str, Any]) -> bytes:
    """The decoded payload of a visit, its digest checked; see ``read_archived``."""
    return read_archived(home, source, visit_row).body


def read_archived(home: Path, source: str, visit_row: Mapping[str, Any]) -> Archived:
    """Headers and payload of a visit, the digest of the payload checked.

    Follows a revisit or not_modified record to the record that holds the bytes. Headers
    of a visit that found nothing new are those of the record its row refers to. There
    are no headers when the bytes are read from another visit of the address.

    Raises:
        PayloadMissing: nothing was archived, or no record holds the bytes any more.
        PayloadCorrupt: a record is there, but not with the bytes that were fetched.
    """
    digest, name = visit_row["payload_digest"], visit_row["warc_file"]
    what = f"visit {visit_row['visit_id']} to {visit_row['url']}"
    if digest is None or name is None:
        raise PayloadMissing(
            f"{what}: no payload was archived ({visit_row['outcome']})"
        )
    folder = source_folder(home, source)
    if not store.is_there(folder / name):
        body = _held_elsewhere(home, source, visit_row)
        if body is None:
            raise PayloadMissing(f"{what}: {name} is not there")
        return Archived((), body)
    try:
        record = warc.read_record(folder / name, visit_row["warc_offset"])
        if record.warc_type == "revisit":
            body = _referred(folder, record)
        else:
            body = record.payload
    except warc.RecordDamaged as fault:
        found = _held_elsewhere(home, source, visit_row)
        if found is None:
            raise PayloadCorrupt(f"{what}: {fault}") from fault
        return Archived((), found)
    if payload_digest(body) == digest:
        return Archived(record.http_headers, body)
    found = _held_elsewhere(home, source, visit_row)
    if found is None:
        raise PayloadCorrupt(
            f"{what}: the archived bytes in {name} do not have its digest"
        )
    return Archived((), found)


def _referred(folder: Path, record: warc.Record) -> bytes:
    # Twice when the record referred to was erased and had to move (rights/archive.py).
    for _ in range(_MAX_REFERENCES):
        try:
            name = record.warc_headers[warc.REFERS_TO_FILE]
            offset = int(record.warc_headers[warc.REFERS_TO_OFFSET])
        except (KeyError, ValueError) as error:
            raise warc.RecordDamaged("a revisit that does not say where") from error
        record = warc.read_record(folder / name, offset)
        if record.warc_type != "revisit":
            return record.payload
    raise warc.RecordDamaged("revisits that refer to one another")


def _held_elsewhere(
    home: Path, source: str, visit_row: Mapping[str, Any]
) -> bytes | None:
    """The bytes from another record of the same address, after files have moved."""
    files = sorted(source_folder(home, source).glob(f"day=*/{VISITS}"))
    if not files:
        return None
    rows = (
        pl.scan_parquet(files)
        .filter(
            pl.col("payload_digest") == visit_row["payload_digest"],
            pl.col("url") == visit_row["url"],
            pl.col("warc_file").is_not_null(),
        )
        .sort("fetched_at", "visit_id")
        .unique(["warc_file", "warc_offset"], keep="first", maintain_order=True)
        .collect()
    )
    for row in rows.iter_rows(named=True):
        file = source_folder(home, source) / row["warc_file"]
        try:
            record = warc.read_record(file, row["warc_offset"])
        except warc.RecordDamaged:
            continue
        if payload_digest(record.payload) == visit_row["payload_digest"]:
            return record.payload
    return None


def known_before(
    home: Path,
    source: str,
    day: date,
    shard: Shard | None = None,
    own: frozenset[str] = frozenset(),
) -> dict[Key, Known]:
    """What is known of each address from the landed days before a day.

    From latest.parquet when that was made from exactly those days, else from visits.

    Args:
        home: the home folder.
        source: name of the source.
        day: the day.
        shard: the shard that is to know it: of its accounts, and of what hosts say of
            how they may be asked. Its own days count although they are not yet joined.
        own: ids of the shard's accounts.
    """
    whole = [d for d in landed_days(home, source) if d < day]
    alone = _days_alone(home, source, day, shard) if shard else []
    known: dict[Key, Known] | None = None
    if not alone or not whole or whole[-1] < alone[0]:
        file = source_folder(home, source) / LATEST
        known = read_latest(file, whole, own if shard else None)
    days = alone if known is not None else sorted({*whole, *alone})
    if known is None and whole:
        # Who crawls has what is known, and not the visits it was made from.
        store.pull(home, [f"landing/{source}"])
    known = known or {}
    for landed in days:
        folder = day_folder(home, source, landed)
        if shard and landed in alone:
            folder /= shard.folder
        visits = must_be_read(folder / VISITS).sort("fetched_at", "visit_id")
        if shard:
            visits = visits.filter(concerns(own))
        fold(known, visits.iter_rows(named=True))
    return known


def _days_alone(home: Path, source: str, day: date, shard: Shard) -> list[date]:
    """Days of a shard before a day that wait for the other shards."""
    files = source_folder(home, source).glob(f"day=*/{shard.folder}/{COMPLETE}")
    days = (f.parent.parent.name.removeprefix("day=") for f in files)
    return sorted(d for told in days if (d := date.fromisoformat(told)) < day)


# --- writing ---------------------------------------------------------------------


@dataclass(frozen=True)
class Capture:
    """The end of an attempt, before it has landed.

    ``body`` is the decoded payload or None; ``final_url`` is where redirects ended.
    """

    account_id: str | None
    scope: str
    url: str
    outcome: str
    http_status: int | None = None
    headers: warc.Headers = ()
    body: bytes | None = None
    final_url: str | None = None
    redirect_chain: tuple[str, ...] = ()
    truncated: bool = False
    n_bytes: int | None = None
    attempts: int = 1


@dataclass
class _Batch:
    pending: int = 0


class LandedVisits:
    """Today's visits by account and address; in memory is only where each row begins.

    Of two rows of one address the later holds.
    """

    def __init__(self, journal: int) -> None:
        self._journal = journal
        self._begins: dict[int, int] = {}
        self._outcomes: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._begins)

    def __contains__(self, key: Key) -> bool:
        return hash(key) in self._begins

    def get(self, key: Key) -> Visit | None:
        """The visit of an address, read from the journal; None without one."""
        begin = self._begins.get(hash(key))
        return None if begin is None else _visit_from_line(self._row(begin))

    def add(self, visit: Visit, begin: int) -> None:
        """Keep a visit whose row begins at that byte of the journal."""
        key = (visit.account_id, visit.url)
        earlier = self.get(key)
        if earlier is not None:
            self._outcomes[earlier.outcome] -= 1
        self._outcomes[visit.outcome] += 1
        self._begins[hash(key)] = begin

    def outcomes(self) -> dict[str, int]:
        """How many visits ended in which outcome."""
        return dict(sorted((+self._outcomes).items()))

    def __iter__(self) -> Iterator[Visit]:
        """The visits in the order they landed."""
        for begin in sorted(self._begins.values()):
            yield _visit_from_line(self._row(begin))

    def _row(self, begin: int) -> dict[str, Any]:
        line = b""
        while not line.endswith(b"\n"):
            part = os.pread(self._journal, _LINE_BYTES, begin + len(line))
            if not part:
                raise ValueError(f"the journal ends inside the row at byte {begin}")
            line += part[: part.find(b"\n") + 1 or len(part)]
        row: dict[str, Any] = json.loads(line)
        return row


@dataclass
class Landing:
    """One day of one source, while it is being written; resumes what is there.

    ``replayed`` is True when the day is virtual: every visit is then at its end.
    ``known_rules`` is what is known of robots.txt and tdmrep.json files, by address.
    ``adds`` to a day that may be complete already.
    ``suppressed`` people do not land: their names are taken out of bytes and headers.
    ``shard`` lands beside the others of its day; ``accounts`` are the ids it is of.
    """

    home: Path
    source: str
    day: date
    replayed: bool
    user_agent: str = "Lyttepost/0.1"
    known: dict[Key, Known] = field(default_factory=dict)
    known_rules: dict[str, Known] = field(default_factory=dict)
    suppressed: Suppressed = NOBODY
    attempts: Counter[str] = field(default_factory=Counter)
    n_resumed: int = 0
    adds: bool = False
    shard: Shard | None = None
    accounts: frozenset[str] = frozenset()
    _heads: dict[tuple[str, int], str] = field(default_factory=dict)
    _is_there: dict[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Open the day: what was known before it, and what it already holds.

        Raises:
            DayRefused: the day was begun in other shards, or another process writes it.
        """
        # Files of the archive are beside one another, for offsets in them are for good.
        self.day_folder = day_folder(self.home, self.source, self.day)
        self._refuse_other_shards()
        self.folder = self.day_folder
        if self.shard is not None:
            self.folder = self.day_folder / self.shard.folder
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.shard is not None:
            self._lock = _locked(self.folder)
        self.was_complete = (self.folder / COMPLETE).exists()
        if self.was_complete:
            if not self.adds:
                raise ValueError(f"{self.folder}: this day is complete")
            store.fetch(self.home, [str(self.day_folder.relative_to(self.home))])
            self._begin_from_visits()
        self.known = known_before(
            self.home, self.source, self.day, self.shard, self.accounts
        )
        self.known_rules = {
            known.url: known
            for known in self.known.values()
            if known.scope in RULE_SCOPES
        }
        self._batch = _Batch()
        self._journal = os.open(
            self.folder / JOURNAL, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644
        )
        self.visits = LandedVisits(self._journal)
        self._resume()
        self._journal_end = os.fstat(self._journal).st_size
        self.n_resumed = len(self.visits)
        self._file_number = self._newest_file_number()
        self._open_file()

    def _refuse_other_shards(self) -> None:
        of = self.shard.of if self.shard else None
        for folder in sorted(self.day_folder.glob("shard=*")):
            begun_of = shard_named(folder.name).of
            if begun_of != of:
                raise DayRefused(
                    f"{self.day_folder}: this day was begun in {begun_of} shards; go "
                    f"on with LYTTEPOST_SHARDS={begun_of}, and change it the next day"
                )
        if self.shard and (self.day_folder / JOURNAL).exists():
            raise DayRefused(
                f"{self.day_folder}: this day was begun without shards; go on without "
                "LYTTEPOST_SHARDS, and set it the next day"
            )

    # The names say which day a file is of even when it is copied elsewhere.
    def _file_name(self, number: int | str) -> str:
        shard = f"{self.shard.name}-" if self.shard else ""
        told = number if isinstance(number, str) else f"{number:05d}"
        return f"{self.source}-{self.day:%Y%m%d}-{shard}{told}.warc.gz"

    def _own_files(self) -> list[Path]:
        """The files this landing writes; those of other shards are named otherwise."""
        return sorted(self.day_folder.glob(self._file_name("[0-9]" * 5)))

    def _newest_file_number(self) -> int:
        files = self._own_files()
        return (
            int(files[-1].name.split("-")[-1].removesuffix(".warc.gz")) if files else 0
        )

    def _open_file(self) -> None:
        name = self._file_name(self._file_number)
        self._warc_name = f"{self.day_folder.name}/{name}"
        self._warc = os.open(
            self.day_folder / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644
        )
        self._offset = os.fstat(self._warc).st_size
        if self._offset == 0:
            moment = datetime.combine(self.day, time())
            self._write_member(warc.file_member(name, moment, self.user_agent))

    def _write_member(self, member: bytes) -> int:
        at = self._offset
        _write_all(self._warc, member)
        self._offset += len(member)
        return at

    def land(self, capture: Capture, *, is_again: bool = False) -> Visit:
        """Archive the bytes of an attempt, then write its row. Once per address.

        Args:
            capture: the attempt.
            is_again: take the place of an attempt that failed before a resumption.
        """
        key = (capture.account_id, capture.url)
        if key in self.visits and not is_again:
            raise ValueError(f"{capture.url} has landed already on {self.day}")
        capture = _without_names(capture, self.suppressed)
        visit = self._visit(capture)
        said = _said(capture)
        told = self._already_told(visit, said)
        member = None
        if told is not None:
            visit = replace(visit, warc_file=told[0], warc_offset=told[1])
        else:
            member = self._member(capture, visit)
        if member is not None:
            if self._offset + len(member) > _MAX_FILE_BYTES:
                self._next_file()
            offset = self._write_member(member)
            visit = replace(visit, warc_file=self._warc_name, warc_offset=offset)
            if visit.outcome in ANSWERED:
                self._heads[self._warc_name, offset] = digest_of(said)
        line = visit.row() | {
            "fetched_at": visit.fetched_at.isoformat(),
            "warc_end": None if member is None else self._offset,
            "attempts": capture.attempts,
        }
        text = json.dumps(line, ensure_ascii=False).encode() + b"\n"
        _write_all(self._journal, text)
        self.visits.add(visit, self._journal_end)
        self._journal_end += len(text)
        self.attempts[visit.outcome] += capture.attempts
        self._batch.pending += 1
        if self._batch.pending >= _SYNC_EVERY:
            self._sync()
        return visit

    def _visit(self, capture: Capture) -> Visit:
        headers = {name.lower(): value for name, value in reversed(capture.headers)}
        fetched_at = (
            datetime.combine(self.day, time(23, 59, 59))
            if self.replayed
            else datetime.now(UTC).replace(tzinfo=None)
        )
        known = self.known.get((capture.account_id, capture.url))
        digest = None if capture.body is None else payload_digest(capture.body)
        if capture.outcome == "not_modified":
            digest = known.payload_digest if known else None
        n_bytes = capture.n_bytes if capture.body is None else len(capture.body)
        return Visit(
            visit_id=visit_id(self.source, capture.account_id, capture.url, fetched_at),
            source=self.source,
            account_id=capture.account_id,
            scope=capture.scope,
            url=capture.url,
            fetched_at=fetched_at,
            outcome=capture.outcome,
            http_status=capture.http_status,
            content_type=headers.get("content-type"),
            payload_digest=digest,
            etag=headers.get("etag"),
            last_modified=headers.get("last-modified"),
            n_bytes=n_bytes or 0,
            truncated=capture.truncated,
            redirect_chain=capture.redirect_chain,
            warc_file=None,
            warc_offset=None,
        )

    def _already_told(self, visit: Visit, said: Said) -> tuple[str, int] | None:
        """The place of an earlier record that says all that this answer says.

        Its payload and its lasting headers, or of a 304, which need not repeat them, no
        other ones. None when the visit is to have a record of its own, also because the
        earlier one cannot be read back.
        """
        known = self.known.get((visit.account_id, visit.url))
        if (
            known is None
            or known.record_file is None
            or known.record_offset is None
            or visit.http_status is None
            or visit.payload_digest is None
            or visit.payload_digest != known.payload_digest
            or visit.outcome not in ANSWERED
            or not self._is_archive_there(known.record_file)
        ):
            return None
        place = (known.record_file, known.record_offset)
        if known.head_digest == digest_of(said):
            return place
        if known.head_digest is not None and visit.outcome == "ok":
            return None
        file = source_folder(self.home, self.source) / known.record_file
        try:
            record = warc.read_record(file, known.record_offset)
        except warc.RecordDamaged:
            return None
        if record.warc_type not in ("response", "revisit"):
            return None
        target = record.warc_headers.get("WARC-Target-URI", "")
        held = lasting(target, record.http_headers)
        self._heads[place] = digest_of(held)
        is_told = said == held if visit.outcome == "ok" else said <= held
        return place if is_told else None

    def _is_archive_there(self, name: str) -> bool:
        """Whether a file of an earlier day is there, looked up once a crawl."""
        if name not in self._is_there:
            file = source_folder(self.home, self.source) / name
            self._is_there[name] = store.is_there(file)
        return self._is_there[name]

    def _member(self, capture: Capture, visit: Visit) -> bytes | None:
        """The record of a visit: the bytes, or where the same bytes are already."""
        status = capture.http_status
        url = capture.final_url or capture.url
        if status is None or visit.payload_digest is None:
            return None
        known = self.known.get((capture.account_id, capture.url))
        reference = _reference(known)
        if capture.outcome == "not_modified":
            if reference is None:
                return None
            profile = warc.NOT_MODIFIED
        elif (
            capture.outcome == "ok"
            and known is not None
            and known.payload_digest == visit.payload_digest
            and reference is not None
            and self._is_archive_there(reference.warc_file)
        ):
            profile = warc.IDENTICAL_PAYLOAD
        else:
            assert capture.body is not None
            return warc.response_member(
                visit.visit_id,
                url,
                visit.fetched_at,
                status,
                capture.headers,
                capture.body,
                visit.payload_digest,
            )
        return warc.revisit_member(
            visit.visit_id,
            url,
            visit.fetched_at,
            status,
            capture.headers,
            visit.payload_digest,
            reference,
            profile,
        )

    def body_before(self, account_id: str | None, url: str) -> bytes | None:
        """The payload of an address that held before this day, out of the archive."""
        known = self.known.get((account_id, url))
        if known is None or known.holder_file is None or known.holder_offset is None:
            return None
        return read_payload(
            self.home,
            self.source,
            {
                "visit_id": known.holder_visit_id,
                "url": url,
                "outcome": "ok",
                "payload_digest": known.payload_digest,
                "warc_file": known.holder_file,
                "warc_offset": known.holder_offset,
            },
        )

    def landed(self, visit: Visit) -> warc.Record | None:
        """The record of a visit that has landed today, or None without one."""
        if visit.warc_file is None or visit.warc_offset is None:
            return None
        folder = source_folder(self.home, self.source)
        return warc.read_record(folder / visit.warc_file, visit.warc_offset)

    def _next_file(self) -> None:
        self._sync()
        os.close(self._warc)
        self._file_number += 1
        self._open_file()

    def _sync(self) -> None:
        # Bytes before rows: a row on disk whose record is not would be a lie.
        os.fsync(self._warc)
        os.fsync(self._journal)
        self._batch.pending = 0

    def close(self) -> None:
        """Leave the day as it is, to be resumed."""
        self._sync()
        os.close(self._warc)
        os.close(self._journal)

    def finish(self, stats: Mapping[str, Any]) -> None:
        """Complete the day: visits.parquet, then _crawl.json, then latest.parquet.

        Args:
            stats: what to tell of the crawl besides visits and outcomes.
        """
        self._sync()
        frame = self._frame()
        outcomes, n_visits = self.visits.outcomes(), len(self.visits)
        self.close()
        # A day that is added to has taken what all its crawls took.
        before = (read_told(self.folder) or {}) if self.was_complete else {}
        taken = {k: stats[k] + (before.get(k) or 0) for k in _SUMMED if k in stats}
        made_of = (JOINED_SHARDS, MISSING_SHARDS)
        told = {
            "source": self.source,
            "day": self.day.isoformat(),
            "visits": n_visits,
            "outcomes": outcomes,
            **stats,
            **taken,
            **{key: before[key] for key in made_of if key in before},
        }
        fold(self.known, frame.iter_rows(named=True), self._heads)
        if self.shard is not None:
            self._write_part_of_latest(frame, self.shard)
        complete(self.folder, frame, told)
        (self.folder / JOURNAL).unlink(missing_ok=True)
        if self.shard is None:
            days = [d for d in landed_days(self.home, self.source) if d <= self.day]
            file = source_folder(self.home, self.source) / LATEST
            write_latest(file, self.known, days)

    def _write_part_of_latest(self, frame: pl.DataFrame, shard: Shard) -> None:
        """What is known of the shard's addresses, for who joins the day."""
        visited = set(frame.select("account_id", "url").iter_rows())
        part = {
            key: known
            for key, known in self.known.items()
            if key[0] in self.accounts or key in visited
        }
        whole = (d for d in landed_days(self.home, self.source) if d < self.day)
        alone = _days_alone(self.home, self.source, self.day, shard)
        days = [*sorted({*whole, *alone}), self.day]
        write_latest(self.folder / LATEST, part, days)

    def _frame(self) -> pl.DataFrame:
        """The day's visits, of which only some are rows of Python at a time."""
        frames = [pl.DataFrame(schema=VISITS_SCHEMA)]
        visits = iter(self.visits)
        while rows := [visit.row() for visit in islice(visits, _ROWS_AT_A_TIME)]:
            frames.append(pl.DataFrame(rows, schema=VISITS_SCHEMA))
        return pl.concat(frames).sort("fetched_at", "visit_id")

    def outcomes(self) -> dict[str, int]:
        """Visits so far by outcome."""
        return self.visits.outcomes()

    # --- a day that is added to --------------------------------------------------

    def _begin_from_visits(self) -> None:
        """Write the journal of a complete day anew, unless one was begun already."""
        journal = self.folder / JOURNAL
        if journal.exists():
            return
        lines = []
        # In the order of the records: what is after the last row of a file is torn.
        visits = must_be_read(self.folder / VISITS).sort("warc_file", "warc_offset")
        for row in visits.iter_rows(named=True):
            end = None
            if self._is_own(row["warc_file"]):
                file = source_folder(self.home, self.source) / row["warc_file"]
                end = (
                    row["warc_offset"]
                    + warc.read_record(file, row["warc_offset"]).length
                )
            line = row | {
                "fetched_at": row["fetched_at"].isoformat(),
                "warc_end": end,
                "attempts": 1,
            }
            lines.append(json.dumps(line, ensure_ascii=False).encode() + b"\n")
        temporary = self.folder / f".{JOURNAL}.{os.getpid()}.tmp"
        temporary.write_bytes(b"".join(lines))
        _fsync_file(temporary)
        temporary.replace(journal)

    # --- after a kill ------------------------------------------------------------

    def _resume(self) -> None:
        """Keep what is whole, cut what is torn, in journal and WARC files alike."""
        for leftover in self.folder.glob(".*.tmp"):
            leftover.unlink()
        if not self.was_complete:
            (self.folder / VISITS).unlink(missing_ok=True)
        good_bytes = 0
        ends: dict[str, int] = {}
        for row, visit, length in self._whole_rows():
            self.visits.add(visit, good_bytes)
            good_bytes += length
            self.attempts[visit.outcome] += row["attempts"]
            if self._is_own(row["warc_file"]):
                name = Path(row["warc_file"]).name
                ends[name] = max(ends.get(name, 0), row["warc_end"])
        journal = self.folder / JOURNAL
        if journal.stat().st_size > good_bytes:
            _LOG.warning("%s: a torn tail is cut", journal)
            os.truncate(journal, good_bytes)
        files = self._own_files() if self.shard else self.folder.glob("*.warc.gz")
        for file in files:
            end = ends.get(file.name, 0)
            if file.stat().st_size > end:
                os.truncate(file, end)

    def _whole_rows(self) -> Iterator[tuple[dict[str, Any], Visit, int]]:
        """Journal rows, their visits, and how many bytes each takes, up to the first
        that is torn or whose record is not whole."""
        with (self.folder / JOURNAL).open("rb") as journal:
            for line in journal:
                if not line.endswith(b"\n"):
                    return
                try:
                    row = json.loads(line)
                    visit = _visit_from_line(row)
                    is_whole = self._is_archived(row) and row["attempts"] + 0 >= 0
                except (ValueError, KeyError, TypeError, RecursionError):
                    return
                if not is_whole:
                    return
                yield row, visit, len(line)

    def _is_own(self, name: str | None) -> bool:
        """Whether a record is in a file of this day, and not an earlier one's."""
        return name is not None and name.startswith(f"{self.day_folder.name}/")

    def _is_archived(self, row: Mapping[str, Any]) -> bool:
        if row["warc_file"] is None:
            return True
        is_own = self._is_own(row["warc_file"])
        if not is_own:
            known = self.known.get((row["account_id"], row["url"]))
            place = (row["warc_file"], row["warc_offset"])
            if known and place == (known.record_file, known.record_offset):
                # No kill of this crawl tore what earlier days landed.
                return True
        file = source_folder(self.home, self.source) / row["warc_file"]
        try:
            record = warc.read_record(file, row["warc_offset"])
        except warc.RecordDamaged:
            return False
        if not is_own:
            # Purged since, when it is neither.
            return record.warc_type in ("response", "revisit")
        if row["warc_offset"] + record.length != row["warc_end"]:
            return False
        return (
            record.warc_type == "revisit"
            or payload_digest(record.payload) == row["payload_digest"]
        )


def complete(folder: Path, visits: pl.DataFrame, told: Mapping[str, Any]) -> None:
    """Write what is read of a folder's crawl: the visits, then that it is complete."""
    temporary = folder / f".{VISITS}.{os.getpid()}.tmp"
    visits.write_parquet(temporary, compression="zstd")
    _fsync_file(temporary)
    temporary.replace(folder / VISITS)
    _fsync_folder(folder)
    temporary = folder / f".{COMPLETE}.{os.getpid()}.tmp"
    temporary.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    _fsync_file(temporary)
    temporary.replace(folder / COMPLETE)
    _fsync_folder(folder)


def _locked(folder: Path) -> IO[bytes]:
    """The lock of a folder, which dies with the process.

    Raises:
        DayRefused: another process has it.
    """
    lock = (folder / ".lock").open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise DayRefused(f"{folder}: another crawl is writing here") from error
    return lock


def _without_names(capture: Capture, suppressed: Suppressed) -> Capture:
    if not suppressed:
        return capture
    body, text = capture.body, suppressed.text
    return replace(
        capture,
        headers=tuple((name, text(value)) for name, value in capture.headers),
        body=None if body is None else suppressed.body(body),
        final_url=capture.final_url and text(capture.final_url),
        redirect_chain=tuple(text(url) for url in capture.redirect_chain),
    )


def _said(capture: Capture) -> Said:
    """What an answer says besides its payload, as a record of it would be read back."""
    return lasting(capture.final_url or capture.url, warc.as_read(capture.headers))


def _visit_from_line(row: Mapping[str, Any]) -> Visit:
    moment = datetime.fromisoformat(row["fetched_at"])
    return visit_from_row({**row, "fetched_at": moment})


def _reference(known: Known | None) -> warc.Reference | None:
    if (
        known is None
        or known.holder_visit_id is None
        or known.holder_fetched_at is None
        or known.holder_file is None
        or known.holder_offset is None
    ):
        return None
    return warc.Reference(
        known.holder_file,
        known.holder_offset,
        warc.record_id(known.holder_visit_id),
        known.url,
        known.holder_fetched_at,
    )


def _write_all(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


def _fsync_file(file: Path) -> None:
    with file.open("rb+") as stream:
        os.fsync(stream.fileno())


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
