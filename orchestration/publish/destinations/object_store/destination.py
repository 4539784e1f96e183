"""A path that fsspec understands: `s3://bucket/path`, `file:///path`, `memory://path`.

A version is copied to `versions/<name>/`, its manifest last, and then `current.json`
is replaced, which names it: readers open that first. Endpoints and keys of an
S3-compatible store are read by its own client from `AWS_*`, never from the address.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from orchestration.publish.destinations.protocol import (
    DestinationFailed,
    Place,
    Sent,
    Version,
)
from orchestration.publish.keep import NOTHING_ELSE, Keep, to_forget
from orchestration.publish.published import MANIFEST

KINDS = frozenset({"fsspec", "parquet"})
DESCRIPTION = (
    "Copies the published version to a path of object storage: `versions/<version>/`, "
    "then `current.json`, which names it."
)
OPTIONS: dict[str, str] = {}
POINTER = "current.json"
VERSIONS = "versions"


def publish(
    version: Version, place: Place, keep: Keep, *, afresh: bool = False
) -> Sent:
    """Copy the version and point at it. See `protocol.Destination`."""
    with _one_sentence(place):
        store, root = _store(place)
        pointed = _pointer(store, root)
        is_new = pointed is None or pointed["content_digest"] != version.digest
        if is_new or afresh:
            _copy(store, root, version, afresh=afresh)
            _point(store, root, version)
        keep = NOTHING_ELSE if afresh else keep
        return Sent(is_new, tuple(_forget(store, root, version.name, keep)))


def faults(version: Version, place: Place) -> list[str]:
    """Files that are missing or of another size. See `protocol.Destination`."""
    with _one_sentence(place):
        store, root = _store(place)
        pointed = _pointer(store, root)
        if pointed is None or pointed["version"] != version.name:
            there = pointed["version"] if pointed else "nothing"
            return [f"{POINTER} names {there} where {version.name} is current"]
        return _differences(store, f"{root}/{VERSIONS}/{version.name}", version)


@contextmanager
def _one_sentence(place: Place) -> Iterator[None]:
    """What any client raises, without secrets, as this destination's failure."""
    try:
        yield
    except DestinationFailed:
        raise
    except ImportError:
        raise DestinationFailed(
            f"{place.shown()}: the client for it is not installed; for s3:// install "
            "'lyttepost[s3]'"
        ) from None
    except Exception as error:  # noqa: BLE001 - every store has errors of its own
        raise DestinationFailed(
            f"{place.shown()}: {place.redacted(error)}; the former version stands"
        ) from None


def _store(place: Place) -> tuple[Any, str]:
    import fsspec

    # A listing that was kept would show versions of another publisher too late.
    store, root = fsspec.core.url_to_fs(place.address, use_listings_cache=False)
    return store, root.rstrip("/")


def _pointer(store: Any, root: str) -> dict[str, Any] | None:
    file = f"{root}/{POINTER}"
    if not store.exists(file):
        return None
    return dict(json.loads(store.cat_file(file)))


def _copy(store: Any, root: str, version: Version, *, afresh: bool) -> None:
    """Every file of the version, the manifest last: without it a folder is none."""
    folder = f"{root}/{VERSIONS}/{version.name}"
    is_there = store.exists(f"{folder}/{MANIFEST}")
    if is_there and not afresh and not _differences(store, folder, version):
        return
    for name in [*_files(version), MANIFEST]:
        target = f"{folder}/{name}"
        store.makedirs(target.rpartition("/")[0], exist_ok=True)
        store.put_file(str(version.folder / name), target)
    if afresh:
        wanted = {f"{folder}/{name}" for name in [*_files(version), MANIFEST]}
        for name in set(store.find(folder)) - wanted:
            store.rm_file(name)
    wrong = _differences(store, folder, version)
    if wrong:
        raise DestinationFailed(f"{wrong[0]} after it was copied; not pointed at")


def _files(version: Version) -> list[str]:
    return sorted(
        str(f.relative_to(version.folder))
        for f in version.folder.rglob("*")
        if f.is_file() and f.name != MANIFEST
    )


def _differences(store: Any, folder: str, version: Version) -> list[str]:
    there = {
        name.removeprefix(f"{folder}/"): said["size"]
        for name, said in store.find(folder, detail=True).items()
    }
    out = []
    for name in [*_files(version), MANIFEST]:
        size = (version.folder / name).stat().st_size
        if there.get(name) != size:
            found = f"has {there[name]} bytes" if name in there else "is missing"
            out.append(f"{version.name}/{name} {found} where there should be {size}")
    return out


def _point(store: Any, root: str, version: Version) -> None:
    said = {
        "version": version.name,
        "path": f"{VERSIONS}/{version.name}",
        "as_of": version.manifest["as_of"],
        "content_digest": version.digest,
    }
    body = json.dumps(said, indent=2, sort_keys=True).encode()
    if "file" in _protocols(store):
        # One rename; an object store replaces an object in one step by itself.
        fresh = f"{root}/.{POINTER}-next"
        store.pipe_file(fresh, body)
        store.mv(fresh, f"{root}/{POINTER}")
    else:
        store.pipe_file(f"{root}/{POINTER}", body)


def _protocols(store: Any) -> tuple[str, ...]:
    return (store.protocol,) if isinstance(store.protocol, str) else store.protocol


def _forget(store: Any, root: str, current: str, keep: Keep) -> list[str]:
    """Delete old versions, the manifest of each first: half of one is none."""
    published: dict[str, datetime] = {}
    folder = f"{root}/{VERSIONS}"
    for entry in store.ls(folder, detail=False):
        name = entry.rstrip("/").rpartition("/")[2]
        manifest = f"{folder}/{name}/{MANIFEST}"
        if store.exists(manifest):
            published[name] = _utc(store.modified(manifest))
        elif name != current:
            # Left by a publish or a deletion that was stopped.
            store.rm(f"{folder}/{name}", recursive=True)
    gone = to_forget(published, current, keep, datetime.now(UTC))
    for name in gone:
        store.rm_file(f"{folder}/{name}/{MANIFEST}")
        store.rm(f"{folder}/{name}", recursive=True)
    return gone


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
