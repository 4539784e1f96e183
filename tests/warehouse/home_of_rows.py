"""Homes for warehouse tests, built from rows instead of a crawl.

Landing and observed Parquet in the shape of the contracts, and a run of dbt over them.
Everything is made up unless a test says where it reads it from.
"""

import atexit
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl

from orchestration.contracts.frames import schema
from orchestration.contracts.gate import prepare_home
from orchestration.contracts.odcs import contract
from orchestration.warehouse import connect

ROOT = Path(__file__).resolve().parents[2]
DBT = ROOT / "dbt_project"


def sha(*parts: object) -> str:
    """A payload digest over some parts."""
    return "sha256:" + hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()


def end_of(day: date) -> datetime:
    """The moment a replayed day is visited."""
    return datetime(day.year, day.month, day.day, 23, 59, 59)


def weeks(first: date, count: int, every: int = 7) -> list[date]:
    """`count` days, `every` days apart."""
    return [first + timedelta(days=every * n) for n in range(count)]


class Home:
    """Collects rows and writes them where dbt reads."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict]] = defaultdict(list)
        self._payloads: set[tuple[str, str, str]] = set()

    def account(self, account_id: str, **columns: object) -> None:
        """Add an account to the watch list."""
        self.rows["accounts"].append(
            {"account_id": account_id, "name": account_id, "country": "NO"}
            | {"domains": [f"{account_id}.example"], "crm_ids": []}
            | columns
        )

    def visit(
        self,
        account_id: str | None,
        url: str,
        at: datetime,
        records: Mapping[str, Sequence[Mapping]] | None = None,
        *,
        source: str = "company_pages",
        scope: str = "leadership",
        outcome: str = "ok",
        status: int | None = 200,
        verdict: str = "ok",
    ) -> str:
        """Land one visit; `records` are what its payload says, by kind.

        Returns:
            The visit's id.
        """
        read = outcome in ("ok", "not_modified")
        digest = sha(url, records) if read else None
        visit_id = sha(source, account_id, url, at)[7:39]
        self.rows["visits"].append(
            {
                "visit_id": visit_id,
                "source": source,
                "account_id": account_id,
                "scope": scope,
                "url": url,
                "fetched_at": at,
                "outcome": outcome,
                "http_status": status,
                "payload_digest": digest,
                "n_bytes": 1 if read else 0,
                "truncated": False,
                "redirect_chain": [],
            }
        )
        if digest and (source, url, digest) not in self._payloads:
            self._payloads.add((source, url, digest))
            key = {
                "source": source,
                "url": url,
                "payload_digest": digest,
                "parser_version": "1",
            }
            rows = {kind: list(items) for kind, items in (records or {}).items()}
            self.rows["payloads"].append(
                key
                | {"record_index": 0, "account_id": account_id, "scope": scope}
                | {"verdict": verdict, "n_records": sum(map(len, rows.values()))}
            )
            for kind, items in rows.items():
                self.rows[kind] += [
                    key | {"record_index": n} | dict(item)
                    for n, item in enumerate(items)
                ]
        return visit_id

    def people(
        self,
        account_id: str,
        at: datetime,
        people: Iterable[tuple[str, str | None]],
        path: str = "/team/",
        **visit: object,
    ) -> str:
        """Land a visit of a page that lists (name, title) in order."""
        return self.visit(
            account_id,
            f"https://{account_id}.example{path}",
            at,
            {
                "people": [
                    {
                        "person_key": " ".join(name.lower().replace(".", "").split()),
                        "name": name,
                        "title": title,
                        "order_no": n,
                        "via": "card",
                    }
                    for n, (name, title) in enumerate(people)
                ]
            },
            **visit,  # type: ignore[arg-type]
        )

    def failed(
        self,
        account_id: str,
        at: datetime,
        path: str = "/team/",
        outcome: str = "http_error",
        status: int | None = 500,
        **visit: object,
    ) -> str:
        """Land a visit that brought nothing."""
        return self.visit(
            account_id,
            f"https://{account_id}.example{path}",
            at,
            outcome=outcome,
            status=status,
            **visit,  # type: ignore[arg-type]
        )

    def write(
        self, home: Path, until: datetime | None = None, file_of: str = "day"
    ) -> Path:
        """Write Parquet files; `until` leaves out what was landed later.

        `file_of`: "day" writes a file a day in order, "shuffled" writes the rows in
        reverse into files by their hash, so that neither order nor layout helps.
        """
        prepare_home(home)
        visits = [
            v for v in self.rows["visits"] if until is None or v["fetched_at"] <= until
        ]
        landed = {(v["source"], v["url"], v["payload_digest"]) for v in visits}
        first_day: dict[tuple, str] = {}
        for v in sorted(visits, key=lambda v: v["fetched_at"]):
            first_day.setdefault(
                (v["source"], v["url"], v["payload_digest"]),
                v["fetched_at"].date().isoformat(),
            )

        def put(name: str, rows: list[dict], file: Path) -> None:
            file.parent.mkdir(parents=True, exist_ok=True)
            frame = pl.DataFrame(rows, schema=schema(contract(name)), orient="row")
            frame.write_parquet(file)

        def bucket(row: Mapping, day: str) -> str:
            if file_of == "day":
                return day
            number = int(sha(sorted(row.items(), key=str))[7:9], 16) % 3
            return f"2000-01-0{number + 1}"

        names = schema(contract("accounts"))
        accounts = [{c: a.get(c) for c in names} for a in self.rows["accounts"]]
        put("accounts", accounts, home / "accounts" / "accounts.parquet")
        groups: dict[Path, list[dict]] = defaultdict(list)
        for v in visits:
            day = bucket(v, v["fetched_at"].date().isoformat())
            file = home / "landing" / v["source"] / f"day={day}" / "visits.parquet"
            groups[file].append(v)
        kinds = [k for k in self.rows if k not in ("accounts", "visits")]
        for kind in kinds:
            for row in self.rows[kind]:
                key = (row["source"], row["url"], row["payload_digest"])
                if key in landed:
                    day = bucket(row, first_day[key])
                    folder = home / "observed" / kind / f"source={row['source']}"
                    groups[folder / f"day={day}.parquet"].append(row)
        for file, rows in groups.items():
            name = (
                "landing/visits"
                if "landing" in file.parts
                else f"observed/{file.parts[-3]}"
            )
            columns = schema(contract(name))
            full = [{c: row.get(c) for c in columns} for row in rows]
            put(name, full if file_of == "day" else full[::-1], file)
        return home


# What dbt read of the project serves every home (orchestration.dbt_in_home): each test
# process begins with what setting up left, and keeps what it had to read anew.
_TARGET = Path(tempfile.gettempdir()) / f"lyttepost-tests-{os.getpid()}"
_READ = "partial_parse.msgpack"
atexit.register(shutil.rmtree, _TARGET, ignore_errors=True)


def dbt_build(home: Path, *arguments: str) -> None:
    """Run `dbt build` on a home.

    Raises:
        AssertionError: with dbt's words when it fails.
    """
    _TARGET.mkdir(exist_ok=True)
    if not (_TARGET / _READ).exists() and (DBT / "target" / _READ).exists():
        shutil.copy(DBT / "target" / _READ, _TARGET / _READ)
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("lyttepost-dbt")),
            # What is shown when it fails is what it prints.
            "--log-level-file",
            "none",
            # Nobody reads the manifest: a fifth of the time of a small build.
            "--no-write-json",
            "build",
            "--project-dir",
            str(DBT),
            "--profiles-dir",
            str(DBT),
            "--target-path",
            str(_TARGET),
            "--log-path",
            str(_TARGET),
            *(arguments or ("--exclude-resource-type", "unit_test")),
        ],
        env=os.environ | {"LYTTEPOST_HOME": str(home)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-6000:]


def table(home: Path, name: str) -> pl.DataFrame:
    """A whole table of the warehouse."""
    with connect(home) as connection:
        return connection.execute(f'select * from "{name}"').pl()
