"""Metrics and exposures stand on the published tables, and dbt understands them."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from orchestration.publish.published import PUBLISHED
from orchestration.publish.superset.dashboards import CODE

pytestmark = pytest.mark.slow(12)

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project" / "semantic_layer"


@pytest.fixture(scope="module")
def target(versions, tmp_path_factory) -> Path:
    """Every view built over a published version: dbt's target folder."""
    folder = tmp_path_factory.mktemp("semantic_layer")
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("dbt")),
            "--no-version-check",
            "run",
            *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
            *("--target-path", str(folder / "target"), "--log-path", str(folder)),
        ],
        env=os.environ | {"LYTTEPOST_HOME": str(versions[0].folder.parents[1])},
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert "ERROR=0 SKIP=0" in done.stdout
    return folder / "target"


def test_what_people_ask_for_is_a_metric(target):
    said = json.loads((target / "semantic_manifest.json").read_text())
    metrics = {metric["name"] for metric in said["metrics"]}
    assert metrics >= {
        "accounts_to_talk_to",
        "signals",
        "precision_at_2_percent",
        "lead_time_days",
        "coverage",
    }
    assert all(metric["description"] for metric in said["metrics"])
    (signals,) = [m for m in said["semantic_models"] if m["name"] == "signals"]
    assert {"family", "known_on"} <= {d["name"] for d in signals["dimensions"]}
    assert said["project_configuration"]["time_spines"]


def test_every_consumer_is_an_exposure_of_published_tables(target):
    said = json.loads((target / "manifest.json").read_text())
    exposures = {e["name"]: e for e in said["exposures"].values()}
    assert set(exposures) == {"report", "crm_sync", "superset", "reverse_etl"}
    for exposure in exposures.values():
        assert exposure["description"]
        tables = {node.rpartition(".")[2] for node in exposure["depends_on"]["nodes"]}
        assert tables
        assert tables <= set(PUBLISHED)


def test_every_table_the_dashboards_read_stands_in_their_exposure():
    told = yaml.safe_load((PROJECT / "models" / "_exposures.yml").read_text())
    (superset,) = [e for e in told["exposures"] if e["name"] == "superset"]
    named = {ref.split("'")[3] for ref in superset["depends_on"]}
    queries = " ".join(
        d["sql"] for d in yaml.safe_load(CODE.read_text())["datasets"].values()
    )
    read = {n for n in PUBLISHED if re.search(rf"\b(?:from|join) {n}\b", queries)}
    assert read == named


def test_only_published_tables_are_sources():
    told = yaml.safe_load((PROJECT / "models" / "_published.yml").read_text())
    names = {table["name"] for table in told["sources"][0]["tables"]}
    assert names <= set(PUBLISHED)
