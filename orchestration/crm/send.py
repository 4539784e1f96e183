"""Sending: batches, tries, waits, reading back; the state after every answer.

`pending -> in_flight -> accepted | retryable | rejected | unknown`. What may have been
done is read back before it is sent again; nothing is created blindly. Batches that do
not depend on each other are under way side by side, as many as the destination says;
the state is written by one thread, each batch before it is sent and after its answer.
"""

import functools
import heapq
import itertools
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from orchestration.crm.destinations.protocol import (
    ACCOUNT,
    Destination,
    Held,
    Outcome,
    Write,
)
from orchestration.crm.fault import CrmError
from orchestration.crm.field_map import FieldMap, canonical
from orchestration.crm.pace import Pace
from orchestration.crm.plan import Step
from orchestration.crm.state import State, later, value_hash
from orchestration.crm.together import each, workers

# A record that may be at fault for its whole batch is sent with fewer, then alone.
_SIZES = (None, None, 10, 1)
# So often in a row a service may say that it is busy before the rest is put off.
_MOST_BUSY = 30


@dataclass
class _Sending:
    step: Step
    tries: int
    is_unknown: bool = False


class Sender:
    """Sends the steps of one run."""

    def __init__(
        self,
        target: Destination,
        state: State,
        maps: Mapping[str, FieldMap],
        pace: Pace,
    ) -> None:
        self.target, self.state, self.maps, self.pace = target, state, maps, pace
        self.note: str | None = None
        self._busy = 0
        self._there: dict[str, Held] = {}

    def send(self, kind: str, steps: Sequence[Step]) -> list[Step]:
        """Send steps of one kind; each comes back as sent, rejected or deferred."""
        if self.note is not None:
            return [_done(s, "deferred", self.note) for s in steps]
        records = self.state.records(kind)
        number = itertools.count()
        # Due, turn, record: those that wait come after those that do not.
        queue: list[tuple[float, int, _Sending]] = []
        done: list[Step] = []
        parents = self.state.records(ACCOUNT) if kind != ACCOUNT else {}
        for step in steps:
            parent = parents.get(step.wanted.account_id)
            if (
                kind != ACCOUNT
                and step.remote_id is None
                and self.target.terms.tasks_need_account
                and (parent is None or parent.remote_id is None)
            ):
                told = "the record of its account is not there yet"
                done.append(_done(step, "deferred", told))
                continue
            known = records.get(step.key)
            same = known is not None and known.tried_hash == step.wanted.row_hash
            tries = known.tries if known is not None and same else 0
            heapq.heappush(queue, (0.0, next(number), _Sending(step, tries)))
        under_way: dict[Future[list[Outcome]], list[_Sending]] = {}
        ready: set[Future[list[Outcome]]] = set()
        with workers(self.target.terms.at_once) as pool:
            try:
                while queue or under_way:
                    with self.state.one_commit():
                        for one in ready:
                            settled, again = self._settled(kind, one, under_way)
                            done += settled
                            now = self.pace.clock()
                            for wait_s, item in again:
                                due = now + wait_s
                                heapq.heappush(queue, (due, next(number), item))
                        begun = self._begin(kind, queue, under_way, parents, done)
                    # On disk from here on: they may be sent.
                    for batch, writes in begun:
                        under_way[pool.submit(self.target.write, kind, writes)] = batch
                    ready = set()
                    if under_way:
                        ready = wait(under_way, return_when=FIRST_COMPLETED)[0]
                    elif self.note is not None:
                        break
            except CrmError as error:
                self.note = self.note or str(error)
                # What is under way has been sent: its answers count.
                for one in list(under_way):
                    done += self._settled(kind, one, under_way)[0]
        finished = {s.key for s in done}
        return done + [
            _done(s, "deferred", self.note or "the run ended before its turn")
            for s in steps
            if s.key not in finished
        ]

    def _begin(
        self,
        kind: str,
        queue: list[tuple[float, int, _Sending]],
        under_way: Mapping[Future[list[Outcome]], list[_Sending]],
        parents: Mapping[str, object],
        done: list[Step],
    ) -> list[tuple[list[_Sending], list[Write]]]:
        """Write down the batches that are due, as many as may be under way.

        Those that are found to have arrived are done. Waits for what is not due only
        when nothing is under way.
        """
        begun: list[tuple[list[_Sending], list[Write]]] = []
        while (
            queue
            and self.note is None
            and len(under_way) + len(begun) < self.target.terms.at_once
        ):
            if (under_way or begun) and queue[0][0] > self.pace.clock():
                break
            batch = self._next_batch(queue)
            batch, settled = self._resolved(kind, batch)
            done += settled
            if batch:
                begun.append((batch, self._begun(kind, batch, parents)))
        return begun

    def _next_batch(self, queue: list[tuple[float, int, _Sending]]) -> list[_Sending]:
        """The records that are due and go together: all create, or all update."""
        due = queue[0][0]
        wait_s = due - self.pace.clock()
        if due > 0 and wait_s > 0:
            self.pace.sleep(wait_s)
        now = max(self.pace.clock(), due)
        first = queue[0][2]
        size = self._size(first)
        batch: list[_Sending] = []
        kept = []
        while queue and len(batch) < size and queue[0][0] <= now:
            entry = heapq.heappop(queue)
            item = entry[2]
            if _creates(item) == _creates(first) and self._size(item) == size:
                batch.append(item)
            else:
                kept.append(entry)
        for entry in kept:
            heapq.heappush(queue, entry)
        return batch

    def _size(self, item: _Sending) -> int:
        limit = _SIZES[min(item.tries, len(_SIZES) - 1)]
        most = self.target.terms.batch_size
        return most if limit is None else min(limit, most)

    def _resolved(
        self, kind: str, batch: list[_Sending]
    ) -> tuple[list[_Sending], list[Step]]:
        """Read back those that may have been done; the rest are still to be sent."""
        unknown = [i for i in batch if i.is_unknown]
        if not unknown or not self.target.terms.can_read:
            return batch, []
        # All that are lost are read at once, also those whose turn comes later.
        self._there |= read_back(
            self.target, self.state, kind, self.maps[kind], states=("unknown",)
        )
        records = self.state.records(kind)
        settled = [i.step for i in unknown if records[i.step.key].state == "accepted"]
        keys = {s.key for s in settled}
        left = []
        for item in batch:
            if item.step.key in keys:
                continue
            held = self._there.pop(item.step.key, None)
            if item.is_unknown and held is not None:
                item.step = replace(
                    item.step,
                    remote_id=held.remote_id,
                    same=_same(item.step, held, self.maps[kind]),
                )
            item.is_unknown = False
            left.append(item)
        return left, [_done(s, "sent", s.reason) for s in settled]

    def _begun(
        self, kind: str, batch: list[_Sending], parents: Mapping[str, object]
    ) -> list[Write]:
        """Write down what is about to be sent."""
        self.state.begin_batch(
            kind,
            [
                (i.step.key, i.step.wanted.row_hash, hashes(i.step, self.maps[kind]))
                for i in batch
            ],
        )
        return [_write(i.step, parents) for i in batch]

    def _settled(
        self,
        kind: str,
        ready: Future[list[Outcome]],
        under_way: dict[Future[list[Outcome]], list[_Sending]],
    ) -> tuple[list[Step], list[tuple[float, _Sending]]]:
        """Write down what became of a batch; what is done, and what comes again."""
        terms, field_map = self.target.terms, self.maps[kind]
        batch = under_way.pop(ready)
        try:
            outcomes = ready.result()
        except CrmError as error:
            # Nothing was done: it stands as if it had not been begun.
            back = [(i.step.key, "pending", None, None, None) for i in batch]
            self.state.settle(kind, back, {}, datetime.now(UTC))
            self.note = self.note or str(error)
            return [], []
        now = datetime.now(UTC)
        answers, done, again = [], [], []
        held: dict[str, dict[str, str]] = {}
        by_key = {o.key: o for o in outcomes}
        was_busy = False
        # Drawn once for all: what was sent together comes again together.
        wait_of = functools.cache(self._wait_s)
        for item in batch:
            step = item.step
            answer = by_key.get(step.key) or Outcome(
                step.key, "unknown", reason="the answer does not name this record"
            )
            state, next_at = answer.status, None
            if answer.status == "accepted":
                said = answer.values or {}
                # What it does not say, or says as it was sent, is taken to be that.
                held[step.key] = {
                    f: value_hash(canonical(field_map.type_of(f), said[f]))
                    for f, sent in step.changes.items()
                    if f in said and said[f] != sent
                }
                done.append(_done(step, "sent", step.reason))
            elif answer.status == "rejected":
                told = answer.reason or "no reason given"
                done.append(_done(step, "rejected", told))
            elif answer.status == "busy":
                was_busy, state = True, "pending"
                wait_s = wait_of(self._busy // terms.at_once + 1, answer.after_s)
                again.append((wait_s, item))
            else:
                state, next_at, finished, wait = self._again(item, answer, now, wait_of)
                done += finished
                again += wait
            answers.append((step.key, state, answer.remote_id, answer.reason, next_at))
        self.state.settle(kind, answers, held, now)
        self._busy = self._busy + 1 if was_busy else 0
        if self._busy > _MOST_BUSY * terms.at_once:
            self.note = f"the service was busy {self._busy} times in a row"
        return done, again

    def _wait_s(self, tries: int, told_s: float | None) -> float:
        terms = self.target.terms
        return self.pace.wait_s(tries, terms.first_wait_s, terms.longest_wait_s, told_s)

    def _again(
        self,
        item: _Sending,
        answer: Outcome,
        now: datetime,
        wait_of: Callable[[int, float | None], float],
    ) -> tuple[str, datetime | None, list[Step], list[tuple[float, _Sending]]]:
        """What comes after a try that did not succeed and may yet."""
        terms = self.target.terms
        item.tries += 1
        told = answer.reason or "no reason given"
        is_unknown = answer.status == "unknown" and terms.can_read
        if item.tries >= terms.tries and not is_unknown:
            told = f"given up after {item.tries} tries: {told}"
            return "dead", None, [_done(item.step, "rejected", told)], []
        if item.tries > terms.tries:
            told = f"given up after {item.tries} tries: {told}"
            return "dead", None, [_done(item.step, "rejected", told)], []
        wait_s = wait_of(item.tries, answer.after_s)
        item.is_unknown = is_unknown
        next_at = later(now, wait_s)
        state = "unknown" if is_unknown else "retryable"
        if not terms.waits_in_run:
            return state, next_at, [_done(item.step, "deferred", told)], []
        return state, next_at, [], [(wait_s, item)]


def hashes(step: Step, field_map: FieldMap) -> dict[str, tuple[str, str]]:
    """By field that changes: hash of the value as sent, and in canonical words."""
    found = {}
    for f, v in step.changes.items():
        sent, plain = v or "", canonical(field_map.type_of(f), v)
        hashed = value_hash(sent)
        found[f] = (hashed, hashed if plain == sent else value_hash(plain))
    return found


def read_back(
    target: Destination,
    state: State,
    kind: str,
    field_map: FieldMap,
    *,
    states: tuple[str, ...] = ("in_flight", "unknown"),
) -> dict[str, Held]:
    """Learn what became of records whose answer was lost, by reading them there.

    Args:
        target: where they were sent.
        state: its state.
        kind: of the records.
        field_map: of the kind.
        states: that are lost; in the middle of a run what is in flight is on its way.

    Returns:
        Those that are there, by key.
    """
    records = state.records(kind)
    lost = [k for k, r in records.items() if r.state in states]
    if not lost:
        return {}
    found: dict[str, Held] = {}
    if target.terms.can_read:
        known = {r: k for k in lost if (r := records[k].remote_id) is not None}
        for remote_id, held in read_all(target, kind, sorted(known)).items():
            found[known[remote_id]] = held
        keys = sorted(k for k in lost if records[k].remote_id is None)
        for held in find_all(target, kind, keys):
            found[held.key or ""] = held
    sent = state.in_flight(kind, lost)
    answers = []
    for key in lost:
        there = found.get(key)
        arrived = (there is not None and there.is_whole) and all(
            value_hash(canonical(field_map.type_of(f), there.values.get(f))) == wish
            for f, wish in sent[key].items()
        )
        where = there.remote_id if there is not None else None
        # What has not arrived is planned anew, from what is to be said now.
        became = "accepted" if arrived else "pending"
        answers.append((key, became, where, None, None))
    state.settle(kind, answers, {}, datetime.now(UTC))
    return found


def read_all(target: Destination, kind: str, ids: Sequence[str]) -> dict[str, Held]:
    """`target.read` of any number of records, in batches side by side."""
    found: dict[str, Held] = {}
    for part in each(
        target.terms.at_once,
        lambda part: target.read(kind, part),
        _parts(ids, target.terms.batch_size),
    ):
        found |= part
    return found


def find_all(target: Destination, kind: str, keys: Sequence[str]) -> list[Held]:
    """`target.find` of any number of records, in batches side by side."""
    parts = each(
        target.terms.at_once,
        lambda part: target.find(kind, part),
        _parts(keys, target.terms.batch_size),
    )
    return [held for part in parts for held in part]


def _parts(items: Sequence[str], size: int) -> list[Sequence[str]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def _same(step: Step, held: Held, field_map: FieldMap) -> tuple[str, ...]:
    """Fields that hold already what they are to hold."""
    return tuple(
        f
        for f, v in step.changes.items()
        if canonical(field_map.type_of(f), v)
        == canonical(field_map.type_of(f), held.values.get(f))
    )


def _write(step: Step, parents: Mapping[str, object]) -> Write:
    parent = parents.get(step.wanted.account_id)
    # What it holds already is not written again: that too would set off its rules.
    changes = {f: v for f, v in step.changes.items() if f not in step.same}
    return Write(
        key=step.key,
        remote_id=step.remote_id,
        values={f: v for f, v in changes.items() if v is not None},
        clear=tuple(sorted(f for f, v in changes.items() if v is None)),
        company=step.wanted.company,
        parent_id=getattr(parent, "remote_id", None),
        is_first=step.is_first,
        idempotency_key=value_hash(
            "\x1f".join((step.kind, step.key, step.wanted.row_hash, step.op))
        ),
    )


def _creates(item: _Sending) -> bool:
    return item.step.remote_id is None


def _done(step: Step, status: str, reason: str) -> Step:
    return replace(step, status=status, reason=reason)
