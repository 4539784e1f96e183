"""Contracts as Polars schemas: empty frames, and frames brought into shape.

Type mapping only; whether values keep the rules is `expectations` and `gate`.
"""

import re
from pathlib import Path

import polars as pl

from orchestration.contracts.odcs import Contract, ContractError

_SCALARS: dict[str, pl.DataType] = {
    "varchar": pl.String(),
    "bigint": pl.Int64(),
    "double": pl.Float64(),
    "boolean": pl.Boolean(),
    "timestamp": pl.Datetime("us"),
    "date": pl.Date(),
}
_STRUCT = re.compile(r"struct\((?P<fields>.+)\)")


def polars_type(physical_type: str) -> pl.DataType:
    """The Polars type of a contract's physical type.

    Raises:
        ContractError: when the type is not one the contracts use.
    """
    if physical_type in _SCALARS:
        return _SCALARS[physical_type]
    if physical_type.endswith("[]"):
        return pl.List(polars_type(physical_type[:-2]))
    struct = _STRUCT.fullmatch(physical_type)
    if struct:
        fields = (f.strip().split(" ", 1) for f in struct["fields"].split(","))
        return pl.Struct({name: polars_type(kind) for name, kind in fields})
    raise ContractError(f"physicalType {physical_type!r} is not understood")


def schema(contract: Contract) -> pl.Schema:
    """The Polars schema of a contract, columns in its order."""
    return pl.Schema({c.name: polars_type(c.physical_type) for c in contract.columns})


def empty_frame(contract: Contract) -> pl.DataFrame:
    """A frame of the contract's shape with no rows."""
    return pl.DataFrame(schema=schema(contract))


def missing_columns(contract: Contract, frame: pl.DataFrame) -> tuple[str, ...]:
    """Columns the contract promises and the frame lacks."""
    return tuple(n for n in contract.column_names if n not in frame.columns)


def missing_in_file(contract: Contract, file: Path) -> tuple[str, ...]:
    """Columns the contract promises and a Parquet file lacks; its rows are not read."""
    held = pl.read_parquet_schema(file)
    return tuple(n for n in contract.column_names if n not in held)


def shaped(contract: Contract, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with exactly the contract's columns, types and order.

    Raises:
        ContractError: when a column is missing or cannot be cast, by name.
    """
    missing = missing_columns(contract, frame)
    if missing:
        raise ContractError(
            f"table {contract.path} lacks the column(s) {', '.join(missing)} "
            f"that contract version {contract.version} promises"
        )
    try:
        return frame.select(contract.column_names).cast(schema(contract))
    except pl.exceptions.PolarsError as error:
        raise ContractError(
            f"table {contract.path} does not fit the types of contract version "
            f"{contract.version}: {str(error).splitlines()[0]}"
        ) from error
