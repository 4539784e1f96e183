"""Salesforce by simple-salesforce against a made-up org that fails in every way."""

from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from orchestration.crm.destinations import salesforce
from orchestration.crm.destinations.protocol import ACCOUNT, TASK, Write
from orchestration.crm.destinations.salesforce import BULK_FROM, Salesforce
from orchestration.crm.fault import CrmError
from orchestration.crm.field_map import load_field_map, map_file
from orchestration.crm.matching import match
from orchestration.crm.pace import Pace
from orchestration.crm.setup import setup
from orchestration.crm.sync import plan, sync
from practice_market.fake_salesforce import FakeSalesforce, Faults
from practice_market.faulty_server import Served
from tests.crm import desk
from tests.crm.peers import hurried

pytestmark = pytest.mark.slow(20)
N = 6
FEW = 3  # so many go as a job, where a test says so


def quick(org, *, bulk_from: int = BULK_FROM, timeout_s: float = 5.0) -> Salesforce:
    """Not paced: the made-up org sets no limit unless a test asks for one."""
    target = Salesforce(hurried(), org.address, timeout_s)
    target._line.pace = hurried()
    target.bulk_from, target.poll_s = bulk_from, 0.005
    return target


@pytest.fixture
def org(tmp_path, monkeypatch):
    made = FakeSalesforce()
    token = tmp_path / "token"
    token.write_text(made.token)
    made.on_expired = token.write_text
    monkeypatch.setenv("LYTTEPOST_SALESFORCE_TOKEN_FILE", str(token))
    monkeypatch.setenv("LYTTEPOST_SALESFORCE_ORG_NUMBER_FIELD", "Org_Number__c")
    with Served(made) as served:
        monkeypatch.setenv("LYTTEPOST_SALESFORCE_URL", served.address)
        made.address = served.address
        yield made


@pytest.fixture
def home(tmp_path) -> Path:
    place = tmp_path / "home"
    put(place)
    return place


def put(home, n: int = N) -> None:
    desk.put(home, [desk.update(i) for i in range(n)], [desk.task(i) for i in range(n)])


def administrate(org) -> None:
    """What an administrator creates, once told."""
    for kind, name in ((ACCOUNT, "Account"), (TASK, "Task")):
        field_map = load_field_map(map_file("salesforce", kind))
        org.add_field(name, field_map.key, type="string", length=255, externalId=True)
        types = {"number": "double", "date": "date", "picklist": "picklist"}
        for f in field_map.made:
            if f.field.endswith("__c"):
                length = 0 if f.type != "text" else f.max_length
                type_ = types.get(f.type) or ("string" if length < 256 else "textarea")
                options = list(f.options)
                org.add_field(name, f.field, type=type_, length=length, options=options)


def people_s_accounts(org, ids=range(N)) -> dict[int, str]:
    """Accounts that people made, each with what they wrote."""
    return {
        i: org.add(
            "Account",
            Name=f"Oppdiktet {i}",
            Org_Number__c=f"{desk.org_number(i)[:3]} {desk.org_number(i)[3:]}",
            Website=f"https://www.selskap{i}.example",
            OwnerId="005000000000007AAA",
            Rating="Warm",
        )
        for i in ids
    }


def ready(org, home, ids=range(N)) -> dict[int, str]:
    administrate(org)
    made = people_s_accounts(org, ids)
    match(
        "salesforce",
        home,
        approve=["org_number"],
        approve_create=["all"],
        target=quick(org),
    )
    return made


def go(org, home, **options):
    target = options.pop("target", None) or quick(org)
    return sync(
        "salesforce", home, is_confirmed=True, target=target, pace=hurried(), **options
    )


def theirs(org) -> dict[str, dict]:
    """What is not ours, of the accounts."""
    return {
        i: {k: v for k, v in held.items() if not k.startswith("Lyttepost_")}
        for i, held in org.objects["Account"].items()
    }


def as_it_should_be(org, n: int = N) -> None:
    """Each account and task there once, whole, and none written twice alike."""
    for kind, key in (("Account", "Account_Key"), ("Task", "Task_Key")):
        held = [h for h in org.objects[kind].values() if f"Lyttepost_{key}__c" in h]
        keys = Counter(h[f"Lyttepost_{key}__c"] for h in held)
        assert len(keys) == n
        assert set(keys.values()) == {1}
    accounts = {h["WhatId"] for h in org.objects["Task"].values()}
    assert accounts == set(org.objects["Account"])
    assert org.taken_twice() == []


@pytest.mark.parametrize("bulk_from", [BULK_FROM, FEW])
def test_the_first_sync_writes_all_and_the_second_calls_nothing(org, home, bulk_from):
    # Half of the accounts are people's, the others are made; by calls, and by jobs.
    org.page = 2
    ids = ready(org, home, range(3))
    before = theirs(org)
    planned = plan("salesforce", home, target=quick(org))
    assert planned.operations() == {"create": 2 * N - 3, "update": 3, "close": 0}
    assert not org.ledger
    done = go(org, home, target=quick(org, bulk_from=bulk_from))
    assert done.counts()["sent"] == 2 * N
    assert done.is_success
    after = theirs(org)
    assert {i: after[i] for i in before} == before
    made = [held for i, held in after.items() if i not in before]
    assert sorted(m["Name"] for m in made) == [f"Oppdiktet {i} AS" for i in (3, 4, 5)]
    assert {m["Org_Number__c"] for m in made} == {desk.org_number(i) for i in (3, 4, 5)}
    assert not any("OwnerId" in m for m in made)
    first = org.objects["Account"][ids[0]]
    assert first["Lyttepost_Talk_To_Name__c"] == "Person 0"
    assert first["Lyttepost_Probability__c"] == 0.1
    assert first["Lyttepost_Act_Before__c"] == "2026-03-01"
    task = next(t for t in org.objects["Task"].values() if t["WhatId"] == ids[0])
    assert task["Status"] == "Not Started"
    assert "\n" in task["Description"]
    assert bool(org.jobs) == (bulk_from == FEW)
    assert [j["operation"] for j in org.jobs.values()] in (
        [],
        ["update", "upsert", "upsert"],
        ["upsert", "update", "upsert"],
    )
    as_it_should_be(org)
    again = go(org, home, target=quick(org, bulk_from=bulk_from))
    assert again.counts()["unchanged"] == 2 * N
    assert again.calls == 0


def test_two_thousand_are_a_job_and_one_fewer_are_calls_of_200(org):
    administrate(org)
    target = quick(org)
    writes = [
        Write(
            f"key-{i}",
            None,
            {"Subject": f"Oppdiktet {i}, æøå\u2028“nå”", "Status": "Not Started"},
        )
        for i in range(BULK_FROM)
    ]
    told = target.write(TASK, writes[1:])
    assert {o.status for o in told} == {"accepted"}
    assert (target.calls, org.most_a_call, len(org.jobs)) == (10, 200, 0)
    again = target.write(TASK, writes)
    assert {o.status for o in again} == {"accepted"}
    assert [o.key for o in again] == [w.key for w in writes]
    assert {o.key: o.remote_id for o in told}.items() <= {
        o.key: o.remote_id for o in again
    }.items()
    assert len(org.jobs) == 1
    assert len(org.objects["Task"]) == BULK_FROM
    said = {t["Subject"] for t in org.objects["Task"].values()}
    assert said == {w.values["Subject"] for w in writes}
    # Read and found in few calls as well.
    before = target.calls
    assert len(target.find(TASK, [w.key for w in writes])) == BULK_FROM
    assert len(target.read(TASK, [o.remote_id for o in again])) == BULK_FROM
    assert target.calls - before < 10


def test_setup_tells_what_an_administrator_must_create(org, home):
    told = setup("salesforce", home, target=quick(org))
    assert not told.is_success
    assert "Lyttepost_Account_Key__c: missing; --confirm says what" in told.text()
    with pytest.raises(CrmError, match=r"administrator must create .* of Account") as e:
        setup("salesforce", home, is_confirmed=True, target=quick(org))
    for said in (
        "Lyttepost_Account_Key__c: Text(255), External ID, Unique",
        "Lyttepost_Lift__c: Number(15, 3)",
        "Lyttepost_Band__c: Picklist of high, raised, base, unknown",
        "Lyttepost_Why_Now__c: Long Text Area(5000)",
        "Lyttepost_Evidence_Url__c: Text(255)",
    ):
        assert said in str(e.value)
    people_s_accounts(org)
    match("salesforce", home, approve=["org_number"], target=quick(org))
    with pytest.raises(CrmError, match="Lyttepost_Band__c is not there"):
        go(org, home)
    administrate(org)
    assert setup("salesforce", home, target=quick(org)).is_success
    org.fields["Account"]["Lyttepost_Why_Now__c"]["length"] = 255
    with pytest.raises(CrmError, match="holds 255 characters, the map says 5000"):
        go(org, home)
    org.fields["Account"]["Lyttepost_Account_Key__c"]["externalId"] = False
    with pytest.raises(CrmError, match="is no External ID"):
        setup("salesforce", home, target=quick(org))
    assert not org.ledger


@pytest.mark.parametrize("bulk_from", [BULK_FROM, FEW])
def test_each_record_has_its_own_result(org, home, bulk_from):
    ready(org, home)
    org.begin(Faults(bad_keys=("acc-00002", "acc-00004")))
    done = go(org, home, target=quick(org, bulk_from=bulk_from))
    bad = {s.key: s.reason for s in done.steps if s.status == "rejected"}
    assert set(bad) == {"acc-00002", "acc-00004"}
    # In the org's own words.
    assert "FIELD_CUSTOM_VALIDATION_EXCEPTION" in bad["acc-00002"]
    assert "Made-up rule: kunden er på svartelista, ring først" in bad["acc-00002"]
    assert done.counts()["sent"] == 2 * N - 2
    again = go(org, home)
    assert (again.counts()["rejected"], again.calls) == (2, 0)
    org.begin(Faults())
    assert go(org, home, retry_rejected=True).counts()["sent"] == 2
    as_it_should_be(org)


@pytest.mark.parametrize("bulk_from", [BULK_FROM, FEW])
def test_a_locked_row_is_sent_again(org, home, bulk_from):
    ready(org, home)
    org.begin(Faults(seed=3, locked=0.4))
    done = go(org, home, target=quick(org, bulk_from=bulk_from))
    given_up = [s.reason for s in done.steps if s.status == "rejected"]
    assert all("given up after 5 tries: UNABLE_TO_LOCK_ROW" in r for r in given_up)
    assert done.counts()["sent"] >= 2 * N - 2
    org.begin(Faults())
    go(org, home, retry_rejected=True)
    as_it_should_be(org)


@pytest.mark.parametrize("faults", [Faults(unprocessed=2), Faults(fails_job=True)])
def test_what_a_job_did_not_come_to_is_sent_again(org, home, faults):
    ready(org, home)
    org.begin(faults)
    done = go(org, home, target=quick(org, bulk_from=FEW))
    # Those that are left are fewer than make a job, or go ten by ten in the end.
    assert done.counts()["sent"] + done.counts()["rejected"] == 2 * N
    org.begin(Faults())
    go(org, home, retry_rejected=True)
    as_it_should_be(org)


def test_an_id_of_fifteen_characters_is_the_same_record(org):
    administrate(org)
    ids = people_s_accounts(org)
    org.delete("Account", ids[1], into=ids[0])
    target = quick(org)
    short = [ids[2][:15], ids[1][:15], "001000000000099"]
    found = target.read(ACCOUNT, short)
    assert {i: held.remote_id for i, held in found.items()} == {
        short[0]: short[0],
        short[1]: ids[0],
    }
    writes = [Write("acc-00002", short[0], {"Lyttepost_Lift__c": "3.5"})]
    (told,) = target.write(ACCOUNT, writes)
    assert (told.status, told.remote_id) == ("accepted", ids[2])


@pytest.mark.parametrize("bulk_from", [BULK_FROM, FEW])
def test_a_record_that_is_deleted_while_it_is_written_stays_deleted(
    org, home, bulk_from
):
    ids = ready(org, home)
    org.meanwhile = lambda: org.delete("Account", ids[5])
    done = go(org, home, target=quick(org, bulk_from=bulk_from))
    told = next(s for s in done.steps if s.key == "acc-00005")
    assert told.status == "rejected"
    assert "deleted there (ENTITY_IS_DELETED:" in told.reason
    desk.put(home, [desk.update(i, lift=4.0) for i in range(N)])
    again = {s.key: s for s in go(org, home, retry_rejected=True).steps}
    assert again["acc-00005"].status == "deferred"
    assert len(org.objects["Account"]) == N - 1


def test_an_emptied_field_is_cleared_by_a_job_too(org, home):
    ids = ready(org, home)
    go(org, home)
    desk.put(home, [desk.update(i, **desk.CLOSED) for i in range(N)])
    assert go(org, home, target=quick(org, bulk_from=FEW)).is_success
    cleared = org.objects["Account"][ids[3]]
    said = {k for k, v in cleared.items() if k.startswith("Lyttepost_") and v}
    assert said == {"Lyttepost_Account_Key__c"}
    assert cleared["Rating"] == "Warm"


@pytest.mark.parametrize("bulk_from", [FEW])
def test_a_session_that_ends_is_read_anew_in_mid_run(org, home, bulk_from):
    ready(org, home)
    org.begin(Faults(token_lasts=5))
    done = go(org, home, target=quick(org, bulk_from=bulk_from))
    assert done.counts()["sent"] == 2 * N
    as_it_should_be(org)


def test_a_session_that_is_revoked_in_mid_run_defers_the_rest(org, home, tmp_path):
    ready(org, home)
    org.begin(Faults(token_lasts=4))
    org.on_expired = lambda new: None
    done = go(org, home)
    assert done.note is not None
    assert "LYTTEPOST_SALESFORCE_TOKEN" in done.note
    assert done.counts()["deferred"] >= N
    (tmp_path / "token").write_text(org.token)
    org.begin(Faults())
    assert go(org, home).counts()["deferred"] == 0
    as_it_should_be(org)


def test_a_limit_that_is_reached_is_waited_for_as_long_as_it_says(org):
    administrate(org)
    waits: list[float] = []
    target = quick(org)
    target._line.pace = Pace(sleep=waits.append, jitter=lambda: 0.0)
    writes = [Write(f"k{i}", None, {"Subject": "Oppdiktet"}) for i in range(450)]
    org.begin(Faults(limit=1.0))
    told = target.write(TASK, writes)
    assert {o.status for o in told} == {"busy"}
    assert len(told) == len(writes)
    assert "REQUEST_LIMIT_EXCEEDED" in told[0].reason
    # The rest is not asked for: it would be refused as well.
    assert target.calls == 1
    org.begin(Faults(unavailable=1.0, retry_after_s=7))
    (told,) = target.write(TASK, writes[:1])
    assert (told.status, told.after_s) == ("busy", 7.0)
    with pytest.raises(CrmError, match="cannot be read: 503 SERVER_UNAVAILABLE"):
        target.describe(TASK)
    assert set(waits) == {7.0}
    assert not org.ledger


@pytest.mark.parametrize("bulk_from", [FEW])
def test_an_answer_that_comes_too_late_is_read_back_and_not_sent_again(
    org, home, bulk_from
):
    ready(org, home)
    org.begin(Faults(loses=1, slow_s=0.5))
    done = go(org, home, target=quick(org, bulk_from=bulk_from, timeout_s=0.25))
    assert done.counts()["sent"] == 2 * N
    as_it_should_be(org)
    assert len(org.ledger) == 2 * N
    assert go(org, home).calls == 0


def test_a_job_that_takes_too_long_is_aborted_and_read_back(org, home, monkeypatch):
    monkeypatch.setattr(salesforce, "_JOB_MOST_S", 0.1)
    ready(org, home)
    org.begin(Faults(polls=10**6))
    done = go(org, home, target=quick(org, bulk_from=FEW))
    assert {j["state"] for j in org.jobs.values()} == {"Aborted"}
    # This org had done it all the same.
    assert done.counts()["sent"] == 2 * N
    as_it_should_be(org)
    assert len(org.ledger) == 2 * N


STORM = Faults(
    seed=2,
    limit=0.03,
    unavailable=0.03,
    storm=3,
    fails_before=0.04,
    fails_after=0.06,
    drops_before=0.04,
    drops_after=0.06,
    slow=0.04,
    slow_s=0.6,
    locked=0.03,
    token_lasts=25,
    bad_keys=("7",),
)


@pytest.mark.parametrize("bulk_from", [20])
def test_in_every_weather_each_record_ends_once_and_for_all(org, home, bulk_from):
    n = 60
    put(home, n)
    ready(org, home, range(0, n, 2))
    org.begin(STORM)
    # A short patience, so that a slow page is a lost answer.
    for _ in range(12):
        target = quick(org, bulk_from=bulk_from, timeout_s=0.4)
        done = go(org, home, target=target)
        assert sum(done.counts().values()) == len(done.steps) == 2 * n
        if done.counts()["deferred"] == done.counts()["sent"] == 0:
            break
    folder = home / "crm" / "salesforce"
    accepted = pl.read_parquet(folder / "sync_snapshot.parquet")
    rejected = pl.read_parquet(folder / "sync_rejected.parquet")
    both = accepted.join(rejected, on=["kind", "record_key"], how="inner")
    assert both.is_empty()
    held = org.objects["Account"].values()
    keys = Counter(a["Lyttepost_Account_Key__c"] for a in held if len(a) > 6)
    of_accounts = accepted.filter(pl.col("kind") == "account")["record_key"]
    assert set(keys) == set(of_accounts)
    assert set(keys.values()) == {1}
    of_tasks = Counter(t["Lyttepost_Task_Key__c"] for t in org.objects["Task"].values())
    assert set(of_tasks.values()) == {1}
    refused = set(rejected.filter(pl.col("kind") == "account")["record_key"])
    assert {f"acc-{i:05d}" for i in range(n) if i % 10 == 7} <= refused
    assert set(keys) | refused == {f"acc-{i:05d}" for i in range(n)}
    if bulk_from == BULK_FROM:
        assert org.taken_twice() == []


def test_the_last_requests_of_the_day_are_left_to_others(org, home):
    ready(org, home)
    org.used, org.allowed = 90, 100
    done = go(org, home)
    assert "requests of the day are used" in done.note
    assert org.used <= 96
    assert done.counts()["rejected"] == 0
    assert done.counts()["deferred"] > 0
    # The next day.
    org.used = 0
    org.allowed = 10_000
    assert go(org, home).counts()["deferred"] == 0
    as_it_should_be(org)
