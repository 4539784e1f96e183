"""A home folder in one file, and back: `lyttepost backup` and `lyttepost restore`.

Everything but what a run writes anew for itself; every file with its digest, so that a
damaged backup is refused before anything takes the place of a home folder. The key of
the suppression list is in it: keep a backup as you keep the folder.
"""

import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO

from orchestration.home_version import VERSION, version_of

_CONTENTS = "backup.json"
# dbt's artefacts name paths of this machine; locks are of processes.
_LEFT_OUT = ("dbt", ".lock")
_CHUNK = 1 << 20


class BackupRefused(ValueError):
    """A backup that cannot be made or brought back; says why."""


def backup(home: Path, file: Path, moment: datetime) -> int:
    """Write a home folder into one file. The caller holds the folder's lock.

    Args:
        home: the home folder.
        file: a new file; nothing is overwritten.
        moment: when, in UTC.

    Returns:
        How many files are in it.

    Raises:
        BackupRefused: there is no home folder, or the file is there already or would
            lie inside of it.
    """
    if not (home / "landing").exists():
        raise BackupRefused(f"{home}: nothing has been observed here")
    if file.exists():
        raise BackupRefused(f"{file} is there already; name another file")
    if home.resolve() in file.resolve().parents:
        raise BackupRefused(f"{file} lies inside of {home}; name a file elsewhere")
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    digests: dict[str, str] = {}
    # As closed to others as the key that is in it.
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with (
        os.fdopen(handle, "wb") as out,
        tarfile.open(fileobj=out, mode="w:gz", compresslevel=1) as tar,
    ):
        for path in _files(home):
            name = str(path.relative_to(home))
            if not path.is_symlink():
                with path.open("rb") as content:
                    digests[name] = _digest(content)
            tar.add(path, name, recursive=False)
        said = {
            "version": version_of(home),
            "made_at": moment.isoformat(),
            "sha256": digests,
        }
        text = json.dumps(said).encode()
        told = tarfile.TarInfo(_CONTENTS)
        told.size = len(text)
        tar.addfile(told, io.BytesIO(text))
    with temporary.open("rb+") as written:
        os.fsync(written.fileno())
    temporary.replace(file)
    return len(digests)


def made_at_of(file: Path) -> datetime:
    """When a backup was made.

    Raises:
        BackupRefused: it is no whole backup.
    """
    try:
        with tarfile.open(file, "r:gz") as tar:
            told = tar.extractfile(_CONTENTS)
            if told is None:
                raise KeyError(_CONTENTS)
            return datetime.fromisoformat(json.load(told)["made_at"])
    except (tarfile.TarError, OSError, EOFError, KeyError, ValueError) as error:
        raise BackupRefused(f"{file}: is no whole backup ({error})") from error


def restore(file: Path, home: Path) -> int:
    """Bring a backup back as a home folder, which must not be there yet.

    Returns:
        How many files were brought back, each with its digest.

    Raises:
        BackupRefused: the folder is there, the file is no whole backup, or it is of a
            newer version.
    """
    if home.exists() and any(home.iterdir()):
        raise BackupRefused(f"{home} is not empty; name another --home")
    fresh = home.with_name(f".{home.name}.restoring")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        with tarfile.open(file, "r:gz") as tar:
            tar.extractall(fresh, filter="data")
    except (tarfile.TarError, OSError, EOFError) as error:
        shutil.rmtree(fresh, ignore_errors=True)
        raise BackupRefused(f"{file}: is no whole backup ({error})") from error
    try:
        n_files = _checked(file, fresh)
    except BackupRefused:
        shutil.rmtree(fresh)
        raise
    if home.exists():
        home.rmdir()
    fresh.rename(home)
    return n_files


def _checked(file: Path, fresh: Path) -> int:
    contents = fresh / _CONTENTS
    if not contents.exists():
        raise BackupRefused(f"{file}: is no whole backup (it has no {_CONTENTS})")
    said = json.loads(contents.read_text("utf-8"))
    if said["version"] > VERSION:
        raise BackupRefused(
            f"{file} was made by a newer Lyttepost (layout {said['version']}, this one "
            f"knows {VERSION}); install that version"
        )
    for name, digest in said["sha256"].items():
        path = fresh / name
        if not path.exists():
            raise BackupRefused(f"{file}: {name} is missing from it")
        with path.open("rb") as content:
            if _digest(content) != digest:
                raise BackupRefused(f"{file}: {name} is damaged")
    contents.unlink()
    return len(said["sha256"])


def _files(home: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(home):
        if Path(folder) == home:
            folders[:] = [f for f in folders if f not in _LEFT_OUT]
        links = [f for f in folders if (Path(folder) / f).is_symlink()]
        for name in sorted((*names, *links)):
            if name not in _LEFT_OUT and not name.endswith(".tmp"):
                yield Path(folder) / name


def _digest(content: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while part := content.read(_CHUNK):
        digest.update(part)
    return digest.hexdigest()
