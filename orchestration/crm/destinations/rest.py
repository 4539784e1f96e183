"""Calls of a plain REST service: pace, token, refusals, and reading until it answers.

For destinations whose vendor has no client in Python. What is said to which address is
the destination's; whether a record is tried again is the engine's.
"""

import json
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from orchestration.crm.destinations.said import (
    Said,
    asked_until_answered,
    seconds_of,
)
from orchestration.crm.destinations.token import Token
from orchestration.crm.fault import CrmRefused
from orchestration.crm.pace import Pace

_MOST_TOLD = 300


class Rest:
    """A service at an address, asked with a token; may be used by several threads."""

    def __init__(
        self,
        name: str,
        address: str,
        pace: Pace,
        timeout_s: float,
        token: Token,
        headers: Callable[[str], Mapping[str, str]],
        rights: str,
        learn: Callable[[Mapping[str, str]], None] = lambda headers: None,
    ) -> None:
        """Open it.

        Args:
            name: of the destination, for what is told.
            address: what paths are appended to.
            pace: how fast it is called.
            timeout_s: how long an answer may take.
            token: of the service.
            headers: those of a call with a token.
            rights: what to look at when it refuses who we are.
            learn: is given the headers of each answer.
        """
        self.name, self.address, self.timeout_s = name, address, timeout_s
        self.pace, self._headers, self._rights = pace, headers, rights
        self._learn, self._token = learn, token
        self.calls = 0
        self._lock = threading.Lock()
        # No redirects: a token goes where it was addressed.
        self._opener = urllib.request.build_opener(_NoRedirect())

    def read(
        self,
        path: str,
        query: Sequence[tuple[str, object]] = (),
    ) -> Said:
        """Ask until there is an answer; `accepted` or `missing`.

        Raises:
            CrmError: no answer after so many tries, or a refusal.
        """
        return asked_until_answered(
            self.name,
            lambda: self.ask("GET", path, query=query),
            self.pace,
            answers=("accepted", "missing"),
        )

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        query: Sequence[tuple[str, object]] = (),
        content_type: str = "application/json",
    ) -> Said:
        """One call.

        Raises:
            CrmRefused: who we are, or what we may do, is not accepted.
        """
        token = self._token.value()
        said = self._once(method, path, body, query, content_type, token)
        if said.status == "refused":
            # It has run out, or was renewed by others meanwhile.
            self._token.renew(token)
            token = self._token.value()
            said = self._once(method, path, body, query, content_type, token)
        if said.status == "refused":
            raise CrmRefused(f"{self.name}: refused ({said.reason}); {self._rights}")
        if said.status == "busy":
            self.pace.hold(said.after_s or 0.0)
        return said

    def _once(
        self,
        method: str,
        path: str,
        body: Any,
        query: Sequence[tuple[str, object]],
        content_type: str,
        token: str,
    ) -> Said:
        self.pace.take()
        with self._lock:
            self.calls += 1
        asked = f"?{urllib.parse.urlencode(query)}" if query else ""
        request = urllib.request.Request(
            f"{self.address}/{path}{asked}",
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={
                "Accept": "application/json",
                "Content-Type": content_type,
                **self._headers(token),
            },
        )
        try:
            with self._opener.open(request, timeout=self.timeout_s) as response:
                said = response.read()
                self._learn(response.headers)
                return Said("accepted", json.loads(said) if said else None)
        except urllib.error.HTTPError as error:
            with error:
                told = _told(error)
                after_s = seconds_of(error.headers.get("Retry-After"))
            reason = f"{error.code} {told}".strip()
            return Said(_status(error.code, after_s), reason=reason, after_s=after_s)
        except (OSError, ValueError) as error:
            told = f"no whole answer: {type(error).__name__}"
            # It may be at work on it still: read back too soon, it is not there yet,
            # and what is made then is there twice.
            after_s = None if method == "GET" else self.timeout_s
            return Said("unknown", reason=told, after_s=after_s)


def _status(code: int, after_s: float | None) -> str:
    if code in (401, 403):
        return "refused"
    if code in (404, 410):
        return "missing"
    if code == 429 or (code == 503 and after_s is not None):
        return "busy"
    # A 500 may have been done before it failed.
    return "unknown" if code >= 500 else "rejected"


def _told(error: urllib.error.HTTPError) -> str:
    """The service's own words, on one line."""
    try:
        return " ".join(error.read().decode(errors="replace").split())[:_MOST_TOLD]
    except OSError:
        return "its reason was cut off"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None
