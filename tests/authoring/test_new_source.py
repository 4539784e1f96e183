"""A new source begins with a test that fails because its parser is not written."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
import yaml

from orchestration.authoring.new_source import families, new_source
from orchestration.authoring.scaffold import NotBegun
from scrapers.envelope import Envelope
from scrapers.extract.refusal import ParseRefused
from scrapers.records import RECORD_TYPES

ROOT = Path(__file__).parents[2]


def golden(project: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("tests/test_golden.py", "-k", "green_jobs"),
        ],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_test_fails_for_the_right_reason_and_passes_when_written(
    tmp_path: Path,
) -> None:
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "scrapers", tmp_path / "scrapers", ignore=ignored)
    (tmp_path / "tests").mkdir()
    shutil.copy(ROOT / "tests" / "test_golden.py", tmp_path / "tests")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    new_source(tmp_path, "green_jobs", "job_ads", "json_api")
    before = golden(tmp_path)
    assert before.returncode == 1, before.stdout + before.stderr
    # There is a case, and it is read; what is missing are the records.
    assert "1 failed, 1 passed" in before.stdout
    assert "assert [] == [{" in before.stdout
    assert "made-up ad_id" in before.stdout
    parser = tmp_path / "scrapers" / "sources" / "green_jobs" / "parse.py"
    written = parser.read_text("utf-8").replace("return []", 'return document["items"]')
    parser.write_text(written, "utf-8")
    after = golden(tmp_path)
    assert after.returncode == 0, after.stdout
    for check in (("check", "--select", "E,F,I,UP"), ("format", "--check")):
        done = subprocess.run(
            [
                *(str(Path(sys.executable).with_name("ruff")), *check),
                *("--config", str(ROOT / "pyproject.toml"), str(parser.parent)),
            ],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("family", ["json_api", "page"])
@pytest.mark.parametrize("kind", RECORD_TYPES)
def test_every_kind_can_be_begun(tmp_path: Path, kind: str, family: str) -> None:
    new_source(tmp_path, "green_things", kind, family)
    code = tmp_path / "scrapers" / "sources" / "green_things"
    case = tmp_path / "tests" / "sources" / "green_things" / "first_page"
    assert yaml.safe_load((code / "source.yml").read_text("utf-8"))["kinds"] == [kind]
    compile((code / "spider.py").read_text("utf-8"), "spider.py", "exec")
    told = Envelope(**json.loads((case / "envelope.json").read_text("utf-8")))
    (body,) = case.glob("body.*")
    source = (code / "parse.py").read_text("utf-8")
    unwritten: dict = {}
    exec(compile(source, "parse.py", "exec"), unwritten)
    assert list(unwritten["parse"](body.read_bytes(), told)) == []
    other = Envelope(told.source, told.url, "other", told.content_type, 200)
    with pytest.raises(ParseRefused, match="other"):
        list(unwritten["parse"](body.read_bytes(), other))
    where = {"json_api": 'document["items"]', "page": 'list(root.iter("article"))'}
    written: dict = {}
    exec(
        compile(
            source.replace("return []", f"return {where[family]}").replace(
                "(document: Any, url: str)", "(document, url)"
            ),
            "parse.py",
            "exec",
        ),
        written,
    )
    rows = [
        {"kind": record.KIND, **asdict(record)}
        for record in written["parse"](body.read_bytes(), told)
    ]
    plain = json.loads(json.dumps(rows, default=lambda value: value.isoformat()))
    expected = (case / "expected.jsonl").read_text("utf-8").splitlines()
    assert plain == [json.loads(line) for line in expected]


def test_every_family_can_be_begun(tmp_path: Path) -> None:
    assert {"json_api", "page"} <= set(families())
    for number, family in enumerate(families()):
        name = f"green_jobs_{'abcdefghij'[number]}"
        new_source(tmp_path, name, "job_ads", family)
        spider = tmp_path / "scrapers" / "sources" / name / "spider.py"
        made: dict = {}
        exec(compile(spider.read_text("utf-8"), "spider.py", "exec"), made)
        (cls,) = (v for v in made.values() if getattr(v, "name", None) == name)
        assert cls.__name__.startswith("GreenJobs")


@pytest.mark.parametrize(
    ("name", "kind", "family", "why"),
    [
        ("Green", "job_ads", "json_api", "'Green' is not a name"),
        ("green", "job_ads", "json_api", "'green' is not a name"),
        ("green-jobs", "job_ads", "json_api", "is not a name"),
        ("../green_jobs", "job_ads", "json_api", "is not a name"),
        ("nav_jobs", "job_ads", "json_api", "there is a source nav_jobs already"),
        ("register_search", "job_ads", "json_api", "a lookup register_search already"),
        ("green_jobs", "jobs", "json_api", "'jobs' is not a kind of record"),
        ("green_jobs", "job_ads", "soap", "'soap' is not a family"),
    ],
)
def test_a_bad_beginning_writes_nothing(
    tmp_path: Path, name: str, kind: str, family: str, why: str
) -> None:
    with pytest.raises(NotBegun, match=why):
        new_source(tmp_path, name, kind, family)
    assert list(tmp_path.iterdir()) == []


def test_what_was_begun_is_not_written_over(tmp_path: Path) -> None:
    new_source(tmp_path, "green_jobs", "job_ads", "json_api")
    with pytest.raises(NotBegun, match="already"):
        new_source(tmp_path, "green_jobs", "pages", "page")


def test_no_source_is_shipped_with_its_promise_unwritten() -> None:
    for promise in (ROOT / "scrapers").glob("*/*/source.yml"):
        assert "TO WRITE" not in promise.read_text("utf-8"), promise
