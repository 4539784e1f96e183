"""What a destination is. Planning, retries, state and logs are in `orchestration.crm`.

A destination is one folder here with `open_destination(home, pace)` in its `__init__`
and a field map `account.yml` (and `task.yml`); the folder's name is its name.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from orchestration.settings import without_secrets

ACCOUNT, TASK, NOTE = "account", "task", "note"


@dataclass(frozen=True)
class Company:
    """Who an account is: written only where a record is created, after approval."""

    name: str | None = None
    org_number: str | None = None
    domain: str | None = None


@dataclass(frozen=True)
class Write:
    """What one record should become: values to write and fields to clear."""

    key: str  # account_id or task_key: unique, and ours
    remote_id: str | None  # None: create it, or find it by the key
    values: Mapping[str, str] = field(default_factory=dict)
    clear: tuple[str, ...] = ()
    company: Company | None = None
    parent_id: str | None = None  # of a task: the record of its account
    is_first: bool = True  # nothing of it has been accepted yet
    # The same for the same content, also after a crash.
    idempotency_key: str = ""


@dataclass(frozen=True)
class Outcome:
    """What the destination made of a record.

    status: `accepted`; `rejected` (will not be taken as it is); `busy` (nothing was
    looked at, come back after `after_s`); `retryable` (nothing was done, but it may be
    the record's fault); `unknown` (it may have been done: read back).
    """

    key: str
    status: str
    remote_id: str | None = None
    reason: str | None = None  # the destination's own words
    after_s: float | None = None
    values: Mapping[str, str] | None = None  # as it holds them now, where it says so

    def __post_init__(self) -> None:
        if self.reason:
            object.__setattr__(self, "reason", without_secrets(self.reason))


@dataclass(frozen=True)
class Held:
    """A record as the destination holds it: our fields only."""

    key: str | None
    remote_id: str
    values: Mapping[str, str | None]
    # False where writing it was cut short between two calls: it is there, and what
    # goes with it is not.
    is_whole: bool = True


@dataclass(frozen=True)
class RemoteField:
    """A field as the destination's metadata tells it."""

    name: str
    type: str  # text | number | date | picklist | what else it may be
    max_length: int | None = None
    options: tuple[str, ...] = ()
    is_read_only: bool = False


@dataclass(frozen=True)
class RemoteCompany:
    """A company in a CRM, as far as matching needs it."""

    remote_id: str
    name: str
    org_number: str | None = None
    domain: str | None = None
    owner: str | None = None  # who sells to it there, where the CRM says so


@dataclass(frozen=True)
class RemoteOpportunity:
    """An opportunity of a CRM: its stage in our words, or the CRM's own."""

    remote_id: str
    company_id: str | None
    created_at: str
    stage: str
    amount: str | None = None
    closed_at: str | None = None  # won or lost
    product: str | None = None


@dataclass(frozen=True)
class RemoteFate:
    """What a person made of a task of ours."""

    key: str
    verdict: str | None
    contacted_at: str | None  # when a person, and not we, marked it done


@dataclass(frozen=True)
class Terms:
    """How a destination wants to be treated."""

    batch_size: int
    needs_matching: bool = True  # holds other people's companies
    can_read: bool = True
    max_share: float = 0.25  # of the records there, without a confirmation
    tries: int = 5
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0
    waits_in_run: bool = True  # False: the next try is a later run's
    tasks_need_account: bool = True  # a task hangs on its account's record
    # A task that is closed takes no more words there: what is no longer said of it is
    # cleared as it closes.
    closed_is_final: bool = False
    creates_fields: bool = True  # False: an administrator must, and is told what
    # Calls side by side; more than one only where `read`, `find` and `write` may be
    # called from several threads.
    at_once: int = 1


@runtime_checkable
class ReadsBack(Protocol):
    """A destination that tells what came of it: what outcomes are learned from."""

    def opportunities(self) -> Iterator[RemoteOpportunity]:
        """All opportunities there."""

    def fates(self, remote_ids: Sequence[str]) -> list[RemoteFate]:
        """What people made of tasks of ours; those nothing is said of are left out."""


@runtime_checkable
class MayBeLost(Protocol):
    """A destination that can be gone with all it held, as a file that was deleted."""

    def is_lost(self) -> bool:
        """True when all it held is gone."""


@runtime_checkable
class ShakesHands(Protocol):
    """A destination that is made sure of in the set-up; others are by being read."""

    def shake_hands(self) -> None:
        """Make sure that it is who it should be.

        Raises:
            CrmError: it is not.
        """


class Destination(Protocol):
    """A place that holds our fields beside other people's."""

    @property
    def name(self) -> str:
        """Name of the folder."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of records it takes, accounts first."""

    @property
    def terms(self) -> Terms:
        """How it wants to be treated."""

    @property
    def calls(self) -> int:
        """Calls made so far."""

    def describe(self, kind: str) -> Mapping[str, RemoteField]:
        """Our fields as its metadata tells them, the key among them."""

    def create_fields(self, kind: str, names: Sequence[str]) -> None:
        """Create fields of the map that are missing; raises CrmError when refused."""

    def companies(self) -> Iterator[RemoteCompany]:
        """All companies there, for matching."""

    def find(self, kind: str, keys: Sequence[str]) -> list[Held]:
        """The records with our keys; more than one a key when there are."""

    def read(self, kind: str, remote_ids: Sequence[str]) -> dict[str, Held]:
        """Records by id. One that was merged comes under its old id with its new one
        in `remote_id`; one that was deleted is left out."""

    def write(self, kind: str, writes: Sequence[Write]) -> list[Outcome]:
        """Write one batch, in one call where it can: all of them create, or all update.

        One outcome for each. Nothing is tried again here.

        Raises:
            CrmRefused: it does not accept who we are; nothing was done.
        """
