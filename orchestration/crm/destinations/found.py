"""Destinations by name: a folder with field maps is one, and nothing else is edited."""

import importlib
from pathlib import Path

from orchestration.crm.destinations.protocol import Destination
from orchestration.crm.fault import CrmError
from orchestration.crm.pace import Pace


def destination_names() -> tuple[str, ...]:
    """Names of all destinations, sorted."""
    here = Path(__file__).parent
    return tuple(sorted(f.parent.name for f in here.glob("*/account.yml")))


def open_destination(name: str, home: Path, pace: Pace | None = None) -> Destination:
    """Open a destination.

    Raises:
        CrmError: when there is none of that name, or what it needs is not there.
    """
    if name not in destination_names():
        known = ", ".join(destination_names())
        raise CrmError(f"{name!r} is not a destination; there is {known}")
    module = importlib.import_module(f"orchestration.crm.destinations.{name}")
    opened: Destination = module.open_destination(home, pace or Pace())
    return opened
