"""A range of days is one run: of the crawl, of the parser, and of all that follows."""

from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.automation_tick_evaluation_context import (
    build_run_requests_with_backfill_policies,
)
from dagster._core.definitions.events import AssetKeyPartitionKey

from orchestration.crawl import CrawlStats
from orchestration.defs.landing import assets as landing
from scrapers.source import load_source, source_names
from tests.scrapers.conftest import write_accounts

FIRST = date(2025, 3, 3)
DAYS = [(FIRST + timedelta(days=n)).isoformat() for n in range(90)]


def test_ninety_days_of_every_source_are_one_run():
    from orchestration.definitions import defs

    graph = defs().resolve_asset_graph()
    keys = [
        dg.AssetKey([step, source])
        for step in ("raw", "parsed")
        for source in source_names()
    ]
    with dg.DagsterInstance.ephemeral() as instance:
        (request,) = build_run_requests_with_backfill_policies(
            [AssetKeyPartitionKey(key, day) for key in keys for day in DAYS],
            graph,
            instance,
        )
    assert set(request.asset_selection) == set(keys)
    assert request.tags["dagster/asset_partition_range_start"] == DAYS[0]
    assert request.tags["dagster/asset_partition_range_end"] == DAYS[-1]


def test_that_run_starts_one_crawl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_accounts(tmp_path, {"a": ("a.example",)})
    monkeypatch.setenv("LYTTEPOST_HOME", str(tmp_path))
    monkeypatch.setenv("LYTTEPOST_REPLAY", "http://127.0.0.1:9")
    crawls: list[list[date]] = []

    def crawl(source, home, days, proxy, **more):
        crawls.append(list(days))
        return CrawlStats(source, tuple({"day": d.isoformat()} for d in days))

    monkeypatch.setattr(landing, "crawl", crawl)
    spec = load_source("company_pages")
    job = dg.Definitions(
        assets=[landing.raw_asset(spec), landing.parsed_asset(spec)],
        jobs=[dg.define_asset_job("both", executor_def=dg.in_process_executor)],
    ).resolve_job_def("both")
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(
            instance=instance,
            tags={
                "dagster/asset_partition_range_start": DAYS[0],
                "dagster/asset_partition_range_end": DAYS[-1],
            },
        )
        assert result.success
        assert instance.get_runs_count() == 1
        done = instance.get_materialized_partitions(dg.AssetKey(["raw", spec.name]))
    assert crawls == [[date.fromisoformat(day) for day in DAYS]]
    assert done == set(DAYS)
