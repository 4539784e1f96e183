"""PostgreSQL: `postgresql://user:password@host:port/database`.

A version is loaded by bulk COPY into the schema `<schema>_staging`. One transaction
then gives that schema the version's name and makes the views in `<schema>` show it.
Readers and analysts know the views only: a view keeps its grants, and what was built
on it, through every swap, and nobody waits for rows to be copied. What is not swapped
in is never seen, whenever either side is killed.

```
<schema>_staging.<table>  --rename-->  <schema>_<version>.<table>  <--  <schema>.<table>
```
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from orchestration.contracts.odcs import Contract, ContractError, contract
from orchestration.publish.destinations.postgres.statements import (
    add_key,
    as_of_function,
    create_table,
    postgres_type,
    quoted,
    replace_view,
    text,
    together,
)
from orchestration.publish.destinations.protocol import (
    DestinationFailed,
    Place,
    Sent,
    Version,
)
from orchestration.publish.keep import NOTHING_ELSE, Keep, to_forget
from orchestration.publish.published import PUBLISHED

KINDS = frozenset({"postgres"})
DESCRIPTION = (
    "Loads the published version into PostgreSQL by bulk COPY and swaps it in within "
    "one transaction; grants, and views that analysts built on the tables, stay."
)
OPTIONS = {"schema": "lyttepost"}

_BATCH_ROWS = 65_536
# Shorter than PostgreSQL's own look for deadlocks (1 s), so that it is we who give way
# to a reader in the middle of several tables, and never the reader.
_LOCK_TIMEOUT = "500ms"
_SWAP_TRIES = 20
_WAIT_S = 0.5
_ABOUT = "published_version"
_VERSION = re.compile(r"\d{8}_[0-9a-f]{12}")


def publish(
    version: Version, place: Place, keep: Keep, *, afresh: bool = False
) -> Sent:
    """Load the version and swap it in. See `protocol.Destination`."""
    schema = _schema(place)
    with _connected(place) as connection:
        _alone(connection, schema, place)
        is_new = _current(connection, schema) != version.digest
        if is_new:
            target = f"{schema}_{_label(version)}"
            if not _exists(connection, target, _ABOUT):
                _load(connection, version, f"{schema}_staging")
            _swap(connection, version, schema, target)
        if afresh:
            # What a killed load left, and every table that is not shown.
            _run(
                connection,
                f"drop schema if exists {quoted(f'{schema}_staging')} cascade",
            )
            connection.commit()
            keep = NOTHING_ELSE
        forgotten, left = _forget(connection, schema, version, keep)
    return Sent(is_new, forgotten, left)


def faults(version: Version, place: Place) -> list[str]:
    """Another version, other rows or other types. See `protocol.Destination`."""
    schema = _schema(place)
    with _connected(place) as connection:
        there = _current(connection, schema)
        if there != version.digest:
            return [
                f"schema {schema} shows {there and there[:12]} where "
                f"{version.digest[:12]} is current"
            ]
        out = []
        for name, rows in version.rows().items():
            view = f"{quoted(schema)}.{quoted(name)}"
            ((found,),) = _rows(connection, f"select count(*) from {view}")
            if found != rows:
                out.append(f"{name} has {found} rows where there should be {rows}")
            kinds = _columns(connection, schema, name)
            out += [
                f"{name}.{c.name} is {kinds.get(c.name)} where the contract has "
                f"{postgres_type(c.physical_type)}"
                for c in contract(PUBLISHED[name]).columns
                if kinds.get(c.name) != postgres_type(c.physical_type)
            ]
        return out


def _schema(place: Place) -> str:
    schema = place.options["schema"]
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,39}", schema):
        raise DestinationFailed(
            f"the schema {schema!r} cannot be used: lower-case letters, digits and _, "
            "at most 40 of them; nothing was published there"
        )
    return schema


def _label(version: Version) -> str:
    """The version's name as part of a schema's name: `20251229_5f3c0d2ab811`."""
    day, digest = version.name.rsplit("-", 1)
    return f"{day.replace('-', '')}_{digest}"


@contextmanager
def _connected(place: Place) -> Iterator[Any]:
    """A connection; what the driver raises becomes one sentence without secrets."""
    try:
        from adbc_driver_manager import Error
        from adbc_driver_postgresql import dbapi
    except ImportError:
        raise DestinationFailed(
            f"{place.shown()}: the driver is not installed; install "
            "'lyttepost[postgres]'"
        ) from None
    try:
        connection = dbapi.connect(_patient(place.address))
        try:
            yield connection
        finally:
            connection.close()
    except (Error, ContractError) as error:
        raise DestinationFailed(
            f"{place.shown()}: {place.redacted(error)}; the former version stands"
        ) from None


def _patient(address: str) -> str:
    """Ten seconds for a server to answer at all, unless the address says how long."""
    if "connect_timeout" in address:
        return address
    return f"{address}{'&' if '?' in address else '?'}connect_timeout=10"


def _alone(connection: Any, schema: str, place: Place) -> None:
    """One publisher a schema; the lock falls with the connection that holds it."""
    name = text(f"lyttepost publishes to {schema}")
    ((is_ours,),) = _rows(
        connection, f"select pg_try_advisory_lock(hashtextextended({name}, 0))"
    )
    if not is_ours:
        raise DestinationFailed(
            f"{place.shown()}: another run is publishing to schema {schema}; nothing "
            "was published there"
        )


def _load(connection: Any, version: Version, staging: str) -> None:
    """Every table of the version, in bulk, where no reader looks."""
    _run(connection, f"drop schema if exists {quoted(staging)} cascade")
    _run(connection, f"create schema {quoted(staging)}")
    connection.commit()
    for name, rows in version.rows().items():
        promise = contract(PUBLISHED[name])
        _run(connection, create_table(promise, staging))
        loaded = _copy(connection, version, promise, staging)
        if loaded != rows:
            raise DestinationFailed(
                f"table {name}: {loaded} rows were loaded where the version has "
                f"{rows}; the former version stands"
            )
        _run(connection, add_key(promise, staging))
        _run(connection, f"analyze {quoted(staging)}.{quoted(name)}")
        connection.commit()


def _copy(connection: Any, version: Version, promise: Contract, staging: str) -> int:
    """Stream the Parquet file through binary COPY; the table is never in memory."""
    from pyarrow import RecordBatchReader, parquet
    from pyarrow import schema as arrow_schema

    wanted = promise.column_names

    with (
        parquet.ParquetFile(version.folder / f"{promise.name}.parquet") as file,
        connection.cursor() as cursor,
    ):
        batches = file.iter_batches(_BATCH_ROWS, columns=list(wanted))
        fields = [field for field in file.schema_arrow if field.name in wanted]
        reader = RecordBatchReader.from_batches(arrow_schema(fields), batches)
        cursor.adbc_ingest(promise.name, reader, mode="append", db_schema_name=staging)
        return int(file.metadata.num_rows)


def _swap(connection: Any, version: Version, schema: str, target: str) -> None:
    """Make the views show the version, in one transaction.

    Readers of a view hold it until their transaction ends. So as not to have all
    others queue behind us meanwhile, the locks are waited for shortly and often.
    """
    for tries_left in reversed(range(_SWAP_TRIES)):
        try:
            _run(connection, f"set local lock_timeout = '{_LOCK_TIMEOUT}'")
            _run(connection, together(_swapping(connection, version, schema, target)))
            connection.commit()
        except Exception as error:
            if not tries_left or getattr(error, "sqlstate", "") != "55P03":
                raise
            connection.rollback()
            time.sleep(_WAIT_S)
        else:
            return


def _swapping(connection: Any, version: Version, schema: str, target: str) -> list[str]:
    """The statements of the swap, views that must be built anew among them."""
    out = [f"create schema if not exists {quoted(schema)}"]
    if not _exists(connection, target, _ABOUT):
        staging = f"{schema}_staging"
        about = f"{quoted(staging)}.{quoted(_ABOUT)}"
        out += [
            f"create table {about} as select {text(version.name)}::text as version, "
            f"date {text(version.manifest['as_of'])} as as_of, "
            f"{text(version.digest)}::text as content_digest, "
            f"{text(version.manifest['model_version'])}::text as model_version, "
            "now() at time zone 'UTC' as published_at",
            f"alter schema {quoted(staging)} rename to {quoted(target)}",
        ]
    for name in version.rows():
        promise = contract(PUBLISHED[name])
        if not promise.as_of:
            out.append(_without_function(connection, promise, schema))
        existing = _columns(connection, schema, name)
        if _must_be_new(promise, existing):
            grants = _grants(connection, schema, name)
            out += [*_dropping(connection, promise, schema)]
            out += [*replace_view(promise, schema, target, ()), *grants]
        else:
            out += replace_view(promise, schema, target, list(existing))
    out.append(
        f"create or replace view {quoted(schema)}.{quoted(_ABOUT)} as "
        f"select * from {quoted(target)}.{quoted(_ABOUT)}"
    )
    return out


def _must_be_new(promise: Contract, existing: dict[str, str]) -> bool:
    """True where a column is gone or has another type: no view can follow that."""
    wanted = {c.name: postgres_type(c.physical_type) for c in promise.columns}
    return any(wanted.get(name) != kind for name, kind in existing.items())


def _dropping(connection: Any, promise: Contract, schema: str) -> list[str]:
    """Take a view away, refused where others have built on it: theirs is not ours."""
    view = f"{quoted(schema)}.{quoted(promise.name)}"
    users = _users(connection, f"{text(view)}::regclass")
    if users:
        names = ", ".join(users)
        raise DestinationFailed(
            f"table {promise.name} changes columns in contract version "
            f"{promise.version} and {names} stands on it: drop that, publish, and "
            "create it anew; the former version stands"
        )
    function = as_of_function(promise, schema)
    return [f"drop function if exists {function}", f"drop view {view}"]


def _without_function(connection: Any, promise: Contract, schema: str) -> str:
    """Take away the as-of function of a table that has lost its days."""
    function = as_of_function(promise, schema)
    named = function.replace("on_day ", "")
    users = _users(connection, f"to_regprocedure({text(named)})")
    if users:
        raise DestinationFailed(
            f"table {promise.name} is not read as of a day any more since contract "
            f"version {promise.version} and {', '.join(users)} stands on {named}: "
            "build that on another table, and publish; the former version stands"
        )
    return f"drop function if exists {function}"


def _users(connection: Any, object_id: str) -> list[str]:
    """Views of others that stand on a view or function."""
    return sorted(
        name
        for (name,) in _rows(
            connection,
            "select distinct n.nspname || '.' || c.relname from pg_depend as d "
            "join pg_rewrite as r on r.oid = d.objid "
            "join pg_class as c on c.oid = r.ev_class "
            "join pg_namespace as n on n.oid = c.relnamespace "
            f"where d.refobjid = {object_id} and c.oid <> d.refobjid",
        )
    )


def _grants(connection: Any, schema: str, name: str) -> list[str]:
    """Statements that grant again what is granted on a view."""
    view = f"{quoted(schema)}.{quoted(name)}"
    rows = _rows(
        connection,
        "select case when a.grantee = 0 then 'public' "
        "else quote_ident(pg_get_userbyid(a.grantee)) end, a.privilege_type, "
        "a.is_grantable from pg_class as c, aclexplode(c.relacl) as a "
        f"where c.oid = {text(view)}::regclass and a.grantee <> c.relowner",
    )
    return [
        f"grant {privilege} on {view} to {grantee}"
        f"{' with grant option' if may_grant else ''}"
        for grantee, privilege, may_grant in rows
    ]


def _forget(
    connection: Any, schema: str, current: Version, keep: Keep
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Drop old versions: which went, and which are still in somebody's use."""
    label = _label(current)
    published = {
        name.removeprefix(f"{schema}_"): moment.replace(tzinfo=UTC)
        for name in _version_schemas(connection, schema)
        for ((moment,),) in [
            _rows(
                connection,
                f"select published_at from {quoted(name)}.{quoted(_ABOUT)}",
            )
        ]
    }
    connection.commit()
    gone, left = [], []
    for old in to_forget(published, label, keep, datetime.now(UTC)):
        name = f"{schema}_{old}"
        tables = ", ".join(
            f"{quoted(name)}.{quoted(table)}"
            for (table,) in _rows(
                connection,
                f"select tablename from pg_tables where schemaname = {text(name)}",
            )
        )
        try:
            _run(connection, f"set local lock_timeout = '{_LOCK_TIMEOUT}'")
            # Never cascade: a view that somebody built on a version is theirs.
            _run(connection, f"drop table {tables}")
            _run(connection, f"drop schema {quoted(name)}")
            connection.commit()
        except Exception as error:
            connection.rollback()
            # Held by a reader, or something of others stands on it.
            if getattr(error, "sqlstate", "") not in ("55P03", "2BP01"):
                raise
            left.append(old)
        else:
            gone.append(old)
    return tuple(gone), tuple(left)


def _version_schemas(connection: Any, schema: str) -> list[str]:
    rows = _rows(
        connection,
        "select n.nspname from pg_namespace as n join pg_class as c "
        f"on c.relnamespace = n.oid and c.relname = {text(_ABOUT)} "
        f"where starts_with(n.nspname, {text(f'{schema}_')})",
    )
    return sorted(
        name for (name,) in rows if _VERSION.fullmatch(name.removeprefix(f"{schema}_"))
    )


def _current(connection: Any, schema: str) -> str | None:
    """Digest of the version the views show; None before the first."""
    if not _exists(connection, schema, _ABOUT):
        return None
    ((digest,),) = _rows(
        connection,
        f"select content_digest from {quoted(schema)}.{quoted(_ABOUT)}",
    )
    return str(digest)


def _exists(connection: Any, schema: str, name: str) -> bool:
    return bool(_columns(connection, schema, name))


def _columns(connection: Any, schema: str, name: str) -> dict[str, str]:
    """Columns of a table or view with their types, in its order; empty without it."""
    return dict(
        _rows(
            connection,
            "select a.attname, format_type(a.atttypid, a.atttypmod) "
            "from pg_attribute as a join pg_class as c on c.oid = a.attrelid "
            "join pg_namespace as n on n.oid = c.relnamespace "
            f"where n.nspname = {text(schema)} and c.relname = {text(name)} "
            "and a.attnum > 0 and not a.attisdropped order by a.attnum",
        )
    )


def _run(connection: Any, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _rows(connection: Any, query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())
