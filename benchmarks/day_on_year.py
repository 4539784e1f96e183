"""What a day costs on top of a year, against the same day on top of a month.

Run: python -m benchmarks.day_on_year [--accounts 100] [--days 366] [--rounds 3]
[--json FILE]
The days are made up and landed as rows, without a crawl: each account has a team page,
a list of jobs and four pages of text that are visited every day, change now and then,
and fail now and then. Two homes are built up to the day before the last, one with all
days and one with the last 31; then the last day is landed in both and history and
signals are built again, in rounds, each from the warehouse as it was before. Compared
is the time dbt needs for that last build, start-up included (the middle of the rounds),
the same in seconds of processor time, which a busy machine disturbs less, and the sum
of what its models took. By model: what takes longest, and what grows most.
Nobody in it is real.
"""

import argparse
import hashlib
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

import polars as pl

from orchestration.contracts.frames import schema
from orchestration.contracts.gate import prepare_home
from orchestration.contracts.odcs import contract
from orchestration.settings import DBT_DIR
from orchestration.warehouse import FILE

LAST_DAY = date(2026, 6, 1)
_MONTH = 31
_TITLES = ("Daglig leder", "Salgsdirektør", "Økonomisjef", "HR-sjef", "Driftssjef")
_WORDS = tuple(
    a + b
    for a in ("sky", "kraft", "salg", "drift", "plan", "kunde", "fag", "bygg")
    for b in ("tjeneste", "løsning", "avtale", "leder", "system", "verktøy")
)
_SENTENCE = 12
_FAIL, _CHANGE = 0.05, 0.02


def _digest(*parts: object) -> str:
    return "sha256:" + hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()


def _sentence(rng: random.Random) -> str:
    return " ".join(rng.choices(_WORDS, k=_SENTENCE))


def _person(rng: random.Random, number: int) -> dict[str, object]:
    name = f"Person{chr(97 + number % 26)} Etternavn{rng.randrange(10_000)}"
    return {
        "person_key": name.lower(),
        "name": name,
        "title": _TITLES[number % len(_TITLES)],
        "via": "card",
    }


def _ad(rng: random.Random, day: date) -> dict[str, object]:
    title = f"{rng.choice(_WORDS)} {rng.choice(_WORDS)} {day.toordinal()}"
    return {
        "ad_id": title,
        "ad_status": "active",
        "title": title,
        "place": "Oslo",
        "terms": title.split()[:2],
        "is_listing": True,
    }


def _page(blocks: Sequence[str]) -> dict[str, object]:
    return {
        "title": "Side",
        "language": "nb",
        "main_text": "\n".join(blocks),
        "text_digest": _digest(*blocks),
        "blocks": [{"role": "main", "text": b, "terms": b.split()} for b in blocks],
        "nav_labels": [],
        "links": [],
    }


Read = tuple[str, str, date, dict[str, list[dict[str, object]]] | None]


def _visited(account: str, first: date, days: int) -> Iterator[Read]:
    """(path, scope, day, records by kind or None for a failure), day by day."""
    rng = random.Random(account)
    staff = [_person(rng, n) for n in range(8)]
    ads = [_ad(rng, first) for _ in range(6)]
    texts = [[_sentence(rng) for _ in range(8)] for _ in range(4)]
    for day in (first + timedelta(days=n) for n in range(days)):
        if rng.random() < _CHANGE:
            staff[rng.randrange(8)] = _person(rng, rng.randrange(26))
        if rng.random() < 5 * _CHANGE:
            ads = [*ads[1:], _ad(rng, day)]
        for text in texts:
            if rng.random() < _CHANGE:
                text[rng.randrange(8)] = _sentence(rng)
        listed = [person | {"order_no": n} for n, person in enumerate(staff)]
        shown: list[tuple[str, str, dict[str, list[dict[str, object]]]]] = [
            ("/team/", "leadership", {"people": listed}),
            ("/jobb/", "careers", {"job_ads": ads}),
        ]
        shown += [
            (f"/side-{n}/", "content", {"pages": [_page(text)]})
            for n, text in enumerate(texts)
        ]
        for path, scope, records in shown:
            yield path, scope, day, None if rng.random() < _FAIL else records


def land(home: Path, accounts: int, first: date, days: int, since: date) -> int:
    """Write what was visited since a day; records once, when a payload is first seen.

    Returns:
        The number of visits written.
    """
    prepare_home(home)
    rows: dict[tuple[str, date], list[dict[str, object]]] = defaultdict(list)
    for number in range(accounts):
        account = f"b{number:05d}"
        seen: set[str] = set()
        for path, scope, day, records in _visited(account, first, days):
            url = f"https://{account}.example{path}"
            digest = _digest(url, records) if records is not None else None
            is_new = digest is not None and digest not in seen
            if digest is not None:
                seen.add(digest)
            if day < since:
                continue
            where = {"source": "company_pages", "url": url, "payload_digest": digest}
            rows["landing/visits", day].append(
                where
                | {
                    "visit_id": _digest(url, day)[7:39],
                    "account_id": account,
                    "scope": scope,
                    "fetched_at": datetime(day.year, day.month, day.day, 6),
                    "outcome": "timeout" if digest is None else "ok",
                    "http_status": None if digest is None else 200,
                    "n_bytes": 0 if digest is None else 12_000,
                    "truncated": False,
                    "redirect_chain": [],
                }
            )
            if not is_new or records is None:
                continue
            key = where | {"parser_version": "1"}
            ((kind, items),) = records.items()
            rows["observed/payloads", day].append(
                key
                | {"record_index": 0, "account_id": account, "scope": scope}
                | {"verdict": "ok", "n_records": len(items)}
            )
            rows[f"observed/{kind}", day] += [
                key | {"record_index": n} | item for n, item in enumerate(items)
            ]
    for (name, day), some in rows.items():
        folder = home / name
        file = folder / "source=company_pages" / f"day={day}.parquet"
        if name == "landing/visits":
            file = home / "landing/company_pages" / f"day={day}" / "visits.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        columns = schema(contract(name))
        full = [{column: row.get(column) for column in columns} for row in some]
        pl.DataFrame(full, schema=columns, orient="row").write_parquet(file)
        # Files written all at once, a moment before the build, would be read again by
        # the next: what is younger than a minute may still change (landed.sql).
        written_at = datetime(day.year, day.month, day.day, 7, tzinfo=UTC).timestamp()
        os.utime(file, (written_at, written_at))
    return sum(len(some) for (name, _), some in rows.items() if "visits" in name)


def _watch(home: Path, accounts: int) -> None:
    columns = schema(contract("accounts"))
    rows = [
        {
            "account_id": f"b{n:05d}",
            "name": f"Benk {n} AS",
            "country": "NO",
            "domains": [f"b{n:05d}.example"],
            "crm_ids": [],
            "segment": f"s{n % 5}",
        }
        for n in range(accounts)
    ]
    full = [{column: row.get(column) for column in columns} for row in rows]
    pl.DataFrame(full, schema=columns, orient="row").write_parquet(
        home / "accounts" / "accounts.parquet"
    )


def _spent() -> float:
    """Seconds of processor time of the processes that were started here and ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def build(home: Path) -> tuple[float, float, dict[str, float]]:
    """Seconds of `dbt build`, by the clock and of the processor, and by model.

    Raises:
        RuntimeError: with dbt's last words when it fails.
    """
    started, spent = time.perf_counter(), _spent()
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("dbt")),
            "build",
            "--project-dir",
            str(DBT_DIR),
            "--profiles-dir",
            str(DBT_DIR),
            "--target-path",
            str(home / "dbt"),
            "--log-path",
            str(home / "dbt"),
            "--exclude-resource-type",
            "unit_test",
        ],
        env=os.environ | {"LYTTEPOST_HOME": str(home)},
        capture_output=True,
        text=True,
    )
    seconds, spent = time.perf_counter() - started, _spent() - spent
    if done.returncode != 0:
        raise RuntimeError(done.stdout[-3000:])
    results = json.loads((home / "dbt" / "run_results.json").read_text())["results"]
    return (
        seconds,
        spent,
        {
            row["unique_id"].split(".")[2]: row["execution_time"]
            for row in results
            if row["unique_id"].startswith("model.")
        },
    )


def _before(home: Path) -> Path:
    return home.with_suffix(".before")


def _day_again(home: Path) -> tuple[float, float, dict[str, float]]:
    """The last day built on what stood before it; as `build` tells it."""
    for file in home.glob(f"{FILE}*"):
        file.unlink()
    shutil.copy(_before(home), home / FILE)
    return build(home)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=100)
    parser.add_argument("--days", type=int, default=366)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    told: dict[str, dict[str, object]] = {}
    by_model: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        first = LAST_DAY - timedelta(days=asked.days - 1)
        homes = {"month": Path(folder) / "month", "year": Path(folder) / "year"}
        for name, home in homes.items():
            days = _MONTH if name == "month" else asked.days
            since = LAST_DAY - timedelta(days=days - 1)
            visits = land(home, asked.accounts, first, asked.days - 1, since)
            _watch(home, asked.accounts)
            before, before_cpu, _ = build(home)
            shutil.copy(home / FILE, _before(home))
            land(home, asked.accounts, first, asked.days, LAST_DAY)
            told[name] = {
                "visits": visits,
                "first_build_s": round(before, 2),
                "first_build_cpu_s": round(before_cpu, 2),
            }
        rounds = [
            {n: _day_again(h) for n, h in homes.items()} for _ in range(asked.rounds)
        ]
        for name in homes:
            seconds, cpu, models = zip(*(one[name] for one in rounds), strict=True)
            by_model[name] = {m: median(some[m] for some in models) for m in models[0]}
            told[name] |= {
                "day_s": round(median(seconds), 2),
                "day_cpu_s": round(median(cpu), 2),
                "day_cpu_s_by_round": [round(one, 2) for one in cpu],
                "models_s": round(median(sum(some.values()) for some in models), 2),
            }
            print(name, told[name], flush=True)
    for what in ("day_s", "day_cpu_s", "models_s"):
        month, year = (float(str(told[name][what])) for name in ("month", "year"))
        print(f"{what}: a year costs {year / month:.2f} times a month")
    grown = {m: s - by_model["month"].get(m, 0.0) for m, s in by_model["year"].items()}
    for model in sorted(grown, key=lambda m: -grown[m])[:25]:
        print(
            f"{model:40} {by_model['month'].get(model, 0.0):7.2f}"
            f" {by_model['year'][model]:7.2f}"
        )
    if asked.json:
        asked.json.write_text(json.dumps({"told": told, "models": by_model}))


if __name__ == "__main__":
    main()
