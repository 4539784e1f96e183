"""The webhook: signed, proved by a handshake, sent once, and tried for 48 hours."""

import hashlib
import hmac
import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from orchestration.crm import sync as sync_module
from orchestration.crm.destinations.found import open_destination
from orchestration.crm.destinations.webhook import HOURS, Webhook
from orchestration.crm.fault import CrmError
from orchestration.crm.pace import Pace
from orchestration.crm.setup import setup
from orchestration.crm.sync import plan, sync
from tests.crm import desk

SECRET = "made-up secret"
N = 4


class Receiver:
    """A made-up receiver that checks every signature and drops what it has."""

    def __init__(self) -> None:
        self.status, self.secret = 200, SECRET
        self.kept: dict[str, dict] = {}
        self.seen: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                signed = f"{self.headers['Lyttepost-Timestamp']}.".encode() + body
                right = outer.sign(signed) == self.headers["Lyttepost-Signature"]
                said = json.loads(body)
                status, answer = (outer.status if right else 401), {}
                if status == 200 and said["type"] == "handshake":
                    answer = {"response": outer.sign(said["challenge"].encode())}
                elif right:
                    key = self.headers["Idempotency-Key"]
                    outer.seen.append(key)
                    if status == 200:
                        outer.kept.setdefault(key, said)
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                if status == 302:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}/in"

    def sign(self, content: bytes) -> str:
        return hmac.new(self.secret.encode(), content, hashlib.sha256).hexdigest()


@pytest.fixture
def receiver():
    made = Receiver()
    thread = threading.Thread(
        target=made.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def home(tmp_path):
    desk.put(
        tmp_path, [desk.update(i) for i in range(N)], [desk.task(i) for i in range(N)]
    )
    return tmp_path


def target(receiver, secret: str = SECRET) -> Webhook:
    made = Webhook(Pace(), receiver.address, secret)
    made.pace = Pace()
    return made


def go(receiver, home, **options):
    return sync("webhook", home, is_confirmed=True, target=target(receiver), **options)


class Clock:
    """Stands in for the module's datetime: the day can be moved on."""

    def __init__(self) -> None:
        self.by = timedelta(0)

    def now(self, zone) -> datetime:
        return datetime.now(zone) + self.by

    fromisoformat = staticmethod(datetime.fromisoformat)


def test_each_record_is_one_signed_message_and_is_sent_once(receiver, home):
    assert go(receiver, home).counts()["sent"] == 2 * N
    assert len(receiver.kept) == len(receiver.seen) == 2 * N
    first = next(m for m in receiver.kept.values() if m["key"] == "acc-00000")
    assert first["company"]["org_number"] == desk.org_number(0)
    assert first["set"]["lyttepost_talk_to_name"] == "Person 0"
    assert go(receiver, home).calls == 0


def test_a_null_is_no_statement_and_clearing_is_said(receiver, home):
    go(receiver, home)
    rows = [desk.update(0, talk_to_name=None, lift=4.2), desk.update(1, **desk.CLOSED)]
    desk.put(home, [*rows, *(desk.update(i) for i in range(2, N))])
    receiver.kept.clear()
    go(receiver, home)
    by_key = {m["key"]: m for m in receiver.kept.values()}
    assert by_key["acc-00000"]["set"] == {"lyttepost_lift": "4.2"}
    assert by_key["acc-00000"]["clear"] == []
    assert by_key["acc-00001"]["set"] == {}
    assert "lyttepost_why_now" in by_key["acc-00001"]["clear"]


def test_setup_is_a_handshake(receiver, home):
    assert setup("webhook", home, target=target(receiver)).is_success
    receiver.secret = "another"
    with pytest.raises(CrmError, match="handshake"):
        setup("webhook", home, target=target(receiver))


def test_a_wrong_secret_sends_nothing_more(receiver, home):
    receiver.secret = "another"
    done = go(receiver, home)
    assert done.counts()["deferred"] == 2 * N
    assert "LYTTEPOST_WEBHOOK_SECRET" in done.note
    assert SECRET not in done.note
    assert not receiver.seen


@pytest.mark.parametrize(("status", "ends"), [(503, "deferred"), (400, "rejected")])
def test_what_may_pass_is_tried_again_by_the_hour_for_two_days(
    receiver, home, monkeypatch, status, ends
):
    clock = Clock()
    monkeypatch.setattr(sync_module, "datetime", clock)
    monkeypatch.setattr("orchestration.crm.send.datetime", clock)
    receiver.status = status
    done = go(receiver, home)
    assert done.counts()[ends] == 2 * N
    tries = len(receiver.seen)
    assert tries == 2 * N
    # Before the hour is over nothing is sent.
    go(receiver, home)
    assert len(receiver.seen) == tries
    if ends == "rejected":
        return
    for _ in range(HOURS):
        clock.by += timedelta(hours=1, minutes=1)
        done = go(receiver, home)
    assert len(receiver.seen) == 2 * N * (HOURS + 1)
    assert len(set(receiver.seen)) == 2 * N
    assert done.counts()["rejected"] == 2 * N
    assert "given up after 49 tries" in done.steps[0].reason
    receiver.status = 200
    clock.by += timedelta(hours=2)
    assert go(receiver, home).counts()["rejected"] == 2 * N
    assert go(receiver, home, retry_rejected=True).counts()["sent"] == 2 * N


def test_a_redirect_is_not_followed(receiver, home):
    receiver.status = 302
    assert go(receiver, home).counts()["rejected"] == 2 * N


def test_what_is_missing_or_open_to_all_is_one_sentence(home, monkeypatch):
    with pytest.raises(CrmError, match="LYTTEPOST_WEBHOOK_URL"):
        open_destination("webhook", home)
    monkeypatch.setenv("LYTTEPOST_WEBHOOK_URL", "http://crm.example/in")
    monkeypatch.setenv("LYTTEPOST_WEBHOOK_SECRET", SECRET)
    with pytest.raises(CrmError, match="https://"):
        plan("webhook", home)


def test_the_pace_keeps_to_a_rate_and_to_what_it_is_told():
    now = [0.0]
    pace = Pace(
        rate=10.0,
        burst=5,
        clock=lambda: now[0],
        sleep=lambda s: now.__setitem__(0, now[0] + s),
        jitter=lambda: 0.5,
    )
    for _ in range(105):
        pace.take()
    assert now[0] == pytest.approx(10.0, rel=0.01)
    assert pace.wait_s(1, 1.0, 60.0, None) == 0.75
    assert pace.wait_s(30, 1.0, 60.0, None) == 45.0
    assert pace.wait_s(1, 1.0, 60.0, 7.0) == pytest.approx(7.35)


def test_the_time_of_a_message_is_signed_with_it(receiver):
    at = datetime(2026, 1, 12, tzinfo=UTC)
    made = Webhook(Pace(), receiver.address, SECRET, clock=lambda: at)
    made.shake_hands()
