"""Where what dbt reads of the project is kept, and who may read it when."""

import json
import os
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from dagster_dbt import DbtCliInvocation

from orchestration import settings
from orchestration.defs.warehouse import project


def test_what_dbt_reads_is_kept_where_it_may_be_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LYTTEPOST_HOME", str(tmp_path))
    assert settings.dbt_target() == settings.DBT_DIR / "target"
    # Who runs the tests as root may write anywhere.
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert settings.dbt_target() == tmp_path / "dbt" / "read"


def test_nobody_reads_what_another_has_half_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As a scheduler and a web server that start together on a new version do."""
    models = tmp_path / "dbt_project"
    models.mkdir()
    for name in ("dbt_project.yml", "profiles.yml"):
        (models / name).write_text("name: lyttepost\n")
    monkeypatch.setattr(settings, "DBT_DIR", models)
    is_half_written, n_read = threading.Event(), []

    def parse(project_dir: Path, target: Path) -> None:
        n_read.append(target)
        (target / "manifest.json").write_text('{"nodes"')
        is_half_written.set()
        # As long as the other is given to come by; it must not get any further.
        threading.Event().wait(0.2)
        (target / "manifest.json").write_text("{}")

    def read() -> object:
        return json.loads(project.dbt_project().manifest_path.read_text())

    monkeypatch.setattr(project, "_parse", parse)
    with ThreadPoolExecutor() as both:
        first = both.submit(read)
        is_half_written.wait()
        assert (both.submit(read).result(), first.result()) == ({}, {})
    assert len(n_read) == 1


def test_dbt_is_a_command_and_no_second_one_is_begun_beside_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: dict[str, object] = {}
    monkeypatch.setattr(DbtCliInvocation, "run", lambda **more: told.update(more))
    dbt = project.DbtByCommand(
        project_dir=project.dbt_project(), dbt_executable="lyttepost-dbt"
    )
    dbt.cli(["build"])
    assert told["adapter"] is None
    assert told["args"] == ["lyttepost-dbt", "build"]


def test_the_models_are_built_in_the_memory_that_is_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment = settings.child_environment() | {"LYTTEPOST_HOME": str(tmp_path)}
    where = ["--project-dir", settings.DBT_DIR, "--profiles-dir", settings.DBT_DIR]
    question = ["--inline", "select current_setting('memory_limit') as memory"]
    asked = ["lyttepost-dbt", "--quiet", "show", *question, "--output", "json", *where]
    settings.put_tools_on_path()
    said = subprocess.run(
        [*asked, "--target-path", tmp_path / "target"],
        env=environment | {"LYTTEPOST_WAREHOUSE_GB": "1.5", "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
    )
    assert "1.3 GiB" in said.stdout, said.stdout + said.stderr


@pytest.mark.parametrize("told", ["much", "0.9", "-1", "nan", "inf"])
def test_memory_that_is_none_is_refused(
    monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    monkeypatch.setenv("LYTTEPOST_WAREHOUSE_GB", told)
    with pytest.raises(settings.SettingError, match="LYTTEPOST_WAREHOUSE_GB"):
        settings.warehouse_gb()


def test_a_small_machine_keeps_some_of_its_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("LYTTEPOST_WAREHOUSE_GB", raising=False)
    sizes = {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 4_000_000_000 // 4096}
    monkeypatch.setattr(os, "sysconf", sizes.get)
    assert settings.warehouse_gb() == 2.0
    sizes["SC_PHYS_PAGES"] *= 16
    assert settings.warehouse_gb() == 4.0
