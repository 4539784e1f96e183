"""HubSpot: companies and tasks, by HubSpot's own client (extra `hubspot`).

Records we know are updated by their id, so that one deleted there is not made again;
new ones are upserted by a property of ours with unique values. Paths are said here, for
the client knows those of v3 only and HubSpot has dated ones beside it. Answers are read
as JSON and not through the client's classes: those of status 200 have no `errors`, and
HubSpot may put errors into a 200. No tries here; reading waits and tries again.
"""

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import urllib3
from urllib3.util.retry import Retry

from orchestration import settings
from orchestration.crm.destinations.address import checked_address
from orchestration.crm.destinations.fate import fate
from orchestration.crm.destinations.protocol import (
    ACCOUNT,
    NOTE,
    TASK,
    Held,
    Outcome,
    RemoteCompany,
    RemoteFate,
    RemoteField,
    RemoteOpportunity,
    Terms,
    Write,
)
from orchestration.crm.destinations.said import (
    Said,
    asked_until_answered,
    seconds_of,
)
from orchestration.crm.destinations.token import Token
from orchestration.crm.fault import CrmError, CrmRefused
from orchestration.crm.field_map import Field, load_field_map, load_stages, map_file
from orchestration.crm.pace import Pace

NAME = "hubspot"
# A batch of 100 is the most HubSpot takes; a private app may call 190 times in any 10 s
# (Professional and Enterprise) until the headers of an answer say otherwise.
BATCH = 100
LIMIT, INTERVAL_S = 190, 10.0
# HubSpot takes some tenths of a second for a batch: so many together reach the limit.
AT_ONCE = 12
V3 = "v3"
_DATED = re.compile(r"20\d\d-\d\d")
_LIMIT_HEADER = "X-HubSpot-RateLimit-Max"
_INTERVAL_HEADER = "X-HubSpot-RateLimit-Interval-Milliseconds"
_REMAINING_HEADER = "X-HubSpot-RateLimit-Remaining"
_TIMEOUT_S = 30.0
_GROUP = "lyttepost"
_TYPES = {
    ("string", ""): "text",
    ("number", ""): "number",
    ("date", ""): "date",
    ("datetime", ""): "date",
    ("enumeration", ""): "picklist",
}
_MADE_AS = {
    "text": ("string", "textarea"),
    "number": ("number", "number"),
    "date": ("date", "date"),
    "picklist": ("enumeration", "select"),
}
_ORG_NUMBER = "org_number"
_OWNER = "hubspot_owner_id"
_DONE = "hs_task_completion_date"
# Ids of the records that went into one, joined by semicolons.
_MERGED = "hs_merged_object_ids"


class HubSpot:
    """One HubSpot portal."""

    name = NAME
    kinds = (ACCOUNT, TASK, NOTE)
    terms = Terms(batch_size=BATCH, at_once=AT_ONCE)

    def __init__(self, pace: Pace, host: str | None, timeout_s: float) -> None:
        try:
            import hubspot
        except ImportError as error:
            raise CrmError(
                "hubspot: HubSpot's client is not installed; pip install "
                "'lyttepost[hubspot]'"
            ) from error
        self._make: Callable[..., Any] = hubspot.HubSpot
        self.pace = pace.within(LIMIT, INTERVAL_S)
        self.host = checked_address(NAME, host, "HOST") if host else None
        self.timeout_s = timeout_s
        self.maps = {kind: load_field_map(map_file(NAME, kind)) for kind in self.kinds}
        self.calls = 0
        self.version = settings.setting("HUBSPOT_API_VERSION") or V3
        if self.version != V3 and not _DATED.fullmatch(self.version):
            raise CrmError(
                f"hubspot: LYTTEPOST_HUBSPOT_API_VERSION is {self.version!r}; it must "
                "be v3 or a dated version, as 2026-03"
            )
        told = settings.setting("HUBSPOT_OBJECTS_PER_SECOND")
        if told is not None and not (told.isdecimal() and int(told) >= BATCH):
            raise CrmError(
                f"hubspot: LYTTEPOST_HUBSPOT_OBJECTS_PER_SECOND is {told!r}; it must "
                f"be a number of records, at least {BATCH}"
            )
        # Records have a pace of their own where the portal counts those too.
        self.records = pace.at(float(told), BATCH) if told else None
        self._lock = threading.Lock()
        self._token = Token(NAME, pace)
        self._sign_in()

    def describe(self, kind: str) -> Mapping[str, RemoteField]:
        """Properties of the object type."""
        answer = self._read("GET", self._path("properties", self.maps[kind].object))
        return {
            p["name"]: RemoteField(
                p["name"],
                _TYPES.get((p["type"], ""), p["type"]),
                None,
                tuple(o["value"] for o in p.get("options") or ()),
                bool((p.get("modificationMetadata") or {}).get("readOnlyValue")),
            )
            for p in answer["results"]
        }

    def create_fields(self, kind: str, names: Sequence[str]) -> None:
        """Create properties in a group of ours; the key has unique values.

        Raises:
            CrmError: HubSpot refuses one.
        """
        field_map = self.maps[kind]
        of_name = {f.field: f for f in field_map.made}
        place = self._path("properties", field_map.object)
        group = {"name": _GROUP, "label": "Lyttepost"}
        self._create(f"{place}/groups", group, "the group of properties")
        for name in names:
            field = of_name.get(name, Field(name, "", "text", True, "text"))
            type_, shown_as = _MADE_AS[field.type]
            is_key = name == field_map.key
            made = {
                "name": name,
                "label": _label(name),
                "type": type_,
                "fieldType": "text" if is_key else shown_as,
                "groupName": _GROUP,
                "hasUniqueValue": is_key,
                "options": [
                    {"label": o, "value": o, "displayOrder": i, "hidden": False}
                    for i, o in enumerate(field.options)
                ],
            }
            self._create(place, made, f"property {name}")

    def companies(self) -> Iterator[RemoteCompany]:
        """All companies, page by page."""
        number = settings.setting("HUBSPOT_ORG_NUMBER_PROPERTY") or _ORG_NUMBER
        after = None
        while True:
            query = [
                ("limit", BATCH),
                ("properties", ",".join(["name", "domain", number, _OWNER])),
                *([("after", after)] if after else []),
            ]
            page = self._read(
                "GET", self._path("objects", self.maps[ACCOUNT].object), query=query
            )
            for company in page["results"]:
                said = company["properties"]
                yield RemoteCompany(
                    company["id"],
                    said.get("name") or "",
                    said.get(number),
                    said.get("domain"),
                    said.get(_OWNER),
                )
            after = ((page.get("paging") or {}).get("next") or {}).get("after")
            if not after:
                return

    def opportunities(self) -> Iterator[RemoteOpportunity]:
        """All deals, page by page, each with its first company."""
        deals, stages = load_stages(NAME)
        product = settings.setting("HUBSPOT_PRODUCT_PROPERTY")
        names = ["dealstage", "createdate", "amount", "closedate"]
        names += [product] if product else []
        after = None
        while True:
            query = [
                ("limit", BATCH),
                ("properties", ",".join(names)),
                ("associations", self.maps[ACCOUNT].object),
                *([("after", after)] if after else []),
            ]
            page = self._read("GET", self._path("objects", deals), query=query)
            for deal in page["results"]:
                said = deal["properties"]
                of = (deal.get("associations") or {}).get("companies") or {}
                companies = of.get("results") or [{}]
                stage = stages.get(said.get("dealstage"), said.get("dealstage") or "")
                yield RemoteOpportunity(
                    deal["id"],
                    companies[0].get("id"),
                    said.get("createdate") or "",
                    stage,
                    said.get("amount"),
                    # Of an open deal it is only when it may close.
                    said.get("closedate") if stage in ("won", "lost") else None,
                    said.get(product) if product else None,
                )
            after = ((page.get("paging") or {}).get("next") or {}).get("after")
            if not after:
                return

    def fates(self, remote_ids: Sequence[str]) -> list[RemoteFate]:
        """Verdicts, and tasks that people marked done: ours bear a reason."""
        field_map = self.maps[TASK]
        asks = field_map.asks
        assert asks is not None
        names = [field_map.key, asks.field, _DONE, "hs_task_status"]
        names.append("lyttepost_closed_reason")
        found = []
        for start in range(0, len(remote_ids), BATCH):
            part = remote_ids[start : start + BATCH]
            body = {
                "inputs": [{"id": i} for i in part],
                "properties": names,
                "propertiesWithHistory": [],
            }
            path = self._path("objects", field_map.object, "batch/read")
            for record in self._read("POST", path, body)["results"]:
                said = record["properties"]
                is_done = said.get("hs_task_status") == "COMPLETED"
                came = fate(
                    said.get(field_map.key),
                    said.get(asks.field),
                    said.get(_DONE) if is_done else None,
                    said.get("lyttepost_closed_reason"),
                )
                found += [came] if came else []
        return found

    def find(self, kind: str, keys: Sequence[str]) -> list[Held]:
        """Records by our unique property."""
        return list(self._batch_read(kind, keys, self.maps[kind].key).values())

    def read(self, kind: str, remote_ids: Sequence[str]) -> dict[str, Held]:
        """Records by id; a merged one is answered with the record it went into."""
        held = self._batch_read(kind, remote_ids, None)
        return {i: held[i] for i in remote_ids if i in held}

    def write(self, kind: str, writes: Sequence[Write]) -> list[Outcome]:
        """One batch/update by id, or one batch/upsert by our unique property."""
        # A task that was made and not hung yet may have nothing else to say.
        silent = [w for w in writes if w.remote_id and not (w.values or w.clear)]
        told = [w for w in writes if w not in silent]
        outcomes = [Outcome(w.key, "accepted", w.remote_id) for w in silent]
        if told:
            outcomes += self._send(kind, told)
        return outcomes if kind == ACCOUNT else self._hung(kind, writes, outcomes)

    def _send(self, kind: str, writes: Sequence[Write]) -> list[Outcome]:
        field_map = self.maps[kind]
        known = writes[0].remote_id is not None
        inputs = [
            {
                "properties": dict(w.values)
                | dict.fromkeys(w.clear, "")
                | {field_map.key: w.key}
                | ({} if known else self._of_company(kind, w)),
                "objectWriteTraceId": w.key,
                "id": w.remote_id if known else w.key,
            }
            | ({} if known else {"idProperty": field_map.key})
            for w in writes
        ]
        path = self._path("objects", field_map.object, "batch")
        if self.records is not None:
            self.records.take(len(writes))
        told = self._once(
            "POST", f"{path}/{'update' if known else 'upsert'}", {"inputs": inputs}
        )
        if told.status != "accepted":
            return [
                Outcome(w.key, told.status, reason=told.reason, after_s=told.after_s)
                for w in writes
            ]
        return _outcomes(writes, told.value, field_map.key)

    def _of_company(self, kind: str, write: Write) -> dict[str, str]:
        """What a record that is made says of the company; never written again."""
        company = write.company
        if kind != ACCOUNT or company is None:
            return {}
        return {
            name: value
            for name, value in (("name", company.name), ("domain", company.domain))
            if value
        }

    def _hung(
        self, kind: str, writes: Sequence[Write], outcomes: Sequence[Outcome]
    ) -> list[Outcome]:
        """The outcomes, once tasks or notes hang on their companies.

        Doing it twice is doing it once. One that may not hang is not accepted yet:
        read back it is not whole, and comes here again.
        """
        made = {o.key: o.remote_id for o in outcomes if o.status == "accepted"}
        pairs = [
            {"from": {"id": made[w.key]}, "to": {"id": w.parent_id}}
            for w in writes
            if w.key in made and w.parent_id and w.is_first
        ]
        if not pairs:
            return list(outcomes)
        try:
            self._read(
                "POST",
                f"{self._between(kind)}/batch/associate/default",
                {"inputs": pairs},
            )
        except CrmError as error:
            return [
                Outcome(o.key, "unknown", o.remote_id, str(error))
                if o.status == "accepted"
                else o
                for o in outcomes
            ]
        return list(outcomes)

    def _hanging(self, kind: str, ids: Sequence[str]) -> set[str]:
        """Those of the tasks or notes that hang on a company."""
        if not ids:
            return set()
        answer = self._read(
            "POST",
            f"{self._between(kind)}/batch/read",
            {"inputs": [{"id": i} for i in ids]},
        )
        return {str(r["from"]["id"]) for r in answer["results"] if r.get("to")}

    def _batch_read(
        self, kind: str, ids: Sequence[str], id_property: str | None
    ) -> dict[str, Held]:
        field_map = self.maps[kind]
        body = {
            "inputs": [{"id": i} for i in ids],
            "properties": [field_map.key, *field_map.names, _MERGED],
            "propertiesWithHistory": [],
        } | ({"idProperty": id_property} if id_property else {})
        path = self._path("objects", field_map.object, "batch/read")
        answer = self._read("POST", path, body)
        found = {}
        whole = {record["id"] for record in answer["results"]}
        if kind != ACCOUNT:
            whole = self._hanging(kind, sorted(whole))
        for record in answer["results"]:
            said = record["properties"]
            held = Held(
                said.get(field_map.key),
                record["id"],
                {name: said.get(name) for name in field_map.names},
                record["id"] in whole,
            )
            names = [record["id"], *_merged_ids(said)]
            for name in [said.get(field_map.key)] if id_property else names:
                found[str(name)] = held
        return found

    def _path(self, what: str, object_type: str, *rest: str) -> str:
        """Where something is: `/crm/v3/objects/…`, or `/crm/objects/2026-03/…`."""
        is_dated = self.version != V3
        place = f"{what}/{self.version}" if is_dated else f"{V3}/{what}"
        return "/".join(["/crm", place, object_type, *rest])

    def _between(self, kind: str) -> str:
        ends = f"{self.maps[kind].object}/{self.maps[ACCOUNT].object}"
        if self.version != V3:
            return f"/crm/associations/{self.version}/{ends}"
        return f"/crm/v4/associations/{ends}"

    def _create(self, path: str, body: Mapping[str, Any], what: str) -> None:
        told = self._once("POST", path, body)
        # 409: it is there already, made by a run that was cut short.
        if told.status not in ("accepted", "exists"):
            raise CrmError(f"hubspot: {what} was not created: {told.reason}")

    def _read(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Sequence[tuple[str, Any]] = (),
    ) -> dict[str, Any]:
        """Ask until there is an answer: what is only read may be asked again.

        Raises:
            CrmError: no answer after so many tries.
        """
        found: dict[str, Any] = asked_until_answered(
            NAME, lambda: self._once(method, path, body, query), self.pace
        ).value
        return found

    def _once(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Sequence[tuple[str, Any]] = (),
        *,
        is_renewed: bool = False,
    ) -> Said:
        """One call, and its JSON.

        Raises:
            CrmRefused: the token is refused, also once it has been read anew.
        """
        self.pace.take()
        with self._lock:
            self.calls += 1
            line = self._line
        try:
            response = line.call_api(
                path,
                method,
                query_params=list(query),
                header_params={"Content-Type": "application/json"},
                body=None if body is None else dict(body),
                auth_settings=["oauth2"],
                _preload_content=False,
                _request_timeout=self.timeout_s,
            )
            self._learn(response.headers)
            return Said("accepted", json.loads(response.data))
        except (urllib3.exceptions.HTTPError, OSError, json.JSONDecodeError) as error:
            told = f"no whole answer: {type(error).__name__}"
            # It may be at work on it still: see `rest.Rest`.
            after_s = None if method == "GET" else self.timeout_s
            return Said("unknown", None, told, after_s)
        except Exception as error:
            code = getattr(error, "status", None)
            if not isinstance(code, int):
                raise
            if code == 401 and not is_renewed:
                self._renew(line)
                return self._once(method, path, body, query, is_renewed=True)
            return self._refusal(error, code)

    def _learn(self, headers: Mapping[str, str]) -> None:
        """Go by what HubSpot's headers say of the limit."""
        limit, interval_ms = headers.get(_LIMIT_HEADER), headers.get(_INTERVAL_HEADER)
        left = headers.get(_REMAINING_HEADER)
        if limit and limit.isdecimal() and interval_ms and interval_ms.isdecimal():
            remaining = int(left) if left and left.isdecimal() else None
            self.pace.learn(int(limit), int(interval_ms) / 1000, remaining)

    def _refusal(self, error: Exception, code: int) -> Said:
        reason = f"{code} {_message(error)}"
        if code in (401, 403):
            raise CrmRefused(
                f"hubspot: refused ({reason}); LYTTEPOST_HUBSPOT_TOKEN must be the "
                "token of a private app with the scopes of docs/crm.md"
            )
        if code == 429:
            after = (getattr(error, "headers", None) or {}).get("Retry-After")
            seconds = seconds_of(after)
            if _is_of_the_day(error):
                raise CrmError(
                    f"hubspot: the calls of the day are used up ({reason}); what is "
                    "left waits for a run of another day"
                )
            # It is too much for all that are under way, not for this one.
            self.pace.hold(seconds or 0.0)
            return Said("busy", None, reason, seconds)
        if code == 409:
            return Said("exists", reason=reason)
        if code >= 500:
            # It may have been done before it failed.
            return Said("unknown", reason=reason)
        return Said("rejected", reason=reason)

    def _sign_in(self) -> None:
        token = self._token.value()
        self._signed_with = token
        said: dict[str, Any] = {"access_token": token, "retry": Retry(0, redirect=0)}
        if self.host:
            said["host"] = self.host
        client = self._make(**said)
        # Kept: each look at `client.crm.…_api` builds another object.
        self._line = client.crm.objects.batch_api.api_client

    def _renew(self, refused: Any) -> None:
        """Read the token anew, unless another call has done so meanwhile."""
        with self._lock:
            if self._line is refused:
                self._token.renew(self._signed_with)
                self._sign_in()


def open_destination(home: Path, pace: Pace) -> HubSpot:
    """The portal the token belongs to.

    Raises:
        CrmError: no token, or HubSpot's client is not installed.
    """
    return HubSpot(pace, settings.setting("HUBSPOT_HOST"), _TIMEOUT_S)


def _outcomes(
    writes: Sequence[Write], answer: Mapping[str, Any], key: str
) -> list[Outcome]:
    """One outcome a record, from `results` and `errors` whatever the status was."""
    by_id = {w.remote_id: w.key for w in writes if w.remote_id}
    found: dict[str, Outcome] = {}
    for record in answer.get("results") or ():
        said = record.get("properties") or {}
        name = said.get(key) or by_id.get(record["id"])
        if name:
            values = {k: v for k, v in said.items() if v is not None}
            found[name] = Outcome(name, "accepted", record["id"], values=values)
    keys = {w.key for w in writes}
    for error in answer.get("errors") or ():
        context = error.get("context") or {}
        named = [
            by_id.get(n, n)
            for n in (
                *(context.get("objectWriteTraceId") or ()),
                *(context.get("ids") or ()),
            )
        ]
        told = f"{error.get('category', 'error')}: {error.get('message', '')}"
        for name in named:
            if name in keys:
                found[name] = Outcome(name, _standing(error), reason=told)
    return [
        found.get(w.key)
        or Outcome(w.key, "unknown", reason="the answer does not name this record")
        for w in writes
    ]


def _standing(error: Mapping[str, Any]) -> str:
    """Whether an error of one record may pass by itself."""
    passing = ("RATE_LIMITS", "CONFLICT", "INTERNAL_ERROR", "SERVICE_UNAVAILABLE")
    return "retryable" if error.get("category") in passing else "rejected"


def _merged_ids(properties: Mapping[str, Any]) -> list[str]:
    said = properties.get(_MERGED) or ""
    return [i for i in said.split(";") if i]


def _message(error: Exception) -> str:
    body = getattr(error, "body", None) or ""
    try:
        told = json.loads(body).get("message", "")
    except (json.JSONDecodeError, AttributeError, TypeError):
        told = str(body)[:200]
    return " ".join(str(told).split()) or str(getattr(error, "reason", ""))


def _is_of_the_day(error: Exception) -> bool:
    """Whether a 429 is of the daily limit, which no wait of this run outlasts."""
    try:
        said = json.loads(getattr(error, "body", None) or "{}")
    except (json.JSONDecodeError, TypeError):
        return False
    return isinstance(said, dict) and said.get("policyName") == "DAILY"


def _label(name: str) -> str:
    return "Lyttepost: " + name.removeprefix("lyttepost_").replace("_", " ")
