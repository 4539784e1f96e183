"""The parse stage: payloads of a landed day to Parquet, each payload once.

A payload is known by its address and digest. It belongs to the first day that was
parsed with it and stays there, so that parsing days in any order, again, or again
after a kill gives the same rows. Reading one payload is the parser's business,
keeping the contract is the gate's.
"""

import gc
import json
import logging
import os
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, is_dataclass, replace
from datetime import date
from itertools import chain, islice, repeat
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import polars as pl

from scrapers.envelope import Envelope, kept_headers
from scrapers.extract.refusal import NothingReadable, ParseRefused
from scrapers.extract.technology_text import ad_technologies
from scrapers.extract.terms import terms_of
from scrapers.landing import (
    PayloadCorrupt,
    PayloadMissing,
    landed_days,
    read_archived,
    read_visits,
)
from scrapers.parts_file import ROWS, PartsFile
from scrapers.records import RECORD_TYPES, JobAd, Record, polars_schema
from scrapers.source import load_parser
from scrapers.suppression import read_suppressed
from scrapers.whole_files import is_whole
from scrapers.withdrawn import UNIT_COLUMN, WITHDRAWN, settle, why

_LOG = logging.getLogger(__name__)

# What a host says of how it may be asked: kept as evidence, no parser's business.
MANNERS = frozenset(("robots", "reservation"))
LINEAGE_SCHEMA: dict[str, pl.DataType] = {
    "source": pl.String(),
    "url": pl.String(),
    "payload_digest": pl.String(),
    "parser_version": pl.String(),
    "record_index": pl.Int64(),
}
PAYLOADS_SCHEMA: dict[str, pl.DataType] = LINEAGE_SCHEMA | {
    "account_id": pl.String(),
    "scope": pl.String(),
    "verdict": pl.String(),
    "error": pl.String(),
    "n_records": pl.Int64(),
}
# Another process imports, and reads dictionaries of its own: 873 pages of a made-up
# market took 15.4 s of processor time in this process and 23.5 s in two.
_MIN_PAYLOADS_FOR_WORKERS = 1_200
_CHUNK = 16
# What was read and not written is held; all of 420,000 pages were asked for at once.
_CHUNKS_AHEAD = 64
# How the error of a payload begins whose bytes are not what was fetched: it is read
# again as soon as they are, from a backup.
DAMAGED = "The archive is damaged"

# How long the payloads of a day took to read.
TIMES = "_parse.json"

# What a payload is known by.
_KEY = ["url", "payload_digest"]
_OWNERS_SCHEMA = {"url": pl.String(), "payload_digest": pl.String(), "owner": pl.Date()}


@dataclass(frozen=True)
class ParsedSummary:
    """What a parse run did; ``seconds`` is wall-clock time, rates are per second."""

    source: str
    days: tuple[date, ...]
    n_payloads: int
    n_parsed: int
    seconds: float
    verdicts: Mapping[str, int] = field(default_factory=dict)
    records: Mapping[str, int] = field(default_factory=dict)
    errors: tuple[str, ...] = ()

    @property
    def pages_per_second(self) -> float:
        """Payloads parsed per second of this run, reading and writing included."""
        return self.n_parsed / self.seconds if self.seconds > 0 else 0.0


@dataclass(frozen=True)
class _Reading:
    """One payload after the parser: its verdict and its records."""

    visit: Mapping[str, Any]
    verdict: str
    error: str | None
    records: tuple[tuple[int, Record], ...]
    seconds: float = 0.0


def parse_day(home: Path, source: str, day: date) -> ParsedSummary:
    """Parse what one landed day brought that no other day already holds.

    Writes ``parsed/<source>/day=<day>/<kind>.parquet`` and, last, ``payloads.parquet``,
    whose presence means that the day is complete. A day that is complete with this
    parser's version is left untouched, to the byte.
    """
    return parse_days(home, source, (day,), workers=1)


def parse_days(
    home: Path, source: str, days: Sequence[date], workers: int = 2
) -> ParsedSummary:
    """Parse several landed days, earliest first; see ``parse_day``.

    Args:
        workers: Processes to parse with; few payloads are parsed in this one.
    """
    started = time.perf_counter()
    version = load_parser(source).PARSER_VERSION
    days = [*days, *_without_damage(home, source)]
    owners = _owners(home, source)
    withdrawn, again = settle(home, source, days)
    wanted = tuple(sorted({*days, *again}))
    tasks: dict[date, pl.DataFrame] = {}
    n_payloads = 0
    for day in wanted:
        visits = _parsable(read_visits(home, source, (day,)))
        own = _first_visits(visits, owners, day)
        n_payloads += own.height
        if _is_complete(home, source, day, version, own):
            continue
        tasks[day] = own
        new = own.select(_KEY).join(owners, on=_KEY, how="anti")
        owners = pl.concat([owners, new.with_columns(owner=pl.lit(day))])
    verdicts: Counter[str] = Counter()
    records: Counter[str] = Counter()
    errors: list[str] = []
    n_parsed = sum(own.height for own in tasks.values())
    rows = (own.iter_rows(named=True) for own in tasks.values())
    readings = _read_all(
        _executor(workers, n_parsed), home, source, chain.from_iterable(rows)
    )
    for day, own in tasks.items():
        of_day = (_without(one, withdrawn) for one in islice(readings, own.height))
        told = _write_day(home, source, day, version, of_day)
        verdicts.update(told.verdicts)
        records.update(told.records)
        errors.extend(told.errors)
    return ParsedSummary(
        source=source,
        days=wanted,
        n_payloads=n_payloads,
        n_parsed=n_parsed,
        seconds=time.perf_counter() - started,
        verdicts=dict(sorted(verdicts.items())),
        records=dict(sorted(records.items())),
        errors=tuple(errors),
    )


def unparsed_days(home: Path, source: str) -> list[date]:
    """Landed days that are not parsed to their end, earliest first.

    A run that was killed between the two leaves some, and the next run may be another
    day's.
    """
    return [
        day
        for day in landed_days(home, source)
        if not (parsed_folder(home, source, day) / "payloads.parquet").exists()
    ]


def _without_damage(home: Path, source: str) -> list[date]:
    """Throw away parsed files that are not whole; days that are to be parsed for it."""
    lost = set()
    for folder in sorted((home / "parsed" / source).glob("day=*")):
        damaged = [file for file in folder.glob("*.parquet") if not is_whole(file)]
        if not damaged:
            continue
        _LOG.warning("%s is damaged; its day is parsed again", damaged[0])
        # First what says that the day is complete.
        (folder / "payloads.parquet").unlink(missing_ok=True)
        for file in damaged:
            file.unlink(missing_ok=True)
        lost.add(date.fromisoformat(folder.name.removeprefix("day=")))
    return sorted(lost & set(landed_days(home, source)))


def parsed_folder(home: Path, source: str, day: date) -> Path:
    """Where the records of a landed day are."""
    return home / "parsed" / source / f"day={day.isoformat()}"


def _owners(home: Path, source: str) -> pl.DataFrame:
    """Which day holds which payload, whatever version it was parsed with."""
    held = [pl.DataFrame(schema=_OWNERS_SCHEMA)]
    for file in sorted((home / "parsed" / source).glob("day=*/payloads.parquet")):
        day = date.fromisoformat(file.parent.name.removeprefix("day="))
        rows = pl.read_parquet(file, columns=_KEY).select(_KEY)
        held.append(rows.with_columns(owner=pl.lit(day)))
    return pl.concat(held).unique(_KEY, keep="last")


def _parsable(visits: pl.DataFrame) -> pl.DataFrame:
    """Visits with new bytes; not_modified has nothing new to read.

    What a source answers when it has nothing (parse_empty) is read for its reason.
    """
    return visits.filter(
        pl.col("outcome").is_in(["ok", "parse_empty"])
        & pl.col("payload_digest").is_not_null()
    )


def _first_visits(
    visits: pl.DataFrame, owners: pl.DataFrame, day: date
) -> pl.DataFrame:
    """First visit of each payload that is this day's to parse, in order of address."""
    return (
        visits.sort("fetched_at", "visit_id")
        .join(owners, on=_KEY, how="left", maintain_order="left")
        .filter(pl.col("owner").is_null() | (pl.col("owner") == day))
        .unique(_KEY, keep="first", maintain_order=True)
        .sort(_KEY)
        .drop("owner")
    )


def _is_complete(
    home: Path, source: str, day: date, version: str, own: pl.DataFrame
) -> bool:
    file = parsed_folder(home, source, day) / "payloads.parquet"
    if not file.exists():
        return False
    columns = ["url", "payload_digest", "parser_version", "error"]
    rows = pl.read_parquet(file, columns=columns)
    held = {
        (url, digest)
        for url, digest, held, error in rows.iter_rows()
        if held == version and not (error or "").startswith(DAMAGED)
    }
    return len(held) == len(rows) and held == set(own.select(_KEY).iter_rows())


_pools: dict[int, ProcessPoolExecutor] = {}


def _executor(workers: int, n_payloads: int) -> Executor | None:
    """Processes to parse with; None when this one will do.

    They are kept for the next source of the same run: each takes two seconds to start
    and four to read its dictionaries.
    """
    if workers < 2:
        return None
    if workers not in _pools and n_payloads >= _MIN_PAYLOADS_FOR_WORKERS:
        # spawn: forking a process that has run Polars threads can hang.
        _pools[workers] = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
    return _pools.get(workers)


def warm_up(workers: int = 2) -> None:
    """Start the processes that parse and let them read their dictionaries.

    Worth it while this process waits for a crawl: the other core has little to do then,
    and the six seconds each of them takes are not waited for afterwards.
    """
    executor = _executor(workers, _MIN_PAYLOADS_FOR_WORKERS)
    if executor is not None:
        for _ in range(workers):
            executor.submit(_read_dictionaries)


def _read_dictionaries() -> None:
    for language in ("nb", "sv", "en"):
        terms_of("ledelsen", language)
    # What lives as long as the process is not gone through for garbage again: that
    # took 2.1 of 30 ms a real page of 260 kB (2026-11-28).
    gc.collect()
    gc.freeze()


def _read_all(
    executor: Executor | None,
    home: Path,
    source: str,
    visits: Iterator[Mapping[str, Any]],
) -> Iterator[_Reading]:
    """Read payloads in order, a thousand ahead of who writes what was read."""
    if executor is None:
        yield from map(_read, repeat(home), repeat(source), visits)
        return
    begun: deque[Future[list[_Reading]]] = deque()
    while chunk := list(islice(visits, _CHUNK)):
        begun.append(executor.submit(_read_chunk, home, source, chunk))
        if len(begun) == _CHUNKS_AHEAD:
            yield from begun.popleft().result()
    while begun:
        yield from begun.popleft().result()


def _read_chunk(
    home: Path, source: str, visits: Sequence[Mapping[str, Any]]
) -> list[_Reading]:
    return [_read(home, source, visit) for visit in visits]


def _read(home: Path, source: str, visit: Mapping[str, Any]) -> _Reading:
    started = time.perf_counter()
    reading = _read_one(home, source, visit)
    return replace(reading, seconds=time.perf_counter() - started)


def _read_one(home: Path, source: str, visit: Mapping[str, Any]) -> _Reading:
    if visit["scope"] in MANNERS:
        return _Reading(visit, "ok", None, ())
    try:
        archived = read_archived(home, source, visit)
    except (PayloadMissing, PayloadCorrupt) as fault:
        return _Reading(visit, "parse_error", f"{DAMAGED}: {fault}", ())
    envelope = Envelope(
        source=source,
        url=visit["url"],
        scope=visit["scope"],
        content_type=visit["content_type"],
        http_status=visit["http_status"] or 200,
        headers=kept_headers(archived.headers),
    )
    try:
        records = tuple(load_parser(source).parse(archived.body, envelope))
    except NothingReadable as nothing:
        return _Reading(visit, "parse_empty", str(nothing), ())
    except ParseRefused as refusal:
        return _Reading(visit, "parse_error", str(refusal), ())
    except Exception as fault:  # noqa: BLE001 - told in the verdict and the log
        # A fault of ours in one page must not cost the other ten thousand.
        _LOG.exception("the parser of %s failed on %s", source, visit["url"])
        reason = f"The parser failed with {type(fault).__name__}: {fault}"
        return _Reading(visit, "parse_error", reason, ())
    # Read here and not in each source: a text names technologies in the same way
    # wherever the advertisement stands.
    ads = (record for record in records if isinstance(record, JobAd))
    told = (*records, *ad_technologies(ads))
    return _Reading(visit, "ok", None, tuple(enumerate(told)))


def _without(reading: _Reading, withdrawn: frozenset[str]) -> _Reading:
    """A reading without the records of units that were removed from open data."""
    kept = tuple(
        item
        for item in reading.records
        if getattr(item[1], UNIT_COLUMN, None) not in withdrawn
    )
    if len(kept) == len(reading.records):
        return reading
    units = {
        unit
        for _, record in reading.records
        if (unit := getattr(record, UNIT_COLUMN, None)) in withdrawn
    }
    verdict = reading.verdict if kept else WITHDRAWN
    return replace(reading, verdict=verdict, error=why(units), records=kept)


@dataclass
class _Told:
    """What reading the payloads of a day came to, added up as they come."""

    verdicts: Counter[str] = field(default_factory=Counter)
    records: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, reading: _Reading) -> None:
        """Count one payload."""
        self.verdicts[reading.verdict] += 1
        self.records.update(record.KIND for _, record in reading.records)
        self.seconds += reading.seconds
        if reading.verdict == "parse_error":
            self.errors.append(f"{reading.visit['url']}: {reading.error}")


def _write_day(
    home: Path, source: str, day: date, version: str, readings: Iterable[_Reading]
) -> _Told:
    folder = parsed_folder(home, source, day)
    folder.mkdir(parents=True, exist_ok=True)
    # What landed is without them, but a parser may put a name together.
    suppressed = read_suppressed(home)
    # Not complete while it is being rewritten.
    (folder / "payloads.parquet").unlink(missing_ok=True)
    told = _Told()
    schemas = {
        kind: LINEAGE_SCHEMA | polars_schema(record_type)
        for kind, record_type in RECORD_TYPES.items()
    }
    with ExitStack() as open_files:
        files = {
            kind: open_files.enter_context(
                _RowsFile(folder / f"{kind}.parquet", schema)
            )
            for kind, schema in (schemas | {"payloads": PAYLOADS_SCHEMA}).items()
        }
        for reading in readings:
            lineage = {
                "source": source,
                "url": reading.visit["url"],
                "payload_digest": reading.visit["payload_digest"],
                "parser_version": version,
            }
            for index, record in reading.records:
                row = lineage | {"record_index": index} | _plain_fields(record)
                files[record.KIND].add(suppressed.record(row))
            files["payloads"].add(
                lineage
                | {
                    "record_index": 0,
                    "account_id": reading.visit["account_id"],
                    "scope": reading.visit["scope"],
                    "verdict": reading.verdict,
                    "error": reading.error,
                    "n_records": len(reading.records),
                }
            )
            told.add(reading)
        payloads = files.pop("payloads")
        for file in files.values():
            file.finish()
        _write_times(told, folder / TIMES)
        payloads.finish(is_written_empty=True)
    return told


class _RowsFile:
    """A Parquet file whose rows come one by one; it has its name when all are in it."""

    def __init__(self, file: Path, schema: dict[str, pl.DataType]) -> None:
        self._file, self._schema = file, schema
        self._parts = PartsFile(file, pl.Schema(schema))
        self._rows: list[dict[str, Any]] = []

    def __enter__(self) -> "_RowsFile":
        """Nothing is opened before there are rows."""
        return self

    def add(self, row: dict[str, Any]) -> None:
        """Take one row."""
        self._rows.append(row)
        if len(self._rows) >= ROWS:
            self._write()

    def finish(self, *, is_written_empty: bool = False) -> None:
        """Put the file in its place; one without rows only over one that had some."""
        if self._rows:
            self._write()
        if self._parts.is_begun or is_written_empty or self._file.exists():
            self._parts.finish()

    def __exit__(self, *told: object) -> None:
        """Leave no half of a file behind."""
        self._parts.__exit__(*told)

    def _write(self) -> None:
        self._parts.write(pl.DataFrame(self._rows, schema=self._schema))
        self._rows = []


def _write_times(told: _Told, file: Path) -> None:
    """How long reading took; beside what must be equal however often it is read."""
    times = {"payloads": told.verdicts.total(), "seconds": round(told.seconds, 3)}
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    with temporary.open("w", encoding="utf-8") as out:
        out.write(json.dumps(times) + "\n")
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(file)


def _plain_fields(record: Any) -> dict[str, Any]:
    return {
        name: _plain(value) if isinstance(value, tuple) else value
        for name, value in vars(record).items()
    }


def _plain(values: tuple[Any, ...]) -> list[Any]:
    if values and is_dataclass(values[0]):
        return [_plain_fields(value) for value in values]
    return list(values)
