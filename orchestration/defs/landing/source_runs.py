"""`source_runs` and `source_run_outcomes`: the run itself, as tables others read."""

from collections.abc import Iterator

import dagster as dg
import duckdb
import polars as pl

from orchestration import settings, warehouse
from orchestration.contracts.gate import KINDS
from orchestration.contracts.odcs import contract
from orchestration.defs.contract_checks import table_check
from orchestration.defs.pools import WAREHOUSE
from orchestration.defs.selection import wanted
from orchestration.source_runs import (
    OUTCOMES,
    RUNS,
    counted_days,
    quarantined_rows,
    source_run_outcomes,
    source_runs,
)

CONTRACTED = {"source_runs": RUNS, "source_run_outcomes": OUTCOMES}
# What was counted, and from which files: no reader's business.
_MEMORY = "source_days_counted"
_SHOWN = (
    "visits", "answered", "new_digests", "records", "quarantined_rows",
    "signals_born", "bytes", "crawl_seconds", "parse_seconds",
)  # fmt: skip


@dg.multi_asset(
    name="source_runs",
    can_subset=True,
    pool=WAREHOUSE,
    group_name="landing",
    specs=[
        dg.AssetSpec(
            name,
            kinds={"python", "duckdb"},
            deps=[
                dg.AssetKey(["landing", "visits"]),
                *(dg.AssetKey(["observed", kind]) for kind in (*KINDS, "payloads")),
                "signals",
            ],
            description=contract(path).purpose,
        )
        for name, path in CONTRACTED.items()
    ],
)
def runs(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    """Count what each source gave, day by day; days that stand are not read again."""
    home = settings.home()
    counted = counted_days(home, _memory())
    made = {
        "source_runs": source_runs(
            counted,
            quarantined_rows(home),
            warehouse.read_tables(home, ["signals"])["signals"],
        ),
        "source_run_outcomes": source_run_outcomes(counted),
    }
    written = wanted(context, made)
    warehouse.write_tables(home, written | {_MEMORY: counted})
    newest = made["source_runs"].filter(pl.col("day") == counted["day"].max())
    metadata = {"source_runs": {"newest_day": dg.MetadataValue.md(_table(newest))}}
    for name, frame in written.items():
        yield dg.MaterializeResult(
            asset_key=name,
            metadata={"dagster/row_count": frame.height, **metadata.get(name, {})},
        )


def _memory() -> pl.DataFrame | None:
    """What the last run counted; None on the first."""
    try:
        return warehouse.read_tables(settings.home(), [_MEMORY])[_MEMORY]
    except duckdb.CatalogException:
        return None


def _table(rows: pl.DataFrame) -> str:
    """One line a source, for the page of the asset."""
    lines = [
        f"| {row['source']} | " + " | ".join(_told(row[name]) for name in _SHOWN) + " |"
        for row in rows.iter_rows(named=True)
    ]
    head = f"| source | {' | '.join(name.replace('_', ' ') for name in _SHOWN)} |"
    return "\n".join([head, "|---" * (len(_SHOWN) + 1) + "|", *lines])


def _told(value: float | None) -> str:
    if value is None:
        return "not measured"
    return f"{value:.2f}" if isinstance(value, float) else str(value)


@dg.definitions
def defs() -> dg.Definitions:
    """The two tables, made together, with one blocking contract check each."""
    return dg.Definitions(
        assets=[runs],
        asset_checks=[table_check(table, path) for table, path in CONTRACTED.items()],
    )
