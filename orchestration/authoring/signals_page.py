"""`docs/signals.md`, written from the catalogue so that it cannot disagree.

`python -m orchestration.authoring.signals_page` writes it; a test fails when stale.
Its reader sells: what each signal is, why it should matter, whom to talk to, what looks
like it and is not.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from orchestration.authoring.new_signal import CATALOGUE, EXAMPLES, FAMILIES, WEIGHTS
from orchestration.scoring.plays import PLAYS_FILE, Play, load_plays
from orchestration.scoring.weights import Weight, load_weights

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docs" / "signals.md"
_HEAD = """# Signals

Written from `dbt_project/seeds/signal_types.csv`, `orchestration/scoring/weights.yml`,
`orchestration/scoring/plays.yml` and the worked examples by `python -m
orchestration.authoring.signals_page`; do not edit by hand. To add one:
[add-a-signal.md](add-a-signal.md).

A signal is behaviour that anybody could have seen and that indicates a change in need,
priority or readiness, whether or not the company knows it shows. Each has archived
evidence from before and after. The **weight** is our prior in log-odds for one unit of
the signal, before outcomes have taught us better: 0.15 is faint, 0.3 weak, 0.7 medium,
1.2 strong, 2 explicit; 0 is shown and not counted. The **half-life** is the days after
which it counts half. A type is not judged before it has been observed for the days
given. *Fires* and *silent* are the worked examples that are tried at every change of
the rules.
"""
_FAMILY: dict[str, str] = {
    "leadership": "Leaders and key roles",
    "hiring": "Hiring",
    "language": "Words and topics",
    "structure": "Organisation and ownership",
    "unrest": "Unrest, told of organisations only",
    "tempo": "Tempo, structure of the site, priorities",
    "demand": "Explicit demand",
    "money": "Money and public investment",
    "partners": "Partners, technology, products",
    "composite": "Patterns of several signals",
}
_TALK: dict[str, str] = {
    "signal_person": "the person the signal names",
    "notice_contact": "the contact point of the notice",
    "superior": "the general manager",
    "function_head": "the most senior person of the function",
    "nobody": "nobody: hold",
}


@dataclass(frozen=True)
class Shown:
    """The names of a type's worked examples."""

    fires: tuple[str, ...]
    silent: tuple[str, ...]


def catalogue() -> list[dict[str, str]]:
    """The rows of the catalogue, as they stand."""
    with (ROOT / CATALOGUE).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def worked_examples() -> dict[str, Shown]:
    """The names of the worked examples, by signal type."""
    out = {}
    for file in sorted((ROOT / EXAMPLES).glob("*.yml")):
        rows = yaml.safe_load(file.read_text("utf-8"))
        out[file.stem] = Shown(
            tuple(str(r["example"]) for r in rows if r["expect"] == "fires"),
            tuple(str(r["example"]) for r in rows if r["expect"] == "silent"),
        )
    return out


def page() -> str:
    """The whole page, in Markdown."""
    rows = catalogue()
    weights = {w.signal_type: w for w in load_weights(ROOT / WEIGHTS).entries}
    plays = load_plays(PLAYS_FILE).plays
    shown = worked_examples()
    families = [f for f in FAMILIES if any(r["family"] == f for r in rows)]
    families += sorted({r["family"] for r in rows} - set(families))
    parts = [_HEAD, _contents(rows, families)]
    for family in families:
        parts += [f"## {_FAMILY.get(family, family.capitalize())}", ""]
        for row in rows:
            if row["family"] == family:
                kind = row["id"]
                parts.append(section(row, weights.get(kind), plays, shown.get(kind)))
    return "\n".join(parts)


def _contents(rows: Sequence[Mapping[str, str]], families: Sequence[str]) -> str:
    lines = []
    for family in families:
        links = ", ".join(
            f"[{r['label_en']}](#{r['id']})" for r in rows if r["family"] == family
        )
        lines.append(f"- **{_FAMILY.get(family, family.capitalize())}**: {links}")
    return "\n".join([*lines, ""])


def section(
    row: Mapping[str, str],
    weight: Weight | None,
    plays: Sequence[Play],
    shown: Shown | None,
) -> str:
    """What the page says of one type."""
    kind = row["id"]
    known = "the company means to show it"
    if row["awareness"] == "unaware":
        known = "the company may not know that it shows"
    told = [
        ("It shows", f"{row['mechanism_nb']} · {row['mechanism_en']}"),
        (
            "Moves",
            f"{'up' if row['direction'] == '+' else 'down'}: "
            f"{row['affects'].replace(',', ', ')}; {known}",
        ),
        ("Weight", _weight(weight)),
        (
            "Half-life",
            f"{row['half_life_days']} days; judged after "
            f"{row['min_history_days']} days",
        ),
        *(("Talk to", line) for line in _talk(kind, plays)),
        ("Read from", row["sources"].replace("|", ", ")),
    ]
    if shown:
        told += [
            ("Fires", "; ".join(shown.fires)),
            ("Silent", "; ".join(shown.silent)),
        ]
    return "\n".join(
        [
            f"### {kind}",
            "",
            f"**{_capital(row['label_nb'])}** · {row['label_en']}",
            "",
            "| | |",
            "|---|---|",
            *(f"| {name} | {value.replace('|', '/')} |" for name, value in told),
            "",
        ]
    )


def _weight(weight: Weight | None) -> str:
    if weight is None:
        return "not given"
    if not weight.weight:
        return f"0, shown and not counted. {weight.reason}"
    return f"{weight.weight:+g} ({weight.grade}). {weight.reason}"


def _talk(kind: str, plays: Sequence[Play]) -> list[str]:
    lines = []
    for play in plays:
        if kind in play.any_of:
            of = f" ({', '.join(play.functions)})" if play.functions else ""
            lines.append(
                f"{_TALK[play.who]}{of}, from day {play.open_days} to day "
                f"{play.close_days}: {play.opening_question.nb}"
                if play.opening_question
                else f"{_TALK[play.who]}{of}"
            )
    return lines


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
    print(f"wrote {FILE.name}")
