"""Contracts are read strictly and held by Great Expectations, row by row."""

import dataclasses
import os

import polars as pl
import pytest
import yaml

from orchestration.contracts import expectations, frames, gate, odcs

PERSON = {
    "source": "company_pages",
    "url": "https://a.example/om",
    "payload_digest": "sha256:" + "0" * 64,
    "parser_version": "1",
    "record_index": 0,
    "person_key": "kari nordmann",
    "name": "Kari Nordmann",
    "title": "Salgsdirektør",
    "section": None,
    "order_no": 0,
    "via": "card",
}


def people(*changes):
    promise = odcs.contract("observed/people")
    rows = [{**PERSON, "record_index": i, **c} for i, c in enumerate(changes)]
    return frames.shaped(promise, pl.DataFrame(rows, schema=frames.schema(promise)))


@pytest.mark.parametrize("path", odcs.contract_paths())
def test_every_contract_reads_and_has_a_key_and_descriptions(path):
    promise = odcs.contract(path)
    assert promise.primary_key
    assert all(c.description.strip() for c in promise.columns)
    assert frames.empty_frame(promise).height == 0
    assert expectations.suite(promise)


def test_the_definition_of_a_signal_stands_in_its_contract():
    assert "observable behaviour" in odcs.contract("signals").purpose
    assert "not a decision and not an intent" in odcs.contract("signals").purpose


def test_an_unknown_key_in_a_contract_is_refused_by_name(tmp_path, monkeypatch):
    file = tmp_path / "t.odcs.yml"
    document = yaml.safe_load(
        (odcs.CONTRACTS_DIR / "accounts.odcs.yml").read_text(encoding="utf-8")
    )
    document["schema"][0]["properties"][0]["requird"] = True
    file.write_text(yaml.safe_dump(document))
    monkeypatch.setattr(odcs, "CONTRACTS_DIR", tmp_path)
    with pytest.raises(odcs.ContractError, match="requird"):
        odcs.contract("t")


@pytest.mark.parametrize("path", odcs.contract_paths())
def test_who_is_named_is_named_on_a_ground(path):
    promise = odcs.contract(path)
    assert promise.latency_days >= 1
    assert promise.consumers
    if any(c.is_personal for c in promise.columns):
        assert "GDPR" in promise.legal_basis or "user" in promise.legal_basis


@pytest.mark.parametrize(
    ("part", "change", "told"),
    [
        ("slaProperties", [], "must state the latency"),
        (
            "slaProperties",
            [{"property": "latency", "value": 1, "unit": "h"}],
            "only latency and retention in days",
        ),
        ("customProperties", [], "found none"),
        (
            "customProperties",
            [
                {"property": "legalBasis", "value": ""},
                {"property": "retentionRule", "value": "a year"},
                {"property": "consumers", "value": ["report"]},
            ],
            "legalBasis must say something",
        ),
    ],
)
def test_a_contract_without_its_duties_is_refused(
    tmp_path, monkeypatch, part, change, told
):
    document = yaml.safe_load(
        (odcs.CONTRACTS_DIR / "accounts.odcs.yml").read_text(encoding="utf-8")
    )
    (tmp_path / "dutiless.odcs.yml").write_text(
        yaml.safe_dump(document | {part: change}), encoding="utf-8"
    )
    monkeypatch.setattr(odcs, "CONTRACTS_DIR", tmp_path)
    with pytest.raises(odcs.ContractError, match=told):
        odcs.contract("dutiless")


def test_rows_that_break_a_rule_are_found_by_position():
    frame = people({}, {"name": None}, {"via": "guess"}, {"record_index": 0})
    verdict = expectations.validate(odcs.contract("observed/people"), frame)
    assert verdict.broken_rows == {0, 1, 2, 3}  # 0 and 3 share a key
    reasons = " ".join(b.reason for b in verdict.broken)
    assert "name is empty" in reasons
    assert "via is not one of" in reasons
    assert "used more than once" in reasons


def test_the_sample_of_a_check_names_nobody():
    frame = people({"record_index": 0}, {"record_index": 0}, {"record_index": -1})
    promise = odcs.contract("observed/people")
    (named, *_) = [c for c in promise.columns if c.name == "name"]
    strict = dataclasses.replace(
        promise,
        columns=tuple(
            dataclasses.replace(c, pattern="^x$", primary_key=True) if c is named else c
            for c in promise.columns
        ),
    )
    verdict = expectations.validate(strict, frame)
    samples = {b.expectation: b.sample for b in verdict.broken}
    assert samples["expect_column_values_to_match_regex"][0] == "xxxx xxxxxxxx"
    assert "Kari" not in str(verdict)
    assert samples["expect_column_values_to_be_between"] == ("-1",)


def test_every_column_that_holds_a_name_of_a_person_says_so():
    for path in odcs.contract_paths():
        promise = odcs.contract(path)
        columns = set(promise.column_names)
        names = columns & {"person_key", "person_name", "holder_name", "talk_to_name"}
        if "person_key" in columns:
            names |= {"name"}
        assert names <= promise.personal, path


def test_a_missing_column_breaks_the_whole_table():
    frame = people({}).drop("name")
    verdict = expectations.validate(odcs.contract("observed/people"), frame)
    assert verdict.missing == ("name",)
    assert not verdict.is_kept


def _parsed(home, frame, day="2025-01-06"):
    gate.prepare_home(home)
    file = home / "parsed" / "company_pages" / f"day={day}" / "people.parquet"
    gate.write_atomically(frame, file)
    return file


def test_the_gate_parts_good_rows_from_bad_and_loses_none(tmp_path):
    _parsed(tmp_path, people({}, {"name": None}, {"via": "guess"}))
    gated = gate.gate_kind(tmp_path, "people")
    assert (gated.n_rows, gated.n_observed, gated.n_quarantined) == (3, 1, 2)
    day = "source=company_pages/day=2025-01-06.parquet"
    observed = pl.read_parquet(tmp_path / "observed" / "people" / day)
    assert observed["name"].to_list() == ["Kari Nordmann"]
    held = pl.read_parquet(
        tmp_path
        / "quarantine"
        / "people"
        / "source=company_pages-day=2025-01-06.parquet"
    )
    assert held["reason"].str.contains("name is empty|via is not").all()


def test_the_gate_does_nothing_the_second_time(tmp_path):
    _parsed(tmp_path, people({}))
    gate.gate_kind(tmp_path, "people")
    assert gate.gate_kind(tmp_path, "people").n_files == 0


@pytest.mark.parametrize("hours", [-30, 30])
def test_the_gate_sees_what_is_parsed_again_whatever_the_clock_says(tmp_path, hours):
    _parsed(tmp_path, people({}))
    gate.gate_kind(tmp_path, "people")
    file = _parsed(tmp_path, people({}, {"record_index": 9}))
    moment = file.stat().st_mtime + hours * 3600
    os.utime(file, (moment, moment))
    assert gate.gate_kind(tmp_path, "people").n_observed == 2
    assert gate.gate_kind(tmp_path, "people").n_files == 0


def test_the_gate_makes_a_damaged_file_again(tmp_path):
    _parsed(tmp_path, people({}))
    gate.gate_kind(tmp_path, "people")
    (done,) = (tmp_path / "observed" / "people").glob("source=*/*.parquet")
    whole, moment = done.read_bytes(), done.stat().st_mtime_ns
    done.write_bytes(whole[:-9])
    os.utime(done, ns=(moment, moment))
    gate.gate_kind(tmp_path, "people")
    assert done.read_bytes() == whole


def test_the_gate_refuses_a_file_without_a_promised_column(tmp_path):
    _parsed(tmp_path, people({}).drop("title"))
    with pytest.raises(odcs.ContractError, match="title"):
        gate.gate_kind(tmp_path, "people")
    assert not list((tmp_path / "observed" / "people").glob("source=*"))


def _visits(home, day, n_visits, digest, scope="leadership", folder="company_pages"):
    promise = odcs.contract("landing/visits")
    rows = [
        {
            "visit_id": f"{day}{i}",
            "source": "company_pages",
            "account_id": f"a{i}",
            "scope": scope,
            "url": f"https://a{i}.example/om",
            "fetched_at": pl.Series([f"{day} 23:59:59"]).str.to_datetime()[0],
            "outcome": "ok",
            "payload_digest": digest,
            "n_bytes": 1,
            "truncated": False,
            "redirect_chain": [],
        }
        for i in range(n_visits)
    ]
    frame = pl.DataFrame(rows, schema=frames.schema(promise))
    gate.write_atomically(
        frame, home / "landing" / folder / f"day={day}" / "visits.parquet"
    )


@pytest.mark.parametrize(("last_digest", "drops"), [("0", False), ("f", True)])
def test_a_drop_of_all_at_once_is_seen(tmp_path, last_digest, drops):
    full = [
        {"url": f"https://a{i}.example/om", "record_index": j}
        for i in range(25)
        for j in range(4)
    ]
    _parsed(tmp_path, people(*full))
    gate.gate_kind(tmp_path, "people")
    for day in ("2025-01-06", "2025-01-13", "2025-01-20"):
        _visits(tmp_path, day, 25, "sha256:" + "0" * 64)
    _visits(tmp_path, "2025-01-27", 25, "sha256:" + last_digest * 64)
    reading = gate.record_yield(tmp_path, "people")
    assert reading.usual == 4.0
    assert reading.has_dropped is drops


@pytest.mark.parametrize(("scope", "drops"), [("board", True), ("board_ad", False)])
def test_many_pages_of_single_ads_are_no_drop(tmp_path, scope, drops):
    full = [
        {"url": f"https://a{i}.example/om", "record_index": j}
        for i in range(25)
        for j in range(4)
    ]
    _parsed(tmp_path, people(*full))
    gate.gate_kind(tmp_path, "people")
    days = ("2025-01-06", "2025-01-13", "2025-01-20", "2025-01-27")
    for day in days:
        _visits(tmp_path, day, 25, "sha256:" + "0" * 64)
    # Seventy-five times a page of which nothing of the kind is known.
    for folder in ("one", "two", "three"):
        _visits(tmp_path, days[-1], 25, "sha256:" + "f" * 64, scope, folder)
    # The folders tell the files apart; the rows are of one source.
    assert gate.record_yield(tmp_path, "people").has_dropped is drops


def test_one_company_with_few_pages_is_never_a_drop(tmp_path):
    _parsed(tmp_path, people({"url": "https://a0.example/om"}))
    gate.gate_kind(tmp_path, "people")
    for day in ("2025-01-06", "2025-01-13", "2025-01-20"):
        _visits(tmp_path, day, 1, "sha256:" + "0" * 64)
    _visits(tmp_path, "2025-01-27", 1, "sha256:" + "f" * 64)
    assert not gate.record_yield(tmp_path, "people").has_dropped


@pytest.mark.parametrize(("n_errors", "is_broken"), [(9, False), (21, True)])
def test_a_parser_that_fails_as_a_rule_is_found(tmp_path, n_errors, is_broken):
    promise = odcs.contract("observed/payloads")
    rows = [
        {
            "source": "company_pages",
            "url": f"https://a{i}.example/om",
            "payload_digest": "sha256:" + "0" * 64,
            "parser_version": "1",
            "record_index": 0,
            "scope": "leadership",
            "verdict": "parse_error" if i < n_errors else "ok",
            "error": "x is not y" if i < n_errors else None,
            "n_records": 0,
        }
        for i in range(40)
    ]
    gate.write_atomically(
        pl.DataFrame(rows, schema=frames.schema(promise)),
        tmp_path / "observed" / "payloads" / "source=company_pages" / "day=1.parquet",
    )
    assert bool(gate.broken_parsers(tmp_path)) is is_broken


def test_the_page_of_tables_says_what_the_contracts_say():
    from orchestration.contracts import document

    assert document.FILE.read_text(encoding="utf-8") == document.page(), (
        "docs/tables.md is stale: python -m orchestration.contracts.document"
    )
