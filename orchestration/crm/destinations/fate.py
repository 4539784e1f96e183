"""What became of a task of ours, from what a CRM holds of it: said once for all.

How a CRM stores it is the destination's.
"""

import re

from orchestration.crm.destinations.protocol import RemoteFate

# A line of text in which people judge a task, where the CRM has no field for it.
_LINE = re.compile(r"^\s*lyttepost_verdict: *(\w[\w ]*?)\s*$", re.MULTILINE)


def fate(
    key: str | None, verdict: str | None, done_at: str | None, closed_reason: str | None
) -> RemoteFate | None:
    """A verdict, or that a person did the task; None when nothing is said of it.

    Args:
        key: our key of the task.
        verdict: in a person's word.
        done_at: when it was marked done.
        closed_reason: ours; a task that bears one was closed by us, and no contact.
    """
    contacted_at = None if closed_reason else done_at or None
    if not key or not (verdict or contacted_at):
        return None
    return RemoteFate(key, verdict or None, contacted_at)


def verdict_line(text: str | None) -> str | None:
    """The verdict that a person wrote into a task's text, on a line of its own."""
    found = _LINE.search(text or "")
    return found[1] if found else None
