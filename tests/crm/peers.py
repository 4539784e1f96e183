"""Made-up CRMs behind one face, so that one test asks the same of each of them."""

import importlib
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchestration.crm.pace import Pace
from practice_market import fake_dataverse
from practice_market.fake_dataverse import FakeDataverse
from tests.crm import desk


def hurried() -> Pace:
    """Waits are a hundredth of what they are against the real service."""
    return Pace(sleep=lambda s: time.sleep(s / 100))


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


def opened(peer: Any, timeout_s: float = 5.0) -> Any:
    """The destination at the peer, hurried, with a time limit."""
    module = importlib.import_module(f"orchestration.crm.destinations.{peer.name}")
    made = module.open_destination(Path(), hurried())
    made.pace = hurried()
    made.timeout_s = timeout_s
    if hasattr(made, "_line"):
        made._line.timeout_s = timeout_s
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


PEERS = (DynamicsPeer,)
