"""Technologies and layouts of sites over time, on rows written by hand."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from tests.warehouse.conftest import HISTORY, NO_UNIT_TESTS
from tests.warehouse.home_of_rows import Home, dbt_build, end_of, table, weeks

DAYS = weeks(date(2025, 1, 6), 12)
HUBSPOT, MATOMO = ("HubSpot", "script"), ("Matomo", "cookie")


def mark(name: str, evidence: str, **more: object) -> dict:
    """One technology as a parser would yield it."""
    return {
        "name": name,
        "category": "crm",
        "evidence": evidence,
        "is_used": True,
        "is_phased_out": False,
        "quote": name.lower(),
    } | more


def entries(*words: str) -> list[dict]:
    """A menu of words in order."""
    return [
        {"part": "menu", "label": w.title(), "target": f"/{w}", "depth": 0}
        | {"order_no": n}
        for n, w in enumerate(words)
    ]


def home_page(
    home: Home, account: str, day: date, marks: list[tuple[str, str]], menu: tuple
) -> None:
    """Land a home page that shows these marks and this menu."""
    records = {
        "technologies": [mark(*one) for one in marks],
        "site_structure": entries(*menu),
    }
    url = f"https://{account}.example/"
    home.visit(account, url, end_of(day), records, scope="home")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five accounts of twelve weekly visits each."""
    home = Home()
    for account in ("changes", "fails", "paced", "texts", "menus"):
        home.account(account, org_number=None)
    for n, day in enumerate(DAYS):
        # HubSpot comes in week 4; Matomo goes in week 8; one visit shows a third.
        marks = (
            [HUBSPOT] * (n >= 4) + [MATOMO] * (n < 8) + [("Once", "script")] * (n == 5)
        )
        home_page(home, "changes", day, marks, ("om", "jobb"))
        if n < 8:
            home_page(home, "fails", day, [MATOMO], ("om",))
        else:
            home.failed("fails", end_of(day), "/", scope="home")
        # The home page is not due from week 4 on; another page is, and shows nothing.
        if n < 4:
            home_page(home, "paced", day, [MATOMO], ("om",))
        home.visit("paced", "https://paced.example/jobb/", end_of(day), scope="careers")
        said = {4: (False, False), 6: (True, False), 9: (True, True)}.get(n)
        ad = [
            mark("SAP", "job_text", ad_id="a", is_used=said[0], is_phased_out=said[1])
        ] if said else []  # fmt: skip
        home.visit(
            "texts", "https://texts.example/jobb/", end_of(day), {"technologies": ad},
            scope="careers",
        )  # fmt: skip
        menu = ("om", "jobb") if n < 6 else ("jobb", "om", "priser")
        home_page(home, "menus", day, [], ("x",) if n in (2, 9) else menu)
    folder = home.write(tmp_path_factory.mktemp("technologies"))
    dbt_build(folder, *HISTORY, *NO_UNIT_TESTS)
    return folder


def of(folder: Path, account: str, name: str = "technology_history") -> list[dict]:
    """Rows of an account in order."""
    rows = table(folder, name).rows(named=True)
    return [row for row in rows if row["account_id"] == account]


def test_a_technology_comes_and_goes_with_two_observations_each(built: Path) -> None:
    rows = {row["technology"]: row for row in of(built, "changes")}
    assert set(rows) == {"HubSpot", "Matomo"}  # what is seen once proves nothing
    hubspot, matomo = rows["HubSpot"], rows["Matomo"]
    assert (hubspot["appeared_lo"], hubspot["appeared_hi"]) == moments(3, 4)
    assert hubspot["known_at"] == end_of(DAYS[5])
    assert hubspot["gone_hi"] is None
    assert not hubspot["is_left_censored"]
    assert matomo["is_left_censored"]
    assert (matomo["gone_lo"], matomo["gone_hi"]) == moments(7, 8)
    assert matomo["gone_known_at"] == end_of(DAYS[9])


@pytest.mark.parametrize("account", ["fails", "paced"])
def test_pages_that_fail_or_are_not_due_take_nothing_away(
    built: Path, account: str
) -> None:
    (row,) = of(built, account)
    assert row["gone_lo"] is None
    assert row["gone_known_at"] is None


def test_a_text_that_mentions_is_told_from_one_that_uses_and_one_that_leaves(
    built: Path,
) -> None:
    rows = sorted(of(built, "texts"), key=lambda row: row["appeared_hi"])
    told = [(r["is_used"], r["is_phased_out"], r["appeared_hi"]) for r in rows]
    assert told == [
        (False, False, end_of(DAYS[4])),
        (True, False, end_of(DAYS[6])),
        (True, True, end_of(DAYS[9])),
    ]
    assert all(r["quote"] is None and r["gone_hi"] is None for r in rows)


def test_a_menu_has_a_version_for_each_lasting_layout(built: Path) -> None:
    rows = sorted(of(built, "menus", "hist_site_structure"), key=lambda r: r["version"])
    layouts = [[entry["target"] for entry in row["layout"]] for row in rows]
    assert layouts == [["/om", "/jobb"], ["/jobb", "/om", "/priser"]]
    first, second = rows
    assert first["before_visit_id"] is None
    assert second["before_visit_id"]
    assert second["after_visit_id"]
    assert first["valid_to"] == second["valid_from"] == end_of(DAYS[6])
    assert second["known_at"] == first["valid_to_known_at"] == end_of(DAYS[7])


def moments(one: int, two: int) -> tuple[datetime, datetime]:
    """The moments of two of the visits."""
    assert DAYS[two] - DAYS[one] == timedelta(days=7 * (two - one))
    return end_of(DAYS[one]), end_of(DAYS[two])
