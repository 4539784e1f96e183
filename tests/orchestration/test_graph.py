"""The graph loads as the server loads it, with every asset and check it should have."""

import dagster as dg
import pytest

from orchestration.contracts.gate import KINDS
from orchestration.defs.crm import assets as crm
from orchestration.defs.scores import assets as scores
from orchestration.defs.warehouse import assets as warehouse
from orchestration.publish.destinations.protocol import destination_names
from scrapers.source import load_source, source_names


@pytest.fixture(scope="module")
def definitions():
    from orchestration.definitions import defs

    return defs


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
        assert node.description, key
        assert node.group_name != "default", key
        assert node.owners, key
        assert node.kinds, key


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


def test_every_daily_asset_has_a_freshness_policy(definitions, graph):
    for key in graph.materializable_asset_keys:
        node = graph.get(key)
        is_weekly = node.group_name == "rights"
        assert (node.freshness_policy is None) == is_weekly, key
    # Nothing else of the graph was lost on the way.
    assert len(graph.asset_check_keys) > 60


def test_what_is_looked_at_between_runs(definitions):
    names = {"freshness", "failed_run", "accounts_file"}
    for name in names:
        assert definitions.resolve_sensor_def(name).description
