"""The field map: `field_map.yml` read strictly, and scores put into its words.

Which column goes where and how a value is written; no diff and no destination.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FIELD_MAP_FILE = Path(__file__).with_name("field_map.yml")
PREFIX = "lyttepost_"

_FORMATS: Mapping[str, Callable[[Any], str]] = {
    "text": str,
    "day": lambda day: day.isoformat(),
    "one_decimal": lambda number: f"{number:.1f}",
    "three_decimals": lambda number: f"{number:.3f}",
}
_KEYS = {"field", "column", "as", "required"}


class CrmError(ValueError):
    """Something about the CRM hand-over that a user can mend, in one sentence."""


@dataclass(frozen=True)
class Field:
    """One field of ours in a CRM and the column it is filled from."""

    field: str
    column: str
    format: str
    is_required: bool


def load_field_map(path: Path = FIELD_MAP_FILE) -> tuple[Field, ...]:
    """Read a field map.

    Raises:
        CrmError: naming file and line of what is unknown, repeated or missing, and of
            a field that is not ours.
    """
    root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    top = _entries(path, root, {"version", "fields"})
    fields: dict[str, Field] = {}
    for node in top["fields"].value:
        said = {key: value.value for key, value in _entries(path, node, _KEYS).items()}
        place = f"{path}:{node.start_mark.line + 1}"
        if not said["field"].startswith(PREFIX):
            raise CrmError(f"{place}: field {said['field']!r} does not begin {PREFIX}")
        if said["as"] not in _FORMATS:
            raise CrmError(f"{place}: as {said['as']!r} is not understood")
        if said["required"] not in ("true", "false"):
            raise CrmError(f"{place}: required must be true or false")
        if said["field"] in fields:
            raise CrmError(f"{place}: field {said['field']!r} is given twice")
        fields[said["field"]] = Field(
            said["field"], said["column"], said["as"], said["required"] == "true"
        )
    return tuple(fields.values())


def mapped(
    fields: tuple[Field, ...], row: Mapping[str, Any]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """A row in the CRM's words, and the required fields it has no value for.

    A null is left out: no statement, never an empty value.
    """
    values = {
        f.field: _FORMATS[f.format](row[f.column])
        for f in fields
        if row[f.column] is not None and row[f.column] != ""
    }
    missing = tuple(f.field for f in fields if f.is_required and f.field not in values)
    return values, missing


def _entries(path: Path, node: Any, keys: set[str]) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        raise CrmError(f"{path}: a mapping is expected")
    found: dict[str, yaml.Node] = {}
    for key, value in node.value:
        place = f"{path}:{key.start_mark.line + 1}"
        if key.value not in keys:
            raise CrmError(f"{place}: key {key.value!r} is not understood")
        if key.value in found:
            raise CrmError(f"{place}: key {key.value!r} is given twice")
        found[key.value] = value
    missing = sorted(keys - set(found))
    if missing:
        line = node.start_mark.line + 1
        raise CrmError(f"{path}:{line}: {', '.join(missing)} is missing")
    return found
