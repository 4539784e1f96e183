"""The hidden process follows SCIENCE 5.1 to 5.3, and depends on its seed only."""

from collections import Counter
from dataclasses import asdict, replace
from itertools import pairwise

import pytest

from practice_market.company import HISTORY_DAYS, Market, account_rows, company
from practice_market.draws import daily
from practice_market.story import (
    CAUSES,
    DORMANT,
    EMERGING,
    NUISANCES,
    ORGANISING,
    PROCURING,
    SERVED,
    Story,
    tell,
)

SEEDS = range(100, 108)
SIZE = 60


@pytest.fixture(scope="module")
def stories() -> list[Story]:
    """Many seeds of the market as SCIENCE 5.1 has it (need_scale 1)."""
    markets = [Market(seed=seed, need_scale=1.0) for seed in SEEDS]
    return [tell(market, index) for market in markets for index in range(SIZE)]


def told(story: Story) -> str:
    return repr(
        (
            story.company,
            bytes(story.states),
            story.causes,
            [asdict(post) for post in story.posts],
            [asdict(job) for job in story.jobs],
            story.articles,
            story.edits,
            story.nuisances,
            story.filings,
            [asdict(tender) for tender in story.tenders],
            story.prior_notices,
        )
    )


def test_the_same_seed_tells_the_same_story() -> None:
    market = Market(seed=3)
    assert told(tell(market, 5)) == told(tell(market, 5))
    assert told(tell(market, 5)) != told(tell(replace(market, seed=4), 5))


def test_a_company_does_not_depend_on_how_many_there_are() -> None:
    market = Market(seed=3)
    few, many = replace(market, companies=10), replace(market, companies=900)
    assert told(tell(few, 9)) == told(tell(many, 9))
    assert account_rows(few) == account_rows(many)[:10]


def test_a_longer_market_begins_like_a_shorter_one() -> None:
    short, long = Market(seed=3, days=100), Market(seed=3, days=220)
    for index in range(20):
        one, other = tell(short, index), tell(long, index)
        assert bytes(one.states) == bytes(other.states)[: len(one.states)]
        assert one.causes == [c for c in other.causes if c.day < 100]
        opened = {job.key: job for job in other.jobs}
        for job in one.jobs:
            if job.closed <= 100:
                assert asdict(opened[job.key]) == asdict(job)


def test_weekly_hazards_become_daily_ones() -> None:
    assert 1 - (1 - daily(0.125)) ** 7 == pytest.approx(0.125)


def moves(stories: list[Story]) -> tuple[Counter[int], Counter[tuple[int, int]]]:
    days: Counter[int] = Counter()
    steps: Counter[tuple[int, int]] = Counter()
    for story in stories:
        days.update(story.states[:-1])
        steps.update(pairwise(story.states))
    return days, steps


def test_the_hazards_between_states(stories: list[Story]) -> None:
    days, steps = moves(stories)
    for source, target, weekly in (
        (EMERGING, ORGANISING, 0.10),
        (ORGANISING, PROCURING, 0.125),
        (PROCURING, SERVED, 0.125),
        (SERVED, DORMANT, 1 / 26),
    ):
        expected = days[source] * daily(weekly)
        assert expected > 25
        assert steps[source, target] == pytest.approx(expected, abs=4 * expected**0.5)
    allowed = {
        (DORMANT, EMERGING),
        (EMERGING, ORGANISING),
        (EMERGING, DORMANT),
        (ORGANISING, PROCURING),
        (ORGANISING, DORMANT),
        (PROCURING, SERVED),
        (SERVED, DORMANT),
    }
    assert {step for step in steps if step[0] != step[1]} <= allowed


def test_the_base_rate_is_about_three_per_cent_in_91_days(
    stories: list[Story],
) -> None:
    tenders = sum(t.published >= 0 for story in stories for t in story.tenders)
    windows = len(stories) * Market().days / 91
    assert 0.018 < tenders / windows < 0.045


def test_a_tender_is_published_the_day_procurement_begins(
    stories: list[Story],
) -> None:
    for story in stories:
        starts = [
            position - HISTORY_DAYS
            for position in range(1, len(story.states))
            if story.states[position] == PROCURING
            and story.states[position - 1] == ORGANISING
        ]
        assert starts == [tender.published for tender in story.tenders]


@pytest.mark.parametrize("kind", CAUSES, ids=lambda kind: kind.name)
def test_rates_and_recall_of_causes(stories: list[Story], kind: object) -> None:
    assert kind in CAUSES
    weeks = len(stories) * (Market().days + HISTORY_DAYS) / 7
    found = [c for story in stories for c in story.causes if c.kind == kind.name]  # type: ignore[attr-defined]
    true = [c for c in found if c.is_true]
    expected = weeks * kind.rate  # type: ignore[attr-defined]
    assert len(true) == pytest.approx(expected, abs=4 * expected**0.5)
    seen = sum(c.is_visible for c in true)
    recall = kind.recall  # type: ignore[attr-defined]
    spread = 4 * (len(true) * recall * (1 - recall)) ** 0.5 + 1
    assert seen == pytest.approx(len(true) * recall, abs=spread)
    false = weeks * kind.false_rate  # type: ignore[attr-defined]
    assert len(found) - len(true) == pytest.approx(false, abs=4 * false**0.5 + 1)


def test_a_new_sales_leader_raises_the_hazard(stories: list[Story]) -> None:
    def left_dormant(story: Story, first: int, last: int) -> bool:
        states = story.states[first + HISTORY_DAYS : last + HISTORY_DAYS]
        return states[0] == DORMANT and EMERGING in states

    after = [
        left_dormant(story, cause.day, cause.day + 28)
        for story in stories
        for cause in story.causes
        if cause.kind == "leader_primary"
        and cause.is_true
        and cause.day + 28 < Market().days
    ]
    whenever = [
        left_dormant(story, day, day + 28)
        for story in stories
        for day in range(-300, 180, 28)
    ]
    assert len(after) > 120
    assert sum(after) / len(after) > 2.5 * sum(whenever) / len(whenever)


def test_what_a_state_emits(stories: list[Story]) -> None:
    theme: Counter[int] = Counter()
    words: dict[int, list[float]] = {state: [] for state in range(5)}
    days, _ = moves(stories)
    for story in stories:
        for job in story.jobs:
            week = job.opened - job.opened % 7
            if job.is_theme and -HISTORY_DAYS < week < Market().days:
                theme[story.state(week - 1)] += 1
        for edit in story.edits:
            week = edit.day - edit.day % 7
            if week > -HISTORY_DAYS:
                words[story.state(week - 1)].append(edit.rho)
    rate = {state: theme[state] / days[state] for state in range(5)}
    assert rate[ORGANISING] > 4 * rate[DORMANT]
    assert rate[PROCURING] > 2.5 * rate[DORMANT]
    mean = {state: sum(rho) / len(rho) for state, rho in words.items()}
    assert mean[ORGANISING] > mean[EMERGING] > mean[DORMANT]


def test_nuisances_do_not_depend_on_the_state(stories: list[Story]) -> None:
    expected = {
        name: sum(
            rate * story.company.activity**0.7 * (Market().days + HISTORY_DAYS) / 7
            for story in stories
        )
        for name, rate in NUISANCES
    }
    found = Counter(name for story in stories for _, name in story.nuisances)
    for name, mean in expected.items():
        assert found[name] == pytest.approx(mean, abs=4.5 * mean**0.5)


def test_need_scale_brings_more_tenders(stories: list[Story]) -> None:
    plain = sum(len(story.tenders) for story in stories)
    scaled = sum(
        len(tell(Market(seed=seed, need_scale=3.0), index).tenders)
        for seed in SEEDS[:4]
        for index in range(SIZE)
    )
    assert scaled > 1.5 * plain * 4 / len(SEEDS)


def test_the_demo_market_has_several_tenders() -> None:
    market = Market()
    buying = {
        index
        for index in range(market.companies)
        for tender in tell(market, index).tenders
        if 0 <= tender.published <= 175
    }
    assert 6 <= len(buying) <= 10


def test_organisation_numbers_are_valid_and_nobodys() -> None:
    market = Market(companies=1500)
    numbers = set()
    for index in range(market.companies):
        one = company(market, index)
        for number in (one.org_number, one.unit_number):
            digits = [int(digit) for digit in number]
            weighted = sum(
                d * w for d, w in zip(digits, (3, 2, 7, 6, 5, 4, 3, 2, 1), strict=True)
            )
            assert weighted % 11 == 0
            assert number.startswith("80")
            numbers.add(number)
    assert len(numbers) == 2 * market.companies
    assert len({row["domains"] for row in account_rows(market)}) == market.companies
