"""Which Recruitee board a link leads to."""

import re

from scrapers.extract.link_parts import link_parts

_NAME = re.compile(r"[a-z0-9-]{1,63}")
_OWN_HOSTS = frozenset(
    "www api app docs support help status careers blog developers".split()
)


def recognise(url: str) -> str | None:
    """The company's name at Recruitee, or the host a board's endpoint is on; or None.

    A board on the employer's own domain is told by its endpoint only.
    """
    link = link_parts(url)
    if link is None:
        return None
    name = link.subdomain_of("recruitee.com")
    if name is not None:
        return name if _NAME.fullmatch(name) and name not in _OWN_HOSTS else None
    is_endpoint = link.path[:2] == ("api", "offers")
    return link.host if is_endpoint and "recruitee.com" not in link.host else None
