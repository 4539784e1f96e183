"""The catalogue is filled in, and docs/signals.md says what it says."""

import csv
from pathlib import Path

import pytest

from orchestration.authoring.new_signal import FAMILIES
from orchestration.authoring.signals_page import FILE, catalogue, page, worked_examples
from orchestration.scoring.weights import load_weights
from scrapers.source import source_names

ROOT = Path(__file__).parents[2]
ROWS = catalogue()


def test_the_page_says_what_the_catalogue_says() -> None:
    assert FILE.read_text("utf-8") == page(), (
        "docs/signals.md is stale: python -m orchestration.authoring.signals_page"
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_every_column_is_filled(row: dict[str, str]) -> None:
    assert not [name for name, cell in row.items() if not (cell or "").strip()]
    assert row["family"] in FAMILIES
    assert row["awareness"] in ("explicit", "unaware")
    assert row["direction"] in ("+", "-")
    assert set(row["affects"].split(",")) <= {"need", "priority", "readiness"}
    assert set(row["sources"].split("|")) <= set(source_names())
    for language in ("nb", "en"):
        # A sentence, and one that a slot or a full stop ends.
        assert row[f"mechanism_{language}"].endswith(".")
        assert "{when}" in row[f"line_{language}"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_every_type_has_a_weight_of_its_grade(row: dict[str, str]) -> None:
    (entry,) = (w for w in load_weights().entries if w.signal_type == row["id"])
    sign = "negative_" if entry.weight < 0 else ""
    assert row["weight"] == sign + entry.grade


def test_types_have_their_worked_examples() -> None:
    shown = worked_examples()
    known = {row["id"] for row in ROWS}
    assert set(shown) <= known, "examples of a type that is not in the catalogue"
    assert not {
        kind
        for kind in known
        if kind not in shown or min(len(shown[kind].fires), len(shown[kind].silent)) < 3
    }, "write the missing examples: three that fire, three that stay silent"


def test_every_family_has_a_factor_on_the_edges() -> None:
    file = ROOT / "dbt_project" / "seeds" / "edge_factors.csv"
    with file.open(encoding="utf-8") as rows:
        assert {r["family"] for r in csv.DictReader(rows)} == set(FAMILIES)
