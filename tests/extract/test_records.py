"""Records and contracts must name the same columns, in the same order and types."""

from dataclasses import fields
from pathlib import Path

import polars as pl
import pytest
import yaml

from scrapers.parsed import LINEAGE_SCHEMA, PAYLOADS_SCHEMA
from scrapers.records import RECORD_TYPES, polars_schema

CONTRACTS = Path(__file__).parents[2] / "data_contracts/observed"
SCALARS = {
    "varchar": pl.String(),
    "bigint": pl.Int64(),
    "double": pl.Float64(),
    "boolean": pl.Boolean(),
    "timestamp": pl.Datetime("us"),
    "date": pl.Date(),
    "varchar[]": pl.List(pl.String()),
    "struct(url varchar, label varchar)[]": pl.List(
        pl.Struct({"url": pl.String(), "label": pl.String()})
    ),
    "struct(claim varchar, subject varchar, object varchar, person varchar,"
    " title varchar, quote varchar)[]": pl.List(
        pl.Struct(
            {
                name: pl.String()
                for name in ("claim", "subject", "object", "person", "title", "quote")
            }
        )
    ),
    "struct(role varchar, text varchar, terms varchar[], meaning varchar,"
    " is_matter boolean)[]": pl.List(
        pl.Struct(
            {
                "role": pl.String(),
                "text": pl.String(),
                "terms": pl.List(pl.String()),
                "meaning": pl.String(),
                "is_matter": pl.Boolean(),
            }
        )
    ),
}


def promised(kind: str) -> dict[str, pl.DataType]:
    contract = yaml.safe_load((CONTRACTS / f"{kind}.odcs.yml").read_text("utf-8"))
    (table,) = contract["schema"]
    return {
        column["name"]: SCALARS[column["physicalType"]]
        for column in table["properties"]
    }


@pytest.mark.parametrize("kind", sorted(RECORD_TYPES))
def test_fields_are_the_contract_without_lineage(kind: str) -> None:
    columns = promised(kind)
    content = {n: t for n, t in columns.items() if n not in LINEAGE_SCHEMA}
    assert list(columns)[: len(LINEAGE_SCHEMA)] == list(LINEAGE_SCHEMA)
    assert [item.name for item in fields(RECORD_TYPES[kind])] == list(content)
    assert polars_schema(RECORD_TYPES[kind]) == content


def test_payloads_schema_is_the_contract() -> None:
    assert promised("payloads") == PAYLOADS_SCHEMA


def test_every_kind_has_a_contract() -> None:
    kinds = {file.name.removesuffix(".odcs.yml") for file in CONTRACTS.glob("*.yml")}
    assert kinds == {*RECORD_TYPES, "payloads"}
