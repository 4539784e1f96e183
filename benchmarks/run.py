"""Every benchmark of the catalogue, one after the other, beside the last run of each.

Run: `make bench` (quick), `make bench FULL=1`, or
`python -m benchmarks.run [--full] [--only NAME,…] [--table FILE] [--strict]`.
Each runs in a process of its own. What it found is printed beside the last run that can
be compared and written as rows to the table (`benchmarks/runs.csv`). The exit code is 1
when one failed to run, and with --strict also when a goal is missed or a figure is
worse than it was.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.catalogue import BENCHMARKS, benchmark
from benchmarks.children import ChildFailed
from benchmarks.children import run as run_child
from benchmarks.measured import Measured, Skipped
from benchmarks.runs import (
    append_rows,
    before,
    commit,
    compared,
    machine,
    read_rows,
    rows_of,
    run_name,
    told,
)

ROOT = Path(__file__).parents[1]
TABLE = Path(__file__).with_name("runs.csv")


def one(name: str, mode: str, out: Path) -> None:
    """Run a benchmark in this process and write what it found as JSON."""
    found = benchmark(name).measure(mode)
    rows = [
        {"measured": asdict(item)}
        if isinstance(item, Measured)
        else {"skipped": asdict(item)}
        for item in found
    ]
    out.write_text(json.dumps(rows), encoding="utf-8")


def found_by(name: str, mode: str) -> tuple[list[Measured], list[Skipped]]:
    """What a benchmark found, run in a process of its own.

    Raises:
        ChildFailed: it did not come to its end.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "found.json"
        flags = ["--one", name, "--out", out, *(["--full"] if mode == "full" else [])]
        run_child([sys.executable, "-m", "benchmarks.run", *flags], env=os.environ)
        rows = json.loads(out.read_text(encoding="utf-8"))
    measured = [
        Measured(**{**row["measured"], "ratios": tuple(row["measured"]["ratios"])})
        for row in rows
        if "measured" in row
    ]
    skipped = [Skipped(**row["skipped"]) for row in rows if "skipped" in row]
    return measured, skipped


def _run_all(names: Sequence[str], mode: str, table: Path, is_strict: bool) -> int:
    earlier = read_rows(table)
    facts = {
        "run": run_name(),
        "commit": commit(ROOT),
        "machine": machine(),
        "mode": mode,
    }
    print(f"{facts['machine']}; commit {facts['commit']}; {mode}", flush=True)
    failed, missed, worse = [], [], []
    for name in names:
        started = time.monotonic()
        load = os.getloadavg()[0]
        try:
            measured, skipped = found_by(name, mode)
        except ChildFailed as fault:
            failed.append(name)
            print(f"{name}: FAILED: {fault}", flush=True)
            continue
        rows = rows_of(measured, load=load, **facts)
        for row in rows:
            last = before(row, earlier)
            print(told(row, last), flush=True)
            if row.is_met is False:
                missed.append(row.name)
            if "WORSE" in compared(row, last):
                worse.append(row.name)
        for item in skipped:
            print(f"{item.name}: skipped: {item.why}", flush=True)
        append_rows(table, rows)
        print(f"    {name} took {time.monotonic() - started:.0f} s", flush=True)
    print(
        f"goals missed: {', '.join(missed) or 'none'}; worse than the last run: "
        f"{', '.join(worse) or 'none'}; failed: {', '.join(failed) or 'none'}. "
        f"Rows are in {table}."
    )
    return int(bool(failed) or (is_strict and bool(missed or worse)))


def main(arguments: Iterable[str] | None = None) -> int:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="at full size: hours")
    parser.add_argument("--only", default="", help="names, with commas between")
    parser.add_argument("--table", type=Path, default=TABLE)
    parser.add_argument("--strict", action="store_true", help="fail on missed goals")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args(None if arguments is None else list(arguments))
    mode = "full" if asked.full else "quick"
    if asked.one:
        one(asked.one, mode, asked.out)
        return 0
    names = [name for name in asked.only.split(",") if name]
    try:
        for name in names:
            benchmark(name)
    except ValueError as error:
        parser.error(str(error))
    wanted = names or [item.name for item in BENCHMARKS]
    return _run_all(wanted, mode, asked.table, asked.strict)


if __name__ == "__main__":
    sys.exit(main())
