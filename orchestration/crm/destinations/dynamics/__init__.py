"""Microsoft Dynamics 365: accounts and tasks, by Microsoft's client (extra `dynamics`).

The client is that of Dataverse, where Dynamics keeps its records. All of a batch goes
in one `$batch`, each record with its own answer (two in a changeset, where both must
be done or neither): those we know by their id (`If-Match`,
so that one deleted there is not made again), new ones by an alternate key of ours. The
client's own tries are switched off: a lost answer is read back and never sent again
blindly. No tries here; reading waits and tries again.
"""

import importlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

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
from orchestration.crm.field_map import PREFIX, load_field_map, load_stages, map_file
from orchestration.crm.pace import Pace

NAME = "dynamics"
# Dataverse takes 1,000 a $batch; fewer are lost to one cut line, and it works through
# them one after the other.
BATCH = 100
_TIMEOUT_S = 120.0
_PAGE = 1000
_IS_PREFIX = re.compile(r"[a-z][a-z0-9]{1,7}")
_TYPES = {
    "String": "text",
    "Memo": "text",
    "Decimal": "number",
    "Double": "number",
    "Money": "number",
    "Integer": "number",
    "DateTime": "date",
    "State": "picklist",
    "Picklist": "picklist",
}
# Of a state, the reason that goes with it: Not Started and Completed of a task.
_STATUS_OF = {"0": 2, "1": 5}
# States of an opportunity; 0 is open.
_CLOSED = {1: "won", 2: "lost"}
_HANGS_ON = "regardingobjectid_account@odata.bind"
# Microsoft's client, which is there only where somebody uses it.
_CLIENT = (
    "PowerPlatform.Dataverse.client",
    "PowerPlatform.Dataverse.core.config",
    "PowerPlatform.Dataverse.core.errors",
    "PowerPlatform.Dataverse.models.upsert",
    "azure.core.credentials",
)
_METADATA = ["LogicalName", "AttributeType", "MaxLength", "IsValidForUpdate"]
_DUPLICATE_KEY = "0x80040237"


class Dynamics:
    """One environment of Dataverse."""

    name = NAME
    kinds = (ACCOUNT, TASK)
    terms = Terms(batch_size=BATCH)

    def __init__(self, pace: Pace, address: str, timeout_s: float) -> None:
        try:
            dataverse, config, errors, upsert, credentials = (
                importlib.import_module(name) for name in _CLIENT
            )
        except ImportError as error:
            raise CrmError(
                "dynamics: Microsoft's client is not installed; pip install "
                "'lyttepost[dynamics]'"
            ) from error
        from orchestration.crm.destinations.dynamics.line import INTERVAL_S, LIMIT, Line

        parts = urlsplit(checked_address(NAME, address))
        self.prefix = settings.setting("DYNAMICS_PREFIX") or "lytte"
        if not _IS_PREFIX.fullmatch(self.prefix):
            raise CrmError(
                f"dynamics: LYTTEPOST_DYNAMICS_PREFIX is {self.prefix!r}; it must be "
                "the prefix of your publisher, two to eight letters and digits"
            )
        self.org_number = settings.setting("DYNAMICS_ORG_NUMBER_COLUMN")
        if self.org_number and not re.fullmatch(r"\w+", self.org_number):
            raise CrmError(
                "dynamics: LYTTEPOST_DYNAMICS_ORG_NUMBER_COLUMN is "
                f"{self.org_number!r}; it must be the name of a column of account"
            )
        self._http_error = errors.HttpError
        self._metadata_error = errors.MetadataError
        self._upsert_item = upsert.UpsertItem
        self._line = Line(timeout_s, is_local(address))
        self._line.pace = pace.within(LIMIT, INTERVAL_S)
        self.maps = {kind: load_field_map(map_file(NAME, kind)) for kind in self.kinds}
        # Where a record went that was merged: the old one still bears our key.
        self._merged_from: dict[str, str] = {}
        self._token = Token(NAME, pace)
        self._client = dataverse.DataverseClient(
            f"https://{parts.netloc}",
            _Credential(self._token.value, credentials.AccessToken),
            config.DataverseConfig(http_retries=1, http_timeout=timeout_s),
        )
        # It takes one only by a `with` block; ours bears pace, time limit and count.
        self._client._session = self._line

    @property
    def calls(self) -> int:
        """Calls made so far."""
        return self._line.calls

    def describe(self, kind: str) -> Mapping[str, RemoteField]:
        """Columns of the table, ours under their names in the map.

        Raises:
            CrmError: our key is there and is no alternate key.
        """
        field_map = self.maps[kind]
        table = field_map.object
        columns = self._read(
            lambda: self._client.tables.list_columns(
                table,
                select=[
                    "LogicalName",
                    "AttributeType",
                    "MaxLength",
                    "IsValidForUpdate",
                ],
                typed=True,
            )
        )
        there = {c["LogicalName"]: c for c in columns}
        key = self._column(field_map.key)
        if key in there:
            keys = self._read(lambda: self._client.tables.get_alternate_keys(table))
            if not any(list(k.key_attributes) == [key] for k in keys):
                raise CrmError(
                    f"dynamics: {table}.{key} is no alternate key; an administrator "
                    "must define one on that column, for we find by it"
                )
        wanted = (field_map.key, *(f.field for f in field_map.made))
        names = {self._column(n): n for n in wanted}
        words = {f.field: f.options for f in field_map.fields}
        return {
            names[column]: RemoteField(
                names[column],
                _TYPES.get(said["AttributeType"], said["AttributeType"]),
                said.get("MaxLength"),
                # States of an activity are Dataverse's own: open, completed.
                words.get(names[column], ()),
                not said.get("IsValidForUpdate", True),
            )
            for column, said in there.items()
            if column in names
        }

    def create_fields(self, kind: str, names: Sequence[str]) -> None:
        """Create columns, and the alternate key of ours.

        Raises:
            CrmError: Dataverse refuses: it takes the role System Customizer.
        """
        field_map = self.maps[kind]
        of_name = {f.field: f for f in field_map.made}
        made: dict[str, Any] = {}
        for name in names:
            field = of_name.get(name)
            most = (field.max_length if field is not None else None) or 255
            made[self._column(name)] = {
                "text": {"type": "string" if most <= 4000 else "memo"}
                | {"max_length": most},
                "number": {"type": "decimal", "precision": 3},
                "date": {"type": "date"},
                # What people say of a task: in our words, or nearly so.
                "picklist": {"type": "string", "max_length": 255},
            }[field.type if field is not None else "text"]
        table, key = field_map.object, self._column(field_map.key)
        try:
            self._client.tables.add_columns(table, made)
            if field_map.key in names:
                self._client.tables.create_alternate_key(table, f"{key}_ak", [key])
        except (self._http_error, self._metadata_error) as error:
            raise CrmError(
                f"dynamics: columns of {table} were not created: {_one_line(error)}"
            ) from error

    def companies(self) -> Iterator[RemoteCompany]:
        """All active accounts, page by page."""
        number = self.org_number
        names = ["accountid", "name", "websiteurl", *([number] if number else [])]
        names.append("_ownerid_value")
        for said in self._pages(self.maps[ACCOUNT].object, names, "statecode eq 0"):
            yield RemoteCompany(
                said["accountid"],
                said.get("name") or "",
                _text(said.get(number)) if number else None,
                said.get("websiteurl"),
                said.get("_ownerid_value"),
            )

    def opportunities(self) -> Iterator[RemoteOpportunity]:
        """All opportunities, page by page; won and lost are states of their own."""
        table, stages = load_stages(NAME)
        product = settings.setting("DYNAMICS_PRODUCT_COLUMN")
        if product and not re.fullmatch(r"\w+", product):
            raise CrmError(
                f"dynamics: LYTTEPOST_DYNAMICS_PRODUCT_COLUMN is {product!r}; it must "
                f"be the name of a column of {table}"
            )
        names = ["opportunityid", "_parentaccountid_value", "createdon", "stepname"]
        names += ["statecode", "estimatedvalue", "actualvalue", "actualclosedate"]
        names += [product] if product else []
        for said in self._pages(table, names, None):
            closed = _CLOSED.get(said["statecode"])
            word = closed or said.get("stepname") or ""
            amount = said.get("actualvalue" if closed == "won" else "estimatedvalue")
            yield RemoteOpportunity(
                said["opportunityid"],
                said.get("_parentaccountid_value"),
                said["createdon"],
                stages.get(word, word),
                _text(amount),
                said.get("actualclosedate") if closed else None,
                _text(said.get(product)) if product else None,
            )

    def fates(self, remote_ids: Sequence[str]) -> list[RemoteFate]:
        """Verdicts, and tasks that people completed: ours bear a reason."""
        field_map = self.maps[TASK]
        asks = field_map.asks
        assert asks is not None
        key, verdict = self._column(field_map.key), self._column(asks.field)
        reason = self._column("lyttepost_closed_reason")
        completed = int(field_map.word("statecode", "closed"))
        found = []
        names = [key, verdict, reason, "statecode", "actualend"]
        for said in self._shown(field_map.object, remote_ids, names):
            if said is None:
                continue
            came = fate(
                said.get(key),
                said.get(verdict),
                said.get("actualend") if said.get("statecode") == completed else None,
                said.get(reason),
            )
            found += [came] if came else []
        return found

    def _pages(
        self, table: str, names: Sequence[str], where: str | None
    ) -> Iterator[Mapping[str, Any]]:
        pages = self._client.records.list_pages(
            table, select=list(names), filter=where, page_size=_PAGE
        )
        while True:
            page = self._read(lambda: next(pages, None))
            if page is None:
                return
            yield from page

    def find(self, kind: str, keys: Sequence[str]) -> list[Held]:
        """Records by our alternate key."""
        key = self._column(self.maps[kind].key)
        found = self._retrieved(kind, [f"{key}='{k}'" for k in keys])
        return [self._held(kind, said) for said in found if said is not None]

    def read(self, kind: str, remote_ids: Sequence[str]) -> dict[str, Held]:
        """Records by id; one that was merged is answered with the one it went into."""
        found: dict[str, Held] = {}
        into: dict[str, str] = {}
        answers = self._retrieved(kind, remote_ids)
        for asked, said in zip(remote_ids, answers, strict=True):
            if said is None:
                continue
            if said.get("merged") and said.get("_masterid_value"):
                into[asked] = said["_masterid_value"]
            else:
                found[asked] = self._held(kind, said)
        if into:
            held = self.read(kind, sorted(set(into.values())))
            for old, new in into.items():
                if new in held:
                    found[old] = held[new]
                    self._merged_from[held[new].remote_id] = old
        return found

    def write(self, kind: str, writes: Sequence[Write]) -> list[Outcome]:
        """One `$batch`: a PATCH a record, each with its own answer."""
        field_map = self.maps[kind]
        table, key = field_map.object, self._column(field_map.key)
        batch = self._client.batch.new()
        # Each record with the number of its requests.
        asked: list[tuple[Write, int]] = []
        for write in writes:
            said = self._said(kind, write)
            if write.remote_id is None:
                item = self._upsert_item(alternate_key={key: write.key}, record=said)
                batch.records.upsert(table, [item])
                asked.append((write, 1))
                continue
            said[key] = write.key
            old = self._merged_from.get(write.remote_id)
            if kind == ACCOUNT and old is not None:
                # A key is one record's: that which was merged away lets it go, and
                # both is done or neither.
                with batch.changeset() as both:
                    both.records.update(table, old, {key: None})
                    both.records.update(table, write.remote_id, said)
                asked.append((write, 2))
            else:
                batch.records.update(table, write.remote_id, said)
                asked.append((write, 1))
        told = self._once(lambda: batch.execute(continue_on_error=True))
        result, after_s = told.value, told.after_s
        if result is None:
            return [
                Outcome(w.key, told.status, reason=told.reason, after_s=after_s)
                for w in writes
            ]
        answers = _of_records(result.responses, [n for _, n in asked])
        if answers is None:
            why = f"{len(result.responses)} answers for {len(asked)} records"
            return [Outcome(w.key, "unknown", reason=why) for w in writes]
        return [
            _outcome(write, said, after_s)
            for (write, _), said in zip(asked, answers, strict=True)
        ]

    def _said(self, kind: str, write: Write) -> dict[str, Any]:
        """What is written of a record: our columns, and once who it is."""
        field_map = self.maps[kind]
        of_name = {f.field: f.type for f in field_map.fields}
        said: dict[str, Any] = {
            self._column(name): float(value) if of_name[name] == "number" else value
            for name, value in write.values.items()
        }
        said |= {self._column(name): None for name in write.clear}
        if "statecode" in said:
            state = str(said["statecode"])
            # Dataverse takes a state and its reason together.
            said |= {"statecode": int(state), "statuscode": _STATUS_OF[state]}
        if kind == TASK and write.parent_id and write.remote_id is None:
            said[_HANGS_ON] = f"/accounts({write.parent_id})"
        if kind == ACCOUNT and write.company is not None and write.remote_id is None:
            company = write.company
            for name, value in (
                ("name", company.name),
                ("websiteurl", company.domain and f"https://{company.domain}"),
                (self.org_number, company.org_number),
            ):
                if name and value:
                    said[name] = value
        return said

    def _retrieved(
        self, kind: str, keys: Sequence[str]
    ) -> list[Mapping[str, Any] | None]:
        """One record a key or id, in their order; None where there is none."""
        field_map = self.maps[kind]
        names = [self._column(n) for n in (field_map.key, *field_map.names)]
        own = f"{'account' if kind == ACCOUNT else 'activity'}id"
        names += [own, *(["merged", "_masterid_value"] if kind == ACCOUNT else [])]
        return self._shown(field_map.object, keys, names)

    def _shown(
        self, table: str, keys: Sequence[str], names: Sequence[str]
    ) -> list[Mapping[str, Any] | None]:
        found: list[Mapping[str, Any] | None] = []
        for start in range(0, len(keys), BATCH):
            part = keys[start : start + BATCH]
            batch = self._client.batch.new()
            for key in part:
                batch.records.retrieve(table, key, select=list(names))
            result = self._read(
                lambda batch=batch: batch.execute(  # type: ignore[misc]
                    continue_on_error=True
                )
            )
            for said in result.responses:
                if said.status_code not in (200, 404):
                    raise CrmError(
                        f"dynamics: cannot be read: {said.status_code} "
                        f"{said.error_message}"
                    )
                found.append(said.data if said.status_code == 200 else None)
        if len(found) != len(keys):
            raise CrmError("dynamics: cannot be read: answers are missing")
        return found

    def _held(self, kind: str, said: Mapping[str, Any]) -> Held:
        field_map = self.maps[kind]
        own = f"{'account' if kind == ACCOUNT else 'activity'}id"
        return Held(
            said.get(self._column(field_map.key)),
            said[own],
            {n: _text(said.get(self._column(n))) for n in field_map.names},
        )

    def _column(self, name: str) -> str:
        """A field of the map as Dataverse calls it: with the publisher's prefix."""
        if not name.startswith(PREFIX):
            return name
        return f"{self.prefix}_{name.removeprefix(PREFIX)}"

    def _read(self, call: Callable[[], Any]) -> Any:
        """Ask until there is an answer: what is only read may be asked again.

        Raises:
            CrmError: no answer after so many tries.
        """
        return asked_until_answered(
            NAME, lambda: self._once(call), self._line.pace
        ).value

    def _once(self, call: Callable[[], Any], *, is_renewed: bool = False) -> Said:
        """One call.

        Raises:
            CrmRefused: the token is refused, also once it has been read anew.
        """
        try:
            return Said("accepted", call(), None, self._line.after_s)
        except self._metadata_error as error:
            return Said("rejected", reason=_one_line(error))
        except self._http_error as error:
            code, reason = error.status_code, f"{error.status_code} {_one_line(error)}"
        except (requests.RequestException, OSError, ValueError) as error:
            told = f"no whole answer: {type(error).__name__}"
            return Said("unknown", reason=told)
        if code == 401 and not is_renewed:
            # The credential takes its token at each call.
            self._token.renew(self._token.value())
            return self._once(call, is_renewed=True)
        if code in (401, 403):
            raise CrmRefused(
                f"dynamics: refused ({reason}); LYTTEPOST_DYNAMICS_TOKEN must be an "
                "access token for the environment at LYTTEPOST_DYNAMICS_URL, of a user "
                "with the rights of docs/crm.md"
            )
        after_s = self._line.after_s
        if code == 429 or (code == 503 and after_s is not None):
            self._line.pace.hold(after_s or 0.0)
            return Said("busy", None, reason, after_s)
        return Said("unknown" if code >= 500 else "rejected", reason=reason)


class _Credential:
    """What the client takes a token from: ours is read from the settings."""

    def __init__(self, token: Callable[[], str], made: Callable[..., Any]) -> None:
        self._token, self._made = token, made

    def get_token(self, *scopes: str, **options: Any) -> Any:
        """The token, read anew at each call; others keep it fresh."""
        return self._made(self._token(), 0)


def open_destination(home: Path, pace: Pace) -> Dynamics:
    """The environment at LYTTEPOST_DYNAMICS_URL.

    Raises:
        CrmError: no address, no token, or Microsoft's client is not installed.
    """
    address = settings.setting("DYNAMICS_URL")
    if address is None:
        raise CrmError(
            "dynamics: there is no address; set LYTTEPOST_DYNAMICS_URL to that of the "
            "environment, as https://NAME.crm4.dynamics.com"
        )
    return Dynamics(pace, address, _TIMEOUT_S)


def _of_records(responses: Sequence[Any], sizes: Sequence[int]) -> list[Any] | None:
    """The answer that counts of each record; None where they do not fit together.

    A changeset that was done answers each of its requests, one that was not done
    answers once, for all of them.
    """
    found, left = [], list(responses)
    for n in sizes:
        taken = n if left and left[0].is_success else 1
        if len(left) < taken:
            return None
        found.append(left[taken - 1])
        left = left[taken:]
    return None if left else found


def _outcome(write: Write, said: Any, after_s: float | None) -> Outcome:
    """The outcome of one request of a `$batch`, in Dataverse's own words."""
    code = said.status_code
    if said.is_success:
        return Outcome(write.key, "accepted", said.entity_id or write.remote_id)
    told = _one_line(f"{code} {said.error_code or ''} {said.error_message or ''}")
    if code == 404 and write.remote_id is not None:
        # In the words of the plan, which from then on leaves it so.
        told = f"the record was deleted there ({told}); it is left so"
        return Outcome(write.key, "rejected", reason=told)
    if code == 429:
        return Outcome(write.key, "busy", reason=told, after_s=after_s)
    if code >= 500:
        return Outcome(write.key, "unknown", reason=told)
    if code in (408, 409, 412) and _DUPLICATE_KEY not in told:
        return Outcome(write.key, "retryable", reason=told)
    return Outcome(write.key, "rejected", reason=told)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _one_line(said: object) -> str:
    return " ".join(str(said).split())
