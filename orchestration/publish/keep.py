"""Which old versions stay: so many, and none that was current a short while ago.

One rule for every destination. Nothing is deleted here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Keep:
    """How many versions stay, the current one among them, and for how long at least.

    A reader that began on a version has `at_least` to finish after another one took
    its place, however many are published meanwhile.
    """

    versions: int = 5
    at_least: timedelta = timedelta(0)


FIVE = Keep()
# Nothing but the current version, whoever reads: after an erasure.
NOTHING_ELSE = Keep(1)


def to_forget(
    published: Mapping[str, datetime], current: str, keep: Keep, now: datetime
) -> list[str]:
    """Names of the versions that may go, oldest last; never the current one.

    Args:
        published: when each version there is was published; `current` may be missing.
        current: the version that readers are sent to.
        keep: how many stay, and for how long.
        now: the moment.
    """
    others = sorted(
        (name for name in published if name != current),
        key=lambda name: (published[name], name),
        reverse=True,
    )
    # The next newer one took its place; the newest gave way no longer ago than now.
    replaced = dict(zip(others, [now, *(published[n] for n in others)], strict=False))
    return [
        name
        for name in others[max(keep.versions - 1, 0) :]
        if now - replaced[name] >= keep.at_least
    ]
