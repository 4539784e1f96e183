"""A network that is gone is no observation of anybody; a host that fails is one.

Sites are made up. Crawls are the child process of production, on loopback.
"""

from collections.abc import Callable
from pathlib import Path

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from orchestration.crawl import CrawlFailed, is_network_gone
from scrapers.crawl_context import NETWORK_GONE
from scrapers.landing import is_whole_day, read_visits
from scrapers.middlewares.network import HOSTS_IN_A_ROW, Network
from tests.scrapers.conftest import (
    MONDAY,
    NOT_FOUND,
    TUESDAY,
    Asked,
    BadWeb,
    Given,
    Host,
    crawled,
    write_accounts,
)
from tests.scrapers.real_web import loopback_program

N_HOSTS = 7
# What a machine says whose cable was pulled; the child looks names up by `real`.
CUT = """
def cut(host, *args, **kwargs):
    raise socket.gaierror(-3, "Temporary failure in name resolution")
real = cut
"""


def site(asked: Asked) -> Given:
    """A site of one page."""
    return Given(b"<p>Et vindu mot fjorden.</p>") if asked.path == "/" else NOT_FOUND


def watched(home: Path, serve_web: Callable[[dict[str, Host]], BadWeb]) -> BadWeb:
    """Serve the sites, and put an account for each on the list."""
    web = serve_web({})
    hosts = [f"v{n}.example:{web.port}" for n in range(N_HOSTS)]
    web.hosts.update(dict.fromkeys(hosts, site))
    write_accounts(home, {f"v{n}": (host,) for n, host in enumerate(hosts)})
    return web


def homes(home: Path) -> pl.DataFrame:
    """What came of the front pages of Tuesday."""
    visits = read_visits(home, "company_pages", [TUESDAY])
    return visits.filter(pl.col("url").str.contains("^http:.*[0-9]/$")).select(
        "account_id", "outcome", "http_status"
    )


def test_a_day_without_a_network_is_not_landed_and_is_gone_on_with(
    serve_web: Callable[[dict[str, Host]], BadWeb], tmp_path: Path
) -> None:
    watched(tmp_path, serve_web)
    done = crawled(tmp_path, (MONDAY,), None, loopback_program(tmp_path))
    assert done.code == 0, done.err
    done = crawled(tmp_path, (TUESDAY,), None, loopback_program(tmp_path, CUT))
    assert done.code == 1
    assert done.stats["error"].startswith(f"{TUESDAY}: {NETWORK_GONE}: ")
    assert ".example" in done.stats["error"]
    assert not is_whole_day(tmp_path, "company_pages", TUESDAY)
    assert homes(tmp_path).is_empty()
    # The network is back: all of them are asked, and none has a word of the cut.
    done = crawled(tmp_path, (TUESDAY,), None, loopback_program(tmp_path))
    assert done.code == 0, done.err
    found = homes(tmp_path)
    assert sorted(found["account_id"]) == [f"v{n}" for n in range(N_HOSTS)]
    assert set(found["outcome"]) <= {"ok", "not_modified"}


def test_one_site_that_is_gone_is_told_of(
    serve_web: Callable[[dict[str, Host]], BadWeb], tmp_path: Path
) -> None:
    web = watched(tmp_path, serve_web)
    done = crawled(tmp_path, (MONDAY,), None, loopback_program(tmp_path))
    assert done.code == 0, done.err
    # Connections are taken and dropped.
    web.hosts[f"v3.example:{web.port}"] = lambda asked: Given(raw=b"")
    done = crawled(tmp_path, (TUESDAY,), None, loopback_program(tmp_path))
    assert done.code == 0, done.err
    found = dict(homes(tmp_path).select("account_id", "outcome").iter_rows())
    assert found.pop("v3") == "http_error"
    assert set(found.values()) <= {"ok", "not_modified"}


def test_only_that_reason_is_a_network_that_is_gone() -> None:
    reason = f"the crawl of x ended with exit code 1: 2026-01-01: {NETWORK_GONE}: y"
    assert is_network_gone(CrawlFailed(reason))
    assert not is_network_gone(CrawlFailed("the crawl of x ended: a spider failed"))


HOSTS = st.sampled_from([f"{n}.example" for n in range(12)])


@given(st.sets(HOSTS), st.lists(st.tuples(HOSTS, st.booleans()), max_size=60))
def test_it_is_gone_only_after_hosts_that_answered_fail_in_a_row(
    before: set[str], said: list[tuple[str, bool]]
) -> None:
    network = Network(before)
    known, silent = set(before), set()
    for host, has_answered in said:
        if has_answered:
            network.answered(host)
            known.add(host)
            silent.clear()
        else:
            network.failed(host)
            silent |= {host} & known
        assert set(network.silent) == silent
        # One host alone never says that of all.
        enough = max(2, min(HOSTS_IN_A_ROW, len(known)))
        assert network.is_gone == (len(silent) >= enough)
