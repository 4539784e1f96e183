"""Signals of companies' own sites against what really happened to the companies."""

from collections import Counter
from datetime import timedelta

import polars as pl
import pytest

from tests.signals.site_market import FIRST, Cause, market
from tests.warehouse.home_of_rows import dbt_build, table

N_ACCOUNTS, N_WEEKS = 24, 40
TYPES = (
    "site_structure_change", "offering_added", "offering_removed", "priority_reorder",
    "price_or_terms_change", "positioning_change", "customer_segment_shift",
    "partner_removed", "technology_adopted", "technology_dropped",
    "new_subdomain_or_portal", "certification_gained_or_lost",
)  # fmt: skip


@pytest.fixture(scope="module")
def told(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[pl.DataFrame, list[Cause], dict]:
    """What is claimed at the end, what happened, and when sites were redesigned."""
    home, causes, redesigns = market(11, N_ACCOUNTS, N_WEEKS)
    folder = home.write(tmp_path_factory.mktemp("sites"))
    dbt_build(
        folder, "--select", "+signals", "--exclude-resource-type", "unit_test", "test"
    )
    signals = table(folder, "signals").filter(
        pl.col("signal_type").is_in(TYPES) & pl.col("superseded_at").is_null()
    )
    return signals, causes, redesigns


def _happened(row: dict, causes: list[Cause]) -> bool:
    return any(
        cause.account_id == row["account_id"]
        and cause.signal_type == row["signal_type"]
        and row["effective_lo"].date() < cause.day <= row["effective_hi"].date()
        for cause in causes
    )


def test_claims_have_a_cause(told: tuple[pl.DataFrame, list[Cause], dict]) -> None:
    signals, causes, _ = told
    rows = signals.to_dicts()
    false = [row for row in rows if not _happened(row, causes)]
    assert len(rows) > 60
    shown = [
        (r["account_id"], r["signal_type"], r["subject"], str(r["effective_hi"])[:10])
        for r in false
    ]
    print(Counter(r["signal_type"] for r in rows), shown)
    assert len(false) <= 0.12 * len(rows), shown


def test_causes_that_could_be_seen_are_told(
    told: tuple[pl.DataFrame, list[Cause], dict],
) -> None:
    signals, causes, redesigns = told
    last = FIRST + timedelta(weeks=N_WEEKS - 7)
    rows = signals.to_dicts()
    seen, missed = Counter(), []
    for cause in causes:
        history = 14 if cause.signal_type == "customer_segment_shift" else 8
        near = [abs((day - cause.day).days) for day in redesigns[cause.account_id]]
        if cause.day < FIRST + timedelta(weeks=history) or cause.day > last:
            continue
        if any(days <= 21 for days in near):
            continue
        found = any(_happened(row, [cause]) for row in rows)
        seen[cause.signal_type, found] += 1
        if not found:
            missed.append((cause.account_id, cause.signal_type, str(cause.day)))
    n_told = sum(n for (_, found), n in seen.items() if found)
    print(sorted(seen.items()), missed)
    assert n_told >= 0.7 * seen.total(), missed
