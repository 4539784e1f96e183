"""The logs of all destinations as published tables: `published/crm/sync_*.parquet`.

Beside the versions and not in one: a sync comes after its version was published, and a
version never changes. What a log says of a run is written in `state`.
"""

from pathlib import Path

import polars as pl

from orchestration.contracts.frames import empty_frame
from orchestration.contracts.gate import write_atomically
from orchestration.contracts.odcs import contract
from orchestration.crm.state import LOGS


def publish_logs(home: Path) -> None:
    """Put the logs of every destination together; a file changes only with them."""
    for name in LOGS:
        promise = contract(f"crm/{name}")
        files = sorted((home / "crm").glob(f"*/{name}.parquet"))
        whole = pl.concat([empty_frame(promise), *map(pl.read_parquet, files)])
        whole = whole.sort(promise.primary_key)
        file = home / "published" / "crm" / f"{name}.parquet"
        if not file.exists() or not pl.read_parquet(file).equals(whole):
            write_atomically(whole, file)
