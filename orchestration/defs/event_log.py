"""Dagster's event log in SQLite, with connections that are kept and pools known.

Dagster opens the file anew for each of the six or so statements of an event; closing
the last connection of a file in WAL mode writes it back to disk, and a new engine
compiles its SQL again. A run of this graph stores about 1,100 events: of a run with
nothing new, 45 % of the time went there (py-spy, two busy cores, 2026-11-26). Tables,
statements and files stay Dagster's own. What failed is stored without the secrets that
a driver or a service may have put into its words.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy
from dagster import EventLogEntry
from dagster._core.storage.event_log.sqlite.sqlite_event_log import (
    SqliteEventLogStorage,
)
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import (
    ConfigurableClassData,
    deserialize_value,
    serialize_value,
)
from sqlalchemy.engine import Connection, Engine

from orchestration import settings
from orchestration.defs.pools import all_pools


def _engine(address: str) -> Engine:
    engine = sqlalchemy.create_engine(
        address, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS}
    )

    @sqlalchemy.event.listens_for(engine, "connect")
    def _(connection: sqlite3.Connection, record: object) -> None:
        # Safe with a write-ahead log: only a power cut can lose the last events.
        connection.execute("pragma synchronous = normal")

    return engine


def _tells_why(event: EventLogEntry) -> bool:
    """True for an event with an error, or with words that nobody has looked at."""
    told = event.dagster_event
    if told is None or event.error_info is not None:
        return True
    return getattr(told.event_specific_data, "error", None) is not None


def _without_secrets(event: EventLogEntry) -> EventLogEntry:
    said = settings.without_secrets(serialize_value(event))
    return deserialize_value(said, EventLogEntry)


class KeptEventLog(SqliteEventLogStorage):
    """The default storage of events, except that it keeps its connections."""

    def __init__(
        self, base_dir: str, inst_data: ConfigurableClassData | None = None
    ) -> None:
        # Before Dagster's own, which already connects.
        self._engines: dict[str, Engine] = {}
        super().__init__(base_dir, inst_data)

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """Nothing is configured: the place follows from the home folder."""
        return {}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> "KeptEventLog":
        """Where Dagster itself keeps events of an instance, by default."""
        folder = settings.dagster_home() / "history" / "runs"
        return cls(base_dir=str(folder), inst_data=inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        if shard not in self._initialized_dbs:
            with super()._connect(shard):
                pass  # makes the file and its tables
        # One at a time, as Dagster does it: its lock is free again by now.
        with self._db_lock:
            if shard not in self._engines:
                self._engines[shard] = _engine(self.conn_string_for_shard(shard))
            with self._engines[shard].connect() as connection, connection.begin():
                yield connection

    def store_event(self, event: EventLogEntry) -> None:
        """Store an event; one that tells of a failure without secrets."""
        super().store_event(_without_secrets(event) if _tells_why(event) else event)

    def get_concurrency_keys(self) -> set[str]:
        """The pools whose limit is known: all of the graph, from the first look on.

        Dagster learns of a pool when a run that needs it is in the queue, and heeds it
        at the next look only: two runs of a new home would both have begun.
        """
        known = super().get_concurrency_keys()
        new = all_pools() - known
        for pool in sorted(new):
            self.initialize_concurrency_limit_to_default(pool)
        return known | new

    def dispose(self) -> None:
        """Close every connection."""
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()
        super().dispose()
