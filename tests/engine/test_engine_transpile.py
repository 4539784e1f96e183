"""What DuckDB's SQL becomes for the engine; that it runs there `make parity` proves."""

import re

import pytest
import sqlglot

from orchestration.engine import steps
from orchestration.engine.transpile import prepared, transpiled

COLUMNS = {
    "t": {"a": "VARCHAR", "b": "VARCHAR", "c": "BOOLEAN", "day": "DATE", "n": "BIGINT"},
    "u": {"b": "VARCHAR", "z": "DATE"},
}


def _said(sql: str) -> str:
    return re.sub(r"\s+", " ", transpiled(sql, COLUMNS)).lower()


@pytest.mark.parametrize(
    ("duckdb", "spark"),
    [
        (
            "select len(string_split(a, '|')) as x from t",
            "array_size(split(t.a, '\\\\|'))",
        ),
        ("select length(a) as x from t", "length(t.a)"),
        (
            "select string_split(a, ' ')[n] as x from t",
            "try_element_at(split(t.a, ' '), cast(t.n as int))",
        ),
        (
            "select string_split(a, ' ')[2] as x from t",
            "try_element_at(split(t.a, ' '), cast(2 as int))",
        ),
        ("select a[1] as x from t", "substring(t.a, 1, 1)"),
        (
            "select regexp_replace(a, 'x(.)', '\\1', 'g') as x from t",
            "regexp_replace(t.a, 'x(.)', '${1}')",
        ),
        (
            "select regexp_replace(a, 'x', 'y') as x from t",
            "'^((?s:.*?))(?:x)', '${1}y'",
        ),
        (
            "select regexp_replace(a, '^x', 'y') as x from t",
            "regexp_replace(t.a, '^x', 'y')",
        ),
        (
            "select regexp_extract(a, 'x(.)') as x from t",
            "regexp_extract(t.a, 'x(.)', 0)",
        ),
        ("select n / 2.5 as x from t", "t.n / 2.5d"),
        (
            "select day + to_days(cast(n as integer)) as x from t",
            "t.day + make_dt_interval(cast(t.n as int))",
        ),
        (
            "select day - cast(a as date) >= n as x from t",
            "datediff(t.day, cast(t.a as date)) >= t.n",
        ),
        ("select day - 1 as x from t", "t.day - 1"),
        ("select cast(n / 2 as bigint) as x from t", "cast(rint(t.n / 2) as bigint)"),
        (
            "select sum(n) filter (where c) over (partition by a) as x from t",
            "sum(if(t.c, t.n, null)) over (partition by t.a)",
        ),
        ("select arg_max(a, (day, b)) as x from t", "filter(where not t.a is null)"),
        (
            "select count(*) over (order by day range between interval 60 day "
            "preceding and interval 1 day preceding) as x from t",
            "order by unix_date(t.day) nulls last range between 60 preceding "
            "and 1 preceding",
        ),
    ],
)
def test_each_difference_is_put_right(duckdb: str, spark: str) -> None:
    assert spark in _said(duckdb)


def test_a_list_keeps_its_nulls_and_its_order() -> None:
    said = _said("select list(a order by n desc, b) filter (where c) as x from t")
    said = said.replace("( ", "(").replace(" )", ")")
    assert re.search(
        r"array_sort\(array_agg\(struct\(if\(t\.n is null, 1, 0\) as n(\d+)_0, "
        r"-\(t\.n\) as k\1_0, if\(t\.b is null, 1, 0\) as n\1_1, t\.b as k\1_1, "
        r"t\.a as v\1\)\) filter\(where t\.c\)\), held -> held\.v\1",
        said,
    )
    assert "= 0, null," in said


@pytest.mark.parametrize(
    "ordered",
    [
        "list(a order by b desc)",
        "list(distinct a order by n)",
        "list(a order by n) over (partition by b)",
    ],
)
def test_an_order_that_cannot_be_kept_stops(ordered: str) -> None:
    with pytest.raises(NotImplementedError, match="a list"):
        transpiled(f"select {ordered} as x from t", COLUMNS)


def test_no_two_lists_hold_their_items_by_one_name() -> None:
    said = _said("select list(a) as x, list(b) as y from t")
    assert len(set(re.findall(r"as (v\d+)\)", said))) == 2


def test_qualify_is_a_column_asked_for_outside() -> None:
    said = _said(
        "select a, n + 1 as m from t "
        "qualify row_number() over (partition by a order by m) = 1"
    )
    assert "qualify" not in said
    assert "select kept.a, kept.m from (" in said
    assert said.endswith("as kept where kept.is_kept")


def test_a_union_by_name_has_typed_nulls_where_a_side_lacks() -> None:
    said = _said("select a from t union all by name select b, z from u")
    assert "cast(null as date) as z" in said
    assert "cast(null as string) as a, u.b as b, u.z as z" in said


def test_a_union_of_three_keeps_the_type_that_only_the_second_knows() -> None:
    said = _said(
        "select a from t union all by name select a, n as items "
        "from t union all by name select a from t"
    )
    assert said.count("cast(null as bigint) as items") == 2


def test_group_by_all_names_its_keys() -> None:
    assert "group by t.a, t.n + 1" in _said(
        "select a, n + 1 as m, count(*) as k from t group by all"
    )


def test_an_asof_join_is_one_on_the_stretch_that_holds() -> None:
    said = _said(
        "select t.a, u.z from t asof left join u on t.b = u.b and t.day >= u.z"
    )
    assert "asof" not in said
    assert (
        "lead(u.z) over (partition by u.b order by u.z nulls last) as holds_until"
        in said
    )
    assert "t.day < u.holds_until" in said


def test_what_is_not_understood_stops() -> None:
    with pytest.raises(NotImplementedError):
        transpiled("select regexp_replace(a, b, 'x') as x from t", COLUMNS)


RECURSIVE = """
with recursive base as (select n from engine.t),
walk as (
    select n, 0 as steps from base
    union all
    select base.n, walk.steps + 1 as steps from walk inner join base on walk.n < base.n
)
select n, steps from walk
"""


def test_a_recursion_is_a_table_a_step_until_nothing_comes() -> None:
    made: dict[str, str] = {}

    def _create(name: str, sql: str) -> bool:
        made[name] = re.sub(r"\s+", " ", sql).lower()
        return not name.endswith("_2")

    tree = prepared(RECURSIVE, COLUMNS)
    assert not steps.is_simple(tree)
    last = steps.walked(tree, "m", _create)
    assert list(made) == ["m__base", "m__walk_0", "m__walk_1", "m__walk_2", "m__walk"]
    assert "from m__walk_0 as walk" in made["m__walk_1"]
    assert "from m__walk_1 as walk" in made["m__walk_2"]
    assert made["m__walk"].count("union all") == 2
    assert "with" not in last.sql(dialect="spark").lower()


def test_a_recursion_without_an_end_is_told() -> None:
    tree = prepared(RECURSIVE, COLUMNS)
    with pytest.raises(steps.EndlessRecursion):
        steps.walked(tree, "m", lambda _name, _sql: True)


def test_parts_that_are_read_by_parts_that_are_read_become_tables() -> None:
    parts = ["p0 as (select n from engine.t)"] + [
        f"p{i} as (select l.n from p{i - 1} as l inner join p{i - 1} as r on l.n = r.n)"
        for i in range(1, 8)
    ]
    tree = prepared(f"with {', '.join(parts)} select n from p7", COLUMNS)
    assert steps.readings(tree) == 128
    made: list[str] = []
    steps.walked(tree, "m", lambda name, _sql: bool(made.append(name)) or True)
    assert made == [f"m__p{i}" for i in range(7)]
    assert sqlglot.parse_one(tree.sql(dialect="spark"), dialect="spark")


def test_what_computes_a_list_is_a_table_before_it_is_asked_about() -> None:
    sql = """
    with words as (select a, string_split(b, ' ') as items from engine.t),
    kept as (select a, list_filter(items, w -> w <> a) as items from words)
    select a from kept where len(items) > 1
    """
    tree = prepared(sql, COLUMNS)
    assert not steps.is_simple(tree)
    made: list[str] = []
    last = steps.walked(tree, "m", lambda name, _sql: bool(made.append(name)) or True)
    assert made == ["m__kept"]
    assert "from m__kept as kept" in steps.said(last).lower().replace("\n", " ")


def test_a_part_stays_where_its_reader_asks_with_a_lambda() -> None:
    sql = """
    with kept as (
        select a, list_filter(string_split(b, ' '), w -> w <> a) as items from engine.t
    )
    select a from kept where len(list_filter(items, w -> w = a)) > 1
    """
    assert steps.is_simple(prepared(sql, COLUMNS))
