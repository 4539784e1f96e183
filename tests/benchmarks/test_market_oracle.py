"""The filter on the practice market: it sees the public, and knows more than chance."""

from functools import cache

import numpy as np

from benchmarks.market_oracle import at_risk, comes, knows
from orchestration.scoring import calibration as c
from practice_market.company import HISTORY_DAYS, Market
from practice_market.story import tell

MARKET = Market(companies=150, days=420)


@cache
def told():
    stories = [tell(MARKET, index) for index in range(MARKET.companies)]
    return stories, knows(MARKET, stories)


def test_a_probability_for_every_monday_and_account():
    stories, known = told()
    assert set(known) == set(range(0, MARKET.days + 1, 7))
    for p in known.values():
        assert p.shape == (len(stories),)
        assert np.isfinite(p).all()
        assert p.min() >= 0
        assert p.max() <= 1


def test_a_longer_market_changes_no_earlier_probability():
    _, known = told()
    few = Market(companies=150, days=210)
    sooner = knows(few, [tell(few, index) for index in range(few.companies)])
    for monday in (0, 91, 196):
        np.testing.assert_allclose(sooner[monday], known[monday], rtol=0, atol=1e-12)


def test_it_ranks_those_who_tender_far_above_chance():
    stories, known = told()
    y, p = [], []
    for monday in range(91, MARKET.days - 91, 28):
        for account, story in enumerate(stories):
            if at_risk(story, monday):
                y.append(float(comes(story, monday)))
                p.append(known[monday][account])
    assert c.auc(np.array(y), np.array(p)) > 0.7


def test_an_open_tender_is_not_at_risk():
    stories, _ = told()
    opened = [
        (story, one.published)
        for story in stories
        for one in story.tenders
        if one.published > -HISTORY_DAYS and one.decided != one.published
    ]
    assert opened
    assert not any(at_risk(story, published) for story, published in opened)
