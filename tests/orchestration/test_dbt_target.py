"""A project that may not be written to, as in a container, is read in the home."""

import os
from pathlib import Path

import pytest

from orchestration import settings


def test_what_dbt_reads_is_kept_where_it_may_be_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LYTTEPOST_HOME", str(tmp_path))
    assert settings.dbt_target() == settings.DBT_DIR / "target"
    # Who runs the tests as root may write anywhere.
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert settings.dbt_target() == tmp_path / "dbt" / "read"
