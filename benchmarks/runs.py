"""The table of runs: a row for each result, and a run beside the one before it.

Reading, writing and comparing rows belongs here; measuring does not.
"""

import csv
import os
import platform
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measured import Measured

# A run of one round tells nothing of its noise: this much of its ratio is taken for it.
_NOISE = 0.10
_TRUTH = {"yes": True, "no": False, "": None}


@dataclass(frozen=True)
class Row:
    """One result of one run as it is kept."""

    run: str
    commit: str
    machine: str
    load: float
    mode: str
    name: str
    size: str
    unit: str
    ours: float
    baseline_name: str
    baseline: float
    ratio: float
    ratio_low: float
    ratio_high: float
    rounds: int
    goal: float | None
    is_ceiling: bool
    is_met: bool | None
    peak_mb: float | None
    note: str


def machine() -> str:
    """What the figures depend on, in a few words; no name of the machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    facts = (
        _processor(),
        f"{len(os.sched_getaffinity(0))} cores",
        f"{memory:.0f} GB",
        f"{platform.system()} {platform.machine()}",
        f"Python {platform.python_version()}",
    )
    return ", ".join(facts)


def _processor() -> str:
    file = Path("/proc/cpuinfo")
    lines = file.read_text().splitlines() if file.exists() else []
    for line in lines:
        if line.startswith("model name"):
            return " ".join(line.partition(":")[2].split())
    return platform.processor() or "unknown processor"


def commit(root: Path) -> str:
    """The commit that is measured, with a plus when files differ from it."""
    if not (root / ".git").exists():
        return "unknown"
    head = _git(root, "rev-parse", "--short=10", "HEAD")
    return head + ("+" if _git(root, "status", "--porcelain", "-uno") else "")


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def run_name(now: datetime | None = None) -> str:
    """The name of a run: the moment it began, UTC."""
    return (now or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")


def rows_of(
    results: Iterable[Measured],
    *,
    run: str,
    commit: str,
    machine: str,
    load: float,
    mode: str,
) -> list[Row]:
    """Results as rows of one run."""
    return [
        Row(
            run=run,
            commit=commit,
            machine=machine,
            load=round(load, 2),
            mode=mode,
            name=one.name,
            size=one.size,
            unit=one.unit,
            ours=_rounded(one.ours),
            baseline_name=one.baseline_name,
            baseline=_rounded(one.baseline),
            ratio=_rounded(one.ratio),
            ratio_low=_rounded(one.middle[0]),
            ratio_high=_rounded(one.middle[1]),
            rounds=len(one.ratios),
            goal=one.goal,
            is_ceiling=one.is_ceiling,
            is_met=one.is_met,
            peak_mb=None if one.peak_mb is None else round(one.peak_mb, 1),
            note=one.note,
        )
        for one in results
    ]


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def read_rows(file: Path) -> list[Row]:
    """All rows of the table, oldest first; none when there is no table.

    Raises:
        ValueError: the table has other columns.
    """
    if not file.exists():
        return []
    with file.open(newline="", encoding="utf-8") as stream:
        reader = csv.DictReader(stream)
        names = [item.name for item in fields(Row)]
        if reader.fieldnames != names:
            raise ValueError(f"{file}: the columns are not {', '.join(names)}")
        return [_row(line) for line in reader]


def _row(line: Mapping[str, str]) -> Row:
    numbers = ("load", "ours", "baseline", "ratio", "ratio_low", "ratio_high")
    maybe = {
        name: float(line[name]) if line[name] else None for name in ("goal", "peak_mb")
    }
    return Row(
        **{
            **line,
            **{name: float(line[name]) for name in numbers},
            **maybe,
            "rounds": int(line["rounds"]),
            "is_ceiling": bool(_TRUTH[line["is_ceiling"]]),
            "is_met": _TRUTH[line["is_met"]],
        }
    )


def append_rows(file: Path, rows: Sequence[Row]) -> None:
    """Write rows after those that are there."""
    read_rows(file)  # refuses a table of another form before anything is added
    file.parent.mkdir(parents=True, exist_ok=True)
    is_new = not file.exists()
    with file.open("a", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(
            stream, [item.name for item in fields(Row)], lineterminator="\n"
        )
        if is_new:
            writer.writeheader()
        for row in rows:
            writer.writerow({k: _cell(v) for k, v in asdict(row).items()})


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else value


def before(row: Row, earlier: Sequence[Row]) -> Row | None:
    """The last row that this one can be compared with: same name, size and mode.

    One of the same machine if there is any, else the last of whatever machine: a ratio
    is taken within one run, so it can be compared across machines, with more doubt.
    """
    alike = [
        other
        for other in earlier
        if (other.name, other.size, other.mode, other.baseline_name)
        == (row.name, row.size, row.mode, row.baseline_name)
    ]
    here = [other for other in alike if other.machine == row.machine]
    return (here or alike or [None])[-1]


def compared(row: Row, earlier: Row | None) -> str:
    """Better, worse or within noise, in words.

    Noise is what the middle half of a run's rounds spread over: only when that of one
    run does not reach that of the other is it more. Of a run of one round a tenth of
    its ratio is taken for its noise.
    """
    if earlier is None:
        return "no earlier run"
    low, high = _spread(row)
    earlier_low, earlier_high = _spread(earlier)
    if low <= earlier_high and earlier_low <= high:
        word = "within noise"
    else:
        is_higher = row.ratio > earlier.ratio
        word = "WORSE" if is_higher == row.is_ceiling else "better"
    where = "" if row.machine == earlier.machine else ", on another machine"
    return f"{word} (was {earlier.ratio:.3g}{where}, {earlier.run[:10]})"


def _spread(row: Row) -> tuple[float, float]:
    if row.rounds > 1:
        return row.ratio_low, row.ratio_high
    return row.ratio * (1 - _NOISE), row.ratio * (1 + _NOISE)


def told(row: Row, earlier: Row | None) -> str:
    """One result in two lines."""
    goal = ""
    if row.goal is not None:
        sign = "<=" if row.is_ceiling else ">="
        goal = f" (goal {sign} {row.goal:g}: {'met' if row.is_met else 'MISSED'})"
    memory = "" if row.peak_mb is None else f"; {row.peak_mb:.0f} MB"
    spread = f" [{row.ratio_low:.3g} to {row.ratio_high:.3g}]" if row.rounds > 1 else ""
    lines = [
        f"{row.name}: {row.ratio:.3g}{spread}{goal}; {compared(row, earlier)}",
        f"    ours {row.ours:.4g}, {row.baseline_name} {row.baseline:.4g} {row.unit}"
        f"; {row.size}{memory}",
    ]
    if row.note:
        lines.append(f"    {row.note}")
    return "\n".join(lines)
