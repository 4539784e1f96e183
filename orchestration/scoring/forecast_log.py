"""Forecasts written down before outcomes are known, each line chained to the last.

A file of JSON lines, only ever appended to: one line is the scores of a day by one
model for one offer. Each carries the hash of the line before, so that altering,
leaving out or inserting a line breaks the chain from there on. Cutting lines off the
end leaves a chain that is whole: keep `head` somewhere else and give it to `verify`.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

GENESIS = "0" * 64
_FIELDS = ("as_of", "offer", "model", "written_at", "scores", "previous")


class BrokenLog(ValueError):
    """A log that is not what was written; names the first line that shows it."""


class NotAppended(ValueError):
    """Scores that may not be written down; says why."""


@dataclass(frozen=True)
class Forecasts:
    """One line: probabilities of a day, by account and horizon in days."""

    as_of: date
    offer: str
    model: str
    written_at: datetime
    scores: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Head:
    """How many lines a log has and the hash of its last one."""

    n_lines: int
    hash: str


def append(path: Path, forecasts: Forecasts) -> Head:
    """Write a day's scores at the end of the log.

    A day of an offer and model is written once. The same scores again change nothing;
    others are refused, for by then outcomes may be known.

    Raises:
        BrokenLog: the log as it stands is broken.
        NotAppended: the day is written already with other scores, it lies after the
            moment of writing, or a probability is none.
    """
    _check(forecasts)
    head = Head(0, GENESIS)
    for head, line in _lines(path):
        if _key(line) != _key(_body(forecasts, GENESIS)):
            continue
        if line["scores"] == _body(forecasts, GENESIS)["scores"]:
            return verify(path)
        raise NotAppended(
            f"{forecasts.as_of} of {forecasts.offer} by {forecasts.model} stands in "
            f"line {head.n_lines} with other scores"
        )
    body = _body(forecasts, head.hash)
    digest = _digest(body)
    text = json.dumps({**body, "hash": digest}, ensure_ascii=False, sort_keys=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8", newline="\n") as log:
        log.write(text + "\n")
        log.flush()
        os.fsync(log.fileno())
    return Head(head.n_lines + 1, digest)


def verify(path: Path, kept: Head | None = None) -> Head:
    """Read the log through.

    Args:
        path: of the log.
        kept: a head noted earlier; the log must still hold it.

    Raises:
        BrokenLog: naming the first line that is not what was written.
    """
    head = Head(0, GENESIS)
    held = kept is None or kept == head
    for head, _ in _lines(path):
        if kept is not None and head.n_lines == kept.n_lines:
            held = head == kept
            if not held:
                raise BrokenLog(f"line {head.n_lines} is not the one noted before")
    if not held and kept is not None:
        raise BrokenLog(
            f"the log ends after line {head.n_lines}; {kept.n_lines} were noted before"
        )
    return head


def read(path: Path) -> Iterator[Forecasts]:
    """The forecasts of a log in the order written, verified on the way.

    Raises:
        BrokenLog: see `verify`.
    """
    for _, line in _lines(path):
        yield Forecasts(
            as_of=date.fromisoformat(line["as_of"]),
            offer=line["offer"],
            model=line["model"],
            written_at=datetime.fromisoformat(line["written_at"]),
            scores=line["scores"],
        )


def chained_anew(path: Path, change: Callable[[str], str]) -> tuple[str, Head] | None:
    """The log with a change made to its text and each line chained anew.

    Only erasing a person may call for it; what was erased when, the caller signs.

    Returns:
        The text and its end; None when the change touches no line.

    Raises:
        BrokenLog: the log as it stands is broken.
    """
    previous, out, has_changed, n_lines = GENESIS, [], False, 0
    for _, line in _lines(path):
        said = {name: line[name] for name in _FIELDS if name != "previous"}
        text = json.dumps(said, ensure_ascii=False)
        changed = change(text)
        has_changed |= changed != text
        body = {**json.loads(changed), "previous": previous}
        previous = _digest(body)
        whole = {**body, "hash": previous}
        out.append(json.dumps(whole, ensure_ascii=False, sort_keys=True))
        n_lines += 1
    if not has_changed:
        return None
    return "".join(f"{line}\n" for line in out), Head(n_lines, previous)


def _lines(path: Path) -> Iterator[tuple[Head, dict]]:
    if not path.exists():
        return
    previous = GENESIS
    with path.open(encoding="utf-8", newline="\n") as log:
        for number, text in enumerate(log, start=1):
            line = _parsed(text, number)
            if line["previous"] != previous:
                raise BrokenLog(
                    f"line {number} ({line['as_of']}) does not follow the line before"
                )
            body = {name: line[name] for name in _FIELDS}
            if _digest(body) != line["hash"]:
                raise BrokenLog(f"line {number} ({line['as_of']}) was altered")
            previous = line["hash"]
            yield Head(number, previous), line


def _parsed(text: str, number: int) -> dict:
    if not text.endswith("\n"):
        raise BrokenLog(f"line {number} was not written to its end")
    try:
        line = json.loads(text)
    except ValueError as error:
        raise BrokenLog(f"line {number} is no JSON") from error
    if not isinstance(line, dict) or set(line) != {*_FIELDS, "hash"}:
        raise BrokenLog(f"line {number} does not have the fields of a forecast")
    return line


def _body(forecasts: Forecasts, previous: str) -> dict:
    return {
        "as_of": forecasts.as_of.isoformat(),
        "offer": forecasts.offer,
        "model": forecasts.model,
        "written_at": forecasts.written_at.isoformat(),
        "scores": {
            account: dict(sorted(horizons.items()))
            for account, horizons in sorted(forecasts.scores.items())
        },
        "previous": previous,
    }


def _key(line: dict) -> tuple[str, str, str]:
    return line["as_of"], line["offer"], line["model"]


def _digest(body: dict) -> str:
    said = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


def _check(forecasts: Forecasts) -> None:
    if forecasts.written_at.tzinfo is None:
        raise NotAppended("the moment of writing names no time zone")
    if forecasts.as_of > forecasts.written_at.date():
        raise NotAppended(
            f"{forecasts.as_of} lies after the moment of writing, "
            f"{forecasts.written_at.date()}"
        )
    for account, horizons in forecasts.scores.items():
        for horizon, p in horizons.items():
            if not 0.0 <= p <= 1.0:
                raise NotAppended(f"{p} for {account} at {horizon} is no probability")
