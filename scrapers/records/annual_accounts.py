"""Annual accounts as a company filed them."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar


@dataclass(frozen=True)
class AnnualAccounts:
    """One set of accounts; amounts in ``currency``, null where not stated."""

    KIND: ClassVar[str] = "annual_accounts"

    org_number: str
    accounts_id: str
    accounts_type: str
    period_from: date
    period_to: date
    currency: str
    revenue: float | None
    operating_costs: float | None
    operating_result: float | None
    result_before_tax: float | None
    result: float | None
    total_assets: float | None
    equity: float | None
    debt: float | None
    is_unaudited: bool | None
    is_liquidation: bool
