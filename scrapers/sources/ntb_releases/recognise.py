"""Which links lead to a press room of NTB Kommunikasjon or one of its sisters."""

import re
from urllib.parse import parse_qs, urlsplit

_HOSTS = {
    "kommunikasjon.ntb.no": "kommunikasjon.ntb.no",
    "via.ritzau.dk": "via.ritzau.dk",
    "www.sttinfo.fi": "www.sttinfo.fi",
    "sttinfo.fi": "www.sttinfo.fi",
    "via.tt.se": "via.tt.se",
}
_ROOM = re.compile(
    r"^/(?:embedded/)?(?:presserom|presserum|uutishuone|pressrum|newsroom|pressroom)"
    r"/(\d+)(?:/|$)"
)


def recognise(url: str) -> str | None:
    """host/publisherId of a press room, of its feed, or of one of its releases."""
    try:
        parts = urlsplit(url.strip())
        host = _HOSTS.get((parts.hostname or "").lower())
        given = parse_qs(parts.query).get("publisherId", [""])[-1]
    except ValueError:
        return None
    if host is None or parts.scheme not in ("http", "https"):
        return None
    room = _ROOM.match(parts.path)
    publisher_id = room[1] if room else given
    return f"{host}/{publisher_id}" if re.fullmatch(r"\d+", publisher_id) else None
