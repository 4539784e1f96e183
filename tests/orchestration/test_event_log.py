"""Dagster's event log keeps its connections and forgets nothing."""

import dagster as dg
import sqlalchemy

from orchestration import settings
from orchestration.defs.event_log import KeptEventLog


@dg.asset
def heard():
    """An asset of one step."""
    return 1


def test_events_of_a_run_are_read_back_by_another_instance(tmp_path, monkeypatch):
    monkeypatch.setenv("LYTTEPOST_HOME", str(tmp_path))
    monkeypatch.setenv("DAGSTER_HOME", "")
    settings.use_home(tmp_path)
    with dg.DagsterInstance.get() as instance:
        assert isinstance(instance.event_log_storage, KeptEventLog)
        run = dg.materialize([heard], instance=instance)
        assert run.success
    with dg.DagsterInstance.get() as later:
        logged = later.all_logs(run.run_id)
        assert len(logged) > 5
        latest = later.get_latest_materialization_event(dg.AssetKey("heard"))
        assert latest is not None
        assert latest.run_id == run.run_id


def test_an_event_opens_no_file_anew(tmp_path, monkeypatch):
    monkeypatch.setenv("LYTTEPOST_HOME", str(tmp_path))
    monkeypatch.setenv("DAGSTER_HOME", "")
    settings.use_home(tmp_path)
    opened = []
    listen = sqlalchemy.event.listen
    with dg.DagsterInstance.get() as instance:
        dg.materialize([heard], instance=instance)
        log = instance.event_log_storage
        for engine in log._engines.values():
            listen(engine, "connect", lambda *_: opened.append(1))
        dg.materialize([heard], instance=instance)
    # The shard of the second run is new and unheard; those that stay are not reopened.
    assert opened == []
