"""Built once: the made-up market, whole, cut at a moment, and shuffled."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from tests.warehouse.home_of_rows import dbt_build
from tests.warehouse.made_up_market import market

HISTORY = (
    "--select", "path:models/staging", "path:models/history", "path:models/bi",
    "path:models/outcomes", "offers", "offer_cpv",
    "title_rules", "job_systems", "--exclude", "account_timeline",
    "--indirect-selection", "cautious",
)  # fmt: skip
NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")


@dataclass(frozen=True)
class Built:
    """Three warehouses over one market."""

    whole: Path
    cut: Path
    shuffled: Path
    cut_at: datetime


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The market's warehouse; the same cut at two thirds; the same from other files."""
    home, moments = market(seed=20250106)
    cut_at = moments[len(moments) * 2 // 3]
    root = tmp_path_factory.mktemp("warehouse")
    out = Built(root / "whole", root / "cut", root / "shuffled", cut_at)
    home.write(out.whole)
    home.write(out.cut, until=cut_at)
    home.write(out.shuffled, file_of="shuffled")
    # Signals and features too, which are held against the cut as histories are; the
    # unit tests of the models run once, with the first build.
    dbt_build(out.whole, "--indirect-selection", "eager")
    dbt_build(out.cut, *NO_UNIT_TESTS)
    dbt_build(out.shuffled, *HISTORY, *NO_UNIT_TESTS)
    return out
