"""Versions of the model on disk, and which of them scores a day.

`HOME/models/<version>/model.json` is written once and never changed; `pins.json` says
from which day a version scores. A promotion or a rollback is one more pin, so that days
scored before keep the model that scored them.
"""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from orchestration.scoring import recalibration
from orchestration.scoring.coefficients import Coefficients
from orchestration.scoring.recalibration import Identity, Map
from orchestration.scoring.strict_yaml import ScoringError

EXPERT = "expert"
PINS = "pins.json"
MODEL = "model.json"
FORMAT = 1
TARGETS = ("tender", "crm")


class NoVersion(ScoringError):
    """There is no such version, or none to go back to; one sentence."""


@dataclass(frozen=True)
class OfferModel:
    """What was learned for one offer: coefficients by horizon in days.

    ``columns`` of a fit are types of the scorecard, and `sector <segment>`. ``kappa``
    is how far the experts were trusted; a type that joined the scorecard later is
    taken at its weight times kappa. ``map`` takes its probabilities within 91 days to
    better ones, where outcomes spoke for it.
    """

    offer: str
    n_events: int
    n_rows: int
    kappa: float
    fits: Mapping[int, Coefficients]
    p_matters: Mapping[str, float]
    map: Map = field(default_factory=Identity)


@dataclass(frozen=True)
class Version:
    """One learned version."""

    name: str
    target: str
    data_cut: date
    offers: Mapping[str, OfferModel]
    said: Mapping[str, Any]


@dataclass(frozen=True)
class Pin:
    """From a day on, a version scores."""

    since: date
    version: str


def named(said: Mapping[str, Any]) -> str:
    """The name of what a model says: target, data cut and digest."""
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return f"learned-{said['target']}-{said['data_cut']}-{digest}"


def write_version(
    home: Path, said: Mapping[str, Any], report: Mapping[str, Any], page: str
) -> str:
    """Write a version with its report under its name; the same again changes nothing.

    Returns:
        The name.
    """
    name = named(said)
    folder = home / "models" / name
    if (folder / MODEL).exists():
        return name
    unfinished = folder.with_name(f".unfinished-{name}-{os.getpid()}")
    unfinished.mkdir(parents=True)
    _write(unfinished / "report.json", json.dumps(report, indent=1, ensure_ascii=False))
    _write(unfinished / "report.md", page)
    _write(unfinished / MODEL, json.dumps(said, sort_keys=True))
    unfinished.replace(folder)
    return name


def read_version(home: Path, name: str) -> Version:
    """Read a version.

    Raises:
        NoVersion: there is none of that name, it was altered, or its format is
            another.
    """
    file = home / "models" / name / MODEL
    if not name.startswith("learned-") or not file.is_file():
        known = ", ".join(version_names(home)) or "none has been learned yet"
        raise NoVersion(f"there is no model version {name!r}; there are: {known}")
    said = json.loads(file.read_text(encoding="utf-8"))
    if said.get("format") != FORMAT:
        raise NoVersion(f"{file}: format {said.get('format')!r} is not {FORMAT}")
    if named(said) != name:
        raise NoVersion(f"{file}: was altered since it was written")
    return Version(
        name=name,
        target=said["target"],
        data_cut=date.fromisoformat(said["data_cut"]),
        offers={offer: _offer(offer, rest) for offer, rest in said["offers"].items()},
        said=said,
    )


def said_of(model: OfferModel) -> dict[str, Any]:
    """What is written of an offer."""
    return {
        "n_events": model.n_events,
        "n_rows": model.n_rows,
        "kappa": model.kappa,
        "p_matters": dict(model.p_matters),
        "map": recalibration.said_of(model.map),
        "horizons": {
            str(days): {
                "columns": list(fit.signal_types),
                "intercept": fit.intercept,
                "beta": fit.beta.tolist(),
                "covariance": fit.covariance.tolist(),
            }
            for days, fit in model.fits.items()
        },
    }


def _offer(offer: str, said: Mapping[str, Any]) -> OfferModel:
    return OfferModel(
        offer=offer,
        n_events=said["n_events"],
        n_rows=said["n_rows"],
        kappa=said["kappa"],
        fits={
            int(days): Coefficients(
                tuple(fit["columns"]),
                np.array(fit["beta"], dtype=np.float64),
                np.array(fit["covariance"], dtype=np.float64),
                fit["intercept"],
            )
            for days, fit in said["horizons"].items()
        },
        p_matters=said["p_matters"],
        # Versions written before there were maps have none.
        map=recalibration.read_map(said.get("map", {})),
    )


def version_names(home: Path) -> list[str]:
    """Names of the learned versions, oldest data first."""
    found = [f.parent.name for f in (home / "models").glob(f"learned-*/{MODEL}")]
    return sorted(found, key=lambda name: (name.split("-")[2:5], name))


def read_pins(home: Path) -> list[Pin]:
    """The pins in the order they were set.

    Raises:
        NoVersion: a file that was not written by `pin`.
    """
    file = home / "models" / PINS
    if not file.exists():
        return []
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        return [Pin(date.fromisoformat(p["since"]), p["version"]) for p in said["pins"]]
    except (ValueError, KeyError, TypeError) as error:
        raise NoVersion(f"{file}: is not a list of pins: {error}") from error


def pinned(pins: Sequence[Pin], as_of: date) -> str:
    """The version that scores a day: of the pins that hold, the one set last."""
    held = [p.version for p in pins if p.since <= as_of]
    return held[-1] if held else EXPERT


def pin(home: Path, version: str, since: date) -> Pin:
    """Let a version score from a day on.

    Raises:
        NoVersion: it is not there, or it learned from days after that day.
    """
    if version != EXPERT:
        learned = read_version(home, version)
        if since < learned.data_cut:
            raise NoVersion(
                f"{version} learned from what was known on {learned.data_cut}; it "
                f"cannot score {since}, which was before"
            )
    pins = [*read_pins(home), Pin(since, version)]
    said = {"pins": [{"since": str(p.since), "version": p.version} for p in pins]}
    file = home / "models" / PINS
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{PINS}.{os.getpid()}.tmp")
    _write(temporary, json.dumps(said, indent=1))
    temporary.replace(file)
    return pins[-1]


def roll_back(home: Path, since: date) -> Pin:
    """Pin what scored before the last pin.

    Raises:
        NoVersion: nothing was ever promoted.
    """
    pins = read_pins(home)
    if not pins:
        raise NoVersion(
            "nothing was promoted yet: the experts' model scores, and there is nothing "
            "to go back to"
        )
    before = pins[-2].version if len(pins) > 1 else EXPERT
    return pin(home, before, since)


def _write(file: Path, text: str) -> None:
    with file.open("w", encoding="utf-8", newline="\n") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
