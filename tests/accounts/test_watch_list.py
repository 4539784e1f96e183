"""The accounts file: strict reading, one sentence per fault, nothing lost."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.accounts.watch_list import (
    AccountsRefused,
    clean_domain,
    is_org_number,
    read_watch_list,
    write_watch_list,
)
from orchestration.contracts.expectations import validate
from orchestration.contracts.odcs import contract

HEADER = "account_id,name,country,org_number,domains\n"


def write(tmp_path, text, name="accounts.csv"):
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_good_rows_are_cleaned(tmp_path):
    file = write(
        tmp_path,
        HEADER + 'a1,Fjord AS,no,NO 923 609 016 MVA,"https://Fjord.example/om; b.no"\n',
    )
    row = read_watch_list(file).accounts.row(0, named=True)
    assert row["org_number"] == "923609016"
    assert row["domains"] == ["fjord.example", "b.no"]
    assert row["country"] == "NO"


@pytest.mark.parametrize("missing", ["account_id", "name"])
def test_missing_column_refuses_the_file_by_name(tmp_path, missing):
    columns = [c for c in HEADER.strip().split(",") if c != missing]
    file = write(tmp_path, ",".join(columns) + "\n" + ",".join("x" for _ in columns))
    with pytest.raises(AccountsRefused, match=rf"column\(s\) {missing} are missing"):
        read_watch_list(file)


def test_duplicate_id_sets_the_second_row_aside_and_names_the_first(tmp_path):
    file = write(tmp_path, HEADER + "a,A,NO,,a.no\na,B,NO,,b.no\nc,C,NO,,c.no\n")
    read = read_watch_list(file)
    assert read.accounts["account_id"].to_list() == ["a", "c"]
    assert [(r.line, r.account_id) for r in read.refused] == [(3, "a")]
    assert "line 2" in read.refused[0].reason


def test_bad_org_number_is_set_aside_with_the_reason(tmp_path):
    file = write(tmp_path, HEADER + "a,A,NO,923609017,\nb,B,NO,923609016,\n")
    read = read_watch_list(file)
    assert read.accounts["account_id"].to_list() == ["b"]
    assert "MOD-11" in read.refused[0].reason


def test_refused_rows_are_kept_in_quarantine(tmp_path):
    file = write(tmp_path, HEADER + "a,A,NO,923609017,\nb,B,NO,923609016,\n")
    write_watch_list(read_watch_list(file), tmp_path)
    kept = pl.read_parquet(tmp_path / "quarantine" / "accounts" / "accounts.parquet")
    assert kept["raw"].to_list() == ["a,A,NO,923609017,"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"\xff\xfe\x00a", "not UTF-8"),
        (b"account_id,name\na,A\n", "neither org_number nor domains"),
        (b"account_id,name,domains\n", "no row can be used"),
        (b"account_id,name,name,domains\na,A,A,a.no\n", "more than once"),
        (b"account_id,name,domains\n\x00,A,a.no\n", "NUL"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_sentence(
    tmp_path, content, sentence
):
    with pytest.raises(AccountsRefused, match=sentence) as refusal:
        read_watch_list(write(tmp_path, content))
    assert "\n" not in str(refusal.value)


def test_ragged_rows_and_unknown_columns_are_named(tmp_path):
    file = write(tmp_path, "account_id,name,domains,shoe\na,A,a.no,44\nb,B\n")
    read = read_watch_list(file)
    assert read.refused[0].line == 3
    assert "shoe" in read.warnings[0]


@given(st.integers(min_value=0, max_value=99_999_999))
def test_mod_11_admits_exactly_one_last_digit_or_none(stem):
    valid = [d for d in range(10) if is_org_number(f"{stem:08d}{d}")]
    assert len(valid) <= 1


@given(st.text())
def test_a_domain_is_a_host_or_none(text):
    domain = clean_domain(text)
    assert domain is None or ("/" not in domain and ":" not in domain)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(tmp_path_factory, content):
    file = tmp_path_factory.mktemp("any") / "a.csv"
    file.write_bytes(content)
    try:
        read = read_watch_list(file)
    except AccountsRefused:
        return
    assert read.accounts.height >= 1


def test_a_british_account_carries_a_company_number(tmp_path):
    file = tmp_path / "accounts.csv"
    file.write_text(
        "account_id;name;country;org_number\n"
        "g1;Made Up PLC;GB;445790\n"
        "g2;Made Up LP;gb;sc 123456\n"
        "g3;Made Up Ltd;GB;999601391\n"
        "n1;Eksempel AS;NO;999 601 391\n"
        "n2;Eksempel to AS;NO;00445790\n"
    )
    read = read_watch_list(file)
    numbers = dict(read.accounts.select("account_id", "org_number").iter_rows())
    assert numbers == {"g1": "00445790", "g2": "SC123456", "n1": "999601391"}
    assert [(r.account_id, r.reason.split(";")[0]) for r in read.refused] == [
        (
            "g3",
            "account g3: company number 999601391 is not eight digits, or letters and "
            "digits as Companies House writes them",
        ),
        ("n2", "account n2: organisation number 00445790 fails the MOD-11 check"),
    ]
    assert validate(contract("accounts"), read.accounts).broken == ()
