"""The log of erasures: what was taken out when, chained and signed; it holds no name.

`HOME/erasures/<number>.json` is what one erasure has changed so far, written before the
change is made, so that a kill loses nothing. `HOME/erasures/log.jsonl` has a line, a
tombstone, for each that ended, signed with the key of the suppression list. Bytes are
changed elsewhere (erase.py).
"""

import hashlib
import hmac
import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from scrapers.suppression import SuppressionBroken, read_suppressed, signature

FOLDER = "erasures"
_LOG = "log.jsonl"
_GENESIS = "0" * 64


class ErasuresBroken(ValueError):
    """The log of erasures is not what was written; says where."""


@dataclass
class Progress:
    """What one erasure has changed so far."""

    number: int
    erased_at: datetime
    digests: dict[str, dict[str, str]]  # by source: payload before, payload after
    forecasts: dict[str, Any]  # the end of the log before and after
    files: dict[str, int]  # files written anew, by first folder
    n_records: int = 0
    is_finished: bool = False
    # Digests of payloads that could not be read, and were withheld for that.
    unread: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tombstone:
    """An erasure that ended."""

    number: int
    erased_at: datetime
    n_payloads: dict[str, int]
    files: dict[str, int]
    forecasts: dict[str, Any]

    def sentence(self) -> str:
        """In words."""
        payloads = ", ".join(f"{n} of {s}" for s, n in self.n_payloads.items() if n)
        chain = (
            "; the log of forecasts was chained anew, from "
            f"{self.forecasts['before']['hash'][:12]} to "
            f"{self.forecasts['after']['hash'][:12]}"
            if self.forecasts
            else ""
        )
        return (
            f"erasure {self.number}, {self.erased_at:%Y-%m-%d %H:%M} UTC: one person; "
            f"payloads written anew: {payloads or 'none'}; "
            f"{sum(self.files.values())} files changed{chain}"
        )


def read_progress(home: Path, number: int, erased_at: datetime) -> Progress:
    """What an erasure has changed so far; nothing when it has not begun."""
    file = home / FOLDER / f"{number}.json"
    if not file.exists():
        return Progress(number, erased_at, {}, {}, {})
    said = json.loads(file.read_text("utf-8"))
    return Progress(
        said["number"],
        datetime.fromisoformat(said["erased_at"]),
        said["digests"],
        said["forecasts"],
        said["files"],
        said["n_records"],
        said["is_finished"],
        # Erasures of before 28 November 2026 withheld nothing that was not read.
        tuple(said.get("unread", ())),
    )


def write_progress(home: Path, progress: Progress) -> None:
    """Keep what an erasure has changed so far."""
    _write(
        home / FOLDER / f"{progress.number}.json",
        json.dumps(
            {
                "number": progress.number,
                "erased_at": progress.erased_at.isoformat(),
                "digests": progress.digests,
                "forecasts": progress.forecasts,
                "files": progress.files,
                "n_records": progress.n_records,
                "is_finished": progress.is_finished,
                "unread": progress.unread,
            },
            indent=1,
            sort_keys=True,
        ),
    )


def set_tombstone(home: Path, progress: Progress) -> Tombstone:
    """Sign an erasure that ended; signed anew when it has found more since."""
    lines = [
        {name: line[name] for name in line if name not in _CHAIN}
        for line in _lines(home)
        if line["number"] != progress.number
    ]
    lines.append(
        {
            "number": progress.number,
            "erased_at": progress.erased_at.isoformat(),
            "n_payloads": {s: len(d) for s, d in progress.digests.items()},
            "files": progress.files,
            "forecasts": progress.forecasts,
            "digests": _digest(progress.digests),
        }
    )
    previous, text = _GENESIS, ""
    for body in sorted(lines, key=lambda line: int(line["number"])):
        chained = body | {"previous": previous}
        previous = _digest(chained)
        signed = chained | {"hash": previous, "signature": signature(home, previous)}
        text += json.dumps(signed, sort_keys=True) + "\n"
    _write(home / FOLDER / _LOG, text)
    progress.is_finished = True
    write_progress(home, progress)
    return next(t for t in tombstones(home) if t.number == progress.number)


def tombstones(home: Path) -> list[Tombstone]:
    """The erasures that ended, each verified.

    Raises:
        ErasuresBroken: a line was altered, left out, or signed with another key.
    """
    return [
        Tombstone(
            line["number"],
            datetime.fromisoformat(line["erased_at"]),
            line["n_payloads"],
            line["files"],
            line["forecasts"],
        )
        for line in _lines(home)
    ]


def unfinished(home: Path) -> list[int]:
    """Numbers of erasures that began and did not end.

    Raises:
        SuppressionBroken: the list of people cannot be read.
    """
    ended = {t.number for t in tombstones(home)}
    return [e.number for e in read_suppressed(home).entries if e.number not in ended]


def payloads_before(home: Path) -> dict[str, str]:
    """Digests that payloads had before an erasure, and those they have now."""
    found: dict[str, str] = {}
    for file in sorted((home / FOLDER).glob("[0-9]*.json")):
        for pairs in json.loads(file.read_text("utf-8"))["digests"].values():
            found |= pairs
    return found


_CHAIN = ("previous", "hash", "signature")


def _lines(home: Path) -> list[dict[str, Any]]:
    file = home / FOLDER / _LOG
    if not file.exists():
        return []
    previous, found = _GENESIS, []
    for number, text in enumerate(file.read_text("utf-8").splitlines(), 1):
        try:
            line: dict[str, Any] = json.loads(text)
            body = {n: v for n, v in line.items() if n not in ("hash", "signature")}
            is_whole = line["previous"] == previous and _digest(body) == line["hash"]
            is_ours = hmac.compare_digest(
                line["signature"], signature(home, line["hash"])
            )
        except (ValueError, KeyError, SuppressionBroken) as error:
            raise ErasuresBroken(f"{file}: line {number}: {error}") from error
        if not is_whole or not is_ours:
            raise ErasuresBroken(
                f"{file}: line {number} is not what was written; bring the file back "
                "from a backup"
            )
        kept = home / FOLDER / f"{line['number']}.json"
        if not kept.exists() or _digest(_digests_of(kept)) != line["digests"]:
            raise ErasuresBroken(
                f"{kept}: is not what line {number} of {file.name} was signed for"
            )
        previous = line["hash"]
        found.append(line)
    return found


def _digests_of(file: Path) -> Any:
    return json.loads(file.read_text("utf-8")).get("digests")


def _digest(said: Any) -> str:
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    with temporary.open("w", encoding="utf-8", newline="\n") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(file)
