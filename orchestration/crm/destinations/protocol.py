"""What a destination is. Planning and logging are in `outbox` and `sync`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import polars as pl


@dataclass(frozen=True)
class Record:
    """What one account's record should become: values to write and fields to clear."""

    account_id: str
    external_id: str
    upsert: dict[str, str] = field(default_factory=dict)
    clear: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What the destination made of a record."""

    account_id: str
    is_accepted: bool
    reason: str | None = None  # why not, verbatim


class Destination(Protocol):
    """A place that holds our fields beside other people's."""

    @property
    def name(self) -> str:
        """Name in lower case, as in the outbox."""

    def accepted(self) -> pl.DataFrame:
        """What it accepted last: `account_id, external_id, field, value, row_hash`."""

    def apply(self, records: Sequence[Record]) -> list[Outcome]:
        """Write the records; one outcome for each, in order.

        Applying the same records twice leaves the same result: a crash between this
        and the saving of the accepted state is mended by doing it again.
        """
