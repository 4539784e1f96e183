"""No feature can read an outcome: dbt refuses to parse a model that refers to one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.warehouse.home_of_rows import DBT


@pytest.mark.parametrize("label", ["outcomes", "stg_lyttepost__crm_outcomes"])
def test_a_feature_that_refers_to_a_label_is_refused(tmp_path: Path, label: str):
    project = tmp_path / "dbt_project"
    shutil.copytree(DBT, project, ignore=shutil.ignore_patterns("target", "logs"))
    features = project / "models" / "features"
    (features / "spy.sql").write_text(f"select * from {{{{ ref('{label}') }}}}\n")
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("dbt")),
            "parse",
            "--project-dir",
            str(project),
            "--profiles-dir",
            str(project),
            "--target-path",
            str(tmp_path / "target"),
            "--log-path",
            str(tmp_path / "logs"),
        ],
        env=os.environ | {"LYTTEPOST_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "spy" in done.stdout
    assert "labels" in done.stdout
