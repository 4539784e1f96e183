"""`docs/tables.md`, written from the contracts so that it cannot disagree with them.

`python -m orchestration.contracts.document` writes it; a test fails when it is stale.
"""

from pathlib import Path

from orchestration.contracts.odcs import Contract, contract, contract_paths

FILE = Path(__file__).resolve().parents[2] / "docs" / "tables.md"
_HEAD = """# Tables

Written from `data_contracts/` by `python -m orchestration.contracts.document`; do not
edit by hand. Times are UTC. `_lo` and `_hi` bound an interval, `_pt` is the best single
moment in it. To read a table as it was known at a moment T: `known_at <= T` and, where
the column is there, `(superseded_at is null or superseded_at > T)`.
"""


def page() -> str:
    """The whole page, in Markdown."""
    promises = [contract(path) for path in contract_paths()]
    index = [f"- [{p.path}](#{_anchor(p)}): {p.grain}" for p in promises]
    return "\n".join([_HEAD, *index, "", *(_section(p) for p in promises)])


def _anchor(promise: Contract) -> str:
    return promise.path.replace("/", "").replace(".", "")


def _kept(promise: Contract) -> str:
    if promise.retention_days is None:
        return ""
    return f" Kept for {promise.retention_days} days after last seen, at most."


def _section(promise: Contract) -> str:
    rows = [
        f"| {'**' if c.primary_key else ''}`{c.name}`{'**' if c.primary_key else ''} "
        f"| {c.physical_type} | {'yes' if c.required else ''} | {c.description} |"
        for c in promise.columns
    ]
    return "\n".join(
        [
            f"## {promise.path}",
            "",
            f"{promise.purpose} Grain: {promise.grain}. Version {promise.version}."
            + _kept(promise),
            "",
            "| column | type | always there | meaning |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
    print(f"wrote {FILE.name}")
