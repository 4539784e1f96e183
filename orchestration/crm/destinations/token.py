"""The token of a destination: given, or asked for by OAuth 2.0 and renewed in mid-run.

Where it is sent is the destination's; what it must be allowed to do is in docs/crm.md.
Tokens are held in memory and go nowhere else.
"""

import base64
import json
import threading
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from orchestration import settings
from orchestration.crm.destinations.address import checked_address
from orchestration.crm.destinations.said import Said, asked_until_answered
from orchestration.crm.fault import CrmError, CrmRefused
from orchestration.crm.pace import Pace

_TIMEOUT_S = 30.0
_MOST_ANSWER = 64 * 1024


class Token:
    """A token for calls: LYTTEPOST_<NAME>_TOKEN, or one that is asked for.

    With LYTTEPOST_<NAME>_TOKEN_URL it is asked for there, by the refresh token where
    there is one, else by the app's own id and secret. May be used by several threads.
    """

    def __init__(self, name: str, pace: Pace, *, is_basic: bool = False) -> None:
        """Make sure that there is one.

        Args:
            name: of the destination.
            pace: the clock by which is waited for the service that gives them.
            is_basic: the app's id and secret go in a header, not in the body.

        Raises:
            CrmError: none is given, and none can be asked for.
        """
        self.name, self._pace, self._is_basic = name, pace, is_basic
        told = settings.setting(f"{name.upper()}_TOKEN_URL")
        self._url = checked_address(name, told, "TOKEN_URL") if told else None
        self._granted: str | None = None
        self._lock = threading.Lock()
        # No redirects: secrets go where they were addressed.
        self._opener = urllib.request.build_opener(_NoRedirect())
        self.value()

    @property
    def is_asked_for(self) -> bool:
        """Whether it is one of OAuth, and not given as it is."""
        return self._url is not None

    def value(self) -> str:
        """The token as of now; one that is given is read anew each time.

        Raises:
            CrmError: there is none.
        """
        if self._url is None:
            return self._secret("TOKEN")
        with self._lock:
            if self._granted is None:
                self._granted = self._ask(self._url)
            return self._granted

    def renew(self, refused: str) -> None:
        """Let go of a token that was refused, unless others have renewed it since."""
        with self._lock:
            if self._granted == refused:
                self._granted = None

    def _ask(self, url: str) -> str:
        own = self.name.upper()
        client, password = self._secret("CLIENT_ID"), self._secret("CLIENT_SECRET")
        refresh = settings.secret(f"{own}_REFRESH_TOKEN")
        form = {"grant_type": "client_credentials"}
        if refresh is not None:
            form = {"grant_type": "refresh_token", "refresh_token": refresh}
        if scope := settings.setting(f"{own}_SCOPE"):
            form["scope"] = scope
        headers = {"Accept": "application/json"}
        if self._is_basic:
            both = base64.b64encode(f"{client}:{password}".encode()).decode()
            headers["Authorization"] = f"Basic {both}"
        else:
            form |= {"client_id": client, "client_secret": password}
        said = asked_until_answered(
            f"{self.name}: its token",
            lambda: self._once(url, form, headers),
            self._pace,
        )
        granted = str(said.value["access_token"])
        settings.hold_secret(granted)
        fresh = said.value.get("refresh_token")
        if fresh:
            settings.hold_secret(str(fresh))
        if (
            refresh is not None
            and fresh
            and fresh != refresh
            and not settings.keep_secret(f"{own}_REFRESH_TOKEN", fresh)
        ):
            raise CrmError(
                f"{self.name}: the service changes its refresh token each time; put it "
                f"into a file that LYTTEPOST_{own}_REFRESH_TOKEN_FILE names, so that "
                "the next one can be kept there"
            )
        return granted

    def _once(self, url: str, form: dict[str, str], headers: dict[str, str]) -> Said:
        request = urllib.request.Request(
            url, urllib.parse.urlencode(form).encode(), headers, method="POST"
        )
        try:
            with self._opener.open(request, timeout=_TIMEOUT_S) as response:
                said = json.loads(response.read(_MOST_ANSWER))
        except urllib.error.HTTPError as error:
            with error:
                code = error.code
                told = f"{code} {_error_of(error.read(_MOST_ANSWER))}".strip()
            if code == 429 or code >= 500:
                return Said("busy" if code == 429 else "unknown", reason=told)
            raise CrmRefused(
                f"{self.name}: no token was given ({told}); see "
                f"LYTTEPOST_{self.name.upper()}_CLIENT_ID, _CLIENT_SECRET and "
                "_REFRESH_TOKEN"
            ) from None
        except (OSError, ValueError) as error:
            return Said("unknown", reason=f"no whole answer: {type(error).__name__}")
        if not isinstance(said, dict) or not said.get("access_token"):
            return Said("rejected", reason="the answer holds no access_token")
        return Said("accepted", said)

    def _secret(self, what: str) -> str:
        own = f"{self.name.upper()}_{what}"
        found = settings.secret(own)
        if found is None:
            plain = what.lower().replace("_", " ")
            raise CrmError(
                f"{self.name}: there is no {plain}; set LYTTEPOST_{own}, or "
                f"LYTTEPOST_{own}_FILE to a file that holds it"
            )
        return found


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def _error_of(body: bytes) -> str:
    """The code of a refusal in OAuth's words; the rest may repeat what was sent."""
    try:
        return str(json.loads(body).get("error", ""))
    except (ValueError, AttributeError):
        return ""
