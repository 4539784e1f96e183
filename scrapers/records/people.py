"""People listed on a page in a role."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Person:
    """One listing of a person; ``person_key`` identifies them within an account."""

    KIND: ClassVar[str] = "people"

    person_key: str
    name: str
    title: str | None
    section: str | None
    order_no: int
    via: str
