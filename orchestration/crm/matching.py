"""Which record of a CRM an account is: organisation number, then domain, then name.

A report of proposals that a person approves, and a queue of records to create that is
approved on its own. Nothing is written to the CRM here, and nothing is picked where two
would do.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
from rapidfuzz import fuzz, process

from orchestration.crm.destinations.found import open_destination
from orchestration.crm.destinations.protocol import (
    ACCOUNT,
    Destination,
    RemoteCompany,
)
from orchestration.crm.fault import CrmError
from orchestration.crm.state import Match, State
from orchestration.crm.sync import alone, crm_ids, published_updates

ORG_NUMBER, DOMAIN, NAME = "organisation number", "domain", "name"
NOTHING, AMBIGUOUS, TOLD = "nothing", "more than one record", "your own word"
# Names that are less alike than this are not proposed at all; a name alone is never
# approved in bulk, for two companies may bear it.
LEAST_NAME_SCORE = 88.0
_LEGAL = re.compile(
    r"\b(as|asa|ab|aps|a/s|oy|oyj|ltd|limited|plc|gmbh|ag|inc|llc|sa|bv|nv|ans|da|sti)\b"
)


@dataclass(frozen=True)
class Report:
    """Proposals, one an account, and what stands already."""

    destination: str
    matches: tuple[Match, ...]
    n_known: int  # accounts whose record is known already
    n_companies: int  # companies there

    def counts(self) -> dict[str, int]:
        """Accounts by how they were found."""
        return dict(sorted(Counter(m.found_by for m in self.matches).items()))

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {
            "destination": self.destination,
            "known": self.n_known,
            "companies": self.n_companies,
            "counts": self.counts(),
            "matches": [vars(m) for m in self.matches],
        }

    def text(self) -> str:
        """For a terminal."""
        told = ", ".join(f"{n} by {name}" for name, n in self.counts().items())
        lines = [
            f"{self.destination}: {self.n_companies} companies there, {self.n_known} "
            f"accounts known; {told or 'no other account'}"
        ]
        for m in self.matches:
            score = "" if m.score is None else f", score {m.score:.0f}"
            approved = "approved" if m.is_approved else "not approved"
            there = m.remote_id or (m.company or "(to create)")
            name = f" {m.company}" if m.remote_id and m.company else ""
            lines.append(
                f"  {m.key} -> {there}{name}  [{m.found_by}{score}; {approved}]"
            )
        return "\n".join(lines)


def match(
    destination: str,
    home: Path,
    *,
    approve: Sequence[str] = (),
    approve_create: Sequence[str] = (),
    offer: str | None = None,
    target: Destination | None = None,
) -> Report:
    """Propose which record each account is, and approve what is named.

    Args:
        destination: name of the destination.
        home: the home folder.
        approve: `org_number` or `domain` (all found by it), or `ACCOUNT=ID`.
        approve_create: accounts to create, or `all` of those found by nothing.
        offer: the offer; the first by name when left out.
        target: the destination itself, where it is open already.

    Raises:
        CrmError: nothing published yet, the CRM cannot be read, or an approval that
            names nothing.
    """
    target = target or open_destination(destination, home)
    if not target.terms.needs_matching:
        raise CrmError(f"{target.name} holds no other people's companies to match")
    updates, wanted = published_updates(home, offer)
    ours = updates.filter((pl.col("offer") == wanted) & ~pl.col("is_deleted"))
    with alone(home / "crm" / target.name):
        state = State(home / "crm" / target.name)
        try:
            known = {k for k, r in state.records(ACCOUNT).items() if r.remote_id}
            told = crm_ids(home, target.name)
            companies = list(target.companies())
            state.propose(proposals(_accounts(ours, known | set(told)), companies))
            state.approve(_approved(state.matches(), approve, approve_create))
            found = state.matches()
            n_known = len(known | (set(told) & set(ours["account_id"])))
        finally:
            state.close()
    shown = tuple(found[k] for k in sorted(found) if k not in known)
    return Report(target.name, shown, n_known, len(companies))


def proposals(
    accounts: Iterable[Mapping[str, Any]], companies: Sequence[RemoteCompany]
) -> list[Match]:
    """One proposal an account: the surest key decides, and a doubt is said as one.

    Args:
        accounts: with account_id, name, org_number and domain.
        companies: all there are in the CRM.
    """
    by_number = _by(companies, lambda c: _digits(c.org_number))
    by_domain = _by(companies, lambda c: _domain(c.domain))
    names = {c.remote_id: _name(c.name) for c in companies}
    by_id = {c.remote_id: c for c in companies}
    found = []
    for account in accounts:
        key = account["account_id"]
        hits, how = by_number.get(_digits(account["org_number"]), []), ORG_NUMBER
        if not hits:
            hits, how = by_domain.get(_domain(account["domain"]), []), DOMAIN
        if hits:
            found.append(_of_hits(key, hits, how, None))
            continue
        wish = _name(account["name"])
        alike = (
            process.extract(
                wish,
                names,
                scorer=fuzz.token_sort_ratio,
                score_cutoff=LEAST_NAME_SCORE,
                limit=2,
            )
            if wish
            else []
        )
        # A company with another organisation number is another company.
        alike = [
            a for a in alike if _may_be(account["org_number"], by_id[a[2]].org_number)
        ]
        if not alike:
            found.append(Match(key, None, NOTHING, None, account["name"], False))
            continue
        best = alike[0][1]
        hits = [by_id[a[2]] for a in alike if a[1] == best]
        found.append(_of_hits(key, hits, NAME, best))
    taken = Counter(m.remote_id for m in found if m.remote_id)
    return [
        replace(
            m, remote_id=None, found_by=AMBIGUOUS, company="two accounts, one record"
        )
        if m.remote_id and taken[m.remote_id] > 1
        else m
        for m in found
    ]


def _of_hits(
    key: str, hits: Sequence[RemoteCompany], how: str, score: float | None
) -> Match:
    if len(hits) > 1:
        told = f"{how}: " + ", ".join(sorted(c.remote_id for c in hits))
        return Match(key, None, AMBIGUOUS, score, told, False)
    return Match(key, hits[0].remote_id, how, score, hits[0].name, False)


def _approved(
    matches: Mapping[str, Match], approve: Sequence[str], approve_create: Sequence[str]
) -> list[str]:
    bulk = {"org_number": ORG_NUMBER, "domain": DOMAIN}
    keys = []
    for said in approve:
        if said in bulk:
            keys += [k for k, m in matches.items() if m.found_by == bulk[said]]
            continue
        key, _, remote_id = said.partition("=")
        if key not in matches or not remote_id or matches[key].remote_id != remote_id:
            raise CrmError(
                f"--approve {said}: it is org_number, domain, or ACCOUNT=ID as the "
                "report shows it"
            )
        keys.append(key)
    queue = [k for k, m in matches.items() if m.found_by == NOTHING]
    for said in approve_create:
        if said == "all":
            keys += queue
        elif said in queue:
            keys.append(said)
        else:
            raise CrmError(f"--approve-create {said}: it is not in the queue to create")
    return keys


def _accounts(updates: pl.DataFrame, known: set[str]) -> list[dict[str, Any]]:
    return [
        row for row in updates.iter_rows(named=True) if row["account_id"] not in known
    ]


def _by(companies: Sequence[RemoteCompany], key: Any) -> dict[str, list[RemoteCompany]]:
    found: dict[str, list[RemoteCompany]] = {}
    for company in companies:
        if said := key(company):
            found.setdefault(said, []).append(company)
    return found


def _digits(number: str | None) -> str:
    """An organisation number as it is compared: a CRM may write 923 609 016."""
    said = re.sub(r"[^0-9A-Za-z]", "", number or "").upper()
    return said.removeprefix("NO").removesuffix("MVA")


def _domain(domain: str | None) -> str:
    said = (domain or "").lower().removeprefix("https://").removeprefix("http://")
    return said.split("/")[0].removeprefix("www.")


def _name(name: str | None) -> str:
    said = _LEGAL.sub(" ", (name or "").casefold())
    return " ".join(re.sub(r"[^\w ]", " ", said).split())


def _may_be(ours: str | None, theirs: str | None) -> bool:
    one, other = _digits(ours), _digits(theirs)
    return not one or not other or one == other
