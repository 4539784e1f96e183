"""Readers and a publisher never disturb each other, a hundred versions long."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from orchestration.publish import published
from orchestration.publish.keep import Keep
from orchestration.publish.published import PUBLISHED, publish
from tests.publish import publisher, reader
from tests.scoring import made_up

pytestmark = pytest.mark.slow(15)

ROOT = Path(__file__).resolve().parents[2]


def test_a_reader_sees_no_error_through_a_hundred_publishes(tmp_path, monkeypatch):
    tables = made_up.published_tables()
    # Three tables, so that a hundred versions take seconds.
    few = ("account_scores", "account_timeline", "coverage")
    monkeypatch.setattr(published, "PUBLISHED", {n: PUBLISHED[n] for n in few})
    # A reader has ten seconds to finish on a version that another took the place of.
    keep = Keep(2, timedelta(seconds=10))
    publish(tables, tmp_path, keep=keep)
    child = subprocess.Popen(
        [sys.executable, reader.__file__, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert child.stdout is not None
    assert child.stdout.readline().strip() == "ready", child.communicate()[1]
    names = {
        publish(publisher.moved(tables, minutes), tmp_path, keep=keep).name
        for minutes in range(1, 101)
    }
    told, errors = child.communicate(timeout=60)
    assert child.returncode == 0, errors
    assert len(names) == 100
    said = json.loads(told)
    # It read on all the while, and saw versions come and go.
    assert said["readings"] >= 10
    assert said["versions"] >= 5
    assert said["answers"] >= 5
