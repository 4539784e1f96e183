"""What must be true of each destination, and not of CRMs alone.

One face for all: `said_of(i)` is what it holds of ours of an account, `tasks()` what it
holds of our tasks. The real CRM is asked the same in `test_crm_tryton`, which needs its
environment.
"""

import importlib.util

import dagster as dg
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import orchestration.settings
from orchestration.contracts.frames import schema
from orchestration.contracts.odcs import contract
from orchestration.crm.destinations.csv_file import CsvFile
from orchestration.crm.destinations.found import destination_names
from orchestration.crm.destinations.said import (
    Said,
    asked_until_answered,
    seconds_of,
)
from orchestration.crm.destinations.webhook import Webhook
from orchestration.crm.fault import CrmError
from orchestration.crm.matching import match
from orchestration.crm.pace import Pace
from orchestration.crm.setup import setup
from orchestration.crm.state import LOGS
from orchestration.crm.sweep import sweep
from orchestration.crm.sync import plan, sync
from orchestration.crm.tables import REMOVED
from orchestration.defs.crm.assets import destination_asset, outbox
from practice_market.faulty_server import Served
from tests.crm import desk, peers

pytestmark = pytest.mark.slow(30)
N = 5
PARTS = ("sent", "unchanged", "rejected", "deferred")
NAMES = ("csv_file", "webhook", *(made.name for made in peers.PEERS))


class Anyone:
    """A destination with its peer, ready for a first sync."""

    def __init__(self, name, home, folder, monkeypatch) -> None:
        self.name, self.home = name, home
        self._ends = []
        if name == "csv_file":
            self.peer = peers.FilePeer(home)
            self.target = lambda: CsvFile(home)
        elif name == "webhook":
            self.peer = peers.ReceiverPeer()
            address = self._served(self.peer)
            self.target = lambda: Webhook(Pace(), address, self.peer.secret)
        else:
            self.peer = next(made for made in peers.PEERS if made.name == name)()
            if self.peer.needs and not importlib.util.find_spec(
                self.peer.needs.split(".")[0]
            ):
                pytest.skip(f"{self.peer.needs} is not installed")
            address = self._served(self.peer.fake)
            peers.set_up(self.peer, address, folder, monkeypatch)
            self.target = lambda: peers.opened(self.peer)

    def _served(self, fake) -> str:
        served = Served(fake)
        self._ends.append(served)
        return served.__enter__().address

    def close(self) -> None:
        for one in self._ends:
            one.__exit__()

    def ready(self, n=N) -> None:
        """Half of the companies are people's, the others are to be made."""
        self.put()
        if not hasattr(self.peer, "company"):
            return
        self.ids = {i: self.peer.company(i) for i in range(0, n, 2)}
        target = self.target()
        if not target.terms.creates_fields:
            self.peer.administrate()
        setup(self.name, self.home, is_confirmed=True, target=target)
        approve = {"approve": ["org_number", "domain"], "approve_create": ["all"]}
        match(self.name, self.home, target=target, **approve)

    def put(self, updates=None, tasks=None, without=()) -> None:
        given_updates, given_tasks = updates or {}, tasks or {}
        listed = [i for i in range(N) if i not in without]
        desk.put(
            self.home,
            [desk.update(i, **given_updates.get(i, {})) for i in listed],
            [desk.task(i, **given_tasks.get(i, {})) for i in range(N)],
        )

    def go(self, **options):
        pace = peers.hurried()
        target = options.pop("target", None) or self.target()
        return sync(
            self.name, self.home, target=target, is_confirmed=True, pace=pace, **options
        )

    def said_of(self, i):
        if hasattr(self.peer, "said_of"):
            return self.peer.said_of(i)
        of = {
            said["lyttepost_account_key"]: said
            for record in self.peer.theirs()
            if (said := self.peer.ours(record))
        }
        said = dict(of[f"acc-{i:05d}"])
        del said["lyttepost_account_key"]
        return said

    def tasks(self):
        return self.peer.tasks()


@pytest.fixture(params=NAMES)
def anyone(request, tmp_path, monkeypatch):
    made = Anyone(request.param, tmp_path / "home", tmp_path, monkeypatch)
    yield made
    made.close()


def key(i: int) -> str:
    return desk.task(i)["task_key"]


def test_none_is_left_out():
    # Tryton stands behind no made-up peer: it is real.
    assert {*NAMES, "tryton"} == set(destination_names())


def test_a_null_is_no_statement_and_clearing_is_an_operation_of_its_own(anyone):
    anyone.ready()
    anyone.go()
    assert anyone.said_of(0)["lyttepost_talk_to_name"] == "Person 0"
    anyone.put({0: {"talk_to_name": None, "lift": 4.5}, 1: desk.CLOSED})
    planned = plan(anyone.name, anyone.home, target=anyone.target()).rows
    assert set(planned.filter(pl.col("account_id") == "acc-00000")["op"]) == {"upsert"}
    assert set(planned.filter(pl.col("account_id") == "acc-00001")["op"]) == {"clear"}
    anyone.go()
    assert anyone.said_of(0)["lyttepost_talk_to_name"] == "Person 0"
    assert float(anyone.said_of(0)["lyttepost_lift"]) == 4.5
    assert anyone.said_of(1) == {}
    assert anyone.go().calls == 0


def test_who_opted_out_or_is_off_the_list_is_cleared_and_their_task_is_closed(anyone):
    anyone.ready()
    anyone.go()
    gone = dict.fromkeys(k for k in desk.CLOSED if k != "window_state")
    closed = {"closed_reason": REMOVED}
    anyone.put({0: gone | {"is_deleted": True}}, {0: closed, 2: closed}, without=[2])
    anyone.go()
    for i in (0, 2):
        assert anyone.said_of(i) == {}
        task = anyone.tasks()[key(i)]
        assert (task["is_closed"], task["reason"]) == (True, REMOVED)
    assert anyone.said_of(1)["lyttepost_talk_to_name"] == "Person 1"
    assert anyone.go().calls == 0


def test_who_was_erased_is_in_no_account_no_open_and_no_closed_task(anyone):
    anyone.ready()
    anyone.go()
    # The task of one account closes, and keeps its text, for a null is no statement.
    anyone.put(tasks={1: {"closed_reason": "window closed"}})
    anyone.go()
    assert anyone.tasks()[key(1)]["is_closed"]
    assert "Person 1" in anyone.tasks()[key(1)]["text"]
    # As the erasure of the people queues it: their names stand in no table any more.
    nameless = {"talk_to_name": None, "why_now_nb": "Ny salgsdirektør."}
    anyone.put(
        {0: nameless, 1: nameless},
        {
            0: {"talk_to_name": None, "body_nb": "Hvem: Salgsdirektør"},
            1: {"talk_to_name": None, "closed_reason": "window closed"},
        },
    )
    queue = {"destination": [anyone.name] * 2, "account_id": ["acc-00000", "acc-00001"]}
    pl.DataFrame(queue).write_parquet(anyone.home / "crm" / "deletions.parquet")
    anyone.go()
    for i in (0, 1):
        assert f"Person {i}" not in str(anyone.said_of(i))
        assert f"Person {i}" not in str(anyone.tasks()[key(i)]["text"])
    assert anyone.tasks()[key(0)]["text"].startswith("Hvem: Salgsdirektør")
    assert "Person 2" in anyone.tasks()[key(2)]["text"]
    assert anyone.go().calls == 0


def test_an_answer_that_was_lost_is_read_back_and_nothing_is_sent_twice(anyone):
    """The line is cut after each kind of record was taken."""
    anyone.ready()
    target = anyone.target()
    lost, written = [], target.write

    def cut(kind, writes):
        outcomes = written(kind, writes)
        if len(lost) >= 4 or not target.terms.can_read:
            return outcomes
        lost.append(kind)
        return [
            type(o)(o.key, "unknown", reason="made up: no answer")
            if o.status == "accepted"
            else o
            for o in outcomes
        ]

    target.write = cut
    done = anyone.go(target=target)
    assert done.counts()["sent"] == 2 * N
    assert len(anyone.tasks()) == N
    if anyone.name == "webhook":
        # It cannot be read: the receiver drops what it has by the message's own key.
        assert len(anyone.peer.seen) == 2 * N
    else:
        assert set(lost) == {"account", "task"}
    if hasattr(anyone.peer, "fake"):
        assert anyone.peer.fake.taken_twice() == []
        assert len(anyone.peer.fake.ledger) == 2 * N
    assert anyone.go().calls == 0


def test_a_token_that_runs_out_is_read_anew_in_mid_run(anyone):
    if not hasattr(anyone.peer, "fake"):
        pytest.skip(f"{anyone.name} has no token")
    anyone.ready()
    anyone.peer.fake.begin(anyone.peer.faults(token_lasts=3))
    assert anyone.go().counts()["sent"] == 2 * N
    assert anyone.peer.fake.token != type(anyone.peer)().fake.token
    assert anyone.peer.fake.taken_twice() == []


def by_oauth(anyone, monkeypatch, issuer, tmp_path, *, refresh=True):
    """No token is given: it is asked for, and the secrets for that stand in files."""
    own = f"LYTTEPOST_{anyone.name.upper()}"
    monkeypatch.setattr(orchestration.settings, "_granted", set())
    monkeypatch.delenv(f"{own}_TOKEN_FILE")
    anyone.peer.fake.on_expired = None
    monkeypatch.setenv(f"{own}_TOKEN_URL", anyone._served(issuer))
    told = {"CLIENT_ID": "made-up-app", "CLIENT_SECRET": "made-up-password"}
    told |= {"REFRESH_TOKEN": issuer.refresh} if refresh else {}
    for name, value in told.items():
        file = tmp_path / f"secret_{name.lower()}"
        file.write_text(value)
        monkeypatch.setenv(f"{own}_{name}_FILE", str(file))
    return tmp_path / "secret_refresh_token"


@pytest.mark.parametrize("refresh", [True, False])
@pytest.mark.parametrize("anyone", [made.name for made in peers.PEERS], indirect=True)
def test_a_token_of_oauth_is_asked_for_and_renewed_in_mid_run(
    anyone, monkeypatch, tmp_path, refresh
):
    issuer = peers.Issuer(anyone.peer.fake, changes_refresh=refresh)
    file = by_oauth(anyone, monkeypatch, issuer, tmp_path, refresh=refresh)
    anyone.ready()
    anyone.peer.fake.begin(anyone.peer.faults(token_lasts=4))
    issuer.busy = 2
    assert anyone.go().counts()["sent"] == 2 * N
    assert anyone.peer.fake.taken_twice() == []
    grant = "refresh_token" if refresh else "client_credentials"
    assert {form["grant_type"] for form in issuer.asked} == {grant}
    assert len(issuer.asked) > 4
    # A refresh token that the service changed stands where the former one stood.
    assert not refresh or file.read_text() == issuer.refresh
    for place in (anyone.home / "crm" / anyone.name).iterdir():
        assert b"made-up-" not in place.read_bytes()
    # Nor does anything that is said name one that was given in mid-run.
    given = (anyone.peer.fake.token, issuer.refresh)[: 1 + refresh]
    for token in given:
        assert token not in str(CrmError(f"401: the token {token} is not known"))


@pytest.mark.parametrize("anyone", ["superoffice"], indirect=True)
def test_what_is_amiss_with_oauth_is_one_sentence_without_a_secret(
    anyone, monkeypatch, tmp_path
):
    issuer = peers.Issuer(anyone.peer.fake, changes_refresh=True)
    file = by_oauth(anyone, monkeypatch, issuer, tmp_path)
    file.write_text("wrong-refresh")
    with pytest.raises(
        CrmError, match=r"no token was given \(400 invalid_grant\)"
    ) as e:
        anyone.target()
    assert "wrong-refresh" not in str(e.value)
    # One that stands in the environment cannot be kept when the service changes it.
    monkeypatch.setenv("LYTTEPOST_SUPEROFFICE_REFRESH_TOKEN", issuer.refresh)
    with pytest.raises(CrmError, match="SUPEROFFICE_REFRESH_TOKEN_FILE names"):
        anyone.target()
    monkeypatch.delenv("LYTTEPOST_SUPEROFFICE_CLIENT_ID_FILE")
    with pytest.raises(CrmError, match=r"no client id; set LYTTEPOST_SUPEROFFICE_CL"):
        anyone.target()
    monkeypatch.setenv("LYTTEPOST_SUPEROFFICE_TOKEN_URL", "http://login.example.com")
    with pytest.raises(CrmError, match="TOKEN_URL must begin https://"):
        anyone.target()


def test_a_row_that_people_deleted_from_the_file_is_noticed_and_not_made_again(
    tmp_path, monkeypatch
):
    """Deletions and mergers at CRMs are in `test_crm_vendors` and `test_crm_tryton`."""
    files = Anyone("csv_file", tmp_path, tmp_path, monkeypatch)
    files.ready()
    files.go()
    file = tmp_path / "crm" / "csv_file" / "accounts.csv"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(ln for ln in lines if not ln.startswith("acc-00002")))
    found = sweep("csv_file", tmp_path, target=files.target())
    assert found.deleted == (("account", "acc-00002"),)
    files.put({i: {"lift": 4.5} for i in range(N)})
    files.go()
    assert "acc-00002" not in file.read_text()


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("30", 30.0),
        ("1.5", 1.5),
        ("1.2.3", None),
        (".", None),
        ("¹", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", None),
        ("", None),
        (None, None),
    ],
)
def test_a_time_to_wait_is_seconds_or_none(told, seconds):
    assert seconds_of(told) == seconds


def test_a_service_that_is_busy_has_not_failed():
    """Eight failures end what is only read, and a storm of 429 does not."""
    said = [Said("unknown")] * 6 + [Said("busy", after_s=1.0)] * 20 + [Said("accepted")]
    clock, left = peers.Clock(), iter(said)
    asked_until_answered("made_up", lambda: next(left), clock.pace())
    assert clock.now >= 20.0
    for status, n in (("unknown", 8), ("busy", 31), ("rejected", 1)):
        asked = []

        def ask(status=status, asked=asked):
            asked.append(status)
            return Said(status, reason="made up")

        with pytest.raises(CrmError, match="made_up: cannot be read: made up"):
            asked_until_answered("made_up", ask, peers.hurried())
        assert len(asked) == n


def test_a_destination_that_is_away_keeps_no_other_from_being_sent_to(
    tmp_path, monkeypatch
):
    """An opt-out reaches the others, and what is amiss is told by a check."""
    files = Anyone("csv_file", tmp_path, tmp_path, monkeypatch)
    files.ready()
    monkeypatch.setenv("LYTTEPOST_HOME", str(tmp_path))
    monkeypatch.setenv("LYTTEPOST_CRM", "webhook,csv_file")
    monkeypatch.delenv("LYTTEPOST_WEBHOOK_URL", raising=False)
    assets_ = [outbox, *(destination_asset(n) for n in ("webhook", "csv_file"))]
    done = dg.materialize(assets_, raise_on_error=False)
    failed = {e.step_key for e in done.get_step_failure_events()}
    assert failed == {"crm__webhook"}
    assert files.said_of(0)["lyttepost_talk_to_name"] == "Person 0"
    # What it did is a published table, of all destinations in one.
    for name in LOGS:
        frame = pl.read_parquet(tmp_path / "published" / "crm" / f"{name}.parquet")
        assert dict(frame.schema) == schema(contract(f"crm/{name}"))
        assert set(frame["destination"]) <= {"csv_file"}
        assert frame.is_empty() == (name == "sync_rejected")
    told = {c.check_name: c for c in done.get_asset_check_evaluations()}
    assert told["contract"].passed
    assert not told["every_destination_planned"].passed
    assert "LYTTEPOST_WEBHOOK_URL" in told["every_destination_planned"].description


_TURN = st.dictionaries(
    st.integers(0, N - 1), st.sampled_from(("moved", "closed", "off", "refused"))
)
_MORE = {
    "moved": ({"lift": 4.5}, {"body_nb": "Hvem: en annen"}),
    "closed": (desk.CLOSED, {"closed_reason": "window closed"}),
    "off": (
        {"is_deleted": True} | desk.CLOSED,
        {"closed_reason": "the account is no longer watched"},
    ),
    # Longer than any of them takes.
    "refused": ({"why_now_nb": "x" * 40_000}, {}),
}


@settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(_TURN, min_size=1, max_size=2), st.integers(1, 99))
@pytest.mark.parametrize("name", NAMES)
def test_sent_unchanged_rejected_and_deferred_add_up(
    name, tmp_path_factory, turns, seed
):
    folder = tmp_path_factory.mktemp("any")
    with pytest.MonkeyPatch.context() as patch:
        anyone = Anyone(name, folder / "home", folder, patch)
        try:
            _add_up(anyone, turns, seed)
        finally:
            anyone.close()


def _add_up(anyone, turns, seed):
    anyone.ready()
    if hasattr(anyone.peer, "fake"):
        weather = {"busy": 0.1, "fails_after": 0.1, "drops_after": 0.1, "mixed": 0.1}
        anyone.peer.fake.begin(anyone.peer.faults(seed=seed, **weather))
    for turn in [{}, *turns]:
        anyone.put(*({i: _MORE[w][k] for i, w in turn.items()} for k in (0, 1)))
        done = anyone.go()
        keys = {(s.kind, s.key) for s in done.steps}
        assert len(keys) == len(done.steps) >= 2 * N
        counts = done.counts()
        assert set(counts) == set(PARTS)
        assert sum(counts.values()) == len(keys)
        runs = anyone.home / "crm" / anyone.name / "sync_runs.parquet"
        for row in pl.read_parquet(runs).rows(named=True):
            assert row["queried"] == sum(row[p] for p in PARTS)
    if hasattr(anyone.peer, "fake"):
        assert anyone.peer.fake.taken_twice() == []
