"""What the contract checks found last, kept in `HOME/checks/` until it is published.

One file a contract: the verdict of Great Expectations, expectation by expectation, and
how many rows broke it on the days before. Values in it are those anybody may see.
Judging is `expectations`; pages are `data_docs`.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from orchestration.contracts.expectations import Judgement, Verdict

FOLDER = "checks"
# Days that the trend goes back.
_DAYS = 60


@dataclass(frozen=True)
class Judged:
    """The newest verdict on one contract's table.

    ``trend`` is `(day, rows, rows that break it)`, oldest first, this one the last.
    """

    path: str
    version: str
    severity: str  # error: stops what follows; warning: rows wait in quarantine
    day: str
    n_rows: int
    n_broken: int
    n_expectations: int
    is_kept: bool
    sentence: str
    judged: tuple[Judgement, ...]
    trend: tuple[tuple[str, int, int], ...]


def newest_day(home: Path) -> date | None:
    """The newest day that has landed, which is the day a verdict is of."""
    days = [
        max(names)
        for source in (home / "landing").glob("[!_]*")
        if source.is_dir()
        and (names := [n for n in os.listdir(source) if n.startswith("day=")])
    ]
    return date.fromisoformat(max(days).removeprefix("day=")) if days else None


def keep(home: Path, verdict: Verdict, severity: str) -> Judged:
    """Write a verdict down beside those of the days before it.

    A verdict of the same day takes the place of the one before.
    """
    day = newest_day(home)
    name = day.isoformat() if day else "no day"
    former = read(home, verdict.contract)
    before = [t for t in (former.trend if former else ()) if t[0] != name]
    one = Judged(
        path=verdict.contract,
        version=verdict.version,
        severity=severity,
        day=name,
        n_rows=verdict.n_rows,
        n_broken=len(verdict.broken_rows),
        n_expectations=verdict.n_expectations,
        is_kept=verdict.is_kept,
        sentence=verdict.sentence(),
        judged=verdict.judged,
        trend=(*before, (name, verdict.n_rows, len(verdict.broken_rows)))[-_DAYS:],
    )
    file = _file(home, verdict.contract)
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    temporary.write_text(json.dumps(asdict(one), indent=1) + "\n", encoding="utf-8")
    temporary.replace(file)
    return one


def read(home: Path, path: str) -> Judged | None:
    """The newest verdict on a contract; None before the first."""
    file = _file(home, path)
    return (
        _read(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else None
    )


def read_all(home: Path) -> list[Judged]:
    """The newest verdict on every contract that was checked, by path."""
    files = (home / FOLDER).glob("*.json")
    found = [_read(json.loads(f.read_text(encoding="utf-8"))) for f in files]
    return sorted(found, key=lambda one: one.path)


def trend_lines(trend: Sequence[tuple[str, int, int]], n: int = 10) -> list[str]:
    """The last days as lines of a Markdown table."""
    lines = [f"| {day} | {rows} | {broken} |" for day, rows, broken in trend[-n:]]
    return ["| day | rows | rows that break it |", "|---|---|---|", *lines]


def _file(home: Path, path: str) -> Path:
    return home / FOLDER / f"{path.replace('/', '.')}.json"


def _read(said: Mapping[str, Any]) -> Judged:
    judged = tuple(
        Judgement(
            j["expectation"], j["arguments"], j["n_unexpected"], tuple(j["sample"])
        )
        for j in said["judged"]
    )
    trend = tuple((day, rows, broken) for day, rows, broken in said["trend"])
    return Judged(**{**said, "judged": judged, "trend": trend})
