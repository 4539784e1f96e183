"""The dashboards as code against the contracts, without starting Superset."""

import contextlib
import io
import stat
import zipfile
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
import yaml

from orchestration.publish.published import publish
from orchestration.publish.superset.__main__ import main
from orchestration.publish.superset.api import Asked
from orchestration.publish.superset.dashboards import (
    CODE,
    Code,
    DashboardRefused,
    bundle,
    load,
    problems,
    query,
    uuid_of,
)
from orchestration.publish.superset.server import prepare
from tests.publish import made_up_pages

QUESTIONS = {"today", "account", "market", "signals", "record", "coverage", "run"}


@pytest.fixture(scope="module")
def code() -> Code:
    return load()


def test_every_column_of_every_chart_is_promised_by_a_contract(code):
    assert problems(code) == []


def test_there_is_a_dashboard_for_each_question(code):
    assert {d.slug.removeprefix("lyttepost-") for d in code.dashboards} == QUESTIONS


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("account_scores.probability_lo ", "account_scores.probability_low "),
        ("columns: [source, state,", "columns: [source, condition,"),
        ("metrics: {signals: count(*)}", "metrics: {signals: sum(strengths)}"),
        ("where: is_listed", "where: was_listed"),
        ("column: offer, name", "column: proposal, name"),
        ("{likeliest: max(probability)}", "{likeliest: max(chance)}"),
    ],
)
def test_a_column_that_no_contract_has_is_found(tmp_path, old, new):
    text = CODE.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "dashboards.yml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    found = problems(load(file))
    assert found
    assert all(line.startswith(("dataset ", "chart ", "dashboard ")) for line in found)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: c["charts"]["list"].update(colour="red"), "unknown key"),
        (lambda c: c["charts"]["list"].update(kind="pie"), "unknown kind pie"),
        (lambda c: c["charts"]["list"].update(dataset="none"), "unknown dataset"),
        (lambda c: c["charts"].pop("list"), "nowhere described"),
        (lambda c: c["dashboards"][0]["rows"].pop(), "on no dashboard"),
        (lambda c: c["dashboards"][1]["filters"][0].update(by="x"), "by the unknown x"),
    ],
)
def test_crooked_code_is_refused_in_one_sentence(tmp_path, change, said):
    given = yaml.safe_load(CODE.read_text(encoding="utf-8"))
    change(given)
    file = tmp_path / "dashboards.yml"
    file.write_text(yaml.safe_dump(given), encoding="utf-8")
    with pytest.raises(DashboardRefused, match=said):
        load(file)


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    home = tmp_path_factory.mktemp("home")
    publish(made_up_pages.tables(), home)
    return home


def test_every_chart_answers_on_published_tables(code, home):
    file = home / "published" / "current" / "lyttepost.duckdb"
    with duckdb.connect(str(file), read_only=True) as tables:
        answers = {
            name: tables.execute(query(chart, code.datasets[chart.dataset])).fetchall()
            for name, chart in code.charts.items()
        }
    assert [name for name, rows in answers.items() if not rows] == []


def test_quotes_are_escaped_before_their_changed_words_are_marked(code):
    tables, _ = made_up_pages.harmful()
    with duckdb.connect() as connection:
        for name in ("signals", "dim_accounts", "dim_sources"):
            connection.register("given", tables[name].to_arrow())
            connection.execute(f"create table {name} as select * from given")
        rows = connection.execute(code.datasets["evidence"].sql).pl()
    assert rows.height > 0
    for text in [*rows["before"], *rows["after"]]:
        left = text
        for tag in ("<div>", "</div>", "<ins>", "</ins>", "<del>", "</del>"):
            left = left.replace(tag, "")
        assert "<" not in left
    assert any("<ins>" in text for text in rows["after"])


def test_the_bundle_is_the_same_each_time_and_read_only(code):
    first = bundle(code, Path("/home/published/current/lyttepost.duckdb"))
    assert first == bundle(load(), Path("/home/published/current/lyttepost.duckdb"))
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        files = {n: yaml.safe_load(archive.read(n)) for n in archive.namelist()}
    database = files["lyttepost/databases/Lyttepost.yaml"]
    given = database["extra"]["engine_params"]["connect_args"]
    assert given["read_only"] is True
    assert given["config"] == {"enable_external_access": "false"}
    assert "published/current" in database["sqlalchemy_uri"]
    assert not database["allow_dml"]
    charts = [v for n, v in files.items() if "/charts/" in n]
    datasets = {v["uuid"] for n, v in files.items() if "/datasets/" in n}
    assert {c["dataset_uuid"] for c in charts} <= datasets
    assert len({c["uuid"] for c in charts}) == len(code.charts)


def test_an_object_keeps_its_uuid_when_its_title_changes(code):
    chart = code.charts["list"]
    renamed = replace(code, charts={**code.charts, "list": replace(chart, title="New")})
    path = Path("/x/lyttepost.duckdb")
    assert uuid_of("chart", "list").encode() in _chart_file(bundle(renamed, path))


def _chart_file(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read("lyttepost/charts/list.yaml")


def test_secrets_are_made_once_and_readable_by_their_owner_alone(tmp_path):
    place = prepare(tmp_path)
    first = place.password
    assert len(first) >= 20
    assert prepare(tmp_path).password == first
    for file in place.folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    assert stat.S_IMODE(place.folder.stat().st_mode) == 0o700
    config = (place.folder / "superset_config.py").read_text(encoding="utf-8")
    compile(config, "superset_config.py", "exec")
    key = (place.folder / "secret_key").read_text(encoding="utf-8").strip()
    assert key not in config
    assert first not in config


def test_without_published_tables_one_sentence_says_so(tmp_path, capsys):
    assert main(["--home", str(tmp_path), "--bin", str(tmp_path)]) == 1
    assert "nothing has been published here yet" in capsys.readouterr().err
    assert not (tmp_path / "superset").exists()


def test_without_superset_one_sentence_says_how_to_get_it(home, tmp_path, capsys):
    assert main(["--home", str(home), "--bin", str(tmp_path / "none")]) == 1
    assert "`make bi` installs it" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("fault", "missing", "code"),
    [(None, [], 0), ("no such column", [], 1), (None, ["lyttepost-run"], 1)],
)
def test_a_check_ends_well_only_when_every_chart_answers(
    home, monkeypatch, capsys, fault, missing, code
):
    """Superset itself is played; `make bi CHECK=1` asks the real one."""
    name = "orchestration.publish.superset.__main__"
    played = {
        "set_up": lambda *_: None,
        "running": lambda *_: contextlib.nullcontext("http://127.0.0.1:9"),
        "log_in": lambda *_: None,
        "import_bundle": lambda *_: None,
        "missing_dashboards": lambda *_: missing,
        "ask_all": lambda *_: [Asked("list", 4, None), Asked("lifts", 0, fault)],
    }
    for function, play in played.items():
        monkeypatch.setattr(f"{name}.{function}", play)
    assert main(["--home", str(home), "--bin", "/none", "--check"]) == code
    said = capsys.readouterr().out
    assert "4 rows" in said
    assert ("all answer" in said) == (code == 0)


def test_the_pins_are_hashed_and_say_what_is_needed():
    pins = CODE.with_name("requirements.txt").read_text(encoding="utf-8")
    wanted = CODE.with_name("requirements.in").read_text(encoding="utf-8")
    for name in (
        "apache-superset==6.1.0",
        "duckdb==1.5.5",
        "duckdb-engine==",
        "rich==",
    ):
        assert f"\n{name}" in f"\n{pins}"
    assert "Flask-Caching<2.3.2" in wanted
    blocks = [b for b in pins.split("\n") if "==" in b]
    assert len(blocks) > 100
    assert pins.count("--hash=sha256:") > len(blocks)
    assert "://" not in pins
