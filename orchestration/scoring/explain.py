"""One account's story: what the number is, what it is made of, what was not observed.

Reads score tables and words them for a terminal or a machine; computes nothing new.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from orchestration.scoring.sentences import noun

_INTERCEPT = "intercept"
_WORTH_TELLING = 0.05
_MOST_TOLD = 3
# A probability that differs by less is the same but for rounding.
_ALIKE = 1e-6
# What of a play stands in the lists of a past day; the history holds no names.
_OF_THE_LIST = (
    "talk_to_name",
    "why_now_nb",
    "why_now_en",
    "opening_question_nb",
    "opening_question_en",
    "do_not_say_nb",
    "do_not_say_en",
)


class NotExplained(ValueError):
    """There is nothing to explain: no such account, or no score for that day."""


@dataclass(frozen=True)
class Explanation:
    """The score of an account on a day with its reasons and the coverage behind it."""

    account_id: str
    name: str
    score: Mapping[str, Any]
    reasons: tuple[Mapping[str, Any], ...]  # intercept first, then by size
    coverage: tuple[Mapping[str, Any], ...]

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        not_observed = [
            r["signal_type"]
            for r in self.reasons
            if r["value"] is None and r["signal_type"] != _INTERCEPT
        ]
        return {
            "account_id": self.account_id,
            "name": self.name,
            "score": {k: _plain(v) for k, v in self.score.items()},
            "reasons": [{k: _plain(v) for k, v in r.items()} for r in self.reasons],
            "not_observed": not_observed,
            "why_not_higher": (
                self.why_not_higher() if self.score["state"] == "scored" else []
            ),
            "coverage": [{k: _plain(v) for k, v in c.items()} for c in self.coverage],
        }

    def text(self) -> str:
        """For a terminal: Norwegian, with English beneath where a sentence is told."""
        s = self.score
        lines = [
            f"{self.name} ({self.account_id}), offer {s['offer']}, as of {s['as_of']}"
        ]
        if s["state"] == "abstained":
            lines += [
                "",
                f"Ingen sannsynlighet: {s['abstain_reason_nb']}",
                f"No probability: {s['abstain_reason']}",
                f"Base rate {s['base_rate']:.1%} in {s['horizon_days']} days. "
                "Unknown is not low.",
            ]
        else:
            lines += ["", *self._numbers(), "", *self._contributions()]
            lines += [
                "",
                *self._why_not_higher(),
            ]
        lines += ["", *self._play(), "", *self._unseen(), "", f"{s['model_version']}"]
        return "\n".join(lines)

    def _numbers(self) -> list[str]:
        """What was said; of a day of which only the log was kept, what stands there."""
        s = self.score
        first = f"Probability {s['probability']:.1%} in {s['horizon_days']} days"
        if s["probability_lo"] is not None:
            first += (
                f" (90 % interval {s['probability_lo']:.1%} to "
                f"{s['probability_hi']:.1%})"
            )
        lines = [first]
        if s["base_rate"] is not None:
            lines.append(f"Base rate   {s['base_rate']:.1%}, lift {s['lift']:.1f}")
        lines.append(
            f"Within 30 days {s['probability_30d']:.1%}, within 182 days "
            f"{s['probability_182d']:.1%}"
        )
        if s["need"] is not None:
            lines.append(
                f"Need {s['need']:+.2f}, priority {s['priority']:+.2f}, readiness "
                f"{s['readiness']:+.2f} (log-odds; with the mean account they sum to "
                "the logit)"
            )
        logit = sum(r["contribution"] for r in self.reasons)
        told_since = 1.0 / (1.0 + math.exp(-logit))
        if self.reasons and abs(told_since - s["probability"]) > _ALIKE:
            lines.append(
                "This was written down on the day. The reasons are those of what is "
                f"known of the day now, and sum to {told_since:.1%}"
            )
        return lines

    def _contributions(self) -> list[str]:
        lines = ["Contributions, log-odds (they sum to the logit of the probability):"]
        quiet = [
            r for r in self.reasons if r["signal_type"] != _INTERCEPT and not r["value"]
        ]
        for r in self.reasons:
            if r in quiet:
                continue
            lines.append(f"  {r['contribution']:+.3f}  {r['sentence_nb']}")
            lines.append(f"          {r['sentence_en']}")
            if r["signal_ids"]:
                lines.append(f"          evidence: {', '.join(r['signal_ids'])}")
        absent = [r for r in quiet if r["value"] is not None]
        if absent:
            total = sum(r["contribution"] for r in absent)
            names = ", ".join(noun(r["signal_type"]).en for r in absent)
            lines.append(f"  {total:+.3f}  looked for and not seen: {names}")
        return lines

    def _why_not_higher(self) -> list[str]:
        """What holds the number down, and what would raise it most if it were seen."""
        told = self.why_not_higher()
        if not told:
            return ["Why not higher: nothing that weighs is missing."]
        return ["Why not higher:", *(f"  {line}" for line in told)]

    def why_not_higher(self) -> list[str]:
        """One sentence a cause: what speaks against, is missing, or is unseen."""
        rows = [r for r in self.reasons if r["signal_type"] != _INTERCEPT]
        against = sorted(
            (r for r in rows if r["value"] and r["contribution"] < -_WORTH_TELLING),
            key=lambda r: r["contribution"],
        )
        lines = [
            f"{noun(r['signal_type']).en} takes away {-r['contribution']:.2f}"
            for r in against[:_MOST_TOLD]
        ]
        # What a full unit of a type would add, where there is less than one.
        missing = sorted(
            (
                (r["coefficient"] * (1.0 - min(r["value"], 1.0)), r)
                for r in rows
                if r["value"] is not None and (r["coefficient"] or 0.0) > 0
            ),
            key=lambda pair: (-pair[0], pair[1]["signal_type"]),
        )
        lines += [
            f"{noun(r['signal_type']).en} would add {gain:.2f} at full strength"
            for gain, r in missing[:_MOST_TOLD]
            if gain > _WORTH_TELLING
        ]
        unseen = sorted(
            (
                r
                for r in rows
                if r["value"] is None and (r["coefficient"] or 0.0) > _WORTH_TELLING
            ),
            key=lambda r: (-r["coefficient"], r["signal_type"]),
        )
        if unseen:
            names = ", ".join(noun(r["signal_type"]).en for r in unseen[:_MOST_TOLD])
            lines.append(f"not observed well enough to count: {names}")
        return lines

    def _play(self) -> list[str]:
        s = self.score
        if s["play"] is None:
            return ["No play: no change that says whom to talk to."]
        lines = [f"Play {s['play']}, window {s['window_state']}"]
        if s["window_from"] and s["window_state"] != "closed":
            lines[0] += f", from {s['window_from']}, act before {s['act_before']}"
        if s["window_state"] == "closed":
            lines[0] += f" since {s['act_before']}"
        who = ", ".join(v for v in (s["talk_to_name"], s["talk_to_role"]) if v)
        told = [
            ("Snakk med / talk to", who),
            ("Hvorfor nå", s["why_now_nb"]),
            ("Why now", s["why_now_en"]),
            ("Spør / ask", s["opening_question_nb"]),
            ("La være / leave unsaid", s["do_not_say_nb"]),
            ("Evidence", ", ".join(s["play_signal_ids"])),
        ]
        return lines + [f"  {label}: {value}" for label, value in told if value]

    def _unseen(self) -> list[str]:
        if self.score["state"] == "abstained":
            return ["What was observed:", *self._coverage_lines()]
        types = [
            noun(r["signal_type"]).en
            for r in self.reasons
            if r["value"] is None and r["signal_type"] != _INTERCEPT
        ]
        head = "; ".join(types) if types else "nothing is missing"
        return [f"Not observed well enough: {head}", *self._coverage_lines()]

    def _coverage_lines(self) -> list[str]:
        lines = []
        told = [c for c in self.coverage if c["state"] != "unsupported" or c["visits"]]
        for c in told:
            since = c["observed_since"]
            last = c["last_evidence_at"]
            lines.append(
                f"  {c['source']}: {c['state']}"
                + (f", since {since:%Y-%m-%d}" if since else "")
                + (f", last seen {last:%Y-%m-%d}" if last else "")
                + f", {c['evidence_visits']} of {c['visits']} visits are evidence"
            )
        others = [c["source"] for c in self.coverage if c not in told]
        if others:
            lines.append(f"  cannot be asked: {', '.join(others)}")
        return lines


def explain(
    account: str,
    as_of: date | None,
    tables: Mapping[str, pl.DataFrame],
    offer: str | None = None,
) -> Explanation:
    """Explain an account's score.

    Args:
        account: account_id, or a part of the name that fits one account only.
        as_of: a landmark day; the latest by default.
        tables: `account_scores` (of the newest day), `account_score_history` and
            `talk_to_now` (of other days), `score_reasons`, `accounts`, and
            `coverage_daily`, `hist_coverage_daily` or `coverage`.
        offer: the offer; the first by name by default.

    Raises:
        NotExplained: when the account or the day is not there, in one sentence.
    """
    account_id, name = _account(account, tables)
    scores = _of(tables["account_scores"], account_id, offer)
    day = as_of or scores["as_of"].max()
    row = scores.filter(pl.col("as_of") == day).sort("offer")
    if row.is_empty():
        history = _of(tables["account_score_history"], account_id, offer)
        row = history.filter(pl.col("as_of") == day).sort("offer")
        if history.is_empty() and scores.is_empty():
            raise NotExplained(f"{name} ({account_id}) has no score yet")
        if row.is_empty():
            days = sorted(str(d) for d in [*history["as_of"], *scores["as_of"]])
            raise NotExplained(
                f"{name} ({account_id}) has no score as of {as_of}; the days scored "
                f"are from {days[0]} to {days[-1]}"
            )
        row = _with_list(row, tables["talk_to_now"])
    score = row.row(0, named=True)
    reasons = (
        tables["score_reasons"]
        .filter(
            (pl.col("account_id") == account_id)
            & (pl.col("offer") == score["offer"])
            & (pl.col("as_of") == day)
        )
        .sort(
            pl.col("signal_type") != _INTERCEPT,
            -pl.col("contribution").abs(),
            "signal_type",
        )
    )
    return Explanation(
        account_id=account_id,
        name=name,
        score=score,
        reasons=tuple(reasons.iter_rows(named=True)),
        coverage=_coverage(account_id, day, tables),
    )


def _of(table: pl.DataFrame, account_id: str, offer: str | None) -> pl.DataFrame:
    mine = table.filter(pl.col("account_id") == account_id)
    return mine if offer is None else mine.filter(pl.col("offer") == offer)


def _with_list(row: pl.DataFrame, lists: pl.DataFrame) -> pl.DataFrame:
    """A row of a past day with what its list said; empty where it was on none."""
    key = ["account_id", "offer", "as_of"]
    told = lists.select(
        *key, *_OF_THE_LIST, pl.col("signal_ids").alias("play_signal_ids")
    )
    return row.join(told, on=key, how="left").with_columns(
        pl.col("play_signal_ids").fill_null(pl.lit([], pl.List(pl.String)))
    )


def _account(account: str, tables: Mapping[str, pl.DataFrame]) -> tuple[str, str]:
    accounts = tables.get("accounts")
    if accounts is None:
        return account, account
    exact = accounts.filter(pl.col("account_id") == account)
    if exact.is_empty():
        exact = accounts.filter(
            pl.col("name")
            .str.to_lowercase()
            .str.contains(account.lower(), literal=True)
        )
    if exact.height == 1:
        found = exact.row(0, named=True)
        return found["account_id"], found["name"]
    if exact.is_empty():
        raise NotExplained(f"no account has the id or a name with {account!r}")
    names = ", ".join(sorted(exact["name"])[:5])
    raise NotExplained(f"{account!r} fits {exact.height} accounts: {names}")


def _coverage(
    account_id: str, day: Any, tables: Mapping[str, pl.DataFrame]
) -> tuple[Mapping[str, Any], ...]:
    for name in ("coverage_daily", "hist_coverage_daily", "coverage"):
        if name in tables:
            rows = tables[name].filter(
                (pl.col("account_id") == account_id) & (pl.col("as_of") == day)
            )
            return tuple(rows.sort("source").iter_rows(named=True))
    return ()


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
