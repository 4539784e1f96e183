"""What became of our tasks in a CRM: files in, checked rows out.

`HOME/feedback/*.csv` and `*.parquet`, exported by whoever runs the CRM or written by
`crm read`. Read as strictly as opportunities: a row that is not understood is set aside
with the reason. Private: it judges signals, and no feature may read it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from orchestration.contracts.frames import empty_frame, schema, shaped
from orchestration.contracts.gate import write_atomically
from orchestration.contracts.odcs import contract
from orchestration.crm.opportunities import Refused, cells_of, moment_of

FOLDER = "feedback"
CONTRACT = "crm_feedback"
REQUIRED = ("task_key",)
OPTIONAL = ("verdict", "contacted_at")
RELEVANT = "relevant"
VERDICTS = (RELEVANT, "wrong", "too_early", "too_late", "already_known")


@dataclass(frozen=True)
class Feedback:
    """What the files hold, and what was set aside."""

    rows: pl.DataFrame
    refused: tuple[Refused, ...]


def files(home: Path) -> list[Path]:
    """The files of a home, in the order of their names."""
    folder = home / FOLDER
    return sorted([*folder.glob("*.csv"), *folder.glob("*.parquet")])


def known_tasks(home: Path) -> pl.DataFrame:
    """The tasks that were published last; none when nothing was."""
    file = home / "published" / "current" / "crm_tasks.parquet"
    if not file.exists():
        return empty_frame(contract("crm/crm_tasks"))
    return pl.read_parquet(file)


def read_feedback(given: Iterable[Path], tasks: pl.DataFrame) -> Feedback:
    """Read what became of tasks strictly.

    Args:
        given: CSV or Parquet files with task_key, and verdict or contacted_at.
        tasks: contract crm_tasks: a task that is not one of them is set aside.

    Returns:
        Rows in the shape of contract `crm_feedback`, one a task; a later file knows
        better, but the first contact stays the first.

    Raises:
        CrmError: a file that is not one, or whose columns are not understood.
    """
    of_task = {
        row["task_key"]: row
        for row in tasks.select(
            "task_key", "account_id", "offer", "play", "opened_on"
        ).iter_rows(named=True)
    }
    found: dict[str, dict[str, Any]] = {}
    refused: list[Refused] = []
    for file in given:
        for line, cell in cells_of(file, REQUIRED, OPTIONAL):
            row, reason = _row(cell, of_task)
            if row is None:
                refused.append(Refused(str(file), line, reason))
                continue
            before = found.get(row["task_key"])
            if before is not None:
                contacts = [before["contacted_at"], row["contacted_at"]]
                known = [c for c in contacts if c is not None]
                row["contacted_at"] = min(known) if known else None
                row["verdict"] = row["verdict"] or before["verdict"]
            found[row["task_key"]] = row | {"evidence_ref": f"{file.name}:{line}"}
    wanted = schema(contract(CONTRACT))
    rows = [found[key] for key in sorted(found)]
    frame = pl.DataFrame(
        {name: [row[name] for row in rows] for name in wanted}, schema=wanted
    )
    return Feedback(shaped(contract(CONTRACT), frame), tuple(refused))


def write_feedback(read: Feedback, home: Path) -> None:
    """Write the rows, and those set aside to quarantine."""
    write_atomically(read.rows, _accepted(home))
    frame = pl.DataFrame(
        {
            "file": [r.file for r in read.refused],
            "line": [r.line for r in read.refused],
            "reason": [r.reason for r in read.refused],
        },
        schema={"file": pl.String, "line": pl.Int64, "reason": pl.String},
    )
    write_atomically(frame, home / "quarantine" / FOLDER / "crm_feedback.parquet")


def accepted_feedback(home: Path) -> pl.DataFrame:
    """Contract crm_feedback, as it was accepted last; empty when there is none."""
    file = _accepted(home)
    return pl.read_parquet(file) if file.exists() else empty_frame(contract(CONTRACT))


def _accepted(home: Path) -> Path:
    return home / FOLDER / "accepted" / "crm_feedback.parquet"


def _row(
    cell: Mapping[str, Any], of_task: Mapping[str, Mapping[str, Any]]
) -> tuple[dict[str, Any] | None, str]:
    if "_width" in cell:
        n, wanted = cell["_width"]
        return None, f"has {n} cells where the header has {wanted}"
    key = str(cell["task_key"] or "").strip()
    task = of_task.get(key)
    if task is None:
        return None, f"task {key!r} is not one that was published"
    verdict = str(cell.get("verdict") or "").strip().lower().replace(" ", "_") or None
    if verdict is not None and verdict not in VERDICTS:
        return None, f"verdict {verdict!r} is not one of {', '.join(VERDICTS)}"
    said = cell.get("contacted_at")
    contacted: datetime | None = None
    if said not in (None, ""):
        contacted = moment_of(said)
        if contacted is None:
            return None, f"contacted_at {said!r} is not a day or a time"
        if contacted.date() < task["opened_on"]:
            return None, "contacted_at lies before the task opened"
    if verdict is None and contacted is None:
        return None, "neither verdict nor contacted_at says anything"
    return {**task, "verdict": verdict, "contacted_at": contacted}, ""
