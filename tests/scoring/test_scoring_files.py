"""weights.yml and plays.yml: what is shipped, and how strictly they are read."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.scoring import sentences
from orchestration.scoring.plays import PLAYS_FILE, load_plays, window
from orchestration.scoring.strict_yaml import ConfigError
from orchestration.scoring.weights import WEIGHTS_FILE, load_weights

SIGNAL_TYPES = Path(__file__).parents[2] / "dbt_project" / "seeds" / "signal_types.csv"
EFFECTIVE = date(2025, 9, 1)
PLAYS = load_plays()
NEW_LEADER = next(p for p in PLAYS.plays if p.id == "new_leader_primary")
ORDER = ("opening", "open", "closing", "closed", "none")


def test_every_weight_has_a_reason_an_owner_and_words():
    weights = load_weights()
    for entry in weights.entries:
        assert len(entry.reason.split()) >= 5, entry
        assert entry.owner
        assert entry.signal_type in sentences.NOUNS
    assert weights.of("market_dialogue") == 2.0
    assert weights.of("contract_awarded") == -2.0
    assert weights.of("tender_open") == 0.0
    # Every type of the catalogue, three features made of several, size, own tenders.
    catalogue = SIGNAL_TYPES.read_text(encoding="utf-8").splitlines()[1:]
    assert len(weights.entries) == len(catalogue) + 5


def test_every_step_of_a_composite_is_a_type_that_can_come():
    types = {
        line.split(",")[0]
        for line in SIGNAL_TYPES.read_text(encoding="utf-8").splitlines()[1:]
    }
    steps = SIGNAL_TYPES.with_name("composite_steps.csv").read_text(encoding="utf-8")
    for line in steps.splitlines()[1:]:
        assert line.split(",")[3] in types, line


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    owner: sales-science\n", "    owner: x\n    colour: blue\n", "'colour'"),
        ("tau: 0.30", "tau: wide", "a number is expected"),
        ("version: 6\n", "version: 6\nversion: 7\n", "given twice"),
        ("weight: 1.2\n", "weight: 0.3\n", "not 'strong'"),
        ("main_sources: [company_pages]\n", "", "main_sources is missing"),
        ("signal_type: ceo_change", "signal_type: hiring_surge", "given twice"),
    ],
)
def test_a_scorecard_that_is_not_understood_is_refused_by_file_and_line(
    tmp_path, old, new, said
):
    text = WEIGHTS_FILE.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "weights.yml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"weights\.yml:\d+: ") as refused:
        load_weights(file)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    priority: 1.0\n", "    priority: 1.0\n    channel: mail\n", "'channel'"),
        ("who: signal_person", "who: everybody", "'everybody' is not one of"),
        ("{name} kom inn", "{nickname} kom inn", "slot 'nickname'"),
        ("    close_days: 90\n", "    close_days: 3\n", "closes before it opens"),
    ],
)
def test_a_playbook_that_is_not_understood_is_refused_by_file_and_line(
    tmp_path, old, new, said
):
    text = PLAYS_FILE.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "plays.yml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"plays\.yml:\d+: ") as refused:
        load_plays(file)
    assert said in str(refused.value)


@given(st.integers(0, 400), st.integers(0, 60))
def test_time_alone_moves_a_window_forward_and_never_back(age, later):
    first = window(NEW_LEADER, PLAYS, EFFECTIVE, EFFECTIVE + timedelta(days=age))
    then = window(NEW_LEADER, PLAYS, EFFECTIVE, EFFECTIVE + timedelta(days=age + later))
    assert ORDER.index(then.state) >= ORDER.index(first.state)
    assert then.share <= first.share


@pytest.mark.parametrize(
    ("age", "state"),
    [
        (0, "opening"),
        (13, "opening"),
        (14, "open"),
        (76, "open"),
        (77, "closing"),
        (90, "closing"),
        (91, "closed"),
        (181, "closed"),
        (182, "none"),
    ],
)
def test_the_new_leader_window_opens_on_day_14_and_closes_after_day_90(age, state):
    at = window(NEW_LEADER, PLAYS, EFFECTIVE, EFFECTIVE + timedelta(days=age))
    assert at.state == state
    if state != "none":
        assert at.opens_on == EFFECTIVE + timedelta(days=14)
        assert at.act_before == EFFECTIVE + timedelta(days=90)
