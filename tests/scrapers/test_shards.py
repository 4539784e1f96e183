"""A crawl in shards gives what one crawl gives; made-up sites and accounts."""

import subprocess
import time
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.crawl import CrawlFailed, crawl
from scrapers.account import Account, Place, read_accounts
from scrapers.joined import join_shards, unjoined_days
from scrapers.landing import (
    COMPLETE,
    JOURNAL,
    DayRefused,
    Landing,
    day_folder,
    is_whole_day,
    is_whole_shard,
    landed_days,
    read_payload,
    read_told,
    read_visits,
    source_folder,
)
from scrapers.parsed import parse_days, parsed_folder
from scrapers.shards import Shard, ShardsRefused, every_shard, shard_named, shards_of
from tests.scrapers.conftest import (
    MONDAY,
    NOT_FOUND,
    TUESDAY,
    Given,
    crawl_command,
    crawl_environment,
    write_accounts,
)

SOURCE = "company_pages"
SHARDS = every_shard(3)
# Of two accounts on one host, and of others.
DOMAINS = {
    **{name: (f"{name}.example",) for name in ("a", "b", "c", "d", "e", "f")},
    "g": ("a.example",),
    "h": ("jobs.c.example", "h.example"),
}
FOLDERS = ("warc_file", "warc_offset")
# A shard that was killed looks up again what its records say.
PLACES = (
    "holder_file",
    "holder_offset",
    "record_file",
    "record_offset",
    "head_digest",
)


def account(name: str, *domains: str, places: tuple[Place, ...] = ()) -> Account:
    return Account(name, name, "NO", None, domains, places=places)


# --- who is in which shard ---------------------------------------------------------


@given(
    st.dictionaries(
        st.text("abcdef", min_size=1, max_size=4),
        st.lists(st.sampled_from(["x.no", "y.no", "z.x.no", "w.no"]), max_size=2),
        max_size=12,
    ),
    st.integers(1, 9),
)
def test_every_account_is_in_one_shard_and_every_host_too(domains, of):
    accounts = [account(name, *hosts) for name, hosts in domains.items()]
    numbers = shards_of(accounts, of)
    assert set(numbers) == set(domains)
    assert set(numbers.values()) <= set(range(1, of + 1))
    # In whatever order they are listed.
    assert shards_of(reversed(accounts), of) == numbers
    for one in accounts:
        for other in accounts:
            shared = any(
                f".{a}".endswith(f".{b}") or f".{b}".endswith(f".{a}")
                for a in one.domains
                for b in other.domains
            )
            if shared:
                assert numbers[one.account_id] == numbers[other.account_id]


def test_the_shard_of_an_account_stays_and_shards_are_of_one_size():
    accounts = [account(f"account-{n}", f"{n}.example") for n in range(4_000)]
    numbers = shards_of(accounts, 8)
    # Said in docs/scale.md: who is where must not change with a release.
    assert [numbers[f"account-{n}"] for n in range(6)] == [2, 7, 4, 5, 5, 4]
    sizes = pl.Series(list(numbers.values())).value_counts()["count"]
    assert sizes.min() > 430
    assert sizes.max() < 570


def test_a_feed_on_another_accounts_host_brings_both_into_one_shard():
    feed = Place("press_feeds", "https://www.press.example/of/b.rss")
    accounts = [
        account("a", "a.example", places=(feed,)),
        account("b", "b.example", places=(feed,)),
        account("c", "press.example"),
        # Greenhouse is asked by one crawl, whoever is there.
        account("d", places=(Place("greenhouse_jobs", "d"),)),
    ]
    for of in range(2, 40):
        numbers = shards_of(accounts, of)
        assert numbers["a"] == numbers["b"] == numbers["c"]
        assert numbers["d"] == shards_of([account("d")], of)["d"]


@pytest.mark.parametrize("name", ["", "3", "of", "00of04", "05of04", "1 of 2", "xofy"])
def test_what_is_no_shard_is_refused(name):
    with pytest.raises(ShardsRefused):
        shard_named(name)


def test_a_shard_is_named_for_good():
    assert Shard(2, 8).name == "02of08"
    assert Shard(7, 1_000).name == "0007of1000"
    assert shard_named("shard=02of08") == Shard(2, 8)


# --- crawls ------------------------------------------------------------------------


def _site(name: str) -> object:
    def answer(asked):
        if asked.path not in ("/", "/om-oss"):
            return NOT_FOUND
        # The front page is another one each day, the other stays.
        told = asked.day if asked.path == "/" else "hver dag"
        body = (
            f"<html><body><main><h1>{name} AS</h1><p>Vi lager broer {told}.</p>"
            '<a href="/om-oss">Om oss</a></main></body></html>'
        )
        headers = {"Content-Type": "text/html"}
        if asked.path == "/om-oss":
            headers["ETag"] = '"1"'
            if asked.headers.get("If-None-Match") == '"1"':
                return Given(b"", 304, headers)
        return Given(body.encode(), 200, headers)

    return answer


@pytest.fixture(scope="module")
def web(serve_web):
    hosts = sorted({host for hosts in DOMAINS.values() for host in hosts})
    return serve_web({host: _site(host) for host in hosts})


def new_home(folder: Path) -> Path:
    write_accounts(folder, DOMAINS)
    return folder


@pytest.fixture(scope="module")
def in_one_piece(tmp_path_factory, web) -> Path:
    home = new_home(tmp_path_factory.mktemp("one"))
    crawl(SOURCE, home, [MONDAY, TUESDAY], web.proxy)
    parse_days(home, SOURCE, [MONDAY, TUESDAY])
    return home


def parsed(home: Path, day: date) -> dict[str, pl.DataFrame]:
    files = sorted(parsed_folder(home, SOURCE, day).glob("*.parquet"))
    return {file.stem: pl.read_parquet(file) for file in files}


TOLD = ("visits", "ok", "failed", "outcomes")
ASKED = ("requests", "bytes")


def assert_same(home: Path, other: Path, told: tuple[str, ...] = TOLD) -> None:
    """Visits, payloads, records and what is known are the same, places apart."""
    one, two = read_visits(home, SOURCE), read_visits(other, SOURCE)
    assert one.drop(FOLDERS).equals(two.drop(FOLDERS))
    for row in two.filter(pl.col("payload_digest").is_not_null()).iter_rows(named=True):
        read_payload(other, SOURCE, row)
    for day in (MONDAY, TUESDAY):
        assert is_whole_day(other, SOURCE, day)
        assert parsed(home, day).keys() == parsed(other, day).keys()
        for kind, frame in parsed(home, day).items():
            assert frame.equals(parsed(other, day)[kind]), kind
        sums = [read_told(day_folder(h, SOURCE, day)) for h in (home, other)]
        for key in told:
            assert sums[0][key] == sums[1][key], key
    known = [
        pl.read_parquet(source_folder(h, SOURCE) / "latest.parquet").drop(PLACES)
        for h in (home, other)
    ]
    assert known[0].equals(known[1])


def test_shards_in_any_order_give_what_one_crawl_gives(in_one_piece, web, tmp_path):
    home = new_home(tmp_path)
    numbers = shards_of(read_accounts(home / "accounts" / "accounts.parquet"), 3)
    assert len(set(numbers.values())) == 3, "nobody is in one of the shards"
    for shard in (SHARDS[2], SHARDS[0], SHARDS[1]):
        assert join_shards(home, SOURCE) == []
        assert landed_days(home, SOURCE) == []
        crawl(SOURCE, home, [MONDAY, TUESDAY], web.proxy, shard=shard)
    assert unjoined_days(home, SOURCE) == {MONDAY: [], TUESDAY: []}
    assert join_shards(home, SOURCE) == [MONDAY, TUESDAY]
    parse_days(home, SOURCE, [MONDAY, TUESDAY])
    assert_same(in_one_piece, home, (*TOLD, *ASKED))
    assert not list(day_folder(home, SOURCE, MONDAY).glob("shard=*"))

    # Twice is once: nothing is asked, nothing is written.
    asked = len(web.asked)
    before = {f: f.stat().st_mtime_ns for f in home.rglob("*") if f.is_file()}
    for shard in SHARDS:
        crawl(SOURCE, home, [MONDAY, TUESDAY], web.proxy, shard=shard)
    assert join_shards(home, SOURCE) == []
    assert len(web.asked) == asked
    assert {f: f.stat().st_mtime_ns for f in home.rglob("*") if f.is_file()} == before


def test_shards_side_by_side_day_by_day_and_one_of_them_killed(
    in_one_piece, web, tmp_path
):

    home = new_home(tmp_path)
    for day in (MONDAY, TUESDAY):
        commands = [
            [*crawl_command(home, [day], web.proxy), "--shard", shard.name]
            for shard in SHARDS
        ]
        # One is killed as soon as it has landed something, and goes on later.
        begun = subprocess.Popen(commands[1], env=crawl_environment())
        journal = day_folder(home, SOURCE, day) / SHARDS[1].folder / JOURNAL
        while begun.poll() is None and not (
            journal.exists() and journal.stat().st_size
        ):
            time.sleep(0.002)
        begun.kill()
        begun.wait()
        children = [subprocess.Popen(c, env=crawl_environment()) for c in commands]
        assert [child.wait() for child in children] == [0, 0, 0]
        assert join_shards(home, SOURCE) == [day]
        parse_days(home, SOURCE, [day])
    assert_same(in_one_piece, home)


def test_a_past_day_goes_on_without_a_shard_that_never_came(web, tmp_path):
    home = new_home(tmp_path)
    for shard in SHARDS[:2]:
        crawl(SOURCE, home, [MONDAY], web.proxy, shard=shard)
    assert join_shards(home, SOURCE, before=MONDAY) == []
    assert unjoined_days(home, SOURCE) == {MONDAY: [SHARDS[2]]}
    assert join_shards(home, SOURCE, before=TUESDAY) == [MONDAY]
    assert landed_days(home, SOURCE) == [MONDAY]
    assert not is_whole_day(home, SOURCE, MONDAY)
    whole = [is_whole_shard(home, SOURCE, MONDAY, shard) for shard in SHARDS]
    assert whole == [True, True, False]
    part = read_visits(home, SOURCE)
    assert part.height > 0

    # In a replay it may come after all.
    crawl(SOURCE, home, [MONDAY], web.proxy, shard=SHARDS[2])
    assert join_shards(home, SOURCE, before=TUESDAY) == [MONDAY]
    assert is_whole_day(home, SOURCE, MONDAY)
    assert part.height < read_visits(home, SOURCE).height
    told = read_told(day_folder(home, SOURCE, MONDAY))
    assert told["shards"] == [shard.name for shard in SHARDS]


def test_a_join_that_was_killed_is_joined_again(web, tmp_path, monkeypatch):
    home = new_home(tmp_path)
    for shard in SHARDS:
        crawl(SOURCE, home, [MONDAY], web.proxy, shard=shard)
    monkeypatch.setattr("scrapers.joined.shutil.rmtree", lambda folder: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        join_shards(home, SOURCE)
    monkeypatch.undo()
    before = read_visits(home, SOURCE)
    assert join_shards(home, SOURCE) == []
    assert read_visits(home, SOURCE).equals(before)
    assert not list(day_folder(home, SOURCE, MONDAY).glob("shard=*"))


def test_a_day_has_one_number_of_shards_and_a_shard_one_crawl(tmp_path):
    def begin(shard: Shard | None) -> Landing:
        return Landing(tmp_path, SOURCE, MONDAY, True, shard=shard, adds=True)

    first = begin(Shard(1, 3))
    with pytest.raises(DayRefused, match="another crawl is writing"):
        begin(Shard(1, 3))
    for other in (None, Shard(1, 4)):
        with pytest.raises(DayRefused, match="begun in 3 shards"):
            begin(other)
    first.close()
    whole = Landing(tmp_path, SOURCE, TUESDAY, True)
    whole.close()
    with pytest.raises(DayRefused, match="begun without shards"):
        Landing(tmp_path, SOURCE, TUESDAY, True, shard=Shard(1, 3))


def test_some_accounts_of_a_shard_are_added_to_a_day_that_was_joined(web, tmp_path):
    home = new_home(tmp_path)
    for shard in SHARDS:
        crawl(SOURCE, home, [MONDAY], web.proxy, shard=shard)
    join_shards(home, SOURCE)
    before = read_visits(home, SOURCE)
    write_accounts(home, {**DOMAINS, "new": ("h.example",)})
    watched = read_accounts(home / "accounts" / "accounts.parquet")
    shard = SHARDS[shards_of(watched, 3)["new"] - 1]
    crawl(SOURCE, home, [MONDAY], web.proxy, only_accounts=["new"], shard=shard)
    after = read_visits(home, SOURCE)
    assert after.filter(pl.col("account_id") != "new").equals(before)
    assert "new" in set(after["account_id"])
    assert is_whole_day(home, SOURCE, MONDAY)
    told = read_told(day_folder(home, SOURCE, MONDAY))
    assert told["shards"] == [s.name for s in SHARDS]
    assert not (day_folder(home, SOURCE, MONDAY) / shard.folder / COMPLETE).exists()


def test_a_shard_of_no_account_on_the_list_says_so(web, tmp_path):
    home = new_home(tmp_path)
    with pytest.raises(CrawlFailed, match="not on the watch list: stranger"):
        crawl(SOURCE, home, [MONDAY], web.proxy, only_accounts=["stranger"])
