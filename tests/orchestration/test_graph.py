"""The graph loads as the server loads it, with every asset and check it should have."""

import json
import runpy
import warnings
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import dagster as dg
import pytest

from orchestration import settings
from orchestration.contracts.gate import KINDS
from orchestration.crm.state import State, waiting
from orchestration.definitions import build_defs
from orchestration.defs.crm import assets as crm
from orchestration.defs.scores import assets as scores
from orchestration.defs.tags import contract_of
from orchestration.defs.warehouse import assets as warehouse
from orchestration.defs.warehouse.project import dbt_project
from orchestration.publish.destinations.protocol import destination_names
from scrapers.source import load_source, source_names

GRAPH = Path(__file__).with_name("asset_graph.txt")


@pytest.fixture(scope="module")
def definitions():
    from orchestration.definitions import defs

    return defs()


@pytest.fixture(scope="module")
def graph(definitions):
    return definitions.resolve_asset_graph()


def test_definitions_validate(definitions):
    dg.Definitions.validate_loadable(definitions)


def test_every_step_is_an_asset(graph):
    keys = {"/".join(k.path) for k in graph.materializable_asset_keys}
    wanted = {"accounts", "landing/visits", "score_model", "account_scores"}
    wanted |= {f"raw/{s}" for s in source_names()}
    wanted |= {f"parsed/{s}" for s in source_names()}
    wanted |= {f"observed/{k}" for k in (*KINDS, "payloads")}
    wanted |= {*warehouse.CONTRACTED, *scores.CONTRACTED}
    wanted |= {f"bi/{name}" for name in destination_names()}
    wanted |= {"outcomes/crm", "outcomes/feedback", "bi/published"}
    wanted |= {"crm/outbox", "crm/csv_file"}
    wanted |= {*crm.CONTRACTED}
    assert wanted <= keys


def test_expected_checks_are_registered(graph):
    # Checks have vanished in upgrades before: they are named here on purpose.
    names = {f"{'/'.join(c.asset_key.path)}:{c.name}" for c in graph.asset_check_keys}
    for table in (*warehouse.CONTRACTED, *scores.CONTRACTED, *crm.CONTRACTED):
        assert f"{table}:contract" in names
    for kind in KINDS:
        assert f"observed/{kind}:contract" in names
        assert f"observed/{kind}:no_sharp_drop" in names
    assert {"accounts:contract", "accounts:refused_rows"} <= names
    assert "landing/visits:contract" in names
    assert "observed/payloads:parsers_work" in names
    assert {"outcomes/crm:refused_rows", "outcomes/feedback:refused_rows"} <= names
    assert {
        "score_model:no_leak",
        "score_record:forecasts_written_down",
        "score_record:observed_over_expected",
        "signal_performance:drift",
        "account_score_history:agrees_with_the_log",
        "bi/published:holds_the_version",
        "bi/postgres:holds_the_version",
        "bi/object_store:holds_the_version",
    } <= names


def test_everything_has_a_description_and_a_group(graph):
    for key in graph.materializable_asset_keys:
        node = graph.get(key)
        assert node.tags["step"], key
        assert set(node.tags) - {f"dagster/kind/{k}" for k in node.kinds}, key
        assert node.description, key
        assert node.group_name != "default", key
        assert node.owners, key
        assert node.kinds, key


def test_every_source_and_every_test_of_dbt_is_in_the_graph(graph):
    manifest = json.loads(dbt_project().manifest_path.read_text())
    translator = warehouse.Translator()
    for source in manifest["sources"].values():
        key = translator.get_asset_key(source)
        # An asset of ours, with a check: not a table that appears from nowhere.
        assert key in graph.materializable_asset_keys, key
        assert contract_of(key) is not None, key
    checks = {key.name for key in graph.asset_check_keys}
    tests = [n for n in manifest["nodes"].values() if n["resource_type"] == "test"]
    assert len(tests) > 50
    assert {n["name"] for n in tests} <= checks
    models = {
        translator.get_asset_key(node)
        for node in manifest["nodes"].values()
        if node["resource_type"] in ("model", "seed")
        and node["config"]["materialized"] != "ephemeral"
    }
    assert models <= graph.materializable_asset_keys
    assert graph.external_asset_keys == set()


def test_every_table_with_a_contract_shows_its_columns(graph):
    for key in graph.materializable_asset_keys:
        promise = contract_of(key)
        if promise is None:
            continue
        node = graph.get(key)
        shown = node.metadata["dagster/column_schema"]
        assert tuple(c.name for c in shown.columns) == promise.in_warehouse.column_names
        assert node.tags["contract"] == promise.version
        assert node.tags["personal_data"] == ("yes" if promise.personal else "no")


def told(graph, definitions) -> list[str]:
    """The graph in lines that a person can review: a block an asset."""
    pool_of = {
        key: assets.op.pool
        for assets in definitions.resolve_asset_graph().assets_defs
        for key in assets.keys
    }
    checks = defaultdict(list)
    for key in graph.asset_check_keys:
        blocks = " (blocking)" if graph.get(key).blocking else ""
        checks[key.asset_key].append(f"{key.name}{blocks}")
    lines = []
    for key in sorted(graph.materializable_asset_keys, key=lambda k: k.path):
        node = graph.get(key)
        rules = [
            f"group {node.group_name}",
            f"pool {pool_of[key]}",
            *(["daily"] if node.is_partitioned else []),
            *(["follows upstream"] if node.automation_condition else []),
        ]
        lines.append(f"{'/'.join(key.path)}: {', '.join(rules)}")
        parents = sorted("/".join(parent.path) for parent in node.parent_keys)
        lines += [f"    from {parent}" for parent in parents]
        lines += [f"    check {name}" for name in sorted(checks[key])]
    return lines


def test_the_graph_is_the_reviewed_one(graph, definitions):
    """Read the difference before it is committed: who depends on whom is a promise."""
    now = "\n".join(told(graph, definitions)) + "\n"
    if not GRAPH.exists() or GRAPH.read_text(encoding="utf-8") != now:
        GRAPH.write_text(now, encoding="utf-8")
        pytest.fail(f"{GRAPH.name} was written anew: review `git diff {GRAPH.name}`")


def test_nothing_dagster_calls_deprecated_is_used():
    """Every module of definitions is run anew, with its warnings heard."""
    defs = settings.PROJECT_DIR / "orchestration" / "defs"
    modules = sorted(defs.rglob("*.py"))
    assert len(modules) > 20
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        for module in modules:
            runpy.run_path(str(module))
        build_defs().resolve_asset_graph()
    ours = (str(settings.PROJECT_DIR / "orchestration"), str(Path(dg.__file__).parent))
    kinds = (DeprecationWarning, FutureWarning, dg.SupersessionWarning)
    assert [
        f"{warning.filename}: {warning.message}"
        for warning in heard
        if issubclass(warning.category, kinds) and warning.filename.startswith(ours)
    ] == []


def test_any_asset_can_be_selected_alone(definitions, graph):
    """A step of several is divisible; test_assets_alone makes some of them again."""
    steps = [assets for assets in graph.assets_defs if assets.keys]
    for assets in steps:
        assert len(assets.keys) == 1 or assets.can_subset, assets.op.name
    job = definitions.resolve_job_def("observe")
    for assets in steps:
        key = min(assets.keys)
        if key.path[0] != "retention":
            alone = job.get_subset(asset_selection={key})
            assert alone.asset_layer.selected_asset_keys == {key}


def test_a_backfill_over_a_range_is_one_run(graph):
    for source in source_names():
        for step in ("raw", "parsed"):
            node = graph.get(dg.AssetKey([step, source]))
            assert node.is_partitioned
            assert node.backfill_policy == dg.BackfillPolicy.single_run()
    for table in warehouse.CONTRACTED:
        assert not graph.get(dg.AssetKey([table])).is_partitioned


def test_the_graph_flows_one_way(graph):
    order = ["raw", "parsed", "observed"]
    for source in source_names():
        raw = graph.get(dg.AssetKey(["raw", source]))
        assert {k.path[0] for k in raw.parent_keys} == {"accounts"}
        for kind in load_source(source).written_kinds:
            observed = graph.get(dg.AssetKey([order[2], kind]))
            assert dg.AssetKey([order[1], source]) in observed.parent_keys


def test_the_schedule_observes_today(definitions):
    schedule = definitions.resolve_schedule_def("every_morning")
    assert schedule.execution_timezone == "Europe/Oslo"
    assert schedule.job_name == "observe"


def test_what_was_not_taken_is_asked_for_by_the_hour(
    definitions, tmp_path, monkeypatch
):
    monkeypatch.setenv("LYTTEPOST_HOME", str(tmp_path))
    schedule = definitions.resolve_schedule_def("every_hour")
    assert (schedule.cron_schedule, schedule.job_name) == ("30 * * * *", "send_again")
    ask = partial(schedule.evaluate_tick, dg.build_schedule_context())
    assert ask().skip_message == "nothing waits for another try"
    assert not (tmp_path / "crm").exists()
    now = datetime.now(UTC)
    state = State(tmp_path / "crm" / "csv_file")
    for key, next_at in (
        ("due", now - timedelta(minutes=1)),
        ("later", now + timedelta(hours=1)),
    ):
        state.begin_batch("account", [(key, "hash", {})])
        told = (key, "retryable", None, "503 made up", next_at)
        state.settle("account", [told], {}, now)
    (asked,) = ask().run_requests
    assert asked.asset_selection == [dg.AssetKey(["crm", "csv_file"])]
    assert waiting(state.folder, now) == 1
    state.settle("account", [("due", "accepted", "1", None, None)], {}, now)
    state.close()
    assert not ask().run_requests


def test_every_daily_asset_has_a_freshness_policy(definitions, graph):
    for key in graph.materializable_asset_keys:
        node = graph.get(key)
        is_weekly = node.group_name == "rights"
        assert (node.freshness_policy is None) == is_weekly, key
    # Nothing else of the graph was lost on the way.
    assert len(graph.asset_check_keys) > 60


def test_what_is_looked_at_between_runs(definitions):
    names = {"freshness", "failed_run", "accounts_file", "downstream_follows"}
    sensors = {name: definitions.resolve_sensor_def(name) for name in names}
    assert all(sensor.description for sensor in sensors.values())
    # What only tells is on from the first start; what visits other people's sites or
    # begins a run is turned on by somebody.
    running = {
        name
        for name, sensor in sensors.items()
        if sensor.default_status == dg.DefaultSensorStatus.RUNNING
    }
    assert running == {"freshness", "failed_run"}
