"""A made-up CRM that answers as HubSpot is said to, faults and all, on loopback.

Written from its documented behaviour (batches of 100, 207 with `errors[]`, upsert by a
property with unique values, 429 with Retry-After, one token); no specification file was
copied. It remembers every write it took, so that a test can count what came twice.
"""

import hashlib
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from practice_market.faulty_server import Answer

BATCH = 100
_READ_ONLY = ("hs_object_id", "hs_merged_object_ids", "hs_lastmodifieddate")
_GIVEN: dict[str, dict[str, dict[str, Any]]] = {
    "companies": {
        "name": {"type": "string"},
        "domain": {"type": "string"},
        "org_number": {"type": "string"},
        "hubspot_owner_id": {"type": "enumeration", "options": []},
        "lifecyclestage": {"type": "enumeration", "options": []},
        "hs_merged_object_ids": {"type": "string"},
    },
    "tasks": {
        "hs_task_subject": {"type": "string"},
        "hs_task_body": {"type": "string"},
        "hs_timestamp": {"type": "datetime"},
        "hs_task_status": {
            "type": "enumeration",
            "options": ["NOT_STARTED", "IN_PROGRESS", "WAITING", "COMPLETED"],
        },
        "hs_task_completion_date": {"type": "datetime"},
        "hubspot_owner_id": {"type": "enumeration", "options": []},
        "hs_merged_object_ids": {"type": "string"},
    },
    "notes": {
        "hs_note_body": {"type": "string"},
        "hs_timestamp": {"type": "datetime"},
        "hubspot_owner_id": {"type": "enumeration", "options": []},
        "hs_merged_object_ids": {"type": "string"},
    },
    "deals": {
        "dealname": {"type": "string"},
        "dealstage": {"type": "enumeration", "options": []},
        "amount": {"type": "number"},
        "createdate": {"type": "datetime"},
        "closedate": {"type": "datetime"},
    },
}


@dataclass
class Faults:
    """How often what goes wrong; shares of requests, drawn from one seed."""

    seed: int = 1
    busy: float = 0.0  # 429, with Retry-After
    storm: int = 1  # so many 429 in a row
    retry_after_s: float = 0.01
    fails_before: float = 0.0  # 500, nothing done
    fails_after: float = 0.0  # 500, though all was done
    drops_before: float = 0.0  # connection cut, nothing done
    drops_after: float = 0.0  # connection cut, though all was done
    slow: float = 0.0
    slow_s: float = 0.0
    mixed: float = 0.0  # share of records refused for a while (207)
    mixed_status: int = 207  # 200 in the dated version
    # Records whose key ends so are never taken.
    bad_keys: tuple[str, ...] = ()
    token_lasts: int | None = None  # requests


@dataclass
class FakeHubSpot:
    """The portal: objects by type and id, properties, and a ledger of writes."""

    token: str = "made-up-token"
    faults: Faults = field(default_factory=Faults)
    calls_per_10_s: int | None = None
    objects: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    properties: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    ledger: list[tuple[str, str, str]] = field(default_factory=list)
    requests: Counter[str] = field(default_factory=Counter)
    associations: set[tuple[str, str]] = field(default_factory=set)
    merged: dict[tuple[str, str], str] = field(default_factory=dict)
    company_of: dict[str, str] = field(default_factory=dict)  # of a deal
    # In the published tables of limits a portal has one for calls; this one may count
    # records that are written too.
    objects_per_s: int | None = None
    calls_left_today: int | None = None
    answers_versions: tuple[str, ...] = ("v3", "2025-09", "2026-03", "2026-09")
    # Called when the token has run out; a test writes the next one to its file.
    on_expired: Callable[[str], None] | None = None
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        for kind, given in _GIVEN.items():
            self.objects[kind] = {}
            self.properties[kind] = {
                name: {"name": name, "options": [], **said}
                for name, said in given.items()
            }
            for said in self.properties[kind].values():
                said["options"] = [{"value": o, "label": o} for o in said["options"]]
        self._draw = random.Random(self.faults.seed)
        self._lock = threading.RLock()
        self._storm = 0
        self._ids = 1000
        self._unique: dict[tuple[str, str, str], str] = {}
        self._since_token = 0
        self._generation = 0
        self._times: list[float] = []
        self._written: list[tuple[float, int]] = []
        self.most_in_10_s = 0
        self.first_call = self.last_call = 0.0

    def begin(self, faults: Faults) -> None:
        """Fail so from now on, from the faults' own seed."""
        with self._lock:
            self.faults, self._draw = faults, random.Random(faults.seed)
            self._storm = self._since_token = 0
            self._times, self.first_call = [], 0.0

    def add(self, kind: str, **properties: str) -> str:
        """A record that a person made; its id."""
        with self._lock:
            self._ids += 1
            record_id = str(self._ids)
            self.objects[kind][record_id] = dict(properties)
            return record_id

    def edit(self, kind: str, record_id: str, **properties: str) -> None:
        """What a person does in the CRM."""
        with self._lock:
            self.objects[kind][record_id] |= properties

    def delete(self, kind: str, record_id: str) -> None:
        """What a person does in the CRM."""
        with self._lock:
            del self.objects[kind][record_id]

    def merge(self, kind: str, record_id: str, into: str) -> None:
        """The record goes into another, which keeps its own values."""
        with self._lock:
            gone = self.objects[kind].pop(record_id)
            kept = self.objects[kind][into]
            for name, value in gone.items():
                kept.setdefault(name, value)
            ids = [i for i in kept.get("hs_merged_object_ids", "").split(";") if i]
            kept["hs_merged_object_ids"] = ";".join([*ids, record_id])
            self.merged[kind, record_id] = into

    def taken_twice(self) -> list[tuple[str, str, str]]:
        """Writes of the same content to the same record that were taken twice."""
        return [w for w, n in Counter(self.ledger).items() if n > 1]

    def answer(
        self, method: str, target: str, headers: Mapping[str, str], raw: bytes
    ) -> Answer:
        """Status, body, headers, and what to do with the connection.

        The last is `send`, `drop` (cut it) or `slow` (wait first).
        """
        body = json.loads(raw) if raw else None
        status, said, more, how = self._answer(method, target, headers, body)
        return status, said, self._limits() | more, how

    def _limits(self) -> dict[str, str]:
        if self.calls_per_10_s is None:
            return {}
        left = max(0, self.calls_per_10_s - len(self._times))
        return {
            "X-HubSpot-RateLimit-Max": str(self.calls_per_10_s),
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
            "X-HubSpot-RateLimit-Remaining": str(left),
        }

    def _answer(
        self, method: str, target: str, headers: Mapping[str, str], body: Any
    ) -> Answer:
        with self._lock:
            self._count_rate()
            path = urlsplit(target).path
            self.requests[path.rsplit("/", 1)[-1]] += 1
            refused = self._refused(headers) or self._too_many(path, body)
            if refused:
                self.requests[str(refused[0])] += 1
                return refused
            draw = self._draw.random()
            edge = self.faults.fails_before
            if draw < edge:
                return 500, {"message": "made-up fault before"}, {}, "send"
            edge += self.faults.drops_before
            if draw < edge:
                return 0, {}, {}, "drop"
            status, said = self._do(
                method, path, parse_qs(urlsplit(target).query), body
            )
            edge += self.faults.fails_after
            if draw < edge:
                return 500, {"message": "made-up fault after"}, {}, "send"
            edge += self.faults.drops_after
            if draw < edge:
                return status, said, {}, "drop"
            edge += self.faults.slow
            return status, said, {}, "slow" if draw < edge else "send"

    def _too_many(self, path: str, body: Any) -> Answer | None:
        """A refusal where more records are written a second than are allowed."""
        if self.objects_per_s is None or not path.endswith(("/update", "/upsert")):
            return None
        now, n = self.clock(), len(body["inputs"])
        self._written = [(t, m) for t, m in self._written if now - t < 1.0]
        if sum(m for _, m in self._written) + n > self.objects_per_s:
            said = {"category": "RATE_LIMITS", "message": "made-up: too many records"}
            return 429, said, {"Retry-After": str(self.faults.retry_after_s)}, "send"
        self._written.append((now, n))
        return None

    def _count_rate(self) -> None:
        now = self.clock()
        self._times = [t for t in self._times if now - t < 10.0] + [now]
        self.most_in_10_s = max(self.most_in_10_s, len(self._times))
        self.first_call, self.last_call = self.first_call or now, now

    def _refused(
        self, headers: Mapping[str, str]
    ) -> tuple[int, dict[str, Any], dict[str, str], str] | None:
        lasts = self.faults.token_lasts
        self._since_token += 1
        if lasts is not None and self._since_token > lasts:
            self._since_token = 0
            self._generation += 1
            self.token = f"made-up-token-{self._generation}"
            if self.on_expired is not None:
                self.on_expired(self.token)
        if headers.get("authorization") != f"Bearer {self.token}":
            said = {"category": "EXPIRED_AUTHENTICATION", "message": "token expired"}
            return 401, said, {}, "send"
        if self.calls_left_today is not None:
            if self.calls_left_today == 0:
                said = {"policyName": "DAILY", "message": "made-up: the day's limit"}
                return 429, said | {"category": "RATE_LIMITS"}, {}, "send"
            self.calls_left_today -= 1
        over = (
            self.calls_per_10_s is not None and len(self._times) > self.calls_per_10_s
        )
        if self._storm == 0 and self._draw.random() < self.faults.busy:
            self._storm = self.faults.storm
        if self._storm > 0 or over:
            self._storm = max(self._storm - 1, 0)
            said = {"category": "RATE_LIMITS", "message": "ten secondly limit"}
            after = {"Retry-After": str(self.faults.retry_after_s)}
            return 429, said, after, "send"
        return None

    def _do(
        self, method: str, path: str, query: Mapping[str, list[str]], body: Any
    ) -> tuple[int, dict[str, Any]]:
        parts = _as_v3(path.strip("/").split("/"), self.answers_versions)
        if parts[:3] == ["crm", "v3", "properties"]:
            return self._do_properties(method, parts[3:], body)
        if parts[:2] == ["crm", "v4"] and parts[-1] == "default":
            for pair in body["inputs"]:
                self.associations.add((pair["from"]["id"], pair["to"]["id"]))
            return 200, {"status": "COMPLETE", "results": []}
        if parts[:2] == ["crm", "v4"] and parts[-1] == "read":
            asked = {one["id"] for one in body["inputs"]}
            results = [
                {"from": {"id": i}, "to": [{"toObjectId": j}]}
                for i, j in sorted(self.associations)
                if i in asked
            ]
            return 200, {"status": "COMPLETE", "results": results}
        if parts[:3] != ["crm", "v3", "objects"] or parts[3] not in self.objects:
            return 404, {"message": f"no such path {path}"}
        kind, rest = parts[3], parts[4:]
        if method == "GET" and not rest:
            return self._page(kind, query)
        if rest[:1] == ["batch"]:
            if len(body["inputs"]) > BATCH:
                said = f"the maximum size of a batch is {BATCH}"
                return 400, {"category": "VALIDATION_ERROR", "message": said}
            if rest[1] == "read":
                return self._batch_read(kind, body)
            if rest[1] in ("update", "upsert"):
                return self._batch_write(kind, body, is_upsert=rest[1] == "upsert")
        return 404, {"message": f"no such path {path}"}

    def _do_properties(
        self, method: str, rest: list[str], body: Any
    ) -> tuple[int, dict[str, Any]]:
        known = self.properties.get(rest[0])
        if known is None:
            return 404, {"message": f"no object type {rest[0]}"}
        if rest[1:] == ["groups"]:
            return 201, {"name": body["name"]}
        if method == "POST":
            if body["name"] in known:
                return 409, {"category": "OBJECT_ALREADY_EXISTS", "message": "exists"}
            known[body["name"]] = {"options": [], **body}
            return 201, known[body["name"]]
        results = [
            said | {"modificationMetadata": {"readOnlyValue": name in _READ_ONLY}}
            for name, said in known.items()
        ]
        return 200, {"results": results}

    def _page(
        self, kind: str, query: Mapping[str, list[str]]
    ) -> tuple[int, dict[str, Any]]:
        ids = sorted(self.objects[kind], key=int)
        after = int((query.get("after") or ["0"])[0])
        shown = [i for i in ids if int(i) > after][:BATCH]
        rows = [self._shown(kind, i, query.get("properties", [])) for i in shown]
        for row in rows:
            of = self.company_of.get(row["id"])
            if of is not None and query.get("associations") == ["companies"]:
                row["associations"] = {"companies": {"results": [{"id": of}]}}
        said: dict[str, Any] = {"results": rows}
        if shown and shown[-1] != ids[-1]:
            said["paging"] = {"next": {"after": shown[-1]}}
        return 200, said

    def _shown(self, kind: str, record_id: str, names: list[str]) -> dict[str, Any]:
        held = self.objects[kind][record_id]
        asked = names[0].split(",") if len(names) == 1 else names
        return {"id": record_id, "properties": {n: held.get(n) for n in asked}}

    def _batch_read(self, kind: str, body: Any) -> tuple[int, dict[str, Any]]:
        results, lacking = [], []
        for one in body["inputs"]:
            record_id = self._id_of(kind, one["id"], body.get("idProperty"))
            if record_id is None:
                lacking.append(one["id"])
                continue
            results.append(self._shown(kind, record_id, body["properties"]))
        said: dict[str, Any] = {"status": "COMPLETE", "results": results}
        if not lacking:
            return 200, said
        told = {"category": "OBJECT_NOT_FOUND", "context": {"ids": lacking}}
        return 207, said | {"numErrors": 1, "errors": [told]}

    def _id_of(self, kind: str, said: str, id_property: str | None) -> str | None:
        if id_property:
            said = self._unique.get((kind, id_property, said), "")
        said = self.merged.get((kind, said), said)
        return said if said in self.objects[kind] else None

    def _batch_write(
        self, kind: str, body: Any, *, is_upsert: bool
    ) -> tuple[int, dict[str, Any]]:
        results, errors = [], []
        for one in body["inputs"]:
            trace, properties = one.get("objectWriteTraceId"), one["properties"]
            wrong = self._wrong(kind, one, is_upsert)
            if wrong is None and str(trace).endswith(self.faults.bad_keys or ("\0",)):
                wrong = ("VALIDATION_ERROR", "made-up: this record is never taken")
            if wrong is None and self._draw.random() < self.faults.mixed:
                wrong = ("INTERNAL_ERROR", "made-up: not now")
            if wrong is not None:
                context = {"objectWriteTraceId": [trace], "ids": [one["id"]]}
                errors.append(
                    {"category": wrong[0], "message": wrong[1], "context": context}
                )
                continue
            record_id = self._id_of(kind, one["id"], one.get("idProperty"))
            if record_id is None:
                record_id = self.add(kind)
                properties = {one["idProperty"]: one["id"]} | properties
            self.objects[kind][record_id] |= properties
            for name, value in properties.items():
                if self.properties[kind].get(name, {}).get("hasUniqueValue"):
                    self._unique[kind, name, value] = record_id
            content = json.dumps(properties, sort_keys=True)
            digest = hashlib.sha256(content.encode()).hexdigest()[:16]
            self.ledger.append((kind, str(trace), digest))
            results.append(
                {"id": record_id, "properties": dict(self.objects[kind][record_id])}
            )
        said: dict[str, Any] = {"status": "COMPLETE", "results": results}
        if errors:
            said |= {"numErrors": len(errors), "errors": errors}
            return self.faults.mixed_status, said
        return 200, said

    def _wrong(
        self, kind: str, one: Mapping[str, Any], is_upsert: bool
    ) -> tuple[str, str] | None:
        known = self.properties[kind]
        if is_upsert:
            unique = known.get(one.get("idProperty") or "", {}).get("hasUniqueValue")
            if not unique:
                return "VALIDATION_ERROR", "idProperty must name a unique property"
        elif self._id_of(kind, one["id"], None) is None:
            return "OBJECT_NOT_FOUND", f"no object {one['id']}"
        for name, value in one["properties"].items():
            said = known.get(name)
            if said is None:
                return "VALIDATION_ERROR", f"Property {name} does not exist"
            if not isinstance(value, str):
                return "VALIDATION_ERROR", f"{name} must be a string"
            options = [o["value"] for o in said["options"]]
            if said["type"] == "enumeration" and value and value not in options:
                return "VALIDATION_ERROR", f"{value} is not an option of {name}"
            if said["type"] == "number" and value:
                try:
                    float(value)
                except ValueError:
                    return "VALIDATION_ERROR", f"{value} is not a number"
        return None


def _as_v3(parts: list[str], versions: tuple[str, ...]) -> list[str]:
    """A dated path, `crm/objects/2026-03/…`, in the words of v3; unknown ones empty."""
    if parts[1] in ("v3", "v4"):
        return parts if "v3" in versions else [""]
    if len(parts) < 3 or parts[2] not in versions:
        return [""]
    version = "v4" if parts[1] == "associations" else "v3"
    return ["crm", version, parts[1], *parts[3:]]
