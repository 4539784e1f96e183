"""A log of forecasts cannot be changed unnoticed."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.scoring.forecast_log import (
    GENESIS,
    BrokenLog,
    Forecasts,
    Head,
    NotAppended,
    append,
    read,
    verify,
)

DAY = date(2030, 3, 4)


def forecasts(day=0, p=0.04, model="2030-03"):
    as_of = DAY + timedelta(days=day)
    return Forecasts(
        as_of=as_of,
        offer="made up",
        model=model,
        written_at=datetime(as_of.year, as_of.month, as_of.day, 6, tzinfo=UTC),
        scores={"å": {"30": p / 3, "91": p}, "b": {"30": 0.0, "91": 1 / 3}},
    )


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log" / "forecasts.jsonl"
    for day in range(4):
        append(path, forecasts(day))
    return path


def test_what_was_written_is_read_and_verified(log):
    assert verify(log).n_lines == 4
    assert list(read(log)) == [forecasts(day) for day in range(4)]
    assert json.loads(log.read_text(encoding="utf-8").splitlines()[0])["previous"] == (
        GENESIS
    )


def test_no_log_is_an_empty_log(tmp_path):
    assert verify(tmp_path / "none.jsonl") == Head(0, GENESIS)


def changed(log, change):
    lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
    log.write_text("".join(change(lines)), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda s: [s[0], s[1].replace("0.04", "0.40"), *s[2:]], r"line 2 .* altered"),
        (lambda s: [s[0], *s[2:]], "line 2 .* does not follow"),
        (lambda s: [s[1], s[0], *s[2:]], "line 1 .* does not follow"),
        (lambda s: [*s[:3], s[2]], "line 4 .* does not follow"),
        (lambda s: [*s[:3], s[3][:-9]], "line 4 was not written to its end"),
        (lambda s: [*s[:3], "nonsense\n"], "line 4 is no JSON"),
        (lambda s: [*s[:3], "{}\n"], "line 4 does not have the fields"),
    ],
)
def test_the_first_broken_line_is_named(log, change, said):
    changed(log, change)
    with pytest.raises(BrokenLog, match=said):
        verify(log)
    with pytest.raises(BrokenLog, match=said):
        append(log, forecasts(9))


def test_an_altered_line_hashed_anew_breaks_the_next(log):
    def forged(lines):
        other = log.with_name("other.jsonl")
        append(other, forecasts(0))
        append(other, forecasts(1, p=0.9))
        mine = other.read_text(encoding="utf-8").splitlines(keepends=True)
        return [lines[0], mine[1], *lines[2:]]

    changed(log, forged)
    with pytest.raises(BrokenLog, match="line 3"):
        verify(log)


def test_a_log_cut_short_or_written_anew_does_not_hold_a_head_kept_elsewhere(log):
    kept = verify(log)
    append(log, forecasts(4))
    assert verify(log, kept).n_lines == 5
    changed(log, lambda lines: lines[:3])
    assert verify(log).n_lines == 3
    with pytest.raises(BrokenLog, match="ends after line 3"):
        verify(log, kept)
    append(log, forecasts(3, p=0.5))
    with pytest.raises(BrokenLog, match="line 4 is not the one noted"):
        verify(log, kept)


def test_a_day_is_written_once(log):
    before = log.read_bytes()
    assert append(log, forecasts(1)).n_lines == 4
    assert log.read_bytes() == before
    with pytest.raises(NotAppended, match="line 2 with other scores"):
        append(log, forecasts(1, p=0.9))
    assert append(log, forecasts(1, p=0.9, model="2030-04")).n_lines == 5


def test_what_is_no_forecast_is_refused(tmp_path):
    path = tmp_path / "log.jsonl"
    good = forecasts()
    with pytest.raises(NotAppended, match="no probability"):
        append(path, forecasts(p=1.2))
    with pytest.raises(NotAppended, match="no probability"):
        append(path, forecasts(p=float("nan")))
    late = Forecasts(DAY, "o", "m", good.written_at - timedelta(days=1), {})
    with pytest.raises(NotAppended, match="after the moment"):
        append(path, late)
    naive = Forecasts(DAY, "o", "m", datetime(2030, 3, 5), {})
    with pytest.raises(NotAppended, match="time zone"):
        append(path, naive)
    assert not path.exists()


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_changed_character_breaks_the_chain(data, tmp_path_factory):
    path = tmp_path_factory.mktemp("log") / "log.jsonl"
    for day in range(3):
        append(path, forecasts(day))
    head = verify(path)
    text = path.read_text(encoding="utf-8")
    i = data.draw(st.integers(0, len(text) - 1))
    new = data.draw(
        st.sampled_from([c for c in '0123456789abc"{},:\n' if c != text[i]])
    )
    path.write_text(text[:i] + new + text[i + 1 :], encoding="utf-8", newline="\n")
    with pytest.raises(BrokenLog):
        verify(path, head)
