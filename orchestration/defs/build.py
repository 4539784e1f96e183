"""Definitions, assembled in a function so that tests load them as the server does."""

from datetime import UTC, datetime, timedelta

import dagster as dg
from dagster_dbt import DbtCliResource

from orchestration.defs.accounts.assets import accounts
from orchestration.defs.automation import FOLLOW_UPSTREAM, FOLLOWS, follows
from orchestration.defs.bi import assets as bi
from orchestration.defs.columns import MADE, made_of, schema_of, told
from orchestration.defs.crm import assets as crm
from orchestration.defs.landing import assets as landing
from orchestration.defs.landing import source_runs
from orchestration.defs.outcomes import assets as outcomes
from orchestration.defs.rights import assets as rights
from orchestration.defs.scores import assets as scores
from orchestration.defs.tags import contract_of, tags_of
from orchestration.defs.warehouse import assets as warehouse
from orchestration.defs.warehouse.project import dbt_project
from orchestration.defs.watch.sensors import accounts_file, failed_run, freshness

JOB = "observe"
OWNER = "team:data-engineering"
_COLUMNS = "dagster/column_schema"
# A day that was missed is a warning, two are a fault: the same as `lyttepost doctor`.
FRESH = dg.FreshnessPolicy.time_window(
    fail_window=timedelta(hours=50), warn_window=timedelta(hours=26)
)


def build_defs(resources: dict[str, object] | None = None) -> dg.Definitions:
    """The whole graph: assets, checks, the job and its schedule.

    Args:
        resources: resources that replace the usual ones, by name (for tests).
    """
    project = dbt_project()
    observe = dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all() - dg.AssetSelection.groups("rights"),
        executor_def=dg.in_process_executor,
        description=(
            "One day from visits to the CRM outbox. Steps are short, so they run in "
            "one process: the multiprocess executor imports everything anew per step."
        ),
    )

    daily = [
        accounts,
        *landing.assets(),
        *outcomes.assets(),
        warehouse.warehouse_assets(project),
        *source_runs.assets(),
        *scores.assets(),
        *bi.assets(),
        *crm.assets(),
    ]

    @dg.schedule(
        job=observe,
        cron_schedule="0 5 * * *",
        execution_timezone="Europe/Oslo",
        description="Every morning: visit today. A crawl never visits yesterday.",
    )
    def every_morning() -> dg.RunRequest:
        today = datetime.now(UTC).date().isoformat()
        return dg.RunRequest(run_key=today, partition_key=today)

    lineage = {
        **warehouse.known_lineage(project),
        **{dg.AssetKey(name): made_of(made) for name, made in MADE.items()},
    }

    def placed(spec: dg.AssetSpec) -> dg.AssetSpec:
        if spec.key not in lineage:
            return spec
        shown = {"columns_come_from": told(lineage[spec.key])}
        return spec.replace_attributes(metadata={**spec.metadata, **shown})

    return dg.Definitions(
        assets=[
            *dg.map_asset_specs(lambda spec: placed(_daily(spec)), daily),
            *dg.map_asset_specs(_described, [rights.retention]),
        ],
        asset_checks=[
            *warehouse.checks(),
            *source_runs.checks(),
            *scores.checks(),
            *bi.checks(),
            *crm.checks(),
        ],
        jobs=[observe, rights.RETENTION],
        schedules=[every_morning, rights.EVERY_SUNDAY],
        sensors=[freshness, failed_run, accounts_file, FOLLOW_UPSTREAM],
        resources={
            "dbt": DbtCliResource(
                project_dir=project,
                dbt_executable="lyttepost-dbt",
                # What it says goes to `output.log`; saying all of it in a second file
                # took a tenth of its processor time: 32.5 s with it, 29.2 s without.
                global_config_flags=["--log-level-file", "none"],
            ),
            **(resources or {}),
        },
        executor=dg.in_process_executor,
    )


def _described(spec: dg.AssetSpec) -> dg.AssetSpec:
    """With an owner, where its own definition names none, tags and columns."""
    promise = contract_of(spec.key)
    columns = {} if promise is None else {_COLUMNS: schema_of(promise)}
    return spec.replace_attributes(
        owners=[*spec.owners] or [OWNER],
        tags={**spec.tags, **tags_of(spec)},
        metadata={**spec.metadata, **columns},
    )


def _daily(spec: dg.AssetSpec) -> dg.AssetSpec:
    spec = dg.apply_freshness_policy(_described(spec), FRESH)
    if not follows(spec.key):
        return spec
    return spec.replace_attributes(automation_condition=FOLLOWS)
