"""Made-up tables for the pages: a history, a record, and names that mean harm.

Built on `tests.scoring.made_up`; nothing here is real.
"""

from datetime import timedelta
from functools import cache

import polars as pl

from orchestration.contracts.frames import schema, shaped
from orchestration.contracts.odcs import contract
from tests.scoring import made_up

HARM = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> {{ 7 * 7 }}"
HARMFUL_ID = '../../etc/<b onmouseover="x()">'


@cache
def tables() -> dict[str, pl.DataFrame]:
    """The made-up day with six weeks of scores and a record of two hundred outcomes."""
    made = made_up.published_tables()
    today = made["account_score_history"]
    former = [
        today.with_columns(
            pl.col("as_of") - timedelta(weeks=weeks),
            pl.col("probability") * (1 - 0.1 * weeks),
            pl.col("probability_lo") * (1 - 0.1 * weeks),
        )
        for weeks in range(1, 6)
    ]
    return made | {
        "account_score_history": pl.concat([today, *former]),
        "score_record": _record(),
        "score_reliability": _reliability(),
        "signal_performance": _performance(),
    }


def harmful() -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
    """Tables and accounts in which every free text means harm, and one key does."""
    plain = {"account_id", "offer", "signal_type", "target", "state", "source"}
    made = tables()
    spoilt = {}
    for name, frame in made.items():
        closed = plain | _closed_lists(name)
        texts = [
            c
            for c, kind in frame.schema.items()
            if kind == pl.String and c not in closed
        ]
        spoilt[name] = _renamed(
            frame.with_columns(
                pl.when(pl.col(c).is_not_null())
                .then(pl.lit(HARM))
                .otherwise(None)
                .alias(c)
                for c in texts
                if not c.endswith(("_id", "_ref", "_digest"))
            )
        )
    accounts = _renamed(
        made_up.accounts().with_columns(
            pl.lit(HARM).alias("name"), pl.lit(HARM).alias("segment")
        )
    )
    return spoilt, accounts


def _closed_lists(name: str) -> set[str]:
    return {
        "account_scores": {"window_state", "play"},
        "account_score_history": {"window_state", "play"},
        "talk_to_now": {"window_state", "play", "main_signal", "exclusivity"},
        "signals": {"evidence_class", "status", "awareness"},
        "score_record": {"model", "slice", "measure"},
        "score_reliability": {"model"},
        "signal_performance": {"verdict", "awareness"},
    }.get(name, set())


def _renamed(frame: pl.DataFrame) -> pl.DataFrame:
    if "account_id" not in frame.columns:
        return frame
    mine = pl.col("account_id") == made_up.account_id(0)
    return frame.with_columns(
        pl.when(mine)
        .then(pl.lit(HARMFUL_ID))
        .otherwise(pl.col("account_id"))
        .alias("account_id")
    )


def _record() -> pl.DataFrame:
    rows = []
    for model, gain in (("shown", 0.12), ("day_one", 0.05), ("base_rate", 0.0)):
        for measure, value in (
            ("brier_skill", gain),
            ("auc", 0.5 + 2 * gain),
            ("precision_at_2_percent", 0.03 + gain),
            ("capture_10", 0.1 + gain),
            ("lead_days_median", 40.0),
        ):
            rows.append(
                {"model": model, "slice": "all", "measure": measure, "value": value}
            )
    rows[0] |= {"lower": 0.04, "upper": 0.2}
    rows += [
        {"slice": "segment handel", "measure": "brier_skill", "value": 0.1},
        {
            "slice": "history",
            "measure": "log_loss_saved",
            "value": 0.01,
            "note": "Said.",
        },
    ]
    return _shaped("score_record", rows, n_rows=2000, n_outcomes=200)


def _reliability() -> pl.DataFrame:
    rows = [
        {
            "bin": number,
            "n_rows": 900 - 150 * number,
            "predicted": said,
            "observed": seen,
            "lower": seen * 0.6,
            "upper": seen * 1.5,
        }
        for number, (said, seen) in enumerate(
            [(0.01, 0.008), (0.02, 0.025), (0.04, 0.05), (0.09, 0.07), (0.2, 0.24)]
        )
    ]
    return _shaped("score_reliability", rows)


def _performance() -> pl.DataFrame:
    rows = [
        {"signal_type": kind, "n_fired": 60, "lift": lift, "lift_lo": lo, "lift_hi": hi}
        | {"verdict": verdict, "lead_days": 44.0, "events_fired": 9}
        for kind, lift, lo, hi, verdict in (
            ("functional_leader_appointed", 3.4, 2.0, 5.6, "matters"),
            ("theme_job_opened", 1.2, 0.6, 2.4, "no sign that it matters"),
        )
    ]
    rows += [
        {"signal_type": f"never_{number}", "n_fired": 0, "verdict": "not yet known"}
        for number in range(30)
    ]
    return _shaped(
        "signal_performance", rows, n_outcomes=200, events_fired=0, coefficient=0.4
    )


def _shaped(name: str, rows: list[dict], **same: object) -> pl.DataFrame:
    wanted = schema(contract(f"scores/{name}"))
    whole = {"offer": made_up.OFFER, "target": "tender", "model": "shown"} | same
    frame = pl.DataFrame(
        {c: [(whole | row).get(c) for row in rows] for c in wanted}, schema=wanted
    )
    return shaped(contract(f"scores/{name}"), frame)
