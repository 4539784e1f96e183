"""Columns are walked back: by SQL in dbt's models, as declared in Python's."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import dagster as dg
import pytest
import sqlglot

from orchestration.contracts.odcs import contract
from orchestration.defs import columns
from orchestration.defs.tags import contract_of
from orchestration.defs.warehouse import lineage

PARENTS = {
    "people": ("model.p.people", "people"),
    "ads": ("model.p.ads", "ads"),
    "source__observed__pages": (
        "source.p.observed.pages",
        "read_parquet('./observed/pages/**/*.parquet', hive_partitioning = false)",
    ),
}
SCHEMA = sqlglot.MappingSchema(
    {
        "people": {"account_id": "varchar", "name": "varchar", "seen": "date"},
        "ads": {"account_id": "varchar", "opened": "date"},
        "source__observed__pages": {"url": "varchar", "title": "varchar"},
    },
    dialect="duckdb",
)


def made(sql: str) -> Mapping[str, Sequence[tuple[str, str]]]:
    return lineage.of_query(sql, PARENTS, SCHEMA)


def test_through_expressions_and_stars():
    assert made(
        'with told as (select *, upper(name) as loud from "w"."main"."people") '
        "select account_id, loud, 1 as n from told"
    ) == {
        "account_id": [("model.p.people", "account_id")],
        "loud": [("model.p.people", "name")],
        "n": [],
    }


def test_a_source_is_the_files_it_reads():
    read = PARENTS["source__observed__pages"][1]
    assert made(f"with rows as (select * from {read}) select title from rows") == {
        "title": [("source.p.observed.pages", "title")]
    }


def test_unions_by_name_are_not_read_by_position():
    sql = """
        with both_sides as (
            select account_id, name, seen as day from people
            union all by name
            select opened as day, account_id from ads
            union all by name
            select cast(null as varchar) as name, 'x' as account_id, 2 as extra
        )
        select * from both_sides
    """
    assert made(sql) == {
        "account_id": [("model.p.ads", "account_id"), ("model.p.people", "account_id")],
        "name": [("model.p.people", "name")],
        "day": [("model.p.ads", "opened"), ("model.p.people", "seen")],
        "extra": [],
    }


def test_it_is_kept_for_the_models_it_was_made_of(tmp_path: Path):
    models = {"model.p.told": {"loud": [("model.p.people", "name")]}}
    lineage.keep_lineage(models, tmp_path, "one")
    assert lineage.kept_lineage(tmp_path, "one") == models
    assert lineage.kept_lineage(tmp_path, "two") is None


@pytest.mark.parametrize(
    ("table", "made_of"),
    [
        ("account_scores", columns.ACCOUNT_SCORES),
        ("score_days", columns.SCORE_DAYS),
        ("score_reasons", columns.SCORE_REASONS),
    ],
)
def test_what_is_declared_is_in_the_contracts_and_in_the_graph(table, made_of):
    from orchestration.definitions import defs

    graph = defs().resolve_asset_graph()
    promise = contract_of(dg.AssetKey(table))
    assert promise is not None
    assert set(made_of) == set(promise.in_warehouse.column_names)
    parents = graph.get(dg.AssetKey(table)).parent_keys
    for column, of in made_of.items():
        for told in of:
            parent, name = told.split(".")
            assert dg.AssetKey(parent) in parents, f"{table}.{column} from {told}"
            shown = graph.get(dg.AssetKey(parent)).metadata["dagster/column_schema"]
            assert name in {c.name for c in shown.columns}, told


def test_the_page_of_a_score_says_where_its_columns_come_from():
    from orchestration.definitions import defs

    node = defs().resolve_asset_graph().get(dg.AssetKey("account_scores"))
    shown = node.metadata["columns_come_from"].value
    assert "| probability | score_days.probability |" in shown
    assert "| play_signal_ids | score_days.play_signal_ids |" in shown


def test_a_record_is_walked_back_to_the_bytes_it_was_read_from():
    raw = dg.AssetKey(["raw", "company_pages"])
    made_of = columns.read_from(contract("observed/people").column_names, raw)
    of = made_of.deps_by_column
    assert [d.column_name for d in of["url"]] == ["url"]
    assert [d.column_name for d in of["name"]] == ["payload_digest"]
    assert {d.asset_key for d in of["name"]} == {raw}
    visits = {c.name for c in columns.schema_of(contract("landing/visits")).columns}
    assert {"url", "payload_digest", "warc_file", "warc_offset"} <= visits
