"""Which Teamtailor site a link or feed leads to."""

from scrapers.extract.link_parts import link_parts

_OWN_HOSTS = frozenset(
    "www app api docs support status help tt partner developer scripts".split()
)
_FEEDS = (("jobs.rss",), ("jobs.json",))


def recognise(url: str) -> str | None:
    """The host of the site, or None.

    A site on the employer's own domain is told by its feed only.
    """
    link = link_parts(url)
    if link is None:
        return None
    name = link.subdomain_of("teamtailor.com")
    if name is not None:
        return None if name in _OWN_HOSTS else link.host
    return link.host if link.path in _FEEDS else None
