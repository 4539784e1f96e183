"""The run itself: `run.html`, out of `source_runs` and the verdicts of the checks.

What a data engineer and a doubtful reader look at first: was everything read, how much
was new, what broke its contract. Selects and adds up; judges nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from orchestration.contracts.data_docs import page_name
from orchestration.contracts.judged import Judged

_MOST_DAYS = 12
_SUMMED = (
    "visits", "answered", "new_digests", "records", "unreadable", "quarantined_rows",
    "signals_born", "bytes", "crawl_seconds", "parse_seconds",
)  # fmt: skip


def run_parts(
    runs: pl.DataFrame, outcomes: pl.DataFrame, checks: Sequence[Judged]
) -> dict[str, Any]:
    """What the page shows.

    Args:
        runs: contract source_runs.
        outcomes: contract source_run_outcomes.
        checks: the newest verdict on each contract.
    """
    # A signal may have become known between two runs; nothing was run on that day.
    ran = runs.filter(pl.col("visits") > 0)
    day = ran["day"].max()
    newest = ran.filter(pl.col("day") == day)
    ended = outcomes.filter(
        (pl.col("day") == day) & ~pl.col("is_answered") & (pl.col("visits") > 0)
    )
    not_answered: dict[str, list[dict[str, Any]]] = {}
    for row in ended.sort("visits", "outcome", descending=[True, False]).to_dicts():
        not_answered.setdefault(row["source"], []).append(row)
    return {
        "day": day,
        "total": _total(newest),
        "sources": [
            row
            | {"seconds": _seconds(row), "ended": not_answered.get(row["source"], [])}
            for row in newest.sort(
                "visits", "source", descending=[True, False]
            ).to_dicts()
        ],
        "days": _days(ran),
        "n_days": ran["day"].n_unique(),
        "checks": [_check(one) for one in checks],
        "n_kept": sum(one.is_kept for one in checks),
    }


def _total(rows: pl.DataFrame) -> dict[str, Any]:
    summed = rows.select(pl.col(_SUMMED).sum()).row(0, named=True)
    return summed | {"seconds": _seconds(summed)}


def _days(ran: pl.DataFrame) -> list[dict[str, Any]]:
    """The newest days, newest first, all sources together."""
    days = (
        ran.group_by("day")
        .agg(pl.col(_SUMMED).sum(), pl.len().alias("sources"))
        .sort("day", descending=True)
        .head(_MOST_DAYS)
    )
    return [row | {"seconds": _seconds(row)} for row in days.to_dicts()]


def _seconds(row: Mapping[str, Any]) -> float | None:
    """Crawling and reading together; None where neither was measured."""
    told = [row[n] for n in ("crawl_seconds", "parse_seconds") if row[n] is not None]
    return sum(told) if told else None


def _check(one: Judged) -> dict[str, Any]:
    return {
        "path": one.path,
        "n_rows": one.n_rows,
        "n_broken": one.n_broken,
        "n_expectations": one.n_expectations,
        "is_kept": one.is_kept,
        "severity": one.severity,
        "before": [broken for _, _, broken in one.trend[:-1]][-5:],
        "page": page_name(one.path) if one.judged else None,
    }
