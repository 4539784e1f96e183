"""`docs/tables.md`, written from the contracts so that it cannot disagree with them.

`python -m orchestration.contracts.document` writes it; a test fails when it is stale.
"""

from pathlib import Path

from orchestration.contracts.as_of import function_name
from orchestration.contracts.odcs import AsOf, Contract, contract, contract_paths

FILE = Path(__file__).resolve().parents[2] / "docs" / "tables.md"
_HEAD = """# Tables

Written from `data_contracts/` by `python -m orchestration.contracts.document`; do not
edit by hand. Times are UTC. `_lo` and `_hi` bound an interval, `_pt` is the best single
moment in it. Tables that say "as of" have a function of that name in the published
DuckDB file and in PostgreSQL: `from people_history_as_of(date '2025-03-31')` is the
table as it was known at the end of that day (UTC), what was learned later left out or
empty.
"""


def page() -> str:
    """The whole page, in Markdown."""
    promises = [contract(path) for path in contract_paths()]
    index = [f"- [{p.path}](#{_anchor(p)}): {p.grain}" for p in promises]
    return "\n".join([_HEAD, *index, "", *(_section(p) for p in promises)])


def _anchor(promise: Contract) -> str:
    return promise.path.replace("/", "").replace(".", "")


def _kept(promise: Contract) -> list[str]:
    """How fresh it is, for how long and on what ground it is kept, who reads it."""
    days = f"{promise.latency_days} day" + ("s" if promise.latency_days > 1 else "")
    return [
        f"At most {days} old. Kept: {_lower(promise.retention_rule)}. Ground: "
        f"{promise.legal_basis}. Read by {', '.join(promise.consumers)}.",
        "",
    ]


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _section(promise: Contract) -> str:
    rows = [
        f"| {'**' if c.primary_key else ''}`{c.name}`{'**' if c.primary_key else ''} "
        f"| {c.physical_type} | {'yes' if c.required else ''} "
        f"| {c.description}{' May name a person.' if c.is_personal else ''} |"
        for c in promise.columns
    ]
    return "\n".join(
        [
            f"## {promise.path}",
            "",
            f"{promise.purpose} Grain: {promise.grain}. Version {promise.version}.",
            "",
            *_kept(promise),
            *_reading(promise),
            "| column | type | always there | meaning |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _reading(promise: Contract) -> list[str]:
    """With what the table is joined, and how it is read as of a day."""
    out = []
    if promise.joins:
        pairs = ", ".join(f"`{a}` = `{b}`" for a, b in promise.joins.items())
        out.append(f"Join: {pairs}.")
    if promise.as_of:
        out.append(f"As of: `{function_name(promise)}(day)`, {_told(promise.as_of)}.")
    return [*out, ""] if out else []


def _told(as_of: AsOf) -> str:
    if as_of.day:
        return f"the newest `{as_of.day}` up to that day"
    rows = f"rows with `{as_of.known}` by its end"
    if as_of.until:
        rows += f" and `{as_of.until}` after it or empty"
    hidden = [
        f"; {', '.join(f'`{c}`' for c in columns)} empty where `{since}` is later"
        for since, columns in as_of.hides.items()
    ]
    now = f"; {', '.join(f'`{c}`' for c in as_of.now)} empty" if as_of.now else ""
    return rows + "".join(hidden) + now


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
    print(f"wrote {FILE.name}")
