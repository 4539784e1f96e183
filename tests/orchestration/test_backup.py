"""A home folder comes back whole on another path, or not at all; made up."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from orchestration import home_version
from orchestration.backup import BackupRefused, backup, restore
from orchestration.defs.runs import alone_in
from orchestration.doctor import examine

NOW = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    for name, content in {
        "landing/company_pages/day=2026-03-02/visits.parquet": b"rows",
        "published/2026-03-02-00/signals.parquet": b"tables" * 10_000,
        "suppression/key": b"00" * 32,
        "dbt/manifest.json": b"{}",
    }.items():
        file = home / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    (home / "suppression" / "key").chmod(0o600)
    (home / "published" / "current").symlink_to("2026-03-02-00")
    home_version.claim(home)
    return home


def contents(home: Path) -> dict[str, bytes]:
    return {
        str(f.relative_to(home)): f.read_bytes()
        for f in home.rglob("*")
        if f.is_file() and f.relative_to(home).parts[0] not in ("dbt", ".lock")
    }


def test_a_restore_on_another_path_gives_the_same_files(home: Path, tmp_path: Path):
    file, other = tmp_path / "kept" / "home.tar.gz", tmp_path / "elsewhere" / "data"
    other.parent.mkdir()
    with alone_in(home):
        n_files = backup(home, file, NOW)
    assert file.stat().st_mode & 0o077 == 0
    assert restore(file, other) == n_files
    assert contents(other) == contents(home)
    assert (other / "published" / "current").resolve() == (
        other / "published" / "2026-03-02-00"
    )
    assert (other / "suppression" / "key").stat().st_mode & 0o777 == 0o600
    assert not (other / "dbt").exists()


def test_a_damaged_or_unwelcome_backup_leaves_nothing_behind(home, tmp_path):
    file = tmp_path / "home.tar.gz"
    backup(home, file, NOW)
    with pytest.raises(BackupRefused, match="is there already"):
        backup(home, file, NOW)
    with pytest.raises(BackupRefused, match="inside of"):
        backup(home, home / "b.tar.gz", NOW)
    with pytest.raises(BackupRefused, match="not empty"):
        restore(file, home)
    whole = file.read_bytes()
    before = sorted(tmp_path.iterdir())
    for damaged in (
        whole[: len(whole) // 2],
        b"nothing",
        whole[:90] + b"x" + whole[91:],
    ):
        file.write_bytes(damaged)
        with pytest.raises(BackupRefused, match=r"home\.tar\.gz"):
            restore(file, tmp_path / "new")
        assert sorted(tmp_path.iterdir()) == before


def test_a_folder_newer_than_the_code_is_refused(home: Path):
    (home / home_version.FILE).write_text(json.dumps({"version": 99}))
    with (
        pytest.raises(home_version.HomeRefused, match="newer Lyttepost"),
        alone_in(home),
    ):
        pass
    with pytest.raises(home_version.HomeRefused, match="newer Lyttepost"):
        home_version.migrate(home)
    (home / home_version.FILE).write_text("{}")
    with pytest.raises(home_version.HomeRefused, match="backup"):
        home_version.version_of(home)


def test_a_folder_of_this_version_needs_no_migration(home: Path):
    assert home_version.migrate(home) == []
    assert home_version.version_of(home) == home_version.VERSION


def test_the_doctor_says_who_may_read_the_key(home: Path):
    (home / "suppression" / "key").chmod(0o644)
    (finding,) = [f for f in examine(home) if f.subject == "suppression"]
    assert finding.is_fault
    assert "chmod 600" in finding.sentence


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_the_doctor_says_when_it_may_not_write(home: Path):
    home.chmod(0o500)
    try:
        (finding,) = [f for f in examine(home) if f.subject == "permissions"]
    finally:
        home.chmod(0o700)
    assert "chown" in finding.sentence
