"""Pages a second of our crawl against a bare Scrapy spider on the same server.

Run: python -m benchmarks.crawl_rate [--companies 60] [--rounds 5]
A practice market is served once; in each round our crawl visits one day of it, and a
bare spider then asks for exactly the same addresses of the same day in the same order,
through the same proxy. The bare spider keeps nothing, checks nothing and follows
nothing. Counted is Scrapy's own elapsed time for both, from the opening of the spider
to its closing; the time of the whole processes is told beside it. Every round is
another day in another home, so nothing is answered from an archive or by a 304.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

from orchestration.accounts.watch_list import read_watch_list, write_watch_list
from orchestration.replay.process import serving
from orchestration.settings import child_environment
from practice_market.company import Market
from scrapers.landing import read_visits

BARE = """
import json, sys, time
import scrapy
from scrapy.crawler import CrawlerProcess

urls, proxy, day = json.load(open(sys.argv[1])), sys.argv[2], sys.argv[3]
seen = {"answers": 0, "bytes": 0}


class Bare(scrapy.Spider):
    name = "bare"

    async def start(self):
        for url in urls:
            yield scrapy.Request(
                url,
                headers={"Lyttepost-Replay-Day": day},
                meta={"proxy": proxy},
                errback=self.failed,
                dont_filter=True,
            )

    def parse(self, response):
        seen["answers"] += 1
        seen["bytes"] += len(response.body)

    def failed(self, failure):
        self.logger.error("%s", failure.value)


process = CrawlerProcess(
    {
        "LOG_LEVEL": "ERROR",
        "TELNETCONSOLE_ENABLED": False,
        "HTTPERROR_ALLOW_ALL": True,
        "REDIRECT_ENABLED": False,
        "RETRY_ENABLED": False,
        "CONCURRENT_REQUESTS": 32,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 32,
        "DOWNLOAD_DELAY": 0,
    }
)
crawler = process.create_crawler(Bare)
process.crawl(crawler)
worked = time.process_time()
process.start()
worked = time.process_time() - worked
seconds = crawler.stats.get_value("elapsed_time_seconds")
told = {"crawl_seconds": seconds, "crawl_cpu_seconds": worked}
print(json.dumps({**seen, **told}))
"""


def _child(command: list[str]) -> tuple[str, float]:
    """What it printed and its seconds."""
    started = time.monotonic()
    done = subprocess.run(
        command, env=child_environment(), capture_output=True, text=True
    )
    if done.returncode != 0:
        raise SystemExit(f"{command[1:3]} failed:\n{done.stderr}")
    return done.stdout, time.monotonic() - started


def ours(home: Path, day: date, proxy: str, profile: Path | None) -> dict[str, Any]:
    """One day of our crawl: the stats it writes of itself."""
    stats = home / "stats.json"
    program = ["-m", "scrapers.run"]
    if profile is not None:
        program = ["-m", "cProfile", "-o", str(profile), *program]
    arguments = {
        "source": "company_pages",
        "home": home,
        "accounts": home / "accounts" / "accounts.parquet",
        "days": day,
        "replay-proxy": proxy,
        "stats": stats,
    }
    flags = [part for name, value in arguments.items() for part in (f"--{name}", value)]
    _, seconds = _child([sys.executable, *program, *map(str, flags)])
    (told,) = json.loads(stats.read_text())["days"]
    return {**told, "process_seconds": seconds}


def bare(script: Path, urls: list[str], day: date, proxy: str) -> dict[str, Any]:
    """The same addresses by a bare spider."""
    file = script.with_suffix(".json")
    file.write_text(json.dumps(urls))
    out, seconds = _child(
        [sys.executable, str(script), str(file), proxy, day.isoformat()]
    )
    told = json.loads(out)
    if told["answers"] != len(urls):
        raise SystemExit(f"the bare spider got {told['answers']} of {len(urls)}")
    return {**told, "process_seconds": seconds}


def main() -> None:
    """Alternate the two and print rates, their medians and the ratio."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--companies", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", type=Path, help="keep a profile of the last round")
    asked = parser.parse_args()
    market = Market(companies=asked.companies)
    size = ["--companies", str(asked.companies), "--seed", str(market.seed), "--calm"]
    program = [sys.executable, "-m", "practice_market"]
    rates: dict[str, list[float]] = {"ours": [], "bare": []}
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "bare_spider.py"
        script.write_text(BARE)
        accounts = Path(folder) / "accounts.csv"
        _child([*program, "accounts", *size, "--out", str(accounts)])
        with serving([*program, "serve", *size], env=child_environment()) as web:
            for number in range(asked.rounds):
                # Homes of their own: what was seen before is asked conditionally.
                first, home = (Path(folder) / f"home-{number}{n}" for n in "ab")
                for one in (first, home):
                    write_watch_list(read_watch_list(accounts), one)
                day = market.date_of(7 * number)
                # The market makes its pages of a day when they are first asked for.
                ours(first, day, web.proxy, None)
                is_last = number == asked.rounds - 1
                told = ours(home, day, web.proxy, asked.profile if is_last else None)
                visits = read_visits(home, "company_pages")
                urls = visits.filter(visits["http_status"].is_not_null())["url"]
                other = bare(script, urls.to_list(), day, web.proxy)
                rates["ours"].append(told["requests"] / told["crawl_seconds"])
                rates["bare"].append(other["answers"] / other["crawl_seconds"])
                print(
                    f"{day}: ours {told['requests']} requests in "
                    f"{told['crawl_seconds']:.2f} s ({told['process_seconds']:.2f} s "
                    f"the process), {rates['ours'][-1]:.0f}/s; bare "
                    f"{other['answers']} in {other['crawl_seconds']:.2f} s "
                    f"({other['process_seconds']:.2f} s), {rates['bare'][-1]:.0f}/s"
                )
    ours_median, bare_median = median(rates["ours"]), median(rates["bare"])
    print(
        f"median of {asked.rounds} rounds: ours {ours_median:.0f} pages/s, bare Scrapy "
        f"{bare_median:.0f} pages/s, ratio {ours_median / bare_median:.2f}"
    )


if __name__ == "__main__":
    main()
