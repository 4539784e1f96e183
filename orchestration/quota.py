"""What is used up of what may be used: pages of a site, patience of a service, disk.

Reads only, for `lyttepost doctor`. How much a source may ask is said in its
`source.yml`; how large a home folder may become, by LYTTEPOST_QUOTA_GB.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from scrapers.landing import landed_days, read_visits, source_folder
from scrapers.source import load_source, source_names
from scrapers.visit import RULE_SCOPES

# Days of landing that growth is measured over, and how many must be left.
_OVER_DAYS = 30
_LEAST_DAYS = 14
_FULL = 0.9
_TOO_MANY = 429


@dataclass(frozen=True)
class Usage:
    """One thing that is used: in words, and whether it is a fault or worth a note."""

    sentence: str
    is_fault: bool = False
    is_note: bool = False


def usage(home: Path, quota_bytes: float | None, taken: int) -> list[Usage]:
    """What is used up, source by source, and then of the disk.

    Args:
        home: the home folder.
        quota_bytes: how large it may become; None for as large as the disk.
        taken: bytes that it takes now.
    """
    return [*_sources(home), *_disk(home, quota_bytes, taken)]


def _sources(home: Path) -> Iterator[Usage]:
    for source in source_names():
        days = landed_days(home, source)
        if not days:
            continue
        visits = read_visits(home, source, [days[-1]])
        refused = visits.filter(pl.col("http_status") == _TOO_MANY)
        if refused.height:
            yield Usage(
                f"{source} was refused as asking too much {refused.height} times on "
                f"{days[-1]}: what it allows is used up; ask more slowly "
                "(download_delay_s in its source.yml), less often, or ask its owner "
                "for more",
                is_note=True,
            )
        budget = load_source(source).max_pages_per_account
        pages = (
            visits.filter(
                ~pl.col("scope").is_in(list(RULE_SCOPES)),
                pl.col("account_id").is_not_null(),
            )
            .group_by("account_id")
            .len()
        )
        full = pages.filter(pl.col("len") >= budget).height
        if full and not load_source(source).market_wide:
            yield Usage(
                f"{source}: {full} of {pages.height} accounts used all of their "
                f"{budget} pages on {days[-1]}; what is left over follows by expected "
                "change (max_pages_per_account in its source.yml)",
                is_note=True,
            )


def _disk(home: Path, quota_bytes: float | None, taken: int) -> Iterator[Usage]:
    free = float(shutil.disk_usage(home).free)
    if quota_bytes is not None:
        free = min(free, quota_bytes - taken)
        share = taken / max(quota_bytes, 1.0)
        yield Usage(
            f"{taken / 1e9:.2f} of {quota_bytes / 1e9:g} GB (LYTTEPOST_QUOTA_GB)"
            + (
                "; make room (`lyttepost purge`, fewer LYTTEPOST_KEEP_VERSIONS) or "
                "allow more"
                if share >= _FULL
                else ""
            ),
            is_fault=share >= _FULL,
        )
    growth = _growth(home)
    if not growth:
        return
    left = max(0.0, free) / growth
    yield Usage(
        f"what is landed grows by {growth / 1e6:.2f} MB a day, which there is room "
        f"{_long(left)}" + ("; make room" if left < _LEAST_DAYS else ""),
        is_fault=left < _LEAST_DAYS,
    )


def _growth(home: Path) -> float:
    """Bytes a day that landing grew by, over the last days that were asked."""
    sizes: dict[date, int] = {}
    for source in source_names():
        for day in landed_days(home, source)[-_OVER_DAYS:]:
            folder = source_folder(home, source) / f"day={day.isoformat()}"
            size = sum(f.lstat().st_size for f in folder.iterdir() if f.is_file())
            sizes[day] = sizes.get(day, 0) + size
    if not sizes:
        return 0.0
    span = (max(sizes) - min(sizes)).days + 1
    return sum(sizes.values()) / span


def _long(days: float) -> str:
    if days > 3650:
        return "for more than ten years"
    return f"for {days / 365:.1f} years" if days > 730 else f"for {days:.0f} days"
