"""Salesforce: accounts and tasks, by simple-salesforce (extra `salesforce`).

Records we know are updated by their id, so that one deleted there is not made again;
new ones are upserted by an External ID of ours. Fewer than 2,000 go as sObject
Collections, 200 a call; more as one job of Bulk API 2.0. No tries here; reading waits
and tries again.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from orchestration import settings
from orchestration.crm.destinations.address import checked_address, is_local
from orchestration.crm.destinations.fate import fate
from orchestration.crm.destinations.protocol import (
    ACCOUNT,
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
from orchestration.crm.destinations.said import Said, asked_until_answered
from orchestration.crm.destinations.token import Token
from orchestration.crm.fault import CrmError, CrmRefused
from orchestration.crm.field_map import (
    Field,
    FieldMap,
    load_field_map,
    load_stages,
    map_file,
)
from orchestration.crm.pace import Pace

NAME = "salesforce"
VERSION = "59.0"
# The most that Salesforce takes: 200 a call of Collections, 2,000 ids a call that
# reads, and internal batches of 10,000 in a job.
COLLECTION, READ, JOB = 200, 2000, 10_000
BULK_FROM = 2000
# No rate is published; requests are counted by the day. A brake, no more.
RATE, BURST = 10.0, 10
# Of the day's requests of an org, all who use it together; beyond it others need them.
MOST_USED = 0.95
_TIMEOUT_S = 60.0
_JOB_MOST_S = 3600.0
_POLL_S = 2
# A query is part of an address, and those hold some 16,000 characters.
_MOST_QUERY = 6000
_TYPES = {
    "string": "text",
    "textarea": "text",
    "combobox": "text",  # the subject of a task
    "url": "text",
    "double": "number",
    "int": "number",
    "percent": "number",
    "currency": "number",
    "date": "date",
    "datetime": "date",
    "picklist": "picklist",
}
# Errors of one record that pass by themselves.
_PASSING = (
    "UNABLE_TO_LOCK_ROW",
    "REQUEST_LIMIT_EXCEEDED",
    "SERVER_UNAVAILABLE",
    "QUERY_TIMEOUT",
)
_GONE = ("ENTITY_IS_DELETED", "NOT_FOUND")
_CLEARED = "#N/A"
_DONE, _CLOSED_REASON = "CompletedDateTime", "Lyttepost_Closed_Reason__c"


class Salesforce:
    """One Salesforce org."""

    name = NAME
    kinds = (ACCOUNT, TASK)
    terms = Terms(batch_size=JOB, creates_fields=False)

    def __init__(self, pace: Pace, address: str, timeout_s: float) -> None:
        try:
            import simple_salesforce
            from simple_salesforce.exceptions import SalesforceOperationError
        except ImportError as error:
            raise CrmError(
                "salesforce: simple-salesforce is not installed; pip install "
                "'lyttepost[salesforce]'"
            ) from error
        from orchestration.crm.destinations.salesforce.line import Line

        parts = urlsplit(checked_address(NAME, address))
        self._make: Callable[..., Any] = simple_salesforce.Salesforce
        self._refused = simple_salesforce.SalesforceError
        self._job_failed = SalesforceOperationError
        self._address = f"{parts.scheme}://{parts.netloc}"
        self._line = Line(timeout_s, is_local(address))
        self._line.pace = pace.at(RATE, BURST)
        self.maps = {kind: load_field_map(map_file(NAME, kind)) for kind in self.kinds}
        self.org_number = settings.setting("SALESFORCE_ORG_NUMBER_FIELD")
        if self.org_number and not re.fullmatch(r"\w+", self.org_number):
            raise CrmError(
                f"salesforce: LYTTEPOST_SALESFORCE_ORG_NUMBER_FIELD is "
                f"{self.org_number!r}; it must be the API name of a field of Account"
            )
        self._token = Token(NAME, pace)
        self.bulk_from, self.poll_s = BULK_FROM, float(_POLL_S)
        self._sign_in()

    @property
    def calls(self) -> int:
        """Calls made so far, those that ask how a job stands among them."""
        return self._line.calls

    def describe(self, kind: str) -> Mapping[str, RemoteField]:
        """Fields of the sObject that the user of the token may see.

        Raises:
            CrmError: our key is there and is no External ID.
        """
        field_map = self.maps[kind]
        answer = self._read(
            lambda: self._rest("GET", f"sobjects/{field_map.object}/describe")
        )
        for said in answer["fields"]:
            if said["name"] == field_map.key and not said.get("externalId"):
                raise CrmError(
                    f"salesforce: {field_map.object}.{field_map.key} is no External "
                    "ID; an administrator must tick that box, for we find by it"
                )
        return {said["name"]: _remote_field(said) for said in answer["fields"]}

    def create_fields(self, kind: str, names: Sequence[str]) -> None:
        """Fields are made by an administrator: it takes the right to change the org.

        Raises:
            CrmError: always; it says what to make.
        """
        field_map = self.maps[kind]
        of_name = {f.field: f for f in field_map.made}
        wanted = "; ".join(
            f"{name}: {_to_make(of_name.get(name), field_map)}" for name in names
        )
        where = "Activity" if kind == TASK else field_map.object
        raise CrmError(
            f"salesforce: an administrator must create custom fields of {where}, "
            "visible and open to editing for the user of the token, as we ask for no "
            f"right to change the org: {wanted}"
        )

    def companies(self) -> Iterator[RemoteCompany]:
        """All accounts, page by page."""
        number = self.org_number
        names = ", ".join(
            ["Id", "Name", "Website", "OwnerId", *([number] if number else [])]
        )
        for said in self._query(f"SELECT {names} FROM {self.maps[ACCOUNT].object}"):
            yield RemoteCompany(
                said["Id"],
                said.get("Name") or "",
                _text(said.get(number)) if number else None,
                said.get("Website"),
                said.get("OwnerId"),
            )

    def opportunities(self) -> Iterator[RemoteOpportunity]:
        """All opportunities, page by page."""
        place, stages = load_stages(NAME)
        product = settings.setting("SALESFORCE_PRODUCT_FIELD")
        if product and not re.fullmatch(r"\w+", product):
            raise CrmError(
                f"salesforce: LYTTEPOST_SALESFORCE_PRODUCT_FIELD is {product!r}; it "
                f"must be the API name of a field of {place}"
            )
        names = ["Id", "AccountId", "CreatedDate", "StageName", "Amount", "CloseDate"]
        names += ["IsClosed", *([product] if product else [])]
        for said in self._query(f"SELECT {', '.join(names)} FROM {place}"):
            yield RemoteOpportunity(
                said["Id"],
                said.get("AccountId"),
                said["CreatedDate"],
                stages.get(said["StageName"], said["StageName"]),
                _text(said.get("Amount")),
                # Of an open one it is only when it may close.
                said.get("CloseDate") if said.get("IsClosed") else None,
                _text(said.get(product)) if product else None,
            )

    def fates(self, remote_ids: Sequence[str]) -> list[RemoteFate]:
        """Verdicts, and tasks that people completed: ours bear a reason."""
        field_map = self.maps[TASK]
        asks = field_map.asks
        assert asks is not None
        names = ["Id", field_map.key, asks.field, "Status", _DONE, _CLOSED_REASON]
        found = []
        for start in range(0, len(remote_ids), READ):
            body = {"ids": list(remote_ids[start : start + READ]), "fields": names}
            answer = self._read(
                lambda body=body: self._rest(  # type: ignore[misc]
                    "POST", f"composite/sobjects/{field_map.object}", body
                )
            )
            closed = field_map.word("Status", "closed")
            for said in answer or ():
                if said is None:
                    continue
                came = fate(
                    said.get(field_map.key),
                    said.get(asks.field),
                    said.get(_DONE) if said.get("Status") == closed else None,
                    said.get(_CLOSED_REASON),
                )
                found += [came] if came else []
        return found

    def find(self, kind: str, keys: Sequence[str]) -> list[Held]:
        """Records by our External ID."""
        field_map = self.maps[kind]
        names = ", ".join(["Id", field_map.key, *field_map.names])
        return [
            _held(said, field_map)
            for part in _quoted(keys)
            for said in self._query(
                f"SELECT {names} FROM {field_map.object} "
                f"WHERE {field_map.key} IN ({part})"
            )
        ]

    def read(self, kind: str, remote_ids: Sequence[str]) -> dict[str, Held]:
        """Records by id; one that was merged is answered with the one it went into."""
        field_map = self.maps[kind]
        found: dict[str, Held] = {}
        for start in range(0, len(remote_ids), READ):
            part = list(remote_ids[start : start + READ])
            body = {"ids": part, "fields": ["Id", field_map.key, *field_map.names]}
            answer = self._read(
                lambda body=body: self._rest(  # type: ignore[misc]
                    "POST", f"composite/sobjects/{field_map.object}", body
                )
            )
            # In the order asked for, null where there is none. An id of 15 characters
            # comes back with 18, which is no merger.
            for asked, said in zip(part, answer or (), strict=True):
                if said is not None:
                    found[asked] = replace(_held(said, field_map), remote_id=asked)
        lacking = [i for i in remote_ids if i not in found]
        if kind == ACCOUNT and lacking:
            into = self._merged(lacking)
            held = self.read(kind, sorted(set(into.values()))) if into else {}
            found |= {old: held[new] for old, new in into.items() if new in held}
        return found

    def write(self, kind: str, writes: Sequence[Write]) -> list[Outcome]:
        """Collections of 200, or one job where there are 2,000 and more."""
        if len(writes) >= self.bulk_from:
            return self._by_job(kind, writes)
        outcomes: list[Outcome] = []
        for start in range(0, len(writes), COLLECTION):
            part = writes[start : start + COLLECTION]
            try:
                outcomes += self._by_collection(kind, part)
            except CrmRefused:
                if not outcomes:
                    raise
                # What has been answered stands; the next call says it again.
                outcomes += [Outcome(w.key, "busy", after_s=0.0) for w in part]
            if outcomes[-1].status == "busy":
                told = outcomes[-1]
                outcomes += [
                    Outcome(w.key, "busy", reason=told.reason, after_s=told.after_s)
                    for w in writes[start + COLLECTION :]
                ]
                break
        return outcomes

    def _by_collection(self, kind: str, writes: Sequence[Write]) -> list[Outcome]:
        field_map = self.maps[kind]
        path = "composite/sobjects"
        if writes[0].remote_id is None:
            path += f"/{field_map.object}/{field_map.key}"
        records: list[dict[str, Any]] = [
            {"attributes": {"type": field_map.object}}
            | ({"id": w.remote_id} if w.remote_id else {})
            | {n: _typed(field_map, n, v) for n, v in self._said(kind, w).items()}
            for w in writes
        ]
        body = {"allOrNone": False, "records": records}
        answer = self._once(lambda: self._rest("PATCH", path, body))
        results = answer.value
        if answer.status == "accepted" and len(results or ()) != len(writes):
            told = f"{len(results or ())} results for {len(writes)} records"
            answer = Said("unknown", reason=told)
        if answer.status != "accepted":
            return _all(writes, answer)
        # One result a record, in the order they were sent.
        return [_outcome(w, r) for w, r in zip(writes, results, strict=True)]

    def _by_job(self, kind: str, writes: Sequence[Write]) -> list[Outcome]:
        field_map = self.maps[kind]
        known = writes[0].remote_id is not None
        rows: list[dict[str, Any]] = [
            ({"Id": w.remote_id} if known else {})
            | {n: _CLEARED if v is None else v for n, v in self._said(kind, w).items()}
            for w in writes
        ]
        options: dict[str, Any] = {"records": rows, "wait": self.poll_s}
        if not known:
            options["external_id_field"] = field_map.key
        done = self._once(
            lambda: getattr(self._jobs(kind), "update" if known else "upsert")(
                **options
            ),
            most_s=_JOB_MOST_S,
        )
        if done.status != "accepted":
            return _all(writes, done)
        found: dict[str, Outcome] = {}
        try:
            for job in done.value:
                found |= self._results(kind, job["job_id"])
        except CrmError as error:
            return _all(writes, Said("unknown", reason=str(error)))
        return [
            found.get(w.key)
            or Outcome(w.key, "unknown", reason="the job does not name this record")
            for w in writes
        ]

    def _results(self, kind: str, job_id: str) -> dict[str, Outcome]:
        """One outcome a row of the three lists of a job, by our key."""
        key = self.maps[kind].key
        jobs = self._jobs
        taken = self._read(lambda: jobs(kind).get_successful_records(job_id))
        failed = self._read(lambda: jobs(kind).get_failed_records(job_id))
        left = self._read(lambda: jobs(kind).get_unprocessed_records(job_id))
        found = {
            row[key]: Outcome(row[key], "accepted", row["sf__Id"])
            for row in _rows(taken)
        }
        for row in _rows(failed):
            told = row["sf__Error"]
            found[row[key]] = _not_taken(row[key], told.partition(":")[0], told)
        for row in _rows(left):
            told = "the job did not come to this record"
            found[row[key]] = Outcome(row[key], "retryable", reason=told)
        return found

    def _said(self, kind: str, write: Write) -> dict[str, str | None]:
        """What is written of a record: our fields, our key, and once who it is."""
        said: dict[str, str | None] = dict(write.values) | dict.fromkeys(write.clear)
        said[self.maps[kind].key] = write.key
        if write.remote_id is not None:
            return said
        if kind == TASK and write.parent_id:
            said["WhatId"] = write.parent_id
        if kind == ACCOUNT and write.company is not None:
            company = write.company
            for name, value in (
                ("Name", company.name),
                ("Website", company.domain),
                (self.org_number, company.org_number),
            ):
                if name and value:
                    said[name] = value
        return said

    def _merged(self, ids: Sequence[str]) -> dict[str, str]:
        """Of accounts that are gone, the id of the one each was merged into."""
        asked = {i[:15]: i for i in ids}
        return {
            asked[said["Id"][:15]]: said["MasterRecordId"]
            for part in _quoted(ids)
            for said in self._query(
                f"SELECT Id, MasterRecordId FROM {self.maps[ACCOUNT].object} "
                f"WHERE Id IN ({part})",
                include_deleted=True,
            )
            if said.get("MasterRecordId")
        }

    def _query(
        self, text: str, *, include_deleted: bool = False
    ) -> Iterator[Mapping[str, Any]]:
        page = self._read(
            lambda: self._client.query(text, include_deleted=include_deleted)
        )
        while True:
            yield from page["records"]
            if page["done"]:
                return
            rest = page["nextRecordsUrl"].rsplit("/", 1)[-1]
            page = self._read(
                lambda rest=rest: self._client.query_more(  # type: ignore[misc]
                    rest, include_deleted=include_deleted
                )
            )

    def _rest(self, method: str, path: str, body: Any = None) -> Any:
        said = {} if body is None else {"json": body}
        return self._client.restful(path, method=method, **said)

    def _jobs(self, kind: str) -> Any:
        return getattr(self._client.bulk2, self.maps[kind].object)

    def _read(self, call: Callable[[], Any]) -> Any:
        """Ask until there is an answer: what is only read may be asked again.

        Raises:
            CrmError: no answer after so many tries.
        """
        return asked_until_answered(
            NAME, lambda: self._once(call), self._line.pace
        ).value

    def _once(
        self,
        call: Callable[[], Any],
        *,
        most_s: float | None = None,
        is_renewed: bool = False,
    ) -> Said:
        """One call, or one job.

        Raises:
            CrmRefused: the token is refused, also once it has been read anew.
        """
        self._refuse_the_last_requests()
        self._line.begin(most_s)
        try:
            return Said("accepted", call())
        except self._refused as error:
            return self._refusal(call, error, most_s, is_renewed)
        except self._job_failed as error:
            # Part of it may have been done.
            return Said("unknown", reason=_one_line(str(error)))
        except (OSError, ValueError) as error:
            told = f"no whole answer: {type(error).__name__}"
            return Said("unknown", reason=told)

    def _refuse_the_last_requests(self) -> None:
        """Leave the last of the day's requests to others who use the org.

        Raises:
            CrmRefused: so many are used that the run ends here.
        """
        used, allowed = self._line.used or (0, 0)
        if allowed and used >= MOST_USED * allowed:
            raise CrmRefused(
                f"salesforce: {used} of the org's {allowed} requests of the day are "
                "used, and the last are left to others; what is left waits for a run "
                "of another day"
            )

    def _refusal(
        self,
        call: Callable[[], Any],
        error: Any,
        most_s: float | None,
        is_renewed: bool,
    ) -> Said:
        status, (code, told) = error.status, _first_error(error.content)
        reason, after_s = f"{status} {told}", self._line.after_s
        if status == 401 and not is_renewed:
            self._token.renew(self._client.session_id)
            self._sign_in()
            if not self._line.is_job_begun:
                # The call looks its client up, so it takes the new one.
                return self._once(call, most_s=most_s, is_renewed=True)
        if self._line.is_job_begun:
            return Said("unknown", reason=reason, after_s=after_s)
        if code == "REQUEST_LIMIT_EXCEEDED" or (
            status in (429, 503) and after_s is not None
        ):
            return Said("busy", reason=reason, after_s=after_s)
        if status in (401, 403):
            raise CrmRefused(
                f"salesforce: refused ({reason}); LYTTEPOST_SALESFORCE_TOKEN must be "
                "an access token of the org at LYTTEPOST_SALESFORCE_URL, of a user "
                "with the rights of docs/crm.md"
            )
        if status >= 500:
            # It may have been done before it failed.
            return Said("unknown", reason=reason)
        return Said("rejected", reason=reason)

    def _sign_in(self) -> None:
        token = self._token.value()
        client = self._make(
            session_id=token,
            instance_url=self._address,
            version=VERSION,
            session=self._line,
        )
        # The client knows https only; http is for a made-up org on this machine.
        client.base_url = f"{self._address}/services/data/v{VERSION}/"
        client.bulk2_url = f"{client.base_url}jobs/"
        self._client = client


def open_destination(home: Path, pace: Pace) -> Salesforce:
    """The org at LYTTEPOST_SALESFORCE_URL.

    Raises:
        CrmError: no address, no token, or simple-salesforce is not installed.
    """
    address = settings.setting("SALESFORCE_URL")
    if address is None:
        raise CrmError(
            "salesforce: there is no address; set LYTTEPOST_SALESFORCE_URL to that of "
            "the org, as https://NAME.my.salesforce.com"
        )
    return Salesforce(pace, address, _TIMEOUT_S)


def _all(writes: Sequence[Write], answer: Said) -> list[Outcome]:
    """One answer for many records; a refusal of many may be the fault of one."""
    alone = len(writes) == 1
    status = "retryable" if answer.status == "rejected" and not alone else answer.status
    return [
        Outcome(w.key, status, reason=answer.reason, after_s=answer.after_s)
        for w in writes
    ]


def _outcome(write: Write, result: Mapping[str, Any]) -> Outcome:
    if result.get("success"):
        return Outcome(write.key, "accepted", result.get("id") or write.remote_id)
    errors = result.get("errors") or [{}]
    told = "; ".join(
        f"{e.get('statusCode', 'error')}: {e.get('message', '')}" for e in errors
    )
    return _not_taken(write.key, errors[0].get("statusCode"), told)


def _not_taken(key: str, code: str | None, told: str) -> Outcome:
    """The outcome of a record that was refused: in Salesforce's own words."""
    if code in _PASSING:
        return Outcome(key, "retryable", reason=told)
    if code in _GONE:
        # In the words of the plan, which from then on leaves it so.
        told = f"the record was deleted there ({told}); it is left so"
    return Outcome(key, "rejected", reason=told)


def _held(said: Mapping[str, Any], field_map: FieldMap) -> Held:
    return Held(
        said.get(field_map.key),
        said["Id"],
        {name: _text(said.get(name)) for name in field_map.names},
    )


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _typed(field_map: FieldMap, name: str, value: str | None) -> str | float | None:
    """A value as JSON has it: a number is no text."""
    of_name = {f.field: f.type for f in field_map.fields}
    return float(value) if value and of_name.get(name) == "number" else value


def _remote_field(said: Mapping[str, Any]) -> RemoteField:
    type_ = _TYPES.get(said["type"], said["type"])
    return RemoteField(
        said["name"],
        type_,
        (said.get("length") or None) if type_ == "text" else None,
        tuple(o["value"] for o in said.get("picklistValues") or () if o["active"]),
        not said.get("updateable", True),
    )


def _to_make(field: Field | None, field_map: FieldMap) -> str:
    """A field as an administrator makes it."""
    if field is None:
        return "Text(255), External ID" + (
            ", Unique" if field_map.object != "Task" else ""
        )
    if field.type == "picklist":
        return f"Picklist of {', '.join(field.options)}"
    if field.type == "text":
        most = field.max_length or 255
        return f"Text({most})" if most <= 255 else f"Long Text Area({most})"
    return {"number": "Number(15, 3)", "date": "Date"}[field.type]


def _quoted(words: Sequence[str]) -> Iterator[str]:
    """Words as lists of SOQL, each short enough for an address."""
    part: list[str] = []
    for word in words:
        escaped = word.replace("\\", "\\\\").replace("'", "\\'")
        part.append(f"'{escaped}'")
        if sum(len(w) for w in part) > _MOST_QUERY:
            yield ", ".join(part)
            part = []
    if part:
        yield ", ".join(part)


def _rows(text: str) -> Iterator[dict[str, str]]:
    """Rows of a job's list; values may hold line ends."""
    return csv.DictReader(io.StringIO(text, newline=""))


def _first_error(content: Any) -> tuple[str | None, str]:
    """Code and words of a refusal: a list of errors, or whatever else there is."""
    if isinstance(content, list) and content and isinstance(content[0], dict):
        code, message = content[0].get("errorCode"), content[0].get("message", "")
        return code, _one_line(f"{code}: {message}")
    return None, _one_line(str(content)[:200])


def _one_line(said: str) -> str:
    return " ".join(said.split())
