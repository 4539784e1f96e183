"""Start a proxy as a child process, know where it listens, and stop it for certain.

Any command that prints one JSON line with `proxy` when it is ready can be served. What
the child serves does not belong here.
"""

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

# Runs in the child before the command: Linux ends it when its parent is killed in a way
# that leaves no time to stop it. Elsewhere it is left out.
_TIED = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGTERM, 0, 0, 0)
if os.getppid() != int(sys.argv[1]):
    sys.exit(1)
os.execvp(sys.argv[2], sys.argv[2:])
"""
_STDERR_SHOWN = 2000


class ServeFailed(RuntimeError):
    """The child did not come up; the message holds what it wrote on stderr."""


@dataclass(frozen=True)
class ServedWeb:
    """A web that answers now: the proxy's address and all the child said of itself."""

    proxy: str
    info: Mapping[str, Any]


def _complaint(errors: IO[bytes]) -> str:
    errors.seek(0)
    text = errors.read().decode("utf-8", "replace").strip()
    return text[-_STDERR_SHOWN:] if text else "it wrote nothing on stderr"


def _first_line(child: "subprocess.Popen[bytes]", timeout_s: float) -> bytes | None:
    """The first line of the child's stdout; None when time is up."""
    assert child.stdout is not None
    stream = child.stdout.fileno()
    deadline = time.monotonic() + timeout_s
    line = b""
    while b"\n" not in line:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([stream], [], [], left)[0]:
            return None
        chunk = os.read(stream, 65536)
        if not chunk:
            return line
        line += chunk
    return line.partition(b"\n")[0]


def _stop(child: "subprocess.Popen[bytes]") -> None:
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    if child.stdout is not None:
        child.stdout.close()


def _web(line: bytes | None, errors: IO[bytes], name: str, waited: float) -> ServedWeb:
    if line is None:
        raise ServeFailed(
            f"{name} was not ready after {waited:.0f} s: {_complaint(errors)}"
        )
    try:
        info = json.loads(line)
        proxy = info["proxy"]
    except (ValueError, KeyError, TypeError) as error:
        raise ServeFailed(
            f"{name} did not say where it listens: {_complaint(errors)}"
        ) from error
    return ServedWeb(proxy, info)


@contextmanager
def serving(
    command: Sequence[str],
    *,
    timeout_s: float = 60.0,
    env: Mapping[str, str] | None = None,
) -> Iterator[ServedWeb]:
    """Start the command, wait for its JSON line, stop it at exit.

    On Linux the child also ends when the thread that started it does, however that
    comes about; so it is started from a thread that lasts as long as the run.

    Raises:
        ServeFailed: it cannot be started, ends early, or is not ready in time.
    """
    tied = list(command)
    if sys.platform == "linux":
        tied = [sys.executable, "-c", _TIED, str(os.getpid()), *command]
    name = " ".join(command[:4])
    with tempfile.TemporaryFile() as errors:
        try:
            child = subprocess.Popen(
                tied,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=dict(env) if env is not None else None,
            )
        except OSError as error:
            raise ServeFailed(f"{name} could not be started: {error}") from error
        try:
            line = _first_line(child, timeout_s)
            if not line and child.poll() is None and line is not None:
                child.wait(5)
            yield _web(line, errors, name, timeout_s)
        finally:
            _stop(child)
