"""Plays: whom to talk to, why now, and until when (SCIENCE 4).

A play is a rule on signals; its window is a function of the play, the date of the
change and the day, and of nothing else. The score orders accounts; it does not choose
what is said. `plays.yml` is read here and nowhere else.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from string import Formatter
from typing import Any

from orchestration.scoring.people import (
    SUCCESSION_DAYS,
    first_listed,
    has_left,
    has_moved,
    listed,
    predecessor,
)
from orchestration.scoring.sentences import Words, day, day_phrase, inside
from orchestration.scoring.strict_yaml import (
    ConfigError,
    entries,
    items,
    number,
    one_of,
    read_document,
    text,
    texts,
    where,
    whole,
)
from scrapers.source import withdrawing_sources

PLAYS_FILE = Path(__file__).with_name("plays.yml")

_TOP = frozenset(
    [
        "version",
        "attention_budget",
        "exploration_share",
        "days_between_plays",
        "least_evidence",
        "sector_shift_nb",
        "sector_shift_en",
        "closing_days",
        "remember_closed_days",
        "plays",
    ]
)
_REQUIRED = frozenset(
    [
        "id",
        "priority",
        "any_of",
        "who",
        "open_days",
        "close_days",
        "why_nb",
        "why_en",
        "stop",
    ]
)
_OPTIONAL = frozenset(
    [
        "functions",
        "min_seniority",
        "and_any_of",
        "within_days",
        "none_of",
        "none_within_days",
        "interrupts",
        "remember_days",
        "head_of",
        "opening_question_nb",
        "opening_question_en",
        "do_not_say_nb",
        "do_not_say_en",
    ]
)
_WHO = {
    "signal_person": "the person the signal names",
    "notice_contact": "the contact point of the notice",
    "superior": "the general manager",
    "function_head": "the most senior person of a function",
    "nobody": "nobody",
}
# Who leads a function where nobody is listed as such.
_GENERAL = Words("daglig leder", "chief executive")
_HEADS = {
    "sales": Words("salgsleder", "head of sales"),
    "marketing": Words("markedssjef", "head of marketing"),
    "finance": Words("økonomisjef", "head of finance"),
    "it": Words("IT-sjef", "head of IT"),
    "operations": Words("driftssjef", "head of operations"),
    "procurement": Words("innkjøpssjef", "head of procurement"),
    "hr": Words("HR-sjef", "head of HR"),
}
_SLOTS = frozenset(["name", "role", "when", "quote", "predecessor", "n_jobs"])
_CONTEXT_SLOTS = frozenset(["what", "segment", "n"])
_YES = {"yes": "it does", "no": "it does not"}
_ACTIVE = ("open", "closing", "opening")


@dataclass(frozen=True)
class Play:
    """One rule: which signals open it, who is talked to, what is said, until when."""

    id: str
    priority: float
    any_of: tuple[str, ...]
    who: str
    open_days: int
    close_days: int
    why: Words
    stop: tuple[str, ...]
    functions: tuple[str, ...] = ()
    min_seniority: int = 0
    and_any_of: tuple[str, ...] = ()
    within_days: int = 0
    none_of: tuple[str, ...] = ()  # signals that forbid the play, so near its own
    none_within_days: int = 0
    interrupts: bool = False  # may follow another play before its days are over
    head_of: tuple[str, ...] = ()
    opening_question: Words | None = None
    do_not_say: Words | None = None
    remember_days: int | None = None  # of a closed window; the playbook's by default


@dataclass(frozen=True)
class Plays:
    """One version of the playbook."""

    version: int
    attention_budget: int  # accounts a seller is given in a week, at most
    closing_days: int
    remember_closed_days: int
    plays: tuple[Play, ...]
    days_between_plays: int = 30  # one play an account in so many
    least_evidence: int = 2  # captures behind a play; fewer make it a watch
    # Share of a call list that is drawn by lot (SCIENCE 3.8).
    exploration_share: float = 0.05
    sector_shift: Words | None = None  # context of a row, never a reason to call

    @property
    def digest(self) -> str:
        """First 12 hex characters of the SHA-256 of all that is said here."""
        said = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Window:
    """When to act: state, first and last day; `share` is what remains of it, 0 to 1."""

    state: str
    opens_on: date | None
    act_before: date | None
    share: float


@dataclass(frozen=True)
class Advice:
    """What a play says about an account on a day."""

    play: str | None
    window: Window
    role: Words | None
    name: str | None
    why_now: Words | None
    opening_question: Words | None
    do_not_say: Words | None
    signal_ids: tuple[str, ...]


NO_WINDOW = Window("none", None, None, 0.0)
NO_ADVICE = Advice(None, NO_WINDOW, None, None, None, None, None, ())


def load_plays(path: Path = PLAYS_FILE) -> Plays:
    """Read a playbook.

    Raises:
        ConfigError: naming file and line of what is unknown, repeated, missing or
            contradicts itself.
    """
    top = entries(path, read_document(path), _TOP)
    plays: dict[str, Play] = {}
    for node in items(path, top["plays"]):
        play = _play(path, entries(path, node, _REQUIRED, _OPTIONAL))
        if play.id in plays:
            raise ConfigError(f"{where(path, node)}: play {play.id!r} is given twice")
        if play.close_days < play.open_days:
            raise ConfigError(
                f"{where(path, node)}: the window of {play.id} closes before it opens"
            )
        plays[play.id] = play
    share = number(path, top["exploration_share"])
    if not 0.0 <= share <= 1.0:
        place = where(path, top["exploration_share"])
        raise ConfigError(f"{place}: a share from 0 to 1 is expected here")
    return Plays(
        version=whole(path, top["version"]),
        attention_budget=whole(path, top["attention_budget"]),
        closing_days=whole(path, top["closing_days"]),
        remember_closed_days=whole(path, top["remember_closed_days"]),
        plays=tuple(plays.values()),
        days_between_plays=whole(path, top["days_between_plays"]),
        least_evidence=whole(path, top["least_evidence"]),
        exploration_share=share,
        sector_shift=Words(
            _with_slots(path, top["sector_shift_nb"], _CONTEXT_SLOTS),
            _with_slots(path, top["sector_shift_en"], _CONTEXT_SLOTS),
        ),
    )


def window(play: Play, plays: Plays, effective_on: date, as_of: date) -> Window:
    """The window of a play on a day.

    Opens `open_days` after the change and closes `close_days` after it; before it
    opens it is `opening`, in its last `closing_days` days `closing`, afterwards
    `closed`, and `none` once it has been closed for `remember_closed_days`.

    Args:
        play: the rule.
        plays: the playbook it is in.
        effective_on: day of the change (effective_pt).
        as_of: the day it is read.
    """
    opens_on = effective_on + timedelta(days=play.open_days)
    last = effective_on + timedelta(days=play.close_days)
    if play.who == "nobody" or as_of > last:
        state = "closed"
    elif as_of < opens_on:
        state = "opening"
    elif (last - as_of).days < plays.closing_days:
        state = "closing"
    else:
        state = "open"
    remembered = play.remember_days
    if remembered is None:
        remembered = plays.remember_closed_days
    if (as_of - last).days > remembered:
        return NO_WINDOW
    length = max((last - opens_on).days, 1)
    remaining = (last - max(as_of, opens_on)).days
    return Window(state, opens_on, last, min(max(remaining / length, 0.0), 1.0))


def advise(
    plays: Plays,
    signals: Sequence[Mapping[str, Any]],
    people: Sequence[Mapping[str, Any]],
    as_of: date,
) -> Advice:
    """The play of an account on a day.

    Among the plays whose window is not closed the one with the largest
    `priority * remaining share` (SCIENCE 4; the probability is the account's and
    orders accounts, not plays) is taken; without one, the play closed last.

    Args:
        plays: the playbook.
        signals: the account's signals as of the day (contract columns).
        people: the account's people events as they stood at the end of the day.
        as_of: the day.
    """
    found: list[tuple[tuple[Any, ...], Advice]] = []
    for play in plays.plays:
        for anchor in _anchors(play, signals):
            advice = _advice(plays, play, anchor, signals, people, as_of)
            if advice.window.state == "none":
                continue
            share = advice.window.share if advice.window.state in _ACTIVE else 0.0
            closes = advice.window.act_before or as_of
            order = (
                advice.window.state not in _ACTIVE,
                -play.priority * share,
                -closes.toordinal(),
                play.id,
                anchor["signal_id"],
            )
            found.append((order, advice))
    return min(found, key=lambda pair: pair[0])[1] if found else NO_ADVICE


def _play(path: Path, fields: dict[str, Any]) -> Play:
    def words(stem: str) -> Words | None:
        nb, en = fields.get(f"{stem}_nb"), fields.get(f"{stem}_en")
        if nb is None and en is None:
            return None
        if nb is None or en is None:
            raise ConfigError(f"{path}: {stem} must be given in Norwegian and English")
        return Words(text(path, nb), text(path, en))

    why = words("why")
    if why is None:
        raise ConfigError(f"{path}: why_nb and why_en are missing")
    for key in ("why_nb", "why_en"):
        _with_slots(path, fields[key], _SLOTS)
    return Play(
        id=text(path, fields["id"]),
        priority=number(path, fields["priority"]),
        any_of=texts(path, fields["any_of"]),
        who=one_of(path, fields["who"], _WHO),
        open_days=whole(path, fields["open_days"]),
        close_days=whole(path, fields["close_days"]),
        why=why,
        stop=texts(path, fields["stop"]),
        functions=_optional(path, fields, "functions"),
        min_seniority=(
            whole(path, fields["min_seniority"]) if "min_seniority" in fields else 0
        ),
        and_any_of=_optional(path, fields, "and_any_of"),
        within_days=whole(path, fields["within_days"])
        if "within_days" in fields
        else 0,
        none_of=_optional(path, fields, "none_of"),
        none_within_days=whole(path, fields["none_within_days"])
        if "none_within_days" in fields
        else 0,
        interrupts="interrupts" in fields
        and one_of(path, fields["interrupts"], _YES) == "yes",
        head_of=_optional(path, fields, "head_of"),
        opening_question=words("opening_question"),
        do_not_say=words("do_not_say"),
        remember_days=(
            whole(path, fields["remember_days"]) if "remember_days" in fields else None
        ),
    )


def _with_slots(path: Path, node: Any, slots: frozenset[str]) -> str:
    said = text(path, node)
    parts = Formatter().parse(said)
    unknown = sorted({slot for _, slot, _, _ in parts if slot} - slots)
    if unknown:
        raise ConfigError(f"{where(path, node)}: slot {unknown[0]!r} is not understood")
    return said


def _optional(path: Path, fields: dict[str, Any], key: str) -> tuple[str, ...]:
    return texts(path, fields[key]) if key in fields else ()


def _newest_first(signals: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    # Of an appointment and the replacement it is part of, the fuller story leads.
    return sorted(
        signals,
        key=lambda s: (
            s["effective_pt"],
            s["signal_type"] == "functional_leader_replaced",
            s["signal_id"],
        ),
        reverse=True,
    )


def _anchors(
    play: Play, signals: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """The newest signal that opens the play, one per function."""
    newest: dict[str | None, Mapping[str, Any]] = {}
    for signal in _newest_first(signals):
        if signal["signal_type"] not in play.any_of:
            continue
        if play.functions and _function(signal) not in play.functions:
            continue
        # A register names the chief executive without a level.
        level = 4 if signal["signal_type"] == "ceo_change" else signal["seniority"]
        if (level or 0) < play.min_seniority:
            continue
        if play.who == "signal_person" and (has_left(signal) or has_moved(signal)):
            continue
        if play.and_any_of and not _companions(play, signal, signals):
            continue
        if _is_forbidden(play, signal, signals):
            continue
        newest.setdefault(_function(signal), signal)
    return list(newest.values())


def _function(signal: Mapping[str, Any]) -> str | None:
    if signal["signal_type"] == "ceo_change":
        return "general"
    return signal["function"]


def _companions(
    play: Play, anchor: Mapping[str, Any], signals: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    reach = timedelta(days=play.within_days)
    return [
        s
        for s in _newest_first(signals)
        if s["signal_type"] in play.and_any_of
        and abs(s["effective_pt"] - anchor["effective_pt"]) <= reach
    ]


def _is_forbidden(
    play: Play, anchor: Mapping[str, Any], signals: Sequence[Mapping[str, Any]]
) -> bool:
    reach = timedelta(days=play.none_within_days)
    return any(
        s["signal_type"] in play.none_of
        and abs(s["effective_pt"] - anchor["effective_pt"]) <= reach
        for s in signals
    )


def _stopped_by(
    play: Play, anchor: Mapping[str, Any], signals: Sequence[Mapping[str, Any]]
) -> Mapping[str, Any] | None:
    """What ended the play early: a stop signal, or the person left again."""
    return next((s for s in _newest_first(signals) if _stops(play, anchor, s)), None)


def _stops(play: Play, anchor: Mapping[str, Any], signal: Mapping[str, Any]) -> bool:
    kind = signal["signal_type"]
    later = signal["effective_pt"] - anchor["effective_pt"]
    if signal["signal_id"] == anchor["signal_id"]:
        return False
    if kind in play.stop and kind.startswith("functional_leader"):
        # A successor may have come before the predecessor left.
        is_near = later >= -timedelta(days=SUCCESSION_DAYS)
        return is_near and signal["function"] == anchor["function"]
    if later < timedelta(0):
        return False
    left_again = (
        play.who == "signal_person"
        and signal["person_name"] == anchor["person_name"]
        and (kind == "functional_leader_departed" or has_left(signal))
    )
    return kind in play.stop or left_again


def _advice(
    plays: Plays,
    play: Play,
    anchor: Mapping[str, Any],
    signals: Sequence[Mapping[str, Any]],
    people: Sequence[Mapping[str, Any]],
    as_of: date,
) -> Advice:
    companions = _companions(play, anchor, signals) if play.and_any_of else []
    newest = max([anchor, *companions], key=lambda s: s["effective_pt"])
    span = window(play, plays, newest["effective_pt"].date(), as_of)
    stop = _stopped_by(play, anchor, signals)
    if stop is not None and span.state in _ACTIVE:
        ended = min(stop["effective_pt"].date(), as_of)
        span = Window("closed", span.opens_on, ended, 0.0)
    before = predecessor(anchor, _function(anchor), people)
    role, name = _talk_to(play, anchor, people)
    behind = [anchor, *companions, *_departures(before, anchor, signals)]
    return Advice(
        play=play.id,
        window=span,
        role=role,
        name=name,
        why_now=_why(play, anchor, companions, before, people, signals),
        opening_question=play.opening_question,
        do_not_say=play.do_not_say,
        signal_ids=tuple(dict.fromkeys(s["signal_id"] for s in behind)),
    )


def _talk_to(
    play: Play, anchor: Mapping[str, Any], people: Sequence[Mapping[str, Any]]
) -> tuple[Words | None, str | None]:
    if play.who == "signal_person":
        title = anchor["person_title"]
        if not title and anchor["signal_type"] == "ceo_change":
            return Words("daglig leder", "chief executive"), anchor["person_name"]
        return (Words(title, title) if title else None), anchor["person_name"]
    if play.who == "notice_contact":
        return (
            Words("kontaktpunktet i kunngjøringen", "the contact point in the notice"),
            None,
        )
    if play.who == "nobody":
        return None, None
    functions = ("general",) if play.who == "superior" else play.head_of
    gone = anchor["person_name"] if play.who == "superior" else None
    for function in functions:
        heads = sorted(
            (
                p
                for p in listed(people)
                if p["function"] == function
                and 3 <= p["seniority"] <= 4
                and p["name"] != gone
                and p["title"]
            ),
            key=lambda p: (-p["seniority"], p["name"]),
        )
        if heads:
            return Words(heads[0]["title"], heads[0]["title"]), heads[0]["name"]
    if play.who == "superior":
        return Words("daglig leder", "chief executive"), None
    return _HEADS.get(play.head_of[0] if play.head_of else "", _GENERAL), None


def _why(
    play: Play,
    anchor: Mapping[str, Any],
    companions: Sequence[Mapping[str, Any]],
    before: Mapping[str, Any] | None,
    people: Sequence[Mapping[str, Any]],
    signals: Sequence[Mapping[str, Any]],
) -> Words | None:
    quoted = next(
        (
            s["quote_after"]
            for s in [*companions, anchor]
            if s["quote_after"] and s["source"] not in withdrawing_sources()
        ),
        None,
    )
    if "{quote}" in play.why.nb and not quoted:
        return None
    if "{name}" in play.why.nb and not anchor["person_name"]:
        return None
    jobs = _jobs_since(anchor["effective_pt"], signals)
    when = day_phrase(anchor)
    role = inside(anchor["person_title"])
    ceo = anchor["signal_type"] == "ceo_change"
    extra = _extra(before, people, jobs)
    return Words(
        play.why.nb.format(
            name=anchor["person_name"],
            role=role or ("daglig leder" if ceo else "leder"),
            when=when.nb,
            quote=quoted,
            predecessor=extra[0].nb,
            n_jobs=extra[1].nb,
        ),
        play.why.en.format(
            name=anchor["person_name"],
            role=role or ("chief executive" if ceo else "leader"),
            when=when.en,
            quote=quoted,
            predecessor=extra[0].en,
            n_jobs=extra[1].en,
        ),
    )


def _jobs_since(moment: datetime, signals: Sequence[Mapping[str, Any]]) -> int:
    return sum(
        s["signal_type"] == "theme_job_opened" and s["effective_pt"] >= moment
        for s in signals
    )


def _departures(
    before: Mapping[str, Any] | None,
    anchor: Mapping[str, Any],
    signals: Sequence[Mapping[str, Any]],
) -> list[Mapping[str, Any]]:
    """The signal that tells of the predecessor, when it is one of its own."""
    if before is None:
        return []
    return [
        s
        for s in _newest_first(signals)
        if s["signal_type"] == "functional_leader_departed"
        and s["function"] == anchor["function"]
        and s["person_name"] == before["name"]
    ][:1]


def _extra(
    before: Mapping[str, Any] | None, people: Sequence[Mapping[str, Any]], jobs: int
) -> tuple[Words, Words]:
    left = Words("", "")
    if before is not None:
        when, name = day_phrase(before), before["name"]
        if before["event"] == "held":
            tenure = _held(before)
        else:
            tenure = _tenure(first_listed(before["person_key"], people))
        if before.get("ended_by") == "moved":
            left = Words(
                f" Forgjengeren {name} fikk en annen rolle {when.nb}{tenure.nb}.",
                f" The predecessor, {name}, took another role {when.en}{tenure.en}.",
            )
        else:
            left = Words(
                f" Forgjengeren {name} falt ut av oppføringen {when.nb}{tenure.nb}.",
                f" The predecessor, {name}, left the listing {when.en}{tenure.en}.",
            )
    since = Words("", "")
    if jobs == 1:
        since = Words(
            " Siden er én stilling om temaet lyst ut.",
            " One post about the theme has been advertised since.",
        )
    elif jobs > 1:
        since = Words(
            f" Siden er {jobs} stillinger om temaet lyst ut.",
            f" {jobs} posts about the theme have been advertised since.",
        )
    return left, since


def _held(tenure: Mapping[str, Any]) -> Words:
    """Since when a slot was held, no more exact than what was observed."""
    if tenure["is_left_censored"] or tenure["held_lo"] is None:
        began = day(tenure["held_hi"])
        return Words(
            f" og hadde hatt rollen minst siden {began.nb}",
            f", having held the role since {began.en} at the latest",
        )
    began = day(tenure["held_lo"] + (tenure["held_hi"] - tenure["held_lo"]) / 2)
    return Words(
        f" og hadde hatt rollen siden {began.nb}",
        f", having held the role since {began.en}",
    )


def _tenure(first: Mapping[str, Any] | None) -> Words:
    if first is None:
        return Words("", "")
    began = day(first["effective_pt"])
    if first["is_left_censored"]:
        return Words(
            f" og hadde stått der minst siden {began.nb}",
            f", having been there since {began.en} at the latest",
        )
    return Words(
        f" og hadde stått der siden {began.nb}", f", having been there since {began.en}"
    )
