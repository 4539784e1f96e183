"""Change history of pages against dbt's own `snapshot`, on the same visits.

Run: `python -m benchmarks.page_history [--accounts 100] [--days 366]`. The visits are
those of `day_on_year`. Ours is what the product builds for one more day: the tables
that `hist_pages` is made of, `landmark_digests` included, which all history shares, but
not the views of staging. Beside it a snapshot (strategy check, the day's fetch as its
time) of the text of each page as that day's visits read it, in a database of its own.
Compared are the seconds that dbt says its nodes took, not its start. What ours does
more: a failed visit begins no version, nor does a text seen once, and each version has
the kind of its change. As many tables of a single row, made by dbt beside the snapshot,
say what of ours is dbt's own: less is not to be had in so many nodes.

Then what a snapshot cannot: the same days with one on which nothing was built, and with
one whose file of visits arrives after all others. A history is right when it is the one
that is built day by day from files that come in time.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from benchmarks.children import peak_mb
from benchmarks.day_on_year import LAST_DAY, _watch, land
from benchmarks.measured import Measured, beside
from orchestration.settings import DBT_DIR

_TIMES = 5.0
_DBT = Path(sys.executable).with_name("dbt")
_SNAPSHOT = """
{% snapshot pages %}
{{ config(
    unique_key="account_id || ' ' || url", strategy='check',
    check_cols=['text_digest'], updated_at='fetched_at', target_schema='main'
) }}
select visits.account_id, visits.url, visits.fetched_at, pages.text_digest
from read_parquet('{{ var("visits") }}') as visits
inner join read_parquet('{{ var("pages") }}') as pages
    on visits.url = pages.url and visits.payload_digest = pages.payload_digest
where visits.outcome in ('ok', 'not_modified') and pages.main_text <> ''
{% endsnapshot %}
"""
_SNAPSHOT_PROJECT = """
name: beside
profile: beside
version: "1.0"
config-version: 2
snapshot-paths: ["snapshots"]
models: {+materialized: table}
flags: {send_anonymous_usage_stats: false}
"""
_SNAPSHOT_PROFILE = """
beside:
  target: local
  outputs: {local: {type: duckdb, path: beside.duckdb, schema: main, threads: 2}}
"""
# A version: account, address, text, first and last fetch.
_Version = tuple[object, ...]


class DbtFailed(RuntimeError):
    """dbt did not come to its end; the message holds its last words."""


def _dbt(arguments: Sequence[str | Path], cwd: Path, env: Mapping[str, str]) -> None:
    done = subprocess.run(
        [str(_DBT), *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise DbtFailed(done.stdout[-3000:])


def _nodes(results: Path) -> dict[str, float]:
    """Seconds of each model or snapshot of dbt's last run."""
    told = json.loads((results / "run_results.json").read_text())["results"]
    return {
        row["unique_id"].split(".")[2]: row["execution_time"]
        for row in told
        if row["unique_id"].split(".")[0] in ("model", "snapshot")
    }


@dataclass(frozen=True)
class Beside:
    """A home of ours and a snapshot project beside it."""

    folder: Path

    @property
    def home(self) -> Path:
        """Our home."""
        return self.folder / "home"

    def begin(self, accounts: int) -> None:
        """Make both, with nothing landed."""
        snapshots = self.folder / "beside" / "snapshots"
        snapshots.mkdir(parents=True)
        (snapshots / "pages.sql").write_text(_SNAPSHOT)
        (snapshots.parent / "dbt_project.yml").write_text(_SNAPSHOT_PROJECT)
        (snapshots.parent / "profiles.yml").write_text(_SNAPSHOT_PROFILE)
        land(self.home, accounts, LAST_DAY, 0, LAST_DAY)
        _watch(self.home, accounts)

    def ours(self) -> dict[str, float]:
        """Build our history; seconds of each model."""
        target = self.home / "dbt"
        flags: list[str | Path] = ["--project-dir", DBT_DIR, "--profiles-dir", DBT_DIR]
        flags += ["--target-path", target, "--log-path", target, "--quiet"]
        _dbt(
            ["run", "--select", "+hist_pages", *flags],
            self.folder,
            {"LYTTEPOST_HOME": str(self.home)},
        )
        return _nodes(target)

    def snapshot(self, day: date) -> float:
        """Take the snapshot of a day; its seconds."""
        project = self.folder / "beside"
        where = {
            "visits": str(_visits(self.home, day)),
            "pages": str(self.home / "observed/pages/*/*.parquet"),
        }
        flags = ["--profiles-dir", ".", "--quiet", "--vars", json.dumps(where)]
        _dbt(["snapshot", *flags], project, {})
        return _nodes(project / "target")["pages"]

    def one_row(self, nodes: int) -> float:
        """Make so many tables of one row; their seconds."""
        project = self.folder / "beside"
        models = project / "models"
        models.mkdir(exist_ok=True)
        for number in range(nodes):
            (models / f"one_row_{number}.sql").write_text("select 1 as one")
        _dbt(["run", "--profiles-dir", ".", "--quiet"], project, {})
        return sum(_nodes(project / "target").values())

    def our_versions(self) -> list[_Version]:
        """The versions of our history: what no later day changes of them."""
        with duckdb.connect(str(self.home / "warehouse.duckdb")) as connection:
            return connection.execute(
                "select account_id, url, text_digest, valid_from, valid_to"
                " from hist_pages order by all"
            ).fetchall()

    def snapshot_versions(self) -> list[_Version]:
        """The versions of the snapshot."""
        with duckdb.connect(str(self.folder / "beside/beside.duckdb")) as connection:
            return connection.execute(
                "select account_id, url, text_digest, dbt_valid_from, dbt_valid_to"
                " from pages order by all"
            ).fetchall()


def _visits(home: Path, day: date) -> Path:
    return home / "landing/company_pages" / f"day={day}" / "visits.parquet"


def day_on_top(
    accounts: int, days: int, rounds: int
) -> tuple[list[dict[str, float]], list[float], list[float]]:
    """Seconds of our models, of the snapshot and of tables of one row, by day."""
    first = LAST_DAY - timedelta(days=days + rounds - 1)
    ours, theirs, least = [], [], []
    with tempfile.TemporaryDirectory() as name:
        both = Beside(Path(name))
        both.begin(accounts)
        land(both.home, accounts, first, days, first)
        both.ours()
        both.snapshot(first + timedelta(days=days - 1))
        for number in range(days, days + rounds):
            day = first + timedelta(days=number)
            land(both.home, accounts, first, number + 1, day)
            theirs.append(both.snapshot(day))
            ours.append(_tables(both.ours()))
            least.append(both.one_row(len(ours[-1])))
    return ours, theirs, least


def _tables(nodes: Mapping[str, float]) -> dict[str, float]:
    return {name: took for name, took in nodes.items() if not name.startswith("stg_")}


def _history(
    accounts: int, days: int, what: str
) -> tuple[set[_Version], set[_Version]]:
    """Both histories, day by day, with one day that is not as it should be.

    Args:
        accounts: how many accounts are visited.
        days: how many days.
        what: "in_time", "missed_run" or "late_file", of the fourth day from the end.
    """
    first = LAST_DAY - timedelta(days=days - 1)
    odd = LAST_DAY - timedelta(days=3)
    with tempfile.TemporaryDirectory() as name:
        both = Beside(Path(name))
        both.begin(accounts)
        for number in range(days):
            day = first + timedelta(days=number)
            land(both.home, accounts, first, number + 1, day)
            if day == odd and what == "late_file":
                shutil.move(_visits(both.home, day), both.folder / "late.parquet")
            elif day != odd or what == "in_time":
                both.snapshot(day)
                # Ours is built before the odd day and after: what it carries from
                # the one to the other is what may be wrong.
                if day in (odd - timedelta(days=1), LAST_DAY):
                    both.ours()
        if what == "late_file":
            shutil.move(both.folder / "late.parquet", _visits(both.home, odd))
            both.snapshot(odd)
            both.ours()
        return set(both.our_versions()), set(both.snapshot_versions())


def correctness(accounts: int, days: int) -> dict[str, tuple[int, int]]:
    """Versions too many or missing, ours and the snapshot's, by what was not right."""
    ours, theirs = _history(accounts, days, "in_time")
    wrong = {}
    for what in ("missed_run", "late_file"):
        mine, snapshot = _history(accounts, days, what)
        wrong[what] = len(ours ^ mine), len(theirs ^ snapshot)
    return wrong


def measure(
    accounts: int = 100, days: int = 363, rounds: int = 3, wrong_days: int = 12
) -> list[Measured]:
    """A day beside the snapshot's, and what is wrong after a late file."""
    ours, theirs, least = day_on_top(accounts, days, rounds)
    sums = [sum(nodes.values()) for nodes in ours]
    slowest = sorted(ours[-1].items(), key=lambda item: -item[1])[:4]
    wrong = correctness(min(accounts, 20), wrong_days)
    size = f"{accounts} accounts, {6 * accounts * days} visits before"
    results = [
        beside(
            name,
            "days a second of dbt's nodes",
            [1 / taken for taken in seconds],
            "dbt snapshot",
            [1 / taken for taken in theirs],
            goal,
            peak_mb=peak,
            size=size,
            note=note,
        )
        for name, seconds, goal, peak, note in (
            (
                "page_history",
                sums,
                _TIMES,
                peak_mb(),
                ", ".join(f"{model} {taken:.2f} s" for model, taken in slowest),
            ),
            (
                "page_history_one_row",
                least,
                None,
                None,
                f"{len(ours[-1])} tables of one row: what so many nodes can reach",
            ),
        )
    ]
    for what, (mine, snapshot) in wrong.items():
        results.append(
            Measured(
                name=f"page_history_{what}",
                unit="wrong versions (the ratio is ours)",
                ours=mine,
                baseline_name="dbt snapshot",
                baseline=snapshot,
                ratios=(float(mine),),
                goal=0.0,
                is_ceiling=True,
                size=f"{min(accounts, 20)} accounts, {wrong_days} days",
            )
        )
    return results


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=100)
    parser.add_argument("--days", type=int, default=363)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    for one in measure(asked.accounts, asked.days, asked.rounds):
        print(one)


if __name__ == "__main__":
    main()
