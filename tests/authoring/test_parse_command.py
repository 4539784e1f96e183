"""`lyttepost parse`: the records of one saved response, or one sentence."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from tests.test_golden import CASES

RUNNER = CliRunner()
ONE_A_SOURCE = {case.parent.name: case for case in CASES}.values()


@pytest.mark.parametrize("case", ONE_A_SOURCE, ids=lambda c: c.parent.name)
def test_it_prints_what_the_golden_test_expects(case: Path) -> None:
    (body,) = case.glob("body.*")
    done = RUNNER.invoke(app, ["parse", case.parent.name, str(body)])
    lines = (case / "expected.jsonl").read_text("utf-8").splitlines()
    expected = [json.loads(line) for line in lines]
    if expected and "refused" in expected[0]:
        assert done.exit_code == 1
        assert expected[0]["why"] in done.stderr
    else:
        assert done.exit_code == 0, done.stderr
        assert [json.loads(line) for line in done.stdout.splitlines()] == expected


def test_what_is_missing_is_said_in_one_sentence(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<h1>Om oss</h1>")
    envelope = tmp_path / "told.json"
    envelope.write_text('{"colour": "red"}')
    for arguments, why in (
        (("no_source", str(page)), "there is no source 'no_source'"),
        (("company_pages", str(page)), "--scope"),
        (("company_pages", str(tmp_path / "no"), "--scope", "home"), "no such file"),
        (("company_pages", str(page), "--envelope", str(envelope)), "not an envelope"),
    ):
        done = RUNNER.invoke(app, ["parse", *arguments])
        assert done.exit_code == 1
        assert why in done.stderr
        assert done.stderr.count("\n") == 1
        assert done.stdout == ""


def test_the_address_and_scope_can_be_given(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        "<html><title>Om oss</title><body><main>"
        "<p>Vi lager fisk og frakter den langt.</p></main>"
    )
    done = RUNNER.invoke(
        app,
        [
            *("parse", "company_pages", str(page), "--scope", "about"),
            *("--url", "https://tindvik.example/om-oss"),
        ],
    )
    assert done.exit_code == 0, done.stderr
    records = [json.loads(line) for line in done.stdout.splitlines()]
    (page_read,) = (record for record in records if record["kind"] == "pages")
    assert page_read["title"] == "Om oss"
