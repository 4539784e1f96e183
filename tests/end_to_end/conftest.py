"""One small market, observed once over HTTP, shared by the end-to-end tests."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from orchestration.settings import child_environment

WEEKS, COMPANIES = 14, 10


def lyttepost(*arguments, check=True, timeout=900):
    """Run the command line as a user would."""
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", *map(str, arguments)],
        env=child_environment(),
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


def assert_same_bytes(home: Path, other: Path) -> None:
    """Every published Parquet file of two homes is the same, byte for byte."""
    names = {f.name for f in (home / "published" / "current").glob("*.parquet")}
    assert names == {
        f.name for f in (other / "published" / "current").glob("*.parquet")
    }
    for name in sorted(names):
        one = (home / "published" / "current" / name).read_bytes()
        two = (other / "published" / "current" / name).read_bytes()
        assert one == two, f"{name} differs between {home.name} and {other.name}"


def _killed(arguments, chance: random.Random) -> None:
    """Start a run and kill it, with all that it started, somewhere on its way."""
    child = subprocess.Popen(
        [sys.executable, "-m", "orchestration.cli", *map(str, arguments)],
        env=child_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    time.sleep(chance.uniform(9, 30))
    # The whole group: the crawl and the market die with the run.
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()


@pytest.fixture(scope="session")
def observed(tmp_path_factory):
    """A home folder after the demo of a small market, killed three times on the way.

    Every test that reads it sees what a run leaves that was started again.
    """
    home = tmp_path_factory.mktemp("observed") / "home"
    chance = random.Random(20250106)
    for _ in range(3):
        _killed(demo_arguments(home), chance)
    done = lyttepost(*demo_arguments(home))
    return home, done


@pytest.fixture(scope="session")
def observed_longer(tmp_path_factory):
    """A home folder after two weeks more of the same market, never killed."""
    home = tmp_path_factory.mktemp("longer") / "home"
    lyttepost(*demo_arguments(home, WEEKS + 2))
    return home


@pytest.fixture
def landed_copy(observed, observed_longer, tmp_path):
    """A home folder with nothing but what the longer run had landed after WEEKS."""
    landing = tmp_path / "copy" / "landing"
    shutil.copytree(
        observed_longer / "landing",
        landing,
        ignore=shutil.ignore_patterns("latest.parquet"),
    )
    seen = {folder.name for folder in (observed[0] / "landing").glob("*/day=*")}
    later = {folder.name for folder in landing.glob("*/day=*")} - seen
    assert len(later) == 2, later
    for day in later:
        for folder in landing.glob(f"*/{day}"):
            shutil.rmtree(folder)
    return tmp_path / "copy"
