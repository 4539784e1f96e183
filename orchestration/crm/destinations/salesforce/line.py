"""The line to Salesforce: what simple-salesforce's own session does not do.

Pace, a count of calls, a time limit and the bytes' own encoding. Nothing of what is
said over it, and no tries.
"""

import re
import time
from typing import Any

import requests

from orchestration.crm.destinations.said import seconds_of
from orchestration.crm.pace import Pace

_USAGE = re.compile(r"api-usage=(\d+)/(\d+)")


class Line(requests.Session):
    """A session that is given to the client, which uses it for every call."""

    def __init__(self, timeout_s: float, is_local: bool) -> None:
        super().__init__()
        self.timeout_s = timeout_s
        self.calls = 0
        self.pace = Pace()
        # A .netrc would take the place of the token, and a proxy has no way here.
        self.trust_env = not is_local
        # Seconds that the last refusal said to wait.
        self.after_s: float | None = None
        self._ends_at: float | None = None
        self.is_job_begun = False
        # Requests of the day used and allowed, of all who use the org, as it tells.
        self.used: tuple[int, int] | None = None

    def begin(self, most_s: float | None = None) -> None:
        """Forget what was refused before; with `most_s`, a job may take so long."""
        self.after_s, self.is_job_begun = None, False
        self._ends_at = None if most_s is None else time.monotonic() + most_s

    def request(  # type: ignore[override]
        self, method: str, url: str, **options: Any
    ) -> requests.Response:
        """One call. The client's bulk calls give no time limit, and some no end."""
        if self._ends_at is not None and time.monotonic() > self._ends_at:
            # Once: the client then asks again, so that it can abort the job.
            self._ends_at = None
            raise requests.exceptions.Timeout("the job took too long")
        self.pace.take()
        self.calls += 1
        if method == "PATCH" and "UploadComplete" in str(options.get("data")):
            # From here on records may have been written, whatever is answered.
            self.is_job_begun = True
        options.setdefault("timeout", self.timeout_s)
        # The token goes where it was addressed.
        options["allow_redirects"] = False
        response = super().request(method, url, **options)
        told = _USAGE.search(response.headers.get("Sforce-Limit-Info", ""))
        if told is not None:
            self.used = int(told[1]), int(told[2])
        if response.status_code >= 300:
            self.after_s = seconds_of(response.headers.get("Retry-After"))
        if "csv" in response.headers.get("Content-Type", ""):
            # Without a charset requests would read it as Latin-1.
            response.encoding = "utf-8"
        return response
