"""Files of tests that take longest begin first.

Each file is one process of two: one that takes minutes and begins last keeps one core
busy while the other has nothing left to do.
"""

from collections import defaultdict
from pathlib import Path

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order by the seconds of `slow`, the order within a file kept."""
    seconds: dict[Path, float] = defaultdict(float)
    for item in items:
        for mark in item.iter_markers("slow"):
            seconds[item.path] = max(seconds[item.path], float(mark.args[0]))
    items.sort(key=lambda item: -seconds[item.path])
