"""`lyttepost-dbt`: dbt, started inside the home folder.

dbt keeps what it read of the project, and reads all of it again when an environment
variable that the project names has another value: 15.6 s of processor time, with dbt's
start (2026-11-26). Started in the home, LYTTEPOST_HOME is `.` for every home, so what
was read once serves all. Nothing else about dbt is changed here; views of staging
hold paths relative to the home, which `orchestration.warehouse.connect` knows.
"""

import sys
from importlib.metadata import version

from orchestration import settings


def main() -> None:
    """Run dbt with the arguments of this process.

    `--version` alone is answered without starting dbt: Dagster asks it before each run,
    and dbt would ask a package registry for its newest version.
    """
    if sys.argv[1:] == ["--version"]:
        print(f"Core:\n  - installed: {version('dbt-core')}")
        return
    try:
        settings.enter_home()
    except settings.SettingError as error:
        sys.exit(str(error))
    from dbt.cli.main import cli

    cli()


if __name__ == "__main__":
    main()
