"""The first page and the list of all accounts: whom to talk to, to watch, who else.

Selects and orders rows of `account_scores` and `talk_to_now`; ranks nothing itself.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from orchestration.publish.account_page import DERIVED, Proof, scale, window
from orchestration.publish.languages import ENGLISH, NORWEGIAN

_MAX_WATCH = 8


def cards(
    shown: pl.DataFrame,
    names: Mapping[str, Mapping[str, Any]],
    proofs: Mapping[str, Proof],
    labels: Mapping[str, tuple[str, str]],
) -> list[dict[str, Any]]:
    """The accounts to talk to, ready to show, in the order given."""
    return [
        {
            "score": row,
            "name": name_of(names, row["account_id"]),
            "segment": names.get(row["account_id"], {}).get("segment"),
            "because": labels.get(row["main_signal"])
            or DERIVED.get(row["main_signal"])
            or (row["main_signal"].replace("_", " "),) * 2,
            "proofs": [proofs[s] for s in row["play_signal_ids"] if s in proofs][:1],
            "window": window(row),
            "scale": scale(row),
        }
        for row in shown.iter_rows(named=True)
    ]


def summary(today: pl.DataFrame, shown: pl.DataFrame) -> dict[str, Any]:
    """The figures at the head of the page."""
    base = float(today["base_rate"].mean() or 0.0)  # type: ignore[arg-type]
    scored = today.filter(pl.col("state") == "scored")
    return {
        "scored": scored.height,
        "abstained": today.height - scored.height,
        "shown": shown.height,
        "base_rate": base,
        "horizon": today["horizon_days"].max(),
        "expected": float(shown["probability"].sum()),
        "random": base * shown.height,
    }


def watch(
    today: pl.DataFrame,
    shown: pl.DataFrame,
    names: Mapping[str, Mapping[str, Any]],
    budget: int,
) -> list[dict[str, Any]]:
    """The likeliest accounts that are not among the cards."""
    rest = today.filter(
        (pl.col("state") == "scored")
        & (pl.col("probability") > pl.col("base_rate"))
        & ~pl.col("account_id").is_in(shown["account_id"].to_list())
    ).sort(["probability", "account_id"], descending=[True, False])
    return [
        {
            "account_id": row["account_id"],
            "name": name_of(names, row["account_id"]),
            "score": row,
            "why_nb": _not_shown(row, budget)[0],
            "why_en": _not_shown(row, budget)[1],
        }
        for row in rest.head(_MAX_WATCH).iter_rows(named=True)
    ]


def left_out(
    lists: pl.DataFrame, names: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Accounts with a reason to talk that had no place this week."""
    return [
        {
            "account_id": row["account_id"],
            "name": name_of(names, row["account_id"]),
            "seller": row["seller"],
            "probability": row["probability"],
            "why_nb": row["left_out_nb"],
            "why_en": row["left_out_en"],
        }
        for row in lists.filter(~pl.col("is_listed"))
        .sort("seller", "place")
        .iter_rows(named=True)
    ]


def all_accounts(
    today: pl.DataFrame, names: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Every account and offer of the day, the likeliest first, the unknown last."""
    rows = today.sort(
        "probability", "account_id", "offer", descending=[True, False, False],
        nulls_last=True,
    )  # fmt: skip
    return [
        {
            "account_id": row["account_id"],
            "name": name_of(names, row["account_id"]),
            "segment": names.get(row["account_id"], {}).get("segment"),
            "score": row,
        }
        for row in rows.iter_rows(named=True)
    ]


def name_of(names: Mapping[str, Mapping[str, Any]], account_id: str) -> str:
    """The account's name as the user writes it; its key where none is known."""
    return str(names.get(account_id, {}).get("name") or account_id)


def sellers(rows: Sequence[Mapping[str, Any]]) -> int:
    """How many sellers' lists stand on the page."""
    return len({row["score"]["seller"] for row in rows})


def _not_shown(row: Mapping[str, Any], budget: int) -> tuple[str, str]:
    if row["attention_rank"] is not None:
        nb, en = (x.window(row["window_state"]) for x in (NORWEGIAN, ENGLISH))
        return (
            f"Vinduet er {nb}, men listen er på {budget}.",
            f"The window is {en}; the list is {budget}.",
        )
    if row["window_state"] == "closed":
        return "Vinduet er lukket.", "The window has closed."
    return (
        "Ingen endring ennå som sier hvem du bør snakke med.",
        "No change yet that says whom to talk to.",
    )
