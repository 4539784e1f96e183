"""The real CRM: Tryton, from set-up to a closed window, and nobody's value harmed."""

import os
import shutil
from pathlib import Path

import polars as pl
import pytest

from orchestration.crm.destinations.tryton import Tryton, _parsed, _written
from orchestration.crm.fault import CrmError
from orchestration.crm.feedback import read_feedback
from orchestration.crm.matching import match
from orchestration.crm.opportunities import read_opportunities
from orchestration.crm.pace import Pace
from orchestration.crm.read_back import read_back
from orchestration.crm.setup import setup
from orchestration.crm.sweep import sweep
from orchestration.crm.sync import plan, sync
from orchestration.crm.tables import REMOVED
from tests.crm import desk, peers
from tests.crm.tryton_server import TrytonServer, environment

pytestmark = pytest.mark.slow(60)
N = 8
NEW = N - 1  # in no record of the CRM yet


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    venv = environment()
    if venv is None:
        pytest.skip("Tryton's environment is not there: `make crm-proof` makes it")
    made = TrytonServer(venv, tmp_path_factory.mktemp("tryton"))
    try:
        made.start()
        yield made
    finally:
        made.stop()


class Quick(Tryton):
    """Not paced: nobody else uses this server."""

    def __init__(self, server: TrytonServer) -> None:
        super().__init__(Pace(), server.address, server.key)
        self.pace = Pace()


def people_s_parties(server) -> dict[int, int]:
    """Parties as people made them: by number, by web site, by name; and the rest."""
    found = {}
    for i in range(NEW):
        party = {"name": f"Oppdiktet {i} AS"}
        if i < 4:
            one = {"type": "no_orgnr", "code": desk.org_number(i)}
            party["identifiers"] = [["create", [one]]]
        elif i < 6:
            party["name"] = f"Selskapet nummer {i}"
            site = {"type": "website", "value": f"https://www.selskap{i}.example/"}
            party["contact_mechanisms"] = [["create", [site]]]
        (found[i],) = server.rpc("model.party.party.create", [party])
    note = {"resource": f"party.party,{found[0]}", "message": "Ring etter ferien."}
    server.rpc("model.ir.note.create", [note])
    return found


def our_link(server, party: int) -> dict[str, str]:
    place = ["resource", "=", f"party.party,{party}"]
    ours = ["name", "=", "Lyttepost"]
    ids = server.rpc("model.ir.attachment.search", [place, ours])
    (row,) = server.rpc("model.ir.attachment.read", ids, ["description", "link"])
    return _parsed(row["description"]) | {
        "_id": row["id"],
        "_all": row["description"],
        "_link": row["link"],
    }


def leads(server) -> dict[str, dict]:
    ids = server.rpc("model.sale.opportunity.search", [["reference", "!=", None]])
    names = ["reference", "state", "comment", "lost_reason", "party", "description"]
    rows = server.rpc("model.sale.opportunity.read", ids, names)
    by_key = {row["reference"]: row for row in rows}
    assert len(by_key) == len(rows)
    return by_key


def test_from_the_set_up_to_a_closed_window(server, tmp_path):
    home = tmp_path / "home"
    updates = [desk.update(i) for i in range(N)]
    desk.put(home, updates, [desk.task(i) for i in range(N)])
    parties = people_s_parties(server)
    before = server.dump()

    def go(**options):
        return sync("tryton", home, target=Quick(server), is_confirmed=True, **options)

    # Set-up, and a report of matches; nothing is made and nothing is written.
    assert setup("tryton", home, target=Quick(server)).is_success
    report = match("tryton", home, target=Quick(server))
    assert report.counts() == {
        "organisation number": 4,
        "domain": 2,
        "name": 1,
        "nothing": 1,
    }
    assert go().counts()["deferred"] == 2 * N
    assert server.dump() == before
    assert leads(server) == {}

    # The first sync, of what was approved.
    match(
        "tryton",
        home,
        approve=["org_number", "domain", f"acc-00006={parties[6]}"],
        target=Quick(server),
    )
    planned = plan("tryton", home, target=Quick(server))
    assert planned.operations() == {"create": N - 1, "update": N - 1, "close": 0}
    done = go()
    assert done.counts() == {
        "sent": 2 * (N - 1),
        "unchanged": 0,
        "rejected": 0,
        "deferred": 2,
    }
    assert server.dump() == before
    assert our_link(server, parties[0])["lyttepost_talk_to_name"] == "Person 0"
    assert our_link(server, parties[0])["_link"] == "https://evidence.example/0.html"
    assert {lead["state"] for lead in leads(server).values()} == {"lead"}
    again = go()
    assert again.counts()["sent"] == again.calls == 0

    # The queue to create is approved on its own, and the number is stored its way.
    match("tryton", home, approve_create=[f"acc-{NEW:05d}"], target=Quick(server))
    assert go().counts()["sent"] == 2
    number = ["code_compact", "=", desk.org_number(NEW)]
    (made,) = server.rpc("model.party.identifier.search", [number])
    (row,) = server.rpc("model.party.identifier.read", [made], ["code", "party"])
    assert row["code"] != desk.org_number(NEW)
    parties[NEW] = row["party"]

    # People work: one edits our line and adds one, one moves a lead on, one deletes a
    # party, one merges two.
    mine = our_link(server, parties[0])
    edited = mine["_all"].replace(
        f"lyttepost_why_now: {mine['lyttepost_why_now']}",
        "lyttepost_why_now: Jeg vet bedre",
    )
    server.rpc(
        "model.ir.attachment.write",
        [mine["_id"]],
        {"description": f"{edited}\nHilsen Kari"},
    )
    of_three = leads(server)[desk.task(3)["task_key"]]["id"]
    server.rpc("model.sale.opportunity.write", [of_three], {"comment": "Jeg tar denne"})
    gone = leads(server)[desk.task(4)["task_key"]]["id"]
    server.rpc("model.sale.opportunity.cancel", [gone])
    server.rpc("model.sale.opportunity.delete", [gone])
    server.rpc("model.party.party.delete", [parties[4]])
    same_name = {"name": "Oppdiktet 1 AS", "identifiers": [["create", []]]}
    (other,) = server.rpc("model.party.party.create", [same_name])
    (number_of_one,) = server.rpc(
        "model.party.identifier.search", [["party", "=", parties[1]]]
    )
    server.rpc("model.party.identifier.write", [number_of_one], {"party": other})
    server.merge(parties[1], other)
    before = server.dump()

    # The second sync: new words for all, a closed window for two.
    rows = [desk.update(i, lift=4.5, why_now_nb="Nå, mer enn før.") for i in range(N)]
    rows[2] = desk.update(2, **desk.CLOSED)
    rows[3] = desk.update(3, **desk.CLOSED)
    tasks = [desk.task(i, body_nb=f"Person {i}: nå, mer enn før.") for i in range(N)]
    tasks[2] = desk.task(2, closed_reason="window closed")
    tasks[3] = desk.task(3, closed_reason="insolvency")
    desk.put(home, rows, tasks)
    done = go()
    by_key = {s.key: s for s in done.steps}
    assert sum(done.counts().values()) == 2 * N
    assert server.dump() == before
    first = our_link(server, parties[0])
    assert first["lyttepost_why_now"] == "Jeg vet bedre"
    assert first["lyttepost_lift"] == "4.5"
    assert first["_all"].endswith("\nHilsen Kari")
    assert by_key["acc-00000"].left_alone == ("lyttepost_why_now",)
    moved = our_link(server, other)
    assert moved["lyttepost_why_now"] == "Nå, mer enn før."
    assert f"merged into {other}" in by_key["acc-00001"].reason
    cleared = our_link(server, parties[2])
    assert [k for k in cleared if k[0] != "_"] == ["lyttepost_account_key"]
    assert cleared["_link"] is None
    assert by_key["acc-00004"].status == "deferred"
    assert "deleted there" in by_key["acc-00004"].reason
    now = leads(server)
    closed = now[desk.task(2)["task_key"]]
    assert (closed["state"], closed["lost_reason"]) == ("cancelled", "window closed")
    assert now[desk.task(3)["task_key"]]["comment"] == "Jeg tar denne"
    assert desk.task(4)["task_key"] not in now
    again = go()
    assert again.counts()["sent"] == again.calls == 0

    # Back again: a verdict on a line of a lead, a lead that a person made more of, and
    # an opportunity of theirs that was lost.
    of_five = now[desk.task(5)["task_key"]]
    judged = f"{of_five['comment']}\nlyttepost_verdict: Too late"
    server.rpc("model.sale.opportunity.write", [of_five["id"]], {"comment": judged})
    taken = now[desk.task(6)["task_key"]]["id"]
    (row,) = server.rpc("model.sale.opportunity.read", [taken], ["company", "currency"])
    (person,) = server.rpc("model.party.party.create", [{"name": "Kari Oppdiktet"}])
    kari = {"party": person, "company": row["company"]}
    (employee,) = server.rpc("model.company.employee.create", [kari])
    server.rpc("model.sale.opportunity.write", [taken], {"employee": employee})
    server.rpc("model.sale.opportunity.opportunity", [taken])
    theirs = {"party": parties[0], "description": "Stor sak", "employee": employee}
    theirs |= {"company": row["company"], "currency": row["currency"]}
    (lost,) = server.rpc("model.sale.opportunity.create", [theirs])
    server.rpc("model.sale.opportunity.opportunity", [lost])
    server.rpc("model.sale.opportunity.lost", [lost])
    before = server.dump()
    told = read_back("tryton", home, target=Quick(server))
    assert server.dump() == before
    assert (told.n_opportunities, told.n_of_others, told.n_fates) == (2, 0, 2)
    read = read_opportunities([home / "outcomes" / "tryton.csv"], None, "o", None)
    assert not read.refused
    by_id = {r["opportunity_id"]: r for r in read.rows.iter_rows(named=True)}
    assert by_id[str(lost)]["stage"] == "lost"
    assert by_id[str(lost)]["account_id"] == "acc-00000"
    assert by_id[str(lost)]["closed_at"] is not None
    assert (by_id[str(taken)]["stage"], by_id[str(taken)]["closed_at"]) == (
        "qualified",
        None,
    )
    frame = pl.read_parquet(home / "published" / "current" / "crm_tasks.parquet")
    found = read_feedback([home / "feedback" / "tryton.csv"], frame)
    rows = {r["account_id"]: r for r in found.rows.iter_rows(named=True)}
    assert rows["acc-00005"]["verdict"] == "too_late"
    assert rows["acc-00006"]["contacted_at"] is not None

    # A merger with nothing to be sent is noticed by asking, and then followed.
    (other,) = server.rpc("model.party.party.create", [{"name": "Selskapet nummer 5"}])
    server.merge(parties[5], other)
    before = server.dump()
    swept = sweep("tryton", home, target=Quick(server))
    assert swept.merged == (("account", "acc-00005", str(other)),)
    assert go().counts()["rejected"] == 0
    assert server.dump() == before
    assert our_link(server, other)["lyttepost_account_key"] == "acc-00005"
    again = go()
    assert again.counts()["sent"] == again.calls == 0


class Cut(Quick):
    """The line is cut after the first writes of each kind were done."""

    def __init__(self, server: TrytonServer, n: int) -> None:
        super().__init__(server)
        self.left = {"ir.attachment": n, "sale.opportunity": n}
        self.cut: list[str] = []

    def _call(self, verb, path, data=None):
        told = super()._call(verb, path, data)
        model = path.partition("?")[0].partition("/")[0]
        if verb == "GET" or self.left.get(model, 0) == 0:
            return told
        self.left[model] -= 1
        self.cut.append(model)
        return -1, None, "no whole answer: made up"


def test_a_lost_answer_an_opt_out_and_an_erasure(server, tmp_path):
    """As `test_every_destination` asks of the others; their indices are their own."""
    home, some = tmp_path / "home", (20, 21, 22)
    parties = {}
    for i in some:
        one = {"type": "no_orgnr", "code": desk.org_number(i)}
        party = {"name": f"Oppdiktet {i} AS", "identifiers": [["create", [one]]]}
        (parties[i],) = server.rpc("model.party.party.create", [party])

    def put(updates, tasks):
        desk.put(
            home,
            [desk.update(i, **updates.get(i, {})) for i in some],
            [desk.task(i, **tasks.get(i, {})) for i in some],
        )

    def go(target=None):
        target = target or Quick(server)
        pace = peers.hurried()
        return sync("tryton", home, target=target, is_confirmed=True, pace=pace)

    put({}, {})
    match("tryton", home, approve=["org_number"], target=Quick(server))
    before = server.dump()
    target = Cut(server, 2)
    assert go(target).counts()["sent"] == 6
    assert target.cut == ["ir.attachment"] * 2 + ["sale.opportunity"] * 2
    mine = leads(server)  # one a key, or it fails
    assert {desk.task(i)["task_key"] for i in some} <= set(mine)
    assert our_link(server, parties[20])["lyttepost_talk_to_name"] == "Person 20"
    # One opted out; the task of another closes, and with it goes its text: a lead that
    # is cancelled takes no more words.
    gone = dict.fromkeys(k for k in desk.CLOSED if k != "window_state")
    put(
        {20: gone | {"is_deleted": True}},
        {20: {"closed_reason": REMOVED}, 21: {"closed_reason": "window closed"}},
    )
    go()
    assert list(our_link(server, parties[20]))[:1] == ["lyttepost_account_key"]
    assert "Person 20" not in our_link(server, parties[20])["_all"]
    assert leads(server)[desk.task(20)["task_key"]]["state"] == "cancelled"
    assert not leads(server)[desk.task(21)["task_key"]]["comment"]
    # The people of two are erased: no account, no open and no closed task names them.
    nameless = {"talk_to_name": None, "why_now_nb": "Ny salgsdirektør."}
    put(
        {20: gone | {"is_deleted": True}, 21: nameless, 22: nameless},
        {
            20: {"closed_reason": REMOVED},
            21: {"talk_to_name": None, "closed_reason": "window closed"},
            22: {"talk_to_name": None, "body_nb": "Hvem: Salgsdirektør"},
        },
    )
    queue = {"destination": ["tryton"] * 2, "account_id": ["acc-00021", "acc-00022"]}
    pl.DataFrame(queue).write_parquet(home / "crm" / "deletions.parquet")
    assert go().counts()["rejected"] == 0
    for i in (21, 22):
        assert f"Person {i}" not in our_link(server, parties[i])["_all"]
        said = leads(server)[desk.task(i)["task_key"]]["comment"] or ""
        assert f"Person {i}" not in said
    again = go()
    assert again.counts()["sent"] == again.calls == 0
    assert server.dump() == before


def test_the_demo_goes_in_and_nobody_s_value_is_touched(server, tmp_path):
    """The tables of `lyttepost demo`; the Makefile says where its home folder is."""
    demo = Path(os.environ.get("LYTTEPOST_CRM_PROOF_HOME") or "nowhere")
    if not (demo / "published" / "current").is_dir():
        pytest.skip("there is no demo to send: `make demo`, then `make crm-proof`")
    home = tmp_path / "home"
    for name in ("crm_account_updates", "crm_tasks"):
        file = Path("published") / "current" / f"{name}.parquet"
        (home / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(demo / file, home / file)
    (home / "accounts").mkdir()
    watched = Path("accounts") / "accounts.parquet"
    shutil.copy(demo / watched, home / watched)
    current = home / "published" / "current"
    updates = pl.read_parquet(current / "crm_account_updates.parquet")
    listed = updates.filter("is_listed").unique("account_id")
    # People hold every other one of those to be sent, in Tryton's own writing.
    for row in listed.sort("account_id")[::2].iter_rows(named=True):
        one = {"type": "no_orgnr", "code": row["org_number"]}
        party = {"name": row["name"]}
        if row["org_number"]:
            party["identifiers"] = [["create", [one]]]
        server.rpc("model.party.party.create", [party])

    def go():
        return sync("tryton", home, target=Quick(server), is_confirmed=True)

    assert setup("tryton", home, target=Quick(server)).is_success
    found = match("tryton", home, approve=["org_number"], target=Quick(server))
    assert found.counts().get("organisation number", 0) > 0
    before = server.dump()
    first = go()
    assert first.counts()["sent"] > 0
    assert first.counts()["rejected"] == 0
    assert server.dump() == before
    match("tryton", home, approve_create=["all"], target=Quick(server))
    assert go().counts()["rejected"] == 0
    after = server.dump()
    for table in ("ir_note", "ir_attachment", "sale_opportunity", "company_company"):
        assert after[table] == before[table]
    # Parties that were made are new rows; those that were there are as they were.
    assert after["party_party"][: len(before["party_party"])] == before["party_party"]
    again = go()
    assert again.counts()["sent"] == again.calls == 0


def test_a_wrong_key_is_one_sentence(server, tmp_path):
    wrong = Quick(server)
    wrong._key = "made-up"
    with pytest.raises(CrmError, match="LYTTEPOST_TRYTON_KEY") as told:
        setup("tryton", tmp_path, target=wrong)
    assert "made-up" not in str(told.value)


def test_what_is_missing_or_open_to_all_is_one_sentence(tmp_path):
    with pytest.raises(CrmError, match="LYTTEPOST_TRYTON_URL"):
        plan("tryton", tmp_path)
    with pytest.raises(CrmError, match="https://"):
        Tryton(Pace(), "http://crm.example.com/sales", "made-up")


def test_lines_of_others_in_our_link_stay():
    before = "Lyttepost\nlyttepost_a: one\n  and more\nHilsen Kari\n  innrykket"
    after = _written(before, {"lyttepost_b": "two\nlines"}, ["lyttepost_a"])
    assert after == ("Lyttepost\nlyttepost_b: two\n  lines\nHilsen Kari\n  innrykket")
    assert _parsed(after) == {"lyttepost_b": "two\nlines"}
