"""The record as a page: `report/record.html`, out of the published tables alone."""

from collections.abc import Mapping
from typing import Any

import polars as pl

_TARGETS = {"tender": "kunngjorte anbud", "crm": "muligheter i CRM"}
_VERDICTS = {
    "matters": "betyr noe",
    "no sign that it matters": "ingen tegn til at det betyr noe",
    "not yet known": "ikke kjent ennå",
}
_MODELS = (
    "shown",
    "challenger",
    "day_one",
    "without_history",
    "points",
    "base_rate",
)


def record_parts(
    tables: Mapping[str, pl.DataFrame], labels: Mapping[str, tuple[str, str]]
) -> list[dict[str, Any]]:
    """What the page shows, a part an offer and target."""
    made, bins = tables["score_record"], tables["score_reliability"]
    signals = tables["signal_performance"]
    keys = sorted(
        set(made.select("offer", "target").rows())
        | set(signals.select("offer", "target").rows())
    )
    return [
        _part(
            offer,
            target,
            _of(made, offer, target),
            _of(bins, offer, target),
            _of(signals, offer, target),
            labels,
        )
        for offer, target in keys
    ]


def _of(table: pl.DataFrame, offer: str, target: str) -> pl.DataFrame:
    return table.filter((pl.col("offer") == offer) & (pl.col("target") == target))


def _part(
    offer: str,
    target: str,
    made: pl.DataFrame,
    bins: pl.DataFrame,
    signals: pl.DataFrame,
    labels: Mapping[str, tuple[str, str]],
) -> dict[str, Any]:
    whole = made.filter(pl.col("slice") == "all")
    shown = whole.filter(pl.col("value").is_not_null())
    models = [m for m in _MODELS if m in set(shown["model"])]
    cells = {
        (r["measure"], r["model"]): _told(r["value"], r["lower"], r["upper"])
        for r in shown.iter_rows(named=True)
    }
    missing = None
    if shown.is_empty():
        missing = whole["note"][0] if whole.height else "nothing has been judged"
    return {
        "offer": offer,
        "target": target,
        "target_nb": _TARGETS.get(target, target),
        "missing": missing,
        "n_rows": int(whole["n_rows"].max() or 0) if whole.height else 0,  # type: ignore[arg-type]
        "n_outcomes": int(whole["n_outcomes"].max() or 0) if whole.height else 0,  # type: ignore[arg-type]
        "models": models,
        "rows": [
            {
                "measure": measure.replace("_", " "),
                "cells": [cells.get((measure, m), "–") for m in models],
            }
            for measure in sorted({measure for measure, _ in cells})
        ],
        "bins": [
            r
            | {
                "is_inside": r["lower"] is not None
                and r["lower"] <= r["predicted"] <= r["upper"]
            }
            for r in bins.filter(pl.col("model") == "shown").iter_rows(named=True)
        ],
        "slices": [
            r | {"told": _told(r["value"], r["lower"], r["upper"])}
            for r in made.filter(
                (pl.col("slice") != "all") & (pl.col("measure") == "brier_skill")
            ).iter_rows(named=True)
        ],
        "orders": [
            r["note"]
            for r in made.filter(
                (pl.col("measure") == "share_first") | (pl.col("slice") == "history")
            ).iter_rows(named=True)
        ],
        "signals": [_signal(r, labels) for r in _ordered(signals)],
    }


def _ordered(signals: pl.DataFrame) -> list[dict[str, Any]]:
    return sorted(
        signals.iter_rows(named=True),
        key=lambda r: (
            r["verdict"] != "matters",
            -(r["lift"] or 0.0),
            -r["n_fired"],
            r["signal_type"],
        ),
    )


def _signal(
    row: Mapping[str, Any], labels: Mapping[str, tuple[str, str]]
) -> dict[str, Any]:
    kind = row["signal_type"]
    label = labels.get(kind, (kind.replace("_", " "), kind))[0]
    return dict(row) | {
        "label": label[:1].upper() + label[1:],
        "lift_told": "–" if row["lift"] is None else f"{row['lift']:.1f}",
        "band_told": (
            "–"
            if row["lift_lo"] is None
            else f"{row['lift_lo']:.1f} – {row['lift_hi']:.1f}"
        ),
        "lead_told": "–" if row["lead_days"] is None else f"{row['lead_days']:.0f}",
        "verdict_nb": _VERDICTS.get(row["verdict"], row["verdict"]),
    }


def _told(value: float | None, lower: float | None, upper: float | None) -> str:
    if value is None:
        return "–"
    band = "" if lower is None else f" ({lower:.3f} – {upper:.3f})"
    return f"{value:.3f}{band}"
