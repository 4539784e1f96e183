"""Superset's own folder in a home, and its process: made, migrated, started, stopped.

`<home>/superset/` holds its metadata, its configuration, its secret key and the
password of its one user, all readable by their owner alone. Superset itself comes from
another environment; only its commands are run.
"""

import json
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

USER = "lyttepost"
_KEY, _PASSWORD, _CONFIG = "secret_key", "admin_password", "superset_config.py"
_READY_WITHIN = 180  # seconds; starting takes about 15 on two idle cores
_STOPPED_WITHIN = 20

_CONFIGURATION = '''\
"""Written by `make bi` at each start; do not edit."""

from pathlib import Path

from sqlalchemy.pool import NullPool
from superset.config import TALISMAN_CONFIG as GIVEN

SECRET_KEY = Path({key!r}).read_text(encoding="utf-8").strip()
SQLALCHEMY_DATABASE_URI = {metadata!r}
SQLALCHEMY_ENGINE_OPTIONS = {{"poolclass": NullPool}}
# Loopback, one user. Its pages may ask nobody but us: not the counting pixel, no maps.
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {{
    **GIVEN,
    "content_security_policy": {{
        **GIVEN["content_security_policy"],
        "img-src": ["'self'", "blob:", "data:"],
        "connect-src": ["'self'"],
    }},
}}
WTF_CSRF_ENABLED = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CACHE_CONFIG = {{"CACHE_TYPE": "NullCache"}}
DATA_CACHE_CONFIG = {{"CACHE_TYPE": "NullCache"}}
RATELIMIT_STORAGE_URI = "memory://"
ROW_LIMIT = 10000
HTML_SANITIZATION = True
# `<del>` and `<ins>` mark changed words; everything else of a quote is escaped.
HTML_SANITIZATION_SCHEMA_EXTENSIONS = {{"tagNames": ["ins", "del"]}}
FEATURE_FLAGS = {{"ALERT_REPORTS": False, "EMBEDDED_SUPERSET": False}}
APP_NAME = "Lyttepost"


def DB_CONNECTION_MUTATOR(uri, params, username, security_manager, source):
    """Open the version that `current` points at now, by its own name.

    DuckDB gives one process the file it has open already; by its own name a new version
    is another file, and is seen while queries on the former one are still running.
    """
    if uri.get_backend_name() == "duckdb":
        uri = uri.set(database=str(Path(uri.database).resolve(strict=True)))
        params["poolclass"] = NullPool
    return uri, params
'''


class SupersetFailed(RuntimeError):
    """Superset could not be set up, started or asked; says where to look."""


@dataclass(frozen=True)
class Place:
    """Where Superset's files are in a home."""

    folder: Path

    @property
    def log(self) -> Path:
        """Everything Superset's commands print."""
        return self.folder / "superset.log"

    @property
    def password(self) -> str:
        """The password of the one user."""
        return (self.folder / _PASSWORD).read_text(encoding="utf-8").strip()


def prepare(home: Path) -> Place:
    """Make Superset's folder, secrets and configuration; what is there stays."""
    folder = (home / "superset").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    for name, length in ((_KEY, 48), (_PASSWORD, 18)):
        if not (folder / name).exists():
            _write_private(folder / name, secrets.token_urlsafe(length) + "\n")
    said = _CONFIGURATION.format(
        key=str(folder / _KEY), metadata=f"sqlite:///{folder / 'metadata.db'}"
    )
    _write_private(folder / _CONFIG, said)
    return Place(folder)


def set_up(place: Place, bin_folder: Path) -> None:
    """Migrate the metadata and make the user; quick when both are done already.

    Raises:
        SupersetFailed: a command of Superset failed.
    """
    done = place.folder / "set_up.json"
    version = _version(bin_folder)
    if done.exists() and json.loads(done.read_text())["superset"] == version:
        return
    _run(place, bin_folder, ["db", "upgrade"])
    _run(
        place,
        bin_folder,
        [
            "fab", "create-admin", "--username", USER, "--firstname", "Lyttepost",
            "--lastname", "Lyttepost", "--email", f"{USER}@localhost",
            "--password", place.password,
        ],
    )  # fmt: skip
    _run(place, bin_folder, ["init"])
    done.write_text(json.dumps({"superset": version}) + "\n", encoding="utf-8")


@contextmanager
def running(place: Place, bin_folder: Path, port: int) -> Iterator[str]:
    """Superset on loopback while the block runs; its address is given.

    Raises:
        SupersetFailed: the port is taken, or it did not answer in time.
    """
    address = f"http://127.0.0.1:{port}"
    if _answers(address):
        raise SupersetFailed(
            f"Something answers at {address} already; stop it or give another --port."
        )
    command = [
        str(bin_folder / "gunicorn"), "--bind", f"127.0.0.1:{port}", "--workers", "1",
        "--worker-class", "gthread", "--threads", "8", "--timeout", "120",
        "superset.app:create_app()",
    ]  # fmt: skip
    with place.log.open("ab") as log:
        process = subprocess.Popen(
            command,
            env=_environment(place, bin_folder),
            cwd=place.folder,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            _wait(address, process, place)
            yield address
        finally:
            _stop(process)


def _wait(address: str, process: subprocess.Popen[bytes], place: Place) -> None:
    until = time.monotonic() + _READY_WITHIN
    while time.monotonic() < until:
        if process.poll() is not None:
            raise SupersetFailed(
                f"Superset ended with code {process.returncode}; see {place.log}"
            )
        if _answers(address):
            return
        time.sleep(0.5)
    raise SupersetFailed(
        f"Superset did not answer at {address} in {_READY_WITHIN} s; see {place.log}"
    )


def _answers(address: str) -> bool:
    try:
        return requests.get(f"{address}/health", timeout=5).ok
    except requests.RequestException:
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the server and its workers, which are a session of their own."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(_STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _run(place: Place, bin_folder: Path, arguments: Sequence[str]) -> None:
    with place.log.open("ab") as log:
        done = subprocess.run(
            [str(bin_folder / "superset"), *arguments],
            env=_environment(place, bin_folder),
            cwd=place.folder,
            stdout=log,
            stderr=log,
            check=False,
        )
    if done.returncode:
        raise SupersetFailed(
            f"superset {' '.join(arguments[:2])} ended with code {done.returncode}; "
            f"see {place.log}"
        )


def _environment(place: Place, bin_folder: Path) -> Mapping[str, str]:
    """All that Superset is told; nothing of ours leaks into it."""
    return {
        "SUPERSET_CONFIG_PATH": str(place.folder / _CONFIG),
        "SUPERSET_HOME": str(place.folder),
        "FLASK_APP": "superset",
        "HOME": str(place.folder),
        "PATH": f"{bin_folder}:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
    }


def _version(bin_folder: Path) -> str:
    missing = f"There is no Superset in {bin_folder}; `make bi` installs it."
    if not (bin_folder / "python").exists():
        raise SupersetFailed(missing)
    found = subprocess.run(
        [
            str(bin_folder / "python"),
            "-c",
            "from importlib.metadata import version; print(version('apache-superset'))",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode:
        raise SupersetFailed(missing)
    return found.stdout.strip()


def _write_private(file: Path, text: str) -> None:
    """Written under another name with mode 600 from the first byte, then renamed."""
    fresh = file.with_name(f".{file.name}.next")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    fresh.replace(file)
