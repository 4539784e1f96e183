"""Commands that are measured as processes of their own: seconds and memory.

Starting one and knowing what it took belongs here; what it is asked to do does not.
"""

import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_SHOWN = 3_000


class ChildFailed(RuntimeError):
    """A measured command failed; the message ends with its last words."""


@dataclass(frozen=True)
class Ended:
    """What a command took, those it started and waited for included.

    ``peak_mb`` is the resident memory of the largest of these processes.
    """

    clock: float
    processor: float
    peak_mb: float
    stdout: str


def run(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    accepts: Sequence[int] = (0,),
) -> Ended:
    """Run a command to its end and tell what it took.

    Raises:
        ChildFailed: it ended with another exit code than those accepted.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        child = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=errors,
            env=None if env is None else dict(env),
            cwd=cwd,
        )
        # Of this child alone, which RUSAGE_CHILDREN would not tell: memory is the
        # highest of all that ever ended.
        _, status, used = os.wait4(child.pid, 0)
        clock = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        said, complaint = _text(out), _text(errors)
    if child.returncode not in accepts:
        words = (complaint or said)[-_SHOWN:]
        name = " ".join(str(part) for part in command[:4])
        raise ChildFailed(f"{name} ended with {child.returncode}:\n{words}")
    return Ended(clock, used.ru_utime + used.ru_stime, _mb(used), said)


def _text(file: "tempfile._TemporaryFileWrapper[bytes]") -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def _mb(used: resource.struct_rusage) -> float:
    return used.ru_maxrss / 1024


def peak_mb() -> float:
    """The highest resident memory of this process so far, in megabytes."""
    return _mb(resource.getrusage(resource.RUSAGE_SELF))
