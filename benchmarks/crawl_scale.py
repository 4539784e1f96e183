"""A day's crawl of very many accounts: throughput, memory, and going on after a kill.

Run: python -m benchmarks.crawl_scale [--accounts 10000] [--pages 6] [--kill]
     [--profile FILE] [--json FILE]
The web is benchmarks/loopback_web.py. Our crawl visits one day of it; a bare Scrapy
spider (benchmarks/crawl_rate.py) then asks for exactly the same addresses, with the
same number at a time, of the same server. Compared is Scrapy's own elapsed time of
both, and beside it the processor time of both, which a busy machine disturbs less.
Memory is the resident size when 10, 50 and 100 % of the day had landed. With
--kill the crawl of another day is killed in its middle and started again; the server
counts how many landed addresses are asked for again.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.crawl_rate import BARE, bare
from benchmarks.measured import Measured, beside
from orchestration.accounts.watch_list import read_watch_list, write_watch_list
from orchestration.replay.process import serving
from orchestration.settings import child_environment
from scrapers.landing import JOURNAL, day_folder, read_visits

DAY, OTHER_DAY = date(2026, 1, 5), date(2026, 1, 12)
_SHARES = (10, 50, 100)
_SHARE = 0.85


def write_sites(home: Path, accounts: int) -> None:
    """A watch list of made-up sites, s000000.example and on."""
    rows = ["account_id,name,domains"]
    rows += [f"a{n:06d},Eksempel {n} AS,s{n:06d}.example" for n in range(accounts)]
    file = home / "accounts.csv"
    home.mkdir(parents=True)
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    write_watch_list(read_watch_list(file), home)


def crawl_command(home: Path, day: date, proxy: str, profile: Path | None) -> list[str]:
    """The command that crawls a day of company pages."""
    program = ["-m", "scrapers.run"]
    if profile is not None:
        program = ["-m", "cProfile", "-o", str(profile), *program]
    arguments = {
        "source": "company_pages",
        "home": home,
        "accounts": home / "accounts" / "accounts.parquet",
        "days": day,
        "replay-proxy": proxy,
        "stats": home / "stats.json",
    }
    flags = [part for name, value in arguments.items() for part in (f"--{name}", value)]
    return [sys.executable, *program, *map(str, flags)]


def _resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"/proc/{pid}/status has no VmRSS")


@contextmanager
def _watched(
    child: "subprocess.Popen[bytes]", journal: Path
) -> Iterator[list[tuple[int, float]]]:
    """Samples of how long the journal was and how large the child."""
    samples: list[tuple[int, float]] = []
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.25):
            try:
                samples.append((journal.stat().st_size, _resident_mb(child.pid)))
            except (FileNotFoundError, ProcessLookupError, ValueError):
                continue

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield samples
    finally:
        ended.set()
        thread.join()


def _asked(proxy: str, path: str = "") -> dict[str, int]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": proxy}))
    with opener.open(f"http://asked.benchmark/{path}") as answer:
        told: dict[str, int] = json.load(answer)
    return told


def _crawl(home: Path, day: date, proxy: str, profile: Path | None) -> dict[str, Any]:
    journal = day_folder(home, "company_pages", day) / JOURNAL
    child = subprocess.Popen(
        crawl_command(home, day, proxy, profile),
        env=child_environment(),
        stdout=subprocess.DEVNULL,
    )
    with _watched(child, journal) as samples:
        if child.wait() != 0:
            raise SystemExit(f"the crawl ended with exit code {child.returncode}")
    (told,) = json.loads((home / "stats.json").read_text())["days"]
    largest = max(size for size, _ in samples)
    memory = {}
    for share in _SHARES:
        at = next(mb for size, mb in samples if size >= largest * share / 100)
        memory[f"rss_mb_at_{share}"] = round(at, 1)
    return {**told, **memory}


def _killed(home: Path, proxy: str, expected: int) -> dict[str, int]:
    """Kill a crawl when half of what is expected has landed; go on; what was asked."""
    folder = day_folder(home, "company_pages", OTHER_DAY)
    command = crawl_command(home, OTHER_DAY, proxy, None)
    before = _asked(proxy)["requests"]
    child = subprocess.Popen(
        command, env=child_environment(), stdout=subprocess.DEVNULL
    )
    while _asked(proxy)["requests"] - before < expected // 2:
        if child.poll() is not None:
            raise SystemExit("the crawl ended before it was killed")
        time.sleep(0.1)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    lines = (folder / JOURNAL).read_bytes().splitlines(keepends=True)
    landed = [json.loads(line)["url"] for line in lines if line.endswith(b"\n")]
    file = home / "landed.txt"
    file.write_text("\n".join(landed))
    _asked(proxy, f"again?{file}")
    subprocess.run(
        command, env=child_environment(), stdout=subprocess.DEVNULL, check=True
    )
    again = _asked(proxy, f"again?{file}")["again"]
    visits = read_visits(home, "company_pages", [OTHER_DAY])
    return {"landed": len(landed), "again": again, "visits": visits.height}


def _cpu_ms(told: dict[str, Any], requests: int) -> float:
    return round(1000 * float(told["crawl_cpu_seconds"]) / requests, 3)


def measure(
    accounts: int = 10_000, pages: int = 6, kilobytes: int = 12, rounds: int = 3
) -> list[Measured]:
    """Requests a second, of the processor and by the clock, beside the bare spider."""
    serve = [sys.executable, "-m", "benchmarks.loopback_web"]
    serve += ["--pages", str(pages), "--kilobytes", str(kilobytes)]
    rates: dict[str, tuple[list[float], list[float]]] = {
        "processor": ([], []),
        "clock": ([], []),
    }
    peak = 0.0
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(serve, env=child_environment()) as web,
    ):
        script = Path(folder) / "bare_spider.py"
        script.write_text(BARE)
        for number in range(rounds):
            # A home of its own: what was seen before is landed as unchanged.
            home = Path(folder) / f"home-{number}"
            write_sites(home, accounts)
            ours = _crawl(home, DAY, web.proxy, None)
            visits = read_visits(home, "company_pages")
            urls = visits.filter(visits["http_status"].is_not_null())["url"].to_list()
            other = bare(script, urls, DAY, web.proxy)
            peak = max(peak, *(v for k, v in ours.items() if k.startswith("rss")))
            for name, unit in (
                ("processor", "crawl_cpu_seconds"),
                ("clock", "crawl_seconds"),
            ):
                rates[name][0].append(ours["requests"] / ours[unit])
                rates[name][1].append(other["answers"] / other[unit])
    return [
        beside(
            f"crawl_{name}",
            f"requests a second, {name}",
            ours_rates,
            "bare Scrapy",
            bare_rates,
            # The clock is the other programs' of a busy machine, too.
            _SHARE if name == "processor" else None,
            peak_mb=peak,
            size=f"{accounts} accounts of {pages} pages, {kilobytes} kB",
        )
        for name, (ours_rates, bare_rates) in rates.items()
    ]


def main() -> None:
    """Measure, print, and keep the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--pages", type=int, default=6)
    parser.add_argument("--kilobytes", type=int, default=12)
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--profile", type=Path, help="keep a profile of our crawl")
    parser.add_argument("--json", type=Path, help="keep the figures")
    asked = parser.parse_args()
    serve = [sys.executable, "-m", "benchmarks.loopback_web"]
    serve += ["--pages", str(asked.pages), "--kilobytes", str(asked.kilobytes)]
    told: dict[str, Any] = {"accounts": asked.accounts}
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(serve, env=child_environment()) as web,
    ):
        home = Path(folder) / "home"
        write_sites(home, asked.accounts)
        ours = _crawl(home, DAY, web.proxy, asked.profile)
        visits = read_visits(home, "company_pages")
        urls = visits.filter(visits["http_status"].is_not_null())["url"].to_list()
        script = Path(folder) / "bare_spider.py"
        script.write_text(BARE)
        other = bare(script, urls, DAY, web.proxy)
        told["requests"] = ours["requests"]
        told["ours_per_s"] = round(ours["requests"] / ours["crawl_seconds"], 1)
        told["bare_per_s"] = round(other["answers"] / other["crawl_seconds"], 1)
        told["ratio"] = round(told["ours_per_s"] / told["bare_per_s"], 3)
        told["ours_cpu_ms"] = _cpu_ms(ours, ours["requests"])
        told["bare_cpu_ms"] = _cpu_ms(other, other["answers"])
        told["cpu_ratio"] = round(told["bare_cpu_ms"] / told["ours_cpu_ms"], 3)
        told |= {name: mb for name, mb in ours.items() if name.startswith("rss")}
        if asked.kill:
            told["killed"] = _killed(home, web.proxy, ours["requests"])
    print(json.dumps(told, indent=1))
    if asked.json:
        asked.json.write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
