"""The command line: `lyttepost …`.

Each command turns arguments into one call of the graph or of a pure function, prints
what came of it, and ends with exit code 0 only for success. A fault that a user can
mend is one sentence without a stack trace. Heavy imports happen inside the commands, so
that `--help` answers at once.
"""

import dataclasses
import json
import shutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager, redirect_stdout
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from orchestration import progress, settings
from orchestration.clean_logs import keep_secrets_out

if TYPE_CHECKING:
    from orchestration.accounts.watch_list import RefusedRow
    from orchestration.defs.runs import RunReport

app = typer.Typer(
    name="lyttepost",
    help="Listen to what companies show in public, and say which will buy, and why.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
accounts_app = typer.Typer(help="The watch list.", no_args_is_help=True)
crm_app = typer.Typer(
    help="What a CRM would get, and sending it.", no_args_is_help=True
)
app.add_typer(accounts_app, name="accounts")
app.add_typer(crm_app, name="crm")
model_app = typer.Typer(
    help="Versions of the model: learn, look, promote, go back.", no_args_is_help=True
)
app.add_typer(model_app, name="model")
forecasts_app = typer.Typer(
    help="Forecasts written down before outcomes were known.", no_args_is_help=True
)
app.add_typer(forecasts_app, name="forecasts")
hunch_app = typer.Typer(
    help="What a person believes, scored by the same rules; private.",
    no_args_is_help=True,
)
app.add_typer(hunch_app, name="hunch")
new_app = typer.Typer(
    help="Begin something new, with a test that fails until it is written.",
    no_args_is_help=True,
)
app.add_typer(new_app, name="new")

Home = Annotated[
    Path | None,
    typer.Option("--home", help="Home folder; LYTTEPOST_HOME or ./data by default."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
AccountsFile = Annotated[
    Path | None, typer.Option("--accounts", help="The accounts CSV (watch list).")
]
PlacesFile = Annotated[
    Path | None,
    typer.Option(
        "--places", help="Where accounts show themselves; places.csv beside --accounts."
    ),
]
OutcomesFile = Annotated[
    Path | None,
    typer.Option("--outcomes", help="Opportunities of a CRM, CSV or Parquet; private."),
]


CrmDestination = Annotated[
    str, typer.Argument(metavar="DEST", help="Destination, as csv_file or hubspot.")
]
CrmOffer = Annotated[
    str | None, typer.Option("--offer", help="The offer; the first by name if not.")
]


def main() -> None:
    """Run the command line."""
    keep_secrets_out()
    app()


def _fail(sentence: str) -> NoReturn:
    print(f"lyttepost: {settings.without_secrets(sentence)}", file=sys.stderr)
    raise typer.Exit(1)


@contextmanager
def _one_sentence() -> Iterator[None]:
    """Turn faults a user can mend into one sentence and exit code 1."""
    from orchestration.accounts.watch_list import AccountsRefused
    from orchestration.alerts import NotSent
    from orchestration.authoring.read_one import NotReadable
    from orchestration.authoring.scaffold import NotBegun
    from orchestration.backup import BackupRefused
    from orchestration.contracts.odcs import ContractError
    from orchestration.crawl import CrawlFailed, PastDay
    from orchestration.crm.fault import CrmError
    from orchestration.defs.runs import HomeBusy
    from orchestration.home_version import HomeRefused
    from orchestration.publish.evidence import EvidenceMissing
    from orchestration.publish.published import PublishRefused
    from orchestration.replay.process import ServeFailed
    from orchestration.replay.recorded_web import RecordedWebRefused
    from orchestration.rights.archive import ArchiveNotRewritten
    from orchestration.rights.erase import EraseRefused
    from orchestration.rights.erasures import ErasuresBroken
    from orchestration.rights.policy import PolicyRefused
    from orchestration.scoring.estimator import NotFitted
    from orchestration.scoring.explain import NotExplained
    from orchestration.scoring.forecast_log import BrokenLog
    from orchestration.scoring.hunches import HunchRefused
    from orchestration.scoring.strict_yaml import ConfigError, ScoringError
    from orchestration.warehouse import WarehouseBusy
    from scrapers.extract.refusal import ParseRefused
    from scrapers.shards import ShardsRefused
    from scrapers.source import SourceRefused
    from scrapers.store import StoreFailed
    from scrapers.suppression import SuppressionBroken
    from scrapers.whole_files import FileDamaged

    try:
        yield
    except (
        AccountsRefused,
        ArchiveNotRewritten,
        BackupRefused,
        BrokenLog,
        ConfigError,
        ContractError,
        CrawlFailed,
        CrmError,
        EraseRefused,
        ErasuresBroken,
        EvidenceMissing,
        FileDamaged,
        FileNotFoundError,
        HomeBusy,
        HomeRefused,
        HunchRefused,
        NotBegun,
        NotExplained,
        NotFitted,
        NotReadable,
        NotSent,
        ParseRefused,
        PastDay,
        PolicyRefused,
        PublishRefused,
        RecordedWebRefused,
        ScoringError,
        ServeFailed,
        settings.SettingError,
        ShardsRefused,
        SourceRefused,
        StoreFailed,
        SuppressionBroken,
        WarehouseBusy,
    ) as error:
        _fail(str(error))


def _home(home: Path | None) -> Path:
    return (home or settings.home()).resolve()


def _day(text: str, option: str) -> date:
    if text == "today":
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        _fail(f"{option} {text!r} is not a day; write it as 2026-01-31 or today")


def _every(text: str) -> int:
    number = text.removesuffix("d")
    if not number.isdecimal() or int(number) < 1:
        _fail(f"--every {text!r} is not a number of days; write it as 7d")
    return int(number)


def _days_between(first: date, last: date, every: int) -> list[date]:
    n_days = (last - first).days
    return [first + timedelta(days=n) for n in range(0, n_days + 1, every)]


class _Progress:
    """Lines on stderr; ticks overwrite one another on a terminal."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._is_terminal = sys.stderr.isatty()
        self._ticks = 0

    def __call__(self, line: str, is_tick: bool) -> None:
        stamp = f"[{time.monotonic() - self._started:6.1f} s] {line}"
        if self._is_terminal:
            end = "\r" if is_tick else "\n"
            width = shutil.get_terminal_size().columns
            text = stamp[: width - 1].ljust(width - 1)
            print(text, end=end, file=sys.stderr, flush=True)
            return
        self._ticks = self._ticks + 1 if is_tick else 0
        if not is_tick or self._ticks % 5 == 1:
            print(stamp, file=sys.stderr, flush=True)


def _land_accounts(file: Path, home: Path, places: Path | None = None) -> None:
    """Check an accounts file and what stands beside it, and land their bytes."""
    from orchestration.accounts.opt_outs import read_opt_outs
    from orchestration.accounts.places import read_places
    from orchestration.accounts.watch_list import read_watch_list
    from orchestration.rights.policy import read_policy
    from scrapers.source import source_names

    watch_list = read_watch_list(file)
    for warning in watch_list.warnings:
        print(f"lyttepost: {warning}", file=sys.stderr)
    _tell_refused(file, watch_list.refused)
    ids = frozenset(watch_list.accounts["account_id"])
    beside = places or file.with_name("places.csv")
    if beside.exists() or places is not None:
        read = read_places(beside, ids, source_names())
        _tell_refused(beside, read.refused)
        print(
            f"note: {len(read.in_use())} places of {beside} are used", file=sys.stderr
        )
    opt_out = file.with_name("opt_out.csv")
    if opt_out.exists():
        opt_outs = read_opt_outs(opt_out)
        print(
            f"note: {len(opt_outs.accounts)} accounts and {len(opt_outs.domains)} "
            f"domains of {opt_out} are never asked",
            file=sys.stderr,
        )
        for account_id in sorted(opt_outs.accounts - ids):
            print(
                f"lyttepost: {opt_out}: account {account_id!r} is not on the watch "
                "list",
                file=sys.stderr,
            )
    policy = file.with_name("privacy.yml")
    if read_policy(policy).legitimate_interest_assessment is None:
        print(
            "note: people are shown by their role; docs/privacy.md says what must be "
            "recorded to name them",
            file=sys.stderr,
        )
    landed = home / "landing" / "_accounts"
    if file.resolve().parent == landed.resolve():
        return
    landed.mkdir(parents=True, exist_ok=True)
    for source, name in (
        (beside, "places.csv"),
        (opt_out, "opt_out.csv"),
        (policy, "privacy.yml"),
        (file, "accounts.csv"),
    ):
        target = landed / name
        if source.exists():
            temporary = target.with_name(f".{name}.tmp")
            shutil.copyfile(source, temporary)
            temporary.replace(target)
        elif target.exists():
            print(
                f"note: there is no {source}, so that landed before is not used "
                "any more",
                file=sys.stderr,
            )
            target.unlink()


def _land_outcomes(file: Path | None, home: Path) -> None:
    if file is not None:
        from orchestration.crm.opportunities import land

        land(file, home)


def _idle(home: Path) -> tuple[str, ...]:
    """Sources with nothing to ask of the landed accounts; they are left out of a run.

    A run plans and stores events for every asset in it, also for those with nothing to
    do.
    """
    from orchestration.accounts.landed import idle_sources, read_landed, write_landed

    write_landed(read_landed(home), home)
    return idle_sources(home)


def _tell_refused(file: Path, refused: "Sequence[RefusedRow]") -> None:
    for row in refused:
        print(
            f"lyttepost: {file}: line {row.line} is set aside: {row.reason}",
            file=sys.stderr,
        )


def _need_accounts(home: Path) -> None:
    if not (home / "landing" / "_accounts" / "accounts.csv").exists():
        _fail(
            f"{home}: no accounts file has been landed here; give one with --accounts"
        )


def _finish(report: "RunReport", home: Path, as_json: bool) -> None:
    """Print what came of a run; exit code 1 when it failed."""
    from orchestration.publish.overview import overview
    from scrapers.memory import peak_mb

    if as_json:
        out: dict[str, Any] = {
            "success": report.is_success,
            "run_id": report.run_id,
            "failures": report.failures,
            "warnings": report.warnings,
            "seconds_by_step": {s.step: s.seconds for s in report.steps},
            "peak_mb": round(peak_mb()),
        }
        print(json.dumps(out, indent=2))
    else:
        for warning in report.warnings:
            print(f"note: {warning}", file=sys.stderr)
        slow = sorted(report.steps, key=lambda s: -s.seconds)[:8]
        spent = ", ".join(f"{s.step} {s.seconds:.1f} s" for s in slow)
        print(f"\nSlowest steps: {spent}.", file=sys.stderr)
        print(f"Peak memory of this process: {peak_mb():.0f} MB.", file=sys.stderr)
    if not report.is_success:
        for failure in report.failures:
            print(f"lyttepost: {failure}", file=sys.stderr)
        raise typer.Exit(1)
    if not as_json:
        print(overview(home))


def _replay(
    home: Path,
    command: list[str],
    days: Sequence[date],
    hosts: frozenset[str] | None,
    as_json: bool,
) -> None:
    """Serve a web, replay its days through the graph, and say what came of it."""
    from orchestration.defs.runs import alone_in, materialise
    from orchestration.replay.process import serving
    from scrapers.source import load_source, source_names

    with alone_in(home):
        idle = _idle(home)
        skipped = [
            name
            for name in source_names()
            if name not in idle
            and hosts is not None
            and (wanted := load_source(name).hosts)
            and not hosts & set(wanted)
        ]
        for name in skipped:
            print(
                f"note: {name} is left out: {', '.join(load_source(name).hosts)} is "
                "not in this recorded web",
                file=sys.stderr,
            )
        with serving(command) as web:
            settings.set_replay(settings.Replay(web.proxy))
            _crawl_longest_ahead(home, days, web.proxy, {*idle, *skipped})
            try:
                report = materialise(home, days, skip_sources=[*idle, *skipped])
            finally:
                settings.set_replay(None)
    _finish(report, home, as_json)


def _crawl_longest_ahead(
    home: Path, days: Sequence[date], proxy: str, skipped: Set[str]
) -> None:
    """Begin with the companies' own sites, which take longer than all the others."""
    from orchestration.crawl import LONGEST, crawl_ahead
    from scrapers.landing import landed_days

    if settings.crawl_shards() > 1:
        return
    wanted = sorted(set(days) - set(landed_days(home, LONGEST)))
    if LONGEST not in skipped and wanted:
        tell = partial(progress.announce_day, LONGEST)
        crawl_ahead(LONGEST, home, wanted, proxy, on_day=tell)


def _import_ahead() -> None:
    """Import Dagster and dbt, and build the graph, beside what is waited for."""
    from importlib import import_module
    from threading import Thread

    Thread(
        target=import_module, args=("orchestration.definitions",), daemon=True
    ).start()


_MARKET = [sys.executable, "-m", "practice_market"]


_MADE_UP_POLICY = """\
# Made up: the people of the practice market do not exist.
legitimate_interest_assessment: Practice market, made-up assessment 1
notice_record: Practice market, made-up notices
"""


def _market_stamp(home: Path) -> Path:
    """Says which practice market was observed here; no other web writes it."""
    return home / "landing" / "_accounts" / "market.json"


def _claim_for_market(home: Path, wanted: Mapping[str, Any]) -> Path:
    """The folder for a practice market's accounts, stamped with which market it is.

    Refuses a home that holds other observations.
    """
    stamp = _market_stamp(home)
    if (home / "landing").exists() and not stamp.exists():
        _fail(
            f"{home} holds observations of something else than the practice "
            "market; use another --home"
        )
    if stamp.exists() and json.loads(stamp.read_text()) != wanted:
        _fail(
            f"{home} holds another practice market "
            f"({stamp.read_text().strip()}); use another --home or delete it"
        )
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(json.dumps(wanted))
    (stamp.parent / "privacy.yml").write_text(_MADE_UP_POLICY, "utf-8")
    return stamp.parent


def _make_of_market(*arguments: str) -> None:
    """Let the practice market write its accounts or its truth."""
    import subprocess

    made = subprocess.run(
        [*_MARKET, *arguments],
        env=settings.child_environment(),
        capture_output=True,
        text=True,
    )
    if made.returncode != 0:
        _fail(f"the practice market could not be made: {made.stderr.strip()}")


@app.command()
def demo(
    home: Home = None,
    weeks: Annotated[int, typer.Option(help="Weekly visits.", min=14, max=31)] = 26,
    companies: Annotated[int, typer.Option(help="Companies.", min=5, max=500)] = 60,
    seed: Annotated[int, typer.Option(help="Seed of the made-up market.")] = 7,
    every_source: Annotated[
        bool,
        typer.Option(
            "--every-source",
            help="Watch boards of every system, feeds, publishers and British sisters.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Replay weekly visits of a made-up market, end to end, over HTTP on loopback."""
    target = _home(home)
    size = ["--seed", str(seed), "--companies", str(companies), "--days", "220"]
    wanted: dict[str, Any] = {"seed": seed, "companies": companies}
    with _one_sentence():
        if every_source:
            size.append("--every-source")
            wanted["every_source"] = True
        folder = _claim_for_market(target, wanted)
        _import_ahead()
        files = ["--out", str(folder / "accounts.csv")]
        if every_source:
            files += ["--places", str(folder / "places.csv")]
        _make_of_market("accounts", *size, *files)
        progress.listen(_Progress())
        print(
            f"A made-up market of {companies} companies (seed {seed}), visited once a "
            f"week for {weeks} weeks over HTTP on loopback. Home: {target}",
            file=sys.stderr,
        )
        first = date(2025, 1, 6)
        days = [first + timedelta(weeks=week) for week in range(weeks)]
        _replay(target, [*_MARKET, "serve", *size], days, None, as_json)


@app.command("market-report")
def market_report(
    home: Home = None,
    companies: Annotated[int, typer.Option(help="Companies.", min=5)] = 400,
    n_days: Annotated[int, typer.Option("--days", help="Days.", min=28)] = 220,
    seed: Annotated[int, typer.Option(help="Seed of the made-up market.")] = 7,
    every: Annotated[int, typer.Option(help="Days between visits.", min=1)] = 7,
    calm: Annotated[bool, typer.Option(help="Nothing fails, nothing is odd.")] = False,
    as_json: Json = False,
) -> None:
    """Replay a made-up market and hold what was published against its truth."""
    from orchestration.market_report.report import markdown, report

    target = _home(home)
    size = ["--seed", str(seed), "--companies", str(companies), "--days", str(n_days)]
    size += ["--every-source", *(["--calm"] if calm else [])]
    wanted = {
        "seed": seed,
        "companies": companies,
        "days": n_days,
        "every": every,
        "calm": calm,
        "every_source": True,
    }
    folder = target / "market_report"
    done = folder / "replayed.json"
    with _one_sentence():
        landed = _claim_for_market(target, wanted)
        progress.listen(_Progress())
        if not done.exists() or json.loads(done.read_text()) != wanted:
            files = ["--out", str(landed / "accounts.csv")]
            files += ["--places", str(landed / "places.csv")]
            _make_of_market("accounts", *size, *files)
            _make_of_market("truth", *size, "--out", str(folder / "truth"))
            first = date(2025, 1, 6)
            days = [first + timedelta(days=n) for n in range(0, n_days, every)]
            _replay(target, [*_MARKET, "serve", *size], days, None, as_json=False)
            done.write_text(json.dumps(wanted))
        else:
            progress.announce("the finished replay of this home is used again")
        figures = report(target, folder / "truth")
        page = markdown(figures)
        (folder / "report.json").write_text(json.dumps(figures, indent=2))
        (folder / "report.md").write_text(page, encoding="utf-8")
    print(json.dumps(figures, indent=2) if as_json else page)


@app.command()
def replay(
    folder: Annotated[Path, typer.Argument(help="A recorded web (pages.jsonl).")],
    first: Annotated[str, typer.Option("--from", help="First day.")],
    last: Annotated[str, typer.Option("--to", help="Last day.")],
    accounts: AccountsFile = None,
    places: PlacesFile = None,
    outcomes: OutcomesFile = None,
    every: Annotated[str, typer.Option(help="Days between visits, as 7d.")] = "7d",
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Run the whole chain over a recorded web, as if run on those days."""
    target = _home(home)
    first_day, last_day = _day(first, "--from"), _day(last, "--to")
    if last_day < first_day:
        _fail(f"--to {last_day} is before --from {first_day}")
    every_days = _every(every)
    if _market_stamp(target).exists():
        _fail(
            f"{target} holds observations of the practice market, not of a recorded "
            "web; use another --home"
        )
    with _one_sentence():
        from orchestration.replay.recorded_web import hosts

        known = hosts(folder)
        if accounts is None:
            if places is not None:
                _fail("--places goes with --accounts: give both")
            _need_accounts(target)
        else:
            _land_accounts(accounts, target, places)
        _land_outcomes(outcomes, target)
        progress.listen(_Progress())
        _replay(
            target,
            [sys.executable, "-m", "orchestration.replay", str(folder)],
            _days_between(first_day, last_day, every_days),
            frozenset(known),
            as_json,
        )


def _refuse_past(day: date, sources: "Sequence[str]") -> None:
    """Refuse a past day that no source can show, before anything is built."""
    from orchestration.crawl import refuse_past_days
    from scrapers.source import load_source

    if sources and not any(load_source(name).serves_history for name in sources):
        today = datetime.now(UTC).date()
        refuse_past_days(sources[0], [day], today, False, False)


@app.command()
def run(
    day: Annotated[
        str, typer.Option(help="Day to observe, today by default.")
    ] = "today",
    accounts: AccountsFile = None,
    places: PlacesFile = None,
    outcomes: OutcomesFile = None,
    source: Annotated[
        list[str] | None,
        typer.Option(help="Ask this source only; may be given several times."),
    ] = None,
    account: Annotated[
        list[str] | None,
        typer.Option(
            help="Ask for this account only, also on a day that has landed; "
            "may be given several times."
        ),
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Observe the real web today: visit, parse, build, score, publish."""
    from orchestration.defs.runs import alone_in, materialise
    from scrapers.settings import has_setting
    from scrapers.source import load_source, source_names

    target = _home(home)
    with _one_sentence():
        if accounts is None:
            if places is not None:
                _fail("--places goes with --accounts: give both")
            _need_accounts(target)
        else:
            _land_accounts(accounts, target, places)
        _land_outcomes(outcomes, target)
        progress.listen(_Progress())
        wanted = _day(day, "--day")
        with alone_in(target):
            idle = _idle(target)
            strangers = sorted(set(source or ()) - set(source_names()))
            if strangers:
                _fail(
                    f"--source {strangers[0]} is none of the sources: "
                    f"{', '.join(source_names())}"
                )
            skipped = [
                name
                for name in source_names()
                if name in (source or source_names())
                and name not in idle
                and not has_setting(load_source(name).needs_setting)
            ]
            for name in skipped:
                print(
                    f"note: {name} is left out: set "
                    f"{load_source(name).needs_setting} to observe it",
                    file=sys.stderr,
                )
            skipped += idle
            skipped += [n for n in source_names() if source and n not in source]
            _refuse_past(wanted, [n for n in source_names() if n not in skipped])
            report = materialise(
                target, [wanted], skip_sources=skipped, only_accounts=account or ()
            )
            if report.broken_sources:
                # The others are not lost with one: go on without it, and say so with
                # the exit code. Its coverage tells that it was not seen.
                for failure in report.failures:
                    print(f"lyttepost: {failure}", file=sys.stderr)
                broken = ", ".join(report.broken_sources)
                print(f"note: going on without {broken}", file=sys.stderr)
                rest = materialise(
                    target,
                    [wanted],
                    skip_sources=[*skipped, *report.broken_sources],
                    only_accounts=account or (),
                )
                report = dataclasses.replace(
                    rest,
                    is_success=False,
                    failures=(*report.failures, *rest.failures),
                )
        _finish(report, target, as_json)


@app.command()
def publish(
    outcomes: OutcomesFile = None, home: Home = None, as_json: Json = False
) -> None:
    """Build everything again from what is landed, score, and publish. No crawling."""
    from orchestration.defs.runs import alone_in, materialise
    from scrapers import store
    from scrapers.joined import join_shards
    from scrapers.landing import landed_days
    from scrapers.source import source_names

    target = _home(home)
    with _one_sentence():
        store.pull(target)
        _need_accounts(target)
        _land_outcomes(outcomes, target)
        for name in source_names():
            join_shards(target, name, before=datetime.now(UTC).date())
        by_source = {s: landed_days(target, s) for s in source_names()}
        days = [d for landed in by_source.values() for d in landed]
        if not days:
            _fail(f"{target}: nothing has been landed here yet")
        progress.listen(_Progress())
        with alone_in(target):
            report = materialise(
                target,
                days,
                skip_sources=[s for s, landed in by_source.items() if not landed],
                skip_landing=True,
            )
        _finish(report, target, as_json)


@accounts_app.command("check")
def accounts_check(
    file: Annotated[Path, typer.Argument(help="The accounts CSV.")],
    as_json: Json = False,
) -> None:
    """Say what is wrong with an accounts file and what stands beside it."""
    with _one_sentence():
        from orchestration.accounts.opt_outs import read_opt_outs
        from orchestration.accounts.places import Places, read_places
        from orchestration.accounts.watch_list import read_watch_list
        from scrapers.source import source_names

        watch_list = read_watch_list(file)
        read_opt_outs(file.with_name("opt_out.csv"))
        beside, places = file.with_name("places.csv"), Places((), ())
        if beside.exists():
            ids = frozenset(watch_list.accounts["account_id"])
            places = read_places(beside, ids, source_names())
        if as_json:
            out = {
                "accounts": watch_list.accounts.height,
                "refused": [vars(r) for r in watch_list.refused],
                "places": len(places.in_use()),
                "refused_places": [vars(r) for r in places.refused],
                "warnings": watch_list.warnings,
            }
            print(json.dumps(out, indent=2, ensure_ascii=False))
        else:
            for warning in watch_list.warnings:
                print(warning)
            for row in watch_list.refused:
                print(f"{file}: line {row.line}: {row.reason}")
            for row in places.refused:
                print(f"{beside}: line {row.line}: {row.reason}")
            if beside.exists():
                print(f"{len(places.in_use())} places of {beside} are in use.")
            print(
                f"{watch_list.accounts.height} accounts can be observed, "
                f"{len(watch_list.refused)} rows can not."
            )
        if watch_list.refused or places.refused:
            raise typer.Exit(1)


@accounts_app.command("discover")
def accounts_discover(
    file: Annotated[
        Path,
        typer.Argument(help="What you have: names, organisation numbers or domains."),
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", help="File to write; FILE_discovered.csv by default."),
    ] = None,
    max_pages: Annotated[
        int, typer.Option(help="Addresses asked of one account's sites.", min=2)
    ] = 14,
    proxy: Annotated[
        str | None,
        typer.Option("--replay-proxy", help="Ask a replayed web instead (with --day)."),
    ] = None,
    day: Annotated[str, typer.Option(help="Day of the replayed web.")] = "today",
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Fill in what is missing, and propose where each account shows itself."""
    with _one_sentence():
        from orchestration.accounts.discovery import discover
        from orchestration.defs.runs import alone_in

        target = _home(home)
        wanted = _day(day, "--day")
        if proxy is None and day != "today":
            _fail("--day goes with --replay-proxy: the real web shows today only")
        with alone_in(target, with_store=False):
            found = discover(
                file,
                out or file.with_name(f"{file.stem}_discovered.csv"),
                target,
                datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f"),
                wanted,
                proxy,
                lambda line: print(line, file=sys.stderr),
                max_pages,
            )
        if as_json:
            print(json.dumps(found.as_dict(), indent=2, ensure_ascii=False))
            return
        for fault in found.faults:
            print(f"lyttepost: {fault}", file=sys.stderr)
        for question in found.asked:
            print(question)
        print(
            f"{found.accounts} accounts, {found.visits} visits: "
            f"{found.filled_org_numbers} organisation numbers and "
            f"{found.filled_domains} domains filled in, {found.new_findings} new rows "
            f"to review, {len(found.asked)} accounts left to you.\n"
            f"Review {found.accounts_file} and {found.places_file} (status: kept or "
            "rejected), then run with --accounts."
        )


@app.command()
def explain(
    account: Annotated[str, typer.Argument(help="account_id, or a part of the name.")],
    as_of: Annotated[str | None, typer.Option("--as-of", help="Day.")] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Print the probability, each contribution with its sentence, what was not seen."""
    with _one_sentence():
        import polars as pl

        from orchestration.publish.published import current
        from orchestration.scoring.explain import explain as explain_account
        from orchestration.warehouse import read_tables

        target = _home(home)
        # The published copy: a run that writes the warehouse does not disturb it.
        folder = current(target).folder
        day = _day(as_of, "--as-of") if as_of else None
        past = ("account_score_history", "talk_to_now") if day else ()
        tables = {
            name: pl.read_parquet(folder / f"{name}.parquet")
            for name in ("account_scores", "score_reasons", "coverage", *past)
        }
        tables["accounts"] = pl.read_parquet(target / "accounts" / "accounts.parquet")
        if day is not None:
            tables |= read_tables(target, ["hist_coverage_daily"])
        explanation = explain_account(account, day, tables)
        if as_json:
            print(json.dumps(explanation.as_dict(), indent=2, ensure_ascii=False))
        else:
            print(explanation.text())


@app.command()
def evidence(
    signal_id: Annotated[str, typer.Argument(help="Id of a signal.")],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Print the archived before and after of a signal, out of the WARC."""
    with _one_sentence():
        from orchestration.publish.evidence import evidence as archived

        found = archived(signal_id, _home(home))
        if as_json:
            print(json.dumps(found.as_dict(), indent=2, ensure_ascii=False))
        else:
            print(found.text())


@app.command()
def parse(
    source: Annotated[str, typer.Argument(help="Name of the source.")],
    file: Annotated[Path, typer.Argument(help="A saved response.")],
    envelope: Annotated[
        Path | None,
        typer.Option(help="What is told about it; envelope.json beside it by default."),
    ] = None,
    url: Annotated[str | None, typer.Option(help="Address it came from.")] = None,
    scope: Annotated[
        str | None, typer.Option(help="What it is, as the spider calls it.")
    ] = None,
    content_type: Annotated[
        str | None, typer.Option(help="As the server said; guessed by default.")
    ] = None,
) -> None:
    """Print the records of one saved response, one JSON object a line."""
    with _one_sentence():
        from orchestration.authoring.read_one import envelope_of, lines_of
        from scrapers.source import load_source

        load_source(source)
        told = envelope_of(source, file, envelope, url, scope, content_type)
        for line in lines_of(source, file, told):
            print(line)


@new_app.command("source")
def new_source(
    name: Annotated[str, typer.Argument(help="<publisher>_<what>, as green_jobs.")],
    kind: Annotated[str, typer.Option(help="Kind of record, as job_ads.")],
    family: Annotated[str, typer.Option(help="Family of the spider, as json_api.")],
    project: Annotated[
        Path | None, typer.Option(help="Folder of the project; this one by default.")
    ] = None,
) -> None:
    """Write the two folders of a new source, with a test that fails."""
    with _one_sentence():
        from orchestration.authoring.new_source import new_source as begin

        root = project or settings.PROJECT_DIR
        for file in begin(root, name, kind, family):
            print(file.relative_to(root))
        print(
            f"\nNow: pytest tests/test_golden.py -k {name}  (fails: parse.py finds "
            "nothing yet)\ndocs/add-a-source.md goes on from here."
        )


@new_app.command("signal")
def new_signal(
    name: Annotated[str, typer.Argument(help="Its id, as price_list_change.")],
    family: Annotated[str, typer.Option(help="Family of the type, as tempo.")],
    label_nb: Annotated[str, typer.Option(help="Heading in Norwegian.")],
    label_en: Annotated[str, typer.Option(help="Heading in English.")],
    source: Annotated[
        list[str] | None,
        typer.Option(help="Source that feeds it; company_pages when none is said."),
    ] = None,
    half_life: Annotated[int, typer.Option(help="Prior half-life in days.")] = 56,
    min_history: Annotated[int, typer.Option(help="Days before it is judged.")] = 28,
    project: Annotated[
        Path | None, typer.Option(help="Folder of the project; this one by default.")
    ] = None,
) -> None:
    """Write a new detector and its catalogue row, with worked examples that fail."""
    with _one_sentence():
        from orchestration.authoring.new_signal import Begun
        from orchestration.authoring.new_signal import new_signal as begin

        root = project or settings.PROJECT_DIR
        begun = Begun(
            *(name, family, label_nb, label_en, half_life, min_history),
            tuple(source or ["company_pages"]),
        )
        for file in begin(root, begun):
            print(file.relative_to(root))
        print(
            f"\nNow: LYTTEPOST_EXAMPLES={name} pytest tests/signals/test_examples.py  "
            f"(fails: the rule of sig_{name}.sql is `false`)\n"
            "docs/add-a-signal.md goes on from here."
        )


@crm_app.command("plan")
def crm_plan(
    destination: CrmDestination,
    offer: CrmOffer = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Show what a sync would change, with reasons, and write nothing."""
    with _one_sentence():
        from orchestration.crm.sync import plan

        _tell(plan(destination, _home(home), offer=offer), as_json)


@crm_app.command("sync")
def crm_sync(
    destination: CrmDestination,
    confirm: Annotated[
        bool, typer.Option(help="Go on though it touches a large share of the records.")
    ] = False,
    beyond_budget: Annotated[
        str | None,
        typer.Option(
            metavar="REASON",
            help="Send accounts beyond the attention budget too; the reason is logged.",
        ),
    ] = None,
    retry_rejected: Annotated[
        bool, typer.Option(help="Send again what was refused or given up.")
    ] = False,
    offer: CrmOffer = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Do exactly what `crm plan` shows."""
    with _one_sentence():
        from orchestration.crm.fault import CrmError
        from orchestration.crm.sync import sync
        from orchestration.defs.runs import alone_in

        if beyond_budget is not None and not beyond_budget.strip():
            raise CrmError("--beyond-budget needs a reason; it is logged")
        target = _home(home)
        with alone_in(target, with_store=False):
            done = sync(
                destination,
                target,
                offer=offer,
                beyond_budget=beyond_budget,
                is_confirmed=confirm,
                retry_rejected=retry_rejected,
            )
        _tell(done, as_json)
        if not done.is_success:
            raise typer.Exit(1)


@crm_app.command("match")
def crm_match(
    destination: CrmDestination,
    approve: Annotated[
        list[str] | None,
        typer.Option(help="org_number, domain, or ACCOUNT=ID; may be repeated."),
    ] = None,
    approve_create: Annotated[
        list[str] | None,
        typer.Option(help="An account to create there, or all; may be repeated."),
    ] = None,
    offer: CrmOffer = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Report which record in the CRM each account is; approve what is named."""
    with _one_sentence():
        from orchestration.crm.matching import match

        report = match(
            destination,
            _home(home),
            approve=approve or (),
            approve_create=approve_create or (),
            offer=offer,
        )
        _tell(report, as_json)


@crm_app.command("read")
def crm_read(
    destination: CrmDestination,
    as_accounts: Annotated[
        bool,
        typer.Option(
            "--as-accounts", help="Its companies become the watch list of the home."
        ),
    ] = False,
    confirm: Annotated[
        bool, typer.Option(help="More than a quarter of those watched may go.")
    ] = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Read opportunities, accounts with owners, and what became of our tasks."""
    with _one_sentence():
        from orchestration.accounts.landed import land_list
        from orchestration.crm.read_back import read_back
        from orchestration.defs.runs import alone_in

        target = _home(home)
        with alone_in(target):
            told = read_back(destination, target)
            _tell(told, as_json)
            if as_accounts:
                file = target / told.accounts_file
                landed = land_list(file, target, is_confirmed=confirm)
                _tell_refused(file, landed.refused)
                print(
                    f"note: {landed.accounts.height} accounts are the watch list from "
                    "the next run on",
                    file=sys.stderr,
                )


@crm_app.command("check")
def crm_check(
    destination: CrmDestination,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Ask which of our records were deleted or merged there; write nothing there."""
    with _one_sentence():
        from orchestration.crm.sweep import sweep

        _tell(sweep(destination, _home(home)), as_json)


@crm_app.command("setup")
def crm_setup(
    destination: CrmDestination,
    confirm: Annotated[bool, typer.Option(help="Create the fields it lacks.")] = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Compare our field maps with the CRM, and create what it lacks."""
    with _one_sentence():
        from orchestration.crm.setup import setup

        done = setup(destination, _home(home), is_confirmed=confirm)
        _tell(done, as_json)
        if not done.is_success:
            raise typer.Exit(1)


def _tell(done: Any, as_json: bool) -> None:
    """Print what came of a command, for a terminal or for machines."""
    print(
        json.dumps(done.as_dict(), indent=2, ensure_ascii=False)
        if as_json
        else done.text()
    )


Target = Annotated[
    str, typer.Option(help="tender (public) or crm (from a file); never both.")
]


def _latest_day(home: Path) -> date:
    from orchestration.warehouse import connect

    with connect(home) as connection:
        row = connection.execute("select max(as_of) from landmarks").fetchone()
    if row is None or row[0] is None:
        _fail(f"{home}: no day has been observed yet")
    return row[0]


@model_app.command("fit")
def model_fit(
    target: Target = "tender",
    cut: Annotated[
        str | None, typer.Option("--cut", help="Learn from what was known by this day.")
    ] = None,
    offer: Annotated[
        list[str] | None, typer.Option("--offer", help="Which offers; all by default.")
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Learn a version from outcomes, after the audits; nothing is promoted."""
    with _one_sentence():
        import polars as pl

        from orchestration.crm.feedback import accepted_feedback
        from orchestration.scoring.steps import DESK_TABLES, fit_version
        from orchestration.scoring.versions import TARGETS
        from orchestration.warehouse import read_tables

        if target not in TARGETS:
            _fail(f"--target {target!r} is not one of {', '.join(TARGETS)}")
        folder = _home(home)
        name = fit_version(
            folder,
            read_tables(folder, [*DESK_TABLES, "outcomes", "talk_to_now"]),
            pl.read_parquet(folder / "accounts" / "accounts.parquet"),
            target=target,
            cut=_day(cut, "--cut") if cut else None,
            offers=tuple(offer or ()),
            contacts=accepted_feedback(folder),
        )
        if as_json:
            print(json.dumps({"version": name}))
        else:
            print(
                f"{name} was learned. Read it with `lyttepost model show {name}`; "
                f"`lyttepost model promote {name}` lets it score."
            )


@model_app.command("list")
def model_list(home: Home = None, as_json: Json = False) -> None:
    """Say which versions there are, and which one scores from when."""
    with _one_sentence():
        from orchestration.scoring.versions import (
            EXPERT,
            read_pins,
            read_version,
            version_names,
        )

        folder = _home(home)
        pins = read_pins(folder)
        versions = [read_version(folder, name) for name in version_names(folder)]
        out = {
            "scores": pins[-1].version if pins else EXPERT,
            "pins": [{"since": str(p.since), "version": p.version} for p in pins],
            "versions": [
                {
                    "version": v.name,
                    "target": v.target,
                    "data_cut": str(v.data_cut),
                    "outcomes": {o: m.n_events for o, m in v.offers.items()},
                }
                for v in versions
            ],
        }
        if as_json:
            print(json.dumps(out, indent=2))
            return
        print(f"Scores now: {out['scores']}")
        for p in pins:
            print(f"  from {p.since}: {p.version}")
        for v in versions:
            told = ", ".join(f"{o}: {m.n_events} outcomes" for o, m in v.offers.items())
            print(f"{v.name}  cut {v.data_cut}, {v.target}; {told}")
        if not versions:
            print("No version has been learned; the experts' weights score.")


@model_app.command("show")
def model_show(
    version: Annotated[str, typer.Argument(help="Name of a version.")],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Print the report of a version."""
    with _one_sentence():
        from orchestration.scoring.versions import read_version

        folder = _home(home)
        read_version(folder, version)
        page = folder / "models" / version / ("report.json" if as_json else "report.md")
        print(page.read_text(encoding="utf-8").rstrip())


@model_app.command("promote")
def model_promote(
    version: Annotated[
        str, typer.Argument(help="Name of a version; expert for the weights.")
    ],
    since: Annotated[
        str | None,
        typer.Option("--from", help="First day it scores; the latest by default."),
    ] = None,
    home: Home = None,
) -> None:
    """Let a version score from a day on; days before keep theirs."""
    with _one_sentence():
        from orchestration.scoring.versions import pin

        folder = _home(home)
        latest = _latest_day(folder)
        first = _day(since, "--from") if since else latest
        if first < latest:
            _fail(
                f"--from {first} lies before {latest}, the last day scored: what was "
                "foretold is not rewritten"
            )
        set_ = pin(folder, version, first)
        print(f"{set_.version} scores from {set_.since}. `lyttepost publish` shows it.")


@model_app.command("rollback")
def model_rollback(home: Home = None) -> None:
    """Let what scored before the last promotion score again, from the latest day on."""
    with _one_sentence():
        from orchestration.scoring.versions import roll_back

        folder = _home(home)
        back = roll_back(folder, _latest_day(folder))
        print(f"{back.version} scores from {back.since}. `lyttepost publish` shows it.")


@forecasts_app.command("verify")
def forecasts_verify(home: Home = None, as_json: Json = False) -> None:
    """Read the log of forecasts through: nothing altered, inserted or cut off."""
    with _one_sentence():
        from orchestration.rights.erasures import tombstones
        from orchestration.scoring.forecasts import verified

        head = verified(_home(home))
        erased = [t.sentence() for t in tombstones(_home(home)) if t.forecasts]
        if as_json:
            out = {"lines": head.n_lines, "hash": head.hash, "erasures": erased}
            print(json.dumps(out))
        else:
            print(f"{head.n_lines} lines, each chained to the last: {head.hash}")
            for sentence in erased:
                print(sentence)


@hunch_app.command("add")
def hunch_add(
    account: Annotated[str, typer.Argument(help="account_id.")],
    chance: Annotated[float, typer.Option(help="From 0 to 1.")],
    by: Annotated[str, typer.Option("--by", help="Last day, as 2026-06-30.")],
    person: Annotated[str, typer.Option(help="Who believes it.")],
    offer: Annotated[str, typer.Option(help="The offer.")] = "crm_platform",
    target: Target = "tender",
    home: Home = None,
) -> None:
    """Write down that somebody believes an account will buy by a day."""
    with _one_sentence():
        from orchestration.scoring.hunches import Hunch, add

        now = datetime.now(UTC)
        hunch = Hunch(person, account, offer, target, chance, _day(by, "--by"), now)
        n = add(_home(home), hunch)
        print(f"Written down as number {n}; it stays in this home folder.")


@hunch_app.command("score")
def hunch_score(home: Home = None, as_json: Json = False) -> None:
    """Score hunches whose day has passed, beside the model and the base rate."""
    with _one_sentence():
        from orchestration.scoring.hunches import read, score
        from orchestration.warehouse import read_tables

        folder = _home(home)
        tables = read_tables(folder, ["outcomes", "score_days"])
        found = score(
            read(folder),
            tables["outcomes"],
            tables["score_days"],
            _latest_day(folder),
        )
        if as_json:
            print(json.dumps([dataclasses.asdict(one) for one in found], indent=2))
            return
        for one in found:
            print(one.sentence())
        if not found:
            print("No hunch has been written down.")


_NEVER_REACHED = (
    "Out of reach from here: copies that others took (materialised views too), what a "
    "CRM has passed on, older versions of objects in a store that keeps them, backups "
    "of a database server."
)
Person = Annotated[
    str, typer.Argument(help="Full name, or the id of a person in the tables.")
]


@app.command()
def erase(
    person: Person,
    account: Annotated[
        str | None,
        typer.Option(help="Refuse when somebody of the name is held elsewhere too."),
    ] = None,
    no_rebuild: Annotated[
        bool,
        typer.Option(
            "--no-rebuild", help="Leave building the tables again to the next run."
        ),
    ] = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Take a person out of all that is kept here, for good; see docs/privacy.md."""
    with _one_sentence():
        from orchestration.defs.bi import destinations
        from orchestration.defs.runs import alone_in
        from orchestration.rights import outside
        from orchestration.rights.erase import check_account
        from orchestration.rights.erase import erase as take_out

        target = _home(home)
        tell = _Progress()
        with alone_in(target):
            if account is not None:
                check_account(target, person, account)
            erased = take_out(
                target, person, datetime.now(UTC), lambda line: tell(line, False)
            )
            if erased.n_changed:
                outside.must_reach_again(target, erased.tombstone.number)
            outside.reach_backups(target, lambda line: tell(line, False))
        is_elsewhere = any(
            outside.is_pending(target, name)
            for name in destinations.destination_names()
            if destinations.why_not(name) is None
        )
        if not as_json:
            print(erased.text())
        if no_rebuild and erased.must_rebuild:
            print(
                "The name is gone; the tables are built again by `lyttepost publish` "
                "or the next run.",
                file=sys.stderr,
            )
    try:
        if (erased.must_rebuild or is_elsewhere) and not no_rebuild:
            with redirect_stdout(sys.stderr):
                publish(None, target, False)
    finally:
        last = outside.last_erasure(target)
        left = [place.sentence(last) for place in outside.pending(target)]
        reached = [p for p in outside.places(target) if p.reached == last]
        if as_json:
            said = erased.as_dict() | {
                "reached_outside": [p.where for p in reached],
                "not_reached": left,
            }
            print(json.dumps(said, indent=2))
        else:
            for place in reached:
                print(f"Reached outside of the home folder: {place.where}")
            for sentence in left:
                print(f"NOT REACHED: {sentence}.")
            print(_NEVER_REACHED)


@app.command()
def alert(
    test: Annotated[
        bool, typer.Option("--test", help="Send a message that says it is a test.")
    ] = False,
    today: Annotated[str, typer.Option(help="Day that is counted from.")] = "today",
    home: Home = None,
) -> None:
    """Tell a person what is stale or wrong, by webhook and e-mail."""
    with _one_sentence():
        from orchestration.alerts import due, send
        from orchestration.doctor import Finding

        target = _home(home)
        findings = (
            [Finding("test", "this is a test; nothing is wrong")]
            if test
            else due(target, _day(today, "--today"))
        )
        if not findings:
            print("Nothing is stale and nothing is wrong; nobody was told.")
            return
        print(send(findings, target, settings.alert_settings()).sentence())


@app.command()
def metrics(
    out: Annotated[
        Path | None, typer.Option(help="A file to write, as lyttepost.prom.")
    ] = None,
    home: Home = None,
) -> None:
    """Print figures for Prometheus, or write them to a file."""
    with _one_sentence():
        from orchestration.metrics import metrics as figures
        from orchestration.metrics import write_metrics

        text = figures(_home(home), datetime.now(UTC))
        if out is None:
            print(text, end="")
        else:
            write_metrics(out, text)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="A new file, as home.tar.gz.")],
    forget: Annotated[
        bool,
        typer.Option(
            "--forget", help="Write nothing: the file is no more, or elsewhere."
        ),
    ] = False,
    home: Home = None,
) -> None:
    """Write the home folder into one file; the key of the suppression list too."""
    with _one_sentence():
        from orchestration.backup import backup as write_backup
        from orchestration.defs.runs import alone_in
        from orchestration.rights import outside
        from scrapers import store

        target, now = _home(home), datetime.now(UTC)
        if forget:
            is_known = outside.forget_backup(target, file)
            print(f"{file} {'is off' if is_known else 'was not on'} the list.")
            return
        with alone_in(target, with_store=False):
            n_files = write_backup(target, file, now)
            outside.note_backup(target, file, now)
        print(f"{n_files} files of {target} are in {file}; keep it as closed as those.")
        if absent := store.not_here(target):
            size = sum(entry.size for entry in absent.values()) / 1e9
            print(
                f"{len(absent)} files ({size:.2f} GB) are in the store alone, and not "
                "in the backup."
            )


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `backup` wrote.")],
    home: Home = None,
) -> None:
    """Bring a backup back as a home folder, every file checked by its digest."""
    with _one_sentence():
        from orchestration.backup import restore as bring_back

        target = _home(home)
        n_files = bring_back(file, target)
        print(
            f"{n_files} files are back in {target}. Whoever was erased since the "
            "backup must be erased again."
        )


@app.command()
def migrate(home: Home = None) -> None:
    """Bring a home folder of an older version to this one."""
    with _one_sentence():
        from orchestration.home_version import VERSION
        from orchestration.home_version import migrate as bring_forward

        done = bring_forward(_home(home))
        through = f" through {', '.join(map(str, done))}" if done else ""
        print(f"{_home(home)} has layout {VERSION}{through}.")


@app.command()
def purge(
    today: Annotated[str, typer.Option(help="Day that is counted from.")] = "today",
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Take out what has been kept for longer than its source or contract allows."""
    with _one_sentence():
        from orchestration.defs.runs import alone_in
        from orchestration.rights import outside
        from orchestration.rights.retention import purge as take_out

        target = _home(home)
        with alone_in(target):
            purged = take_out(target, _day(today, "--today"))
            left = outside.reach_backups(target, lambda line: None)
        print(json.dumps(purged.as_dict(), indent=2) if as_json else purged.text())
        if purged.n_rows and not as_json:
            print("The next run, or `lyttepost publish`, builds the tables again.")
        for place in left:
            sentence = place.sentence(outside.last_erasure(target))
            print(f"NOT REACHED: {sentence}.", file=sys.stderr)


@app.command()
def access(person: Person, home: Home = None, as_json: Json = False) -> None:
    """Print all that is held of a person: source, dates, ground, when to be told."""
    with _one_sentence():
        from orchestration.rights.access import access as held_of

        held = held_of(_home(home), person)
        print(
            json.dumps(held.as_dict(), indent=2, ensure_ascii=False)
            if as_json
            else held.text()
        )


@app.command()
def doctor(
    home: Home = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Read every archived payload again.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Look over the set-up and the home folder; exit code 1 when something is wrong."""
    from orchestration.doctor import examine

    findings = examine(_home(home), verify)
    if as_json:
        print(json.dumps([f.as_dict() for f in findings], indent=2))
    else:
        for f in findings:
            print(f"{f.mark} {f.subject}: {f.sentence}")
    if any(f.is_fault for f in findings):
        raise typer.Exit(1)


if __name__ == "__main__":
    main()
