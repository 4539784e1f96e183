"""Plan and sync with the file as destination: only what changed, only what is ours."""

import csv
import os
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from orchestration.contracts.expectations import validate
from orchestration.contracts.odcs import contract
from orchestration.crm.destinations.csv_file import CsvFile, neutralised
from orchestration.crm.destinations.protocol import Write
from orchestration.crm.fault import CrmError
from orchestration.crm.field_map import load_field_map, map_file, mapped
from orchestration.crm.sync import plan, sync
from tests.scoring import made_up

FIELD_MAP_FILE = map_file("csv_file", "account")
FIELDS = load_field_map(FIELD_MAP_FILE).fields
ACCOUNT = made_up.account_id(0)


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    return made_up.crm_tables(made_up.scores())


@pytest.fixture(scope="module")
def updates(tables) -> pl.DataFrame:
    return tables["crm_account_updates"]


@pytest.fixture
def home(tables, tmp_path) -> Path:
    (tmp_path / "accounts").mkdir()
    made_up.accounts().write_parquet(tmp_path / "accounts" / "accounts.parquet")
    put(tmp_path, tables["crm_account_updates"], tables["crm_tasks"])
    return tmp_path


def put(home: Path, updates: pl.DataFrame, tasks: pl.DataFrame | None = None) -> None:
    folder = home / "published" / "current"
    folder.mkdir(parents=True, exist_ok=True)
    updates.write_parquet(folder / "crm_account_updates.parquet")
    if tasks is not None:
        tasks.write_parquet(folder / "crm_tasks.parquet")


def given(updates: pl.DataFrame, account: str, **values) -> pl.DataFrame:
    """The table with other values, and another hash, for one account."""
    mine = pl.col("account_id") == account
    values = {"row_hash": "0" * 32} | values
    return updates.with_columns(
        pl.when(mine).then(pl.lit(v, updates.schema[c])).otherwise(pl.col(c)).alias(c)
        for c, v in values.items()
    )


def rows_of(home: Path, name: str = "accounts.csv") -> dict[str, dict[str, str]]:
    with (home / "crm" / "csv_file" / name).open(newline="") as handle:
        key = "account_id" if name == "accounts.csv" else "task_key"
        return {row[key]: row for row in csv.DictReader(handle)}


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(f): (f.stat().st_mtime_ns, f.stat().st_ino)
        for f in sorted(folder.rglob("*"))
        if f.suffix in (".csv", ".parquet")
    }


def found(steps, account: str) -> tuple[str, str]:
    step = next(s for s in steps if s.key == account)
    return step.status, step.reason


def test_the_outbox_keeps_its_contract_and_the_budget(home):
    planned = plan("csv_file", home)
    verdict = validate(contract("crm/outbox"), planned.rows)
    assert verdict.is_kept, verdict.sentence()
    accounts = planned.rows.filter(pl.col("kind") == "account")
    assert accounts["account_id"].n_unique() == 10
    assert set(accounts["op"]) == {"upsert"}
    needed = {
        "lyttepost_talk_to_role",
        "lyttepost_why_now",
        "lyttepost_opening_question",
        "lyttepost_evidence_url",
    }
    for _, rows in accounts.group_by("account_id"):
        assert needed <= set(rows["field"])
    over = [s for s in planned.steps if "attention budget" in s.reason]
    assert {s.status for s in over} == {"deferred"}
    assert len(over) == 2


def test_more_than_the_budget_is_sent_only_with_a_reason_that_is_logged(home):
    sync("csv_file", home)
    done = sync("csv_file", home, beyond_budget="kampanje i uke 2")
    assert done.counts()["sent"] == 2
    runs = pl.read_parquet(home / "crm" / "csv_file" / "sync_runs.parquet")
    assert runs["override_reason"].to_list() == [None, "kampanje i uke 2"]


@pytest.mark.parametrize(
    "column", ["talk_to_role", "why_now_nb", "opening_question_nb", "evidence_url"]
)
def test_nothing_is_sent_when_a_part_of_the_payload_is_missing(home, updates, column):
    put(home, given(updates, ACCOUNT, **{column: None}))
    planned = plan("csv_file", home)
    stand, reason = found(planned.steps, ACCOUNT)
    assert stand == "deferred"
    assert reason.startswith("no value for lyttepost_")


def test_every_queried_record_ends_as_exactly_one_thing(home, tables):
    done = sync("csv_file", home)
    n = tables["crm_account_updates"].height + tables["crm_tasks"].height
    assert sum(done.counts().values()) == len(done.steps) == n == 58
    assert len({(s.kind, s.key) for s in done.steps}) == 58
    assert done.counts()["sent"] == 20
    assert done.is_success
    folder = home / "crm" / "csv_file"
    for name in ("sync_runs", "sync_changelog", "sync_snapshot", "sync_rejected"):
        frame = pl.read_parquet(folder / f"{name}.parquet")
        verdict = validate(contract(f"crm/{name}"), frame)
        assert verdict.is_kept, verdict.sentence()
    row = pl.read_parquet(folder / "sync_runs.parquet").row(0, named=True)
    assert row["queried"] == 58
    assert row["queried"] == sum(
        row[k] for k in ("sent", "unchanged", "rejected", "deferred")
    )
    log = pl.read_parquet(folder / "sync_changelog.parquet")
    assert set(log["status"]) == {"sent"}
    assert log.filter(pl.col("kind") == "account")["record_key"].n_unique() == 10


def test_no_name_stands_in_the_state_or_the_logs(home):
    sync("csv_file", home)
    assert "Tormod Haugdal" in (home / "crm" / "csv_file" / "accounts.csv").read_text()
    for file in (home / "crm" / "csv_file").iterdir():
        if file.suffix != ".csv":
            assert b"Haugdal" not in file.read_bytes(), file.name


def test_the_second_run_calls_and_writes_nothing_at_all(home):
    sync("csv_file", home)
    before = snapshot(home / "crm")
    again = sync("csv_file", home)
    assert again.counts()["sent"] == 0
    assert again.calls == 0
    assert plan("csv_file", home).rows.is_empty()
    assert snapshot(home / "crm") == before


def test_a_plan_writes_nothing(home):
    planned = plan("csv_file", home)
    assert planned.counts()["to_send"] == 20
    assert planned.operations() == {"create": 20, "update": 0, "close": 0}
    assert "(nothing) -> " in planned.text()
    assert not (home / "crm").exists()


def test_only_what_changed_is_sent(home, updates):
    sync("csv_file", home)
    put(home, given(updates, ACCOUNT, talk_to_name="Ny Person"))
    planned = plan("csv_file", home).rows
    assert planned.select("account_id", "field", "old_value", "new_value").rows() == [
        (ACCOUNT, "lyttepost_talk_to_name", "Tormod Haugdal", "Ny Person")
    ]
    sync("csv_file", home)
    assert rows_of(home)[ACCOUNT]["lyttepost_talk_to_name"] == "Ny Person"


def test_a_null_never_overwrites(home, updates):
    sync("csv_file", home)
    put(home, given(updates, ACCOUNT, talk_to_name=None, do_not_say_nb=None))
    assert plan("csv_file", home).rows.is_empty()
    sync("csv_file", home)
    assert rows_of(home)[ACCOUNT]["lyttepost_talk_to_name"] == "Tormod Haugdal"


def test_another_play_does_not_keep_the_former_plays_name(home, updates):
    sync("csv_file", home)
    put(home, given(updates, ACCOUNT, talk_to_name=None, play="explicit_procurement"))
    ops = plan("csv_file", home).rows.select("field", "op").rows()
    assert ("lyttepost_talk_to_name", "clear") in ops


def closed(updates: pl.DataFrame) -> pl.DataFrame:
    day = made_up.AS_OF - timedelta(days=1)
    return given(
        updates,
        ACCOUNT,
        window_state="closed",
        act_before=day,
        play=None,
        talk_to_role=None,
        why_now_nb=None,
        is_listed=False,
    )


def test_a_closed_window_clears_our_fields_with_the_reason(home, updates):
    sync("csv_file", home)
    put(home, closed(updates))
    planned = plan("csv_file", home).rows
    assert set(planned["op"]) == {"clear"}
    assert set(planned["reason"]) == {"window closed 2025-12-28"}
    assert planned["new_value"].null_count() == planned.height == 13
    sync("csv_file", home)
    ours = {k: v for k, v in rows_of(home)[ACCOUNT].items() if k != "account_id"}
    assert set(ours.values()) == {""}
    assert plan("csv_file", home).rows.is_empty()
    log = pl.read_parquet(home / "crm" / "csv_file" / "sync_changelog.parquet")
    assert "window closed 2025-12-28" in set(log["reason"])


def test_an_account_that_is_no_longer_watched_is_cleared(home, updates):
    sync("csv_file", home)
    put(home, updates.filter(pl.col("account_id") != ACCOUNT))
    planned = plan("csv_file", home).rows
    assert set(planned["record_key"]) == {ACCOUNT}
    assert set(planned["op"]) == {"clear"}


def test_an_account_that_opted_out_is_cleared(home, updates):
    sync("csv_file", home)
    put(home, given(updates, ACCOUNT, is_deleted=True, window_state="none", play=None))
    stand, reason = found(plan("csv_file", home).steps, ACCOUNT)
    assert (stand, reason) == ("to_send", "the account is no longer watched here")
    sync("csv_file", home)
    assert "Haugdal" not in "".join(rows_of(home)[ACCOUNT].values())


def test_who_was_erased_is_cleared_there_though_a_null_is_no_statement(home, tables):
    sync("csv_file", home)
    updates, tasks = tables["crm_account_updates"], tables["crm_tasks"]
    mine = pl.col("account_id") == ACCOUNT
    put(
        home,
        given(updates, ACCOUNT, talk_to_name=None, why_now_nb="Ny salgsdirektør."),
        tasks.with_columns(
            pl.when(mine).then(pl.lit("closed")).otherwise("status").alias("status"),
            pl.when(mine).then(None).otherwise("body_nb").alias("body_nb"),
            pl.when(mine).then(pl.lit("withdrawn")).alias("closed_reason"),
            pl.when(mine)
            .then(pl.lit("0" * 32))
            .otherwise("row_hash")
            .alias("row_hash"),
        ),
    )
    # As the erasure of a person queues it.
    queue = pl.DataFrame({"destination": ["csv_file"], "account_id": [ACCOUNT]})
    queue.write_parquet(home / "crm" / "deletions.parquet")
    stand, reason = found(plan("csv_file", home).steps, ACCOUNT)
    assert (stand, reason) == ("to_send", "somebody was erased here")
    sync("csv_file", home)
    for file in (home / "crm" / "csv_file").glob("*.csv"):
        assert "Haugdal" not in file.read_text(), file.name
    assert rows_of(home)[ACCOUNT]["lyttepost_why_now"] == "Ny salgsdirektør."
    assert sync("csv_file", home).calls == 0


def test_thin_coverage_leaves_what_stands_until_the_window_closes(home, updates):
    sync("csv_file", home)
    put(home, given(updates, ACCOUNT, probability=None, lift=None, band="unknown"))
    planned = plan("csv_file", home)
    assert planned.rows.is_empty()
    assert found(planned.steps, ACCOUNT)[0] == "deferred"


def test_a_task_closes_with_its_reason(home, tables):
    sync("csv_file", home)
    tasks = tables["crm_tasks"]
    key = tasks["task_key"][0]
    mine = pl.col("task_key") == key
    put(
        home,
        tables["crm_account_updates"],
        tasks.with_columns(
            pl.when(mine).then(pl.lit("closed")).otherwise("status").alias("status"),
            pl.when(mine).then(pl.lit("insolvency")).alias("closed_reason"),
            pl.when(mine).then(None).otherwise("body_nb").alias("body_nb"),
            pl.when(mine)
            .then(pl.lit("0" * 32))
            .otherwise("row_hash")
            .alias("row_hash"),
        ),
    )
    planned = plan("csv_file", home)
    assert planned.operations() == {"create": 0, "update": 0, "close": 1}
    sync("csv_file", home)
    row = rows_of(home, "tasks.csv")[key]
    assert row["lyttepost_status"] == "closed"
    assert row["lyttepost_closed_reason"] == "insolvency"


def test_a_task_that_is_closed_before_it_was_sent_is_not_sent(home, tables):
    tasks = tables["crm_tasks"].with_columns(
        status=pl.lit("closed"), closed_reason=pl.lit("window closed")
    )
    put(home, tables["crm_account_updates"], tasks)
    steps = [s for s in plan("csv_file", home).steps if s.kind == "task"]
    assert {s.status for s in steps} == {"unchanged"}


def test_what_people_wrote_in_the_file_stays(home, updates):
    sync("csv_file", home)
    file = home / "crm" / "csv_file" / "accounts.csv"
    with file.open(newline="") as handle:
        rows = list(csv.DictReader(handle))
    with file.open("w", newline="") as handle:
        writer = csv.DictWriter(handle, ["owner_note", *rows[0]])
        writer.writeheader()
        writer.writerow({"owner_note": "min egen", "account_id": "K-not-ours"})
        writer.writerows(r | {"owner_note": f"=note {r['account_id']}"} for r in rows)
    put(home, given(updates, ACCOUNT, talk_to_name="Ny Person"))
    sync("csv_file", home)
    now = rows_of(home)
    assert now[ACCOUNT]["owner_note"] == f"=note {ACCOUNT}"
    assert now[ACCOUNT]["lyttepost_talk_to_name"] == "Ny Person"
    assert now["K-not-ours"]["owner_note"] == "min egen"
    assert now["K-not-ours"]["lyttepost_why_now"] == ""
    assert len(now) == 11


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_value_is_taken_for_a_formula(home, updates, start):
    name = f'{start}HYPERLINK("http://example.invalid")'
    put(home, given(updates, ACCOUNT, talk_to_name=name))
    sync("csv_file", home)
    assert rows_of(home)[ACCOUNT]["lyttepost_talk_to_name"] == f"'{name}"
    assert neutralised("Kari") == "Kari"
    assert plan("csv_file", home).rows.is_empty()


def test_a_row_that_does_not_fit_is_rejected_alone_and_tried_again(home, updates):
    put(home, given(updates, ACCOUNT, why_now_nb="x" * 40_000))
    done = sync("csv_file", home)
    assert not done.is_success
    assert done.counts() == {
        "sent": 19,
        "unchanged": done.counts()["unchanged"],
        "rejected": 1,
        "deferred": done.counts()["deferred"],
    }
    stand, reason = found(done.steps, ACCOUNT)
    assert (stand, reason) == (
        "rejected",
        "lyttepost_why_now has 40000 characters, more than 32767",
    )
    assert ACCOUNT not in rows_of(home)
    assert sync("csv_file", home).counts()["rejected"] == 1
    put(home, updates)
    assert sync("csv_file", home).counts()["sent"] == 1
    assert ACCOUNT in rows_of(home)


def test_two_rows_of_one_account_are_rejected_and_not_guessed(home, updates):
    sync("csv_file", home)
    file = home / "crm" / "csv_file" / "accounts.csv"
    text = file.read_text()
    double = next(ln for ln in text.splitlines(True) if ln.startswith(ACCOUNT))
    file.write_text(text + double)
    put(home, given(updates, ACCOUNT, talk_to_name="Ny Person"))
    done = sync("csv_file", home)
    assert "2 rows" in found(done.steps, ACCOUNT)[1]
    assert file.read_text() == text + double


def test_a_field_that_a_person_changed_is_left_alone_and_reported(home, updates):
    sync("csv_file", home)
    file = home / "crm" / "csv_file" / "accounts.csv"
    file.write_text(file.read_text().replace("Tormod Haugdal", "Ring heller Kari"))
    put(home, given(updates, ACCOUNT, talk_to_name="Ny Person", lift=9.9))
    planned = plan("csv_file", home)
    step = next(s for s in planned.steps if s.key == ACCOUNT)
    assert step.left_alone == ("lyttepost_talk_to_name",)
    assert "changed by a person: lyttepost_talk_to_name" in planned.text()
    done = sync("csv_file", home)
    row = rows_of(home)[ACCOUNT]
    assert row["lyttepost_talk_to_name"] == "Ring heller Kari"
    assert row["lyttepost_lift"] == "9.9"
    assert "left alone" in found(done.steps, ACCOUNT)[1]
    # And so in every later run, also when the window closes.
    put(home, closed(updates))
    sync("csv_file", home)
    left = {k: v for k, v in rows_of(home)[ACCOUNT].items() if v}
    assert left["lyttepost_talk_to_name"] == "Ring heller Kari"
    assert set(left) <= {"account_id", "lyttepost_talk_to_name", "lyttepost_why_now"}
    assert plan("csv_file", home).rows.is_empty()


class PowerCut(BaseException):
    """Everything stops here, as at kill -9."""


@pytest.mark.parametrize("at", [1, 2, 3, 4, 5])
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
        patch.setattr(os, "replace", cut)
        with pytest.raises(PowerCut):
            sync("csv_file", home)
    sync("csv_file", home)
    assert len(rows_of(home)) == 10
    before = snapshot(home / "crm" / "csv_file")
    assert sync("csv_file", home).counts()["sent"] == 0
    assert snapshot(home / "crm" / "csv_file") == before


def test_a_file_that_was_deleted_is_written_again(home, tables):
    sync("csv_file", home)
    (home / "crm" / "csv_file" / "accounts.csv").unlink()
    # The tasks' file stands still: they are found there as they should be.
    assert sync("csv_file", home).counts()["sent"] == 10
    assert len(rows_of(home)) == 10
    assert sync("csv_file", home).calls == 0
    # And they are still ours to change.
    tasks = tables["crm_tasks"].with_columns(
        subject_nb=pl.lit("Ny tekst"), row_hash=pl.lit("0" * 32)
    )
    put(home, tables["crm_account_updates"], tasks)
    assert sync("csv_file", home).counts()["sent"] == 10
    subjects = {r["lyttepost_subject"] for r in rows_of(home, "tasks.csv").values()}
    assert subjects == {"Ny tekst"}


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
    writes = [Write("a", "a", {"lyttepost_play": "hold"}), Write("b", "b")]
    outcomes = target.write("account", writes)
    assert {o.status for o in outcomes} == {"accepted"}
    before = snapshot(target.folder)
    target.write("account", writes)
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
