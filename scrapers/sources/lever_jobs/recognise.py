"""Which Lever site a link or frame leads to."""

import re

from scrapers.extract.link_parts import link_parts

_SITE = re.compile(r"[\w.-]{1,100}")


def recognise(url: str) -> str | None:
    """The site, with `eu:` before it when the European host has it; or None."""
    link = link_parts(url)
    if link is None or not link.path:
        return None
    if link.host in ("jobs.lever.co", "jobs.eu.lever.co"):
        site = link.path[0]
    elif (
        link.host in ("api.lever.co", "api.eu.lever.co")
        and link.path[:2] == ("v0", "postings")
        and len(link.path) > 2
    ):
        site = link.path[2]
    else:
        return None
    if not _SITE.fullmatch(site):
        return None
    return f"eu:{site}" if ".eu." in link.host else site
