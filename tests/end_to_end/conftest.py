"""One small market, observed once over HTTP, shared by the end-to-end tests.

Two files of tests need its homes, and each file is one process: whoever comes first
makes a home, the other waits for it.
"""

import fcntl
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from orchestration.settings import child_environment

WEEKS, COMPANIES = 14, 10
# Made up; no home folder may hold it, whatever ran there.
SECRET = "planted-secret-7f3a9c"
SECRETS = {
    "LYTTEPOST_DOFFIN_KEY": SECRET,
    "LYTTEPOST_COMPANIES_HOUSE_KEY": SECRET,
    "LYTTEPOST_ALERT_WEBHOOK": f"http://127.0.0.1:9/{SECRET}",
    "LYTTEPOST_SMTP": f"smtp://me:{SECRET}@127.0.0.1:9",
    # Nothing asks these in a replay; nothing may write an environment down either.
    **{
        f"LYTTEPOST_{name}": SECRET
        for name in (
            *("HUBSPOT_TOKEN", "PIPEDRIVE_TOKEN", "SALESFORCE_TOKEN", "DYNAMICS_TOKEN"),
            *("SUPEROFFICE_TOKEN", "TRYTON_KEY", "WEBHOOK_SECRET"),
        )
    },
    "AWS_SECRET_ACCESS_KEY": SECRET,
    "PGPASSWORD": SECRET,
}


def lyttepost(*arguments, check=True, timeout=900):
    """Run the command line as a user would."""
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", *map(str, arguments)],
        env=child_environment() | SECRETS,
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    if check and done.returncode != 0:
        raise AssertionError(f"{arguments}: {done.stdout}\n{done.stderr}")
    return done


def demo_arguments(home, weeks=WEEKS):
    """The demo of these tests."""
    size = ("--weeks", weeks, "--companies", COMPANIES)
    return ("demo", "--home", home, *size, "--every-source")


def published(home: Path) -> dict[str, pl.DataFrame]:
    """The published tables of a home folder, by name."""
    files = sorted((home / "published" / "current").glob("*.parquet"))
    assert files, f"{home}: nothing is published"
    return {f.stem: pl.read_parquet(f) for f in files}


# What of the days of sources is another each time they are run.
MEASURED = ("requests", "archive_bytes", "crawl_seconds", "parse_seconds")


def assert_same_bytes(home: Path, other: Path) -> None:
    """Every published Parquet file of two homes is the same, byte for byte.

    Of the days of sources all but what was measured while they were run.
    Of the history of scores all but when each was written down: a home that is built
    anew from another's landing has written nothing down.
    """
    names = {f.name for f in (home / "published" / "current").glob("*.parquet")}
    assert names == {
        f.name for f in (other / "published" / "current").glob("*.parquet")
    }
    for name in sorted(names):
        files = [h / "published" / "current" / name for h in (home, other)]
        if name == "account_score_history.parquet":
            was, anew = (
                pl.read_parquet(file).drop("is_written_down", "written_at")
                for file in files
            )
            assert was.equals(anew), f"{name} differs"
            continue
        if name == "source_runs.parquet":
            was, anew = (pl.read_parquet(file).drop(MEASURED) for file in files)
            assert was.equals(anew), f"{name} differs"
            continue
        one, two = (file.read_bytes() for file in files)
        assert one == two, f"{name} differs between {home.name} and {other.name}"


def _killed(arguments, chance: random.Random) -> None:
    """Start a run and kill it, with all that it started, somewhere on its way."""
    child = subprocess.Popen(
        [sys.executable, "-m", "orchestration.cli", *map(str, arguments)],
        env=child_environment() | SECRETS,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    time.sleep(chance.uniform(9, 30))
    # The whole group: the crawl and the market die with the run.
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _made_once(
    tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], str]
) -> tuple[Path, str]:
    """A home folder of all processes of this run of the tests, and what making it said.

    Raises:
        AssertionError: when making it failed, here or in the process that tried.
    """
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    folder = root / name
    folder.mkdir(exist_ok=True)
    home, said = folder / "home", folder / "said.txt"
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not said.exists():
            assert not home.exists(), f"{home} could not be made in another process"
            said.write_text(make(home), "utf-8")
    return home, said.read_text("utf-8")


@pytest.fixture(scope="session")
def observed(tmp_path_factory):
    """A home folder after the demo of a small market, killed twice on the way.

    Every test that reads it sees what a run leaves that was started again. Beside it
    what the last run printed.
    """

    def make(home: Path) -> str:
        chance = random.Random(20250106)
        for _ in range(2):
            _killed(demo_arguments(home), chance)
        return lyttepost(*demo_arguments(home)).stdout

    return _made_once(tmp_path_factory, "observed", make)


@pytest.fixture(scope="session")
def observed_longer(tmp_path_factory):
    """A home folder after two weeks more of the same market, never killed."""

    def make(home: Path) -> str:
        return lyttepost(*demo_arguments(home, WEEKS + 2)).stdout

    return _made_once(tmp_path_factory, "longer", make)[0]


@pytest.fixture
def landed_copy(observed_longer, tmp_path):
    """A home folder with nothing but what the longer run had landed after WEEKS."""
    landing = tmp_path / "copy" / "landing"
    shutil.copytree(
        observed_longer / "landing",
        landing,
        ignore=shutil.ignore_patterns("latest.parquet"),
    )
    days = sorted(folder.name for folder in landing.glob("company_pages/day=*"))
    assert len(days) == WEEKS + 2, days
    for day in days[WEEKS:]:
        for folder in landing.glob(f"*/{day}"):
            shutil.rmtree(folder)
    return tmp_path / "copy"
