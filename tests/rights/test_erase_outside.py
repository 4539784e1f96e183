"""Whoever was erased leaves backups and destinations too, or it is said which not."""

import shutil
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from orchestration.backup import backup, restore
from orchestration.doctor import examine
from orchestration.rights import erase, outside
from tests.rights import made_up_home
from tests.rights.byte_search import found
from tests.rights.made_up_home import PERSON, WORDS

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose pages name nobody, so that nothing must be read again."""
    home = tmp_path_factory.mktemp("made")
    made_up_home.prepare_home(home)
    page = made_up_home.page("/kontakt", b"<p>Sentralbord</p>" * 20, "contact")
    made_up_home.land(home, made_up_home.DAYS[0], page)
    made_up_home.beside(home)
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "home", symlinks=True))


def kept(home: Path, file: Path) -> Path:
    """A backup of the home, written down as the command does."""
    backup(home, file, NOW)
    outside.note_backup(home, file, NOW)
    return file


def test_a_backup_is_written_anew_without_the_person(
    home: Path, tmp_path: Path
) -> None:
    file = kept(home, tmp_path / "kept" / "home.tar.gz")
    erase.erase(home, PERSON, NOW)
    assert [p.where for p in outside.pending(home)] == [str(file)]
    assert outside.reach_backups(home, lambda line: None) == []
    assert outside.pending(home) == []
    back = tmp_path / "back"
    restore(file, back)
    assert found(back, *WORDS, "1971-02-03") == []
    # It is a home folder like any other: who was erased is kept out, and it is signed.
    assert [f for f in examine(back, verify=True) if f.subject == "erasures"]
    assert not [f.sentence for f in examine(back, verify=True) if f.is_fault]
    assert list(file.parent.iterdir()) == [file]
    assert file.stat().st_mode & 0o077 == 0


def test_a_backup_elsewhere_is_named_until_it_is_reached_or_taken_off(
    home: Path, tmp_path: Path
) -> None:
    file = kept(home, tmp_path / "home.tar.gz")
    away = file.rename(tmp_path / "away.tar.gz")
    erase.erase(home, PERSON, NOW)
    (left,) = outside.reach_backups(home, lambda line: None)
    assert "not there" in left.why_not
    (fault,) = [f for f in examine(home) if f.is_fault and f.subject == "erasures"]
    assert "did not reach the backup" in fault.sentence
    assert str(file) in fault.sentence
    away.rename(file)
    assert outside.reach_backups(home, lambda line: None) == []
    assert not [f for f in examine(home) if f.is_fault and f.subject == "erasures"]
    erase.erase(home, "Jonas Eikeland", NOW)
    assert outside.forget_backup(home, file)
    assert outside.pending(home) == []


def test_a_damaged_backup_stays_as_it_is_and_is_named(
    home: Path, tmp_path: Path
) -> None:
    file = kept(home, tmp_path / "home.tar.gz")
    torn = file.read_bytes()[:-2000]
    file.write_bytes(torn)
    erase.erase(home, PERSON, NOW)
    (left,) = outside.reach_backups(home, lambda line: None)
    assert "no whole backup" in left.why_not
    assert file.read_bytes() == torn
    assert not list(tmp_path.glob(".*"))


def test_a_backup_made_after_an_erasure_is_reached_by_the_next_one_only(
    home: Path, tmp_path: Path
) -> None:
    erase.erase(home, PERSON, NOW)
    file = kept(home, tmp_path / "home.tar.gz")
    assert outside.pending(home) == []
    erase.erase(home, "Jonas Eikeland", NOW)
    assert outside.reach_backups(home, lambda line: None) == []
    restore(file, tmp_path / "back")
    assert found(tmp_path / "back", *WORDS, "Eikeland") == []


def test_what_an_erasure_finds_later_must_be_reached_again(
    home: Path, tmp_path: Path
) -> None:
    file = kept(home, tmp_path / "home.tar.gz")
    erase.erase(home, PERSON, NOW)
    outside.reach_backups(home, lambda line: None)
    outside.must_reach_again(home, 1)
    assert [p.where for p in outside.pending(home)] == [str(file)]


def test_destinations_that_were_published_to_before_are_waited_for(home: Path) -> None:
    assert not outside.is_pending(home, "postgres")
    outside.note_published(home, "postgres", "postgresql://db/x", NOW, is_clean=False)
    erase.erase(home, PERSON, NOW)
    assert outside.is_pending(home, "postgres")
    assert outside.is_pending(home, "object_store"), "it may have been before the list"
    outside.note_refused(home, "postgres", "it does not answer")
    (place,) = outside.pending(home)
    assert "it does not answer" in place.sentence(1)
    outside.note_published(home, "postgres", "postgresql://db/x", NOW, is_clean=False)
    assert "still in use" in outside.pending(home)[0].sentence(1)
    outside.note_published(home, "postgres", "postgresql://db/x", NOW, is_clean=True)
    assert outside.pending(home) == []
    assert not outside.is_pending(home, "postgres")


def test_the_search_sees_into_a_backup(home: Path, tmp_path: Path) -> None:
    file = kept(home, tmp_path / "kept" / "home.tar.gz")
    assert found(file.parent, PERSON)
    with tarfile.open(file) as tar:
        assert any("warc" in name for name in tar.getnames())
