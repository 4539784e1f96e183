"""Links cut into what a recogniser looks at: host, path, query.

What a host or path means belongs to the source that recognises it.
"""

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True)
class LinkParts:
    """A link's host in lower case, the parts of its path, and its first answers."""

    host: str
    path: tuple[str, ...]
    query: dict[str, str]

    def subdomain_of(self, domain: str) -> str | None:
        """What stands before a domain, or None for the domain itself and others."""
        tail = f".{domain}"
        return self.host.removesuffix(tail) if self.host.endswith(tail) else None


def link_parts(url: str) -> LinkParts | None:
    """The parts of a link of the web (also one without a scheme); None for others."""
    text = url.strip()
    if text.startswith("//"):
        text = f"https:{text}"
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    return LinkParts(
        host=host,
        path=tuple(unquote(part) for part in parts.path.split("/") if part),
        query={key: values[0] for key, values in parse_qs(parts.query).items()},
    )
