"""Which Jobylon feed a link or script leads to."""

import re

from scrapers.extract.link_parts import link_parts

_HASH = re.compile(r"[0-9A-Za-z_-]{6,100}")


def recognise(url: str) -> str | None:
    """The hash of the feed, or None; pages of single ads do not tell it."""
    link = link_parts(url)
    if link is None or link.host != "feed.jobylon.com":
        return None
    if len(link.path) < 2 or link.path[0] != "feeds":
        return None
    return link.path[1] if _HASH.fullmatch(link.path[1]) else None
