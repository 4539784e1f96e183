"""What is known of each address as of the last landed day.

A fold over visits, kept in landing/<source>/latest.parquet so that a day's crawl need
not read all days before it. The file can always be thrown away: visits are the truth.
"""

import json
import os
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl

from scrapers.pace import HALF_LIFE_DAYS
from scrapers.visit import ANSWERED, RULE_SCOPES

Key = tuple[str | None, str]
# Outcomes that say something about the address and not about the moment.
_GONE_STATUS = frozenset((404, 410))


@dataclass(frozen=True, slots=True)
class Known:
    """One address of one account: its payload that held last, and what came since.

    ``holder_*`` tell the visit whose record holds the bytes. ``record_*`` is the place
    of the last record, of these bytes or a revisit that refers to them; ``head_digest``
    is of what that says besides (lasting.py), None when nobody has looked yet.
    ``n_gone`` counts the visits since the last answer that found the page gone (404,
    410 or soft 404).
    ``n_compared`` answers could be compared with the one before, ``n_changed`` of them
    differed, and ``compared_days`` lay between; what is older counts less (pace.py).
    """

    account_id: str | None
    url: str
    scope: str
    payload_digest: str | None
    etag: str | None
    last_modified: str | None
    content_type: str | None
    is_redirected: bool
    answered_at: datetime | None
    visited_at: datetime
    outcome: str
    n_gone: int
    holder_visit_id: str | None
    holder_fetched_at: datetime | None
    holder_file: str | None
    holder_offset: int | None
    record_file: str | None
    record_offset: int | None
    head_digest: str | None
    n_compared: float
    n_changed: float
    compared_days: float


SCHEMA: dict[str, pl.DataType] = {
    f.name: (
        pl.Datetime("us")
        if f.name.endswith("_at")
        else pl.Boolean()
        if f.name.startswith("is_")
        else pl.Int64()
        if f.name in ("n_gone", "holder_offset", "record_offset")
        else pl.Float64()
        if f.name in ("n_compared", "n_changed", "compared_days")
        else pl.String()
    )
    for f in fields(Known)
}


# Place of a record (file and offset) and the digest of what it says besides its bytes.
Heads = Mapping[tuple[str, int], str]


def known_after(
    known: Known | None, visit: Mapping[str, Any], heads: Heads = MappingProxyType({})
) -> Known:
    """What is known of an address after one more visit to it.

    Args:
        known: what was known before.
        visit: the visit's row.
        heads: of records that were written in this process.
    """
    if known is None:
        known = Known(
            account_id=visit["account_id"],
            url=visit["url"],
            scope=visit["scope"],
            payload_digest=None,
            etag=None,
            last_modified=None,
            content_type=None,
            is_redirected=False,
            answered_at=None,
            visited_at=visit["fetched_at"],
            outcome=visit["outcome"],
            n_gone=0,
            holder_visit_id=None,
            holder_fetched_at=None,
            holder_file=None,
            holder_offset=None,
            record_file=None,
            record_offset=None,
            head_digest=None,
            n_compared=0.0,
            n_changed=0.0,
            compared_days=0.0,
        )
    outcome = visit["outcome"]
    known = replace(
        known, scope=visit["scope"], visited_at=visit["fetched_at"], outcome=outcome
    )
    if outcome not in ANSWERED:
        is_gone = outcome == "soft_404" or visit["http_status"] in _GONE_STATUS
        return replace(known, n_gone=known.n_gone + 1) if is_gone else known
    known = _compared(known, visit)
    known = replace(known, answered_at=visit["fetched_at"], n_gone=0)
    known = _with_record(known, visit["warc_file"], visit["warc_offset"], heads)
    if outcome == "not_modified":
        return known
    if visit["payload_digest"] != known.payload_digest:
        known = replace(
            known,
            payload_digest=visit["payload_digest"],
            holder_visit_id=visit["visit_id"],
            holder_fetched_at=visit["fetched_at"],
            holder_file=visit["warc_file"],
            holder_offset=visit["warc_offset"],
        )
    return replace(
        known,
        etag=visit["etag"],
        last_modified=visit["last_modified"],
        content_type=visit["content_type"],
        is_redirected=bool(visit["redirect_chain"]),
    )


def _with_record(
    known: Known, file: str | None, offset: int | None, heads: Heads
) -> Known:
    """The same with the record that a visit has or refers to."""
    if file is None or offset is None:
        return known
    is_same = (file, offset) == (known.record_file, known.record_offset)
    head = heads.get((file, offset)) or (known.head_digest if is_same else None)
    return replace(known, record_file=file, record_offset=offset, head_digest=head)


def _compared(known: Known, visit: Mapping[str, Any]) -> Known:
    """The counts after an answer was compared with the one before it."""
    if known.answered_at is None:
        return known
    gap = (visit["fetched_at"] - known.answered_at).total_seconds() / 86_400
    kept = 0.5 ** (gap / HALF_LIFE_DAYS)
    has_changed = (
        visit["outcome"] != "not_modified"
        and visit["payload_digest"] != known.payload_digest
    )
    return replace(
        known,
        n_compared=known.n_compared * kept + 1,
        n_changed=known.n_changed * kept + has_changed,
        compared_days=known.compared_days * kept + gap,
    )


def fold(
    known: dict[Key, Known],
    visits: Iterable[Mapping[str, Any]],
    heads: Heads = MappingProxyType({}),
) -> None:
    """Take one day's visits into what is known; see ``known_after``."""
    for visit in visits:
        key = (visit["account_id"], visit["url"])
        known[key] = known_after(known.get(key), visit, heads)


def concerns(own: Set[str]) -> pl.Expr:
    """Rows that a crawl of these accounts wants to know: theirs, and rules of hosts."""
    is_own = pl.col("account_id").is_in(list(own))
    is_rule = pl.col("scope").is_in(sorted(RULE_SCOPES))
    return is_own | pl.col("account_id").is_null() | is_rule


def read_latest(
    file: Path, days: Sequence[date], own: Set[str] | None = None
) -> dict[Key, Known] | None:
    """What the file knows, if it was made from exactly these days; else None.

    Args:
        file: the file.
        days: the days.
        own: ids of the accounts that alone are wanted; all when left out.
    """
    frame = _latest_of(file, days, None if own is None else concerns(own))
    if frame is None:
        return None
    rows = (Known(**row) for row in frame.iter_rows(named=True))
    return {(row.account_id, row.url): row for row in rows}


def _latest_of(
    file: Path, days: Sequence[date], wanted: pl.Expr | None = None
) -> pl.DataFrame | None:
    if not file.exists():
        return None
    try:
        metadata = pl.read_parquet_metadata(file)
        if metadata.get("lyttepost.days") != _written_days(days):
            return None
        rows = pl.scan_parquet(file)
        frame = (rows if wanted is None else rows.filter(wanted)).collect()
    except (pl.exceptions.PolarsError, OSError):
        return None
    return frame if dict(frame.schema) == SCHEMA else None


def join_latest(file: Path, parts: Sequence[Path], days: Sequence[date]) -> bool:
    """Bring a file up to its last day from what each shard of that day knows.

    Args:
        file: what is known as of the days before the last.
        parts: files of the shards, made from all the days.
        days: the days, earliest first.

    Returns:
        False when a part or the file is of other days, and nothing was written.
    """
    frames = [_latest_of(part, days) for part in parts]
    before = _latest_of(file, days[:-1])
    if before is None and not days[:-1]:
        before = pl.DataFrame(schema=SCHEMA)
    if before is None:
        return False
    known = [frame for frame in frames if frame is not None]
    if len(known) != len(frames):
        return False
    key = ("account_id", "url")
    # An address without an account may have been met by several; the last holds.
    new = pl.concat(known).sort("visited_at").unique(key, keep="last")
    others = before.join(new, on=key, how="anti", nulls_equal=True)
    _write_latest(file, pl.concat([new, others]), days)
    return True


def write_latest(file: Path, known: Mapping[Key, Known], days: Sequence[date]) -> None:
    """Write what is known, and the days it was made from, in one step."""
    rows = list(known.values())
    frame = pl.DataFrame(
        {name: [getattr(row, name) for row in rows] for name in SCHEMA}, schema=SCHEMA
    )
    _write_latest(file, frame, days)


def _write_latest(file: Path, rows: pl.DataFrame, days: Sequence[date]) -> None:
    frame = rows.sort(pl.col("account_id").fill_null(""), "url")
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    frame.write_parquet(temporary, metadata={"lyttepost.days": _written_days(days)})
    with temporary.open("rb+") as stream:
        os.fsync(stream.fileno())
    temporary.replace(file)


def forget_heads(file: Path, record_file: str) -> None:
    """Forget what records of a file of the archive say besides their bytes.

    Whoever rewrites that file says so first. It is looked up again when it is wanted.
    """
    if not file.exists() or pl.read_parquet_schema(file) != SCHEMA:
        return
    rows = pl.read_parquet(file)
    is_of_file = (pl.col("record_file") == record_file).fill_null(value=False)
    if rows.filter(is_of_file & pl.col("head_digest").is_not_null()).is_empty():
        return
    head = pl.when(is_of_file).then(None).otherwise(pl.col("head_digest"))
    days = pl.read_parquet_metadata(file)["lyttepost.days"]
    kept = rows.with_columns(head.alias("head_digest"))
    _write_latest(file, kept, [date.fromisoformat(day) for day in json.loads(days)])


def _written_days(days: Sequence[date]) -> str:
    return json.dumps([day.isoformat() for day in days])
