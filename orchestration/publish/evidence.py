"""The archived before and after of a signal, out of the WARC, for people to check.

Reads bytes through `scrapers.landing`, verifies their digest, and shows the text around
the quote. Archived content is only ever shown as text: nothing of it is executed.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
from selectolax.lexbor import LexborHTMLParser

from scrapers.extract.depth import is_too_costly
from scrapers.landing import PayloadCorrupt, PayloadMissing, read_visits
from scrapers.landing import read_payload as landed_payload
from scrapers.source import withdrawing_sources

ReadPayload = Callable[[Path, str, Mapping[str, Any]], bytes]

_AROUND = 260
_MAX_SOURCE = 60_000
_UNSEEN = "script, style, noscript, template, svg, head"


class EvidenceMissing(ValueError):
    """A signal, or the captures it rests on, cannot be found here."""


@dataclass(frozen=True)
class Excerpt:
    """Text of a capture around a quote; `found` is the quote as it stands."""

    before: str
    found: str
    after: str


@dataclass(frozen=True)
class Capture:
    """One archived visit: what it said, and whether the bytes are what was landed."""

    side: str  # before | after
    visit_id: str | None
    url: str | None
    fetched_at: datetime | None
    outcome: str | None
    payload_digest: str | None
    warc_file: str | None
    warc_offset: int | None
    is_verified: bool
    problem: str | None  # why there is nothing to show, in one sentence
    quote: str | None  # as the detector gave it; a note when it is not in the text
    excerpt: Excerpt | None
    gone_quote: str | None  # what the other capture says and this one does not
    text: str
    source_text: str


@dataclass(frozen=True)
class Evidence:
    """A signal with both its captures."""

    signal: Mapping[str, Any]
    captures: tuple[Capture, ...]

    def as_dict(self) -> dict[str, Any]:
        """For machines: the signal and, per capture, everything but the whole text."""
        keep = [
            "side",
            "visit_id",
            "url",
            "fetched_at",
            "outcome",
            "payload_digest",
            "warc_file",
            "warc_offset",
            "is_verified",
            "problem",
            "quote",
            "gone_quote",
        ]
        return {
            "signal": {k: _plain(v) for k, v in self.signal.items()},
            "captures": [
                {k: _plain(getattr(c, k)) for k in keep}
                | {
                    "excerpt": (
                        c.excerpt.before + c.excerpt.found + c.excerpt.after
                        if c.excerpt
                        else None
                    )
                }
                for c in self.captures
            ],
        }

    def text(self) -> str:
        """For a terminal."""
        s = self.signal
        lines = [
            f"{s['label_nb']} / {s['label_en']}  ({s['signal_type']})",
            f"account {s['account_id']}, signal {s['signal_id']}",
            f"happened {_span(s)}, known {s['known_at']:%Y-%m-%d}, {s['status']}",
        ]
        shown = {capture.url for capture in self.captures}
        if s["url"] and s["url"] not in shown:
            lines.append(f"about {s['url']}")
        for capture in self.captures:
            lines += ["", *_told(capture)]
        return "\n".join(lines)


def evidence(
    signal_id: str,
    home: Path,
    signals: pl.DataFrame | None = None,
    visits: pl.DataFrame | None = None,
    read_payload: ReadPayload | None = None,
) -> Evidence:
    """Bring back the captures behind a signal.

    Args:
        signal_id: of the signals table; a beginning of at least 6 characters will do
            when it fits one signal only.
        home: the home folder with `landing/`.
        signals: contract signals; the published ones by default.
        visits: contract landing/visits; read from the landing zone by default.
        read_payload: how bytes are read; `scrapers.landing.read_payload` by default.

    Raises:
        EvidenceMissing: when there is no such signal, or nothing is published yet.
    """
    if signals is None:
        file = home / "published" / "current" / "signals.parquet"
        if not file.exists():
            raise EvidenceMissing(f"{home}: nothing has been published here yet")
        signals = pl.read_parquet(file)
    found = signals.filter(pl.col("signal_id") == signal_id)
    if found.is_empty() and len(signal_id) >= 6:
        found = signals.filter(pl.col("signal_id").str.starts_with(signal_id))
    if found.height != 1:
        many = "more than one signal begins" if found.height else "no signal begins"
        raise EvidenceMissing(f"{many} with {signal_id!r}")
    signal = found.row(0, named=True)
    refs = [signal["before_ref"], signal["after_ref"]]
    if visits is None:
        rows = landed_rows(home, refs, [signal["source"]])
    else:
        rows = rows_by_id(visits, refs)
    return assemble(signal, rows, home, read_payload)


def landed_rows(
    home: Path, visit_ids: Iterable[str | None], sources: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """The visit rows wanted out of the landing zone, by visit_id.

    The sources given are read first; the others only when a visit is still missing.
    """
    wanted = {v for v in visit_ids if v}
    first = list(dict.fromkeys(sources))
    landed = sorted(f.name for f in (home / "landing").glob("[!_.]*") if f.is_dir())
    rows: dict[str, dict[str, Any]] = {}
    for source in [*first, *(s for s in landed if s not in first)]:
        if len(rows) == len(wanted):
            break
        rows |= rows_by_id(read_visits(home, source), wanted)
    return rows


def rows_by_id(
    visits: pl.DataFrame, visit_ids: Iterable[str | None]
) -> dict[str, dict[str, Any]]:
    """The visit rows wanted, by visit_id."""
    wanted = visits.filter(pl.col("visit_id").is_in([v for v in visit_ids if v]))
    return {row["visit_id"]: row for row in wanted.iter_rows(named=True)}


def assemble(
    signal: Mapping[str, Any],
    visits: Mapping[str, Mapping[str, Any]],
    home: Path,
    read_payload: ReadPayload | None = None,
    *,
    quotes_only: bool = False,
) -> Evidence:
    """The evidence of a signal whose visit rows are at hand."""
    before, after = (
        _capture(
            side,
            signal,
            visits.get(signal[f"{side}_ref"]),
            home,
            read_payload or landed_payload,
        )
        for side in ("before", "after")
    )
    captures = tuple(
        _quoted_only(capture, visits, always=quotes_only)
        for capture in (
            replace(before, gone_quote=_gone(before, after, signal)),
            replace(after, gone_quote=_gone(after, before, signal)),
        )
    )
    return Evidence(dict(signal), captures)


def _quoted_only(
    capture: Capture, visits: Mapping[str, Mapping[str, Any]], *, always: bool
) -> Capture:
    """The capture, with nothing but the quote where texts may have to be withdrawn.

    A page of such a source tells of many ads, most of them closed by now.
    """
    visit = visits.get(capture.visit_id) if capture.visit_id else None
    if visit is None or not (always or visit["source"] in withdrawing_sources()):
        return capture
    shown = capture.excerpt and replace(capture.excerpt, before="", after="")
    return replace(capture, excerpt=shown, text="", source_text="")


def excerpt(text: str, quote: str | None) -> Excerpt | None:
    """The text around a quote; None when the quote does not stand there.

    Words are compared without regard to case, spacing and punctuation between them,
    because a quote may run over several elements of a page.
    """
    words = re.findall(r"\w+", quote or "")
    if not words:
        return None
    pattern = r"\W{1,80}?".join(re.escape(w) for w in words)
    match = re.search(rf"(?<!\w){pattern}(?!\w)", text, re.IGNORECASE)
    if match is None:
        return None
    start, end = match.span()
    left = text[max(start - _AROUND, 0) : start]
    right = text[end : end + _AROUND]
    if start > _AROUND:
        left = "… " + left.split(" ", 1)[-1]
    if end + _AROUND < len(text):
        right = right.rsplit(" ", 1)[0] + " …"
    return Excerpt(left, text[start:end], right)


def readable(body: bytes, content_type: str | None) -> str:
    """The text a reader of the page would see; JSON is set out in lines."""
    text = decoded(body, content_type)
    if "json" in (content_type or "") or text.lstrip()[:1] in ("{", "["):
        try:
            return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
        except (json.JSONDecodeError, RecursionError):
            return text
    if "<" not in text or is_too_costly(text):
        return text
    tree = LexborHTMLParser(text)
    for node in tree.css(_UNSEEN):
        node.decompose()
    root = tree.body or tree.root
    lines = root.text(separator="\n", strip=True).splitlines() if root else []
    return "\n".join(line.strip() for line in lines if line.strip())


def decoded(body: bytes, content_type: str | None) -> str:
    """Bytes as text: the charset sent if it fits, else UTF-8, else Windows-1252."""
    sent = re.search(r"charset=\"?([\w.-]+)", content_type or "", re.IGNORECASE)
    for charset in ([sent[1]] if sent else []) + ["utf-8"]:
        try:
            return body.decode(charset)
        except (UnicodeError, LookupError):
            continue
    return body.decode("cp1252", errors="replace")


def _gone(capture: Capture, other: Capture, signal: Mapping[str, Any]) -> str | None:
    """What the other capture says word for word and this one does not say at all."""
    if not (capture.is_verified and other.is_verified):
        return None
    for words in (other.quote, signal["person_name"]):
        if excerpt(other.text, words) and not excerpt(capture.text, words):
            return words
    return None


def _capture(
    side: str,
    signal: Mapping[str, Any],
    visit: Mapping[str, Any] | None,
    home: Path,
    read_payload: ReadPayload,
) -> Capture:
    visit_id, quote = signal[f"{side}_ref"], signal[f"quote_{side}"]
    if visit_id is None:
        return _nothing(
            side, None, None, "the act carries its own date; no capture is needed"
        )
    if visit is None:
        return _nothing(
            side, visit_id, None, f"visit {visit_id} is not in the landing zone"
        )
    try:
        body = read_payload(home, visit["source"], visit)
    except (PayloadMissing, PayloadCorrupt) as error:
        return _nothing(side, visit_id, visit, str(error))
    digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
    if digest != visit["payload_digest"]:
        return _nothing(
            side,
            visit_id,
            visit,
            f"the archived bytes have the digest {digest}, not the one landed",
        )
    text = readable(body, visit["content_type"])
    return Capture(
        side=side,
        visit_id=visit_id,
        url=visit["url"],
        fetched_at=visit["fetched_at"],
        outcome=visit["outcome"],
        payload_digest=digest,
        warc_file=visit["warc_file"],
        warc_offset=visit["warc_offset"],
        is_verified=True,
        problem=None,
        quote=quote,
        excerpt=excerpt(text, quote) or excerpt(text, signal["person_name"]),
        gone_quote=None,
        text=text,
        source_text=decoded(body, visit["content_type"])[:_MAX_SOURCE],
    )


def _nothing(
    side: str, visit_id: str | None, visit: Mapping[str, Any] | None, problem: str
) -> Capture:
    row = visit or {}
    return Capture(
        side=side,
        visit_id=visit_id,
        url=row.get("url"),
        fetched_at=row.get("fetched_at"),
        outcome=row.get("outcome"),
        payload_digest=row.get("payload_digest"),
        warc_file=row.get("warc_file"),
        warc_offset=row.get("warc_offset"),
        is_verified=False,
        problem=problem,
        quote=None,
        excerpt=None,
        gone_quote=None,
        text="",
        source_text="",
    )


def _told(capture: Capture) -> list[str]:
    head = capture.side.upper()
    if capture.fetched_at is None:
        return [f"{head}  {capture.problem}"]
    lines = [
        f"{head}  {capture.url}",
        f"  fetched {capture.fetched_at:%Y-%m-%d %H:%M} UTC ({capture.outcome}), "
        f"{capture.warc_file} at {capture.warc_offset}",
        f"  {capture.payload_digest} "
        + ("verified" if capture.is_verified else f"NOT SHOWN: {capture.problem}"),
    ]
    if capture.excerpt:
        e = capture.excerpt
        said = " ".join(f"{e.before}»{e.found}«{e.after}".split())
        lines.append(f"  {said}")
    elif capture.is_verified and capture.quote:
        lines.append(f"  {capture.quote}")
    elif capture.is_verified:
        lines.append(f"  {' '.join(capture.text[:400].split())} …")
    if capture.gone_quote:
        lines.append(f'  does not say: "{capture.gone_quote}"')
    return lines


def _span(signal: Mapping[str, Any]) -> str:
    lo, hi = signal["effective_lo"], signal["effective_hi"]
    if lo is None:
        return f"by {hi:%Y-%m-%d}"
    return f"between {lo:%Y-%m-%d} and {hi:%Y-%m-%d}"


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
