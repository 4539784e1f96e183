"""How the warehouse judges titles. What the titles ought to be belongs in the tests."""

from collections.abc import Iterable
from pathlib import Path

from tests.warehouse.conftest import NO_UNIT_TESTS
from tests.warehouse.home_of_rows import Home, dbt_build, end_of, table
from tests.warehouse.test_recorded_people import FIRST


def function_and_seniority(
    folder: Path, titles: Iterable[str]
) -> dict[str, tuple[str, int]]:
    """Function and seniority of each title, from a home of rows made in ``folder``."""
    home = Home()
    home.account("made-up")
    people = [(f"Person {n}", title) for n, title in enumerate(titles)]
    home.people("made-up", end_of(FIRST), people)
    made = home.write(folder)
    dbt_build(
        made,
        "--select",
        "+hist_title_classes",
        "--indirect-selection",
        "cautious",
        *NO_UNIT_TESTS,
    )
    return {
        row["title"]: (row["function"], row["seniority"])
        for row in table(made, "hist_title_classes").iter_rows(named=True)
    }
