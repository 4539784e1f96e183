"""SuperOffice: companies and follow-ups, by its REST interface.

The client that once was is dead. A company there is a Contact, a follow-up an
Appointment; our fields are extra fields of text, which an administrator makes. The
agent that could upsert is not to be had online, so a record is found by our key and
then made: one worker, and the engine's map of ids. What changes goes as a JSON merge
patch, and nothing else is in it. No tries here; reading waits and tries again.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from orchestration import settings
from orchestration.crm.destinations.address import checked_address
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
from orchestration.crm.destinations.rest import Rest
from orchestration.crm.destinations.said import Said
from orchestration.crm.destinations.token import Token
from orchestration.crm.fault import CrmError
from orchestration.crm.field_map import PREFIX, load_field_map, load_stages, map_file
from orchestration.crm.pace import Pace

NAME = "superoffice"
# No rate is published. A brake, no more.
RATE, BURST = 10.0, 10
_TIMEOUT_S = 60.0
_PAGE = 500
# A filter is part of an address: so many keys a call.
_KEYS = 20
_MERGE_PATCH = "application/merge-patch+json"
# Archives tell the words of lists as they are shown, in the language that is asked for.
_IN_ENGLISH = {"SO-Language": "en"}
# Columns of the archives SimpleContact and FindSale.
_OF_COMPANY = (
    *("contactId", "name", "orgnr", "url/URLAddress"),
    "contactAssociate/associateDbId",
)
_OF_SALE = (
    *("saleId", "contactId", "stage", "saleStatus", "amount", "date"),
    "registeredDate",
)
# States of a sale; another is open, or waits.
_CLOSED = ("Sold", "Lost")
_OWN = {ACCOUNT: "ContactId", TASK: "AppointmentId"}
_EXTRA = {ACCOUNT: "contactExtra", TASK: "appointmentExtra"}


class SuperOffice:
    """One customer of SuperOffice."""

    name = NAME
    kinds = (ACCOUNT, TASK)
    # Each record is a call of its own; a batch bounds what a kill leaves unknown.
    terms = Terms(batch_size=50, creates_fields=False)

    def __init__(self, pace: Pace, address: str, timeout_s: float) -> None:
        self._rest = Rest(
            NAME,
            f"{checked_address(NAME, address)}/api/v1",
            pace.at(RATE, BURST),
            timeout_s,
            Token(NAME, pace),
            lambda token: {"Authorization": f"Bearer {token}", **_IN_ENGLISH},
            "LYTTEPOST_SUPEROFFICE_TOKEN must be an access token of the customer at "
            "LYTTEPOST_SUPEROFFICE_URL, of a user with the rights of docs/crm.md",
        )
        self.maps = {kind: load_field_map(map_file(NAME, kind)) for kind in self.kinds}

    @property
    def calls(self) -> int:
        """Calls made so far."""
        return self._rest.calls

    def describe(self, kind: str) -> Mapping[str, RemoteField]:
        """Fields of an empty record, as SuperOffice fills one in: ours among them."""
        field_map = self.maps[kind]
        empty = self._rest.read(f"{field_map.object}/default").value or {}
        extra = empty.get("CustomFields") or {}
        lengths = empty.get("FieldProperties") or {}
        found: dict[str, RemoteField] = {}
        of_name = {f.field: f for f in field_map.made}
        for name in (field_map.key, *of_name):
            there = extra if name.startswith(PREFIX) else empty
            if _column(name) not in there:
                continue
            said = lengths.get(_column(name)) or {}
            field = of_name.get(name)
            found[name] = RemoteField(
                name,
                field.type if field is not None else "text",
                said.get("FieldLength") or None,
                field.options if field is not None else (),
                # What the token's user may do with it, in SuperOffice's words.
                "Update" not in (said.get("FieldRight") or "Update"),
            )
        return found

    def create_fields(self, kind: str, names: Sequence[str]) -> None:
        """Extra fields are made by an administrator.

        Raises:
            CrmError: always; it says what to make.
        """
        field_map = self.maps[kind]
        lengths = {f.field: f.max_length for f in field_map.fields}
        wanted = "; ".join(
            f"{_column(name)}: text of {lengths.get(name) or 255}" for name in names
        )
        raise CrmError(
            "superoffice: an administrator must create extra fields of "
            f"{field_map.object}, as we ask for no right to change the database: "
            f"{wanted}"
        )

    def companies(self) -> Iterator[RemoteCompany]:
        """All companies, page by page."""
        asked = ",".join(_OF_COMPANY)
        for said in self._archive(self.maps[ACCOUNT].object, asked, None):
            yield RemoteCompany(
                str(said["contactId"]),
                said.get("name") or "",
                said.get("orgnr") or None,
                said.get("url/URLAddress") or None,
                _text(said.get("contactAssociate/associateDbId")) or None,
            )

    def opportunities(self) -> Iterator[RemoteOpportunity]:
        """All sales, page by page; sold and lost are said beside the stage."""
        entity, stages = load_stages(NAME)
        for said in self._archive(entity, ",".join(_OF_SALE), None):
            status = said.get("saleStatus")
            is_closed = status in _CLOSED
            word = (status if is_closed else said.get("stage")) or ""
            yield RemoteOpportunity(
                str(said["saleId"]),
                _text(said.get("contactId")),
                said["registeredDate"],
                stages.get(word, word),
                _text(said.get("amount")),
                # Of an open sale it is only when it may be sold.
                said.get("date") if is_closed else None,
            )

    def fates(self, remote_ids: Sequence[str]) -> list[RemoteFate]:
        """Verdicts, and follow-ups that people completed: ours bear a reason."""
        field_map = self.maps[TASK]
        asks = field_map.asks
        assert asks is not None
        found = []
        for remote_id in remote_ids:
            said = self._rest.read(f"{field_map.object}/{remote_id}").value or {}
            extra = said.get("CustomFields") or {}
            is_done = said.get("Completed") == field_map.word("Completed", "closed")
            came = fate(
                extra.get(_column(field_map.key)),
                extra.get(_column(asks.field)),
                # When it was completed is not told; it was last written then or later.
                said.get("UpdatedDate") if is_done else None,
                extra.get(_column("lyttepost_closed_reason")),
            )
            found += [came] if came else []
        return found

    def find(self, kind: str, keys: Sequence[str]) -> list[Held]:
        """Records by our key: the archive says which, and each is then read."""
        field_map = self.maps[kind]
        own = _OWN[kind][0].lower() + _OWN[kind][1:]
        column = f"{_EXTRA[kind]}/{_column(field_map.key)}"
        ids = []
        for start in range(0, len(keys), _KEYS):
            part = keys[start : start + _KEYS]
            told = " or ".join(f"{column} eq '{_quoted(k)}'" for k in part)
            rows = self._archive(field_map.object, f"{own},{column}", told)
            ids += [str(row[own]) for row in rows if row.get(column) in part]
        held = self.read(kind, ids)
        return [held[i] for i in ids if i in held]

    def read(self, kind: str, remote_ids: Sequence[str]) -> dict[str, Held]:
        """Records by id, one a call; those that were deleted are left out."""
        field_map = self.maps[kind]
        found = {}
        for remote_id in remote_ids:
            said = self._rest.read(f"{field_map.object}/{remote_id}")
            if said.status == "missing" or not said.value:
                continue
            extra = said.value.get("CustomFields") or {}
            values = {
                name: _text(
                    extra.get(_column(name))
                    if name.startswith(PREFIX)
                    else said.value.get(name)
                )
                for name in (field_map.key, *field_map.names)
            }
            key = values.pop(field_map.key)
            found[remote_id] = Held(key, str(said.value[_OWN[kind]]), values)
        return found

    def write(self, kind: str, writes: Sequence[Write]) -> list[Outcome]:
        """Each record by a call of its own."""
        path = self.maps[kind].object
        outcomes = []
        for i, write in enumerate(writes):
            body = self._body(kind, write)
            if write.remote_id is None:
                said = self._rest.ask("POST", path, body)
            else:
                said = self._rest.ask(
                    "PATCH",
                    f"{path}/{write.remote_id}",
                    body,
                    content_type=_MERGE_PATCH,
                )
            outcomes.append(_outcome(write, said, _OWN[kind]))
            if said.status == "busy":
                outcomes += [
                    Outcome(w.key, "busy", reason=said.reason, after_s=said.after_s)
                    for w in writes[i + 1 :]
                ]
                break
        return outcomes

    def _body(self, kind: str, write: Write) -> dict[str, Any]:
        """What is written of a record: our fields, and once who or whose it is."""
        field_map = self.maps[kind]
        said: dict[str, Any] = dict(write.values) | dict.fromkeys(write.clear, "")
        extra = {field_map.key: write.key} | {
            n: v for n, v in said.items() if n.startswith(PREFIX)
        }
        body: dict[str, Any] = {n: v for n, v in said.items() if n not in extra}
        body["CustomFields"] = {_column(n): v for n, v in extra.items()}
        if write.remote_id is not None:
            return body
        if kind == TASK:
            body["Contact"] = {"ContactId": int(write.parent_id or 0)}
            # A follow-up has a beginning too; ours is due all of its last day.
            body |= {"StartDate": said.get("EndDate"), "IsAlldayEvent": True}
        elif write.company is not None:
            company = write.company
            body["Name"] = company.name or write.key
            if company.org_number:
                body["OrgNr"] = company.org_number
            if company.domain:
                body["Domains"] = [company.domain]
        return body

    def _archive(
        self, path: str, select: str, where: str | None
    ) -> Iterator[Mapping[str, Any]]:
        skip = 0
        while True:
            query: list[tuple[str, object]] = [
                ("$select", select),
                *([("$filter", where)] if where else []),
                ("$top", _PAGE),
                ("$skip", skip),
            ]
            said = self._rest.read(path, query)
            rows = (said.value or {}).get("value") or []
            yield from rows
            if len(rows) < _PAGE:
                return
            skip += len(rows)


def open_destination(home: Path, pace: Pace) -> SuperOffice:
    """The customer at LYTTEPOST_SUPEROFFICE_URL.

    Raises:
        CrmError: no address or no token.
    """
    address = settings.setting("SUPEROFFICE_URL")
    if address is None:
        raise CrmError(
            "superoffice: there is no address; set LYTTEPOST_SUPEROFFICE_URL to that "
            "of the customer, as https://online.superoffice.com/Cust12345"
        )
    return SuperOffice(pace, address, _TIMEOUT_S)


def _outcome(write: Write, said: Said, own: str) -> Outcome:
    if said.status == "accepted":
        return Outcome(write.key, "accepted", str(said.value[own]))
    if said.status == "missing":
        # In the words of the plan, which from then on leaves it so.
        told = f"the record was deleted there ({said.reason}); it is left so"
        return Outcome(write.key, "rejected", reason=told)
    return Outcome(
        write.key, said.status, write.remote_id, said.reason, after_s=said.after_s
    )


def _column(name: str) -> str:
    """A field of the map as SuperOffice calls it: extra fields begin x_."""
    return f"x_{name}" if name.startswith(PREFIX) else name


def _quoted(word: str) -> str:
    return word.replace("'", "''")


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
