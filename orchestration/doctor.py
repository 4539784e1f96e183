"""Look over the set-up and a home folder, and say what is wrong in one sentence each.

Reads only: nothing is repaired here. Repair is running the command again.
"""

import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from orchestration import settings

_LOW_DISK_BYTES = 2_000_000_000


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    subject: str
    sentence: str
    is_fault: bool = False
    is_note: bool = False

    @property
    def mark(self) -> str:
        """ok, note or FAULT."""
        return "FAULT" if self.is_fault else "note " if self.is_note else "ok   "

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)


def examine(home: Path, verify: bool = False) -> list[Finding]:
    """Every finding about this set-up and this home folder.

    Args:
        home: the home folder.
        verify: read every archived payload again and compare its digest.
    """
    return [
        *_set_up(home),
        *_landing(home, verify),
        *_tables(home),
        *_published(home),
    ]


def _set_up(home: Path) -> Iterator[Finding]:
    version = sys.version.split()[0]
    yield Finding("python", f"version {version}", is_fault=sys.version_info < (3, 11))
    settings.put_tools_on_path()
    dbt = shutil.which("dbt")
    yield Finding(
        "dbt",
        "is on the path" if dbt else "is not on the path; run `make test` to set up",
        is_fault=dbt is None,
    )
    existing = next(p for p in (home, *home.parents) if p.exists())
    free = shutil.disk_usage(existing).free
    yield Finding(
        "disk",
        f"{free / 1e9:.1f} GB free at {existing}",
        is_fault=free < _LOW_DISK_BYTES,
    )
    from scrapers.settings import crawl_settings

    contact = crawl_settings().user_agent
    yield Finding("user agent", f"the crawler introduces itself as {contact!r}")


def _landing(home: Path, verify: bool) -> Iterator[Finding]:
    from scrapers.landing import landed_days, read_visits
    from scrapers.source import source_names

    landing = home / "landing"
    if not landing.exists():
        yield Finding(
            "landing", f"{home}: nothing has been observed here", is_note=True
        )
        return
    for source in source_names():
        days = landed_days(home, source)
        unfinished = sorted(
            d.name.removeprefix("day=")
            for d in (landing / source).glob("day=*")
            if d.name.removeprefix("day=") not in {x.isoformat() for x in days}
        )
        if unfinished:
            yield Finding(
                f"landing/{source}",
                f"{len(unfinished)} day(s) were begun and not finished "
                f"({', '.join(unfinished[:3])}); run the same command again to go on",
                is_note=True,
            )
        if not days:
            yield Finding(f"landing/{source}", "no complete day", is_note=True)
            continue
        visits = read_visits(home, source, [days[-1]])
        good = visits["outcome"].is_in(["ok", "not_modified"]).sum()
        yield Finding(
            f"landing/{source}",
            f"{len(days)} days, the last {days[-1]} with {visits.height} visits, "
            f"{good} of them answered",
        )
        if verify:
            yield _verified(home, source)


def _verified(home: Path, source: str) -> Finding:
    from scrapers.landing import (
        PayloadCorrupt,
        PayloadMissing,
        read_payload,
        read_visits,
    )

    visits = read_visits(home, source)
    first = visits.filter(visits["payload_digest"].is_not_null()).unique(
        ["url", "payload_digest"], keep="first", maintain_order=True
    )
    broken = []
    for visit in first.iter_rows(named=True):
        try:
            read_payload(home, source, visit)
        except (PayloadCorrupt, PayloadMissing) as error:
            broken.append(f"{visit['visit_id']} ({error})")
    if broken:
        return Finding(
            f"archive/{source}",
            f"{len(broken)} of {first.height} payloads cannot be read back: "
            + "; ".join(broken[:3]),
            is_fault=True,
        )
    return Finding(
        f"archive/{source}", f"all {first.height} payloads read back with their digest"
    )


def _tables(home: Path) -> Iterator[Finding]:
    quarantined = sorted((home / "quarantine").rglob("*.parquet"))
    if quarantined:
        import polars as pl

        rows = sum(pl.read_parquet(f, columns=["reason"]).height for f in quarantined)
        yield Finding(
            "quarantine",
            f"{rows} rows in {len(quarantined)} files under {home / 'quarantine'}",
            is_note=True,
        )
    if not (home / "warehouse.duckdb").exists():
        return
    from orchestration.warehouse import WarehouseBusy, connect

    try:
        with connect(home) as connection:
            n = connection.execute("select count(*) from signals").fetchone()
        yield Finding("warehouse", f"can be read, {n[0] if n else 0} signals")
    except WarehouseBusy as error:
        yield Finding("warehouse", str(error), is_note=True)
    except Exception as error:  # noqa: BLE001 - any fault of the file is a finding
        yield Finding(
            "warehouse",
            f"cannot be read ({str(error).splitlines()[0]}); delete it and run "
            "`lyttepost publish` to build it again from landing",
            is_fault=True,
        )


def _published(home: Path) -> Iterator[Finding]:
    current = home / "published" / "current"
    if not current.exists():
        yield Finding("published", "nothing has been published here", is_note=True)
        return
    manifest = current / "manifest.json"
    if not manifest.exists():
        yield Finding(
            "published",
            f"{current.resolve()} has no manifest; run `lyttepost publish`",
            is_fault=True,
        )
        return
    said = json.loads(manifest.read_text())
    yield Finding(
        "published",
        f"current is {current.resolve().name}, as of {said.get('as_of')}",
    )
