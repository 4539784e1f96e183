"""What a parser may know about a payload besides its bytes.

Only facts that are the same each time the payload is read belong here; the time of
the visit does not, because parsing runs once per digest and not once per visit.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Envelope:
    """The address a payload came from and what was said about it."""

    source: str
    url: str
    scope: str
    content_type: str | None
    http_status: int
