"""Which layout a home folder has: read before anything is written into it.

`HOME/home.json` says so; a folder without it is of the first layout. Code that knows
only older layouts must not write into a newer one.
"""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

FILE = "home.json"
VERSION = 1
# From a version to the next: what to do. The first layout is the only one so far.
_STEPS: Mapping[int, Callable[[Path], None]] = {}


class HomeRefused(ValueError):
    """A home folder of another version; says what to do."""


def version_of(home: Path) -> int:
    """The version of a folder's layout.

    Raises:
        HomeRefused: the file does not say.
    """
    file = home / FILE
    if not file.exists():
        return 1
    try:
        return int(json.loads(file.read_text("utf-8"))["version"])
    except (ValueError, KeyError, TypeError) as error:
        raise HomeRefused(
            f"{file}: does not say which version the folder has; bring it back from a "
            "backup"
        ) from error


def claim(home: Path) -> None:
    """Refuse a folder of another version; write down the version of a new one.

    Raises:
        HomeRefused: it is newer than this code, or must be migrated first.
    """
    held = version_of(home)
    if held > VERSION:
        raise HomeRefused(
            f"{home} was written by a newer Lyttepost (layout {held}, this one knows "
            f"{VERSION}); install that version, or use another --home"
        )
    if held < VERSION:
        raise HomeRefused(
            f"{home} has layout {held}, this Lyttepost writes {VERSION}; make a "
            "backup, then run `lyttepost migrate`"
        )
    if not (home / FILE).exists():
        _write(home, VERSION)


def migrate(home: Path) -> list[int]:
    """Bring a folder to this version, a step at a time; the versions it went through.

    Raises:
        HomeRefused: it is newer than this code.
    """
    held, done = version_of(home), []
    if held > VERSION:
        claim(home)
    while held < VERSION:
        _STEPS[held](home)
        held += 1
        _write(home, held)
        done.append(held)
    return done


def _write(home: Path, version: int) -> None:
    file = home / FILE
    temporary = file.with_name(f".{FILE}.{os.getpid()}.tmp")
    temporary.write_text(json.dumps({"version": version}) + "\n", "utf-8")
    temporary.replace(file)
