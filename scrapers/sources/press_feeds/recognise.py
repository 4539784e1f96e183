"""Which links lead to a press or news feed.

Job boards' feeds, feeds of comments and rooms with a source of their own are no places
of this source.
"""

import re
from urllib.parse import urlsplit

_PATH = re.compile(
    r"(?:\.(?:rss|atom|rdf)|/(?:rss|atom|feed|feeds)(?:/(?:rss2?|atom|rdf|all|news|"
    r"nyheter|press|releases))?/?|/(?:rss2?|atom|feed|index|news|nyheter|press|"
    r"pressreleases)\.(?:xml|rss|rdf)|/feed\.json|/(?:news[_-]?sitemap|"
    r"sitemap[_-]news|googlenews|google-news-sitemap)[\w-]*\.xml)$",
    re.IGNORECASE,
)
_QUERY = re.compile(
    r"(?:^|&)(?:feed=(?:rss2?|atom|rdf)|format=(?:rss|atom|feed)|type=(?:rss|atom|100))"
    r"(?:&|$)",
    re.IGNORECASE,
)
_NO_PRESS = re.compile(
    r"comments?/feed|/comments|/kommentar|jobs\.rss|/jobs?[/.]|stillinger|karriere|"
    r"/career|podcast|podkast|/events?[/.]|product|produkt|/rss/releases/latest|"
    r"wp-json",
    re.IGNORECASE,
)
# Hosts whose every feed belongs to a source of its own, or to nobody we watch.
_OTHER_HOSTS = (
    "kommunikasjon.ntb.no",
    "via.ritzau.dk",
    "sttinfo.fi",
    "via.tt.se",
    "jobylon.com",
    "teamtailor.com",
    "reddit.com",
    "youtube.com",
    "spotify.com",
    "anchor.fm",
)
_PRESS_SERVICES = re.compile(
    r"^(?:feed\.mfn\.se/v1/feed/[\w-]+|"
    r"(?:www\.)?globenewswire\.com/RssFeed/organization/[\w%=+-]+|"
    r"(?:www\.)?mynewsdesk\.com/[\w/-]*rss[\w/-]*|"
    r"news\.cision\.com/(?:[\w-]+/)*ListItems|"
    r"(?:rss|publish)\.(?:cision|ne\.cision)\.com/[\w/-]+)",
    re.IGNORECASE,
)


def recognise(url: str) -> str | None:
    """The address of a feed when the link is one."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    if host.removeprefix("www.").endswith(_OTHER_HOSTS):
        return None
    place = f"{host}{parts.path}"
    if _PRESS_SERVICES.match(place):
        return parts._replace(fragment="").geturl()
    if _NO_PRESS.search(f"{place}?{parts.query}"):
        return None
    if _PATH.search(parts.path) or _QUERY.search(parts.query):
        return parts._replace(fragment="").geturl()
    return None
