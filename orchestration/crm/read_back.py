"""`crm read`: opportunities, accounts with owners, and what became of our tasks.

Asks a CRM that can tell (`ReadsBack`) and writes files where a run reads them:
`outcomes/DEST.csv`, `feedback/DEST.csv`, and `crm/DEST/accounts.csv` for who takes the
watch list from the CRM. Nothing is written to the CRM, and nothing is judged here.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.crm.destinations.found import open_destination
from orchestration.crm.destinations.protocol import (
    ACCOUNT,
    TASK,
    Destination,
    ReadsBack,
    RemoteCompany,
    RemoteFate,
    RemoteOpportunity,
)
from orchestration.crm.fault import CrmError
from orchestration.crm.opportunities import REQUIRED
from orchestration.crm.state import State
from orchestration.crm.sync import alone, crm_ids

_OPPORTUNITIES = (*REQUIRED, "opportunity_id", "amount", "closed_at", "product")
_ACCOUNTS = ("account_id", "name", "org_number", "domains", "owner")
_FATES = ("task_key", "verdict", "contacted_at")


@dataclass(frozen=True)
class ReadBack:
    """What was read, and where it was written."""

    destination: str
    n_companies: int
    n_opportunities: int
    n_of_others: int  # opportunities of companies that are no accounts of ours
    n_fates: int
    files: tuple[str, ...]

    @property
    def accounts_file(self) -> str:
        """Where its companies stand, as an accounts file."""
        return next(f for f in self.files if f.endswith("accounts.csv"))

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return vars(self) | {"files": list(self.files)}

    def text(self) -> str:
        """For a terminal."""
        return "\n".join(
            [
                f"{self.destination}: {self.n_companies} companies, "
                f"{self.n_opportunities} opportunities of our accounts "
                f"({self.n_of_others} of other companies were left out), "
                f"{self.n_fates} tasks that people judged or did",
                *(f"  {file}" for file in self.files),
            ]
        )


def read_back(
    destination: str, home: Path, *, target: Destination | None = None
) -> ReadBack:
    """Read what the CRM tells, and write it where a run reads it.

    Raises:
        CrmError: a destination that cannot tell, or cannot be read.
    """
    target = target or open_destination(destination, home)
    if not isinstance(target, ReadsBack):
        raise CrmError(
            f"{target.name} is not read back from; export its opportunities to "
            "outcomes/*.csv and what became of tasks to feedback/*.csv, see docs/crm.md"
        )
    folder = home / "crm" / target.name
    with alone(folder):
        state = State(folder, is_copy=True)
        try:
            records = state.records(ACCOUNT)
            tasks = state.records(TASK)
        finally:
            state.close()
        account_of = {r.remote_id: key for key, r in records.items() if r.remote_id}
        told = home / "accounts" / "accounts.parquet"
        if told.exists():
            account_of |= {i: key for key, i in crm_ids(home, target.name).items()}
        companies = list(target.companies())
        opportunities = list(target.opportunities())
        ours = [o for o in opportunities if o.company_id in account_of]
        ids = sorted(r.remote_id for r in tasks.values() if r.remote_id)
        fates = target.fates(ids) if ids else []
        written = {
            home / "outcomes" / f"{target.name}.csv": _csv(
                _OPPORTUNITIES, _opportunity_rows(ours, account_of)
            ),
            home / "feedback" / f"{target.name}.csv": _csv(_FATES, _fate_rows(fates)),
            folder / "accounts.csv": _csv(
                (*_ACCOUNTS, f"crm_{target.name}_id"),
                _account_rows(target.name, companies, account_of),
            ),
        }
        for file, content in written.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            fresh = file.with_name(f".{file.name}.next")
            fresh.write_text(content, encoding="utf-8")
            fresh.replace(file)
    return ReadBack(
        target.name,
        len(companies),
        len(ours),
        len(opportunities) - len(ours),
        len(fates),
        tuple(str(file.relative_to(home)) for file in written),
    )


def _opportunity_rows(
    ours: Iterable[RemoteOpportunity], account_of: Mapping[str, str]
) -> list[tuple[str | None, ...]]:
    return [
        (
            account_of[o.company_id or ""],
            o.created_at,
            o.stage,
            o.created_at,
            o.remote_id,
            o.amount,
            o.closed_at,
            o.product,
        )
        for o in sorted(ours, key=lambda o: o.remote_id)
    ]


def _fate_rows(fates: Iterable[RemoteFate]) -> list[tuple[str | None, ...]]:
    return sorted((f.key, f.verdict, f.contacted_at) for f in fates)


def _account_rows(
    destination: str,
    companies: Sequence[RemoteCompany],
    account_of: Mapping[str, str],
) -> list[tuple[str | None, ...]]:
    """One row a company; an account that is known keeps its id."""
    return [
        (
            account_of.get(c.remote_id, f"{destination}-{c.remote_id}"),
            c.name,
            c.org_number,
            c.domain,
            c.owner,
            c.remote_id,
        )
        for c in sorted(companies, key=lambda c: c.remote_id)
        # Neither a number nor a domain: there is nothing to observe it by.
        if c.org_number or c.domain
    ]


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str | None]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows)
    return text.getvalue()
