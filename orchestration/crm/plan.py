"""What would change in a CRM: rows of the published tables against what it accepted.

Pure: rows, states and what the CRM holds come in, steps come out. Nothing is sent here.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import polars as pl

from orchestration.crm.destinations.protocol import (
    ACCOUNT,
    NOTE,
    TASK,
    Company,
    Held,
)
from orchestration.crm.field_map import FieldMap, canonical, mapped, too_long
from orchestration.crm.state import MOVED, FieldState, Match, RecordState, value_hash
from orchestration.crm.tables import ACTIVE, REMOVED

CREATE, UPDATE, CLOSE, SKIP = "create", "update", "close", "skip"
_PLAY_COLUMN = "play"


@dataclass(frozen=True)
class Wanted:
    """What one record is to say, in the CRM's words."""

    kind: str
    key: str
    row_hash: str
    values: Mapping[str, str] = field(default_factory=dict)
    # Why nothing of ours should stand there any more.
    ended: str | None = None
    # Why it is not sent unless the destination holds it already.
    held_back: str | None = None
    # Why it cannot be sent as it is.
    unfit: str | None = None
    missing: tuple[str, ...] = ()
    account_id: str = ""
    company: Company | None = None
    crm_id: str | None = None  # the user's own word for which record it is
    is_closed: bool = False
    # Somebody it may have named was erased here: what is no longer said is cleared.
    is_to_forget: bool = False


@dataclass(frozen=True)
class Step:
    """What a sync does with one record, and why.

    status: `to_send`, `unchanged`, `deferred` or `rejected`; it is one of them.
    """

    kind: str
    key: str
    op: str
    status: str
    reason: str
    wanted: Wanted
    remote_id: str | None = None
    changes: Mapping[str, str | None] = field(default_factory=dict)  # None clears
    before: Mapping[str, str | None] = field(default_factory=dict)  # as held there
    left_alone: tuple[str, ...] = ()  # fields a person has changed
    same: tuple[str, ...] = ()  # of the changes, those it holds already
    is_first: bool = True  # nothing of it has been accepted yet


def wanted_accounts(
    updates: pl.DataFrame,
    field_map: FieldMap,
    *,
    offer: str,
    crm_ids: Mapping[str, str],
    beyond_budget: bool = False,
) -> list[Wanted]:
    """What the records of accounts are to say, for one offer."""
    found = []
    for row in updates.filter(pl.col("offer") == offer).iter_rows(named=True):
        values, missing = mapped(field_map.fields, row)
        held_back = None
        if row["play"] is None:
            held_back = "whom to talk to and why now is not known"
        elif not row["is_listed"] and not beyond_budget:
            held_back = "not on the list: the attention budget went to other accounts"
        found.append(
            Wanted(
                ACCOUNT,
                row["account_id"],
                _hash(row["row_hash"], field_map),
                values,
                ended=_ended(row),
                held_back=held_back,
                unfit=too_long(field_map.fields, values),
                missing=missing,
                account_id=row["account_id"],
                company=Company(row["name"], row["org_number"], row["domain"]),
                crm_id=crm_ids.get(row["account_id"]),
            )
        )
    return found


def wanted_tasks(
    tasks: pl.DataFrame, field_map: FieldMap, *, offer: str
) -> list[Wanted]:
    """What the records of tasks are to say, for one offer."""
    found = []
    for row in tasks.filter(pl.col("offer") == offer).iter_rows(named=True):
        values, missing = mapped(field_map.fields, row)
        found.append(
            Wanted(
                TASK,
                row["task_key"],
                _hash(row["row_hash"], field_map),
                values,
                ended=row["closed_reason"],
                unfit=too_long(field_map.fields, values),
                missing=missing,
                account_id=row["account_id"],
                is_closed=row["status"] == "closed",
            )
        )
    return found


def forgotten_tasks(keys: Iterable[str], field_map: FieldMap) -> list[Wanted]:
    """Tasks that are held and stand in no table any more: they close."""
    fields = [f for f in field_map.fields if f.column in ("status", "closed_reason")]
    said = {"status": "closed", "closed_reason": REMOVED}
    values, _ = mapped(fields, said)
    return [
        Wanted(TASK, key, value_hash(REMOVED), values, ended=REMOVED, is_closed=True)
        for key in sorted(keys)
    ]


def wanted_notes(
    tasks: pl.DataFrame,
    field_map: FieldMap,
    *,
    offer: str,
    held: Collection[str],
) -> list[Wanted]:
    """What notes are to say beside a company: that a task of ours closed, and why.

    A person who looks at the company later sees why the reason to call went away. It
    names nobody, and is written once.

    Args:
        tasks: contract crm_tasks.
        field_map: of notes.
        offer: the offer.
        held: keys of the tasks that the destination holds; others closed unseen.
    """
    closed = tasks.filter(
        (pl.col("offer") == offer)
        & (pl.col("status") == "closed")
        # Of an account that opted out or is gone nothing new is said.
        & (pl.col("closed_reason") != REMOVED)
        & pl.col("task_key").is_in(list(held))
    )
    found = []
    for row in closed.iter_rows(named=True):
        why = f"({row['closed_reason']})"
        said = row | {
            "note_nb": f"Lyttepost: «{row['subject_nb']}» er lukket {why}.",
            "note_en": f"Lyttepost: \u201c{row['subject_en']}\u201d is closed {why}.",
        }
        values, missing = mapped(field_map.fields, said)
        found.append(
            Wanted(
                NOTE,
                row["task_key"],
                # Of what the note says: a task's row may change after it closed.
                value_hash("\x1f".join(f"{f}={v}" for f, v in values.items())),
                values,
                unfit=too_long(field_map.fields, values),
                missing=missing,
                account_id=row["account_id"],
            )
        )
    return found


def first_steps(
    wanted: Iterable[Wanted],
    records: Mapping[str, RecordState],
    fields: Mapping[str, Mapping[str, FieldState]],
    matches: Mapping[str, Match],
    field_map: FieldMap,
    *,
    now: datetime,
    needs_matching: bool,
    parents: Mapping[str, str] | None = None,
    closed_is_final: bool = False,
) -> list[Step]:
    """The steps as far as our own state tells; what a CRM holds is not yet known.

    Args:
        wanted: of one kind.
        records: how each stands.
        fields: what was accepted.
        matches: which record there an account is.
        field_map: of the kind.
        now: records that wait for a later moment are deferred.
        needs_matching: False where records are made without being asked for.
        parents: ids of the accounts' records there, or that they will be made in this
            run; for tasks. None where a task needs no account.
        closed_is_final: a task that closes is emptied of what is no longer said.
    """
    steps = []
    for one in wanted:
        record = records.get(one.key, RecordState())
        old = fields.get(one.key, {})
        step = (
            _task_step(one, record, old, parents, closed_is_final)
            if one.kind != ACCOUNT
            else _account_step(one, record, old, matches, field_map, needs_matching)
        )
        if step.status == "to_send":
            step = _waiting(replace(step, is_first=not old), record, now)
        steps.append(step)
    return steps


def with_held(
    step: Step,
    held: Held | None,
    old: Mapping[str, FieldState],
    field_map: FieldMap,
    merged_into: str | None = None,
) -> Step:
    """The step once the CRM has shown what it holds.

    A field that reads otherwise than it was accepted was changed by a person and is
    left alone; so is one we have never written that is not empty.
    """
    if held is None:
        return replace(
            step,
            op=SKIP,
            status="deferred",
            reason="the record was deleted there; it is left so",
            changes={},
        )
    if merged_into is not None and step.op != CLOSE:
        # What was accepted stood in the record that is no more: all of it is said to
        # the one it went into, but for what a person has changed.
        changes_of_all = _whole(step.wanted, old) | dict(step.changes)
        step = replace(step, changes=changes_of_all)
    theirs, same, changes = [], [], dict(step.changes)
    for name in step.changes:
        kind = field_map.type_of(name)
        there = canonical(kind, held.values.get(name))
        wish = canonical(kind, step.changes[name])
        was = old.get(name)
        if there == wish:
            same.append(name)
        elif merged_into is not None and not there:
            continue  # empty in the record it went into, and nobody emptied it
        elif (was is None and there) or (
            was is not None and value_hash(there) != was.held_hash
        ):
            theirs.append(name)
            del changes[name]
    told = step.reason
    if theirs:
        told += f"; left alone, changed by a person: {', '.join(sorted(theirs))}"
    if merged_into:
        told += f"; the record was merged into {merged_into}"
    step = replace(
        step,
        changes=changes,
        before={name: held.values.get(name) for name in step.changes},
        left_alone=tuple(sorted(theirs)),
        remote_id=held.remote_id,
        reason=told,
        same=tuple(sorted(same)),
        is_first=not old,
    )
    # What goes with a record that was merged may still hang on the one that is gone.
    if set(changes) == set(same) and (held.is_whole or (old and not merged_into)):
        return replace(step, op=SKIP, status="unchanged")
    return step


def counts(steps: Iterable[Step], names: Sequence[str]) -> dict[str, int]:
    """Records by status; they add up to all that were queried."""
    found = dict.fromkeys(names, 0)
    for step in steps:
        found[step.status] += 1
    return found


def _account_step(
    one: Wanted,
    record: RecordState,
    old: Mapping[str, FieldState],
    matches: Mapping[str, Match],
    field_map: FieldMap,
    needs_matching: bool,
) -> Step:
    remote_id = record.remote_id or one.crm_id
    if record.state == "gone":
        return _skip(one, "deferred", record.reason or "deleted there")
    ours = {f: s for f, s in old.items() if s.holder == "ours"}
    if one.ended is not None:
        if not ours:
            return _skip(one, "unchanged", one.ended)
        gone = dict.fromkeys(ours)
        return Step(
            one.kind, one.key, CLOSE, "to_send", one.ended, one, remote_id, gone
        )
    if one.is_to_forget and ours:
        changes = _changes(one, old, field_map) | _unsaid(one, old)
        if not changes:
            return _skip(one, "unchanged", "nothing of who was erased is held there")
        told = "somebody was erased here"
        return Step(one.kind, one.key, UPDATE, "to_send", told, one, remote_id, changes)
    if one.held_back is not None and not ours:
        return _skip(one, "deferred", one.held_back)
    if one.missing:
        return _skip(one, "deferred", f"no value for {', '.join(one.missing)}")
    if one.row_hash == record.row_hash and record.state == "accepted":
        return _skip(one, "unchanged", "the destination holds this already")
    changes = _changes(one, old, field_map)
    if record.state == MOVED:
        changes = _whole(one, old) | changes
    if not changes:
        return _skip(one, "unchanged", "the destination holds this already")
    if one.unfit is not None:
        return _skip(one, "rejected", one.unfit)
    if remote_id is None and needs_matching:
        match = matches.get(one.key)
        if match is None:
            return _skip(one, "deferred", "not matched yet: `lyttepost crm match`")
        if not match.is_approved:
            return _skip(one, "deferred", _waits_for(match))
        remote_id = match.remote_id
    op = UPDATE if remote_id is not None or old else CREATE
    told = "changed since it was last accepted" if old else "new to the destination"
    return Step(one.kind, one.key, op, "to_send", told, one, remote_id, changes)


def _task_step(
    one: Wanted,
    record: RecordState,
    old: Mapping[str, FieldState],
    parents: Mapping[str, str] | None,
    closed_is_final: bool,
) -> Step:
    if record.state == "gone":
        return _skip(one, "deferred", record.reason or "deleted there")
    if one.is_to_forget and old:
        forgotten = _unsaid(one, old)
        if forgotten:
            told = "somebody was erased here"
            changes = _differing(one, old) | forgotten
            return Step(
                one.kind,
                one.key,
                UPDATE,
                "to_send",
                told,
                one,
                record.remote_id,
                changes,
            )
    if one.row_hash == record.row_hash and record.state == "accepted":
        return _skip(one, "unchanged", "the destination holds this already")
    if one.is_closed and not old:
        return _skip(one, "unchanged", one.ended or "closed")
    if one.missing:
        return _skip(one, "deferred", f"no value for {', '.join(one.missing)}")
    if one.unfit is not None:
        return _skip(one, "rejected", one.unfit)
    changes = _differing(one, old)
    if record.state == MOVED:
        changes = _whole(one, old) | changes
    if one.is_closed and closed_is_final and changes:
        changes |= _unsaid(one, old)
    if not changes:
        return _skip(one, "unchanged", "the destination holds this already")
    known = record.remote_id is not None or one.is_closed
    if parents is not None and one.account_id not in parents and not known:
        return _skip(one, "deferred", "the record of its account is not there yet")
    if one.is_closed:
        told = one.ended or "closed"
        return Step(
            one.kind, one.key, CLOSE, "to_send", told, one, record.remote_id, changes
        )
    told = "changed since it was last accepted" if old else "new task"
    op = UPDATE if old else CREATE
    return Step(one.kind, one.key, op, "to_send", told, one, record.remote_id, changes)


def _changes(
    one: Wanted, old: Mapping[str, FieldState], field_map: FieldMap
) -> dict[str, str | None]:
    changes = _differing(one, old)
    play = next((f.field for f in field_map.fields if f.column == _PLAY_COLUMN), None)
    if play in old and play in changes:
        # The former play's name or advice beside the new one would mislead.
        changes |= _unsaid(one, old)
    return changes


def _differing(one: Wanted, old: Mapping[str, FieldState]) -> dict[str, str | None]:
    """Values that differ from what was accepted; none of a field a person changed."""
    return {
        f: v
        for f, v in one.values.items()
        if f not in old
        or (old[f].holder == "ours" and old[f].sent_hash != value_hash(v))
    }


def _whole(one: Wanted, old: Mapping[str, FieldState]) -> dict[str, str | None]:
    """All that is said of a record, but for what a person has changed."""
    return {
        f: v for f, v in one.values.items() if f not in old or old[f].holder == "ours"
    }


def _unsaid(one: Wanted, old: Mapping[str, FieldState]) -> dict[str, str | None]:
    """Fields that hold what is no longer said, to be cleared."""
    return {
        f: None for f, s in old.items() if f not in one.values and s.holder == "ours"
    }


def _waiting(step: Step, record: RecordState, now: datetime) -> Step:
    """Put off what waits, and what was refused and has not changed since."""
    same = record.tried_hash == step.wanted.row_hash
    if record.state == "rejected" and same:
        reason = record.reason or "no reason given"
        return replace(step, op=SKIP, status="rejected", reason=reason, changes={})
    if record.state == "retryable" and record.next_at and record.next_at > now:
        at = record.next_at.isoformat(timespec="minutes")
        reason = f"{record.reason}; try {record.tries + 1} not before {at}"
        return replace(step, op=SKIP, status="deferred", reason=reason, changes={})
    return step


def _skip(one: Wanted, status: str, reason: str) -> Step:
    return Step(one.kind, one.key, SKIP, status, reason, one)


def _waits_for(match: Match) -> str:
    if match.remote_id is None:
        return "in the queue to create: nothing there is like it; not approved"
    return f"matched by {match.found_by} with {match.remote_id}; not approved"


def _ended(row: Mapping[str, Any]) -> str | None:
    """Why our fields should not stand in the CRM; None while they may."""
    if row["is_deleted"]:
        return "the account is no longer watched here"
    if row["window_state"] in ACTIVE:
        return None
    if row["window_state"] == "closed" and row["act_before"] is not None:
        return f"window closed {row['act_before'].isoformat()}"
    return "no window: the change it rested on no longer stands"


def _hash(row_hash: str, field_map: FieldMap) -> str:
    """Hash of a row under a map: another map is another message."""
    said = f"{row_hash}\x1f{field_map.object}\x1f{field_map.fields!r}"
    return hashlib.sha256(said.encode()).hexdigest()[:32]
