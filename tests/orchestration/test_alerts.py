"""A source nobody asked raises an alert without any run; addresses are not told."""

import json
import smtplib
import threading
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import dagster as dg
import pytest

from orchestration.accounts.landed import read_landed, to_ask_anew, write_landed
from orchestration.alerts import NotSent, due, send
from orchestration.contracts.gate import write_atomically
from orchestration.defs.partitions import asking
from orchestration.defs.watch import sensors
from orchestration.doctor import Finding
from orchestration.metrics import metrics
from orchestration.settings import AlertSettings
from tests.rights import made_up_home
from tests.scoring import made_up

TODAY = datetime.now(UTC).date()
SECRET = "planted-secret-41c9"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose only source was asked on the day a test says."""
    write_atomically(made_up.accounts(), tmp_path / "accounts" / "accounts.parquet")
    monkeypatch.setenv("LYTTEPOST_HOME", str(tmp_path))
    for name in ("LYTTEPOST_ALERT_WEBHOOK", "LYTTEPOST_ALERT_EMAIL", "LYTTEPOST_SMTP"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def asked(home: Path, day: date) -> None:
    made_up_home.land(home, day, made_up_home.page("/", b"<p>side</p>", "content"))


@pytest.fixture
def webhook():
    """A loopback server, and what was posted to it."""
    posted = []

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posted.append(json.loads(body))
            self.send_response(500 if self.path.endswith("broken") else 200)
            self.end_headers()

        def log_message(self, *arguments):
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Taker)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/{SECRET}", posted
    server.shutdown()
    server.server_close()


def test_a_source_of_yesterday_is_no_alert_and_one_of_two_days_is(home):
    asked(home, TODAY - timedelta(1))
    assert due(home, TODAY) == []
    (finding,) = due(home, TODAY + timedelta(1))
    assert "company_pages" in finding.sentence
    assert "last asked 2 days ago" in finding.sentence
    assert "lyttepost run" in finding.sentence


def test_the_sensor_tells_once_a_day_without_any_run(home, webhook, monkeypatch):
    address, posted = webhook
    asked(home, TODAY - timedelta(2))
    said, cursor = sensors.look(None)
    assert "nobody can be told" in said
    assert cursor == ""
    monkeypatch.setenv("LYTTEPOST_ALERT_WEBHOOK", address)
    said, cursor = sensors.look(cursor)
    assert said == "1 findings were sent by webhook."
    assert "company_pages" in posted[0]["text"]
    assert posted[0]["findings"][0]["subject"] == "freshness"
    assert sensors.look(cursor)[0] == "told already today"
    assert len(posted) == 1


def test_dagster_tells_of_a_source_of_two_days_although_no_run_failed(
    home, webhook, monkeypatch
):
    address, posted = webhook
    asked(home, TODAY - timedelta(2))
    monkeypatch.setenv("LYTTEPOST_ALERT_WEBHOOK", address)
    with dg.DagsterInstance.ephemeral() as instance:
        said = sensors.freshness(dg.build_sensor_context(instance=instance))
        assert instance.get_runs() == []
    assert said.skip_message == "1 findings were sent by webhook."
    assert "last asked 2 days ago" in posted[0]["text"]


def test_an_alert_goes_by_mail(home, monkeypatch):
    sent, is_closed = [], True

    class Server:
        def __init__(self, host, port, **more):
            sent.append((host, port))

        def __enter__(self):
            return self

        def __exit__(self, *error):
            return None

        def ehlo(self):
            return None

        def has_extn(self, name):
            return is_closed

        def starttls(self, context):
            return None

        def login(self, user, password):
            sent.append((user, password))

        def send_message(self, message):
            sent.append(message)

    monkeypatch.setattr(smtplib, "SMTP", Server)
    by_mail = AlertSettings(
        email="drift@eksempel.example", smtp=f"smtp://me:{SECRET}@post.example:587"
    )
    assert send([Finding("test", "a test")], home, by_mail).ways == ("email",)
    assert sent[:2] == [("post.example", 587), ("me", SECRET)]
    assert sent[2]["To"] == "drift@eksempel.example"
    assert "a test" in sent[2].get_content()
    assert SECRET not in str(sent[2])
    is_closed = False
    with pytest.raises(NotSent, match="email"):
        send([Finding("test", "a test")], home, by_mail)
    assert len(sent) == 4


def test_what_could_not_be_sent_is_said_without_the_address(home, webhook):
    address, _ = webhook
    for settings in (
        AlertSettings(webhook=f"{address}/broken"),
        AlertSettings(webhook=f"http://127.0.0.1:1/{SECRET}"),
        AlertSettings(webhook=f"ftp://{SECRET}.example"),
        AlertSettings(email="a@b.example", smtp=f"smtp://x:{SECRET}@127.0.0.1:1"),
    ):
        with pytest.raises(NotSent) as refused:
            send([Finding("test", "a test")], home, settings)
        assert SECRET not in str(refused.value)


def test_figures_for_prometheus_tell_the_age_of_a_source(home):
    asked(home, TODAY - timedelta(3))
    said = metrics(home, datetime.now(UTC))
    assert 'lyttepost_source_age_days{source="company_pages"} 3.0' in said
    assert 'lyttepost_visits{outcome="ok",source="company_pages"} 1.0' in said
    assert "lyttepost_faults 0.0" in said


def test_a_failed_run_is_one_sentence():
    said = sensors.failure(
        "observe", "raw__nav_jobs", "CrawlFailed: no answer\n  File x, line 1"
    )
    assert said.is_fault
    assert (said.subject, said.sentence) == (
        "run of observe",
        "failed in raw__nav_jobs: CrawlFailed: no answer",
    )
    assert "no reason" in sensors.failure("observe", None, " ").sentence


def test_a_changed_accounts_file_asks_for_one_run(tmp_path, monkeypatch):
    monkeypatch.setenv("LYTTEPOST_HOME", str(tmp_path))
    folder = tmp_path / "landing" / "_accounts"
    with dg.DagsterInstance.ephemeral() as instance:

        def look(cursor):
            context = dg.build_sensor_context(instance=instance, cursor=cursor)
            return sensors.accounts_file(context), context.cursor

        nothing, cursor = look(None)
        assert isinstance(nothing, dg.SkipReason)
        assert "no accounts file" in nothing.skip_message
        folder.mkdir(parents=True)
        (folder / "accounts.csv").write_text("account_id,name\na,A\n")
        first, cursor = look(cursor)
        assert isinstance(first, dg.SkipReason)
        (folder / "opt_out.csv").write_text("account_id\na\n")
        changed, _ = look(cursor)
        (request,) = changed.run_requests
        assert request.partition_key == datetime.now(UTC).date().isoformat()
        again, _ = look(changed.cursor)
        assert isinstance(again, dg.SkipReason)


def test_who_is_new_or_has_moved_is_asked_on_a_day_that_has_landed(tmp_path):
    folder = tmp_path / "landing" / "_accounts"
    folder.mkdir(parents=True)
    file = folder / "accounts.csv"
    file.write_text("account_id,name,domains\na,A,a.example\nb,B,b.example\n")
    # Before the first run all are asked.
    assert to_ask_anew(tmp_path) == ()
    write_landed(read_landed(tmp_path), tmp_path)
    assert to_ask_anew(tmp_path) == ()
    file.write_text(
        "account_id,name,domains\na,AA,a.example\nb,B,b2.example\nc,C,c.example\n"
    )
    assert to_ask_anew(tmp_path) == ("b", "c")
    (folder / "places.csv").write_text(
        "account_id,source,address\na,company_pages,https://a.example/jobb\n"
    )
    assert to_ask_anew(tmp_path) == ("a", "b", "c")
    assert asking(("c",), ("nav_jobs",)) == {
        "ops": {"raw__nav_jobs": {"config": {"accounts": ["c"]}}}
    }
    assert asking((), ("nav_jobs",)) == {}
