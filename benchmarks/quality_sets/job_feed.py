"""Events between lists of ads: `[{snapshot, event, company, title, url}]`.

An ad is known by what the warehouse knows it by: the macros of `job_identity.sql`, read
from the dbt project and run on DuckDB as there.
"""

from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import jinja2

_MACROS = Path(__file__).parents[2] / "dbt_project" / "macros" / "job_identity.sql"
_COLUMNS = ("snapshot", "company", "title", "url")


Key = tuple[str, str, str]
Row = dict[str, str]


def predict(split_dir: Path) -> list[dict[str, Any]]:
    """What each list shows, and no longer shows, beside the one before it."""
    lists = _lists(split_dir / "snapshots.parquet")
    found = []
    for (_, before), (day, now) in pairwise(sorted(lists.items())):
        # Same address, same ad; of the rest those with the same identity are edited.
        new: list[tuple[Key, Row]] = []
        old: list[tuple[Key, Row]] = []
        for key in sorted(before.keys() | now.keys()):
            edited, came, went = _at_one_address(before.get(key, []), now.get(key, []))
            found += [_event("edited", day, row) for row in edited]
            new += [(key, row) for row in came]
            old += [(key, row) for row in went]
        moved: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for key, row in old:
            moved[key[:2]].append(row)
        for key, row in new:
            twins = moved[key[:2]]
            found.append(_event("edited" if twins else "opened", day, row))
            if twins:
                twins.remove(_likest(row, twins))
        found += [_event("closed", day, row) for rows in moved.values() for row in rows]
    return found


def _at_one_address(
    before: list[Row], now: list[Row]
) -> tuple[list[Row], list[Row], list[Row]]:
    """Rows of an address that are edited, new and gone; titles tell several apart."""
    old = list(before)
    edited, new = [], []
    stays = Counter(_title(row) for row in before)
    for row in now:
        if stays[_title(row)]:
            stays[_title(row)] -= 1
            old.remove(_likest(row, old))
        else:
            new.append(row)
    while old and new:
        edited.append(new.pop(0))
        old.pop(0)
    return edited, new, old


def _likest(row: Row, others: list[Row]) -> Row:
    """The row of the same title, or the first."""
    return next((one for one in others if _title(one) == _title(row)), others[0])


def _title(row: Row) -> str:
    """A title as readers of ads keep it: space more or less is no edit."""
    return " ".join(row["title"].split())


def _lists(file: Path) -> dict[str, dict[Key, list[Row]]]:
    """The ads of each list by employer and identity."""
    macros = jinja2.Environment().from_string(_MACROS.read_text(encoding="utf-8"))
    identity = macros.module.ad_identity("url")  # type: ignore[attr-defined]
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"select {', '.join(_COLUMNS)}, {identity} from read_parquet(?)",
            [str(file)],
        ).fetchall()
    lists: dict[str, dict[Key, list[Row]]] = {}
    for *values, ad in rows:
        row = dict(zip(_COLUMNS, values, strict=True))
        of_day = lists.setdefault(row["snapshot"], {})
        of_day.setdefault((row["company"], ad, row["url"]), []).append(row)
    return lists


def _event(event: str, day: str, row: Row) -> dict[str, Any]:
    return row | {"event": event, "snapshot": day}
