"""Who joined, left and got another title between two lists of people.

`{id: {"joined", "left", "title_changed"}}`, names as written. Identity is the product's
own: its key of a name, and the macros behind `hist_people_names` that tell a name spelt
otherwise from somebody else. The lists of the set have no order, so the place of a name
in its list, which the product looks at too, says nothing here.
"""

import json
from pathlib import Path
from typing import Any

import duckdb
import jinja2

from scrapers.extract.names import person_key

_MACROS = Path(__file__).parents[2] / "dbt_project" / "macros"
_SAME_PERSON = """
with arrivals as (
    select unnest(?::struct(key varchar, title varchar)[], recursive := true)
),
departures as (
    select unnest(?::struct(key varchar, title varchar)[], recursive := true)
),
normal_arrivals as (select key, {{ title_words('title') }} as title from arrivals),
normal_departures as (select key, {{ title_words('title') }} as title from departures),
candidates as (
    select
        came.key as new_key,
        went.key as old_key,
        jaro_winkler_similarity(came.key, went.key) as similarity
    from normal_arrivals as came
    inner join normal_departures as went
        on {{ is_fuller_name('came.key', 'went.key') }}
        or (
            trim(came.title) <> '' and came.title = went.title
            and {{ is_respelling('came.key', 'went.key') }}
        )
)
select new_key, old_key from candidates
qualify
    row_number() over (partition by new_key order by similarity desc, old_key) = 1
    and row_number() over (partition by old_key order by similarity desc, new_key) = 1
"""
_CHANGED_TITLES = """
select {{ title_words('before') }} <> {{ title_words('after') }}
from (select unnest(?::varchar[]) as before, unnest(?::varchar[]) as after)
"""


def predict(split_dir: Path) -> dict[str, dict[str, list[str]]]:
    """What changed between the two lists of each row."""
    with (split_dir / "input.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    same_person, changed = _rendered(_SAME_PERSON), _rendered(_CHANGED_TITLES)
    with duckdb.connect() as connection:
        return {
            row["id"]: _changes(connection, same_person, changed, row) for row in rows
        }


def _changes(
    connection: duckdb.DuckDBPyConnection,
    same_person: str,
    changed: str,
    row: dict[str, Any],
) -> dict[str, list[str]]:
    before, after = _by_key(row["before"]), _by_key(row["after"])
    came = [key for key in after if key not in before]
    went = [key for key in before if key not in after]
    respelt: dict[str, str] = {}
    if came and went:
        respelt = dict(
            connection.execute(
                same_person, [_structs(came, after), _structs(went, before)]
            ).fetchall()
        )
    pairs = [(key, respelt.get(key, key)) for key in after]
    stayed = [(new, old) for new, old in pairs if old in before]
    is_changed = connection.execute(
        changed,
        [
            [before[old]["title"] or "" for _, old in stayed],
            [after[new]["title"] or "" for new, _ in stayed],
        ],
    ).fetchall()
    return {
        "joined": [after[key]["name"] for key in came if key not in respelt],
        "left": [
            before[key]["name"] for key in went if key not in set(respelt.values())
        ],
        "title_changed": [
            after[new]["name"]
            for (new, _), (is_new,) in zip(stayed, is_changed, strict=True)
            if is_new
        ],
    }


def _by_key(people: list[dict[str, str]]) -> dict[str, dict[str, str]]:
    """People of a list by the key of their name; one listed twice has both titles."""
    names: dict[str, str] = {}
    titles: dict[str, set[str]] = {}
    for person in people:
        key = person_key(person["name"])
        names.setdefault(key, person["name"])
        titles.setdefault(key, set()).add(person["title"] or "")
    return {
        key: {"name": name, "title": "; ".join(sorted(titles[key]))}
        for key, name in names.items()
    }


def _structs(
    keys: list[str], people: dict[str, dict[str, str]]
) -> list[dict[str, str]]:
    return [{"key": key, "title": people[key]["title"] or ""} for key in keys]


def _rendered(query: str) -> str:
    macros = "".join(
        (_MACROS / name).read_text(encoding="utf-8")
        for name in ("text.sql", "names.sql")
    )
    return jinja2.Environment().from_string(macros + query).render()
