"""False discovery control in SQL against the definition, walked by hand."""

import random
from collections import defaultdict
from datetime import date, timedelta

import duckdb
import jinja2
import polars as pl
import pytest

from tests.warehouse.home_of_rows import DBT

Key = tuple[str, ...]
FIRST = date(2024, 1, 1)


def by_definition(rows: list[dict], keys: list[str]) -> set[tuple[Key, str, date]]:
    """Benjamini-Hochberg a day and class over armed hypotheses, one day at a time."""
    found: set[tuple[Key, str, date]] = set()
    hot: dict[tuple[Key, str], date] = {}
    days: dict[date, dict[str, list[tuple[float, Key]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for row in rows:
        if row["p_value"] is not None:
            key = tuple(row[k] for k in keys)
            days[row["as_of"]][row["signal_type"]].append((row["p_value"], key))
    for day in sorted(days):
        for kind, tested in days[day].items():
            armed = [
                (p, key)
                for p, key in sorted(tested)
                if (key, kind) not in hot or (day - hot[key, kind]).days >= 56
            ]
            passing = [
                n for n, (p, _) in enumerate(armed, 1) if p * len(armed) / n <= 0.10
            ]
            for p, key in tested:
                if (p, key) in armed[: max(passing, default=0)]:
                    found.add((key, kind, day))
                    hot[key, kind] = day
                elif (p, key) in armed:
                    hot.pop((key, kind), None)
                elif p < 0.05:
                    hot[key, kind] = day
    return found


def hypotheses(seed: int, topics: list[str]) -> list[dict]:
    """Thirty weeks of p-values of thirty accounts, a seventh of them often small."""
    rng = random.Random(seed)
    rows = [
        {
            "account_id": f"a{n:02d}",
            "topic": topic,
            "signal_type": kind,
            "as_of": FIRST + timedelta(weeks=week),
            "p_value": None
            if rng.random() < 0.1
            else rng.random() ** (5 if n % 7 == 0 else 1),
        }
        for n in range(30)
        for topic in topics
        for kind in ("up", "down")
        for week in range(30)
    ]
    rng.shuffle(rows)
    return rows


def walked(rows: list[dict], keys: list[str], told: str, **on: object) -> list[tuple]:
    """Columns `told` of the macro over some hypotheses, in order."""
    macros = jinja2.Environment().from_string(
        (DBT / "macros" / "discoveries.sql").read_text("utf-8")
    )
    carried = on.pop("states", None)
    if carried is not None:
        on["carried"] = "carried"
    ctes = macros.module.discoveries("measures", keys, **on)  # type: ignore[attr-defined]
    with duckdb.connect() as connection:
        connection.register("rows", pl.DataFrame(rows, infer_schema_length=None))
        if carried is not None:
            names = [*keys, "signal_type", "as_of", "hot_on", "is_discovery"]
            connection.register(
                "carried", pl.DataFrame(carried, schema=names, orient="row")
            )
        return connection.execute(
            f"with recursive measures as (select * from rows), {ctes} {told}"
        ).fetchall()


@pytest.mark.parametrize("keys", [["account_id"], ["account_id", "topic"]])
@pytest.mark.parametrize("seed", range(6))
def test_sql_finds_what_the_definition_finds(seed: int, keys: list[str]) -> None:
    rows = hypotheses(seed, ["", "a", "b"] if "topic" in keys else [""])
    names = ", ".join([*keys, "signal_type", "as_of"])
    told = walked(rows, keys, f"select {names} from discoveries")
    expected = by_definition(rows, keys)
    assert len(expected) > 10
    assert {(row[:-2], row[-2], row[-1]) for row in told} == expected
    assert len(told) == len(expected)


@pytest.mark.parametrize("week", [1, 9, 28])
@pytest.mark.parametrize("seed", range(3))
def test_a_walk_that_goes_on_ends_where_the_whole_walk_ends(
    seed: int, week: int
) -> None:
    keys = ["account_id"]
    rows = hypotheses(seed, [""])
    columns = "account_id, signal_type, as_of, hot_on, is_discovery"
    every = f"select {columns} from discovery_states"
    whole = walked(rows, keys, every)
    after = FIRST + timedelta(weeks=week)
    before = walked([r for r in rows if r["as_of"] <= after], keys, every)
    # A day after the last one that was measured changes nothing of what is carried.
    stands = after + timedelta(days=3)
    rest = walked(rows, keys, every, after=stands.isoformat(), states=before)
    assert len(rest) > 0
    assert sorted(before + rest) == sorted(whole)
