"""What was said of each account on each day, as it was said then.

`HOME/forecasts/days/` keeps the rows of a day and offer when they are written down in
the log, once: a later run of the same day, with other features or another version,
changes neither. Days that nobody wrote down (a web replayed afterwards) are as the
score run has them, which reads only what was known by the day, and are marked so.
Nothing is scored here.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from orchestration.contracts.frames import empty_frame, shaped
from orchestration.contracts.gate import write_atomically
from orchestration.contracts.odcs import contract
from orchestration.scoring.forecast_log import Forecasts, read
from orchestration.scoring.forecasts import FOLDER, log_of
from orchestration.scoring.learning import HORIZON

PATH = "scores/account_score_history"
_DAY = ("offer", "as_of")
_KEY = ("account_id", *_DAY)


def keep_day(
    home: Path, scores: pl.DataFrame, as_of: date, now: datetime
) -> list[Path]:
    """Keep the rows of a day that has just been written down, one file an offer.

    A day that is kept already stays as it is. So does one whose line in the log is of
    other scores: its rows come from the log.

    Args:
        home: the home folder.
        scores: contract score_days.
        as_of: the day.
        now: the moment, for offers of which no account could be scored.

    Returns:
        The files that were written.
    """
    written = []
    first = _first_lines(read(log_of(home)))
    for (offer,), rows in sorted(
        scores.filter(pl.col("as_of") == as_of)
        .partition_by("offer", as_dict=True)
        .items()
    ):
        file = home / FOLDER / "days" / f"{as_of.isoformat()}.{offer}.parquet"
        line = first.get((str(offer), as_of))
        if file.exists() or (line is not None and not _same(line, rows)):
            continue
        moment = line.written_at if line else now
        write_atomically(_marked(rows, _utc(moment)), file)
        written.append(file)
    return written


def score_history(
    home: Path, scores: pl.DataFrame, log: Iterable[Forecasts]
) -> pl.DataFrame:
    """Contract account_score_history: kept days, else the log, else the score run.

    Args:
        home: the home folder, with the days that are kept.
        scores: contract score_days, for the days nobody wrote down.
        log: the lines of the log, in the order written.
    """
    files = sorted((home / FOLDER / "days").glob("*.parquet"))
    kept = pl.concat([empty_frame(contract(PATH)), *(_read(file) for file in files)])
    said = _from_log(_first_lines(log).values()).join(kept, on=_DAY, how="anti")
    down = pl.concat([kept, said])
    after = _marked(scores, None).join(down, on=_DAY, how="anti")
    return pl.concat([down, after]).sort(_KEY)


def differs_from_log(history: pl.DataFrame, log: Iterable[Forecasts]) -> pl.DataFrame:
    """Rows of a day in the log whose probability is another one there, or not there."""
    said = _from_log(_first_lines(log).values())
    both = history.filter(pl.col("state") == "scored").join(
        said.select(*_KEY, pl.col("probability").alias("in_the_log"), "written_at"),
        on=[*_KEY, "written_at"],
        how="full",
        coalesce=True,
    )
    days = said.select(*_DAY, "written_at").unique()
    return both.join(days, on=[*_DAY, "written_at"], how="semi").filter(
        ~pl.col("probability").eq_missing(pl.col("in_the_log"))
    )


def _first_lines(log: Iterable[Forecasts]) -> dict[tuple[str, date], Forecasts]:
    """By offer and day; a later line of another version did not unsay it."""
    first: dict[tuple[str, date], Forecasts] = {}
    for line in log:
        first.setdefault((line.offer, line.as_of), line)
    return first


def _same(line: Forecasts, rows: pl.DataFrame) -> bool:
    scored = rows.filter(pl.col("state") == "scored")
    given = dict(scored.select("account_id", "probability").iter_rows())
    return given == {a: p[str(HORIZON)] for a, p in line.scores.items()}


def _marked(scores: pl.DataFrame, written_at: datetime | None) -> pl.DataFrame:
    return shaped(
        contract(PATH),
        scores.with_columns(
            is_written_down=pl.lit(written_at is not None),
            written_at=pl.lit(written_at, pl.Datetime("us")),
        ),
    )


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def _read(file: Path) -> pl.DataFrame:
    """A kept day; a column the contract has had since then is empty in it."""
    frame = pl.read_parquet(file)
    return shaped(
        contract(PATH),
        frame.with_columns(
            pl.lit(None).alias(name)
            for name in contract(PATH).column_names
            if name not in frame.columns
        ),
    )


def _from_log(lines: Iterable[Forecasts]) -> pl.DataFrame:
    rows = [
        {
            "account_id": account,
            "offer": line.offer,
            "as_of": line.as_of,
            "horizon_days": HORIZON,
            "state": "scored",
            "probability": said[str(HORIZON)],
            "probability_30d": said["30"],
            "probability_182d": said["182"],
            "model_version": line.model,
            "is_written_down": True,
            "written_at": _utc(line.written_at),
        }
        for line in lines
        for account, said in line.scores.items()
    ]
    empty = empty_frame(contract(PATH))
    given = (
        pl.DataFrame(
            rows, schema={k: v for k, v in empty.schema.items() if k in rows[0]}
        )
        if rows
        else empty
    )
    return pl.concat([empty, given], how="diagonal")
