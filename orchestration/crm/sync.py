"""A sync: plan from the published tables, send, remember what was accepted, log.

What is accepted is remembered after the destination said so, never before; what may
have been accepted is read back. Reads and writes the home folder; speaks no HTTP.
"""

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from orchestration.contracts.frames import schema, shaped
from orchestration.contracts.odcs import contract
from orchestration.crm.destinations.found import open_destination
from orchestration.crm.destinations.protocol import (
    ACCOUNT,
    TASK,
    Destination,
    Held,
    MayBeLost,
)
from orchestration.crm.fault import CrmError
from orchestration.crm.field_map import FieldMap, faults, load_field_map, map_file
from orchestration.crm.logs import publish_logs
from orchestration.crm.pace import Pace
from orchestration.crm.plan import (
    CLOSE,
    CREATE,
    UPDATE,
    Step,
    Wanted,
    counts,
    first_steps,
    forgotten_tasks,
    wanted_accounts,
    wanted_notes,
    wanted_tasks,
    with_held,
)
from orchestration.crm.send import Sender, find_all, hashes, read_all, read_back
from orchestration.crm.state import State, value_hash

PLAN_NAMES = ("to_send", "unchanged", "rejected", "deferred")
SYNC_NAMES = ("sent", "unchanged", "rejected", "deferred")
# So few records are sent without a confirmation, whatever share they are.
_FEW = 20


@dataclass(frozen=True)
class Planned:
    """What a sync would do; every queried record is exactly one of `PLAN_NAMES`."""

    destination: str
    as_of: date | None
    steps: tuple[Step, ...]

    def counts(self) -> dict[str, int]:
        """Records by how they stand; they add up to all that were queried."""
        return counts(self.steps, PLAN_NAMES)

    def operations(self) -> dict[str, int]:
        """Records that would be sent, by what would be done."""
        sent = [s.op for s in self.steps if s.status == "to_send"]
        return {op: sent.count(op) for op in (CREATE, UPDATE, CLOSE)}

    @property
    def rows(self) -> pl.DataFrame:
        """Contract crm/outbox: one row a field that would change."""
        promise = contract("crm/outbox")
        rows = [
            {
                "destination": self.destination,
                "kind": step.kind,
                "record_key": step.key,
                "account_id": step.wanted.account_id,
                "field": name,
                "op": "clear" if value is None else "upsert",
                "old_value": step.before.get(name) or None,
                "new_value": value,
                "external_id": step.remote_id,
                "row_hash": step.wanted.row_hash,
                "reason": step.reason,
            }
            for step in self.steps
            if step.status == "to_send"
            for name, value in sorted(step.changes.items())
        ]
        wanted = schema(promise)
        frame = pl.DataFrame(
            {name: [row[name] for row in rows] for name in wanted}, schema=wanted
        )
        return shaped(promise, frame).sort(promise.primary_key)

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {
            "destination": self.destination,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "counts": self.counts(),
            "operations": self.operations(),
            "changes": self.rows.to_dicts(),
            "records": _records(self.steps),
        }

    def text(self) -> str:
        """For a terminal: counts, then records by what would be done, then reasons."""
        of_all = ", ".join(f"{n} {name}" for name, n in self.counts().items())
        of_sent = ", ".join(f"{n} {name}" for name, n in self.operations().items())
        lines = [f"{self.destination}, as of {self.as_of}: {of_all}", f"  {of_sent}"]
        for step in self.steps:
            if step.status != "to_send":
                continue
            lines.append(f"  {step.op} {step.kind} {step.key}  [{step.reason}]")
            for name, value in sorted(step.changes.items()):
                old = step.before.get(name) or "(nothing)"
                new = "(cleared)" if value is None else _one_line(value)
                lines.append(f"    {name}: {_one_line(old)} -> {new}")
        return "\n".join([*lines, *_reasons(self.steps)])


@dataclass(frozen=True)
class Synced:
    """What a sync did; every queried record is exactly one of `SYNC_NAMES`."""

    destination: str
    as_of: date | None
    steps: tuple[Step, ...]  # status is what became of each
    calls: int
    note: str | None = None  # why it ended early

    @property
    def is_success(self) -> bool:
        """True when nothing was rejected and it came to its end."""
        return self.counts()["rejected"] == 0 and self.note is None

    def counts(self) -> dict[str, int]:
        """Records by what became of them; they add up to all that were queried."""
        return counts(self.steps, SYNC_NAMES)

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {
            "destination": self.destination,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "counts": self.counts(),
            "calls": self.calls,
            "note": self.note,
            "records": _records(self.steps),
        }

    def text(self) -> str:
        """For a terminal."""
        of_all = ", ".join(f"{n} {name}" for name, n in self.counts().items())
        lines = [f"{self.destination}, as of {self.as_of}: {of_all}"]
        if self.note:
            lines.append(f"  ended early: {self.note}")
        return "\n".join([*lines, *_reasons(self.steps)])


def plan(
    destination: str,
    home: Path,
    *,
    offer: str | None = None,
    beyond_budget: bool = False,
    target: Destination | None = None,
) -> Planned:
    """What `sync` would do now. Asks the destination, and writes nothing anywhere.

    Raises:
        CrmError: an unknown destination, nothing published yet, a field that is missing
            there, or a destination that cannot be read.
    """
    target = target or open_destination(destination, home)
    state = State(home / "crm" / target.name, is_copy=True)
    try:
        if isinstance(target, MayBeLost) and target.is_lost():
            state.forget()
        steps = _steps(target, state, home, offer, beyond_budget)
    finally:
        state.close()
    return Planned(target.name, _as_of(home), steps)


def sync(
    destination: str,
    home: Path,
    *,
    offer: str | None = None,
    beyond_budget: str | None = None,
    is_confirmed: bool = False,
    retry_rejected: bool = False,
    target: Destination | None = None,
    pace: Pace | None = None,
) -> Synced:
    """Do exactly what `plan` shows, and remember what was accepted.

    Args:
        destination: name of the destination.
        home: the home folder.
        offer: the offer; the first by name when left out.
        beyond_budget: why accounts beyond the attention budget are sent too; logged.
        is_confirmed: a plan that touches a large share of the records may go on.
        retry_rejected: send again what was refused or given up.
        target: the destination itself, where it is open already.
        pace: the clock by which is waited.

    Raises:
        CrmError: as `plan`; a plan that touches too much and is not confirmed; another
            sync of this destination that is running.
    """
    pace = pace or Pace()
    target = target or open_destination(destination, home, pace)
    folder = home / "crm" / target.name
    _published(home)
    with alone(folder):
        state = State(folder)
        try:
            return _sync(
                target,
                state,
                home,
                offer,
                beyond_budget,
                is_confirmed,
                retry_rejected,
                pace,
            )
        finally:
            state.close()
            publish_logs(home)


def _sync(
    target: Destination,
    state: State,
    home: Path,
    offer: str | None,
    beyond_budget: str | None,
    is_confirmed: bool,
    retry_rejected: bool,
    pace: Pace,
) -> Synced:
    started = datetime.now(UTC)
    if isinstance(target, MayBeLost) and target.is_lost():
        state.forget()
    if retry_rejected:
        state.retry_rejected()
    steps = _steps(target, state, home, offer, beyond_budget is not None)
    as_of = _as_of(home)
    _stop_if_too_much(target, steps, is_confirmed)
    sender = Sender(target, state, field_maps(target), pace)
    done: list[Step] = []
    for kind in target.kinds:
        mine = [s for s in steps if s.kind == kind]
        done += [s for s in mine if s.status != "to_send"]
        done += sender.send(kind, [s for s in mine if s.status == "to_send"])
    done.sort(key=lambda s: (target.kinds.index(s.kind), s.key))
    synced = Synced(target.name, as_of, tuple(done), target.calls, sender.note)
    touched = {(s.kind, s.key) for s in steps if s.status == "to_send"}
    _remember_found(state, done, steps, sender.maps)
    if touched or sender.note:
        _log(state, synced, started, touched, beyond_budget)
    state.export(target.name)
    return synced


def field_maps(target: Destination) -> dict[str, FieldMap]:
    """The field maps of a destination, by kind.

    Raises:
        CrmError: by file and line.
    """
    return {kind: load_field_map(map_file(target.name, kind)) for kind in target.kinds}


def published_updates(home: Path, offer: str | None) -> tuple[pl.DataFrame, str]:
    """The published crm_account_updates and the offer asked for.

    Raises:
        CrmError: nothing published, or no such offer.
    """
    updates = pl.read_parquet(_published(home))
    if updates.is_empty():
        raise CrmError(f"{home}: the published crm_account_updates are empty")
    offers = sorted(updates["offer"].unique())
    if offer is not None and offer not in offers:
        raise CrmError(f"offer {offer!r} is not one of {', '.join(offers)}")
    return updates, offer or offers[0]


def crm_ids(home: Path, destination: str) -> dict[str, str]:
    """The user's own word for which record there an account is, by account."""
    accounts = pl.read_parquet(home / "accounts" / "accounts.parquet")
    found = {}
    for account_id, ids in accounts.select("account_id", "crm_ids").iter_rows():
        for crm_id in ids or []:
            name, _, value = crm_id.partition(":")
            if name == destination and value:
                found[account_id] = value
    return found


def _steps(
    target: Destination,
    state: State,
    home: Path,
    offer: str | None,
    beyond_budget: bool,
) -> tuple[Step, ...]:
    updates, wanted_offer = published_updates(home, offer)
    maps = field_maps(target)
    now = datetime.now(UTC)
    for kind in target.kinds:
        read_back(target, state, kind, maps[kind])
    steps: list[Step] = []
    erased = _erased(home, target.name)
    known: dict[str, str] = {}
    checked = False
    for kind in target.kinds:
        wanted = (
            wanted_accounts(
                updates,
                maps[kind],
                offer=wanted_offer,
                crm_ids=crm_ids(home, target.name)
                if target.terms.needs_matching
                else {},
                beyond_budget=beyond_budget,
            )
            if kind == ACCOUNT
            else _of_tasks(kind, home, state, maps[kind], wanted_offer)
        )
        wanted = [replace(w, is_to_forget=w.account_id in erased) for w in wanted]
        records, fields = state.records(kind), state.fields(kind)
        if kind == ACCOUNT:
            wanted += _forgotten(set(fields) - {w.key for w in wanted})
        mine = first_steps(
            wanted,
            records,
            fields,
            state.matches(),
            maps[kind],
            now=now,
            needs_matching=target.terms.needs_matching,
            parents=known if target.terms.tasks_need_account else None,
            closed_is_final=target.terms.closed_is_final,
        )
        if not checked and any(s.status == "to_send" for s in mine):
            _refuse_unfit_fields(target, maps)
            checked = True
        mine = _shown(target, mine, fields, maps[kind])
        if kind == ACCOUNT:
            known = {
                key: r.remote_id
                for key, r in records.items()
                if r.remote_id is not None and r.state != "gone"
            } | {s.key: s.remote_id or "" for s in mine if s.status == "to_send"}
        steps += sorted(mine, key=lambda s: s.key)
    return tuple(steps)


def _of_tasks(
    kind: str, home: Path, state: State, field_map: FieldMap, offer: str
) -> list[Wanted]:
    """Tasks, or the notes that tell of those that closed."""
    tasks = pl.read_parquet(_published(home, "crm_tasks"))
    if kind == TASK:
        # Those of other offers are there, and no part of this plan.
        gone = set(state.fields(TASK)) - set(tasks["task_key"])
        return [
            *wanted_tasks(tasks, field_map, offer=offer),
            *forgotten_tasks(gone, field_map),
        ]
    held = {k for k, r in state.records(TASK).items() if r.remote_id is not None}
    return wanted_notes(tasks, field_map, offer=offer, held=held)


def _erased(home: Path, destination: str) -> set[str]:
    """Accounts whose records there may name somebody who was erased here."""
    file = home / "crm" / "deletions.parquet"
    if not file.exists():
        return set()
    queue = pl.read_parquet(file, columns=["destination", "account_id"])
    return set(queue.filter(pl.col("destination") == destination)["account_id"])


def _forgotten(keys: set[str]) -> list[Wanted]:
    """Accounts that hold something of ours and stand in no table any more."""
    return [
        Wanted(ACCOUNT, key, "", ended="the account is no longer scored here")
        for key in sorted(keys)
    ]


def _shown(
    target: Destination,
    steps: list[Step],
    fields: Mapping[str, Mapping[str, Any]],
    field_map: FieldMap,
) -> list[Step]:
    """The steps once the destination has shown what it holds of those to be sent."""
    if not target.terms.can_read:
        return steps
    asked = [s for s in steps if s.status == "to_send"]
    if not asked:
        return steps
    kind = asked[0].kind
    by_id = read_all(target, kind, [s.remote_id for s in asked if s.remote_id])
    # One that is not there under its id may have been merged into one that took over
    # our key.
    sought = [s.key for s in asked if not s.remote_id or s.remote_id not in by_id]
    by_key: dict[str, list[Held]] = {}
    for held in find_all(target, kind, sought):
        by_key.setdefault(held.key or "", []).append(held)
    taken: dict[str, str] = {}
    shown = []
    for step in steps:
        if step.status == "to_send":
            step = _shown_one(step, by_id, by_key, fields.get(step.key, {}), field_map)
        if step.status == "to_send" and step.remote_id is not None:
            other = taken.setdefault(step.remote_id, step.key)
            if other != step.key:
                told = f"{other} and {step.key} are one record there, {step.remote_id}"
                step = replace(step, op="skip", status="deferred", reason=told)
        shown.append(step)
    return shown


def _shown_one(
    step: Step,
    by_id: Mapping[str, Held],
    by_key: Mapping[str, list[Held]],
    old: Mapping[str, Any],
    field_map: FieldMap,
) -> Step:
    if step.remote_id is not None:
        held = by_id.get(step.remote_id)
        moved = by_key.get(step.key, [])
        if held is None and len(moved) == 1:
            held = moved[0]
        if held is not None and held.key not in (None, "", step.key):
            told = f"the record {held.remote_id} there bears the key {held.key}"
            return replace(step, op="skip", status="deferred", reason=told, changes={})
        merged = held is not None and held.remote_id != step.remote_id
        into = held.remote_id if held is not None and merged else None
        return with_held(step, held, old, field_map, into)
    found = by_key.get(step.key, [])
    if len(found) > 1:
        ids = ", ".join(sorted(h.remote_id for h in found))
        told = f"{len(found)} records there bear this key: {ids}"
        return replace(step, op="skip", status="rejected", reason=told, changes={})
    if not found:
        # Cleared where there is nothing: only what is to be written is left.
        values = {f: v for f, v in step.changes.items() if v is not None}
        return replace(step, changes=values)
    return with_held(replace(step, op=UPDATE), found[0], old, field_map)


def _refuse_unfit_fields(target: Destination, maps: Mapping[str, FieldMap]) -> None:
    for kind in target.kinds:
        found = faults(maps[kind].fields, target.describe(kind))
        if found:
            told = "; ".join(f"{name} {why}" for name, why in sorted(found.items()))
            raise CrmError(
                f"{target.name}, {maps[kind].object}: {told}; nothing was sent. "
                f"`lyttepost crm setup {target.name}` says what is missing"
            )


def _stop_if_too_much(
    target: Destination, steps: tuple[Step, ...], is_confirmed: bool
) -> None:
    n = sum(s.status == "to_send" for s in steps)
    if is_confirmed or n <= _FEW or n <= target.terms.max_share * len(steps):
        return
    raise CrmError(
        f"{target.name}: {n} of {len(steps)} records would be written, more than the "
        f"{target.terms.max_share:.0%} that go without asking; look at `lyttepost crm "
        f"plan {target.name}`, then `lyttepost crm sync {target.name} --confirm`"
    )


def _remember_found(
    state: State,
    done: list[Step],
    planned: tuple[Step, ...],
    maps: Mapping[str, FieldMap],
) -> None:
    """Note what was found there: people's fields, records deleted, merged or equal."""
    for step in done:
        if step.left_alone:
            state.leave_to_person(step.kind, step.key, step.left_alone)
        if step.reason.startswith("the record was deleted there"):
            state.mark(step.kind, step.key, "gone", step.reason)
    for step in planned:
        if step.status == "unchanged" and step.before:
            state.adopt(
                step.kind,
                step.key,
                step.remote_id,
                step.wanted.row_hash,
                hashes(step, maps[step.kind]),
            )


def _log(
    state: State,
    synced: Synced,
    started: datetime,
    touched: set[tuple[str, str]],
    override_reason: str | None,
) -> None:
    run, done = state.next_run(), synced.counts()
    row = {
        "run": run,
        "as_of": synced.as_of.isoformat() if synced.as_of else None,
        "started_at": started.isoformat(),
        "queried": sum(done.values()),
        **done,
        "calls": synced.calls,
        "override_reason": override_reason,
        "note": synced.note,
    }
    changes = [
        {
            "run": run,
            "kind": step.kind,
            "key": step.key,
            "field": name,
            "op": "clear" if value is None else "upsert",
            "old_hash": value_hash(old) if (old := step.before.get(name)) else None,
            "new_hash": None if value is None else value_hash(value),
            "status": step.status,
            "reason": step.reason,
        }
        for step in synced.steps
        if (step.kind, step.key) in touched
        for name, value in step.changes.items()
    ]
    state.log(row, changes)


def _published(home: Path, table: str = "crm_account_updates") -> Path:
    file = home / "published" / "current" / f"{table}.parquet"
    if not file.exists():
        raise CrmError(f"{home}: nothing has been published here yet")
    return file


def _as_of(home: Path) -> date | None:
    manifest = home / "published" / "current" / "manifest.json"
    if not manifest.exists():
        return None
    return date.fromisoformat(json.loads(manifest.read_text("utf-8"))["as_of"])


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One worker a destination: two could make the same record twice."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CrmError(
                f"{folder.name}: another sync of this destination is running"
            ) from error
        yield


def _records(steps: tuple[Step, ...]) -> list[dict[str, Any]]:
    return [
        {
            "kind": s.kind,
            "key": s.key,
            "op": s.op,
            "status": s.status,
            "reason": s.reason,
            "left_alone": list(s.left_alone),
        }
        for s in steps
    ]


def _reasons(steps: tuple[Step, ...]) -> list[str]:
    """How many records are not sent, by reason; and what a person has changed."""
    told: dict[tuple[str, str, str], int] = {}
    lines = []
    for step in steps:
        if step.status not in ("sent", "to_send"):
            key = (step.status, step.kind, step.reason)
            told[key] = told.get(key, 0) + 1
        if step.left_alone:
            names = ", ".join(step.left_alone)
            lines.append(f"  {step.kind} {step.key}: changed by a person: {names}")
    return lines + [
        f"  {status} {n} {kind}{'s' if n > 1 else ''}: {reason}"
        for (status, kind, reason), n in sorted(told.items())
    ]


def _one_line(value: str) -> str:
    return " / ".join(value.splitlines())


__all__ = ["TASK", "Planned", "Synced", "plan", "sync"]
