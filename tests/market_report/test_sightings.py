"""Which days count as answered, and what the truth's rows become; all made up."""

from datetime import date, datetime

import polars as pl

from orchestration.market_report.entities import Showing, Thing
from orchestration.market_report.sightings import accounts_by_number, answered, shown

MONDAY, TUESDAY = date(2025, 1, 6), date(2025, 1, 7)
SITE = Thing("company_pages", "job_ads", "A", "selger")
FEED = Thing("nav_jobs", "job_ads", "A", "n1")


def visits(*rows):
    """Rows of (source, account, scope, day, outcome, status)."""
    return pl.DataFrame(
        [
            {
                "source": source,
                "account_id": account,
                "scope": scope,
                "fetched_at": datetime.combine(day, datetime.min.time()),
                "day": day,
                "outcome": outcome,
                "http_status": status,
            }
            for source, account, scope, day, outcome, status in rows
        ],
        schema_overrides={"account_id": pl.String, "http_status": pl.Int64},
    )


def test_a_list_of_which_a_page_failed_was_not_answered():
    seen = visits(
        ("company_pages", "A", "careers", MONDAY, "ok", 200),
        ("company_pages", "A", "careers", MONDAY, "timeout", None),
        ("company_pages", "A", "careers", TUESDAY, "not_modified", 304),
        # No such page, another list, and another account.
        ("company_pages", "A", "careers", TUESDAY, "http_error", 404),
        ("company_pages", "A", "leadership", TUESDAY, "http_error", 500),
        ("company_pages", "B", "careers", TUESDAY, "http_error", 500),
    )
    assert answered(seen, [SITE]) == {Showing(*SITE[:3]): [TUESDAY]}


def test_what_is_asked_for_everybody_is_answered_for_each():
    seen = visits(
        ("nav_jobs", None, "robots", MONDAY, "http_error", 500),
        ("nav_jobs", None, "feed_page", MONDAY, "ok", 200),
        ("nav_jobs", None, "feed_page", TUESDAY, "http_error", 500),
    )
    assert answered(seen, [FEED]) == {Showing(*FEED[:3]): [MONDAY]}


def test_what_was_never_asked_for_is_not_named():
    seen = visits(("nav_jobs", None, "feed_page", MONDAY, "ok", 200))
    assert answered(seen, [SITE]) == {}


def test_rows_of_the_truth_are_read():
    (one,) = shown(
        [
            {
                "source": "nav_jobs",
                "kind": "job_ads",
                "account_id": "A",
                "key": "n1",
                "from": None,
                "to": "2025-01-07",
                "hidden_on": ["2025-01-06"],
                "fields": {"title": "Selger"},
                "job": "1",
            }
        ]
    )
    assert (one.thing, one.job, one.stays) == (FEED, "1", False)
    assert one.holds(MONDAY)
    assert not one.holds(TUESDAY)
    assert one.hidden_on == {MONDAY}


def test_a_company_is_known_by_its_own_number_and_its_first_units():
    row = {"org_number": "1", "unit_number": "2", "account_id": "A"}
    assert accounts_by_number([row]) == {"1": "A", "2": "A"}
