"""A unit removed from open data leaves what was parsed, with the reason; made up."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from orchestration.contracts.gate import gate_kind, prepare_home
from scrapers.landing import Capture, Landing
from scrapers.parsed import parse_days

SOURCE = "brreg_registry"
BASE = "https://data.brreg.no/enhetsregisteret/api"
ONE, OTHER = "999601391", "974601397"
PATH = f"/underenheter/{ONE}"
DAYS = tuple(date(2026, 3, n) for n in (2, 3, 4, 5))


def unit(number: str) -> bytes:
    return b'{"organisasjonsnummer": "%b", "navn": "EKSEMPEL AS"}' % number.encode()


def listed(*numbers: str) -> bytes:
    units = b",".join(unit(number) for number in numbers)
    return b'{"_embedded": {"underenheter": [%b]}, "page": {}}' % units


def land(home: Path, day: date, *captures: Capture) -> None:
    landing = Landing(home, SOURCE, day, replayed=True)
    for capture in captures:
        landing.land(capture)
    landing.finish({})


def answer(path: str, scope: str, body: bytes, status: int = 200) -> Capture:
    outcome = "ok" if status == 200 else "http_error"
    headers = (("Content-Type", "application/json"),)
    return Capture("a1", scope, BASE + path, outcome, status, headers, body)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Two units and a list of both; then one of them is gone."""
    both = "/underenheter?overordnetEnhet=1"
    land(
        tmp_path,
        DAYS[0],
        answer(PATH, "sub_unit", unit(ONE)),
        answer(f"/underenheter/{OTHER}", "sub_unit", unit(OTHER)),
        answer(both, "sub_units", listed(ONE, OTHER)),
    )
    land(tmp_path, DAYS[1], answer(both, "sub_units", listed(OTHER, ONE)))
    land(tmp_path, DAYS[2], answer(PATH, "sub_unit", b"{}", 410))
    return tmp_path


def numbers(home: Path, folder: str) -> list[str]:
    files = sorted((home / folder).rglob("*registry_entities*"))
    files += sorted((home / folder / "registry_entities").rglob("day=*.parquet"))
    frames = [pl.read_parquet(file) for file in files if file.is_file()]
    return sorted(pl.concat(frames)["org_number"]) if frames else []


def verdicts(home: Path) -> list[tuple[str, str | None, int]]:
    files = sorted((home / "parsed" / SOURCE).glob("day=*/payloads.parquet"))
    rows = pl.concat([pl.read_parquet(file) for file in files])
    return rows.select("verdict", "error", "n_records").rows()


def test_its_records_go_from_every_day_and_the_verdict_says_why(home: Path) -> None:
    prepare_home(home)
    parse_days(home, SOURCE, DAYS[:2])
    gate_kind(home, "registry_entities")
    assert numbers(home, "observed").count(ONE) == 3
    parse_days(home, SOURCE, DAYS[2:3])
    gate_kind(home, "registry_entities")
    assert numbers(home, "parsed") == numbers(home, "observed") == [OTHER] * 3
    found = verdicts(home)
    assert sorted((verdict, n) for verdict, _, n in found) == [
        ("ok", 1),
        ("ok", 1),
        ("ok", 1),
        ("withdrawn", 0),
    ]
    assert sum(ONE in (error or "") for _, error, _ in found) == 3
    gated = gate_kind(home, "payloads")
    assert gated.n_quarantined == 0


def test_any_order_and_again_give_the_same_rows(home: Path, tmp_path: Path) -> None:
    parse_days(home, SOURCE, DAYS[:3])
    once = numbers(home, "parsed"), verdicts(home)
    before = {f: f.read_bytes() for f in (home / "parsed").rglob("*.parquet")}
    parse_days(home, SOURCE, DAYS[:3])
    parse_days(home, SOURCE, DAYS[2:3])
    assert {f: f.read_bytes() for f in (home / "parsed").rglob("*.parquet")} == before
    for file in before:
        file.unlink()
    for day in (DAYS[2], DAYS[1], DAYS[0]):
        parse_days(home, SOURCE, [day])
    assert numbers(home, "parsed") == once[0] == [OTHER] * 3
    assert sorted(verdicts(home), key=str) == sorted(once[1], key=str)


def test_a_unit_that_is_back_is_read_again(home: Path) -> None:
    parse_days(home, SOURCE, DAYS[:3])
    assert ONE not in numbers(home, "parsed")
    land(home, DAYS[3], answer(PATH, "sub_unit", unit(ONE)))
    parse_days(home, SOURCE, DAYS[3:])
    assert numbers(home, "parsed").count(ONE) == 3
    assert {verdict for verdict, _, _ in verdicts(home)} == {"ok"}


def test_sources_that_remove_nothing_are_untouched(home: Path) -> None:
    parse_days(home, SOURCE, DAYS[:2])
    assert not (home / "parsed" / SOURCE / "withdrawn.parquet").exists()
    assert numbers(home, "parsed").count(ONE) == 3
