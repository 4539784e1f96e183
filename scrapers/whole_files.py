"""Whether a Parquet file is whole to its end, without reading what it holds.

A disk that was full, a copy that was broken off or a bad sector leaves a file whose
tail is missing or is something else. What is made again from other files is thrown away
and made again; what is not is told by name (`FileDamaged`). Whether every byte between
is what was written does not belong here.
"""

from pathlib import Path

_MAGIC = b"PAR1"
# Magic, an empty footer's length and magic again.
_LEAST_BYTES = 12


class FileDamaged(ValueError):
    """A file that cannot be made again is not whole; the sentence says what to do."""


def is_whole(file: Path) -> bool:
    """True for a Parquet file that begins and ends as one, with room for its footer."""
    with file.open("rb") as stream:
        size = stream.seek(0, 2)
        if size < _LEAST_BYTES:
            return False
        stream.seek(-8, 2)
        tail = stream.read(8)
        stream.seek(0)
        head = stream.read(4)
    footer = int.from_bytes(tail[:4], "little")
    return head == tail[4:] == _MAGIC and footer <= size - _LEAST_BYTES


def must_be_whole(file: Path) -> None:
    """Refuse a file of the archive that is not whole.

    Raises:
        FileDamaged: it is not.
    """
    if not is_whole(file):
        raise FileDamaged(
            f"{file} is damaged: it does not end as it was written; put it back from a "
            "backup, for nothing else tells what was visited that day"
        )
