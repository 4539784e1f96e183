"""Made-up CRMs behind one face, so that one test asks the same of each of them."""

import base64
import csv
import hashlib
import hmac
import importlib
import json
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from orchestration.crm.field_map import load_field_map, map_file
from orchestration.crm.pace import Pace
from practice_market import (
    crm_weather,
    fake_dataverse,
    fake_hubspot,
    fake_salesforce,
)
from practice_market.fake_dataverse import FakeDataverse
from practice_market.fake_hubspot import FakeHubSpot
from practice_market.fake_pipedrive import FakePipedrive
from practice_market.fake_salesforce import FakeSalesforce
from practice_market.fake_superoffice import FakeSuperOffice
from practice_market.faulty_server import Answer
from tests.crm import desk


class Clock:
    """Time that passes when somebody waits for it, and not by itself."""

    def __init__(self) -> None:
        self.now = 0.0
        self._lock = threading.Lock()

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.now += seconds

    def pace(self) -> Pace:
        return Pace(clock=self, sleep=self.sleep)


def hurried() -> Pace:
    """Waits as against the real service, by a clock that costs no time."""
    return Clock().pace()


@dataclass
class DynamicsPeer:
    """Dynamics, by Microsoft's client."""

    needs = "PowerPlatform.Dataverse"
    name = "dynamics"
    fake: FakeDataverse = field(default_factory=FakeDataverse)
    faults = fake_dataverse.Faults

    def settings(self, address: str, token_file: Path) -> dict[str, str]:
        self.fake.address = address
        return {
            "DYNAMICS_URL": address,
            "DYNAMICS_TOKEN_FILE": str(token_file),
            "DYNAMICS_ORG_NUMBER_COLUMN": "org_number",
        }

    def company(self, i: int) -> str:
        return self.fake.add(
            "account",
            name=f"Oppdiktet {i}",
            org_number=f"{desk.org_number(i)[:3]} {desk.org_number(i)[3:]}",
            websiteurl=f"https://www.selskap{i}.example/",
            ownerid="kari",
        )

    def ours(self, record_id: str) -> dict[str, Any]:
        held = self.fake.objects["account"][record_id]
        return {
            f"lyttepost_{k.removeprefix('lytte_')}": str(v)
            for k, v in held.items()
            if k.startswith("lytte_") and v is not None
        }

    def edit_ours(self, record_id: str, name: str, value: str) -> None:
        column = f"lytte_{name.removeprefix('lyttepost_')}"
        self.fake.edit("account", record_id, **{column: value})

    def theirs(self) -> dict[str, dict[str, Any]]:
        return {
            i: {k: v for k, v in held.items() if not k.startswith("lytte_")}
            for i, held in self.fake.objects["account"].items()
        }

    def rename(self, record_id: str, name: str) -> None:
        self.fake.edit("account", record_id, name=name)

    def delete(self, record_id: str) -> None:
        self.fake.delete("account", record_id)

    def merge(self, record_id: str, into: str) -> None:
        self.fake.merge(record_id, into)

    def tasks(self) -> dict[str, dict[str, Any]]:
        rows = [
            {
                "key": held["lytte_task_key"],
                "id": i,
                "of": held.get("_regardingobjectid_value"),
                "is_closed": held["statecode"] == 1,
                "reason": held.get("lytte_closed_reason"),
                "text": held.get("description"),
            }
            for i, held in self.fake.objects["task"].items()
        ]
        assert len({r["key"] for r in rows}) == len(rows)
        return {r["key"]: r for r in rows}

    def delete_task(self, record_id: str) -> None:
        self.fake.delete("task", record_id)

    def deals(self, of: Sequence[str]) -> None:
        """Won, open, in a stage nobody mapped; and one of nobody."""
        self.settings_back = {"DYNAMICS_PRODUCT_COLUMN": "lytte_product"}
        made = {"createdon": "2026-02-01T08:00:00Z", "lytte_product": "Modul"}
        for of_account, more in (
            (of[0], {"statecode": 1, "stepname": "4-Close", "actualvalue": 120000.0}),
            (of[1], {"statecode": 0, "stepname": "2-Develop"}),
            (of[2], {"statecode": 0, "stepname": "Made up"}),
            (None, {"statecode": 2}),
        ):
            self.fake.add(
                "opportunity",
                _parentaccountid_value=of_account,
                **made,
                **more,
                actualclosedate="2026-05-01T08:00:00Z",
            )

    def do(self, record_id: str) -> None:
        done = {"statecode": 1, "actualend": "2026-01-20T09:00:00Z"}
        self.fake.edit("task", record_id, **done)

    def judge(self, record_id: str, verdict: str) -> None:
        self.fake.edit("task", record_id, lytte_verdict=verdict)

    owner = "kari"


@dataclass
class PipedrivePeer:
    """Pipedrive: plain REST, a record a call."""

    needs = None
    name = "pipedrive"
    fake: FakePipedrive = field(default_factory=FakePipedrive)
    faults = crm_weather.Faults

    def settings(self, address: str, token_file: Path) -> dict[str, str]:
        return {
            "PIPEDRIVE_URL": address,
            "PIPEDRIVE_TOKEN_FILE": str(token_file),
            "PIPEDRIVE_ORG_NUMBER_FIELD": "Org.nr.",
            "PIPEDRIVE_DOMAIN_FIELD": "Nettsted",
        }

    def company(self, i: int) -> str:
        custom = {
            self.fake.code("Org.nr."): desk.org_number(i),
            self.fake.code("Nettsted"): f"selskap{i}.example",
        }
        return self.fake.add(
            "organizations", name=f"Oppdiktet {i}", owner_id=7, custom_fields=custom
        )

    def _custom(self, record_id: str) -> dict[str, Any]:
        held = self.fake.objects["organizations"][record_id]["custom_fields"]
        return {self.fake.fields[c]["field_name"]: v for c, v in held.items()}

    def ours(self, record_id: str) -> dict[str, Any]:
        return {
            k: str(v)
            for k, v in self._custom(record_id).items()
            if k.startswith("lyttepost_") and v is not None
        }

    def edit_ours(self, record_id: str, name: str, value: str) -> None:
        held = self.fake.objects["organizations"][record_id]
        held["custom_fields"][self.fake.code(name)] = value

    def theirs(self) -> dict[str, dict[str, Any]]:
        return {
            i: {k: v for k, v in held.items() if k != "custom_fields"}
            | {
                k: v
                for k, v in self._custom(i).items()
                if not k.startswith("lyttepost_")
            }
            for i, held in self.fake.objects["organizations"].items()
        }

    def rename(self, record_id: str, name: str) -> None:
        self.fake.objects["organizations"][record_id]["name"] = name

    def delete(self, record_id: str) -> None:
        del self.fake.objects["organizations"][record_id]

    def merge(self, record_id: str, into: str) -> None:
        self.fake.merge(record_id, into)

    def tasks(self) -> dict[str, dict[str, Any]]:
        rows = [
            {
                "key": held["note"].rpartition("lyttepost_task_key: ")[2],
                "id": i,
                "of": str(held["org_id"]),
                "is_closed": held["done"],
                "reason": held.get("public_description"),
                "text": held["note"],
            }
            for i, held in self.fake.objects["activities"].items()
        ]
        assert len({r["key"] for r in rows}) == len(rows)
        return {r["key"]: r for r in rows}

    def delete_task(self, record_id: str) -> None:
        del self.fake.objects["activities"][record_id]

    def deals(self, of: Sequence[str]) -> None:
        """Won, open, in a stage nobody mapped; and one of nobody."""
        self.settings_back = {"PIPEDRIVE_PRODUCT_FIELD": "Produkt"}
        (code,) = self.fake.deal_fields
        won = {"status": "won", "value": 120000}
        for of_account, more in (
            (int(of[0]), won | {"won_time": "2026-05-01T08:00:00Z", "stage_id": 1}),
            (int(of[1]), {"status": "open", "stage_id": 1}),
            (int(of[2]), {"status": "open", "stage_id": 3}),
            (None, {"status": "lost", "lost_time": "2026-05-01T08:00:00Z"}),
        ):
            self.fake.add(
                "deals",
                org_id=of_account,
                add_time="2026-02-01T08:00:00Z",
                expected_close_date="2026-05-01",
                custom_fields={code: "Modul"},
                **more,
            )

    def do(self, record_id: str) -> None:
        self.fake.objects["activities"][record_id] |= {
            "done": True,
            "marked_as_done_time": "2026-01-20T09:00:00Z",
        }

    def judge(self, record_id: str, verdict: str) -> None:
        held = self.fake.objects["activities"][record_id]
        held["note"] += f"<br>lyttepost_verdict: {verdict}"

    owner = "7"


@dataclass
class SuperOfficePeer:
    """SuperOffice: plain REST, a record a call; an administrator makes the fields."""

    needs = None
    name = "superoffice"
    fake: FakeSuperOffice = field(default_factory=FakeSuperOffice)
    faults = crm_weather.Faults

    def settings(self, address: str, token_file: Path) -> dict[str, str]:
        return {
            "SUPEROFFICE_URL": f"{address}/Cust12345",
            "SUPEROFFICE_TOKEN_FILE": str(token_file),
        }

    def administrate(self) -> None:
        for kind, at in (("account", "Contact"), ("task", "Appointment")):
            field_map = load_field_map(map_file(self.name, kind))
            lengths = {f.field: f.max_length or 255 for f in field_map.fields}
            for name in (field_map.key, *(f.field for f in field_map.made)):
                if name.startswith("lyttepost_"):
                    self.fake.extra[at][f"x_{name}"] = lengths.get(name, 255)

    def company(self, i: int) -> str:
        return self.fake.add(
            "Contact",
            Name=f"Oppdiktet {i}",
            OrgNr=desk.org_number(i),
            Domains=[f"selskap{i}.example"],
            Department="Salg",
            AssociateId=7,
        )

    def ours(self, record_id: str) -> dict[str, Any]:
        held = self.fake.objects["Contact"][record_id]["CustomFields"]
        return {k.removeprefix("x_"): v for k, v in held.items() if v}

    def edit_ours(self, record_id: str, name: str, value: str) -> None:
        held = self.fake.objects["Contact"][record_id]
        held["CustomFields"][f"x_{name}"] = value

    def theirs(self) -> dict[str, dict[str, Any]]:
        return {
            i: {k: v for k, v in held.items() if k != "CustomFields"}
            for i, held in self.fake.objects["Contact"].items()
        }

    def rename(self, record_id: str, name: str) -> None:
        self.fake.objects["Contact"][record_id]["Name"] = name

    def delete(self, record_id: str) -> None:
        del self.fake.objects["Contact"][record_id]

    def merge(self, record_id: str, into: str) -> None:
        self.fake.merge(record_id, into)

    def tasks(self) -> dict[str, dict[str, Any]]:
        rows = [
            {
                "key": held["CustomFields"]["x_lyttepost_task_key"],
                "id": i,
                "of": str(held["Contact"]["ContactId"]),
                "is_closed": held["Completed"] == "Completed",
                "reason": held["CustomFields"].get("x_lyttepost_closed_reason"),
                "text": held["Description"],
            }
            for i, held in self.fake.objects["Appointment"].items()
        ]
        assert len({r["key"] for r in rows}) == len(rows)
        return {r["key"]: r for r in rows}

    def delete_task(self, record_id: str) -> None:
        del self.fake.objects["Appointment"][record_id]

    def deals(self, of: Sequence[str]) -> None:
        """Sold, open, in a stage nobody mapped; and one of nobody."""
        self.settings_back = {}
        for of_company, more in (
            (int(of[0]), {"SaleStatus": "Sold", "Amount": 120000.0}),
            (int(of[1]), {"SaleStatus": "Open", "Stage": "Qualified"}),
            (int(of[2]), {"SaleStatus": "Open", "Stage": "Made up"}),
            (None, {"SaleStatus": "Lost"}),
        ):
            self.fake.add(
                "Sale",
                ContactId=of_company,
                RegisteredDate="2026-02-01T08:00:00",
                Date="2026-05-01T08:00:00",
                **more,
            )

    def do(self, record_id: str) -> None:
        self.fake.objects["Appointment"][record_id] |= {
            "Completed": "Completed",
            "UpdatedDate": "2026-01-20T09:00:00Z",
        }

    def judge(self, record_id: str, verdict: str) -> None:
        held = self.fake.objects["Appointment"][record_id]
        held["CustomFields"]["x_lyttepost_verdict"] = verdict

    owner = "7"


@dataclass
class HubSpotPeer:
    """HubSpot, by its own client; what is its alone has own tests."""

    needs = "hubspot"
    name = "hubspot"
    fake: FakeHubSpot = field(default_factory=FakeHubSpot)
    faults = fake_hubspot.Faults
    owner = "7"

    def settings(self, address: str, token_file: Path) -> dict[str, str]:
        return {"HUBSPOT_HOST": address, "HUBSPOT_TOKEN_FILE": str(token_file)}

    def company(self, i: int) -> str:
        return self.fake.add(
            "companies",
            name=f"Oppdiktet {i}",
            org_number=f"{desk.org_number(i)[:3]} {desk.org_number(i)[3:]}",
            domain=f"selskap{i}.example",
            hubspot_owner_id=self.owner,
        )

    def ours(self, record_id: str) -> dict[str, Any]:
        held = self.fake.objects["companies"][record_id]
        return {k: v for k, v in held.items() if k.startswith("lyttepost_") and v}

    def edit_ours(self, record_id: str, name: str, value: str) -> None:
        self.fake.edit("companies", record_id, **{name: value})

    def theirs(self) -> dict[str, dict[str, Any]]:
        return {
            i: {k: v for k, v in held.items() if not k.startswith("lyttepost_")}
            for i, held in self.fake.objects["companies"].items()
        }

    def rename(self, record_id: str, name: str) -> None:
        self.fake.edit("companies", record_id, name=name)

    def delete(self, record_id: str) -> None:
        self.fake.delete("companies", record_id)

    def merge(self, record_id: str, into: str) -> None:
        self.fake.merge("companies", record_id, into)

    def tasks(self) -> dict[str, dict[str, Any]]:
        of = dict(self.fake.associations)
        rows = [
            {
                "key": held["lyttepost_task_key"],
                "id": i,
                "of": of.get(i),
                "is_closed": held["hs_task_status"] == "COMPLETED",
                "reason": held.get("lyttepost_closed_reason"),
                "text": held["hs_task_body"],
            }
            for i, held in self.fake.objects["tasks"].items()
        ]
        assert len({r["key"] for r in rows}) == len(rows)
        return {r["key"]: r for r in rows}

    def delete_task(self, record_id: str) -> None:
        self.fake.delete("tasks", record_id)

    def deals(self, of: Sequence[str]) -> None:
        """Won, open, in a stage nobody mapped; and one of nobody."""
        self.settings_back = {"HUBSPOT_PRODUCT_PROPERTY": "produkt"}
        for of_company, stage, more in (
            (of[0], "closedwon", {"amount": "120000"}),
            (of[1], "qualifiedtobuy", {}),
            (of[2], "made up", {}),
            (None, "closedlost", {}),
        ):
            deal = self.fake.add(
                "deals",
                dealstage=stage,
                createdate="2026-02-01T08:00:00Z",
                closedate="2026-05-01T08:00:00Z",
                produkt="Modul",
                **more,
            )
            if of_company is not None:
                self.fake.company_of[deal] = of_company

    def do(self, record_id: str) -> None:
        done = {"hs_task_completion_date": "2026-01-20T09:00:00Z"}
        self.fake.edit("tasks", record_id, hs_task_status="COMPLETED", **done)

    def judge(self, record_id: str, verdict: str) -> None:
        self.fake.edit("tasks", record_id, lyttepost_verdict=verdict)


@dataclass
class SalesforcePeer:
    """Salesforce, by simple-salesforce; what is its alone has own tests."""

    needs = "simple_salesforce"
    name = "salesforce"
    fake: FakeSalesforce = field(default_factory=FakeSalesforce)
    owner = "005000000000007AAA"

    @staticmethod
    def faults(*, busy: float = 0.0, mixed: float = 0.0, **more: Any) -> Any:
        """Those of all, in its words: it is busy in two ways, and rows are locked."""
        both = {"limit": busy / 2, "unavailable": busy / 2, "locked": mixed}
        return fake_salesforce.Faults(**both, **more)

    def settings(self, address: str, token_file: Path) -> dict[str, str]:
        return {
            "SALESFORCE_URL": address,
            "SALESFORCE_TOKEN_FILE": str(token_file),
            "SALESFORCE_ORG_NUMBER_FIELD": "Org_Number__c",
        }

    def administrate(self) -> None:
        for kind, at in (("account", "Account"), ("task", "Task")):
            field_map = load_field_map(map_file(self.name, kind))
            key = {"type": "string", "length": 255, "externalId": True}
            self.fake.add_field(at, field_map.key, **key)
            types = {"number": "double", "date": "date", "picklist": "picklist"}
            for f in field_map.made:
                if f.field.endswith("__c"):
                    type_, options = types.get(f.type, "textarea"), list(f.options)
                    self.fake.add_field(at, f.field, type=type_, options=options)

    def company(self, i: int) -> str:
        return self.fake.add(
            "Account",
            Name=f"Oppdiktet {i}",
            Org_Number__c=desk.org_number(i),
            Website=f"https://www.selskap{i}.example",
            OwnerId=self.owner,
        )

    def ours(self, record_id: str) -> dict[str, Any]:
        held = self.fake.objects["Account"][record_id]
        return {
            k.lower().removesuffix("__c"): str(v)
            for k, v in held.items()
            if k.startswith("Lyttepost_") and v is not None
        }

    def edit_ours(self, record_id: str, name: str, value: str) -> None:
        column = next(
            n for n in self.fake.fields["Account"] if n.lower() == f"{name}__c"
        )
        self.fake.edit("Account", record_id, **{column: value})

    def theirs(self) -> dict[str, dict[str, Any]]:
        return {
            i: {k: v for k, v in held.items() if not k.startswith("Lyttepost_")}
            for i, held in self.fake.objects["Account"].items()
        }

    def rename(self, record_id: str, name: str) -> None:
        self.fake.edit("Account", record_id, Name=name)

    def delete(self, record_id: str) -> None:
        self.fake.delete("Account", record_id)

    def merge(self, record_id: str, into: str) -> None:
        self.fake.delete("Account", record_id, into)

    def delete_task(self, record_id: str) -> None:
        self.fake.delete("Task", record_id)

    def tasks(self) -> dict[str, dict[str, Any]]:
        rows = [
            {
                "key": held["Lyttepost_Task_Key__c"],
                "id": i,
                "of": held.get("WhatId"),
                "is_closed": held["Status"] == "Completed",
                "reason": held.get("Lyttepost_Closed_Reason__c"),
                "text": held.get("Description"),
            }
            for i, held in self.fake.objects["Task"].items()
        ]
        assert len({r["key"] for r in rows}) == len(rows)
        return {r["key"]: r for r in rows}

    def deals(self, of: Sequence[str]) -> None:
        """Won, open, in a stage nobody mapped; and one of nobody."""
        self.settings_back = {"SALESFORCE_PRODUCT_FIELD": "Product__c"}
        for of_account, stage, more in (
            (of[0], "Closed Won", {"IsClosed": True, "Amount": 120000.0}),
            (of[1], "Qualification", {"IsClosed": False}),
            (of[2], "Made up", {"IsClosed": False}),
            (None, "Closed Lost", {"IsClosed": True}),
        ):
            self.fake.add(
                "Opportunity",
                AccountId=of_account,
                CreatedDate="2026-02-01T08:00:00.000+0000",
                CloseDate="2026-05-01",
                StageName=stage,
                Product__c="Modul",
                **more,
            )

    def do(self, record_id: str) -> None:
        done = {"CompletedDateTime": "2026-01-20T09:00:00.000+0000"}
        self.fake.edit("Task", record_id, Status="Completed", **done)

    def judge(self, record_id: str, verdict: str) -> None:
        self.fake.edit("Task", record_id, Lyttepost_Verdict__c=verdict)


@dataclass
class FilePeer:
    """The CSV files: what stands in them is all there is."""

    name = "csv_file"
    home: Path

    def _rows(self, file: str) -> list[dict[str, str]]:
        place = self.home / "crm" / self.name / file
        with place.open(encoding="utf-8", newline="") as handle:
            return list(csv.DictReader(handle))

    def said_of(self, i: int) -> dict[str, Any]:
        key = f"acc-{i:05d}"
        (row,) = (r for r in self._rows("accounts.csv") if r["account_id"] == key)
        return {k: v for k, v in row.items() if k.startswith("lyttepost_") and v}

    def tasks(self) -> dict[str, dict[str, Any]]:
        return {
            row["task_key"]: {
                "is_closed": row["lyttepost_status"] == "closed",
                "reason": row["lyttepost_closed_reason"],
                "text": row["lyttepost_body"],
            }
            for row in self._rows("tasks.csv")
        }


@dataclass
class ReceiverPeer:
    """A webhook's receiver: it keeps what it was told to set, and lets go of the rest.

    It checks the signature of each message, and drops one whose idempotency key it has.
    """

    name = "webhook"
    secret: str = "made-up secret"
    faults: Any = field(default_factory=crm_weather.Faults)
    held: dict[str, dict[str, str]] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)

    def sign(self, content: bytes) -> str:
        return hmac.new(self.secret.encode(), content, hashlib.sha256).hexdigest()

    def answer(
        self, method: str, target: str, headers: Mapping[str, str], raw: bytes
    ) -> Answer:
        signed = self.sign(f"{headers['lyttepost-timestamp']}.".encode() + raw)
        if signed != headers["lyttepost-signature"]:
            return 401, {}, {}, "send"
        said, key = json.loads(raw), headers["idempotency-key"]
        if key not in self.seen:
            self.seen.append(key)
            held = self.held.setdefault(said["key"], {})
            held |= said["set"]
            for name in said["clear"]:
                held.pop(name, None)
        return 200, {}, {}, "send"

    def said_of(self, i: int) -> dict[str, Any]:
        return self.held[f"acc-{i:05d}"]

    def tasks(self) -> dict[str, dict[str, Any]]:
        return {
            key: {
                "is_closed": said.get("lyttepost_status") == "closed",
                "reason": said.get("lyttepost_closed_reason"),
                "text": said.get("lyttepost_body"),
            }
            for key, said in self.held.items()
            if "lyttepost_status" in said
        }


@dataclass
class Issuer:
    """Where a token is asked for: it gives the one that the peer takes just now."""

    fake: Any
    changes_refresh: bool = False
    faults: Any = field(default_factory=crm_weather.Faults)
    refresh: str = "made-up-refresh-0"
    asked: list[dict[str, str]] = field(default_factory=list)
    busy: int = 0

    def answer(
        self, method: str, target: str, headers: Mapping[str, str], raw: bytes
    ) -> Answer:
        form = {k: v[0] for k, v in parse_qs(raw.decode()).items()}
        basic = base64.b64decode(headers.get("authorization", "")[6:]).decode()
        name, _, password = basic.partition(":")
        app = form.get("client_id", name), form.get("client_secret", password)
        self.asked.append(form)
        if self.busy:
            self.busy -= 1
            return 503, {"error": "temporarily_unavailable"}, {}, "send"
        if app != ("made-up-app", "made-up-password"):
            return 401, {"error": "invalid_client"}, {}, "send"
        if form.get("refresh_token", self.refresh) != self.refresh:
            return 400, {"error": "invalid_grant"}, {}, "send"
        said = {"access_token": self.fake.token, "expires_in": 3600}
        if self.changes_refresh:
            self.refresh = f"made-up-refresh-{len(self.asked)}"
            said["refresh_token"] = self.refresh
        return 200, said, {}, "send"


def opened(peer: Any, timeout_s: float = 5.0) -> Any:
    """The destination at the peer, hurried, with a time limit."""
    module = importlib.import_module(f"orchestration.crm.destinations.{peer.name}")
    made = module.open_destination(Path(), hurried())
    # HubSpot bears its pace itself, the others the line they have of their own.
    line = next(
        x
        for x in (getattr(made, "_rest", None), getattr(made, "_line", None), made)
        if hasattr(x, "pace")
    )
    line.pace, line.timeout_s = hurried(), timeout_s
    return made


def set_up(peer: Any, address: str, folder: Path, monkeypatch: Any) -> None:
    """Settings by which the destination finds the peer; its token in a file."""
    token = folder / "token"
    token.write_text(peer.fake.token)
    peer.fake.on_expired = token.write_text
    for name in [n for n in os.environ if n.startswith("LYTTEPOST_")]:
        monkeypatch.delenv(name)
    for name, value in peer.settings(address, token).items():
        monkeypatch.setenv(f"LYTTEPOST_{name}", value)


PEERS = (DynamicsPeer, HubSpotPeer, PipedrivePeer, SalesforcePeer, SuperOfficePeer)
