"""Figures of a home folder for Prometheus, read from its files and not from a run.

So they tell of what is there also when nothing runs. `lyttepost metrics` prints them,
or writes the file that node_exporter's textfile collector reads.
"""

import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.exposition import generate_latest

from orchestration.doctor import faults
from orchestration.rights.erasures import tombstones
from scrapers.landing import landed_days, read_visits
from scrapers.source import source_names


def metrics(home: Path, now: datetime) -> str:
    """The figures in Prometheus' text format.

    Args:
        home: the home folder.
        now: what ages are counted from, in UTC.
    """
    registry = CollectorRegistry()

    def gauge(name: str, told: str, *labels: str) -> Gauge:
        return Gauge(f"lyttepost_{name}", told, labels, registry=registry)

    age = gauge("source_age_days", "Days since a source was last asked.", "source")
    visits = gauge("visits", "Visits of a source's last day.", "source", "outcome")
    for source in source_names():
        days = landed_days(home, source)
        if not days:
            continue
        age.labels(source).set((now.date() - days[-1]).days)
        counts = read_visits(home, source, [days[-1]])["outcome"].value_counts()
        for outcome, n in counts.iter_rows():
            visits.labels(source, outcome).set(n)
    gauge("quarantined_rows", "Rows that broke their contract.").set(
        sum(
            pl.scan_parquet(file).select(pl.len()).collect().item()
            for file in (home / "quarantine").rglob("*.parquet")
        )
    )
    gauge("disk_free_bytes", "Bytes free where the home folder is.").set(
        shutil.disk_usage(home).free
    )
    gauge("faults", "Faults that `lyttepost doctor` finds.").set(
        sum(f.is_fault for f in faults(home, now.date()))
    )
    gauge("erasures", "People erased so far.").set(len(tombstones(home)))
    manifest = home / "published" / "current" / "manifest.json"
    if manifest.exists():
        said = json.loads(manifest.read_text("utf-8"))
        as_of = datetime.fromisoformat(said["as_of"]).replace(tzinfo=UTC)
        gauge("published_age_days", "Days since what is published was known.").set(
            (now - as_of).days
        )
        rows = gauge("published_rows", "Rows of a published table.", "table")
        for table, told in said["tables"].items():
            rows.labels(table).set(told.get("rows", 0))
    return generate_latest(registry).decode()


def write_metrics(file: Path, text: str) -> None:
    """Write the file in one step: a collector never reads half of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    temporary.write_text(text, "utf-8")
    temporary.replace(file)
