"""`crm setup`: what a CRM lacks of our fields, and creating it after confirmation."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.crm.destinations.found import open_destination
from orchestration.crm.destinations.protocol import Destination, ShakesHands
from orchestration.crm.field_map import faults
from orchestration.crm.sync import field_maps


@dataclass(frozen=True)
class Setup:
    """How our fields stand there."""

    destination: str
    n_there: int
    missing: tuple[tuple[str, str], ...]  # kind, field
    unfit: tuple[tuple[str, str, str], ...]  # kind, field, why
    is_created: bool
    creates_fields: bool = True

    @property
    def is_success(self) -> bool:
        """True when a sync can begin."""
        return not self.unfit and (self.is_created or not self.missing)

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return vars(self) | {"is_success": self.is_success}

    def text(self) -> str:
        """For a terminal."""
        if self.is_created:
            done = "created"
        elif self.creates_fields:
            done = "missing; --confirm creates it"
        else:
            done = "missing; --confirm says what an administrator must create"
        return "\n".join(
            [
                f"{self.destination}: {self.n_there} of our fields are there",
                *(f"  {kind} {name}: {done}" for kind, name in self.missing),
                *(f"  {kind} {name}: {why}" for kind, name, why in self.unfit),
            ]
        )


def setup(
    destination: str,
    home: Path,
    *,
    is_confirmed: bool = False,
    target: Destination | None = None,
) -> Setup:
    """Compare the field maps with the CRM's metadata; create what is missing.

    Without a confirmation nothing is created. A field that is there and does not fit
    is never changed: a person may use it.

    Raises:
        CrmError: the CRM cannot be read, or refuses to create a field.
    """
    target = target or open_destination(destination, home)
    missing, unfit, n_there = [], [], 0
    if isinstance(target, ShakesHands):
        target.shake_hands()
    for kind, field_map in field_maps(target).items():
        there = target.describe(kind)
        asked = (field_map.asks.field,) if field_map.asks else ()
        wanted = dict.fromkeys((field_map.key, *field_map.names, *asked))
        lacking = [name for name in wanted if name not in there]
        n_there += len(wanted) - len(lacking)
        missing += [(kind, name) for name in lacking]
        unfit += [
            (kind, name, why)
            for name, why in sorted(faults(field_map.fields, there).items())
            if name not in lacking
        ]
        if is_confirmed and lacking:
            target.create_fields(kind, lacking)
    return Setup(
        target.name,
        n_there,
        tuple(missing),
        tuple(unfit),
        is_confirmed,
        target.terms.creates_fields,
    )
