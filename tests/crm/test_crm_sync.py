"""The outbox and the CSV destination: only what changed, only what is ours."""

import csv
import os
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from orchestration.contracts.expectations import validate
from orchestration.contracts.odcs import contract
from orchestration.crm import sync as sync_module
from orchestration.crm.destinations.csv_file import CsvFile, neutralised
from orchestration.crm.destinations.protocol import Record
from orchestration.crm.field_map import (
    FIELD_MAP_FILE,
    CrmError,
    load_field_map,
    mapped,
)
from orchestration.crm.outbox import empty_accepted, plan_outbox
from orchestration.crm.sync import plan, sync
from tests.scoring import made_up

FIELDS = load_field_map()
ACCOUNT = made_up.account_id(0)


@pytest.fixture(scope="module")
def scores() -> pl.DataFrame:
    return made_up.scores().account_scores


@pytest.fixture
def home(scores, tmp_path) -> Path:
    (tmp_path / "accounts").mkdir()
    made_up.accounts().write_parquet(tmp_path / "accounts" / "accounts.parquet")
    put(tmp_path, scores)
    return tmp_path


def put(home: Path, scores: pl.DataFrame) -> None:
    folder = home / "published" / "current"
    folder.mkdir(parents=True, exist_ok=True)
    scores.write_parquet(folder / "account_scores.parquet")


def given(scores: pl.DataFrame, account: str, **values) -> pl.DataFrame:
    """The scores with other values for one account."""
    mine = pl.col("account_id") == account
    return scores.with_columns(
        pl.when(mine).then(pl.lit(v, scores.schema[c])).otherwise(pl.col(c)).alias(c)
        for c, v in values.items()
    )


def outbox(scores, accepted=None, **options):
    return plan_outbox(
        scores,
        made_up.accounts(),
        empty_accepted() if accepted is None else accepted,
        FIELDS,
        "csv_file",
        **options,
    )


def rows_of(home: Path) -> dict[str, dict[str, str]]:
    with (home / "crm" / "csv_file" / "accounts.csv").open(newline="") as handle:
        return {row["account_id"]: row for row in csv.DictReader(handle)}


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(f): (f.stat().st_mtime_ns, f.stat().st_ino)
        for f in sorted(folder.rglob("*"))
    }


def status(frame: pl.DataFrame, account: str) -> tuple[str, str]:
    row = frame.filter(pl.col("account_id") == account).row(0, named=True)
    return row["status"], row["reason"]


def test_the_outbox_keeps_its_contract_and_the_budget(scores):
    planned = outbox(scores, budget=4)
    verdict = validate(contract("crm/outbox"), planned.rows)
    assert verdict.is_kept, verdict.sentence()
    assert planned.rows["account_id"].n_unique() == 4
    assert set(planned.rows["op"]) == {"upsert"}
    needed = {
        "lyttepost_talk_to_role",
        "lyttepost_why_now",
        "lyttepost_opening_question",
        "lyttepost_evidence_url",
    }
    for _, rows in planned.rows.group_by("account_id"):
        assert needed <= set(rows["field"])
    over = planned.status.filter(pl.col("reason").str.contains("of a budget of 4"))
    assert over.height == scores["attention_rank"].max() - 4


def test_external_ids_come_from_the_accounts(scores):
    ids = dict(outbox(scores).rows.select("account_id", "external_id").iter_rows())
    assert ids[ACCOUNT] == "K-0000"
    assert ids[made_up.account_id(4)] == made_up.account_id(4)


@pytest.mark.parametrize(
    "column", ["talk_to_role", "why_now_nb", "opening_question_nb", "play_signal_ids"]
)
def test_nothing_is_sent_when_a_part_of_the_payload_is_missing(scores, column):
    empty = [] if column == "play_signal_ids" else None
    if empty is None:
        poor = given(scores, ACCOUNT, **{column: None})
    else:
        poor = scores.with_columns(
            pl.when(pl.col("account_id") == ACCOUNT)
            .then(pl.lit([], pl.List(pl.String)))
            .otherwise("play_signal_ids")
            .alias("play_signal_ids")
        )
    planned = outbox(poor)
    assert ACCOUNT not in set(planned.rows["account_id"])
    stand, reason = status(planned.status, ACCOUNT)
    assert stand == "deferred"
    assert reason.startswith("no value for lyttepost_")


def test_every_queried_account_ends_as_exactly_one_thing(home, scores):
    done = sync("csv_file", home)
    assert sum(done.counts().values()) == done.status.height == scores.height == 48
    assert done.status["account_id"].n_unique() == 48
    assert done.counts()["sent"] == 10
    assert done.is_success
    runs = pl.read_parquet(home / "crm" / "csv_file" / "sync_runs.parquet")
    row = runs.row(0, named=True)
    assert row["queried"] == 48
    assert row["queried"] == sum(
        row[k] for k in ("sent", "unchanged", "rejected", "deferred")
    )
    log = pl.read_parquet(home / "crm" / "csv_file" / "sync_changelog.parquet")
    assert set(log["status"]) == {"sent"}
    assert log["account_id"].n_unique() == 10


def test_the_second_run_writes_nothing_at_all(home):
    sync("csv_file", home)
    before = snapshot(home / "crm")
    again = sync("csv_file", home)
    assert again.counts()["sent"] == 0
    assert plan("csv_file", home).outbox.rows.is_empty()
    assert snapshot(home / "crm") == before


def test_a_plan_writes_nothing(home):
    planned = plan("csv_file", home)
    assert planned.counts()["to_send"] == 10
    assert "(nothing) -> " in planned.text()
    assert not (home / "crm").exists()


def test_only_what_changed_is_sent(home, scores):
    sync("csv_file", home)
    put(home, given(scores, ACCOUNT, talk_to_name="Ny Person"))
    planned = plan("csv_file", home).outbox.rows
    assert planned.select("account_id", "field", "old_value", "new_value").rows() == [
        (ACCOUNT, "lyttepost_talk_to_name", "Tormod Haugdal", "Ny Person")
    ]
    sync("csv_file", home)
    assert rows_of(home)[ACCOUNT]["lyttepost_talk_to_name"] == "Ny Person"


def test_a_null_never_overwrites(home, scores):
    sync("csv_file", home)
    put(home, given(scores, ACCOUNT, talk_to_name=None, do_not_say_nb=None))
    assert plan("csv_file", home).outbox.rows.is_empty()
    sync("csv_file", home)
    assert rows_of(home)[ACCOUNT]["lyttepost_talk_to_name"] == "Tormod Haugdal"


def test_another_play_does_not_keep_the_former_plays_name(home, scores):
    sync("csv_file", home)
    put(home, given(scores, ACCOUNT, talk_to_name=None, play="explicit_procurement"))
    ops = plan("csv_file", home).outbox.rows.select("field", "op").rows()
    assert ("lyttepost_talk_to_name", "clear") in ops


def test_a_closed_window_clears_our_fields_with_the_reason(home, scores):
    sync("csv_file", home)
    closed = made_up.AS_OF - timedelta(days=1)
    put(
        home,
        given(
            scores,
            ACCOUNT,
            window_state="closed",
            act_before=closed,
            attention_rank=None,
        ),
    )
    planned = plan("csv_file", home).outbox.rows
    assert set(planned["op"]) == {"clear"}
    assert set(planned["reason"]) == {"window closed 2025-12-28"}
    assert planned["new_value"].null_count() == planned.height == 12
    sync("csv_file", home)
    ours = {k: v for k, v in rows_of(home)[ACCOUNT].items() if k != "account_id"}
    assert set(ours.values()) == {""}
    assert plan("csv_file", home).outbox.rows.is_empty()
    log = pl.read_parquet(home / "crm" / "csv_file" / "sync_changelog.parquet")
    assert "window closed 2025-12-28" in set(log["reason"])


def test_an_account_that_is_no_longer_scored_is_cleared(home, scores):
    sync("csv_file", home)
    put(home, scores.filter(pl.col("account_id") != ACCOUNT))
    planned = plan("csv_file", home).outbox.rows
    assert set(planned["account_id"]) == {ACCOUNT}
    assert set(planned["op"]) == {"clear"}


def test_thin_coverage_leaves_what_stands_until_the_window_closes(home, scores):
    sync("csv_file", home)
    put(
        home,
        given(
            scores,
            ACCOUNT,
            state="abstained",
            probability=None,
            abstain_reason="No fresh observation.",
            attention_rank=None,
        ),
    )
    planned = plan("csv_file", home)
    assert planned.outbox.rows.is_empty()
    assert status(planned.outbox.status, ACCOUNT)[0] == "deferred"


def test_what_people_wrote_in_the_file_stays(home, scores):
    sync("csv_file", home)
    file = home / "crm" / "csv_file" / "accounts.csv"
    with file.open(newline="") as handle:
        rows = list(csv.DictReader(handle))
    with file.open("w", newline="") as handle:
        writer = csv.DictWriter(handle, ["owner_note", *rows[0]])
        writer.writeheader()
        writer.writerow({"owner_note": "min egen", "account_id": "K-not-ours"})
        writer.writerows(r | {"owner_note": f"=note {r['account_id']}"} for r in rows)
    put(home, given(scores, ACCOUNT, talk_to_name="Ny Person"))
    sync("csv_file", home)
    now = rows_of(home)
    assert now[ACCOUNT]["owner_note"] == f"=note {ACCOUNT}"
    assert now[ACCOUNT]["lyttepost_talk_to_name"] == "Ny Person"
    assert now["K-not-ours"]["owner_note"] == "min egen"
    assert now["K-not-ours"]["lyttepost_why_now"] == ""
    assert len(now) == 11


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_value_is_taken_for_a_formula(home, scores, start):
    name = f'{start}HYPERLINK("http://example.invalid")'
    put(home, given(scores, ACCOUNT, talk_to_name=name))
    sync("csv_file", home)
    assert rows_of(home)[ACCOUNT]["lyttepost_talk_to_name"] == f"'{name}"
    assert neutralised("Kari") == "Kari"
    assert plan("csv_file", home).outbox.rows.is_empty()


def test_a_row_that_does_not_fit_is_rejected_alone_and_tried_again(home, scores):
    put(home, given(scores, ACCOUNT, why_now_nb="x" * 40_000))
    done = sync("csv_file", home)
    assert not done.is_success
    assert done.counts() == {
        "sent": 9,
        "unchanged": done.counts()["unchanged"],
        "rejected": 1,
        "deferred": done.counts()["deferred"],
    }
    stand, reason = status(done.status, ACCOUNT)
    assert (stand, reason) == (
        "rejected",
        "lyttepost_why_now has 40000 characters, more than 32767",
    )
    assert ACCOUNT not in rows_of(home)
    assert sync("csv_file", home).counts()["rejected"] == 1
    put(home, scores)
    assert sync("csv_file", home).counts()["sent"] == 1
    assert ACCOUNT in rows_of(home)


def test_two_rows_of_one_account_are_rejected_and_not_guessed(home, scores):
    sync("csv_file", home)
    file = home / "crm" / "csv_file" / "accounts.csv"
    text = file.read_text()
    double = next(ln for ln in text.splitlines(True) if ln.startswith(ACCOUNT))
    file.write_text(text + double)
    put(home, given(scores, ACCOUNT, talk_to_name="Ny Person"))
    done = sync("csv_file", home)
    assert "2 rows" in status(done.status, ACCOUNT)[1]
    assert file.read_text() == text + double


class PowerCut(BaseException):
    """Everything stops here, as at kill -9."""


@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_a_crash_between_the_file_and_the_state_is_mended_by_doing_it_again(
    home, monkeypatch, at
):
    real = os.replace
    left = [at]

    def cut(*args):
        left[0] -= 1
        if left[0] == 0:
            raise PowerCut
        return real(*args)

    with monkeypatch.context() as patch:
        patch.setattr(sync_module.os, "replace", cut)
        with pytest.raises(PowerCut):
            sync("csv_file", home)
    sync("csv_file", home)
    assert len(rows_of(home)) == 10
    before = snapshot(home / "crm" / "csv_file")
    assert sync("csv_file", home).counts()["sent"] == 0
    assert snapshot(home / "crm" / "csv_file") == before


def test_a_file_that_was_deleted_is_written_again(home):
    sync("csv_file", home)
    (home / "crm" / "csv_file" / "accounts.csv").unlink()
    assert sync("csv_file", home).counts()["sent"] == 10
    assert len(rows_of(home)) == 10


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("name\r\nx\r\n", "no column account_id"),
        ("account_id\r\na,b\r\n", "more cells"),
    ],
)
def test_a_file_that_is_not_ours_is_left_alone(home, content, said):
    file = home / "crm" / "csv_file" / "accounts.csv"
    file.parent.mkdir(parents=True)
    file.write_text(content)
    with pytest.raises(CrmError, match=said):
        sync("csv_file", home)
    assert file.read_text() == content.replace("\r\n", "\n")


def test_the_same_records_twice_leave_the_same_file(tmp_path):
    target = CsvFile(tmp_path)
    records = [Record("a", "a", {"lyttepost_play": "hold"}), Record("b", "b", {}, ())]
    assert all(o.is_accepted for o in target.apply(records))
    before = snapshot(target.folder)
    target.apply(records)
    assert snapshot(target.folder) == before


@pytest.mark.parametrize(
    ("home_state", "destination", "said"),
    [
        ("ready", "no_such", "is not a destination"),
        ("empty", "csv_file", "nothing has"),
    ],
)
def test_what_cannot_be_synced_is_one_sentence(
    home, tmp_path_factory, home_state, destination, said
):
    place = home if home_state == "ready" else tmp_path_factory.mktemp("empty")
    with pytest.raises(CrmError, match=said):
        sync(destination, place)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("as: day", "as: week", "'week'"),
        ("column: play,", "colum: play,", "'colum'"),
        ("field: lyttepost_play", "field: owner_note", "'owner_note'"),
        ("field: lyttepost_play", "field: lyttepost_lift", "given twice"),
    ],
)
def test_a_field_map_that_is_not_understood_is_refused_by_file_and_line(
    tmp_path, old, new, said
):
    text = FIELD_MAP_FILE.read_text()
    assert old in text
    file = tmp_path / "field_map.yml"
    file.write_text(text.replace(old, new, 1))
    with pytest.raises(CrmError, match=r"field_map\.yml:\d+: ") as refused:
        load_field_map(file)
    assert said in str(refused.value)


def test_a_null_is_no_value_in_the_map():
    row = {f.column: None for f in FIELDS}
    values, missing = mapped(FIELDS, row)
    assert values == {}
    assert set(missing) == {f.field for f in FIELDS if f.is_required}
