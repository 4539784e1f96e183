"""Raw and parsed data in an object store: any path that fsspec understands.

With LYTTEPOST_STORE the store holds what cannot be made again, under the names it has
in the home folder: landing, parsed, the watch list and the suppression list. A home
folder then holds copies of the tables, which are read where they are, and none of the
archive files: a record of those is read out of the store by its bytes. What is in
flight (journals, files that are being written) is the home's alone and goes up whole
when it is complete, the archive before the rows that point into it.

What a file says does not belong here; without the setting nothing here does anything.
"""

import fcntl
import hashlib
import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from scrapers.settings import store_address

STATE = "store.json"
FOLDERS = ("landing", "parsed", "accounts", "suppression")
ARCHIVE = ".warc.gz"
_LOCK = ".store.lock"
_JOURNAL = "_journal.jsonl"
_COMPLETE = "_crawl.json"
_NOT_KEPT = ("_schema",)
# Uploaded after what they speak of: rows after the archive, what says "complete" last.
_ORDER = ((ARCHIVE,), (), ("visits.parquet",), (_COMPLETE, "payloads.parquet"))
# Made from visits, so that who finds it changed on both sides makes it anew.
_MADE_AGAIN = ("latest.parquet",)
_READ_AT_ONCE = 1 << 17
# So many files of a store may go at once, or half of them: joined shards, retention.
_MOST_GONE = 20


class StoreFailed(OSError):
    """The store cannot be reached, or disagrees with the home; says what to do."""


@dataclass(frozen=True)
class Entry:
    """A file as it was when home and store last agreed.

    ``tag`` is what the store calls this content, ``digest`` is ours. A file that is not
    here is read from the store; one that is here and gone is taken out of it.
    ``changed_ns`` is when the system last saw the file change: an erasure and retention
    keep a file's own time, and may keep its size.
    """

    size: int
    changed_ns: int
    digest: str
    tag: str
    is_here: bool


@dataclass(frozen=True)
class Moved:
    """How many files were brought, how many left, how many bytes they had."""

    n_files: int = 0
    n_deleted: int = 0
    n_bytes: int = 0


@dataclass(frozen=True)
class Compared:
    """What a store holds; what it lacks or has otherwise; what is to be brought."""

    n_files: int
    n_bytes: int
    lost: tuple[str, ...]
    waiting: tuple[str, ...]


def is_kept() -> bool:
    """Whether a store is set."""
    return bool(store_address())


def pull(
    home: Path, under: Sequence[str] = FOLDERS, without: Sequence[str] = ()
) -> Moved:
    """Bring what is new in the store to the home, archive files apart.

    Args:
        home: the home folder.
        under: folders of the home, or below.
        without: names of files that stay in the store until they are fetched.

    Raises:
        StoreFailed: the store cannot be reached, or a file was changed on both sides.
    """
    if not is_kept():
        return Moved()
    with _opened(home) as session:
        return session.pull(under, without)


def push(home: Path, under: Sequence[str] = FOLDERS) -> Moved:
    """Bring what is complete and new in the home to the store.

    Archive files leave the home when they are there. The same call again, also after a
    kill, does the rest.

    Raises:
        StoreFailed: the store cannot be reached, or a file was changed on both sides.
    """
    if not is_kept():
        return Moved()
    with _opened(home) as session:
        return session.push(under)


def fetch(home: Path, under: Sequence[str] = FOLDERS) -> Moved:
    """Bring every file to the home, archive files too; the next push lets them go.

    For who rewrites or reads the whole of them: an erasure, a day that is added to.

    Raises:
        StoreFailed: the store cannot be reached.
    """
    if not is_kept():
        return Moved()
    with _opened(home) as session:
        moved = session.pull(under)
        return session.fetch(under, moved)


def compare(home: Path) -> Compared:
    """Look at home and store, and change nothing.

    Raises:
        StoreFailed: the store cannot be reached.
    """
    with _opened(home) as session:
        return session.compare()


def opened(file: Path) -> BinaryIO:
    """A file to read from: the home's, else the store's.

    Raises:
        FileNotFoundError: neither has it.
        StoreFailed: the store cannot be reached.
    """
    if file.exists() or not is_kept():
        return file.open("rb")
    home = _home_of(file)
    name = str(file.relative_to(home))
    files, root = _files()
    entry = _read_state(home).get(name)
    with _one_sentence(FileNotFoundError):
        size = entry.size if entry else int(files.size(f"{root}/{name}"))
    return io.BufferedReader(_Remote(files, f"{root}/{name}", size), _READ_AT_ONCE)


def is_there(file: Path) -> bool:
    """Whether home or store has a file of the archive."""
    if file.exists():
        return True
    if not is_kept():
        return False
    home = _home_of(file)
    name = str(file.relative_to(home))
    entry = _read_state(home).get(name)
    if entry is not None:
        return not entry.is_here
    files, root = _files()
    with _one_sentence():
        return bool(files.exists(f"{root}/{name}"))


def archive_sizes(folder: Path) -> dict[str, int]:
    """Bytes of the archive files of a day's folder, in the home or in the store."""
    sizes = {f.name: f.stat().st_size for f in folder.glob(f"*{ARCHIVE}")}
    if not is_kept():
        return sizes
    home = folder.parents[2]
    place = f"{folder.relative_to(home)}/"
    held = {
        name.removeprefix(place): entry.size
        for name, entry in _read_state(home).items()
        if name.startswith(place) and name.endswith(ARCHIVE) and not entry.is_here
    }
    return {**held, **sizes}


def not_here(home: Path) -> Mapping[str, Entry]:
    """Files that are in the store alone, by name."""
    return {n: e for n, e in _read_state(home).items() if not e.is_here}


# --- one side and the other --------------------------------------------------------


@contextmanager
def _opened(home: Path) -> Iterator["_Session"]:
    """Home and store, for one process of the home at a time."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / _LOCK).open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        files, root = _files()
        session = _Session(home, files, root, dict(_read_state(home)))
        try:
            with _one_sentence():
                yield session
        finally:
            # Also what was done before a fault.
            session.write_state()


@dataclass
class _Session:
    home: Path
    files: Any
    root: str
    state: dict[str, Entry]

    def pull(self, under: Sequence[str], without: Sequence[str] = ()) -> Moved:
        there = self._there(under)
        n_files = n_deleted = n_bytes = 0
        for name, (size, tag) in sorted(there.items(), key=_last_the_complete):
            entry, file = self.state.get(name), self.home / name
            if entry is not None and entry.tag == tag:
                continue
            if self._is_changed(name):
                if self._settled(name, tag):
                    continue
            elif name.endswith((ARCHIVE, *without)):
                file.unlink(missing_ok=True)
                self.state[name] = Entry(size, 0, "", tag, is_here=False)
                continue
            self._bring(name, size, tag)
            n_files, n_bytes = n_files + 1, n_bytes + size
        gone = [n for n in self._known(under) if n not in there]
        self._refuse_emptied(gone, len(self._known(under)))
        for name in gone:
            if not self._is_changed(name):
                (self.home / name).unlink(missing_ok=True)
                n_deleted += 1
            del self.state[name]
        self._clear_folders(under)
        # Tables that were left there before, and are wanted now.
        if not without:
            wanted = [n for n in self._absent(under) if not n.endswith(ARCHIVE)]
            moved = self._bring_all(wanted)
            n_files, n_bytes = n_files + moved.n_files, n_bytes + moved.n_bytes
        return Moved(n_files, n_deleted, n_bytes)

    def fetch(self, under: Sequence[str], before: Moved) -> Moved:
        moved = self._bring_all(self._absent(under))
        return Moved(
            before.n_files + moved.n_files,
            before.n_deleted,
            before.n_bytes + moved.n_bytes,
        )

    def push(self, under: Sequence[str]) -> Moved:
        here = sorted(_complete_files(self.home, under), key=_turn)
        there: Mapping[str, tuple[int, str]] | None = None
        n_files = n_deleted = n_bytes = 0
        for name in here:
            file = self.home / name
            if self._is_changed(name):
                there = self._there(under) if there is None else there
                held, entry = there.get(name), self.state.get(name)
                if held and (entry is None or entry.tag != held[1]):
                    if self._settled(name, held[1]):
                        continue
                    if not file.exists():
                        continue
                size = file.stat().st_size
                self.state[name] = self._put(file, name)
                n_files, n_bytes = n_files + 1, n_bytes + size
            if name.endswith(ARCHIVE):
                file.unlink()
                self.state[name] = _not_here(self.state[name])
        for name in self._known(under):
            if self.state[name].is_here and not (self.home / name).exists():
                if self.files.exists(self._at(name)):
                    self.files.rm_file(self._at(name))
                    n_deleted += 1
                del self.state[name]
        return Moved(n_files, n_deleted, n_bytes)

    def _refuse_emptied(self, gone: Sequence[str], n_known: int) -> None:
        """Refuse to follow a store that lost what it had: that is no housekeeping."""
        lost = [n for n in gone if "/shard=" not in n]
        if len(lost) > max(_MOST_GONE, n_known // 2):
            raise StoreFailed(
                f"LYTTEPOST_STORE: {len(lost)} of {n_known} files that were there are "
                f"not, as {lost[0]}; nothing was deleted in {self.home}. See that the "
                "address is right, or bring the store back; if they are to go, delete "
                f"{self.home / STATE}, and what the home still has goes up again"
            )

    def compare(self) -> Compared:
        """What is where, and what is not as both sides agreed."""
        there = self._there(FOLDERS)
        lost = [n for n, e in self.state.items() if there.get(n, (0, ""))[1] != e.tag]
        waiting = [
            n for n in _complete_files(self.home, FOLDERS) if self._is_changed(n)
        ]
        n_bytes = sum(size for size, _ in there.values())
        return Compared(len(there), n_bytes, tuple(sorted(lost)), tuple(waiting))

    def _there(self, under: Sequence[str]) -> dict[str, tuple[int, str]]:
        """Size and tag of what the store has, by name."""
        found: dict[str, tuple[int, str]] = {}
        for folder in under:
            listed = self.files.find(self._at(folder), detail=True, withdirs=False)
            for path, told in listed.items():
                name = str(path).removeprefix(self.root).lstrip("/")
                if not Path(name).name.startswith("."):
                    found[name] = int(told["size"]), _tag(told)
        return found

    def _known(self, under: Sequence[str]) -> list[str]:
        return [n for n in self.state if any(n.startswith(f"{f}/") for f in under)]

    def _absent(self, under: Sequence[str]) -> list[str]:
        return [n for n in self._known(under) if not self.state[n].is_here]

    def _is_changed(self, name: str) -> bool:
        """Whether the home has a file that is another than when both agreed."""
        file, entry = self.home / name, self.state.get(name)
        if not file.exists():
            return False
        if entry is None or not entry.is_here:
            return True
        changed_ns = file.stat().st_ctime_ns
        if changed_ns == entry.changed_ns:
            return False
        if _digest(file) != entry.digest:
            return True
        # Copied, moved or made closed, and otherwise as it was.
        self.state[name] = replace(entry, changed_ns=changed_ns)
        return False

    def _settled(self, name: str, tag: str) -> bool:
        """Settle a file that both have and no side is known to be the newer of.

        Returns:
            True when they agree now; False when the home's is to give way.
        """
        file = self.home / name
        if Path(name).name in _MADE_AGAIN:
            file.unlink()
            return False
        if self.files.cat_file(self._at(name)) == file.read_bytes():
            self.state[name] = _as_it_is(file, tag)
            return True
        raise StoreFailed(
            f"{name} was changed in {self.home} and in the store: move the one that is "
            "not to be kept out of the way, and run the command again"
        )

    def _bring(self, name: str, size: int, tag: str) -> None:
        file = self.home / name
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
        is_closed = name.startswith("suppression/")
        handle = os.open(
            temporary,
            os.O_WRONLY | os.O_CREAT | os.O_TRUNC,
            0o600 if is_closed else 0o644,
        )
        with os.fdopen(handle, "wb") as out, _remote(self, name, size) as held:
            while part := held.read(1 << 22):
                out.write(part)
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(file)
        self.state[name] = _as_it_is(file, tag)

    def _bring_all(self, names: Sequence[str]) -> Moved:
        for name in sorted(names, key=_turn):
            self._bring(name, self.state[name].size, self.state[name].tag)
        return Moved(len(names), 0, sum(self.state[name].size for name in names))

    def _put(self, file: Path, name: str) -> Entry:
        before = _as_it_is(file, "")
        if "file" in _protocols(self.files):
            # A store of objects shows one when it is whole; a folder does not.
            beside = self._at(f"{Path(name).parent}/.{file.name}.{os.getpid()}")
            self.files.makedirs(self._at(str(Path(name).parent)), exist_ok=True)
            self.files.put_file(str(file), beside)
            os.replace(beside, self._at(name))
        else:
            self.files.put_file(str(file), self._at(name))
        told = self.files.info(self._at(name))
        if not told.get("ETag"):
            # Times are told in one way by what is listed and in another here.
            listed = self.files.ls(self._at(str(Path(name).parent)), detail=True)
            told = next(f for f in listed if str(f["name"]).endswith(f"/{file.name}"))
        return replace(before, tag=_tag(told))

    def _clear_folders(self, under: Sequence[str]) -> None:
        """Folders of shards that others have joined hold a lock and nothing else."""
        for folder in under:
            for lock in list((self.home / folder).rglob("shard=*/.lock")):
                if [*lock.parent.iterdir()] == [lock] and not self._at_work(lock):
                    lock.unlink()
                    lock.parent.rmdir()

    @staticmethod
    def _at_work(lock: Path) -> bool:
        with lock.open("rb") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def _at(self, name: str) -> str:
        return f"{self.root}/{name}"

    def write_state(self) -> None:
        """Remember what home and store agree on."""
        rows = {name: astuple(entry) for name, entry in sorted(self.state.items())}
        file = self.home / STATE
        told = {"store": _store_digest(), "files": rows}
        temporary = file.with_name(f".{STATE}.{os.getpid()}.tmp")
        temporary.write_text(json.dumps(told, indent=0) + "\n", "utf-8")
        temporary.replace(file)


def _complete_files(home: Path, under: Sequence[str]) -> Iterator[str]:
    """Names of files that nobody is writing."""
    for top in under:
        for folder, folders, names in os.walk(home / top):
            folders[:] = sorted(f for f in folders if f not in _NOT_KEPT)
            here = Path(folder)
            is_crawl = here.name.startswith(("day=", "shard=")) and top.startswith(
                "landing"
            )
            if is_crawl and _JOURNAL in names:
                # Of a day that goes on; files of shards are judged by their own.
                names = [n for n in names if n.endswith(ARCHIVE)]
            for name in sorted(names):
                if name.startswith(".") or name == _JOURNAL:
                    continue
                if is_crawl and name.endswith(ARCHIVE) and not _is_closed(here, name):
                    continue
                yield str((here / name).relative_to(home))


def _is_closed(day_folder: Path, name: str) -> bool:
    """Whether the crawl that wrote an archive file has come to its end."""
    parts = name.removesuffix(ARCHIVE).split("-")
    of_shard = day_folder / f"shard={parts[-2]}" if "of" in parts[-2] else None
    where = of_shard if of_shard is not None and of_shard.exists() else day_folder
    return (where / _COMPLETE).exists() and not (where / _JOURNAL).exists()


def _turn(name: str) -> tuple[int, str]:
    """When a file goes up or down: what says that another is complete after it."""
    for turn, ends in enumerate(_ORDER):
        if ends and name.endswith(ends):
            return turn, name
    return 1, name


def _last_the_complete(item: tuple[str, Any]) -> tuple[int, str]:
    return _turn(item[0])


def _as_it_is(file: Path, tag: str) -> Entry:
    stat = file.stat()
    return Entry(stat.st_size, stat.st_ctime_ns, _digest(file), tag, is_here=True)


def _digest(file: Path) -> str:
    with file.open("rb") as held:
        return hashlib.file_digest(held, "sha256").hexdigest()


def _not_here(entry: Entry) -> Entry:
    return replace(entry, changed_ns=0, digest="", is_here=False)


def _tag(told: Mapping[str, Any]) -> str:
    """What a store calls a content: its ETag, else size and time."""
    for key in ("ETag", "etag", "md5Hash", "LastModified", "mtime", "created"):
        if told.get(key):
            return f"{told['size']} {told[key]}"
    return str(told["size"])


_STATES: dict[Path, tuple[int, str, dict[str, Entry]]] = {}


def _read_state(home: Path) -> Mapping[str, Entry]:
    file = home / STATE
    if not file.exists():
        return {}
    moment = file.stat().st_mtime_ns
    held = _STATES.get(file)
    if held is None or held[0] != moment:
        told = json.loads(file.read_text("utf-8"))
        files = {name: Entry(*row) for name, row in told["files"].items()}
        held = moment, told["store"], files
        _STATES[file] = held
    # Of another store nothing is known.
    return held[2] if held[1] == _store_digest() else {}


def _store_digest() -> str:
    """Which store it is, without its address, which may be secret."""
    return hashlib.sha256(store_address().encode()).hexdigest()[:16]


def _home_of(file: Path) -> Path:
    """The home folder of a file of the archive: HOME/landing/<source>/<day>/<file>."""
    home = file.parents[3]
    if file.parents[2].name != "landing":
        raise FileNotFoundError(f"{file}: there is no such file")
    return home


def _files() -> tuple[Any, str]:
    """The store's file system and the path in it, as fsspec reads the address."""
    with _one_sentence():
        import fsspec

        # A listing that was kept would be of before the last upload.
        files, root = fsspec.core.url_to_fs(store_address(), use_listings_cache=False)
    return files, str(root).rstrip("/")


def _protocols(files: Any) -> tuple[str, ...]:
    told = files.protocol
    return (told,) if isinstance(told, str) else tuple(told)


@contextmanager
def _one_sentence(lets: type[OSError] = StoreFailed) -> Iterator[None]:
    """What any client raises as one sentence, without the address: it may be secret."""
    try:
        yield
    except (StoreFailed, lets):
        raise
    except ImportError as error:
        raise StoreFailed(
            "LYTTEPOST_STORE: the client for it is not installed; for s3:// install "
            "'lyttepost[s3]'"
        ) from error
    except Exception as error:
        told = str(error).replace(store_address(), "the store")
        raise StoreFailed(
            f"LYTTEPOST_STORE: {type(error).__name__}: {told}; nothing is lost, run "
            "the command again when the store can be reached"
        ) from error


def _remote(session: _Session, name: str, size: int) -> BinaryIO:
    return io.BufferedReader(_Remote(session.files, session._at(name), size), 1 << 22)


class _Remote(io.RawIOBase):
    """A file in the store, of which a part is asked for at a time."""

    def __init__(self, files: Any, path: str, size: int) -> None:
        super().__init__()
        self._files, self._path, self._size, self._at = files, path, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        begin = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}
        self._at = begin[whence] + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        end = min(self._at + len(buffer), self._size)
        if self._at >= end:
            return 0
        with _one_sentence(FileNotFoundError):
            part = self._files.cat_file(self._path, start=self._at, end=end)
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)
