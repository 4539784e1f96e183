"""`lyttepost-dbt`: dbt, started inside the home folder.

dbt keeps what it read of the project, and reads all of it again when an environment
variable that the project names has another value: 15.6 s of processor time, with dbt's
start (2026-11-26). Started in the home, LYTTEPOST_HOME is `.` for every home, so what
was read once serves all. Nothing else about dbt's work is changed here; views of
staging hold paths relative to the home, which `orchestration.warehouse.connect` knows.
"""

import gc
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
    # dbt holds the project to its end, and Python goes through it for garbage: a build
    # of all models took 20.7, 20.3 and 22.6 s of processor time, and 18.7, 19.6 and
    # 21.0 with these, in turn, as large in memory (2026-11-28).
    gc.set_threshold(50_000, 20, 20)
    from dbt.cli.main import cli

    cli()


if __name__ == "__main__":
    main()
