"""A PostgreSQL server of the tests' own: on a socket in a temporary folder, no network.

The server refuses to run as root; there it runs as `nobody`. Without its programs the
tests that need it are skipped, and say so.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from orchestration.publish.destinations.protocol import Version, version_of
from orchestration.publish.published import publish
from tests.publish import publisher
from tests.scoring import made_up

PLACES = [Path("/usr/local/bin"), *sorted(Path("/usr/lib/postgresql").glob("*/bin"))]


@dataclass(frozen=True)
class Server:
    """A cluster in a folder, with the programs that run it."""

    programs: Path
    folder: Path

    @property
    def address(self) -> str:
        return f"postgresql://lyttepost@/postgres?host={self.folder}"

    def program(self, name: str, *arguments: str) -> None:
        prefix = ["runuser", "-u", "nobody", "--"] if os.getuid() == 0 else []
        subprocess.run(
            [*prefix, str(self.programs / name), *arguments],
            check=True,
            capture_output=True,
            cwd=self.folder,
            timeout=60,
        )

    def start(self) -> None:
        settings = f"-c listen_addresses='' -c unix_socket_directories={self.folder}"
        self.program("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", settings, "start")

    def stop(self) -> None:
        self.program("pg_ctl", "-D", "data", "-w", "-m", "immediate", "stop")

    def kill(self) -> None:
        """Kill -9 of the server and of everything it started."""
        pid = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for process in (pid, *map(int, children)):
            os.kill(process, signal.SIGKILL)
        while any(_is_alive(int(process)) for process in (pid, *children)):
            time.sleep(0.01)
        # Where nobody reaps the dead its number is taken, and so are its locks.
        (self.folder / "data" / "postmaster.pid").unlink()
        (self.folder / ".s.PGSQL.5432.lock").unlink()


def _is_alive(process: int) -> bool:
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


@pytest.fixture(scope="session")
def versions(tmp_path_factory) -> list[Version]:
    """Four versions of the made-up tables, published one after the other."""
    home = tmp_path_factory.mktemp("versions")
    tables = made_up.published_tables()
    return [
        version_of(publish(publisher.moved(tables, minutes), home))
        for minutes in range(4)
    ]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """The running server; every test uses a schema of its own."""
    programs = next((p for p in PLACES if (p / "postgres").exists()), None)
    if programs is None:
        pytest.skip("no PostgreSQL server is installed here (apt install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="lyttepost-pg-"))  # a short path: a socket
    try:
        if os.getuid() == 0:
            shutil.chown(folder, "nobody")
        server = Server(programs, folder)
        server.program(
            "initdb",
            "-D",
            "data",
            "-A",
            "trust",
            "-U",
            "lyttepost",
            "--no-sync",
            "-E",
            "UTF8",
            "--locale=C",
        )
        server.start()
        yield server
        server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
