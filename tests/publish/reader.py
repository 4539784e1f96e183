"""A child process that reads the published tables without a pause.

Run as `python reader.py HOME`: prints `ready` after the first reading; when its input
ends it prints how many readings there were and of how many versions, as JSON. Anything
that goes wrong ends it.
"""

import json
import sys
import threading
from pathlib import Path

import duckdb
import polars as pl

ASKED = "select count(*), min(known_at) from account_timeline"


def read_database(home: Path) -> tuple[object, ...]:
    """Open the file by the name that always points at the current one."""
    file = home / "published" / "current" / "lyttepost.duckdb"
    with duckdb.connect(str(file), read_only=True) as connection:
        for (name,) in connection.execute("show tables").fetchall():
            connection.execute(f'select * from "{name}"').fetchall()
        row = connection.execute(ASKED).fetchone()
    assert row is not None
    return row


def read_parquet(home: Path) -> str:
    """All tables of one version, and what its manifest and its DuckDB file say."""
    version = (home / "published" / "current").resolve()
    manifest = json.loads((version / "manifest.json").read_text())
    for name, said in manifest["tables"].items():
        assert pl.read_parquet(version / f"{name}.parquet").height == said["rows"], name
    timeline = pl.read_parquet(version / "account_timeline.parquet")
    with duckdb.connect(str(version / "lyttepost.duckdb"), read_only=True) as same:
        found = same.execute(ASKED).fetchone()
    assert found == (timeline.height, timeline["known_at"].min())
    return version.name


def main() -> None:
    home = Path(sys.argv[1])
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    seen, versions, readings = set(), set(), 0
    while not stop.is_set():
        seen.add(read_database(home))
        versions.add(read_parquet(home))
        if not readings:
            print("ready", flush=True)
        readings += 1
    said = {"readings": readings, "answers": len(seen), "versions": len(versions)}
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
