"""What holds for any features: exact sums, the base rate, signs, order, time."""

import math
from datetime import date, datetime, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from orchestration.contracts.frames import schema
from orchestration.contracts.odcs import contract
from orchestration.scoring.day import SIZE
from orchestration.scoring.model import (
    MIN_POPULATION,
    ScoreTables,
    score_accounts,
)
from orchestration.scoring.plays import load_plays
from orchestration.scoring.weights import load_weights
from tests.scoring import made_up

WEIGHTS = load_weights()
PLAYS = load_plays()
# The types whose mere presence as a signal abstains have no say in the arithmetic, and
# size is never 0 for want of news.
TYPES = [
    t for t in WEIGHTS.signal_types if t not in ("tender_open", "insolvency", SIZE)
]
DAY = date(2025, 10, 6)
NO_SIGNALS = pl.DataFrame(schema=schema(contract("signals")))

intensity = st.none() | st.floats(0, 5, allow_nan=False)
matrices = st.lists(
    st.lists(intensity, min_size=len(TYPES), max_size=len(TYPES)),
    min_size=1,
    max_size=9,
)


def features_of(matrix: list[list[float | None]], as_of: date = DAY) -> pl.DataFrame:
    rows = [
        {
            "account_id": made_up.account_id(i),
            "offer": made_up.OFFER,
            "as_of": as_of,
            "signal_type": kind,
            "x": x,
            "x_raw": x,
            "n_signals": 0,
            "signal_ids": [],
            "latest_known_at": None,
        }
        for i, line in enumerate(matrix)
        for kind, x in zip(TYPES, line, strict=True)
    ]
    return pl.DataFrame(rows, schema=schema(contract("account_features")))


def fresh_coverage(n: int, *days: date) -> pl.DataFrame:
    rows = [
        {
            "account_id": made_up.account_id(i),
            "source": "company_pages",
            "as_of": day,
            "state": "fresh",
            "observed_since": datetime(2025, 1, 6),
        }
        for i in range(n)
        for day in days
    ]
    return pl.DataFrame(rows)


def score(matrix: list[list[float | None]]) -> ScoreTables:
    return score_accounts(
        features_of(matrix),
        fresh_coverage(len(matrix), DAY),
        made_up.OFFERS,
        WEIGHTS,
        signals=NO_SIGNALS,
        plays=PLAYS,
    )


def filled_up(matrix: list[list[float | None]]) -> list[list[float | None]]:
    """The matrix with quiet accounts up to the smallest population of its own."""
    quiet = [0.0 for _ in TYPES]
    return [*matrix, *(quiet for _ in range(MIN_POPULATION - len(matrix)))]


def logit(p: float) -> float:
    return math.log(p / (1 - p))


@settings(deadline=None, max_examples=25)
@given(matrices)
def test_contributions_and_intercept_sum_to_the_logit(matrix):
    tables = score(matrix)
    sums = dict(
        tables.score_reasons.group_by("account_id")
        .agg(pl.col("contribution").sum())
        .iter_rows()
    )
    for account, p in tables.score_days.select("account_id", "probability").iter_rows():
        assert math.isclose(sums[account], logit(p), abs_tol=1e-9)


@settings(deadline=None, max_examples=25)
@given(matrices)
def test_the_mean_probability_is_the_base_rate_and_lift_is_p_over_it(matrix):
    scores = score(filled_up(matrix)).score_days
    assert math.isclose(scores["probability"].mean(), 0.03, abs_tol=1e-12)
    for p, base, lift, lo, hi in scores.select(
        "probability", "base_rate", "lift", "probability_lo", "probability_hi"
    ).iter_rows():
        assert lift == p / base
        assert 0 <= lo < p < hi <= 1


@settings(deadline=None, max_examples=25)
@given(matrices)
def test_a_small_population_scores_as_if_quiet_accounts_stood_beside_it(matrix):
    alone = score(matrix).score_days["probability"]
    among = score(filled_up(matrix)).score_days["probability"]
    for p, q in zip(alone, among, strict=False):
        assert math.isclose(p, q, abs_tol=1e-9)


@settings(deadline=None, max_examples=30)
@given(matrices, st.integers(0, 8), st.integers(0, len(TYPES) - 1), st.floats(0, 3))
def test_more_of_a_positive_signal_never_lowers_and_of_a_negative_never_raises(
    matrix, account, kind, more
):
    account %= len(matrix)
    if matrix[account][kind] is None:
        return
    raised = [list(line) for line in matrix]
    raised[account][kind] = min(matrix[account][kind] + more, 5.0)
    p, q = (score(m).score_days["probability"][account] for m in (matrix, raised))
    if WEIGHTS.of(TYPES[kind]) > 0:
        assert q >= p - 1e-12
    elif WEIGHTS.of(TYPES[kind]) < 0:
        assert q <= p + 1e-12
    else:
        assert math.isclose(p, q, abs_tol=1e-12)


@settings(deadline=None, max_examples=25)
@given(matrices)
def test_a_contribution_is_the_weight_times_the_distance_from_the_mean(matrix):
    got = {
        (a, t): c
        for a, t, c in score(matrix)
        .score_reasons.select("account_id", "signal_type", "contribution")
        .iter_rows()
    }
    n_quiet = MIN_POPULATION - len(matrix)
    for k, kind in enumerate(TYPES):
        seen = [line[k] for line in matrix if line[k] is not None]
        for i, line in enumerate(matrix):
            if line[k] is not None:
                mean = sum(seen) / (len(seen) + n_quiet)
                wanted = WEIGHTS.believed[kind] * (line[k] - mean)
                assert math.isclose(
                    got[made_up.account_id(i), kind], wanted, abs_tol=1e-12
                )


def test_size_counts_against_the_mean_of_the_accounts_whose_size_is_known():
    quiet = features_of([[0.0] * len(TYPES)] * 4)
    sizes = quiet.filter(signal_type=TYPES[0]).with_columns(
        signal_type=pl.lit(SIZE), x=pl.Series([1.0, 3.0, None, 2.0])
    )
    reasons = score_accounts(
        pl.concat([quiet, sizes]),
        fresh_coverage(4, DAY),
        made_up.OFFERS,
        WEIGHTS,
        signals=NO_SIGNALS,
        plays=PLAYS,
    ).score_reasons.filter(signal_type=SIZE)
    weight = WEIGHTS.believed[SIZE]
    assert weight > 0
    assert dict(reasons.select("account_id", "contribution").iter_rows()) == {
        made_up.account_id(0): -weight,
        made_up.account_id(1): weight,
        made_up.account_id(2): 0.0,
        made_up.account_id(3): 0.0,
    }
    said = dict(reasons.select("account_id", "sentence_en").iter_rows())
    assert said[made_up.account_id(1)] == (
        "About 320 employees, against 80 of a usual account that day."
    )
    assert said[made_up.account_id(2)].startswith("Not observed")


@settings(deadline=None, max_examples=25)
@given(matrices)
def test_what_was_not_observed_contributes_nothing_and_is_reported(matrix):
    reasons = score(matrix).score_reasons
    x = {
        (made_up.account_id(i), kind): value
        for i, line in enumerate(matrix)
        for kind, value in zip(TYPES, line, strict=True)
    }
    for row in reasons.filter(pl.col("signal_type") != "intercept").iter_rows(
        named=True
    ):
        given_x = x.get((row["account_id"], row["signal_type"]))
        assert row["value"] == given_x
        if given_x is None:
            assert row["contribution"] == 0.0
            assert row["sentence_en"].startswith("Not observed")


@settings(deadline=None, max_examples=15)
@given(matrices, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(matrix, random):
    frame = features_of(matrix)
    order = list(range(frame.height))
    random.shuffle(order)
    shuffled = score_accounts(
        frame[order],
        fresh_coverage(len(matrix), DAY)[::-1],
        made_up.OFFERS,
        WEIGHTS,
        signals=NO_SIGNALS,
        plays=PLAYS,
    )
    plain = score(matrix)
    assert_frame_equal(plain.score_days, shuffled.score_days)
    assert_frame_equal(plain.score_reasons, shuffled.score_reasons)


def test_later_days_change_nothing_in_earlier_ones():
    early = made_up.AS_OF - timedelta(days=28)
    late = made_up.AS_OF
    signals = made_up.signals()
    # One claim of before the early day is withdrawn after it.
    withdrawn = signals["signal_id"] == made_up.signal_id(5)
    later = signals.with_columns(
        pl.when(withdrawn)
        .then(datetime(2025, 12, 20))
        .otherwise(pl.col("superseded_at"))
        .alias("superseded_at")
    )

    def run(days: list[date], known: pl.DataFrame) -> ScoreTables:
        return score_accounts(
            pl.concat([made_up.features(d) for d in days]),
            pl.concat([made_up.coverage_daily(d) for d in days]),
            made_up.OFFERS,
            WEIGHTS,
            signals=known,
            plays=PLAYS,
            people_events=made_up.people_events(),
        )

    then = datetime(early.year, early.month, early.day, 23, 59, 59)
    alone = run([early], signals.filter(pl.col("known_at") <= then))
    both = run([early, late], later)
    for name in ("score_days", "score_reasons"):
        was = getattr(alone, name)
        now = getattr(both, name).filter(pl.col("as_of") == early)
        assert was.height > 0
        assert_frame_equal(was, now)
    assert both.score_days["as_of"].n_unique() == 2
    withdrawn_later = both.score_days.filter(
        pl.col("account_id") == made_up.account_id(4)
    ).sort("as_of")
    assert withdrawn_later["play"].to_list() == ["new_leader_primary", None]
