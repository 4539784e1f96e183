"""A sync: plan from the published tables, send, remember what was accepted, log.

The only module here that touches the home folder besides the destinations. What is
accepted is remembered after the destination said so, never before.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from orchestration.crm.destinations.csv_file import CsvFile
from orchestration.crm.destinations.protocol import Destination, Outcome, Record
from orchestration.crm.field_map import CrmError, load_field_map
from orchestration.crm.outbox import ACCEPTED, BUDGET, Outbox, plan_outbox

DESTINATIONS: Mapping[str, Callable[[Path], Destination]] = {"csv_file": CsvFile}

_RUNS = {
    "run": pl.Int64(),
    "destination": pl.String(),
    "as_of": pl.Date(),
    "queried": pl.Int64(),
    "sent": pl.Int64(),
    "unchanged": pl.Int64(),
    "rejected": pl.Int64(),
    "deferred": pl.Int64(),
}
_CHANGELOG = {
    "run": pl.Int64(),
    "destination": pl.String(),
    "as_of": pl.Date(),
    "account_id": pl.String(),
    "field": pl.String(),
    "op": pl.String(),
    "old_value": pl.String(),
    "new_value": pl.String(),
    "status": pl.String(),
    "reason": pl.String(),
}


@dataclass(frozen=True)
class Planned:
    """What a sync would do."""

    destination: str
    as_of: date
    outbox: Outbox

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {
            "destination": self.destination,
            "as_of": self.as_of.isoformat(),
            "counts": self.counts(),
            "changes": self.outbox.rows.to_dicts(),
            "accounts": self.outbox.status.to_dicts(),
        }

    def counts(self) -> dict[str, int]:
        """Accounts by how they stand; they add up to all that were queried."""
        return _counts(self.outbox.status, ("to_send", "unchanged", "deferred"))

    def text(self) -> str:
        """For a terminal."""
        counts = ", ".join(f"{n} {name}" for name, n in self.counts().items())
        lines = [f"{self.destination}, as of {self.as_of}: {counts}"]
        for row in self.outbox.rows.iter_rows(named=True):
            new = "(cleared)" if row["op"] == "clear" else row["new_value"]
            lines.append(
                f"  {row['account_id']}  {row['field']}: "
                f"{row['old_value'] or '(nothing)'} -> {new}  [{row['reason']}]"
            )
        return "\n".join(lines)


@dataclass(frozen=True)
class Synced:
    """What a sync did; every queried account is exactly one of the four."""

    destination: str
    as_of: date
    status: (
        pl.DataFrame
    )  # account_id, status (sent|unchanged|rejected|deferred), reason

    @property
    def is_success(self) -> bool:
        """True when nothing was rejected."""
        return self.counts()["rejected"] == 0

    def counts(self) -> dict[str, int]:
        """Accounts by what became of them; they add up to all that were queried."""
        return _counts(self.status, ("sent", "unchanged", "rejected", "deferred"))

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {
            "destination": self.destination,
            "as_of": self.as_of.isoformat(),
            "counts": self.counts(),
            "accounts": self.status.to_dicts(),
        }

    def text(self) -> str:
        """For a terminal."""
        counts = ", ".join(f"{n} {name}" for name, n in self.counts().items())
        rejected = self.status.filter(pl.col("status") == "rejected")
        return "\n".join(
            [f"{self.destination}, as of {self.as_of}: {counts}"]
            + [
                f"  {row['account_id']} rejected: {row['reason']}"
                for row in rejected.iter_rows(named=True)
            ]
        )


def plan(
    destination: str, home: Path, *, offer: str | None = None, budget: int = BUDGET
) -> Planned:
    """What a sync would change; nothing is written.

    Args:
        destination: name of the destination.
        home: the home folder, with a published version.
        offer: the offer; the first by name by default.
        budget: how many accounts may be told about.

    Raises:
        CrmError: unknown destination, or nothing published yet.
    """
    return _plan(_destination(destination, home), home, offer, budget)


def sync(
    destination: str, home: Path, *, offer: str | None = None, budget: int = BUDGET
) -> Synced:
    """Do exactly what `plan` shows. A sync that changes nothing writes nothing.

    Raises:
        CrmError: unknown destination, nothing published yet, or a destination whose
            file is not one of ours.
    """
    target = _destination(destination, home)
    planned = _plan(target, home, offer, budget)
    records = _records(planned.outbox.rows)
    outcomes = target.apply(records) if records else []
    status = _settled(planned.outbox.status, outcomes)
    synced = Synced(destination, planned.as_of, status)
    if records:
        folder = home / "crm" / destination
        _log(folder, synced, planned.outbox.rows, outcomes)
        _write(
            folder / "accepted.parquet",
            _now_accepted(target.accepted(), planned.outbox.rows, outcomes),
        )
    return synced


def _destination(name: str, home: Path) -> Destination:
    if name not in DESTINATIONS:
        raise CrmError(
            f"{name!r} is not a destination; there is {', '.join(sorted(DESTINATIONS))}"
        )
    return DESTINATIONS[name](home)


def _plan(target: Destination, home: Path, offer: str | None, budget: int) -> Planned:
    published = home / "published" / "current" / "account_scores.parquet"
    if not published.exists():
        raise CrmError(f"{home}: nothing has been published here yet")
    scores = pl.read_parquet(published)
    if scores.is_empty():
        raise CrmError(f"{home}: the published scores are empty")
    as_of = scores["as_of"].max()
    wanted = offer or scores["offer"].min()
    scores = scores.filter((pl.col("as_of") == as_of) & (pl.col("offer") == wanted))
    outbox = plan_outbox(
        scores,
        pl.read_parquet(home / "accounts" / "accounts.parquet"),
        target.accepted(),
        load_field_map(),
        target.name,
        budget=budget,
    )
    assert isinstance(as_of, date)
    return Planned(target.name, as_of, outbox)


def _records(rows: pl.DataFrame) -> list[Record]:
    records: dict[str, Record] = {}
    for row in rows.iter_rows(named=True):
        account = row["account_id"]
        known = records.get(account) or Record(account, row["external_id"])
        if row["op"] == "clear":
            known = Record(
                account, known.external_id, known.upsert, (*known.clear, row["field"])
            )
        else:
            upsert = known.upsert | {row["field"]: row["new_value"]}
            known = Record(account, known.external_id, upsert, known.clear)
        records[account] = known
    return list(records.values())


def _settled(status: pl.DataFrame, outcomes: list[Outcome]) -> pl.DataFrame:
    """The status of each account after the destination has answered."""
    answers = {o.account_id: o for o in outcomes}
    rows = []
    for row in status.iter_rows(named=True):
        answer = answers.get(row["account_id"])
        if row["status"] == "to_send":
            if answer is None:
                row |= {"status": "rejected", "reason": "the destination said nothing"}
            elif answer.is_accepted:
                row |= {"status": "sent"}
            else:
                row |= {
                    "status": "rejected",
                    "reason": answer.reason or "no reason given",
                }
        rows.append(row)
    return pl.DataFrame(rows, schema=status.schema)


def _now_accepted(
    accepted: pl.DataFrame, rows: pl.DataFrame, outcomes: list[Outcome]
) -> pl.DataFrame:
    taken = [o.account_id for o in outcomes if o.is_accepted]
    changed = rows.filter(pl.col("account_id").is_in(taken))
    kept = accepted.join(
        changed.select("account_id", "field"), on=["account_id", "field"], how="anti"
    )
    written = changed.filter(pl.col("op") == "upsert").select(
        "account_id",
        "external_id",
        "field",
        pl.col("new_value").alias("value"),
        "row_hash",
    )
    hashes = changed.select("account_id", pl.col("row_hash").alias("fresh")).unique()
    return (
        pl.concat([kept.select(list(ACCEPTED)), written.select(list(ACCEPTED))])
        .join(hashes, on="account_id", how="left")
        .with_columns(pl.coalesce("fresh", "row_hash").alias("row_hash"))
        .select(list(ACCEPTED))
        .sort("account_id", "field")
    )


def _log(
    folder: Path, synced: Synced, rows: pl.DataFrame, outcomes: list[Outcome]
) -> None:
    """Append to the two logs; a run that is repeated after a crash is logged again."""
    runs_file = folder / "sync_runs.parquet"
    runs = _read(runs_file, _RUNS)
    run = runs.height + 1
    counts = synced.counts()
    row = {
        "run": run,
        "destination": synced.destination,
        "as_of": synced.as_of,
        "queried": sum(counts.values()),
        **counts,
    }
    log_file = folder / "sync_changelog.parquet"
    answers = synced.status.select("account_id", "status", "reason")
    entries = (
        rows.drop("reason")
        .join(answers, on="account_id", how="left")
        .with_columns(
            pl.lit(run, pl.Int64).alias("run"),
            pl.lit(synced.as_of).alias("as_of"),
        )
        .select(list(_CHANGELOG))
    )
    _write(log_file, pl.concat([_read(log_file, _CHANGELOG), entries]))
    _write(runs_file, pl.concat([runs, pl.DataFrame([row], schema=_RUNS)]))


def _counts(status: pl.DataFrame, names: tuple[str, ...]) -> dict[str, int]:
    return {name: status.filter(pl.col("status") == name).height for name in names}


def _read(file: Path, wanted: Mapping[str, pl.DataType]) -> pl.DataFrame:
    return pl.read_parquet(file) if file.exists() else pl.DataFrame(schema=dict(wanted))


def _write(file: Path, frame: pl.DataFrame) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.next")
    with fresh.open("wb") as handle:
        frame.write_parquet(handle)
        handle.flush()
        os.fsync(handle.fileno())
    os.replace(fresh, file)
