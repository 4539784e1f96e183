"""What must hold of every history, over a made-up market (SCIENCE 1.5).

Cut at a moment and rebuilt, the history is the whole one read as of that moment, and so
are signals and features: they stand here for the market is built once for all; the
layout and order of files change nothing; every claim stands on two real captures.
"""

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.warehouse.conftest import Built
from tests.warehouse.home_of_rows import table

pytestmark = pytest.mark.slow(168)

GONE = "no longer advertised"
OF_A_FEATURE = ["account_id", "offer", "as_of", "signal_type"]
EVENTS = ("hist_people_events", "hist_job_ad_events", "hist_registry_roles")
# Column that says when a row was learnt; columns that are learnt later, the last of
# them saying when; columns that grow.
VERSIONS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "hist_people_titles": ("known_at", ("valid_to", "valid_to_known_at"), ()),
    "hist_pages": ("known_at", ("valid_to", "valid_to_known_at"), ()),
    "hist_page_changes": ("known_at", (), ()),
    "hist_registry": ("known_at", ("valid_to",), ()),
    "hist_notices": ("known_at", (), ()),
    "hist_announcements": ("known_at", ("superseded_at",), ()),
    "hist_annual_accounts": ("known_at", ("superseded_at",), ()),
    "hist_technologies": (
        "known_at",
        (
            "gone_lo",
            "gone_hi",
            "gone_before_visit_id",
            "gone_after_visit_id",
            "gone_known_at",
        ),
        (),
    ),
    "hist_site_structure": (
        "known_at",
        ("valid_to", "last_visit_id", "valid_to_known_at"),
        (),
    ),
    "hist_blocks": ("first_seen_at", ("gone_at",), ("last_seen_at",)),
    "hist_job_visits": ("fetched_at", (), ()),
    "hist_jobs": ("known_at", (), ()),
    "hist_visits": ("fetched_at", (), ()),
    "hist_coverage_daily": ("as_of", (), ()),
}
# Moments that are known when they come, and null before.
MOMENTS = {"hist_site_structure": ("stood_two_weeks_at", "stood_three_weeks_at")}
PUBLISHED = (
    "people_history",
    "job_ad_history",
    "page_history",
    "registry_history",
    "notice_history",
    "announcement_history",
    "annual_accounts_history",
    "technology_history",
    "coverage",
)


def _as_of(home: Path, name: str, moment: datetime) -> pl.DataFrame:
    frame = table(home, name)
    if name in EVENTS:
        standing = (pl.col("superseded_at") > moment).fill_null(True)
        return frame.filter((pl.col("known_at") <= moment) & standing).drop(
            "superseded_at"
        )
    known, later, growing = VERSIONS[name]
    limit = moment if frame.schema[known] != pl.Date else moment.date()
    learnt = later[-1] if later else None
    masked = [pl.when(pl.col(learnt) <= moment).then(pl.col(c)).alias(c) for c in later]
    masked += [
        pl.when(pl.col(c) <= moment).then(pl.col(c)).alias(c)
        for c in MOMENTS.get(name, ())
    ]
    return frame.filter(pl.col(known) <= limit).with_columns(masked).drop(growing)


def _same(left: pl.DataFrame, right: pl.DataFrame) -> None:
    keys = [c for c, t in left.schema.items() if not isinstance(t, pl.List | pl.Struct)]
    assert_frame_equal(left.sort(keys), right.sort(keys), check_row_order=False)


@pytest.mark.parametrize("name", [*EVENTS, *VERSIONS])
def test_history_cut_at_a_moment_is_history_read_as_of_it(
    built: Built, name: str
) -> None:
    then = _as_of(built.cut, name, built.cut_at)
    assert then.height > 0
    _same(_as_of(built.whole, name, built.cut_at), then)


@pytest.mark.parametrize("name", [*EVENTS, *VERSIONS, *PUBLISHED])
def test_order_and_layout_of_files_change_nothing(built: Built, name: str) -> None:
    whole = table(built.whole, name)
    assert whole.height > 0
    shuffled = table(built.shuffled, name)
    # In which file it lay is the layout itself.
    _same(*(f.drop("landed_file", strict=False) for f in (whole, shuffled)))


@pytest.mark.parametrize("name", EVENTS)
def test_events_stand_on_two_real_captures(built: Built, name: str) -> None:
    events = table(built.whole, name)
    visits = table(built.whole, "hist_visits").filter("is_ok")["visit_id"]
    shown = events.filter(~pl.col("is_left_censored"))
    assert shown["before_visit_id"].null_count() == 0
    assert shown["before_visit_id"].is_in(visits.implode()).all()
    assert events["after_visit_id"].is_in(visits.implode()).all()
    assert (shown["effective_lo"] < shown["effective_hi"]).all()
    assert (events["effective_hi"] <= events["known_at"]).all()
    assert events["event_id"].is_unique().all()
    assert events["event"].n_unique() == 2


def test_quotes_are_short_and_say_who(built: Built) -> None:
    events = table(built.whole, "hist_people_events").filter(
        ~pl.col("is_left_censored")
    )
    for column in ("quote_before", "quote_after"):
        words = events[column].str.split(" ").list.len()
        assert events[column].null_count() == 0
        assert words.max() <= 25
    gone = events.filter(pl.col("event") == "gone")
    named = gone.select(pl.col("quote_before").str.starts_with(pl.col("name")))
    assert named.to_series().all()
    assert gone["quote_after"].str.starts_with("not listed among ").all()


def test_departures_need_a_week_and_three_visits(built: Built) -> None:
    gone = table(built.whole, "hist_people_events").filter(pl.col("event") == "gone")
    waited = gone["known_at"] - gone["effective_hi"]
    assert waited.min() >= timedelta(days=7)


def test_departures_are_taken_back_within_thirty_days(built: Built) -> None:
    gone = table(built.whole, "hist_people_events").filter(
        pl.col("superseded_at").is_not_null()
    )
    assert ((gone["superseded_at"] - gone["known_at"]) <= timedelta(days=30)).all()
    published = table(built.whole, "people_history")
    assert (
        published.join(gone, on=["account_id", "person_key"], how="inner")
        .filter(pl.col("gone_known_at") == pl.col("known_at_right"))
        .is_empty()
    )


def test_features_of_earlier_days_are_the_same(built: Built) -> None:
    cut_at = built.cut_at
    later = table(built.whole, "account_features")
    earlier = table(built.cut, "account_features")
    assert later["as_of"].max() > cut_at.date()
    same_days = later.filter(pl.col("as_of") <= cut_at.date()).sort(OF_A_FEATURE)
    assert same_days.filter(pl.col("x") > 0).height > 100
    assert_frame_equal(same_days, earlier.sort(OF_A_FEATURE), check_exact=True)


def test_signals_read_as_of_the_cut_are_the_same(built: Built) -> None:
    cut_at = built.cut_at

    def as_of(home: Path) -> pl.DataFrame:
        standing = table(home, "signals").filter(
            (pl.col("known_at") <= cut_at)
            & (pl.col("superseded_at").is_null() | (pl.col("superseded_at") > cut_at))
        )
        return standing.drop("status", "superseded_at").sort("signal_id")

    later, earlier = as_of(built.whole), as_of(built.cut)
    assert earlier.height > 20
    assert later["signal_id"].to_list() == earlier["signal_id"].to_list()
    # The text of an ad goes when the ad is closed and its source wants that: the one
    # thing that is read as of now.
    earlier = earlier.with_columns(
        pl.when(later[column] == GONE)
        .then(pl.lit(GONE))
        .otherwise(column)
        .alias(column)
        for column in ("quote_before", "quote_after")
    )
    assert_frame_equal(later, earlier, check_exact=True)
