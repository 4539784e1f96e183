"""Every signal type fires on its worked examples and is silent on its look-alikes.

One warehouse holds all examples. While working on a type, build only its own:
LYTTEPOST_EXAMPLES=interim_leader,ceo_change pytest tests/signals/test_examples.py
"""

import os

import polars as pl
import pytest

from tests.signals.worked_examples import Example, examples, home_of
from tests.warehouse.home_of_rows import dbt_build, table

pytestmark = pytest.mark.slow(63)

_TYPES = [t for t in os.environ.get("LYTTEPOST_EXAMPLES", "").split(",") if t]
EXAMPLES = examples(_TYPES)
_OUGHT = {
    True: "must tell this and does not (is it written? docs/add-a-signal.md)",
    False: "must stay silent here",
}


@pytest.fixture(scope="module")
def signals(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    home = home_of(EXAMPLES).write(tmp_path_factory.mktemp("examples"))
    dbt_build(home, "--select", "+signals", "--exclude-resource-type", "unit_test")
    return table(home, "signals")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e.account_id}: {e.name}")
def test_example(example: Example, signals: pl.DataFrame) -> None:
    told = signals.filter(
        account_id=example.account_id, signal_type=example.signal_type
    ).filter(pl.col("superseded_at").is_null())
    subjects = told["subject"].to_list()
    if example.subject is not None:
        subjects = [s for s in subjects if example.subject in s]
    assert bool(subjects) == example.fires, (
        f"{example.name}: told of this company: "
        f"{signals.filter(account_id=example.account_id)['signal_type'].to_list()}; "
        f"the rule of {example.signal_type} {_OUGHT[example.fires]}"
    )
