"""What people in a CRM said of the tasks, by the signals that stood behind them.

Pure: the record of signals and the verdicts come in, the record with two more columns
comes out. Nothing is learned from it: a verdict is an opinion, an outcome is not.
"""

from collections import defaultdict

import polars as pl

from orchestration.contracts.frames import shaped
from orchestration.contracts.odcs import contract

_RELEVANT = "relevant"


def with_verdicts(
    performance: pl.DataFrame,
    feedback: pl.DataFrame,
    scores: pl.DataFrame,
    signals: pl.DataFrame,
) -> pl.DataFrame:
    """The record of signals with how many judged tasks each stood behind.

    Args:
        performance: contract signal_performance.
        feedback: contract crm_feedback.
        scores: contract account_scores: the day a task opened tells its signals.
        signals: contract signals.
    """
    judged = feedback.filter(pl.col("verdict").is_not_null())
    if judged.is_empty():
        return performance
    type_of = dict(signals.select("signal_id", "signal_type").iter_rows())
    behind = judged.join(
        scores.select("account_id", "offer", "as_of", "play", "play_signal_ids"),
        left_on=["account_id", "offer", "opened_on", "play"],
        right_on=["account_id", "offer", "as_of", "play"],
        how="inner",
    )
    n: defaultdict[tuple[str, str], int] = defaultdict(int)
    relevant: defaultdict[tuple[str, str], int] = defaultdict(int)
    for offer, verdict, ids in behind.select(
        "offer", "verdict", "play_signal_ids"
    ).iter_rows():
        # A task counts once a type, however many signals of the type it rests on.
        for kind in {type_of[i] for i in ids or () if i in type_of}:
            n[offer, kind] += 1
            relevant[offer, kind] += verdict == _RELEVANT
    keys = list(performance.select("offer", "signal_type").iter_rows())
    counts = [n[key] for key in keys]
    shares = [
        relevant[key] / count if count else None
        for key, count in zip(keys, counts, strict=True)
    ]
    return shaped(
        contract("scores/signal_performance"),
        performance.with_columns(
            pl.Series("n_judged", counts, pl.Int64),
            pl.Series("relevant_share", shares, pl.Float64),
        ),
    )
