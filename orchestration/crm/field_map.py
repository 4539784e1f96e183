"""Field maps: `destinations/<name>/<kind>.yml` read strictly, and rows put into words.

Which column goes to which field, how a value is written, and of what type and length
the field is there. No diff, no destination and no network.
"""

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from orchestration.crm.destinations.protocol import RemoteField
from orchestration.crm.fault import CrmError
from orchestration.crm.opportunities import STAGES

PREFIX = "lyttepost_"
DESTINATIONS_DIR = Path(__file__).with_name("destinations")

_FORMATS: Mapping[str, Callable[[Any], str]] = {
    "text": str,
    "day": lambda day: day.isoformat(),
    "moment": lambda day: f"{day.isoformat()}T00:00:00Z",
    "one_decimal": lambda number: f"{number:.1f}",
    "three_decimals": lambda number: f"{number:.3f}",
}
_TYPES = ("text", "number", "date", "picklist")
_TYPE_OF = {
    "text": "text",
    "day": "date",
    "moment": "date",
    "one_decimal": "number",
    "three_decimals": "number",
}
_REQUIRED_KEYS = {"field", "column", "as", "required"}
_OPTIONAL_KEYS = {"type", "max_length", "words"}


@dataclass(frozen=True)
class Field:
    """One field of ours in a CRM and the column it is filled from."""

    field: str
    column: str
    format: str
    is_required: bool
    type: str
    max_length: int | None = None
    # The CRM's word for a word of the column.
    words: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def options(self) -> tuple[str, ...]:
        """The values a picklist must offer; empty for other types."""
        return tuple(self.words.values()) if self.type == "picklist" else ()


@dataclass(frozen=True)
class FieldMap:
    """Fields of one kind of record in one CRM."""

    object: str  # what the CRM calls the record
    key: str  # the unique field that holds our key there
    fields: tuple[Field, ...]
    # A field of ours that people fill in and we only read: made by set-up.
    asks: Field | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the fields, in order."""
        return tuple(f.field for f in self.fields)

    @property
    def made(self) -> tuple[Field, ...]:
        """The fields that set-up makes: those we write, and the one people fill in."""
        return self.fields + ((self.asks,) if self.asks else ())

    def word(self, name: str, said: str) -> str:
        """The CRM's word for a word of ours in a field."""
        return next(f.words[said] for f in self.fields if f.field == name)

    @functools.cached_property
    def types(self) -> Mapping[str, str]:
        """Type of each field."""
        return {f.field: f.type for f in self.fields}

    def type_of(self, name: str) -> str:
        """Type of a field."""
        return self.types[name]


def map_file(destination: str, kind: str) -> Path:
    """The file of a destination's map."""
    return DESTINATIONS_DIR / destination / f"{kind}.yml"


def load_field_map(path: Path) -> FieldMap:
    """Read a field map.

    Raises:
        CrmError: naming file and line of what is unknown, repeated or missing, and of
            a field that is not ours on a record that is not ours.
    """
    root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    top = _entries(path, root, {"version", "object", "key", "owns", "fields"}, {"asks"})
    if top["owns"].value not in ("fields", "record"):
        raise CrmError(f"{path}: owns must be fields or record")
    fields: dict[str, Field] = {}
    for node in top["fields"].value:
        entries = _entries(path, node, _REQUIRED_KEYS, _OPTIONAL_KEYS)
        place = f"{path}:{node.start_mark.line + 1}"
        said = {k: v.value for k, v in entries.items() if k != "words"}
        words = (
            {k.value: v.value for k, v in entries["words"].value}
            if "words" in entries
            else {}
        )
        _check(place, said, fields, owns=top["owns"].value)
        fields[said["field"]] = Field(
            said["field"],
            said["column"],
            said["as"],
            said["required"] == "true",
            said.get("type", _TYPE_OF[said["as"]]),
            int(said["max_length"]) if "max_length" in said else None,
            words,
        )
    asks = _asked(path, top["asks"]) if "asks" in top else None
    return FieldMap(top["object"].value, top["key"].value, tuple(fields.values()), asks)


def _asked(path: Path, node: Any) -> Field:
    entries = _entries(path, node, {"field", "words"})
    name = entries["field"].value
    if not name.lower().startswith(PREFIX):
        place = f"{path}:{node.start_mark.line + 1}"
        raise CrmError(f"{place}: field {name!r} does not begin {PREFIX}")
    words = {k.value: v.value for k, v in entries["words"].value}
    return Field(name, "", "text", False, "picklist", None, words)


def load_stages(destination: str) -> tuple[str, dict[str, str]]:
    """What a CRM calls its opportunities, and our word for each of their stages.

    Raises:
        CrmError: naming file and line of what is not understood.
    """
    path = map_file(destination, "opportunity")
    root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    top = _entries(path, root, {"version", "object", "stages"})
    stages = {k.value: v.value for k, v in top["stages"].value}
    for key, value in top["stages"].value:
        if value.value not in STAGES:
            place = f"{path}:{key.start_mark.line + 1}"
            raise CrmError(f"{place}: stage {value.value!r} is not understood")
    return top["object"].value, stages


def mapped(
    fields: Sequence[Field], row: Mapping[str, Any]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """A row in the CRM's words, and the required fields it has no value for.

    A null is left out: no statement, never an empty value.

    Raises:
        CrmError: a column the table lacks, or a value the map has no word for.
    """
    values: dict[str, str] = {}
    for f in fields:
        if f.column not in row:
            raise CrmError(f"field {f.field}: the table has no column {f.column}")
        value = row[f.column]
        if value is None or value == "":
            continue
        said = _FORMATS[f.format](value)
        if f.words and said not in f.words:
            raise CrmError(f"field {f.field}: there is no word for {said!r} in its map")
        values[f.field] = f.words.get(said, said)
    missing = tuple(f.field for f in fields if f.is_required and f.field not in values)
    return values, missing


def canonical(type_: str, value: str | None) -> str:
    """A value as it is compared: a CRM may write the same number in another way."""
    if value is None:
        return ""
    said = value.replace("\r\n", "\n").strip()
    if type_ == "number" and said:
        try:
            return f"{Decimal(said).normalize():f}"
        except InvalidOperation:
            return said
    # A date may come back with its midnight.
    return said[:10] if type_ == "date" else said


def faults(fields: Sequence[Field], found: Mapping[str, RemoteField]) -> dict[str, str]:
    """What does not fit between a map and the CRM's own metadata, by field."""
    told = {}
    for f in fields:
        there = found.get(f.field)
        if there is None:
            told[f.field] = "is not there"
        elif there.type != f.type:
            told[f.field] = f"is of type {there.type} there, the map says {f.type}"
        elif there.max_length is not None and there.max_length < (f.max_length or 0):
            told[f.field] = (
                f"holds {there.max_length} characters, the map says {f.max_length}"
            )
        elif lacking := [o for o in f.options if o not in there.options]:
            told[f.field] = f"does not offer {', '.join(lacking)}"
        elif there.is_read_only:
            told[f.field] = "cannot be written"
    return told


def too_long(fields: Sequence[Field], values: Mapping[str, str]) -> str | None:
    """Why a record cannot be sent, when one of its values does not fit its field."""
    for f in fields:
        n = len(values.get(f.field, ""))
        if f.max_length is not None and n > f.max_length:
            return f"{f.field} has {n} characters, more than {f.max_length}"
        if "\0" in values.get(f.field, ""):
            return f"{f.field} holds a null character"
    return None


def _check(
    place: str, said: dict[str, str], known: dict[str, Field], owns: str
) -> None:
    if owns == "fields" and not said["field"].lower().startswith(PREFIX):
        raise CrmError(f"{place}: field {said['field']!r} does not begin {PREFIX}")
    if said["as"] not in _FORMATS:
        raise CrmError(f"{place}: as {said['as']!r} is not understood")
    if said["required"] not in ("true", "false"):
        raise CrmError(f"{place}: required must be true or false")
    if said.get("type", "text") not in _TYPES:
        raise CrmError(f"{place}: type {said['type']!r} is not understood")
    if not said.get("max_length", "1").isdecimal():
        raise CrmError(f"{place}: max_length must be a number of characters")
    if said["field"] in known:
        raise CrmError(f"{place}: field {said['field']!r} is given twice")


def _entries(
    path: Path, node: Any, keys: set[str], optional: set[str] | None = None
) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        raise CrmError(f"{path}: a mapping is expected")
    found: dict[str, yaml.Node] = {}
    for key, value in node.value:
        place = f"{path}:{key.start_mark.line + 1}"
        if key.value not in keys | (optional or set()):
            raise CrmError(f"{place}: key {key.value!r} is not understood")
        if key.value in found:
            raise CrmError(f"{place}: key {key.value!r} is given twice")
        found[key.value] = value
    missing = sorted(keys - set(found))
    if missing:
        line = node.start_mark.line + 1
        raise CrmError(f"{path}:{line}: {', '.join(missing)} is missing")
    return found
