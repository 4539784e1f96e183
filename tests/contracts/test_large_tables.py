"""Of a large table Great Expectations is asked about few rows, and says the same."""

import random

import polars as pl
import pytest

from orchestration.contracts import expectations
from orchestration.contracts.frames import schema
from orchestration.contracts.odcs import Column, Contract

IN_SET = "expect_column_values_to_be_in_set"
MADE_UP = Contract(
    path="made_up",
    name="made_up",
    version="1.0.0",
    purpose="",
    grain="",
    columns=(
        Column("a", "varchar", True, "", primary_key=True, pattern="^[a-z]{2}$"),
        Column("b", "bigint", True, "", primary_key=True, minimum=0),
        Column("c", "double", False, "", minimum=0.0, maximum=1.0),
        Column(
            "d",
            "varchar",
            False,
            "",
            expectations=({"type": IN_SET, "kwargs": {"value_set": ["x", "y"]}},),
        ),
        # Neither engine's letters are the other's: all of these rows are asked about.
        Column("e", "varchar", False, "", pattern=r"^\w+$"),
        Column("f", "varchar[]", True, ""),
    ),
)
ALONE = Contract(
    path="alone",
    name="alone",
    version="1.0.0",
    purpose="",
    grain="",
    columns=(Column("a", "varchar", True, "", primary_key=True),),
)


def rows(seed: int, n: int = 60) -> pl.DataFrame:
    """Rows of which some break each rule, with what the engines may differ on."""
    draw = random.Random(seed)
    values = {
        "a": ["ab", "cd", "ef", "ab\n", "ABC", "", None],
        "b": [*range(30), -1, None],
        "c": [0.0, 0.5, 1.0, 1.5, -0.1, float("nan"), float("inf"), None],
        "d": ["x", "y", "z", "", None],
        "e": ["ord", "to ord", "é", "e\u0301", "१", None],
        "f": [["p"], [], None],
    }
    weights = {
        name: [8] * (len(v) // 2) + [1] * (len(v) - len(v) // 2)
        for name, v in values.items()
    }
    made = {n_: draw.choices(v, weights[n_], k=n) for n_, v in values.items()}
    return pl.DataFrame(made, schema=schema(MADE_UP))


@pytest.mark.parametrize("seed", range(6))
def test_the_verdict_is_that_of_asking_about_every_row(seed, monkeypatch):
    frame = rows(seed)
    monkeypatch.setattr(expectations, "_SMALL", 10**9)
    whole = expectations.validate(MADE_UP, frame)
    monkeypatch.setattr(expectations, "_SMALL", 3)
    assert expectations.validate(MADE_UP, frame) == whole
    assert len(whole.broken) >= 4


def test_equal_keys_far_apart_are_found(monkeypatch):
    monkeypatch.setattr(expectations, "_SMALL", 3)
    frame = pl.DataFrame({"a": [str(i % 49) for i in range(50)]})
    assert expectations.validate(ALONE, frame).broken_rows == {0, 49}


def test_only_rows_in_doubt_are_asked_about(monkeypatch):
    monkeypatch.setattr(expectations, "_SMALL", 3)
    frame = pl.DataFrame(
        {
            "a": ["ab"] * 50,
            "b": range(50),
            "c": 0.5,
            "d": "x",
            "e": None,
            "f": [["p"]] * 50,
        },
        schema_overrides=dict(schema(MADE_UP)),
    ).with_columns(c=pl.when(pl.col("b") == 40).then(7.0).otherwise(pl.col("c")))
    plain = [r for r in expectations.suite(MADE_UP) if r[1].get("column") != "e"]
    asked = expectations._rows_to_ask_about(frame, plain)
    assert list(asked) == [0, 1, 2, 40]


def test_a_rule_that_is_not_known_asks_about_every_row(monkeypatch):
    monkeypatch.setattr(expectations, "_SMALL", 3)
    frame = pl.DataFrame({"a": ["x"] * 9})
    for rule in (
        ("expect_made_up", {"column": "a"}, ""),
        (IN_SET, {"column": "a", "value_set": ["x"], "mostly": 0.9}, ""),
    ):
        assert len(expectations._rows_to_ask_about(frame, [rule])) == 9
