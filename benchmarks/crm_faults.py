"""Many accounts into a made-up HubSpot that fails in every way: each ends once.

Run: `python -m benchmarks.crm_faults [--accounts 10000] [--kills 5] [--first]`. First
in fair weather at HubSpot's published limit of 190 calls in 10 s, each answered after
0.3 s, for the throughput: the portal is a process of its own, as the real one is. Then
with 429 storms, 500 before and after accepting, cut connections, slow pages, mixed 207,
tokens that run out, and SIGKILL at random moments. Ends with an error when a record is
neither accepted nor given up with a reason, or anything was taken twice.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import polars as pl

from orchestration.crm.destinations.hubspot import HubSpot
from orchestration.crm.matching import match
from orchestration.crm.pace import Pace
from orchestration.crm.setup import setup
from orchestration.crm.sync import Synced, sync
from practice_market.fake_hubspot import FakeHubSpot, Faults
from practice_market.faulty_server import Served
from tests.crm import desk

LIMIT = 190
_LATENCY_S = 0.3
WEATHER = Faults(
    seed=7,
    busy=0.05,
    storm=5,
    fails_before=0.04,
    fails_after=0.06,
    drops_before=0.04,
    drops_after=0.06,
    slow=0.03,
    slow_s=2.5,
    mixed=0.02,
    token_lasts=60,
    bad_keys=("77",),
)
_TIMEOUT_S = 2.0
_CHILD = """
import sys
from pathlib import Path
from benchmarks.crm_faults import destination, hurried
from orchestration.crm.sync import sync
target = destination(sys.argv[2])
print("begun", flush=True)
sync("hubspot", Path(sys.argv[1]), is_confirmed=True, target=target, pace=hurried())
"""


def hurried() -> Pace:
    """Waits between tries are a hundredth of the real ones."""
    return Pace(sleep=lambda s: time.sleep(s / 100))


def destination(address: str, *, is_paced: bool = False) -> HubSpot:
    """HubSpot by its own client at the made-up portal."""
    made = HubSpot(Pace() if is_paced else hurried(), address, _TIMEOUT_S)
    if not is_paced:
        made.pace = hurried()
    return made


def _ready(home: Path, portal: FakeHubSpot, address: str, n: int) -> None:
    for i in range(0, n, 2):
        portal.add("companies", name=f"Oppdiktet {i}", org_number=desk.org_number(i))
    _matched(home, address, n)


def _matched(home: Path, address: str, n: int) -> None:
    desk.put(home, [desk.update(i) for i in range(n)])
    target = destination(address)
    setup("hubspot", home, is_confirmed=True, target=target)
    match(
        "hubspot",
        home,
        approve=["org_number"],
        approve_create=["all"],
        target=target,
    )


def _portal(folder: Path) -> FakeHubSpot:
    portal = FakeHubSpot()
    token = folder / "token"
    token.write_text(portal.token)
    portal.on_expired = token.write_text
    os.environ["LYTTEPOST_HUBSPOT_TOKEN_FILE"] = str(token)
    return portal


_PORTAL = """
import json, os, sys
from practice_market.fake_hubspot import FakeHubSpot, Faults
from practice_market.faulty_server import Served
from tests.crm import desk
n, limit, latency = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
if sys.argv[4] == "True":
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(5))
portal = FakeHubSpot()
for i in range(0, n, 2):
    portal.add("companies", name=f"Oppdiktet {i}", org_number=desk.org_number(i))
with Served(portal) as served:
    print(served.address, flush=True)
    sys.stdin.readline()
    portal.calls_per_10_s, portal.most_in_10_s = limit, 0
    portal.begin(Faults(slow=1.0, slow_s=latency))
    portal.requests.clear()
    print("limited", flush=True)
    sys.stdin.readline()
    print(json.dumps({
        "most_in_10_s": portal.most_in_10_s,
        "most_at_once": served.most_at_once,
        "refused": portal.requests["429"],
        "first_to_last_s": portal.last_call - portal.first_call,
        "taken_twice": len(portal.taken_twice()),
    }), flush=True)
"""


def _fair(folder: Path, n: int, is_first: bool) -> None:
    token = folder / "token"
    token.write_text(FakeHubSpot().token)
    os.environ["LYTTEPOST_HUBSPOT_TOKEN_FILE"] = str(token)
    home = folder / "home"
    with subprocess.Popen(
        [sys.executable, "-c", _PORTAL]
        + [str(said) for said in (n, LIMIT, _LATENCY_S, is_first)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as portal:
        assert portal.stdin is not None
        assert portal.stdout is not None
        address = portal.stdout.readline().strip()
        _matched(home, address, n)
        print("limit from here on", file=portal.stdin, flush=True)
        portal.stdout.readline()
        target = destination(address, is_paced=True)
        if is_first:
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(4))
        begun = time.perf_counter()
        done = sync("hubspot", home, is_confirmed=True, target=target)
        took = time.perf_counter() - begun
        if is_first:
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        print("how was it", file=portal.stdin, flush=True)
        told = json.loads(portal.stdout.readline())
    assert done.counts()["sent"] == n
    assert told["taken_twice"] == 0
    span = told["first_to_last_s"]
    rate = (done.calls - 1) / span
    print(
        f"fair weather: {done.counts()}, {done.calls} calls in {span:.1f} s from the "
        f"first to the last, {rate:.1f} a second ({rate / (LIMIT / 10):.0%} of the "
        f"limit), at most {told['most_in_10_s']} in 10 s and {told['most_at_once']} at "
        f"once, {told['refused']} refused; {took:.1f} s in all with reading, planning "
        f"and the logs: {n / took:.0f} accounts a second"
    )


def _foul(folder: Path, n: int, kills: int) -> None:
    portal, draw, killed = _portal(folder), random.Random(5), 0
    home = folder / "home"
    with Served(portal) as served:
        _ready(home, portal, served.address, n)
        portal.begin(WEATHER)
        begun = time.perf_counter()
        for _ in range(kills):
            child = subprocess.Popen(
                [sys.executable, "-c", _CHILD, str(home), served.address],
                stdout=subprocess.PIPE,
            )
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(draw.uniform(0.3, 4.0))
            child.send_signal(signal.SIGKILL)
            killed += child.wait() == -signal.SIGKILL
            child.stdout.close()
        runs = 0
        while True:
            runs += 1
            done = sync(
                "hubspot",
                home,
                is_confirmed=True,
                target=destination(served.address),
                pace=hurried(),
            )
            assert sum(done.counts().values()) == len(done.steps) == n
            if done.counts()["deferred"] == 0 or runs == 50:
                break
        took = time.perf_counter() - begun
    _judge(home, portal, done, n)
    print(
        f"foul weather: {done.counts()} in the last of {runs} runs after {killed} "
        f"kills, {took:.0f} s; requests {dict(portal.requests)}; taken twice: "
        f"{len(portal.taken_twice())}"
    )


def _judge(home: Path, portal: FakeHubSpot, done: Synced, n: int) -> None:
    folder = home / "crm" / "hubspot"
    accepted = set(pl.read_parquet(folder / "sync_snapshot.parquet")["record_key"])
    rejected = pl.read_parquet(folder / "sync_rejected.parquet")
    refused = set(rejected["record_key"])
    assert done.counts()["deferred"] == 0, done.note
    assert not accepted & refused
    assert len(accepted | refused) == n
    assert rejected["reason"].str.len_chars().min() or not refused
    held = Counter(
        c["lyttepost_account_key"]
        for c in portal.objects["companies"].values()
        if "lyttepost_lift" in c
    )
    assert set(held.values()) == {1}
    assert set(held) == accepted
    assert portal.taken_twice() == []


def main(arguments: list[str] | None = None) -> None:
    """Sync in fair and in foul weather; print what came of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--weather", choices=("fair", "foul", "both"), default="both")
    parser.add_argument(
        "--first",
        action="store_true",
        help="in fair weather, before all else on the machine, as if alone (root)",
    )
    given = parser.parse_args(arguments)
    works = {
        "fair": lambda folder: _fair(folder, given.accounts, given.first),
        "foul": lambda folder: _foul(folder, given.accounts, given.kills),
    }
    for name, work in works.items():
        if given.weather not in (name, "both"):
            continue
        with tempfile.TemporaryDirectory() as folder:
            work(Path(folder))


if __name__ == "__main__":
    main()
