"""`make bench`: results as rows, and a run beside the one before it."""

import ast
from dataclasses import replace

import pytest

from benchmarks import catalogue, publish
from benchmarks import run as bench
from benchmarks.catalogue import BENCHMARKS, Benchmark
from benchmarks.catalogue import benchmark as benchmark_named
from benchmarks.measured import Measured, Skipped, beside
from benchmarks.noisy_web import NoisyWeb, changes, path_of, url_of
from benchmarks.runs import append_rows, before, compared, read_rows, rows_of, told
from orchestration.contracts.expectations import validate
from orchestration.contracts.frames import schema
from orchestration.contracts.odcs import contract
from orchestration.publish.published import PUBLISHED
from scrapers.extract.blocks import main_text, text_blocks
from scrapers.extract.html import parse_html
from scrapers.extract.noise import text_digest

FACTS = {"commit": "abc", "machine": "here", "load": 0.5, "mode": "quick"}


def result(*ours, goal=0.85, is_ceiling=False):
    return beside(
        "crawl",
        "pages a second",
        ours,
        "bare Scrapy",
        [100.0] * len(ours),
        goal,
        is_ceiling=is_ceiling,
        peak_mb=10.0,
        size="small",
        note="a note, with a comma",
    )


def row(*ours, run="2026-01-01T00:00:00Z", **facts):
    (made,) = rows_of([result(*ours)], run=run, **{**FACTS, **facts})
    return made


@pytest.mark.parametrize(
    ("ours", "is_ceiling", "is_met"),
    [
        (84.0, False, False),
        (85.0, False, True),
        (85.0, True, True),
        (86.0, True, False),
    ],
)
def test_a_goal_is_a_floor_or_a_ceiling(ours, is_ceiling, is_met):
    assert result(ours, is_ceiling=is_ceiling).is_met is is_met


def test_without_a_goal_nothing_is_met_or_missed():
    assert result(1.0, goal=None).is_met is None


def test_one_disturbed_round_is_not_the_noise_of_a_run():
    one = result(100.0, 101.0, 99.0, 500.0, 100.0)
    assert one.ratio == 1.0
    assert one.middle == (1.0, 1.01)


def test_rows_come_back_as_they_were_written(tmp_path):
    file = tmp_path / "runs.csv"
    first = row(90.0, 95.0)
    bare = replace(first, goal=None, is_met=None, peak_mb=None, name="other")
    append_rows(file, [first])
    append_rows(file, [bare])
    assert read_rows(file) == [first, bare]


def test_a_table_of_another_form_is_left_as_it_is(tmp_path):
    file = tmp_path / "runs.csv"
    file.write_text("run,ours\n1,2\n")
    with pytest.raises(ValueError, match="columns"):
        append_rows(file, [row(90.0)])
    assert file.read_text() == "run,ours\n1,2\n"


def test_a_run_is_compared_with_the_last_of_its_machine_size_and_mode():
    old, other = row(80.0), row(70.0, machine="there")
    full = row(10.0, mode="full")
    now = row(90.0, run="2026-01-02T00:00:00Z")
    assert before(now, [old, other, full]) == old
    assert before(now, [other, full]) == other
    assert before(now, [full]) is None


@pytest.mark.parametrize(
    ("last", "now", "word"),
    [
        ((90.0, 91.0, 92.0), (91.0, 92.0, 93.0), "within noise"),
        ((90.0, 91.0, 92.0), (95.0, 96.0, 97.0), "better"),
        ((90.0, 91.0, 92.0), (80.0, 81.0, 82.0), "WORSE"),
        ((90.0,), (95.0,), "within noise"),
        ((90.0,), (60.0,), "WORSE"),
    ],
)
def test_better_or_worse_is_beyond_noise(last, now, word):
    assert compared(row(*now), row(*last)).startswith(word)


def test_under_a_ceiling_less_is_better():
    last, now = (replace(row(value), is_ceiling=True) for value in (90.0, 60.0))
    assert compared(now, last).startswith("better")


def test_what_is_printed_names_the_baseline_and_the_goal():
    text = told(row(60.0), row(90.0))
    for words in ("bare Scrapy 100", "goal >= 0.85: MISSED", "WORSE (was 0.9", "10 MB"):
        assert words in text


def test_every_benchmark_takes_the_sizes_of_both_modes():
    # Read, not imported: that would take half a minute of the suite.
    for one in BENCHMARKS:
        source = (bench.ROOT / "benchmarks" / f"{one.name}.py").read_text()
        (asked,) = (
            node
            for node in ast.parse(source).body
            if isinstance(node, ast.FunctionDef) and node.name == "measure"
        )
        names = {argument.arg for argument in asked.args.args}
        assert names >= one.quick.keys() | one.full.keys()


def test_one_benchmark_runs_from_the_command_line_to_the_table(
    tmp_path, capsys, monkeypatch
):
    small = Benchmark(
        "bytes_on_disk", {"sites": 1, "pages": 5, "days": 2, "set_dir": tmp_path}
    )
    monkeypatch.setattr(catalogue, "BENCHMARKS", (small,))
    # What the child is asked, in this process: starting one takes a while.
    monkeypatch.setattr(
        bench, "run_child", lambda command, env: bench.main(map(str, command[3:]))
    )
    table = tmp_path / "runs.csv"
    arguments = ["--only", "bytes_on_disk", "--table", str(table)]
    assert bench.main(arguments) == 0
    assert {one.name for one in read_rows(table)} == {
        "bytes_of_unchanged_page",
        "bytes_of_archive",
    }
    assert "no earlier run" in capsys.readouterr().out


def test_a_benchmark_that_fails_is_said_to_and_ends_with_one(
    tmp_path, capsys, monkeypatch
):
    def fails(name, mode):
        raise bench.ChildFailed("it broke")

    monkeypatch.setattr(bench, "found_by", fails)
    table = tmp_path / "runs.csv"
    assert bench.main(["--only", "watch", "--table", str(table)]) == 1
    assert "watch: FAILED: it broke" in capsys.readouterr().out


def test_what_is_skipped_is_told_and_no_row(tmp_path, capsys, monkeypatch):
    found = ([], [Skipped("watch_urlwatch", "urlwatch is not installed")])
    monkeypatch.setattr(bench, "found_by", lambda name, mode: found)
    table = tmp_path / "runs.csv"
    assert bench.main(["--only", "watch", "--table", str(table)]) == 0
    assert (
        "watch_urlwatch: skipped: urlwatch is not installed" in capsys.readouterr().out
    )


@pytest.mark.parametrize(("is_strict", "code"), [(False, 0), (True, 1)])
def test_a_missed_goal_fails_only_a_strict_run(tmp_path, monkeypatch, is_strict, code):
    monkeypatch.setattr(bench, "found_by", lambda name, mode: ([result(10.0)], []))
    flags = ["--strict"] if is_strict else []
    table = str(tmp_path / "runs.csv")
    assert bench.main(["--only", "watch", "--table", table, *flags]) == code


def test_an_unknown_benchmark_is_refused():
    with pytest.raises(ValueError, match="no benchmark 'nothing'"):
        benchmark_named("nothing")


def test_a_noisy_page_changes_only_when_something_happened():
    web, url = NoisyWeb(4, 2), url_of(0, 1)
    host = url.split("/")[2]
    bodies, digests = [], []
    for day in range(30):
        web.day = day
        body = web.page(url, 1, host)
        bodies.append(body)
        digests.append(
            text_digest(main_text(text_blocks(parse_html(body, "text/html"))))
        )
    assert len(set(bodies)) == 30
    told = [day for day in range(1, 30) if digests[day] != digests[day - 1]]
    assert told == [day for day in range(1, 30) if changes(url, day)]
    assert told


def test_a_noisy_web_answers_its_pages_and_no_others():
    web = NoisyWeb(3, 1)
    assert b"200 OK" in web.respond(f"http://s000000.example/{path_of(2)}".encode())
    assert b"404" in web.respond(b"http://s000000.example/side-9")
    web.respond(b"http://asked.benchmark/day?4")
    assert web.day == 4


def test_results_of_several_rounds_are_ratios_of_turns():
    one = beside("a", "s", [2.0, 6.0], "b", [1.0, 2.0], None)
    assert isinstance(one, Measured)
    assert one.ratios == (2.0, 3.0)


def test_what_publishing_is_measured_with_keeps_to_the_contracts():
    made = publish.tables(40, shuffled=True)
    for name in publish.LONG:
        promise = contract(PUBLISHED[name])
        assert made[name].schema == schema(promise)
        verdict = validate(promise, made[name])
        assert verdict.is_kept, verdict.sentence()
