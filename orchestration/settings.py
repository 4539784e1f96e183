"""Places and secrets, read from the environment in this one module.

What a run does (days, sources, accounts) is an argument or run configuration and never
stands here.
"""

import json
import os
import re
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlsplit

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
# A run whose process is gone is begun again from where it failed. What fails within a
# step is tried again by the step (orchestration.defs.patience).
run_retries:
  enabled: true
  max_retries: 3
  retry_on_asset_or_op_failure: false
event_log_storage:
  module: orchestration.defs.event_log
  class: KeptEventLog
"""

# What homes were made with before; one that a person changed stays.
_WITHOUT_RETRIES = re.sub(
    r"# A run whose.*?failure: false\n", "", DAGSTER_YAML, flags=re.S
)
_WITHOUT_SHARDS = _WITHOUT_RETRIES.replace(
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
_FORMER_YAML = (_WITHOUT_RETRIES, _WITHOUT_SHARDS, _WITH_INVITATION, _WITHOUT_POOLS)


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

    LYTTEPOST_SMTP is an address: smtp://user:password@host:587, or smtps://. It and the
    webhook may stand in files, LYTTEPOST_SMTP_FILE and LYTTEPOST_ALERT_WEBHOOK_FILE.
    """
    return AlertSettings(
        webhook=secret("ALERT_WEBHOOK") or "",
        email=os.environ.get("LYTTEPOST_ALERT_EMAIL", ""),
        email_from=os.environ.get("LYTTEPOST_ALERT_FROM", ""),
        smtp=secret("SMTP") or "",
    )


def home() -> Path:
    """The home folder: LYTTEPOST_HOME, else `./data`."""
    return Path(os.environ.get("LYTTEPOST_HOME", str(DEFAULT_HOME))).resolve()


def dbt_target() -> Path:
    """Where dbt keeps what it has read of the project.

    In the project, where it serves every home; in the home folder where the project may
    not be written to, as in a container or under systemd's ProtectSystem.
    """
    inside = DBT_DIR / "target"
    is_ours = os.access(inside if inside.exists() else DBT_DIR, os.W_OK)
    return inside if is_ours else home() / "dbt" / "read"


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
    if not told.isdecimal() or not 1 <= int(told) <= 9_999:
        raise SettingError(
            f"LYTTEPOST_SHARDS is {told!r}; a whole number from 1 to 9999 is needed"
        )
    return int(told)


def warehouse_gb() -> float:
    """Memory DuckDB may take to build the models, in GB: LYTTEPOST_WAREHOUSE_GB.

    Without it 4, and on a machine of less than 8 half of what it has: the rest is for
    Dagster and the web server, and while it writes pages DuckDB takes 2 GB more. What
    does not fit is put on the disk, in the home. 20,000 accounts of 20 pages fit
    (2026-11-28).

    Raises:
        SettingError: when it is not a number, or below 1.
    """
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    usual = round(min(4.0, 0.5 * machine), 1)
    return _number("LYTTEPOST_WAREHOUSE_GB", str(usual), least=1)


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


# Environment variables that hold a secret: as a whole, or within an address. Each of
# them may be named `<name>_FILE` instead.
_IS_SECRET = re.compile(
    r"LYTTEPOST_\w+_(?:TOKEN|KEY|SECRET|PASSWORD)|PGPASSWORD"
    r"|AWS_(?:SECRET_ACCESS_KEY|SESSION_TOKEN)"
)
_HOLDS_SECRET = re.compile(
    r"LYTTEPOST_(?:ALERT_WEBHOOK|SMTP|POSTGRES|OBJECT_STORE|STORE|\w+_URL)"
)
_SECRET_PART = re.compile(r"pass|secret|token|key|sig", re.IGNORECASE)
# Shorter ones would be taken out of words that have nothing to do with them.
_LEAST_SECRET = 6
TAKEN_OUT = "***"


# Secrets that came in mid-run, of this process.
_granted: set[str] = set()


def hold_secret(value: str) -> None:
    """Count a value as secret from now on: a token that a service gave in mid-run."""
    _granted.add(value)


def secret_values() -> tuple[str, ...]:
    """Every secret this process was given, as it may be said; the longest first.

    A file that cannot be read now holds nothing that could have been said.
    """
    found = _granted.copy()
    for variable, told in os.environ.items():
        name = variable.removesuffix("_FILE")
        is_whole, is_within = _IS_SECRET.fullmatch(name), _HOLDS_SECRET.fullmatch(name)
        if not told or not (is_whole or is_within):
            continue
        if name != variable:
            try:
                told = Path(told).read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                continue
        told = told.strip()
        found |= {told} if is_whole else _secrets_within(name, told)
    # As an address has it, and as a text inside of JSON.
    found |= {
        form
        for s in found
        for form in (quote(s, safe=""), unquote(s), json.dumps(s)[1:-1])
    }
    return tuple(
        sorted(
            (s for s in found if len(s) >= _LEAST_SECRET), key=lambda s: (-len(s), s)
        )
    )


def _secrets_within(name: str, address: str) -> set[str]:
    """What is secret in an address: a password, a query; of a webhook its path too."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return {address}
    found = {parts.netloc.rpartition("@")[0].partition(":")[2]}
    found |= {v for k, v in parse_qsl(parts.query) if _SECRET_PART.search(k)}
    if name == "LYTTEPOST_ALERT_WEBHOOK":
        # Not each word of it: "services" stands in much that is no secret.
        steps = [s for s in parts.path.split("/") if not s.isalpha() or len(s) > 15]
        found |= {address, parts.path.strip("/"), *steps, parts.query}
    return found


def without_secrets(text: str) -> str:
    """A text that somebody will read, without what must not be read.

    Others' words too: a service that refuses a token may say it back.
    """
    for secret_value in secret_values():
        text = text.replace(secret_value, TAKEN_OUT)
    return text


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
    """Make the home folder the working folder, and its name `.`, for dbt.

    DuckDB by itself takes up to four fifths of the machine: 8.2 GB for 10,000 pages
    (day_at_scale, 2026-11-28). hist_blocks of 4,200 pages, 3.1 GB where it may, gave
    the same rows within 1 GB in 2.1 times the processor time. So it is told.

    Raises:
        SettingError: when the memory it may take is not a number, or too small.
    """
    os.environ["LYTTEPOST_WAREHOUSE_GB"] = str(warehouse_gb())
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
