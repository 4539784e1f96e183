"""Published versions: complete, read-only, swapped in by one atomic rename.

A version is a folder `published/<stamp>/` that is never changed once it has its name;
`published/current` is a symbolic link to one of them. Readers who hold an old file open
keep it. No table is computed here.
"""

import fcntl
import hashlib
import io
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow

from orchestration.contracts.as_of import as_of_query, function_name
from orchestration.contracts.frames import missing_columns, schema
from orchestration.contracts.odcs import Contract, contract
from orchestration.publish.dimensions import DIMENSIONS
from orchestration.publish.keep import FIVE, Keep, to_forget

# Goes up when the same tables would be laid out in another way.
LAYOUT_VERSION = 2
DATABASE = "lyttepost.duckdb"
MANIFEST = "manifest.json"
# Tables of the warehouse that are published as they are.
FROM_WAREHOUSE = {
    "account_scores": "scores/account_scores",
    "account_score_history": "scores/account_score_history",
    "score_reasons": "scores/score_reasons",
    "score_record": "scores/score_record",
    "score_reliability": "scores/score_reliability",
    "signal_performance": "scores/signal_performance",
    "talk_to_now": "scores/talk_to_now",
    "signals": "signals",
    "account_timeline": "bi/account_timeline",
    "people_history": "bi/people_history",
    "role_slot_history": "bi/role_slot_history",
    "job_ad_history": "bi/job_ad_history",
    "page_history": "bi/page_history",
    "registry_history": "bi/registry_history",
    "notice_history": "bi/notice_history",
    "technology_history": "bi/technology_history",
    "announcement_history": "bi/announcement_history",
    "annual_accounts_history": "bi/annual_accounts_history",
    "coverage": "bi/coverage",
    "source_runs": "bi/source_runs",
    "source_run_outcomes": "bi/source_run_outcomes",
    "signal_parts": "bi/signal_parts",
    "account_edges": "bi/account_edges",
    "sector_shifts": "bi/sector_shifts",
    "crm_account_updates": "crm/crm_account_updates",
    "crm_tasks": "crm/crm_tasks",
    "reactive_share": "crm/reactive_share",
}
PUBLISHED = FROM_WAREHOUSE | DIMENSIONS
_INTEGERS = frozenset(
    (pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32)
)
_ROW_GROUP = 100_000
# Characters of a page that show nothing and do something: to a terminal (escape), to
# the order of what is read (bidirectional overrides), to who imports the text.
UNSEEN = (
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060"
    r"\u2066-\u2069\ufeff]"
)

WriteReport = Callable[[Path, Mapping[str, pl.DataFrame]], None]


class PublishRefused(ValueError):
    """A publication that would break a promise; the former version stays."""


@dataclass(frozen=True)
class Version:
    """A published version, as its manifest tells it."""

    folder: Path
    as_of: date
    model_version: str
    content_digest: str
    rows: Mapping[str, int]


def publish(
    tables: Mapping[str, pl.DataFrame],
    home: Path,
    report: WriteReport | None = None,
    *,
    report_digest: str = "",
    keep: Keep = FIVE,
) -> Path:
    """Publish the tables as one version and point `published/current` at it.

    Args:
        tables: at least those of `PUBLISHED`; others are not published.
        home: the home folder.
        report: writes the report into a folder it is given (`report/`), from the
            checked tables; nothing it writes may depend on the clock.
        report_digest: what else the report shows (template, account names); another
            digest makes another version.
        keep: how many versions stay, the current one always among them, and how long
            one stays at least after another took its place.

    Returns:
        The folder of the version `current` points at; the former one, untouched, when
        nothing has changed.

    Raises:
        PublishRefused: a table or column is missing, a type is wrong, a required value
            is empty or a key is used twice. One sentence; the former version stays.
    """
    checked = {name: _checked(name, path, tables) for name, path in PUBLISHED.items()}
    files = {name: _parquet(frame) for name, frame in checked.items()}
    as_of = _as_of(checked)
    manifest = _manifest(checked, files, as_of, report_digest if report else "")
    stamp = f"{as_of.isoformat()}-{manifest['content_digest'][:12]}"
    root = home / "published"
    root.mkdir(parents=True, exist_ok=True)
    with _alone(root):
        _clear_unfinished(root)
        version = root / stamp
        is_there = version.exists() and _holds(version, files)
        if (root / "current").resolve() == version.resolve() and is_there:
            return version
        if not is_there:
            _build(version, checked, files, manifest, report)
        _point(root, stamp)
        _forget(root, stamp, keep)
    return version


def current(home: Path) -> Version:
    """The version `published/current` points at.

    Raises:
        PublishRefused: when nothing has been published yet.
    """
    folder = home / "published" / "current"
    if not (folder / MANIFEST).exists():
        raise PublishRefused(f"{home}: nothing has been published here yet")
    said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return Version(
        folder=folder.resolve(),
        as_of=date.fromisoformat(said["as_of"]),
        model_version=said["model_version"],
        content_digest=said["content_digest"],
        rows={name: table["rows"] for name, table in said["tables"].items()},
    )


def faults(version: Path) -> list[str]:
    """What a version holds against its manifest: a sentence for each difference."""
    said = json.loads((version / MANIFEST).read_text(encoding="utf-8"))
    out = []
    with duckdb.connect(str(version / DATABASE), read_only=True) as connection:
        for name, table in said["tables"].items():
            with (version / f"{name}.parquet").open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            if digest != table["sha256"]:
                out.append(f"{name}.parquet is not what was written")
            found = connection.execute(f'select count(*) from "{name}"').fetchone()
            if found != (table["rows"],):
                out.append(
                    f"{DATABASE}: {name} has {found and found[0]} rows where there "
                    f"should be {table['rows']}"
                )
    return out


def _holds(version: Path, files: Mapping[str, memoryview]) -> bool:
    """True when the files of a version are still what was published, to the byte."""
    if not (version / MANIFEST).exists() or not (version / DATABASE).exists():
        return False
    return all(
        (file := version / f"{name}.parquet").exists() and file.read_bytes() == content
        for name, content in files.items()
    )


def _checked(name: str, path: str, tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The table with exactly the contract's columns, sorted by its key."""
    promise = contract(path)
    if name not in tables:
        raise PublishRefused(f"table {name} is missing; nothing was published")
    frame = tables[name]
    missing = missing_columns(promise, frame)
    if missing:
        raise PublishRefused(
            f"table {name} lacks the column(s) {', '.join(missing)} that contract "
            f"version {promise.version} promises; nothing was published"
        )
    for column, wanted in schema(promise).items():
        given = frame.schema[column]
        if not _fits(given, wanted):
            raise PublishRefused(
                f"table {name}: column {column} is {given} where contract version "
                f"{promise.version} promises {wanted}; nothing was published"
            )
    shaped = frame.select(
        pl.col(column).cast(wanted) for column, wanted in schema(promise).items()
    ).with_columns(pl.col(pl.String).str.replace_all(UNSEEN, ""))
    _refuse_empty_values(name, promise, shaped)
    if not promise.primary_key or _is_rising(shaped, promise.primary_key):
        return shaped
    shaped = shaped.sort(promise.primary_key)
    if not _is_rising(shaped, promise.primary_key):
        # Equal keys stand side by side now, which is cheaper to see than to hash.
        same = [pl.col(k).eq_missing(pl.col(k).shift()) for k in promise.primary_key]
        twice = shaped.select(pl.all_horizontal(same)).to_series()[1:].sum()
        if twice:
            raise PublishRefused(
                f"table {name}: the key ({', '.join(promise.primary_key)}) is used "
                f"more than once in {twice} rows; nothing was published"
            )
    return shaped


def _is_rising(frame: pl.DataFrame, key: Sequence[str]) -> bool:
    """True when each key is greater than the one before: in order, and none twice.

    As most tables come; it is seen in a tenth of the time that sorting takes.
    """
    rises = pl.lit(value=False)
    for name in reversed(key):
        column, before = pl.col(name), pl.col(name).shift()
        rises = (column > before) | ((column == before) & rises)
    return bool(frame.select(rises.fill_null(value=False)).to_series()[1:].all())


def _fits(given: pl.DataType, wanted: pl.DataType) -> bool:
    """Equal, or different only in a width or unit that loses nothing."""
    if given == wanted or given == pl.Null:
        return True
    if isinstance(given, pl.List) and isinstance(wanted, pl.List):
        return _fits(_inner(given), _inner(wanted))
    if isinstance(given, pl.Datetime) and isinstance(wanted, pl.Datetime):
        return given.time_zone is None
    if wanted == pl.Float64:
        return given == pl.Float32
    return wanted == pl.Int64 and type(given) in _INTEGERS


def _inner(list_type: pl.List) -> pl.DataType:
    inner = list_type.inner
    return inner() if isinstance(inner, type) else inner


def _refuse_empty_values(name: str, promise: Contract, frame: pl.DataFrame) -> None:
    for column in promise.columns:
        empty = frame[column.name].null_count() if column.required else 0
        if empty:
            raise PublishRefused(
                f"table {name}: column {column.name} is empty in {empty} of "
                f"{frame.height} rows though it is required; nothing was published"
            )


def _parquet(frame: pl.DataFrame) -> memoryview:
    """Equal frames give equal bytes: fixed codec, level and row groups."""
    buffer = io.BytesIO()
    frame.rechunk().write_parquet(
        buffer,
        compression="zstd",
        compression_level=3,
        statistics=True,
        row_group_size=_ROW_GROUP,
    )
    return buffer.getbuffer()


def _as_of(tables: Mapping[str, pl.DataFrame]) -> date:
    days = [
        day
        for name in ("account_scores", "coverage")
        if isinstance(day := tables[name]["as_of"].max(), date)
    ]
    if not days:
        raise PublishRefused(
            "neither account_scores nor coverage has a row, so there is no day to "
            "publish for; nothing was published"
        )
    return days[0]


def _manifest(
    tables: Mapping[str, pl.DataFrame],
    files: Mapping[str, memoryview],
    as_of: date,
    report_digest: str,
) -> dict[str, Any]:
    said: dict[str, Any] = {
        "layout_version": LAYOUT_VERSION,
        "as_of": as_of.isoformat(),
        "model_version": ", ".join(
            sorted(tables["account_scores"]["model_version"].unique())
        ),
        "report_digest": report_digest,
        "tables": {
            name: {
                "rows": tables[name].height,
                "contract_version": contract(PUBLISHED[name]).version,
                "sha256": hashlib.sha256(content).hexdigest(),
            }
            for name, content in files.items()
        },
    }
    whole = json.dumps(said, sort_keys=True).encode()
    return said | {"content_digest": hashlib.sha256(whole).hexdigest()}


def _build(
    version: Path,
    tables: Mapping[str, pl.DataFrame],
    files: Mapping[str, memoryview],
    manifest: Mapping[str, Any],
    report: WriteReport | None,
) -> None:
    """Write everything under a temporary name, then give it its name."""
    unfinished = version.with_name(f".unfinished-{version.name}")
    unfinished.mkdir()
    # Loading DuckDB takes longest; the other files reach the disk meanwhile.
    with ThreadPoolExecutor(1) as beside:
        database = beside.submit(_write_database, unfinished / DATABASE, tables)
        for name, content in files.items():
            file = unfinished / f"{name}.parquet"
            file.write_bytes(content)
            _fsync(file)
        database.result()
    if report is not None:
        (unfinished / "report").mkdir()
        report(unfinished / "report", tables)
    text = json.dumps(manifest, indent=2, sort_keys=True) + "\n"
    (unfinished / MANIFEST).write_text(text, encoding="utf-8")
    for file in unfinished.rglob("*"):
        if file.is_file():
            file.chmod(0o444)
        _fsync(file)
    _fsync(unfinished)
    if version.exists():
        # What is there is damaged; who has it open keeps it.
        os.rename(version, version.with_name(f".forgotten-{version.name}"))
    os.rename(unfinished, version)
    _fsync(version.parent)


def _write_database(file: Path, tables: Mapping[str, pl.DataFrame]) -> None:
    """One DuckDB file, checkpointed and closed, the contracts' words as comments."""
    with duckdb.connect(str(file)) as connection:
        # One transaction: each comment on its own would be flushed to disk.
        connection.execute("begin")
        for name, frame in tables.items():
            promise = contract(PUBLISHED[name])
            columns = ", ".join(
                f'"{c.name}" {c.physical_type}{" not null" if c.required else ""}'
                for c in promise.columns
            )
            connection.execute(f'create table "{name}" ({columns})')
            connection.register("incoming", _in_batches(frame))
            connection.execute(f'insert into "{name}" select * from incoming')
            connection.unregister("incoming")
            connection.execute(
                f'comment on table "{name}" is {_quoted(promise.purpose)}'
            )
            for c in promise.columns:
                connection.execute(
                    f'comment on column "{name}"."{c.name}" is {_quoted(c.description)}'
                )
            if promise.as_of:
                query = as_of_query(promise, f'"{name}"', "cast(on_day as date)")
                connection.execute(
                    f'create macro "{function_name(promise)}"(on_day) as table {query}'
                )
        connection.execute("commit")
        connection.execute("checkpoint")
    if file.with_name(f"{file.name}.wal").exists():
        raise PublishRefused(
            f"{file.name} was left with a write-ahead log; nothing was published"
        )


def _in_batches(frame: pl.DataFrame) -> pyarrow.Table:
    """The rows in parts that DuckDB's threads can share; it reads a part in one."""
    whole = frame.to_arrow()
    return pyarrow.Table.from_batches(
        whole.to_batches(max_chunksize=_ROW_GROUP), whole.schema
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _point(root: Path, stamp: str) -> None:
    """Swap `current` by renaming a new link over it: it always points somewhere."""
    fresh = root / ".current-next"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(stamp)
    os.replace(fresh, root / "current")
    _fsync(root)


def _clear_unfinished(root: Path) -> None:
    for leftover in root.glob(".unfinished-*"):
        shutil.rmtree(leftover)
    for leftover in root.glob(".forgotten-*"):
        shutil.rmtree(leftover)


def _forget(root: Path, stamp: str, keep: Keep) -> None:
    """Delete the oldest versions beyond `keep`; never the current one."""
    published = {
        f.name: datetime.fromtimestamp(f.stat().st_mtime, UTC)
        for f in root.iterdir()
        if (f / MANIFEST).exists() and not f.is_symlink()
    }
    for old in to_forget(published, stamp, keep, datetime.now(UTC)):
        # Renamed first: a half-deleted folder must not look like a version.
        gone = root / f".forgotten-{old}"
        os.rename(root / old, gone)
        shutil.rmtree(gone)


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """One publisher at a time; the lock falls with the process that holds it."""
    with (root / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
