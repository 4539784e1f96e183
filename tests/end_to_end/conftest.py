"""One small market, observed once over HTTP, shared by the end-to-end tests."""

import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from orchestration.settings import child_environment

WEEKS, COMPANIES = 14, 10


def lyttepost(*arguments, check=True, timeout=300):
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


@pytest.fixture(scope="session")
def observed(tmp_path_factory):
    """A home folder after the demo of a small market."""
    home = tmp_path_factory.mktemp("observed") / "home"
    done = lyttepost(*demo_arguments(home))
    return home, done


@pytest.fixture
def landed_copy(observed, tmp_path):
    """A home folder with nothing but a copy of what was landed."""
    home, _ = observed
    copy = tmp_path / "copy"
    shutil.copytree(home / "landing", copy / "landing")
    return copy
