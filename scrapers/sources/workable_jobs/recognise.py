"""Which Workable account a link, frame or script leads to."""

import re

from scrapers.extract.link_parts import link_parts

_ACCOUNT = re.compile(r"[\w.-]{1,100}")
_WIDGET = ("api", "v1", "widget", "accounts")
_NOT_ACCOUNTS = frozenset(("j", "api", "view", "static"))
_OWN_HOSTS = frozenset(
    "www apply jobs help get resources support developers id status".split()
)


def recognise(url: str) -> str | None:
    """The account's name, or None; a short link to one ad does not tell it."""
    link = link_parts(url)
    if link is None:
        return None
    path = link.path
    if link.host == "apply.workable.com":
        if path[:4] == _WIDGET:
            name = path[4] if len(path) > 4 else ""
        elif path[:3] == ("api", "v3", "accounts"):
            name = path[3] if len(path) > 3 else ""
        else:
            name = path[0] if path and path[0] not in _NOT_ACCOUNTS else ""
    elif link.host == "www.workable.com" and path[:2] == ("api", "accounts"):
        name = path[2] if len(path) > 2 else ""
    else:
        name = link.subdomain_of("workable.com") or ""
        name = "" if name in _OWN_HOSTS or "." in name else name
    return name if _ACCOUNT.fullmatch(name) else None
