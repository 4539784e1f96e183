"""Which links lead to an issuer's messages on NewsWeb."""

import re
from urllib.parse import parse_qs, urlsplit

_HOSTS = ("newsweb.oslobors.no", "newsweb.no", "api3.oslo.oslobors.no")


def recognise(url: str) -> str | None:
    """The issuer's number, when the link is a search of its messages."""
    try:
        parts = urlsplit(url.strip())
        query = parts.query or parts.fragment.partition("?")[2]
        given = parse_qs(query)
    except ValueError:
        return None
    if (parts.hostname or "").removeprefix("www.") not in _HOSTS:
        return None
    values = given.get("issuer", given.get("issuerId", [""]))
    return values[-1] if re.fullmatch(r"[1-9]\d{0,8}", values[-1]) else None
