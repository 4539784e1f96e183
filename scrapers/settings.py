"""The crawler's environment, read in this one module.

Which sources, days and accounts to crawl are arguments of `scrapers.run`; places and
secrets stand here.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_ABOUT = "open observatory of public signals; obeys robots.txt"
_PACES = {"": None, "learned": True, "every": False}


@dataclass(frozen=True)
class CrawlSettings:
    """What the crawler takes from its environment."""

    user_agent: str
    max_payload_bytes: int
    timeout_s: float
    is_paced: bool | None
    browser: str | None


def crawl_settings() -> CrawlSettings:
    """Settings from LYTTEPOST_CONTACT, _MAX_BYTES, _TIMEOUT_S, _PACE and _BROWSER.

    ``is_paced`` is None when nothing is said: then the real web is, and a replay not.
    ``browser`` is the program that renders pages, None to do without.

    Raises:
        ValueError: when LYTTEPOST_MAX_BYTES is not a number, or LYTTEPOST_PACE neither
            "learned" nor "every".
    """
    contact = os.environ.get("LYTTEPOST_CONTACT", "").strip()
    about = f"{_ABOUT}; contact: {contact}" if contact else _ABOUT
    limit = os.environ.get("LYTTEPOST_MAX_BYTES", "10000000")
    if not limit.isdecimal():
        raise ValueError(f"LYTTEPOST_MAX_BYTES is {limit!r}, which is not a number")
    pace = os.environ.get("LYTTEPOST_PACE", "")
    if pace not in _PACES:
        raise ValueError(f"LYTTEPOST_PACE is {pace!r}: neither 'learned' nor 'every'")
    return CrawlSettings(
        user_agent=f"Lyttepost/0.1 ({about})",
        max_payload_bytes=int(limit),
        timeout_s=float(os.environ.get("LYTTEPOST_TIMEOUT_S", "30")),
        is_paced=_PACES[pace],
        browser=os.environ.get("LYTTEPOST_BROWSER") or None,
    )


def logs_json() -> bool:
    """True when log lines are to be JSON: LYTTEPOST_LOG is "json"; else plain.

    Raises:
        ValueError: it is something else.
    """
    told = os.environ.get("LYTTEPOST_LOG", "")
    if told not in ("", "json", "plain"):
        raise ValueError(f"LYTTEPOST_LOG is {told!r}: neither 'json' nor 'plain'")
    return told == "json"


def store_address() -> str:
    """Where raw and parsed data are kept: LYTTEPOST_STORE; "" for the home alone.

    Any path that fsspec understands; an address may hold a secret, and then stands in
    the file that LYTTEPOST_STORE_FILE names.

    Raises:
        OSError: when that file cannot be read.
    """
    told = os.environ.get("LYTTEPOST_STORE", "").strip()
    file = os.environ.get("LYTTEPOST_STORE_FILE")
    if told or not file:
        return told
    with open(file, encoding="utf-8") as held:
        return held.read().strip()


def has_setting(name: str) -> bool:
    """True when an environment variable a source needs is set; "" needs none."""
    return not name or any(os.environ.get(n) for n in (name, f"{name}_FILE"))


def secret_of(name: str) -> str | None:
    """The secret a source needs (its ``needs_setting``); None when it is not set.

    It stands in the variable, or in the file that ``<name>_FILE`` names.

    Raises:
        OSError: the file cannot be read.
    """
    if not name:
        return None
    if told := os.environ.get(name):
        return told
    file = os.environ.get(f"{name}_FILE")
    return (Path(file).read_text("utf-8").strip() or None) if file else None


def take_environment(environment: Mapping[str, str]) -> None:
    """Make this the environment of this process."""
    os.environ.clear()
    os.environ.update(environment)
