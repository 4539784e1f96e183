"""`make bi`: Superset on a home's published tables, with the dashboards of this folder.

python -m orchestration.publish.superset --home data --bin .venv-superset/bin [--check]
"""

import argparse
import signal
import sys
from pathlib import Path

from orchestration.publish.published import DATABASE, PublishRefused, current
from orchestration.publish.superset.api import (
    ask_all,
    import_bundle,
    log_in,
    missing_dashboards,
)
from orchestration.publish.superset.dashboards import (
    Code,
    DashboardRefused,
    bundle,
    load,
    problems,
)
from orchestration.publish.superset.server import (
    USER,
    Place,
    SupersetFailed,
    prepare,
    running,
    set_up,
)

PORT = 8088


def main(arguments: list[str] | None = None) -> int:
    """Set up, start, import; with --check ask every chart, and stop."""
    parser = argparse.ArgumentParser(prog="make bi", description=__doc__)
    parser.add_argument("--home", type=Path, default=Path("data"))
    parser.add_argument(
        "--bin", type=Path, required=True, help="of Superset's own venv"
    )
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args(arguments)
    try:
        return _bi(given.home, given.bin.absolute(), given.port, given.check)
    except (PublishRefused, DashboardRefused, SupersetFailed) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped before it was ready.", file=sys.stderr)
        return 130


def _bi(home: Path, bin_folder: Path, port: int, check: bool) -> int:
    version = current(home)
    database = (home / "published").resolve() / "current" / DATABASE
    code = load()
    faults = problems(code)
    if faults:
        raise DashboardRefused("; ".join(faults))
    place = prepare(home)
    print(
        f"Setting Superset up in {place.folder} (a minute the first time) ...",
        flush=True,
    )
    set_up(place, bin_folder)
    with running(place, bin_folder, port) as address:
        session = log_in(address, USER, place.password)
        import_bundle(session, address, bundle(code, database))
        if check:
            missing = missing_dashboards(session, address, code)
            answers = ask_all(session, address, code)
            for one in answers:
                print(f"{one.chart:28} {one.fault or f'{one.rows} rows'}")
            bad = [a.chart for a in answers if a.fault] + missing
            told = f"faults in {', '.join(bad)}" if bad else "all answer"
            print(
                f"{len(code.dashboards)} dashboards, {len(answers)} charts, as of "
                f"{version.as_of}: {told}"
            )
            return 1 if bad else 0
        _tell(address, code, place, str(version.as_of))
        try:
            signal.pause()
        except KeyboardInterrupt:
            print("\nStopped.")
    return 0


def _tell(address: str, code: Code, place: Place, as_of: str) -> None:
    print(f"\nSuperset on the tables as of {as_of}, at {address}")
    print(f"User {USER}; its password is in {place.folder / 'admin_password'}\n")
    for dashboard in code.dashboards:
        print(f"  {dashboard.title:30} {address}/superset/dashboard/{dashboard.slug}/")
    print("\nStop it with Ctrl-C.", flush=True)


if __name__ == "__main__":
    # Ended either way, Superset is ended too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
