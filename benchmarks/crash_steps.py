"""The steps of a week, each to be run on its own, and the state they leave.

For `crash_rounds`, which disturbs them. A step is what the product runs, called where
its Dagster asset calls it, so that a round need not start Dagster and dbt anew. The
state of a home is every table that a reader could meet, by name; two homes are the same
when their states are.
"""

import hashlib
import json
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from inspect import signature
from pathlib import Path
from types import SimpleNamespace
from typing import Any

FIRST = date(2025, 1, 6)
WEEKS = 14
# Those that the market answers for without --every-source, as the base leaves them.
SOURCES = (
    "company_pages",
    "brreg_accounts",
    "brreg_announcements",
    "brreg_registry",
    "doffin_notices",
    "nav_jobs",
    "public_money_lists",
    "ted_notices",
)
# The bytes of the warehouse, which may differ where its tables do not.
WAREHOUSE = "bytes of the warehouse"
# Names of the warehouse that say when something ran.
_CLOCK = frozenset(("written_at", "run_id"))


def day_of(week: int) -> date:
    """The day of a weekly visit, counted from 0."""
    return FIRST + timedelta(weeks=week)


@dataclass(frozen=True)
class Step:
    """A part of a run: what it is called, and how it is run on a home folder."""

    name: str
    run: Callable[[Path], None]


def crawl(source: str, proxy: str) -> Step:
    """The crawl of the week after the base, of one source."""

    def run(home: Path) -> None:
        from scrapers.run import main

        code = main(
            [
                *("--source", source, "--home", str(home)),
                *("--accounts", str(home / "accounts" / "accounts.parquet")),
                *("--days", day_of(WEEKS).isoformat(), "--replay-proxy", proxy),
            ]
        )
        sys.exit(code)

    return Step(f"crawl of {source}", run)


def _sources(home: Path) -> list[str]:
    from scrapers.source import source_names

    return [s for s in source_names() if (home / "landing" / s).is_dir()]


def parse(home: Path) -> None:
    """Parse what has landed, as `parsed/<source>` does."""
    from scrapers.landing import landed_days
    from scrapers.parsed import parse_days

    for source in _sources(home):
        parse_days(home, source, landed_days(home, source), workers=1)


def gate(home: Path) -> None:
    """Let through what was parsed, as `observed/<kind>` does."""
    from orchestration.contracts.gate import KINDS, gate_kind

    for kind in (*KINDS, "payloads"):
        gate_kind(home, kind)


def build(home: Path) -> None:
    """Build the warehouse with dbt, by the Dagster asset that does it.

    Raises:
        RuntimeError: with what failed.
    """
    import dagster as dg

    from orchestration import settings
    from orchestration.definitions import JOB, build_defs
    from orchestration.defs.partitions import tag_of

    settings.use_home(home)
    definitions = build_defs()
    keys = definitions.resolve_assets_def("hist_pages").keys
    with dg.DagsterInstance.get() as instance:
        done = definitions.resolve_job_def(JOB).execute_in_process(
            instance=instance,
            asset_selection=sorted(keys),
            tags=tag_of([day_of(week) for week in range(WEEKS + 1)]),
            raise_on_error=False,
        )
    if not done.success:
        raise RuntimeError("dbt failed; see dbt/output.log in the home")


def _call(asset: Any) -> None:
    """The function of an asset, without Dagster: all that it makes is asked for."""
    function = asset.op.compute_fn.decorated_fn
    context = SimpleNamespace(
        selected_asset_keys=asset.keys, selected_asset_check_keys=asset.check_keys
    )
    done = function(*[context for name in signature(function).parameters])
    if isinstance(done, Iterator):
        deque(done, maxlen=0)


def score(home: Path) -> None:
    """Learn when due, score, and judge, as the assets of scores do."""
    from orchestration import settings
    from orchestration.defs.scores import assets

    settings.use_home(home)
    _call(assets.score_model)
    _call(assets.scores)
    _call(assets.score_report)


def publish(home: Path) -> None:
    """Publish, as `bi/published` does."""
    from orchestration import settings
    from orchestration.defs.bi.assets import published

    settings.use_home(home)
    _call(published)


def sync(home: Path) -> None:
    """Plan for every destination and send, as `crm/*` does."""
    from orchestration import settings
    from orchestration.defs.crm.assets import destination_asset, outbox

    settings.use_home(home)
    _call(outbox)
    _call(destination_asset("csv_file"))


STEPS = (
    Step("parse", parse),
    Step("gate", gate),
    Step("dbt build", build),
    Step("score", score),
    Step("publish", publish),
    Step("CRM csv sync", sync),
)


# --- what a home holds -----------------------------------------------------------


def state(
    home: Path, known: Mapping[str, Mapping[str, str]] | None = None
) -> dict[str, str]:
    """A digest of everything a reader of the home could meet, by name.

    Args:
        home: the home folder.
        known: what warehouses of these bytes hold, so that one a step has not touched
            is not read again.

    Raises:
        ValueError: what is published is not whole, or a payload is not in the archive.
    """
    told: dict[str, str] = {}
    for folder in ("parsed", "observed", "quarantine", "accounts"):
        for file in sorted((home / folder).rglob("*.parquet")):
            told[str(file.relative_to(home))] = _bytes(file)
    told |= _landing(home)
    file = home / "warehouse.duckdb"
    told[WAREHOUSE] = _bytes(file) if file.exists() else ""
    told |= (known or {}).get(told[WAREHOUSE]) or _warehouse(home)
    told |= published(home)
    told |= _crm(home)
    return told


def _bytes(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16]


def _landing(home: Path) -> dict[str, str]:
    """Visits without the place in the archive, which is another in each crawl."""
    import polars as pl

    from scrapers.landing import (
        VISITS,
        day_folder,
        landed_days,
        read_payload,
        read_visits,
    )

    told = {}
    for source in _sources(home):
        for day in landed_days(home, source):
            name = f"landing/{source}/{day}"
            if day != day_of(WEEKS):
                told[name] = _bytes(day_folder(home, source, day) / VISITS)
                continue
            visits = read_visits(home, source, [day])
            twice = visits.select("account_id", "url").is_duplicated().sum()
            if twice:
                raise ValueError(f"{source} {day}: {twice} visits have landed twice")
            told[name] = _rows(visits.drop("warc_file", "warc_offset"))
            kept = visits.filter(pl.col("warc_file").is_not_null())
            for row in kept.iter_rows(named=True):
                read_payload(home, source, row)
    return told


def _rows(frame: object) -> str:
    """A digest of rows, whatever order they are in."""
    import polars as pl

    assert isinstance(frame, pl.DataFrame)
    lines = sorted(json.dumps(row, default=str) for row in frame.iter_rows(named=True))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _warehouse(home: Path) -> dict[str, str]:
    import duckdb

    from orchestration.publish.published import FROM_WAREHOUSE
    from orchestration.warehouse import connect

    if not (home / "warehouse.duckdb").exists():
        return {}
    told = {}
    with connect(home) as connection:
        for table in (*FROM_WAREHOUSE, "account_features", "outcomes"):
            try:
                frame = connection.execute(f'select * from "{table}"').pl()
            except duckdb.CatalogException:
                continue
            told[f"warehouse/{table}"] = _rows(
                frame.drop([c for c in frame.columns if c in _CLOCK])
            )
    return told


def published(home: Path) -> dict[str, str]:
    """Every file of the published version; nothing when nothing is published.

    Raises:
        ValueError: the version is not whole.
    """
    current = home / "published" / "current"
    if not current.is_symlink():
        return {}
    if not (current / "manifest.json").exists():
        raise ValueError("published/current points at no whole version")
    said = json.loads((current / "manifest.json").read_text())
    told = {"published/version": current.resolve().name}
    for name, table in said["tables"].items():
        content = (current / f"{name}.parquet").read_bytes()
        if hashlib.sha256(content).hexdigest() != table["sha256"]:
            raise ValueError(f"published {name}.parquet is not what was published")
    for file in sorted(current.rglob("*")):
        if file.is_file() and file.suffix != ".duckdb":
            told[f"published/{file.relative_to(current)}"] = _bytes(file)
    return told


def _crm(home: Path) -> dict[str, str]:
    import polars as pl

    folder = home / "crm" / "csv_file"
    told = {}
    for name in ("accounts.csv", "accepted.parquet"):
        if (folder / name).exists():
            told[f"crm/{name}"] = _bytes(folder / name)
    log = folder / "sync_changelog.parquet"
    if log.exists():
        # Each change is told once; which run told it is another matter.
        told["crm/changes"] = _rows(pl.read_parquet(log).drop("run"))
    return told


def differences(
    found: Mapping[str, str], wanted: Mapping[str, str], *but: str
) -> list[str]:
    """Names that are not the same in two states, but for what begins with `but`."""
    names = sorted({*found, *wanted})
    return [
        name
        for name in names
        if found.get(name) != wanted.get(name)
        and not name.startswith((WAREHOUSE, *but))
    ]
