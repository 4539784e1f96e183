"""`account_scores`: how each account stands today, one wide row an account and offer.

Puts the newest day of `score_days` beside who the account is, whether it is on a list,
and what raises it most, so that one table answers whom to call and why. Nothing is
scored and nobody is ranked here; other days are `account_score_history`.
"""

import polars as pl

from orchestration.contracts.frames import empty_frame, shaped
from orchestration.contracts.odcs import contract

PATH = "scores/account_scores"
_KEY = ("account_id", "offer")
# Adds that are no sign of anything at the account: the mean, and the model's own.
_NO_REASON = ("intercept", "calibration")
# Log-odds below which a reason is not worth a sentence, as in the report.
_LEAST = 0.05
_REASONS = 3
_NO_LIST_NB = "Ingen endring ennå som sier hvem du bør snakke med."
_NO_LIST_EN = "No change yet that says whom to talk to."
_CLOSED_NB = "Vinduet er lukket."
_CLOSED_EN = "The window has closed."


def account_scores(
    score_days: pl.DataFrame,
    score_reasons: pl.DataFrame,
    lists: pl.DataFrame,
    accounts: pl.DataFrame,
) -> pl.DataFrame:
    """Contract account_scores: the newest day, one row an account and offer.

    Args:
        score_days: contract score_days.
        score_reasons: contract score_reasons.
        lists: contract talk_to_now.
        accounts: contract accounts; an account that is not there keeps its row.
    """
    promise = contract(PATH).in_warehouse
    if score_days.is_empty():
        return empty_frame(promise)
    newest = pl.col("as_of") == score_days["as_of"].max()
    listed = lists.filter(newest).select(
        *_KEY, "seller", "is_listed", "left_out_nb", "left_out_en"
    )
    is_listed = pl.col("is_listed").fill_null(value=False)
    is_closed = pl.col("window_state") == "closed"
    made = (
        score_days.filter(newest)
        .join(_who(accounts), on="account_id", how="left")
        .join(listed, on=_KEY, how="left")
        .join(_reasons(score_reasons.filter(newest)), on=_KEY, how="left")
        .with_columns(
            is_listed=is_listed,
            not_listed_nb=_why_not(is_listed, is_closed, "left_out_nb", "nb"),
            not_listed_en=_why_not(is_listed, is_closed, "left_out_en", "en"),
        )
    )
    return shaped(promise, made).sort(_KEY)


def _who(accounts: pl.DataFrame) -> pl.DataFrame:
    return accounts.select(
        "account_id", pl.col("name").alias("account_name"), "org_number", "segment"
    )


def _why_not(
    is_listed: pl.Expr, is_closed: pl.Expr, left_out: str, language: str
) -> pl.Expr:
    closed = _CLOSED_NB if language == "nb" else _CLOSED_EN
    rest = _NO_LIST_NB if language == "nb" else _NO_LIST_EN
    told = pl.when(is_closed).then(pl.lit(closed)).otherwise(pl.lit(rest))
    return pl.when(~is_listed).then(pl.coalesce(left_out, told))


def _reasons(reasons: pl.DataFrame) -> pl.DataFrame:
    """What was seen that raises each account most, side by side with its sentences.

    What was looked for and not seen raises too, a little, and is no reason to call.
    """
    ordered = (
        reasons.filter(
            (pl.col("contribution") >= _LEAST)
            & (pl.col("value") > 0)
            & ~pl.col("signal_type").is_in(_NO_REASON)
        )
        .sort("contribution", "signal_type", descending=[True, False])
        .group_by(*_KEY, maintain_order=True)
        .agg("signal_type", "sentence_nb", "sentence_en")
    )

    def nth(column: str, place: int) -> pl.Expr:
        return pl.col(column).list.get(place, null_on_oob=True)

    return ordered.select(
        *_KEY,
        *(
            nth(column, place).alias(f"reason_{place + 1}{ending}")
            for place in range(_REASONS)
            for column, ending in (
                ("signal_type", ""),
                ("sentence_nb", "_nb"),
                ("sentence_en", "_en"),
            )
        ),
    )
