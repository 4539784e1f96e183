"""Tryton: a link of ours on the party, and leads of ours, by its REST interface.

Tryton has no custom fields without a module of its own, and its links cannot be changed
once they are made. So our fields are lines in the description of an attachment of ours,
a link to the evidence; people can edit it.

Organisation numbers are looked up as they are stored compact, for Tryton writes
923 609 016. An unknown field is a 500 with a page of HTML, so a 500 says nothing of who
is at fault. Lookup and creation are two calls: one worker a destination, and the
engine's map of ids, keep a record from being made twice.
"""

import base64
import functools
import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

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
from orchestration.crm.destinations.said import Said, asked_until_answered
from orchestration.crm.fault import CrmError, CrmRefused
from orchestration.crm.field_map import load_field_map, load_stages, map_file
from orchestration.crm.pace import Pace

NAME = "tryton"
PARTY, LINK, LEAD = "party.party", "ir.attachment", "sale.opportunity"
# Tryton publishes no limit; this leaves a small server time for its people.
RATE, BURST = 20.0, 20
READ_TRIES = 4
_TIMEOUT_S = 30.0
_PAGE = 500
_HEADING = "Lyttepost"
_EVIDENCE = "lyttepost_evidence_url"
_TYPES = {"char": "text", "text": "text", "selection": "picklist", "date": "date"}
_NO_ANSWER = -1
# As `crm_tasks` has them.
_OUR_KEY = re.compile(r"[0-9a-f]{32}")


class Tryton:
    """One database of a Tryton server."""

    name = NAME
    kinds = (ACCOUNT, TASK)
    # Each record is calls of its own; a batch only bounds what a kill leaves unknown.
    terms = Terms(batch_size=20, closed_is_final=True)

    def __init__(self, pace: Pace, address: str, key: str) -> None:
        self.pace = pace.at(RATE, BURST)
        self.address = checked_address(NAME, address)
        self._key = key
        self.maps = {kind: load_field_map(map_file(NAME, kind)) for kind in self.kinds}
        self.calls = 0
        self._company: tuple[int, int] | None = None
        self._opener = urllib.request.build_opener(_NoRedirect())

    def shake_hands(self) -> None:
        """Reads the company leads are made for; its absence is said now."""
        self._own_company()

    def describe(self, kind: str) -> Mapping[str, RemoteField]:
        """Fields of a lead; a link takes any line."""
        field_map = self.maps[kind]
        model = field_map.object
        rows = self._search("ir.model.field", [["model", "=", model]], "name", "ttype")
        if not rows:
            raise CrmError(
                f"tryton: there is no {model}; activate the module sale_opportunity"
            )
        if kind == ACCOUNT:
            return {
                f.field: RemoteField(f.field, f.type, None, f.options)
                for f in field_map.fields
            } | {field_map.key: RemoteField(field_map.key, "text")}
        of_map = {f.field: f for f in field_map.fields}
        return {
            name: RemoteField(
                name,
                _TYPES.get(row["ttype"], row["ttype"]),
                None,
                of_map[name].options if name in of_map else (),
            )
            for row in rows
            if (name := row["name"])
        }

    def create_fields(self, kind: str, names: Sequence[str]) -> None:
        """Tryton's fields come with its modules.

        Raises:
            CrmError: always; what is missing cannot be created from here.
        """
        raise CrmError(f"tryton: {', '.join(names)} cannot be created from outside")

    def companies(self) -> Iterator[RemoteCompany]:
        """Parties, with their organisation numbers and web sites."""
        numbers = {
            row["party"]: row["code_compact"]
            for row in self._search(
                "party.identifier",
                [["type", "in", ["no_orgnr", "no_vat", "eu_vat"]]],
                "party",
                "code_compact",
            )
        }
        sites = {
            row["party"]: row["value"]
            for row in self._search(
                "party.contact_mechanism", [["type", "=", "website"]], "party", "value"
            )
        }
        for row in self._search(PARTY, [], "name"):
            yield RemoteCompany(
                str(row["id"]),
                row["name"] or "",
                numbers.get(row["id"]),
                sites.get(row["id"]),
            )

    def opportunities(self) -> Iterator[RemoteOpportunity]:
        """All opportunities, and leads of others; our own leads are tasks, no more."""
        model, stages = load_stages(NAME)
        names = ["party", "state", "create_date", "end_date", "amount"]
        for row in self._search(model, [], self.maps[TASK].key, *names):
            is_ours = _OUR_KEY.fullmatch(row[self.maps[TASK].key] or "")
            if is_ours and row["state"] in ("lead", "cancelled"):
                continue
            word = row["state"]
            stage = stages.get(word, word)
            yield RemoteOpportunity(
                str(row["id"]),
                str(row["party"]) if row["party"] else None,
                _moment(row["create_date"]) or "",
                stage,
                _amount(row["amount"]),
                _moment(row["end_date"]) if stage in ("won", "lost") else None,
            )

    def fates(self, remote_ids: Sequence[str]) -> list[RemoteFate]:
        """Verdicts written into the text, and leads that people made more of."""
        ids = [int(i) for i in remote_ids]
        names = ["comment", "state", "write_date", "create_date", "lost_reason"]
        found = []
        for row in self._search(LEAD, [["id", "in", ids]], self.maps[TASK].key, *names):
            is_taken_up = row["state"] not in ("lead", "cancelled")
            came = fate(
                row[self.maps[TASK].key],
                verdict_line(row["comment"]),
                # When it was taken up is not told; it was last written then or later.
                _moment(row["write_date"] or row["create_date"])
                if is_taken_up
                else None,
                None,
            )
            found += [came] if came else []
        return found

    def find(self, kind: str, keys: Sequence[str]) -> list[Held]:
        """Links or leads of ours by our keys."""
        if kind == TASK:
            rows = self._leads([self.maps[TASK].key, "in", list(keys)])
            return [self._lead(row) for row in rows]
        found = []
        for key in keys:
            for row in self._links_of_key(key):
                said = _parsed(row["description"])
                party = row["resource"].partition(",")[2]
                found.append(Held(key, party, self._ours(said)))
        return found

    def read(self, kind: str, remote_ids: Sequence[str]) -> dict[str, Held]:
        """Leads by id; parties by id, one that was replaced as what replaced it."""
        ids = [int(i) for i in remote_ids]
        if kind == TASK:
            return {str(r["id"]): self._lead(r) for r in self._leads(["id", "in", ids])}
        parties = self._search(
            PARTY,
            [["id", "in", ids], ["active", "in", [True, False]]],
            "active",
            "replaced_by",
        )
        now = {str(p["id"]): str(p["replaced_by"] or p["id"]) for p in parties}
        places = sorted({f"{PARTY},{i}" for pair in now.items() for i in pair})
        links: dict[str, dict[str, str]] = {}
        for row in self._search(
            LINK, [["resource", "in", places]], "description", "resource"
        ):
            if _is_ours(row["description"]):
                links[row["resource"].partition(",")[2]] = _parsed(row["description"])
        found = {}
        for old, new in now.items():
            # Our link stays with the party that was replaced until we next write.
            said = links.get(new) or links.get(old) or {}
            key = said.get(self.maps[ACCOUNT].key)
            found[old] = Held(key, new, self._ours(said), new == old or new in links)
        return found

    def write(self, kind: str, writes: Sequence[Write]) -> list[Outcome]:
        """Each record by calls of its own."""
        return [
            self._write_lead(w) if kind == TASK else self._write_link(w) for w in writes
        ]

    def _write_link(self, write: Write) -> Outcome:
        party = write.remote_id
        if party is None:
            made, refused = self._make_party(write)
            if refused is not None:
                return refused
            party = made
        # Looked up by the key: after a merger the link is moved, not made again.
        links = self._links_of_key(write.key)
        if len(links) > 1:
            told = f"{len(links)} links there bear this key"
            return Outcome(write.key, "rejected", reason=told)
        before = links[0]["description"] if links else ""
        description = _written(
            before,
            {self.maps[ACCOUNT].key: write.key} | dict(write.values),
            write.clear,
        )
        data = {
            "name": _HEADING,
            "type": "link",
            "link": _parsed(description).get(_EVIDENCE),
            "description": description,
            "resource": f"{PARTY},{party}",
        }
        path = f"{LINK}/{links[0]['id']}" if links else LINK
        status, _, reason = self._call("PUT" if links else "POST", path, data)
        return _outcome(write.key, status, reason, str(party))

    def _make_party(self, write: Write) -> tuple[str | None, Outcome | None]:
        """The party of an account whose creation was approved: found, else made."""
        company = write.company
        number = (company.org_number or "") if company else ""
        if number:
            hits = self._search(
                "party.identifier", [["code_compact", "=", number]], "party"
            )
            parties = sorted({str(h["party"]) for h in hits})
            if len(parties) == 1:
                return parties[0], None
            if parties:
                told = f"{len(parties)} parties bear the number: {', '.join(parties)}"
                return None, Outcome(write.key, "rejected", reason=told)
        name = (company and company.name) or write.key
        if not number:
            # It was approved because nothing bore its name: one that does now was
            # made by a run that was cut short.
            hits = self._search(PARTY, [["name", "=", name]], "name")
            if len(hits) == 1:
                return str(hits[0]["id"]), None
        data: dict[str, Any] = {"name": name}
        if number:
            one = {"type": "no_orgnr", "code": number}
            data["identifiers"] = [["create", [one]]]
        if company and company.domain:
            site = {"type": "website", "value": f"https://{company.domain}"}
            data["contact_mechanisms"] = [["create", [site]]]
        status, answer, reason = self._call("POST", PARTY, data)
        if status == 200:
            return str(answer["id"]), None
        return None, _outcome(write.key, status, reason, None)

    def _write_lead(self, write: Write) -> Outcome:
        data: dict[str, Any] = dict(write.values) | dict.fromkeys(write.clear)
        state = data.pop("state", None)
        lead = write.remote_id
        if lead is None:
            company, currency = self._own_company()
            data |= {
                "party": int(write.parent_id or 0),
                "company": company,
                "currency": currency,
                self.maps[TASK].key: write.key,
            }
        path = LEAD if lead is None else f"{LEAD}/{lead}"
        verb = "POST" if lead is None else "PUT"
        status, answer, reason = self._call(verb, path, data)
        if status != 200:
            return _outcome(write.key, status, reason, lead)
        lead = str(answer["id"])
        if state == "cancelled":
            status, _, reason = self._call("POST", f"{LEAD}/{lead}/cancel", {})
        return _outcome(write.key, status, reason, lead)

    def _leads(self, clause: list[Any]) -> list[dict[str, Any]]:
        return self._search(LEAD, [clause], self.maps[TASK].key, *self.maps[TASK].names)

    def _lead(self, row: Mapping[str, Any]) -> Held:
        field_map = self.maps[TASK]
        values = {name: row.get(name) for name in field_map.names}
        return Held(row[field_map.key], str(row["id"]), values)

    def _links_of_key(self, key: str) -> list[dict[str, Any]]:
        line = f"{self.maps[ACCOUNT].key}: {key}"
        rows = self._search(
            LINK,
            [["description", "like", f"{_HEADING}\n{line}%"]],
            "description",
            "resource",
        )
        return [
            r
            for r in rows
            if _parsed(r["description"]).get(self.maps[ACCOUNT].key) == key
        ]

    def _ours(self, said: Mapping[str, str]) -> dict[str, str | None]:
        return {name: said.get(name) for name in self.maps[ACCOUNT].names}

    def _own_company(self) -> tuple[int, int]:
        """The company leads are made for, and its currency."""
        if self._company is None:
            rows = self._search("company.company", [], "currency")
            told = settings.setting("TRYTON_COMPANY")
            mine = [r for r in rows if told is None or str(r["id"]) == told]
            if len(mine) != 1:
                raise CrmError(
                    f"tryton: there are {len(mine)} companies to make leads for; set "
                    "LYTTEPOST_TRYTON_COMPANY to the id of one"
                )
            self._company = (mine[0]["id"], mine[0]["currency"])
        return self._company

    def _search(
        self, model: str, domain: list[Any], *fields: str
    ) -> list[dict[str, Any]]:
        """All records of a domain, page by page, by id.

        Raises:
            CrmError: no answer after so many tries, or a refusal.
        """
        found: list[dict[str, Any]] = []
        while True:
            query = urlencode(
                [
                    *(("f", name) for name in fields),
                    ("d", _packed(domain)),
                    ("o", _packed([["id", "ASC"]])),
                    ("s", _PAGE),
                    ("p", len(found)),
                ]
            )
            ask = functools.partial(self._asked, f"{model}?{query}")
            rows = asked_until_answered(NAME, ask, self.pace, tries=READ_TRIES).value
            found += rows
            if len(rows) < _PAGE:
                return found

    def _asked(self, path: str) -> Said:
        """One call that only reads."""
        status, value, reason = self._call("GET", path)
        if status == 200:
            return Said("accepted", value)
        if status == 429:
            return Said("busy", reason=reason)
        # A 500 may be an unknown field as well as a fault that passes.
        became = "rejected" if 400 <= status < 500 else "unknown"
        return Said(became, reason=f"{path.partition('?')[0]}: {reason}")

    def _call(
        self, verb: str, path: str, data: Any = None
    ) -> tuple[int, Any, str | None]:
        """Status, JSON and reason; `_NO_ANSWER` when none came.

        Raises:
            CrmRefused: the application key is not accepted.
        """
        self.pace.take()
        self.calls += 1
        name, mark, query = path.partition("?")
        company = {"company": self._company[0]} if self._company else {}
        request = urllib.request.Request(
            f"{self.address}/rest/model/{quote(name)}{mark}{query}",
            data=None if data is None else json.dumps(data).encode(),
            method=verb,
            headers={
                "Authorization": f"Bearer {self._key}",
                "Content-Type": "application/json",
                "X-Tryton-Context": _packed(company),
            },
        )
        try:
            with self._opener.open(request, timeout=_TIMEOUT_S) as response:
                return response.status, json.loads(response.read() or b"null"), None
        except urllib.error.HTTPError as error:
            with error:
                told = _reason(error.read(), error.headers.get("Content-Type", ""))
            if error.code in (401, 403):
                raise CrmRefused(
                    f"tryton: refused ({error.code}); LYTTEPOST_TRYTON_KEY must be a "
                    "validated application key for rest, and its user have the rights "
                    "of docs/crm.md"
                ) from None
            return error.code, None, f"{error.code} {told}"
        except (OSError, json.JSONDecodeError) as error:
            return _NO_ANSWER, None, f"no whole answer: {type(error).__name__}"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def open_destination(home: Path, pace: Pace) -> Tryton:
    """The database of the settings.

    Raises:
        CrmError: its address or key is not set.
    """
    address, key = settings.setting("TRYTON_URL"), settings.secret("TRYTON_KEY")
    if address is None or key is None:
        raise CrmError(
            "tryton: set LYTTEPOST_TRYTON_URL, as https://crm.example.com/sales, and "
            "LYTTEPOST_TRYTON_KEY or LYTTEPOST_TRYTON_KEY_FILE"
        )
    return Tryton(pace, address, key)


def _outcome(
    key: str, status: int, reason: str | None, remote_id: str | None
) -> Outcome:
    if status == 200:
        return Outcome(key, "accepted", remote_id)
    if status == 429:
        return Outcome(key, "busy", remote_id, reason)
    if status == _NO_ANSWER or status >= 500:
        return Outcome(key, "unknown", remote_id, reason)
    return Outcome(key, "rejected", remote_id, reason)


def _moment(said: Any) -> str | None:
    """A day or a moment as Tryton writes it, in ISO words."""
    if not isinstance(said, Mapping):
        return said or None
    names = ("year", "month", "day", "hour", "minute", "second")
    return datetime(*(said[n] for n in names if n in said)).isoformat()


def _amount(said: Any) -> str | None:
    """A decimal as Tryton writes it."""
    if isinstance(said, Mapping):
        said = said.get("decimal")
    return None if said is None else str(said)


def _packed(said: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode()


def _reason(body: bytes, content_type: str) -> str:
    """Tryton's own words; of a page of HTML only that it was one."""
    if "json" not in content_type:
        return "with a page instead of a reason"
    try:
        told = json.loads(body)
    except json.JSONDecodeError:
        return "with no reason that can be read"
    return " ".join(json.dumps(told, ensure_ascii=False).split())[:300]


def _is_ours(description: str | None) -> bool:
    return (description or "").startswith(f"{_HEADING}\nlyttepost_")


def _parsed(description: str | None) -> dict[str, str]:
    """Lines `field: value` of a link; what is indented goes on with the line before."""
    found: dict[str, str] = {}
    last = None
    for line in (description or "").split("\n"):
        name, mark, value = line.partition(": ")
        if last is not None and line.startswith("  "):
            found[last] += "\n" + line[2:]
        elif mark and name.startswith("lyttepost_"):
            found[name], last = value, name
        else:
            last = None
    return found


def _written(before: str, values: Mapping[str, str], clear: Sequence[str]) -> str:
    """The text with our lines as they are to be; lines of others stay as they are."""
    said = {**_parsed(before), **values}
    for name in clear:
        said.pop(name, None)
    others, is_ours = [], False
    for line in before.split("\n") if before else []:
        name, mark, _ = line.partition(": ")
        is_ours = (bool(mark) and name.startswith("lyttepost_")) or (
            is_ours and line.startswith("  ")
        )
        if not is_ours and line != _HEADING:
            others.append(line)
    ours = [f"{name}: " + value.replace("\n", "\n  ") for name, value in said.items()]
    return "\n".join([_HEADING, *ours, *others])
