"""Who opted out leaves what is published: an account as a whole, or one of its domains.

What was observed before the opt-out is not shown any more; that it opted out is, in
coverage. A row that is gone clears our fields in a CRM at the next sync.
"""

from collections.abc import Mapping

import polars as pl

# Says that an account opted out, or only that it is on the watch list.
_STAY = ("coverage", "dim_accounts")


def without_opted_out(
    tables: Mapping[str, pl.DataFrame], opt_outs: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """The tables without rows about those who opted out.

    Args:
        tables: to be published.
        opt_outs: contract opt_outs: `account_id`, and the `domain`, empty for the whole
            account.
    """
    accounts = opt_outs.filter(pl.col("domain") == "")["account_id"].to_list()
    domains = opt_outs.filter(pl.col("domain") != "")["domain"].unique().to_list()
    return {
        name: frame
        if name in _STAY or opt_outs.is_empty()
        else _kept(frame, accounts, domains)
        for name, frame in tables.items()
    }


def _kept(frame: pl.DataFrame, accounts: list[str], domains: list[str]) -> pl.DataFrame:
    for column in ("account_id", "parent_account_id", "child_account_id"):
        if column in frame.columns:
            is_gone = pl.col(column).is_in(accounts).fill_null(value=False)
            frame = frame.filter(~is_gone)
    for column in ("url", "evidence_url"):
        if column in frame.columns and domains:
            host = pl.col(column).str.extract(r"^https?://([^/:?#]+)", 1)
            is_gone = pl.any_horizontal(
                (host == d) | host.str.ends_with(f".{d}") for d in domains
            ).fill_null(value=False)
            frame = frame.filter(~is_gone)
    return frame
