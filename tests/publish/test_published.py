"""Published versions: what is in them, what is refused, and that nothing is undone."""

import hashlib
import json
import os
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from orchestration.contracts.odcs import contract
from orchestration.publish import published
from orchestration.publish.keep import Keep
from orchestration.publish.published import (
    DATABASE,
    MANIFEST,
    PUBLISHED,
    PublishRefused,
    current,
    publish,
)
from tests.publish import publisher
from tests.scoring import made_up

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    return made_up.published_tables()


def changed(tables: dict[str, pl.DataFrame], minutes: int) -> dict[str, pl.DataFrame]:
    moved = tables["account_timeline"].with_columns(
        pl.col("known_at") + timedelta(minutes=minutes)
    )
    return tables | {"account_timeline": moved}


def tree(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(f.relative_to(folder)): (f.lstat().st_mtime_ns, f.lstat().st_ino)
        for f in sorted(folder.rglob("*"))
        if f.name != ".lock"
    }


def assert_complete(home: Path) -> str:
    """`current` points at a version whose files are what its manifest says."""
    folder = (home / "published" / "current").resolve(strict=True)
    manifest = json.loads((folder / MANIFEST).read_text())
    for name, said in manifest["tables"].items():
        content = (folder / f"{name}.parquet").read_bytes()
        assert hashlib.sha256(content).hexdigest() == said["sha256"], name
    with duckdb.connect(str(folder / DATABASE), read_only=True) as connection:
        for name, said in manifest["tables"].items():
            count = connection.execute(f"select count(*) from {name}").fetchone()
            assert count == (said["rows"],), name
    return folder.name


def test_a_version_holds_exactly_the_promised_tables(tables, tmp_path):
    folder = publish(tables, tmp_path)
    with duckdb.connect(str(folder / DATABASE), read_only=True) as connection:
        names = {r[0] for r in connection.execute("show tables").fetchall()}
        assert names == set(PUBLISHED)
        columns = connection.execute(
            "select table_name, column_name, data_type, comment from duckdb_columns() "
            "order by table_name, column_index"
        ).fetchall()
        got = connection.execute(
            "select * from account_scores order by account_id"
        ).pl()
    by_table: dict[str, list[tuple]] = {}
    for table, *rest in columns:
        by_table.setdefault(table, []).append(tuple(rest))
    for name, path in PUBLISHED.items():
        promised = [
            (c.name, c.physical_type.upper(), c.description)
            for c in contract(path).columns
        ]
        assert by_table[name] == promised
        parquet = pl.read_parquet(folder / f"{name}.parquet")
        assert parquet.columns == [c.name for c in contract(path).columns]
        assert parquet.height == tables[name].height
    assert got.equals(pl.read_parquet(folder / "account_scores.parquet"))
    assert got.height == 48
    assert sorted(f.name for f in folder.iterdir()) == sorted(
        [DATABASE, MANIFEST, *(f"{n}.parquet" for n in PUBLISHED)]
    )
    assert not list(folder.glob("*.wal"))
    for file in folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o444
    version = current(tmp_path)
    assert version.as_of == made_up.AS_OF
    assert folder.name.startswith("2025-12-29-")
    assert version.rows["signals"] == tables["signals"].height


def test_unchanged_content_touches_nothing(tables, tmp_path):
    first = publish(tables, tmp_path)
    before = tree(tmp_path)
    shuffled = {name: frame.reverse() for name, frame in tables.items()}
    assert publish(shuffled, tmp_path) == first
    assert tree(tmp_path) == before


def test_a_damaged_version_is_published_again(tables, tmp_path):
    folder = publish(tables, tmp_path)
    file = folder / "signals.parquet"
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:-5])
    assert publish(tables, tmp_path) == folder
    assert assert_complete(tmp_path) == folder.name


def test_equal_content_gives_equal_bytes_in_another_process(tmp_path):
    here = publish(publisher.tables(0), tmp_path / "here")
    subprocess.run(
        [sys.executable, publisher.__file__, str(tmp_path / "there"), "1"],
        check=True,
        capture_output=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    there = (tmp_path / "there" / "published" / "current").resolve()
    assert there.name == here.name
    for name in [*(f"{n}.parquet" for n in PUBLISHED), MANIFEST]:
        assert (here / name).read_bytes() == (there / name).read_bytes(), name


@pytest.mark.parametrize(
    ("name", "spoil", "said"),
    [
        ("signals", lambda f: None, "table signals is missing"),
        ("signals", lambda f: f.drop("strength"), "lacks the column.* strength"),
        (
            "coverage",
            lambda f: f.with_columns(pl.col("as_of").cast(pl.String)),
            "column as_of is String",
        ),
        (
            "account_scores",
            lambda f: f.with_columns(pl.lit(None, pl.String).alias("state")),
            "column state is empty in 48 of 48 rows",
        ),
        ("signals", lambda f: pl.concat([f, f.head(2)]), "used more than once in 2"),
    ],
)
def test_a_broken_promise_is_refused_in_one_sentence_and_the_former_stays(
    tables, tmp_path, name, spoil, said
):
    former = publish(tables, tmp_path)
    before = tree(tmp_path)
    spoilt = spoil(tables[name])
    rest = {k: v for k, v in changed(tables, 5).items() if k != name}
    offered = rest if spoilt is None else rest | {name: spoilt}
    with pytest.raises(PublishRefused, match=said) as refused:
        publish(offered, tmp_path)
    assert "\n" not in str(refused.value)
    assert str(refused.value).endswith("nothing was published")
    assert tree(tmp_path) == before
    assert current(tmp_path).folder == former


def test_a_narrower_integer_or_another_unit_of_time_still_fits(tables, tmp_path):
    first = publish(tables, tmp_path)
    other = tables["coverage"].with_columns(
        pl.col("visits").cast(pl.Int32),
        pl.col("observed_since").cast(pl.Datetime("ms")),
    )
    assert publish(tables | {"coverage": other}, tmp_path) == first


def test_old_versions_are_kept_up_to_a_number_and_never_the_current_one_lost(
    tables, tmp_path
):
    names = [publish(changed(tables, i), tmp_path, keep=Keep(3)).name for i in range(5)]
    root = tmp_path / "published"
    kept = {f.name for f in root.iterdir() if f.is_dir() and not f.is_symlink()}
    assert kept == set(names[-3:])
    # Back to one that is still there: found again, and not built twice.
    again = publish(changed(tables, 2), tmp_path, keep=Keep(1))
    assert again.name == names[2]
    kept = {f.name for f in root.iterdir() if f.is_dir() and not f.is_symlink()}
    assert kept == {names[2]}
    assert_complete(tmp_path)


def test_a_report_that_fails_leaves_the_former_version(tables, tmp_path):
    former = publish(tables, tmp_path)

    def broken(folder, given):
        (folder / "index.html").write_text("half")
        raise RuntimeError("no ink")

    with pytest.raises(RuntimeError, match="no ink"):
        publish(changed(tables, 1), tmp_path, broken, report_digest="x")
    assert current(tmp_path).folder == former
    assert publish(changed(tables, 1), tmp_path) != former
    assert not list((tmp_path / "published").glob(".unfinished-*"))


class PowerCut(BaseException):
    """Everything stops here, as at kill -9."""


@pytest.mark.parametrize("call", ["rename", "replace", "fsync", "open"])
def test_a_stop_at_any_step_leaves_a_complete_version(
    tables, tmp_path, monkeypatch, call
):
    publish(changed(tables, 0), tmp_path, keep=Keep(1))
    real = getattr(os, call)
    calls = 0

    def run(number: int, cut_at: int = 0) -> None:
        nonlocal calls
        calls = 0

        def counted(*args, **kwargs):
            nonlocal calls
            calls += 1
            if calls == cut_at:
                raise PowerCut
            return real(*args, **kwargs)

        with monkeypatch.context() as patch:
            patch.setattr(published.os, call, counted)
            publish(changed(tables, number), tmp_path, keep=Keep(1))

    run(98)
    # Tables are written one like the other: some of them, and all of either end.
    steps = range(1, calls + 1)
    chosen = sorted({*steps[:2], *steps[2:-4:8], *steps[-4:]})
    assert chosen
    for at in chosen:
        with pytest.raises(PowerCut):
            run(at, at)
        assert_complete(tmp_path)
    last = publish(changed(tables, 99), tmp_path, keep=Keep(1))
    assert assert_complete(tmp_path) == last.name
    root = tmp_path / "published"
    assert {f.name for f in root.iterdir()} == {"current", ".lock", last.name}


def test_kill_9_leaves_a_complete_version(tables, tmp_path):
    first = publish(changed(tables, 1000), tmp_path).name
    seen = set()
    for versions, delay in ((0, 0.05), (1, 0.02), (1, 0.09), (3, 0.05)):
        child = subprocess.Popen(
            [sys.executable, publisher.__file__, str(tmp_path), "200"],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        assert child.stdout is not None
        assert child.stdout.readline().strip() == "ready"
        for _ in range(versions):
            assert child.stdout.readline()
        try:
            child.wait(timeout=delay)
        except subprocess.TimeoutExpired:
            child.kill()
        child.wait()
        assert child.returncode == -9
        seen.add(assert_complete(tmp_path))
    assert seen - {first}, "the children were killed before they published anything"
    publish(changed(tables, 2000), tmp_path)
    assert_complete(tmp_path)


READER = """
import sys, duckdb
file = sys.argv[1]
connection = duckdb.connect(file, read_only=True)
for line in sys.stdin:
    row = connection.execute(
        "select count(*), sum(hash(known_at)), min(known_at) from account_timeline"
    ).fetchone()
    print(row, flush=True)
"""


def test_a_reader_of_the_old_file_is_not_disturbed_and_blocks_nobody(tables, tmp_path):
    old = publish(changed(tables, 0), tmp_path, keep=Keep(2))
    reader = subprocess.Popen(
        [
            sys.executable,
            "-c",
            READER,
            str(tmp_path / "published" / "current" / DATABASE),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def ask() -> str:
        assert reader.stdin is not None
        assert reader.stdout is not None
        reader.stdin.write("again\n")
        reader.stdin.flush()
        return reader.stdout.readline().strip()

    first = ask()
    assert first.startswith("(22,")
    for i in range(1, 6):
        fresh = publish(changed(tables, i), tmp_path, keep=Keep(2))
        assert ask() == first
        assert current(tmp_path).folder == fresh
    # Its version has been deleted meanwhile, and it reads on.
    assert not old.exists()
    assert ask() == first
    with duckdb.connect(
        str(tmp_path / "published" / "current" / DATABASE), read_only=True
    ) as connection:
        now = connection.execute(
            "select min(known_at) from account_timeline"
        ).fetchone()
    assert now is not None
    assert str(now[0]) not in first
    assert reader.stdin is not None
    reader.stdin.close()
    assert reader.wait(timeout=10) == 0
