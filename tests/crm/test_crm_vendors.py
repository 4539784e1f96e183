"""The same of every vendor: set-up, matching, people's work, faults, secrets.

Their made-up peers stand behind one face; what is HubSpot's or Salesforce's alone has
tests of its own.
"""

import importlib.util
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from orchestration.accounts.watch_list import read_watch_list
from orchestration.contracts.expectations import validate
from orchestration.contracts.odcs import contract
from orchestration.crm.destinations.csv_file import CsvFile
from orchestration.crm.destinations.found import open_destination
from orchestration.crm.fault import CrmError
from orchestration.crm.feedback import read_feedback
from orchestration.crm.matching import match
from orchestration.crm.opportunities import read_opportunities
from orchestration.crm.pace import Pace
from orchestration.crm.read_back import read_back
from orchestration.crm.setup import setup
from orchestration.crm.sweep import sweep, sweep_when_due
from orchestration.crm.sync import plan, sync
from practice_market.faulty_server import Served
from tests.crm import desk, peers

pytestmark = pytest.mark.slow(30)
N = 6


@pytest.fixture(params=peers.PEERS, ids=lambda p: p.name)
def peer(request, tmp_path, monkeypatch):
    made = request.param()
    if made.needs and importlib.util.find_spec(made.needs.split(".")[0]) is None:
        pytest.skip(f"{made.needs}, the vendor's client, is not installed")
    with Served(made.fake) as served:
        peers.set_up(made, served.address, tmp_path, monkeypatch)
        yield made


@pytest.fixture
def home(tmp_path):
    place = tmp_path / "home"
    desk.put(
        place, [desk.update(i) for i in range(N)], [desk.task(i) for i in range(N)]
    )
    return place


def go(peer, home, timeout_s=5.0, **options):
    return sync(
        peer.name,
        home,
        is_confirmed=True,
        target=peers.opened(peer, timeout_s),
        pace=peers.hurried(),
        **options,
    )


def with_fields(peer, home, target):
    """Our fields are there: made by set-up, or by an administrator."""
    if not target.terms.creates_fields:
        with pytest.raises(CrmError, match="an administrator must"):
            setup(peer.name, home, is_confirmed=True, target=target)
        peer.administrate()
    assert setup(peer.name, home, is_confirmed=True, target=target).is_success


def ready(peer, home, n=N):
    ids = {i: peer.company(i) for i in range(n)}
    target = peers.opened(peer)
    with_fields(peer, home, target)
    match(peer.name, home, approve=["org_number", "domain"], target=target)
    return ids


def test_from_the_set_up_to_a_closed_window(peer, home):
    # The last account is in no record there.
    ids = {i: peer.company(i) for i in range(N - 1)}
    before = peer.theirs()
    target = peers.opened(peer)
    first = setup(peer.name, home, target=target)
    assert first.missing
    assert not first.is_success
    match(peer.name, home, approve=["org_number", "domain"], target=target)
    with pytest.raises(CrmError, match="is not there"):
        go(peer, home)
    with_fields(peer, home, target)
    assert setup(peer.name, home, target=target).is_success
    planned = plan(peer.name, home, target=target)
    assert planned.operations() == {"create": N - 1, "update": N - 1, "close": 0}
    assert peer.theirs() == before
    assert not peer.fake.ledger
    done = go(peer, home)
    assert done.counts() == {
        "sent": 2 * (N - 1),
        "unchanged": 0,
        "rejected": 0,
        "deferred": 2,
    }
    assert peer.theirs() == before
    assert peer.ours(ids[0])["lyttepost_talk_to_name"] == "Person 0"
    assert {t["of"] for t in peer.tasks().values()} == set(ids.values())
    again = go(peer, home)
    assert again.counts()["sent"] == again.calls == 0

    # The queue to create is approved on its own.
    last = f"acc-{N - 1:05d}"
    match(peer.name, home, approve_create=[last], target=target)
    assert go(peer, home).counts()["sent"] == 2
    (made,) = set(peer.theirs()) - set(before)
    assert peer.ours(made)["lyttepost_account_key"] == last

    # People work.
    peer.edit_ours(ids[0], "lyttepost_why_now", "Jeg vet bedre")
    peer.rename(ids[0], "Nytt navn")
    peer.delete(ids[1])
    other = peer.company(2)
    peer.merge(ids[2], other)
    peer.delete_task(peer.tasks()[desk.task(4)["task_key"]]["id"])
    before = peer.theirs()
    rows = [desk.update(i, lift=4.5, why_now_nb="Nå, mer enn før.") for i in range(N)]
    rows[3] = desk.update(3, **desk.CLOSED)
    tasks = [desk.task(i, body_nb=f"Person {i}: nå, mer enn før.") for i in range(N)]
    tasks[3] = desk.task(3, closed_reason="window closed")
    desk.put(home, rows, tasks)
    done = go(peer, home)
    by_key = {s.key: s for s in done.steps}
    assert sum(done.counts().values()) == len(done.steps)
    assert len([s for s in done.steps if s.kind != "note"]) == 2 * N
    assert peer.theirs() == before
    ours = peer.ours(ids[0])
    assert ours["lyttepost_why_now"] == "Jeg vet bedre"
    assert float(ours["lyttepost_lift"]) == 4.5
    (left_alone,) = by_key["acc-00000"].left_alone
    assert left_alone.lower().removesuffix("__c") == "lyttepost_why_now"
    assert by_key["acc-00001"].status == "deferred"
    assert "deleted there" in by_key["acc-00001"].reason
    assert f"merged into {other}" in by_key["acc-00002"].reason
    assert peer.ours(other)["lyttepost_why_now"] == "Nå, mer enn før."
    assert set(peer.ours(ids[3])) == {"lyttepost_account_key"}
    closed = peer.tasks()[desk.task(3)["task_key"]]
    assert closed["is_closed"]
    assert closed["reason"] == "window closed"
    assert desk.task(4)["task_key"] not in peer.tasks()
    again = go(peer, home)
    assert again.counts()["sent"] == again.calls == 0


def test_in_every_weather_each_record_ends_once_and_for_all(peer, home):
    n = 20
    desk.put(home, [desk.update(i) for i in range(n)], [desk.task(i) for i in range(n)])
    ids = {i: peer.company(i) for i in range(0, n, 2)}
    target = peers.opened(peer)
    with_fields(peer, home, target)
    match(
        peer.name,
        home,
        approve=["org_number", "domain"],
        approve_create=["all"],
        target=target,
    )
    peer.fake.begin(
        peer.faults(
            seed=3,
            busy=0.06,
            fails_before=0.04,
            fails_after=0.06,
            drops_before=0.04,
            drops_after=0.06,
            slow=0.02,
            slow_s=1.2,
            mixed=0.04,
            token_lasts=25,
            bad_keys=("7",),
        )
    )
    for _ in range(25):
        done = go(peer, home, timeout_s=0.8)
        assert sum(done.counts().values()) == len(done.steps) == 2 * n
        if done.note is None and done.counts()["sent"] == 0:
            break
    folder = home / "crm" / peer.name
    rejected = pl.read_parquet(folder / "sync_rejected.parquet")
    assert validate(contract("crm/sync_rejected"), rejected).is_kept
    assert rejected["reason"].str.len_chars().min() > 0
    refused = set(rejected.filter(pl.col("kind") == "account")["record_key"])
    keys = [peer.ours(i).get("lyttepost_account_key") for i in peer.theirs()]
    said = [
        peer.ours(i)["lyttepost_account_key"]
        for i in peer.theirs()
        if "lyttepost_lift" in peer.ours(i)
    ]
    assert len(said) == len(set(said))
    assert len([k for k in keys if k]) == len({k for k in keys if k})
    assert set(said) | refused == {f"acc-{i:05d}" for i in range(n)}
    assert {f"acc-{i:05d}" for i in range(n) if i % 10 == 7} <= refused
    assert peer.fake.taken_twice() == []
    assert len(ids) == n / 2


@pytest.mark.parametrize("told", [None, "wrong-token"])
def test_a_token_that_is_missing_or_refused_is_one_sentence(
    peer, home, monkeypatch, tmp_path, told
):
    name = next(n for n in peer.settings("", tmp_path) if n.endswith("_FILE"))
    if told is None:
        monkeypatch.delenv(f"LYTTEPOST_{name}")
        with pytest.raises(CrmError, match=f"LYTTEPOST_{name.removesuffix('_FILE')}"):
            open_destination(peer.name, home)
        return
    (tmp_path / "token").write_text(told)
    with pytest.raises(CrmError, match="refused") as said:
        setup(peer.name, home, target=peers.opened(peer))
    assert told not in str(said.value)


def test_an_address_that_is_open_to_all_is_refused(peer, home, monkeypatch, tmp_path):
    names = peer.settings("", tmp_path)
    name = next(n for n in names if n.endswith(("_URL", "_HOST")))
    monkeypatch.setenv(f"LYTTEPOST_{name}", "http://crm.example.com")
    with pytest.raises(CrmError, match=rf"LYTTEPOST_{name} must begin https://"):
        open_destination(peer.name, home)
    monkeypatch.delenv(f"LYTTEPOST_{name}")
    if name.endswith("_HOST"):
        return  # without one it is the vendor's own
    with pytest.raises(CrmError, match=f"LYTTEPOST_{name}"):
        open_destination(peer.name, home)


def test_what_a_crm_tells_is_written_where_a_run_reads_it(peer, home, monkeypatch):
    ids = ready(peer, home)
    go(peer, home)
    peer.deals([ids[i] for i in range(3)])
    for name, value in peer.settings_back.items():
        monkeypatch.setenv(f"LYTTEPOST_{name}", value)
    of_key = peer.tasks()
    peer.do(of_key[desk.task(0)["task_key"]]["id"])
    peer.judge(of_key[desk.task(1)["task_key"]]["id"], "Too late")
    tasks = [desk.task(i) for i in range(N)]
    # One that we close is no contact, whatever the CRM says of it.
    tasks[2] = desk.task(2, closed_reason="window closed")
    desk.put(home, [desk.update(i) for i in range(N)], tasks)
    go(peer, home)
    peer.do(of_key[desk.task(2)["task_key"]]["id"])
    n_written = len(peer.fake.ledger)

    told = read_back(peer.name, home, target=peers.opened(peer))
    assert len(peer.fake.ledger) == n_written
    assert (told.n_opportunities, told.n_of_others, told.n_fates) == (3, 1, 2)
    file = home / "outcomes" / f"{peer.name}.csv"
    read = read_opportunities([file], None, "o", None)
    by_account = {r["account_id"]: r for r in read.rows.iter_rows(named=True)}
    won, is_open = by_account["acc-00000"], by_account["acc-00001"]
    assert (won["stage"], won["amount"]) == ("won", 120_000)
    assert won["created_at"] == datetime(2026, 2, 1, 8)
    assert won["closed_at"].date() == date(2026, 5, 1)
    assert won["product"] == ("Modul" if peer.settings_back else None)
    assert (is_open["is_qualified"], is_open["closed_at"]) == (True, None)
    (refused,) = read.refused
    assert "'made up'" in refused.reason
    frame = pl.read_parquet(home / "published" / "current" / "crm_tasks.parquet")
    found = read_feedback([home / "feedback" / f"{peer.name}.csv"], frame)
    assert not found.refused
    rows = {r["account_id"]: r for r in found.rows.iter_rows(named=True)}
    assert set(rows) == {"acc-00000", "acc-00001"}
    assert rows["acc-00000"]["contacted_at"] == datetime(2026, 1, 20, 9)
    assert rows["acc-00001"]["verdict"] == "too_late"
    listed = read_watch_list(home / "crm" / peer.name / "accounts.csv")
    assert not listed.refused
    assert set(listed.accounts["owner"]) == {peer.owner}
    assert listed.accounts["account_id"].to_list() == [f"acc-{i:05d}" for i in range(N)]


def test_what_was_deleted_or_merged_is_noticed_with_nothing_to_send(peer, home):
    ids = ready(peer, home)
    go(peer, home)
    other = peer.company(2)
    peer.delete(ids[1])
    peer.merge(ids[2], other)
    gone_task = desk.task(4)["task_key"]
    peer.delete_task(peer.tasks()[gone_task]["id"])
    assert go(peer, home).calls == 0  # a sync has nothing to say, and asks nothing
    n_written = len(peer.fake.ledger)
    found = sweep(peer.name, home, target=peers.opened(peer))
    assert len(peer.fake.ledger) == n_written
    assert found.deleted == (("account", "acc-00001"), ("task", gone_task))
    assert found.merged == (("account", "acc-00002", other),)
    assert found.n_asked == 2 * N
    # The next sync follows the merger with all that we said, and leaves the rest be.
    done = go(peer, home)
    by_key = {s.key: s for s in done.steps}
    assert done.counts()["rejected"] == 0
    assert {s.key for s in done.steps if s.status == "sent"} <= {"acc-00002"}
    assert peer.ours(other)["lyttepost_why_now"] == desk.update(2)["why_now_nb"]
    assert "deleted there" in by_key["acc-00001"].reason
    assert "deleted there" in by_key[gone_task].reason
    assert gone_task not in peer.tasks()
    assert go(peer, home).calls == 0
    again = sweep(peer.name, home, target=peers.opened(peer))
    assert again.deleted == again.merged == ()
    # What follows is said to the record that is left.
    rows = [desk.update(i, lift=4.5) for i in range(N)]
    desk.put(home, rows, [desk.task(i) for i in range(N)])
    go(peer, home)
    assert float(peer.ours(other)["lyttepost_lift"]) == 4.5


def test_a_sweep_is_due_once_a_week(tmp_path):
    home = tmp_path / "home"
    desk.put(home, [desk.update(0)], [desk.task(0)])
    target = CsvFile(home)
    sync("csv_file", home, target=target)
    monday = datetime(2026, 1, 12, tzinfo=UTC)
    first = sweep_when_due("csv_file", home, now=monday, target=target)
    assert first is not None
    assert first.n_asked > 0
    soon, later = monday + timedelta(days=6), monday + timedelta(days=7)
    assert sweep_when_due("csv_file", home, now=soon, target=target) is None
    assert sweep_when_due("csv_file", home, now=later, target=target) is not None


def test_what_dataverse_tells_of_its_limit_is_kept(tmp_path, monkeypatch):
    pytest.importorskip("PowerPlatform.Dataverse")
    peer = peers.DynamicsPeer()
    waited = []
    with Served(peer.fake) as served:
        peers.set_up(peer, served.address, tmp_path, monkeypatch)
        target = open_destination("dynamics", tmp_path, Pace(sleep=waited.append))
        assert len(list(target.companies())) == 0
        assert not waited
        # Others use the same allowance: nearly all of it is gone.
        peer.fake.left = 2
        for _ in range(3):
            list(target.companies())
    # At 19 a second a place comes free in the twentieth part of one.
    assert waited
    assert max(waited) <= 1 / 19 + 0.01


def test_what_pipedrive_tells_of_its_limit_is_kept(tmp_path, monkeypatch):
    peer, clock = peers.PipedrivePeer(), peers.Clock()
    with Served(peer.fake) as served:
        peers.set_up(peer, served.address, tmp_path, monkeypatch)
        target = open_destination("pipedrive", tmp_path, clock.pace())
        assert target._rest.pace.rate == pytest.approx(0.95 * 20 / 2)
        peer.fake.limit = 200
        list(target.companies())
        assert target._rest.pace.rate == pytest.approx(0.95 * 200 / 2)


def test_a_key_goes_from_a_merged_record_to_the_other_in_one_step_or_not_at_all(
    tmp_path, monkeypatch
):
    pytest.importorskip("PowerPlatform.Dataverse")
    peer, home = peers.DynamicsPeer(), tmp_path / "home"
    with Served(peer.fake) as served:
        peers.set_up(peer, served.address, tmp_path, monkeypatch)
        tables = [desk.update(i) for i in range(N)], [desk.task(i) for i in range(N)]
        desk.put(home, *tables)
        ids = ready(peer, home)
        go(peer, home)
        other = peer.company(2)
        peer.merge(ids[2], other)
        sweep("dynamics", home, target=peers.opened(peer))
        # The other may not be written: the record that was merged away keeps the key.
        peer.fake.begin(peer.faults(bad_keys=("acc-00002",)))
        done = go(peer, home)
        assert done.counts()["rejected"] == 1
        assert peer.fake.requests["changeset"] == 1
        assert peer.ours(ids[2])["lyttepost_account_key"] == "acc-00002"
        assert not peer.ours(other)
        # Those beside it in the batch are answered for each.
        changed = [desk.update(i, lift=4.5) for i in range(N)]
        desk.put(home, changed, tables[1])
        done = go(peer, home, retry_rejected=True)
        assert (done.counts()["sent"], done.counts()["rejected"]) == (N - 1, 1)
        peer.fake.begin(peer.faults())
        go(peer, home, retry_rejected=True)
        assert peer.ours(other)["lyttepost_account_key"] == "acc-00002"
        assert "lyttepost_account_key" not in peer.ours(ids[2])


def test_a_task_that_stands_in_no_table_any_more_is_closed(peer, home):
    ready(peer, home)
    go(peer, home)
    updates = [desk.update(i) for i in range(N)]
    desk.put(home, updates, [desk.task(i) for i in range(1, N)])
    done = go(peer, home)
    assert done.counts()["sent"] == 1
    closed = {k for k, t in peer.tasks().items() if t["is_closed"]}
    assert closed == {desk.task(0)["task_key"]}
    assert go(peer, home).calls == 0
