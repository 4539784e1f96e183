"""Features of a market's own stories: what a reader who misses nothing would have."""

import numpy as np

from benchmarks.feature_market import CAUSES, COUNTS, EVENTS, Weekly
from benchmarks.market_features import features

WEEKS = 20


def weekly(**seen: dict[int, float]) -> Weekly:
    """One account of usual size, with what was seen of it by week."""
    names = (*CAUSES, *EVENTS, *COUNTS, "theme_jobs", "award", "tender")
    values = {name: np.zeros((WEEKS, 1)) for name in names}
    for name, weeks in seen.items():
        for week, value in weeks.items():
            values[name][week, 0] = value
    return Weekly(np.zeros(1), np.zeros(1), np.ones(1), values)


def rows(of: Weekly, words: float = np.nan) -> list[dict[str, float]]:
    language = np.full((WEEKS, 1), words)
    return [
        {name: float(value[0]) for name, value in one.items()}
        for one in features(of, language, {})
    ]


def test_a_leader_counts_from_the_week_it_showed_and_halves_in_twelve() -> None:
    made = rows(weekly(leader_primary={3: 1.0}))
    assert [row["leader_primary"] for row in made[2:4]] == [0.0, 1.0]
    assert np.isclose(made[15]["leader_primary"], 0.5)


def test_ads_grow_slowly_and_no_more_than_six_count() -> None:
    made = rows(weekly(theme_jobs={0: 50.0, 1: 50.0}))
    assert np.isclose(made[1]["theme_jobs"], np.sqrt(6))


def test_who_bought_within_nine_months_cannot_buy_first() -> None:
    made = rows(weekly(tender={0: 1.0}))
    assert made[0]["own_tender_recent"] == 1.0
    assert rows(weekly())[0]["own_tender_recent"] == 0.0


def test_weeks_without_words_tell_nothing_and_the_theme_s_words_do() -> None:
    assert rows(weekly())[-1]["language"] == 0.0
    assert rows(weekly(), words=1.5)[-1]["language"] > 2.0


def test_a_later_week_changes_no_earlier_row() -> None:
    early = rows(weekly(initiative={1: 1.0}))
    late = rows(weekly(initiative={1: 1.0, 10: 1.0}))
    assert early[:10] == late[:10]
    assert early[10] != late[10]
