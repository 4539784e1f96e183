"""What of a step is wanted, when its assets are materialised one at a time."""

from collections.abc import Mapping
from typing import TypeVar

import dagster as dg

_Table = TypeVar("_Table")


def wanted(
    context: dg.AssetExecutionContext, tables: Mapping[str, _Table]
) -> dict[str, _Table]:
    """Those of the tables of a step that were selected, by the last part of their key.

    What was computed with them and not asked for is not written: a table that changes
    without a materialisation would change behind its readers.
    """
    selected = {key.path[-1] for key in context.selected_asset_keys}
    return {name: table for name, table in tables.items() if name in selected}
