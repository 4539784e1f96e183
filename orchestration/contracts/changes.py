"""What changed in the contracts since they were published last, and what it breaks.

`data_contracts/published.lock.yml` is what readers were promised. A change that breaks
them needs a major version and a note in `docs/migrations/`, any other change of columns
a minor one. `python -m orchestration.contracts.changes` tells, and ends with 1 when
something is missing; `--record` writes the lock anew.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from orchestration.contracts.odcs import (
    CONTRACTS_DIR,
    Column,
    Contract,
    contract,
    contract_paths,
)

LOCK = CONTRACTS_DIR / "published.lock.yml"
MIGRATIONS = CONTRACTS_DIR.parent / "docs" / "migrations"
_CLOSED_LIST = "expect_column_values_to_be_in_set"
_HEAD = """\
# The contracts as they were published last, written by
# `python -m orchestration.contracts.changes --record`; do not edit by hand.
"""


@dataclass(frozen=True)
class Change:
    """One difference between a promise and the one before it."""

    column: str | None  # None: of the table
    what: str
    breaks: bool


def locked(promise: Contract) -> dict[str, Any]:
    """What of a contract a reader relies on, as it stands in the lock."""
    return {
        "version": promise.version,
        "key": list(promise.primary_key),
        "columns": {c.name: _promised(c) for c in promise.columns},
    }


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The differences between two promises of a table, as `locked` gives them."""
    out = []
    was, now = before["columns"], after["columns"]
    new = {name: column["type"] for name, column in now.items() if name not in was}
    for name, column in was.items():
        if name not in now:
            alike = [other for other, kind in new.items() if kind == column["type"]]
            maybe = f" (renamed to {' or '.join(alike)}?)" if alike else ""
            out.append(Change(name, f"is gone{maybe}", breaks=True))
            continue
        out += [
            Change(name, what, breaks) for what, breaks in _of_column(column, now[name])
        ]
    out += [Change(name, "is new", breaks=False) for name in new]
    if before["key"] != after["key"]:
        told = (
            f"has the key ({', '.join(after['key'])}), not ({', '.join(before['key'])})"
        )
        out.append(Change(None, told, breaks=True))
    return out


def faults(
    lock: Mapping[str, Mapping[str, Any]],
    promises: Mapping[str, Mapping[str, Any]],
    migrations: Path,
) -> list[str]:
    """What is missing for the changes since the lock: a sentence each.

    Args:
        lock: what was published last, by path.
        promises: what is promised now, by path; a new table needs nothing.
        migrations: the folder of notes.
    """
    out = []
    for path, before in sorted(lock.items()):
        note = migrations / f"{path.replace('/', '.')}.md"
        if path not in promises:
            if not note.exists():
                out.append(f"{path} is gone: write {note.name} to say what to read now")
            continue
        after = promises[path]
        out += _missing(path, before, after, migrations)
    return out


def read_lock(file: Path = LOCK) -> dict[str, dict[str, Any]]:
    """The lock, by path of contract."""
    return dict(yaml.safe_load(file.read_text(encoding="utf-8")))


def promised_now() -> dict[str, dict[str, Any]]:
    """What all contracts promise now, by path."""
    return {path: locked(contract(path)) for path in contract_paths()}


def record(file: Path = LOCK) -> None:
    """Write the lock from the contracts as they are."""
    # Through JSON, so that nothing in it is an alias of something else.
    plain = json.loads(json.dumps(promised_now()))
    text = yaml.safe_dump(
        plain, sort_keys=False, allow_unicode=True, width=100, default_flow_style=None
    )
    file.write_text(_HEAD + text, encoding="utf-8")


def _missing(
    path: str, before: Mapping[str, Any], after: Mapping[str, Any], migrations: Path
) -> Iterator[str]:
    found = changes(before, after)
    breaking = [change for change in found if change.breaks]
    was, now = _version(before["version"]), _version(after["version"])
    told = "; ".join(f"{c.column or 'the table'} {c.what}" for c in breaking or found)
    if now < was:
        yield f"{path}: version {after['version']} is below {before['version']}"
    elif breaking and now[0] == was[0]:
        yield (
            f"{path}: {told}, which breaks who reads version {before['version']}: "
            f"make it version {was[0] + 1}.0.0"
        )
    elif found and now == was:
        yield f"{path}: {told}: make it version {was[0]}.{was[1] + 1}.0"
    if breaking:
        major = max(now[0], was[0] + 1)
        note = migrations / f"{path.replace('/', '.')}-{major}.md"
        said = note.read_text(encoding="utf-8") if note.exists() else ""
        left_out = sorted({c.column for c in breaking if c.column} - set(_names(said)))
        if not said.strip():
            yield f"{path}: {told}: write docs/migrations/{note.name}"
        elif left_out:
            yield f"{path}: {note.name} does not name {', '.join(left_out)}"


def _names(text: str) -> Iterator[str]:
    """Names in backticks."""
    yield from text.split("`")[1::2]


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def _promised(column: Column) -> dict[str, Any]:
    said: dict[str, Any] = {"type": column.physical_type, "required": column.required}
    for name in ("pattern", "minimum", "maximum"):
        if getattr(column, name) is not None:
            said[name] = getattr(column, name)
    for rule in column.expectations:
        if rule["type"] == _CLOSED_LIST:
            said["values"] = sorted(rule["kwargs"]["value_set"], key=str)
        else:
            said.setdefault("rules", []).append(rule)
    return said


def _of_column(
    was: Mapping[str, Any], now: Mapping[str, Any]
) -> Iterator[tuple[str, bool]]:
    """What changed of a column, and whether that breaks a reader or a row."""
    if was["type"] != now["type"]:
        yield f"is {now['type']}, not {was['type']}", True
    if was["required"] and not now["required"]:
        yield "may be empty now", True
    elif now["required"] and not was["required"]:
        yield "is stricter: it is required now", True
    if was.get("pattern") != now.get("pattern"):
        stricter = now.get("pattern") is not None
        yield f"has the pattern {now.get('pattern')}", stricter
    for bound, sign in (("minimum", 1), ("maximum", -1)):
        old, new = was.get(bound), now.get(bound)
        if old != new:
            stricter = new is not None and (old is None or sign * (new - old) > 0)
            yield f"has the {bound} {new}, not {old}", stricter
    old_values, new_values = was.get("values"), now.get("values")
    if old_values != new_values:
        gone = new_values is not None and (
            old_values is None or set(old_values) - set(new_values)
        )
        yield f"has the values {_list(new_values)}, not {_list(old_values)}", bool(gone)
    if was.get("rules") != now.get("rules"):
        yield "has other rules", True


def _list(values: Sequence[Any] | None) -> str:
    return "(any)" if values is None else f"({', '.join(map(str, values))})"


def main() -> int:
    """Tell what is missing, or record what is promised now."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", action="store_true", help="write the lock anew")
    told = parser.parse_args()
    missing = faults(read_lock(), promised_now(), MIGRATIONS) if LOCK.exists() else []
    for fault in missing:
        print(fault, file=sys.stderr)
    if missing:
        return 1
    if told.record:
        record()
        print(f"wrote {LOCK.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
