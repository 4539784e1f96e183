"""Openings, closings and edits between lists of ads: `[{snapshot, event, company, ...}]`.

An ad is known by what the warehouse knows it by: the macros of `job_identity.sql`, read
from the dbt project and run on DuckDB as there.
"""

from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import jinja2

_MACROS = Path(__file__).parents[2] / "dbt_project" / "macros" / "job_identity.sql"
_COLUMNS = ("snapshot", "company", "title", "url")


def predict(split_dir: Path) -> list[dict[str, Any]]:
    """What each list shows, and no longer shows, beside the one before it."""
    lists = _lists(split_dir / "snapshots.parquet")
    found = []
    for (_, before), (day, now) in pairwise(sorted(lists.items())):
        for key in now.keys() - before.keys():
            found.append(_event("opened", day, now[key]))
        for key in before.keys() - now.keys():
            found.append(_event("closed", day, before[key]))
        for key in now.keys() & before.keys():
            if any(now[key][name] != before[key][name] for name in ("title", "url")):
                found.append(_event("edited", day, now[key]))
    return found


def _lists(file: Path) -> dict[str, dict[tuple[str, str], dict[str, str]]]:
    """The ads of each list by employer and identity."""
    macros = jinja2.Environment().from_string(_MACROS.read_text(encoding="utf-8"))
    identity = macros.module.ad_identity("url")  # type: ignore[attr-defined]
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"select {', '.join(_COLUMNS)}, {identity} from read_parquet(?)",
            [str(file)],
        ).fetchall()
    lists: dict[str, dict[tuple[str, str], dict[str, str]]] = {}
    for *values, ad in rows:
        row = dict(zip(_COLUMNS, values, strict=True))
        lists.setdefault(row["snapshot"], {})[row["company"], ad] = row
    return lists


def _event(event: str, day: str, row: dict[str, str]) -> dict[str, Any]:
    return row | {"event": event, "snapshot": day}
