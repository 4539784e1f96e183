"""Places and secrets, read from the environment in this one module.

What a run does (days, sources, accounts) is an argument or run configuration and never
stands here.
"""

import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parents[1]
DBT_DIR = PROJECT_DIR / "dbt_project"
DEFAULT_HOME = Path("data")

# Runs that need the same pool wait for each other (orchestration.defs.pools); others go
# side by side, few, because each imports everything anew.
DAGSTER_YAML = """\
telemetry:
  enabled: false
# No invitation to a newsletter over the first page.
nux:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 3
    # A host is in one shard of the accounts, and asked by one run at a time.
    tag_concurrency_limits:
      - key: dagster/partition/shard
        value:
          applyLimitPerUniqueValue: true
        limit: 1
  pools:
    granularity: run
    default_limit: 1
event_log_storage:
  module: orchestration.defs.event_log
  class: KeptEventLog
"""

# What homes were made with before; one that a person changed stays.
_WITHOUT_SHARDS = DAGSTER_YAML.replace(
    """\
    # A host is in one shard of the accounts, and asked by one run at a time.
    tag_concurrency_limits:
      - key: dagster/partition/shard
        value:
          applyLimitPerUniqueValue: true
        limit: 1
""",
    "",
)
_WITH_INVITATION = _WITHOUT_SHARDS.replace(
    "# No invitation to a newsletter over the first page.\nnux:\n  enabled: false\n", ""
)
_WITHOUT_POOLS = _WITH_INVITATION.replace(
    "max_concurrent_runs: 3", "max_concurrent_runs: 1"
).replace("  pools:\n    granularity: run\n    default_limit: 1\n", "")
_FORMER_YAML = (_WITHOUT_SHARDS, _WITH_INVITATION, _WITHOUT_POOLS)


class SettingError(ValueError):
    """A setting that cannot be understood; says which, and what it must be."""


@dataclass(frozen=True)
class Replay:
    """A web to replay instead of the real one: the address of its proxy."""

    proxy: str


@dataclass(frozen=True)
class AlertSettings:
    """Where alerts go; empty where nothing is set. All of it may hold secrets."""

    webhook: str = ""
    email: str = ""
    email_from: str = ""
    smtp: str = ""

    def ways(self) -> tuple[str, ...]:
        """The ways that are set."""
        by_email = ("email",) if self.email and self.smtp else ()
        return (*(("webhook",) if self.webhook else ()), *by_email)


def alert_settings() -> AlertSettings:
    """LYTTEPOST_ALERT_WEBHOOK, LYTTEPOST_ALERT_EMAIL (and _FROM), LYTTEPOST_SMTP.

    LYTTEPOST_SMTP is an address: smtp://user:password@host:587, or smtps://.
    """
    return AlertSettings(
        webhook=os.environ.get("LYTTEPOST_ALERT_WEBHOOK", ""),
        email=os.environ.get("LYTTEPOST_ALERT_EMAIL", ""),
        email_from=os.environ.get("LYTTEPOST_ALERT_FROM", ""),
        smtp=os.environ.get("LYTTEPOST_SMTP", ""),
    )


def home() -> Path:
    """The home folder: LYTTEPOST_HOME, else `./data`."""
    return Path(os.environ.get("LYTTEPOST_HOME", str(DEFAULT_HOME))).resolve()


def engine_address() -> str:
    """Where an engine listens, SPARK_REMOTE (`sc://host:port`); empty: none."""
    return os.environ.get("SPARK_REMOTE", "")


def use_engine(address: str, home_folder: Path) -> None:
    """Let dbt-spark, which asks the environment, find an engine, and time be UTC."""
    os.environ["SPARK_REMOTE"] = address
    os.environ["TZ"] = "UTC"
    os.environ["LYTTEPOST_HOME"] = str(home_folder.resolve())
    time.tzset()


def dagster_home() -> Path:
    """Where Dagster keeps its instance: DAGSTER_HOME, else in the home folder."""
    told = os.environ.get("DAGSTER_HOME")
    return Path(told).resolve() if told else home() / "dagster"


def replay() -> Replay | None:
    """The replay this process belongs to, or None on the real web.

    LYTTEPOST_REPLAY is set by `lyttepost replay` to the proxy's address, so that the
    Dagster assets it runs know that past days can be visited.
    """
    proxy = os.environ.get("LYTTEPOST_REPLAY")
    return Replay(proxy) if proxy else None


def set_replay(replay: Replay | None) -> None:
    """Tell this process and its children about the replay (None: the real web)."""
    if replay is None:
        os.environ.pop("LYTTEPOST_REPLAY", None)
        return
    os.environ["LYTTEPOST_REPLAY"] = replay.proxy


def destination_address(name: str) -> str | None:
    """Where to publish besides the home folder, or None when nothing is said.

    LYTTEPOST_<NAME>, else the content of the file that LYTTEPOST_<NAME>_FILE names: an
    address may hold a password, and a file can be read by one user only.

    Raises:
        SettingError: when the file cannot be read.
    """
    variable = f"LYTTEPOST_{name.upper()}"
    told = os.environ.get(variable, "").strip()
    file = os.environ.get(f"{variable}_FILE")
    if told or not file:
        return told or None
    try:
        return Path(file).read_text(encoding="utf-8").strip() or None
    except OSError as error:
        raise SettingError(
            f"{variable}_FILE: {file} cannot be read ({error.strerror})"
        ) from error


def destination_options(name: str, options: Mapping[str, str]) -> dict[str, str]:
    """Options of a destination: LYTTEPOST_<NAME>_<OPTION>, else what is given."""
    return {
        option: os.environ.get(f"LYTTEPOST_{name.upper()}_{option.upper()}", usual)
        for option, usual in options.items()
    }


def kept_versions() -> tuple[int, timedelta]:
    """How many published versions stay, and how long one stays at least.

    LYTTEPOST_KEEP_VERSIONS (5, the current one among them), LYTTEPOST_KEEP_HOURS (1,
    counted from when another version took its place).

    Raises:
        SettingError: when one is not a number, or too small.
    """
    versions = _number("LYTTEPOST_KEEP_VERSIONS", "5", least=1)
    return int(versions), timedelta(hours=_number("LYTTEPOST_KEEP_HOURS", "1", least=0))


def _number(variable: str, usual: str, least: int) -> float:
    told = os.environ.get(variable, usual)
    try:
        number = float(told)
    except ValueError:
        number = -1.0
    if not least <= number < 1_000_000:
        raise SettingError(f"{variable} is {told!r}; a number from {least} is needed")
    return number


def quota_bytes() -> float | None:
    """How large a home folder may become: LYTTEPOST_QUOTA_GB; None when not set.

    Raises:
        SettingError: when it is not a number.
    """
    if not os.environ.get("LYTTEPOST_QUOTA_GB"):
        return None
    return _number("LYTTEPOST_QUOTA_GB", "", least=0) * 1e9


def use_home(home: Path) -> None:
    """Make `home` the home folder of this process and of its children.

    dbt reads LYTTEPOST_HOME, Dagster DAGSTER_HOME; the folder of the interpreter is put
    on PATH because dagster-dbt looks `dbt` up there.
    """
    home.mkdir(parents=True, exist_ok=True)
    os.environ["LYTTEPOST_HOME"] = str(home)
    os.environ["DAGSTER_HOME"] = str(home / "dagster")
    instance = home / "dagster" / "dagster.yaml"
    if not instance.exists() or instance.read_text(encoding="utf-8") in _FORMER_YAML:
        instance.parent.mkdir(exist_ok=True)
        instance.write_text(DAGSTER_YAML, encoding="utf-8")
    put_tools_on_path()


def crawl_shards() -> int:
    """In how many runs the accounts' own hosts are crawled: LYTTEPOST_SHARDS (1).

    Raises:
        SettingError: when it is not a whole number from 1 to 9999.
    """
    told = os.environ.get("LYTTEPOST_SHARDS") or "1"
    if not told.isdigit() or not 1 <= int(told) <= 9_999:
        raise SettingError(
            f"LYTTEPOST_SHARDS is {told!r}; a whole number from 1 to 9999 is needed"
        )
    return int(told)


def evidence_base() -> str:
    """What stands before `<signal_id>.html` in a CRM: LYTTEPOST_EVIDENCE_BASE.

    Without it the address is the place in the home folder.
    """
    told = os.environ.get("LYTTEPOST_EVIDENCE_BASE", "")
    return told.rstrip("/") or "published/current/report/evidence"


def crm_destinations() -> tuple[str, ...]:
    """Destinations the daily run sends to: LYTTEPOST_CRM, by comma; else the files."""
    told = os.environ.get("LYTTEPOST_CRM", "csv_file")
    return tuple(sorted({name.strip() for name in told.split(",") if name.strip()}))


def setting(name: str) -> str | None:
    """What `LYTTEPOST_<name>` says; None when it is not set. No secrets: see there."""
    return os.environ.get(f"LYTTEPOST_{name}") or None


def secret(name: str) -> str | None:
    """A secret: `LYTTEPOST_<name>`, or the content of the file `LYTTEPOST_<name>_FILE`.

    The file is read each time, so that one that is renewed by others is used anew.

    Raises:
        FileNotFoundError: the file that is named is not there.
    """
    told = os.environ.get(f"LYTTEPOST_{name}")
    if told:
        return told.strip()
    file = os.environ.get(f"LYTTEPOST_{name}_FILE")
    if not file:
        return None
    if not Path(file).is_file():
        raise FileNotFoundError(
            f"LYTTEPOST_{name}_FILE names {file}, and there is no such file"
        )
    return Path(file).read_text(encoding="utf-8").strip() or None


def keep_secret(name: str, value: str) -> bool:
    """Put a secret that its service has changed into the file it came from.

    Returns:
        False where it did not come from a file: nothing was written then.
    """
    file = os.environ.get(f"LYTTEPOST_{name}_FILE")
    if os.environ.get(f"LYTTEPOST_{name}") or not file:
        return False
    place = Path(file)
    fresh = place.with_name(f".{place.name}.next")
    fresh.touch(mode=0o600)
    fresh.chmod(place.stat().st_mode & 0o777)
    fresh.write_text(value, encoding="utf-8")
    fresh.replace(place)
    return True


def enter_home() -> None:
    """Make the home folder the working folder, and its name `.`."""
    folder = home()
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    os.environ["LYTTEPOST_HOME"] = "."


def put_tools_on_path() -> None:
    """Put the interpreter's folder first on PATH, where `dbt` and `dagster` are."""
    tools = str(Path(sys.executable).parent)
    path = os.environ.get("PATH", "")
    if tools not in path.split(os.pathsep):
        os.environ["PATH"] = f"{tools}{os.pathsep}{path}"


def child_environment() -> dict[str, str]:
    """The environment for child processes: this one, with the project importable."""
    environment = dict(os.environ)
    environment["PYTHONPATH"] = os.pathsep.join(
        p for p in (str(PROJECT_DIR), environment.get("PYTHONPATH", "")) if p
    )
    environment["PYTHONUNBUFFERED"] = "1"
    return environment
