"""Destinations are found by name, hold a whole version or the former one, tell no
secret, and are skipped where nothing is set."""

import json
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import fsspec
import pytest

from orchestration import settings
from orchestration.publish.destinations.object_store import destination as object_store
from orchestration.publish.destinations.protocol import (
    DestinationFailed,
    Place,
    destination,
    destination_names,
)
from orchestration.publish.keep import Keep, to_forget
from orchestration.rights import outside
from tests.object_store import bucket


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """A folder in a bucket of a server on loopback."""
    with bucket() as address:
        yield f"{address}/lyttepost"


@pytest.fixture(params=["file", "memory", "s3"])
def place(request, tmp_path) -> Place:
    if request.param == "s3":
        root = request.getfixturevalue("s3")
        return Place(f"{root}/{tmp_path.name}")
    if request.param == "memory":
        return Place(f"memory://lyttepost/{tmp_path.name}")
    return Place(f"file://{tmp_path}/store")


def read(place: Place, path: str) -> bytes:
    store, root = fsspec.core.url_to_fs(place.address)
    return store.cat_file(f"{root}/{path}")


def there(place: Place) -> set[str]:
    store, root = fsspec.core.url_to_fs(place.address, use_listings_cache=False)
    folder = f"{root.rstrip('/')}/versions"
    return {name.rstrip("/").rpartition("/")[2] for name in store.ls(folder, False)}


def test_every_folder_is_a_destination_and_says_what_it_is():
    assert {"postgres", "object_store"} <= set(destination_names())
    for name in destination_names():
        found = destination(name)
        assert found.KINDS
        assert found.DESCRIPTION
        assert callable(found.publish)
        assert callable(found.faults)


def test_a_version_is_copied_whole_and_then_pointed_at(versions, place):
    sent = object_store.publish(versions[0], place, Keep(2))
    assert sent.is_new
    pointer = json.loads(read(place, "current.json"))
    assert pointer["version"] == versions[0].name
    for file in versions[0].folder.iterdir():
        assert read(place, f"{pointer['path']}/{file.name}") == file.read_bytes()
    assert object_store.faults(versions[0], place) == []
    assert object_store.faults(versions[1], place) != []
    again = object_store.publish(versions[0], place, Keep(2))
    assert not again.is_new


def test_as_many_old_versions_stay_as_are_told(versions, place):
    for version in versions[:2]:
        object_store.publish(version, place, Keep(2))
    # Some stores tell times in whole seconds, and what is of one second is as old.
    time.sleep(1.1)
    for version in versions[2:]:
        object_store.publish(version, place, Keep(2))
    assert there(place) == {v.name for v in versions[-2:]}
    object_store.publish(versions[0], place, Keep(1, timedelta(hours=1)))
    # Those that were current a moment ago have readers still.
    assert there(place) == {versions[0].name, *(v.name for v in versions[-2:])}
    assert object_store.faults(versions[0], place) == []


def test_after_an_erasure_nothing_of_before_stays(versions, place):
    for version in versions[:2]:
        object_store.publish(version, place, Keep(5))
    store, root = fsspec.core.url_to_fs(place.address, use_listings_cache=False)
    folder = f"{root.rstrip('/')}/versions/{versions[1].name}"
    whole = read(place, f"versions/{versions[1].name}/signals.parquet")
    # Of the same size and name, but not what is published now; and one too many.
    store.pipe_file(f"{folder}/signals.parquet", b"x" * len(whole))
    store.pipe_file(f"{folder}/kari-nordmann.html", b"Kari Nordmann")
    kept = Keep(5, timedelta(hours=1))
    sent = object_store.publish(versions[1], place, kept, afresh=True)
    assert sent.forgotten == (versions[0].name,)
    assert there(place) == {versions[1].name}
    assert read(place, f"versions/{versions[1].name}/signals.parquet") == whole
    assert not store.exists(f"{folder}/kari-nordmann.html")
    assert object_store.faults(versions[1], place) == []


@pytest.mark.parametrize("step", ["put_file", "pipe_file"])
def test_a_copy_that_stops_leaves_the_former_version(
    versions, place, monkeypatch, step
):
    object_store.publish(versions[0], place, Keep(1))
    store, _ = fsspec.core.url_to_fs(place.address, use_listings_cache=False)
    real, calls = getattr(store, step), []

    def stops(*args, **kwargs):
        calls.append(args)
        if len(calls) == (1 if step == "pipe_file" else 5):
            raise OSError("the line is down")
        return real(*args, **kwargs)

    with monkeypatch.context() as patch:
        # fsspec gives everybody who asks for this store the same object.
        patch.setattr(store, step, stops)
        with pytest.raises(DestinationFailed, match="the former version stands"):
            object_store.publish(versions[1], place, Keep(1))
    assert json.loads(read(place, "current.json"))["version"] == versions[0].name
    assert object_store.faults(versions[0], place) == []
    object_store.publish(versions[1], place, Keep(1))
    assert object_store.faults(versions[1], place) == []
    assert there(place) == {versions[1].name}


def test_an_address_of_no_known_kind_is_one_sentence(versions):
    with pytest.raises(DestinationFailed, match="nosuch"):
        object_store.publish(versions[0], Place("nosuch://x/y"), Keep())


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://writer:hemmelig%20ord@db.example:5432/bi",
        "postgresql://db.example:5432/bi?user=writer&password=hemmelig%20ord",
    ],
)
def test_what_is_secret_is_never_shown(address):
    place = Place(address)
    said = place.redacted(f"cannot reach {address}: password 'hemmelig ord' is wrong")
    for text in (place.shown(), repr(place), said):
        assert "hemmelig" not in text
    assert place.shown() == "postgresql://db.example:5432/bi"
    assert "cannot reach" in said


def test_what_no_driver_can_reach_tells_no_secret(versions):
    place = Place(
        "postgresql://writer:hemmelig@127.0.0.1:1/bi", {"schema": "lyttepost"}
    )
    with pytest.raises(DestinationFailed, match="refused") as failed:
        destination("postgres").publish(versions[0], place, Keep())
    assert "hemmelig" not in str(failed.value)
    assert failed.value.__suppress_context__


def test_the_address_comes_from_the_environment_or_from_a_file(tmp_path, monkeypatch):
    monkeypatch.delenv("LYTTEPOST_POSTGRES", raising=False)
    assert settings.destination_address("postgres") is None
    file = tmp_path / "address"
    file.write_text("postgresql://db.example/bi\n")
    monkeypatch.setenv("LYTTEPOST_POSTGRES_FILE", str(file))
    assert settings.destination_address("postgres") == "postgresql://db.example/bi"
    monkeypatch.setenv("LYTTEPOST_POSTGRES", "postgresql://other.example/bi")
    assert settings.destination_address("postgres") == "postgresql://other.example/bi"
    monkeypatch.delenv("LYTTEPOST_POSTGRES")
    file.unlink()
    with pytest.raises(settings.SettingError, match="LYTTEPOST_POSTGRES_FILE"):
        settings.destination_address("postgres")


@pytest.mark.parametrize(("told", "is_good"), [("3", True), ("0", False), ("x", False)])
def test_how_many_versions_stay_is_a_setting(monkeypatch, told, is_good):
    monkeypatch.setenv("LYTTEPOST_KEEP_VERSIONS", told)
    if is_good:
        assert settings.kept_versions() == (3, timedelta(hours=1))
    else:
        with pytest.raises(settings.SettingError, match="LYTTEPOST_KEEP_VERSIONS"):
            settings.kept_versions()


def test_a_version_stays_until_it_has_been_old_for_long_enough():
    now = datetime(2026, 1, 1, 12, tzinfo=UTC)
    hours = {"a": 9, "b": 6, "c": 3, "d": 0}
    published = {name: now - timedelta(hours=h) for name, h in hours.items()}
    assert to_forget(published, "d", Keep(1), now) == ["c", "b", "a"]
    assert to_forget(published, "d", Keep(3), now) == ["a"]
    # b gave way three hours ago and a six; when c did is not known.
    assert to_forget(published, "d", Keep(1, timedelta(hours=4)), now) == ["a"]
    assert to_forget(published, "a", Keep(1), now) == ["d", "c", "b"]


def materialise(name: str, home: Path) -> dg.ExecuteInProcessResult:
    from orchestration.defs.bi.destinations import destination_asset, destination_check

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LYTTEPOST_HOME", str(home))
        return dg.materialize(
            [destination_asset(name), destination_check(name)], raise_on_error=False
        )


def test_an_asset_that_is_not_set_is_skipped_and_says_so(
    versions, tmp_path, monkeypatch
):
    from orchestration.defs.bi.destinations import why_not

    monkeypatch.delenv("LYTTEPOST_OBJECT_STORE", raising=False)
    assert why_not("object_store") == "LYTTEPOST_OBJECT_STORE is not set"
    done = materialise("object_store", versions[-1].folder.parents[1])
    assert done.success
    assert done.get_asset_materialization_events() == []
    assert done.get_asset_check_evaluations() == []
    monkeypatch.setenv("LYTTEPOST_OBJECT_STORE", f"file://{tmp_path}/store")
    monkeypatch.setenv("LYTTEPOST_REPLAY", "http://127.0.0.1:1")
    assert "replayed" in (why_not("object_store") or "")


def test_an_erasure_is_carried_to_a_destination_by_the_next_publish(
    versions, tmp_path, monkeypatch
):
    home = tmp_path / "home"
    shutil.copytree(versions[-1].folder.parents[1], home, symlinks=True)
    monkeypatch.setenv("LYTTEPOST_OBJECT_STORE", f"file://{tmp_path}/store")
    assert materialise("object_store", home).success
    (place,) = outside.places(home)
    assert (place.name, place.reached) == ("object_store", 0)
    monkeypatch.setattr(outside, "last_erasure", lambda home: 1)
    (tmp_path / "store" / "versions" / "old").mkdir()
    with monkeypatch.context() as patch:
        patch.setenv("LYTTEPOST_OBJECT_STORE", "nosuch://x/y")
        assert not materialise("object_store", home).success
    (left,) = outside.pending(home)
    assert "nosuch" in left.why_not
    assert materialise("object_store", home).success
    assert outside.pending(home) == []
    assert not (tmp_path / "store" / "versions" / "old").exists()


def test_an_asset_publishes_checks_and_tells_no_secret(versions, tmp_path, monkeypatch):
    monkeypatch.setenv("LYTTEPOST_OBJECT_STORE", f"file://{tmp_path}/store")
    done = materialise("object_store", versions[-1].folder.parents[1])
    assert done.success
    (check,) = done.get_asset_check_evaluations()
    assert check.passed
    assert (tmp_path / "store" / "current.json").exists()
    monkeypatch.setenv("LYTTEPOST_POSTGRES", "postgresql://w:hemmelig@127.0.0.1:1/bi")
    failed = materialise("postgres", versions[-1].folder.parents[1])
    assert not failed.success
    assert "hemmelig" not in "".join(str(e) for e in failed.all_events)
