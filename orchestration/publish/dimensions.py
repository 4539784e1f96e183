"""What the published keys mean: signal types, accounts, sources and days.

Pure reshaping of tables that are there already. Nothing is judged here, and who looks
after an account in sales (`owner`, `crm_ids`) is left out of tables that many read.
"""

from collections.abc import Mapping
from datetime import date, datetime

import polars as pl

from orchestration.contracts.frames import schema, shaped
from orchestration.contracts.odcs import contract

DIMENSIONS = {
    "dim_signal_types": "bi/dim_signal_types",
    "dim_accounts": "bi/dim_accounts",
    "dim_sources": "bi/dim_sources",
    "dim_days": "bi/dim_days",
}
# A wrong year in a register must not make a calendar of thousands of years.
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_LOCAL = "Europe/Oslo"


def dimensions(
    tables: Mapping[str, pl.DataFrame],
    *,
    signal_types: pl.DataFrame,
    accounts: pl.DataFrame,
    sources: pl.DataFrame,
) -> dict[str, pl.DataFrame]:
    """The dimension tables of one publication, by name.

    Args:
        tables: the tables that are published; `coverage` names sources, and all of
            them say which days the calendar must hold.
        signal_types: the catalogue (the seed signal_types).
        accounts: contract accounts.
        sources: contract sources.

    Raises:
        ContractError: when one of them lacks a column or has another type.
    """
    return {
        "dim_signal_types": _signal_types(signal_types),
        "dim_accounts": _accounts(accounts),
        "dim_sources": _sources(sources, tables["coverage"]),
        "dim_days": days(*_span(tables)),
    }


def days(first: date, last: date) -> pl.DataFrame:
    """One row per calendar day, both ends included, with its bounds in UTC.

    A day of Europe/Oslo lasts from `oslo_starts_at` to before `oslo_ends_at`: 23 or 25
    hours where the clock changes.
    """
    day = pl.col("day")
    frame = pl.DataFrame({"day": pl.date_range(first, last, eager=True)})
    return shaped(
        contract(DIMENSIONS["dim_days"]),
        frame.with_columns(
            year=day.dt.year(),
            quarter=day.dt.quarter(),
            month=day.dt.month(),
            iso_year=day.dt.iso_year(),
            iso_week=day.dt.week(),
            iso_week_label=day.dt.strftime("%G-W%V"),
            weekday=day.dt.weekday(),
            is_weekend=day.dt.weekday() >= 6,
            week_starts_on=day.dt.truncate("1w"),
            month_starts_on=day.dt.month_start(),
            utc_starts_at=day.cast(pl.Datetime("us")),
            utc_ends_at=day.dt.offset_by("1d").cast(pl.Datetime("us")),
            oslo_starts_at=_local_midnight(day),
            oslo_ends_at=_local_midnight(day.dt.offset_by("1d")),
        ),
    )


def _local_midnight(day: pl.Expr) -> pl.Expr:
    """The UTC moment a day begins in Oslo; the first where midnight came twice."""
    return (
        day.cast(pl.Datetime("us"))
        .dt.replace_time_zone(_LOCAL, ambiguous="earliest")
        .dt.convert_time_zone("UTC")
        .dt.replace_time_zone(None)
    )


def _span(tables: Mapping[str, pl.DataFrame]) -> tuple[date, date]:
    """Whole years around every day that stands in a date or timestamp column."""
    found = [
        moment.year
        for frame in tables.values()
        for column in frame.select(pl.col(pl.Date, pl.Datetime)).iter_columns()
        for moment in (column.min(), column.max())
        if isinstance(moment, date | datetime)
    ]
    kept = [min(max(year, _FIRST_YEAR), _LAST_YEAR) for year in found]
    if not kept:
        return date(_FIRST_YEAR, 1, 1), date(_FIRST_YEAR, 12, 31)
    return date(min(kept), 1, 1), date(max(kept), 12, 31)


def _signal_types(catalogue: pl.DataFrame) -> pl.DataFrame:
    return shaped(
        contract(DIMENSIONS["dim_signal_types"]),
        catalogue.rename({"id": "signal_type"}).with_columns(
            _split("affects", ","), _split("sources", "|")
        ),
    )


def _split(column: str, separator: str) -> pl.Expr:
    """The column's parts as a list; an empty text or null is an empty list."""
    text = pl.col(column).fill_null("")
    empty = pl.lit([], pl.List(pl.String))
    return (pl.when(text == "").then(empty).otherwise(text.str.split(separator))).alias(
        column
    )


def _accounts(accounts: pl.DataFrame) -> pl.DataFrame:
    return shaped(
        contract(DIMENSIONS["dim_accounts"]),
        accounts.with_columns(domain=pl.col("domains").list.first()),
    )


def _sources(sources: pl.DataFrame, coverage: pl.DataFrame) -> pl.DataFrame:
    """The sources that are read, and those coverage names though nothing reads them."""
    read = sources.with_columns(is_read=pl.lit(value=True))
    unread = (
        coverage.select("source")
        .unique()
        .join(sources, on="source", how="anti")
        .with_columns(is_read=pl.lit(value=False))
    )
    promise = contract(DIMENSIONS["dim_sources"])
    whole = pl.concat([read, unread], how="diagonal").with_columns(
        pl.col("kinds", "countries").fill_null(pl.lit([], pl.List(pl.String))),
        pl.col("label_nb", "label_en").fill_null(
            pl.col("source").str.replace_all("_", " ", literal=True)
        ),
    )
    return shaped(promise, whole.select(schema(promise).names())).sort("source")
