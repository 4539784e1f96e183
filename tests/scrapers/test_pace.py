"""Pages are visited by what is known of how often they change."""

import math
import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.crawl_context import KnownVisit
from scrapers.landing import Capture, Landing, known_before, read_visits
from scrapers.pace import (
    LONGEST_DAYS,
    SHORTEST_DAYS,
    WEEKLY,
    by_expected_change,
    changes_behind,
    expected_change,
    interval_days,
    is_due,
    rate_per_day,
    resting,
)
from scrapers.settings import crawl_settings
from scrapers.sources.company_pages.spider import CompanyPagesSpider
from tests.scrapers.conftest import Asked, Given, crawled, write_accounts
from tests.scrapers.driving import DAY, Answer, account, context, drive, pages, scopes

SCOPES = ("leadership", "careers", "about", "news", "content", "job")


@st.composite
def observed(draw: Any) -> KnownVisit:
    """A page that was compared so many times over so many days."""
    n = draw(st.floats(0, 500))
    return KnownVisit(
        url=f"https://a.example/{draw(st.integers(0, 9))}",
        scope=draw(st.sampled_from(SCOPES)),
        account_id="a1",
        outcome=draw(st.sampled_from(("ok", "not_modified"))),
        payload_digest="sha256:1",
        fetched_on=DAY - timedelta(days=draw(st.integers(1, 60))),
        n_compared=n,
        n_changed=n * draw(st.floats(0, 1)),
        compared_days=n * draw(st.floats(1, 30)),
    )


@given(observed())
def test_an_interval_is_within_its_bounds(page: KnownVisit) -> None:
    assert SHORTEST_DAYS <= interval_days(page) <= LONGEST_DAYS
    assert 0 < rate_per_day(page) < math.inf
    if page.scope in WEEKLY:
        assert interval_days(page) <= 7
        assert is_due(replace(page, fetched_on=DAY - timedelta(days=7)), DAY)
    assert is_due(replace(page, fetched_on=DAY - timedelta(days=LONGEST_DAYS)), DAY)
    assert is_due(replace(page, outcome="timeout", fetched_on=DAY), DAY)
    assert not is_due(replace(page, fetched_on=DAY), DAY)


@given(observed(), st.floats(0, 1))
def test_more_changes_make_an_interval_shorter(page: KnownVisit, share: float) -> None:
    fewer = replace(page, n_changed=page.n_changed * share)
    assert rate_per_day(fewer) <= rate_per_day(page)
    assert interval_days(fewer) >= interval_days(page)
    assert expected_change(fewer, DAY) <= expected_change(page, DAY)


@given(observed(), st.floats(0, 1000))
def test_more_days_without_a_change_make_it_longer(
    page: KnownVisit, days: float
) -> None:
    longer = replace(page, compared_days=page.compared_days + days)
    assert rate_per_day(longer) <= rate_per_day(page)
    assert interval_days(longer) >= interval_days(page)


@given(st.floats(0, 500), st.floats(0, 1))
def test_behind_seen_changes_are_at_least_as_many(n: float, share: float) -> None:
    found = changes_behind(n, n * share)
    assert math.isfinite(found)
    assert found >= 0
    # n comparisons that all differ may hide any number of changes.
    if n >= 1:
        assert found >= n * share * n / (n + 0.5) * 0.999 - 1e-9


def test_a_rate_is_found_again() -> None:
    """Changes drawn at a known rate give that rate back, where single counts do not."""
    draw = random.Random(7)
    gap, n, rate = 3.0, 60, 0.3
    means = []
    for _ in range(40):
        changed = sum(draw.random() < 1 - math.exp(-rate * gap) for _ in range(n))
        page = KnownVisit(
            "u", "content", "a", "ok", None, DAY, n, changed, gap * n
        )  # fmt: skip
        means.append(rate_per_day(page))
    mean = sum(means) / len(means)
    assert abs(mean - rate) < 0.03
    # What one sees without the correction: every interval has one change at most.
    assert 1 - math.exp(-rate * gap) < 0.75 * rate * gap


@given(st.lists(observed(), max_size=12))
def test_lists_are_visited_whole_or_not_at_all(pages: list[KnownVisit]) -> None:
    pages = [replace(p, url=f"https://a.example/{n}") for n, p in enumerate(pages)]
    rest = {page.url for page in resting(pages, DAY)}
    for scope in WEEKLY:
        group = {page.url for page in pages if page.scope == scope}
        assert group <= rest or not group & rest
        if any(is_due(page, DAY) for page in pages if page.scope == scope):
            assert not group & rest
    careers = [page for page in pages if page.scope == "careers"]
    if any(is_due(page, DAY) for page in careers):
        assert all(
            next(p for p in pages if p.url == url).scope in ("leadership", "news")
            for url in rest
        )
    # Nobody rests who has waited for as long as any page may.
    for page in pages:
        if (DAY - page.fetched_on).days >= LONGEST_DAYS:
            assert page.url not in rest or page.scope == "job"
    ordered = by_expected_change(pages, DAY)
    chances = [expected_change(page, DAY) for page in ordered]
    assert chances == sorted(chances, reverse=True)


# --- what is known of visits -----------------------------------------------------


def test_what_is_known_counts_comparisons(tmp_path: Path) -> None:
    url = "https://a.example/"
    first = date(2026, 1, 1)
    bodies = (b"one", b"one", None, b"two", b"two")
    for number, body in enumerate(bodies):
        landing = Landing(
            tmp_path, "made_up", first + timedelta(days=2 * number), replayed=True
        )
        if body is None:
            landing.land(Capture("a", "home", url, "timeout"))
        else:
            landing.land(Capture("a", "home", url, "ok", 200, (), body))
        landing.finish({})
    known = known_before(tmp_path, "made_up", date(2026, 2, 1))["a", url]
    # Three comparisons over 2, 4 and 2 days; the second differed.
    assert known.n_compared == pytest.approx(3, rel=0.05)
    assert known.n_changed == pytest.approx(1, rel=0.05)
    assert known.compared_days == pytest.approx(8, rel=0.05)
    assert known.n_changed < known.n_compared < known.compared_days < 8
    (tmp_path / "landing/made_up/latest.parquet").unlink()
    made = known_before(tmp_path, "made_up", date(2026, 2, 1))["a", url]
    # Visits do not tell what a record says besides its bytes.
    assert made == replace(known, head_digest=None)


def test_the_pace_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    for text, is_paced in (("", None), ("learned", True), ("every", False)):
        monkeypatch.setenv("LYTTEPOST_PACE", text)
        assert crawl_settings().is_paced is is_paced
    monkeypatch.setenv("LYTTEPOST_PACE", "fast")
    with pytest.raises(ValueError, match="LYTTEPOST_PACE"):
        crawl_settings()


# --- the spider ------------------------------------------------------------------

HOME = "http://eksempel.example/"
PATHS = {"ledelse": "Ledelse", "jobb": "Jobb", "om": "Om"}
MENU = (
    f"<nav>{''.join(f'<a href=/{p}>{label}</a>' for p, label in PATHS.items())}</nav>"
)
SITE = {HOME: MENU} | {f"{HOME}{path}": "<p>x</p>" for path in PATHS}


def _known(path: str, scope: str, days: int, **other: Any) -> KnownVisit:
    values: dict[str, Any] = {"outcome": "ok", "payload_digest": "sha256:1", **other}
    fetched_on = DAY - timedelta(days=days)
    return KnownVisit(f"{HOME}{path}", scope, "a1", fetched_on=fetched_on, **values)


def _asked(*visits: KnownVisit, is_paced: bool = True) -> set[str]:
    made = context("company_pages", account(), visits=visits, is_paced=is_paced)
    web = pages({url: Answer(body) for url, body in SITE.items()})
    asked = scopes(drive(CompanyPagesSpider(made), web))
    return {url.removeprefix(HOME) for url in asked} - {"", "sitemap.xml"}


def test_a_spider_leaves_resting_pages_out() -> None:
    calm = {"n_compared": 20.0, "n_changed": 0.0, "compared_days": 100.0}
    visits = (
        _known("ledelse", "leadership", 5, **calm),
        _known("jobb", "careers", 5, **calm),
        _known("om", "about", 5, **calm),
    )
    assert _asked(*visits) == set()
    assert _asked(*visits, is_paced=False) == {"ledelse", "jobb", "om"}
    # A list that is due takes along what may belong to it.
    week_old = replace(visits[1], fetched_on=DAY - timedelta(days=7))
    assert _asked(visits[0], week_old, visits[2]) == {"jobb", "om"}
    lively = replace(visits[0], n_changed=18.0)
    assert _asked(lively, *visits[1:]) == {"ledelse"}
    # What nothing is known of is always worth a visit.
    assert _asked(*visits[:2]) == {"om"}


def test_a_day_without_a_visit_has_no_row(serve_web: Any, tmp_path: Path) -> None:
    """Nine days in a row: not every page every day, and nothing looks missed."""

    def site(asked: Asked) -> Given:
        body = SITE.get(asked.url)
        return Given(body.encode()) if body else Given(b"", 404)

    write_accounts(tmp_path, {"a1": ("eksempel.example",)})
    days = [date(2026, 3, 2) + timedelta(days=n) for n in range(9)]
    web = serve_web({"eksempel.example": site})
    done = crawled(tmp_path, days, web.proxy, LYTTEPOST_PACE="learned")
    assert done.code == 0, done.err
    visits = read_visits(tmp_path, "company_pages").with_columns(
        pl.col("fetched_at").dt.date().alias("day")
    )
    seen = {
        str(key[0]).removeprefix(HOME): sorted(rows["day"])
        for key, rows in visits.group_by("url")
    }
    assert seen[""] == days
    for path in ("ledelse", "jobb"):
        gaps = [b - a for a, b in zip(seen[path], seen[path][1:], strict=False)]
        assert 1 < len(seen[path]) < 5
        assert max(gaps) <= timedelta(days=7)
    assert set(visits["outcome"]) <= {"ok", "not_modified", "http_error"}
