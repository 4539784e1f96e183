"""A new signal begins with worked examples that fail: its rule is not written."""

import csv
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from orchestration.authoring.new_signal import (
    CATALOGUE,
    DETECTORS,
    WEIGHTS,
    Begun,
    new_signal,
)
from orchestration.authoring.scaffold import NotBegun
from orchestration.scoring.weights import load_weights

pytestmark = pytest.mark.slow(67)

ROOT = Path(__file__).parents[2]
BEGUN = Begun("page_rewritten", "tempo", "side skrevet om", "page rewritten")


def copied(tmp_path: Path, *folders: str) -> Path:
    ignored = shutil.ignore_patterns("__pycache__", "target", "logs")
    for folder in folders:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    return tmp_path


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """The three files that list every type, and nothing else."""
    for file in (DETECTORS, CATALOGUE, WEIGHTS):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
    return tmp_path


def worked(project: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            "tests/signals/test_examples.py",
        ],
        cwd=project,
        env=os.environ
        | {"PYTHONPATH": str(project), "LYTTEPOST_EXAMPLES": BEGUN.signal_type},
        capture_output=True,
        text=True,
        timeout=400,
    )


def test_the_examples_fail_for_the_right_reason_and_pass_when_written(
    tmp_path: Path,
) -> None:
    project = copied(
        tmp_path,
        *("dbt_project", "data_contracts", "scrapers", "orchestration"),
        *("tests/signals", "tests/warehouse"),
    )
    (project / "pytest.ini").write_text("[pytest]\n")
    new_signal(project, BEGUN)
    before = worked(project)
    assert before.returncode == 1, before.stdout + before.stderr
    # The warehouse builds with the new detector; what is missing is the rule.
    assert "1 failed, 1 passed" in before.stdout
    assert "the rule of page_rewritten must tell this and does not" in before.stdout
    assert "docs/add-a-signal.md" in before.stdout
    model = project / "dbt_project/models/signals/page_rewritten/sig_page_rewritten.sql"
    model.write_text(model.read_text("utf-8").replace(" and false", ""), "utf-8")
    after = worked(project)
    assert after.returncode == 0, after.stdout
    linted = subprocess.run(
        [
            *(str(Path(sys.executable).with_name("sqlfluff")), "lint"),
            *("--disable-progress-bar", "--config", str(ROOT / ".sqlfluff")),
            str(model),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert linted.returncode == 0, linted.stdout


def test_the_lists_stay_what_they_were_with_one_more(bare: Path) -> None:
    new_signal(bare, BEGUN)
    old = yaml.safe_load((ROOT / DETECTORS).read_text("utf-8"))
    new = yaml.safe_load((bare / DETECTORS).read_text("utf-8"))
    assert new["vars"]["detectors"] == sorted(
        [*old["vars"]["detectors"], "page_rewritten"]
    )
    assert new | {"vars": None} == old | {"vars": None}
    began = (ROOT / CATALOGUE).read_text("utf-8")
    ended = (bare / CATALOGUE).read_text("utf-8")
    assert ended.startswith(began)
    row = list(csv.DictReader(ended.splitlines()))[-1]
    assert row["id"] == "page_rewritten"
    assert row["weight"] == "none"
    assert all(row.values()), row
    assert row["line_nb"] == "Side skrevet om ({when})."
    weights = load_weights(bare / WEIGHTS)
    assert weights.of("page_rewritten") == 0
    assert len(weights.entries) == len(load_weights().entries) + 1


def test_the_model_tells_every_column_it_gives(bare: Path) -> None:
    new_signal(bare, BEGUN)
    folder = bare / "dbt_project" / "models" / "signals" / "page_rewritten"
    described = yaml.safe_load((folder / "sig_page_rewritten.yml").read_text("utf-8"))
    of_another = yaml.safe_load(
        (ROOT / "dbt_project/models/signals/organisation/sig_organisation.yml")
        .read_text("utf-8")
    )  # fmt: skip
    names = [c["name"] for c in described["models"][0]["columns"]]
    assert names == [c["name"] for c in of_another["models"][0]["columns"]]
    assert {t["name"] for t in described["unit_tests"]} == {
        "page_rewritten_fires",
        "page_rewritten_is_silent",
    }


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"signal_type": "Rewritten"}, "is not a name"),
        ({"signal_type": "rewritten"}, "is not a name"),
        ({"signal_type": "../page_rewritten"}, "is not a name"),
        ({"signal_type": "ceo_change"}, "a signal type ceo_change already"),
        ({"family": "mood"}, "'mood' is not a family"),
        ({"label_nb": " "}, "the label in nb is empty"),
        ({"half_life_days": 0}, "a half-life"),
        ({"sources": ()}, "fed by one source or more"),
        ({"sources": ("rumours",)}, "'rumours' is not a source"),
    ],
)
def test_a_bad_beginning_writes_nothing(bare: Path, changes: dict, why: str) -> None:
    before = {f: f.read_bytes() for f in bare.rglob("*") if f.is_file()}
    with pytest.raises(NotBegun, match=why):
        new_signal(bare, replace(BEGUN, **changes))
    assert {f: f.read_bytes() for f in bare.rglob("*") if f.is_file()} == before


def test_what_was_begun_is_not_written_over(bare: Path) -> None:
    new_signal(bare, BEGUN)
    with pytest.raises(NotBegun, match="already"):
        new_signal(bare, BEGUN)


def test_no_signal_is_shipped_unwritten() -> None:
    for file in (
        ROOT / CATALOGUE,
        *(ROOT / "dbt_project" / "models" / "signals").rglob("*.*"),
        *(ROOT / "tests" / "signals" / "examples").glob("*.yml"),
    ):
        assert "TO WRITE" not in file.read_text("utf-8"), file
