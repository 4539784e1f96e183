"""Events between lists of ads: `[{snapshot, event, company, title, url}]`.

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
        # Same address, same ad; of the rest those with the same identity are edited.
        new = {key: now[key] for key in now.keys() - before.keys()}
        old = {key: before[key] for key in before.keys() - now.keys()}
        moved = {key[:2]: key for key in old}
        for key, row in new.items():
            twin = moved.pop(key[:2], None)
            found.append(_event("edited" if twin else "opened", day, row))
            if twin:
                del old[twin]
        found.extend(_event("closed", day, row) for row in old.values())
        for key in now.keys() & before.keys():
            if now[key]["title"] != before[key]["title"]:
                found.append(_event("edited", day, now[key]))
    return found


def _lists(file: Path) -> dict[str, dict[tuple[str, str, str], dict[str, str]]]:
    """The ads of each list by employer and identity."""
    macros = jinja2.Environment().from_string(_MACROS.read_text(encoding="utf-8"))
    identity = macros.module.ad_identity("url")  # type: ignore[attr-defined]
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"select {', '.join(_COLUMNS)}, {identity} from read_parquet(?)",
            [str(file)],
        ).fetchall()
    lists: dict[str, dict[tuple[str, str, str], dict[str, str]]] = {}
    for *values, ad in rows:
        row = dict(zip(_COLUMNS, values, strict=True))
        lists.setdefault(row["snapshot"], {})[row["company"], ad, row["url"]] = row
    return lists


def _event(event: str, day: str, row: dict[str, str]) -> dict[str, Any]:
    return row | {"event": event, "snapshot": day}
