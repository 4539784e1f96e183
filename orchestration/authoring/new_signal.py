"""`lyttepost new signal`: a detector that claims nothing, and examples that fail.

Four new files (model, its description with unit tests, worked examples) and one line or
entry at the end of what lists every type: detectors, catalogue, weights. The examples
fail because the model's rule is `false`; what is to be written is that rule.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from orchestration.authoring.scaffold import NotBegun, check_name, write_all
from scrapers.source import source_names

DETECTORS = Path("dbt_project") / "dbt_project.yml"
CATALOGUE = Path("dbt_project") / "seeds" / "signal_types.csv"
WEIGHTS = Path("orchestration") / "scoring" / "weights.yml"
EXAMPLES = Path("tests") / "signals" / "examples"
# Families of SIGNALS 5A; a type belongs to one, and families that move together count.
FAMILIES = (
    "leadership", "hiring", "language", "structure", "unrest",
    "tempo", "demand", "money", "partners", "composite",
)  # fmt: skip
_NAME_EXAMPLE = "price_list_change"


@dataclass(frozen=True)
class Begun:
    """What must be said of a type before anything is written.

    Attributes:
        signal_type: its id, and the name of its detector.
        family: one of FAMILIES.
        label_nb: heading in Norwegian.
        label_en: heading in English.
        half_life_days: prior half-life (SCIENCE 2.7).
        min_history_days: days of observation before it may be judged.
        sources: sources that feed it.
    """

    signal_type: str
    family: str
    label_nb: str
    label_en: str
    half_life_days: int = 56
    min_history_days: int = 28
    sources: tuple[str, ...] = ("company_pages",)


_MODEL = """\
-- TO WRITE: which difference between which observations this is, in one or two sentences.
with versions as (
    select * from {{{{ ref('hist_pages') }}}}
    -- TO WRITE: the rule, in place of `false`. A first sighting is never an event.
    where change_class = 'content' and false
),

visits as (
    select * from {{{{ ref('hist_visits') }}}}
),

final_cte as (
    select
        versions.account_id,
        '{signal_type}' as signal_type,
        versions.url as subject,
        before_visits.fetched_at as effective_lo,
        versions.valid_from as effective_hi,
        before_visits.fetched_at + (versions.valid_from - before_visits.fetched_at) / 2 as effective_pt,
        versions.known_at,
        -- When the claim was withdrawn or retold; null while it stands.
        cast(null as timestamp) as superseded_at,
        1.0 as strength,
        cast(null as double) as p_value,
        'observed_act' as evidence_class,
        versions.before_visit_id as before_ref,
        versions.after_visit_id as after_ref,
        cast(null as varchar) as quote_before,
        cast(null as varchar) as quote_after,
        cast(null as varchar) as function,
        cast(null as bigint) as seniority,
        cast(null as varchar) as person_name,
        cast(null as varchar) as person_title,
        cast(null as double) as effect,
        versions.source,
        versions.url
    from versions
    inner join visits as before_visits on versions.before_visit_id = before_visits.visit_id
)

select * from final_cte
"""

_DESCRIPTIONS = {
    "account_id": "The account.",
    "signal_type": "Id in signal_types.",
    "subject": "What changed.",
    "effective_lo": "Earliest moment (exclusive).",
    "effective_hi": "Latest moment (inclusive).",
    "effective_pt": "Best single moment.",
    "known_at": "When the proof was complete.",
    "superseded_at": "When the claim was withdrawn or retold; null while it stands.",
    "strength": "The number the score uses, before decay and match with an offer.",
    "p_value": "Tail probability where there is one.",
    "evidence_class": "filed_act, observed_act, statement or third_party_report.",
    "before_ref": "visit_id before.",
    "after_ref": "visit_id after.",
    "quote_before": "At most 25 words from before.",
    "quote_after": "At most 25 words from after.",
    "function": "Function of the role, where there is one.",
    "seniority": "Seniority of the role, where there is one.",
    "person_name": "Person in the role, for leadership.",
    "person_title": "Title of that person.",
    "effect": "Effect size where there is one.",
    "source": "Source of the decisive observation.",
    "url": "Address of the decisive observation.",
}

_UNIT_TESTS = """
unit_tests:
  - name: {signal_type}_fires
    description: "TO WRITE: the smallest history that must be told."
    model: sig_{signal_type}
    given:
      - input: ref('hist_pages')
        rows:
          - {{account_id: a, source: company_pages, url: u, version: 2, change_class: content, valid_from: 2026-02-02, known_at: 2026-02-02, before_visit_id: v1, after_visit_id: v2}}
      - input: ref('hist_visits')
        rows:
          - {{visit_id: v1, fetched_at: 2026-01-26, source: company_pages, url: u}}
          - {{visit_id: v2, fetched_at: 2026-02-02, source: company_pages, url: u}}
    expect:
      rows:
        - {{account_id: a, signal_type: {signal_type}, before_ref: v1, after_ref: v2}}
  - name: {signal_type}_is_silent
    description: "TO WRITE: its likest false positive, which must not be told."
    model: sig_{signal_type}
    given:
      - input: ref('hist_pages')
        rows:
          - {{account_id: a, source: company_pages, url: u, version: 2, change_class: template, valid_from: 2026-02-02, known_at: 2026-02-02, before_visit_id: v1, after_visit_id: v2}}
      - input: ref('hist_visits')
        rows:
          - {{visit_id: v1, fetched_at: 2026-01-26, source: company_pages, url: u}}
          - {{visit_id: v2, fetched_at: 2026-02-02, source: company_pages, url: u}}
    expect:
      rows: []
"""

_EXAMPLES = """\
# Three that fire and three that stay silent, at least: the named false positives of the
# type first, Norwegian words where words decide, one of them nynorsk. The made-up ones
# below fail until the rule in sig_{signal_type}.sql is written; replace them.
- example: "TO WRITE: what happened, in a few words"
  expect: fires
  observed:
    - {{weeks: 1-6, page: {{blocks: [Vi selger pumper til fiskeoppdrett langs kysten.]}}}}
    - {{weeks: 7-12, page: {{blocks: [Vi leier ut pumper og tar ansvar for driften.]}}}}
- example: "TO WRITE: what looks like it and is not"
  expect: silent
  observed:
    - {{weeks: 1-6, page: {{blocks: [Vi selger pumper til fiskeoppdrett langs kysten.]}}}}
    - {{weeks: 7-9, outcome: timeout, path: /om-oss/, scope: about}}
    - {{weeks: 10-12, page: {{blocks: [Vi selger pumper til fiskeoppdrett langs kysten.]}}}}
"""

_WEIGHT = """\
  - signal_type: {signal_type}
    weight: 0.0
    grade: none
    reason: Observed, not scored, until outcomes show a lift.
    owner: sales-science
"""


def new_signal(root: Path, begun: Begun) -> list[Path]:
    """Begin a signal type with a detector of its own below a project's folder.

    Returns:
        the files written or added to.

    Raises:
        NotBegun: with one sentence; then nothing is written.
    """
    name = begun.signal_type
    _check(root, begun)
    told = (root / DETECTORS).read_text("utf-8")
    changed = {
        DETECTORS: _with_detector(told, name),
        CATALOGUE: _ended((root / CATALOGUE).read_text("utf-8")) + _row(root, begun),
        WEIGHTS: _ended((root / WEIGHTS).read_text("utf-8"))
        + _WEIGHT.format(signal_type=name),
    }
    folder = f"dbt_project/models/signals/{name}"
    written = write_all(
        root,
        {
            f"{folder}/sig_{name}.sql": _MODEL.format(signal_type=name),
            f"{folder}/sig_{name}.yml": _description(begun),
            str(EXAMPLES / f"{name}.yml"): _EXAMPLES.format(signal_type=name),
        },
    )
    for file, text in changed.items():
        (root / file).write_text(text, encoding="utf-8", newline="")
        written.append(root / file)
    return written


def _check(root: Path, begun: Begun) -> None:
    name = begun.signal_type
    check_name(name, _NAME_EXAMPLE)
    if name in _known(root):
        raise NotBegun(f"there is a signal type {name} already")
    if (root / "dbt_project" / "models" / "signals" / name).exists():
        raise NotBegun(f"there is a detector {name} already")
    if begun.family not in FAMILIES:
        raise NotBegun(
            f"{begun.family!r} is not a family; there are {', '.join(FAMILIES)}"
        )
    for language, label in (("nb", begun.label_nb), ("en", begun.label_en)):
        if not label.strip():
            raise NotBegun(f"the label in {language} is empty")
    if begun.half_life_days < 1 or begun.min_history_days < 0:
        raise NotBegun("a half-life is a day or more, a history no day or more")
    if not begun.sources:
        raise NotBegun("a signal is fed by one source or more")
    for source in begun.sources:
        if source not in source_names():
            raise NotBegun(f"{source!r} is not a source; docs/sources.md lists them")


def _known(root: Path) -> list[str]:
    with (root / CATALOGUE).open(encoding="utf-8", newline="") as file:
        return [row["id"] for row in csv.DictReader(file)]


def _with_detector(text: str, name: str) -> str:
    # By hand, so that the comments of the file stay where they are.
    listed: Sequence[str] = yaml.safe_load(text)["vars"]["detectors"]
    found = re.search(r"^  detectors:\n(?:    - \w+\n)+", text, re.M)
    if not found or found.group().count("- ") != len(listed):
        raise NotBegun(f"{DETECTORS} does not list its detectors one a line")
    lines = sorted([*listed, name])
    block = "  detectors:\n" + "".join(f"    - {line}\n" for line in lines)
    return text[: found.start()] + block + text[found.end() :]


def _row(root: Path, begun: Begun) -> str:
    with (root / CATALOGUE).open(encoding="utf-8", newline="") as file:
        columns = next(csv.reader(file))
    cells = {
        "id": begun.signal_type,
        "label_nb": begun.label_nb,
        "label_en": begun.label_en,
        "family": begun.family,
        "awareness": "unaware",
        "affects": "need",
        "direction": "+",
        "half_life_days": str(begun.half_life_days),
        "weight": "none",
        "mechanism_nb": "TO WRITE (hvorfor dette endrer behov, prioritet eller vilje).",
        "mechanism_en": "TO WRITE (why this changes need, priority or readiness).",
        "min_history_days": str(begun.min_history_days),
        "exclusivity": "medium",
        "line_nb": f"{begun.label_nb[:1].upper()}{begun.label_nb[1:]} ({{when}}).",
        "line_en": f"{begun.label_en[:1].upper()}{begun.label_en[1:]} ({{when}}).",
        "sources": "|".join(begun.sources),
        "is_measure": "false",
    }
    odd = set(columns) ^ set(cells)
    if odd:
        raise NotBegun(f"{CATALOGUE} has other columns than known: {sorted(odd)}")
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow([cells[c] for c in columns])
    return out.getvalue()


def _ended(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"


def _description(begun: Begun) -> str:
    columns = "".join(
        f'      - name: {name}\n        description: "{told}"\n'
        for name, told in _DESCRIPTIONS.items()
    )
    head = (
        "version: 2\n\nmodels:\n"
        f"  - name: sig_{begun.signal_type}\n"
        '    description: "TO WRITE: which changes it tells."\n'
        "    columns:\n"
    )
    return head + columns + _UNIT_TESTS.format(signal_type=begun.signal_type)
