"""A made-up org that answers as Salesforce is said to, faults and all, on loopback.

Written from its documented behaviour (describe, SOQL by IN, sObject Collections of 200,
Bulk API 2.0 ingest, one session); no specification file was copied. It remembers every
write it took, so that a test can count what came twice.
"""

import csv
import hashlib
import io
import json
import random
import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from practice_market.faulty_server import Answer

COLLECTION, READ = 200, 2000
_PREFIX = {"Account": "001", "Task": "00T", "Opportunity": "006"}
_STATUS = ("Not Started", "In Progress", "Completed", "Waiting on someone else")
_GIVEN: dict[str, dict[str, dict[str, Any]]] = {
    "Account": {
        "Id": {"type": "id", "updateable": False},
        "Name": {"type": "string", "length": 255},
        "Website": {"type": "url", "length": 255},
        "Org_Number__c": {"type": "string", "length": 20},
        "OwnerId": {"type": "reference"},
        "Rating": {"type": "picklist", "options": ["Hot", "Warm", "Cold"]},
    },
    "Task": {
        "Id": {"type": "id", "updateable": False},
        # It may be typed freely, and the API tells it so.
        "Subject": {"type": "combobox", "length": 255},
        "Description": {"type": "textarea", "length": 32000},
        "ActivityDate": {"type": "date"},
        "Status": {"type": "picklist", "options": list(_STATUS)},
        "WhatId": {"type": "reference"},
        "OwnerId": {"type": "reference"},
        "CompletedDateTime": {"type": "datetime", "updateable": False},
    },
    "Opportunity": {
        "Id": {"type": "id", "updateable": False},
        "AccountId": {"type": "reference"},
        "CreatedDate": {"type": "datetime", "updateable": False},
        "StageName": {"type": "picklist"},
        "Amount": {"type": "currency"},
        "CloseDate": {"type": "date"},
        "IsClosed": {"type": "boolean", "updateable": False},
        "Product__c": {"type": "string", "length": 80},
    },
}
_SOQL = re.compile(r"SELECT (.+?) FROM (\w+)(?: WHERE (\w+) IN \((.*)\))?", re.DOTALL)
_WORD = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)


@dataclass
class Faults:
    """How often what goes wrong; shares of requests, drawn from one seed."""

    seed: int = 1
    limit: float = 0.0  # 403 REQUEST_LIMIT_EXCEEDED
    unavailable: float = 0.0  # 503 with Retry-After
    storm: int = 1  # so many of these in a row
    retry_after_s: float = 0.01
    fails_before: float = 0.0  # 500, nothing done
    fails_after: float = 0.0  # 500, though all was done
    drops_before: float = 0.0  # connection cut, nothing done
    drops_after: float = 0.0  # connection cut, though all was done
    loses: int = 0  # so many writes are done, and their answers come too late
    slow: float = 0.0
    slow_s: float = 0.0
    locked: float = 0.0  # share of records that somebody else holds
    # Records whose key ends so are never taken.
    bad_keys: tuple[str, ...] = ()
    token_lasts: int | None = None  # requests
    # A job leaves so many of its last rows, or fails outright.
    unprocessed: int = 0
    fails_job: bool = False
    polls: int = 1  # a job is in progress for so many looks


@dataclass
class FakeSalesforce:
    """The org: records by sObject and id, fields, jobs, and a ledger of writes."""

    token: str = "made-up-session"
    faults: Faults = field(default_factory=Faults)
    page: int = 2000  # records a page of a query
    objects: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    fields: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    # Deleted records, each with the id it was merged into where it was.
    bin: dict[str, dict[str, str | None]] = field(default_factory=dict)
    ledger: list[tuple[str, str, str]] = field(default_factory=list)
    requests: Counter[str] = field(default_factory=Counter)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    most_a_call: int = 0
    used: int = 0  # requests of the day, and how many there may be
    allowed: int | None = None
    # Called when the session has ended; a test writes the next token to its file.
    on_expired: Callable[[str], None] | None = None
    # Called once, before the next write is done: what a person does meanwhile.
    meanwhile: Callable[[], None] | None = None

    def __post_init__(self) -> None:
        for kind, given in _GIVEN.items():
            self.objects[kind], self.bin[kind], self.fields[kind] = {}, {}, {}
            for name, said in given.items():
                self.add_field(kind, name, **said)
        self._draw = random.Random(self.faults.seed)
        self._lock = threading.RLock()
        self._storm = self._ids = self._generation = self._since_token = 0
        self._lost = 0
        self._cursors: dict[str, list[dict[str, Any]]] = {}

    def begin(self, faults: Faults) -> None:
        """Fail so from now on, from the faults' own seed."""
        with self._lock:
            self.faults, self._draw = faults, random.Random(faults.seed)
            self._storm = self._since_token = self._lost = 0

    def add_field(
        self,
        kind: str,
        name: str,
        *,
        type: str,
        length: int = 0,
        options: list[str] | None = None,
        externalId: bool = False,  # noqa: N803
        updateable: bool = True,
    ) -> None:
        """What an administrator does in the set-up."""
        self.fields[kind][name] = {
            "name": name,
            "type": type,
            "length": length,
            "externalId": externalId,
            "updateable": updateable,
            "picklistValues": [{"value": o, "active": True} for o in options or ()],
        }

    def add(self, kind: str, **values: Any) -> str:
        """A record that a person made; its id."""
        with self._lock:
            self._ids += 1
            record_id = f"{_PREFIX[kind]}{self._ids:012d}AAA"
            self.objects[kind][record_id] = dict(values)
            return record_id

    def edit(self, kind: str, record_id: str, **values: Any) -> None:
        """What a person does in the CRM."""
        with self._lock:
            self.objects[kind][record_id] |= values

    def delete(self, kind: str, record_id: str, into: str | None = None) -> None:
        """What a person does in the CRM: into the bin, or into another record."""
        with self._lock:
            gone = self.objects[kind].pop(record_id)
            self.bin[kind][record_id] = into
            if into is not None:
                for name, value in gone.items():
                    self.objects[kind][into].setdefault(name, value)

    def taken_twice(self) -> list[tuple[str, str, str]]:
        """Writes of the same content to the same record that were taken twice."""
        return [w for w, n in Counter(self.ledger).items() if n > 1]

    def answer(
        self, method: str, target: str, headers: Mapping[str, str], raw: bytes
    ) -> Answer:
        """Status, body (text is CSV), headers, and what to do with the connection.

        The last is `send`, `drop` (cut it) or `slow` (wait first).
        """
        status, said, more, how = self._answer(method, target, headers, raw)
        if self.allowed is not None:
            self.used += 1
            more = dict(more)
            more["Sforce-Limit-Info"] = f"api-usage={self.used}/{self.allowed}"
        return status, said, more, how

    def _answer(
        self, method: str, target: str, headers: Mapping[str, str], raw: bytes
    ) -> Answer:
        with self._lock:
            refused = self._refused(headers)
            if refused:
                return refused
            faults, draw = self.faults, self._draw.random()
            edge = faults.fails_before
            if draw < edge:
                return *_error(500, "UNKNOWN_EXCEPTION", "made-up before"), {}, "send"
            edge += faults.drops_before
            if draw < edge:
                return 0, None, {}, "drop"
            path = urlsplit(target).path.split("/services/data/v59.0/", 1)[-1]
            query = {k: v[0] for k, v in parse_qs(urlsplit(target).query).items()}
            self.requests[f"{method} {path.split('/')[0]}"] += 1
            status, said = self._do(method, path.strip("/").split("/"), query, raw)
            if method == "PATCH" and faults.loses > self._lost:
                self._lost += 1
                return status, said, {}, "slow"
            edge += faults.fails_after
            if draw < edge:
                return *_error(500, "UNKNOWN_EXCEPTION", "made-up after"), {}, "send"
            edge += faults.drops_after
            if draw < edge:
                return status, said, {}, "drop"
            edge += faults.slow
            return status, said, {}, "slow" if draw < edge else "send"

    def _refused(self, headers: Mapping[str, str]) -> Answer | None:
        faults = self.faults
        self._since_token += 1
        if faults.token_lasts is not None and self._since_token > faults.token_lasts:
            self._since_token = 0
            self._generation += 1
            self.token = f"made-up-session-{self._generation}"
            if self.on_expired is not None:
                self.on_expired(self.token)
        if headers.get("authorization") != f"Bearer {self.token}":
            told = "Session expired or invalid"
            return *_error(401, "INVALID_SESSION_ID", told), {}, "send"
        if self._storm == 0 and self._draw.random() < faults.limit + faults.unavailable:
            self._storm = faults.storm
        if self._storm > 0:
            self._storm -= 1
            after = {"Retry-After": str(faults.retry_after_s)}
            if self._draw.random() * (faults.limit + faults.unavailable) < faults.limit:
                told = "TotalRequests Limit exceeded."
                return *_error(403, "REQUEST_LIMIT_EXCEEDED", told), {}, "send"
            told = "the server is busy"
            return *_error(503, "SERVER_UNAVAILABLE", told), after, "send"
        return None

    def _do(
        self, method: str, parts: list[str], query: Mapping[str, str], raw: bytes
    ) -> tuple[int, Any]:
        match method, parts:
            case "GET", ["sobjects", kind, "describe"] if kind in self.fields:
                return 200, {"name": kind, "fields": list(self.fields[kind].values())}
            case "GET", ["query" | "queryAll" as how]:
                return self._query(query["q"], has_deleted=how == "queryAll")
            case "GET", ["query" | "queryAll", cursor]:
                return self._page(self._cursors.pop(cursor))
            case "POST", ["composite", "sobjects", kind]:
                return self._retrieve(kind, json.loads(raw))
            case "PATCH", ["composite", "sobjects", *rest]:
                return self._collection(rest, json.loads(raw))
            case _, ["jobs", "ingest", *rest]:
                return self._job(method, rest, raw)
        return _error(404, "NOT_FOUND", "The requested resource does not exist")

    def _query(self, text: str, *, has_deleted: bool) -> tuple[int, Any]:
        found = _SOQL.fullmatch(text)
        if found is None or found[2] not in self.objects:
            return _error(400, "MALFORMED_QUERY", "unexpected token")
        names, kind = [n.strip() for n in found[1].split(",")], found[2]
        asked = [*names, *([found[3]] if found[3] else [])]
        for name in asked:
            if name not in self.fields[kind] and name != "MasterRecordId":
                told = f"No such column '{name}' on entity '{kind}'"
                return _error(400, "INVALID_FIELD", told)
        rows = [{"Id": i, **held} for i, held in sorted(self.objects[kind].items())]
        if has_deleted:
            rows += [
                {"Id": i, "MasterRecordId": into}
                for i, into in sorted(self.bin[kind].items())
            ]
        if found[3]:
            words = {re.sub(r"\\(.)", r"\1", w) for w in _WORD.findall(found[4])}
            # Ids compare by their first 15 characters, words whatever their case.
            cut = 15 if found[3] == "Id" else 255
            wanted = {w[:cut] if cut == 15 else w.casefold() for w in words}
            rows = [
                r
                for r in rows
                if (
                    str(r.get(found[3]))[:cut]
                    if cut == 15
                    else str(r.get(found[3])).casefold()
                )
                in wanted
            ]
        return self._page([{n: r.get(n) for n in names} for r in rows])

    def _page(self, rows: list[dict[str, Any]]) -> tuple[int, Any]:
        shown, rest = rows[: self.page], rows[self.page :]
        said: dict[str, Any] = {"totalSize": len(rows), "done": not rest}
        if rest:
            cursor = f"01g{len(self._cursors)}-{len(rest)}"
            self._cursors[cursor] = rest
            said["nextRecordsUrl"] = f"/services/data/v59.0/query/{cursor}"
        return 200, said | {"records": shown}

    def _retrieve(self, kind: str, body: Any) -> tuple[int, Any]:
        if len(body["ids"]) > READ:
            return _error(400, "INVALID_ID_FIELD", f"more than {READ} ids")
        lacking = [n for n in body["fields"] if n not in self.fields[kind]]
        if lacking:
            return _error(400, "INVALID_FIELD", f"No such column '{lacking[0]}'")
        held = {i[:15]: i for i in self.objects[kind]}
        found = [held.get(i[:15]) for i in body["ids"]]
        return 200, [
            None
            if i is None
            else {
                n: i if n == "Id" else self.objects[kind][i].get(n)
                for n in body["fields"]
            }
            for i in found
        ]

    def _collection(self, rest: list[str], body: Any) -> tuple[int, Any]:
        records = body["records"]
        self.most_a_call = max(self.most_a_call, len(records))
        if len(records) > COLLECTION or body.get("allOrNone") is not False:
            told = f"at most {COLLECTION} records, and allOrNone false here"
            return _error(400, "INVALID_INPUT", told)
        results = []
        for record in records:
            values = dict(record)
            kind = values.pop("attributes")["type"]
            if rest and rest[0] != kind:
                return _error(400, "INVALID_INPUT", "another type than the address")
            taken = self._take(kind, values, rest[1] if rest else None)
            if isinstance(taken[1], str):
                error = {"statusCode": taken[0], "message": taken[1], "fields": []}
                results.append({"success": False, "errors": [error]})
            else:
                said = {"id": taken[0], "success": True, "errors": []}
                results.append(said | ({"created": taken[1]} if rest else {}))
        return 200, results

    def _take(
        self, kind: str, values: dict[str, Any], external: str | None
    ) -> tuple[str, str | bool]:
        """Id and whether it was made, or the code and the words of a refusal."""
        if self.meanwhile is not None:
            what, self.meanwhile = self.meanwhile, None
            what()
        record_id = values.pop("id", None) or values.pop("Id", None)
        if record_id is not None and len(record_id) == 15:
            # Either way of writing an id is taken.
            known = (*self.objects[kind], *self.bin[kind])
            record_id = next((i for i in known if i[:15] == record_id), record_id)
        if external is None:
            if record_id in self.bin[kind]:
                return "ENTITY_IS_DELETED", "entity is deleted"
            if record_id not in self.objects[kind]:
                return "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"
        wrong = self._wrong(kind, values, external)
        if wrong is not None:
            return wrong
        key = next(v for n, v in values.items() if n.endswith("_Key__c"))
        if str(key).endswith(self.faults.bad_keys or ("\0",)):
            told = "Made-up rule: kunden er på svartelista, ring først"
            return "FIELD_CUSTOM_VALIDATION_EXCEPTION", told
        if self._draw.random() < self.faults.locked:
            return "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access"
        is_made = False
        if external is not None:
            found = [
                i
                for i, held in self.objects[kind].items()
                if held.get(external) == values[external]
            ]
            if len(found) > 1:
                return "DUPLICATE_EXTERNAL_ID", "more than one record found"
            is_made = not found
            if is_made and kind == "Account" and not values.get("Name"):
                return "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]"
            record_id = found[0] if found else self.add(kind)
        held = self.objects[kind][record_id]
        for name, value in values.items():
            held[name] = _kept(self.fields[kind][name]["type"], value)
        content = json.dumps(values, sort_keys=True)
        digest = hashlib.sha256(content.encode()).hexdigest()[:16]
        self.ledger.append((kind, str(key), digest))
        return record_id, is_made

    def _wrong(
        self, kind: str, values: Mapping[str, Any], external: str | None
    ) -> tuple[str, str] | None:
        known = self.fields[kind]
        if external is not None and not known.get(external, {}).get("externalId"):
            return "INVALID_FIELD", f"{external} is not an external id"
        for name, value in values.items():
            said = known.get(name)
            if said is None or not said["updateable"]:
                return "INVALID_FIELD_FOR_INSERT_UPDATE", f"Unable to write: {name}"
            if value in (None, ""):
                continue
            options = [o["value"] for o in said["picklistValues"]]
            if options and value not in options:
                return (
                    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                    f"bad value for restricted picklist field: {value}",
                )
            if said["length"] and len(str(value)) > said["length"]:
                told = f"{name}: data value too large (max length={said['length']})"
                return "STRING_TOO_LONG", told
            if said["type"] == "double":
                try:
                    float(value)
                except ValueError:
                    return "JSON_PARSER_ERROR", f"not a number: {name}"
        return None

    def _job(self, method: str, rest: list[str], raw: bytes) -> tuple[int, Any]:
        if method == "POST":
            job_id = f"750{len(self.jobs):012d}AAA"
            made = {"id": job_id, "state": "Open", **json.loads(raw)}
            self.jobs[job_id] = made | {"looks": 0, "lists": ["", "", ""]}
            return 200, _shown(self.jobs[job_id])
        job = self.jobs.get(rest[0])
        if job is None:
            return _error(404, "NOT_FOUND", "no such job")
        match method, rest[1:]:
            case "PUT", ["batches"]:
                job["csv"] = raw.decode()
                return 201, None
            case "PATCH", []:
                job["state"] = json.loads(raw)["state"]
                if job["state"] == "UploadComplete":
                    self._work(job)
                return 200, _shown(job)
            case "GET", []:
                job["looks"] += 1
                is_running = job["state"] in ("UploadComplete", "InProgress")
                if is_running and job["looks"] > self.faults.polls:
                    job["state"] = "Failed" if self.faults.fails_job else "JobComplete"
                elif is_running:
                    job["state"] = "InProgress"
                return 200, _shown(job)
            case "GET", ["successfulResults"]:
                return 200, job["lists"][0]
            case "GET", ["failedResults"]:
                return 200, job["lists"][1]
            case "GET", ["unprocessedRecords" | "unprocessedrecords"]:
                return 200, job["lists"][2]
        return _error(404, "NOT_FOUND", "no such part of a job")

    def _work(self, job: dict[str, Any]) -> None:
        if self.faults.fails_job:
            job["errorMessage"] = "InvalidBatch : made-up"
            return
        rows = list(csv.DictReader(io.StringIO(job["csv"], newline="")))
        names = list(rows[0])
        done: list[list[str]] = [["sf__Id", "sf__Created", *names]]
        failed = [["sf__Id", "sf__Error", *names]]
        stop = len(rows) - self.faults.unprocessed
        for row in rows[:stop]:
            # An empty cell says nothing; this word clears.
            values = {n: None if v == "#N/A" else v for n, v in row.items() if v != ""}
            taken = self._take(job["object"], values, job.get("externalIdFieldName"))
            if isinstance(taken[1], str):
                failed.append(["", f"{taken[0]}:{taken[1]}:--", *row.values()])
            else:
                done.append([taken[0], str(taken[1]).lower(), *row.values()])
        left = [names, *(list(row.values()) for row in rows[stop:])]
        job["lists"] = [_csv(done), _csv(failed), _csv(left)]
        job["failed"], job["done"] = len(failed) - 1, len(done) + len(failed) - 2


def _error(status: int, code: str, told: str) -> tuple[int, Any]:
    return status, [{"errorCode": code, "message": told}]


def _kept(type_: str, value: Any) -> Any:
    """A value as the org keeps it: a number is a number, nothing is null."""
    if value in (None, ""):
        return None
    return float(value) if type_ == "double" else value


def _shown(job: Mapping[str, Any]) -> dict[str, Any]:
    said = {k: v for k, v in job.items() if k not in ("csv", "lists", "looks")}
    return said | {
        "numberRecordsFailed": job.get("failed", 0),
        "numberRecordsProcessed": job.get("done", 0),
    }


def _csv(rows: list[list[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
