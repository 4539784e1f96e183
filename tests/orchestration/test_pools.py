"""Two runs that need the same thing wait for each other; others go side by side."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import dagster as dg
import pytest
from dagster._core.events import EngineEventData
from dagster._core.remote_origin import (
    RegisteredCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._daemon.auto_run_reexecution.auto_run_reexecution import should_retry
from dagster._daemon.run_coordinator.queued_run_coordinator_daemon import (
    QueuedRunCoordinatorDaemon,
)

from orchestration import settings
from orchestration.defs import pools, runs
from orchestration.defs.runs import COMMAND_TAG, end_killed_runs, end_lost_runs
from scrapers.source import load_source, source_names

ORIGIN = RemoteJobOrigin(
    RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("lyttepost"), "__repository__"),
    "observe",
)
SPECS = [load_source(name) for name in source_names()]


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    from orchestration.definitions import defs

    return defs()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.DagsterInstance]:
    """The instance of a new home, as `lyttepost` and `dagster dev` have it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("LYTTEPOST_HOME", "DAGSTER_HOME", "PATH"):
            patch.setenv(name, "")
        settings.use_home(tmp_path_factory.mktemp("home"))
        with dg.DagsterInstance.get() as instance:
            yield instance


@pytest.fixture
def instance(kept: dg.DagsterInstance) -> Iterator[dg.DagsterInstance]:
    """That instance without runs of other tests."""
    yield kept
    for run in kept.get_runs():
        kept.delete_run(run.run_id)


def queue(
    instance: dg.DagsterInstance, definitions: dg.Definitions, *keys: str
) -> dg.DagsterRun:
    """A run of some assets that waits in the queue."""
    selection = frozenset(dg.AssetKey(key.split("/")) for key in keys)
    job = definitions.resolve_job_def("observe").get_subset(asset_selection=selection)
    return instance.create_run_for_job(
        job_def=job,
        status=dg.DagsterRunStatus.QUEUED,
        asset_selection=selection,
        remote_job_origin=ORIGIN,
    )


def let_go(instance: dg.DagsterInstance) -> set[str]:
    """Runs that the daemon would launch now, by its own reckoning."""
    daemon = QueuedRunCoordinatorDaemon(interval_seconds=1)
    runs = daemon._get_runs_to_dequeue(
        instance, instance.get_concurrency_config(), None
    )
    return {run.run_id for run in runs}


def begin(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    event = dg.DagsterEvent(
        event_type_value=dg.DagsterEventType.PIPELINE_START.value,
        job_name=run.job_name,
    )
    instance.report_dagster_event(event, run_id=run.run_id)


def test_two_writers_of_the_warehouse_wait_for_each_other(instance, definitions):
    first = queue(instance, definitions, "account_scores")
    second = queue(instance, definitions, "signals", "bi/published")
    # At the first look ever, too, when no pool is known to the instance yet.
    assert let_go(instance) == {first.run_id}
    begin(instance, first)
    assert let_go(instance) == set()
    instance.report_run_canceled(first)
    assert let_go(instance) == {second.run_id}


def test_one_crawl_a_host_and_other_hosts_beside_it(instance, definitions):
    entities = queue(instance, definitions, "raw/brreg_registry")
    accounts = queue(instance, definitions, "raw/brreg_accounts")
    other = queue(instance, definitions, "raw/nav_jobs")
    assert let_go(instance) == {entities.run_id, other.run_id}
    begin(instance, entities)
    begin(instance, other)
    writer = queue(instance, definitions, "account_scores")
    assert let_go(instance) == {writer.run_id}
    instance.report_run_canceled(entities)
    assert accounts.run_id in let_go(instance)


def test_one_run_a_shard_and_other_shards_beside_it(instance, definitions):
    """Whatever the run crawls: a host is in one shard."""
    runs = []
    asked = {"nav_jobs": "01of02", "brreg_registry": "02of02", "ted_notices": "01of02"}
    for source, shard in asked.items():
        # Of three pools, so that the shards alone decide.
        run = queue(instance, definitions, f"raw/{source}")
        instance.delete_run(run.run_id)
        tagged = run.with_tags({**run.tags, "dagster/partition/shard": shard})
        runs.append(instance.add_run(tagged))
    first, other, second = runs
    assert let_go(instance) == {first.run_id, other.run_id}
    begin(instance, first)
    assert let_go(instance) == {other.run_id}
    instance.report_run_canceled(first)
    assert second.run_id in let_go(instance)


def test_a_run_of_a_killed_command_holds_nothing_for_ever(instance, definitions):
    killed = queue(instance, definitions, "account_scores")
    instance.add_run_tags(killed.run_id, {COMMAND_TAG: "yes"})
    begin(instance, killed)
    waiting = queue(instance, definitions, "signals")
    assert let_go(instance) == set()
    assert end_killed_runs(instance) == 1
    assert let_go(instance) == {waiting.run_id}
    assert end_killed_runs(instance) == 0


def tell_process(instance, run, number):
    """What a run says when its process begins."""
    data = EngineEventData(metadata={"pid": dg.MetadataValue.text(str(number))})
    instance.report_engine_event("Executing steps in process", run, data)


def test_a_run_whose_process_is_gone_is_ended_and_begun_again(instance, definitions):
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    lost = queue(instance, definitions, "account_scores")
    begin(instance, lost)
    tell_process(instance, lost, child.pid)
    alive = queue(instance, definitions, "raw/nav_jobs")
    begin(instance, alive)
    tell_process(instance, alive, os.getpid())
    by_command = queue(instance, definitions, "raw/ted_notices")
    instance.add_run_tags(by_command.run_id, {COMMAND_TAG: "yes"})
    begin(instance, by_command)
    waiting = queue(instance, definitions, "signals")
    assert let_go(instance) == set()
    assert end_lost_runs(instance) == 1
    assert let_go(instance) == {waiting.run_id}
    assert end_lost_runs(instance) == 0
    ended = instance.get_run_by_id(lost.run_id)
    assert ended.status == dg.DagsterRunStatus.FAILURE
    assert should_retry(ended, instance)


def test_another_process_of_the_same_number_is_not_the_run(
    instance, definitions, monkeypatch
):
    run = queue(instance, definitions, "account_scores")
    begin(instance, run)
    tell_process(instance, run, os.getpid())
    assert end_lost_runs(instance) == 0
    # As after a reboot: the number is given again, later than the run told of it.
    monkeypatch.setattr(runs, "_started_at", lambda number: time.time() + 60)
    assert end_lost_runs(instance) == 1


def test_sources_that_share_a_host_share_a_pool():
    by_host: dict[str, set[str]] = {}
    for spec in SPECS:
        for host in spec.hosts or ("a host of an account",):
            by_host.setdefault(host, set()).add(pools.crawl_pool(spec))
    shared = {host: names for host, names in by_host.items() if len(names) > 1}
    assert shared == {}


def test_every_step_is_in_a_pool(definitions):
    """What opens the warehouse, asks a host or sends cannot be left out by mistake."""
    plan = definitions.resolve_job_def("observe").all_node_defs
    assert {node.name for node in plan if getattr(node, "pool", None) is None} == set()
    assert {node.pool for node in plan} == pools.all_pools()
    retention = definitions.resolve_job_def("keep_within_retention").all_node_defs
    assert {node.pool for node in retention} == {pools.WAREHOUSE}


@pytest.mark.parametrize("former", settings._FORMER_YAML)
def test_a_home_of_before_gets_what_is_new_and_a_changed_file_stays(
    former, tmp_path, monkeypatch
):
    for name in ("LYTTEPOST_HOME", "DAGSTER_HOME", "PATH"):
        monkeypatch.setenv(name, "")
    file = tmp_path / "dagster" / "dagster.yaml"
    file.parent.mkdir()
    assert former != settings.DAGSTER_YAML
    file.write_text(former)
    settings.use_home(tmp_path)
    assert file.read_text() == settings.DAGSTER_YAML
    file.write_text("telemetry:\n  enabled: false\n")
    settings.use_home(tmp_path)
    assert "pools:" not in file.read_text()
