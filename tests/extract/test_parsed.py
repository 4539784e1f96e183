"""The parse stage: each payload once, the same rows in any order and after a kill."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from scrapers import parsed
from scrapers.landing import Capture, Landing, refuse_damaged_visits
from scrapers.parsed import parse_day, parse_days, parsed_folder, unparsed_days
from scrapers.records import RECORD_TYPES
from scrapers.whole_files import FileDamaged

DAYS = (date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 16))
SOURCE = "company_pages"
URL = "https://fjordvik-eksempel.example/ledelsen"


def team(*names: str) -> bytes:
    cards = "".join(f"<li class=card><h3>{n}</h3><p>Rådgiver</p></li>" for n in names)
    return (
        "<html lang=nb><body><main><h1>Ledelsen</h1><p>Disse menneskene leder"
        f" selskapet vårt.</p><ul>{cards}</ul></main></body></html>"
    ).encode()


def land(home: Path, day: date, *captures: Capture) -> None:
    landing = Landing(home, SOURCE, day, replayed=True)
    for capture in captures:
        landing.land(capture)
    landing.finish({})


def ok(url: str, body: bytes, scope: str = "leadership") -> Capture:
    headers = (("Content-Type", "text/html; charset=utf-8"),)
    return Capture("a1", scope, url, "ok", 200, headers, body)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    one, two = team("Kari Nordnes", "Ola Vestli"), team("Kari Nordnes", "Ada Wiik")
    land(tmp_path, DAYS[0], ok(URL, one), ok(URL + "/2", one))
    land(
        tmp_path,
        DAYS[1],
        ok(URL, two),
        ok(URL + "/skall", b"<html><body><script>x</script></body></html>", "home"),
        ok(URL + "/feil", b"\x89PNG", "content"),
        Capture("a1", "home", URL + "/nede", "http_error", 500, (), b"<p>nede</p>"),
    )
    # The first roster comes back: its payload has been read already.
    land(tmp_path, DAYS[2], ok(URL, one))
    return tmp_path


def contents(home: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(home)): file.read_bytes()
        for file in sorted((home / "parsed").rglob("*.parquet"))
    }


def rows(home: Path, kind: str) -> list[tuple[object, ...]]:
    files = sorted((home / "parsed" / SOURCE).glob(f"day=*/{kind}.parquet"))
    frame = pl.concat([pl.read_parquet(file) for file in files])
    return sorted(frame.rows(), key=str)


def test_each_payload_is_parsed_once_on_the_day_that_first_carried_it(
    home: Path,
) -> None:
    summary = parse_days(home, SOURCE, DAYS)
    assert summary.n_parsed == 5
    assert summary.verdicts == {"ok": 3, "parse_empty": 1, "parse_error": 1}
    assert summary.records == {"pages": 3, "people": 6}
    assert len(summary.errors) == 1
    assert summary.errors[0].startswith(URL + "/feil: The payload holds no markup")
    people = pl.read_parquet(parsed_folder(home, SOURCE, DAYS[1]) / "people.parquet")
    assert people["name"].to_list() == ["Kari Nordnes", "Ada Wiik"]
    assert people["record_index"].to_list() == [1, 2]
    last = parsed_folder(home, SOURCE, DAYS[2])
    written = sorted(file.name for file in last.iterdir())
    assert written == ["_parse.json", "payloads.parquet"]
    assert pl.read_parquet(last / "payloads.parquet").height == 0


def test_a_failed_visit_is_not_parsed(home: Path) -> None:
    parse_days(home, SOURCE, DAYS)
    assert not any("/nede" in str(row) for row in rows(home, "payloads"))


def test_again_leaves_every_file_to_the_byte(home: Path) -> None:
    parse_days(home, SOURCE, DAYS)
    before = contents(home)
    stamps = {f: f.stat().st_mtime_ns for f in (home / "parsed").rglob("*.parquet")}
    assert parse_days(home, SOURCE, DAYS).n_parsed == 0
    assert contents(home) == before
    assert {f: f.stat().st_mtime_ns for f in stamps} == stamps


def test_any_order_of_days_gives_the_same_rows(home: Path) -> None:
    for day in reversed(DAYS):
        parse_day(home, SOURCE, day)
    backwards = {kind: rows(home, kind) for kind in ("pages", "people", "payloads")}
    for file in (home / "parsed").rglob("*.parquet"):
        file.unlink()
    parse_days(home, SOURCE, DAYS)
    assert backwards == {kind: rows(home, kind) for kind in backwards}


def test_killed_half_way_and_run_again(home: Path) -> None:
    parse_days(home, SOURCE, DAYS)
    whole = contents(home)
    # The marker of a complete day is written last.
    (parsed_folder(home, SOURCE, DAYS[0]) / "payloads.parquet").unlink()
    (parsed_folder(home, SOURCE, DAYS[0]) / "people.parquet").unlink()
    assert parse_days(home, SOURCE, DAYS).n_parsed == 2
    assert contents(home) == whole


def test_a_new_parser_version_reparses(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parse_days(home, SOURCE, DAYS)
    parser = parsed.load_parser(SOURCE)
    monkeypatch.setattr(parser, "PARSER_VERSION", "next")
    assert parse_days(home, SOURCE, DAYS).n_parsed == 5
    for kind in ("pages", "people", "payloads"):
        assert {row[3] for row in rows(home, kind)} == {"next"}
    assert len(rows(home, "people")) == 6


def test_a_fault_of_the_parser_costs_one_payload_and_is_told(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parser = parsed.load_parser(SOURCE)
    real = parser.parse

    def faulty(body, envelope):
        if envelope.url == URL:
            raise RuntimeError("no such luck")
        return real(body, envelope)

    monkeypatch.setattr(parser, "parse", faulty)
    summary = parse_day(home, SOURCE, DAYS[0])
    assert summary.verdicts == {"ok": 1, "parse_error": 1}
    assert "RuntimeError: no such luck" in summary.errors[0]


def test_workers_give_the_same_files(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parse_days(home, SOURCE, DAYS, workers=1)
    alone = contents(home)
    for file in (home / "parsed").rglob("*.parquet"):
        file.unlink()
    monkeypatch.setattr(parsed, "_MIN_PAYLOADS_FOR_WORKERS", 1)
    parse_days(home, SOURCE, DAYS, workers=2)
    assert contents(home) == alone


def test_every_kind_has_a_file_of_its_own_name(home: Path) -> None:
    parse_days(home, SOURCE, DAYS)
    names = {file.stem for file in (home / "parsed").rglob("*.parquet")}
    assert names <= {*RECORD_TYPES, "payloads"}


def test_headers_of_the_first_answer_and_texts_of_ads_show_technologies(
    tmp_path: Path,
) -> None:
    page = (
        "<html lang=nb><body><main><h1>Utvikler</h1><p>Du vil jobbe med Azure og"
        " Kubernetes i et lite team hos oss i Bodø.</p></main></body></html>"
    ).encode()
    headers = (
        ("Server", "nginx/1.25.3"),
        ("Set-Cookie", "hubspotutk=secret; Path=/"),
        ("Date", "Mon, 02 Mar 2026 10:00:00 GMT"),
        ("Content-Type", "text/html; charset=utf-8"),
    )
    land(tmp_path, DAYS[0], Capture("a1", "content", URL, "ok", 200, headers, page))
    later = (("Server", "cloudflare"), headers[-1])
    land(tmp_path, DAYS[1], Capture("a1", "content", URL, "ok", 200, later, page))
    parse_days(tmp_path, SOURCE, DAYS[:2])
    found = pl.concat(
        pl.read_parquet(file)
        for file in sorted((tmp_path / "parsed").rglob("technologies.parquet"))
    )
    assert set(found.select("name", "evidence", "is_used").rows()) == {
        ("nginx", "header", True),
        ("HubSpot", "cookie", True),
        ("Microsoft Azure", "page_text", True),
        ("Kubernetes", "page_text", True),
    }
    assert not any("secret" in quote for quote in found["quote"])


def test_the_text_of_an_ad_is_read_by_the_parse_stage(tmp_path: Path) -> None:
    page = (
        '<html lang=nb><body><main><h1>Utvikler</h1><script type="application/ld+json">'
        '{"@type": "JobPosting", "title": "Utvikler", "description":'
        ' "Du vil jobbe med Azure. Erfaring med SAP er en fordel."}</script>'
        "<p>Utvikler i Bodø</p></main></body></html>"
    ).encode()
    land(tmp_path, DAYS[0], ok(URL, page, "job"))
    parse_days(tmp_path, SOURCE, DAYS[:1])
    folder = parsed_folder(tmp_path, SOURCE, DAYS[0])
    (ad_id,) = pl.read_parquet(folder / "job_ads.parquet")["ad_id"]
    found = pl.read_parquet(folder / "technologies.parquet")
    assert found.select("name", "evidence", "is_used", "ad_id").rows() == [
        ("Microsoft Azure", "job_text", True, ad_id),
        ("SAP", "job_text", False, ad_id),
    ]


@pytest.mark.parametrize("scope", sorted(parsed.MANNERS))
def test_how_a_host_wants_to_be_asked_is_no_parsers_business(
    tmp_path: Path, scope: str
) -> None:
    site = "https://fjordvik-eksempel.example"
    land(tmp_path, DAYS[0], ok(f"{site}/robots.txt", b"User-agent: *", scope))
    parse_day(tmp_path, SOURCE, DAYS[0])
    (payload,) = pl.read_parquet(
        parsed_folder(tmp_path, SOURCE, DAYS[0]) / "payloads.parquet"
    ).to_dicts()
    assert (payload["verdict"], payload["n_records"]) == ("ok", 0)


@pytest.mark.parametrize("name", ["pages", "people", "payloads"])
@pytest.mark.parametrize("garbage", [b"", b"?" * 20])
def test_a_parsed_file_whose_tail_is_damaged_is_made_again(
    home: Path, name: str, garbage: bytes
) -> None:
    parse_days(home, SOURCE, DAYS)
    before = contents(home)
    file = parsed_folder(home, SOURCE, DAYS[0]) / f"{name}.parquet"
    file.write_bytes(file.read_bytes()[:-20] + garbage)
    # Also when the run is one of another day.
    parse_days(home, SOURCE, DAYS[2:])
    assert contents(home) == before


def test_a_payload_that_is_damaged_is_told_and_read_when_it_is_back(
    home: Path,
) -> None:
    (archive,) = (home / "landing" / SOURCE / f"day={DAYS[0]}").glob("*.gz")
    whole = archive.read_bytes()
    archive.write_bytes(whole[:-40])
    summary = parse_days(home, SOURCE, DAYS)
    (told,) = [error for error in summary.errors if parsed.DAMAGED in error]
    assert archive.name in told
    # All but the last record of that file.
    assert summary.records == {"pages": 2, "people": 4}
    archive.write_bytes(whole)
    assert parse_days(home, SOURCE, DAYS).records == {"pages": 2, "people": 4}
    assert len(rows(home, "people")) == 6


def test_damaged_visits_are_refused_in_one_sentence(home: Path) -> None:
    file = home / "landing" / SOURCE / f"day={DAYS[1]}" / "visits.parquet"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(FileDamaged, match=r"visits\.parquet is damaged"):
        parse_days(home, SOURCE, DAYS)
    with pytest.raises(FileDamaged, match=f"day={DAYS[1]}"):
        refuse_damaged_visits(home)


def test_landed_days_that_were_not_parsed_are_known(home: Path) -> None:
    parse_days(home, SOURCE, DAYS[2:])
    assert unparsed_days(home, SOURCE) == list(DAYS[:2])


def test_rows_that_are_written_one_by_one_are_those_that_are_written_at_once(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parse_days(home, SOURCE, DAYS)
    files = sorted((home / "parsed").rglob("*.parquet"))
    at_once = [pl.read_parquet(file) for file in files]
    assert max(frame.height for frame in at_once) > 1
    for file in files:
        file.unlink()
    monkeypatch.setattr(parsed, "ROWS", 1)
    parse_days(home, SOURCE, DAYS)
    assert sorted((home / "parsed").rglob("*.parquet")) == files
    for file, before in zip(files, at_once, strict=True):
        assert pl.read_parquet(file).equals(before)
        assert pl.read_parquet(file).schema == before.schema


def test_a_fault_between_two_rows_leaves_no_half_of_a_file(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parsed, "ROWS", 1)
    plain, n_rows = parsed._plain_fields, []

    def fails_at_the_third(record: object) -> dict[str, object]:
        n_rows.append(record)
        if len(n_rows) == 3:
            raise OSError("No space left on device")
        return plain(record)

    monkeypatch.setattr(parsed, "_plain_fields", fails_at_the_third)
    with pytest.raises(OSError, match="No space left"):
        parse_days(home, SOURCE, DAYS)
    left = [file.name for file in (home / "parsed").rglob("*") if file.is_file()]
    assert not left
