"""Audits, versions and pins, the record, the lists, the log and hunches."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from orchestration.contracts.frames import empty_frame
from orchestration.contracts.odcs import contract
from orchestration.scoring.backtest import Judged, folds
from orchestration.scoring.coefficients import sigmoid
from orchestration.scoring.day import day_of
from orchestration.scoring.estimator import Prior
from orchestration.scoring.forecast_log import BrokenLog, NotAppended
from orchestration.scoring.forecasts import log_of, verified, write_down
from orchestration.scoring.hunches import Hunch, HunchRefused, add, read, score
from orchestration.scoring.learning import Design, Leak
from orchestration.scoring.model import INTERCEPT, population, score_accounts
from orchestration.scoring.plays import load_plays
from orchestration.scoring.recalibration import Beta, Identity, Isotonic, read_map
from orchestration.scoring.record import record
from orchestration.scoring.steps import desk_of, fit_version, pinned_versions
from orchestration.scoring.talk import talk_to_now
from orchestration.scoring.training import (
    NotEnough,
    learned_map,
    refuse_overlap,
    refuse_shuffled,
    refuse_the_future,
)
from orchestration.scoring.versions import (
    EXPERT,
    NoVersion,
    pin,
    pinned,
    read_pins,
    read_version,
    roll_back,
    said_of,
)
from orchestration.scoring.weights import load_weights
from tests.scoring import made_up
from tests.scoring.made_up_watch import NOISE, STRONG, WEAK, tables

OFFER = made_up.OFFER
ACCOUNTS = tuple(f"a{i:03d}" for i in range(160))


@pytest.fixture(scope="module")
def watch():
    return tables()


@pytest.fixture(scope="module")
def learned(watch, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    return home, fit_version(home, watch, watch["accounts"], target="tender")


def scored(watch, pinned_at=lambda as_of: None, last: int = 6, **given):
    """Scores of the last days; the earlier ones cost time and change nothing."""
    frames = dict(watch)
    days = sorted(set(frames["account_features"]["as_of"]))[-last:]
    for name in ("account_features", "hist_coverage_daily"):
        frames[name] = frames[name].filter(pl.col("as_of").is_in(days))
    return score_accounts(
        frames["account_features"],
        frames["hist_coverage_daily"],
        frames["offers"],
        load_weights(),
        signals=frames["signals"],
        plays=load_plays(),
        accounts=frames["accounts"],
        catalogue=frames["signal_types"],
        outcomes=frames["outcomes"],
        pinned=pinned_at,
        **given,
    )


def test_what_is_learned_is_what_was_true(learned):
    home, name = learned
    model = read_version(home, name).offers[OFFER]
    beta = dict(zip(model.fits[91].signal_types, model.fits[91].beta, strict=True))
    assert beta[STRONG] > 0.4
    assert beta[WEAK] > 0.2
    assert beta[NOISE] == 0.0
    assert model.p_matters[NOISE] < 0.8 < model.p_matters[WEAK]
    assert set(model.fits) == {30, 91, 182}


def test_the_same_data_give_the_same_version(watch, learned):
    home, name = learned
    assert fit_version(home, watch, watch["accounts"], target="tender") == name


def test_outcomes_known_after_the_cut_change_nothing(watch, learned):
    home, _ = learned
    cut = max(watch["account_features"]["as_of"]) - timedelta(days=56)
    later = pl.col("known_at").dt.date() > cut
    without = watch | {"outcomes": watch["outcomes"].filter(~later)}
    versions = {
        fit_version(home, frames, watch["accounts"], target="tender", cut=cut)
        for frames in (watch, without)
    }
    assert len(versions) == 1


def test_too_few_outcomes_leave_the_experts(watch, tmp_path):
    few = watch | {"outcomes": watch["outcomes"].head(12)}
    with pytest.raises(NotEnough, match="20 are needed; the experts' model stays"):
        fit_version(tmp_path, few, watch["accounts"], target="tender")
    with pytest.raises(NotEnough, match=r"0 first outcomes \(crm\)"):
        fit_version(tmp_path, watch, watch["accounts"], target="crm")
    assert not (tmp_path / "models").exists()


def canary(watch, days_before: int):
    """Features in which a type tells of the outcome that comes within some days."""
    soon = {
        (account, occurred.date() - timedelta(days=n))
        for account, occurred in watch["outcomes"]
        .select("account_id", "occurred_at")
        .iter_rows()
        for n in range(1, days_before)
    }
    told = pl.struct("account_id", "as_of").map_elements(
        lambda r: 1.0 if (r["account_id"], r["as_of"]) in soon else 0.0, pl.Float64
    )
    marked = watch["account_features"].with_columns(
        pl.when(pl.col("signal_type") == NOISE).then(told).otherwise("x").alias("x")
    )
    return watch | {"account_features": marked}


@pytest.mark.parametrize("days_before", [92, 15])
def test_a_feature_that_knows_the_outcome_is_refused_by_name(
    watch, tmp_path, days_before
):
    with pytest.raises(Leak, match=NOISE):
        fit_version(
            tmp_path, canary(watch, days_before), watch["accounts"], target="tender"
        )
    assert not (tmp_path / "models").exists()


def test_what_became_known_after_its_day_is_refused(watch):
    late = watch["account_features"].with_columns(
        (pl.col("latest_known_at") + timedelta(days=1)).alias("latest_known_at")
    )
    refuse_the_future(watch["account_features"])
    with pytest.raises(Leak, match="no model was written"):
        refuse_the_future(late)


def rows(n_accounts: int = 60, n_days: int = 8) -> Design:
    g = np.random.default_rng(1)
    n = n_accounts * n_days
    return Design(
        names=("a",),
        account=np.repeat(np.arange(n_accounts), n_days),
        day=np.tile(738_000 + 28 * np.arange(n_days), n_accounts),
        x=g.normal(size=(n, 1)),
        y=(g.random(n) < 0.2).astype(float),
        row_weight=np.ones(n),
        n_events=60,
        horizon=91,
    )


def test_an_open_window_is_refused():
    found = rows()
    last = date.fromordinal(int(found.day.max()))
    refuse_overlap(found, last + timedelta(days=105))
    with pytest.raises(Leak, match="not closed"):
        refuse_overlap(found, last + timedelta(days=104))


def test_shuffled_outcomes_are_not_foretold(monkeypatch):
    prior = Prior(("a",), np.ones(1), np.ones(1), np.zeros(1, dtype=np.int64), -1.0)
    value, repeats = refuse_shuffled(rows(), prior)
    assert 0.47 <= value <= 0.53
    assert repeats >= 4
    monkeypatch.setattr("orchestration.scoring.training.shuffled_auc", lambda *_: 0.56)
    with pytest.raises(Leak, match=r"AUC 0\.560"):
        refuse_shuffled(rows(), prior)


def test_a_promoted_version_scores_from_its_day_and_rollback_goes_back(watch, learned):
    home, name = learned
    last = max(watch["account_features"]["as_of"])
    before = scored(watch).score_days
    pin(home, name, last)
    after = scored(watch, pinned_versions(home)).score_days
    earlier = pl.col("as_of") < last
    assert after.filter(earlier).equals(before.filter(earlier))
    today = after.filter(~earlier)
    assert today["model_version"].str.starts_with(name).all()
    assert before["model_version"].str.starts_with("expert-").all()
    assert pinned(read_pins(home), last - timedelta(days=1)) == EXPERT
    # Learned: a mean near what came, and a narrower interval than the experts'.
    assert today["probability"].mean() == pytest.approx(0.10, abs=0.04)
    width = (pl.col("probability_hi") / pl.col("probability_lo")).log().mean()
    assert today.select(width).item() < before.filter(~earlier).select(width).item()
    roll_back(home, last)
    again = scored(watch, pinned_versions(home)).score_days
    assert again.equals(before)
    (home / "models" / "pins.json").unlink()


def test_a_version_scores_no_day_before_its_cut(watch, learned):
    home, name = learned
    with pytest.raises(NoVersion, match="which was before"):
        pin(home, name, max(watch["account_features"]["as_of"]) - timedelta(days=1))
    with pytest.raises(NoVersion, match="there is no model version"):
        pin(home, "learned-none", date(2030, 1, 1))


def test_an_altered_version_is_refused(learned, tmp_path):
    home, name = learned
    (tmp_path / "models" / name).mkdir(parents=True)
    text = (home / "models" / name / "model.json").read_text()
    file = tmp_path / "models" / name / "model.json"
    file.write_text(text.replace('"n_events": ', '"n_events": 1'))
    with pytest.raises(NoVersion, match="altered"):
        read_version(tmp_path, name)


@pytest.mark.parametrize("is_learned", [False, True])
def test_contributions_and_sub_scores_sum_to_the_logit(watch, learned, is_learned):
    home, name = learned
    version = read_version(home, name) if is_learned else None
    made = scored(watch, lambda as_of: version, last=2)
    sums = made.score_reasons.group_by("account_id", "as_of").agg(
        pl.col("contribution").sum(),
        pl.col("contribution")
        .filter(pl.col("signal_type") == INTERCEPT)
        .sum()
        .alias("a"),
    )
    both = made.score_days.join(sums, on=["account_id", "as_of"])
    p = both["probability"]
    logit = (p / (1 - p)).log()
    assert (logit - both["contribution"]).abs().max() < 1e-9
    parts = both["need"] + both["priority"] + both["readiness"] + both["a"]
    assert (logit - parts).abs().max() < 1e-9
    assert (both["probability_30d"] <= p).all()
    assert (both["probability_182d"] >= p).all()


def test_a_map_of_probabilities_is_written_read_and_added_up(watch, learned):
    home, name = learned
    version = read_version(home, name)
    model = version.offers[OFFER]
    bent = Beta(0.8, 1.1, -0.2)
    step = Isotonic((0.01, 0.2), (0.02, 0.1))
    at = desk_of(watch, watch["accounts"])
    seen = day_of(at, OFFER, at.days[-1])
    plain = population(at, seen, model, 0.0)
    for one in (bent, step):
        said = said_of(replace(model, map=one))
        assert read_map(said["map"]) == one
        mapped = population(at, seen, replace(model, map=one), 0.0)
        assert mapped.probability == pytest.approx(one.apply(plain.probability))
        assert mapped.lower == pytest.approx(one.apply(plain.lower))
        sums = mapped.mean_logit + mapped.contribution.sum(axis=1)
        logit = np.log(mapped.probability / (1 - mapped.probability))
        assert np.abs(sums - logit).max() < 1e-9
    assert (plain.contribution[:, -1] == 0).all()


def test_a_map_is_learned_from_the_forecasts_of_the_folds():
    judged = rows(n_accounts=1_600, n_days=24)
    tests = [fold.test for fold in folds(judged)]
    place = np.concatenate([np.flatnonzero(test) for test in tests])
    generator = np.random.default_rng(1)
    p = generator.beta(1, 6, len(place))
    bent = sigmoid(0.5 * np.log(p / (1 - p)) - 1.0)
    y = judged.y.copy()
    y[place] = (generator.random(len(place)) < bent).astype(float)
    judged = replace(judged, y=y)
    found = Judged("champion", None, None, p)
    assert learned_map(judged, []) == Identity()
    assert learned_map(judged, [found]) != Identity()


def test_scores_of_a_past_day_do_not_change(watch):
    days = sorted(set(watch["account_features"]["as_of"]))
    past = days[-4]

    def as_of(column: str) -> dict:
        cut = dict(watch)
        for name in ("account_features", "hist_coverage_daily"):
            cut[name] = cut[name].filter(pl.col("as_of") <= past)
        return cut | {
            "outcomes": watch["outcomes"].filter(pl.col(column).dt.date() <= past)
        }

    then = scored(as_of("known_at"), last=20).score_days
    now = scored(watch, last=23).score_days
    at = pl.col("as_of") == past
    assert then.filter(at).equals(now.filter(at))
    # The base rate was told too low, and closed windows have moved it.
    assert now.filter(at)["base_rate"][0] > 0.035


def test_a_source_that_is_out_holds_its_measures_and_marks_the_scores(watch):
    last = max(watch["account_features"]["as_of"])
    out = watch["hist_coverage_daily"].with_columns(
        pl.when((pl.col("as_of") == last) & (pl.col("account_id") > "a050"))
        .then(pl.lit("stale"))
        .otherwise("state")
        .alias("state")
    )
    lost = watch["account_features"].with_columns(
        pl.when((pl.col("as_of") == last) & (pl.col("signal_type") == WEAK))
        .then(None)
        .otherwise("x")
        .alias("x")
    )
    made = scored(
        watch | {"hist_coverage_daily": out, "account_features": lost}, last=3
    )
    today = made.score_days.filter(pl.col("as_of") == last)
    assert today["stale_sources"].to_list() == [["company_pages"]] * today.height
    held = made.score_reasons.filter(
        (pl.col("as_of") == last) & (pl.col("signal_type") == WEAK)
    )
    before = watch["account_features"].filter(
        (pl.col("as_of") == last - timedelta(days=14)) & (pl.col("signal_type") == WEAK)
    )
    both = held.join(before, on="account_id")
    assert both.height > 20
    assert (both["value"] - both["x"] * 2.0 ** (-14 / 56)).abs().max() < 1e-12


@pytest.fixture(scope="module")
def whole(watch):
    return scored(watch, last=100).score_days


def test_the_record_judges_closed_windows_beside_simpler_models(watch, learned, whole):
    home, name = learned
    made = record(
        desk_of(watch, watch["accounts"]),
        whole,
        watch["outcomes"],
        read_version(home, name),
        languages={a: ("nb", "sv")[i % 2] for i, a in enumerate(ACCOUNTS)},
    )
    told = made.score_record.filter(pl.col("slice") == "all")
    tender = told.filter(pl.col("target") == "tender")
    assert set(tender["model"]) == {
        "shown",
        "day_one",
        "without_history",
        "points",
        "base_rate",
    }
    slices = set(made.score_record["slice"])
    assert {"language nb", "language sv", "segment handel"} <= slices
    history = made.score_record.filter(pl.col("slice") == "history").row(0, named=True)
    assert history["lower"] < history["value"] < history["upper"]
    # The strong type is seen at a first look, the measure only over time.
    assert history["value"] > 0
    assert "over time" in history["note"]
    orders = made.score_record.filter(pl.col("slice").str.starts_with("order "))
    assert orders["note"].str.starts_with("Not yet known").all()
    assert orders.height == 2 * 2 * 4
    value = {(r["model"], r["measure"]): r for r in tender.iter_rows(named=True)}
    assert value["day_one", "auc"]["value"] > 0.55
    low, high = (value["shown", "brier_skill"][k] for k in ("lower", "upper"))
    assert low < value["shown", "brier_skill"]["value"] < high
    missing = told.filter(pl.col("target") == "crm")
    assert missing["note"].to_list() == ["no outcome of this target is known"]
    signals = {
        r["signal_type"]: r
        for r in made.signal_performance.filter(pl.col("target") == "tender").iter_rows(
            named=True
        )
    }
    assert signals[STRONG]["verdict"] == "matters"
    assert signals[STRONG]["lift_lo"] > 1.0
    assert signals[NOISE]["verdict"] == "no sign that it matters"
    assert signals["demerger"]["verdict"] == "not yet known"
    bins = made.score_reliability.filter(pl.col("model") == "shown")
    assert bins["n_rows"].sum() == value["shown", "auc"]["n_rows"]


def test_below_a_hundred_outcomes_no_lift_is_told(watch, whole):
    some = watch["outcomes"].head(80)
    made = record(desk_of(watch, watch["accounts"]), whole, some, None)
    assert (
        made.signal_performance["lift"].null_count() == made.signal_performance.height
    )
    assert set(made.signal_performance["verdict"]) == {"not yet known"}


def test_a_seller_is_given_no_more_than_the_budget_of_a_week():
    made = made_up.scores()
    plays = load_plays()
    small = replace(plays, attention_budget=2)
    # The same week's next day must not open new places.
    tomorrow = made.score_days.with_columns(pl.col("as_of") + timedelta(days=1))
    both = pl.concat([made.score_days, tomorrow])
    lists = talk_to_now(
        both,
        made.score_reasons,
        made_up.signals(),
        pl.DataFrame(
            schema={
                "offer": pl.String,
                "target": pl.String,
                "signal_type": pl.String,
                "n_outcomes": pl.Int64,
                "lift": pl.Float64,
                "lift_lo": pl.Float64,
                "lift_hi": pl.Float64,
                "n_fired": pl.Int64,
            }
        ),
        plays=small,
        owners={made_up.account_id(0): "Kari"},
        exclusivity={"functional_leader_appointed": "medium"},
    )
    given = lists.filter("is_listed")
    per_week = given.group_by("seller", "week").agg(pl.col("account_id").n_unique())
    assert per_week["account_id"].max() <= 2
    left = lists.filter(~pl.col("is_listed"))
    assert left.height > 0
    assert left["left_out_nb"].str.contains("plasser").any()
    assert set(given.filter(pl.col("seller") == "Kari")["account_id"]) == {"acc-000"}
    assert given["change_mind_nb"].str.starts_with("Hvis det kommer").all()
    assert (given["after_refs"].list.len() > 0).all()


NO_PERFORMANCE = empty_frame(contract("scores/signal_performance"))


def lists_of(scores, signals, **given):
    return talk_to_now(
        scores,
        made_up.scores().score_reasons,
        signals,
        NO_PERFORMANCE,
        plays=load_plays(),
        owners={},
        exclusivity={},
        **given,
    )


def test_a_play_on_one_capture_or_hearsay_is_only_watched():
    scores, signals = made_up.scores().score_days, made_up.signals()
    listed = lists_of(scores, signals).filter("is_listed")
    account = listed.filter(pl.col("signal_ids").list.len() == 1)["account_id"][0]
    mine = pl.col("account_id") == account

    def of(changed):
        return lists_of(scores, changed).filter(mine).row(0, named=True)

    alone = signals.with_columns(
        pl.when(mine).then(None).otherwise(pl.col("before_ref")).alias("before_ref")
    )
    assert "fewer than 2" in of(alone)["left_out_en"]
    hearsay = signals.with_columns(
        pl.when(mine)
        .then(pl.lit("third_party_report"))
        .otherwise(pl.col("evidence_class"))
        .alias("evidence_class")
    )
    said = of(hearsay)
    assert (said["is_listed"], said["left_out_en"]) == (
        False,
        "Watch only: no primary source shows it yet.",
    )


@pytest.mark.parametrize(
    ("play", "days", "is_listed"),
    [
        ("building_capability", 7, False),
        ("building_capability", 35, True),
        ("explicit_procurement", 7, True),
        (None, 7, True),
    ],
)
def test_one_play_an_account_in_thirty_days(play, days, is_listed):
    scores, signals = made_up.scores().score_days, made_up.signals()
    first = lists_of(scores, signals).filter("is_listed")["account_id"][0]
    one = scores.filter(pl.col("account_id") == first)
    later = one.with_columns(
        pl.col("as_of") + timedelta(days=days),
        pl.lit(play or one["play"][0]).alias("play"),
    )
    found = lists_of(pl.concat([one, later]), signals)
    assert found["is_listed"].to_list() == [True, is_listed]
    if not is_listed:
        assert (
            found["left_out_en"][1] == "Another play began 7 days ago; one in 30 days."
        )


def test_what_a_whole_segment_does_is_context_and_no_reason():
    scores, signals = made_up.scores().score_days, made_up.signals()
    shifts = pl.DataFrame(
        {
            "segment": ["industri", "industri"],
            "as_of": [made_up.AS_OF, made_up.AS_OF - timedelta(days=60)],
            "signal_type": ["hiring_surge", "website_language_shift"],
            "mean_z": [0.7, 2.0],
            "n_accounts": [41, 44],
            "direction": ["rise", "rise"],
        }
    )
    segments = {made_up.account_id(i): "industri" for i in range(0, 60, 2)}
    plain = lists_of(scores, signals)
    made = lists_of(scores, signals, sector_shifts=shifts, segments=segments)
    told = made.filter(pl.col("context_en").is_not_null())
    assert set(told["account_id"]) == set(segments) & set(made["account_id"])
    assert told["context_en"].str.contains("whole segment industri .41 companies").all()
    contexts = ["context_nb", "context_en"]
    assert made.drop(contexts).equals(plain.drop(contexts))


def test_the_log_is_written_once_a_day_and_shows_what_was_altered(tmp_path):
    made = made_up.scores().score_days
    now = datetime(2026, 1, 2, tzinfo=UTC)
    head = write_down(tmp_path, made, made_up.AS_OF, now)
    assert head.n_lines == 1
    assert write_down(tmp_path, made, made_up.AS_OF, now) == head
    moved = made.with_columns(pl.col("probability") / 2)
    with pytest.raises(NotAppended):
        write_down(tmp_path, moved, made_up.AS_OF, now)
    assert verified(tmp_path) == head
    log = log_of(tmp_path)
    log.write_text(log.read_text().replace("acc-000", "acc-999", 1))
    with pytest.raises(BrokenLog, match="altered"):
        verified(tmp_path)
    log.write_text("")
    with pytest.raises(BrokenLog, match="ends after line 0"):
        verified(tmp_path)


def test_hunches_are_scored_by_the_same_outcomes(watch, tmp_path, whole):
    events = watch["outcomes"].sort("occurred_at")
    account, occurred = events.row(0)[0], events.row(0)[4]
    written = occurred.replace(tzinfo=UTC) - timedelta(days=20)
    by = occurred.date() + timedelta(days=5)
    add(tmp_path, Hunch("Kari", account, OFFER, "tender", 0.6, by, written))
    add(tmp_path, Hunch("Kari", "nobody", OFFER, "tender", 0.2, by, written))
    late = written.date() + timedelta(days=3_000)
    add(tmp_path, Hunch("Per", account, OFFER, "tender", 0.6, late, written))
    kari, per = score(
        read(tmp_path),
        watch["outcomes"],
        whole,
        max(watch["account_features"]["as_of"]),
    )
    assert (kari.n_judged, kari.n_came) == (2, 1)
    assert kari.brier == pytest.approx((0.4**2 + 0.2**2) / 2)
    assert (per.n_judged, per.n_open, per.brier) == (0, 1, None)
    with pytest.raises(HunchRefused, match="not between"):
        add(tmp_path, Hunch("Kari", account, OFFER, "tender", 1.0, late, written))
