"""The shards of a day made into the day that readers know.

A shard lands in a folder of its own, so that shards run side by side and in any order.
When all are there their rows become the visits.parquet of the day, and what is read
afterwards looks as a crawl in one piece would have left it, but for the names of
archive files. Who is in which shard does not belong here (shards.py).
"""

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from scrapers.landing import (
    COMPLETE,
    JOINED_SHARDS,
    LATEST,
    MISSING_SHARDS,
    ONLY_ACCOUNTS,
    VISITS,
    complete,
    landed_days,
    must_be_read,
    read_told,
    source_folder,
)
from scrapers.latest import join_latest
from scrapers.shards import Shard, every_shard, shard_named
from scrapers.visit import VISITS_SCHEMA


def join_shards(home: Path, source: str, before: date | None = None) -> list[date]:
    """Make one day of its shards, wherever all of them have landed.

    The same call again, also after a kill, does the rest.

    Args:
        home: the home folder.
        source: name of the source.
        before: of earlier days those shards that are there are joined although others
            are missing, which the day then says: nobody can visit that day any more.

    Returns:
        The days that were joined now, earliest first.

    Raises:
        FileDamaged: the visits of a shard are not whole.
    """
    folders = sorted(
        {f.parent.parent for f in source_folder(home, source).glob(_LANDED_SHARDS)}
    )
    joined = []
    for folder in folders:
        day = date.fromisoformat(folder.name.removeprefix("day="))
        if _join(home, source, folder, day, before is not None and day < before):
            joined.append(day)
    return joined


_LANDED_SHARDS = f"day=*/shard=*/{COMPLETE}"


def _join(home: Path, source: str, folder: Path, day: date, is_past: bool) -> bool:
    parts = {shard_named(f.name): f for f in sorted(folder.glob("shard=*"))}
    told = {shard: read_told(part) for shard, part in parts.items()}
    whole = {
        shard: said
        for shard, said in told.items()
        if said is not None and (is_past or not said.get(ONLY_ACCOUNTS))
    }
    of = next(iter(parts)).of
    before = read_told(folder) or {}
    joined = set(before.get(JOINED_SHARDS) or ())
    new = [shard for shard in whole if shard.name not in joined]
    names = joined | {shard.name for shard in whole}
    missing = [s.name for s in every_shard(of) if s.name not in names]
    if new and (not missing or is_past):
        files = [parts[shard] / VISITS for shard in new]
        if before:
            files.append(folder / VISITS)
        frames = [pl.DataFrame(schema=VISITS_SCHEMA), *map(must_be_read, files)]
        # Two shards may have met one address that is nobody's, in a replay in one tick.
        visits = pl.concat(frames).unique("visit_id", keep="first", maintain_order=True)
        visits = visits.sort("fetched_at", "visit_id")
        crawls = [before] if before else []
        crawls += [whole[shard] for shard in new]
        said = _summed(crawls, visits) | {
            "source": source,
            "day": day.isoformat(),
            JOINED_SHARDS: sorted(names),
        }
        if missing:
            said[MISSING_SHARDS] = missing
        complete(folder, visits, said)
        is_partial = bool(missing or before)
        _follow(home, source, day, [parts[s] / LATEST for s in new], is_partial)
    elif missing and not before:
        return False
    for shard in whole:
        if shard.name in names and (folder / COMPLETE).exists():
            shutil.rmtree(parts[shard])
    return bool(new)


def _follow(
    home: Path, source: str, day: date, parts: Sequence[Path], is_partial: bool
) -> None:
    """Take the day into latest.parquet, which is made anew when that is not simple."""
    file = source_folder(home, source) / LATEST
    days = landed_days(home, source)
    is_last = days[-1] == day
    if is_partial or not is_last or not join_latest(file, parts, days):
        file.unlink(missing_ok=True)


def _summed(
    crawls: Sequence[Mapping[str, Any]], visits: pl.DataFrame
) -> dict[str, Any]:
    """What several crawls of a day tell, as one: numbers added up."""
    totals: Counter[str] = Counter()
    for crawl in crawls:
        totals.update(
            {
                key: value
                for key, value in crawl.items()
                if isinstance(value, int | float) and not isinstance(value, bool)
            }
        )
    ended = visits.group_by("outcome").len().sort("outcome")
    return {
        **{key: round(value, 3) for key, value in sorted(totals.items())},
        "finish_reason": "finished",
        "visits": visits.height,
        "outcomes": dict(ended.iter_rows()),
    }


def unjoined_days(home: Path, source: str) -> dict[date, list[Shard]]:
    """Days that wait for shards, and for which, earliest first."""
    waiting: dict[date, list[Shard]] = {}
    for folder in sorted(source_folder(home, source).glob("day=*")):
        begun = [shard_named(f.name) for f in sorted(folder.glob("shard=*"))]
        if begun:
            day = date.fromisoformat(folder.name.removeprefix("day="))
            waiting[day] = [
                shard
                for shard in every_shard(begun[0].of)
                if read_told(folder / shard.folder) is None
            ]
    return waiting
