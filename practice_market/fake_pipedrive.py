"""A made-up company's Pipedrive that answers as version 2 is said to, on loopback.

Written from its documented behaviour (lists by cursor with 500 a page, custom fields
under codes of 40 characters in `custom_fields`, PATCH of what changes, an API token, a
burst limit with headers); no specification file was copied.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from practice_market.crm_weather import Weather
from practice_market.faulty_server import Answer

MOST_IDS, MOST_CODES = 100, 15
_ACTIVITY = ("subject", "note", "due_date", "done", "public_description")


@dataclass
class FakePipedrive(Weather):
    """Organisations and activities by id, and custom fields by code."""

    page: int = 500
    limit: int = 200  # calls in two seconds, as the headers tell it
    objects: dict[str, dict[str, dict[str, Any]]] = field(
        default_factory=lambda: {"organizations": {}, "activities": {}, "deals": {}}
    )
    stages: dict[int, str] = field(
        default_factory=lambda: {1: "Qualified", 2: "Proposal Made", 3: "Made up"}
    )
    deal_fields: dict[str, str] = field(
        default_factory=lambda: {"c0de" * 10: "Produkt"}  # name by code
    )
    fields: dict[str, dict[str, str]] = field(default_factory=dict)  # by code

    def __post_init__(self) -> None:
        super().__post_init__()
        self._ids = 0
        for name in ("Org.nr.", "Nettsted"):
            self.add_field(name, "varchar")

    def add_field(self, name: str, type_: str) -> str:
        """A custom field of organisations; its code."""
        code = hashlib.sha1(name.encode()).hexdigest()
        self.fields[code] = {
            "field_name": name,
            "field_code": code,
            "field_type": type_,
        }
        return code

    def code(self, name: str) -> str:
        """The code of a custom field."""
        return next(c for c, f in self.fields.items() if f["field_name"] == name)

    def add(self, kind: str, **values: Any) -> str:
        """A record; its id."""
        with self.lock:
            self._ids += 1
            self.objects[kind][str(self._ids)] = values
            return str(self._ids)

    def merge(self, record_id: str, into: str) -> None:
        """An organisation goes into another, which takes over what it lacks."""
        gone = self.objects["organizations"].pop(record_id)["custom_fields"]
        kept = self.objects["organizations"][into]["custom_fields"]
        kept |= {k: v for k, v in gone.items() if kept.get(k) is None}

    def answer(
        self, method: str, target: str, headers: Mapping[str, str], raw: bytes
    ) -> Answer:
        """The answer to one request."""
        parts = urlsplit(target).path.removeprefix("/api/v2/").split("/")
        query = {k: v[0] for k, v in parse_qs(urlsplit(target).query).items()}
        body = json.loads(raw) if raw else None
        is_write = method in ("POST", "PATCH") and parts[0] != "organizationFields"
        # An app bears a token of OAuth, a person's script an API token.
        is_app = "authorization" in headers
        status, said, more, how = self.over(
            headers,
            "authorization" if is_app else "x-api-token",
            "Bearer {}" if is_app else "{}",
            is_write,
            lambda: self._do(method, parts, query, body),
        )
        limits = {
            "x-ratelimit-limit": str(self.limit),
            "x-ratelimit-remaining": str(self.limit),
        }
        return status, said, limits | more, how

    def _do(
        self, method: str, parts: list[str], query: Mapping[str, str], body: Any
    ) -> tuple[int, Any]:
        match method, parts:
            case "GET", ["stages"]:
                rows = [{"id": i, "name": n} for i, n in self.stages.items()]
                return 200, {"success": True, "data": rows}
            case "GET", ["dealFields"]:
                told = self.deal_fields.items()
                rows = [{"field_code": c, "field_name": n} for c, n in told]
                return 200, {"success": True, "data": rows}
            case "GET", ["organizationFields"]:
                return 200, {"success": True, "data": list(self.fields.values())}
            case "POST", ["organizationFields"]:
                code = self.add_field(body["field_name"], body["field_type"])
                return 201, {"success": True, "data": self.fields[code]}
            case "GET", [kind] if kind in self.objects:
                return self._list(kind, query)
            case "POST", [kind] if kind in self.objects:
                return self._write(kind, None, body)
            case "PATCH", [kind, record_id] if kind in self.objects:
                if record_id not in self.objects[kind]:
                    return _refused(404, f"{kind} not found")
                return self._write(kind, record_id, body)
        return _refused(404, "no such path")

    def _list(self, kind: str, query: Mapping[str, str]) -> tuple[int, Any]:
        codes = [c for c in query.get("custom_fields", "").split(",") if c]
        ids = [i for i in query.get("ids", "").split(",") if i]
        if len(codes) > MOST_CODES or len(ids) > MOST_IDS:
            return _refused(400, "too many custom_fields or ids")
        after = int(query.get("cursor", "0"))
        asked = sorted(
            (i for i in self.objects[kind] if int(i) > after and (not ids or i in ids)),
            key=int,
        )
        shown = asked[: min(self.page, int(query.get("limit", "100")))]
        rows = []
        for i in shown:
            held = dict(self.objects[kind][i])
            if kind != "activities":
                custom = held.get("custom_fields", {})
                held["custom_fields"] = {c: custom.get(c) for c in codes}
            rows.append({"id": int(i), **held})
        more = shown[-1] if len(asked) > len(shown) else None
        said = {"success": True, "data": rows}
        return 200, said | {"additional_data": {"next_cursor": more}}

    def _write(self, kind: str, record_id: str | None, body: Any) -> tuple[int, Any]:
        wrong = self._wrong(kind, body)
        if wrong is not None:
            return _refused(400, wrong)
        key = self._key(kind, body)
        if key.endswith(self.faults.bad_keys or ("\0",)):
            return _refused(400, "made-up rule: never taken")
        made_now = record_id is None
        if made_now:
            empty: dict[str, Any] = (
                {"custom_fields": {}} if kind == "organizations" else {}
            )
            record_id = self.add(kind, **empty)
        assert record_id is not None
        held = self.objects[kind][record_id]
        custom = body.get("custom_fields")
        if custom is not None:
            held["custom_fields"] = held.get("custom_fields", {}) | custom
        held |= {k: v for k, v in body.items() if k != "custom_fields"}
        self.took(kind, key or record_id, body)
        said = {"success": True, "data": {"id": int(record_id), **held}}
        return 201 if made_now else 200, said

    def _wrong(self, kind: str, body: Any) -> str | None:
        if kind == "activities":
            known = (*_ACTIVITY, "type", "org_id")
            lacking = [n for n in body if n not in known]
            if (
                "org_id" in body
                and str(body["org_id"]) not in (self.objects["organizations"])
            ):
                return "org_id: not found"
            if not isinstance(body.get("done", False), bool):
                return "done: must be a boolean"
            return f"{lacking[0]}: unknown field" if lacking else None
        for code, value in body.get("custom_fields", {}).items():
            said = self.fields.get(code)
            if said is None:
                return f"custom_fields.{code}: unknown field"
            if value is None:
                continue
            is_number = isinstance(value, int | float)
            if (said["field_type"] == "double") != is_number:
                return f"custom_fields.{code}: of another type"
            if said["field_type"] == "varchar" and len(value) > 255:
                return f"custom_fields.{code}: longer than 255 characters"
        return None

    def _key(self, kind: str, body: Any) -> str:
        if kind == "activities":
            return str(body.get("note") or "").rpartition("key: ")[2]
        codes = [
            c
            for c, f in self.fields.items()
            if f["field_name"] == "lyttepost_account_key"
        ]
        return str(body.get("custom_fields", {}).get(codes[0], "")) if codes else ""


def _refused(status: int, told: str) -> tuple[int, Any]:
    return status, {"success": False, "error": told, "code": "ERR_MADE_UP"}
