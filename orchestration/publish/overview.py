"""What a run ends by saying: the accounts to talk to, and where to look.

A few lines for a terminal out of the published version; the report says it at length.
"""

import re
from pathlib import Path

import polars as pl

from orchestration.publish.published import DATABASE, UNSEEN, current


def overview(home: Path, limit: int = 10) -> str:
    """The accounts to talk to now, as text.

    Args:
        home: the home folder.
        limit: how many accounts at most.

    Raises:
        PublishRefused: when nothing has been published yet.
    """
    version = current(home)
    scores = pl.read_parquet(version.folder / "account_scores.parquet")
    file = home / "accounts" / "accounts.parquet"
    names: dict[str, str] = {}
    if file.exists():
        names = dict(pl.read_parquet(file, columns=["account_id", "name"]).iter_rows())
    scored = scores.filter(pl.col("state") == "scored")
    shown = scores.filter(pl.col("attention_rank") <= limit).sort("attention_rank")
    lines = [
        f"As of {version.as_of}: {scored.height} accounts scored, "
        f"{scores.height - scored.height} abstained."
    ]
    if scored.height:
        lines[0] += f" Base rate {scored['base_rate'][0]:.1%}."
    if shown.is_empty():
        lines += ["", "No account has an open window with somebody to talk to."]
    for row in shown.iter_rows(named=True):
        who = ", ".join(v for v in (row["talk_to_name"], row["talk_to_role"]) if v)
        name = names.get(row["account_id"], row["account_id"])
        lines += [
            "",
            f"{row['attention_rank']:>2}. {name} ({row['account_id']})  "
            f"{row['probability']:.1%}, {row['lift']:.1f} x base rate",
            f"    talk to {who}; window {row['window_state']}, "
            f"{row['window_from']} to {row['act_before']}",
            f"    {row['why_now_nb']}",
        ]
    if shown.height:
        expected = float(shown["probability"].sum())
        picked = float(shown["base_rate"].sum())
        lines += [
            "",
            f"Of these {shown.height} we expect {expected:.2f} to enter a buying "
            f"process; of {shown.height} picked at random {picked:.2f}.",
        ]
    look = home / "published" / "current"
    lines += [
        "",
        f"Report:   {look / 'report' / 'index.html'}",
        f"Tables:   {look / DATABASE} (read-only; Parquet beside it)",
    ]
    if shown.height:
        first = shown.row(0, named=True)
        lines.append(f"Explain:  lyttepost explain {first['account_id']}")
        if first["play_signal_ids"]:
            lines.append(f"Evidence: lyttepost evidence {first['play_signal_ids'][0]}")
    # Names of accounts come from a file; the rest was cleaned when it was published.
    return re.sub(UNSEEN, "", "\n".join(lines))
