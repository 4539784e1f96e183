"""What was said of a day stays said, whatever is learned, or scores, afterwards."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from orchestration.contracts.expectations import validate
from orchestration.contracts.odcs import contract
from orchestration.scoring.forecast_log import NotAppended, read
from orchestration.scoring.forecasts import FOLDER, log_of, write_down
from orchestration.scoring.score_history import (
    PATH,
    differs_from_log,
    keep_day,
    score_history,
)
from tests.scoring import made_up

NOW = datetime(2026, 1, 2, 8, tzinfo=UTC)
EARLIER = made_up.AS_OF - timedelta(days=7)


@pytest.fixture(scope="module")
def scores() -> pl.DataFrame:
    days = (made_up.scores(day).score_days for day in (EARLIER, made_up.AS_OF))
    return pl.concat(days)


def learned_later(scores: pl.DataFrame) -> pl.DataFrame:
    return scores.with_columns(
        pl.col("probability") / 2, model_version=pl.lit("made-up-later")
    )


def history(home, scores) -> pl.DataFrame:
    return score_history(home, scores, read(log_of(home)))


def day(frame: pl.DataFrame, as_of: date) -> pl.DataFrame:
    return frame.filter(pl.col("as_of") == as_of)


def test_a_day_nobody_wrote_down_is_as_scored_and_marked_so(scores, tmp_path):
    made = history(tmp_path, scores)
    assert made.height == scores.height
    assert not made["is_written_down"].any()
    assert validate(contract(PATH), made).is_kept


def test_a_day_that_was_written_down_is_never_scored_again(scores, tmp_path):
    write_down(tmp_path, scores, made_up.AS_OF, NOW)
    assert len(keep_day(tmp_path, scores, made_up.AS_OF, NOW)) == 1
    before = history(tmp_path, scores)
    later = learned_later(scores)
    # Another version of the same day is another line; it does not unsay the first.
    write_down(tmp_path, later, made_up.AS_OF, NOW + timedelta(days=1))
    assert keep_day(tmp_path, later, made_up.AS_OF, NOW) == []
    after = history(tmp_path, later)
    assert day(after, made_up.AS_OF).equals(day(before, made_up.AS_OF))
    assert set(day(after, made_up.AS_OF)["written_at"]) == {datetime(2026, 1, 2, 8)}
    assert set(day(after, EARLIER)["model_version"]) == {"made-up-later"}
    assert differs_from_log(after, read(log_of(tmp_path))).is_empty()
    assert validate(contract(PATH), after).is_kept
    assert after.select("account_id", "offer", "as_of").is_duplicated().sum() == 0


def test_without_the_kept_rows_the_log_tells_what_was_said(scores, tmp_path):
    write_down(tmp_path, scores, made_up.AS_OF, NOW)
    made = day(history(tmp_path, learned_later(scores)), made_up.AS_OF)
    said = day(scores, made_up.AS_OF).filter(pl.col("state") == "scored")
    assert made["is_written_down"].all()
    assert (
        made["account_id"].to_list() == said.sort("account_id")["account_id"].to_list()
    )
    assert made["probability"].sum() == said["probability"].sum()
    assert made["base_rate"].null_count() == made.height
    # Rows of later knowledge are not put beside the line as if they were of it.
    with pytest.raises(NotAppended):
        write_down(
            tmp_path,
            scores.with_columns(pl.col("probability") / 2),
            made_up.AS_OF,
            NOW,
        )
    assert keep_day(tmp_path, learned_later(scores), made_up.AS_OF, NOW) == []


def test_a_kept_row_that_was_altered_is_found(scores, tmp_path):
    write_down(tmp_path, scores, made_up.AS_OF, NOW)
    (file,) = keep_day(tmp_path, scores, made_up.AS_OF, NOW)
    assert file.parent == tmp_path / FOLDER / "days"
    kept = pl.read_parquet(file)
    first = pl.col("account_id") == made_up.account_id(0)
    kept.with_columns(
        probability=pl.when(first).then(0.99).otherwise(pl.col("probability"))
    ).write_parquet(file)
    wrong = differs_from_log(history(tmp_path, scores), read(log_of(tmp_path)))
    assert wrong["account_id"].to_list() == [made_up.account_id(0)]
    assert wrong["probability"].to_list() == [0.99]
