"""dbt models and seeds as assets, one run of dbt for the whole of them."""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject, dbt_assets

from orchestration import settings
from orchestration.defs.contract_checks import table_check
from orchestration.progress import announce, is_heard

# Tables of the warehouse that others read, with their contracts.
CONTRACTED = {
    "signals": "signals",
    "account_features": "account_features",
    "people_history": "bi/people_history",
    "job_ad_history": "bi/job_ad_history",
    "page_history": "bi/page_history",
    "registry_history": "bi/registry_history",
    "notice_history": "bi/notice_history",
    "technology_history": "bi/technology_history",
    "announcement_history": "bi/announcement_history",
    "annual_accounts_history": "bi/annual_accounts_history",
    "account_timeline": "bi/account_timeline",
    "coverage": "bi/coverage",
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
    )
    def warehouse(
        context: dg.AssetExecutionContext, dbt: DbtCliResource
    ) -> Iterator[Any]:
        """Build staging, history, signals and features in the working warehouse."""
        target = settings.home() / "dbt"
        target.mkdir(exist_ok=True)
        with _output(target / "output.log"):
            invocation = dbt.cli(
                ["build", "--exclude-resource-type", "unit_test"],
                context=context,
                target_path=target,
                raise_on_error=False,
            )
            yield from invocation.stream()
        results = invocation.get_artifact("run_results.json")
        failed = [r for r in results["results"] if r["status"] in ("error", "fail")]
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
                allow_retries=False,
            )
        announce(f"warehouse: dbt built and tested in {results['elapsed_time']:.1f} s")

    return warehouse


def checks() -> list[dg.AssetChecksDefinition]:
    """One blocking contract check for each table others read."""
    return [table_check(table, path) for table, path in CONTRACTED.items()]
