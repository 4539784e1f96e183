"""The line to Dataverse: what the session of Microsoft's client does not do.

Pace, a count of calls, a time limit and no redirects. Nothing of what is said over it,
and no tries.
"""

from typing import Any

import requests

from orchestration.crm.destinations.said import seconds_of
from orchestration.crm.pace import Pace

# 6,000 requests of a user in five minutes are the published limit; each answer tells
# how many are left.
LIMIT, INTERVAL_S = 6000, 300.0


class Line(requests.Session):
    """A session that is given to the client, which uses it for every call."""

    def __init__(self, timeout_s: float, is_local: bool) -> None:
        super().__init__()
        self.timeout_s, self.is_local = timeout_s, is_local
        self.calls = 0
        self.pace = Pace()
        # A .netrc would take the place of the token, and a proxy has no way here.
        self.trust_env = not is_local
        self.after_s: float | None = None

    def request(  # type: ignore[override]
        self, method: str, url: str, **options: Any
    ) -> requests.Response:
        """One call."""
        self.pace.take()
        self.calls += 1
        if self.is_local:
            # The client knows https only; http is for a made-up one on this machine.
            url = url.replace("https://", "http://", 1)
        options["timeout"] = self.timeout_s
        # The token goes where it was addressed.
        options["allow_redirects"] = False
        response = super().request(method, url, **options)
        self.after_s = seconds_of(response.headers.get("Retry-After"))
        left = response.headers.get("x-ms-ratelimit-burst-remaining-xrm-requests", "")
        if left.isdecimal():
            self.pace.learn(LIMIT, INTERVAL_S, int(left))
        if "charset" not in response.headers.get("Content-Type", ""):
            # Without a charset requests would guess at it.
            response.encoding = "utf-8"
        return response
