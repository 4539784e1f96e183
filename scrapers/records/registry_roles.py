"""Who holds which role in a registered entity."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

ROLE_CLASSES = (
    "chair",
    "deputy_chair",
    "board_member",
    "deputy_member",
    "observer",
    "chief_executive",
    "secretary",
    "auditor",
    "accountant",
    "owner",
    "partner",
    "trustee",
    "contact",
    "other",
)


@dataclass(frozen=True)
class RegistryRole:
    """One holder of one role; the birth date itself is never kept.

    ``group_code`` and ``role_code`` are the register's own words, ``role_class`` what
    they mean in any register. Dates are those the register states, else null.
    """

    KIND: ClassVar[str] = "registry_roles"

    org_number: str
    group_code: str
    role_code: str
    role_class: str
    holder_type: str
    holder_key: str
    holder_name: str
    holder_org_number: str | None
    is_resigned: bool
    group_changed_on: date | None
    appointed_on: date | None
    resigned_on: date | None
