"""Look over the set-up and a home folder, and say what is wrong in one sentence each.

Reads only: nothing is repaired here. Repair is running the command again. Each fault
says what to do.
"""

import fcntl
import json
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

from orchestration import settings
from orchestration.home_version import VERSION, HomeRefused
from orchestration.home_version import version_of as home_layout

_LOW_DISK_BYTES = 2_000_000_000
# By when a source that is asked so often is stale, in days.
_STALE_AFTER = {"daily": 2, "weekly": 9, "monthly": 40}
_VERSIONED = ("dagster", "dbt-core", "duckdb", "polars", "scrapy")


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


def examine(
    home: Path, verify: bool = False, today: date | None = None
) -> list[Finding]:
    """Every finding about this set-up and this home folder.

    Args:
        home: the home folder.
        verify: read every archived payload again and compare its digest, and every
            chained log.
        today: what staleness is counted from; the day of the clock by default.
    """
    return [
        *_set_up(home),
        *_home(home),
        *_store(home),
        *_landing(home, verify),
        *_stale(home, today or datetime.now(UTC).date()),
        *_tables(home),
        *_published(home),
        *_rights(home, verify),
    ]


def faults(home: Path, today: date) -> list[Finding]:
    """What a person should be told of without asking: faults, and stale sources."""
    found = examine(home, today=today)
    return [f for f in found if f.is_fault or f.subject == "freshness"]


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
    told = ", ".join(f"{name} {version_of(name)}" for name in _VERSIONED)
    yield Finding("versions", told)


def _home(home: Path) -> Iterator[Finding]:
    """Who may write here, who works here, and how much there is."""
    if not home.exists():
        return
    if not os.access(home, os.W_OK | os.X_OK):
        yield Finding(
            "permissions",
            f"{home} cannot be written by this user; run as the user who owns it, or "
            f"give it away: chown -R USER {home}",
            is_fault=True,
        )
        return
    try:
        yield Finding("home", f"layout {home_layout(home)} of {VERSION}")
    except HomeRefused as error:
        yield Finding("home", str(error), is_fault=True)
    with (home / ".lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield Finding("lock", "no command is working here")
        except BlockingIOError:
            yield Finding(
                "lock",
                "another command is working here; what follows may change meanwhile",
                is_note=True,
            )
    sizes = {
        folder.name: sum(f.lstat().st_size for f in folder.rglob("*") if f.is_file())
        for folder in sorted(home.iterdir())
        if folder.is_dir() and not folder.is_symlink()
    }
    largest = sorted(sizes.items(), key=lambda item: -item[1])[:3]
    yield Finding(
        "size",
        f"{sum(sizes.values()) / 1e9:.2f} GB, most of it "
        + ", ".join(f"{name} {size / 1e9:.2f}" for name, size in largest),
    )
    yield from _quota(home, sum(sizes.values()))


def _quota(home: Path, taken: int) -> Iterator[Finding]:
    """What is used up of pages, of what services allow, and of the disk."""
    from orchestration.quota import usage
    from scrapers.whole_files import FileDamaged

    try:
        for used in usage(home, settings.quota_bytes(), taken):
            yield Finding("quota", used.sentence, used.is_fault, used.is_note)
    except settings.SettingError as error:
        yield Finding("quota", str(error), is_fault=True)
    except FileDamaged as error:
        yield Finding("quota", f"cannot be told: {error}", is_note=True)


def _store(home: Path) -> Iterator[Finding]:
    """Whether the store can be reached, and has what was brought there."""
    from scrapers import store

    if not store.is_kept():
        return
    try:
        found = store.compare(home)
    except store.StoreFailed as error:
        yield Finding("store", str(error), is_fault=True)
        return
    yield Finding(
        "store", f"can be reached: {found.n_files} files, {found.n_bytes / 1e9:.2f} GB"
    )
    if found.lost:
        yield Finding(
            "store",
            f"{len(found.lost)} files are not as they were brought there, as "
            f"{found.lost[0]}: changed by another home folder, which the next command "
            "follows, or lost, and then to be brought back from the store's versions",
            is_note=True,
        )
    if found.waiting:
        yield Finding(
            "store",
            f"{len(found.waiting)} files wait to be brought there, as "
            f"{found.waiting[0]}; the next run does it",
            is_note=True,
        )


def _stale(home: Path, today: date) -> Iterator[Finding]:
    """Sources that were asked once and have not been for too long."""
    from orchestration.accounts.landed import idle_sources
    from scrapers.landing import landed_days
    from scrapers.source import load_source, source_names

    if not (home / "accounts" / "accounts.parquet").exists():
        return
    idle = idle_sources(home)
    stale: dict[date, list[str]] = {}
    for source in source_names():
        days = landed_days(home, source)
        if not days or source in idle:
            continue
        limit = _STALE_AFTER.get(load_source(source).cadence, 2)
        if (today - days[-1]).days >= limit:
            stale.setdefault(days[-1], []).append(source)
    for day, sources in sorted(stale.items()):
        yield Finding(
            "freshness",
            f"last asked {(today - day).days} days ago, on {day}: "
            f"{', '.join(sources)}; run `lyttepost run`, and see that the schedule "
            "every_morning is on",
            is_note=True,
        )


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


def _resting_on(home: Path, visit_ids: list[str]) -> str:
    """The published signals that rest on these visits."""
    import polars as pl

    file = home / "published" / "current" / "signals.parquet"
    if not file.exists():
        return "nothing is published, so no signal rests on them yet"
    signals = pl.read_parquet(file).filter(
        pl.col("before_ref").is_in(visit_ids) | pl.col("after_ref").is_in(visit_ids)
    )
    if signals.is_empty():
        return "no published signal rests on them"
    told = ", ".join(
        f"{s['signal_id']} ({s['signal_type']} of {s['account_id']})"
        for s in signals.sort("signal_id").iter_rows(named=True)
    )
    return f"{signals.height} published signals rest on them: {told}"


def _verified(home: Path, source: str) -> Finding:
    import polars as pl

    from scrapers.landing import (
        PayloadCorrupt,
        PayloadMissing,
        read_payload,
        read_visits,
    )
    from scrapers.store import StoreFailed

    visits = read_visits(home, source)
    first = visits.filter(visits["payload_digest"].is_not_null()).unique(
        ["url", "payload_digest"], keep="first", maintain_order=True
    )
    broken, lost = [], []
    for visit in first.iter_rows(named=True):
        try:
            read_payload(home, source, visit)
        except StoreFailed as error:
            return Finding(f"archive/{source}", str(error), is_fault=True)
        except (PayloadCorrupt, PayloadMissing) as error:
            broken.append(f"{visit['visit_id']} ({error})")
            lost.append(visit)
    if broken:
        damaged = visits.filter(
            pl.col("payload_digest").is_in([v["payload_digest"] for v in lost])
        )["visit_id"]
        return Finding(
            f"archive/{source}",
            f"{len(broken)} of {first.height} payloads cannot be read back: "
            + "; ".join(broken[:3])
            + f"; {_resting_on(home, damaged.to_list())}. Bring the files back from a "
            "backup (`lyttepost restore`)",
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


def _rights(home: Path, verify: bool) -> Iterator[Finding]:
    """Erasures, the list that keeps people out, and the chained logs."""
    from orchestration.rights.erasures import ErasuresBroken, tombstones, unfinished
    from orchestration.rights.outside import last_erasure, pending
    from orchestration.scoring.forecast_log import BrokenLog
    from orchestration.scoring.forecasts import log_of, verified
    from scrapers.suppression import SuppressionBroken, is_open_to_others

    try:
        for tombstone in tombstones(home):
            yield Finding("erasures", tombstone.sentence())
        for number in unfinished(home):
            yield Finding(
                "erasures",
                f"erasure {number} was begun and not finished; run the same `lyttepost "
                "erase` again",
                is_fault=True,
            )
    except (ErasuresBroken, SuppressionBroken) as error:
        yield Finding("erasures", str(error), is_fault=True)
    else:
        last = last_erasure(home)
        for place in pending(home):
            yield Finding("erasures", place.sentence(last), is_fault=True)
    if is_open_to_others(home):
        yield Finding(
            "suppression",
            f"others may read {home / 'suppression' / 'key'}; chmod 600 it",
            is_fault=True,
        )
    if verify and log_of(home).exists():
        try:
            head = verified(home)
            yield Finding(
                "forecasts", f"{head.n_lines} lines, each chained to the last"
            )
        except BrokenLog as error:
            yield Finding(
                "forecasts",
                f"{error}; bring {log_of(home)} back from a backup",
                is_fault=True,
            )
    from orchestration.contracts.gate import broken_parsers

    for sentence in broken_parsers(home):
        yield Finding(
            "parser",
            f"{sentence}; docs/operations.md says how to mend one",
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
