"""What pages are made of: sums that hold, words that changed, geometry, languages."""

import math
import re
from datetime import date, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.publish import charts
from orchestration.publish.account_page import over_time, waterfall
from orchestration.publish.changed_words import changed_words
from orchestration.publish.coverage_page import coverage_parts
from orchestration.publish.languages import ENGLISH, NORWEGIAN, offer_name
from orchestration.publish.record_page import record_parts
from orchestration.publish.report import page_name
from orchestration.publish.signals_page import market, performance_parts
from tests.publish import made_up_pages
from tests.scoring import made_up


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    return made_up_pages.tables()


def test_the_waterfall_adds_up_to_the_probability_of_every_account(tables):
    today = tables["account_scores"].filter(pl.col("as_of") == made_up.AS_OF)
    scored = today.filter(pl.col("state") == "scored")
    assert scored.height > 40
    for row in scored.iter_rows(named=True):
        mine = tables["score_reasons"].filter(pl.col("account_id") == row["account_id"])
        told = waterfall(mine, {})
        assert told.end == pytest.approx(row["probability"], abs=1e-9)
        logit = math.log(told.start / (1 - told.start))
        logit += sum(step.contribution for step in told.steps)
        assert 1 / (1 + math.exp(-logit)) == pytest.approx(row["probability"], abs=1e-9)
        for step in told.steps:
            assert step.left >= 0
            assert step.left + step.width <= 100.001


def test_a_waterfall_without_reasons_is_none(tables):
    assert waterfall(tables["score_reasons"].clear(), {}) is None


def said(side, kind):
    return [piece.text.strip() for piece in side if piece.kind == kind]


def test_only_the_words_that_changed_are_marked():
    told = changed_words(
        "Ledelsen\nArne Vold er daglig leder i selskapet\nKontakt",
        "Ledelsen\nTora Hestnes er daglig leder i selskapet\nKontakt",
    )
    assert said(told.before, "changed") == ["Arne", "Vold"]
    assert said(told.after, "changed") == ["Tora", "Hestnes"]
    assert "er daglig leder i selskapet" in said(told.after, "same")
    assert told.left_out == 0


def test_equal_texts_have_no_changes():
    assert changed_words("Som før\nIngen endring", "Som før\nIngen endring") is None


def test_the_change_that_is_told_of_is_shown_before_others():
    lines = [f"Linje {n} av mange som står stille" for n in range(60)]
    after = list(lines)
    for n in range(0, 60, 3):
        after[n] = f"Byttet ut {n} med noe helt annet som tar plass på siden"
    after[45] = "Tormod Haugdal, salgsdirektør"
    told = changed_words(
        "\n".join(lines), "\n".join(after), ["Tormod Haugdal"], room=200
    )
    assert "Tormod Haugdal" in "".join(piece.text for piece in told.after)
    assert told.left_out > 0


@given(st.text(alphabet="ab \n", max_size=60), st.text(alphabet="ab \n", max_size=60))
def test_a_side_with_room_loses_no_changed_word(before, after):
    told = changed_words(before, after, room=10_000)
    if told is None:
        assert before.splitlines() == after.splitlines()
        return
    shown = "".join(piece.text for piece in told.after)
    same = set(before.splitlines())
    for line in after.splitlines():
        if line not in same:
            assert line in shown


def test_a_long_page_is_compared_in_time():
    lines = [f"Ord nummer {n} på en lang side" for n in range(6000)]
    told = changed_words("\n".join(lines), "\n".join(["Nytt", *lines]))
    assert said(told.after, "changed") == ["Nytt"]


def test_the_marks_of_a_reliability_curve_stand_where_they_say(tables):
    bins = tables["score_reliability"].to_dicts()
    drawn = charts.reliability(bins)
    assert drawn.top == 0.5
    box = drawn.box
    for mark, row in zip(drawn.marks, bins, strict=True):
        share = (mark["x"] - box.left) / (box.width - box.left - box.right)
        assert share * drawn.top == pytest.approx(row["predicted"], abs=2e-3)
        assert mark["hi"] < mark["y"] < mark["lo"]
    assert len(drawn.band.split()) == 2 * len(bins)


def test_a_curve_without_bands_is_drawn_without():
    bare = {"predicted": 0.1, "observed": 0.0, "lower": None, "upper": None}
    drawn = charts.reliability([bare | {"n_rows": 4}])
    assert drawn.band == ""
    assert drawn.marks[0]["lo"] == drawn.marks[0]["hi"] == drawn.marks[0]["y"]


def test_a_score_of_one_day_is_no_history(tables):
    mine = tables["account_score_history"].filter(pl.col("account_id") == "acc-000")
    drawn, rows = over_time(mine)
    assert len(drawn.line.split()) == len(rows) == 6
    assert rows[0]["as_of"] == made_up.AS_OF
    assert over_time(mine.filter(pl.col("as_of") == made_up.AS_OF))[0] is None


def test_a_strip_holds_all_events_and_the_window():
    days = [date(2025, 3, 1), date(2025, 9, 1)]
    drawn = charts.strip(
        [("hiring", day) for day in days],
        date(2025, 6, 30),
        date(2025, 1, 1),
        (date(2025, 6, 1), date(2025, 9, 18)),
    )
    (lane,) = drawn.lanes
    inside = drawn.box.width - drawn.box.right
    assert all(drawn.box.left <= x <= inside for x in lane.marks)
    assert sum(drawn.window) <= inside + 0.1
    assert len(drawn.ticks_x) <= 7


def test_the_record_is_told_in_both_languages_and_in_order(tables):
    (part,) = record_parts(tables)
    assert part["target_nb"] == "kunngjorte anbud"
    assert part["rows"][0]["name_en"] == "Hits among the top 2 %"
    assert part["models"][0]["name_en"] == "What we showed"
    assert part["orders"] == ["Said."]
    assert part["n_outcomes"] == 200
    assert part["places"] == []


def test_places_by_lot_and_by_rank_are_told_in_sentences_and_are_no_slice(tables):
    made = tables["score_record"]
    row = made.row(0, named=True) | {"measure": "hit_rate", "slice": "listed by lot"}
    told = pl.DataFrame([row | {"note": "Of 10 places ..."}], schema=made.schema)
    (part,) = record_parts(tables | {"score_record": pl.concat([made, told])})
    assert part["places"] == ["Of 10 places ..."]
    assert not [s for s in part["slices"] if "listed" in s["slice"]]


def test_signals_with_a_lift_come_first_and_the_unknown_are_counted(tables):
    (part,) = performance_parts(tables["signal_performance"], {})
    assert [r["signal_type"] for r in part["known"]] == [
        "functional_leader_appointed",
        "theme_job_opened",
    ]
    assert part["n_matter"] == 1
    assert len(part["unknown"]) == 30
    for row in part["known"]:
        assert row["from"] < row["at"] < row["from"] + row["width"]


def test_until_anything_is_known_the_heaviest_weights_are_told(tables):
    (known,) = performance_parts(tables["signal_performance"], {})
    assert known["heaviest"] == []
    unmeasured = tables["signal_performance"].with_columns(
        lift=pl.lit(None, pl.Float64),
        coefficient=pl.when(pl.col("signal_type") == "theme_job_opened")
        .then(0.7)
        .otherwise(-2.0),
    )
    (part,) = performance_parts(unmeasured, {})
    assert part["known"] == []
    (told,) = part["heaviest"]
    assert told["label_en"] == "theme job opened"
    assert told["odds"] == pytest.approx(2.0138, abs=1e-3)


def test_signals_of_the_market_are_counted_as_they_stand(tables):
    signals = tables["signals"]
    told = market(signals, made_up.AS_OF)
    known = signals.filter(pl.col("known_at") <= datetime(2025, 12, 29, 23))
    assert told["n"] == known.height == sum(n for _, n in told["weeks"])
    assert sum(row["n"] for row in told["families"]) == known.height


def test_coverage_lists_gaps_and_the_accounts_without_a_probability(tables):
    today = tables["account_scores"].filter(pl.col("as_of") == made_up.AS_OF)
    told = coverage_parts(tables["coverage"], today, {})
    abstained = today.filter(pl.col("state") == "abstained").height
    assert told["n_unseen"] == len(told["unseen"]) == abstained == 5
    assert {r["state"] for rows in told["gaps"] for r in rows} == {"blocked", "unknown"}
    assert told["n_fresh"] + told["n_gaps"] == told["n_pairs"]


@pytest.mark.parametrize("account", ["", ".", "..", "a/b", "../x", "-a", "å", "a" * 65])
def test_a_key_that_is_no_file_name_gets_one(account):
    assert re.fullmatch(r"x[0-9a-f]{20}", page_name(account))


def test_a_plain_key_names_its_page():
    assert page_name("PM0015") == "PM0015"


def test_days_and_figures_are_written_as_each_language_does():
    day = date(2025, 3, 9)
    assert (NORWEGIAN.day(day), ENGLISH.day(day)) == ("9. mars 2025", "9 March 2025")
    assert NORWEGIAN.short_day(day) == "09.03.2025"
    assert ENGLISH.short_day(day) == "9 Mar 2025"
    assert (NORWEGIAN.percent(0.053), ENGLISH.percent(0.71)) == ("5,3 %", "71%")
    assert (NORWEGIAN.signed(-0.2), ENGLISH.signed(1.5)) == ("−0,20", "+1.50")
    assert NORWEGIAN.around(0.84) == "0–1"
    assert ENGLISH.around(2.0) == "2"
    assert offer_name("crm_platform") == "CRM platform"
    assert ENGLISH.family("brand_new") == "Brand new"
