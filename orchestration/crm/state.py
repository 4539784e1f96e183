"""What a destination has accepted, and how far each record has come: one SQLite file.

A batch is written down before it is sent and settled after it is answered, each in one
commit that is on disk when it returns; what a kill leaves in flight is read back. Only
hashes of values stand here, so that a person's name is in one place fewer.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from orchestration.contracts.frames import schema, shaped
from orchestration.contracts.gate import write_atomically
from orchestration.contracts.odcs import contract
from orchestration.crm.fault import CrmError

FILE = "state.sqlite"
LOGS = ("sync_runs", "sync_changelog", "sync_snapshot", "sync_rejected")

# pending -> in_flight -> accepted | retryable | rejected | unknown;
# gone: deleted there; moved: merged there, and nothing said since.
MOVED = "moved"
_TABLES = """
create table if not exists records (
    kind text, key text, remote_id text, state text not null default 'pending',
    tries integer not null default 0, next_at text, reason text,
    row_hash text, tried_hash text, is_dead integer not null default 0,
    primary key (kind, key)
) without rowid;
create table if not exists fields (
    kind text, key text, field text, sent_hash text not null,
    held_hash text not null, accepted_at text not null,
    holder text not null default 'ours', primary key (kind, key, field)
) without rowid;
create table if not exists in_flight (
    kind text, key text, field text, sent_hash text not null, value_hash text not null,
    primary key (kind, key, field)
) without rowid;
create table if not exists matches (
    key text primary key, remote_id text, found_by text not null, score real,
    company text, is_approved integer not null default 0
) without rowid;
create table if not exists runs (
    run integer primary key, as_of text, started_at text not null,
    queried integer, sent integer, unchanged integer, rejected integer,
    deferred integer, calls integer, override_reason text, note text
);
create table if not exists changelog (
    run integer, kind text, key text, field text, op text not null, old_hash text,
    new_hash text, status text not null, reason text not null,
    primary key (run, kind, key, field)
) without rowid;
create index if not exists records_by_state on records (state);
"""


@dataclass(frozen=True)
class RecordState:
    """How one record stands."""

    remote_id: str | None = None
    state: str = "pending"
    tries: int = 0
    next_at: datetime | None = None
    reason: str | None = None
    row_hash: str | None = None  # of what was accepted
    tried_hash: str | None = None  # of what was tried last
    is_dead: bool = False


@dataclass(frozen=True)
class FieldState:
    """One field as it was accepted."""

    sent_hash: str
    held_hash: str  # as the destination holds it, in canonical words
    holder: str = "ours"


@dataclass(frozen=True)
class Match:
    """A record there that an account may be, or its place in the queue to create."""

    key: str
    remote_id: str | None  # None: nothing there is like it; create it once approved
    found_by: str
    score: float | None
    company: str | None
    is_approved: bool


def value_hash(value: str) -> str:
    """Hash of a value; the same in every run and process."""
    return hashlib.sha256(value.encode()).hexdigest()[:32]


class State:
    """The state of one destination."""

    def __init__(self, folder: Path, *, is_copy: bool = False) -> None:
        """Open it, or a copy in memory that leaves the file as it is."""
        file = folder / FILE
        if is_copy:
            self.db = sqlite3.connect(":memory:")
            if file.exists():
                with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as held:
                    held.backup(self.db)
                held.close()
        else:
            folder.mkdir(parents=True, exist_ok=True)
            self.db = sqlite3.connect(file)
            self.db.execute("pragma journal_mode = wal")
            self.db.execute("pragma synchronous = full")
        self.db.executescript(_TABLES)
        self.folder = folder
        self._is_one = False

    @contextmanager
    def one_commit(self) -> Iterator[None]:
        """What is written down inside is on disk, all of it, when this is left.

        Answers of batches and the next batches wait for the disk once, and not each.
        A `CrmError` on the way loses nothing of what was written down before it.
        """
        self._is_one = True
        try:
            yield
        except CrmError:
            self.db.commit()
            raise
        except BaseException:
            self.db.rollback()
            raise
        else:
            self.db.commit()
        finally:
            self._is_one = False

    @contextmanager
    def _commit(self) -> Iterator[None]:
        if self._is_one:
            yield
            return
        with self.db:
            yield

    def close(self) -> None:
        """Close it; the write-ahead log goes into the file."""
        self.db.close()

    def forget(self) -> None:
        """Forget what was accepted: all of it is gone there."""
        with self._commit():
            for table in ("records", "fields", "in_flight"):
                self.db.execute(f"delete from {table}")

    def records(self, kind: str) -> dict[str, RecordState]:
        """All records of a kind, by key."""
        return {
            key: RecordState(
                remote_id,
                state,
                tries,
                datetime.fromisoformat(next_at) if next_at else None,
                reason,
                row_hash,
                tried_hash,
                bool(is_dead),
            )
            for (
                key,
                remote_id,
                state,
                tries,
                next_at,
                reason,
                row_hash,
                tried_hash,
                is_dead,
            ) in self.db.execute(
                "select key, remote_id, state, tries, next_at, reason, row_hash, "
                "tried_hash, is_dead from records where kind = ?",
                (kind,),
            )
        }

    def fields(self, kind: str) -> dict[str, dict[str, FieldState]]:
        """What was accepted, by key and field."""
        found: dict[str, dict[str, FieldState]] = {}
        for key, field, sent, held, holder in self.db.execute(
            "select key, field, sent_hash, held_hash, holder from fields "
            "where kind = ?",
            (kind,),
        ):
            found.setdefault(key, {})[field] = FieldState(sent, held, holder)
        return found

    def in_flight(self, kind: str, keys: Iterable[str]) -> dict[str, dict[str, str]]:
        """Hashes, in canonical words, of what was on its way, by key and field."""
        found: dict[str, dict[str, str]] = {key: {} for key in keys}
        for key, field, hashed in self.db.execute(
            "select key, field, value_hash from in_flight where kind = ?", (kind,)
        ):
            if key in found:
                found[key][field] = hashed
        return found

    def begin_batch(
        self,
        kind: str,
        batch: Iterable[tuple[str, str, Mapping[str, tuple[str, str]]]],
    ) -> None:
        """Write down what is about to be sent.

        Args:
            kind: of the records.
            batch: key, hash of the row, and by field the hash of the value as sent and
                in canonical words.
        """
        rows = list(batch)
        with self._commit():
            self.db.executemany(
                "insert into records (kind, key, state, tried_hash) "
                "values (?, ?, 'in_flight', ?) on conflict (kind, key) do update "
                "set state = 'in_flight', tried_hash = excluded.tried_hash, "
                "tries = case when tried_hash = excluded.tried_hash then tries "
                "else 0 end, is_dead = 0",
                [(kind, key, row_hash) for key, row_hash, _ in rows],
            )
            self.db.executemany(
                "delete from in_flight where kind = ? and key = ?",
                [(kind, key) for key, _, _ in rows],
            )
            self.db.executemany(
                "insert into in_flight values (?, ?, ?, ?, ?)",
                [
                    (kind, key, field, sent, hashed)
                    for key, _, hashes in rows
                    for field, (sent, hashed) in hashes.items()
                ],
            )

    def settle(
        self,
        kind: str,
        answers: Sequence[tuple[str, str, str | None, str | None, datetime | None]],
        held: Mapping[str, Mapping[str, str]],
        now: datetime,
    ) -> None:
        """Write down what became of a batch.

        Args:
            kind: of the records.
            answers: key, state, remote id, reason, and when to try again.
            held: by key, hashes in canonical words of what the destination says it
                holds now; what it does not say is taken to be what was sent.
            now: the moment.
        """
        accepted = [a for a in answers if a[1] == "accepted"]
        with self._commit():
            self._accept(kind, [(a[0], a[2]) for a in accepted], held, now)
            self.db.executemany(
                "update records set state = ?, reason = ?, next_at = ?, "
                "remote_id = coalesce(?, remote_id), "
                "tries = tries + (? in ('retryable', 'rejected', 'unknown')), "
                "is_dead = (? = 'dead') where kind = ? and key = ?",
                [
                    (
                        "rejected" if state == "dead" else state,
                        reason,
                        next_at.isoformat() if next_at else None,
                        remote_id,
                        state,
                        state,
                        kind,
                        key,
                    )
                    for key, state, remote_id, reason, next_at in answers
                    if state != "accepted"
                ],
            )

    def _accept(
        self,
        kind: str,
        accepted: Sequence[tuple[str, str | None]],
        held: Mapping[str, Mapping[str, str]],
        now: datetime,
    ) -> None:
        """What was on its way stands there now; what was cleared does not any more."""
        keys, nothing = [(kind, key) for key, _ in accepted], value_hash("")
        self.db.executemany(
            "update records set state = 'accepted', reason = null, next_at = null, "
            "tries = 0, is_dead = 0, row_hash = tried_hash, "
            "remote_id = coalesce(?, remote_id) where kind = ? and key = ?",
            [(remote_id, kind, key) for key, remote_id in accepted],
        )
        self.db.executemany(
            "delete from fields where kind = ? and key = ? and field in (select field "
            "from in_flight where kind = ? and key = ? and sent_hash = ?)",
            [(*one, *one, nothing) for one in keys],
        )
        self.db.executemany(
            "insert or replace into fields select kind, key, field, sent_hash, "
            "value_hash, ?, 'ours' from in_flight "
            "where kind = ? and key = ? and sent_hash <> ?",
            [(now.isoformat(), *one, nothing) for one in keys],
        )
        self.db.executemany(
            "update fields set held_hash = ? where kind = ? and key = ? and field = ? "
            "and exists (select 1 from in_flight where kind = ? and key = ? "
            "and field = ?)",
            [
                (hashed, kind, key, field, kind, key, field)
                for key, _ in accepted
                for field, hashed in held.get(key, {}).items()
            ],
        )
        self.db.executemany("delete from in_flight where kind = ? and key = ?", keys)

    def mark(
        self,
        kind: str,
        key: str,
        state: str,
        reason: str | None = None,
        *,
        remote_id: str | None = None,
    ) -> None:
        """Note a state that was found, as `gone` or `pending`."""
        with self._commit():
            self.db.execute(
                "insert into records (kind, key, state, reason, remote_id) "
                "values (?, ?, ?, ?, ?) on conflict (kind, key) do update set "
                "state = excluded.state, reason = excluded.reason, "
                "remote_id = coalesce(excluded.remote_id, remote_id)",
                (kind, key, state, reason, remote_id),
            )

    def leave_to_person(self, kind: str, key: str, fields: Iterable[str]) -> None:
        """Note fields that a person has changed: they are theirs from now on."""
        with self._commit():
            self.db.executemany(
                "insert into fields values (?, ?, ?, '', '', ?, 'person') "
                "on conflict (kind, key, field) do update set holder = 'person'",
                [(kind, key, f, datetime.now(UTC).isoformat()) for f in fields],
            )

    def adopt(
        self,
        kind: str,
        key: str,
        remote_id: str | None,
        row_hash: str,
        hashes: Mapping[str, tuple[str, str]],
    ) -> None:
        """Note that the destination holds all that a row says, with nothing sent.

        Args:
            kind: of the record.
            key: of the record.
            remote_id: its id there.
            row_hash: of the row.
            hashes: by field, of the value as it would be sent and in canonical words.
        """
        self.begin_batch(kind, [(key, row_hash, hashes)])
        answer = (key, "accepted", remote_id, None, None)
        self.settle(kind, [answer], {}, datetime.now(UTC))

    def matches(self) -> dict[str, Match]:
        """Proposed and approved matches, by key."""
        rows = self.db.execute(
            "select key, remote_id, found_by, score, company, is_approved from matches"
        )
        return {
            key: Match(key, remote_id, found_by, score, company, bool(is_approved))
            for key, remote_id, found_by, score, company, is_approved in rows
        }

    def propose(self, found: Iterable[Match]) -> None:
        """Replace the proposals that nobody has approved."""
        with self._commit():
            self.db.execute("delete from matches where is_approved = 0")
            self.db.executemany(
                "insert or ignore into matches values (?, ?, ?, ?, ?, ?)",
                [
                    (m.key, m.remote_id, m.found_by, m.score, m.company, m.is_approved)
                    for m in found
                ],
            )

    def approve(self, keys: Iterable[str]) -> None:
        """Approve proposals; a matched record's id is ours to write to."""
        with self._commit():
            for key in keys:
                self.db.execute(
                    "update matches set is_approved = 1 where key = ?", (key,)
                )
                self.db.execute(
                    "insert into records (kind, key, remote_id) "
                    "select 'account', key, remote_id from matches where key = ? "
                    "on conflict (kind, key) do update set state = 'pending', "
                    "remote_id = excluded.remote_id",
                    (key,),
                )

    def retry_rejected(self) -> None:
        """Let what was refused or given up be tried once more."""
        with self._commit():
            self.db.execute(
                "update records set state = 'pending', tries = 0, is_dead = 0, "
                "tried_hash = null where state = 'rejected'"
            )

    def next_run(self) -> int:
        """Number of the next run."""
        last = self.db.execute("select max(run) from runs").fetchone()[0]
        return int(last or 0) + 1

    def log(self, row: Mapping[str, Any], changes: Iterable[Mapping[str, Any]]) -> None:
        """Append a run and what it sent."""
        with self._commit():
            self.db.execute(
                "insert into runs values (:run, :as_of, :started_at, :queried, :sent, "
                ":unchanged, :rejected, :deferred, :calls, :override_reason, :note)",
                row,
            )
            self.db.executemany(
                "insert into changelog values (:run, :kind, :key, :field, :op, "
                ":old_hash, :new_hash, :status, :reason)",
                list(changes),
            )

    def export(self, destination: str) -> None:
        """Write the logs as Parquet beside the state, in the shape of contracts."""
        for name, frame in self.tables(destination).items():
            file = self.folder / f"{name}.parquet"
            if not file.exists() or not pl.read_parquet(file).equals(frame):
                write_atomically(frame, file)

    def tables(self, destination: str) -> dict[str, pl.DataFrame]:
        """The logs, by name."""
        return {
            "sync_runs": self._frame(
                destination,
                "sync_runs",
                "select run, as_of, started_at, queried, sent, unchanged, rejected, "
                "deferred, calls, override_reason, note from runs order by run",
            ),
            "sync_changelog": self._frame(
                destination,
                "sync_changelog",
                "select run, kind, key as record_key, field, op, old_hash, new_hash, "
                "status, reason from changelog order by run, kind, key, field",
            ),
            "sync_snapshot": self._frame(
                destination,
                "sync_snapshot",
                "select kind, key as record_key, remote_id, field, "
                "held_hash as value_hash, accepted_at, holder "
                "from fields join records using (kind, key) order by kind, key, field",
            ),
            "sync_rejected": self._frame(
                destination,
                "sync_rejected",
                "select kind, key as record_key, remote_id, tries, "
                "coalesce(reason, 'no reason given') as reason, "
                "is_dead as is_dead_letter from records where state = 'rejected' "
                "order by kind, key",
            ),
        }

    def _frame(self, destination: str, name: str, query: str) -> pl.DataFrame:
        promise = contract(f"crm/{name}")
        wanted = schema(promise)
        cursor = self.db.execute(query)
        names = [c[0] for c in cursor.description]
        rows = cursor.fetchall()
        place = {column: i for i, column in enumerate(names)}
        frame = pl.DataFrame(
            {
                column: [destination] * len(rows)
                if column == "destination"
                else _column([row[place[column]] for row in rows], kind)
                for column, kind in wanted.items()
            },
            schema=wanted,
        )
        return shaped(promise, frame)


def waiting(folder: Path, now: datetime) -> int:
    """Records of a destination whose next try is due; none where nothing was sent."""
    state = State(folder, is_copy=True)
    try:
        return int(
            state.db.execute(
                "select count(*) from records where state = 'retryable' "
                "and next_at <= ?",
                (now.isoformat(),),
            ).fetchone()[0]
        )
    finally:
        state.close()


def later(now: datetime, seconds: float) -> datetime:
    """A moment so many seconds on."""
    return now + timedelta(seconds=seconds)


def _column(values: list[Any], kind: pl.DataType) -> list[Any]:
    """Values of a column as they are held here, in the type of the contract."""
    if kind == pl.Date:
        return [None if v is None else date.fromisoformat(v[:10]) for v in values]
    if kind == pl.Datetime:
        return [
            None if v is None else datetime.fromisoformat(v).replace(tzinfo=None)
            for v in values
        ]
    if kind == pl.Boolean:
        return [None if v is None else bool(v) for v in values]
    return values
