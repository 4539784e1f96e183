"""Hunches: what a person believes, written down and scored by the same rules.

`HOME/hunches/hunches.jsonl`, private: never published and read by no model. A hunch is
judged when its day and the time of publication have passed, by the same outcomes.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import polars as pl

from orchestration.scoring.labels import Labels, within
from orchestration.scoring.learning import PUBLICATION_LAG
from orchestration.scoring.versions import TARGETS


class HunchRefused(ValueError):
    """A hunch that cannot be judged; says why."""


@dataclass(frozen=True)
class Hunch:
    """Somebody believes an account will have an outcome by a day."""

    person: str
    account_id: str
    offer: str
    target: str
    chance: float
    by: date
    written_at: datetime


@dataclass(frozen=True)
class PersonScore:
    """How good a person's hunches were; None where nothing is judged yet.

    ``base_brier`` is of the base rate, brought from the horizon of the score to the
    days of each hunch as if the hazard were constant.
    """

    person: str
    n_open: int
    n_judged: int
    n_came: int
    brier: float | None
    base_brier: float | None
    mean_chance: float | None

    def sentence(self) -> str:
        """In words."""
        if not self.n_judged:
            return f"{self.person}: {self.n_open} open, none judged yet"
        return (
            f"{self.person}: {self.n_judged} judged, {self.n_came} came where "
            f"{self.mean_chance:.0%} was believed; Brier {self.brier:.3f} against "
            f"{self.base_brier:.3f} of the base rate; {self.n_open} open"
        )


def add(home: Path, hunch: Hunch) -> int:
    """Write a hunch down.

    Returns:
        How many there are.

    Raises:
        HunchRefused: no chance, a day that has passed, or an unknown target.
    """
    if not 0.0 < hunch.chance < 1.0:
        raise HunchRefused(f"a chance of {hunch.chance} is not between 0 and 1")
    if hunch.by <= hunch.written_at.date():
        raise HunchRefused(f"{hunch.by} is not after today")
    if hunch.target not in TARGETS:
        raise HunchRefused(f"target {hunch.target!r} is not {' or '.join(TARGETS)}")
    if not hunch.person.strip() or not hunch.account_id.strip():
        raise HunchRefused("a hunch needs a person and an account")
    file = _file(home)
    before = read(home)
    file.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(
        {
            "person": hunch.person,
            "account_id": hunch.account_id,
            "offer": hunch.offer,
            "target": hunch.target,
            "chance": hunch.chance,
            "by": str(hunch.by),
            "written_at": hunch.written_at.isoformat(),
        },
        ensure_ascii=False,
    )
    with file.open("a", encoding="utf-8", newline="\n") as out:
        out.write(line + "\n")
        out.flush()
        os.fsync(out.fileno())
    return len(before) + 1


def read(home: Path) -> list[Hunch]:
    """The hunches of a home.

    Raises:
        HunchRefused: naming the first line that is not one.
    """
    file = _file(home)
    if not file.exists():
        return []
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            said = json.loads(line)
            found.append(
                Hunch(
                    said["person"],
                    said["account_id"],
                    said["offer"],
                    said["target"],
                    float(said["chance"]),
                    date.fromisoformat(said["by"]),
                    datetime.fromisoformat(said["written_at"]),
                )
            )
        except (ValueError, KeyError, TypeError) as error:
            raise HunchRefused(f"{file}: line {number} is no hunch") from error
    return found


def score(
    hunches: Sequence[Hunch],
    outcomes: pl.DataFrame,
    scores: pl.DataFrame,
    today: date,
) -> list[PersonScore]:
    """How good each person's hunches were by a day.

    Args:
        hunches: as read.
        outcomes: contract outcomes.
        scores: contract score_days, for base rates and their horizon.
        today: outcomes known by then count.
    """
    labels = Labels(outcomes)
    rates = {
        row["offer"]: (row["base_rate"], row["horizon_days"])
        for row in scores.sort("as_of").iter_rows(named=True)
    }
    found = []
    for person in sorted({h.person for h in hunches}):
        own = [h for h in hunches if h.person == person]
        closed = [h for h in own if (today - h.by).days >= PUBLICATION_LAG]
        came, said, base = [], [], []
        for h in closed:
            first = labels.first(h.offer, h.target, today).get(h.account_id, [])
            begun = h.written_at.date()
            days = (h.by - begun).days
            came.append(float(within(first, begun.toordinal(), days) > 0))
            said.append(h.chance)
            rate, horizon = rates.get(h.offer, (0.03, 91))
            base.append(1.0 - (1.0 - rate) ** (days / horizon))
        n = len(closed)
        found.append(
            PersonScore(
                person,
                len(own) - n,
                n,
                int(sum(came)),
                _brier(came, said) if n else None,
                _brier(came, base) if n else None,
                sum(said) / n if n else None,
            )
        )
    return found


def _brier(came: Sequence[float], said: Sequence[float]) -> float:
    return sum((a - b) ** 2 for a, b in zip(came, said, strict=True)) / len(came)


def _file(home: Path) -> Path:
    return home / "hunches" / "hunches.jsonl"
