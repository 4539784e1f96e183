"""The gate reads days a part at a time, and says what it says of whole ones."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.contracts import gate
from orchestration.contracts.odcs import ContractError
from scrapers import parts_file
from tests.contracts.test_contracts import people

DAYS = ("2025-01-06", "2025-01-13")
# What breaks a rule: a key that another part or another day has too, a name that is
# missing, a word that is not on the list.
ROW = st.fixed_dictionaries(
    {
        "record_index": st.integers(0, 12),
        "name": st.sampled_from(["Kari Nordmann", "Ola Nordmann", None]),
        "via": st.sampled_from(["text", "text", "guess"]),
    }
)


def held_and_kept(home: Path, days: list[list[dict]]) -> tuple[object, ...]:
    """What the gate leaves of two days, and what it says."""
    gate.prepare_home(home)
    for day, rows in zip(DAYS, days, strict=True):
        file = home / "parsed" / "company_pages" / f"day={day}" / "people.parquet"
        gate.write_atomically(people(*rows) if rows else people({}).clear(), file)
    gated = gate.gate_kind(home, "people")
    left = {
        str(file.relative_to(home)): pl.read_parquet(file).rows()
        for folder in ("observed/people", "quarantine/people")
        for file in sorted((home / folder).rglob("*.parquet"))
    }
    return gated, left


@settings(max_examples=25, deadline=None)
@given(days=st.lists(st.lists(ROW, max_size=9), min_size=2, max_size=2))
def test_parts_of_three_rows_say_what_whole_days_say(tmp_path_factory, days):
    homes = tmp_path_factory.mktemp("parts")
    whole = held_and_kept(homes / "whole", days)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts_file, "ROWS", 3)
        assert held_and_kept(homes / "in_parts", days) == whole
    assert not [*homes.rglob("*.tmp")]


def test_a_file_without_a_column_lets_nothing_of_the_kind_through(tmp_path):
    gate.prepare_home(tmp_path)
    folder = tmp_path / "parsed" / "company_pages"
    gate.write_atomically(people({}), folder / f"day={DAYS[0]}" / "people.parquet")
    lacking = folder / f"day={DAYS[1]}" / "people.parquet"
    gate.write_atomically(people({}).drop("name"), lacking)
    with pytest.raises(ContractError, match="name"):
        gate.gate_kind(tmp_path, "people")
    observed = tmp_path / "observed" / "people"
    assert [f.name for f in observed.rglob("*") if f.is_file()] == ["_schema.parquet"]
