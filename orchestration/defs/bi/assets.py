"""`bi/published`: an immutable version of the tables, swapped in atomically."""

import functools
import json

import dagster as dg
import polars as pl

from orchestration import settings, warehouse
from orchestration.progress import announce
from orchestration.publish.published import MANIFEST, PUBLISHED, PublishRefused, publish
from orchestration.publish.report import report_digest, write_report


@dg.asset(
    key=["bi", "published"],
    group_name="bi",
    kinds={"duckdb", "parquet", "html"},
    deps=list(PUBLISHED),
    description=(
        "`published/current`: a read-only DuckDB file, Parquet and the report of "
        "accounts to talk to. A new version is swapped in atomically; readers of the "
        "former one are not disturbed. Unchanged tables give no new version."
    ),
)
def published() -> dg.MaterializeResult:
    """Publish the tables that others read, and the report."""
    home = settings.home()
    accounts = pl.read_parquet(home / "accounts" / "accounts.parquet")
    tables = warehouse.read_tables(home, [*PUBLISHED, "signal_types"])
    try:
        version = publish(
            tables,
            home,
            functools.partial(
                write_report,
                accounts=accounts,
                home=home,
                signal_types=tables["signal_types"],
            ),
            report_digest=report_digest(accounts),
        )
    except PublishRefused as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
    manifest = json.loads((version / MANIFEST).read_text())
    announce(f"published: {version.name}")
    rows = "\n".join(f"| {n} | {t['rows']} |" for n, t in manifest["tables"].items())
    return dg.MaterializeResult(
        metadata={
            "version": version.name,
            "path": dg.MetadataValue.path(str(version)),
            "report": dg.MetadataValue.path(str(version / "report" / "index.html")),
            "rows": dg.MetadataValue.md(f"| table | rows |\n|---|---|\n{rows}"),
        }
    )


def assets() -> list[dg.AssetsDefinition]:
    """The assets of this step."""
    return [published]
