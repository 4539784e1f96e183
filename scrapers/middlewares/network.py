"""Whether it is the network that is gone, and not the hosts that fail.

One site that does not answer is an observation of that site. When hosts that have
answered before fail one after the other and nobody answers in between, nothing can be
said of any of them. What becomes of the crawl then is decided elsewhere.
"""

from collections.abc import Iterable

# So many hosts in a row, or all that ever answered where there are fewer.
HOSTS_IN_A_ROW = 5
_AT_LEAST = 2


class Network:
    """What the hosts of a crawl have said so far."""

    def __init__(self, answered_before: Iterable[str]) -> None:
        """Hosts that answered on an earlier day; others count once they answer."""
        self._known = set(answered_before)
        self._silent: dict[str, None] = {}

    def answered(self, host: str) -> None:
        """A host said something, whatever it was."""
        self._known.add(host)
        self._silent.clear()

    def failed(self, host: str) -> None:
        """A host said nothing."""
        if host in self._known:
            self._silent.setdefault(host)

    @property
    def is_gone(self) -> bool:
        """True when too many hosts in a row have said nothing to be by chance."""
        enough = max(_AT_LEAST, min(HOSTS_IN_A_ROW, len(self._known)))
        return len(self._silent) >= enough

    @property
    def silent(self) -> tuple[str, ...]:
        """Hosts that have said nothing since somebody last did, in order."""
        return tuple(self._silent)
