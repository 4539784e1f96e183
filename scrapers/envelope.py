"""What a parser may know about a payload besides its bytes.

Only facts that are the same each time the payload is read belong here; the time of
the visit does not, because parsing runs once per digest and not once per visit.
"""

from collections.abc import Iterable
from dataclasses import dataclass

# Headers that tell what a site is built with. The others (dates, ages, traces, values
# of cookies) differ from visit to visit though the payload is the same.
KEPT_HEADERS = ("server", "x-powered-by", "x-generator", "powered-by", "via")


@dataclass(frozen=True)
class Envelope:
    """The address a payload came from and what was said about it.

    ``headers`` are the kept ones of the first answer with this payload, and for each
    cookie it set ("set-cookie", its name). An answer with the same payload and other
    headers is not read again.
    """

    source: str
    url: str
    scope: str
    content_type: str | None
    http_status: int
    headers: tuple[tuple[str, str], ...] = ()


def kept_headers(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The kept headers of an answer, names in lower case, each pair once, sorted."""
    kept = set()
    for name, value in headers:
        lowered = name.lower()
        if lowered in KEPT_HEADERS:
            kept.add((lowered, value))
        elif lowered == "set-cookie":
            kept.add((lowered, value.partition("=")[0].strip()))
    return tuple(sorted(kept))
