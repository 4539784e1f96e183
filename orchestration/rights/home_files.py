"""Every file of a home folder, each written anew in its own form when its text changes.

Parquet, DuckDB, SQLite, gzip, zip and text; WARC files are the business of archive.py.
What changes a text is given; each file is replaced in one step, so that a kill leaves
some files changed and the others to be changed by the next call.
"""

import io
import os
import re
import shutil
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from scrapers import packed
from scrapers.suppression import FOLDER as SUPPRESSION
from scrapers.suppression import with_plain_keys, without_names_in_bytes

_DIGEST = re.compile(rb"sha256:[0-9a-f]{64}")
# The list of hashes, the log of erasures and the locks hold no name by construction.
LEFT_ALONE = (SUPPRESSION, "erasures")
_LOCKS = (".lock",)
_SQLITE = b"SQLite format 3\0"


class FileUnreadable(ValueError):
    """A file that is not what its name says: whether it holds a name is not known."""


@dataclass(frozen=True)
class Change:
    """What becomes of a text, and of the digests of payloads that changed."""

    text: Callable[[str], str]
    digests: Mapping[str, str]

    def cell(self, value: str) -> str:
        """A cell of a table."""
        return self.digests.get(value) or self.text(value)

    def body(self, body: bytes) -> bytes:
        """Bytes of a text file."""
        return without_names_in_bytes(body, self.text)

    def file(self, body: bytes) -> bytes:
        """Bytes of a file that may name payloads by digest, packed or not."""
        return packed.changed(body, self._plain)

    def _plain(self, body: bytes) -> bytes:
        changed = self.body(body)
        if not self.digests or b"sha256:" not in changed:
            return changed
        return _DIGEST.sub(
            lambda m: self.digests.get(m[0].decode(), m[0].decode()).encode(), changed
        )


def files_of(home: Path) -> Iterator[Path]:
    """Files that may hold a name: no links, no locks, nothing of the erasures' own.

    Nor the log beside a SQLite file: it is folded in when the file is rewritten.
    """
    for folder, folders, names in os.walk(home):
        if Path(folder) == home:
            folders[:] = [f for f in folders if f not in LEFT_ALONE]
        folders.sort()
        for name in sorted(names):
            file = Path(folder) / name
            is_skipped = name in _LOCKS or _is_folded_in(name, names)
            if not is_skipped and not file.is_symlink() and file.is_file():
                yield file


def _is_folded_in(name: str, beside: list[str]) -> bool:
    return any(
        name.endswith(log) and name.removesuffix(log) in beside
        for log in ("-shm", "-wal")
    )


def clear_leftovers(home: Path) -> None:
    """Delete what killed writers left; the caller holds the folder's lock."""
    for pattern in (".*.tmp", ".*.next"):
        for file in list(home.rglob(pattern)):
            file.unlink()
    for pattern in (".unfinished-*", ".forgotten-*"):
        for folder in (home / "published").glob(pattern):
            shutil.rmtree(folder)


def rewrite(file: Path, change: Change) -> bool:
    """Write one file anew when its text changes; true when it did.

    Raises:
        FileUnreadable: a table or an archive that cannot be read.
    """
    try:
        return _rewrite(file, change)
    except (
        pl.exceptions.PolarsError,
        duckdb.Error,
        sqlite3.DatabaseError,
        packed.PackedTooLarge,
    ) as error:
        raise FileUnreadable(f"{file}: {str(error).splitlines()[0]}") from error


def _rewrite(file: Path, change: Change) -> bool:
    with file.open("rb") as stream:
        head = stream.read(len(_SQLITE))
    if head[:4] == b"PAR1":
        return _parquet(file, change)
    if head == _SQLITE:
        return _sqlite(file, change)
    if file.suffix == ".duckdb":
        return _duckdb(file, change)
    body = file.read_bytes()
    changed = change.file(body)
    if changed == body:
        return False
    replace_bytes(file, changed)
    return True


def rename(file: Path, change: Change) -> bool:
    """Give a file whose name is somebody's another one; true when it did."""
    name = change.text(file.name)
    if name == file.name:
        return False
    file.rename(file.with_name(name.replace("/", "-")))
    return True


def replace_bytes(file: Path, body: bytes) -> None:
    """Replace a file in one step; who may read it and when it was written stays."""
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    with temporary.open("wb") as out:
        out.write(body)
        out.flush()
        os.fsync(out.fileno())
    # The gate compares times of writing: rows are not new because a name left them.
    shutil.copystat(file, temporary)
    temporary.replace(file)


def changed_frame(frame: pl.DataFrame, change: Change) -> pl.DataFrame:
    """A table with its cells changed; the same object when nothing does."""
    out = frame
    for name, dtype in frame.schema.items():
        if not _holds_text(dtype):
            continue
        column = frame[name]
        if dtype == pl.String:
            values = column.drop_nulls().unique().to_list()
            changed = {v: c for v in values if (c := change.cell(v)) != v}
            if changed:
                out = out.with_columns(column.replace(changed))
            continue
        before = column.to_list()
        after = [_nested(value, change) for value in before]
        if after != before:
            out = out.with_columns(pl.Series(name, after, dtype=dtype))
    if out is frame or not {"person_key", "holder_key"} & set(out.columns):
        return out
    return pl.DataFrame(
        [with_plain_keys(row) for row in out.iter_rows(named=True)], schema=out.schema
    )


def _holds_text(dtype: pl.DataType) -> bool:
    if isinstance(dtype, pl.List | pl.Array):
        return _holds_text(dtype.inner)  # type: ignore[arg-type]
    if isinstance(dtype, pl.Struct):
        return any(_holds_text(f.dtype) for f in dtype.fields)  # type: ignore[arg-type]
    return dtype in (pl.String, pl.Categorical, pl.Binary)


def _nested(value: Any, change: Change) -> Any:
    if isinstance(value, str):
        return change.cell(value)
    if isinstance(value, bytes):
        return change.body(value)
    if isinstance(value, list):
        return [_nested(item, change) for item in value]
    if isinstance(value, dict):
        return {key: _nested(item, change) for key, item in value.items()}
    return value


def _parquet(file: Path, change: Change) -> bool:
    frame = pl.read_parquet(file)
    changed = changed_frame(frame, change)
    if changed is frame:
        return False
    metadata = {
        key: value
        for key, value in pl.read_parquet_metadata(file).items()
        if key.startswith("lyttepost.")
    }
    buffer = io.BytesIO()
    changed.write_parquet(
        buffer, compression="zstd", statistics=True, metadata=metadata or None
    )
    replace_bytes(file, buffer.getvalue())
    return True


def holds(file: Path, change: Change) -> bool:
    """True when a text, a database or an archive would change; nothing is written."""
    with file.open("rb") as stream:
        head = stream.read(len(_SQLITE))
    if head == _SQLITE:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as base:
            base.text_factory = bytes
            return any(
                isinstance(cell, bytes) and _sqlite_value(cell, change) != cell
                for (table,) in base.execute(_SQLITE_TABLES).fetchall()
                for row in base.execute(f'select * from "{table.decode()}"')
                for cell in row
            )
    if file.suffix == ".duckdb":
        return duckdb_holds(file, change)
    body = file.read_bytes()
    return change.body(body) != body or change.text(file.name) != file.name


_SQLITE_TABLES = (
    "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
)


def duckdb_holds(file: Path, change: Change) -> bool:
    """True when a table of a DuckDB file would change."""
    with duckdb.connect(str(file), read_only=True) as base:
        for (name,) in base.execute(_TABLES).fetchall():
            frame = base.execute(f'select * from "{name}"').pl()
            if changed_frame(frame, change) is not frame:
                return True
    return False


def _duckdb(file: Path, change: Change) -> bool:
    """Copied into a new file: what is deleted in one stays in its pages."""
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)
    with duckdb.connect(str(file), read_only=True) as old:
        names = [n for (n,) in old.execute(_TABLES).fetchall()]
        frames = {n: old.execute(f'select * from "{n}"').pl() for n in names}
        changed = {n: changed_frame(frame, change) for n, frame in frames.items()}
        if all(changed[n] is frames[n] for n in names):
            return False
        definitions = [sql for (sql,) in old.execute(_DEFINITIONS).fetchall()]
        macros = old.execute(_MACROS).fetchall()
        comments = old.execute(_COMMENTS).fetchall()
    with duckdb.connect(str(temporary)) as new:
        new.execute("begin")
        for sql in definitions:
            new.execute(sql)
        for name, frame in changed.items():
            new.register("incoming", frame.to_arrow())
            new.execute(f'insert into "{name}" select * from incoming')
            new.unregister("incoming")
        for table, column, comment in comments:
            what = (
                f'table "{table}"' if column is None else f'column "{table}"."{column}"'
            )
            quoted = comment.replace("'", "''")
            new.execute(f"comment on {what} is '{quoted}'")
        for name, parameters, query in macros:
            new.execute(
                f'create macro "{name}"({", ".join(parameters)}) as table {query}'
            )
        new.execute("commit")
        new.execute("checkpoint")
    shutil.copystat(file, temporary)
    temporary.replace(file)
    return True


_TABLES = """
    select table_name from duckdb_tables()
    where not internal and not temporary order by table_name
"""
_DEFINITIONS = """
    select sql from duckdb_tables()
    where not internal and not temporary order by table_name
"""
_MACROS = """
    select function_name, parameters, macro_definition from duckdb_functions()
    where function_type = 'table_macro' and not internal order by function_name
"""
_COMMENTS = """
    select table_name, null, comment from duckdb_tables() where comment is not null
    union all
    select table_name, column_name, comment from duckdb_columns()
    where comment is not null and not internal
"""


def _sqlite(file: Path, change: Change) -> bool:
    """Rows are changed in place, then the file is written anew without free pages."""
    has_changed = False
    with closing(sqlite3.connect(file, timeout=60)) as base:
        base.text_factory = bytes
        names = base.execute(_SQLITE_TABLES).fetchall()
        for (raw,) in names:
            table = raw.decode()
            columns = base.execute(f'pragma table_info("{table}")').fetchall()
            has_changed |= _sqlite_table(base, table, columns, change)
        base.commit()
        # Also after a kill between the two: what was changed leaves the pages here.
        base.execute("pragma wal_checkpoint(truncate)")
        if has_changed or _has_free_pages(base):
            base.execute("vacuum")
            base.execute("pragma wal_checkpoint(truncate)")
    return has_changed


def _sqlite_table(
    base: sqlite3.Connection, table: str, columns: list[Any], change: Change
) -> bool:
    """A table's cells, found again by its key: not every table numbers its rows."""
    names = [row[1].decode() for row in columns]
    key = ["rowid"]
    if _is_without_rowid(base, table):
        key = [row[1].decode() for row in columns if row[5]]
    where = " and ".join(f"{_name(column)} is ?" for column in key)
    wanted = ", ".join(_name(column) for column in (*key, *names))
    has_changed = False
    for row in base.execute(f'select {wanted} from "{table}"').fetchall():
        found = {
            name: changed
            for name, value in zip(names, row[len(key) :], strict=True)
            if isinstance(value, bytes)
            and (changed := _sqlite_value(value, change)) != value
        }
        if not found:
            continue
        has_changed = True
        at = [v.decode() if isinstance(v, bytes) else v for v in row[: len(key)]]
        kinds = ", ".join(f"typeof({_name(column)})" for column in found)
        (*is_of,) = base.execute(
            f'select {kinds} from "{table}" where {where}', at
        ).fetchone()
        values = [
            value if kind == b"blob" else value.decode("utf-8", "surrogateescape")
            for value, kind in zip(found.values(), is_of, strict=True)
        ]
        set_to = ", ".join(f"{_name(column)} = ?" for column in found)
        base.execute(f'update "{table}" set {set_to} where {where}', [*values, *at])
    return has_changed


def _name(column: str) -> str:
    return column if column == "rowid" else f'"{column}"'


def _is_without_rowid(base: sqlite3.Connection, table: str) -> bool:
    try:
        base.execute(f'select rowid from "{table}" limit 1')
    except sqlite3.OperationalError:
        return True
    return False


def _has_free_pages(base: sqlite3.Connection) -> bool:
    (n,) = base.execute("pragma freelist_count").fetchone()
    return bool(n)


def _sqlite_value(value: bytes, change: Change) -> bytes:
    try:
        unpacked = zlib.decompress(value)
    except zlib.error:
        return change.file(value)
    changed = change.file(unpacked)
    return value if changed == unpacked else zlib.compress(changed)
