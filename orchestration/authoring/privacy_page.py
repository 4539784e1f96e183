"""`docs/privacy.md`: the record of processing, written from the source registry.

`python -m orchestration.authoring.privacy_page` writes it; a test fails when it is
stale. Engineering facts only: what a lawyer must confirm is said to be so.
"""

from pathlib import Path

from orchestration.rights.policy import LEGAL_BASIS
from orchestration.rights.retention import kept_days
from scrapers.source import SourceSpec, load_source, source_names

FILE = Path(__file__).resolve().parents[2] / "docs" / "privacy.md"

# What a record of a kind can tell of a person; kinds that tell of none are not named.
_PERSONAL = {
    "people": "name, title and section of people listed on a page",
    "registry_roles": "name and role of people in a register, no birth date",
    "announcements": "people whom a company or a register announces, in a quote",
    "job_ads": "what an advertisement says; contact persons are not read",
    "pages": "text of public pages, which may name people",
    "notices": "buyers' contact points as published in a notice",
}

_TEXT = Path(__file__).with_name("privacy_page.md")


def page() -> str:
    """The whole page, in Markdown."""
    specs = [load_source(name) for name in source_names()]
    rows = [
        "| source | what may be about a person | kept | terms |",
        "|---|---|---|---|",
        *(_row(spec) for spec in specs),
    ]
    text = _TEXT.read_text(encoding="utf-8")
    return text.replace("{legal_basis}", LEGAL_BASIS).replace(
        "{sources}", "\n".join(rows)
    )


def _row(spec: SourceSpec) -> str:
    told = [kind for kind in spec.kinds if kind in _PERSONAL]
    what = "; ".join(f"`{kind}`: {_PERSONAL[kind]}" for kind in told) or "nothing"
    days = {kind: kept_days(spec.name, kind) for kind in told}
    fewer = [f"`{k}` {n}" for k, n in days.items() if n < spec.retention_days]
    kept = f"{spec.retention_days} days" + (f" ({', '.join(fewer)})" if fewer else "")
    return f"| {spec.name} | {what} | {kept} | {spec.licence} {spec.republish_rule} |"


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
    print(f"wrote {FILE.name}")
