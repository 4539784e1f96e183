"""Back again: opportunities, owners and verdicts of a CRM, and what is made of them."""

from datetime import date, datetime

import polars as pl
import pytest
from typer.testing import CliRunner

from orchestration.accounts.landed import read_landed, write_landed
from orchestration.accounts.watch_list import read_watch_list
from orchestration.cli import app
from orchestration.contracts.expectations import validate
from orchestration.contracts.frames import empty_frame, schema
from orchestration.contracts.odcs import contract
from orchestration.crm.destinations import hubspot
from orchestration.crm.destinations.csv_file import CsvFile
from orchestration.crm.fault import CrmError
from orchestration.crm.feedback import (
    accepted_feedback,
    read_feedback,
    write_feedback,
)
from orchestration.crm.matching import match
from orchestration.crm.opportunities import read_opportunities
from orchestration.crm.reactive import reactive_share
from orchestration.crm.read_back import read_back
from orchestration.crm.setup import setup
from orchestration.crm.sync import crm_ids, sync
from orchestration.scoring.judged import with_verdicts
from practice_market.fake_hubspot import FakeHubSpot
from practice_market.faulty_server import Served
from tests.crm import desk
from tests.crm.test_crm_hubspot import Quick, hurried, people_s_companies

N = 4


def frame(path, *rows):
    wanted = schema(contract(path))
    return pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in wanted}, schema=wanted
    )


def tasks():
    return frame("crm/crm_tasks", *(desk.task(i) for i in range(N)))


@pytest.fixture
def portal(tmp_path, monkeypatch):
    made = FakeHubSpot()
    monkeypatch.setenv("LYTTEPOST_HUBSPOT_TOKEN", made.token)
    with Served(made) as served:
        made.address = served.address
        yield made


def test_what_a_crm_tells_is_written_where_a_run_reads_it(portal, tmp_path):
    home = tmp_path / "home"
    desk.put(home, [desk.update(i) for i in range(N)], [desk.task(i) for i in range(N)])
    target = Quick(portal.address)
    ids = people_s_companies(portal, range(N))
    setup("hubspot", home, is_confirmed=True, target=target)
    match("hubspot", home, approve=["org_number"], target=target)
    sync("hubspot", home, is_confirmed=True, target=target, pace=hurried())
    deal = {"createdate": "2026-02-01T08:00:00Z", "closedate": "2026-05-01T08:00:00Z"}
    won = portal.add("deals", dealstage="closedwon", amount="120000", **deal)
    open_ = portal.add("deals", dealstage="qualifiedtobuy", **deal)
    odd = portal.add("deals", dealstage="made-up-stage", **deal)
    portal.add("deals", dealstage="closedlost", **deal)  # of nobody
    portal.company_of |= {won: ids[0], open_: ids[1], odd: ids[2]}
    of_key = {t["lyttepost_task_key"]: i for i, t in portal.objects["tasks"].items()}
    done = {"hs_task_status": "COMPLETED"}
    done["hs_task_completion_date"] = "2026-01-20T09:00:00Z"
    verdict = {"lyttepost_verdict": "too_late"}
    portal.edit("tasks", of_key[desk.task(0)["task_key"]], **done)
    portal.edit("tasks", of_key[desk.task(1)["task_key"]], **verdict)
    ours = {"lyttepost_closed_reason": "window closed"}
    portal.edit("tasks", of_key[desk.task(2)["task_key"]], **done, **ours)
    n_written = len(portal.ledger)

    told = read_back("hubspot", home, target=target)
    assert len(portal.ledger) == n_written
    assert (told.n_opportunities, told.n_of_others, told.n_fates) == (3, 1, 2)
    read = read_opportunities([home / "outcomes" / "hubspot.csv"], None, "o", None)
    by_account = {r["account_id"]: r for r in read.rows.iter_rows(named=True)}
    assert by_account["acc-00000"]["stage"] == "won"
    assert by_account["acc-00000"]["amount"] == 120_000
    assert by_account["acc-00000"]["closed_at"] == datetime(2026, 5, 1, 8)
    # When an open deal may close is not when it closed.
    assert by_account["acc-00001"]["closed_at"] is None
    assert by_account["acc-00001"]["is_qualified"]
    (refused,) = read.refused
    assert "'made-up-stage'" in refused.reason
    assert validate(contract("crm_outcomes"), read.rows).is_kept

    found = read_feedback([home / "feedback" / "hubspot.csv"], tasks())
    rows = {r["account_id"]: r for r in found.rows.iter_rows(named=True)}
    assert set(rows) == {"acc-00000", "acc-00001"}
    assert rows["acc-00000"]["contacted_at"] == datetime(2026, 1, 20, 9)
    assert rows["acc-00001"]["verdict"] == "too_late"
    assert validate(contract("crm_feedback"), found.rows).is_kept
    write_feedback(found, home)
    assert accepted_feedback(home).equals(found.rows)

    listed = read_watch_list(home / "crm" / "hubspot" / "accounts.csv")
    assert not listed.refused
    first = listed.accounts.filter(pl.col("account_id") == "acc-00000").row(
        0, named=True
    )
    assert first["owner"] == "7"
    assert first["crm_ids"] == [f"hubspot:{ids[0]}"]


def test_accounts_come_from_the_crm(portal, tmp_path, monkeypatch):
    """From its companies to the table of accounts, with what people said before."""
    home = tmp_path / "home"
    desk.put(home, [desk.update(i) for i in range(N)], [desk.task(i) for i in range(N)])
    ids = people_s_companies(portal, range(N))
    target = Quick(portal.address)
    setup("hubspot", home, is_confirmed=True, target=target)
    match("hubspot", home, approve=["org_number"], target=target)
    new = portal.add(
        "companies",
        name="Ny i CRM AS",
        org_number=desk.org_number(50),
        domain="ny.example",
        hubspot_owner_id="8",
    )
    monkeypatch.setattr(hubspot, "open_destination", lambda home, pace: target)
    folder = home / "landing" / "_accounts"
    folder.mkdir(parents=True)
    (folder / "opt_out.csv").write_text("account_id\nacc-00002\n")

    def read(*more):
        asked = ["crm", "read", "hubspot", "--as-accounts", "--home", str(home), *more]
        return CliRunner().invoke(app, asked)

    done = read()
    assert done.exit_code == 0, done.output
    write_landed(read_landed(home), home)
    rows = {
        r["account_id"]: r
        for r in pl.read_parquet(home / "accounts" / "accounts.parquet").iter_rows(
            named=True
        )
    }
    # Those that were known keep their names here; a new one is named by its CRM.
    assert set(rows) == {*(f"acc-{i:05d}" for i in range(N)), f"hubspot-{new}"}
    assert rows[f"hubspot-{new}"]["owner"] == "8"
    assert rows["acc-00001"]["crm_ids"] == [f"hubspot:{ids[1]}"]
    out = pl.read_parquet(home / "accounts" / "opt_outs.parquet")
    assert "acc-00002" in set(out["account_id"])
    # By its id there the next sync knows the new one, with no match to approve.
    assert crm_ids(home, "hubspot")[f"hubspot-{new}"] == new

    # A CRM that suddenly tells of few is not believed without a person's word.
    before = (folder / "accounts.csv").read_bytes()
    for i in range(3):
        portal.delete("companies", ids[i])
    done = read()
    assert done.exit_code == 1
    assert "--confirm lets them go" in done.stderr
    assert (folder / "accounts.csv").read_bytes() == before
    assert read("--confirm").exit_code == 0
    assert read_landed(home).watch_list.accounts.height == 2


def test_a_destination_that_cannot_tell_says_what_to_do(tmp_path):
    with pytest.raises(CrmError, match=r"outcomes/\*\.csv"):
        read_back("csv_file", tmp_path, target=CsvFile(tmp_path))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("0" * 32 + ",relevant,", "is not one that was published"),
        (desk.task(0)["task_key"] + ",maybe,", "verdict 'maybe' is not one of"),
        (desk.task(0)["task_key"] + ",,", "neither verdict nor contacted_at"),
        (desk.task(0)["task_key"] + ",,soon", "'soon' is not a day or a time"),
        (desk.task(0)["task_key"] + ",,2025-01-01", "before the task opened"),
    ],
)
def test_a_bad_row_of_feedback_is_set_aside_with_its_reason(tmp_path, line, why):
    file = tmp_path / "a.csv"
    good = f"{desk.task(1)['task_key']},Too early,2026-01-15"
    file.write_text(f"task_key,verdict,contacted_at\n{line}\n{good}\n")
    read = read_feedback([file], tasks())
    assert read.rows["verdict"].to_list() == ["too_early"]
    (refused,) = read.refused
    assert why in refused.reason


def feedback(*rows):
    usual = {"task_key": "k", "offer": desk.OFFER, "play": "p", "evidence_ref": "f:2"}
    usual["opened_on"] = date(2026, 1, 1)
    keyed = [{**usual, "task_key": f"k{i}", **row} for i, row in enumerate(rows)]
    return frame("crm_feedback", *keyed)


def outcome(account_id, at, **more):
    return {
        "account_id": account_id,
        "offer": desk.OFFER,
        "target": "tender",
        "event_id": account_id,
        "occurred_at": at,
        "known_at": at,
        "is_own": True,
        "is_first": True,
        "evidence_ref": "v",
    } | more


def test_contacts_before_and_after_the_outcome_are_counted_apart():
    june = datetime(2026, 6, 1)
    outcomes = frame(
        "outcomes",
        *(outcome(a, june) for a in ("before", "after", "never", "long_ago")),
        outcome("before", datetime(2026, 8, 1), is_first=False),
    )
    told = feedback(
        {"account_id": "before", "contacted_at": datetime(2026, 5, 2)},
        {"account_id": "before", "contacted_at": datetime(2026, 7, 2)},
        {"account_id": "after", "contacted_at": june},
        {"account_id": "never", "verdict": "wrong"},
        {"account_id": "long_ago", "contacted_at": datetime(2025, 1, 1)},
    )
    made = reactive_share(outcomes, told, [desk.OFFER])
    assert validate(contract("crm/reactive_share"), made).is_kept
    row = made.filter(pl.col("target") == "tender").row(0, named=True)
    assert (row["n_outcomes"], row["n_before"], row["n_after"]) == (4, 1, 1)
    assert row["n_without"] == 2
    assert row["reactive_share"] == 0.5
    assert row["lead_days"] == 30
    crm = made.filter(pl.col("target") == "crm").row(0, named=True)
    assert crm["reactive_share"] is None
    assert crm["note"] == "no outcome of this target is known"


def test_without_a_contact_nothing_is_claimed():
    nothing = empty_frame(contract("crm_feedback"))
    made = reactive_share(empty_frame(contract("outcomes")), nothing, [desk.OFFER])
    assert made["reactive_share"].null_count() == 2
    assert set(made["note"]) == {"no CRM has told of a task that was done"}


def test_verdicts_count_for_the_signals_that_stood_behind_the_task():
    performance = frame(
        "scores/signal_performance",
        *(
            {"offer": desk.OFFER, "target": t, "signal_type": s, "verdict": "matters"}
            for t in ("crm", "tender")
            for s in ("leader", "hiring", "other")
        ),
    )
    day = date(2026, 1, 1)
    scores = frame(
        "scores/account_scores",
        *(
            {
                "account_id": a,
                "offer": desk.OFFER,
                "as_of": day,
                "play": "p",
                "play_signal_ids": ids,
            }
            for a, ids in (("a", ["1", "2"]), ("b", ["1", "3"]))
        ),
    )
    signals = frame(
        "signals",
        {"signal_id": "1", "signal_type": "leader"},
        {"signal_id": "2", "signal_type": "hiring"},
        {"signal_id": "3", "signal_type": "leader"},
    )
    told = feedback(
        {"account_id": "a", "verdict": "relevant"},
        {"account_id": "b", "verdict": "wrong"},
        {"account_id": "c", "verdict": "relevant"},  # of no day that is known
    )
    made = with_verdicts(performance, told, scores, signals)
    seen = {
        (r["target"], r["signal_type"]): (r["n_judged"], r["relevant_share"])
        for r in made.iter_rows(named=True)
    }
    assert seen["crm", "leader"] == seen["tender", "leader"] == (2, 0.5)
    assert seen["tender", "hiring"] == (1, 1.0)
    assert seen["tender", "other"] == (0, None)
    without = with_verdicts(
        performance, empty_frame(contract("crm_feedback")), scores, signals
    )
    assert without.equals(performance)
