"""A warehouse that goes on from the day before is the one built anew (SCIENCE 1.5, a).

The market is landed up to a moment without one old day, built, landed whole and built
again: days are new, and one old day arrives late. What grows is made in parts of a few
rows, what is built anew in one piece, so that both ways give the same.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from orchestration.warehouse import connect
from tests.warehouse.home_of_rows import dbt_build, table
from tests.warehouse.made_up_market import market

LATE = timedelta(weeks=7)
# Day by day: what the materialization `days` must not build again, and must not keep.
BY_DAY = (
    "account_features",
    "attention_discoveries",
    "attention_documents",
    "feature_events",
    "feature_measures",
    "hiring_discoveries",
    "hiring_dispersion",
    "hiring_duration_discoveries",
    "hiring_duration_tails",
    "hiring_exposure",
    "hiring_mix_discoveries",
    "hiring_mix_tails",
    "hiring_tails",
    "hist_blocks",
    "hist_coverage_daily",
    "hist_job_ad_events",
    "hist_job_identities",
    "hist_job_listing_spells",
    "hist_job_listings",
    "hist_job_visits",
    "hist_page_differences",
    "hist_page_visits",
    "hist_pages",
    "hist_people_events",
    "hist_people_listings",
    "hist_people_lists",
    "hist_people_sightings",
    "hist_people_titles",
    "hist_template_changes",
    "language_documents",
    "language_term_days",
    "language_terms",
    "language_totals",
    "meas_attention",
    "meas_hiring_tempo",
    "meas_language_shift",
    "meas_site_tempo",
    "silence_discoveries",
    "silence_tails",
    "site_tempo_discoveries",
    "site_tempo_tails",
)
# Of these the market has too little in half a year; the walk of the discoveries goes on
# in test_discoveries.
EMPTY = (
    "attention_discoveries",
    "hiring_discoveries",
    "hiring_duration_discoveries",
    "hiring_duration_tails",
    "hiring_mix_discoveries",
    "hiring_mix_tails",
    "hist_template_changes",
    "language_terms",
    "silence_discoveries",
    "site_tempo_discoveries",
)
MODELS = (
    "--select", "+account_features", "--exclude-resource-type", "unit_test", "test",
)  # fmt: skip
IN_PARTS = ("--vars", "{rows_of_a_part: 100}")
MARK = -1


@dataclass(frozen=True)
class Grown:
    """One market in two warehouses: grown in three builds, and built anew."""

    grown: Path
    anew: Path
    late_day: date


def without(home: Path, day: date) -> int:
    """Take the landed and observed files of a day away; how many there were."""
    files = [
        *home.glob(f"landing/*/day={day}/visits.parquet"),
        *home.glob(f"observed/*/*/day={day}.parquet"),
    ]
    for file in files:
        file.unlink()
    return len(files)


def mark_a_standing_day(home: Path) -> None:
    """Write what no model would into the rows of the first day of one table."""
    with connect(home, read_only=False) as connection:
        connection.execute(
            "update hiring_exposure set n_days = ? "
            "where as_of = (select min(as_of) from hiring_exposure)",
            [MARK],
        )


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Grown:
    home, moments = market(seed=20250106, n_accounts=12)
    root = tmp_path_factory.mktemp("grown")
    late_day = (moments[0] + LATE).date()
    home.write(root / "grown", until=moments[len(moments) * 2 // 3])
    assert without(root / "grown", late_day) > 5
    dbt_build(root / "grown", *MODELS, *IN_PARTS)
    home.write(root / "grown", until=moments[-2])
    dbt_build(root / "grown", *MODELS, *IN_PARTS)
    mark_a_standing_day(root / "grown")
    home.write(root / "grown")
    dbt_build(root / "grown", *MODELS, *IN_PARTS)
    home.write(root / "anew")
    dbt_build(root / "anew", *MODELS)
    return Grown(root / "grown", root / "anew", late_day)


def unlike(grown: Path, anew: Path) -> dict[str, int]:
    """Rows that only one of two warehouses has, by table that has such."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        for name, home in (("grown", grown), ("anew", anew)):
            file = home / "warehouse.duckdb"
            connection.execute(f"attach '{file}' as {name} (read_only)")
        tables = connection.execute(
            # When a file was read is not what it held.
            "select table_name from duckdb_tables() where database_name = 'anew' "
            "and not ends_with(table_name, '__files')"
        ).fetchall()
        found = {}
        for (table_name,) in tables:
            rows = [f'select * from {n}.main."{table_name}"' for n in ("grown", "anew")]
            (found[table_name],) = connection.execute(
                f"select count(*) from ((({rows[0]}) except all ({rows[1]})) "
                f"union all (({rows[1]}) except all ({rows[0]})))"
            ).fetchone()
    assert len(found) > 100
    return {name: n for name, n in found.items() if n > 0}


def test_grown_is_built_anew_row_for_row(grown: Grown) -> None:
    # The marked rows are there once as marked and once as they are.
    exposure = table(grown.grown, "hiring_exposure")
    n_marked = exposure.filter(pl.col("n_days") == MARK).height
    assert unlike(grown.grown, grown.anew) == {"hiring_exposure": 2 * n_marked}


@pytest.mark.parametrize("name", BY_DAY)
def test_the_market_has_something_to_go_on_with(grown: Grown, name: str) -> None:
    assert (table(grown.anew, name).height == 0) == (name in EMPTY)


def test_days_that_stand_are_not_built_again(grown: Grown) -> None:
    exposure = table(grown.grown, "hiring_exposure")
    marked = exposure.filter(pl.col("n_days") == MARK)["as_of"].unique().to_list()
    assert marked == [exposure["as_of"].min()]


def test_a_late_day_is_a_landmark(grown: Grown) -> None:
    assert grown.late_day in table(grown.grown, "account_features")["as_of"]
