"""With LYTTEPOST_SHARDS a day is a run a shard, then the rest; else as before."""

from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import pytest

from orchestration import crawl as crawling
from orchestration import settings
from orchestration.crawl import CrawlStats
from orchestration.defs import pools
from orchestration.defs.daily import JOB, SHARDS_JOB, WATCH_JOB, next_runs
from orchestration.defs.landing import assets as landing
from orchestration.defs.partitions import shard_key, sharded_sources
from orchestration.defs.runs import RunReport, StepTime
from scrapers.shards import Shard, every_shard, is_sharded
from scrapers.source import load_source, source_names
from tests.scrapers.conftest import write_accounts

TODAY = datetime.now(UTC).date()
MONDAY = date(2025, 3, 3)
SHARDED = {name for name in source_names() if not load_source(name).hosts}


@pytest.fixture
def three_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LYTTEPOST_SHARDS", "3")
    pools.all_pools.cache_clear()


@pytest.fixture
def definitions(three_shards: None) -> dg.Definitions:
    from orchestration.definitions import build_defs

    return build_defs()


@pytest.mark.parametrize("told", ["0", "x", "-1", "1.5", "10000"])
def test_a_number_of_shards_that_is_none_is_refused(told, monkeypatch):
    monkeypatch.setenv("LYTTEPOST_SHARDS", told)
    with pytest.raises(settings.SettingError, match="LYTTEPOST_SHARDS"):
        settings.crawl_shards()


@pytest.mark.parametrize("told", [None, "", "1"])
def test_without_the_setting_partitions_are_days(told, monkeypatch):
    monkeypatch.delenv("LYTTEPOST_SHARDS", raising=False)
    if told is not None:
        monkeypatch.setenv("LYTTEPOST_SHARDS", told)
    assert sharded_sources() == ()
    for name in source_names():
        partitions = landing.raw_asset(load_source(name)).partitions_def
        assert isinstance(partitions, dg.DailyPartitionsDefinition)


def test_sources_of_the_accounts_hosts_are_partitioned_by_day_and_shard(definitions):
    assert {"company_pages", "press_feeds"} <= SHARDED
    assert set(sharded_sources()) == SHARDED
    graph = definitions.resolve_asset_graph()
    for name in source_names():
        raw = graph.get(dg.AssetKey(["raw", name]))
        is_multi = isinstance(raw.partitions_def, dg.MultiPartitionsDefinition)
        assert is_multi == is_sharded(load_source(name)), name
        parsed = graph.get(dg.AssetKey(["parsed", name]))
        assert isinstance(parsed.partitions_def, dg.DailyPartitionsDefinition)
    jobs = {
        job: {key.path[1] for key in selected if key.path[0] == "raw"}
        for job in (JOB, SHARDS_JOB, WATCH_JOB)
        for selected in [
            definitions.resolve_job_def(job).asset_layer.executable_asset_keys
        ]
    }
    assert jobs[SHARDS_JOB] == SHARDED
    assert jobs[JOB] == set(source_names()) - SHARDED
    assert jobs[WATCH_JOB] == set()
    # Runs of other shards need not wait; those of one do (test_pools asks the daemon).
    pools_of = {
        node.pool for node in definitions.resolve_job_def(SHARDS_JOB).all_node_defs
    }
    assert pools_of == {None}


def test_a_morning_asks_for_the_list_then_every_shard_then_the_rest(definitions):
    schedule = definitions.resolve_schedule_def("every_morning")
    assert schedule.job_name == WATCH_JOB
    (request,) = schedule.evaluate_tick(dg.build_schedule_context()).run_requests
    keys = [str(shard_key(TODAY, shard)) for shard in every_shard(3)]
    with dg.DagsterInstance.ephemeral() as instance:

        def asked() -> list[tuple[str | None, str | None]]:
            found = next_runs(instance, TODAY)
            return [
                (r.job_name, r.partition_key)
                for r in found
                if isinstance(r, dg.RunRequest)
            ]

        def run(job: str, key: str | None, status: dg.DagsterRunStatus, **tags: str):
            if key is not None:
                shard = key.partition("|")[2]
                tags |= {
                    "dagster/partition": key,
                    "dagster/partition/day": TODAY.isoformat(),
                    "dagster/partition/shard": shard,
                }
            return instance.create_run_for_job(
                definitions.resolve_job_def(job), status=status, tags=tags
            )

        assert asked() == []
        status = dg.DagsterRunStatus
        run(WATCH_JOB, None, status.SUCCESS, **request.tags)
        assert asked() == [(SHARDS_JOB, key) for key in keys]
        run(SHARDS_JOB, keys[0], status.SUCCESS)
        run(SHARDS_JOB, keys[1], status.FAILURE)
        assert asked() == [(SHARDS_JOB, keys[2])]
        going_on = run(SHARDS_JOB, keys[2], status.STARTED)
        assert asked() == []
        instance.report_run_canceled(going_on)
        assert asked() == [(JOB, TODAY.isoformat())]


def test_a_run_of_a_shard_crawls_that_shard(three_shards, tmp_path: Path, monkeypatch):
    write_accounts(tmp_path, {"a": ("a.example",)})
    monkeypatch.setenv("LYTTEPOST_HOME", str(tmp_path))
    monkeypatch.setenv("LYTTEPOST_REPLAY", "http://127.0.0.1:9")
    crawls: list[tuple[list[date], Shard]] = []

    def crawl(source, home, days, proxy, **more):
        crawls.append((list(days), more["shard"]))
        return CrawlStats(source, tuple({"day": d.isoformat()} for d in days))

    monkeypatch.setattr(landing, "crawl", crawl)
    asset = landing.raw_asset(load_source("company_pages"))
    key = shard_key(MONDAY, Shard(2, 3))
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([asset], instance=instance, partition_key=key)
        assert result.success
        done = instance.get_materialized_partitions(asset.key)
    assert crawls == [([MONDAY], Shard(2, 3))]
    assert done == {str(key)}


@pytest.mark.parametrize(
    ("day", "replays", "landed", "begins"),
    [
        (MONDAY, True, (), True),
        (MONDAY, True, (Shard(2, 3),), False),
        (MONDAY, True, (Shard(1, 3),), True),
        # The live web cannot show a past day; the run of the shard says so.
        (MONDAY, False, (), False),
        (TODAY, False, (), True),
    ],
)
def test_a_shard_is_begun_ahead_where_its_run_would_crawl_it(
    three_shards, tmp_path: Path, monkeypatch, day, replays, landed, begins
):
    write_accounts(tmp_path, {"a": ("a.example",)})
    if replays:
        monkeypatch.setenv("LYTTEPOST_REPLAY", "http://127.0.0.1:9")
    begun: list[tuple[str, list[date], Shard]] = []

    def ahead(source, home, days, proxy, tell, shard):
        begun.append((source, list(days), shard))

    monkeypatch.setattr(landing, "crawl_ahead", ahead)
    monkeypatch.setattr(
        landing, "is_whole_shard", lambda home, source, day, shard: shard in landed
    )
    landing.begin_shard(tmp_path, "company_pages", [day, day], Shard(2, 3))
    assert begun == ([("company_pages", [day], Shard(2, 3))] if begins else [])


def test_shards_that_were_begun_ahead_are_waited_for_each_by_its_own(
    tmp_path: Path, monkeypatch
):
    asked: list[Shard | None] = []

    def one_crawl(source, home, days, proxy, on_day, *more, shard=None):
        asked.append(shard)
        return CrawlStats(source, ({"shard": shard},))

    monkeypatch.setattr(crawling, "_crawl", one_crawl)
    first, second = every_shard(2)
    for shard in (first, second):
        crawling.crawl_ahead("made_up", tmp_path, [MONDAY], None, shard=shard)
    for shard in (second, first):
        stats = crawling.crawl("made_up", tmp_path, [MONDAY], None, shard=shard)
        assert stats.days == ({"shard": shard},)
    assert sorted(asked, key=str) == [first, second]


def test_a_report_has_the_steps_of_the_runs_before_and_a_crawl_in_shards_once():
    shards = [StepTime("raw__company_pages", 3.0), StepTime("raw__company_pages", 2.5)]
    report = RunReport(True, "last", (), (), (StepTime("warehouse", 1.0),))
    whole = report.after([StepTime("watch_list", 0.5), *shards])
    assert whole.steps == (
        StepTime("watch_list", 0.5),
        StepTime("raw__company_pages", 5.5),
        StepTime("warehouse", 1.0),
    )
    assert whole.run_id == "last"
