"""A real Tryton of its own for a test: a database in a file, a server, a person.

Its environment is made by `make crm-proof`; nothing of Tryton is imported here.
"""

import base64
import json
import os
import socket
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_DATABASE = "crm"
_PASSWORD = "made-up-password"
_MODULES = ("party", "company", "currency", "sale_opportunity")


def environment() -> Path | None:
    """The folder of Tryton's environment; None where it has not been made."""
    folder = Path(os.environ.get("LYTTEPOST_TRYTON_VENV", ROOT / ".tryton"))
    return folder if (folder / "bin" / "trytond").exists() else None


class TrytonServer:
    """A server on loopback, with a company, an administrator and an application key."""

    def __init__(self, venv: Path, folder: Path) -> None:
        self.folder, self.bin = folder, venv / "bin"
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}/{_DATABASE}"
        self.file = folder / f"{_DATABASE}.sqlite"
        self._config = folder / "trytond.conf"
        self._config.write_text(
            f"[database]\nuri = sqlite://\npath = {folder}\n"
            f"[web]\nlisten = 127.0.0.1:{self.port}\n"
            # A closed port: nothing is ever mailed.
            "[email]\nuri = smtp://127.0.0.1:1\n"
        )
        self._session = ""
        self.key = ""
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make the database, start the server, set up company and key."""
        self.file.touch()
        password = self.folder / "password"
        password.write_text(_PASSWORD)
        subprocess.run(
            [
                self.bin / "trytond-admin",
                *("-c", self._config, "-d", _DATABASE),
                *("-u", *_MODULES),
                "--activate-dependencies",
                *("--email", "admin@example.com", "--password"),
            ],
            check=True,
            env=os.environ | {"TRYTONPASSFILE": str(password)},
            capture_output=True,
        )
        self._log = (self.folder / "trytond.log").open("w")
        self._server = subprocess.Popen(
            [self.bin / "trytond", "-c", self._config, "-d", _DATABASE],
            stdout=self._log,
            stderr=self._log,
        )
        self._log_in()
        krone = {
            "name": "Norwegian Krone",
            "code": "NOK",
            "symbol": "kr",
            "rounding": {"__class__": "Decimal", "decimal": "0.01"},
            "digits": 2,
        }
        (currency,) = self.rpc("model.currency.currency.create", [krone])
        (party,) = self.rpc("model.party.party.create", [{"name": "Vi selv AS"}])
        company = {"party": party, "currency": currency}
        (own,) = self.rpc("model.company.company.create", [company])
        user = {"companies": [["add", [own]]], "company": own}
        self.rpc("model.res.user.write", [1], user)
        self.key = self._post(
            f"{self.address}/r/user/application/",
            {"user": "admin", "application": "rest"},
        )
        mine = self.rpc("model.res.user.application.search", [["key", "=", self.key]])
        self.rpc("model.res.user.application.validate_", mine)

    def stop(self) -> None:
        """Stop the server, if it came so far."""
        if self._server is None:
            return
        self._server.terminate()
        self._server.wait(timeout=20)
        self._log.close()

    def rpc(self, method: str, *params: Any) -> Any:
        """What a person does, in the way Tryton's own client does it."""
        answer = self._post(
            f"{self.address}/rpc/",
            {"id": 1, "method": method, "params": [*params, {}]},
            self._session,
        )
        assert "error" not in answer, (method, answer["error"])
        return answer.get("result")

    def merge(self, source: int, into: int) -> None:
        """Tryton's own wizard: the source is replaced by the other party."""
        wizard = "wizard.party.replace"
        session = self.rpc(f"{wizard}.create")[0]
        ask = {"ask": {"source": source, "destination": into}}
        self.rpc(f"{wizard}.execute", session, ask, "replace")
        self.rpc(f"{wizard}.delete", session)

    def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything people hold in the database, row by row: all but our records."""
        ours = {
            "ir_attachment": "name = 'Lyttepost'",
            "sale_opportunity": "reference is not null",
        }
        tables = (
            "party_party",
            "party_identifier",
            "party_address",
            "party_contact_mechanism",
            "company_company",
            "ir_note",
            "ir_attachment",
            "sale_opportunity",
        )
        with closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True)) as db:
            return {
                table: db.execute(
                    f"select * from {table} "
                    f"where not coalesce({ours.get(table, 'false')}, false) order by id"
                ).fetchall()
                for table in tables
            }

    def _log_in(self) -> None:
        for _ in range(100):
            try:
                answer = self._post(
                    f"{self.address}/rpc/",
                    {
                        "id": 1,
                        "method": "common.db.login",
                        "params": ["admin", {"password": _PASSWORD}],
                    },
                )
            except OSError:
                time.sleep(0.3)
                continue
            user, token = answer["result"][:2]
            said = base64.b64encode(f"admin:{user}:{token}".encode()).decode()
            self._session = f"Session {said}"
            return
        raise AssertionError((self.folder / "trytond.log").read_text()[-2000:])

    def _post(self, address: str, body: Any, session: str = "") -> Any:
        request = urllib.request.Request(
            address,
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"}
            | ({"Authorization": session} if session else {}),
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            said = response.read().decode()
        try:
            return json.loads(said)
        except json.JSONDecodeError:
            return said
