"""A visit that finds nothing new has no record: its row refers to an earlier one."""

import os
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrapers import warc
from scrapers.envelope import KEPT_HEADERS, kept_headers
from scrapers.landing import (
    JOURNAL,
    Capture,
    Landing,
    read_archived,
    read_payload,
    read_visits,
)
from scrapers.lasting import (
    COME_AND_GO,
    IN_THE_ROW,
    OF_THE_CONNECTION,
    OF_THE_MOMENT,
    lasting,
)

SOURCE = "made_up"
FIRST = date(2025, 1, 6)
URL = "https://eksempel.example/"
BODY = "Vi flytter ikke. æøå ".encode() * 40


def headers(day: int, *more: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return (
        ("Date", f"day {day}"),
        ("Content-Type", "text/html"),
        ("ETag", f'"{day}"'),
        ("Age", str(day)) if day % 2 else ("X-Cache", "MISS"),
        ("Set-Cookie", f"session={day}; Path=/"),
        ("CF-Ray", f"{day:x}-OSL"),
        ("Content-Security-Policy", f"script-src 'nonce-{day}' 'self'"),
        *more,
    )


def answer(day: int, *more: tuple[str, str], body: bytes | None = BODY) -> Capture:
    is_304 = body is None
    outcome, status = ("not_modified", 304) if is_304 else ("ok", 200)
    return Capture("a1", "home", URL, outcome, status, headers(day, *more), body)


def land(home: Path, number: int, *captures: Capture) -> None:
    landing = Landing(home, SOURCE, FIRST + timedelta(number), replayed=True)
    for one in captures:
        landing.land(one)
    landing.finish({})


def rows(home: Path) -> list[dict[str, Any]]:
    return read_visits(home, SOURCE).to_dicts()


def record(home: Path, row: dict[str, Any]) -> warc.Record:
    folder = home / "landing" / SOURCE
    return warc.read_record(folder / row["warc_file"], row["warc_offset"])


def n_records(home: Path) -> int:
    files = home.rglob("*.warc.gz")
    kinds = [content for f in files for _, _, content in warc.members(f)]
    return sum(b"WARC-Type: warcinfo" not in content for content in kinds)


def place(row: dict[str, Any]) -> tuple[str, int]:
    return row["warc_file"], row["warc_offset"]


def test_what_is_new_every_day_is_nothing_new(tmp_path: Path) -> None:
    for number in range(4):
        land(tmp_path, number, answer(number, body=None if number == 2 else BODY))
    told = rows(tmp_path)
    assert n_records(tmp_path) == 1
    assert len({place(row) for row in told}) == 1
    assert [row["outcome"] for row in told] == ["ok", "ok", "not_modified", "ok"]
    # What the row has of an answer is of that answer.
    assert [row["etag"] for row in told] == [f'"{n}"' for n in range(4)]
    for row in told:
        assert read_payload(tmp_path, SOURCE, row) == BODY


def test_a_header_that_lasts_has_a_record_and_the_next_row_refers_to_it(
    tmp_path: Path,
) -> None:
    new = ("Server", "nginx")
    for number, more in enumerate(((), (new,), (new,), ())):
        land(tmp_path, number, answer(number, *more))
    first, moved, same, back = rows(tmp_path)
    assert n_records(tmp_path) == 3
    assert record(tmp_path, moved).warc_type == "revisit"
    assert place(moved) == place(same) != place(first)
    assert place(back) not in (place(first), place(moved))
    for row, is_there in ((first, 0), (moved, 1), (same, 1), (back, 0)):
        archived = read_archived(tmp_path, SOURCE, row)
        assert archived.body == BODY
        assert (new in archived.headers) == is_there


def test_a_304_need_not_repeat_what_it_does_not_change(tmp_path: Path) -> None:
    land(tmp_path, 0, answer(0, ("Server", "nginx")))
    land(tmp_path, 1, answer(1, body=None))
    land(tmp_path, 2, answer(2, ("Server", "apache"), body=None))
    first, silent, changed = rows(tmp_path)
    assert place(silent) == place(first)
    assert record(tmp_path, changed).warc_type == "revisit"
    assert read_payload(tmp_path, SOURCE, changed) == BODY


def test_a_redirect_that_ends_elsewhere_is_new(tmp_path: Path) -> None:
    for number, end in enumerate(("", "no/", "no/")):
        one = answer(number)
        moved = Capture(**{**one.__dict__, "final_url": URL + end})
        land(tmp_path, number, moved)
    first, second, third = rows(tmp_path)
    assert place(first) != place(second) == place(third)


@pytest.mark.parametrize("is_index_kept", [True, False])
def test_without_the_index_the_archive_is_looked_up(
    tmp_path: Path, *, is_index_kept: bool
) -> None:
    latest = tmp_path / "landing" / SOURCE / "latest.parquet"
    for number in range(5):
        more = (("Server", "nginx"),) if number > 2 else ()
        land(tmp_path, number, answer(number, *more))
        if not is_index_kept:
            latest.unlink()
    days = [row["warc_file"].split("/")[0] for row in rows(tmp_path)]
    assert days == ["day=2025-01-06"] * 3 + ["day=2025-01-09"] * 2


def test_a_file_that_is_gone_is_not_referred_to(tmp_path: Path) -> None:
    land(tmp_path, 0, answer(0))
    next(tmp_path.rglob("*.warc.gz")).unlink()
    for number in (1, 2):
        land(tmp_path, number, answer(number))
    _, second, third = rows(tmp_path)
    assert record(tmp_path, second).payload == BODY
    assert place(third) == place(second)


@pytest.mark.parametrize("n_kept", range(4))
def test_killed_it_goes_on_and_the_rows_are_the_same(
    tmp_path: Path, n_kept: int
) -> None:
    def visits(number: int) -> list[Capture]:
        return [
            Capture(**{**answer(number).__dict__, "url": f"{URL}{page}"})
            for page in range(3)
        ]

    whole = tmp_path / "whole"
    torn = tmp_path / "torn"
    for home in (whole, torn):
        land(home, 0, *visits(0))
    land(whole, 1, *visits(1))
    begun = Landing(torn, SOURCE, FIRST + timedelta(1), replayed=True)
    for one in visits(1):
        begun.land(one)
    begun.close()
    journal = begun.folder / JOURNAL
    lines = journal.read_bytes().splitlines(keepends=True)
    os.truncate(journal, sum(map(len, lines[:n_kept])) + (5 if n_kept < 3 else 0))
    again = Landing(torn, SOURCE, FIRST + timedelta(1), replayed=True)
    assert again.n_resumed == n_kept
    for one in visits(1)[n_kept:]:
        again.land(one)
    again.finish({})
    assert rows(torn) == rows(whole)
    assert n_records(torn) == 3
    # A complete day that is added to keeps the rows that refer to an earlier one.
    added = Landing(torn, SOURCE, FIRST + timedelta(1), replayed=True, adds=True)
    assert added.n_resumed == 3
    added.land(Capture(**{**answer(1).__dict__, "url": f"{URL}ny"}))
    added.finish({})
    assert [row for row in rows(torn) if not row["url"].endswith("ny")] == rows(whole)
    for row in rows(torn):
        assert read_payload(torn, SOURCE, row) == BODY


def test_a_row_whose_record_was_purged_since_is_fetched_again(tmp_path: Path) -> None:
    land(tmp_path, 0, answer(0))
    begun = Landing(tmp_path, SOURCE, FIRST + timedelta(1), replayed=True)
    begun.land(answer(1))
    begun.close()
    for file in (tmp_path / "landing" / SOURCE).glob("day=2025-01-06/*"):
        file.unlink()
    (tmp_path / "landing" / SOURCE / "latest.parquet").unlink()
    again = Landing(tmp_path, SOURCE, FIRST + timedelta(1), replayed=True)
    assert again.n_resumed == 0
    again.land(answer(1))
    again.finish({})
    (row,) = rows(tmp_path)
    assert record(tmp_path, row).payload == BODY


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([b"en" * 30, b"to" * 30, None]),
            st.sampled_from(["nginx", "apache", ""]),
            st.booleans(),
        ),
        min_size=1,
        max_size=7,
    )
)
def test_any_days_read_back_as_they_were_fetched(
    tmp_path_factory: pytest.TempPathFactory, days: list[Any]
) -> None:
    home = tmp_path_factory.mktemp("days")
    body, expected = None, []
    for number, (sent, server, forgets) in enumerate(days):
        if sent is None and body is None:
            sent = b"en" * 30
        body = sent or body
        more = (("Server", server),) if server else ()
        land(home, number, answer(number, *more, body=sent))
        expected.append((body, more, sent is None))
        if forgets:
            (home / "landing" / SOURCE / "latest.parquet").unlink()
    for row, (held, more, is_304) in zip(rows(home), expected, strict=True):
        archived = read_archived(home, SOURCE, row)
        assert archived.body == held
        if more or not is_304:
            kept = [p for p in kept_headers(archived.headers) if p[0] == "server"]
            assert kept == [("server", v) for _, v in more]


def test_what_a_parser_is_told_always_lasts() -> None:
    left_out = IN_THE_ROW | OF_THE_CONNECTION | COME_AND_GO | OF_THE_MOMENT
    assert not left_out & set(KEPT_HEADERS)
    told = [(name, f"of {name}") for name in KEPT_HEADERS] + [("Set-Cookie", "id=7")]
    assert set(kept_headers(told)) <= lasting(URL, told)


def test_headers_are_compared_as_they_are_read_back(tmp_path: Path) -> None:
    odd = (("X-Sted", "Tromsø  \t nord"), ("Content-Encoding", "gzip"), ("X-A", "a:b"))
    land(tmp_path, 0, answer(0, *odd))
    (tmp_path / "landing" / SOURCE / "latest.parquet").unlink()
    land(tmp_path, 1, answer(1, *odd))
    assert n_records(tmp_path) == 1
