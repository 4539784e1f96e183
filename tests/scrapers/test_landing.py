"""What has landed is read back as it was, after any kill and by any reader of WARC."""

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecordType
from warcio.archiveiterator import ArchiveIterator

from scrapers.account import Account, read_accounts
from scrapers.landing import (
    COMPLETE,
    JOURNAL,
    Capture,
    Landing,
    PayloadCorrupt,
    PayloadMissing,
    known_before,
    landed_days,
    payload_digest,
    read_payload,
    read_visits,
)

CONTRACTS = Path(__file__).parents[2] / "data_contracts"
SOURCE = "made_up"
MONDAYS = (date(2025, 1, 6), date(2025, 1, 13), date(2025, 1, 20))
AFTER = date(2025, 2, 1)
HEADERS = (("Content-Type", "text/html"), ("ETag", '"x"'))
NAMES = {
    int(WarcRecordType.warcinfo): "warcinfo",
    int(WarcRecordType.response): "response",
    int(WarcRecordType.revisit): "revisit",
}
TYPES: dict[str, Any] = {
    "varchar": pl.String(),
    "varchar[]": pl.List(pl.String()),
    "timestamp": pl.Datetime("us"),
    "bigint": pl.Int64(),
    "integer": pl.Int32(),
    "boolean": pl.Boolean(),
}


def contract_schema(name: str) -> dict[str, Any]:
    told = yaml.safe_load((CONTRACTS / name).read_text(encoding="utf-8"))
    (table,) = told["schema"]
    return {c["name"]: TYPES[c["physicalType"]] for c in table["properties"]}


def capture(number: int, body: bytes | None = None, **other: Any) -> Capture:
    values: dict[str, Any] = {
        "account_id": "a1",
        "scope": "content",
        "url": f"https://eksempel.example/{number}",
        "outcome": "ok",
        "http_status": 200,
        "headers": HEADERS,
        "body": f"side {number} æøå ".encode() * 50 if body is None else body,
        **other,
    }
    return Capture(**values)


def unanswered(number: int, outcome: str, status: int | None = None) -> Capture:
    url = f"https://eksempel.example/{number}"
    headers = HEADERS if status else ()
    return Capture("a1", "content", url, outcome, status, headers)


def land_day(home: Path, day: date, captures: Iterable[Capture]) -> int:
    """Land a day, going on from what is there; how many visits were."""
    landing = Landing(home, SOURCE, day, replayed=True)
    for one in captures:
        if (one.account_id, one.url) not in landing.visits:
            landing.land(one)
    landing.finish({"finish_reason": "finished"})
    return landing.n_resumed


FIRST = [
    *(capture(i) for i in range(20)),
    capture(90, outcome="http_error", http_status=404),
    unanswered(91, "timeout"),
]
# What a header says that lasts is new on these addresses.
MOVED = (*HEADERS, ("Server", "nginx"))
SECOND = [
    *(capture(i) for i in range(4)),
    capture(4, headers=MOVED),
    *(unanswered(i, "not_modified", 304) for i in range(5, 19)),
    replace(unanswered(19, "not_modified", 304), headers=MOVED),
    capture(90, outcome="http_error", http_status=404),
]
THIRD = [
    *(capture(i, body=f"endret {i}".encode()) for i in range(3)),
    *(capture(i) for i in range(3, 20)),
    capture(90),
]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Three complete days."""
    for day, captures in zip(MONDAYS, (FIRST, SECOND, THIRD), strict=True):
        assert land_day(tmp_path, day, captures) == 0
    return tmp_path


def warc_files(home: Path) -> list[Path]:
    return sorted(home.rglob("*.warc.gz"))


def test_visits_have_the_schema_of_the_contract(home: Path) -> None:
    schema = contract_schema("landing/visits.odcs.yml")
    visits = read_visits(home, SOURCE)
    assert dict(visits.schema) == schema
    assert dict(read_visits(home, "nothing").schema) == schema
    assert visits.height == len(FIRST) + len(SECOND) + len(THIRD)
    assert visits.equals(visits.sort("fetched_at", "visit_id"))
    assert visits["visit_id"].n_unique() == visits.height
    assert landed_days(home, SOURCE) == list(MONDAYS)
    assert set(read_visits(home, SOURCE, [MONDAYS[1]])["fetched_at"].dt.date()) == {
        MONDAYS[1]
    }


def test_every_payload_is_read_back_as_it_was_fetched(home: Path) -> None:
    first = {one.url: one.body for one in FIRST}
    third = {one.url: one.body for one in THIRD}
    n_read = 0
    for row in read_visits(home, SOURCE).iter_rows(named=True):
        if row["payload_digest"] is None:
            with pytest.raises(PayloadMissing, match=row["visit_id"]):
                read_payload(home, SOURCE, row)
            continue
        asked = third if row["fetched_at"].date() == MONDAYS[2] else first
        assert read_payload(home, SOURCE, row) == asked[row["url"]]
        n_read += 1
    assert n_read == 21 + 21 + 21


def test_the_archive_is_read_by_warcio_and_fastwarc(home: Path) -> None:
    by_warcio: Counter[str] = Counter()
    by_fastwarc: Counter[str] = Counter()
    urls: list[str] = []
    profiles: Counter[str] = Counter()
    for file in warc_files(home):
        with file.open("rb") as stream:
            for record in ArchiveIterator(stream, check_digests=True):
                content = record.content_stream().read()
                assert record.digest_checker.passed is not False
                by_warcio[record.rec_type] += 1
                if record.rec_type == "revisit":
                    assert content == b""
                    profiles[record.rec_headers["WARC-Profile"].split("/")[-1]] += 1
                    assert (
                        record.rec_headers["WARC-Refers-To-Date"]
                        < (record.rec_headers["WARC-Date"])
                    )
                elif record.rec_type == "response":
                    digest = record.rec_headers["WARC-Payload-Digest"]
                    assert payload_digest(content) == digest
        with file.open("rb") as stream:
            for other in FastIterator(stream):
                by_fastwarc[NAMES[int(other.record_type)]] += 1
                if other.record_type == WarcRecordType.response:
                    urls.append(other.headers["WARC-Target-URI"])
                    assert other.http_headers.status_code in (200, 404)
    # 404s are not deduplicated: only pages that held can be referred to.
    expected = {"warcinfo": 3, "response": 21 + 1 + 4, "revisit": 2 + 2}
    assert by_warcio == expected
    assert by_fastwarc == expected
    assert len(urls) == expected["response"]
    assert profiles == {
        "identical-payload-digest": 1 + 2,
        "server-not-modified": 1,
    }


def test_the_kept_index_is_the_one_that_visits_make(home: Path) -> None:
    kept = known_before(home, SOURCE, AFTER)
    (home / "landing" / SOURCE / "latest.parquet").unlink()
    made = known_before(home, SOURCE, AFTER)
    # Visits do not tell what a record says besides its bytes; that is looked up.
    assert all(known.head_digest for known in kept.values() if known.record_file)
    assert made == {k: replace(known, head_digest=None) for k, known in kept.items()}
    held = kept["a1", "https://eksempel.example/0"]
    assert held.payload_digest == payload_digest(b"endret 0")
    came_back = kept["a1", "https://eksempel.example/90"]
    assert (came_back.n_gone, came_back.outcome) == (0, "ok")


def test_a_day_knows_only_the_days_before_it(home: Path) -> None:
    def moments(day: date) -> set[date]:
        return {k.visited_at.date() for k in known_before(home, SOURCE, day).values()}

    assert moments(MONDAYS[0]) == set()
    assert moments(MONDAYS[1]) == {MONDAYS[0]}
    # One address was asked for on the first day only.
    assert moments(MONDAYS[2]) == set(MONDAYS[:2])
    gone = known_before(home, SOURCE, MONDAYS[2])["a1", "https://eksempel.example/90"]
    assert gone.n_gone == 2


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """The first day's visits when nothing went wrong."""
    home = tmp_path_factory.mktemp("whole")
    land_day(home, MONDAYS[0], FIRST)
    return read_visits(home, SOURCE).drop("warc_file", "warc_offset")


@pytest.mark.parametrize("torn", ["journal", "archive", "both"])
def test_a_kill_at_any_byte_loses_nothing_and_doubles_nothing(
    tmp_path: Path, whole: pl.DataFrame, torn: str
) -> None:
    landing = Landing(tmp_path, SOURCE, MONDAYS[0], replayed=True)
    for one in FIRST[:9]:
        landing.land(one)
    landing.close()
    folder = landing.folder
    (file,) = warc_files(tmp_path)
    journal, archive = (folder / JOURNAL).read_bytes(), file.read_bytes()
    draw = random.Random(torn)
    resumed = set()
    for turn in range(25):
        for left in folder.iterdir():
            left.unlink()
        (tmp_path / "landing" / SOURCE / "latest.parquet").unlink(missing_ok=True)
        ends = draw.randrange(len(journal) + 1), draw.randrange(len(archive) + 1)
        rows = journal if torn == "archive" else journal[: ends[0]]
        members = archive if torn == "journal" else archive[: ends[1]]
        (folder / JOURNAL).write_bytes(rows)
        file.write_bytes(members)
        resumed.add(land_day(tmp_path, MONDAYS[0], FIRST))
        visits = read_visits(tmp_path, SOURCE)
        assert visits.drop("warc_file", "warc_offset").equals(whole), (turn, ends)
        bodies = {one.url: one.body for one in FIRST}
        for row in visits.drop_nulls("payload_digest").iter_rows(named=True):
            assert read_payload(tmp_path, SOURCE, row) == bodies[row["url"]]
        ids = []
        for one in warc_files(tmp_path):
            with one.open("rb") as stream:
                ids += [
                    record.rec_headers["WARC-Record-ID"]
                    for record in ArchiveIterator(stream)
                ]
        # A record of each answer, and the one the file begins with.
        assert len(ids) == len(set(ids)) == 1 + 21, (turn, ends)
        assert not (folder / JOURNAL).exists()
    assert len(resumed) > 3
    assert max(resumed) <= 9


def test_what_landed_after_a_torn_row_survives_a_second_kill(
    tmp_path: Path, whole: pl.DataFrame
) -> None:
    landing = Landing(tmp_path, SOURCE, MONDAYS[0], replayed=True)
    for one in FIRST[:9]:
        landing.land(one)
    landing.close()
    journal = landing.folder / JOURNAL
    journal.write_bytes(journal.read_bytes()[:-7])
    again = Landing(tmp_path, SOURCE, MONDAYS[0], replayed=True)
    assert again.n_resumed == 8
    for one in FIRST[8:15]:
        again.land(one)
    again.close()
    assert land_day(tmp_path, MONDAYS[0], FIRST) == 15
    assert read_visits(tmp_path, SOURCE).drop("warc_file", "warc_offset").equals(whole)


def test_a_damaged_row_in_the_middle_ends_what_is_kept(
    tmp_path: Path, whole: pl.DataFrame
) -> None:
    landing = Landing(tmp_path, SOURCE, MONDAYS[0], replayed=True)
    for one in FIRST[:9]:
        landing.land(one)
    landing.close()
    journal = landing.folder / JOURNAL
    lines = journal.read_bytes().splitlines(keepends=True)
    lines[4] = b"{}\n"
    journal.write_bytes(b"".join(lines))
    assert land_day(tmp_path, MONDAYS[0], FIRST) == 4
    assert read_visits(tmp_path, SOURCE).drop("warc_file", "warc_offset").equals(whole)


def test_bytes_that_are_not_those_fetched_are_told(tmp_path: Path) -> None:
    land_day(tmp_path, MONDAYS[0], FIRST[:2])
    first, second = read_visits(tmp_path, SOURCE).sort("warc_offset").to_dicts()
    with pytest.raises(PayloadCorrupt, match="do not have its digest"):
        read_payload(
            tmp_path, SOURCE, {**first, "payload_digest": payload_digest(b"other")}
        )
    (file,) = warc_files(tmp_path)
    content = bytearray(file.read_bytes())
    content[(first["warc_offset"] + second["warc_offset"]) // 2] ^= 0xFF
    file.write_bytes(content)
    with pytest.raises(PayloadCorrupt, match=first["visit_id"]):
        read_payload(tmp_path, SOURCE, first)
    assert read_payload(tmp_path, SOURCE, second) == FIRST[1].body
    file.unlink()
    with pytest.raises(PayloadMissing, match="not there"):
        read_payload(tmp_path, SOURCE, second)


def test_a_payload_lost_on_one_day_is_found_on_another(tmp_path: Path) -> None:
    """After a day's file is gone, a later record with the same bytes still serves."""
    changing = [capture(0), capture(0, body=b"annet"), capture(0)]
    for day, one in zip(MONDAYS, changing, strict=True):
        land_day(tmp_path, day, [one])
    first = read_visits(tmp_path, SOURCE).row(0, named=True)
    warc_files(tmp_path)[0].unlink()
    assert read_payload(tmp_path, SOURCE, first) == changing[2].body


def test_a_complete_day_is_not_landed_again(home: Path) -> None:
    with pytest.raises(ValueError, match="complete"):
        Landing(home, SOURCE, MONDAYS[0], replayed=True)


def test_a_day_is_complete_only_with_its_last_file(home: Path) -> None:
    (home / "landing" / SOURCE / f"day={MONDAYS[2]}" / COMPLETE).unlink()
    assert landed_days(home, SOURCE) == list(MONDAYS[:2])
    assert read_visits(home, SOURCE)["fetched_at"].dt.date().max() == MONDAYS[1]


def test_an_address_lands_once_a_day(tmp_path: Path) -> None:
    landing = Landing(tmp_path, SOURCE, MONDAYS[0], replayed=True)
    landing.land(capture(0))
    with pytest.raises(ValueError, match="already"):
        landing.land(capture(0))
    with pytest.raises(ValueError, match="not an outcome"):
        landing.land(capture(1, outcome="fine"))
    landing.close()


def test_an_account_carries_every_column_of_its_contract(tmp_path: Path) -> None:
    schema = contract_schema("accounts.odcs.yml")
    # Places stand in a file of their own.
    assert list(Account.__dataclass_fields__) == [*schema, "places"]
    rows = [
        ["b", "Mønster AS", None, None, [], "a", "bygg", "Kari", ["x:1"], 7],
        ["a", "Eksempel AS", "NO", "999601391", ["e.example"], *[None] * 3, [], None],
    ]
    file = tmp_path / "accounts.parquet"
    pl.DataFrame(rows, schema=schema, orient="row").write_parquet(file)
    first, second = read_accounts(file)
    assert first == Account("a", "Eksempel AS", "NO", "999601391", ("e.example",))
    assert (second.parent_account_id, second.segment) == ("a", "bygg")
    assert (second.owner, second.crm_ids, second.employees) == ("Kari", ("x:1",), 7)
    with pytest.raises(FileNotFoundError, match="watch list"):
        read_accounts(tmp_path / "none.parquet")
