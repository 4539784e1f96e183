"""The gate between what was parsed and what is believed.

`parsed/<source>/day=*/<kind>.parquet` goes in; rows that keep the contract come out as
`observed/<kind>/source=<s>/day=<d>.parquet`, rows that break it go to
`quarantine/<kind>/` with the reason. Nothing is dropped and nothing is repaired here.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import polars as pl

from orchestration.contracts import expectations
from orchestration.contracts.frames import (
    empty_frame,
    missing_in_file,
    schema,
    shaped,
)
from orchestration.contracts.odcs import Contract, ContractError, contract
from scrapers.parts_file import PartsFile, parts_of
from scrapers.records import RECORD_TYPES
from scrapers.source import load_source, source_names
from scrapers.whole_files import is_whole

KINDS = tuple(RECORD_TYPES)
_SCHEMA_DAY = "day=1970-01-01"
_OF_ONE_AD = ("board_ad", "feed_entry", "job")


@dataclass(frozen=True)
class Gated:
    """What the gate let through and what it held back, for one kind."""

    kind: str
    n_files: int
    n_rows: int
    n_observed: int
    n_quarantined: int
    verdict: expectations.Verdict


def write_atomically(
    frame: pl.DataFrame, file: Path, *, moment_ns: int | None = None
) -> None:
    """Write Parquet under a temporary name, fsync and rename.

    Args:
        moment_ns: the time the file is to have; that of writing when left out.
    """
    with _whole(file, moment_ns) as out:
        frame.write_parquet(out, compression="zstd", statistics=True)


@contextmanager
def _whole(file: Path, moment_ns: int | None) -> Iterator[IO[bytes]]:
    """What is written takes the file's name, and the time, once all of it is there."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    with temporary.open("wb") as out:
        yield out
        out.flush()
        if moment_ns is not None:
            os.utime(out.fileno(), ns=(moment_ns, moment_ns))
        os.fsync(out.fileno())
    temporary.replace(file)


def prepare_home(home: Path) -> None:
    """Make the folders, and one empty file with the schema where dbt reads files."""
    visits = home / "landing" / "_schema" / _SCHEMA_DAY / "visits.parquet"
    if not visits.exists():
        write_atomically(empty_frame(contract("landing/visits")), visits)
    _write_sources(home)
    for beside_accounts in ("places", "opt_outs"):
        file = home / "accounts" / f"{beside_accounts}.parquet"
        if not file.exists():
            write_atomically(empty_frame(contract(beside_accounts)), file)
    labels = home / "outcomes" / "accepted" / "crm_outcomes.parquet"
    if not labels.exists():
        write_atomically(empty_frame(contract("crm_outcomes")), labels)
    for kind in (*KINDS, "payloads"):
        file = home / "observed" / kind / "_schema.parquet"
        if not file.exists() or not is_whole(file):
            write_atomically(empty_frame(contract(f"observed/{kind}")), file)


def _write_sources(home: Path) -> None:
    """Write `accounts/sources.parquet`: what each needs, and what pages call it."""
    specs = [load_source(name) for name in source_names()]
    frame = pl.DataFrame(
        {
            "source": [s.name for s in specs],
            "kinds": [list(s.kinds) for s in specs],
            "needs": [s.needs for s in specs],
            "countries": [list(s.countries) for s in specs],
            "label_nb": [s.label_nb for s in specs],
            "label_en": [s.label_en for s in specs],
        },
        schema=schema(contract("sources")),
    )
    write_atomically(frame, home / "accounts" / "sources.parquet")


def pending(home: Path, kind: str) -> list[tuple[str, str, Path]]:
    """Parsed files of a kind that have no whole observed file made from them.

    A file that lacks a promised column is not whole: what is read after it would fail.

    An observed file has the time of the parsed one it was made from. Which of two is
    newer would say nothing after the clock was set back.

    Returns:
        (source, day, file) sorted by source and day.
    """
    promise = contract(f"observed/{kind}")
    out = []
    for file in sorted((home / "parsed").glob(f"*/day=*/{kind}.parquet")):
        source = file.parent.parent.name
        day = file.parent.name.removeprefix("day=")
        done = home / "observed" / kind / f"source={source}" / f"day={day}.parquet"
        if not _is_made_from(file, done) or missing_in_file(promise, done):
            out.append((source, day, file))
    return out


def _is_made_from(file: Path, done: Path) -> bool:
    return (
        done.exists()
        and done.stat().st_mtime_ns == file.stat().st_mtime_ns
        and is_whole(done)
    )


def gate_kind(home: Path, kind: str) -> Gated:
    """Bring every pending parsed file of a kind through its contract.

    Re-running with nothing new does nothing; re-running after a kill does the rest. Of
    a file is read what its contract asks of it, and a file that keeps it is copied:
    whole days of pages are never in memory.

    Raises:
        ContractError: when a file lacks a promised column; nothing of the kind is
            let through then.
    """
    promise = contract(f"observed/{kind}")
    files = pending(home, kind)
    asked = [_asked(promise, file) for _, _, file in files]
    verdict = expectations.judged(
        promise,
        pl.concat(asked or [expectations.asked_of(promise, empty_frame(promise))]),
    )
    reasons = _reasons(verdict)
    # Per file: quarantine first, the observed file last, because it marks "done".
    begin = 0
    for (source, day, file), frame in zip(files, asked, strict=True):
        end = begin + frame.height
        held = {row - begin: reasons[row] for row in reasons if begin <= row < end}
        begin = end
        quarantine = home / "quarantine" / kind / f"source={source}-day={day}.parquet"
        observed = home / "observed" / kind / f"source={source}" / f"day={day}.parquet"
        if not held:
            quarantine.unlink(missing_ok=True)
        if held or not _is_as_promised(promise, file):
            _divide(promise, file, held, observed, quarantine)
        else:
            _copy(file, observed)
    n_rows = sum(frame.height for frame in asked)
    return Gated(kind, len(files), n_rows, n_rows - len(reasons), len(reasons), verdict)


def _asked(promise: Contract, file: Path) -> pl.DataFrame:
    """What the expectations of a contract read of a parsed file."""
    missing = missing_in_file(promise, file)
    if missing:
        raise ContractError(
            f"{file}: the column(s) {', '.join(missing)} promised by contract "
            f"{promise.path} version {promise.version} are missing; parse the "
            "day again with a parser that gives them"
        )
    parts = (
        parts_of(file, expectations.columns_asked(promise))
        if _is_as_promised(promise, file)
        else _shaped(promise, file)
    )
    return pl.concat(expectations.asked_of(promise, part) for part in parts)


def _is_as_promised(promise: Contract, file: Path) -> bool:
    """True for a file with the columns and types of the contract, in its order."""
    return pl.Schema(pl.read_parquet_schema(file)) == schema(promise)


def _shaped(promise: Contract, file: Path) -> Iterator[pl.DataFrame]:
    """The rows of a parsed file as the contract has them, a part at a time."""
    for part in parts_of(file, promise.column_names):
        yield shaped(promise, part)


def _copy(file: Path, observed: Path) -> None:
    """The parsed file as the observed one, with its time."""
    with file.open("rb") as parsed, _whole(observed, file.stat().st_mtime_ns) as out:
        shutil.copyfileobj(parsed, out)


def _reasons(verdict: expectations.Verdict) -> dict[int, str]:
    """Why a row is held back, by its position."""
    reasons: dict[int, list[str]] = {}
    for broken in verdict.broken:
        for row in broken.rows:
            reasons.setdefault(row, []).append(broken.reason.rsplit(" (", 1)[0])
    return {row: "; ".join(each) for row, each in reasons.items()}


def _divide(
    promise: Contract,
    file: Path,
    held: Mapping[int, str],
    observed: Path,
    quarantine: Path,
) -> None:
    """Write a parsed file in two: the rows held back, with the reason, and the others.

    Args:
        promise: the contract of its kind.
        file: the parsed file.
        held: why rows are held back, by position.
        observed: where the others go, with the time of the parsed file.
        quarantine: where those go, if there are any.
    """
    told = pl.DataFrame(
        {"_row": list(held), "reason": list(held.values())},
        schema={"_row": pl.get_index_type(), "reason": pl.String},
    )
    both = schema(promise)
    apart = pl.Schema({**both, "reason": pl.String()})
    with (
        PartsFile(quarantine, apart) as held_back,
        PartsFile(observed, both, moment_ns=file.stat().st_mtime_ns) as kept,
    ):
        begin = 0
        for part in _shaped(promise, file):
            numbered = part.with_row_index("_row", offset=begin).join(
                told, on="_row", how="left", maintain_order="left"
            )
            begin += part.height
            is_held = pl.col("reason").is_not_null()
            if held:
                held_back.write(numbered.filter(is_held))
            kept.write(numbered.filter(~is_held))
        if held:
            held_back.finish()
        kept.finish()


@dataclass(frozen=True)
class Yield:
    """Records per successful visit on the latest day, against the days before."""

    kind: str
    day: str | None
    n_visits: int
    latest: float
    usual: float | None

    @property
    def has_dropped(self) -> bool:
        """True when the latest day gave less than 40 % of what is usual."""
        return self.usual is not None and self.latest < 0.4 * self.usual

    def sentence(self) -> str:
        """The reading in one sentence."""
        if self.usual is None:
            return f"observed/{self.kind}: too few visits or days to judge the yield"
        verdict = "a sharp drop" if self.has_dropped else "as usual"
        return (
            f"observed/{self.kind}: {self.latest:.2f} records per successful visit on "
            f"{self.day} ({self.n_visits} visits) against {self.usual:.2f} the days "
            f"before: {verdict}"
        )


def record_yield(home: Path, kind: str, min_visits: int = 20, days: int = 8) -> Yield:
    """Records per successful visit of pages that ever gave this kind.

    A layoff makes one roster shorter; a broken parser or a source with a new shape
    makes all of them shorter at once. So the drop is judged over the successful
    visits of a whole day, never per account, and only from `min_visits` visits on.
    Pages of single ads are left out: they are read when ads are new, so that their
    number says nothing of how lists are read.
    """
    observed = pl.scan_parquet(
        [
            home / "observed" / kind / "_schema.parquet",
            *sorted((home / "observed" / kind).glob("source=*/day=*.parquet")),
        ]
    )
    per_payload = observed.group_by("source", "url", "payload_digest").agg(
        pl.len().alias("n")
    )
    addresses = observed.select("source", "url").unique()
    by_source: dict[str, list[Path]] = {}
    for f in sorted((home / "landing").glob("*/day=*/visits.parquet")):
        by_source.setdefault(f.parent.parent.name, []).append(f)
    files = [f for fs in by_source.values() for f in fs[-days:]]
    if not files:
        return Yield(kind, None, 0, 0.0, None)
    visits = (
        pl.scan_parquet(files)
        .filter(
            pl.col("outcome").is_in(["ok", "not_modified"])
            & ~pl.col("scope").is_in(_OF_ONE_AD)
        )
        .select("source", "url", "payload_digest", pl.col("fetched_at").dt.date())
    )
    daily = (
        visits.join(addresses, on=["source", "url"], how="semi")
        .join(per_payload, on=["source", "url", "payload_digest"], how="left")
        .group_by("fetched_at")
        .agg(pl.len().alias("visits"), pl.col("n").fill_null(0).sum().alias("records"))
        .with_columns((pl.col("records") / pl.col("visits")).alias("rate"))
        .sort("fetched_at")
        .collect()
    )
    if daily.height < 4 or daily["visits"][-1] < min_visits:
        last = daily.row(-1, named=True) if daily.height else None
        return Yield(
            kind,
            str(last["fetched_at"]) if last else None,
            last["visits"] if last else 0,
            last["rate"] if last else 0.0,
            None,
        )
    usual = daily["rate"][:-1].median()
    return Yield(
        kind,
        str(daily["fetched_at"][-1]),
        int(daily["visits"][-1]),
        float(daily["rate"][-1]),
        float(usual) if isinstance(usual, int | float) else None,
    )


def broken_parsers(home: Path, min_payloads: int = 20) -> list[str]:
    """Pages a parser fails on as a rule: one sentence per source and scope.

    One page that cannot be read is a page; more than half of at least `min_payloads`
    payloads of the newest days is a parser, or a source, that is broken.
    """
    files = [
        f
        for folder in sorted((home / "observed" / "payloads").glob("source=*"))
        for f in sorted(folder.glob("day=*.parquet"))[-8:]
    ]
    if not files:
        return []
    by_scope = (
        pl.read_parquet(files)
        .group_by("source", "scope")
        .agg(
            pl.len().alias("n"),
            (pl.col("verdict") == "parse_error").sum().alias("n_errors"),
            pl.col("error").drop_nulls().first().alias("example"),
        )
        .filter((pl.col("n") >= min_payloads) & (pl.col("n_errors") * 2 > pl.col("n")))
        .sort("source", "scope")
    )
    return [
        f"{row['source']}: {row['n_errors']} of {row['n']} payloads of scope "
        f"{row['scope']} cannot be read, as: {row['example']}"
        for row in by_scope.iter_rows(named=True)
    ]
