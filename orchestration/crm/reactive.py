"""`reactive_share`: whether first contacts come before the outcome or after it.

Pure: outcomes and what became of tasks come in, one row an offer and target comes out.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median

import polars as pl

from orchestration.contracts.frames import schema, shaped
from orchestration.contracts.odcs import contract

# A contact further off has nothing to do with the outcome; it is the gap after which an
# outcome counts as a first one again.
_YEAR = timedelta(days=365)
TARGETS = ("tender", "crm")


def reactive_share(
    outcomes: pl.DataFrame, feedback: pl.DataFrame, offers: Sequence[str]
) -> pl.DataFrame:
    """Contract reactive_share.

    A first contact is the first task of an account and offer that a person marked done,
    within a year of the outcome on either side.

    Args:
        outcomes: contract outcomes; of those, the first ones are counted.
        feedback: contract crm_feedback.
        offers: each has a row a target, also where nothing is known yet.
    """
    contacts: dict[tuple[str, str], list[datetime]] = {}
    for account_id, offer, at in (
        feedback.filter(pl.col("contacted_at").is_not_null())
        .select("account_id", "offer", "contacted_at")
        .iter_rows()
    ):
        contacts.setdefault((account_id, offer), []).append(at)
    rows = []
    for offer in sorted(offers):
        for target in TARGETS:
            first = outcomes.filter(
                (pl.col("offer") == offer) & (pl.col("target") == target) & "is_first"
            )
            ahead = [
                found
                for account_id, at in first.select(
                    "account_id", "occurred_at"
                ).iter_rows()
                if (found := _ahead(contacts.get((account_id, offer), []), at))
                is not None
            ]
            before = [days for days in ahead if days > 0]
            rows.append(
                {
                    "offer": offer,
                    "target": target,
                    "n_outcomes": first.height,
                    "n_before": len(before),
                    "n_after": len(ahead) - len(before),
                    "n_without": first.height - len(ahead),
                    "reactive_share": 1 - len(before) / len(ahead) if ahead else None,
                    "lead_days": median(before) if before else None,
                    "note": _note(first.height, len(ahead), bool(contacts)),
                }
            )
    promise = contract("crm/reactive_share")
    wanted = schema(promise)
    frame = pl.DataFrame(
        {name: [row[name] for row in rows] for name in wanted}, schema=wanted
    )
    return shaped(promise, frame).sort(promise.primary_key)


def _ahead(contacts: Sequence[datetime], outcome: datetime) -> float | None:
    """Days by which the first contact came before the outcome; None without one."""
    near = [at for at in contacts if abs(at - outcome) <= _YEAR]
    return (outcome - min(near)).total_seconds() / 86_400 if near else None


def _note(n_outcomes: int, n_contacted: int, any_contact: bool) -> str | None:
    if not any_contact:
        return "no CRM has told of a task that was done"
    if not n_outcomes:
        return "no outcome of this target is known"
    return None if n_contacted else "no account with an outcome was contacted"
