"""Pipedrive: organisations and activities, by version 2 of its REST interface.

Pipedrive has no client in Python and no upsert: a record is looked up and then made, so
there is one worker, and the engine's map of ids. It is looked up in the lists and not
by the search, whose index lags behind what was just written. Each record is a call of
its own. No tries here; reading waits and tries again.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from orchestration import settings
from orchestration.crm.destinations.address import checked_address
from orchestration.crm.destinations.fate import fate, verdict_line
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
from orchestration.crm.destinations.rest import Rest
from orchestration.crm.destinations.said import Said
from orchestration.crm.destinations.token import Token
from orchestration.crm.fault import CrmError
from orchestration.crm.field_map import load_field_map, load_stages, map_file
from orchestration.crm.pace import Pace

NAME = "pipedrive"
# The smallest plan may call 20 times in two seconds with an API token; headers of the
# answers say what this one may.
LIMIT, INTERVAL_S = 20, 2.0
_TIMEOUT_S = 30.0
_PAGE, _IDS = 500, 100
# An activity whose answer was lost was made no longer ago than this.
_LOST_DAYS = 90
_TYPES = {
    "varchar": "text",
    "varchar_auto": "text",
    "text": "text",
    "double": "number",
    "date": "date",
}
_MADE_AS = {"text": "text", "number": "double", "date": "date"}
_OF_ACTIVITY = {
    "subject": "text",
    "note": "text",
    "due_date": "date",
    "done": "picklist",
    "public_description": "text",
}
# People may write below it.
_KEY_LINE = re.compile(
    r"(?:<br ?/?>|\n)?\s*lyttepost_task_key: (\w+)\s*?(?=<br ?/?>|\n|$)"
)


class Pipedrive:
    """One company's Pipedrive."""

    name = NAME
    kinds = (ACCOUNT, TASK)
    # Each record is a call of its own; a batch bounds what a kill leaves unknown.
    terms = Terms(batch_size=50)

    def __init__(self, pace: Pace, address: str, timeout_s: float) -> None:
        token = Token(NAME, pace, is_basic=True)
        name = "Authorization" if token.is_asked_for else "x-api-token"
        bears = "Bearer {}" if token.is_asked_for else "{}"
        self._rest = Rest(
            NAME,
            f"{checked_address(NAME, address)}/api/v2",
            pace.within(LIMIT, INTERVAL_S),
            timeout_s,
            token,
            lambda said: {name: bears.format(said)},
            "LYTTEPOST_PIPEDRIVE_TOKEN must be an API token of a user with the rights "
            "of docs/crm.md",
            self._learn,
        )
        self.maps = {kind: load_field_map(map_file(NAME, kind)) for kind in self.kinds}
        self.org_number = settings.setting("PIPEDRIVE_ORG_NUMBER_FIELD")
        self.domain = settings.setting("PIPEDRIVE_DOMAIN_FIELD")
        self._codes: dict[str, str] | None = None
        # What the lists hold of ours, by key, until something is written.
        self._listed: dict[str, dict[str, list[Held]]] = {}

    @property
    def calls(self) -> int:
        """Calls made so far."""
        return self._rest.calls

    def describe(self, kind: str) -> Mapping[str, RemoteField]:
        """Custom fields of organisations by their name; an activity's are given.

        Raises:
            CrmError: two fields bear one name of ours.
        """
        if kind == TASK:
            words = {f.field: f.options for f in self.maps[TASK].fields}
            return {
                name: RemoteField(name, type_, None, words.get(name, ()))
                for name, type_ in (
                    *_OF_ACTIVITY.items(),
                    (self.maps[TASK].key, "text"),
                )
            }
        found: dict[str, RemoteField] = {}
        codes: dict[str, str] = {}
        for said in self._pages("organizationFields"):
            name = said["field_name"]
            if name in codes and name.startswith("lyttepost_"):
                raise CrmError(f"pipedrive: two fields of organisations are {name}")
            type_ = said["field_type"]
            codes[name] = said["field_code"]
            found[name] = RemoteField(
                name,
                _TYPES.get(type_, type_),
                255 if type_.startswith("varchar") else None,
            )
        self._codes = codes
        return found

    def create_fields(self, kind: str, names: Sequence[str]) -> None:
        """Create custom fields of organisations.

        Raises:
            CrmError: Pipedrive refuses one.
        """
        field_map = self.maps[kind]
        for name in names:
            type_ = "text" if name == field_map.key else field_map.type_of(name)
            is_key = name == field_map.key
            made = "varchar" if is_key else _MADE_AS[type_]
            said = self._rest.ask(
                "POST",
                "organizationFields",
                {"field_name": name, "field_type": made},
            )
            if said.status != "accepted":
                raise CrmError(
                    f"pipedrive: field {name} was not created: {said.reason}"
                )
        self._codes = None

    def companies(self) -> Iterator[RemoteCompany]:
        """All organisations, page by page."""
        codes = self._code_of()
        wanted = [codes[n] for n in (self.org_number, self.domain) if n and n in codes]
        for said in self._organisations(wanted):
            custom = said.get("custom_fields") or {}
            yield RemoteCompany(
                str(said["id"]),
                said.get("name") or "",
                _text(custom.get(codes.get(self.org_number or "", ""))),
                _text(custom.get(codes.get(self.domain or "", ""))),
                _text(said.get("owner_id")),
            )

    def opportunities(self) -> Iterator[RemoteOpportunity]:
        """All deals, page by page; won and lost are said beside the stage."""
        path, stages = load_stages(NAME)
        names = {said["id"]: said["name"] for said in self._pages("stages")}
        product = self._deal_code(settings.setting("PIPEDRIVE_PRODUCT_FIELD"))
        asked = [("custom_fields", product)] if product else []
        for said in self._pages(path, asked):
            status = said.get("status")
            closed = status if status in ("won", "lost") else None
            word = closed or names.get(said.get("stage_id")) or ""
            closed_at = said.get(f"{closed}_time") if closed else None
            yield RemoteOpportunity(
                str(said["id"]),
                _text(said.get("org_id")),
                said["add_time"],
                stages.get(word, word),
                _text(said.get("value")),
                closed_at,
                _text((said.get("custom_fields") or {}).get(product or "")),
            )

    def fates(self, remote_ids: Sequence[str]) -> list[RemoteFate]:
        """Activities that people did, and verdicts they wrote into the note."""
        found = []
        for start in range(0, len(remote_ids), _IDS):
            ids = ",".join(remote_ids[start : start + _IDS])
            for said in self._pages(self.maps[TASK].object, [("ids", ids)]):
                note = said.get("note") or ""
                line = _KEY_LINE.search(note)
                came = fate(
                    line[1] if line else None,
                    verdict_line(_plain(note)),
                    said.get("marked_as_done_time") if said.get("done") else None,
                    said.get("public_description"),
                )
                found += [came] if came else []
        return found

    def _deal_code(self, name: str | None) -> str | None:
        """Pipedrive's code of a custom field of deals, by its name."""
        if name is None:
            return None
        codes = [
            said["field_code"]
            for said in self._pages("dealFields")
            if said["field_name"] == name
        ]
        if len(codes) != 1:
            raise CrmError(
                f"pipedrive: {len(codes)} fields of deals are {name!r}, as "
                "LYTTEPOST_PIPEDRIVE_PRODUCT_FIELD says; it must be one"
            )
        return str(codes[0])

    def find(self, kind: str, keys: Sequence[str]) -> list[Held]:
        """Records of ours by key, from the lists."""
        if kind not in self._listed:
            listed: dict[str, list[Held]] = {}
            for held in self._all_of_ours(kind):
                listed.setdefault(held.key or "", []).append(held)
            self._listed[kind] = listed
        return [held for key in keys for held in self._listed[kind].get(key, ())]

    def read(self, kind: str, remote_ids: Sequence[str]) -> dict[str, Held]:
        """Records by id; those that were deleted or merged away are left out."""
        found: dict[str, Held] = {}
        for start in range(0, len(remote_ids), _IDS):
            ids = ",".join(remote_ids[start : start + _IDS])
            query: list[tuple[str, object]] = [("ids", ids)]
            if kind == ACCOUNT:
                query.append(("custom_fields", ",".join(self._our_codes())))
            for said in self._pages(self.maps[kind].object, query):
                found[str(said["id"])] = self._held(kind, said)
        return found

    def write(self, kind: str, writes: Sequence[Write]) -> list[Outcome]:
        """Each record by a call of its own."""
        self._listed.pop(kind, None)
        outcomes = []
        for i, write in enumerate(writes):
            path = self.maps[kind].object
            if write.remote_id is not None:
                path += f"/{write.remote_id}"
            said = self._rest.ask(
                "POST" if write.remote_id is None else "PATCH",
                path,
                self._body(kind, write),
            )
            outcomes.append(_outcome(write, said))
            if said.status == "busy":
                outcomes += [
                    Outcome(w.key, "busy", reason=said.reason, after_s=said.after_s)
                    for w in writes[i + 1 :]
                ]
                break
        return outcomes

    def _body(self, kind: str, write: Write) -> dict[str, Any]:
        said: dict[str, Any] = dict(write.values) | dict.fromkeys(write.clear)
        if kind == TASK:
            return self._activity(write, said)
        codes, types = self._code_of(), self.maps[ACCOUNT].types
        custom = {
            codes[name]: float(value)
            if value is not None and types[name] == "number"
            else value
            for name, value in said.items()
        }
        custom[codes[self.maps[ACCOUNT].key]] = write.key
        body: dict[str, Any] = {"custom_fields": custom}
        company = write.company
        if write.remote_id is None:
            body["name"] = (company and company.name) or write.key
            for name, value in (
                (self.org_number, company and company.org_number),
                (self.domain, company and company.domain),
            ):
                if name in codes and value:
                    custom[codes[name or ""]] = value
        return body

    def _activity(self, write: Write, said: dict[str, Any]) -> dict[str, Any]:
        if "done" in said:
            said["done"] = said["done"] == "true"
        if "note" in said or write.remote_id is None:
            told = html.escape(said.get("note") or "", quote=False)
            told = told.replace("\n", "<br>")
            said["note"] = f"{told}<br>{self.maps[TASK].key}: {write.key}"
        if write.remote_id is None:
            said |= {"type": "task", "org_id": int(write.parent_id or 0)}
        return said

    def _all_of_ours(self, kind: str) -> Iterator[Held]:
        if kind == ACCOUNT:
            rows = self._organisations(self._our_codes())
        else:
            since = datetime.now(UTC) - timedelta(days=_LOST_DAYS)
            asked = [("updated_since", f"{since:%Y-%m-%dT%H:%M:%SZ}")]
            rows = self._pages("activities", asked)
        for said in rows:
            held = self._held(kind, said)
            if held.key:
                yield held

    def _organisations(self, codes: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        asked = [("custom_fields", ",".join(codes))] if codes else []
        return self._pages("organizations", asked)

    def _pages(
        self, path: str, query: Sequence[tuple[str, object]] = ()
    ) -> Iterator[Mapping[str, Any]]:
        cursor = None
        while True:
            asked = [*query, ("limit", _PAGE)]
            said = self._rest.read(
                path, [*asked, ("cursor", cursor)] if cursor else asked
            )
            if said.status == "missing":
                raise CrmError(f"pipedrive: there is no {path}: {said.reason}")
            yield from said.value.get("data") or ()
            cursor = (said.value.get("additional_data") or {}).get("next_cursor")
            if not cursor:
                return

    def _held(self, kind: str, said: Mapping[str, Any]) -> Held:
        field_map = self.maps[kind]
        if kind == TASK:
            note = said.get("note") or ""
            line = _KEY_LINE.search(note)
            values = {n: _text(said.get(n)) for n in field_map.names}
            values["note"] = _plain(_KEY_LINE.sub("", note))
            return Held(line[1] if line else None, str(said["id"]), values)
        codes, custom = self._code_of(), said.get("custom_fields") or {}
        return Held(
            _text(custom.get(codes[field_map.key])),
            str(said["id"]),
            {n: _text(custom.get(codes[n])) for n in field_map.names},
        )

    def _code_of(self) -> dict[str, str]:
        """Pipedrive's codes of fields, by their names."""
        if self._codes is None:
            self.describe(ACCOUNT)
        assert self._codes is not None
        return self._codes

    def _our_codes(self) -> list[str]:
        codes, field_map = self._code_of(), self.maps[ACCOUNT]
        names = (field_map.key, *field_map.names)
        if lacking := [n for n in names if n not in codes]:
            raise CrmError(
                f"pipedrive, organizations: {lacking[0]} is not there; nothing was "
                "sent. `lyttepost crm setup pipedrive` says what is missing"
            )
        return [codes[n] for n in names]

    def _learn(self, headers: Mapping[str, str]) -> None:
        """Go by what the headers say of the burst limit, which is of two seconds."""
        limit = headers.get("x-ratelimit-limit") or ""
        left = headers.get("x-ratelimit-remaining") or ""
        if limit.isdecimal():
            remaining = int(left) if left.isdecimal() else None
            self._rest.pace.learn(int(limit), INTERVAL_S, remaining)


def open_destination(home: Path, pace: Pace) -> Pipedrive:
    """The company's Pipedrive at LYTTEPOST_PIPEDRIVE_URL.

    Raises:
        CrmError: no address or no token.
    """
    address = settings.setting("PIPEDRIVE_URL")
    if address is None:
        raise CrmError(
            "pipedrive: there is no address; set LYTTEPOST_PIPEDRIVE_URL to that of "
            "the company, as https://NAME.pipedrive.com"
        )
    return Pipedrive(pace, address, _TIMEOUT_S)


def _outcome(write: Write, said: Said) -> Outcome:
    if said.status == "accepted":
        return Outcome(write.key, "accepted", str(said.value["data"]["id"]))
    if said.status == "missing":
        # In the words of the plan, which from then on leaves it so.
        told = f"the record was deleted there ({said.reason}); it is left so"
        return Outcome(write.key, "rejected", reason=told)
    return Outcome(
        write.key, said.status, write.remote_id, said.reason, after_s=said.after_s
    )


def _plain(note: str) -> str:
    """A note as it was before it was made HTML."""
    return html.unescape(re.sub(r"<br ?/?>", "\n", note))


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
