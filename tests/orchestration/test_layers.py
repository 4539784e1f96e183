"""Who refers to whom in dbt (STYLE 6.9), read from the manifest."""

import json

import pytest

from orchestration import settings
from orchestration.defs.warehouse.project import dbt_project

# A layer may refer to itself and to those before it.
ORDER = ["staging", "history", "signals", "features", "outcomes", "bi"]


@pytest.fixture(scope="module")
def manifest():
    project = dbt_project()
    return json.loads(project.manifest_path.read_text())


def models(manifest):
    return {k: n for k, n in manifest["nodes"].items() if n["resource_type"] == "model"}


def layer(node):
    return node["fqn"][1]


def test_layers_are_the_declared_ones(manifest):
    assert {layer(n) for n in models(manifest).values()} <= set(ORDER)


def test_only_staging_reads_sources(manifest):
    for node in models(manifest).values():
        if any(d.startswith("source.") for d in node["depends_on"]["nodes"]):
            assert layer(node) == "staging", node["name"]


def test_nothing_refers_to_its_right(manifest):
    nodes = models(manifest)
    for node in nodes.values():
        if layer(node) == "bi":
            continue
        for dependency in node["depends_on"]["nodes"]:
            if dependency in nodes:
                left = ORDER.index(layer(nodes[dependency]))
                assert left <= ORDER.index(layer(node)), (
                    f"{node['name']} refers to {nodes[dependency]['name']}"
                )


def test_every_model_and_column_is_described(manifest):
    for node in models(manifest).values():
        assert node["description"].strip(), node["name"]
        for column in node["columns"].values():
            assert column["description"].strip(), f"{node['name']}.{column['name']}"


def test_every_model_has_its_yaml_beside_it(manifest):
    for node in models(manifest).values():
        sql = settings.DBT_DIR / node["original_file_path"]
        assert sql.with_suffix(".yml").exists(), f"{sql.name} has no .yml beside it"


def test_no_snapshots(manifest):
    assert not [
        n for n in manifest["nodes"].values() if n["resource_type"] == "snapshot"
    ]
