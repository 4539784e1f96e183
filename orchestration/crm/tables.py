"""`crm_account_updates` and `crm_tasks`: what a CRM is to hold, as two plain tables.

For our own sync and for other people's reverse-ETL tools alike. Pure: frames in, frames
out. Which field of which CRM a column goes to is a field map's; nothing is sent here.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from orchestration.contracts.frames import schema, shaped
from orchestration.contracts.odcs import contract

UPDATES = "crm/crm_account_updates"
TASKS = "crm/crm_tasks"
EVIDENCE_BASE = "published/current/report/evidence"
ACTIVE = ("opening", "open", "closing")

# Lift over the base rate from which a band begins. A band is what a list view sorts by:
# the probability itself moves a little every day.
_BANDS = (("high", 3.0), ("raised", 1.5))
_IDENTITY = ("org_number", "domain", "name")
_MESSAGE = (
    "probability",
    "band",
    "lift",
    "why_now_nb",
    "why_now_en",
    "play",
    "talk_to_role",
    "talk_to_name",
    "opening_question_nb",
    "opening_question_en",
    "do_not_say_nb",
    "do_not_say_en",
    "window_state",
    "window_from",
    "act_before",
    "evidence_url",
    "is_listed",
)
# Said of a play only while its window is open.
_OF_PLAY = tuple(
    c
    for c in _MESSAGE
    if c
    not in ("probability", "band", "lift", "window_state", "act_before", "is_listed")
)
_SEPARATOR = "\x1f"
_NOTHING = "\x00"

_CLOSED_BY = {
    "functional_leader_appointed": "role filled",
    "functional_leader_replaced": "role filled",
}
WINDOW_CLOSED = "window closed"
SUPERSEDED = "another play came first"
WITHDRAWN = "the change no longer stands"
REMOVED = "the account is no longer watched"


def account_updates(
    scores: pl.DataFrame,
    lists: pl.DataFrame,
    accounts: pl.DataFrame,
    opted_out: frozenset[str],
    previous: pl.DataFrame | None = None,
    *,
    evidence_base: str = EVIDENCE_BASE,
) -> pl.DataFrame:
    """One row an account and offer: what a CRM is to hold about it now.

    Args:
        scores: contract score_days, all days there are.
        lists: contract talk_to_now, all days.
        accounts: contract accounts.
        opted_out: ids of accounts that asked not to be observed.
        previous: the table as it was; None where there is none.
        evidence_base: what stands before `<signal_id>.html` in the evidence address.

    Returns:
        Contract crm_account_updates. `updated_at` is the day from which the row has
        read as it does; without a former table it is taken from the scores of the days.
    """
    promise = contract(UPDATES).in_warehouse
    if scores.is_empty():
        return _with_gone(pl.DataFrame(schema=schema(promise)), previous, None)
    as_of = scores["as_of"].max()
    assert isinstance(as_of, date)
    watched = accounts.filter(~pl.col("account_id").is_in(list(opted_out))).select(
        "account_id",
        "org_number",
        pl.col("domains").list.first().alias("domain"),
        "name",
    )
    days = (
        _messages(scores, lists, evidence_base)
        .join(watched, on="account_id", how="inner")
        .with_columns(_said(*_IDENTITY, *_MESSAGE).alias("said"))
        .sort("account_id", "offer", "as_of")
    )
    group = ["account_id", "offer"]
    changed = pl.col("said").ne_missing(pl.col("said").shift().over(group))
    now = (
        days.with_columns(
            pl.when(changed).then("as_of").otherwise(None).alias("changed_on")
        )
        .with_columns(pl.col("changed_on").forward_fill().over(group))
        .filter(pl.col("as_of") == as_of)
        .with_columns(
            update_key=pl.concat_str("account_id", "offer", separator=":"),
            updated_at=pl.col("changed_on").cast(pl.Datetime("us")),
            row_hash=pl.col("said").map_elements(_digest, return_dtype=pl.String),
            is_deleted=pl.lit(value=False),
        )
    )
    if previous is not None and not previous.is_empty():
        was = previous.select(
            "update_key",
            pl.col("row_hash").alias("was_hash"),
            pl.col("updated_at").alias("was_at"),
        )
        now = now.join(was, on="update_key", how="left").with_columns(
            updated_at=pl.when(pl.col("was_hash").is_null())
            .then("updated_at")
            .when(pl.col("was_hash") == pl.col("row_hash"))
            .then(pl.max_horizontal("was_at", "updated_at"))
            # The days tell what changed in the message; who the account is has no
            # days, and is seen to have changed today.
            .when(pl.col("updated_at") > pl.col("was_at"))
            .then("updated_at")
            .otherwise(pl.lit(as_of).cast(pl.Datetime("us")))
        )
    gone = scores.select("account_id", "offer").unique()
    return _with_gone(shaped(promise, now), previous, as_of, gone)


def tasks(
    scores: pl.DataFrame,
    lists: pl.DataFrame,
    signals: pl.DataFrame,
    accounts: pl.DataFrame,
    opted_out: frozenset[str],
    *,
    stops: Mapping[str, Sequence[str]],
    cooldown_days: int,
    evidence_base: str = EVIDENCE_BASE,
) -> pl.DataFrame:
    """One open task an account, offer and play; and those that have been closed.

    A task opens on the day its account is first on its seller's list, which the
    attention budget caps; it stays while the window is open, and closes with a reason.
    The same play opens again only `cooldown_days` after it closed.

    Args:
        scores: contract score_days, all days.
        lists: contract talk_to_now, all days.
        signals: contract signals: what stopped a play.
        accounts: contract accounts.
        opted_out: ids of accounts that asked not to be observed.
        stops: signal types that stop a play, by its id.
        cooldown_days: of a play at an account and offer.
        evidence_base: what stands before `<signal_id>.html` in the evidence address.

    Returns:
        Contract crm_tasks. Lift and n are of the day and no part of the hash: a task is
        not written anew because an outcome elsewhere moved them.
    """
    promise = contract(TASKS).in_warehouse
    names = {
        account_id: name
        for account_id, name in accounts.select("account_id", "name").iter_rows()
        if account_id not in opted_out
    }
    listed = {
        (r["account_id"], r["offer"], r["as_of"]): r
        for r in lists.filter("is_listed").iter_rows(named=True)
    }
    groups = lists.filter("is_listed").select("account_id", "offer").unique()
    ended = _ended_by(signals)
    last: Any = scores["as_of"].max()
    rows: list[dict[str, Any]] = []
    days = scores.join(groups, on=["account_id", "offer"], how="semi").sort(
        "account_id", "offer", "as_of"
    )
    for (account_id, offer), days_of in _groups(days):
        walked = _Walk(account_id, offer, names.get(account_id), evidence_base)
        for row in days_of:
            place = listed.get((account_id, offer, row["as_of"]))
            walked.day(row, place, ended[account_id], stops, cooldown_days)
        if account_id not in names or days_of[-1]["as_of"] != last:
            walked.close_all(last, REMOVED)
        rows += walked.rows()
    frame = pl.DataFrame(
        {name: [row[name] for row in rows] for name in schema(promise)},
        schema=schema(promise),
    )
    return shaped(promise, frame).sort("task_key")


@dataclass
class _Task:
    play: str
    opened_on: date
    said: dict[str, Any]
    updated_on: date
    lift: float | None = None
    lift_n: int | None = None
    closed_on: date | None = None
    reason: str | None = None


@dataclass
class _Walk:
    """The tasks of one account and offer, day by day."""

    account_id: str
    offer: str
    name: str | None
    evidence_base: str
    tasks: list[_Task] = field(default_factory=list)

    def day(
        self,
        row: Mapping[str, Any],
        place: Mapping[str, Any] | None,
        ended: Sequence[tuple[date, str]],
        stops: Mapping[str, Sequence[str]],
        cooldown_days: int,
    ) -> None:
        today: date = row["as_of"]
        for task in self.tasks:
            if task.closed_on is None and (
                row["play"] != task.play or row["window_state"] not in ACTIVE
            ):
                stop = stops.get(task.play, ())
                _close(task, today, _reason(task, row, ended, stop))
        if row["play"] is None or row["window_state"] not in ACTIVE:
            return
        mine = [t for t in self.tasks if t.play == row["play"]]
        still = next((t for t in mine if t.closed_on is None), None)
        said = _task_words(row, self.evidence_base)
        if still is None:
            cooled = max((t.closed_on for t in mine if t.closed_on), default=None)
            if place is None or (
                cooled is not None and today < cooled + timedelta(days=cooldown_days)
            ):
                return
            still = _Task(row["play"], today, said, today)
            self.tasks.append(still)
        elif said["why_now_nb"] and said["talk_to_role"] and said != still.said:
            still.said, still.updated_on = said, today
        if place is not None:
            still.lift, still.lift_n = place["signal_lift"], place["signal_fired"]

    def close_all(self, on: date, reason: str) -> None:
        for task in self.tasks:
            if task.closed_on is None:
                _close(task, on, reason)

    def rows(self) -> Iterator[dict[str, Any]]:
        for task in self.tasks:
            yield self._row(task)

    def _row(self, task: _Task) -> dict[str, Any]:
        key = _SEPARATOR.join(
            (self.account_id, self.offer, task.play, task.opened_on.isoformat())
        )
        is_open = task.closed_on is None
        # A closed task needs no name and no quote any more.
        said = task.said if is_open else dict.fromkeys(task.said)
        row = said | {
            "task_key": _digest(key),
            "account_id": self.account_id,
            "offer": self.offer,
            "play": task.play,
            "subject_nb": f"{task.said['talk_to_role']}: ta kontakt før "
            f"{task.said['act_before']}",
            "subject_en": f"{task.said['talk_to_role']}: talk to them before "
            f"{task.said['act_before']}",
            "opened_on": task.opened_on,
            "expires_on": task.said["act_before"],
            "status": "open" if is_open else "closed",
            "closed_reason": task.reason,
            "closed_on": task.closed_on,
        }
        hashed = [row[c] for c in sorted(row)]
        row["row_hash"] = _digest(_SEPARATOR.join(map(_text, hashed)))
        row["updated_at"] = datetime(*task.updated_on.timetuple()[:3])
        row["lift"], row["lift_n"] = task.lift, task.lift_n
        row["body_nb"] = _body(_NB, row) if is_open else None
        row["body_en"] = _body(_EN, row) if is_open else None
        return row


# Labels of a task's text: who, why, ask, leave unsaid, evidence, lift, expiry.
_NB = (
    "Hvem",
    "Hvorfor nå",
    "Spør",
    "Ikke si",
    "Belegg",
    "Løft",
    "{lift:.1f} ganger så ofte utfall som uten (av {n} kontodager med signalet)",
    "ikke kjent ennå: for få utfall",
    "Gjelder til",
    "nb",
)
_EN = (
    "Who",
    "Why now",
    "Ask",
    "Do not say",
    "Evidence",
    "Lift",
    "outcomes {lift:.1f} times as often as without (of {n} account-days with it)",
    "not known yet: too few outcomes",
    "Expires",
    "en",
)


def _body(words: Sequence[str], row: Mapping[str, Any]) -> str:
    who, why, ask, unsaid, evidence, lift, known, unknown, expires, language = words
    name = f", {row['talk_to_name']}" if row["talk_to_name"] else ""
    lines = [
        f"{who}: {row['talk_to_role']}{name}",
        f"{why}: {row[f'why_now_{language}']}",
        f"{ask}: {row[f'opening_question_{language}']}",
    ]
    if row[f"do_not_say_{language}"]:
        lines.append(f"{unsaid}: {row[f'do_not_say_{language}']}")
    told = (
        unknown
        if row["lift"] is None
        else known.format(lift=row["lift"], n=row["lift_n"])
    )
    lines += [
        f"{evidence}: {row['evidence_url']}",
        f"{lift}: {told}",
        f"{expires}: {row['expires_on']}",
    ]
    return "\n".join(lines)


def _task_words(row: Mapping[str, Any], evidence_base: str) -> dict[str, Any]:
    ids = row["play_signal_ids"]
    return {
        name: row[name]
        for name in (
            "talk_to_role",
            "talk_to_name",
            "why_now_nb",
            "why_now_en",
            "opening_question_nb",
            "opening_question_en",
            "do_not_say_nb",
            "do_not_say_en",
            "act_before",
        )
    } | {"evidence_url": f"{evidence_base}/{ids[0]}.html" if len(ids) else None}


def _close(task: _Task, on: date, reason: str) -> None:
    task.closed_on, task.updated_on, task.reason = on, on, reason


def _reason(
    task: _Task,
    row: Mapping[str, Any],
    ended: Sequence[tuple[date, str]],
    stop: Sequence[str],
) -> str:
    """Why a task has closed: what stopped its play, else its window, else the rest."""
    today = row["as_of"]
    found = [
        kind for on, kind in ended if kind in stop and task.opened_on <= on <= today
    ]
    if found:
        return _CLOSED_BY.get(found[-1], found[-1].replace("_", " "))
    if row["window_state"] == "closed" or today > task.said["act_before"]:
        return WINDOW_CLOSED
    if row["play"] is not None and row["window_state"] in ACTIVE:
        return SUPERSEDED
    return WITHDRAWN


def _ended_by(signals: pl.DataFrame) -> defaultdict[str, list[tuple[date, str]]]:
    """What was learned of each account, by day, oldest first."""
    found: defaultdict[str, list[tuple[date, str]]] = defaultdict(list)
    for account_id, at, kind in (
        signals.select("account_id", "known_at", "signal_type")
        .sort("known_at", "signal_type")
        .iter_rows()
    ):
        found[account_id].append((at.date(), kind))
    return found


def _groups(
    days: pl.DataFrame,
) -> Iterator[tuple[tuple[str, str], list[dict[str, Any]]]]:
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in days.iter_rows(named=True):
        found.setdefault((row["account_id"], row["offer"]), []).append(row)
    yield from found.items()


def _messages(
    scores: pl.DataFrame, lists: pl.DataFrame, evidence_base: str
) -> pl.DataFrame:
    """What is said of each account on each day; nothing of a play that is not open."""
    ratio = pl.col("probability") / pl.col("base_rate")
    band = pl.lit("base")
    for name, least in reversed(_BANDS):
        band = pl.when(ratio >= least).then(pl.lit(name)).otherwise(band)
    band = pl.when(ratio.is_null()).then(pl.lit("unknown")).otherwise(band)
    is_open = pl.col("window_state").is_in(ACTIVE)
    listed = lists.select("account_id", "offer", "as_of", "is_listed")
    return (
        scores.join(listed, on=["account_id", "offer", "as_of"], how="left")
        .with_columns(
            pl.col("probability").round(3),
            pl.col("lift").round(1),
            band=band,
            is_listed=pl.col("is_listed").fill_null(value=False),
            evidence_url=pl.concat_str(
                pl.lit(f"{evidence_base}/"),
                pl.col("play_signal_ids").list.first(),
                pl.lit(".html"),
            ),
        )
        .with_columns(
            pl.when(is_open).then(c).otherwise(None).alias(c) for c in _OF_PLAY
        )
    )


def _with_gone(
    now: pl.DataFrame,
    previous: pl.DataFrame | None,
    as_of: date | None,
    scored: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """The rows, and one that says deleted for each account no longer watched."""
    promise = contract(UPDATES).in_warehouse
    was: dict[str, dict[str, Any]] = {}
    if scored is not None:
        for account_id, offer in scored.iter_rows():
            was[f"{account_id}:{offer}"] = {"account_id": account_id, "offer": offer}
    if previous is not None:
        was |= {r["update_key"]: r for r in previous.iter_rows(named=True)}
    kept = set(now["update_key"])
    rows = []
    for key in sorted(set(was) - kept):
        old = was[key]
        stays = old.get("is_deleted", False) or as_of is None
        rows.append(
            dict.fromkeys(schema(promise))
            | {
                "update_key": key,
                "account_id": old["account_id"],
                "offer": old["offer"],
                "band": "unknown",
                "window_state": "none",
                "is_listed": False,
                "row_hash": _digest(f"deleted{_SEPARATOR}{key}"),
                "updated_at": old["updated_at"]
                if stays
                else datetime(*as_of.timetuple()[:3]),  # type: ignore[union-attr]
                "is_deleted": True,
            }
        )
    gone = pl.DataFrame(
        {name: [row[name] for row in rows] for name in schema(promise)},
        schema=schema(promise),
    )
    return pl.concat([now, gone]).sort("update_key")


def _said(*columns: str) -> pl.Expr:
    return pl.concat_str(
        [pl.col(c).cast(pl.String).fill_null(_NOTHING) for c in columns],
        separator=_SEPARATOR,
    )


def _text(value: Any) -> str:
    return _NOTHING if value is None else str(value)


def _digest(said: str) -> str:
    return hashlib.sha256(said.encode()).hexdigest()[:32]
