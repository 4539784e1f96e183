"""What starts the scheduler and the web server does so without privileges."""

import configparser
import os
import subprocess

import pytest

from orchestration.settings import PROJECT_DIR

DEPLOY = PROJECT_DIR / "orchestration" / "deploy"


def test_the_unit_runs_as_a_user_who_may_write_one_folder():
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(DEPLOY / "lyttepost.service")
    service = unit["Service"]
    assert service["User"] not in ("", "root")
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""
    assert service["ExecStart"] == "/opt/lyttepost/orchestration/deploy/start"


def test_the_container_leaves_root_before_it_starts():
    lines = (DEPLOY / "Containerfile").read_text().splitlines()
    user = next(i for i, line in enumerate(lines) if line.startswith("USER "))
    assert lines[user] == "USER 10001"
    assert user < next(i for i, line in enumerate(lines) if line.startswith("CMD "))
    copied = [line.split()[1] for line in lines if line.startswith("COPY ")]
    assert all((PROJECT_DIR / name).exists() for name in copied)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be refused")
def test_root_is_refused():
    done = subprocess.run(
        ["sh", DEPLOY / "start"], capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 1
    assert "unprivileged" in done.stderr
