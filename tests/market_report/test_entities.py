"""What a source showed against what was read of it, on truths of a few rows."""

from dataclasses import replace
from datetime import date, timedelta

from orchestration.market_report.entities import (
    Showing,
    Shown,
    Sighting,
    Thing,
    compare,
)

FIRST = date(2025, 1, 6)
AD = Thing("lever_jobs", "job_ads", "A", "1")
LIST = Showing("lever_jobs", "job_ads", "A")


def day(number):
    return FIRST + timedelta(days=number)


WEEKLY = [day(n) for n in range(0, 70, 7)]
SHOWN = Shown(AD, day(3), day(20), fields={"title": "Selger", "place": "Oslo"})
READ = Sighting(AD, day(7), {"title": "Selger", "place": "Oslo"})


def only(shown, sightings, answered=None):
    answered = {LIST: WEEKLY} if answered is None else answered
    (found,) = compare(shown, sightings, answered, WEEKLY)
    return found


def test_what_was_read_as_it_is_makes_no_difference():
    found = only([SHOWN], [READ, replace(READ, day=day(14))])
    assert (found.true, found.visible, found.found) == (1, 1, 1)
    assert found.is_as_true


def test_what_was_shown_and_not_read_is_missed():
    found = only([SHOWN], [])
    assert found.missed == ("A 1: shown on 2025-01-13",)
    assert not found.is_as_true


def test_what_no_good_answer_showed_could_not_be_seen():
    failing = {LIST: [day(0), day(28)]}
    assert only([SHOWN], [], failing).visible == 0
    assert only([SHOWN], [], failing).is_as_true
    hidden = replace(SHOWN, hidden_on=frozenset({day(7), day(14)}))
    assert only([hidden], []).visible == 0


def test_a_list_that_was_never_asked_for_is_no_excuse():
    assert only([SHOWN], [], {}).missed


def test_what_was_not_there_is_invented():
    other = replace(READ, thing=AD._replace(key="2"))
    assert only([SHOWN], [READ, other]).invented == ("A 2: read on 2025-01-13",)
    late = replace(READ, day=day(28))
    (told,) = only([SHOWN], [READ, late]).invented
    assert "out of its time" in told
    assert only([replace(SHOWN, stays=True)], [READ, late]).is_as_true


def test_what_must_be_gone_and_is_kept_is_invented():
    removed = replace(SHOWN, purged_on=day(20))
    assert "kept" in only([removed], [READ]).invented[0]
    assert only([removed], []).is_as_true
    later = replace(SHOWN, purged_on=day(400))
    assert only([later], []).missed


def test_fields_are_wrong_when_they_differ_and_when_they_were_never_read():
    wrong = replace(READ, fields={"title": "Selger", "place": "Bergen"})
    assert only([SHOWN], [wrong]).wrong == (
        "A 1: place was read as 'Bergen' and is 'Oslo'",
    )
    without = replace(READ, fields={"title": "Selger"})
    assert only([SHOWN], [without]).wrong == ("A 1: place is 'Oslo' and was not read",)
    assert only([SHOWN], [without, READ]).is_as_true
    unknown = replace(SHOWN, fields={"title": "Selger", "place": None})
    assert only([unknown], [without]).is_as_true
    assert only([unknown], [READ]).wrong


def test_two_spells_of_one_key_are_held_against_their_own_days():
    again = replace(SHOWN, start=day(35), end=day(60))
    found = only([SHOWN, again], [READ])
    assert (found.true, found.visible, found.found) == (2, 2, 1)
    assert found.missed == ("A 1: shown on 2025-02-10",)
    both = replace(again, start=day(5), end=day(18), fields={"title": "Selger"})
    assert only([SHOWN, both], [READ]).is_as_true
