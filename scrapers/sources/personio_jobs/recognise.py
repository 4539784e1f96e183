"""Which Personio board a link leads to."""

import re

from scrapers.extract.link_parts import link_parts

_HOST = re.compile(r"[a-z0-9-]{1,63}\.jobs\.personio\.[a-z]{2,3}")


def recognise(url: str) -> str | None:
    """The host of the board, or None."""
    link = link_parts(url)
    return link.host if link is not None and _HOST.fullmatch(link.host) else None
