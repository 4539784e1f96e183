"""`python -m orchestration.engine`: the models on the engine, held against DuckDB's.

It says of every model whether it ran and is equal, and fails when a table that others
read is not, unless known_differences.yml tells why.
"""

import argparse
import importlib
import json
import resource
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from orchestration import settings
from orchestration.engine.adapter import Maker, teach
from orchestration.engine.parity import (
    TABLES,
    Comparison,
    compared,
    known_differences,
    told,
    write_out,
)
from orchestration.engine.session import SCHEMA, read_sources, session

# What only the going on from a former day reads; on the engine all is made whole.
LEFT_OUT = frozenset({"landmark_digests"})
# Tables of the models that are published or that scores are computed from.
READ_BY_OTHERS = (
    "account_edges",
    "account_features",
    "account_timeline",
    "annual_accounts_history",
    "announcement_history",
    "coverage",
    "job_ad_history",
    "notice_history",
    "outcomes",
    "page_history",
    "people_history",
    "registry_history",
    "role_slot_history",
    "sector_shifts",
    "signal_parts",
    "signals",
    "source_changes",
    "technology_history",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run dbt on the engine and compare; the exit code is 0 only when all is equal."""
    parser = argparse.ArgumentParser(prog="python -m orchestration.engine")
    parser.add_argument("--home", type=Path, default=settings.home())
    parser.add_argument("--select", help="models, as dbt selects them")
    parser.add_argument("--json", type=Path, help="also write what was found there")
    options = parser.parse_args(arguments)
    began = time.monotonic()
    with session(options.home) as spark:
        teach(Maker(spark))
        results = _dbt(spark, options.home, options.select)
        made = time.monotonic() - began
        comparisons = _compare(spark, options.home, results)
    for line in told(comparisons, READ_BY_OTHERS):
        print(line)
    whole = time.monotonic() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"made in {made:.0f} s, compared in {whole - made:.0f} s, at most {peak:.1f} GB"
    )
    if options.json:
        found = {
            c.model: {"state": c.state, "rows": c.rows, "said": c.said}
            for c in comparisons
        }
        options.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
    verdict = _verdict(comparisons, bool(options.select))
    if verdict or options.select:
        # Nothing follows from a part; and names of people are in them.
        shutil.rmtree(options.home / TABLES)
    return verdict


def _dbt(spark: Any, home: Path, select: str | None) -> Mapping[str, tuple[str, str]]:
    """Seeds and models by dbt's own order: of each its status and what was said."""
    runner = importlib.import_module("dbt.cli.main").dbtRunner
    common = [
        "--project-dir",
        str(settings.DBT_DIR),
        "--profiles-dir",
        str(settings.DBT_DIR),
        "--target",
        SCHEMA,
        "--target-path",
        str(home.resolve() / "engine_target"),
    ]
    parsed = runner().invoke(["--quiet", "--no-partial-parse", "parse", *common])
    if not parsed.success:
        raise RuntimeError(f"dbt cannot read the project: {parsed.exception}")
    manifest = parsed.result
    read_sources(
        spark,
        home,
        {
            (s.source_name, s.name): s.meta.get("external_location")
            or s.config.meta["external_location"]
            for s in manifest.sources.values()
        },
    )
    command = [
        "--no-partial-parse",
        "build",
        "--full-refresh",
        "--resource-type",
        "model",
        "seed",
        "--exclude",
        *LEFT_OUT,
    ]
    if select:
        command += ["--select", *select.split()]
    ran = runner(manifest=manifest).invoke([*command, *common])
    if ran.result is None:
        raise RuntimeError(f"dbt did not run: {ran.exception}")
    return {
        r.node.name: (str(r.status), " ".join(str(r.message or "").split()))
        for r in ran.result.results
    }


def _compare(
    spark: Any, home: Path, results: Mapping[str, tuple[str, str]]
) -> list[Comparison]:
    duckdb = importlib.import_module("duckdb")
    errors = importlib.import_module("pyspark.errors")
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    connection.execute("set file_search_path = ?", [str(home.resolve())])
    connection.execute(f"attach '{home / 'warehouse.duckdb'}' as warehouse (read_only)")
    tables = home / TABLES
    shutil.rmtree(tables, ignore_errors=True)
    tables.mkdir()
    out = []
    for name, (status, message) in results.items():
        if status != "success":
            out.append(Comparison(name, "failed", 0, message or status))
            continue
        try:
            theirs = spark.table(f"{SCHEMA}.{name}").toArrow()
        except errors.PySparkException as error:
            # Made, and cannot be read back: said of it, and the others are compared.
            why = " ".join(str(error).split())
            out.append(Comparison(name, "failed", 0, why))
            continue
        connection.register("theirs", theirs)
        ours = f'warehouse.main."{name}"'
        try:
            found = compared(connection, name, ours, "theirs")
            out.append(found)
            if found.state == "equal":
                write_out(connection, ours, "theirs", tables / f"{name}.parquet")
        except duckdb.Error as error:
            out.append(Comparison(name, "differs", 0, " ".join(str(error).split())))
        connection.unregister("theirs")
    return out


def _verdict(comparisons: Sequence[Comparison], is_part: bool) -> int:
    known = known_differences()
    states = {c.model: c.state for c in comparisons}
    wanted = [t for t in READ_BY_OTHERS if t in states or not is_part]
    unequal = [t for t in wanted if states.get(t) != "equal" and t not in known]
    healed = [t for t in known if states.get(t) == "equal"]
    for table in unequal:
        print(f"NOT EQUAL: {table} ({states.get(table, 'not made')})")
    for table in healed:
        print(f"EQUAL, and so no known difference any more: {table}")
    if not unequal and not healed:
        print(f"{len(wanted)} tables that others read are equal on both engines")
    return 1 if unequal or healed else 0


if __name__ == "__main__":
    sys.exit(main())
