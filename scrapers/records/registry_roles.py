"""Who holds which role in a registered entity."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar


@dataclass(frozen=True)
class RegistryRole:
    """One holder of one role; the birth date itself is never kept."""

    KIND: ClassVar[str] = "registry_roles"

    org_number: str
    group_code: str
    role_code: str
    holder_type: str
    holder_key: str
    holder_name: str
    holder_org_number: str | None
    is_resigned: bool
    group_changed_on: date | None
