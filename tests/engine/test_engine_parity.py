"""Tables beside each other: exact, but for the last digits of numbers."""

from pathlib import Path

import duckdb
import pytest

from benchmarks.projection import Load, measured, needs
from orchestration.engine.parity import compared, known_differences

OURS = "select 'a' as k, 1.5::double as x, [1, null] as l union all select 'a', 2.5, []"


def _compared(theirs: str, ours: str = OURS) -> tuple[str, str]:
    connection = duckdb.connect()
    connection.execute(f"create table ours as {ours}")
    connection.execute(f"create table theirs as {theirs}")
    found = compared(connection, "m", "ours", "theirs")
    return found.state, found.said


def test_rows_have_no_order_and_numbers_may_end_otherwise() -> None:
    same = (
        "select 'a' as k, 2.5000000000001::double as x, []::int[] as l "
        "union all select 'a', 1.5, [1, null]"
    )
    assert _compared(same) == ("equal", "")


@pytest.mark.parametrize(
    ("theirs", "said"),
    [
        (OURS.replace("1.5::double", "1.50001::double"), "x: 1 rows"),
        (OURS.replace("1.5::double", "null::double"), "x: 1 rows"),
        (OURS.replace("1.5::double", "'nan'::double"), "x: 1 rows"),
        (OURS.replace("[1, null]", "[null, 1]"), "l (1)"),
        (OURS.replace("select 'a', 2.5", "select 'b', 2.5"), "k (1)"),
        (OURS + " union all select 'a', 2.5, []", "2 rows here, 3 there"),
        (OURS.replace(" as l", " as other"), "lacks ['l']"),
    ],
)
def test_whatever_else_differs_is_told(theirs: str, said: str) -> None:
    state, told = _compared(theirs)
    assert state == "differs"
    assert said in told


def test_a_known_difference_has_a_reason(tmp_path: Path) -> None:
    assert all(known_differences().values())
    file = tmp_path / "known.yml"
    file.write_text("signals:\n", encoding="utf-8")
    with pytest.raises(ValueError, match="signals has no reason"):
        known_differences(file)


def test_the_projection_multiplies_what_was_measured() -> None:
    load = Load(1_000, 10, 0.1, 2, 1.0, 0.5, 100, 10)
    found = {n.step: n.amount for n in needs(load, measured())}
    assert found["visits a day"] == 10_000
    assert found["crawl: shards"] == 10
    assert found["crawl: processor time"] == pytest.approx(10_000 * 0.00437 / 3600)
    assert found["parse: processor time"] == pytest.approx(1_000 * 0.0035 / 3600)
    of_day = 1_000 * 0.00196 + 9_000 * 0.00035
    assert found["models: a day's visits"] == pytest.approx(of_day / 3600)
    assert found["models: what stands"] == pytest.approx(100_000 * 0.0000143 / 3600)
    of_landing = 1_000 * 45_000 + 9_000 * 87
    assert found["landing: bytes a day"] == pytest.approx(of_landing / 1e9)
    assert found["models: made whole"] == pytest.approx((15 + 100_000 * 0.00153) / 3600)
