"""The outbox: what would change in a CRM, against what it last accepted.

Pure: frames in, frames out. A destination is never asked and nothing is written here.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from orchestration.contracts.frames import schema, shaped
from orchestration.contracts.odcs import contract
from orchestration.crm.field_map import CrmError, Field, mapped

BUDGET = 10
EVIDENCE_BASE = "published/current/report/evidence"
ACCEPTED = {
    "account_id": pl.String(),
    "external_id": pl.String(),
    "field": pl.String(),
    "value": pl.String(),
    "row_hash": pl.String(),
}
STATUS = {
    "account_id": pl.String(),
    "status": pl.String(),  # to_send | unchanged | deferred
    "reason": pl.String(),
}
_PLAY = "lyttepost_play"
_ACTIVE = ("opening", "open", "closing")

__all__ = ["ACCEPTED", "BUDGET", "CrmError", "Outbox", "empty_accepted", "plan_outbox"]


@dataclass(frozen=True)
class Outbox:
    """What would change, and how each queried account stands before it is sent."""

    rows: pl.DataFrame  # contract crm/outbox
    status: pl.DataFrame  # account_id, status, reason: one row an account


def empty_accepted() -> pl.DataFrame:
    """The accepted state of a destination that has accepted nothing yet."""
    return pl.DataFrame(schema=ACCEPTED)


def plan_outbox(
    scores: pl.DataFrame,
    accounts: pl.DataFrame,
    accepted: pl.DataFrame,
    fields: tuple[Field, ...],
    destination: str,
    *,
    budget: int = BUDGET,
    evidence_base: str = EVIDENCE_BASE,
) -> Outbox:
    """Plan what to write to a destination.

    An account is told about when it is within the attention budget and whom, why, what
    to ask and the evidence are all there. Our fields are cleared when its window has
    closed or its reason is gone. Everything else is left as it stands.

    Args:
        scores: account_scores of one offer and one day.
        accounts: contract accounts, for ids in the CRM.
        accepted: what the destination accepted last: `account_id, external_id, field,
            value, row_hash`.
        fields: the field map.
        destination: name of the destination.
        budget: how many accounts may be told about.
        evidence_base: what stands before `<signal_id>.html` in the evidence address.

    Raises:
        CrmError: when scores hold more than one row an account.
    """
    if scores["account_id"].n_unique() != scores.height:
        raise CrmError(
            "the scores of more than one offer or day cannot be sent at once"
        )
    held = _held(accepted)
    ids = {
        row["account_id"]: _external_id(row, destination)
        for row in accounts.iter_rows(named=True)
    }
    by_account = {row["account_id"]: row for row in scores.iter_rows(named=True)}
    rows: list[dict[str, Any]] = []
    status: list[dict[str, str]] = []
    for account in sorted(set(by_account) | set(held)):
        old = held.get(account, {})
        changes, stand, reason = _account_plan(
            by_account.get(account), old, fields, budget, evidence_base
        )
        values = old | {f: v for f, v in changes.items() if v is not None}
        for gone in [f for f, v in changes.items() if v is None]:
            values.pop(gone, None)
        rows += [
            {
                "destination": destination,
                "account_id": account,
                "field": field,
                "op": "clear" if value is None else "upsert",
                "old_value": old.get(field),
                "new_value": value,
                "external_id": ids.get(account, account),
                "row_hash": row_hash(values),
                "reason": reason,
            }
            for field, value in sorted(changes.items())
        ]
        status.append({"account_id": account, "status": stand, "reason": reason})
    promise = contract("crm/outbox")
    return Outbox(
        shaped(promise, pl.DataFrame(rows, schema=schema(promise))),
        pl.DataFrame(status, schema=STATUS),
    )


def row_hash(values: Mapping[str, str]) -> str:
    """Hash of the mapped fields of an account, for the diff."""
    said = json.dumps(dict(values), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _account_plan(
    row: Mapping[str, Any] | None,
    old: Mapping[str, str],
    fields: tuple[Field, ...],
    budget: int,
    evidence_base: str,
) -> tuple[dict[str, str | None], str, str]:
    """The changes of one account (None clears), how it stands, and why."""
    ended = _ended(row)
    if ended is not None:
        if not old:
            return {}, "unchanged", ended
        return dict.fromkeys(old), "to_send", ended
    assert row is not None  # an account without a row has ended
    if row["attention_rank"] is None:
        return {}, "deferred", _not_ready(row)
    if row["attention_rank"] > budget:
        return {}, "deferred", f"place {row['attention_rank']} of a budget of {budget}"
    signal_ids = row["play_signal_ids"]
    url = f"{evidence_base}/{signal_ids[0]}.html" if signal_ids else None
    values, missing = mapped(fields, {**row, "evidence_url": url})
    if missing:
        return {}, "deferred", f"no value for {', '.join(missing)}"
    changes: dict[str, str | None] = {
        field: value for field, value in values.items() if old.get(field) != value
    }
    if old.get(_PLAY, values.get(_PLAY)) != values.get(_PLAY):
        # The former play's name or advice beside the new one would mislead.
        changes |= dict.fromkeys(f for f in old if f not in values)
    if not changes:
        return {}, "unchanged", "the destination holds this already"
    told = "new to the destination" if not old else "changed since it was last accepted"
    return changes, "to_send", told


def _ended(row: Mapping[str, Any] | None) -> str | None:
    """Why our fields should not stand in the CRM; None while they may."""
    if row is None:
        return "the account is no longer scored here"
    if row["window_state"] in _ACTIVE:
        return None
    if row["window_state"] == "closed" and row["act_before"] is not None:
        return f"window closed {row['act_before'].isoformat()}"
    return "no window: the change it rested on no longer stands"


def _not_ready(row: Mapping[str, Any]) -> str:
    if row["state"] == "abstained":
        return f"not scored: {row['abstain_reason']}"
    if row["probability"] < row["base_rate"]:
        return "no likelier than an account picked at random"
    return "whom to talk to, why now or what to ask is not known"


def _held(accepted: pl.DataFrame) -> dict[str, dict[str, str]]:
    held: dict[str, dict[str, str]] = {}
    for row in accepted.iter_rows(named=True):
        held.setdefault(row["account_id"], {})[row["field"]] = row["value"]
    return held


def _external_id(account: Mapping[str, Any], destination: str) -> str:
    for crm_id in account["crm_ids"] or []:
        name, _, value = crm_id.partition(":")
        if name == destination and value:
            return str(value)
    return str(account["account_id"])
