"""Which Greenhouse board a link, frame or script leads to."""

import re

from scrapers.extract.link_parts import link_parts

_HOSTS = frozenset(
    (
        "boards.greenhouse.io job-boards.greenhouse.io boards.eu.greenhouse.io "
        "job-boards.eu.greenhouse.io boards-api.greenhouse.io"
    ).split()
)
_TOKEN = re.compile(r"[\w.-]{1,100}")


def recognise(url: str) -> str | None:
    """The board's token, or None."""
    link = link_parts(url)
    if link is None or link.host not in _HOSTS or not link.path:
        return None
    token = link.path[0]
    if link.host.startswith("boards-api."):
        token = (
            link.path[2]
            if link.path[:2] == ("v1", "boards") and len(link.path) > 2
            else ""
        )
    elif token == "embed":
        token = link.query.get("for", "")
    return token if _TOKEN.fullmatch(token) else None
