"""Where the tools are that we are compared with, and talking to their interpreters.

They are no dependencies of the project: `make bench` puts them into environments of
their own (`.venv-bench`, `.venv-bench-watch`), and what is missing is said to be so.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from orchestration.settings import child_environment

ROOT = Path(__file__).parents[1]
ENVIRONMENTS = (ROOT / ".venv-bench", ROOT / ".venv-bench-watch")
HOW = "`make bench` installs it into an environment of its own"


def interpreter_with(module: str) -> Path | None:
    """A Python that can import a module: of our comparison environments or our own."""
    pythons = [folder / "bin" / "python" for folder in ENVIRONMENTS]
    for python in [*pythons, Path(sys.executable)]:
        if python.exists() and _has(python, module):
            return python
    return None


def _has(python: Path, module: str) -> bool:
    code = "import sys, importlib.util as u; sys.exit(not u.find_spec(sys.argv[1]))"
    # -I: nothing of ours must be found in its place.
    return (
        subprocess.run(
            [python, "-I", "-c", code, module], capture_output=True, check=False
        ).returncode
        == 0
    )


class Asked:
    """A process that answers each line of JSON with one of its own."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def __call__(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Ask, and wait for the answer.

        Raises:
            RuntimeError: it ended without one.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the tool we are compared with ended without an answer")
        told: dict[str, Any] = json.loads(line)
        return told


@contextmanager
def asking(python: Path, program: str) -> Iterator[Asked]:
    """Start a program of another environment that answers questions."""
    process = subprocess.Popen(
        [str(python), "-I", "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=child_environment(),
    )
    try:
        yield Asked(process)
    finally:
        process.kill()
        process.wait()
