"""What a business register says of an entity."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar


@dataclass(frozen=True)
class RegistryEntity:
    """One entity or sub-unit; absent in the register is null here, never zero."""

    KIND: ClassVar[str] = "registry_entities"

    org_number: str
    name: str
    legal_form: str | None
    industry_code: str | None
    industry_codes: tuple[str, ...]
    business_address: str | None
    municipality: str | None
    employees: int | None
    homepage: str | None
    parent_org_number: str | None
    founded_on: date | None
    registered_on: date | None
    is_bankrupt: bool
    is_in_liquidation: bool
    is_deleted: bool
    deleted_on: date | None
    share_capital: float | None
    purpose: str | None
    remarks: tuple[str, ...]
