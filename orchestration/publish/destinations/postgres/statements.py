"""The SQL of a publication, written from the contracts. Nothing is run here."""

import dataclasses
from collections.abc import Sequence

from orchestration.contracts.as_of import as_of_query, function_name
from orchestration.contracts.odcs import Contract, ContractError

_TYPES = {
    "varchar": "text",
    "bigint": "bigint",
    "double": "double precision",
    "boolean": "boolean",
    "timestamp": "timestamp without time zone",  # UTC, as everywhere
    "date": "date",
}


def postgres_type(physical_type: str) -> str:
    """The PostgreSQL type of a contract's physical type.

    Raises:
        ContractError: when there is none: a structure would have to become JSON.
    """
    if physical_type.endswith("[]"):
        return f"{postgres_type(physical_type[:-2])}[]"
    if physical_type not in _TYPES:
        raise ContractError(f"physicalType {physical_type!r} has none in PostgreSQL")
    return _TYPES[physical_type]


def create_table(promise: Contract, schema: str) -> str:
    """The table of a version, without its key: loading is faster before it."""
    columns = ", ".join(
        f"{quoted(c.name)} {postgres_type(c.physical_type)}"
        f"{' not null' if c.required else ''}"
        for c in promise.columns
    )
    return f"create table {quoted(schema)}.{quoted(promise.name)} ({columns})"


def add_key(promise: Contract, schema: str) -> str:
    """The primary key, once the rows are there."""
    key = ", ".join(quoted(name) for name in promise.primary_key)
    table = f"{quoted(schema)}.{quoted(promise.name)}"
    return f"alter table {table} add primary key ({key})"


def replace_view(
    promise: Contract, schema: str, version: str, existing: Sequence[str]
) -> list[str]:
    """Statements that make the view show a version; what stands on it stays.

    Args:
        promise: the contract.
        schema: of the view.
        version: the schema of the version's table.
        existing: the columns the view has, in its order; new ones go behind them, for
            that is what PostgreSQL allows without dropping what stands on the view.
    """
    order = [c for c in existing if c in promise.column_names]
    order += [c for c in promise.column_names if c not in order]
    view = f"{quoted(schema)}.{quoted(promise.name)}"
    columns = ", ".join(quoted(c) for c in order)
    described = {c.name: c.description for c in promise.columns}
    out = [
        f"create or replace view {view} as "
        f"select {columns} from {quoted(version)}.{quoted(promise.name)}",
        f"comment on view {view} is {text(promise.purpose)}",
        *(
            f"comment on column {view}.{quoted(c)} is {text(described[c])}"
            for c in order
        ),
    ]
    if promise.as_of:
        # A row of the function is a row of the view, so its columns are in that order.
        by_name = {c.name: c for c in promise.columns}
        ordered = dataclasses.replace(
            promise, columns=tuple(by_name[name] for name in order)
        )
        out.append(
            f"create or replace function {as_of_function(promise, schema)} "
            f"returns setof {view} language sql stable "
            f"as {text(as_of_query(ordered, view, 'on_day'))}"
        )
    return out


def as_of_function(promise: Contract, schema: str) -> str:
    """The function that reads the table as of a day, with its argument."""
    return f"{quoted(schema)}.{quoted(function_name(promise))}(on_day date)"


def quoted(name: str) -> str:
    """A name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def text(words: str) -> str:
    """A text as SQL."""
    return "'" + words.replace("'", "''") + "'"


def together(statements: Sequence[str]) -> str:
    """Many statements in one round trip, all of them or none."""
    return f"do $together$ begin {'; '.join(statements)}; end $together$"
