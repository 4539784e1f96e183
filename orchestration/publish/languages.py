"""How days, figures and names are written in the report's two languages.

Says nothing about accounts. Sentences about accounts come from the tables, in both
languages already; the fixed words of a page stand in its template, side by side.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

_MONTHS = {
    "nb": (
        "januar februar mars april mai juni juli august september oktober november "
        "desember"
    ).split(),
    "en": (
        "January February March April May June July August September October "
        "November December"
    ).split(),
}
_WINDOWS = {
    "opening": ("åpner snart", "opening soon"),
    "open": ("åpent", "open"),
    "closing": ("lukkes snart", "closing soon"),
    "closed": ("lukket", "closed"),
    "none": ("intet vindu", "no window"),
}
_COVERAGE = {
    "fresh": ("fersk", "fresh"),
    "stale": ("gammel", "stale"),
    "blocked": ("stengt ute", "blocked"),
    "unsupported": ("finnes ikke", "not there"),
    "opted_out": ("reservert", "opted out"),
    "unknown": ("ukjent", "unknown"),
}
_OUTCOMES = {
    "ok": ("besvart", "answered"),
    "not_modified": ("uendret", "unchanged"),
    "http_error": ("feil hos nettstedet", "errors of the site"),
    "timeout": ("uten svar i tide", "without an answer in time"),
    "dns_error": ("uten adresse i nettet", "not found by name"),
    "robots_denied": ("nektet av robots.txt", "denied by robots.txt"),
    "blocked": ("avvist", "blocked"),
    "challenge": ("med prøve for roboter", "behind a challenge"),
    "consent_wall": ("bak samtykke", "behind a consent wall"),
    "soft_404": ("finnes ikke", "not there"),
    "truncated": ("avkortet", "cut short"),
    "too_large": ("for store", "too large"),
    "parse_empty": ("uten innhold", "without content"),
    "refused_address": ("ikke tillatt å besøke", "not allowed to visit"),
    "opted_out": ("reservert", "opted out"),
    "tls_error": ("med ugyldig sertifikat", "with a bad certificate"),
    "redirect_loop": ("i ring", "redirected in a loop"),
}
_FAMILIES = {
    "composite": ("Mønstre", "Patterns"),
    "demand": ("Etterspørsel", "Demand"),
    "hiring": ("Ansettelser", "Hiring"),
    "language": ("Språk", "Language"),
    "leadership": ("Ledelse", "Leadership"),
    "money": ("Penger", "Money"),
    "partners": ("Partnere", "Partners"),
    "structure": ("Struktur", "Structure"),
    "tempo": ("Tempo", "Tempo"),
    "unrest": ("Uro", "Unrest"),
}


@dataclass(frozen=True)
class Language:
    """One language of the report: `nb` or `en`."""

    code: str

    def pick(self, nb: str, en: str) -> str:
        """The one of two wordings that is in this language."""
        return nb if self.code == "nb" else en

    def of(self, row: Any, stem: str) -> str | None:
        """A row's sentence in this language: its `<stem>_nb` or `<stem>_en`."""
        name = f"{stem}_{self.code}"
        return row[name] if isinstance(row, Mapping) else getattr(row, name)

    def day(self, moment: date | datetime) -> str:
        """17. februar 2026 or 17 February 2026."""
        month = _MONTHS[self.code][moment.month - 1]
        return f"{moment.day}{self.pick('.', '')} {month} {moment.year}"

    def short_day(self, moment: date | datetime) -> str:
        """17.02.2026 or 17 Feb 2026."""
        if self.code == "nb":
            return f"{moment.day:02d}.{moment.month:02d}.{moment.year}"
        month = _MONTHS["en"][moment.month - 1][:3]
        return f"{moment.day} {month} {moment.year}"

    def month(self, moment: date | datetime) -> str:
        """Februar 2026 or February 2026."""
        return f"{_MONTHS[self.code][moment.month - 1].capitalize()} {moment.year}"

    def short_month(self, moment: date | datetime) -> str:
        """The first three letters of the month."""
        return _MONTHS[self.code][moment.month - 1][:3]

    def number(self, value: float, digits: int = 1) -> str:
        """3,0 or 3.0."""
        return self._point(f"{value:.{digits}f}")

    def signed(self, value: float, digits: int = 2) -> str:
        """+1,50 or −0.20, with a minus that is as wide as the plus."""
        return self._point(f"{value:+.{digits}f}").replace("-", "−")

    def percent(self, share: float) -> str:
        """A share of 1 as per cent; one digit more below a fifth."""
        digits = 1 if share < 0.1995 else 0
        return self._point(f"{100 * share:.{digits}f}") + self.pick(" %", "%")

    def around(self, expected: float) -> str:
        """The whole numbers around an expectation: `0–1`, or one when it is whole."""
        first, last = math.floor(expected), math.ceil(expected)
        return str(first) if first == last else f"{first}–{last}"

    def window(self, state: str) -> str:
        """A window state in words."""
        return self.pick(*_WINDOWS[state])

    def coverage(self, state: str) -> str:
        """A state of the watch in words."""
        return self.pick(*_COVERAGE[state])

    def undated(self, line: str, moment: date | datetime) -> str:
        """A line of the timeline without its day, where the day stands beside it."""
        for form in ("%d.%m.%Y", "%Y-%m-%d"):
            line = line.replace(f" ({moment.strftime(form)})", "")
        return line

    def outcome(self, outcome: str) -> str:
        """How visits ended, in words; as it is where none is listed."""
        return self.pick(*_OUTCOMES.get(outcome, (outcome, outcome)))

    def family(self, family: str) -> str:
        """A family of signals in words; its own name where none is listed."""
        plain = family.replace("_", " ").capitalize()
        return self.pick(*_FAMILIES.get(family, (plain, plain)))

    def filters(self) -> dict[str, Callable[..., str]]:
        """What templates call these by."""
        return {
            "day": self.day,
            "short_day": self.short_day,
            "month": self.month,
            "number": self.number,
            "signed": self.signed,
            "percent": self.percent,
            "window": self.window,
            "coverage": self.coverage,
            "outcome": self.outcome,
            "undated": self.undated,
            "family": self.family,
            "capital": capital,
            "offer": offer_name,
        }

    def _point(self, figure: str) -> str:
        return figure.replace(".", ",") if self.code == "nb" else figure


NORWEGIAN = Language("nb")
ENGLISH = Language("en")
COVERAGE_STATES = tuple(_COVERAGE)


def capital(text: str) -> str:
    """The text with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def offer_name(offer: str) -> str:
    """An offer's id as words: `crm_platform` is CRM platform."""
    words = ["CRM" if word == "crm" else word for word in offer.split("_")]
    return capital(" ".join(words))
