"""Progress of long work, for whoever listens.

Steps announce what they did; the command line prints it. In a Dagster process nobody
listens and nothing happens. Results never travel this way.
"""

from collections.abc import Callable

_listeners: list[Callable[[str], None]] = []


def announce(line: str) -> None:
    """Tell every listener one line."""
    for listener in _listeners:
        listener(line)


def listen(listener: Callable[[str], None]) -> None:
    """Add a listener for the rest of the process."""
    _listeners.append(listener)
