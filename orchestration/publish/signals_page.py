"""Which signals matter, and what was seen over the market: `signals.html`.

Selects and orders rows of `signal_performance` and counts rows of `signals`; judges
nothing itself.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl

from orchestration.publish.charts import columns, log_scale
from orchestration.publish.record_page import TARGETS

VERDICTS = {
    "matters": ("betyr noe", "matters"),
    "no sign that it matters": (
        "ingen tegn til at det betyr noe",
        "no sign that it matters",
    ),
    "not yet known": ("ikke kjent ennå", "not yet known"),
}
_LOW, _HIGH = 0.1, 32.0
_TICKS = (0.25, 1.0, 4.0, 16.0)
_WEEKS = 52
_LATELY = 28
_HEAVIEST = 12


def performance_parts(
    performance: pl.DataFrame, labels: Mapping[str, tuple[str, str]]
) -> list[dict[str, Any]]:
    """A part an offer and target: signals with a verdict, and those not yet known."""
    return [
        _part(offer, target, performance, labels)
        for offer, target in sorted(set(performance.select("offer", "target").rows()))
    ]


def _part(
    offer: str,
    target: str,
    performance: pl.DataFrame,
    labels: Mapping[str, tuple[str, str]],
) -> dict[str, Any]:
    rows = performance.filter(
        (pl.col("offer") == offer) & (pl.col("target") == target)
    ).to_dicts()
    known = [r for r in rows if r["lift"] is not None]
    unknown = [r for r in rows if r["lift"] is None]
    target_nb, target_en = TARGETS.get(target, (target, target))
    return {
        "offer": offer,
        "target": target,
        "target_nb": target_nb,
        "target_en": target_en,
        "n_outcomes": max((r["n_outcomes"] for r in rows), default=0),
        "n_matter": sum(r["verdict"] == "matters" for r in rows),
        "known": [
            _known(r, labels)
            for r in sorted(
                known,
                key=lambda r: (
                    r["verdict"] != "matters",
                    -(r["lift_lo"] or 0.0),
                    -r["lift"],
                    r["signal_type"],
                ),
            )
        ],
        "ticks": [(log_scale(v, _LOW, _HIGH), v) for v in _TICKS],
        "unknown": [
            r | _label(r["signal_type"], labels)
            for r in sorted(
                unknown,
                key=lambda r: (-r["n_fired"], -abs(r["coefficient"]), r["signal_type"]),
            )
        ],
        "heaviest": [] if known else _heaviest(unknown, labels),
    }


def _heaviest(
    rows: Sequence[Mapping[str, Any]], labels: Mapping[str, tuple[str, str]]
) -> list[dict[str, Any]]:
    """What raises most while nothing is known, and how many times odds it makes."""
    raising = [r for r in rows if r["coefficient"] > 0]
    raising.sort(key=lambda r: (-r["coefficient"], r["signal_type"]))
    return [
        _label(r["signal_type"], labels) | {"odds": math.exp(r["coefficient"])}
        for r in raising[:_HEAVIEST]
    ]


def _known(
    row: Mapping[str, Any], labels: Mapping[str, tuple[str, str]]
) -> dict[str, Any]:
    low = row["lift_lo"] if row["lift_lo"] is not None else row["lift"]
    high = row["lift_hi"] if row["lift_hi"] is not None else row["lift"]
    start, end = log_scale(low or _LOW, _LOW, _HIGH), log_scale(high, _LOW, _HIGH)
    nb, en = VERDICTS.get(row["verdict"], (row["verdict"], row["verdict"]))
    return (
        dict(row)
        | _label(row["signal_type"], labels)
        | {
            "verdict_nb": nb,
            "verdict_en": en,
            "at": log_scale(row["lift"] or _LOW, _LOW, _HIGH),
            "from": start,
            "width": max(end - start, 0.6),
        }
    )


def _label(kind: str, labels: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    plain = kind.replace("_", " ")
    nb, en = labels.get(kind, (plain, plain))
    return {"label_nb": nb, "label_en": en}


def market(signals: pl.DataFrame, as_of: date) -> dict[str, Any]:
    """What was seen over the market: signals that stand, by week and by family."""
    standing = signals.filter(
        pl.col("superseded_at").is_null() & (pl.col("known_at").dt.date() <= as_of)
    ).with_columns(known_on=pl.col("known_at").dt.date())
    monday = as_of - timedelta(days=as_of.weekday())
    weeks = [monday - timedelta(weeks=n) for n in reversed(range(_WEEKS))]
    counted = dict(
        standing.group_by(pl.col("known_on").dt.truncate("1w")).len().iter_rows()
    )
    counts = [int(counted.get(week, 0)) for week in weeks]
    # Weeks before anything was seen say nothing; a few weeks are shown at least.
    first = next((i for i, n in enumerate(counts) if n), len(counts))
    first = min(first, len(weeks) - 8)
    lately = pl.col("known_on") > as_of - timedelta(days=_LATELY)
    before = (pl.col("known_on") > as_of - timedelta(days=2 * _LATELY)) & ~lately
    families = (
        standing.group_by("family")
        .agg(
            n=pl.len(),
            lately=lately.sum(),
            before=before.sum(),
            accounts=pl.col("account_id").n_unique(),
        )
        .sort(["lately", "n", "family"], descending=[True, True, False])
    )
    return {
        "chart": columns(weeks[first:], counts[first:]),
        "weeks": list(zip(weeks[first:], counts[first:], strict=True)),
        "n": standing.height,
        "families": families.to_dicts(),
        "days": _LATELY,
    }
