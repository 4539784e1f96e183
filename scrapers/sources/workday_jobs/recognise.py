"""Which Workday site a link leads to."""

import re

from scrapers.extract.link_parts import link_parts

_LOCALE = re.compile(r"[a-z]{2}(?:-[A-Za-z]{2})?")
_NAME = re.compile(r"[\w.-]{1,100}")
_NOT_SITES = frozenset(("wday", "job", "jobs", "details", "login"))


def recognise(url: str) -> str | None:
    """Host, tenant and site as `host/tenant/site`, or None."""
    link = link_parts(url)
    if link is None or not link.path:
        return None
    path = link.path
    tenant = link.subdomain_of("myworkdayjobs.com")
    on_shared_host = link.subdomain_of("myworkdaysite.com") is not None
    if tenant is None and not on_shared_host:
        return None
    if path[:2] == ("wday", "cxs"):
        names = path[2:4]
    else:
        rest = path[1:] if _LOCALE.fullmatch(path[0]) else path
        if on_shared_host:
            names = rest[1:3] if rest[:1] == ("recruiting",) else ()
        else:
            names = ((tenant or "").split(".")[0], *rest[:1])
    if len(names) != 2 or names[1] in _NOT_SITES:
        return None
    if not all(_NAME.fullmatch(name) for name in names):
        return None
    return f"{link.host}/{names[0]}/{names[1]}"
