"""The dbt project and its manifest, made when it is missing or older than a model."""

import fcntl
import hashlib
import subprocess
from collections.abc import Sequence
from pathlib import Path

from dagster_dbt import DbtCliResource, DbtProject

from orchestration import settings

_SOURCES = ("models", "macros", "materializations", "seeds", "tests")


class DbtByCommand(DbtCliResource):
    """dbt as a command alone, without a second dbt in Dagster's own process.

    dagster-dbt keeps an adapter for what it can fetch of a table once dbt has ended;
    here the warehouse asset does that. Making one parses every macro of the project:
    2.0 s of processor time before each run (2026-11-28).
    """

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> None:  # type: ignore[override]
        """No adapter: dagster-dbt's own way with a dbt that has none."""


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
    project_dir, target = settings.DBT_DIR, settings.dbt_target()
    manifest = target / "manifest.json"
    target.mkdir(parents=True, exist_ok=True)
    # A scheduler and a web server that start together both come here, and neither may
    # take what the other has half written for a manifest.
    with (target / ".reading").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_new(manifest):
            _parse(project_dir, target)
            manifest.touch()
    return DbtProject(
        project_dir=project_dir, profiles_dir=project_dir, target_path=target
    )


def _is_new(manifest: Path) -> bool:
    """True for a manifest that was made after every model."""
    newest = _newest_change(settings.DBT_DIR)
    return manifest.exists() and manifest.stat().st_mtime >= newest


def _parse(project_dir: Path, target: Path) -> None:
    result = subprocess.run(
        [
            "lyttepost-dbt",
            "--no-use-colors",
            "parse",
            "--project-dir",
            str(project_dir),
            "--profiles-dir",
            str(project_dir),
            "--target-path",
            str(target),
            "--log-path",
            str(target),
        ],
        capture_output=True,
        text=True,
        env=settings.child_environment(),
    )
    if result.returncode != 0:
        said = f"{result.stdout}{result.stderr}".strip()
        raise RuntimeError(f"dbt cannot read the project:\n{said}")
