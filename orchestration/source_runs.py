"""What each source gave on each day it ran: visits, records, signals, bytes, seconds.

Counted from what stands in the home folder (`landing/`, `parsed/`, `quarantine/`) and
measured where it was done: the crawl writes its seconds to `_crawl.json`, the parser to
`_parse.json`. A day whose files have not changed is not read again. Whether a source
reads as it should is `coverage`; nothing is judged here.
"""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from orchestration.contracts.frames import schema, shaped
from orchestration.contracts.odcs import contract
from scrapers.landing import COMPLETE, VISITS
from scrapers.parsed import TIMES
from scrapers.store import archive_sizes
from scrapers.visit import ANSWERED

RUNS = "bi/source_runs"
OUTCOMES = "bi/source_run_outcomes"
_KEY = ("day", "source")
_PAYLOADS = "payloads.parquet"
# What a day was counted from: files and when each was written.
_STAMP = {"stamp": pl.String()}
_OUTCOMES = {
    "outcomes": pl.List(pl.Struct({"outcome": pl.String(), "visits": pl.Int64()}))
}
_COUNTED = {
    "day": pl.Date(),
    "source": pl.String(),
    "visits": pl.Int64(),
    "answered": pl.Int64(),
    "accounts": pl.Int64(),
    "requests": pl.Int64(),
    "new_digests": pl.Int64(),
    "records": pl.Int64(),
    "unreadable": pl.Int64(),
    "bytes": pl.Int64(),
    "archive_bytes": pl.Int64(),
    "crawl_seconds": pl.Float64(),
    "parse_seconds": pl.Float64(),
}
# What the counting remembers of each day, between runs.
MEMORY_SCHEMA = pl.Schema({**_COUNTED, **_OUTCOMES, **_STAMP})


def counted_days(home: Path, memory: pl.DataFrame | None = None) -> pl.DataFrame:
    """One row a landed day and source, read anew only where files have changed.

    Args:
        home: the home folder.
        memory: what this returned for the same home before.
    """
    known = {
        (row["source"], row["day"], row["stamp"]): row
        for row in (memory.iter_rows(named=True) if memory is not None else ())
    }
    rows = []
    for source, day, landed in _landed(home):
        parsed = home / "parsed" / source / landed.name
        stamp = _stamp(landed, parsed)
        row = known.get((source, day, stamp))
        rows.append(row or _counted(source, day, landed, parsed) | {"stamp": stamp})
    return pl.DataFrame(rows, schema=MEMORY_SCHEMA).sort(_KEY)


def day_of(home: Path, source: str, day: date) -> dict[str, Any] | None:
    """What a source gave on a day, without signals; None where it has not landed.

    For whoever wants to tell of one source while a run is still going on.
    """
    landed = home / "landing" / source / f"day={day.isoformat()}"
    if not (landed / COMPLETE).exists():
        return None
    row = _counted(source, day, landed, home / "parsed" / source / landed.name)
    held = quarantined_rows(home).filter(
        (pl.col("source") == source) & (pl.col("day") == day)
    )
    outcomes = {one["outcome"]: one["visits"] for one in row.pop("outcomes")}
    return row | {
        "outcomes": outcomes,
        "quarantined_rows": int(held["quarantined_rows"].sum()),
    }


def quarantined_rows(home: Path) -> pl.DataFrame:
    """`day, source, quarantined_rows` of every day that has some."""
    rows = []
    for file in sorted((home / "quarantine").glob("*/source=*-day=*.parquet")):
        source, day = file.stem.removeprefix("source=").rsplit("-day=", 1)
        held = pl.scan_parquet(file).select(pl.len()).collect().item()
        rows.append((date.fromisoformat(day), source, held))
    frame = pl.DataFrame(
        rows,
        schema={
            "day": pl.Date(),
            "source": pl.String(),
            "quarantined_rows": pl.Int64(),
        },
        orient="row",
    )
    return frame.group_by(_KEY).agg(pl.col("quarantined_rows").sum())


def source_runs(
    counted: pl.DataFrame, quarantined: pl.DataFrame, signals: pl.DataFrame
) -> pl.DataFrame:
    """Contract source_runs: one row a day and source.

    Args:
        counted: `counted_days`.
        quarantined: `quarantined_rows`.
        signals: contract signals; one is born on the day it became known, at the
            source it was seen in, also when it was superseded later.
    """
    born = (
        signals.select(pl.col("known_at").dt.date().alias("day"), "source")
        .group_by(_KEY)
        .agg(pl.len().cast(pl.Int64).alias("signals_born"))
    )
    made = (
        counted.join(quarantined, on=_KEY, how="left")
        # A signal may become known between two runs: a register says when it filed.
        .join(born, on=_KEY, how="full", coalesce=True)
    )
    promise = contract(RUNS)
    numbers = [c.name for c in promise.columns if c.physical_type == "bigint"]
    return shaped(promise, made.with_columns(pl.col(numbers).fill_null(0))).sort(_KEY)


def source_run_outcomes(counted: pl.DataFrame) -> pl.DataFrame:
    """Contract source_run_outcomes: how the visits of a day and source ended."""
    made = (
        counted.select(*_KEY, "outcomes")
        .explode("outcomes", empty_as_null=True)
        .drop_nulls("outcomes")
        .unnest("outcomes")
        .with_columns(is_answered=pl.col("outcome").is_in(sorted(ANSWERED)))
    )
    return shaped(contract(OUTCOMES), made).sort(*_KEY, "outcome")


def _landed(home: Path) -> Iterator[tuple[str, date, Path]]:
    for complete in sorted((home / "landing").glob(f"*/day=*/{COMPLETE}")):
        folder = complete.parent
        yield (
            folder.parent.name,
            date.fromisoformat(folder.name.removeprefix("day=")),
            folder,
        )


def _stamp(landed: Path, parsed: Path) -> str:
    files = [landed / COMPLETE, landed / VISITS, parsed / TIMES, parsed / _PAYLOADS]
    return " ".join(str(f.stat().st_mtime_ns) if f.exists() else "-" for f in files)


def _counted(source: str, day: date, landed: Path, parsed: Path) -> dict[str, Any]:
    crawl = json.loads((landed / COMPLETE).read_text(encoding="utf-8"))
    visits = pl.read_parquet(
        landed / VISITS, columns=["account_id", "outcome", "n_bytes"]
    )
    ended = visits.group_by("outcome").len("visits").sort("outcome")
    answered = visits.filter(pl.col("outcome").is_in(sorted(ANSWERED)))
    read = _read_payloads(parsed / _PAYLOADS)
    return {
        "day": day,
        "source": source,
        "visits": visits.height,
        "answered": answered.height,
        "accounts": visits["account_id"].drop_nulls().n_unique(),
        "requests": int(crawl.get("requests") or 0),
        "new_digests": read["payload_digest"].n_unique(),
        "records": int(read["n_records"].sum()),
        "unreadable": read.filter(pl.col("verdict") == "parse_error").height,
        "bytes": int(visits["n_bytes"].sum()),
        "archive_bytes": sum(archive_sizes(landed).values()),
        "crawl_seconds": crawl.get("seconds"),
        "parse_seconds": _seconds(parsed / TIMES),
        "outcomes": ended.cast({"visits": pl.Int64}).to_dicts(),
    }


def _read_payloads(file: Path) -> pl.DataFrame:
    columns = ["payload_digest", "n_records", "verdict"]
    if not file.exists():
        wanted = schema(contract("observed/payloads"))
        return pl.DataFrame(schema={name: wanted[name] for name in columns})
    return pl.read_parquet(file, columns=columns)


def _seconds(file: Path) -> float | None:
    """What the parser measured; a home from before it measured has nothing."""
    if not file.exists():
        return None
    return float(json.loads(file.read_text(encoding="utf-8"))["seconds"])
