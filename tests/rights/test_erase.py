"""A person who was erased is in no byte of the home folder, and does not come back."""

import random
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from orchestration.contracts.expectations import validate
from orchestration.contracts.odcs import contract
from orchestration.doctor import examine
from orchestration.rights import archive, erase, erasures
from orchestration.scoring.forecasts import verified
from scrapers import warc
from scrapers.landing import Capture, Landing, read_payload, read_visits
from scrapers.suppression import read_suppressed
from tests.rights import made_up_home
from tests.rights.byte_search import found
from tests.rights.made_up_home import DAYS, PERSON, WORDS

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_up_home.make(tmp_path_factory.mktemp("made"))


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "home", symlinks=True))


def people(home: Path) -> pl.DataFrame:
    return (
        pl.read_parquet(sorted((home / "observed" / "people").rglob("day=*.parquet")))
        .select("url", "payload_digest", "person_key", "name", "title")
        .sort("url", "payload_digest", "person_key")
    )


def state(home: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(home)): file.read_bytes()
        for file in sorted(home.rglob("*"))
        if file.is_file() and not file.is_symlink() and "suppression" not in file.parts
    }


def test_the_person_is_planted_everywhere(home: Path) -> None:
    where = {line.split("/")[0] for line in found(home, *WORDS)}
    assert {"landing", "parsed", "observed", "published", "crm", "dagster"} <= where


def test_no_byte_of_the_home_folder_names_the_person_afterwards(home: Path) -> None:
    n_people = people(home).height
    erased = erase.erase(home, PERSON, NOW)
    assert found(home, *WORDS, "1971-02-03") == []
    assert erased.is_new
    assert erased.n_changed > 15
    # Everybody else is where they were, and the role is still held.
    left = people(home)
    assert left.height == n_people
    assert {"Marte Solheim", "[slettet]"} <= set(left["name"])
    assert set(left.filter(pl.col("name") == "[slettet]")["person_key"]) == {"slettet"}
    (version,) = (home / "published" / "current").resolve().glob("*.duckdb")
    assert version.stat().st_size
    roles = pl.read_parquet(sorted((home / "parsed").rglob("registry_roles.parquet")))
    assert roles["holder_name"].to_list() == ["[slettet]"]


def test_the_log_beside_a_database_is_folded_in(home: Path, tmp_path: Path) -> None:
    """A killed sync leaves its last rows in `state.sqlite-wal`, and `-shm` there."""
    work, folder = tmp_path / "work", home / "crm" / "csv_file"
    work.mkdir()
    folder.mkdir(parents=True, exist_ok=True)
    base = sqlite3.connect(work / "state.sqlite")
    base.execute("pragma journal_mode = wal")
    base.execute("create table sent (value text)")
    base.execute("insert into sent values (?)", (f"Hvem: {PERSON}",))
    base.commit()
    for file in work.iterdir():
        shutil.copy(file, folder / file.name)
    base.close()
    assert len(list(folder.glob("state.sqlite-*"))) == 2
    assert PERSON.encode() in (folder / "state.sqlite-wal").read_bytes()
    erase.erase(home, PERSON, NOW)
    assert found(folder, PERSON) == []
    with closing(sqlite3.connect(folder / "state.sqlite")) as read:
        rows = read.execute("select value from sent").fetchall()
    assert rows == [("Hvem: [slettet]",)]


def test_every_payload_reads_back_with_its_digest(home: Path) -> None:
    erase.erase(home, PERSON, NOW)
    for source in ("company_pages", "brreg_registry"):
        visits = read_visits(home, source)
        for visit in visits.filter(pl.col("payload_digest").is_not_null()).iter_rows(
            named=True
        ):
            assert read_payload(home, source, visit) is not None
    shown = read_visits(home, "company_pages").row(0, named=True)
    assert b"[slettet]" in read_payload(home, "company_pages", shown)


def test_reading_the_archive_anew_gives_what_was_left(home: Path) -> None:
    erase.erase(home, PERSON, NOW)
    left = people(home)
    for folder in ("parsed", "observed"):
        shutil.rmtree(home / folder)
    made_up_home.prepare_home(home)
    made_up_home.parse(home)
    assert people(home).equals(left)


def test_the_next_crawl_does_not_bring_the_person_back(home: Path) -> None:
    erase.erase(home, PERSON, NOW)
    before = people(home)
    digests = set(before["payload_digest"])
    made_up_home.land(
        home,
        DAYS[3],
        made_up_home.page("/ledelsen", made_up_home.leadership()),
        made_up_home.page("/nytt", made_up_home.leadership("KÅRE ØDEGÅRD BRATTVIK")),
    )
    made_up_home.parse(home)
    assert found(home, *WORDS) == []
    after = people(home)
    # The page as it was is the page as it is kept: not read again.
    assert set(
        after.filter(pl.col("url").str.ends_with("/ledelsen"))["payload_digest"]
    ) == set(before.filter(pl.col("url").str.ends_with("/ledelsen"))["payload_digest"])
    new = after.filter(~pl.col("payload_digest").is_in(digests))
    assert new.filter(pl.col("url").str.ends_with("/nytt")).is_empty() or (
        "[slettet]" in set(new["name"])
    )


def test_erasing_again_changes_nothing(home: Path) -> None:
    erase.erase(home, PERSON, NOW)
    before = state(home)
    again = erase.erase(home, PERSON.upper(), NOW.replace(month=5))
    assert not again.is_new
    assert again.n_changed == 0
    assert state(home) == before
    assert len(read_suppressed(home).entries) == 1


def test_two_people_of_one_page_stay_two(home: Path) -> None:
    erase.erase(home, PERSON, NOW)
    erase.erase(home, "Jonas Eikeland", NOW)
    assert found(home, *WORDS, "Eikeland") == []
    assert {"[slettet]", "[slettet] B"} <= set(people(home)["name"])
    assert [t.number for t in erasures.tombstones(home)] == [1, 2]


class Killed(BaseException):
    """Stands in for SIGKILL: nothing may catch it."""


@pytest.mark.parametrize("seed", range(4))
def test_killed_on_the_way_it_ends_as_if_it_had_not_been(
    home: Path, seed: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    whole = Path(shutil.copytree(home, tmp_path / "whole", symlinks=True))
    chance = random.Random(seed)
    real = Path.replace
    left = [chance.randint(1, 60)]

    def replace(self: Path, target: Path) -> Path:
        left[0] -= 1
        if left[0] == 0:
            if chance.random() < 0.5:
                real(self, target)
            raise Killed
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    try:
        erase.erase(home, PERSON, NOW)
    except Killed:
        assert erasures.unfinished(home) == [1] or not read_suppressed(home)
    monkeypatch.undo()
    erase.erase(home, PERSON, NOW)
    erase.erase(whole, PERSON, NOW)
    assert found(home, *WORDS) == []
    # Keys differ, and with them the hashes; the counts of files are of the last call.
    own = ("erasures/", "crm/deletions")
    one, two = state(home), state(whole)
    assert one.keys() == two.keys()
    # How long the reading took is another each time.
    differ = [n for n in one if one[n] != two[n] and not n.endswith("/_parse.json")]
    assert [n for n in differ if not n.startswith(own)] == []
    assert read_visits(home, "company_pages").equals(
        read_visits(whole, "company_pages")
    )


def test_the_log_of_forecasts_is_whole_and_says_that_it_was_chained_anew(
    home: Path,
) -> None:
    before = verified(home)
    erase.erase(home, PERSON, NOW)
    after = verified(home)
    assert after.n_lines == before.n_lines
    assert after.hash != before.hash
    (told,) = erasures.tombstones(home)
    assert told.forecasts["before"]["hash"] == before.hash
    assert told.forecasts["after"]["hash"] == after.hash
    assert "2026-04-01" in told.sentence()


def test_a_tombstone_that_was_altered_is_refused(home: Path) -> None:
    erase.erase(home, PERSON, NOW)
    log = home / "erasures" / "log.jsonl"
    log.write_text(log.read_text().replace("2026-04-01", "2026-03-01"))
    with pytest.raises(erasures.ErasuresBroken, match="line 1"):
        erasures.tombstones(home)


def test_each_crm_is_told_what_to_delete_without_being_told_the_name(
    home: Path,
) -> None:
    erase.erase(home, PERSON, NOW)
    queue = pl.read_parquet(home / "crm" / "deletions.parquet")
    assert validate(contract("crm/deletions"), queue).is_kept
    rows = queue.select("destination", "account_id", "field", "external_id").rows()
    assert ("csv_file", "a1", "lyttepost_talk_to_name", "crm-1") in rows
    assert set(queue["account_id"]) == {"a1"}
    assert set(queue["name_hashes"][0]) == set(read_suppressed(home).entries[0].hashes)


def test_a_register_id_erases_too(home: Path) -> None:
    roles = pl.read_parquet(sorted((home / "parsed").rglob("registry_roles.parquet")))
    erase.erase(home, roles["holder_key"][0], NOW)
    assert found(home, *WORDS) == []


@pytest.mark.parametrize(
    ("person", "why"), [("Brattvik", "one word"), ("0" * 32, "nobody is held")]
)
def test_who_cannot_be_erased_is_said(home: Path, person: str, why: str) -> None:
    before = state(home)
    with pytest.raises(erase.EraseRefused, match=why):
        erase.erase(home, person, NOW)
    assert state(home) == before


def test_what_a_command_looked_up_is_erased_and_kept_out_too(home: Path) -> None:
    looked_up = home / "discovery" / "2026-03-02" / "company_pages"
    page = made_up_home.page("/ledelsen", made_up_home.leadership())
    made_up_home.land(looked_up, DAYS[0], page)
    erase.erase(home, PERSON, NOW)
    assert found(home, *WORDS) == []
    made_up_home.land(looked_up, DAYS[1], page)
    assert found(home, *WORDS) == []
    for visit in read_visits(looked_up, "company_pages").iter_rows(named=True):
        assert b"[slettet]" in read_payload(looked_up, "company_pages", visit)


def test_an_account_is_a_guard_against_namesakes(home: Path) -> None:
    erase.check_account(home, PERSON, "a1")
    with pytest.raises(erase.EraseRefused, match="at a2"):
        erase.check_account(home, PERSON, "a2")
    other = made_up_home.page(
        "/team", made_up_home.leadership(), account_id="a2", url="https://b.example/om"
    )
    made_up_home.land(home, DAYS[3], other)
    made_up_home.parse(home)
    with pytest.raises(erase.EraseRefused, match="held at a2 too"):
        erase.check_account(home, PERSON, "a1")


def test_a_record_that_grows_moves_and_is_found(tmp_path: Path) -> None:
    """A mark is longer than a short name: the record no longer fits into its place."""
    chance = random.Random(7)
    body = "".join(f"{chance.getrandbits(64):x} Bo Li " for _ in range(300)).encode()
    capture = made_up_home.page("/", body, "content")
    for day in DAYS[:2]:
        made_up_home.land(tmp_path, day, capture, page_of("/2", day.isoformat()))
    folder = tmp_path / "landing" / "company_pages"
    old = read_visits(tmp_path, "company_pages")
    changes = archive.Changes(lambda b: b.replace(b"Bo Li", b"[slettet] AB"), "1")
    for file in sorted(folder.glob("day=*/*.warc.gz")):
        archive.rewrite(file, folder, changes, lambda: None)
    assert len(changes.digests) == 1
    new = old.with_columns(pl.col("payload_digest").replace(changes.digests))
    for visit in new.iter_rows(named=True):
        held = read_payload(tmp_path, "company_pages", visit)
        assert b"Bo Li" not in held
    assert found(folder, "Bo Li") == []


def test_a_torn_table_is_named_and_the_erasure_stays_open(home: Path) -> None:
    torn = home / "observed" / "people" / "torn.parquet"
    whole = next((home / "observed" / "people").rglob("day=*.parquet")).read_bytes()
    torn.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(erase.EraseRefused, match=r"torn\.parquet"):
        erase.erase(home, PERSON, NOW)
    assert erasures.unfinished(home) == [1]
    torn.unlink()
    erase.erase(home, PERSON, NOW)
    assert erasures.unfinished(home) == []
    assert found(home, *WORDS) == []


def page_of(path: str, text: str) -> Capture:
    return made_up_home.page(path, f"<p>{text}</p>".encode(), "content")


def test_the_doctor_tells_erasures_and_what_rests_on_a_flipped_byte(home: Path) -> None:
    erase.erase(home, PERSON, NOW)
    visits = read_visits(home, "company_pages")
    page = visits.filter(pl.col("url").str.ends_with("/ledelsen")).row(0, named=True)
    pl.DataFrame(
        {
            "signal_id": ["s1", "s2"],
            "signal_type": ["ceo_change", "price_change"],
            "account_id": ["a1", "a1"],
            "before_ref": [None, None],
            "after_ref": [page["visit_id"], "another"],
        }
    ).write_parquet(home / "published" / "current" / "signals.parquet")
    told = {f.subject: f for f in examine(home, verify=True)}
    assert not told["archive/company_pages"].is_fault
    assert "2026-04-01" in told["erasures"].sentence
    assert "chained to the last" in told["forecasts"].sentence

    file = home / "landing" / "company_pages" / page["warc_file"]
    body = bytearray(file.read_bytes())
    (length,) = [n for at, n, _ in warc.members(file) if at == page["warc_offset"]]
    body[page["warc_offset"] + length - 20] ^= 1
    file.write_bytes(body)
    (fault,) = [
        f
        for f in examine(home, verify=True)
        if f.subject.startswith("archive") and f.is_fault
    ]
    assert "s1 (ceo_change of a1)" in fault.sentence
    assert "s2" not in fault.sentence
    assert "restore" in fault.sentence

    (home / "suppression" / "key").unlink()
    (fault,) = [f for f in examine(home) if f.subject == "erasures"]
    assert fault.is_fault
    assert "backup" in fault.sentence


def test_a_day_that_was_begun_is_gone_on_with(home: Path) -> None:
    begun = Landing(home, "company_pages", DAYS[3], replayed=True)
    begun.land(made_up_home.page("/ledelsen", made_up_home.leadership(more="<p>7</p>")))
    begun.land(made_up_home.page("/om", b"<p>Om oss</p>" * 40))
    begun.close()
    erase.erase(home, PERSON, NOW)
    assert found(home, *WORDS) == []
    resumed = Landing(home, "company_pages", DAYS[3], replayed=True)
    assert resumed.n_resumed == 2
    resumed.finish({})
    for visit in read_visits(home, "company_pages", [DAYS[3]]).iter_rows(named=True):
        assert read_payload(home, "company_pages", visit)
