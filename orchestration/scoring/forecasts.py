"""The forecast log of a home: the day's scores written down before outcomes are known.

`HOME/forecasts/log.jsonl` is the chain; `HOME/forecasts/head.json` notes its end, and a
copy of the note goes out with every published record.
"""

import json
import os
from datetime import date, datetime
from pathlib import Path

import polars as pl

from orchestration.scoring.forecast_log import (
    BrokenLog,
    Forecasts,
    Head,
    append,
    verify,
)
from orchestration.scoring.learning import HORIZON

FOLDER = "forecasts"


def log_of(home: Path) -> Path:
    """Where the log is."""
    return home / FOLDER / "log.jsonl"


def head_of(home: Path) -> Head | None:
    """The end of the log as it was noted last; None before the first line.

    Raises:
        BrokenLog: the note is not one.
    """
    file = home / FOLDER / "head.json"
    if not file.exists():
        return None
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        return Head(int(said["n_lines"]), str(said["hash"]))
    except (ValueError, KeyError, TypeError) as error:
        raise BrokenLog(f"{file}: is no note of the end of a log") from error


def write_down(
    home: Path, scores: pl.DataFrame, as_of: date, written_at: datetime
) -> Head:
    """Append a day's scores, one line an offer, and note the end.

    Raises:
        BrokenLog: the log is not what was written.
        NotAppended: the day stands there with other scores, or lies in the future.
    """
    log = log_of(home)
    head = verify(log, head_of(home))
    rows = scores.filter((pl.col("as_of") == as_of) & (pl.col("state") == "scored"))
    for (offer, model), part in sorted(
        rows.partition_by("offer", "model_version", as_dict=True).items()
    ):
        said = {
            account: {str(HORIZON): p, "30": near, "182": far}
            for account, p, near, far in part.select(
                "account_id", "probability", "probability_30d", "probability_182d"
            ).iter_rows()
        }
        head = append(log, Forecasts(as_of, str(offer), str(model), written_at, said))
        note_head(home, head)
    return head


def verified(home: Path) -> Head:
    """Read the whole log through against the note of its end.

    Raises:
        BrokenLog: naming the first line that is not what was written.
    """
    return verify(log_of(home), head_of(home))


def note_head(home: Path, head: Head) -> None:
    """Note the end of the log beside it."""
    file = home / FOLDER / "head.json"
    temporary = file.with_name(f".head.json.{os.getpid()}.tmp")
    with temporary.open("w", encoding="utf-8") as out:
        json.dump({"n_lines": head.n_lines, "hash": head.hash}, out)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(file)
