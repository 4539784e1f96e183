"""`crm check`: which of our records were deleted or merged at the other side.

A sync sees that of a record it has something to say of. This asks for all that we hold
an id of, in batches, also when nothing is to be sent; it writes nothing there. What is
found is remembered, and the next sync goes by it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from orchestration.crm.destinations.found import open_destination
from orchestration.crm.destinations.protocol import Destination, Held
from orchestration.crm.fault import CrmError
from orchestration.crm.logs import publish_logs
from orchestration.crm.send import find_all, read_all
from orchestration.crm.state import MOVED, State
from orchestration.crm.sync import alone

# A call a hundred records at most services, and a call a record at two.
EVERY = timedelta(days=7)
_MARK = ".swept"
DELETED = "the record was deleted there; it is left so"


@dataclass(frozen=True)
class Swept:
    """What became of our records there."""

    destination: str
    n_asked: int
    deleted: tuple[tuple[str, str], ...]  # kind, key
    merged: tuple[tuple[str, str, str], ...]  # kind, key, into
    calls: int

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return vars(self)

    def text(self) -> str:
        """For a terminal."""
        return "\n".join(
            [
                f"{self.destination}: asked for {self.n_asked} records in {self.calls} "
                f"calls: {len(self.deleted)} deleted, {len(self.merged)} merged there",
                *(f"  {kind} {key}: deleted" for kind, key in self.deleted),
                *(
                    f"  {kind} {key}: merged into {into}; the next sync follows it"
                    for kind, key, into in self.merged
                ),
            ]
        )


def sweep(destination: str, home: Path, *, target: Destination | None = None) -> Swept:
    """Ask for every record we hold an id of, and remember what is gone.

    Raises:
        CrmError: a destination that cannot be read; nothing was remembered then.
    """
    target = target or open_destination(destination, home)
    if not target.terms.can_read:
        raise CrmError(f"{target.name} cannot be read, so nothing is known of it")
    folder = home / "crm" / target.name
    before = target.calls
    deleted: list[tuple[str, str]] = []
    merged: list[tuple[str, str, str]] = []
    n_asked = 0
    with alone(folder):
        state = State(folder)
        try:
            for kind in target.kinds:
                # Another state is a sync's to settle, which reads it back anyhow.
                ids = {
                    key: record.remote_id
                    for key, record in state.records(kind).items()
                    if record.remote_id and record.state == "accepted"
                }
                n_asked += len(ids)
                now = _now(target, kind, ids)
                deleted += [(kind, key) for key, into in now.items() if into is None]
                merged += [
                    (kind, key, into) for key, into in now.items() if into is not None
                ]
            with state.one_commit():
                for kind, key in deleted:
                    state.mark(kind, key, "gone", DELETED)
                for kind, key, into in merged:
                    # The old id stays: by it the sync sees the merger, and says all.
                    state.mark(kind, key, MOVED, f"merged there into {into}")
            state.export(target.name)
        finally:
            state.close()
            publish_logs(home)
    return Swept(
        target.name, n_asked, tuple(deleted), tuple(merged), target.calls - before
    )


def sweep_when_due(
    destination: str,
    home: Path,
    *,
    now: datetime | None = None,
    target: Destination | None = None,
) -> Swept | None:
    """Sweep, where that was not done for a week; None when it is not due.

    Raises:
        CrmError: as `sweep`; it stays due.
    """
    at = now or datetime.now(UTC)
    target = target or open_destination(destination, home)
    mark = home / "crm" / target.name / _MARK
    if not target.terms.can_read or (
        mark.exists() and at - datetime.fromisoformat(mark.read_text("utf-8")) < EVERY
    ):
        return None
    swept = sweep(destination, home, target=target)
    mark.write_text(at.isoformat(), encoding="utf-8")
    return swept


def _now(target: Destination, kind: str, ids: dict[str, str]) -> dict[str, str | None]:
    """Of records that are not where they were: the id of where they are, or None."""
    by_id = read_all(target, kind, sorted(set(ids.values())))
    lacking = sorted(key for key, i in ids.items() if i not in by_id)
    by_key: dict[str, list[Held]] = {}
    for held in find_all(target, kind, lacking):
        by_key.setdefault(held.key or "", []).append(held)
    found: dict[str, str | None] = {}
    for key, remote_id in sorted(ids.items()):
        there = by_id.get(remote_id)
        if there is None:
            # One that took over our key is what it was merged into; two are a doubt.
            others = by_key.get(key, [])
            if len(others) < 2:
                found[key] = others[0].remote_id if others else None
        elif there.remote_id != remote_id:
            found[key] = there.remote_id
    return found
