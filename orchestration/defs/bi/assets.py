"""`bi/published`: an immutable version of the tables, swapped in atomically."""

import functools
import json

import dagster as dg
import polars as pl

from orchestration import settings, warehouse
from orchestration.defs.bi import destinations
from orchestration.progress import announce
from orchestration.publish.dimensions import dimensions
from orchestration.publish.published import (
    FROM_WAREHOUSE,
    MANIFEST,
    PublishRefused,
    faults,
    publish,
)
from orchestration.publish.report import report_digest, write_report


@dg.asset(
    key=["bi", "published"],
    group_name="bi",
    kinds={"duckdb", "parquet", "html"},
    deps=[*FROM_WAREHOUSE, "signal_types", "accounts", ["accounts", "sources"]],
    description=(
        "`published/current`: a read-only DuckDB file, Parquet and the report of "
        "accounts to talk to. A new version is swapped in atomically; readers of the "
        "former one are not disturbed. Unchanged tables give no new version."
    ),
    check_specs=[
        dg.AssetCheckSpec(
            name="holds_the_version",
            asset=["bi", "published"],
            description="Files and rows are what the manifest of the version says.",
        )
    ],
)
def published() -> dg.MaterializeResult:
    """Publish the tables that others read, and the report."""
    home = settings.home()
    accounts = pl.read_parquet(home / "accounts" / "accounts.parquet")
    tables = warehouse.read_tables(home, FROM_WAREHOUSE)
    catalogue = warehouse.read_tables(home, ["signal_types"])["signal_types"]
    described = dimensions(
        tables,
        signal_types=catalogue,
        accounts=accounts,
        sources=pl.read_parquet(home / "accounts" / "sources.parquet"),
    )
    try:
        version = publish(
            tables | described,
            home,
            functools.partial(
                write_report,
                accounts=accounts,
                home=home,
                signal_types=catalogue,
            ),
            report_digest=report_digest(accounts),
            keep=destinations.keep(),
        )
    except PublishRefused as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
    manifest = json.loads((version / MANIFEST).read_text())
    wrong = faults(version)
    announce(f"published: {version.name}")
    rows = "\n".join(f"| {n} | {t['rows']} |" for n, t in manifest["tables"].items())
    return dg.MaterializeResult(
        metadata={
            "version": version.name,
            "path": dg.MetadataValue.path(str(version)),
            "report": dg.MetadataValue.path(str(version / "report" / "index.html")),
            "rows": dg.MetadataValue.md(f"| table | rows |\n|---|---|\n{rows}"),
        },
        check_results=[
            dg.AssetCheckResult(
                check_name="holds_the_version",
                passed=not wrong,
                description="; ".join(wrong) or f"{version.name}, with all its rows",
            )
        ],
    )


def assets() -> list[dg.AssetsDefinition]:
    """The assets of this step."""
    return [published, *destinations.assets()]


def checks() -> list[dg.AssetChecksDefinition]:
    """Whether each destination holds the version."""
    return destinations.checks()
