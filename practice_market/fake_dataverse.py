"""A made-up environment that answers as Dataverse is said to, faults and all.

Written from its documented behaviour (`$batch` of multipart/mixed with one answer a
request, PATCH by id with If-Match or by an alternate key, service protection limits as
429 with Retry-After, metadata of tables); no specification file was copied. It
remembers every write it took, so that a test can count what came twice.
"""

import copy
import hashlib
import json
import random
import re
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from practice_market.faulty_server import Answer

BATCH = 1000
_API = "/api/data/v9.2/"
_SETS = {"accounts": "account", "tasks": "task", "opportunities": "opportunity"}
_OWN = {
    "account": "accountid",
    "task": "activityid",
    "opportunity": "opportunityid",
}
_GIVEN: dict[str, dict[str, tuple[str, int | None]]] = {
    "account": {
        "name": ("String", 160),
        "websiteurl": ("String", 200),
        "org_number": ("String", 20),
        "ownerid": ("Owner", None),
        "statecode": ("State", None),
        "merged": ("Boolean", None),
    },
    "task": {
        "subject": ("String", 200),
        "description": ("Memo", 2000),
        "scheduledend": ("DateTime", None),
        "statecode": ("State", None),
        "statuscode": ("Status", None),
        "ownerid": ("Owner", None),
        "actualend": ("DateTime", None),
    },
    "opportunity": {
        "createdon": ("DateTime", None),
        "stepname": ("String", 200),
        "statecode": ("State", None),
        "estimatedvalue": ("Money", None),
        "actualvalue": ("Money", None),
        "actualclosedate": ("DateTime", None),
        "lytte_product": ("String", 200),
    },
}
_HANGS_ON = "regardingobjectid_account@odata.bind"
_STATUS_OF = {0: (2, 3, 4, 7), 1: (5,)}
_CHANGESET = re.compile(
    r'\s*Content-Type: multipart/mixed; boundary="?([^"\r\n]+)', re.IGNORECASE
)
_KEYED = re.compile(r"(\w+)='(.*)'")
_TYPES = {"StringAttribute": "String", "MemoAttribute": "Memo"}


@dataclass
class Faults:
    """How often what goes wrong; shares of requests, drawn from one seed."""

    seed: int = 1
    busy: float = 0.0  # 429, with Retry-After
    retry_after_s: int = 1
    fails_before: float = 0.0  # 500, nothing done
    fails_after: float = 0.0  # 500, though all was done
    drops_before: float = 0.0  # connection cut, nothing done
    drops_after: float = 0.0  # connection cut, though all was done
    slow: float = 0.0
    slow_s: float = 0.0
    mixed: float = 0.0  # share of records that answer 503 in the batch
    bad_keys: tuple[str, ...] = ()  # records whose key ends so are never taken
    token_lasts: int | None = None  # requests


@dataclass
class FakeDataverse:
    """The environment: records by table and id, columns, keys, and a ledger."""

    token: str = "made-up-token"
    faults: Faults = field(default_factory=Faults)
    page: int = 1000
    objects: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    columns: dict[str, dict[str, tuple[str, int | None]]] = field(default_factory=dict)
    keys: dict[str, list[str]] = field(default_factory=dict)  # alternate keys
    ledger: list[tuple[str, str, str]] = field(default_factory=list)
    requests: Counter[str] = field(default_factory=Counter)
    left: int | None = None  # requests of the user in these five minutes
    on_expired: Callable[[str], None] | None = None

    def __post_init__(self) -> None:
        for table, given in _GIVEN.items():
            self.objects[table], self.columns[table] = {}, dict(given)
            self.keys[table] = []
        self._lock = threading.RLock()
        self._since_token = self._generation = self._ids = 0
        self.begin(self.faults)

    def begin(self, faults: Faults) -> None:
        """Fail so from now on, from the faults' own seed."""
        with self._lock:
            self.faults, self._draw = faults, random.Random(faults.seed)
            self._since_token = 0

    def add(self, table: str, **values: Any) -> str:
        """A record that a person made; its id."""
        with self._lock:
            self._ids += 1
            record_id = str(uuid.UUID(int=self._ids))
            state = {"statecode": 0} | ({"merged": False} if table == "account" else {})
            self.objects[table][record_id] = state | values
            return record_id

    def edit(self, table: str, record_id: str, **values: Any) -> None:
        """What a person does there."""
        self.objects[table][record_id] |= values

    def delete(self, table: str, record_id: str) -> None:
        """What a person does there."""
        del self.objects[table][record_id]

    def merge(self, record_id: str, into: str) -> None:
        """An account goes into another: it stays, inactive, and names its master."""
        self.objects["account"][record_id] |= {
            "merged": True,
            "statecode": 1,
            "_masterid_value": into,
        }

    def taken_twice(self) -> list[tuple[str, str, str]]:
        """Writes of the same content to the same record that were taken twice."""
        return [w for w, n in Counter(self.ledger).items() if n > 1]

    def answer(
        self, method: str, target: str, headers: Mapping[str, str], raw: bytes
    ) -> Answer:
        """Status, body (text is taken as it is), headers, and what to do then."""
        status, said, more, how = self._answer(method, target, headers, raw)
        if self.left is not None:
            self.left -= 1
            left = {"x-ms-ratelimit-burst-remaining-xrm-requests": str(self.left)}
            more = {**more, **left}
        return status, said, more, how

    def _answer(
        self, method: str, target: str, headers: Mapping[str, str], raw: bytes
    ) -> Answer:
        with self._lock:
            refused = self._refused(headers)
            if refused:
                return refused
            draw, faults = self._draw.random(), self.faults
            edge = faults.fails_before
            if draw < edge:
                return *_error(500, "0x0", "made-up before"), {}, "send"
            edge += faults.drops_before
            if draw < edge:
                return 0, {}, {}, "drop"
            path = unquote(urlsplit(target).path).removeprefix(_API)
            self.requests[f"{method} {path.split('(')[0]}"] += 1
            if path == "$batch":
                status, said, more = self._batch(headers, raw.decode())
            else:
                query = {k: v[0] for k, v in parse_qs(urlsplit(target).query).items()}
                status, said, more = self._do(method, path, query, raw, {})
            edge += faults.fails_after
            if draw < edge:
                return *_error(500, "0x0", "made-up after"), {}, "send"
            edge += faults.drops_after
            if draw < edge:
                return status, said, more, "drop"
            edge += faults.slow
            return status, said, more, "slow" if draw < edge else "send"

    def _refused(self, headers: Mapping[str, str]) -> Answer | None:
        lasts = self.faults.token_lasts
        self._since_token += 1
        if lasts is not None and self._since_token > lasts:
            self._since_token = 0
            self._generation += 1
            self.token = f"made-up-token-{self._generation}"
            if self.on_expired is not None:
                self.on_expired(self.token)
        if headers.get("authorization") != f"Bearer {self.token}":
            return *_error(401, "0x80040220", "token expired"), {}, "send"
        if self._draw.random() < self.faults.busy:
            self.requests["429"] += 1
            after = {"Retry-After": str(self.faults.retry_after_s)}
            told = "Number of requests exceeded the limit of 6000"
            return *_error(429, "0x80072322", told), after, "send"
        return None

    def _batch(
        self, headers: Mapping[str, str], text: str
    ) -> tuple[int, Any, dict[str, str]]:
        found = re.search(r'boundary="?([^";]+)', headers.get("content-type", ""))
        if found is None:
            return *_error(400, "0x0", "no boundary"), {}
        parts = text.split(f"--{found[1]}")[1:-1]
        if len(parts) > BATCH:
            return *_error(400, "0x0", "more than 1000 requests"), {}
        answers = []
        goes_on = "odata.continue-on-error" in headers.get("prefer", "")
        for part in parts:
            inner = _CHANGESET.match(part)
            status, answer = (
                self._changeset(part.split(f"--{inner[1]}")[1:-1])
                if inner
                else self._request(part)
            )
            answers.append(answer)
            if status >= 400 and not goes_on:
                break
        bound = "batchresponse_made-up"
        whole = "".join(f"--{bound}\r\n{a}\r\n" for a in answers) + f"--{bound}--\r\n"
        return 200, whole, {"Content-Type": f'multipart/mixed; boundary="{bound}"'}

    def _request(self, part: str) -> tuple[int, str]:
        """One request of a batch: its status, and its answer as a part."""
        _, head, *body = part.strip("\r\n").split("\r\n\r\n", 2)
        line, *lines = head.split("\r\n")
        method, address = line.removesuffix(" HTTP/1.1").split(" ", 1)
        said = {k.lower(): v for k, _, v in (x.partition(": ") for x in lines)}
        raw = body[0].rstrip("\r\n").encode() if body else b""
        path = unquote(urlsplit(address).path).removeprefix(_API)
        query = {k: v[0] for k, v in parse_qs(urlsplit(address).query).items()}
        status, answer, more = self._do(method, path, query, raw, said)
        return status, _part(status, answer, more)

    def _changeset(self, parts: list[str]) -> tuple[int, str]:
        """Requests that are all done, or none: then one answer stands for them."""
        self.requests["changeset"] += 1
        before = copy.deepcopy(self.objects), list(self.ledger)
        answers, status = [], 204
        for part in parts:
            status, answer = self._request(part)
            if status >= 400:
                self.objects, self.ledger = before
                answers = [answer]
                break
            answers.append(answer)
        bound = "changesetresponse_made-up"
        whole = "".join(f"--{bound}\r\n{a}\r\n" for a in answers) + f"--{bound}--"
        return (
            status,
            f'Content-Type: multipart/mixed; boundary="{bound}"\r\n\r\n{whole}',
        )

    def _do(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        raw: bytes,
        headers: Mapping[str, str],
    ) -> tuple[int, Any, dict[str, str]]:
        if path.startswith(("EntityDefinitions", "RetrieveMetadataChanges")):
            return *self._metadata(method, path, query, raw), {}
        name, _, rest = path.partition("(")
        table = _SETS.get(name)
        if table is None:
            return *_error(404, "0x80060888", f"no such path {path}"), {}
        if not rest:
            return *self._page(table, query), {}
        place = rest.removesuffix(")")
        keyed = _KEYED.fullmatch(place)
        if keyed is not None and keyed[1] not in self.keys[table]:
            return *_error(400, "0x80060891", f"{keyed[1]} is no alternate key"), {}
        record_id = self._id_of(table, keyed) if keyed else place
        held = self.objects[table].get(record_id or "")
        if method == "GET":
            if held is None:
                return *_error(404, "0x80040217", "Does Not Exist"), {}
            asked = query["$select"].split(",")
            lacking = [n for n in asked if not self._knows(table, n)]
            if lacking:
                told = f"Could not find a property named '{lacking[0]}'"
                return *_error(400, "0x80060888", told), {}
            shown = {n: held.get(n) for n in asked}
            return 200, shown | {_OWN[table]: record_id}, {}
        return self._patch(table, record_id, held, keyed, json.loads(raw), headers)

    def _patch(
        self,
        table: str,
        record_id: str | None,
        held: dict[str, Any] | None,
        keyed: re.Match[str] | None,
        values: dict[str, Any],
        headers: Mapping[str, str],
    ) -> tuple[int, Any, dict[str, str]]:
        if held is None and headers.get("if-match") == "*":
            return *_error(404, "0x80040217", "Does Not Exist"), {}
        wrong = self._wrong(table, record_id, values, keyed)
        if wrong is not None:
            return *_error(*wrong), {}
        if self._draw.random() < self.faults.mixed:
            return *_error(503, "0x0", "made-up: not now"), {}
        if held is None:
            if keyed is None:
                return *_error(404, "0x80040217", "Does Not Exist"), {}
            record_id = self.add(table, **{keyed[1]: keyed[2]})
            held = self.objects[table][record_id]
        hangs = values.pop(_HANGS_ON, None)
        if hangs is not None:
            values["_regardingobjectid_value"] = hangs[len("/accounts(") : -1]
        held |= values
        key = next((str(v) for k, v in held.items() if k.endswith("_key")), "")
        content = json.dumps(values, sort_keys=True)
        digest = hashlib.sha256(content.encode()).hexdigest()[:16]
        self.ledger.append((table, key, digest))
        return 204, None, {"OData-EntityId": f"http://made-up/x({record_id})"}

    def _wrong(
        self,
        table: str,
        record_id: str | None,
        values: Mapping[str, Any],
        keyed: re.Match[str] | None,
    ) -> tuple[int, str, str] | None:
        for name, value in values.items():
            if name == _HANGS_ON:
                if value[len("/accounts(") : -1] not in self.objects["account"]:
                    return 404, "0x80040217", "account Does Not Exist"
                continue
            if name not in self.columns[table]:
                return 400, "0x80060888", f"no property {name} of {table}"
            type_, most = self.columns[table][name]
            if value is None:
                continue
            if most is not None and len(value) > most:
                return 400, "0x80044331", f"{name} exceeds {most} characters"
            if type_ == "Decimal" and not isinstance(value, int | float):
                return 400, "0x80048d19", f"{name} is no number"
            if name in self.keys[table]:
                other = self._id_of(table, (name, name, value))
                if other not in (None, record_id):
                    return 412, "0x80040237", "A record with matching key values exists"
            if str(value).endswith(self.faults.bad_keys or ("\0",)) and (
                name.endswith("_key")
            ):
                return 400, "0x80040265", "made-up rule: never taken"
        if keyed and keyed[2].endswith(self.faults.bad_keys or ("\0",)):
            return 400, "0x80040265", "made-up rule: never taken"
        if "statecode" in values and values.get("statuscode") not in _STATUS_OF.get(
            values["statecode"], ()
        ):
            return 400, "0x80048408", "state code is invalid or no reason of it"
        return None

    def _id_of(self, table: str, keyed: Any) -> str | None:
        return next(
            (
                i
                for i, held in self.objects[table].items()
                if held.get(keyed[1]) == keyed[2]
            ),
            None,
        )

    def _knows(self, table: str, name: str) -> bool:
        own: tuple[str, ...] = (_OWN[table], "_masterid_value", "_ownerid_value")
        own += ("_parentaccountid_value",) if table == "opportunity" else ()
        return name in own or name in self.columns[table]

    def _page(self, table: str, query: Mapping[str, str]) -> tuple[int, Any]:
        names = query["$select"].split(",")
        lacking = [n for n in names if not self._knows(table, n)]
        if lacking:
            told = f"Could not find a property named '{lacking[0]}'"
            return _error(400, "0x80060888", told)
        after, where = query.get("$skiptoken", ""), query.get("$filter")
        ids = sorted(
            i
            for i, held in self.objects[table].items()
            if i > after and (where is None or held["statecode"] == 0)
        )
        shown = ids[: self.page]
        rows = [
            {n: _value(self.objects[table][i], n) for n in names} | {_OWN[table]: i}
            for i in shown
        ]
        said: dict[str, Any] = {"value": rows}
        if len(ids) > len(shown):
            of = next(name for name, t in _SETS.items() if t == table)
            place = f"{of}?$select={','.join(names)}&$skiptoken={shown[-1]}"
            place += f"&$filter={where}" if where else ""
            said["@odata.nextLink"] = f"{self.address}{_API}{place}"
        return 200, said

    address: str = ""

    def _metadata(
        self, method: str, path: str, query: Mapping[str, str], raw: bytes
    ) -> tuple[int, Any]:
        if path.startswith("RetrieveMetadataChanges"):
            asked = json.loads(query["@p1"])
            table = asked["Criteria"]["Conditions"][0]["Value"]["Value"]
            rows = [
                {
                    "LogicalName": name,
                    "AttributeType": type_,
                    "MaxLength": most,
                    "IsValidForUpdate": True,
                }
                for name, (type_, most) in self.columns[table].items()
            ]
            return 200, {"EntityMetadata": [{"LogicalName": table, "Attributes": rows}]}
        told = re.search(r"'(\w+)'", path + query.get("$filter", ""))
        table = told[1] if told else re.sub(r".*\(meta-(\w+)\).*", r"\1", path)
        if table not in self.objects:
            return 200, {"value": []}
        if path.endswith("/Keys") and method == "POST":
            said = json.loads(raw)
            self.keys[table] += said["KeyAttributes"]
            return 204, None
        if path.endswith("/Keys"):
            return 200, {
                "value": [
                    {
                        "MetadataId": f"key-{k}",
                        "SchemaName": f"{k}_ak",
                        "KeyAttributes": [k],
                        "EntityKeyIndexStatus": "Active",
                    }
                    for k in self.keys[table]
                ]
            }
        if path.endswith("/Attributes") and method == "POST":
            said = json.loads(raw)
            kind = said["@odata.type"].rsplit(".", 1)[-1].removesuffix("Metadata")
            type_ = _TYPES.get(kind, kind.removesuffix("Attribute"))
            name = said["SchemaName"].lower()
            self.columns[table][name] = (type_, said.get("MaxLength"))
            return 204, None
        if "Attributes" in path:
            return 200, {"value": []}
        return 200, {
            "value": [
                {
                    "LogicalName": table,
                    "SchemaName": table,
                    "EntitySetName": next(n for n, t in _SETS.items() if t == table),
                    "PrimaryIdAttribute": _OWN[table],
                    "PrimaryNameAttribute": "name",
                    "MetadataId": f"meta-{table}",
                }
            ]
        }


def _value(held: Mapping[str, Any], name: str) -> Any:
    """A column; an owner is asked for by the name of the look-up."""
    return held.get("ownerid" if name == "_ownerid_value" else name)


def _part(status: int, said: Any, headers: Mapping[str, str]) -> str:
    """An answer as a part of a multipart answer."""
    body = json.dumps(said) if said is not None else ""
    lines = [
        "Content-Type: application/http",
        "Content-Transfer-Encoding: binary",
        "",
        f"HTTP/1.1 {status} Made-up",
        *([] if said is None else ["Content-Type: application/json"]),
        *(f"{name}: {value}" for name, value in headers.items()),
        "",
        body,
    ]
    return "\r\n".join(lines)


def _error(status: int, code: str, told: str) -> tuple[int, Any]:
    return status, {"error": {"code": code, "message": told}}
