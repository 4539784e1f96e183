"""`opt_out.csv`: companies that asked not to be observed, which are never asked.

A row names an account, or a domain. The file stands beside the accounts file and is
landed with it; the watch list then holds the account without its domains and number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from orchestration.accounts.watch_list import (
    AccountsRefused,
    clean_domain,
    read_rows,
)
from orchestration.contracts.frames import schema, shaped
from orchestration.contracts.gate import write_atomically
from orchestration.contracts.odcs import contract

NAME = "opt_out.csv"
COLUMNS = ("account_id", "domain", "reason")


@dataclass(frozen=True)
class OptOuts:
    """Accounts and domains that are never asked."""

    accounts: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()

    def covers(self, account_id: str) -> bool:
        """True when the account as a whole opted out."""
        return account_id in self.accounts

    def covers_domain(self, domain: str) -> bool:
        """True for an opted-out domain and all below it."""
        return any(domain == d or domain.endswith(f".{d}") for d in self.domains)


def read_opt_outs(*files: Path) -> OptOuts:
    """Read the first opt-out file there is: at, or beside, one of the paths.

    Raises:
        AccountsRefused: with one sentence; a file that is not understood is never
            passed over, because somebody asked not to be visited.
    """
    beside = (f if f.name == NAME else f.with_name(NAME) for f in files)
    file = next((f for f in beside if f.exists()), None)
    return _read(file) if file is not None else OptOuts()


def _read(file: Path) -> OptOuts:
    header, rows = read_rows(file)
    unknown = [c for c in header if c not in COLUMNS]
    if unknown or not {"account_id", "domain"} & set(header):
        raise AccountsRefused(
            f"{file}: the columns are {', '.join(header)}; an opt-out file has "
            f"account_id or domain, and may have reason"
        )
    accounts, domains = set(), set()
    for line, cells in rows:
        if len(cells) != len(header):
            raise AccountsRefused(
                f"{file}: line {line} has {len(cells)} cells where the header has "
                f"{len(header)}"
            )
        cell = {n: c.strip() for n, c in zip(header, cells, strict=True)}
        account_id, written = cell.get("account_id", ""), cell.get("domain", "")
        domain = clean_domain(written) if written else None
        if written and domain is None:
            raise AccountsRefused(f"{file}: line {line}: {written!r} is not a domain")
        if not account_id and domain is None:
            raise AccountsRefused(
                f"{file}: line {line} names neither an account nor a domain"
            )
        if account_id:
            accounts.add(account_id)
        if domain is not None:
            domains.add(domain.removeprefix("www."))
    return OptOuts(frozenset(accounts), frozenset(domains))


def without(accounts: pl.DataFrame, opt_outs: OptOuts) -> pl.DataFrame:
    """One row per account and domain that opted out, of those on the watch list.

    An empty domain is the whole account. An account all of whose domains opted out, and
    no other way is left to it, is still asked about in the register.
    """
    rows: list[dict[str, str]] = []
    for account_id, domains in accounts.select("account_id", "domains").iter_rows():
        if opt_outs.covers(account_id):
            rows.append({"account_id": account_id, "domain": ""})
        rows += [
            {"account_id": account_id, "domain": domain}
            for domain in domains
            if opt_outs.covers_domain(domain)
        ]
    return pl.DataFrame(rows, schema=schema(contract("opt_outs")))


def write_opt_outs(
    accounts: pl.DataFrame, opt_outs: OptOuts, home: Path
) -> Sequence[str]:
    """Write `accounts/opt_outs.parquet`; the accounts of the file not on the list."""
    frame = without(accounts, opt_outs)
    target = home / "accounts" / "opt_outs.parquet"
    write_atomically(
        shaped(contract("opt_outs"), frame).sort("account_id", "domain"), target
    )
    return sorted(opt_outs.accounts - set(accounts["account_id"]))
