"""What was not seen: `coverage.html`, out of `coverage` and the abstained accounts."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from orchestration.publish.languages import COVERAGE_STATES

# A source that does not exist for the account (`unsupported`) is counted, not listed.
_GAPS = ("blocked", "unknown", "stale", "opted_out")
_MAX_GAPS = 400
_ABSTAINED_AT_MOST = 200


def coverage_parts(
    coverage: pl.DataFrame,
    today: pl.DataFrame,
    names: Mapping[str, str],
) -> dict[str, Any]:
    """What the page shows.

    Args:
        coverage: contract bi/coverage.
        today: contract account_scores.
        names: name by account_id.
    """
    states = [s for s in COVERAGE_STATES if s in set(coverage["state"])]
    counts = {
        (source, state): n
        for source, state, n in coverage.group_by("source", "state").len().iter_rows()
    }
    last_seen = (
        coverage.group_by("source")
        .agg(
            pl.col("last_evidence_at").max(),
            pl.col("state").eq("unsupported").all().alias("is_of_nobody"),
        )
        .sort("source")
    )
    sources = [
        {
            "source": source,
            "counts": [counts.get((source, state), 0) for state in states],
            "last": last,
        }
        for source, last in last_seen.filter(~pl.col("is_of_nobody"))
        .select("source", "last_evidence_at")
        .iter_rows()
    ]
    abstained = today.filter(pl.col("state") == "abstained").to_dicts()
    gaps = [
        row | {"name": names.get(row["account_id"], row["account_id"])}
        for row in gaps_of(coverage.to_dicts())
    ]
    gaps.sort(key=lambda r: (r["name"], r["account_id"], r["source"]))
    of_account: dict[str, list[dict[str, Any]]] = {}
    for row in gaps[:_MAX_GAPS]:
        of_account.setdefault(row["account_id"], []).append(row)
    watched = coverage.filter(pl.col("state").is_in(["fresh", "stale"]))
    return {
        "states": states,
        "sources": sources,
        "of_nobody": last_seen.filter("is_of_nobody")["source"].to_list(),
        "unseen": sorted(
            (
                row | {"name": names.get(row["account_id"], row["account_id"])}
                for row in abstained
            ),
            key=lambda r: (r["abstain_reason"] or "", r["name"]),
        )[:_ABSTAINED_AT_MOST],
        "n_unseen": len(abstained),
        "gaps": list(of_account.values()),
        "n_gaps": len(gaps),
        "n_gaps_shown": min(len(gaps), _MAX_GAPS),
        "n_pairs": coverage.height,
        "n_fresh": int((coverage["state"] == "fresh").sum()),
        "n_watched": watched.height,
        "stale_sources": sorted(set(today["stale_sources"].explode().drop_nulls())),
    }


def gaps_of(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows of coverage that are not fresh, the ones shut out first."""
    gaps = [dict(row) for row in rows if row["state"] in _GAPS]
    return sorted(gaps, key=lambda r: (_GAPS.index(r["state"]), r["source"]))
