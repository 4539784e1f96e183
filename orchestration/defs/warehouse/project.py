"""The dbt project and its manifest, made when it is missing or older than a model."""

import hashlib
import subprocess
from pathlib import Path

from dagster_dbt import DbtProject

from orchestration import settings

_SOURCES = ("models", "macros", "materializations", "seeds", "tests")


def _read_by_dbt(project_dir: Path) -> list[Path]:
    files = [project_dir / "dbt_project.yml", project_dir / "profiles.yml"]
    for folder in _SOURCES:
        files += [f for f in (project_dir / folder).rglob("*") if f.is_file()]
    return sorted(files)


def _newest_change(project_dir: Path) -> float:
    return max(f.stat().st_mtime for f in _read_by_dbt(project_dir))


def models_digest() -> str:
    """A digest of all that dbt reads of the project.

    What incremental models hold was computed by other models when it differs.
    """
    digest = hashlib.sha256()
    for file in _read_by_dbt(settings.DBT_DIR):
        digest.update(str(file.relative_to(settings.DBT_DIR)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def dbt_project() -> DbtProject:
    """The dbt project, with a manifest that is as new as its models.

    Raises:
        RuntimeError: when `dbt parse` fails, with what it said.
    """
    settings.put_tools_on_path()
    project_dir = settings.DBT_DIR
    manifest = project_dir / "target" / "manifest.json"
    if not manifest.exists() or manifest.stat().st_mtime < _newest_change(project_dir):
        result = subprocess.run(
            [
                "lyttepost-dbt",
                "--no-use-colors",
                "parse",
                "--project-dir",
                str(project_dir),
                "--profiles-dir",
                str(project_dir),
            ],
            capture_output=True,
            text=True,
            env=settings.child_environment(),
        )
        if result.returncode != 0:
            raise RuntimeError(f"dbt cannot read the project:\n{result.stdout}")
        manifest.touch()
    return DbtProject(project_dir=project_dir, profiles_dir=project_dir)
