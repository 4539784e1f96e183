"""What stands beside every row about a person: source, date, ground, notice.

GDPR article 14 wants a person to be told where what is held of him comes from, and by
when. So each published row that is about somebody says so itself, whether the name is
shown or only the role. Pure; who is held since when is given.
"""

from collections.abc import Mapping

import polars as pl

from orchestration.rights.policy import LEGAL_BASIS

# `person_source`, `person_seen_on`: where and when the person was first seen.
COLUMNS: Mapping[str, pl.DataType] = {
    "person_source": pl.String(),
    "person_seen_on": pl.Date(),
    "legal_basis": pl.String(),
    "notice_due_on": pl.Date(),
}
# Tables with the name of a person, and in which column.
NAMED_IN: Mapping[str, str] = {
    "signals": "person_name",
    "account_scores": "talk_to_name",
    "talk_to_now": "talk_to_name",
    "crm_account_updates": "talk_to_name",
    "crm_tasks": "talk_to_name",
}
# Tables whose sentences tell of signals, and in which column those stand.
TOLD_IN: Mapping[str, str] = {
    "account_timeline": "signal_id",
    "score_reasons": "signal_ids",
}
# Tables with a column that names a person in some rows, and something else in others.
AMONG: Mapping[str, str] = {"registry_history": "value"}
ANNOUNCED = "announcement_history"
TABLES = (*NAMED_IN, *TOLD_IN, *AMONG, ANNOUNCED)
_KEYS = ["account_id", "source", "announcement_id"]
# One month after the person was first seen (article 14(3)(a)).
_NOTICE_WITHIN = "1mo"


def with_grounds(
    tables: Mapping[str, pl.DataFrame], held: pl.DataFrame, announced: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """The tables with the columns of `COLUMNS`, empty where a row is about nobody.

    Args:
        tables: those about to be published, with their names still in them.
        held: `account_id, name, source, seen_on`: every sighting of a person, or the
            first of each source.
        announced: `account_id, source, announcement_id, name`: who is named in which
            announcement.
    """
    first = _first_seen(held)
    out = dict(tables)
    for table, column in NAMED_IN.items():
        out[table] = _beside(tables[table], column, first)
    for table, column in AMONG.items():
        out[table] = _among(tables[table], column, first)
    told = out["signals"].filter(pl.col("legal_basis").is_not_null())
    for table, column in TOLD_IN.items():
        out[table] = _through(tables[table], column, told)
    people = announced.join(
        tables[ANNOUNCED].select(*_KEYS, "known_at"), on=_KEYS, how="inner"
    )
    of_each = _earliest(_beside(people, "name", first), _KEYS)
    out[ANNOUNCED] = _dropped(tables[ANNOUNCED]).join(of_each, on=_KEYS, how="left")
    return out


def _dropped(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.drop(COLUMNS, strict=False)


def _folded(column: str) -> pl.Expr:
    return pl.col(column).str.normalize("NFC").str.to_lowercase().str.strip_chars()


def _first_seen(held: pl.DataFrame) -> pl.DataFrame:
    """Where and when each person of an account was seen first."""
    return (
        held.drop_nulls(["name", "seen_on"])
        .with_columns(_folded("name").alias("name"), pl.col("seen_on").cast(pl.Date))
        .sort("account_id", "name", "seen_on", "source")
        .unique(["account_id", "name"], keep="first", maintain_order=True)
        .select(
            "account_id",
            "name",
            pl.col("source").alias("person_source"),
            pl.col("seen_on").alias("person_seen_on"),
        )
    )


def _beside(frame: pl.DataFrame, column: str, first: pl.DataFrame) -> pl.DataFrame:
    """Columns beside a column of names."""
    keyed = _dropped(frame).with_columns(_folded(column).alias("_name"))
    # A leader of a parent company is told of at its daughter too.
    anywhere = (
        first.sort("person_seen_on", "person_source")
        .unique("name", keep="first", maintain_order=True)
        .select(
            "name",
            pl.col("person_source").alias("_source"),
            pl.col("person_seen_on").alias("_seen_on"),
        )
    )
    # A name that only a sentence of this row tells was seen where the row was.
    row_source = pl.col("source") if "source" in frame.columns else pl.lit("signals")
    row_day = next(d for d in _DAYS if d in frame.columns)
    is_named = pl.col("_name").is_not_null()
    return (
        keyed.join(
            first,
            left_on=["account_id", "_name"],
            right_on=["account_id", "name"],
            how="left",
            maintain_order="left",
        )
        .join(
            anywhere,
            left_on="_name",
            right_on="name",
            how="left",
            maintain_order="left",
        )
        .with_columns(
            pl.when(is_named)
            .then(pl.coalesce("person_source", "_source", row_source))
            .alias("person_source"),
            pl.when(is_named)
            .then(
                pl.coalesce("person_seen_on", "_seen_on", pl.col(row_day).cast(pl.Date))
            )
            .alias("person_seen_on"),
        )
        .with_columns(
            pl.when(is_named).then(pl.lit(LEGAL_BASIS)).alias("legal_basis"),
            pl.col("person_seen_on")
            .dt.offset_by(_NOTICE_WITHIN)
            .alias("notice_due_on"),
        )
        .drop("_name", "_source", "_seen_on")
    )


_DAYS = ("known_at", "as_of", "opened_on", "updated_at")


def _among(frame: pl.DataFrame, column: str, first: pl.DataFrame) -> pl.DataFrame:
    """Columns beside the values of a column that are people of the account."""
    people = first.select("account_id", pl.col("name").alias("_folded")).unique()
    keyed = frame.with_columns(_folded(column).alias("_folded"))
    is_one = keyed.join(
        people.with_columns(_is_one=True),
        on=["account_id", "_folded"],
        how="left",
        maintain_order="left",
    )["_is_one"]
    named = frame.with_columns(
        pl.when(is_one.fill_null(value=False)).then(column).alias("_person")
    )
    return _beside(named, "_person", first).drop("_person")


def _through(frame: pl.DataFrame, column: str, told: pl.DataFrame) -> pl.DataFrame:
    """Columns beside a column of signals: of the person who is to be told first."""
    keyed = _dropped(frame).with_row_index("_row")
    pairs = keyed.select("_row", pl.col(column).alias("signal_id"))
    if isinstance(keyed.schema[column], pl.List):
        pairs = pairs.explode("signal_id")
    found = pairs.join(told.select("signal_id", *COLUMNS), on="signal_id", how="inner")
    return (
        keyed.join(_earliest(found, ["_row"]), on="_row", how="left")
        .sort("_row")
        .drop("_row")
    )


def _earliest(frame: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    return (
        frame.filter(pl.col("legal_basis").is_not_null())
        .sort(*keys, "notice_due_on", "person_source")
        .unique(keys, keep="first", maintain_order=True)
        .select(*keys, *COLUMNS)
    )
