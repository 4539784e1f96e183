"""How long what was observed is kept, and taking out what has been kept for longer.

A source says for how many days (`retention_days` in source.yml), a contract of records
about people may say fewer (`slaProperties: retention`). Days count from when a payload
was last seen, for what a page still shows is not old. Only observations are purged
here; what is computed from them is computed again.
"""

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from orchestration.contracts.gate import KINDS, write_atomically
from orchestration.contracts.odcs import contract
from orchestration.warehouse import FILE as WAREHOUSE
from scrapers import store, warc
from scrapers.landing import COMPLETE, JOURNAL, VISITS, landed_days, read_visits
from scrapers.source import load_source, source_names

FOLDER = "retention"
_KEY = ("url", "payload_digest")
_PURGED = b"WARC/1.1\r\nWARC-Type: metadata\r\nContent-Length: 0\r\n\r\n\r\n\r\n"


@dataclass
class Purged:
    """Rows that were taken out, by table and source, as of a day."""

    today: date
    rows: Counter[tuple[str, str]] = field(default_factory=Counter)
    n_files: int = 0

    @property
    def n_rows(self) -> int:
        """Rows in all."""
        return sum(self.rows.values())

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {
            "today": self.today.isoformat(),
            "archive_files_deleted": self.n_files,
            "rows": [
                {"table": table, "source": source, "rows": n}
                for (table, source), n in sorted(self.rows.items())
            ],
        }

    def text(self) -> str:
        """For a terminal."""
        if not self.n_rows:
            return f"As of {self.today} nothing has been kept for too long."
        lines = [
            f"As of {self.today} {self.n_rows} rows were kept for too long and are "
            f"gone, {self.n_files} archive files with them:"
        ]
        lines += [
            f"  {table} of {source}: {n}"
            for (table, source), n in sorted(self.rows.items())
        ]
        return "\n".join(lines)


def kept_days(source: str, kind: str) -> int:
    """For how many days after it was last seen a source's record of a kind is kept."""
    of_source = load_source(source).retention_days
    of_kind = contract(f"observed/{kind}").retention_days
    return of_source if of_kind is None else min(of_source, of_kind)


def purge(home: Path, today: date) -> Purged:
    """Take out what has been kept for too long. The caller holds the folder's lock.

    The same call again, also after a kill, does the rest. The warehouse is thrown away
    when anything went, to be built again by the next run.

    Args:
        home: the home folder.
        today: the day that is counted from.
    """
    purged = Purged(today)
    for source in source_names():
        days = landed_days(home, source)
        if not days:
            continue
        last_seen = _last_seen(home, source)
        _purge_records(home, source, last_seen, purged)
        _purge_landing(home, source, days, last_seen, purged)
    if purged.n_rows:
        (home / WAREHOUSE).unlink(missing_ok=True)
        (home / f"{WAREHOUSE}.wal").unlink(missing_ok=True)
        _report(home, purged)
    return purged


def _last_seen(home: Path, source: str) -> pl.DataFrame:
    return (
        read_visits(home, source)
        .filter(pl.col("payload_digest").is_not_null())
        .group_by(_KEY)
        .agg(pl.col("fetched_at").max().alias("_last_at"))
    )


def _is_kept(last_seen: pl.DataFrame, frame: pl.DataFrame, limit: date) -> pl.Series:
    """Rows whose payload was seen on the day of the limit or later."""
    joined = frame.select(_KEY).join(
        last_seen, on=_KEY, how="left", maintain_order="left"
    )
    moment = datetime.combine(limit, time())
    return (joined["_last_at"] >= moment).fill_null(value=False)


def _record_files(home: Path, source: str) -> Iterator[tuple[str, str, date, Path]]:
    for kind in (*KINDS, "payloads"):
        patterns = (
            ("observed", f"observed/{kind}/source={source}/day=*.parquet"),
            ("parsed", f"parsed/{source}/day=*/{kind}.parquet"),
            ("quarantine", f"quarantine/{kind}/source={source}-day=*.parquet"),
        )
        for step, pattern in patterns:
            for file in sorted(home.glob(pattern)):
                told = file.parent.name if step == "parsed" else file.stem
                yield step, kind, date.fromisoformat(told[-10:]), file


def _purge_records(
    home: Path, source: str, last_seen: pl.DataFrame, purged: Purged
) -> None:
    for step, kind, day, file in _record_files(home, source):
        limit = purged.today - timedelta(kept_days(source, kind))
        if day >= limit:
            continue
        frame = pl.read_parquet(file)
        kept = frame.filter(_is_kept(last_seen, frame, limit))
        if kept.height == frame.height:
            continue
        stat = file.stat()
        write_atomically(kept, file)
        # The gate compares times of writing: what is left is not new.
        os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        purged.rows[f"{step}/{kind}", source] += frame.height - kept.height


def _purge_landing(
    home: Path,
    source: str,
    days: list[date],
    last_seen: pl.DataFrame,
    purged: Purged,
) -> None:
    limit = purged.today - timedelta(load_source(source).retention_days)
    has_purged = False
    for day in days:
        if day >= limit:
            break
        folder = home / "landing" / source / f"day={day}"
        visits = pl.read_parquet(folder / VISITS)
        is_kept = _is_kept(last_seen, visits, limit)
        kept, gone = visits.filter(is_kept), visits.filter(~is_kept)
        if gone.is_empty() and not visits.is_empty():
            continue
        has_purged = True
        store.fetch(home, [f"landing/{source}/{folder.name}"])
        # Bytes before rows: a row says what there is still to purge.
        _purge_archive(folder, kept, gone, purged)
        if kept.is_empty():
            (folder / COMPLETE).unlink()
        else:
            write_atomically(kept, folder / VISITS)
        purged.rows["landing/visits", source] += gone.height
    for folder in sorted((home / "landing" / source).glob("day=*")):
        is_old = date.fromisoformat(folder.name.removeprefix("day=")) < limit
        is_begun = (folder / JOURNAL).exists() or (folder / COMPLETE).exists()
        if is_old and not is_begun:
            shutil.rmtree(folder)
    if has_purged:
        # Made from visits again when it is missing.
        (home / "landing" / source / "latest.parquet").unlink(missing_ok=True)


def _purge_archive(
    folder: Path, kept: pl.DataFrame, gone: pl.DataFrame, purged: Purged
) -> None:
    for file in sorted(folder.glob("*.warc.gz")):
        name = f"{folder.name}/{file.name}"
        if kept.filter(pl.col("warc_file") == name).is_empty():
            file.unlink()
            purged.n_files += 1
            continue
        offsets = set(gone.filter(pl.col("warc_file") == name)["warc_offset"])
        new = {}
        for offset, length, content in warc.members(file):
            if offset in offsets and content != _PURGED:
                member = warc.padded_member(_PURGED, length)
                assert member is not None  # shorter than any record of a visit
                new[offset] = member
        warc.replace_members(file, new)


def _report(home: Path, purged: Purged) -> None:
    file = home / FOLDER / f"{purged.today}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    temporary.write_text(json.dumps(purged.as_dict(), indent=1) + "\n", "utf-8")
    temporary.replace(file)
