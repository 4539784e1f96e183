"""`lyttepost erase PERSON`: a name leaves the raw archive and everything made of it.

In an order that a kill cannot hurt: first the person is on the suppression list, so
that nothing brings the name in again; then what CRMs are to delete is queued, while it
can still be seen; then each file is changed in one step. The same call again goes on
where it was, and changes nothing when all is done. The warehouse is thrown away, for
rows deleted in a database file stay in its pages; building it again is the caller's
business.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from orchestration.contracts.frames import empty_frame, schema, shaped
from orchestration.contracts.gate import gate_kind, write_atomically
from orchestration.contracts.odcs import contract
from orchestration.rights import archive, home_files
from orchestration.rights.erasures import (
    Progress,
    Tombstone,
    read_progress,
    set_tombstone,
    unfinished,
    write_progress,
)
from orchestration.scoring.forecast_log import Head, chained_anew
from orchestration.scoring.forecasts import head_of, log_of, note_head
from orchestration.warehouse import FILE as WAREHOUSE
from orchestration.warehouse import connect
from scrapers import store
from scrapers.extract.erased import spellings, without_names, words_of
from scrapers.extract.names import person_key
from scrapers.landing import LATEST, landed_days, read_visits
from scrapers.latest import forget_heads
from scrapers.parsed import parse_days, parsed_folder
from scrapers.suppression import (
    Entry,
    read_suppressed,
    shown,
    suppress,
)

Tell = Callable[[str], None]
_HASH = 32
# Where an account's row names whom a CRM was told of.
_TOLD = (
    "account_scores",
    "crm_account_updates",
    "crm_tasks",
    "outbox",
    "score_days",
    "score_reasons",
    "talk_to_now",
)


class EraseRefused(ValueError):
    """A person who cannot be erased as asked; says why."""


@dataclass(frozen=True)
class Erased:
    """What an erasure did."""

    tombstone: Tombstone
    n_changed: int  # files changed by this call
    n_queued: int  # deletions queued for CRMs, in all
    is_new: bool
    must_rebuild: bool
    n_unread: int = 0  # payloads withheld because they could not be read, in all
    n_left_unread: int = 0  # the same, left: of accounts where the person is not known

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {
            "erasure": self.tombstone.number,
            "erased_at": self.tombstone.erased_at.isoformat(),
            "payloads": self.tombstone.n_payloads,
            "files": self.tombstone.files,
            "files_changed_now": self.n_changed,
            "withheld_unread": self.n_unread,
            "left_unread": self.n_left_unread,
            "crm_deletions_queued": self.n_queued,
            "is_new": self.is_new,
        }

    def text(self) -> str:
        """For a terminal."""
        return (
            f"{self.tombstone.sentence()}.\n{self.n_changed} files changed by this "
            f"call; {self.n_queued} deletions stand in the queue of the CRMs.\n"
            f"{self.n_unread} payloads that could not be read (PDFs with a password, a "
            "coding of their own or too large) were withheld, for they are of accounts "
            f"where the person was known; {self.n_left_unread} of others were left."
        )


def names_of(home: Path, person: str) -> tuple[str, ...]:
    """The full names that a person is held under.

    Args:
        home: the home folder.
        person: a full name, or the id of a person: `person_key` of people, `holder_key`
            of a register's roles.

    Raises:
        EraseRefused: one word is no full name, or nobody has the id.
    """
    person = " ".join(person.split())
    is_hash = len(person) == _HASH and all(c in "0123456789abcdef" for c in person)
    wanted = person_key(person)
    found = {
        name
        for name, key in _held_names(home)
        if key == person or (not is_hash and key == wanted)
    }
    if is_hash:
        if not found:
            raise EraseRefused(f"{home}: nobody is held here with the id {person}")
        return tuple(sorted(found))
    if len(words_of(person)) < 2:
        raise EraseRefused(
            f"{person!r} is one word: it would be taken out of everything that has "
            "the word; give the full name, or the person's id"
        )
    return tuple(sorted({person, *(n for n in found if len(words_of(n)) > 1)}))


_NAMES = {
    "people": ("name", "person_key"),
    "registry_roles": ("holder_name", "holder_key"),
}


def _held_names(home: Path) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for kind, (name, key) in _NAMES.items():
        for file in sorted((home / "parsed").glob(f"*/day=*/{kind}.parquet")):
            found |= set(pl.read_parquet(file, columns=[name, key]).iter_rows())
    return found


def check_account(home: Path, person: str, account_id: str) -> None:
    """Refuse a person who is not the one at an account, and nobody else.

    A name is taken out wherever it stands, so of two people of one name both would go.

    Raises:
        EraseRefused: nobody of the name is held at the account, or somebody of the name
            is held at another one too.
    """
    names = names_of(home, person)
    keys = {person_key(name) for name in names}
    held: set[str] = set()
    for kind, (name, _) in _NAMES.items():
        for file in sorted((home / "parsed").glob(f"*/day=*/{kind}.parquet")):
            rows = pl.read_parquet(file, columns=["url", name])
            urls = {url for url, said in rows.iter_rows() if person_key(said) in keys}
            if urls:
                visits = read_visits(home, file.parent.parent.name).filter(
                    pl.col("url").is_in(list(urls))
                )
                held |= set(visits["account_id"].drop_nulls())
    if account_id not in held:
        raise EraseRefused(f"{home}: nobody of that name is held at {account_id}")
    if others := sorted(held - {account_id}):
        raise EraseRefused(
            f"somebody of that name is held at {', '.join(others)} too, perhaps "
            "another person; without --account both are erased"
        )


def erase(
    home: Path,
    person: str,
    moment: datetime,
    tell: Tell = lambda line: None,
) -> Erased:
    """Take a person out of a home folder. The caller holds the folder's lock.

    Args:
        home: the home folder.
        person: see `names_of`.
        moment: when, in UTC.
        tell: is told what is being done, a line at a time.

    Raises:
        EraseRefused: see `names_of`.
        WarehouseBusy: somebody has the warehouse open.
        ArchiveNotRewritten: a day that was begun must be finished first.
    """
    if not (home / "landing").exists():
        raise EraseRefused(f"{home}: nothing has been observed here")
    names = names_of(home, person)
    _is_free(home)
    if store.is_kept():
        tell("fetching the archive from the store")
        store.fetch(home)
    home_files.clear_leftovers(home)
    known = {e.number for e in read_suppressed(home).entries}
    entry = suppress(home, names, moment)
    return _take_out(home, entry, taking_out(names, entry), known, tell)


def erase_listed(home: Path, tell: Tell = lambda line: None) -> list[int]:
    """Take out everybody on the suppression list who has not been taken out yet.

    By the hashes alone: nobody need know the names any more. For a home folder that was
    brought back from a backup, with the list of the one it is a backup of.

    Returns:
        Numbers of the erasures that were carried out.

    Raises:
        EraseRefused, WarehouseBusy, ArchiveNotRewritten: see `erase`.
        ErasuresBroken: the log of erasures was signed with another key.
    """
    _is_free(home)
    home_files.clear_leftovers(home)
    suppressed = read_suppressed(home)
    entries = {entry.number: entry for entry in suppressed.entries}
    numbers = unfinished(home)
    for number in numbers:
        _take_out(home, entries[number], suppressed.text, set(entries), tell)
    return numbers


def _take_out(
    home: Path, entry: Entry, text: Callable[[str], str], known: set[int], tell: Tell
) -> Erased:
    progress = read_progress(home, entry.number, entry.erased_at)
    was_finished = progress.is_finished
    progress.is_finished = False
    write_progress(home, progress)
    change = home_files.Change(text, {})
    tell("queueing what CRMs are to delete")
    n_queued = _queue(home, entry, change)
    n_changed, n_left = _archive(home, entry, text, progress, tell)
    digests = {b: a for pairs in progress.digests.values() for b, a in pairs.items()}
    change = home_files.Change(text, digests)
    tell("the log of forecasts")
    _forecasts(home, change, progress)
    unreadable: list[str] = []
    for file in list(home_files.files_of(home)):
        if file.name.endswith(".warc.gz") or file == log_of(home):
            continue
        if file == home / WAREHOUSE:
            continue
        top = file.relative_to(home).parts[0]
        try:
            has_changed = home_files.rewrite(file, change)
        except home_files.FileUnreadable as error:
            unreadable.append(str(error))
            continue
        has_changed |= home_files.rename(file, change)
        if has_changed:
            n_changed += 1
            progress.files[top] = progress.files.get(top, 0) + 1
            if n_changed % 25 == 0:
                tell(f"{n_changed} files changed, now {top}")
    if unreadable:
        write_progress(home, progress)
        raise EraseRefused(
            f"the name is out of every other file, but {len(unreadable)} cannot be "
            f"read: {'; '.join(unreadable[:3])}; delete them or bring them back from "
            "a backup, then erase again"
        )
    if n_changed or not was_finished:
        _read_again(home, progress, tell)
    _manifests(home)
    must_rebuild = _drop_warehouse(home, text, n_changed > 0)
    write_progress(home, progress)
    tombstone = set_tombstone(home, progress)
    return Erased(
        tombstone,
        n_changed,
        n_queued,
        is_new=entry.number not in known or not was_finished,
        must_rebuild=must_rebuild,
        n_unread=len(progress.unread),
        n_left_unread=n_left,
    )


def taking_out(names: Sequence[str], entry: Entry) -> Callable[[str], str]:
    """What takes one person's names out of a text."""
    every = frozenset(words for name in names for words in spellings(name))
    hints = frozenset(max(words, key=len) for words in every)
    lengths = frozenset(len(words) for words in every)

    def number_of(words: tuple[str, ...]) -> int | None:
        return entry.number if words in every else None

    return lambda text: without_names(text, number_of, lengths, hints)


def _is_free(home: Path) -> None:
    if (home / WAREHOUSE).exists():
        with connect(home, read_only=False):
            pass


def _archive(
    home: Path,
    entry: Entry,
    text: Callable[[str], str],
    progress: Progress,
    tell: Tell,
) -> tuple[int, int]:
    """The WARC files, source by source, earliest first.

    Returns:
        How many were changed, and how many payloads were left that cannot be read.
    """
    tombstone = f"{entry.number} {entry.erased_at:%Y-%m-%d}"
    # Also those of what a command looked up, below `discovery/`.
    by_folder: dict[Path, list[Path]] = {}
    for file in sorted(home.rglob("day=*/*.warc.gz")):
        by_folder.setdefault(file.parent.parent, []).append(file)
    written: set[Path] = set()

    def note(folder: Path, file: Path) -> None:
        write_progress(home, progress)
        # A header may have named the person, and its digest would still.
        forget_heads(folder / LATEST, f"{file.parent.name}/{file.name}")

    def rewrite(folder: Path, is_withheld: Callable[[str], bool]) -> None:
        digests = progress.digests.setdefault(_place(home, folder), {})
        changes = archive.Changes(
            archive.without(text, is_withheld), tombstone, digests
        )
        for file in by_folder[folder]:
            n = archive.rewrite(file, folder, changes, partial(note, folder, file))
            if n:
                progress.n_records += n
                if file not in written:
                    written.add(file)
                    top = folder.relative_to(home).parts[0]
                    progress.files[top] = progress.files.get(top, 0) + 1
        if not digests:
            del progress.digests[_place(home, folder)]

    unread: dict[Path, set[str]] = {}
    for folder, files in by_folder.items():
        tell(f"the archive of {_place(home, folder)}: {len(files)} files")
        noted = unread.setdefault(folder, set())
        rewrite(folder, partial(_noted, noted))
    n_left = 0
    known = _known_at(home, text, progress) if any(unread.values()) else set()
    for folder, noted in unread.items():
        withheld = {d for d in noted if _may_be_of(known, folder, d)}
        n_left += len(noted - withheld)
        if not withheld:
            continue
        tell(f"{len(withheld)} payloads of {_place(home, folder)} nobody can read")
        progress.unread = tuple(sorted({*progress.unread, *withheld}))
        write_progress(home, progress)
        rewrite(folder, withheld.__contains__)
    write_progress(home, progress)
    return len(written), n_left


def _noted(noted: set[str], digest: str) -> bool:
    """Note a payload, and let it stay."""
    noted.add(digest)
    return False


def _place(home: Path, folder: Path) -> str:
    """The source that a folder of WARC files is of, or where it is."""
    is_landing = folder.parent == home / "landing"
    return folder.name if is_landing else str(folder.relative_to(home))


def _known_at(home: Path, text: Callable[[str], str], progress: Progress) -> set[str]:
    """The accounts that a person was known at: in a payload, or in a row read of one.

    The rows still have the name: they are changed after the archive.
    """
    found: set[str] = set()
    for source in sorted({f.parent.name for f in (home / "landing").glob("*/day=*")}):
        digests = progress.digests.get(source, {})
        urls: set[str] = set()
        for kind, (name, _) in _NAMES.items():
            for file in sorted(
                (home / "parsed" / source).glob(f"day=*/{kind}.parquet")
            ):
                rows = pl.read_parquet(file, columns=["url", name])
                urls |= {url for url, said in rows.iter_rows() if text(said) != said}
        visits = read_visits(home, source).filter(
            pl.col("url").is_in(list(urls))
            | pl.col("payload_digest").is_in([*digests, *digests.values()])
        )
        found |= set(visits["account_id"].drop_nulls())
    return found


def _may_be_of(known: set[str], folder: Path, digest: str) -> bool:
    """True for a payload of such an account, and of one that cannot be told."""
    accounts: set[str | None] = set()
    for file in sorted(folder.glob("day=*/visits.parquet")):
        rows = pl.read_parquet(file, columns=["payload_digest", "account_id"])
        accounts |= set(rows.filter(pl.col("payload_digest") == digest)["account_id"])
    return not accounts or None in accounts or bool(accounts & known)


def _forecasts(home: Path, change: home_files.Change, progress: Progress) -> None:
    """The log of forecasts, chained anew when an account in it was called so."""
    log = log_of(home)
    if not log.exists():
        return
    anew = chained_anew(log, change.text)
    before = head_of(home)
    if anew is not None and before is not None:
        text, after = anew
        progress.forecasts = {
            "before": {"n_lines": before.n_lines, "hash": before.hash},
            "after": {"n_lines": after.n_lines, "hash": after.hash},
        }
        write_progress(home, progress)
        home_files.replace_bytes(log, text.encode())
    after_said = progress.forecasts.get("after")
    if after_said and before and before.hash == progress.forecasts["before"]["hash"]:
        note_head(home, Head(after_said["n_lines"], after_said["hash"]))


def _queue(home: Path, entry: Entry, change: home_files.Change) -> int:
    """Write what each CRM is to delete; rows that stand there already stay."""
    promise = contract("crm/deletions")
    file = home / "crm" / "deletions.parquet"
    held = pl.read_parquet(file) if file.exists() else empty_frame(promise)
    destinations = sorted(f.name for f in (home / "crm").glob("[a-z]*") if f.is_dir())
    rows = [
        {
            "destination": destination,
            "erasure": entry.number,
            "account_id": account,
            "field": field,
            "external_id": external_id,
            "mark": shown(entry),
            "name_hashes": list(entry.hashes),
            "queued_at": entry.erased_at.replace(tzinfo=None),
            "reason": "the person was erased here",
        }
        for destination in destinations
        for (account, field), external_id in sorted(
            _told(home, destination, change).items()
        )
    ]
    new = pl.DataFrame(rows, schema=schema(promise)).join(
        held, on=promise.primary_key, how="anti"
    )
    if new.height:
        write_atomically(
            shaped(promise, pl.concat([held, new])).sort(promise.primary_key), file
        )
    return held.height + new.height


def _told(
    home: Path, destination: str, change: home_files.Change
) -> dict[tuple[str, str], str | None]:
    """Accounts and fields a destination was told of the person in, with its ids."""
    found: dict[tuple[str, str], str | None] = {}
    folder = home / "crm" / destination
    files = [
        *sorted(folder.rglob("*.parquet")),
        *sorted((home / "crm").glob("*.parquet")),
        *(
            file
            for name in _TOLD
            for file in sorted((home / "published").glob(f"[!.]*/{name}.parquet"))
        ),
    ]
    for file in files:
        if file.name == "deletions.parquet":
            continue
        frame = pl.read_parquet(file)
        if "account_id" not in frame.columns:
            continue
        if "destination" in frame.columns:
            frame = frame.filter(pl.col("destination") == destination)
        changed = home_files.changed_frame(frame, change)
        if changed is frame:
            continue
        is_ours = folder in file.parents
        for old, new in zip(
            frame.iter_rows(named=True), changed.iter_rows(named=True), strict=True
        ):
            if old == new:
                continue
            field = (old.get("field") or "") if is_ours else ""
            key = (str(new["account_id"]), str(field))
            found[key] = old.get("external_id") or found.get(key)
    return found


def _read_again(home: Path, progress: Progress, tell: Tell) -> None:
    """Parse the days anew that read a payload which has changed.

    What a parser makes of a page is more than its words (two payloads may be one now,
    a block is known by its sorted words): so rows are made from the archive again, as
    any later reading of it will make them.
    """
    kinds: set[str] = set()
    for source, digests in progress.digests.items():
        after = sorted(set(digests.values()))
        days = []
        for day in landed_days(home, source):
            # Missing after a kill between throwing it away and writing it again.
            file = parsed_folder(home, source, day) / "payloads.parquet"
            held = (
                pl.read_parquet(file, columns=["payload_digest"])
                if file.exists()
                else read_visits(home, source, [day])
            )
            if held["payload_digest"].is_in(after).any():
                days.append(day)
        if not days:
            continue
        tell(f"reading {len(days)} days of {source} again")
        for day in days:
            for file in parsed_folder(home, source, day).glob("*.parquet"):
                kinds.add(file.stem)
            payloads = parsed_folder(home, source, day) / "payloads.parquet"
            payloads.unlink(missing_ok=True)
        parse_days(home, source, days, workers=1)
        # A payload read anew may give a kind that the former reading did not.
        for day in days:
            kinds |= {
                f.stem for f in parsed_folder(home, source, day).glob("*.parquet")
            }
    for kind in sorted(kinds):
        gate_kind(home, kind)


def _manifests(home: Path) -> None:
    """What a published version says of its files, after they have changed."""
    for file in sorted((home / "published").glob("[!.]*/manifest.json")):
        if file.parent.is_symlink():
            continue
        said = json.loads(file.read_text("utf-8"))
        for name, table in said["tables"].items():
            content = file.with_name(f"{name}.parquet").read_bytes()
            table["sha256"] = hashlib.sha256(content).hexdigest()
        body = {k: v for k, v in said.items() if k != "content_digest"}
        whole = json.dumps(body, sort_keys=True).encode()
        body["content_digest"] = hashlib.sha256(whole).hexdigest()
        text = json.dumps(body, indent=2, sort_keys=True) + "\n"
        if text != file.read_text("utf-8"):
            home_files.replace_bytes(file, text.encode())


def _drop_warehouse(home: Path, text: Callable[[str], str], has_changed: bool) -> bool:
    """Throw the warehouse away when it holds what was erased, or may."""
    file = home / WAREHOUSE
    if not file.exists():
        return has_changed
    change = home_files.Change(text, {})
    if not has_changed and not home_files.duckdb_holds(file, change):
        return False
    file.unlink()
    file.with_name(f"{file.name}.wal").unlink(missing_ok=True)
    return True
