"""`score_model` and `account_scores` with `score_reasons`."""

import json
from collections.abc import Iterator

import dagster as dg
import polars as pl

from orchestration import settings, warehouse
from orchestration.defs.contract_checks import table_check
from orchestration.progress import announce
from orchestration.scoring.model import model_version, score_accounts
from orchestration.scoring.plays import PLAYS_FILE, load_plays
from orchestration.scoring.weights import WEIGHTS_FILE, load_weights

CONTRACTED = {
    "account_scores": "scores/account_scores",
    "score_reasons": "scores/score_reasons",
}


@dg.asset(
    group_name="scores",
    kinds={"yaml"},
    deps=["signal_types", "offers"],
    description=(
        "The version that scores: expert weights and plays, copied to "
        "`models/<version>/` so that an old score can be explained."
    ),
)
def score_model() -> dg.MaterializeResult:
    """Pin the weights and plays that score."""
    weights, plays = load_weights(), load_plays()
    version = model_version(weights, plays)
    folder = settings.home() / "models" / version
    folder.mkdir(parents=True, exist_ok=True)
    for file in (WEIGHTS_FILE, PLAYS_FILE):
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "model.json").write_text(
        json.dumps({"model_version": version, "outcomes": 0}, indent=2)
    )
    return dg.MaterializeResult(
        metadata={
            "model_version": version,
            "signal_types": len(weights.signal_types),
            "outcomes_learned_from": 0,
        }
    )


@dg.multi_asset(
    name="scores",
    group_name="scores",
    specs=[
        dg.AssetSpec(
            "account_scores",
            kinds={"python", "duckdb"},
            deps=[
                "score_model",
                "account_features",
                "hist_coverage_daily",
                "hist_people_events",
                "hist_role_slots",
                "signals",
                "offers",
                "accounts",
            ],
            description=(
                "Probability per account, offer and landmark day, with base rate, "
                "interval and window, or the reason for abstaining."
            ),
        ),
        dg.AssetSpec(
            "score_reasons",
            kinds={"python", "duckdb"},
            deps=["score_model", "account_features", "signals"],
            description="Contributions that sum exactly to the logit.",
        ),
    ],
)
def scores() -> Iterator[dg.MaterializeResult]:
    """Score every landmark day from that day's features."""
    home = settings.home()
    tables = warehouse.read_tables(
        home,
        [
            "account_features",
            "hist_coverage_daily",
            "offers",
            "signals",
            "hist_people_events",
            "hist_role_slots",
            "signal_types",
        ],
    )
    scored = score_accounts(
        tables["account_features"],
        tables["hist_coverage_daily"],
        tables["offers"],
        load_weights(),
        signals=tables["signals"],
        plays=load_plays(),
        people_events=tables["hist_people_events"],
        role_slots=tables["hist_role_slots"],
        accounts=pl.read_parquet(home / "accounts" / "accounts.parquet"),
        measured=tables["signal_types"].filter("is_measure")["id"].to_list(),
    )
    warehouse.write_tables(
        home,
        {
            "account_scores": scored.account_scores,
            "score_reasons": scored.score_reasons,
        },
    )
    frame = scored.account_scores
    latest = frame.filter(pl.col("as_of") == pl.col("as_of").max())
    n_scored = latest.filter(pl.col("state") == "scored").height
    announce(
        f"scores: {n_scored} accounts scored and {latest.height - n_scored} abstained "
        f"as of {latest['as_of'].max()!s}"
    )
    yield dg.MaterializeResult(
        asset_key="account_scores",
        metadata={
            "rows": frame.height,
            "days": frame["as_of"].n_unique(),
            "scored_latest_day": n_scored,
            "abstained_latest_day": latest.height - n_scored,
        },
    )
    yield dg.MaterializeResult(
        asset_key="score_reasons", metadata={"rows": scored.score_reasons.height}
    )


def assets() -> list[dg.AssetsDefinition]:
    """The assets of this step."""
    return [score_model, scores]


def checks() -> list[dg.AssetChecksDefinition]:
    """One blocking contract check a table."""
    return [table_check(table, path) for table, path in CONTRACTED.items()]
