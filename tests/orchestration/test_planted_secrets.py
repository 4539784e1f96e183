"""Secrets of every kind, planted, and given back by whoever is asked; made up.

The server here answers every call with a refusal that repeats the request, its headers
and all, as careless services do. Assets fail on it; then every byte of the home folder
is searched, Dagster's event log and captured output among them.
"""

import logging
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import dagster as dg
import pytest

from orchestration import settings
from orchestration.clean_logs import keep_secrets_out
from orchestration.crm.destinations.found import destination_names
from orchestration.crm.setup import setup
from scrapers import suppression
from scrapers.settings import has_setting, secret_of
from scrapers.source import load_source, source_names
from tests.crm import desk
from tests.rights.byte_search import found

PLANTED = "plantet-hemmelighet-9c1f"
CRM = {
    "hubspot": ("HUBSPOT_TOKEN", "HUBSPOT_HOST"),
    "pipedrive": ("PIPEDRIVE_TOKEN", "PIPEDRIVE_URL"),
    "salesforce": ("SALESFORCE_TOKEN", "SALESFORCE_URL"),
    "superoffice": ("SUPEROFFICE_TOKEN", "SUPEROFFICE_URL"),
    "dynamics": ("DYNAMICS_TOKEN", "DYNAMICS_URL"),
    "tryton": ("TRYTON_KEY", "TRYTON_URL"),
    "webhook": ("WEBHOOK_SECRET", "WEBHOOK_URL"),
}
# Everything else that is secret, and where it may stand in what is told.
OTHERS = {
    "LYTTEPOST_DOFFIN_KEY": PLANTED,
    "LYTTEPOST_COMPANIES_HOUSE_KEY": PLANTED,
    "LYTTEPOST_ALERT_WEBHOOK": f"https://hooks.example/services/T0/{PLANTED}",
    "LYTTEPOST_SMTP": f"smtp://me:{PLANTED}@post.example:587",
    "LYTTEPOST_POSTGRES": f"postgresql://w:{PLANTED}@127.0.0.1:1/bi",
    "LYTTEPOST_OBJECT_STORE": f"s3://bucket/x?secret={PLANTED}",
    "AWS_SECRET_ACCESS_KEY": PLANTED,
    "AWS_SESSION_TOKEN": PLANTED,
    "PGPASSWORD": PLANTED,
}


class Echo:
    """Refuses everything, in words that repeat what was said."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.heard: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                said = f"{self.path} {dict(self.headers.items())}"
                outer.heard.append(said)
                body = f"no: {PLANTED} {said}".encode()
                self.send_response_only(outer.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        for verb in ("GET", "POST", "PATCH", "PUT", "DELETE"):
            setattr(Handler, f"do_{verb}", Handler.answer)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module", params=[401, 400])
def echo(request: pytest.FixtureRequest) -> Iterator[Echo]:
    served = Echo(request.param)
    yield served
    served.server.shutdown()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "home"
    desk.put(folder, [desk.update(i) for i in range(2)], [desk.task(0)])
    # Both are set by what is tested, and set back by this.
    monkeypatch.setenv("LYTTEPOST_HOME", str(folder))
    monkeypatch.setenv("DAGSTER_HOME", str(folder / "dagster"))
    settings.use_home(folder)
    factory = logging.getLogRecordFactory()
    keep_secrets_out()
    yield folder
    logging.setLogRecordFactory(factory)


def test_every_secret_of_the_program_is_planted_here() -> None:
    """A new secret is to be added above, and is then searched for."""
    assert {*CRM, "csv_file"} == set(destination_names())
    needed = {load_source(name).needs_setting for name in source_names()} - {""}
    assert needed <= set(OTHERS)
    code = "".join(
        file.read_text("utf-8")
        for folder in ("orchestration", "scrapers")
        for file in (settings.PROJECT_DIR / folder).rglob("*.py")
    )
    asked = set(re.findall(r'\bsecret\("(\w+)"\)', code))
    planted = {variable for variable, _ in CRM.values()}
    planted |= {name.removeprefix("LYTTEPOST_") for name in OTHERS}
    assert asked <= planted
    assert {"SMTP", "TRYTON_KEY"} <= asked


@pytest.mark.parametrize("name", CRM)
def test_a_failed_run_tells_no_secret_of_a_crm(
    home: Path,
    echo: Echo,
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    variable, address = CRM[name]
    if echo.status == 400:
        (tmp_path / "token").write_text(f"{PLANTED}\n")
        monkeypatch.setenv(f"LYTTEPOST_{variable}_FILE", str(tmp_path / "token"))
    else:
        monkeypatch.setenv(f"LYTTEPOST_{variable}", PLANTED)
    monkeypatch.setenv(f"LYTTEPOST_{address}", echo.address)
    before = len(echo.heard)

    @dg.asset(key=["crm", name])
    def asks() -> None:
        # Worse than the assets of the graph, which tell the last sentence only.
        setup(name, home)

    with dg.DagsterInstance.get() as instance:
        done = dg.materialize([asks], instance=instance, raise_on_error=False)
        told = "".join(str(event) for event in instance.all_logs(done.run_id))
    assert not done.success
    assert len(echo.heard) > before, "nobody was asked, so nothing could be told"
    assert name in told
    said = capfd.readouterr()
    assert PLANTED not in f"{told}{said.out}{said.err}"
    assert found(home, PLANTED) == []


def test_an_error_of_any_kind_is_stored_without_secrets(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in OTHERS.items():
        monkeypatch.setenv(variable, value)
    key = suppression.signature(home, "made up")
    kept = (home / "suppression" / "key").read_text()

    @dg.asset
    def broken(context: dg.AssetExecutionContext) -> None:
        context.log.warning("asked with %s", PLANTED)
        try:
            raise OSError(f"cannot reach {OTHERS['LYTTEPOST_POSTGRES']}")
        except OSError as error:
            raise RuntimeError(
                f"{OTHERS['LYTTEPOST_SMTP']} {OTHERS['LYTTEPOST_ALERT_WEBHOOK']}"
            ) from error

    with dg.DagsterInstance.get() as instance:
        done = dg.materialize([broken], instance=instance, raise_on_error=False)
        told = "".join(str(event) for event in instance.all_logs(done.run_id))
    assert not done.success
    assert "cannot reach" in told
    assert found(home / "dagster", PLANTED, kept, key) == []


@pytest.mark.parametrize(
    ("variable", "value"), OTHERS.items(), ids=[name.lower() for name in OTHERS]
)
def test_every_secret_is_taken_out_of_what_is_told(
    variable: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    said = settings.without_secrets(f"{value} said 'no' to {PLANTED}")
    assert PLANTED not in said
    assert "said 'no'" in said
    (tmp_path / "secret").write_text(f"{value}\n")
    monkeypatch.delenv(variable)
    monkeypatch.setenv(f"{variable}_FILE", str(tmp_path / "secret"))
    assert PLANTED not in settings.without_secrets(f"{value} {PLANTED}")


def test_words_that_are_no_secret_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in OTHERS.items():
        monkeypatch.setenv(variable, value)
    said = "services of the bucket at post.example and hooks.example: 587 were asked"
    assert settings.without_secrets(said) == said


def test_keys_of_sources_and_alerts_may_stand_in_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in OTHERS.items():
        monkeypatch.delenv(variable, raising=False)
        (tmp_path / variable).write_text(f"{value}\n")
        monkeypatch.setenv(f"{variable}_FILE", str(tmp_path / variable))
    assert secret_of("LYTTEPOST_DOFFIN_KEY") == PLANTED
    assert has_setting("LYTTEPOST_DOFFIN_KEY")
    assert settings.alert_settings().smtp == OTHERS["LYTTEPOST_SMTP"]
    assert settings.alert_settings().webhook == OTHERS["LYTTEPOST_ALERT_WEBHOOK"]
    monkeypatch.delenv("LYTTEPOST_DOFFIN_KEY_FILE")
    assert secret_of("LYTTEPOST_DOFFIN_KEY") is None
    assert not has_setting("LYTTEPOST_DOFFIN_KEY")
