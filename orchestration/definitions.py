"""The one code location: whatever `defs/` holds, loaded as Dagster recommends.

A new module in `defs/` with a function `@dg.definitions` is found without an edit here.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import cast

import dagster as dg

from orchestration.clean_logs import keep_secrets_out
from orchestration.defs.daily import JOB
from orchestration.defs.placed import placing
from orchestration.defs.warehouse.project import DbtByCommand, dbt_project

__all__ = ["JOB", "build_defs", "defs"]


@dg.definitions
def defs() -> dg.Definitions:
    """The graph, built when the server asks for it and not by importing this module."""
    return build_defs()


def build_defs(resources: dict[str, object] | None = None) -> dg.Definitions:
    """The whole graph: assets, checks, jobs, schedules and sensors.

    Args:
        resources: resources that replace the usual ones, by name (for tests).
    """
    keep_secrets_out()
    found = dg.load_from_defs_folder(path_within_project=Path(__file__).parent)
    return dg.Definitions(
        # Nothing here is a source asset or one computed when the server starts.
        assets=dg.map_asset_specs(
            placing(), cast("Iterable[dg.AssetsDefinition]", found.assets or ())
        ),
        asset_checks=found.asset_checks,
        jobs=found.jobs,
        schedules=found.schedules,
        sensors=found.sensors,
        resources={
            "dbt": DbtByCommand(
                # A project is taken too: dagster-dbt turns it into its folders.
                project_dir=dbt_project(),  # type: ignore[arg-type]
                dbt_executable="lyttepost-dbt",
                # What it says goes to `output.log`; saying all of it in a second file
                # took a tenth of its processor time: 32.5 s with it, 29.2 s without.
                global_config_flags=["--log-level-file", "none"],
            ),
            **(resources or {}),
        },
        executor=dg.in_process_executor,
        component_tree=found.component_tree,
    )
