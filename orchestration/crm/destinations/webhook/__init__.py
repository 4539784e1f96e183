"""A signed webhook: one message a record, for any CRM or job that takes HTTP.

Each message bears an HMAC of its time and body, and a key that is the same whenever the
same content is sent again, so that the receiver can drop what it has. Nothing can be
read back; what got no answer is sent again every hour for 48 hours.
"""

import hashlib
import hmac
import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestration import settings
from orchestration.crm.destinations.address import checked_address
from orchestration.crm.destinations.protocol import (
    ACCOUNT,
    TASK,
    Held,
    Outcome,
    RemoteCompany,
    RemoteField,
    Terms,
    Write,
)
from orchestration.crm.destinations.said import seconds_of
from orchestration.crm.fault import CrmError, CrmRefused
from orchestration.crm.field_map import load_field_map, map_file
from orchestration.crm.pace import Pace

NAME = "webhook"
RATE, BURST = 10.0, 10
HOUR_S = 3600.0
HOURS = 48
_TIMEOUT_S = 20.0
_MOST_ANSWER = 64 * 1024


class Webhook:
    """One address that takes messages."""

    name = NAME
    kinds = (ACCOUNT, TASK)
    terms = Terms(
        batch_size=1,
        needs_matching=False,
        can_read=False,
        tries=HOURS + 1,
        first_wait_s=HOUR_S,
        longest_wait_s=HOUR_S,
        waits_in_run=False,
        tasks_need_account=False,
    )

    def __init__(
        self,
        pace: Pace,
        address: str,
        secret: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        checked_address(NAME, address)
        self.pace, self.address, self.clock = pace.at(RATE, BURST), address, clock
        self._secret = secret.encode()
        self.maps = {kind: load_field_map(map_file(NAME, kind)) for kind in self.kinds}
        self.calls = 0
        # No redirects: a signed message goes where it was addressed.
        self._opener = urllib.request.build_opener(_NoRedirect())

    def describe(self, kind: str) -> Mapping[str, RemoteField]:
        """A message takes any field."""
        return {
            f.field: RemoteField(f.field, f.type, None, f.options)
            for f in self.maps[kind].fields
        } | {self.maps[kind].key: RemoteField(self.maps[kind].key, "text")}

    def create_fields(self, kind: str, names: Sequence[str]) -> None:
        """Nothing is to be created."""

    def shake_hands(self) -> None:
        """Ask the receiver to prove that it knows the secret, before anything is sent.

        Raises:
            CrmError: it does not answer with the HMAC of the challenge.
        """
        challenge = secrets.token_hex(16)
        status, answer, reason, _ = self._post(
            {"type": "handshake", "challenge": challenge}, challenge
        )
        wish = self._sign(challenge.encode())
        said = answer.get("response", "") if isinstance(answer, dict) else ""
        if status != 200 or not hmac.compare_digest(str(said), wish):
            raise CrmError(
                "webhook: the receiver did not answer the handshake with the HMAC of "
                f"the challenge ({reason or status}); see docs/crm.md"
            )

    def companies(self) -> Iterator[RemoteCompany]:
        """None that can be read."""
        return iter(())

    def find(self, kind: str, keys: Sequence[str]) -> list[Held]:
        """Nothing can be read."""
        return []

    def read(self, kind: str, remote_ids: Sequence[str]) -> dict[str, Held]:
        """Nothing can be read."""
        return {}

    def write(self, kind: str, writes: Sequence[Write]) -> list[Outcome]:
        """One message a record."""
        return [self._write(kind, w) for w in writes]

    def _write(self, kind: str, write: Write) -> Outcome:
        company = write.company
        message = {
            "type": f"{kind}.changed",
            "key": write.key,
            "idempotency_key": write.idempotency_key,
            "set": dict(write.values),
            "clear": list(write.clear),
        }
        if company is not None:
            message["company"] = {
                "name": company.name,
                "org_number": company.org_number,
                "domain": company.domain,
            }
        status, _, reason, after_s = self._post(message, write.idempotency_key)
        if status is not None and 200 <= status < 300:
            return Outcome(write.key, "accepted", write.key)
        if status in (401, 403):
            raise CrmRefused(
                f"webhook: refused ({reason}); LYTTEPOST_WEBHOOK_SECRET must be the "
                "receiver's"
            )
        if status is None or status >= 500 or status in (408, 425, 429):
            return Outcome(write.key, "retryable", reason=reason, after_s=after_s)
        return Outcome(write.key, "rejected", reason=reason)

    def _post(
        self, message: Mapping[str, Any], key: str
    ) -> tuple[int | None, Any, str | None, float | None]:
        """Status, JSON, reason and Retry-After; no status when there is no answer."""
        self.pace.take()
        self.calls += 1
        body = json.dumps(message, sort_keys=True, ensure_ascii=False).encode()
        at = str(int(self.clock().timestamp()))
        request = urllib.request.Request(
            self.address,
            data=body,
            method="POST",
            headers={
                "Content-Type": "application/json",
                "Idempotency-Key": key,
                "Lyttepost-Timestamp": at,
                "Lyttepost-Signature": self._sign(f"{at}.".encode() + body),
            },
        )
        try:
            with self._opener.open(request, timeout=_TIMEOUT_S) as response:
                said = response.read(_MOST_ANSWER)
                return response.status, _json(said), None, None
        except urllib.error.HTTPError as error:
            with error:
                told = " ".join(
                    error.read(_MOST_ANSWER).decode(errors="replace").split()
                )
            return (
                error.code,
                None,
                f"{error.code} {told[:200]}".strip(),
                seconds_of(error.headers.get("Retry-After")),
            )
        except OSError as error:
            return None, None, f"no answer: {error}", None

    def _sign(self, content: bytes) -> str:
        return hmac.new(self._secret, content, hashlib.sha256).hexdigest()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def open_destination(home: Path, pace: Pace) -> Webhook:
    """The address and secret of the settings.

    Raises:
        CrmError: one of them is not set.
    """
    address = settings.setting("WEBHOOK_URL")
    secret = settings.secret("WEBHOOK_SECRET")
    if address is None or secret is None:
        raise CrmError(
            "webhook: set LYTTEPOST_WEBHOOK_URL, and LYTTEPOST_WEBHOOK_SECRET or "
            "LYTTEPOST_WEBHOOK_SECRET_FILE"
        )
    return Webhook(pace, address, secret)


def _json(said: bytes) -> Any:
    try:
        return json.loads(said) if said else None
    except json.JSONDecodeError:
        return None
