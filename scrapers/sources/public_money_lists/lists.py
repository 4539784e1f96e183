"""The lists: what each file of `lists/` says of one list, read strictly.

Reading of a list's payload does not belong here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

LISTS_DIR = Path(__file__).parent / "lists"
FORMATS = ("csv", "json", "xlsx")
COLUMNS = ("org_number", "name", "amount", "date", "programme", "title", "role")
ROLES = ("lead", "partner")


class ListRefused(ValueError):
    """A list's file that cannot be understood; names file, line and key."""


@dataclass(frozen=True)
class MoneyList:
    """One list: where it is, how it is written, and which column is what.

    ``amount_factor`` turns amounts into whole units (1000 where they are in thousands).
    ``items`` is the path to the rows of a JSON document, ``sheet`` the name of a
    worksheet, ``header_row`` the line of the headings, counted from one.
    """

    name: str
    title: str
    giver: str
    url: str
    format: str
    currency: str
    columns: Mapping[str, str]
    licence: str
    republish_rule: str
    id_columns: tuple[str, ...]
    encoding: str = "utf-8"
    delimiter: str = ","
    decimal_comma: bool = False
    header_row: int = 1
    sheet: str = ""
    items: tuple[str, ...] = ()
    amount_factor: float = 1.0
    window_days: int = 0
    keep: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)


_TYPES: dict[str, tuple[type, ...]] = {
    "name": (str,),
    "title": (str,),
    "giver": (str,),
    "url": (str,),
    "format": (str,),
    "currency": (str,),
    "columns": (dict,),
    "licence": (str,),
    "republish_rule": (str,),
    "id_columns": (list,),
    "encoding": (str,),
    "delimiter": (str,),
    "decimal_comma": (bool,),
    "header_row": (int,),
    "sheet": (str,),
    "items": (list,),
    "amount_factor": (int, float),
    "window_days": (int,),
    "keep": (dict,),
    "roles": (dict,),
}
_REQUIRED = (
    "name",
    "title",
    "giver",
    "url",
    "format",
    "currency",
    "columns",
    "licence",
    "republish_rule",
    "id_columns",
)
_REQUIRED_COLUMNS = ("name", "date")


@cache
def money_lists() -> Mapping[str, MoneyList]:
    """Every list of the folder, by name.

    Raises:
        ListRefused: naming file, line and key of what is missing, unknown or wrong.
    """
    found = [
        read_list(file.read_text(encoding="utf-8"), file.name)
        for file in sorted(LISTS_DIR.glob("*.yml"))
    ]
    return {one.name: one for one in found}


def read_list(text: str, file_name: str) -> MoneyList:
    """One list's file.

    Raises:
        ListRefused: as `money_lists`.
    """
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        document = yaml.safe_load(text)
    except yaml.YAMLError as no:
        raise ListRefused(f"{file_name}: is not YAML: {no}") from no
    if not isinstance(node, yaml.MappingNode) or not isinstance(document, dict):
        raise ListRefused(f"{file_name}: is not a map of keys")
    lines = _lines(node)

    def refuse(key: str, why: str) -> ListRefused:
        line = lines.get(key)
        where = f"{file_name}, line {line}" if line else file_name
        return ListRefused(f"{where}: {key} {why}")

    for key in document:
        if key not in _TYPES:
            raise refuse(str(key), "is not understood")
    for key in _REQUIRED:
        if key not in document:
            raise refuse(key, "is missing")
    for key, value in document.items():
        wanted = _TYPES[key]
        if not isinstance(value, wanted) or (
            isinstance(value, bool) and bool not in wanted
        ):
            raise refuse(key, f"is {value!r}, of a wrong type")
    _check(document, refuse, file_name)
    values: dict[str, Any] = dict(document)
    values["id_columns"] = tuple(str(name) for name in document["id_columns"])
    values["items"] = tuple(str(name) for name in document.get("items", ()))
    values["columns"] = {key: str(name) for key, name in document["columns"].items()}
    values["keep"] = {
        str(key): tuple(str(value) for value in kept)
        for key, kept in document.get("keep", {}).items()
    }
    values["roles"] = {str(k): v for k, v in document.get("roles", {}).items()}
    return MoneyList(**values)


def _lines(node: yaml.MappingNode) -> dict[str, int]:
    """Line of each key; those of inner maps as ``columns.date``."""
    lines: dict[str, int] = {}
    for key, value in node.value:
        lines[str(key.value)] = key.start_mark.line + 1
        if isinstance(value, yaml.MappingNode):
            for inner, _ in value.value:
                lines[f"{key.value}.{inner.value}"] = inner.start_mark.line + 1
    return lines


def _check(document: dict[str, Any], refuse: Any, file_name: str) -> None:
    stem = file_name.removesuffix(".yml")
    if document["name"] != stem or not re.fullmatch(r"[a-z0-9_]+", stem):
        raise refuse("name", f"is {document['name']!r}, the file is {stem!r}")
    if document["format"] not in FORMATS:
        raise refuse("format", f"is not one of {', '.join(FORMATS)}")
    if not re.fullmatch(r"[A-Z]{3}", document["currency"]):
        raise refuse("currency", "is not three capital letters")
    parts = urlsplit(document["url"])
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise refuse("url", "is no http address")
    if len(document.get("delimiter", ",")) != 1:
        raise refuse("delimiter", "is not one character")
    try:
        "".encode(document.get("encoding", "utf-8"))
    except LookupError:
        raise refuse("encoding", "is not known") from None
    for key, least in (("header_row", 1), ("window_days", 0)):
        if document.get(key, least) < least:
            raise refuse(key, f"is less than {least}")
    if document.get("amount_factor", 1) <= 0:
        raise refuse("amount_factor", "is not more than nothing")
    if not document["id_columns"]:
        raise refuse("id_columns", "names no column")
    for key in document["columns"]:
        if key not in COLUMNS:
            raise refuse(f"columns.{key}", f"is not one of {', '.join(COLUMNS)}")
    for key in _REQUIRED_COLUMNS:
        if key not in document["columns"]:
            raise refuse("columns", f"lacks {key}")
    for key, kept in document.get("keep", {}).items():
        if not isinstance(kept, list) or not kept:
            raise refuse(f"keep.{key}", "is no list of values")
    for key, role in document.get("roles", {}).items():
        if role not in ROLES:
            raise refuse(f"roles.{key}", f"is {role!r}, not one of {', '.join(ROLES)}")
