"""How a crawl is started: a fork with an environment, a log and an end of its own."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path

import pytest

from orchestration import crawl
from orchestration.settings import child_environment
from scrapers import forked
from tests.scrapers.conftest import write_accounts

DAYS = [date(2025, 3, 3)]
NOWHERE = "http://127.0.0.1:9"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks on Linux only")


def _threads_of_server() -> list[str]:
    """Names of the threads of a process that has the libraries of a crawl."""
    program = (
        "import importlib, json, os, sys\n"
        f"importlib.import_module({forked.LIBRARIES!r})\n"
        "assert 'twisted.internet.reactor' not in sys.modules\n"
        "tasks = os.listdir('/proc/self/task')\n"
        "print(json.dumps(tasks))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=child_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return list(json.loads(done.stdout))


def test_what_is_forked_has_one_thread_and_no_reactor() -> None:
    assert len(_threads_of_server()) == 1


@pytest.mark.parametrize("kind", ["_Forked", "_Started"])
def test_both_ways_of_starting_tell_the_same(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crawl, "_begun", getattr(crawl, kind))
    with pytest.raises(crawl.CrawlFailed, match=r"exit code 2: .*accounts\.parquet"):
        crawl.crawl("company_pages", tmp_path, DAYS, NOWHERE)


@pytest.mark.parametrize("kind", ["_Forked", "_Started"])
def test_a_crawl_has_the_environment_of_now(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not that of when the server was started, which an earlier test did."""
    monkeypatch.setattr(crawl, "_begun", getattr(crawl, kind))
    write_accounts(tmp_path, {"a.example": ("a.example",)})
    monkeypatch.setenv("LYTTEPOST_MAX_BYTES", "many")
    with pytest.raises(crawl.CrawlFailed, match="many"):
        crawl.crawl("company_pages", tmp_path, DAYS, NOWHERE)


def _sleeps(
    arguments: object, environment: object, folder: object, told: object, log: Path
) -> None:
    """Stands in for a crawl: says who it is, and does not end when asked."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    log.write_text(str(os.getpid()))
    time.sleep(60)


def test_what_does_not_end_when_asked_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crawl, "_PATIENCE_SECONDS", 0.5)
    monkeypatch.setattr(forked, "crawl", _sleeps)
    child = crawl._Forked((), tmp_path / "log.txt")
    while not (tmp_path / "log.txt").exists():
        time.sleep(0.01)
    pid = int((tmp_path / "log.txt").read_text())
    crawl._stop(child)
    assert child.exit_code == -signal.SIGKILL
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_crawl_outlives_the_thread_that_started_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forked, "crawl", _sleeps)
    begun: list[crawl._Forked] = []
    starter = threading.Thread(
        target=lambda: begun.append(crawl._Forked((), tmp_path / "log.txt"))
    )
    starter.start()
    starter.join()
    begun[0].wait(0.5)
    assert begun[0].exit_code is None
    begun[0].kill()
    begun[0].wait(None)
    begun[0].lines.close()
