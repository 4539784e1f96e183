"""Manager or not, from a title: `{id: {"isco1", "manager"}}`.

The product's own macro is rendered as dbt renders it and asked about the titles of the
set. ISCO's major group is nothing the product tells apart, save managers.
"""

import json
from pathlib import Path

import duckdb
import jinja2

_DBT = Path(__file__).parents[2] / "dbt_project"


def predict(split_dir: Path) -> dict[str, dict[str, object]]:
    """What the macro behind `hist_title_classes` says of each title."""
    with (split_dir / "input.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    manages = _managing(sorted({row["title"] for row in rows}))
    return {
        row["id"]: {
            "isco1": "1" if manages[row["title"]] else "",
            "manager": manages[row["title"]],
        }
        for row in rows
    }


def _managing(titles: list[str]) -> dict[str, bool]:
    macros = [_DBT / "macros" / name for name in ("text.sql", "titles.sql")]
    template = jinja2.Environment().from_string(
        "".join(macro.read_text(encoding="utf-8") for macro in macros)
        + "select title, {{ manages(title_words('title')) }} as is_manager"
        " from (select unnest(?::varchar[]) as title)"
    )
    with duckdb.connect() as connection:
        return dict(connection.execute(template.render(), [titles]).fetchall())
