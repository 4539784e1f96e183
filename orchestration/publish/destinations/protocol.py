"""What a destination is, and how one is found by its name.

Reading settings does not belong here: an address is given. Secrets in it are never
shown (`Place.shown`) and are taken out of what drivers say (`Place.redacted`).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from orchestration.publish.keep import Keep
from orchestration.publish.published import MANIFEST

_FOLDER = Path(__file__).parent
_SECRET = re.compile(r"pass|secret|token|key|sig", re.IGNORECASE)


class DestinationFailed(RuntimeError):
    """A destination that could not be published to; the former version stands there."""


@dataclass(frozen=True)
class Place:
    """The address of a destination, with what is secret in it, and its options."""

    address: str = field(repr=False)
    options: Mapping[str, str] = field(default_factory=dict)

    def shown(self) -> str:
        """The address without user, password and query."""
        parts = urlsplit(self.address)
        host = parts.netloc.rpartition("@")[2]
        return f"{parts.scheme}://{host}{parts.path}"

    def redacted(self, text: object) -> str:
        """The first line of what was said, without the secrets of the address."""
        said = (str(text).strip() or type(text).__name__).splitlines()[0]
        parts = urlsplit(self.address)
        secrets = {self.address, parts.netloc.rpartition("@")[0].partition(":")[2]}
        secrets |= {v for k, v in parse_qsl(parts.query) if _SECRET.search(k)}
        for secret in sorted({*secrets, *map(unquote, secrets)} - {""}, key=len)[::-1]:
            said = said.replace(secret, "***")
        return said


@dataclass(frozen=True)
class Version:
    """A published version as a destination copies it: its folder and its manifest."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Name of the version: its day and the beginning of its digest."""
        return self.folder.name

    @property
    def digest(self) -> str:
        """Digest of everything in it."""
        return str(self.manifest["content_digest"])

    def rows(self) -> dict[str, int]:
        """Rows of each table."""
        return {name: said["rows"] for name, said in self.manifest["tables"].items()}


@dataclass(frozen=True)
class Sent:
    """What publishing to a destination did."""

    is_new: bool  # False when the version stood there already
    forgotten: tuple[str, ...]  # old versions that were deleted
    left: tuple[str, ...] = ()  # old versions that should be, and are still in use


class Destination(Protocol):
    """The module `destinations/<name>/destination.py`."""

    KINDS: frozenset[str]
    DESCRIPTION: str
    # Options besides the address, with what they are when nothing is said.
    OPTIONS: Mapping[str, str]

    def publish(
        self, version: Version, place: Place, keep: Keep, *, afresh: bool = False
    ) -> Sent:
        """Make the version the one that readers get, all at once or not at all.

        With ``afresh`` nothing that stands there is trusted or kept, whatever ``keep``
        says: somebody was erased. What could not go is `Sent.left`.

        Raises:
            DestinationFailed: in one sentence; the former version stands.
        """

    def faults(self, version: Version, place: Place) -> list[str]:
        """What is there, held against the version: a sentence for each difference."""


def destination_names() -> tuple[str, ...]:
    """Names of all destinations, sorted: the folders that have a `destination.py`."""
    return tuple(sorted(f.parent.name for f in _FOLDER.glob("*/destination.py")))


def destination(name: str) -> Destination:
    """The destination of that name. Its driver is imported when it is used."""
    module = import_module(f"orchestration.publish.destinations.{name}.destination")
    return cast(Destination, module)


def version_of(folder: Path) -> Version:
    """A version as its manifest tells it."""
    folder = folder.resolve()
    text = (folder / MANIFEST).read_text(encoding="utf-8")
    return Version(folder, json.loads(text))
