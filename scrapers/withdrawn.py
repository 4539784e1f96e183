"""Units that a source has removed from open data, and their records with them.

A source says so with 410, and asks that copies go too. Which units those are is kept in
parsed/<source>/withdrawn.parquet, made from visits; their rows leave every parsed file,
and the payload's verdict says why. Raw archives are not touched here.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from scrapers.landing import VISITS, landed_days, read_visits, source_folder
from scrapers.source import load_parser
from scrapers.visit import ANSWERED

WITHDRAWN = "withdrawn"
# The column of a record that names its unit.
UNIT_COLUMN = "org_number"
_FILE = "withdrawn.parquet"
_SCHEMA: dict[str, pl.DataType] = {
    "unit": pl.String(),
    "url": pl.String(),
    "is_withdrawn": pl.Boolean(),
}
_Key = tuple[str, str]
_UnitOf = Callable[[str, int | None], str | None]


def why(units: Iterable[str]) -> str:
    """The sentence of a payload's verdict."""
    return (
        f"Removed from open data by the source: {', '.join(sorted(units))}; the "
        "records are removed here too."
    )


def settle(
    home: Path, source: str, days: Sequence[date]
) -> tuple[frozenset[str], list[date]]:
    """Take out what these days withdrew; the units, and days to be read again.

    Only addresses that these days visited are looked at again, and only units that are
    new among the withdrawn are searched for. A day is to be read again when a unit it
    told of is in open data once more. Nothing, for a source whose parser has no
    `withdrawn_unit`. Killed at any moment, the same days bring the same end.
    """
    unit_of: _UnitOf | None = getattr(load_parser(source), "withdrawn_unit", None)
    if unit_of is None:
        return frozenset(), []
    file = home / "parsed" / source / _FILE
    before = pl.read_parquet(file) if file.exists() else pl.DataFrame(schema=_SCHEMA)
    known = set(before["url"])
    visits = read_visits(home, source, days).select("url", "http_status")
    touched = {
        url: unit
        for url, status in visits.unique().iter_rows()
        if (unit := unit_of(url, 410)) and (status == 410 or url in known)
    }
    if not touched:
        return _withdrawn(before), []
    is_gone = _latest(home, source, list(touched))
    rows = [
        {"unit": unit, "url": url, "is_withdrawn": is_gone.get(url, False)}
        for url, unit in touched.items()
    ]
    untouched = before.filter(~pl.col("url").is_in(list(touched)))
    after = pl.concat([untouched, pl.DataFrame(rows, _SCHEMA)]).sort("unit", "url")
    now, then = _withdrawn(after), _withdrawn(before)
    if now - then:
        _purge(home, source, now - then)
    again = _days_to_read_again(home, source, then - now) if then - now else []
    if not after.equals(before):
        file.parent.mkdir(parents=True, exist_ok=True)
        _write(after, file)
    return now, again


def _withdrawn(rows: pl.DataFrame) -> frozenset[str]:
    return frozenset(rows.filter("is_withdrawn")["unit"])


def _latest(home: Path, source: str, urls: list[str]) -> dict[str, bool]:
    """Whether the latest answer of each address was that it is gone."""
    files = [
        source_folder(home, source) / f"day={day.isoformat()}" / VISITS
        for day in landed_days(home, source)
    ]
    rows = (
        pl.scan_parquet(files)
        .filter(
            pl.col("url").is_in(urls)
            & ((pl.col("http_status") == 410) | pl.col("outcome").is_in(list(ANSWERED)))
        )
        .sort("fetched_at", "visit_id")
        .group_by("url")
        .agg((pl.col("http_status").last() == 410).alias("is_gone"))
        .collect()
    )
    return dict(rows.iter_rows())


def _purge(home: Path, source: str, units: frozenset[str]) -> None:
    """Take the units' records out of every parsed day.

    A file without any of them is left untouched, to the byte.
    """
    for folder in sorted((home / "parsed" / source).glob("day=*")):
        _purge_day(folder, units)


def _purge_day(folder: Path, units: frozenset[str]) -> None:
    payloads = folder / "payloads.parquet"
    if not payloads.exists():
        return
    lost: dict[_Key, set[str]] = {}
    left: Counter[_Key] = Counter()
    rewritten: list[tuple[pl.DataFrame, Path]] = []
    ours = pl.col(UNIT_COLUMN).is_in(list(units))
    for file in sorted(folder.glob("*.parquet")):
        if UNIT_COLUMN not in pl.read_parquet_schema(file):
            continue
        rows = pl.read_parquet(file)
        keys = ("url", "payload_digest")
        kept = rows.filter(~ours)
        left.update(kept.select(keys).iter_rows())
        if kept.height < rows.height:
            rewritten.append((kept, file))
        for url, digest, unit in (
            rows.filter(ours).select(*keys, UNIT_COLUMN).iter_rows()
        ):
            lost.setdefault((url, digest), set()).add(unit)
    if not rewritten:
        return
    verdicts = []
    for row in pl.read_parquet(payloads).iter_rows(named=True):
        key = (row["url"], row["payload_digest"])
        verdicts.append(_told(row, lost[key], left[key]) if key in lost else row)
    # The verdicts first: rows that are gone without a reason would be a fault.
    schema = pl.read_parquet_schema(payloads)
    _write(pl.DataFrame(verdicts, schema=schema), payloads)
    for frame, file in rewritten:
        _write(frame, file)


def _told(row: Mapping[str, Any], units: set[str], n_left: int) -> dict[str, Any]:
    """The row of a payload after it has lost the records of these units."""
    verdict = row["verdict"] if n_left else WITHDRAWN
    return {**row, "n_records": n_left, "verdict": verdict, "error": why(units)}


def _days_to_read_again(home: Path, source: str, units: frozenset[str]) -> list[date]:
    """Parsed days that lost records of units which are in open data again."""
    days = []
    for file in sorted((home / "parsed" / source).glob("day=*/payloads.parquet")):
        told = pl.read_parquet(file, columns=["error"])["error"].drop_nulls()
        if any(unit in sentence for sentence in told for unit in units):
            days.append(date.fromisoformat(file.parent.name.removeprefix("day=")))
            file.unlink()
    return days


def _write(frame: pl.DataFrame, file: Path) -> None:
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    with temporary.open("wb") as out:
        frame.write_parquet(out, compression="zstd", statistics=True)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(file)
