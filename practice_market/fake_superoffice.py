"""A made-up customer's SuperOffice that answers as its REST interface is said to.

Written from its documented behaviour (entities at `Contact/{id}` and `Appointment/{id}`
with `CustomFields`, JSON merge patches, archives by `$select` and `$filter`, a bearer
token); no specification file was copied.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from practice_market.crm_weather import Weather
from practice_market.faulty_server import Answer

_OWN = {"Contact": "ContactId", "Appointment": "AppointmentId", "Sale": "SaleId"}
_GIVEN = {
    "Contact": ("Name", "OrgNr", "Domains", "Department"),
    "Appointment": (
        *("Title", "Description", "StartDate", "EndDate", "Completed"),
        *("IsAlldayEvent", "Contact"),
    ),
    "Sale": (),
}
# Columns of the archives, as far as they are asked for here.
_ARCHIVES = {
    "Contact": (
        *("contactId", "name", "orgnr", "url/URLAddress"),
        *("contactAssociate/associateDbId", "contactExtra/"),
    ),
    "Appointment": ("appointmentId", "appointmentExtra/"),
    "Sale": (
        *("saleId", "contactId", "stage", "saleStatus", "amount", "date"),
        "registeredDate",
    ),
}
# As people see them whose SuperOffice is Norwegian.
_IN_NORWEGIAN = {"Sold": "Solgt", "Lost": "Tapt", "Open": "Åpent"}
_STATES = ("Unknown", "NotStarted", "Started", "Completed")
_WORD = re.compile(r"(\S+) eq '((?:[^']|'')*)'")


@dataclass
class FakeSuperOffice(Weather):
    """Companies and follow-ups by id; extra fields with their lengths."""

    extra: dict[str, dict[str, int]] = field(
        default_factory=lambda: {"Contact": {}, "Appointment": {}, "Sale": {}}
    )
    objects: dict[str, dict[str, dict[str, Any]]] = field(
        default_factory=lambda: {"Contact": {}, "Appointment": {}, "Sale": {}}
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        self._ids = 0

    def add(self, kind: str, **values: Any) -> str:
        """A record; its id."""
        with self.lock:
            self._ids += 1
            self.objects[kind][str(self._ids)] = {"CustomFields": {}, **values}
            return str(self._ids)

    def merge(self, record_id: str, into: str) -> None:
        """A company goes into another, which takes over what it lacks."""
        gone = self.objects["Contact"].pop(record_id)["CustomFields"]
        kept = self.objects["Contact"][into]["CustomFields"]
        kept |= {k: v for k, v in gone.items() if not kept.get(k)}

    def answer(
        self, method: str, target: str, headers: Mapping[str, str], raw: bytes
    ) -> Answer:
        """The answer to one request."""
        parts = urlsplit(target).path.rpartition("/api/v1/")[2].split("/")
        query = {k: v[0] for k, v in parse_qs(urlsplit(target).query).items()}
        body = json.loads(raw) if raw else None
        kind, language = headers.get("content-type", ""), headers.get("so-language", "")
        return self.over(
            headers,
            "authorization",
            "Bearer {}",
            method != "GET",
            lambda: self._do(method, parts, query, body, kind, language),
        )

    def _do(
        self,
        method: str,
        parts: list[str],
        query: Mapping[str, str],
        body: Any,
        content_type: str,
        language: str,
    ) -> tuple[int, Any]:
        kind = parts[0]
        if kind not in self.objects:
            return _refused(404, "no such path")
        match method, parts[1:]:
            case "GET", ["default"]:
                fields = dict.fromkeys(_GIVEN[kind], None)
                rights = {
                    n: {"FieldRight": "Read,Update", "FieldLength": most}
                    for n, most in self.extra[kind].items()
                }
                extra = dict.fromkeys(self.extra[kind], "")
                return 200, fields | {"CustomFields": extra, "FieldProperties": rights}
            case "GET", []:
                return self._archive(kind, query, language)
            case "GET", [record_id]:
                held = self.objects[kind].get(record_id)
                if held is None:
                    return _refused(404, "not found")
                return 200, {_OWN[kind]: int(record_id), **held}
            case "POST", []:
                return self._write(kind, None, body)
            case "PATCH", [record_id]:
                if content_type != "application/merge-patch+json":
                    return _refused(415, "no merge patch")
                if record_id not in self.objects[kind]:
                    return _refused(404, "not found")
                return self._write(kind, record_id, body)
        return _refused(404, "no such path")

    def _archive(
        self, kind: str, query: Mapping[str, str], language: str
    ) -> tuple[int, Any]:
        columns = query["$select"].split(",")
        for column in columns:
            known = _ARCHIVES[kind]
            is_extra = f"{column.partition('/')[0]}/" in known
            if column not in known and not is_extra:
                return _refused(400, f"{column}: no column of this archive")
        words = _WORD.findall(query.get("$filter", ""))
        rows = []
        for record_id, held in self.objects[kind].items():
            row = {c: self._shown(kind, record_id, held, c) for c in columns}
            if language != "en" and "saleStatus" in row:
                row["saleStatus"] = _IN_NORWEGIAN.get(row["saleStatus"])
            if not words or any(
                self._shown(kind, record_id, held, c) == w.replace("''", "'")
                for c, w in words
            ):
                rows.append({"PrimaryKey": record_id, "EntityName": kind, **row})
        skip, top = int(query.get("$skip", "0")), int(query.get("$top", "100"))
        return 200, {"value": rows[skip : skip + top]}

    def _shown(
        self, kind: str, record_id: str, held: Mapping[str, Any], column: str
    ) -> Any:
        if column.casefold() == _OWN[kind].casefold():
            return int(record_id)
        if column == "contactAssociate/associateDbId":
            return held.get("AssociateId")
        if column == "url/URLAddress":
            return next(iter(held.get("Domains") or ()), None)
        if "/" in column:
            return held["CustomFields"].get(column.partition("/")[2])
        return next(
            (v for n, v in held.items() if n.casefold() == column.casefold()), None
        )

    def _write(self, kind: str, record_id: str | None, body: Any) -> tuple[int, Any]:
        wrong = self._wrong(kind, body)
        if wrong is not None:
            return _refused(400, wrong)
        key = str(next(iter(body["CustomFields"].values()), ""))
        if key.endswith(self.faults.bad_keys or ("\0",)):
            return _refused(400, "made-up rule: never taken")
        if record_id is None:
            record_id = self.add(kind)
        held = self.objects[kind][record_id]
        held["CustomFields"] = held["CustomFields"] | body["CustomFields"]
        held |= {k: v for k, v in body.items() if k != "CustomFields"}
        self.took(kind, key, body)
        return 200, {_OWN[kind]: int(record_id), **held}

    def _wrong(self, kind: str, body: Any) -> str | None:
        for name in body:
            if name not in (*_GIVEN[kind], "CustomFields"):
                return f"{name}: unknown property"
        for name, value in body.get("CustomFields", {}).items():
            most = self.extra[kind].get(name)
            if most is None:
                return f"{name}: unknown custom field"
            if len(value) > most:
                return f"{name}: longer than {most}"
        if body.get("Completed", "Unknown") not in _STATES:
            return f"Completed: {body['Completed']} is no state"
        contact = body.get("Contact")
        if contact and str(contact["ContactId"]) not in self.objects["Contact"]:
            return "Contact: not found"
        return None


def _refused(status: int, told: str) -> tuple[int, Any]:
    return status, {"Error": True, "ErrorType": "MadeUp", "Message": told}
