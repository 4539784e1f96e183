"""Whether two engines made the same table: exact, but for the last digits of numbers.

Rows have no order: they are laid beside each other by what must be equal exactly. Only
DuckDB is used here, on both sides' rows.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

# How far two numbers with a fraction may differ, of the greater one (of 1 below it).
TOLERANCE = 1e-9
_FRACTIONS = frozenset({"DOUBLE", "FLOAT"})
# Hashes: numbers of an engine of its own, that stand for equal values only.
_HASHES = ("UBIGINT", "UBIGINT[]")
# Which file a row was read from: asked for where files are read one by one, here alone.
_OF_FILES = frozenset({"landed_file"})
# Where what the engine made lies afterwards, in the home: read by `downstream`.
TABLES = "engine_tables"
DIFFERENCES = Path(__file__).with_name("known_differences.yml")


@dataclass(frozen=True)
class Comparison:
    """What a model came to on the other engine."""

    model: str
    state: str  # equal, differs, failed
    rows: int
    said: str = ""
    differing: int = 0


def compared(connection: Any, model: str, ours: str, theirs: str) -> Comparison:
    """Two relations of a DuckDB connection, row by row.

    Args:
        connection: it sees both.
        model: whose they are.
        ours: the relation DuckDB made.
        theirs: the relation of the other engine; its types are cast to ours.
    """
    kinds = _kinds(connection, ours)
    rows = int(connection.execute(f"select count(*) from {ours}").fetchone()[0])
    others = _kinds(connection, theirs)
    if list(others) != list(kinds):
        lacking, more = (
            sorted(set(kinds) - set(others)),
            sorted(set(others) - set(kinds)),
        )
        why = f"columns: lacks {lacking}, has also {more}"
        return Comparison(model, "differs", rows, why, rows)
    there = int(connection.execute(f"select count(*) from {theirs}").fetchone()[0])
    if rows != there:
        why = f"{rows} rows here, {there} there"
        return Comparison(model, "differs", rows, why, abs(rows - there))
    kept = {c: k for c, k in kinds.items() if k not in _HASHES and c not in _OF_FILES}
    exact = [c for c, k in kept.items() if k not in _FRACTIONS]
    fractions = [c for c, k in kept.items() if k in _FRACTIONS]
    unequal = connection.execute(
        f"select count(*) from ({_rows(ours, kept, exact)} except all "
        f"{_rows(theirs, kept, exact)})"
    ).fetchone()[0]
    if unequal:
        why = ", ".join(
            f"{column} ({n})"
            for column, n in _by_column(connection, ours, theirs, kept, exact)
        )
        return Comparison(
            model,
            "differs",
            rows,
            f"{unequal} of {rows} rows; by column: {why or 'only together'}",
            unequal,
        )
    for column in fractions:
        worst = _worst(connection, ours, theirs, kept, exact, fractions, column)
        if worst:
            why = f"{column}: {worst} rows differ by more"
            return Comparison(model, "differs", rows, why, worst)
    return Comparison(model, "equal", rows)


def write_out(connection: Any, ours: str, theirs: str, file: Path) -> None:
    """The other engine's rows as a Parquet file, its types cast to ours."""
    kinds = {
        c: k if k not in _HASHES else others
        for (c, k), others in zip(
            _kinds(connection, ours).items(),
            _kinds(connection, theirs).values(),
            strict=True,
        )
    }
    rows = _rows(theirs, kinds, list(kinds))
    connection.execute(f"copy ({rows}) to '{file}' (format parquet)")


def told(comparisons: Sequence[Comparison], starred: Collection[str]) -> list[str]:
    """One line a table, and how many there are of each state."""
    lines = []
    for one in comparisons:
        mark = "*" if one.model in starred else " "
        differing = one.differing if one.state != "failed" else "-"
        lines.append(
            f"{one.state:8}{mark}{one.model:32}{one.rows:>9}{differing:>9}  "
            f"{one.said[:200]}".rstrip()
        )
    head = f"{'':9}{'table':32}{'rows':>9}{'differ':>9}"
    counts = [
        f"{state}: {sum(c.state == state for c in comparisons)}"
        for state in ("equal", "differs", "failed")
    ]
    return [head, *lines, ", ".join(counts)]


def _kinds(connection: Any, relation: str) -> dict[str, str]:
    found = connection.execute(f"describe select * from {relation}").fetchall()
    return {row[0]: row[1] for row in found}


def _rows(relation: str, kinds: Mapping[str, str], columns: list[str]) -> str:
    said = ", ".join(f'cast("{c}" as {kinds[c]}) as "{c}"' for c in columns)
    return f"select {said or '1 as one'} from {relation}"


def _by_column(
    connection: Any,
    ours: str,
    theirs: str,
    kinds: Mapping[str, str],
    columns: list[str],
) -> list[tuple[str, int]]:
    out = []
    for column in columns:
        n = connection.execute(
            f"select count(*) from ({_rows(ours, kinds, [column])} except all "
            f"{_rows(theirs, kinds, [column])})"
        ).fetchone()[0]
        if n:
            out.append((column, int(n)))
    return out


def _worst(
    connection: Any,
    ours: str,
    theirs: str,
    kinds: Mapping[str, str],
    exact: list[str],
    fractions: list[str],
    column: str,
) -> int:
    """How many rows differ in one number, laid beside each other by all the rest."""
    others = [c for c in fractions if c != column]
    order = ", ".join(
        [f'"{c}"' for c in exact] + [f'"{column}"'] + [f'"{c}"' for c in others]
    )
    sides = [
        f'select "{column}" as number, row_number() over (order by {order}) as row_no '
        f"from ({_rows(side, kinds, [*exact, column, *others])})"
        for side in (ours, theirs)
    ]
    found = connection.execute(
        f"""
        select count(*)
        from ({sides[0]}) as ours
        inner join ({sides[1]}) as theirs using (row_no)
        where
            (ours.number is null) <> (theirs.number is null)
            or isnan(ours.number) <> isnan(theirs.number)
            or not isnan(ours.number)
            and ours.number <> theirs.number
            and not abs(ours.number - theirs.number)
            <= {TOLERANCE} * greatest(1, abs(ours.number), abs(theirs.number))
        """
    ).fetchone()
    return int(found[0])


def known_differences(file: Path = DIFFERENCES) -> dict[str, str]:
    """The tables that may differ, each with its reason.

    Raises:
        ValueError: an entry without a reason.
    """
    held = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    for table, reason in held.items():
        if not isinstance(reason, str) or not reason.strip():
            raise ValueError(f"{file.name}: {table} has no reason")
    return dict(held)
