"""What a publisher reserves: text and data mining (TDMRep) and content signals.

Reading what robots.txt, `/.well-known/tdmrep.json`, a header or a page says belongs
here; asking for it and holding to it does not (middlewares/reservations.py). Which
signals concern us, and why, stands in docs/decisions/0004-reserved-is-not-mined.md.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

RULES_PATH = "/.well-known/tdmrep.json"
HEADER = "tdm-reservation"
# The one use of the three that is ours: to keep an index of what pages say and to
# quote it with a link. Nothing fetched is given to a language model or trains one.
OUR_USE = "search"
_MOST_RULES = 1_000
_LONGEST_PATTERN = 500
_HEAD_BYTES = 100_000
_META = re.compile(rb"<meta\b[^>]{0,500}>", re.IGNORECASE)
_NAMED = re.compile(rb"""\bname\s*=\s*["']?\s*tdm-reservation\b""", re.IGNORECASE)
_CONTENT = re.compile(rb"""\bcontent\s*=\s*["']?\s*1(?![\w.])""", re.IGNORECASE)


@dataclass(frozen=True)
class Rule:
    """One rule of tdmrep.json: a path with wildcards, and whether it is reserved."""

    location: str
    is_reserved: bool


EVERYTHING = (Rule("/", True),)


def tdm_rules(body: bytes) -> tuple[Rule, ...]:
    """The rules of a tdmrep.json; none for a page sent instead of the file.

    A file that speaks of a reservation and cannot be understood reserves everything:
    its publisher wanted something reserved, and guessing what would be ours.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        # Many sites answer every address with a page.
        is_page = body.lstrip()[:1] in (b"<", b"")
        return EVERYTHING if HEADER.encode() in body and not is_page else ()
    if isinstance(document, dict):
        document = [document]
    if not isinstance(document, list):
        return ()
    rules = []
    for entry in document[:_MOST_RULES]:
        if not isinstance(entry, Mapping) or HEADER not in entry:
            continue
        is_reserved = str(entry[HEADER]).strip().lower() in ("1", "true")
        location = entry.get("location", "/")
        if isinstance(location, str) and len(location) <= _LONGEST_PATTERN:
            rules.append(Rule(location, is_reserved))
        elif is_reserved:
            return EVERYTHING
    return tuple(rules)


def reserved_by(rules: Iterable[Rule], url: str) -> bool:
    """True when the first rule that speaks of an address reserves it."""
    parts = urlsplit(url)
    path = parts.path or "/"
    if parts.query:
        path = f"{path}?{parts.query}"
    for rule in rules:
        if _matches(rule.location, path):
            return rule.is_reserved
    return False


def _matches(pattern: str, path: str) -> bool:
    """A prefix with `*` for any characters and `$` for the end, as in robots.txt.

    Takes time in proportion to pattern and path: nothing is tried twice.
    """
    is_whole = pattern.endswith("$")
    first, *others = pattern.removesuffix("$").split("*")
    if not path.startswith(first if first.startswith("/") or others else f"/{first}"):
        return False
    at = len(first)
    for number, part in enumerate(others):
        is_last = number == len(others) - 1
        if is_whole and is_last:
            return len(path) - len(part) >= at and path.endswith(part)
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return not is_whole or at == len(path)


def reserved_in_headers(values: Iterable[str]) -> bool:
    """True when a `tdm-reservation` header says 1."""
    return any(
        part.strip() == "1" for value in values for part in value.split(",")
    )  # fmt: skip


def reservation_end(body: bytes) -> int | None:
    """Where the meta element that reserves a page ends; None without one."""
    head = body[:_HEAD_BYTES]
    if HEADER.encode() not in head.lower():
        return None
    for tag in _META.finditer(head):
        if _NAMED.search(tag[0]) and _CONTENT.search(tag[0]):
            return tag.end()
    return None


# --- content signals -------------------------------------------------------------


def content_signals(robots: str, agent: str) -> dict[str, bool]:
    """The `Content-Signal` of robots.txt for an agent: a use, and whether it may be.

    Lines of the group that names the agent hold, else those of the group for all. A
    line before any group speaks to all; a use that is not named is not spoken of.
    """
    found: dict[str, dict[str, bool]] = {}
    for agents, line in _signal_lines(robots):
        signals = dict(_signals(line))
        for name in agents or ("*",):
            for use, may in signals.items():
                # Of two lines that disagree the one that denies holds.
                group = found.setdefault(name, {})
                group[use] = group.get(use, True) and may
    own = next((a for a in found if a not in ("", "*") and a in agent.lower()), "*")
    return found.get(own, {})


def _signal_lines(robots: str) -> Iterator[tuple[tuple[str, ...], str]]:
    agents: list[str] = []
    is_open = False
    for line in robots.splitlines():
        name, colon, value = line.split("#", 1)[0].partition(":")
        name, value = name.strip().lower(), value.strip()
        if not colon:
            continue
        if name == "user-agent":
            agents = [*agents, value.lower()] if is_open else [value.lower()]
            is_open = True
        elif name == "content-signal":
            yield tuple(agents), value
            is_open = False
        elif name != "sitemap":
            is_open = False


def _signals(value: str) -> Iterator[tuple[str, bool]]:
    for part in value.split(","):
        use, equals, may = part.strip().lower().partition("=")
        if equals and may.strip() in ("yes", "no"):
            yield use.split()[-1] if use.split() else "", may.strip() == "yes"


def reserved_by_signals(signals: Mapping[str, Any]) -> bool:
    """True when our use of the content is denied."""
    return signals.get(OUR_USE) is False
