"""Contracts in the Open Data Contract Standard (v3), read into frozen dataclasses.

Only reading belongs here. A key that is not understood is refused by name, because a
rule that is silently skipped is a promise nobody keeps.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

CONTRACTS_DIR = Path(__file__).resolve().parents[2] / "data_contracts"

_PROPERTY_KEYS = {
    "name",
    "logicalType",
    "physicalType",
    "required",
    "description",
    "primaryKey",
    "primaryKeyPosition",
    "logicalTypeOptions",
    "quality",
    "items",
    "classification",
    "customProperties",
}
# Columns of these names hold people in every table, said or not.
_OF_PEOPLE = frozenset({"person_key", "person_name", "holder_name", "talk_to_name"})


class ContractError(ValueError):
    """A contract file that cannot be read as one."""


@dataclass(frozen=True)
class Column:
    """One column of a table and the rules its values keep."""

    name: str
    physical_type: str
    required: bool
    description: str
    primary_key: bool = False
    pattern: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    expectations: tuple[Mapping[str, Any], ...] = field(default=(), hash=False)
    is_personal: bool = False  # may name a person: never shown in a check or a log
    is_added: bool = False  # on publication: the table of the warehouse lacks it


@dataclass(frozen=True)
class AsOf:
    """How the table is read as it was known at the end of a day.

    Either `day` (the newest of its days up to then) or `known` (rows known by then).
    """

    day: str | None = None
    known: str | None = None
    until: str | None = None  # since when the row no longer stands
    # Columns that were empty until the moment in another column.
    hides: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    now: tuple[str, ...] = ()  # true of today only, so empty of any earlier day


@dataclass(frozen=True)
class Contract:
    """The promise of one table."""

    path: str
    name: str
    version: str
    purpose: str
    grain: str
    columns: tuple[Column, ...]
    # Column: the `table.column` it is joined with; a list is joined by its elements.
    joins: Mapping[str, str] = field(default_factory=dict, hash=False)
    as_of: AsOf | None = None
    latency_days: int = 1  # at most, from the visit to the table
    retention_days: int | None = None  # None: as `retention_rule` says
    retention_rule: str = ""
    legal_basis: str = ""
    consumers: tuple[str, ...] = ()

    @property
    def primary_key(self) -> tuple[str, ...]:
        """Names of the key columns, in order."""
        return tuple(c.name for c in self.columns if c.primary_key)

    @property
    def personal(self) -> frozenset[str]:
        """Names of the columns that may name a person."""
        return frozenset(c.name for c in self.columns if c.is_personal)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of all columns, in order."""
        return tuple(c.name for c in self.columns)

    @property
    def in_warehouse(self) -> "Contract":
        """The promise of the table before publication adds columns to it."""
        return replace(self, columns=tuple(c for c in self.columns if not c.is_added))


def contract_paths() -> tuple[str, ...]:
    """Paths of all contracts, as `observed/people`, sorted."""
    suffix = ".odcs.yml"
    return tuple(
        sorted(
            str(f.relative_to(CONTRACTS_DIR))[: -len(suffix)]
            for f in CONTRACTS_DIR.rglob(f"*{suffix}")
        )
    )


@cache
def contract(path: str) -> Contract:
    """Read `data_contracts/<path>.odcs.yml`.

    Raises:
        ContractError: when the file is missing or holds a key that is not understood.
    """
    file = CONTRACTS_DIR / f"{path}.odcs.yml"
    if not file.exists():
        raise ContractError(f"{file}: there is no such contract")
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    if document.get("apiVersion", "")[:2] != "v3":
        raise ContractError(f"{file}: apiVersion must be v3, found nothing like it")
    table = document["schema"][0]
    columns = tuple(_column(file, p) for p in table["properties"])
    custom = _custom(file, table, {c.name for c in columns})
    return Contract(
        path=path,
        name=table["name"],
        version=document["version"],
        purpose=document["description"]["purpose"],
        grain=table.get("dataGranularityDescription", ""),
        columns=columns,
        joins=custom.get("joinKeys", {}),
        as_of=_as_of(file, custom["asOf"]) if "asOf" in custom else None,
        **_service(file, document.get("slaProperties", [])),
        **_duties(file, document.get("customProperties", [])),
    )


def _custom(
    file: Path, table: Mapping[str, Any], columns: set[str]
) -> Mapping[str, Mapping[str, Any]]:
    """The table's own properties by name; each of them speaks of columns."""
    custom = {p["property"]: p["value"] for p in table.get("customProperties", [])}
    unknown = set(custom) - {"joinKeys", "asOf"}
    if unknown:
        raise ContractError(
            f"{file}: the table has properties that are not understood: "
            f"{', '.join(sorted(unknown))}"
        )
    named = set(custom.get("joinKeys", {}))
    for key, value in custom.get("asOf", {}).items():
        if key == "hides":
            named |= {*value, *(c for hidden in value.values() for c in hidden)}
        else:
            named |= {value} if isinstance(value, str) else set(value)
    if named - columns:
        raise ContractError(
            f"{file}: joinKeys or asOf name columns the table does not have: "
            f"{', '.join(sorted(named - columns))}"
        )
    return custom


def _as_of(file: Path, said: Mapping[str, Any]) -> AsOf:
    unknown = set(said) - {"day", "known", "until", "hides", "now"}
    if unknown or ("day" in said) == ("known" in said):
        raise ContractError(
            f"{file}: asOf names either day or known, and besides until, hides and now"
        )
    return AsOf(
        day=said.get("day"),
        known=said.get("known"),
        until=said.get("until"),
        hides={k: tuple(v) for k, v in said.get("hides", {}).items()},
        now=tuple(said.get("now", ())),
    )


def _service(file: Path, promised: list[Mapping[str, Any]]) -> dict[str, Any]:
    """How old the table may be, and for how long its rows are kept, in days."""
    found = {}
    for item in promised:
        name = item.get("property")
        if name not in ("latency", "retention") or item.get("unit") != "d":
            raise ContractError(
                f"{file}: of slaProperties only latency and retention in days "
                "(unit: d) are understood"
            )
        found[f"{name}_days"] = int(item["value"])
    if "latency_days" not in found:
        raise ContractError(f"{file}: slaProperties must state the latency in days")
    return found


_DUTIES = {
    "legalBasis": "legal_basis",
    "retentionRule": "retention_rule",
    "consumers": "consumers",
}


def _duties(file: Path, said: list[Mapping[str, Any]]) -> dict[str, Any]:
    """On what ground the table is kept, for how long, and who reads it."""
    found = {item["property"]: item["value"] for item in said}
    if set(found) != set(_DUTIES):
        raise ContractError(
            f"{file}: the contract's own properties are "
            f"{', '.join(sorted(_DUTIES))}; found {', '.join(sorted(found)) or 'none'}"
        )
    empty = [name for name, value in found.items() if not value]
    if empty:
        raise ContractError(f"{file}: {', '.join(sorted(empty))} must say something")
    found["consumers"] = tuple(found["consumers"])
    return {_DUTIES[name]: value for name, value in found.items()}


def _is_added(file: Path, prop: Mapping[str, Any]) -> bool:
    said = {p["property"]: p["value"] for p in prop.get("customProperties", [])}
    if said not in ({}, {"addedBy": "publication"}):
        raise ContractError(
            f"{file}: column {prop['name']} has the properties {said}; only addedBy: "
            "publication is understood"
        )
    return bool(said)


def _column(file: Path, prop: Mapping[str, Any]) -> Column:
    unknown = set(prop) - _PROPERTY_KEYS
    if unknown:
        raise ContractError(
            f"{file}: column {prop.get('name')} has keys that are not understood: "
            f"{', '.join(sorted(unknown))}"
        )
    options = dict(prop.get("logicalTypeOptions", {}))
    known = {k: options.pop(k, None) for k in ("pattern", "minimum", "maximum")}
    if options:
        raise ContractError(
            f"{file}: column {prop['name']} has options that are not understood: "
            f"{', '.join(sorted(options))}"
        )
    if prop.get("classification", "personal") != "personal":
        raise ContractError(
            f"{file}: column {prop['name']} has the classification "
            f"{prop['classification']!r}; only personal is understood"
        )
    expectations = []
    for rule in prop.get("quality", []):
        if rule.get("engine") != "greatExpectations":
            raise ContractError(
                f"{file}: column {prop['name']} has a quality rule for the engine "
                f"{rule.get('engine')!r}; only greatExpectations is understood"
            )
        expectations.append(rule["implementation"])
    return Column(
        name=prop["name"],
        physical_type=prop["physicalType"],
        required=bool(prop.get("required", False)),
        description=prop["description"],
        primary_key=bool(prop.get("primaryKey", False)),
        pattern=known["pattern"],
        minimum=known["minimum"],
        maximum=known["maximum"],
        expectations=tuple(expectations),
        is_personal="classification" in prop or prop["name"] in _OF_PEOPLE,
        is_added=_is_added(file, prop),
    )
