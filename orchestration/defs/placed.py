"""What every asset has, whoever defines it: owner, tags, columns, lineage, freshness.

`definitions.py` applies it to whatever was found in this folder.
"""

from collections.abc import Callable
from datetime import timedelta

import dagster as dg

from orchestration.defs.automation import FOLLOWS, follows
from orchestration.defs.columns import MADE, made_of, schema_of, told
from orchestration.defs.tags import contract_of, tags_of
from orchestration.defs.warehouse.assets import known_lineage
from orchestration.defs.warehouse.project import dbt_project

_OWNER = "team:data-engineering"
_COLUMNS = "dagster/column_schema"
# A day that was missed is a warning, two are a fault: the same as `lyttepost doctor`.
_FRESH = dg.FreshnessPolicy.time_window(
    fail_window=timedelta(hours=50), warn_window=timedelta(hours=26)
)


def placing() -> Callable[[dg.AssetSpec], dg.AssetSpec]:
    """A function that gives an asset what all of them have."""
    lineage = {
        **known_lineage(dbt_project()),
        **{dg.AssetKey(name): made_of(made) for name, made in MADE.items()},
    }

    def placed(spec: dg.AssetSpec) -> dg.AssetSpec:
        if spec.group_name == "rights":  # weekly, and read by nothing
            return _described(spec)
        spec = _daily(spec)
        if spec.key not in lineage:
            return spec
        shown = {"columns_come_from": told(lineage[spec.key])}
        return spec.replace_attributes(metadata={**spec.metadata, **shown})

    return placed


def _described(spec: dg.AssetSpec) -> dg.AssetSpec:
    """With an owner, where its own definition names none, tags and columns."""
    promise = contract_of(spec.key)
    columns = {} if promise is None else {_COLUMNS: schema_of(promise)}
    return spec.replace_attributes(
        owners=[*spec.owners] or [_OWNER],
        tags={**spec.tags, **tags_of(spec)},
        metadata={**spec.metadata, **columns},
    )


def _daily(spec: dg.AssetSpec) -> dg.AssetSpec:
    spec = dg.apply_freshness_policy(_described(spec), _FRESH)
    if not follows(spec.key):
        return spec
    return spec.replace_attributes(automation_condition=FOLLOWS)
