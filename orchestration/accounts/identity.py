"""Which unit of the register an account is: candidates with scores and reasons.

Evidence is weighed here: a name, a home page, a number on the own site. What is sure
enough is filled in; the rest is asked about. Fetching belongs to discovery.py.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod

from scrapers.extract.company_names import best_likeness, same_company
from scrapers.lookups.register_search.read import RegisterUnit

# How sure each piece of evidence alone makes it that a unit is the account.
SAME_NAME, SAME_LETTERS, OTHER_FORM, HOME_PAGE, OWN_SITE = 0.9, 0.88, 0.6, 0.85, 0.85
EMAIL, ALIKE, LABEL = 0.5, 0.6, 0.5
# Pieces of the opposite.
ANOTHER_NAME, IS_GONE, IS_INSOLVENT = 0.6, 0.4, 0.8
# The runner-up must be this many times more doubtful, or a person is asked.
AHEAD = 3.0
LEAST_CANDIDATE = 0.3
MOST_CANDIDATES = 5
# A sole trader is a natural person: never proposed.
_PERSONS = ("ENK",)
_PUBLIC_MAIL = frozenset(
    "gmail.com hotmail.com hotmail.no outlook.com live.no online.no yahoo.no yahoo.com "
    "icloud.com me.com msn.com getmail.no frisurf.no broadpark.no lyse.net".split()
)


@dataclass(frozen=True)
class Known:
    """What is known of an account: given, and said by its own site."""

    name: str
    domains: tuple[str, ...]
    site_names: tuple[str, ...] = ()
    site_numbers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """A unit that may be the account."""

    unit: RegisterUnit
    score: float
    reasons: tuple[str, ...]

    def sentence(self) -> str:
        """The candidate for a person to judge."""
        unit = self.unit
        told = ", ".join(t for t in (unit.name, unit.legal_form, unit.place) if t)
        return f"{told}: {'; '.join(self.reasons)}"


def candidates(known: Known, units: Iterable[RegisterUnit]) -> list[Candidate]:
    """Units that may be the account, the likeliest first."""
    distinct = {unit.org_number: unit for unit in units}
    scored = (
        _candidate(known, unit)
        for unit in distinct.values()
        if unit.legal_form not in _PERSONS
    )
    return sorted(
        (c for c in scored if c.score >= LEAST_CANDIDATE),
        key=lambda c: (-c.score, c.unit.org_number),
    )


def decided(found: Sequence[Candidate], bar: float) -> Candidate | None:
    """The candidate that is sure enough and clearly ahead; None asks a person."""
    if not found or found[0].score < bar:
        return None
    if len(found) > 1 and 1 - found[1].score < AHEAD * (1 - found[0].score):
        return None
    return found[0]


def _candidate(known: Known, unit: RegisterUnit) -> Candidate:
    evidence, reasons = [], []
    names = [known.name] if known.name else list(known.site_names)
    unit_names = (unit.name, *unit.former_names)
    likeness = best_likeness(names, unit_names)
    if names and likeness.score:
        evidence.append(_of_name(likeness.score))
        which = "name" if known.name else "name on the site"
        is_former = same_company(names[0], unit.name).score < likeness.score
        reasons.append(
            f"{'former ' if is_former else ''}{which} {likeness.score:.2f} "
            f"({', '.join(likeness.reasons)})"
        )
    domains = {_bare(domain) for domain in known.domains}
    if unit.home_domain in domains:
        evidence.append(HOME_PAGE)
        reasons.append(f"its home page in the register is {unit.home_domain}")
    elif unit.email_domain in domains - _PUBLIC_MAIL:
        evidence.append(EMAIL)
        reasons.append(f"its e-mail in the register is at {unit.email_domain}")
    if unit.org_number in known.site_numbers:
        evidence.append(OWN_SITE)
        reasons.append("its number stands on the account's own site")
    if domains and not known.name:
        label = max(
            same_company(domain.rpartition(".")[0], name).score
            for domain in domains
            for name in unit_names
        )
        if label >= 0.5:
            evidence.append(LABEL * label)
            reasons.append(f"the domain is like its name ({label:.2f})")
    score = 1 - prod(1 - e for e in evidence)
    if known.name and likeness.score < 0.5:
        score *= ANOTHER_NAME
        reasons.append("the names differ")
    if unit.is_gone:
        score *= IS_GONE
        reasons.append("it is deleted in the register")
    elif unit.is_insolvent:
        score *= IS_INSOLVENT
        reasons.append("it is bankrupt or being wound up")
    return Candidate(unit, round(score, 3), tuple(reasons))


def _of_name(likeness: float) -> float:
    if likeness >= 0.98:
        return SAME_NAME
    if likeness >= 0.95:
        return SAME_LETTERS
    # "The same name, another legal form" is 0.9, and so are near misses.
    return min(OTHER_FORM, ALIKE * likeness / 0.9)


def _bare(domain: str) -> str:
    return domain.removeprefix("www.")
