"""HubSpot by its own client against a made-up portal that fails in every way."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from orchestration.contracts.expectations import validate
from orchestration.contracts.odcs import contract
from orchestration.crm.destinations import hubspot
from orchestration.crm.destinations.hubspot import HubSpot
from orchestration.crm.fault import CrmError
from orchestration.crm.matching import match
from orchestration.crm.pace import Pace
from orchestration.crm.setup import setup
from orchestration.crm.sweep import sweep
from orchestration.crm.sync import plan, sync
from orchestration.crm.tables import REMOVED
from practice_market.fake_hubspot import FakeHubSpot, Faults
from practice_market.faulty_server import Served
from tests.crm import desk
from tests.crm.peers import Clock, hurried

pytestmark = pytest.mark.slow(20)
N = 6


class Quick(HubSpot):
    """Not paced: the made-up portal sets no limit unless a test asks for one."""

    def __init__(
        self, host: str, timeout_s: float = 5.0, pace: Pace | None = None
    ) -> None:
        super().__init__(pace or hurried(), host, timeout_s)
        self.pace = pace or hurried()


@pytest.fixture
def portal(tmp_path, monkeypatch):
    made = FakeHubSpot()
    token = tmp_path / "token"
    token.write_text(made.token)
    made.on_expired = token.write_text
    monkeypatch.setenv("LYTTEPOST_HUBSPOT_TOKEN_FILE", str(token))
    with Served(made) as served:
        monkeypatch.setenv("LYTTEPOST_HUBSPOT_HOST", served.address)
        made.address, made.served = served.address, served
        yield made


@pytest.fixture
def home(tmp_path) -> Path:
    place = tmp_path / "home"
    desk.put(
        place, [desk.update(i) for i in range(N)], [desk.task(i) for i in range(N)]
    )
    return place


def people_s_companies(portal, ids=range(N)) -> dict[int, str]:
    """Companies that people made, each with what they wrote."""
    return {
        i: portal.add(
            "companies",
            name=f"Oppdiktet {i}",
            org_number=f"{desk.org_number(i)[:3]} {desk.org_number(i)[3:]}",
            domain=f"selskap{i}.example",
            hubspot_owner_id="7",
            lifecyclestage="lead",
        )
        for i in ids
    }


def ready(portal, home) -> dict[int, str]:
    target = Quick(portal.address)
    ids = people_s_companies(portal)
    setup("hubspot", home, is_confirmed=True, target=target)
    match("hubspot", home, approve=["org_number"], target=target)
    return ids


def go(portal, home, **options):
    target = options.pop("target", None) or Quick(portal.address)
    return sync(
        "hubspot", home, is_confirmed=True, target=target, pace=hurried(), **options
    )


def test_nothing_is_created_before_it_is_matched_and_approved(portal, home):
    target = Quick(portal.address)
    setup("hubspot", home, is_confirmed=True, target=target)
    done = go(portal, home)
    assert done.counts()["deferred"] == 2 * N
    assert not portal.objects["companies"]
    report = match("hubspot", home, target=target)
    assert report.counts() == {"nothing": N}
    assert go(portal, home).counts()["deferred"] == 2 * N
    match("hubspot", home, approve_create=["acc-00001"], target=target)
    done = go(portal, home)
    # The account and its task.
    assert done.counts() == {
        "sent": 2,
        "unchanged": 0,
        "rejected": 0,
        "deferred": 2 * N - 2,
    }
    (made,) = portal.objects["companies"].values()
    assert made["name"] == "Oppdiktet 1 AS"
    assert made["lyttepost_account_key"] == "acc-00001"
    assert "hubspot_owner_id" not in made


def test_a_sweep_asks_by_the_hundred(portal, home):
    ready(portal, home)
    go(portal, home)
    # Accounts and tasks in a call each, and which of the tasks hang.
    assert sweep("hubspot", home, target=Quick(portal.address)).calls == 3


def test_a_task_that_closes_leaves_one_note_beside_its_company(portal, home):
    ids = ready(portal, home)
    go(portal, home)
    assert not portal.objects["notes"]
    theirs_ = portal.add("notes", hs_note_body="Ring etter ferien.")
    tasks = [desk.task(i) for i in range(N)]
    tasks[3] = desk.task(3, closed_reason="window closed")
    # One of an account that opted out leaves none,
    tasks[4] = desk.task(4, closed_reason=REMOVED)
    # nor one that closed before it was ever sent.
    tasks.append(desk.task(9, account_id="acc-00000", closed_reason="role filled"))
    desk.put(home, [desk.update(i) for i in range(N)], tasks)
    done = go(portal, home)
    assert done.counts()["rejected"] == 0
    (note,) = set(portal.objects["notes"]) - {theirs_}
    said = portal.objects["notes"][note]
    assert said["lyttepost_note_key"] == desk.task(3)["task_key"]
    assert "er lukket (window closed)" in said["hs_note_body"]
    assert (note, ids[3]) in portal.associations
    assert go(portal, home).calls == 0
    # Lost answers make no second one; a lift that moves later does not write it anew.
    tasks[3] = desk.task(3, closed_reason="window closed", lift=9.0)
    desk.put(home, [desk.update(i) for i in range(N)], tasks)
    go(portal, home)
    assert portal.taken_twice() == []
    # What a person writes into it stays, and one they delete is not made again.
    portal.edit("notes", note, hs_note_body="Enig. Kari")
    go(portal, home)
    assert portal.objects["notes"][note]["hs_note_body"] == "Enig. Kari"
    portal.delete("notes", note)
    assert ("note", desk.task(3)["task_key"]) in sweep(
        "hubspot", home, target=Quick(portal.address)
    ).deleted
    go(portal, home)
    assert set(portal.objects["notes"]) == {theirs_}


@pytest.mark.parametrize("fault", ["fails_after", "drops_after"])
def test_a_note_whose_answer_was_lost_is_read_back(portal, home, fault):
    ready(portal, home)
    go(portal, home)
    tasks = [desk.task(i, closed_reason="window closed") for i in range(N)]
    desk.put(home, [desk.update(i) for i in range(N)], tasks)
    portal.begin(Faults(**{fault: 0.4}))
    go(portal, home)
    portal.begin(Faults())
    go(portal, home)
    keys = Counter(n["lyttepost_note_key"] for n in portal.objects["notes"].values())
    assert keys == Counter(t["task_key"] for t in tasks)
    assert portal.taken_twice() == []
    assert set(portal.objects["notes"]) <= {i for i, _ in portal.associations}


def test_a_task_that_a_person_closed_is_not_opened_again(portal, home):
    ready(portal, home)
    go(portal, home)
    (first, *_) = portal.objects["tasks"]
    key = portal.objects["tasks"][first]["lyttepost_task_key"]
    portal.edit("tasks", first, hs_task_status="COMPLETED")
    desk.put(
        home,
        [desk.update(i) for i in range(N)],
        [desk.task(i, body_nb=f"Person {i}: nytt") for i in range(N)],
    )
    done = go(portal, home)
    assert portal.objects["tasks"][first]["hs_task_status"] == "COMPLETED"
    assert next(s for s in done.steps if s.key == key).status in ("sent", "unchanged")


def test_a_task_that_was_made_and_not_hung_on_its_company_is_hung_later(
    portal, home, monkeypatch
):
    ready(portal, home)
    target = Quick(portal.address)

    line = target._line

    class Down:
        def call_api(self, path, *args, **options):
            if path.endswith("/default"):
                raise OSError("made-up: the line is cut")
            return line.call_api(path, *args, **options)

    target._line = Down()
    done = go(portal, home, target=target)
    assert len(portal.objects["tasks"]) == N
    assert not portal.associations
    of_tasks = {s.status for s in done.steps if s.kind == "task"}
    assert of_tasks <= {"rejected", "deferred"}
    go(portal, home, retry_rejected=True)
    assert {t for t, _ in portal.associations} == set(portal.objects["tasks"])
    assert len(portal.objects["tasks"]) == N
    assert portal.taken_twice() == []
    assert go(portal, home).calls == 0


def test_a_plan_that_touches_too_much_stops_and_asks(portal, home):
    desk.put(home, [desk.update(i) for i in range(30)])
    target = Quick(portal.address)
    people_s_companies(portal, range(30))
    setup("hubspot", home, is_confirmed=True, target=target)
    match("hubspot", home, approve=["org_number"], target=target)
    with pytest.raises(CrmError, match=r"30 of 30 records .* --confirm"):
        sync("hubspot", home, target=target)
    assert not portal.ledger
    assert go(portal, home).counts()["sent"] == 30


def test_fields_that_do_not_fit_stop_it_before_anything_is_sent(portal, home):
    ready(portal, home)
    portal.properties["companies"]["lyttepost_lift"]["type"] = "string"
    band = portal.properties["companies"]["lyttepost_band"]
    band["options"] = [o for o in band["options"] if o["value"] != "high"]
    with pytest.raises(CrmError) as told:
        go(portal, home)
    assert "lyttepost_lift is of type text there, the map says number" in str(
        told.value
    )
    assert "lyttepost_band does not offer high" in str(told.value)
    assert not portal.ledger
    with pytest.raises(CrmError, match="lyttepost_lift"):
        plan("hubspot", home, target=Quick(portal.address))
    assert not setup(
        "hubspot", home, is_confirmed=True, target=Quick(portal.address)
    ).is_success


@pytest.mark.parametrize("status", [200, 207])
def test_errors_of_single_records_are_read_whatever_the_status(portal, home, status):
    ready(portal, home)
    portal.begin(Faults(bad_keys=("acc-00002", "acc-00004"), mixed_status=status))
    done = go(portal, home)
    bad = {s.key for s in done.steps if s.status == "rejected"}
    assert bad == {"acc-00002", "acc-00004"}
    assert done.counts()["sent"] == 2 * N - 2
    told = next(s for s in done.steps if s.key == "acc-00002").reason
    assert told == "VALIDATION_ERROR: made-up: this record is never taken"
    rejected = pl.read_parquet(home / "crm" / "hubspot" / "sync_rejected.parquet")
    assert validate(contract("crm/sync_rejected"), rejected).is_kept
    assert rejected["reason"].to_list() == [told, told]
    # Nothing new to say: it is counted again, and not sent again.
    again = go(portal, home)
    assert again.counts()["rejected"] == 2
    assert again.calls == 0
    portal.begin(Faults())
    assert go(portal, home, retry_rejected=True).counts()["sent"] == 2


def test_the_dated_version_is_the_same_by_other_paths(portal, home, monkeypatch):
    monkeypatch.setenv("LYTTEPOST_HUBSPOT_API_VERSION", "2026-03")
    portal.answers_versions = ("2026-03",)
    ids = ready(portal, home)
    assert go(portal, home).counts()["sent"] == 2 * N
    assert portal.objects["companies"][ids[0]]["lyttepost_talk_to_name"] == "Person 0"
    assert len(portal.associations) == N
    assert go(portal, home).calls == 0
    monkeypatch.setenv("LYTTEPOST_HUBSPOT_API_VERSION", "latest")
    with pytest.raises(CrmError, match="v3 or a dated version"):
        Quick(portal.address)


def test_the_limit_of_the_headers_is_kept_and_no_call_is_refused(portal, home):
    portal.calls_per_10_s = 40
    target = Quick(portal.address)
    target.pace = hurried().within(190, 10.0)
    target._once("GET", "/crm/v3/properties/companies")
    assert target.pace.rate == pytest.approx(0.95 * 40 / 10)
    assert target.pace.burst == 2


def test_too_many_records_a_second_are_sent_again_and_none_twice(portal, home):
    many(portal, home, 120)
    clock = Clock()
    portal.objects_per_s, portal.clock = 100, clock
    portal.begin(Faults(retry_after_s=3.0))
    portal.requests.clear()
    pace = clock.pace()
    target = Quick(portal.address, pace=pace)
    done = sync("hubspot", home, is_confirmed=True, target=target, pace=pace)
    assert done.counts()["deferred"] == 0
    assert portal.requests["429"] > 0
    assert portal.taken_twice() == []
    # What was sent together is sent again together, and not one by one.
    assert portal.requests["update"] + portal.requests["upsert"] < 20


def test_batches_are_under_way_side_by_side_and_each_is_answered_for(portal, home):
    n = 350
    many(portal, home, n)
    portal.begin(Faults(bad_keys=("7",), slow=1.0, slow_s=0.05))
    portal.served.most_at_once = 0
    done = go(portal, home)
    assert 2 < portal.served.most_at_once <= hubspot.AT_ONCE
    assert sum(done.counts().values()) == 2 * n
    as_it_should_be(portal, home, n)
    # What was refused is not sent again, nor the tasks of companies that are not there.
    assert go(portal, home).calls == 0


def test_the_limit_of_the_day_ends_the_run_and_costs_nothing(portal, home):
    ready(portal, home)
    # Three describe, two read, and the companies are sent; the tasks are not.
    portal.calls_left_today = 6
    done = go(portal, home)
    assert done.counts()["sent"] == N
    assert done.note is not None
    assert "used up" in done.note
    assert done.counts()["rejected"] == 0
    portal.calls_left_today = None
    assert go(portal, home).counts()["deferred"] == 0
    assert portal.taken_twice() == []


def test_a_token_that_is_revoked_in_mid_run_defers_the_rest(portal, home, tmp_path):
    ready(portal, home)
    portal.begin(Faults(token_lasts=6))
    portal.on_expired = lambda new: None
    done = go(portal, home)
    assert done.note is not None
    assert "LYTTEPOST_HUBSPOT_TOKEN" in done.note
    assert done.counts() == {"sent": N, "unchanged": 0, "rejected": 0, "deferred": N}
    assert not done.is_success
    (tmp_path / "token").write_text(portal.token)
    portal.begin(Faults())
    assert go(portal, home).counts()["deferred"] == 0
    assert portal.taken_twice() == []


STORM = Faults(
    seed=4,
    busy=0.08,
    storm=4,
    fails_before=0.05,
    fails_after=0.08,
    drops_before=0.05,
    drops_after=0.08,
    slow=0.04,
    slow_s=0.8,
    mixed=0.03,
    token_lasts=25,
    bad_keys=("7",),
)


def many(portal, home, n: int) -> None:
    desk.put(home, [desk.update(i) for i in range(n)], [desk.task(i) for i in range(n)])
    target = Quick(portal.address)
    people_s_companies(portal, range(0, n, 2))
    setup("hubspot", home, is_confirmed=True, target=target)
    match(
        "hubspot",
        home,
        approve=["org_number"],
        approve_create=["all"],
        target=target,
    )


def as_it_should_be(portal, home, n: int) -> None:
    """Every record accepted or given up with a reason, and none made twice."""
    state = pl.read_parquet(home / "crm" / "hubspot" / "sync_snapshot.parquet")
    rejected = pl.read_parquet(home / "crm" / "hubspot" / "sync_rejected.parquet")
    accepted = state.select("kind", "record_key").unique()
    assert accepted.join(rejected, on=["kind", "record_key"], how="inner").is_empty()
    held = portal.objects["companies"].values()
    keys = Counter(c["lyttepost_account_key"] for c in held if "lyttepost_lift" in c)
    assert set(keys.values()) == {1}
    assert set(keys) == set(accepted.filter(pl.col("kind") == "account")["record_key"])
    of_tasks = Counter(
        t["lyttepost_task_key"] for t in portal.objects["tasks"].values()
    )
    assert set(of_tasks.values()) == {1}
    assert {t for t, _ in portal.associations} == set(portal.objects["tasks"])
    refused = set(rejected.filter(pl.col("kind") == "account")["record_key"])
    assert {f"acc-{i:05d}" for i in range(n) if i % 10 == 7} <= refused
    assert set(keys) | refused == {f"acc-{i:05d}" for i in range(n)}
    assert rejected["reason"].str.len_chars().min() > 0
    assert portal.taken_twice() == []


def test_in_every_weather_each_record_ends_once_and_for_all(portal, home):
    n = 150
    many(portal, home, n)
    portal.begin(STORM)
    # A short patience, so that a slow page is a lost answer.
    for _ in range(12):
        done = go(portal, home, target=Quick(portal.address, timeout_s=0.4))
        assert sum(done.counts().values()) == len(done.steps) == 2 * n
        if done.counts()["deferred"] == done.counts()["sent"] == 0:
            break
    runs = pl.read_parquet(home / "crm" / "hubspot" / "sync_runs.parquet")
    assert validate(contract("crm/sync_runs"), runs).is_kept
    as_it_should_be(portal, home, n)


KILLED = """
import sys, time
from pathlib import Path
from orchestration.crm.destinations.hubspot import HubSpot
from orchestration.crm.pace import Pace
from orchestration.crm.sync import sync
pace = Pace(sleep=lambda s: time.sleep(s / 100))
target = HubSpot(pace, sys.argv[2], 5.0)
target.pace = pace
print("begun", flush=True)
sync("hubspot", Path(sys.argv[1]), is_confirmed=True, target=target, pace=pace)
"""


def test_kill_9_at_any_moment_changes_nothing_in_the_end(portal, home):
    n = 150
    many(portal, home, n)
    portal.begin(Faults(bad_keys=("7",), slow=0.5, slow_s=0.03))
    draw = random.Random(3)
    killed = 0
    for _ in range(6):
        child = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(home), portal.address],
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )
        child.stdout.readline()
        time.sleep(draw.uniform(0.02, 0.6))
        child.send_signal(signal.SIGKILL)
        killed += child.wait() == -signal.SIGKILL
        child.stdout.close()
    assert killed > 0
    done = go(portal, home)
    assert done.counts()["deferred"] <= n / 10 + 1
    as_it_should_be(portal, home, n)
    assert go(portal, home).calls == 0
