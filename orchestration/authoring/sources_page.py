"""`docs/sources.md`, written from each source's promise so that it cannot disagree.

`python -m orchestration.authoring.sources_page` writes it; a test fails when what it
says of a source is stale.
"""

from pathlib import Path

from scrapers.source import SourceSpec, load_source, source_names

FILE = Path(__file__).resolve().parents[2] / "docs" / "sources.md"
_HEAD = """# Sources

Written from `scrapers/sources/*/source.yml` by
`python -m orchestration.authoring.sources_page`; do not edit by hand. A source is asked
about the accounts that have what it needs: a place is found by
[`lyttepost accounts discover`](discover.md) or stands in `places.csv`. To add one:
[add-a-source.md](add-a-source.md).
"""
_NEEDS = {
    "": "any account",
    "domains": "a domain",
    "org_number": "an organisation number",
    "place": "a place",
}


def page() -> str:
    """The whole page, in Markdown."""
    specs = [load_source(name) for name in source_names()]
    overview = [
        "| source | gives | needs | setting |",
        "|---|---|---|---|",
        *(
            f"| [{s.name}](#{s.name}) | {', '.join(s.kinds)} | {_needs(s)} | "
            f"{f'`{s.needs_setting}`' if s.needs_setting else ''} |"
            for s in specs
        ),
        "",
    ]
    return "\n".join([_HEAD, *overview, *(section(s) for s in specs)])


def _needs(spec: SourceSpec) -> str:
    where = f" in {', '.join(spec.countries)}" if spec.countries else ""
    return _NEEDS[spec.needs] + where


def section(spec: SourceSpec) -> str:
    """What the page says of one source."""
    asked = ", ".join(f"`{host}`" for host in spec.hosts) or "the accounts' own hosts"
    told = [
        ("Asks", asked),
        ("How often", spec.cadence),
        ("Licence", spec.licence),
        ("robots.txt", spec.robots_note),
        ("Shown again", spec.republish_rule),
        ("Kept", f"{spec.retention_days} days"),
        (
            "The past",
            "served by the source" if spec.serves_history else "not served",
        ),
        ("Owner", spec.owner),
    ]
    return "\n".join(
        [
            f"## {spec.name}",
            "",
            f"{spec.title}.",
            "",
            "| | |",
            "|---|---|",
            *(f"| {name} | {value} |" for name, value in told),
            "",
            *([spec.notes.strip(), ""] if spec.notes.strip() else []),
        ]
    )


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
    print(f"wrote {FILE.name}")
