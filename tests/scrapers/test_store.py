"""Raw and parsed in an object store: a made-up home, and another one that shares it."""

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fsspec
import polars as pl
import pytest

from orchestration.doctor import examine
from orchestration.rights import erase
from orchestration.rights.retention import purge
from scrapers import store
from scrapers.landing import (
    JOURNAL,
    Landing,
    PayloadMissing,
    day_folder,
    landed_days,
    read_payload,
    read_visits,
)
from scrapers.store import STATE, StoreFailed
from tests.object_store import bucket
from tests.rights import made_up_home
from tests.rights.byte_search import found
from tests.rights.made_up_home import DAYS, PERSON, WORDS, page

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
SOURCE = "company_pages"


@pytest.fixture(scope="module")
def s3():
    with bucket() as address:
        yield address


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    return made_up_home.make(tmp_path_factory.mktemp("made"))


@pytest.fixture(params=["file", "memory", "s3"])
def address(request, tmp_path, monkeypatch) -> str:
    """The store of a test, which the environment names."""
    root = {
        "file": f"file://{tmp_path}/store",
        "memory": f"memory://{tmp_path.name}",
    }.get(request.param) or f"{request.getfixturevalue('s3')}/{tmp_path.name}"
    monkeypatch.setenv("LYTTEPOST_STORE", root)
    return root


@pytest.fixture
def on_s3(s3, tmp_path, monkeypatch) -> str:
    root = f"{s3}/{tmp_path.name}"
    monkeypatch.setenv("LYTTEPOST_STORE", root)
    return root


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "home", symlinks=True))


def there(address: str) -> dict[str, int]:
    """Names and sizes in the store, as its own client tells them."""
    files, root = fsspec.core.url_to_fs(address, use_listings_cache=False)
    listed = files.find(root, detail=True)
    return {str(k).removeprefix(root).lstrip("/"): v["size"] for k, v in listed.items()}


def payloads(home: Path) -> dict[str, bytes]:
    return {
        row["visit_id"]: read_payload(home, source, row)
        for source in (SOURCE, "brreg_registry")
        for row in read_visits(home, source).iter_rows(named=True)
        if row["payload_digest"]
    }


def archives(home: Path) -> list[Path]:
    return sorted(home.rglob("*.warc.gz"))


def test_without_the_setting_nothing_happens(home, monkeypatch):
    monkeypatch.delenv("LYTTEPOST_STORE", raising=False)
    before = archives(home)
    assert store.push(home) == store.pull(home) == store.fetch(home) == store.Moved()
    assert archives(home) == before
    assert not (home / STATE).exists()


def test_another_home_reads_everything_from_the_store(home, address, tmp_path):
    whole, n_archives = payloads(home), len(archives(home))
    sizes = {
        str(f.relative_to(home)): f.stat().st_size
        for top in store.FOLDERS
        for f in (home / top).rglob("*")
        if f.is_file() and not f.name.startswith(".") and "_schema" not in f.parts
    }
    moved = store.push(home)
    assert there(address) == sizes
    assert moved.n_files == len(sizes)
    assert archives(home) == []
    assert payloads(home) == whole, "read by bytes out of the store"

    other = tmp_path / "other"
    store.pull(other)
    assert archives(other) == []
    assert len(store.not_here(other)) == n_archives > 3
    assert payloads(other) == whole
    for source in (SOURCE, "brreg_registry"):
        assert read_visits(other, source).equals(read_visits(home, source))
        for day in landed_days(home, source):
            folder = f"parsed/{source}/day={day}"
            names = {f.name for f in (home / folder).iterdir()}
            assert {f.name for f in (other / folder).iterdir()} == names

    # Twice is once, on both sides.
    for side in (home, other):
        assert store.push(side) == store.Moved()
        assert store.pull(side) == store.Moved()
    key = other / "suppression" / "key"
    if key.exists():
        assert key.stat().st_mode & 0o077 == 0


def test_a_day_in_flight_stays_in_the_home_and_goes_up_when_it_is_complete(
    home, address
):
    store.push(home)
    before = there(address)
    landing = Landing(home, SOURCE, DAYS[3], True)
    landing.land(page("/ledelsen", b"<p>Nytt</p>" * 50))
    landing.close()
    store.push(home)
    assert there(address) == before
    again = Landing(home, SOURCE, DAYS[3], True)
    assert again.n_resumed == 1
    again.finish({})
    store.push(home)
    new = set(there(address)) - set(before)
    assert {name.rpartition("/")[2] for name in new} == {
        "_crawl.json",
        "visits.parquet",
        f"{SOURCE}-{DAYS[3]:%Y%m%d}-00000.warc.gz",
    }
    row = read_visits(home, SOURCE, [DAYS[3]]).row(0, named=True)
    assert read_payload(home, SOURCE, row) == b"<p>Nytt</p>" * 50


def test_rows_go_up_after_their_archive_and_complete_last(home, on_s3, monkeypatch):
    """A kill between two uploads leaves nothing that points at what is not there."""
    order: list[str] = []
    put = store._Session._put

    def watched(self, file, name):
        order.append(name)
        return put(self, file, name)

    monkeypatch.setattr(store._Session, "_put", watched)
    store.push(home)
    for day in landed_days(home, SOURCE):
        of_day = [n for n in order if n.startswith(f"landing/{SOURCE}/day={day}/")]
        ends = [n.rpartition("/")[2] for n in of_day]
        assert ends[-1] == "_crawl.json"
        assert ends[-2] == "visits.parquet"
        assert all(n.endswith(".warc.gz") for n in ends[:-2])
        of_day = [n for n in order if n.startswith(f"parsed/{SOURCE}/day={day}/")]
        assert of_day[-1].endswith("payloads.parquet")


def test_a_push_that_was_killed_goes_on(home, address, monkeypatch):
    whole, put = payloads(home), store._Session._put
    left = 7

    def killed(self, file, name):
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt
        return put(self, file, name)

    monkeypatch.setattr(store._Session, "_put", killed)
    with pytest.raises(KeyboardInterrupt):
        store.push(home)
    monkeypatch.setattr(store._Session, "_put", put)
    assert 0 < len(there(address)) <= 7
    assert payloads(home) == whole
    # What was remembered of it may be lost as well.
    (home / STATE).unlink()
    store.push(home)
    assert archives(home) == []
    assert payloads(home) == whole


def test_a_complete_day_can_be_added_to(home, on_s3):
    store.push(home)
    before = payloads(home)
    landing = Landing(home, SOURCE, DAYS[2], True, adds=True)
    landing.land(page("/mer", b"<p>Mer</p>" * 40))
    landing.finish({})
    store.push(home)
    assert archives(home) == []
    after = payloads(home)
    assert before.items() < after.items()


def test_an_erasure_reaches_every_byte_of_the_store(home, address, tmp_path):
    store.push(home)
    other = tmp_path / "other"
    store.pull(other)
    # As a backup would bring it back: the system has another time for every file.
    restored = Path(shutil.copytree(other, tmp_path / "restored"))
    files, root = fsspec.core.url_to_fs(address, use_listings_cache=False)

    def copied(name: str) -> Path:
        folder = tmp_path / name
        for path in there(address):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(files.cat_file(f"{root}/{path}"))
        return folder

    assert found(copied("before"), *WORDS)
    erase.erase(home, PERSON, NOW)
    assert archives(home), "fetched to be rewritten"
    store.push(home)
    assert archives(home) == []
    after = copied("after")
    assert found(after / "landing", *WORDS, "1971-02-03") == []
    assert found(after, *WORDS, "1971-02-03") == []
    # Who shares the store follows, and lands nobody who was erased.
    for side in (other, restored):
        store.pull(side)
        assert found(side, *WORDS, "1971-02-03") == []
        assert payloads(side) == payloads(home)
        assert (side / "suppression").exists()


def test_what_is_kept_for_too_long_leaves_the_store(home, address):
    store.push(home)
    assert [n for n in there(address) if f"day={DAYS[0]}/" in n]
    purge(home, DAYS[0] + timedelta(4_000))
    store.push(home)
    left = there(address)
    assert not [n for n in left if n.endswith(".warc.gz")]
    assert store.pull(home) == store.Moved()


def test_the_doctor_reads_every_payload_back(home, on_s3):
    def told() -> dict[str, list]:
        out: dict[str, list] = {}
        for finding in examine(home, verify=True, today=DAYS[2]):
            out.setdefault(finding.subject, []).append(finding)
        return out

    store.push(home)
    findings = told()
    assert "can be reached" in findings["store"][0].sentence
    assert "read back" in findings[f"archive/{SOURCE}"][0].sentence
    assert not findings[f"archive/{SOURCE}"][0].is_fault
    name = next(n for n in there(on_s3) if n.endswith("-00000.warc.gz") and SOURCE in n)
    files, root = fsspec.core.url_to_fs(on_s3, use_listings_cache=False)
    files.rm_file(f"{root}/{name}")
    findings = told()
    assert "1 files are not as they were brought" in findings["store"][1].sentence
    assert findings[f"archive/{SOURCE}"][0].is_fault


def test_a_store_that_was_emptied_takes_nothing_with_it(home, on_s3):
    store.push(home)
    visits = read_visits(home, SOURCE)
    files, root = fsspec.core.url_to_fs(on_s3, use_listings_cache=False)
    files.rm(root, recursive=True)
    with pytest.raises(StoreFailed, match="nothing was deleted"):
        store.pull(home)
    assert read_visits(home, SOURCE).equals(visits)


def test_a_file_of_the_same_size_and_time_is_not_the_same(home, on_s3, tmp_path):
    """An erasure keeps both, so that nobody downstream takes the rows for new."""
    store.push(home)
    name = f"parsed/{SOURCE}/day={DAYS[0]}/_parse.json"
    file, before = home / name, (home / name).stat()
    body = file.read_bytes()[::-1]
    file.write_bytes(body)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert store.push(home).n_files == 1
    store.pull(tmp_path / "other")
    assert (tmp_path / "other" / name).read_bytes() == body
    # Written anew as it was, nothing goes up.
    file.write_bytes(body)
    assert store.push(home).n_files == 0


def test_both_sides_changed_is_said_and_nothing_is_lost(home, on_s3, tmp_path):
    store.push(home)
    other = tmp_path / "other"
    store.pull(other)
    name = f"landing/{SOURCE}/day={DAYS[2]}/visits.parquet"
    for side, tag in ((home, "one"), (other, "another")):
        visits = pl.read_parquet(side / name).with_columns(etag=pl.lit(tag))
        visits.write_parquet(side / name)
    store.push(home)
    with pytest.raises(StoreFailed, match=r"changed in .* and in the store"):
        store.push(other)
    assert set(pl.read_parquet(other / name)["etag"]) == {"another"}
    # What is made from visits gives way, and is made anew.
    os.replace(home / name, other / name)
    for side, rows in ((home, 1), (other, 2)):
        latest = side / "landing" / SOURCE / "latest.parquet"
        pl.read_parquet(latest).head(rows).write_parquet(latest)
    store.pull(other)


def test_a_store_that_cannot_be_reached_is_one_sentence(home, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setenv("LYTTEPOST_STORE", "s3://made-up-secret-bucket/x")
    for act in (store.push, store.pull):
        with pytest.raises(StoreFailed, match="run the command again") as told:
            act(home)
        assert "made-up-secret-bucket" not in str(told.value)
    (fault,) = [f for f in examine(home) if f.subject == "store"]
    assert fault.is_fault


def test_a_payload_that_no_side_has_is_missing(home, on_s3):
    row = read_visits(home, SOURCE).filter(pl.col("warc_file").is_not_null())
    lost = {**row.row(0, named=True), "url": "https://x.example/"}
    lost["warc_file"] = "day=2020-01-01/none-20200101-00000.warc.gz"
    with pytest.raises(PayloadMissing):
        read_payload(home, SOURCE, lost)
    assert not (day_folder(home, SOURCE, DAYS[0]) / JOURNAL).exists()
