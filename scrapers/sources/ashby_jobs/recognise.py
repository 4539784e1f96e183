"""Which Ashby board a link, frame or script leads to."""

import re

from scrapers.extract.link_parts import link_parts

_NAME = re.compile(r"[\w.&+' -]{1,100}")


def recognise(url: str) -> str | None:
    """The board's name, or None."""
    link = link_parts(url)
    if link is None or not link.path:
        return None
    if link.host == "jobs.ashbyhq.com":
        name = link.path[0]
    elif (
        link.host == "api.ashbyhq.com"
        and link.path[:2] == ("posting-api", "job-board")
        and len(link.path) > 2
    ):
        name = link.path[2]
    else:
        return None
    return name if _NAME.fullmatch(name) else None
