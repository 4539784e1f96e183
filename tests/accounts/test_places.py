"""places.csv and opt_out.csv: one sentence per bad row, a person's word stands."""

from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from orchestration.accounts.opt_outs import OptOuts, read_opt_outs, write_opt_outs
from orchestration.accounts.places import (
    BAR,
    Finding,
    merged,
    places_text,
    read_places,
    write_places,
)
from orchestration.accounts.watch_list import AccountsRefused
from orchestration.cli import app
from scrapers.account import PLACES_SCHEMA, read_accounts
from tests.scrapers.conftest import write_accounts

SOURCES = ("company_pages", "nav_jobs")


def written(tmp_path: Path, text: str, name: str = "places.csv") -> Path:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return file


def test_a_row_by_hand_needs_three_cells_and_is_meant(tmp_path: Path) -> None:
    file = written(
        tmp_path, "account_id,source,address\na1,company_pages,https://a.example/jobb\n"
    )
    places = read_places(file, {"a1"}, SOURCES)
    (finding,) = places.findings
    assert finding.status == "kept"
    assert places.in_use() == (finding,)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("a9,job_board,nav_jobs,x,0.9,proposed", "account 'a9' is not on the watch"),
        ("a1,job_board,green_jobs,x,0.9,proposed", "'green_jobs' is not a source"),
        ("a1,board,nav_jobs,x,0.9,proposed", "kind 'board' is not one of"),
        ("a1,job_board,nav_jobs,,0.9,proposed", "a job_board without an address"),
        ("a1,job_board,nav_jobs,x,much,proposed", "score 'much' is not a number"),
        ("a1,job_board,nav_jobs,x,7,proposed", "score '7' is not between 0 and 1"),
        ("a1,job_board,nav_jobs,x,0.9,maybe", "status 'maybe' is not one of"),
        ("a1,place,,x,0.9,kept", "a place without a source"),
        ("a1,job_board", "has 2 cells where the header has 6"),
    ],
)
def test_a_bad_row_is_set_aside_with_one_sentence(
    tmp_path: Path, row: str, why: str
) -> None:
    header = "account_id,kind,source,address,score,status\n"
    file = written(tmp_path, f"{header}{row}\na1,feed,nav_jobs,ok,1,kept\n")
    places = read_places(file, {"a1"}, SOURCES)
    (refused,) = places.refused
    assert refused.line == 2
    assert why in refused.reason
    assert [f.address for f in places.findings] == ["ok"]


def test_a_file_without_its_columns_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(AccountsRefused, match="source, address are missing"):
        read_places(written(tmp_path, "account_id,url\na,b\n"), {"a"}, SOURCES)
    with pytest.raises(AccountsRefused, match="colour are not understood"):
        read_places(
            written(tmp_path, "account_id,source,address,colour\na,b,c,d\n"),
            {"a"},
            SOURCES,
        )


def test_only_what_is_kept_or_sure_is_used(tmp_path: Path) -> None:
    rows = [
        Finding("a1", "job_board", "nav_jobs", "sure", "x", BAR, "proposed"),
        Finding("a1", "job_board", "nav_jobs", "unsure", "x", BAR - 0.01, "proposed"),
        Finding("a1", "job_board", "nav_jobs", "kept", "x", 0.1, "kept"),
        Finding("a1", "job_board", "nav_jobs", "rejected", "x", 0.99, "rejected"),
        Finding("a1", "org_number", "", "999601391", "x", 0.99, "proposed"),
    ]
    file = written(tmp_path, places_text(rows))
    places = read_places(file, {"a1"}, SOURCES)
    assert places.findings == tuple(rows)
    target = write_places(places, tmp_path / "home")
    frame = pl.read_parquet(target)
    assert dict(frame.schema) == {**PLACES_SCHEMA, "kind": pl.String()}
    assert frame["address"].to_list() == ["kept", "sure"]


def test_what_stands_stays_and_what_is_new_is_added() -> None:
    def found(address: str, **other: str) -> Finding:
        values = {"found_as": address, **other}
        return Finding("a1", "careers", "company_pages", address, score=0.9, **values)

    rejected = found("https://a.example/no", status="rejected", note="another's")
    mended = found("https://a.example/jobb", found_as="https://a.example/jobs")
    again = [found("https://a.example/no"), found("https://a.example/jobs")]
    new = found("https://a.example/karriere")
    review = merged([rejected, mended], [*again, new, new])
    assert sorted(review, key=lambda f: f.address) == sorted(
        [rejected, mended, new], key=lambda f: f.address
    )


def test_who_opted_out_is_not_even_read(tmp_path: Path) -> None:
    accounts = write_accounts(
        tmp_path,
        {"a1": ("a.example",), "b1": ("b.example", "b.test"), "c1": ("c.example",)},
    )
    pl.DataFrame(
        [("b1", "nav_jobs", "https://b.test/board"), ("b1", "nav_jobs", "token")],
        schema=PLACES_SCHEMA,
        orient="row",
    ).write_parquet(accounts.with_name("places.parquet"))
    file = written(
        tmp_path,
        "account_id,domain,reason\na1,,wrote to us\n,www.b.test,\nz9,,\n",
        "opt_out.csv",
    )
    opt_outs = read_opt_outs(file)
    assert opt_outs == OptOuts(frozenset({"a1", "z9"}), frozenset({"b.test"}))
    frame = pl.read_parquet(accounts)
    assert write_opt_outs(frame, opt_outs, tmp_path) == ["z9"]
    read = {a.account_id: a for a in read_accounts(accounts)}
    assert set(read) == {"b1", "c1"}
    assert read["b1"].domains == ("b.example",)
    assert read["b1"].addresses("nav_jobs") == ("token",)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("account_id,why\na,b\n", "an opt-out file has account_id or domain"),
        ("domain\nnot a domain\n", "'not a domain' is not a domain"),
        ("account_id,domain\n,\n,x.example\nb\n", "line 4 has 1 cells"),
    ],
)
def test_an_opt_out_that_is_not_understood_stops(
    tmp_path: Path, text: str, why: str
) -> None:
    with pytest.raises(AccountsRefused, match=why):
        read_opt_outs(written(tmp_path, text, "opt_out.csv"))


def test_a_check_looks_at_what_stands_beside_the_accounts(tmp_path: Path) -> None:
    accounts = written(
        tmp_path, "account_id,name,domains\na1,Tindvik AS,a.example\n", "accounts.csv"
    )
    written(
        tmp_path,
        "account_id,source,address\na1,company_pages,https://a.example/jobb\n"
        "a2,company_pages,https://b.example/jobb\n",
    )
    done = CliRunner().invoke(app, ["accounts", "check", str(accounts)])
    assert done.exit_code == 1
    assert "places.csv: line 3: account 'a2' is not on the watch list" in done.stdout
    assert "1 places of" in done.stdout
    written(tmp_path, "domain\nnot a domain\n", "opt_out.csv")
    done = CliRunner().invoke(app, ["accounts", "check", str(accounts)])
    assert done.exit_code == 1
    assert "'not a domain' is not a domain" in done.stderr
