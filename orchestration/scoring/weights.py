"""The scorecard: `weights.yml` read strictly into frozen dataclasses.

Reading and checking only; what a weight does to a probability is in `model`.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from orchestration.scoring.strict_yaml import (
    ConfigError,
    entries,
    items,
    number,
    read_document,
    text,
    texts,
    where,
    whole,
)

WEIGHTS_FILE = Path(__file__).with_name("weights.yml")

_TOP = frozenset(
    [
        "version",
        "trust",
        "tau",
        "kappa_sd",
        "intercept_sd",
        "min_observed_days",
        "main_sources",
        "tender_open_days",
        "grades",
        "weights",
    ]
)
_GRADES = frozenset(["none", "faint", "weak", "medium", "strong", "explicit"])
_WEIGHT = frozenset(["signal_type", "weight", "grade", "reason", "owner"])


@dataclass(frozen=True)
class Weight:
    """What one unit of a signal type's x adds to the log-odds, and why."""

    signal_type: str
    weight: float
    grade: str
    reason: str
    owner: str


@dataclass(frozen=True)
class Weights:
    """One version of the scorecard with the prior around it (SCIENCE 3.2)."""

    version: int
    trust: float
    tau: float
    kappa_sd: float
    intercept_sd: float
    min_observed_days: int
    main_sources: tuple[str, ...]
    tender_open_days: int
    entries: tuple[Weight, ...]

    @property
    def digest(self) -> str:
        """First 12 hex characters of the SHA-256 of all that is said here."""
        said = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()[:12]

    @property
    def signal_types(self) -> tuple[str, ...]:
        """Signal types in the order of the file."""
        return tuple(w.signal_type for w in self.entries)

    @property
    def believed(self) -> dict[str, float]:
        """Log-odds per unit of x that scores begin with: trust times the weight."""
        return {w.signal_type: self.trust * w.weight for w in self.entries}

    def of(self, signal_type: str) -> float:
        """Weight of a type, as the expert gave it.

        Raises:
            ConfigError: when the scorecard does not know the type.
        """
        for entry in self.entries:
            if entry.signal_type == signal_type:
                return entry.weight
        raise ConfigError(f"signal type {signal_type!r} has no weight")


def load_weights(path: Path = WEIGHTS_FILE) -> Weights:
    """Read a scorecard.

    Raises:
        ConfigError: naming file and line of an unknown, repeated or missing key, of a
            weight that lies off its grade by more than a half step, or of a type that
            is given twice.
    """
    top = entries(path, read_document(path), _TOP)
    grades = {
        name: number(path, node)
        for name, node in entries(path, top["grades"], _GRADES).items()
    }
    weights: dict[str, Weight] = {}
    for node in items(path, top["weights"]):
        fields = entries(path, node, _WEIGHT)
        weight = Weight(
            signal_type=text(path, fields["signal_type"]),
            weight=number(path, fields["weight"]),
            grade=text(path, fields["grade"]),
            reason=text(path, fields["reason"]),
            owner=text(path, fields["owner"]),
        )
        if weight.signal_type in weights:
            raise ConfigError(
                f"{where(path, node)}: signal type {weight.signal_type!r} is given "
                "twice"
            )
        if weight.grade != _nearest(grades, abs(weight.weight)):
            raise ConfigError(
                f"{where(path, fields['grade'])}: weight {weight.weight:g} of "
                f"{weight.signal_type} is not {weight.grade!r} on the scale of grades"
            )
        weights[weight.signal_type] = weight
    return Weights(
        version=whole(path, top["version"]),
        trust=number(path, top["trust"]),
        tau=number(path, top["tau"]),
        kappa_sd=number(path, top["kappa_sd"]),
        intercept_sd=number(path, top["intercept_sd"]),
        min_observed_days=whole(path, top["min_observed_days"]),
        main_sources=texts(path, top["main_sources"]),
        tender_open_days=whole(path, top["tender_open_days"]),
        entries=tuple(weights.values()),
    )


def _nearest(grades: dict[str, float], size: float) -> str:
    # Ties go to the stronger grade: .5 lies midway between weak and medium.
    return min(
        grades, key=lambda name: (round(abs(grades[name] - size), 9), -grades[name])
    )
