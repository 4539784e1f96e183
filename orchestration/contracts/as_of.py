"""A table as it was known at the end of a day, as SQL that any database understands.

Written from the contract's `asOf`, so that the DuckDB macro, the PostgreSQL function
and the page of tables cannot disagree. Nothing is run here.
"""

from orchestration.contracts.odcs import Contract, ContractError


def function_name(promise: Contract) -> str:
    """Name of the function that reads the table as of a day."""
    return f"{promise.name}_as_of"


def as_of_query(promise: Contract, table: str, day: str) -> str:
    """The select statement: columns in the contract's order, only what was known.

    Args:
        promise: a contract that says how it is read as of a day.
        table: the table's name as it stands in SQL, quoted where it must be.
        day: an SQL expression of the type date.

    Raises:
        ContractError: when the contract does not say how.
    """
    how = promise.as_of
    if how is None:
        raise ContractError(f"{promise.path}: asOf is missing")
    if how.day:
        newest = f'select max("{how.day}") from {table} where "{how.day}" <= {day}'
        columns = ", ".join(f'"{c}"' for c in promise.column_names)
        return f'select {columns} from {table} where "{how.day}" = ({newest})'
    end = f"({day} + interval '1 day')"
    since = {c: moment for moment, hidden in how.hides.items() for c in hidden}
    # A row that is read had not been superseded: when it was to be was not known.
    never = {*how.now, *((how.until,) if how.until else ())}

    def read(column: str) -> str:
        name = f'"{column}"'
        if column in never:
            return f"case when 1 = 0 then {name} end as {name}"
        if column in since:
            return f'case when "{since[column]}" < {end} then {name} end as {name}'
        return name

    columns = ", ".join(read(c) for c in promise.column_names)
    rows = f'"{how.known}" < {end}'
    if how.until:
        rows += f' and ("{how.until}" is null or "{how.until}" >= {end})'
    return f"select {columns} from {table} where {rows}"
