"""What could be seen and what was recovered, on truths of a few rows."""

from datetime import date, timedelta

from orchestration.market_report.compare import (
    Found,
    Spell,
    appearances,
    departures,
    joined,
    score,
)

FIRST = date(2025, 1, 6)


def day(number):
    return FIRST + timedelta(days=number)


WEEKLY = {"A": [day(n) for n in range(0, 70, 7)]}


def test_who_came_and_went_between_two_good_visits_was_not_visible():
    spell = [Spell("A", "kari", day(8), day(12))]
    assert not appearances(spell, WEEKLY, 2)[0].is_visible
    assert not departures(spell, WEEKLY, 3, 7)[0].is_visible


def test_who_came_before_the_second_good_visit_may_have_been_there():
    came = [Spell("A", "kari", day(n), None) for n in (5, 12)]
    assert [one.is_visible for one in appearances(came, WEEKLY, 2, 2)] == [False, True]


def test_nothing_is_visible_on_a_page_that_was_never_read():
    spell = [Spell("A", "kari", day(8), day(40))]
    assert not appearances(spell, {}, 2)[0].is_visible
    assert not departures(spell, {}, 3, 7)[0].is_visible


def test_an_end_before_a_page_went_down_for_good_was_not_visible():
    spell = [Spell("A", "kari", None, day(30))]
    down = {"A": [day(n) for n in range(0, 36, 7)]}
    assert not departures(spell, down, 3, 7)[0].is_visible
    assert departures(spell, WEEKLY, 3, 7)[0].is_visible


def test_an_invented_departure_costs_precision():
    happened = departures([Spell("A", "kari", None, day(30))], WEEKLY, 3, 7)
    right = Found("A", "kari", day(28), day(35))
    wrong = Found("A", "ola", day(28), day(35))
    told = score("departed", happened, [right, wrong])
    assert (told.precision, told.recall, told.inside_share) == (0.5, 1.0, 1.0)


def test_a_missed_event_costs_recall():
    happened = departures([Spell("A", "kari", None, day(30))], WEEKLY, 3, 7)
    told = score("departed", happened, [])
    assert told.recall == 0.0
    assert told.precision is None


def test_a_wrong_interval_is_right_and_not_inside():
    happened = departures([Spell("A", "kari", None, day(30))], WEEKLY, 3, 7)
    told = score("departed", happened, [Found("A", "kari", day(35), day(42))])
    assert (told.right, told.inside) == (1, 0)


def test_one_true_event_does_not_excuse_two_claims():
    happened = departures([Spell("A", "kari", None, day(30))], WEEKLY, 3, 7)
    told = score("departed", happened, [Found("A", "kari", day(28), day(35))] * 2)
    assert (told.published, told.right) == (2, 1)


def test_two_ads_of_one_title_at_one_time_are_one():
    ads = [Spell("A", "selger", day(0), day(20)), Spell("A", "selger", day(9), day(30))]
    assert joined(ads) == [Spell("A", "selger", day(0), day(30))]
    apart = [ads[0], Spell("A", "selger", day(25), day(30))]
    assert joined(apart) == apart


def test_the_end_of_what_was_seen_once_is_visible_only_where_once_is_enough():
    spell = [Spell("A", "kari", None, day(3))]
    assert departures(spell, WEEKLY, 2, 3)[0].is_visible
    assert not departures(spell, WEEKLY, 3, 7, sightings=2)[0].is_visible
