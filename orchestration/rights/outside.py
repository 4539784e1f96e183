"""Copies outside of the home folder, and which erasures have not reached them yet.

`HOME/erasures/outside.json` names each destination that was published to and each
backup that was written, with the last erasure that reached it; it holds no name of a
person and no secret of an address. Reaching a destination is publishing there afresh
(defs/bi/destinations.py); reaching a backup is done here, by the list of hashes.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from orchestration.backup import BackupRefused, backup, made_at_of, restore
from orchestration.rights.erase import EraseRefused, erase_listed
from orchestration.rights.erasures import FOLDER, ErasuresBroken, tombstones
from scrapers.suppression import FOLDER as SUPPRESSION
from scrapers.suppression import SuppressionBroken

_FILE = "outside.json"
DESTINATION, BACKUP = "destination", "backup"


@dataclass(frozen=True)
class Place:
    """A copy outside: what it is, where, when it was last written, what reached it.

    ``name`` is a destination's name, or the path of a backup; ``reached`` the number
    of the last erasure that was carried there, ``why_not`` why a later one was not.
    """

    kind: str
    name: str
    where: str
    written_at: str
    reached: int = 0
    why_not: str = ""

    def sentence(self, last: int) -> str:
        """What has not been reached, and what to do."""
        numbers = (
            f"erasure {last}"
            if last == self.reached + 1
            else f"erasures {self.reached + 1} to {last}"
        )
        why = f" ({self.why_not})" if self.why_not else ""
        do = (
            "run `lyttepost publish` when it can be reached"
            if self.kind == DESTINATION
            else "bring the file back to its place and run `lyttepost purge`, or "
            "delete it and take it off the list: lyttepost backup --forget FILE"
        )
        what = (
            f"{self.name} at {self.where}" if self.kind == DESTINATION else self.where
        )
        return f"{numbers} did not reach the {self.kind} {what}{why}; {do}"


def places(home: Path) -> list[Place]:
    """Every copy outside that is known of."""
    file = home / FOLDER / _FILE
    if not file.exists():
        return []
    return [Place(**said) for said in json.loads(file.read_text("utf-8"))]


def last_erasure(home: Path) -> int:
    """Number of the last erasure that ended; 0 before the first."""
    return max((t.number for t in tombstones(home)), default=0)


def pending(home: Path) -> list[Place]:
    """Copies that an erasure which ended has not reached."""
    last = last_erasure(home)
    return [place for place in places(home) if place.reached < last]


def is_pending(home: Path, destination: str) -> bool:
    """True when a destination may still hold somebody who was erased.

    Also for one that is not on the list: it may have been published to before there
    was a list.
    """
    last = last_erasure(home)
    known = {p.name: p for p in places(home) if p.kind == DESTINATION}
    return (known[destination].reached if destination in known else 0) < last


def note_published(
    home: Path, name: str, where: str, moment: datetime, *, is_clean: bool
) -> None:
    """Write down that a destination was published to.

    Args:
        home: the home folder.
        name: name of the destination.
        where: its address without secrets.
        moment: when.
        is_clean: nothing older than this version is there any more.
    """
    known = {(p.kind, p.name): p for p in places(home)}
    held = known.get((DESTINATION, name), Place(DESTINATION, name, where, ""))
    held = replace(held, where=where, written_at=moment.isoformat())
    last = last_erasure(home)
    if is_clean:
        held = replace(held, reached=last, why_not="")
    elif held.reached < last:
        held = replace(held, why_not="older versions there are still in use")
    _keep(home, [*(p for k, p in known.items() if k != (DESTINATION, name)), held])


def note_refused(home: Path, name: str, why: str) -> None:
    """Write down why a destination could not be reached."""
    _keep(
        home,
        [
            replace(p, why_not=why) if (p.kind, p.name) == (DESTINATION, name) else p
            for p in places(home)
        ],
    )


def note_backup(home: Path, file: Path, moment: datetime) -> None:
    """Write down that a backup was written; everything in it is as it is now."""
    where = str(file.resolve())
    new = Place(BACKUP, where, where, moment.isoformat(), last_erasure(home))
    _keep(home, [*(p for p in places(home) if p.name != where), new])


def forget_backup(home: Path, file: Path) -> bool:
    """Take a backup that is no more off the list; true when it stood there."""
    where = str(file.resolve())
    before = places(home)
    after = [p for p in before if (p.kind, p.name) != (BACKUP, where)]
    if after != before:
        _keep(home, after)
    return after != before


def must_reach_again(home: Path, number: int) -> None:
    """An erasure found more than before: what it reached may hold that too."""
    known = places(home)
    if any(place.reached >= number for place in known):
        _keep(home, [replace(p, reached=min(p.reached, number - 1)) for p in known])


def reach_backups(home: Path, tell: Callable[[str], None]) -> list[Place]:
    """Take everybody who was erased out of the backups that can be reached.

    Returns:
        The backups that could not be, each with why.
    """
    last = last_erasure(home)
    left = []
    for place in [p for p in pending(home) if p.kind == BACKUP]:
        tell(f"the backup {place.where}")
        why = _reach(home, Path(place.where))
        place = (
            replace(place, reached=last, why_not="")
            if why is None
            else replace(place, why_not=why)
        )
        if why is not None:
            left.append(place)
        _keep(home, [place if p.name == place.name else p for p in places(home)])
    return left


def _reach(home: Path, file: Path) -> str | None:
    """Write a backup anew without the people on the list; why it could not be."""
    if not file.exists():
        return "it is not there"
    work = file.with_name(f".{file.name}.erasing")
    fresh = file.with_name(f".{file.name}.erased")
    shutil.rmtree(work, ignore_errors=True)
    fresh.unlink(missing_ok=True)
    work.parent.mkdir(parents=True, exist_ok=True)
    try:
        # Whoever may not read the backup may not read what is unpacked of it.
        work.mkdir(mode=0o700)
        made_at = made_at_of(file)
        restore(file, work / "home")
        shutil.copytree(
            home / SUPPRESSION, work / "home" / SUPPRESSION, dirs_exist_ok=True
        )
        erase_listed(work / "home")
        backup(work / "home", fresh, made_at)
        shutil.copymode(file, fresh)
        fresh.replace(file)
    except (
        BackupRefused,
        EraseRefused,
        ErasuresBroken,
        SuppressionBroken,
        OSError,
    ) as error:
        return str(error).splitlines()[0]
    finally:
        shutil.rmtree(work, ignore_errors=True)
        fresh.unlink(missing_ok=True)
    return None


def _keep(home: Path, known: Iterable[Place]) -> None:
    file = home / FOLDER / _FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    rows = sorted(known, key=lambda place: (place.kind, place.name))
    with temporary.open("w", encoding="utf-8") as out:
        json.dump([asdict(place) for place in rows], out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(file)
