"""The record as a page: `record.html`, out of the published tables alone.

What was foretold against what came. Which signals took part is told by signals_page.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from orchestration.publish.charts import reliability

TARGETS = {
    "tender": ("kunngjorte anbud", "published tenders"),
    "crm": ("muligheter i CRM", "opportunities in the CRM"),
}
_MODELS = {
    "shown": ("Det vi viste", "What we showed"),
    "challenger": ("Utfordreren", "The challenger"),
    "day_one": ("Fagfolks vekter", "Experts' weights"),
    "without_history": ("Uten historikk", "Without history"),
    "points": ("Enkle poeng", "Simple points"),
    "base_rate": ("Grunnraten", "The base rate"),
}
# What a reader in sales needs first; the order of the table.
_MEASURES = {
    "precision_at_2_percent": (
        "Treff blant de øverste 2 %",
        "Hits among the top 2 %",
        "share",
    ),
    "capture_10": (
        "Andel av utfallene blant de øverste 10 %",
        "Share of outcomes among the top 10 %",
        "share",
    ),
    "caught_28_days": (
        "Utfall varslet 28 dager før",
        "Outcomes told of 28 days before",
        "share",
    ),
    "caught_28_days_by_chance": (
        "… ved tilfeldig valg",
        "… by chance",
        "share",
    ),
    "lead_days_median": (
        "Dager i forveien, i midten",
        "Days ahead, median",
        "days",
    ),
    "lead_days_by_chance": ("… ved tilfeldig valg", "… by chance", "days"),
    "observed_share": ("Andel som kjøpte", "Share that bought", "share"),
    "mean_forecast": ("Andel vi sa", "Share we foretold", "share"),
    "precision_at_25": ("Treff blant de 25 øverste", "Hits among the top 25", "share"),
    "precision_at_100": (
        "Treff blant de 100 øverste",
        "Hits among the top 100",
        "share",
    ),
    "auc": ("Rekkefølge (AUC, 0,5 er tilfeldig)", "Order (AUC, 0.5 is chance)", "x"),
    "brier_skill": (
        "Bedre enn grunnraten (Brier skill)",
        "Better than the base rate (Brier skill)",
        "x",
    ),
    "log_loss_skill": (
        "Bedre enn grunnraten (log loss)",
        "Better than the base rate (log loss)",
        "x",
    ),
    "ece": ("Avvik mellom sagt og sett (ECE)", "Gap of said and seen (ECE)", "x"),
    "ece_noise_floor": (
        "… som tilfeldigheter alene gir",
        "… that chance alone gives",
        "x",
    ),
    "brier": ("Brier", "Brier", "x"),
    "log_loss": ("Log loss", "Log loss", "x"),
}
_SLICES = (
    ("segment ", "Segment ", "Segment "),
    ("language ", "Språk ", "Language "),
    ("observed ", "Observert ", "Observed "),
)


def record_parts(tables: Mapping[str, pl.DataFrame]) -> list[dict[str, Any]]:
    """What the page shows, a part an offer and target; words in both languages."""
    made, bins = tables["score_record"], tables["score_reliability"]
    return [
        _part(offer, target, _of(made, offer, target), _of(bins, offer, target))
        for offer, target in sorted(set(made.select("offer", "target").rows()))
    ]


def _of(table: pl.DataFrame, offer: str, target: str) -> pl.DataFrame:
    return table.filter((pl.col("offer") == offer) & (pl.col("target") == target))


def _part(
    offer: str, target: str, made: pl.DataFrame, bins: pl.DataFrame
) -> dict[str, Any]:
    whole = made.filter(pl.col("slice") == "all")
    shown = whole.filter(pl.col("value").is_not_null())
    models = [m for m in _MODELS if m in set(shown["model"])]
    models += sorted(set(shown["model"]) - set(models))
    cells = {(r["measure"], r["model"]): r for r in shown.iter_rows(named=True)}
    measures = [m for m in _MEASURES if any(m == name for name, _ in cells)]
    measures += sorted({name for name, _ in cells} - set(measures))
    missing = None
    if shown.is_empty():
        missing = whole["note"][0] if whole.height else "nothing has been judged"
    ours = sorted(
        bins.filter(pl.col("model") == "shown").to_dicts(), key=lambda b: b["bin"]
    )
    target_nb, target_en = TARGETS.get(target, (target, target))
    return {
        "offer": offer,
        "target": target,
        "target_nb": target_nb,
        "target_en": target_en,
        "missing": missing,
        "n_rows": int(whole["n_rows"].max() or 0) if whole.height else 0,  # type: ignore[arg-type]
        "n_outcomes": int(whole["n_outcomes"].max() or 0) if whole.height else 0,  # type: ignore[arg-type]
        "models": [_named(m, _MODELS.get(m, (m, m))) for m in models],
        "rows": [
            _measure(measure)
            | {"cells": [cells.get((measure, model)) for model in models]}
            for measure in measures
        ],
        "chart": reliability(ours) if ours else None,
        "bins": [b | {"is_inside": _is_inside(b)} for b in ours],
        "slices": [
            r | _slice(r["slice"])
            for r in made.filter(
                ~pl.col("slice").is_in(["all", "history"])
                & ~pl.col("slice").str.starts_with("order ")
                & ~pl.col("slice").str.starts_with("listed")
                & (pl.col("measure") == "brier_skill")
            ).iter_rows(named=True)
        ],
        "orders": [
            r["note"]
            for r in made.filter(
                (pl.col("measure") == "share_first") | (pl.col("slice") == "history")
            ).iter_rows(named=True)
        ],
        "places": [
            r["note"]
            for r in made.filter(
                pl.col("slice").str.starts_with("listed") & pl.col("note").is_not_null()
            ).iter_rows(named=True)
        ],
    }


def _is_inside(row: Mapping[str, Any]) -> bool:
    return row["lower"] is not None and row["lower"] <= row["predicted"] <= row["upper"]


def _named(name: str, words: tuple[str, str]) -> dict[str, str]:
    return {"id": name, "name_nb": words[0], "name_en": words[1]}


def _measure(measure: str) -> dict[str, str]:
    plain = measure.replace("_", " ")
    nb, en, unit = _MEASURES.get(measure, (plain, plain, "x"))
    return {"name_nb": nb, "name_en": en, "unit": unit}


def _slice(name: str) -> dict[str, str]:
    for start, nb, en in _SLICES:
        if name.startswith(start):
            rest = name.removeprefix(start)
            return {
                "name_nb": nb + rest.replace("months", "måneder"),
                "name_en": en + rest,
            }
    return {"name_nb": name, "name_en": name}
