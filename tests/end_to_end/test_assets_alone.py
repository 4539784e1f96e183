"""Any asset can be made again alone, and what was made again is what was there.

One asset of each function that makes assets, for factories make the others alike and
every one costs a run; that all of them can be selected alone is held by test_graph.
"""

import logging
import shutil
from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from orchestration import settings
from orchestration.defs.partitions import tag_of
from scrapers.landing import landed_days
from tests.end_to_end.conftest import assert_same_bytes

pytestmark = pytest.mark.slow(60)

ALONE = (
    "accounts/places",
    "raw/company_pages",
    "parsed/company_pages",
    "landing/visits",
    "observed/people",
    "outcomes/crm",
    "account_features",  # dbt, a table of days
    "score_model",
    "score_days",
    "score_reasons",
    "talk_to_now",
    "account_scores",
    "account_score_history",
    "crm_tasks",
    "bi/published",
    "crm/outbox",
    "crm/csv_file",
)


@pytest.fixture(scope="module")
def home(observed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("alone") / "home"
    ignored = shutil.ignore_patterns("history", "storage", "schedules", ".lock")
    shutil.copytree(observed[0], folder, symlinks=True, ignore=ignored)
    return folder


def test_each_asset_is_made_again_alone(home, observed):
    from orchestration.definitions import JOB, defs
    from orchestration.defs.warehouse.assets import known_lineage
    from orchestration.defs.warehouse.project import dbt_project

    with pytest.MonkeyPatch.context() as patch:
        for name in ("LYTTEPOST_HOME", "DAGSTER_HOME", "LYTTEPOST_REPLAY"):
            patch.setenv(name, "")
        settings.use_home(home)
        settings.set_replay(None)
        logging.getLogger("dagster").setLevel(logging.CRITICAL)
        day: date = landed_days(home, "company_pages")[-1]
        job = defs().resolve_job_def(JOB)
        told = {}
        with dg.DagsterInstance.get() as instance:
            for name in ALONE:
                key = dg.AssetKey(name.split("/"))
                result = job.execute_in_process(
                    instance=instance,
                    asset_selection=[key],
                    tags=tag_of([day]),
                    raise_on_error=False,
                )
                events = result.get_asset_materialization_events()
                assert result.success, name
                assert [event.asset_key for event in events] == [key], name
                told[name] = events[0].materialization.metadata
    assert_same_bytes(home, observed[0])
    # From the score back to the record (docs/operations.md): nothing is a dead end.
    (first, *_) = told["account_scores"]["back_to_the_record"].records
    folder = home / "landing" / first.data["source"]
    assert (folder / first.data["warc_file"]).stat().st_size > int(
        first.data["warc_offset"]
    )
    features = told["account_features"]["dagster/column_lineage"].value.deps_by_column
    assert {d.asset_key for d in features["signal_ids"]}
    assert told["account_features"]["dagster/row_count"].value > 0
    # Worked out once for a state of the models, though one of them is no table.
    assert known_lineage(dbt_project())
