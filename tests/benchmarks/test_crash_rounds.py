"""The harness of faults: what it damages, what it compares, and what it prints.

Its rounds are run by its command; kills within the suite are those of test_parsed.py,
test_landing.py, test_published.py, test_crawl.py and end_to_end/test_chain.py.
"""

import random
import re
from inspect import getsource, signature
from pathlib import Path

import pytest

from benchmarks.crash_rounds import COMPANIES, damage, faults, table
from benchmarks.crash_steps import STEPS, differences, published


def test_a_damaged_file_is_another_file_with_the_same_beginning(tmp_path: Path) -> None:
    for seed in range(20):
        file = tmp_path / "a.parquet"
        content = bytes(range(256)) * 8
        file.write_bytes(content)
        damage(file, random.Random(seed))
        assert file.read_bytes() != content
        assert len(file.read_bytes()) <= len(content)


def test_states_differ_by_name() -> None:
    wanted = {"parsed/a": "1", "published/b": "2", "crm/c": "3"}
    assert differences(wanted, wanted) == []
    assert differences({"parsed/a": "1", "crm/c": "4"}, wanted) == [
        "crm/c",
        "published/b",
    ]


def test_a_version_that_is_not_whole_is_seen(tmp_path: Path) -> None:
    assert published(tmp_path) == {}
    version = tmp_path / "published" / "2025-01-01-0"
    version.mkdir(parents=True)
    (tmp_path / "published" / "current").symlink_to(version.name)
    with pytest.raises(ValueError, match="no whole version"):
        published(tmp_path)
    (version / "manifest.json").write_text('{"tables": {"a": {"sha256": "0"}}}')
    (version / "a.parquet").write_bytes(b"x")
    with pytest.raises(ValueError, match=r"a\.parquet is not what was published"):
        published(tmp_path)


def test_every_step_is_killed_and_every_fault_has_a_row() -> None:
    from benchmarks.crash_rounds import Week

    known = faults(Week(Path("unused"), "http://127.0.0.1:1"))
    assert {f"SIGKILL in {step.name}" for step in STEPS} <= set(known)
    assert COMPANIES == 5
    text = table({"one": ["", ""], "two": ["", "--seed 1 round 3: odd"]})
    assert "| one | 2 | 2 |" in text
    assert "| all | 4 | 3 |" in text
    assert "- two: --seed 1 round 3: odd" in text


def test_what_an_asset_asks_of_dagster_is_there_without_it(tmp_path: Path) -> None:
    """The harness calls assets' functions; one that asks for more would stop it."""
    from orchestration.defs.bi.assets import published as publishing
    from orchestration.defs.crm.assets import destination_asset, outbox
    from orchestration.defs.scores import assets

    called = (
        *(assets.score_model, assets.scores, assets.score_report),
        *(publishing, outbox, destination_asset("csv_file")),
    )
    for asset in called:
        function = asset.op.compute_fn.decorated_fn
        assert set(signature(function).parameters) <= {"context"}, asset.keys
        names = set(re.findall(r"\bcontext\.(\w+)", getsource(function)))
        assert names <= {"selected_asset_keys", "selected_asset_check_keys"}
