"""What every scaffold does: name the files, refuse to write over any, write them all.

One module per thing that can be begun (new_source.py) gives the files.
"""

import re
from collections.abc import Mapping
from pathlib import Path

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+")


class NotBegun(ValueError):
    """Something new that cannot be begun; the message says why."""


def check_name(name: str, example: str) -> None:
    """Refuse a name that is not snake case of two words or more."""
    if not _NAME.fullmatch(name) or len(name) > 40:
        raise NotBegun(
            f"{name!r} is not a name: snake case, two words or more, 40 letters at "
            f"most, as {example}"
        )


def class_name(name: str) -> str:
    """`green_jobs` as `GreenJobs`."""
    return "".join(word.capitalize() for word in name.split("_"))


def write_all(root: Path, files: Mapping[str, str]) -> list[Path]:
    """Write the files below a folder; none when one of them is there already."""
    targets = {root / path: text for path, text in files.items()}
    there = sorted(str(t.relative_to(root)) for t in targets if t.exists())
    if there:
        raise NotBegun(f"{', '.join(there)} is there already; choose another name")
    for target, text in targets.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return list(targets)
