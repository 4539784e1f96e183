"""Progress of long work, for whoever listens.

Steps announce what they did; the command line prints it. In a Dagster process nobody
listens and nothing happens. Results never travel this way.
"""

from collections.abc import Callable, Mapping
from typing import Any

_listeners: list[Callable[[str, bool], None]] = []


def announce(line: str, is_tick: bool = False) -> None:
    """Tell every listener one line; a tick is one of many and may be overwritten."""
    for listener in _listeners:
        listener(line, is_tick)


def listen(listener: Callable[[str, bool], None]) -> None:
    """Add a listener for the rest of the process."""
    _listeners.append(listener)


def is_heard() -> bool:
    """True when somebody listens: a command line, which wants no other output."""
    return bool(_listeners)


def announce_day(source: str, day: Mapping[str, Any]) -> None:
    """Tell of one crawled day, from the crawl's own line."""
    announce(
        f"raw/{source} {day['day']}: {day['visits']} visits, "
        f"{day['ok']} answered, {day['failed']} not",
        is_tick=True,
    )
