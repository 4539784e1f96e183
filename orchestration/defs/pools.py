"""Pools: what two runs may not use at once, so that the second waits.

A pool's limit is one (`settings.DAGSTER_YAML`), and it is held by a run, not by a step:
the steps of a run share a process and go one after another. Which asset is in which
pool is said where the asset is defined.
"""

import re
from functools import cache

from orchestration import settings
from orchestration.publish.destinations.protocol import destination_names
from scrapers.source import SourceSpec, load_source, source_names

# The DuckDB file has one writer, and while it writes nobody else can open it.
WAREHOUSE = "warehouse"
# Files between landing and the warehouse, and the watch list: each is replaced whole.
RECORDS = "records"
_HOSTS_OF_ACCOUNTS = "crawl/hosts_of_accounts"


def crawl_pool(spec: SourceSpec) -> str | None:
    """One crawl a host: sources that share a host share a pool.

    Sources without hosts of their own ask those of the accounts, which one account may
    name to several sources. In shards a host is in one shard, of every source, and it
    is runs of one shard that wait for each other (tag_concurrency_limits).
    """
    if not spec.hosts:
        return _HOSTS_OF_ACCOUNTS if settings.crawl_shards() == 1 else None
    return f"crawl/{re.sub(r'[^a-z0-9]+', '_', min(spec.hosts))}"


@cache
def all_pools() -> frozenset[str]:
    """Every pool of the graph."""
    asked = (crawl_pool(load_source(name)) for name in source_names())
    crawls = {pool for pool in asked if pool is not None}
    published = {sending_pool("bi", name) for name in destination_names()}
    sent = {sending_pool("crm", name) for name in settings.crm_destinations()}
    return frozenset({WAREHOUSE, RECORDS, *crawls, *published, *sent})


def sending_pool(step: str, destination: str) -> str:
    """One sender a destination: `bi/postgres`, `crm/hubspot`."""
    return f"{step}/{destination}"
