"""The polars schema of a record type, read off its dataclass.

Only the mapping from Python annotations to column types belongs here.
"""

import types
import typing
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

_SCALARS: dict[type, Any] = {
    str: pl.String(),
    int: pl.Int64(),
    float: pl.Float64(),
    bool: pl.Boolean(),
    datetime: pl.Datetime("us"),
    date: pl.Date(),
}


def polars_schema(record_type: type) -> dict[str, pl.DataType]:
    """Column name to polars type, in field order.

    Raises:
        TypeError: an annotation has no column type.
    """
    hints = typing.get_type_hints(record_type)
    return {
        field.name: _column_type(hints[field.name]) for field in fields(record_type)
    }


def _column_type(annotation: Any) -> Any:
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if origin in (types.UnionType, typing.Union):
        (inner,) = [member for member in arguments if member is not type(None)]
        return _column_type(inner)
    if origin is tuple:
        return pl.List(_column_type(arguments[0]))
    if is_dataclass(annotation) and isinstance(annotation, type):
        return pl.Struct(polars_schema(annotation))
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    raise TypeError(f"no column type for the annotation {annotation!r}")
