"""dbt models and seeds as assets, one run of dbt for the whole of them."""

import contextlib
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject, dbt_assets

from orchestration import settings
from orchestration import warehouse as warehouse_tables
from orchestration.defs import walk
from orchestration.defs.contract_checks import table_check
from orchestration.defs.pools import WAREHOUSE
from orchestration.defs.tags import contract_of
from orchestration.defs.warehouse.lineage import (
    Columns,
    column_lineage,
    keep_lineage,
    kept_lineage,
)
from orchestration.defs.warehouse.project import dbt_project, models_digest
from orchestration.progress import announce, is_heard

# Tables of the warehouse that others read, with their contracts.
CONTRACTED = {
    "signals": "signals",
    "account_features": "account_features",
    "outcomes": "outcomes",
    "people_history": "bi/people_history",
    "role_slot_history": "bi/role_slot_history",
    "job_ad_history": "bi/job_ad_history",
    "page_history": "bi/page_history",
    "registry_history": "bi/registry_history",
    "notice_history": "bi/notice_history",
    "technology_history": "bi/technology_history",
    "announcement_history": "bi/announcement_history",
    "annual_accounts_history": "bi/annual_accounts_history",
    "account_timeline": "bi/account_timeline",
    "coverage": "bi/coverage",
    "source_changes": "source_changes",
    "signal_parts": "bi/signal_parts",
    "account_edges": "bi/account_edges",
    "sector_shifts": "bi/sector_shifts",
}


@contextlib.contextmanager
def _output(log: Path) -> Iterator[None]:
    """Keep dbt's lines in a file while a command line shows progress of its own."""
    if not is_heard():
        yield
        return
    with log.open("w", encoding="utf-8") as out, contextlib.redirect_stdout(out):
        yield


class Translator(DagsterDbtTranslator):
    """Conventions in one place: the model's own name, grouped by step."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """A model or seed is its own name; a source what its meta says."""
        if dbt_resource_props["resource_type"] == "source":
            return super().get_asset_key(dbt_resource_props)
        return dg.AssetKey([dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The folder under models/, or catalogue for seeds."""
        if dbt_resource_props["resource_type"] == "seed":
            return "catalogue"
        return str(dbt_resource_props["fqn"][1])


def warehouse_assets(project: DbtProject) -> dg.AssetsDefinition:
    """All models, seeds and data tests; dbt runs once however many days are new."""

    @dbt_assets(
        manifest=project.manifest_path,
        project=project,
        dagster_dbt_translator=Translator(),
        pool=WAREHOUSE,
    )
    def warehouse(
        context: dg.AssetExecutionContext, dbt: DbtCliResource
    ) -> Iterator[Any]:
        """Build staging, history, signals and features in the working warehouse."""
        home = settings.home()
        target = home / "dbt"
        target.mkdir(exist_ok=True)
        # Incremental models go on from what the same models computed; after any change
        # of the project, or a run that did not end, everything is computed anew. A run
        # of some of them says nothing of what the others were computed by.
        built_by, digest = target / "models_digest", models_digest()
        is_same = built_by.exists() and built_by.read_text() == digest
        built_by.unlink(missing_ok=True)
        command = ["build", "--exclude-resource-type", "unit_test"]
        with _output(target / "output.log"):
            invocation = dbt.cli(
                command if is_same else [*command, "--full-refresh"],
                context=context,
                target_path=target,
                raise_on_error=False,
            )
            # Nobody else can open the warehouse before dbt has ended.
            events = [*invocation.stream()]
        results = invocation.get_artifact("run_results.json")
        failed = [r for r in results["results"] if r["status"] in ("error", "fail")]
        facts = _facts(
            home,
            invocation.manifest,
            {r["unique_id"] for r in results["results"] if r["status"] == "success"},
            digest,
        )
        for event in events:
            if isinstance(event, dg.Output):
                more = facts.get(str(event.metadata["unique_id"].value), {})
                event = event.with_metadata({**event.metadata, **more})
            yield event
        if failed or not invocation.is_successful():
            told = "; ".join(
                f"{r['unique_id']}: {' '.join(str(r['message']).split())}"
                for r in failed[:3]
            )
            raise dg.Failure(
                description=(
                    f"dbt failed on {len(failed)} nodes: {told} "
                    f"(all of it in {target / 'output.log'})"
                ),
                # A model that fails will fail again; dbt that was killed may not.
                allow_retries=not failed,
            )
        if is_same or context.selected_asset_keys == context.assets_def.keys:
            built_by.write_text(digest)
        announce(f"warehouse: dbt built and tested in {results['elapsed_time']:.1f} s")

    return warehouse


def known_lineage(project: DbtProject) -> dict[dg.AssetKey, dg.TableColumnLineage]:
    """Lineage of columns by model, where a build has kept it for these models."""
    kept = kept_lineage(settings.dbt_target(), models_digest())
    if kept is None:
        return {}
    manifest = json.loads(project.manifest_path.read_text(encoding="utf-8"))
    keys = _keys(manifest)
    return {keys[model]: _lineage(columns, keys) for model, columns in kept.items()}


def _keys(manifest: Mapping[str, Any]) -> dict[str, dg.AssetKey]:
    return {
        unique_id: Translator().get_asset_key(node)
        for unique_id, node in {**manifest["sources"], **manifest["nodes"]}.items()
        if node["resource_type"] in ("model", "seed", "source")
    }


def _lineage(
    columns: Columns, keys: Mapping[str, dg.AssetKey]
) -> dg.TableColumnLineage:
    return dg.TableColumnLineage(
        {
            column: [dg.TableColumnDep(keys[parent], name) for parent, name in of]
            for column, of in columns.items()
        }
    )


def _facts(
    home: Path, manifest: Mapping[str, Any], built: Collection[str], digest: str
) -> dict[str, dict[str, Any]]:
    """What a materialisation tells besides what dbt said: rows, lineage of columns."""
    if not built:
        return {}
    models = {
        unique_id: node
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
    }
    keys = _keys(manifest)
    kept = settings.dbt_target()
    lineage = kept_lineage(kept, digest)
    if lineage is None:
        lineage = column_lineage(
            manifest,
            home / "dbt" / "compiled" / str(manifest["metadata"]["project_name"]),
            warehouse_tables.column_types(home),
            {u: _promised_columns(keys[u]) for u in manifest["sources"]},
            built,
        )
        # One that is written into others is never built by itself.
        tables = {u for u, n in models.items() if not _is_ephemeral(n)}
        if tables <= set(built):
            keep_lineage(lineage, kept, digest)
    rows = warehouse_tables.row_counts(home)
    signals = "model.lyttepost.signals"
    facts: dict[str, dict[str, Any]] = {}
    for unique_id in built:
        told = facts[unique_id] = {}
        name = manifest["nodes"].get(unique_id, {}).get("name")
        if name in rows:
            told["dagster/row_count"] = rows[name]
        if unique_id in lineage:
            told["dagster/column_lineage"] = _lineage(lineage[unique_id], keys)
    if signals in facts:
        facts[signals] |= walk.of_signals(home)
    return facts


def _is_ephemeral(node: Mapping[str, Any]) -> bool:
    return bool(node["config"].get("materialized") == "ephemeral")


def _promised_columns(key: dg.AssetKey) -> tuple[str, ...]:
    promise = contract_of(key)
    if promise is None:
        raise LookupError(f"{key.to_user_string()} is a source without a contract")
    return promise.in_warehouse.column_names


def sources_hold_still() -> dg.AssetChecksDefinition:
    """A check that tells how much was set aside as a change of a source."""

    @dg.asset_check(
        asset=dg.AssetKey(["source_changes"]),
        name="sources_hold_still",
        pool=WAREHOUSE,
        description=(
            "No source changed for many accounts at once. What did is set aside: no "
            "signal of an account is made of it."
        ),
    )
    def _check() -> dg.AssetCheckResult:
        frame = warehouse_tables.read_tables(settings.home(), ["source_changes"])[
            "source_changes"
        ].filter(pl.col("kind") != "site_template")
        latest = frame.filter(pl.col("day") == pl.col("day").max())
        lines = [
            f"| {r['day']} | {r['source']} | {r['kind']} | {r['subject']} "
            f"| {r['accounts_touched']} of {r['accounts_read']} |"
            for r in frame.sort("day", descending=True).head(20).iter_rows(named=True)
        ]
        heading = [
            "| day | source | kind | subject | accounts |",
            "|---|---|---|---|---|",
        ]
        told = "\n".join([*heading, *lines])
        return dg.AssetCheckResult(
            passed=frame.is_empty(),
            severity=dg.AssetCheckSeverity.WARN,
            description=(
                f"{frame.height} changes of {frame['source'].n_unique()} sources set "
                f"aside, {latest.height} of them on the latest such day"
            ),
            metadata={
                "changes": frame.height,
                "accounts_touched": int(frame["accounts_touched"].sum()),
                "by_kind": dg.MetadataValue.json(
                    dict(frame.group_by("kind").len().sort("kind").iter_rows())
                ),
                "latest": dg.MetadataValue.md(told if lines else "none"),
            },
        )

    return _check


@dg.definitions
def defs() -> dg.Definitions:
    """The models, with one blocking contract check for each table others read."""
    contracts = [table_check(table, path) for table, path in CONTRACTED.items()]
    return dg.Definitions(
        assets=[warehouse_assets(dbt_project())],
        asset_checks=[*contracts, sources_hold_still()],
    )
