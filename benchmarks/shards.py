"""What it costs to land a day in shards, and what one crawl has to know.

Run: `python -m benchmarks.shards [--accounts 2000] [--pages 20] [--shards 10]`. The
same visits, made up, land through the product's own landing twice, without a network:
in one piece, and in shards that are then joined. Printed are the seconds of the
processor that landing in shards takes beside landing in one piece, joining included;
what joining takes of a visit, and dividing of an account; and how many bytes the crawl
of a shard has to know of an address the day after.
"""

import argparse
import tempfile
import tracemalloc
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from benchmarks.children import peak_mb
from benchmarks.measured import Measured, beside, spent
from scrapers.account import Account
from scrapers.joined import join_shards
from scrapers.landing import Capture, Landing, known_before
from scrapers.shards import every_shard, ids_in, shards_of

_DAY = date(2026, 1, 5)
_SOURCE = "company_pages"
_HEADERS = (("Content-Type", "text/html"), ("ETag", '"made-up"'))


def _accounts(n: int) -> tuple[Account, ...]:
    return tuple(
        Account(f"a{i:07d}", f"A{i} AS", "NO", None, (f"a{i:07d}.example",))
        for i in range(n)
    )


def _capture(account: Account, page: int) -> Capture:
    url = f"https://{account.domains[0]}/sider/nummer-{page}"
    body = f"<html><body><p>{url} {'bruer og veier ' * 40}</p></body></html>"
    return Capture(
        account_id=account.account_id,
        scope="about",
        url=url,
        outcome="ok",
        http_status=200,
        headers=_HEADERS,
        body=body.encode(),
    )


def _land(landing: Landing, accounts: Sequence[Account], pages: int) -> None:
    for account in accounts:
        for page in range(pages):
            landing.land(_capture(account, page))
    landing.finish({})


def _in_shards(home: Path, accounts: Sequence[Account], pages: int, of: int) -> None:
    for shard in every_shard(of):
        ids = ids_in(accounts, shard)
        own = [a for a in accounts if a.account_id in ids]
        landing = Landing(home, _SOURCE, _DAY, True, shard=shard, accounts=ids)
        _land(landing, own, pages)


def _bytes_known(home: Path, accounts: Sequence[Account], of: int) -> tuple[int, int]:
    """Bytes of what the first shard knows the day after, and of how many addresses."""
    shard = every_shard(of)[0]
    own = ids_in(accounts, shard)
    tracemalloc.start()
    known = known_before(home, _SOURCE, _DAY + timedelta(days=1), shard, own)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return held, len(known)


def measure(
    accounts: int = 2_000, pages: int = 20, shards: int = 10
) -> Sequence[Measured]:
    """Landing in shards beside landing in one piece, and the joining."""
    watched = _accounts(accounts)
    visits = accounts * pages
    with tempfile.TemporaryDirectory() as folder:
        one, many = Path(folder) / "one", Path(folder) / "many"
        whole = spent(lambda: _land(Landing(one, _SOURCE, _DAY, True), watched, pages))
        divided = spent(lambda: _in_shards(many, watched, pages, shards))
        joined = spent(lambda: join_shards(many, _SOURCE))
        held, n_known = _bytes_known(many, watched, shards)
    assigned = spent(lambda: shards_of(watched, shards))
    size = f"{accounts} accounts, {pages} pages each, {shards} shards"
    return [
        beside(
            "land_in_shards",
            "s of processor",
            [divided.processor + joined.processor],
            "landing in one piece",
            [whole.processor],
            None,
            is_ceiling=True,
            peak_mb=peak_mb(),
            size=size,
            note=(
                f"joining {joined.processor / visits * 1e6:.1f} us a visit, dividing "
                f"{assigned.processor / accounts * 1e6:.1f} us an account, known "
                f"{held / n_known:.0f} bytes an address"
            ),
        )
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=2_000)
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--shards", type=int, default=10)
    asked = parser.parse_args()
    for one in measure(asked.accounts, asked.pages, asked.shards):
        print(one)


if __name__ == "__main__":
    main()
